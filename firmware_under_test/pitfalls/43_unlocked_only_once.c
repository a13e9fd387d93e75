// Locks the flash after every write, as is good practice. Any number of unlocks is fine, each with
// both keys; one at the start is not enough.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

static uint32_t store(uint32_t addr, uint32_t value)
{
#ifdef BAD
    // main has unlocked it
#else
    flash_unlock();
#endif
    const uint32_t errors = flash_program(addr, value, ~value);
    flash_lock();
    return errors;
}

int main(void)
{
    uart_init();
    flash_unlock();
    for (uint32_t i = 0; i < 100; i++) {
        const uint32_t errors = store(LAST_PAGE + 8u * i, i);
        if (errors != 0) {
            uart_print("value %u: errors 0x%x\n", i, errors);
            finish_fail("not stored");
        }
    }
    finish_pass();
}
