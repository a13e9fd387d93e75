// A debugger's loader has used the flash and starts the program without a reset: LOCK is 0, PG is
// set, a flag stands. Two keys to an unlocked CR are a bus error.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

int main(void)
{
    uart_init();
    uart_print("SR %w CR %w\n", FLASH_SR, FLASH_CR);
    uart_flush();
#ifdef BAD
    FLASH_KEYR = KEYR_KEY1;
    FLASH_KEYR = KEYR_KEY2;
#else
    if (FLASH_CR & CR_LOCK) {
        FLASH_KEYR = KEYR_KEY1;
        FLASH_KEYR = KEYR_KEY2;
    }
    FLASH_CR = 0;
    FLASH_SR = SR_ERRORS;
#endif
    FLASH_CR = CR_PG;
    REG32(LAST_PAGE) = 1;
    REG32(LAST_PAGE + 4u) = 2;
    while (FLASH_SR & SR_BSY) {
    }
    FLASH_CR = 0;
    if (REG32(LAST_PAGE) != 1) {
        finish_fail("not programmed");
    }
    finish_pass();
}
