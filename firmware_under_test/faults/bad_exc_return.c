// A handler whose return value was damaged: 0xFFFFFFF5 means nothing. No new frame, the handler's
// own is reused.
#include "common/fault.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00040000,
    .hfsr = 0x40000000,
    .pc_is_undefined = true,
    .exc_return = 0xFFFFFFF5,
};

void PendSV_Handler(void);

__attribute__((naked)) void PendSV_Handler(void)
{
    __asm__ volatile("ldr lr, =0xFFFFFFF5\n\t"
                     ".global fault_here\n"
                     "fault_here: bx lr\n\t"
                     ".ltorg");
}

int main(void)
{
    uart_init();
    uart_print("returning from a handler with FFFFFFF5\n");
    SCB_ICSR = ICSR_PENDSVSET;
    dsb();
    isb();
    finish_fail("no fault");
}
