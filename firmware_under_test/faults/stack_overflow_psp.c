// The same with the process stack: HardFault runs on the good main stack.
#include "common/fault.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00001000,
    .hfsr = 0x40000000,
    .pc_is_undefined = true,
    .exc_return = 0xFFFFFFFD,
};

int main(void)
{
    uart_init();
    uart_print("exception with PSP at the bottom of SRAM2\n");
    uart_flush();
    __asm__ volatile("msr psp, %0\n\t"
                     "msr control, %1\n\t"
                     "isb\n\t"
                     ".global fault_here\n"
                     "fault_here: str %2, [%3]\n\t"
                     "dsb\n\t"
                     "isb"
                     :
                     : "r"(0x10000008), "r"(2), "r"(ICSR_PENDSVSET), "r"(&SCB_ICSR)
                     : "memory");
    for (;;) {
    }
}
