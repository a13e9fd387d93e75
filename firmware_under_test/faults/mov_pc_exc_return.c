// A handler that ends with MOV PC, LR as code for older cores did: it is a branch to where nothing
// is executable, not a return.
#include "common/fault.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00000001,
    .hfsr = 0x40000000,
    .pc = (const void *)0xFFFFFFF8,
    .exc_return = 0xFFFFFFF1,
};

void PendSV_Handler(void);

__attribute__((naked)) void PendSV_Handler(void)
{
    __asm__ volatile(".global fault_here\n"
                     "fault_here: mov pc, lr");
}

int main(void)
{
    uart_init();
    uart_print("leaving a handler with MOV PC, LR\n");
    SCB_ICSR = ICSR_PENDSVSET;
    dsb();
    isb();
    finish_fail("no fault");
}
