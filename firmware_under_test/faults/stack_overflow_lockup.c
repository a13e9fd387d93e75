// Main stack at the bottom of SRAM2 and an ordinary HardFault handler: its own first push faults
// again. Ends in lockup.
#include "common/regs.h"
#include "common/uart.h"

void HardFault_Handler(void);

void HardFault_Handler(void)
{
    uart_print("never printed\n");
    for (;;) {
    }
}

int main(void)
{
    uart_init();
    uart_print("exception with MSP at the bottom of SRAM2, ordinary handler\n");
    uart_flush();
    __asm__ volatile("msr msp, %0\n\t"
                     ".global fault_here\n"
                     "fault_here: str %1, [%2]\n\t"
                     "dsb\n\t"
                     "isb"
                     :
                     : "r"(0x10000008), "r"(ICSR_PENDSVSET), "r"(&SCB_ICSR)
                     : "memory");
    for (;;) {
    }
}
