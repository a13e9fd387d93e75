// With SHCSR.MEMFAULTENA a fetch from execute-never space is taken as MemManage: exception 4.
#include "common/fault.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 4,
    .cfsr = 0x00000001,
    .hfsr = 0,
    .pc = (const void *)0x40000000,
};

int main(void)
{
    uart_init();
    uart_print("jumping to 40000000 with MemManage enabled\n");
    SCB_SHCSR |= SHCSR_MEMFAULTENA;
    __asm__ volatile(".global fault_here\n"
                     "fault_here: bx %0"
                     :
                     : "r"(0x40000001));
    finish_fail("no fault");
}
