// The HardFault handler itself loads from an unmapped address: lockup at the second fault.
#include "common/regs.h"
#include "common/uart.h"

void HardFault_Handler(void);

void HardFault_Handler(void)
{
    uint32_t value;
    uart_print("in HardFault\n");
    uart_flush();
    __asm__ volatile(".global fault_here\n"
                     "fault_here: ldr %0, [%1]"
                     : "=r"(value)
                     : "r"(0x30000000));
    uart_print("FAIL: no lockup\n");
    for (;;) {
    }
}

int main(void)
{
    uart_init();
    uart_print("UDF, then a fault in its handler\n");
    __asm__ volatile("udf #0");
    for (;;) {
    }
}
