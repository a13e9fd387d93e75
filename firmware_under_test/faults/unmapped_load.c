// A load from an address where nothing is: precise, BFAR names the address.
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
    uart_print("loading from 30000000\n");
    uint32_t value;
    __asm__ volatile(".global fault_here\n"
                     "fault_here: ldr %0, [%1]"
                     : "=r"(value)
                     : "r"(0x30000000));
    finish_fail("no fault");
}
