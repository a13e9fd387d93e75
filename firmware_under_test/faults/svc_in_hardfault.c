// The HardFault handler calls the operating system by SVC, which can not be taken there: lockup.
#include "common/regs.h"
#include "common/uart.h"

void HardFault_Handler(void);

void HardFault_Handler(void)
{
    uart_print("in HardFault\n");
    uart_flush();
    __asm__ volatile(".global fault_here\n"
                     "fault_here: svc #0");
    uart_print("FAIL: no lockup\n");
    for (;;) {
    }
}

int main(void)
{
    uart_init();
    uart_print("UDF, then SVC in its handler\n");
    __asm__ volatile("udf #0");
    for (;;) {
    }
}
