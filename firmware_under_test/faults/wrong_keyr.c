// The second flash key where the first belongs: bus error, and CR stays locked until reset (see
// flash_keys).
#include "common/fault.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00000400,
    .hfsr = 0x40000000,
    .pc_is_undefined = true,
};

int main(void)
{
    uart_init();
    uart_print("a wrong key into KEYR\n");
    __asm__ volatile(".global fault_here\n"
                     "fault_here: str %0, [%1]\n\t"
                     "nop\n\t"
                     "nop\n\t"
                     "dsb"
                     :
                     : "r"(KEYR_KEY2), "r"(&FLASH_KEYR)
                     : "memory");
    finish_fail("no fault");
}
