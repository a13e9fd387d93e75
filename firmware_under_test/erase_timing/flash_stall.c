// Erases a page with code in flash, on a chip with one bank: the core stands still for the 22.02 ms
// (DS11912 table of flash characteristics, typical) and of the 22 ticks in that time all but one
// are lost.
#include "common/chip.h"
#include "common/cycles.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define CYCLES_PER_TICK (HCLK_HZ / 1000u)

void SysTick_Handler(void);

static volatile uint32_t ticks;

void SysTick_Handler(void)
{
    ticks++;
}

static void wait_for_tick(void)
{
    const uint32_t before = ticks;
    while (ticks == before) {
    }
}

int main(void)
{
    uart_init();
    uart_print("page erase with code in flash\n");
    uart_flush();
    flash_unlock();
    cycles_start();
    SYST_RVR = CYCLES_PER_TICK - 1u;
    SYST_CVR = 0;
    SYST_CSR = SYST_ENABLE | SYST_TICKINT | SYST_CLKSOURCE;

    wait_for_tick();
    ticks = 0;
    const uint32_t start = cycles();
    const uint32_t errors = flash_erase_page(LAST_PAGE);
    const uint32_t took = cycles() - start;
    const uint32_t counted = ticks;
    SYST_CSR = 0;

    const uint32_t passed = took / CYCLES_PER_TICK;
    uart_print("cycles %u, ticks passed %u, counted %u, lost %u\n", took, passed, counted,
               passed - counted);
    if (errors != 0) {
        finish_fail("the erase was refused");
    }
    if (passed < 22 || passed > 24) {
        finish_fail("a page erase takes 22.02 ms, at most 24.47 ms");
    }
    if (counted != 1) {
        finish_fail("exactly one tick should have stayed pending");
    }
    finish_pass();
}
