// A breakpoint instruction with no debugger attached and no debug monitor: HardFault,
// HFSR.DEBUGEVT.
#include "common/fault.h"
#include "common/finish.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0,
    .hfsr = 0x80000000,
    .pc = fault_here,
};

int main(void)
{
    uart_init();
    uart_print("BKPT without a debugger\n");
    __asm__ volatile(".global fault_here\n"
                     "fault_here: bkpt #0");
    finish_fail("no fault");
}
