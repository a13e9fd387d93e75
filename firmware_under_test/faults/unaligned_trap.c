// An unaligned LDR works by default and faults when CCR.UNALIGN_TRP asks for it.
#include "common/fault.h"
#include "common/finish.h"
#include "common/regs.h"
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
    uint32_t value;
    __asm__ volatile("ldr %0, [%1]" : "=r"(value) : "r"(0x20000101));
    uart_print("LDR from 20000101 works, now with UNALIGN_TRP\n");
    uart_flush();
    SCB_CCR |= CCR_UNALIGN_TRP;
    dsb();
    isb();
    __asm__ volatile(".global fault_here\n"
                     "fault_here: ldr %0, [%1]"
                     : "=r"(value)
                     : "r"(0x20000101));
    finish_fail("no fault");
}
