// A store into the 32-byte guard region below a stack; the words on either side of it stay
// writable.
#include "common/fault.h"
#include "common/finish.h"
#include "common/mpu.h"
#include "common/uart.h"

#define GUARD 0x20001000u

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00000082,
    .hfsr = 0x40000000,
    .address = GUARD + 28,
    .pc = fault_here,
};

int main(void)
{
    uart_init();
    mpu_region(0, GUARD, 5, MPU_NO_ACCESS | MPU_XN);
    mpu_enable();
    REG32(GUARD - 4) = 1;
    REG32(GUARD + 32) = 2;
    uart_print("beside the guard: %u %u, now into it\n", REG32(GUARD - 4), REG32(GUARD + 32));
    __asm__ volatile(".global fault_here\n"
                     "fault_here: str %0, [%1]"
                     :
                     : "r"(3), "r"(GUARD + 28)
                     : "memory");
    finish_fail("no fault");
}
