// The option key before the flash key: the controller answers with a bus error. The store is
// buffered: imprecise.
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
    uart_print("OPTKEYR while CR is locked\n");
    __asm__ volatile(".global fault_here\n"
                     "fault_here: str %0, [%1]\n\t"
                     "nop\n\t"
                     "nop\n\t"
                     "dsb"
                     :
                     : "r"(OPTKEYR_KEY1), "r"(&FLASH_OPTKEYR)
                     : "memory");
    finish_fail("no fault");
}
