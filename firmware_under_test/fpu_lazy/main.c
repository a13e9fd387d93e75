// Floating-point context over interrupts (core sheet 3.6): lazy, not lazy, and a handler that
// leaves the FPU alone. The registers are set and compared in assembly, because a compiler may use
// them.
#include "common/check.h"
#include "common/regs.h"
#include "common/uart.h"

#define FPCCR_LSPACT 0x00000001u
#define FPCCR_LSPEN 0x40000000u
#define FPCCR_ASPEN 0x80000000u
#define REGISTERS 32u
#define FRAME_S0 8u // words from the frame's R0 to its S0

void PendSV_Handler(void);
void pendsv_in_c(const uint32_t *frame, uint32_t exc_return);

static volatile uint32_t handler_uses_fpu;
static volatile uint32_t exc_return_seen;
static volatile uint32_t lspact_at_entry;
static volatile uint32_t lspact_after_use;
static volatile uint32_t fpcar_offset;
static volatile uint32_t frame_s0_at_entry;
static volatile uint32_t frame_s0_after_use;
static volatile uint32_t frame_s15_after_use;

static uint32_t before[REGISTERS];
static uint32_t after[REGISTERS];

__attribute__((naked)) void PendSV_Handler(void)
{
    __asm__ volatile("mrs r0, msp\n\t"
                     "mov r1, lr\n\t"
                     "push {r4, lr}\n\t"
                     "bl pendsv_in_c\n\t"
                     "pop {r4, pc}");
}

__attribute__((used)) void pendsv_in_c(const uint32_t *frame, uint32_t exc_return)
{
    const volatile uint32_t *words = frame;
    exc_return_seen = exc_return;
    lspact_at_entry = FPCCR & FPCCR_LSPACT;
    fpcar_offset = FPCAR - (uint32_t)frame;
    frame_s0_at_entry = words[FRAME_S0];
    if (handler_uses_fpu) {
        __asm__ volatile("vmov s0, %0\n\t"
                         "vmov s1, %0\n\t"
                         "vadd.f32 s15, s0, s1\n\t"
                         "vmov s14, %0"
                         :
                         : "r"(0x3F800000)
                         : "s0", "s1", "s14", "s15");
        lspact_after_use = FPCCR & FPCCR_LSPACT;
        frame_s0_after_use = words[FRAME_S0];
        frame_s15_after_use = words[FRAME_S0 + 15u];
    }
}

// Fills S0-S31, takes PendSV, and stores what S0-S31 hold then.
__attribute__((noinline)) static void run_pendsv_with_registers(void)
{
    __asm__ volatile("vldmia %0, {s0-s31}\n\t"
                     "str %2, [%3]\n\t"
                     "dsb\n\t"
                     "isb\n\t"
                     "vstmia %1, {s0-s31}"
                     :
                     : "r"(before), "r"(after), "r"(ICSR_PENDSVSET), "r"(&SCB_ICSR)
                     : "memory", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10",
                       "s11", "s12", "s13", "s14", "s15", "s16", "s17", "s18", "s19", "s20", "s21",
                       "s22", "s23", "s24", "s25", "s26", "s27", "s28", "s29", "s30", "s31");
}

static uint32_t changed_registers(void)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < REGISTERS; i++) {
        count += before[i] != after[i];
    }
    return count;
}

static void case_of(const char *name, uint32_t uses_fpu)
{
    uart_print("%s\n", name);
    uart_flush();
    for (uint32_t i = 0; i < REGISTERS; i++) {
        before[i] = 0x40000000u + i * 0x00010001u;
        after[i] = 0;
    }
    handler_uses_fpu = uses_fpu;
    lspact_after_use = 0;
    frame_s0_after_use = 0;
    frame_s15_after_use = 0;
    run_pendsv_with_registers();
    check("registers that changed", changed_registers(), 0);
    check("EXC_RETURN says extended frame", exc_return_seen, 0xFFFFFFE9);
}

int main(void)
{
    uint32_t control;
    uart_init();
    uart_print("FPU context\n");
    check("FPCCR after reset", FPCCR, FPCCR_ASPEN | FPCCR_LSPEN);
    SCB_CPACR |= 0x00F00000u;
    dsb();
    isb();
    __asm__ volatile("mrs %0, control" : "=r"(control));
    check("FPCA before the first FP instruction", control & 4u, 0);
    SCB_ICSR = ICSR_PENDSVSET;
    dsb();
    isb();
    check("without FP context: EXC_RETURN", exc_return_seen, 0xFFFFFFF9);
    __asm__ volatile("vmov s0, %0" : : "r"(0) : "s0");
    __asm__ volatile("mrs %0, control" : "=r"(control));
    check("FPCA after it", control & 4u, 4);

    case_of("lazy, handler uses the FPU", 1);
    check("LSPACT at entry", lspact_at_entry, 1);
    check("FPCAR points at S0 of the frame", fpcar_offset, 4 * FRAME_S0);
    check("LSPACT after use", lspact_after_use, 0);
    check("S0 in the frame after use", frame_s0_after_use, before[0]);
    check("S15 in the frame after use", frame_s15_after_use, before[15]);

    case_of("lazy, handler does not use the FPU", 0);
    check("LSPACT at entry", lspact_at_entry, 1);
    check("LSPACT after return", FPCCR & FPCCR_LSPACT, 0);

    FPCCR &= ~FPCCR_LSPEN;
    dsb();
    isb();
    case_of("not lazy", 1);
    check("LSPACT at entry", lspact_at_entry, 0);
    check("S0 in the frame at entry", frame_s0_at_entry, before[0]);
    FPCCR |= FPCCR_LSPEN;
    check_finish();
}
