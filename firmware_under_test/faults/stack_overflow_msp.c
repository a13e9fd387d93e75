// An interrupt with the main stack at the very bottom of SRAM2: the frame can not be written. The
// handler runs because it takes a stack of its own first.
#include "common/fault.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00001000,
    .hfsr = 0x40000000,
    .pc_is_undefined = true,
    .exc_return = 0xFFFFFFF9,
};

int main(void)
{
    uart_init();
    uart_print("exception with MSP at the bottom of SRAM2\n");
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
