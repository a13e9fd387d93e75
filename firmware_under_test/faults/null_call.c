// A call through a function pointer that was never set: address 0 is even, so the core would leave
// Thumb state.
#include "common/fault.h"
#include "common/finish.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00020000,
    .hfsr = 0x40000000,
    .pc = (const void *)0,
};

int main(void)
{
    uart_init();
    uart_print("calling a null pointer\n");
    __asm__ volatile(".global fault_here\n"
                     "fault_here: blx %0"
                     :
                     : "r"(0)
                     : "r1", "r2", "r3", "r12", "lr", "memory");
    finish_fail("no fault");
}
