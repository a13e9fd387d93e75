// A load in the middle of an IT block: the stacked PC is that load, and the stacked xPSR says where
// in the block.
#include "common/fault.h"
#include "common/finish.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00008200,
    .hfsr = 0x40000000,
    .address = 0x30000000,
    .pc = fault_here,
};

int main(void)
{
    uart_init();
    uart_print("a faulting load inside an IT block\n");
    __asm__ volatile("cmp %0, %0\n\t"
                     "ittet eq\n\t"
                     "moveq r2, #1\n\t"
                     "moveq r3, #2\n\t"
                     "ldrne r2, [%0, #4]\n\t"
                     ".global fault_here\n"
                     "fault_here: ldreq r3, [%0]"
                     :
                     : "r"(0x30000000)
                     : "r2", "r3", "cc");
    finish_fail("no fault");
}
