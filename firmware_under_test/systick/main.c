// SysTick (core sheet 5): period, flags, sources, against the cycle counter. No clock is changed.
#include <stdbool.h>

#include "common/check.h"
#include "common/cycles.h"
#include "common/regs.h"
#include "common/uart.h"

#define STAMPS 5u

void SysTick_Handler(void);

static volatile uint32_t ticks;
static volatile uint32_t stamps[STAMPS];

void SysTick_Handler(void)
{
    const uint32_t now = cycles();
    if (ticks < STAMPS) {
        stamps[ticks] = now;
    }
    ticks++;
}

static void start(uint32_t reload, uint32_t flags)
{
    SYST_CSR = 0;
    SCB_ICSR = ICSR_PENDSTCLR;
    SYST_RVR = reload;
    SYST_CVR = 0;
    ticks = 0;
    SYST_CSR = SYST_ENABLE | flags;
}

static bool near(uint32_t got, uint32_t want, uint32_t slack)
{
    return got + slack >= want && got <= want + slack;
}

static void period(uint32_t reload, uint32_t flags, uint32_t want_cycles, const char *name)
{
    start(reload, flags | SYST_TICKINT);
    while (ticks < STAMPS) { // awake: the cycle counter stands still in sleep
    }
    SYST_CSR = 0;
    uint32_t wrong = 0;
    for (uint32_t i = 1; i < STAMPS; i++) {
        wrong += !near(stamps[i] - stamps[i - 1], want_cycles, 16);
    }
    uart_print("%s: periods %u %u\n", name, stamps[1] - stamps[0], stamps[4] - stamps[3]);
    check(name, wrong, 0);
}

int main(void)
{
    uart_init();
    uart_print("SysTick\n");
    uart_flush();
    cycles_start();
    period(999, SYST_CLKSOURCE, 1000, "core clock, reload 999");
    period(3999, SYST_CLKSOURCE, 4000, "core clock, reload 3999");
    period(499, 0, 4000, "core clock / 8, reload 499");

    SYST_CSR = 0;
    SYST_RVR = 0xFFFFFFFF;
    check("24 bits of reload", SYST_RVR, 0x00FFFFFF);
    SYST_CVR = 0x12345;
    check("a write clears the current value", SYST_CVR, 0);

    // Printing takes thousands of cycles, so it comes after the measurement.
    start(1999, SYST_CLKSOURCE);
    const uint32_t from = cycles();
    const uint32_t first = SYST_CVR;
    const uint32_t second = SYST_CVR;
    const uint32_t flag_before = SYST_CSR & SYST_COUNTFLAG;
    while (cycles() - from < 2200) {
    }
    const uint32_t flag_after = SYST_CSR & SYST_COUNTFLAG;
    const uint32_t flag_read_again = SYST_CSR & SYST_COUNTFLAG;
    while (cycles() - from < 4400) {
    }
    SYST_CVR = 0;
    const uint32_t flag_after_write = SYST_CSR & SYST_COUNTFLAG;
    SYST_CSR = 0;
    check("it counts down", first > second && first - second < 100, true);
    check("COUNTFLAG before the end", flag_before, 0);
    check("COUNTFLAG after the end", flag_after, SYST_COUNTFLAG);
    check("reading has cleared it", flag_read_again, 0);
    check("writing the value has cleared COUNTFLAG", flag_after_write, 0);
    check("no interrupt without TICKINT", SCB_ICSR & ICSR_PENDSTSET, 0);

    interrupts_off();
    start(999, SYST_CLKSOURCE | SYST_TICKINT);
    const uint32_t masked_from = cycles();
    while (cycles() - masked_from < 5500) {
    }
    SYST_CSR = 0;
    interrupts_on();
    check("five periods masked leave one tick", ticks, 1);
    SCB_ICSR = ICSR_PENDSTSET;
    dsb();
    isb();
    check("pended by software", ticks, 2);
    check_finish();
}
