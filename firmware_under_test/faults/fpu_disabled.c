// The first floating-point instruction of a program that forgot CPACR.
#include "common/fault.h"
#include "common/finish.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00080000,
    .hfsr = 0x40000000,
    .pc = fault_here,
};

int main(void)
{
    uart_init();
    uart_print("using the FPU before switching it on\n");
    __asm__ volatile(".global fault_here\n"
                     "fault_here: vmov.f32 s0, #1.0" ::
                         : "s0");
    finish_fail("no fault");
}
