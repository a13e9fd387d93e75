// The main loop and an interrupt both write to flash. Between the two words of a double word no
// other may come: both lose theirs.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define MINE LAST_PAGE
#define EVENT_LOG (LAST_PAGE + 0x40u)

void PendSV_Handler(void);

static void write(uint32_t addr, uint32_t low, uint32_t high)
{
    FLASH_CR |= CR_PG;
    REG32(addr) = low;
    if (addr == MINE) {
        SCB_ICSR = ICSR_PENDSVSET; // just now something happens that must be logged
        dsb();
        isb();
    }
    REG32(addr + 4u) = high;
    while (FLASH_SR & SR_BSY) {
    }
}

void PendSV_Handler(void)
{
    write(EVENT_LOG, 3, 4);
}

int main(void)
{
    uart_init();
    flash_unlock();
#ifdef BAD
    write(MINE, 1, 2);
#else
    interrupts_off();
    write(MINE, 1, 2);
    interrupts_on();
#endif
    const uint32_t errors = FLASH_SR & SR_ERRORS;
    FLASH_CR = 0;
    uart_print("errors 0x%x, mine %w, event %w\n", errors, REG32(MINE), REG32(EVENT_LOG));
    if (errors != 0) {
        finish_fail("a write is lost");
    }
    finish_pass();
}
