// SVC with interrupts masked can not be taken and escalates; the stacked PC is behind the SVC.
#include "common/fault.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0,
    .hfsr = 0x40000000,
    .pc = fault_here + 2,
};

int main(void)
{
    uart_init();
    uart_print("SVC with PRIMASK set\n");
    interrupts_off();
    __asm__ volatile(".global fault_here\n"
                     "fault_here: svc #0");
    finish_fail("no fault");
}
