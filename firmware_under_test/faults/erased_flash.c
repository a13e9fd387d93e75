// A jump into erased flash: 0xFFFFFFFF is no instruction.
// Core sheet 6 marks the flag as unsure; silicon may say NOCP instead of UNDEFINSTR.
#include "common/chip.h"
#include "common/fault.h"
#include "common/finish.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00010000,
    .hfsr = 0x40000000,
    .pc = (const void *)LAST_PAGE,
};

int main(void)
{
    uart_init();
    uart_print("jumping to erased flash at %w\n", LAST_PAGE);
    __asm__ volatile(".global fault_here\n"
                     "fault_here: bx %0"
                     :
                     : "r"(LAST_PAGE | 1u));
    finish_fail("no fault");
}
