// A jump to a code address where no memory is.
#include "common/fault.h"
#include "common/finish.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00000100,
    .hfsr = 0x40000000,
    .pc = (const void *)0x1A000000,
};

int main(void)
{
    uart_init();
    uart_print("jumping to 1A000000\n");
    __asm__ volatile(".global fault_here\n"
                     "fault_here: bx %0"
                     :
                     : "r"(0x1A000001));
    finish_fail("no fault");
}
