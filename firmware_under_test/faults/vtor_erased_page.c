// VTOR points at an erased page, then an exception: the vector is 0xFFFFFFFF, and so is
// HardFault's. Lockup.
#include "common/chip.h"
#include "common/regs.h"
#include "common/uart.h"

int main(void)
{
    uart_init();
    uart_print("exception with VTOR at an erased page\n");
    uart_flush();
    SCB_VTOR = LAST_PAGE;
    dsb();
    __asm__ volatile(".global fault_here\n"
                     "fault_here: str %0, [%1]\n\t"
                     "dsb\n\t"
                     "isb"
                     :
                     : "r"(ICSR_PENDSVSET), "r"(&SCB_ICSR)
                     : "memory");
    for (;;) {
    }
}
