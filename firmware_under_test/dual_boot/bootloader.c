// Boot loader in the first 32 KB: looks for an application behind itself and starts it, leaving
// nothing running.
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

static void start(uint32_t stack, uint32_t entry) __attribute__((noreturn));

static void start(uint32_t stack, uint32_t entry)
{
    __asm__ volatile("msr msp, %0\n\t"
                     "bx %1"
                     :
                     : "r"(stack), "r"(entry)
                     : "memory");
    __builtin_unreachable();
}

int main(void)
{
    uart_init();
    SYST_RVR = HCLK_HZ / 1000u - 1u;
    SYST_CVR = 0;
    SYST_CSR = SYST_ENABLE | SYST_TICKINT | SYST_CLKSOURCE;
    while (ticks < 2) {
        wfi();
    }
    const uint32_t stack = REG32(APPLICATION);
    const uint32_t entry = REG32(APPLICATION + 4);
    uart_print("boot loader: stack %w entry %w\n", stack, entry);
    if (stack < 0x20000000u || stack > 0x20020000u || entry < APPLICATION || entry >= FLASH_END ||
        !(entry & 1u)) {
        finish_fail("no application");
    }
    uart_flush();
    interrupts_off();
    SYST_CSR = 0;
    SCB_ICSR = ICSR_PENDSTCLR;
    SCB_VTOR = APPLICATION;
    dsb();
    interrupts_on();
    start(stack, entry);
}
