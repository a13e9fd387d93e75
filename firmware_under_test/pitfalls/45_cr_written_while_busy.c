// Erases from SRAM and counts milliseconds meanwhile. A write to CR before the end of the operation
// is no error: it waits for it, and the core with it.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

RAM_FUNCTION static uint32_t erase_and_count(uint32_t command)
{
    uint32_t ticks = 0;
    FLASH_CR = command;
    FLASH_CR = command | CR_STRT;
#ifdef BAD
    FLASH_CR = 0; // started: PER is not needed any more
#endif
    while (FLASH_SR & SR_BSY) {
        ticks += SYST_CSR & SYST_COUNTFLAG ? 1u : 0u;
    }
#ifndef BAD
    FLASH_CR = 0;
#endif
    ticks += SYST_CSR & SYST_COUNTFLAG ? 1u : 0u;
    return ticks;
}

int main(void)
{
    uart_init();
    flash_unlock();
    uart_print("erasing\n");
    uart_flush();
    SYST_RVR = HCLK_HZ / 1000u - 1u;
    SYST_CVR = 0;
    SYST_CSR = SYST_ENABLE | SYST_CLKSOURCE;
    const uint32_t ticks = erase_and_count(flash_erase_command(LAST_PAGE));
    flash_flush_caches();
    uart_print("%u ms of the erase were counted\n", ticks);
    if (ticks < 20) {
        finish_fail("time was lost");
    }
    finish_pass();
}
