// One page erase from SRAM, then a semihosting exit: for measuring what waiting costs the host. How
// it waits is the only difference between the images: not at all, polling BSY, sleeping until the
// end-of-operation interrupt, or stalled.
#include "common/chip.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/semihosting.h"

#define WAIT_NONE 0
#define WAIT_POLL 1
#define WAIT_SLEEP 2
#define WAIT_STALL 3

RAM_FUNCTION __attribute__((noreturn)) static void erase_and_exit(uint32_t command)
{
    // The sleeping one wakes on the interrupt without taking it.
    interrupts_off();
    NVIC_ISER(0) = 1u << FLASH_IRQ;
    FLASH_CR = command | CR_EOPIE;
    FLASH_CR = command | CR_EOPIE | CR_STRT;
    if (WAIT == WAIT_POLL) {
        while (FLASH_SR & SR_BSY) {
        }
    } else if (WAIT == WAIT_SLEEP) {
        while (!(FLASH_SR & SR_EOP)) {
            wfi();
        }
    } else if (WAIT == WAIT_STALL) {
        (void)REG32(LAST_PAGE);
    }
    for (;;) {
        exit_pass();
    }
}

int main(void)
{
    flash_unlock();
    flash_clear_errors();
    erase_and_exit(flash_erase_command(LAST_PAGE));
}
