// A store to an address where nothing is. The write buffer has already let the core go on:
// imprecise, no BFAR, and the stacked PC is somewhere behind the store.
#include "common/fault.h"
#include "common/finish.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00000400,
    .hfsr = 0x40000000,
    .pc_is_undefined = true,
};

int main(void)
{
    uart_init();
    uart_print("storing to 30000000\n");
    __asm__ volatile(".global fault_here\n"
                     "fault_here: str %0, [%1]\n\t"
                     "nop\n\t"
                     "nop\n\t"
                     "dsb"
                     :
                     : "r"(1), "r"(0x30000000)
                     : "memory");
    finish_fail("no fault");
}
