// A call into SRAM that the MPU makes execute-never: the stacked PC is the target.
#include "common/fault.h"
#include "common/finish.h"
#include "common/mpu.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00000001,
    .hfsr = 0x40000000,
    .pc = fault_here,
};

RAM_FUNCTION __attribute__((naked)) static void function_in_ram(void)
{
    __asm__ volatile(".global fault_here\n"
                     "fault_here: bx lr");
}

int main(void)
{
    void (*volatile call)(void) = function_in_ram;
    uart_init();
    call();
    uart_print("SRAM executes, now execute-never\n");
    mpu_region(0, 0x20000000, 17, MPU_READ_WRITE | MPU_XN);
    mpu_enable();
    call();
    finish_fail("no fault");
}
