// Priorities (core sheet 2): handlers write a letter when they begin and its capital when they end,
// so that a line shows who ran inside whom. Handlers trigger each other by software.
#include <string.h>

#include "common/check.h"
#include "common/regs.h"
#include "common/uart.h"

#define EXTI0_IRQ 6u
#define EXTI1_IRQ 7u
#define EXTI2_IRQ 8u
#define ICSR_RETTOBASE 0x00000800u
#define AIRCR_PRIGROUP(group) (0x05FA0000u | (uint32_t)(group) << 8)
#define EXC_RETURN_HANDLER 0xFFFFFFF1u
#define EXC_RETURN_THREAD 0xFFFFFFF9u

void EXTI0_IRQHandler(void);
void EXTI1_IRQHandler(void);
void EXTI2_IRQHandler(void);
void exti0_in_c(uint32_t stack, uint32_t exc_return);
void exti1_in_c(uint32_t stack, uint32_t exc_return);
void PendSV_Handler(void);
void SVC_Handler(void);

static char story[32];
static volatile uint32_t story_length;
static volatile uint32_t pend_in_exti1; // what the handler of EXTI1 triggers: ISPR bits
static volatile uint32_t pend_pendsv_in_exti1;
static volatile uint32_t stack_at[2];      // SP in the handlers of EXTI0 and EXTI1
static volatile uint32_t exc_return_at[2]; // their LR
static volatile uint32_t active_in_exti0;
static volatile uint32_t icsr_in_exti0;

static void tell(char letter)
{
    story[story_length] = letter;
    story_length++;
}

// r0 the stack pointer, r1 EXC_RETURN, as they were at the first instruction.
__attribute__((naked)) void EXTI0_IRQHandler(void)
{
    __asm__ volatile("mov r0, sp\n\t"
                     "mov r1, lr\n\t"
                     "b exti0_in_c");
}

__attribute__((naked)) void EXTI1_IRQHandler(void)
{
    __asm__ volatile("mov r0, sp\n\t"
                     "mov r1, lr\n\t"
                     "b exti1_in_c");
}

__attribute__((used)) void exti0_in_c(uint32_t stack, uint32_t exc_return)
{
    stack_at[0] = stack;
    exc_return_at[0] = exc_return;
    tell('a');
    active_in_exti0 = NVIC_IABR(0);
    icsr_in_exti0 = SCB_ICSR;
    tell('A');
}

__attribute__((used)) void exti1_in_c(uint32_t stack, uint32_t exc_return)
{
    stack_at[1] = stack;
    exc_return_at[1] = exc_return;
    tell('b');
    if (pend_pendsv_in_exti1 != 0) {
        SCB_ICSR = ICSR_PENDSVSET;
    }
    if (pend_in_exti1 != 0) {
        NVIC_ISPR(0) = pend_in_exti1;
    }
    dsb();
    isb();
    tell('B');
}

void EXTI2_IRQHandler(void)
{
    tell('c');
    tell('C');
}

void PendSV_Handler(void)
{
    tell('p');
    tell('P');
}

void SVC_Handler(void)
{
    tell('s');
    tell('S');
}

static void begin(uint32_t exti0_priority, uint32_t exti1_priority, uint32_t exti2_priority)
{
    NVIC_IPR(EXTI0_IRQ) = (uint8_t)exti0_priority;
    NVIC_IPR(EXTI1_IRQ) = (uint8_t)exti1_priority;
    NVIC_IPR(EXTI2_IRQ) = (uint8_t)exti2_priority;
    SCB_SHPR3 = 0x00F00000u; // PendSV last
    NVIC_ISER(0) = 1u << EXTI0_IRQ | 1u << EXTI1_IRQ | 1u << EXTI2_IRQ;
    pend_in_exti1 = 0;
    pend_pendsv_in_exti1 = 0;
    memset(story, 0, sizeof story);
    story_length = 0;
}

static void pend(uint32_t bits)
{
    NVIC_ISPR(0) = bits;
    dsb();
    isb();
}

static void expect(const char *what, const char *want)
{
    uart_print("%s: %s\n", what, story);
    check(what, (uint32_t)strcmp(story, want), 0);
}

static uint32_t basepri_after(uint32_t value)
{
    uint32_t got;
    __asm__ volatile("msr basepri, %1\n\t"
                     "mrs %0, basepri"
                     : "=r"(got)
                     : "r"(value)
                     : "memory");
    return got;
}

int main(void)
{
    uart_init();
    uart_print("interrupt priorities\n");

    begin(0x40, 0x80, 0xC0);
    pend_in_exti1 = 1u << EXTI0_IRQ;
    pend(1u << EXTI1_IRQ);
    expect("a more urgent interrupt preempts", "baAB");
    check("both active inside", active_in_exti0 & 0x1C0, 1u << EXTI0_IRQ | 1u << EXTI1_IRQ);
    check("VECTACTIVE inside", icsr_in_exti0 & ICSR_VECTACTIVE, 16 + EXTI0_IRQ);
    check("RETTOBASE inside two", icsr_in_exti0 & ICSR_RETTOBASE, 0);
    check("it returns to a handler", exc_return_at[0], EXC_RETURN_HANDLER);
    check("the outer returns to thread", exc_return_at[1], EXC_RETURN_THREAD);
    check("none active outside", NVIC_IABR(0) & 0x1C0, 0);

    begin(0x80, 0x80, 0xC0);
    pend_in_exti1 = 1u << EXTI0_IRQ;
    pend(1u << EXTI1_IRQ);
    expect("the same priority waits", "bBaA");
    check("tail-chained on the same frame", stack_at[0], stack_at[1]);
    check("with the first one's EXC_RETURN", exc_return_at[0], EXC_RETURN_THREAD);
    check("RETTOBASE with one active", icsr_in_exti0 & ICSR_RETTOBASE, ICSR_RETTOBASE);

    begin(0xC0, 0x80, 0x40);
    interrupts_off();
    pend(1u << EXTI0_IRQ | 1u << EXTI1_IRQ | 1u << EXTI2_IRQ);
    interrupts_on();
    expect("three at once, by priority", "cCbBaA");

    begin(0x80, 0x80, 0x80);
    interrupts_off();
    pend(1u << EXTI2_IRQ);
    pend(1u << EXTI0_IRQ);
    pend(1u << EXTI1_IRQ);
    interrupts_on();
    expect("three at once, by number", "aAbBcC");

    begin(0x40, 0x80, 0xC0);
    pend_pendsv_in_exti1 = 1;
    pend_in_exti1 = 1u << EXTI2_IRQ;
    pend(1u << EXTI1_IRQ);
    expect("PendSV comes last", "bBcCpP");

    begin(0x40, 0x80, 0xC0);
    __asm__ volatile("msr basepri, %0\n\tisb" : : "r"(0x80) : "memory");
    pend(1u << EXTI0_IRQ | 1u << EXTI1_IRQ | 1u << EXTI2_IRQ);
    expect("BASEPRI holds its own priority back", "aA");
    __asm__ volatile("msr basepri, %0\n\tisb" : : "r"(0) : "memory");
    expect("until it is lowered", "aAbBcC");

    check("BASEPRI has four bits too", basepri_after(0x35), 0x30);
    check("and 0x0F is none", basepri_after(0x0F), 0);
    (void)basepri_after(0);

    // PRIGROUP 6: one bit of group priority, the other three only order what waits.
    SCB_AIRCR = AIRCR_PRIGROUP(6);
    begin(0x10, 0x20, 0x90);
    pend_in_exti1 = 1u << EXTI0_IRQ | 1u << EXTI2_IRQ;
    pend(1u << EXTI1_IRQ);
    expect("a subpriority does not preempt", "bBaAcC");
    SCB_AIRCR = AIRCR_PRIGROUP(0);

    begin(0x40, 0x80, 0xC0);
    NVIC_IPR(EXTI0_IRQ) = 0x4F;
    check("four priority bits", NVIC_IPR(EXTI0_IRQ), 0x40);
    __asm__ volatile("svc #0");
    expect("SVC is taken at once", "sS");

    begin(0x40, 0x80, 0xC0);
    NVIC_ICER(0) = 1u << EXTI0_IRQ;
    pend(1u << EXTI0_IRQ);
    expect("a disabled interrupt waits", "");
    check("and is pending", NVIC_ISPR(0) & 1u << EXTI0_IRQ, 1u << EXTI0_IRQ);
    NVIC_ISER(0) = 1u << EXTI0_IRQ;
    dsb();
    isb();
    expect("until it is enabled", "aA");
    check_finish();
}
