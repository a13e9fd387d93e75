// The same store with the write buffer switched off (ACTLR.DISDEFWBUF): now precise, with BFAR.
#include "common/fault.h"
#include "common/finish.h"
#include "common/regs.h"
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
    uart_print("storing to 30000000 without write buffer\n");
    uart_flush();
    ACTLR = ACTLR_DISDEFWBUF;
    dsb();
    isb();
    __asm__ volatile(".global fault_here\n"
                     "fault_here: str %0, [%1]\n\t"
                     "dsb"
                     :
                     : "r"(1), "r"(0x30000000)
                     : "memory");
    finish_fail("no fault");
}
