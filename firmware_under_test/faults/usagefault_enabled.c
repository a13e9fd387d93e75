// With SHCSR.USGFAULTENA an undefined instruction is taken as UsageFault: exception 6.
#include "common/fault.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 6,
    .cfsr = 0x00010000,
    .hfsr = 0,
    .pc = fault_here,
};

int main(void)
{
    uart_init();
    uart_print("executing UDF with UsageFault enabled\n");
    SCB_SHCSR |= SHCSR_USGFAULTENA;
    __asm__ volatile(".global fault_here\n"
                     "fault_here: udf #0");
    finish_fail("no fault");
}
