// Erases a page and looks whether it is blank. An erase does not touch the data cache: what was
// read before is read again.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

int main(void)
{
    uart_init();
    flash_unlock();
    (void)flash_program(LAST_PAGE, 0x01D01D01, 0);
    uart_print("before: %w\n", REG32(LAST_PAGE));
    FLASH_CR = flash_erase_command(LAST_PAGE);
    FLASH_CR |= CR_STRT;
    while (FLASH_SR & SR_BSY) {
    }
    FLASH_CR = 0;
#ifdef BAD
    // on to the verification
#else
    flash_flush_caches();
#endif
    const uint32_t low = REG32(LAST_PAGE);
    uart_print("after: %w\n", low);
    if (low != 0xFFFFFFFFu) {
        finish_fail("the page does not read blank");
    }
    finish_pass();
}
