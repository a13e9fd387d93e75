// The permanently undefined instruction, as compilers emit for code that must not be reached.
#include "common/fault.h"
#include "common/finish.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00010000,
    .hfsr = 0x40000000,
    .pc = fault_here,
};

int main(void)
{
    uart_init();
    uart_print("executing UDF\n");
    __asm__ volatile(".global fault_here\n"
                     "fault_here: udf #0");
    finish_fail("no fault");
}
