// Frees two pages. The first is write-protected (by the production tool): its erase leaves WRPERR.
// A flag that stands makes the next erase fail too, 0x90 in all.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

static uint32_t erase(uint32_t addr)
{
    while (FLASH_SR & SR_BSY) {
    }
#ifdef BAD
    // starts at once
#else
    FLASH_SR = SR_ERRORS;
#endif
    FLASH_CR = flash_erase_command(addr);
    FLASH_CR |= CR_STRT;
    while (FLASH_SR & SR_BSY) {
    }
    FLASH_CR = 0;
    flash_flush_caches();
    return FLASH_SR & SR_ERRORS;
}

int main(void)
{
    uart_init();
    uart_print("start\n");
    uart_flush();
    flash_unlock();
    (void)flash_program(LAST_PAGE, 1, 2);
    uart_print("protected page: errors 0x%x\n", erase(LAST_PAGE - PAGE_BYTES));
    uart_print("own page: errors 0x%x\n", erase(LAST_PAGE));
    if (REG32(LAST_PAGE) != 0xFFFFFFFFu) {
        finish_fail("the own page is not erased");
    }
    finish_pass();
}
