// VTOR points where no memory is: the vector can not be read (HFSR.VECTTBL), nor can HardFault's.
// Lockup.
#include "common/regs.h"
#include "common/uart.h"

int main(void)
{
    uart_init();
    uart_print("exception with VTOR at 30000000\n");
    uart_flush();
    SCB_VTOR = 0x30000000;
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
