// Reads a table in bank 1 while bank 2 is erased. With the data cache on, such a read may load a
// bad line (erratum of the dual-bank parts).
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

static uint32_t checksum(void)
{
    uint32_t sum = 0;
    for (uint32_t addr = FLASH_START; addr < FLASH_START + 0x400u; addr += 4) {
        sum += REG32(addr);
    }
    return sum;
}

int main(void)
{
    uart_init();
    flash_unlock();
    const uint32_t want = checksum();
    uint32_t wrong = 0;
    uint32_t rounds = 0;
#ifdef BAD
    FLASH_ACR |= ACR_DCEN; // as after reset
#else
    FLASH_ACR &= ~ACR_DCEN;
#endif
    FLASH_CR = flash_erase_command(LAST_PAGE);
    FLASH_CR |= CR_STRT;
    while (FLASH_SR & SR_BSY) {
        rounds++;
        wrong += checksum() == want ? 0u : 1u;
    }
    FLASH_CR = 0;
    flash_flush_caches();
    FLASH_ACR |= ACR_DCEN;
    uart_print("wrong in %u of %u rounds\n", wrong, rounds);
    if (wrong != 0 || rounds == 0) {
        finish_fail("the table read wrong during the erase");
    }
    finish_pass();
}
