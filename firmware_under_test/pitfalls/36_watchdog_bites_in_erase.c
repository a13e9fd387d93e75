// Erases a page under a watchdog of 10 ms. The erase takes 22 ms, in which code in flash stands
// still.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

static void start_watchdog_10ms(void)
{
    IWDG_KR = 0xCCCC;
    IWDG_KR = 0x5555;
    IWDG_PR = 0; // LSI / 4 = 8 kHz
    IWDG_RLR = 79;
    while (IWDG_SR != 0) {
    }
    IWDG_KR = 0xAAAA;
}

#ifdef BAD
static void erase(uint32_t command)
#else
RAM_FUNCTION static void erase(uint32_t command)
#endif
{
    FLASH_CR = command;
    FLASH_CR = command | CR_STRT;
    while (FLASH_SR & SR_BSY) {
        IWDG_KR = 0xAAAA;
    }
    FLASH_CR = 0;
}

int main(void)
{
    uart_init();
    flash_unlock();
    uart_print("erasing\n");
    uart_flush();
    start_watchdog_10ms();
    erase(flash_erase_command(LAST_PAGE));
    IWDG_KR = 0xAAAA;
    const uint32_t errors = FLASH_SR & SR_ERRORS;
    flash_flush_caches();
    uart_print(errors == 0 ? "PASS\n" : "FAIL: refused\n");
    for (;;) {
        IWDG_KR = 0xAAAA;
    }
}
