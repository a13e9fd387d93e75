// LDM from an address that is no multiple of 4.
#include "common/fault.h"
#include "common/finish.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x01000000,
    .hfsr = 0x40000000,
    .pc = fault_here,
};

int main(void)
{
    uart_init();
    uart_print("LDM from 20000101\n");
    __asm__ volatile(".global fault_here\n"
                     "fault_here: ldmia %0, {r2, r3}"
                     :
                     : "r"(0x20000101)
                     : "r2", "r3");
    finish_fail("no fault");
}
