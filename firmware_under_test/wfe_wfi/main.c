// Sleep: what wakes WFI and WFE, and what runs when they wake (core sheet 11). SysTick ticks every
// 4000 cycles: a sleep that should not have happened ends with a tick instead of hanging.
#include <stdbool.h>

#include "common/check.h"
#include "common/cycles.h"
#include "common/regs.h"
#include "common/uart.h"

#define TICK 4000u
#define EXTI0_IRQ 6u

void SysTick_Handler(void);
void EXTI0_IRQHandler(void);

static volatile uint32_t ticks;
static volatile uint32_t exti0_count;
static volatile uint32_t ticks_until_main;

void SysTick_Handler(void)
{
    ticks++;
    if (ticks_until_main != 0 && ticks == ticks_until_main) {
        SCB_SCR &= ~SCR_SLEEPONEXIT;
    }
}

void EXTI0_IRQHandler(void)
{
    exti0_count++;
}

static void tick_from_now(void)
{
    SYST_CSR = 0;
    SCB_ICSR = ICSR_PENDSTCLR;
    SYST_RVR = TICK - 1u;
    SYST_CVR = 0;
    ticks = 0;
    SYST_CSR = SYST_ENABLE | SYST_TICKINT | SYST_CLKSOURCE;
}

static void clear_event(void)
{
    __asm__ volatile("sev\n\twfe");
}

// The cycle counter stands still in sleep; the tick tells whether there was any.
static bool wfe_returns_at_once(void)
{
    tick_from_now();
    __asm__ volatile("wfe" ::: "memory");
    return ticks == 0;
}

static void wfi_with_interrupts_masked(void)
{
    interrupts_off();
    tick_from_now();
    wfi();
    const uint32_t is_pending = SCB_ICSR & ICSR_PENDSTSET;
    check("WFI slept until the tick was pending", is_pending, ICSR_PENDSTSET);
    check("the handler did not run", ticks, 0);
    interrupts_on();
    check("the handler ran when unmasked", ticks, 1);
}

static void wfi_with_interrupts(void)
{
    tick_from_now();
    while (ticks < 3) {
        wfi();
    }
    check("WFI woke for each tick", ticks, 3);
}

static void wfi_with_basepri(void)
{
    SCB_SHPR3 = 0xC0000000u; // SysTick priority 0xC0
    tick_from_now();
    __asm__ volatile("msr basepri, %0\n\tisb" : : "r"(0x80) : "memory");
    NVIC_IPR(EXTI0_IRQ) = 0x40;
    NVIC_ISER(0) = 1u << EXTI0_IRQ;
    NVIC_ISPR(0) = 1u << EXTI0_IRQ;
    dsb();
    isb();
    check("EXTI0 is above BASEPRI", exti0_count, 1);
    const uint32_t start = cycles();
    while (!(SCB_ICSR & ICSR_PENDSTSET) && cycles() - start < 2u * TICK) {
    }
    check("SysTick is below BASEPRI", ticks, 0);
    __asm__ volatile("msr basepri, %0\n\tisb" : : "r"(0) : "memory");
    check("SysTick ran without BASEPRI", ticks, 1);
    NVIC_ICER(0) = 1u << EXTI0_IRQ;
    SCB_SHPR3 = 0;
}

static void wfe(void)
{
    clear_event();
    __asm__ volatile("sev");
    check("WFE after SEV returns at once", wfe_returns_at_once(), true);

    SYST_CSR = 0; // a tick now would be an event
    clear_event();
    const bool is_at_once = wfe_returns_at_once();
    const uint32_t ran = ticks;
    check("WFE without an event sleeps", is_at_once, false);
    check("WFE: the handler ran", ran, 1);

    // The return from that exception has set the event register.
    SYST_CSR = 0;
    clear_event();
    SCB_ICSR = ICSR_PENDSTSET;
    dsb();
    isb();
    check("WFE after an exception returns at once", wfe_returns_at_once(), true);

    clear_event();
    NVIC_ICPR(0) = 1u << EXTI0_IRQ;
    SCB_SCR |= SCR_SEVONPEND;
    NVIC_ISPR(0) = 1u << EXTI0_IRQ;
    dsb();
    check("SEVONPEND: a disabled interrupt is an event", wfe_returns_at_once(), true);
    check("SEVONPEND: and does not run", exti0_count, 1);
    SCB_SCR &= ~SCR_SEVONPEND;
    NVIC_ICPR(0) = 1u << EXTI0_IRQ;
}

static void sleep_on_exit(void)
{
    ticks_until_main = 5;
    SCB_SCR |= SCR_SLEEPONEXIT;
    tick_from_now();
    wfi();
    check("SLEEPONEXIT: main ran after five ticks", ticks, 5);
    ticks_until_main = 0;
}

int main(void)
{
    uart_init();
    uart_print("sleep\n");
    uart_flush();
    cycles_start();
    wfi_with_interrupts_masked();
    wfi_with_interrupts();
    wfi_with_basepri();
    wfe();
    sleep_on_exit();
    SYST_CSR = 0;
    check_finish();
}
