// Unprivileged code reads the system control space: a precise bus fault, not an MPU matter.
#include "common/fault.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00008200,
    .hfsr = 0x40000000,
    .address = 0xE000ED00,
    .pc = fault_here,
};

int main(void)
{
    uart_init();
    uart_print("CPUID %w, now unprivileged\n", SCB_CPUID);
    uint32_t value;
    __asm__ volatile("msr control, %1\n\t"
                     "isb\n\t"
                     ".global fault_here\n"
                     "fault_here: ldr %0, [%2]"
                     : "=&r"(value)
                     : "r"(1), "r"(&SCB_CPUID));
    finish_fail("no fault");
}
