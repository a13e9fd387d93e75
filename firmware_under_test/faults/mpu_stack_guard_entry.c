// An interrupt that arrives when the process stack has just room for half a frame above its 32-byte
// guard.
#include "common/fault.h"
#include "common/finish.h"
#include "common/mpu.h"
#include "common/uart.h"

#define GUARD 0x20001000u

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00000010,
    .hfsr = 0x40000000,
    .pc_is_undefined = true,
    .exc_return = 0xFFFFFFFD,
};

int main(void)
{
    uart_init();
    uart_print("exception with PSP 16 bytes above its guard\n");
    mpu_region(0, GUARD, 5, MPU_NO_ACCESS | MPU_XN);
    mpu_enable();
    __asm__ volatile("msr psp, %0\n\t"
                     "msr control, %1\n\t"
                     "isb\n\t"
                     ".global fault_here\n"
                     "fault_here: str %2, [%3]\n\t"
                     "dsb\n\t"
                     "isb"
                     :
                     : "r"(GUARD + 48), "r"(2), "r"(ICSR_PENDSVSET), "r"(&SCB_ICSR)
                     : "memory");
    finish_fail("no fault");
}
