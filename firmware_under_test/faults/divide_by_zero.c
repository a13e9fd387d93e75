// A division by zero gives 0 by default and faults when CCR.DIV_0_TRP asks for it.
#include "common/fault.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x02000000,
    .hfsr = 0x40000000,
    .pc = fault_here,
};

int main(void)
{
    uart_init();
    uint32_t quotient;
    __asm__ volatile("udiv %0, %1, %2" : "=r"(quotient) : "r"(7), "r"(0));
    uart_print("7 / 0 = %u, now with DIV_0_TRP\n", quotient);
    uart_flush();
    SCB_CCR |= CCR_DIV_0_TRP;
    dsb();
    isb();
    __asm__ volatile(".global fault_here\n"
                     "fault_here: udiv %0, %1, %2"
                     : "=r"(quotient)
                     : "r"(7), "r"(0));
    finish_fail("no fault");
}
