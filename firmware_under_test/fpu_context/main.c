// Where a floating-point context begins and what stacking it may cost (core sheet 3.1, 3.4, 3.6):
// FPCCR.ASPEN off, FPDSCR, and an FPU that is denied when the core wants to stack or unstack it.
#include "common/check.h"
#include "common/regs.h"
#include "common/uart.h"

#define FPDSCR REG32(0xE000EF3C)
#define FPCCR_LSPACT 0x00000001u
#define FPCCR_LSPEN 0x40000000u
#define FPCCR_ASPEN 0x80000000u
#define CPACR_FPU 0x00F00000u
#define CONTROL_FPCA 4u
#define CFSR_NOCP 0x00080000u
#define FPSCR_DEFAULTS 0x07C00000u // AHP, DN, FZ, RMode
#define DN_TOWARDS_ZERO 0x02C00000u
#define TOWARDS_PLUS 0x00400000u
#define EXC_RETURN_BASIC 0xFFFFFFF9u
#define EXC_RETURN_EXTENDED 0xFFFFFFE9u
#define UNPRIVILEGED 1u

void PendSV_Handler(void);
void UsageFault_Handler(void);
void SVC_Handler(void);
void pendsv_in_c(uint32_t exc_return);

static enum { LEAVE_ALONE, READ_FPSCR, DENY, CONDITIONAL } in_handler;
static volatile uint32_t exc_return_seen;
static volatile uint32_t control_at_entry;
static volatile uint32_t control_after_use;
static volatile uint32_t fpscr_in_handler;
static volatile uint32_t s1_in_handler;
static volatile uint32_t fault_count;
static volatile uint32_t last_cfsr;

static inline uint32_t read_control(void)
{
    uint32_t control;
    __asm__ volatile("mrs %0, control" : "=r"(control) : : "memory");
    return control;
}

static inline void write_control(uint32_t control)
{
    __asm__ volatile("msr control, %0\n\tisb" : : "r"(control) : "memory");
}

static inline uint32_t read_fpscr(void)
{
    uint32_t fpscr;
    __asm__ volatile("vmrs %0, fpscr" : "=r"(fpscr) : : "memory");
    return fpscr;
}

static inline void write_fpscr(uint32_t fpscr)
{
    __asm__ volatile("vmsr fpscr, %0" : : "r"(fpscr) : "memory");
}

static inline void write_s0(uint32_t value)
{
    __asm__ volatile("vmov s0, %0" : : "r"(value) : "s0");
}

static inline uint32_t read_s0(void)
{
    uint32_t value;
    __asm__ volatile("vmov %0, s0" : "=r"(value) : : "memory");
    return value;
}

// S1 is 2 when `value` is 0, else 3: both ways need the FPU inside an IT block.
static inline uint32_t conditional(uint32_t value)
{
    uint32_t s1;
    __asm__ volatile("cmp %1, #0\n\t"
                     "ite eq\n\t"
                     "vmoveq.f32 s1, #2.0\n\t"
                     "vmovne.f32 s1, #3.0\n\t"
                     "vmov %0, s1"
                     : "=r"(s1)
                     : "r"(value)
                     : "cc", "s1");
    return s1;
}

__attribute__((naked)) void PendSV_Handler(void)
{
    __asm__ volatile("mov r0, lr\n\t"
                     "push {r4, lr}\n\t"
                     "bl pendsv_in_c\n\t"
                     "pop {r4, pc}");
}

__attribute__((used)) void pendsv_in_c(uint32_t exc_return)
{
    exc_return_seen = exc_return;
    control_at_entry = read_control();
    if (in_handler == READ_FPSCR) {
        fpscr_in_handler = read_fpscr();
        control_after_use = read_control();
    } else if (in_handler == DENY) {
        SCB_CPACR &= ~CPACR_FPU;
        dsb();
        isb();
    } else if (in_handler == CONDITIONAL) {
        s1_in_handler = conditional(0);
    }
}

// The FPU is denied: allow it.
void UsageFault_Handler(void)
{
    fault_count++;
    last_cfsr = SCB_CFSR;
    SCB_CFSR = last_cfsr;
    SCB_CPACR |= CPACR_FPU;
    dsb();
    isb();
}

void SVC_Handler(void)
{
    write_control(read_control() & ~UNPRIVILEGED);
}

static void pend(void)
{
    exc_return_seen = 0;
    SCB_ICSR = ICSR_PENDSVSET;
    dsb();
    isb();
}

static void without_aspen(void)
{
    uart_print("ASPEN off\n");
    FPCCR &= ~FPCCR_ASPEN;
    dsb();
    isb();
    write_s0(0x3F800000);
    write_fpscr(TOWARDS_PLUS);
    __asm__ volatile("vadd.f32 s0, s0, s0" : : : "s0");
    check("FPCA after FP instructions", read_control() & CONTROL_FPCA, 0);
    check("their result", read_s0(), 0x40000000);
    check("FPSCR is kept", read_fpscr() & FPSCR_DEFAULTS, TOWARDS_PLUS);
    check("in an IT block, taken", conditional(0), 0x40000000);
    check("in an IT block, not taken", conditional(1), 0x40400000);
    pend();
    check("EXC_RETURN", exc_return_seen, EXC_RETURN_BASIC);
    check("S0 is nobody's", read_s0(), 0x40000000);
    write_control(CONTROL_FPCA);
    write_s0(0x40800000);
    check("FPCA set by hand stays", read_control() & CONTROL_FPCA, CONTROL_FPCA);
    pend();
    check("EXC_RETURN", exc_return_seen, EXC_RETURN_EXTENDED);
    check("FPCA in the handler", control_at_entry & CONTROL_FPCA, 0);
    check("FPCA after it", read_control() & CONTROL_FPCA, CONTROL_FPCA);
    check("S0 after it", read_s0(), 0x40800000);
    write_control(0);
    FPCCR |= FPCCR_ASPEN;
    dsb();
    isb();
}

static void with_defaults(void)
{
    uart_print("FPDSCR\n");
    FPDSCR = DN_TOWARDS_ZERO;
    write_s0(0x3F800000);
    check("FPSCR of a fresh context", read_fpscr() & FPSCR_DEFAULTS, DN_TOWARDS_ZERO);
    check("FPCA", read_control() & CONTROL_FPCA, CONTROL_FPCA);
    write_fpscr(TOWARDS_PLUS);
    check("FPSCR afterwards is one's own", read_fpscr() & FPSCR_DEFAULTS, TOWARDS_PLUS);
    in_handler = READ_FPSCR;
    pend();
    check("EXC_RETURN", exc_return_seen, EXC_RETURN_EXTENDED);
    check("CONTROL at entry", control_at_entry, 0);
    check("CONTROL after use in the handler", control_after_use, CONTROL_FPCA);
    check("FPSCR in the handler", fpscr_in_handler & FPSCR_DEFAULTS, DN_TOWARDS_ZERO);
    check("FPSCR restored", read_fpscr() & FPSCR_DEFAULTS, TOWARDS_PLUS);
    check("S0 restored", read_s0(), 0x3F800000);
    write_control(UNPRIVILEGED);
    check("unprivileged, fresh", read_fpscr() & FPSCR_DEFAULTS, DN_TOWARDS_ZERO);
    check("CONTROL", read_control(), UNPRIVILEGED | CONTROL_FPCA);
    __asm__ volatile("svc #0" : : : "memory");
    FPDSCR = 0;
}

static void inside_it_blocks(void)
{
    uart_print("IT blocks\n");
    write_s0(0x3F800000);
    in_handler = CONDITIONAL;
    pend();
    check("the lazy store is made", FPCCR & FPCCR_LSPACT, 0);
    check("and only what was due runs", s1_in_handler, 0x40000000);
    FPDSCR = DN_TOWARDS_ZERO;
    write_control(0);
    check("the same with a fresh context", conditional(0), 0x40000000);
    FPDSCR = 0;
}

static void denied(void)
{
    uart_print("denied\n");
    FPCCR &= ~FPCCR_LSPEN;
    SCB_SHPR3 = 0x00F00000; // UsageFault first
    SCB_SHCSR |= SHCSR_USGFAULTENA;
    write_s0(0x3F800000);
    in_handler = LEAVE_ALONE;
    SCB_CPACR &= ~CPACR_FPU;
    pend();
    check("CFSR of stacking", last_cfsr, CFSR_NOCP);
    check("faults", fault_count, 1);
    check("the handler runs on the same frame", exc_return_seen, EXC_RETURN_EXTENDED);

    last_cfsr = 0;
    write_s0(0x40800000);
    in_handler = DENY;
    pend();
    check("CFSR of unstacking", last_cfsr, CFSR_NOCP);
    check("faults", fault_count, 2);
    check("S0 is restored all the same", read_s0(), 0x40800000);

    FPCCR |= FPCCR_LSPEN;
    last_cfsr = 0;
    pend();
    check("lazy, denied, unused: CFSR", last_cfsr, 0);
    SCB_CPACR |= CPACR_FPU;
    check("S0", read_s0(), 0x40800000);
}

int main(void)
{
    uart_init();
    uart_print("FPU contexts\n");
    SCB_CPACR |= CPACR_FPU;
    dsb();
    isb();
    without_aspen();
    with_defaults();
    inside_it_blocks();
    denied();
    check_finish();
}
