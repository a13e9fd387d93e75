// Application at 0x08008000, started by the boot loader: its own vectors must take its own ticks.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

#define APPLICATION 0x08008000u

void SysTick_Handler(void);

static volatile uint32_t ticks;

void SysTick_Handler(void)
{
    ticks++;
}

int main(void)
{
    uart_init();
    uart_print("application: VTOR %w\n", SCB_VTOR);
    if (SCB_VTOR != APPLICATION) {
        finish_fail("VTOR");
    }
    SYST_RVR = HCLK_HZ / 1000u - 1u;
    SYST_CVR = 0;
    SYST_CSR = SYST_ENABLE | SYST_TICKINT | SYST_CLKSOURCE;
    while (ticks < 3) {
        wfi();
    }
    uart_print("application: %u ticks\n", ticks);
    finish_pass();
}
