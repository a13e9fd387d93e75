// Waits for EOP with EOPIE clear: for ever, though the double word is programmed.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

int main(void)
{
    uart_init();
    flash_unlock();
    uart_print("waiting for EOP\n");
    uart_flush();
    FLASH_CR = CR_PG;
    REG32(LAST_PAGE) = 0x11111111;
    REG32(LAST_PAGE + 4u) = 0x22222222;
    __asm__ volatile(".global wait_here\n"
                     "wait_here:" ::
                         : "memory");
    while (!(FLASH_SR & SR_EOP)) {
    }
    __asm__ volatile(".global wait_over\n"
                     "wait_over:" ::
                         : "memory");
    finish_fail("EOP came");
}
