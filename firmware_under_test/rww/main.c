// Read while write (RM0351 3.3.8): code in bank 1 runs on while bank 2 erases, and stands still
// while its own bank does.
#include "common/chip.h"
#include "common/cycles.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define BANK1_LAST_PAGE (FLASH_START + BANK_BYTES - PAGE_BYTES)
#define BANK2_LAST_PAGE (FLASH_END - PAGE_BYTES)

struct measurement {
    uint32_t cycles;
    uint32_t polls;
    uint32_t longest_gap; // cycles between two polls
    uint32_t errors;
};

static struct measurement erase_and_watch(uint32_t addr)
{
    struct measurement result = {0};
    flash_clear_errors();
    FLASH_CR = flash_erase_command(addr);
    const uint32_t start = cycles();
    uint32_t last = start;
    FLASH_CR |= CR_STRT;
    uint32_t is_busy;
    do {
        is_busy = FLASH_SR & SR_BSY;
        const uint32_t now = cycles();
        result.longest_gap = now - last > result.longest_gap ? now - last : result.longest_gap;
        last = now;
        result.polls++;
    } while (is_busy);
    result.cycles = cycles() - start;
    result.errors = FLASH_SR & SR_ERRORS;
    FLASH_CR = 0;
    flash_flush_caches();
    return result;
}

static void report(const char *name, const struct measurement *result)
{
    uart_print("%s: cycles %u, polls %u, longest gap %u\n", name, result->cycles, result->polls,
               result->longest_gap);
}

int main(void)
{
    uart_init();
    uart_print("read while write on %s\n", CHIP_NAME);
    uart_flush();
    // ES0250 2.2.3: with the data cache on, a read during the other bank's erase may load a bad
    // line.
    FLASH_ACR &= ~ACR_DCEN;
    flash_unlock();
    cycles_start();
    (void)flash_program(BANK2_LAST_PAGE, 1, 2);

    const struct measurement other_bank = erase_and_watch(BANK2_LAST_PAGE);
    report("bank 2 erased from bank 1", &other_bank);
    const struct measurement own_bank = erase_and_watch(BANK1_LAST_PAGE);
    report("bank 1 erased from bank 1", &own_bank);

    if (other_bank.errors != 0 || own_bank.errors != 0) {
        finish_fail("an erase was refused");
    }
    if (REG32(BANK2_LAST_PAGE) != 0xFFFFFFFFu) {
        finish_fail("bank 2 was not erased");
    }
    if (other_bank.cycles < 87000 || other_bank.polls < 1000 || other_bank.longest_gap > 400) {
        finish_fail("the erase of the other bank should not have stopped the core");
    }
    if (own_bank.longest_gap < 87000 || own_bank.polls > 3) {
        finish_fail("the erase of its own bank should have stopped the core");
    }
    finish_pass();
}
