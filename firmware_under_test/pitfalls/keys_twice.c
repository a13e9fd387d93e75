// Unlocks without a look at LOCK, twice: keys to an unlocked CR are a bus error. The stores are
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

static void unlock_blindly(void)
{
    FLASH_KEYR = KEYR_KEY1;
    dsb();
    FLASH_KEYR = KEYR_KEY2;
    dsb();
}

int main(void)
{
    uart_init();
    unlock_blindly();
    uart_print("CR %w\n", FLASH_CR);
    __asm__ volatile(".global fault_here\n"
                     "fault_here: nop" ::
                         : "memory");
    unlock_blindly();
    finish_fail("no fault");
}
