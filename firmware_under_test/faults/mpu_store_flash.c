// A store to flash that the MPU makes read-only: the flash controller never sees it.
#include "common/chip.h"
#include "common/fault.h"
#include "common/finish.h"
#include "common/mpu.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00000082,
    .hfsr = 0x40000000,
    .address = LAST_PAGE,
    .pc = fault_here,
};

int main(void)
{
    uart_init();
    uart_print("storing to read-only flash at %w\n", LAST_PAGE);
    mpu_region(0, FLASH_START, 19, MPU_READ_ONLY);
    mpu_enable();
    __asm__ volatile(".global fault_here\n"
                     "fault_here: str %0, [%1]"
                     :
                     : "r"(0), "r"(LAST_PAGE)
                     : "memory");
    finish_fail("no fault");
}
