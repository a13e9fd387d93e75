// Pitfall 16: a text copied into flash byte by byte. The flash takes pairs of words only; anything
// smaller is refused with SIZERR. Put the bytes together in RAM first.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

static const char name[] = "pump 17"; // 8 bytes with its end

static void save_name(void)
{
    FLASH_CR = CR_PG;
#ifdef BAD
    for (uint32_t i = 0; i < sizeof name; i++) {
        REG8(LAST_PAGE + i) = (uint8_t)name[i];
    }
#else
    uint32_t words[2] = {0, 0};
    for (uint32_t i = 0; i < sizeof name; i++) {
        words[i / 4u] |= (uint32_t)name[i] << 8u * (i % 4u);
    }
    REG32(LAST_PAGE) = words[0];
    isb();
    REG32(LAST_PAGE + 4u) = words[1];
#endif
    while (FLASH_SR & SR_BSY) {
    }
    FLASH_CR = 0;
}

int main(void)
{
    uart_init();
    flash_unlock();
    save_name();
    flash_lock();
    uart_print("SR %w\n", FLASH_SR);
    if (REG8(LAST_PAGE) != 'p') {
        finish_fail("there is no name");
    }
    finish_pass();
}
