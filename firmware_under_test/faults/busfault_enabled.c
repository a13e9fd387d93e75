// With SHCSR.BUSFAULTENA a bus fault is taken as BusFault: exception 5, nothing forced.
#include "common/fault.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 5,
    .cfsr = 0x00008200,
    .hfsr = 0,
    .address = 0x30000000,
    .pc = fault_here,
};

int main(void)
{
    uart_init();
    uart_print("loading from 30000000 with BusFault enabled\n");
    SCB_SHCSR |= SHCSR_BUSFAULTENA;
    uint32_t value;
    __asm__ volatile(".global fault_here\n"
                     "fault_here: ldr %0, [%1]"
                     : "=r"(value)
                     : "r"(0x30000000));
    finish_fail("no fault");
}
