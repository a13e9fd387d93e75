// A jump into the peripherals, which are execute-never in the default memory map, MPU or not.
#include "common/fault.h"
#include "common/finish.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00000001,
    .hfsr = 0x40000000,
    .pc = (const void *)0x40000000,
};

int main(void)
{
    uart_init();
    uart_print("jumping to 40000000\n");
    __asm__ volatile(".global fault_here\n"
                     "fault_here: bx %0"
                     :
                     : "r"(0x40000001));
    finish_fail("no fault");
}
