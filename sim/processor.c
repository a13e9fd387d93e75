/* Exception entry and return, faults and their escalation, lockup. Core sheet sections 1, 3, 6 and 7,
 * after the ARMv7-M ARM, B1.5. Entry and return cost the TRM's zero-wait cycles. */
#include "sim/processor.h"

#include <string.h>

enum { ENTRY_CYCLES = 12, TAIL_CHAIN_CYCLES = 6, RETURN_CYCLES = 10 };
enum { BASIC_FRAME = 0x20, EXTENDED_FRAME = 0x68 };
enum { CONTROL_NPRIV = 1, CONTROL_SPSEL = 2, CONTROL_FPCA = 4 };

#define XPSR_T (1u << 24)
#define XPSR_REALIGNED (1u << 9)
#define XPSR_IT 0x0600FC00u
#define FPSCR_DEFAULTS 0x07C00000u /* what FPDSCR gives */
#define CFSR_MEM_MANAGE 0x000000FFu
#define CFSR_BUS 0x0000FF00u

static void emit(struct processor *p, struct event event)
{
    event.unit = "CORE";
    event.core = p->core;
    trace_emit(p->trace, event);
}

/* ---- the FPU ------------------------------------------------------------------------------------ */

/* CPACR.CP10: 1 is privileged access only, 3 is full access (core sheet 10). CP11 is to be the same. */
static bool is_fpu_allowed_to(const struct processor *p, bool is_privileged)
{
    unsigned cp10 = p->control->cpacr >> 20 & 3;
    return cp10 == 3 || (cp10 == 1 && is_privileged);
}

static bool is_fpu_allowed(const struct processor *p)
{
    return is_fpu_allowed_to(p, p->is_privileged);
}

/* The engine starts a context by itself, but always as after a reset: FPCCR.ASPEN 1, FPDSCR 0. */
static bool is_context_ours(const struct processor *p)
{
    return !p->has_fp_context && (!(p->control->fpccr & FPCCR_ASPEN) || p->control->fpdscr);
}

void processor_follow_fpu(struct processor *p)
{
    p->is_lazy = p->control->fpccr & FPCCR_LSPACT;
    cpu_set_fp_denied(p->cpu, p->is_lazy || !is_fpu_allowed(p) || is_context_ours(p));
}

static void follow_fp_context(struct processor *p, uint32_t control)
{
    bool has_fp_context = control & CONTROL_FPCA;
    if (p->has_fp_context == has_fp_context)
        return;
    p->has_fp_context = has_fp_context;
    processor_follow_fpu(p);
}

/* ---- modes -------------------------------------------------------------------------------------- */

static void set_privilege(struct processor *p, bool is_privileged)
{
    bool is_changed = p->is_privileged != is_privileged;
    p->is_privileged = is_privileged;
    if (is_changed)
        processor_follow_fpu(p);
}

/* Moves between modes and stacks. The engine refuses some writes in some modes (unicorn-notes 8 and 9),
 * so the way leads through privileged thread mode. */
static void set_mode(struct processor *p, uint32_t xpsr, uint32_t control)
{
    uint32_t old = cpu_read(p->cpu, CPU_CONTROL);
    bool is_same_stack = !(old & CONTROL_SPSEL) && !(control & CONTROL_SPSEL);
    if (!is_same_stack || (old & CONTROL_NPRIV)) {
        if ((cpu_read(p->cpu, CPU_XPSR) & 0x1FF) == 0)
            cpu_write(p->cpu, CPU_XPSR, XPSR_T | EXC_HARD_FAULT);
        cpu_write(p->cpu, CPU_CONTROL, 0);
        cpu_write(p->cpu, CPU_XPSR, XPSR_T);
        cpu_write(p->cpu, CPU_CONTROL, control & CONTROL_SPSEL);
    }
    cpu_write(p->cpu, CPU_XPSR, xpsr);
    cpu_write(p->cpu, CPU_CONTROL, control);
    p->control->ipsr = xpsr & 0x1FF;
    set_privilege(p, (xpsr & 0x1FF) != 0 || !(control & CONTROL_NPRIV));
    follow_fp_context(p, control);
}

static bool uses_psp(uint32_t xpsr, uint32_t control)
{
    return (xpsr & 0x1FF) == 0 && (control & CONTROL_SPSEL);
}

void processor_refresh(struct processor *p)
{
    uint32_t control = cpu_read(p->cpu, CPU_CONTROL);
    set_privilege(p, p->control->ipsr != 0 || !(control & CONTROL_NPRIV));
    follow_fp_context(p, control);
    if (!p->is_privileged)
        return; /* unprivileged code cannot change the masks, and the engine would read them as 0 */
    p->irq->primask = cpu_read(p->cpu, CPU_PRIMASK) & 1;
    p->irq->faultmask = cpu_read(p->cpu, CPU_FAULTMASK) & 1;
    uint32_t basepri = cpu_read(p->cpu, CPU_BASEPRI);
    if (basepri & 0x0F) /* core sheet 1: four priority bits; the engine keeps eight */
        cpu_write(p->cpu, CPU_BASEPRI, basepri & 0xF0);
    p->irq->basepri = (uint8_t)(basepri & 0xF0);
}

/* ---- memory ------------------------------------------------------------------------------------- */

static uint32_t load(struct processor *p, uint32_t addr, bool is_privileged, uint32_t *value)
{
    struct access access = {.addr = addr, .size = 4, .core = p->core, .is_privileged = is_privileged};
    return p->memory(p->context, &access, value);
}

static uint32_t store(struct processor *p, uint32_t addr, bool is_privileged, uint32_t value)
{
    struct access access = {.addr = addr,
                            .size = 4,
                            .value = value,
                            .core = p->core,
                            .is_write = true,
                            .is_privileged = is_privileged};
    uint32_t ignored;
    return p->memory(p->context, &access, &ignored);
}

/* Vector fetches use the default map: never MPU-checked (core sheet 3.2). */
static uint32_t load_vector(struct processor *p, unsigned exception, uint32_t *value)
{
    struct access access = {.addr = p->control->vtor + 4 * exception,
                            .size = 4,
                            .core = p->core,
                            .is_fetch = true,
                            .is_privileged = true};
    return p->memory(p->context, &access, value);
}

/* ---- lockup and faults -------------------------------------------------------------------------- */

static void lock_up(struct processor *p)
{
    if (p->control->is_locked_up)
        return;
    p->control->is_locked_up = true;
    emit(p, (struct event){.kind = EVENT_LOCKUP, .value = p->control->cfsr, .addr = p->last_fault.pc});
    cpu_jump(p->cpu, 0xFFFFFFFF);
}

static unsigned fault_exception(uint32_t cfsr)
{
    if (cfsr & CFSR_MEM_MANAGE)
        return EXC_MEM_MANAGE;
    return cfsr & CFSR_BUS ? EXC_BUS_FAULT : EXC_USAGE_FAULT;
}

static void record_bits(struct processor *p, uint32_t cfsr, uint32_t addr)
{
    p->control->cfsr |= cfsr;
    if (cfsr & CFSR_MMARVALID)
        p->control->mmfar = addr;
    if (cfsr & CFSR_BFARVALID)
        p->control->bfar = addr;
}

static void record_fault(struct processor *p, uint32_t pc, uint32_t cfsr, uint32_t addr)
{
    struct fault_record *record = &p->last_fault;
    memset(record, 0, sizeof *record);
    record->is_valid = true;
    record->pc = pc;
    for (unsigned i = 0; i < 13; i++)
        record->r[i] = cpu_read(p->cpu, (enum cpu_register)i);
    record->sp = cpu_read(p->cpu, CPU_SP);
    record->lr = cpu_read(p->cpu, CPU_LR);
    record->xpsr = (cpu_read(p->cpu, CPU_XPSR) & ~0x1FFu) | p->control->ipsr;
    record->cfsr = cfsr;
    record->addr = addr;
    record->t_ps = *p->trace->now_ps;
}

static bool can_take(const struct processor *p, unsigned exception)
{
    return irq_is_enabled(p->irq, exception) &&
           irq_group_priority(p->irq, exception) < irq_execution_priority(p->irq);
}

/* Pends a synchronous fault, or HardFault in its place. False: neither can be taken. */
static bool pend_fault(struct processor *p, unsigned exception)
{
    p->last_fault.wanted = exception;
    if (exception != EXC_HARD_FAULT && can_take(p, exception)) {
        p->last_fault.taken = exception;
        irq_pend(p->irq, exception);
        return true;
    }
    if (exception != EXC_HARD_FAULT)
        p->control->hfsr |= HFSR_FORCED;
    p->last_fault.hfsr = p->control->hfsr;
    p->last_fault.taken = EXC_HARD_FAULT;
    if (irq_execution_priority(p->irq) <= -1)
        return false;
    irq_pend(p->irq, EXC_HARD_FAULT);
    return true;
}

static void emit_fault(struct processor *p, uint32_t pc, uint32_t cfsr, uint32_t addr)
{
    emit(p, (struct event){.kind = EVENT_FAULT, .pc = pc, .value = cfsr, .addr = addr});
}

/* ---- entry -------------------------------------------------------------------------------------- */

static uint32_t it_bits(uint8_t it)
{
    return (uint32_t)(it & 3) << 25 | (uint32_t)(it >> 2) << 10;
}

static void set_lazy(struct processor *p, bool is_lazy)
{
    if (is_lazy)
        p->control->fpccr |= FPCCR_LSPACT;
    else
        p->control->fpccr &= ~FPCCR_LSPACT;
    processor_follow_fpu(p);
}

/* A stacking access failed: the derived fault joins what is pending (core sheet 3.5). */
static void derived_fault(struct processor *p, uint32_t failure, bool is_push)
{
    uint32_t mpu = is_push ? CFSR_MSTKERR : CFSR_MUNSTKERR;
    uint32_t bus = is_push ? CFSR_STKERR : CFSR_UNSTKERR;
    uint32_t cfsr = failure & CFSR_NOCP ? CFSR_NOCP : failure & CFSR_MEM_MANAGE ? mpu : bus;
    const struct fault_record *first = &p->last_fault;
    bool is_first_pending = first->is_valid && irq_is_pending(p->irq, first->taken) &&
                            (!first->is_imprecise || first->taken == EXC_HARD_FAULT);
    unsigned wanted = is_first_pending ? first->wanted : fault_exception(cfsr);
    if (is_first_pending)
        p->last_fault.cfsr |= cfsr;
    else
        record_fault(p, cpu_current_pc(p->cpu), cfsr, 0);
    record_bits(p, cfsr, 0);
    emit_fault(p, cpu_current_pc(p->cpu), cfsr, 0);
    bool is_pended = pend_fault(p, fault_exception(cfsr));
    p->last_fault.wanted = wanted;
    if (!is_pended)
        lock_up(p);
}

static uint32_t push_fp(struct processor *p, uint32_t frame, bool is_privileged)
{
    uint32_t failure = 0;
    for (unsigned i = 0; i < 16 && !failure; i++)
        failure = store(p, frame + 4 * i, is_privileged,
                        cpu_read(p->cpu, (enum cpu_register)(CPU_S0 + i)));
    if (!failure)
        failure = store(p, frame + 0x40, is_privileged, cpu_read(p->cpu, CPU_FPSCR));
    return failure;
}

/* FPCCR's record of the moment of entry: whose registers they are and which faults could be taken. */
static void reserve_fp(struct processor *p, uint32_t frame, bool is_privileged, bool is_thread)
{
    struct system_control *c = p->control;
    c->fpcar = (frame + BASIC_FRAME) & ~7u;
    uint32_t ready = (uint32_t)!is_privileged << 1 | (uint32_t)is_thread << 3;
    ready |= (uint32_t)(irq_execution_priority(p->irq) > -1) << 4;
    ready |= (uint32_t)can_take(p, EXC_MEM_MANAGE) << 5;
    ready |= (uint32_t)can_take(p, EXC_BUS_FAULT) << 6;
    c->fpccr = (c->fpccr & (FPCCR_ASPEN | FPCCR_LSPEN)) | ready;
    set_lazy(p, true);
}

struct entry {
    uint32_t return_address;
    uint8_t it_state;
};

/* PushStack (core sheet 3.1). Returns the EXC_RETURN for LR. */
static uint32_t push_frame(struct processor *p, struct entry entry)
{
    uint32_t xpsr = (cpu_read(p->cpu, CPU_XPSR) & ~(0x1FFu | XPSR_IT | XPSR_T)) | p->control->ipsr;
    uint32_t control = cpu_read(p->cpu, CPU_CONTROL);
    bool is_thread = p->control->ipsr == 0;
    bool is_extended = control & CONTROL_FPCA;
    bool is_privileged = p->is_privileged;
    uint32_t sp = cpu_read(p->cpu, CPU_SP);
    bool is_realigned = (sp & 4) && (is_extended || (p->control->ccr & CCR_STKALIGN));
    uint32_t frame = sp - (is_extended ? EXTENDED_FRAME : BASIC_FRAME) - (is_realigned ? 4 : 0);
    xpsr |= it_bits(entry.it_state) | (is_realigned ? XPSR_REALIGNED : 0);
    xpsr |= p->is_thumb_state ? XPSR_T : 0;

    if (!is_privileged) /* the engine refuses to write stack pointers in this mode */
        cpu_write(p->cpu, CPU_XPSR, XPSR_T | EXC_HARD_FAULT);
    cpu_write(p->cpu, uses_psp(xpsr, control) ? CPU_PSP : CPU_MSP, frame);
    const uint32_t words[8] = {cpu_read(p->cpu, CPU_R0),
                               cpu_read(p->cpu, (enum cpu_register)1),
                               cpu_read(p->cpu, (enum cpu_register)2),
                               cpu_read(p->cpu, (enum cpu_register)3),
                               cpu_read(p->cpu, (enum cpu_register)12),
                               cpu_read(p->cpu, CPU_LR),
                               entry.return_address,
                               xpsr};
    uint32_t failure = 0;
    for (unsigned i = 0; i < 8 && !failure; i++)
        failure = store(p, frame + 4 * i, is_privileged, words[i]);
    if (is_extended && (p->control->fpccr & FPCCR_LSPEN))
        reserve_fp(p, frame, is_privileged, is_thread);
    else if (is_extended && !failure)
        failure = is_fpu_allowed(p) ? push_fp(p, frame + BASIC_FRAME, is_privileged) : CFSR_NOCP;
    if (p->last_fault.is_valid && !p->last_fault.frame_addr)
        p->last_fault.frame_addr = frame;
    uint32_t exc_return = 0xFFFFFFE1u | (is_thread ? 8 : 0) | (uses_psp(xpsr, control) ? 4 : 0) |
                          (is_extended ? 0 : 0x10);
    if (failure)
        derived_fault(p, failure, true);
    return exc_return;
}

/* What an exception interrupts: after a tail-chain the pc is an EXC_RETURN, and the frame knows. */
static uint32_t interrupted_pc(struct processor *p, uint32_t exc_return)
{
    uint32_t pc = cpu_current_pc(p->cpu);
    if (pc < 0xF0000000u)
        return pc;
    uint32_t stacked = 0;
    uint32_t sp = cpu_read(p->cpu, exc_return & 4 ? CPU_PSP : CPU_MSP);
    return load(p, sp + 4 * 6, true, &stacked) ? pc : stacked;
}

/* ExceptionTaken (core sheet 3.2): the best pending one, chosen after the pushes. */
static void take_best(struct processor *p, uint32_t exc_return)
{
    if (p->control->is_locked_up)
        return;
    unsigned n = irq_to_take(p->irq);
    uint32_t vector = 0;
    if (load_vector(p, n, &vector)) {
        p->control->hfsr |= HFSR_VECTTBL;
        if (n <= EXC_HARD_FAULT || irq_execution_priority(p->irq) <= -1) {
            lock_up(p);
            return;
        }
        record_fault(p, cpu_current_pc(p->cpu), 0, p->control->vtor + 4 * n);
        p->last_fault.hfsr = p->control->hfsr;
        p->last_fault.wanted = p->last_fault.taken = EXC_HARD_FAULT;
        emit_fault(p, cpu_current_pc(p->cpu), 0, p->control->vtor + 4 * n);
        irq_pend(p->irq, EXC_HARD_FAULT);
        n = EXC_HARD_FAULT;
        if (load_vector(p, n, &vector)) {
            lock_up(p);
            return;
        }
    }
    uint32_t from = interrupted_pc(p, exc_return);
    set_mode(p, (cpu_read(p->cpu, CPU_XPSR) & 0xF80F0000u) | XPSR_T | n,
             cpu_read(p->cpu, CPU_CONTROL) & CONTROL_NPRIV);
    cpu_write(p->cpu, CPU_LR, exc_return);
    irq_enter(p->irq, n);
    p->control->event_register = true;
    cpu_clear_exclusive(p->cpu);
    cpu_jump(p->cpu, vector);
    p->is_thumb_state = vector & 1;
    emit(p, (struct event){
                .kind = EVENT_EXCEPTION_ENTRY, .pc = from, .value = n, .addr = vector & ~1u});
}

static void enter(struct processor *p, struct entry entry)
{
    uint32_t exc_return = push_frame(p, entry);
    cpu_add_cycles(p->cpu, ENTRY_CYCLES);
    take_best(p, exc_return);
}

bool processor_take_pending(struct processor *p)
{
    if (p->control->is_locked_up) {
        /* Only NMI gets through a lockup at HardFault priority (core sheet 7). */
        if (irq_to_take(p->irq) != EXC_NMI)
            return false;
        p->control->is_locked_up = false;
    }
    if (irq_to_take(p->irq) == EXC_NONE)
        return false;
    enter(p, (struct entry){cpu_current_pc(p->cpu), cpu_it_state(p->cpu)});
    return true;
}

/* ---- synchronous causes ------------------------------------------------------------------------- */

void processor_svc(struct processor *p, const struct cpu_event *event)
{
    if (can_take(p, EXC_SVCALL)) {
        irq_pend(p->irq, EXC_SVCALL);
    } else {
        record_fault(p, event->pc - 2, 0, 0);
        if (!pend_fault(p, EXC_SVCALL)) {
            lock_up(p);
            return;
        }
        emit_fault(p, event->pc - 2, 0, 0);
    }
    enter(p, (struct entry){event->pc, event->it_state});
}

void processor_bkpt(struct processor *p, const struct cpu_event *event)
{
    p->control->dfsr |= 2; /* BKPT */
    if ((p->control->demcr & DEMCR_MON_EN) && can_take(p, EXC_DEBUG_MONITOR)) {
        irq_pend(p->irq, EXC_DEBUG_MONITOR);
    } else {
        record_fault(p, event->pc, 0, 0);
        p->control->hfsr |= HFSR_DEBUGEVT;
        if (!pend_fault(p, EXC_HARD_FAULT)) {
            lock_up(p);
            return;
        }
        emit_fault(p, event->pc, 0, 0);
    }
    enter(p, (struct entry){event->pc, event->it_state});
}

/* The first FP instruction since a lazy entry: the reserved frame is filled now (core sheet 3.6). */
static uint32_t fill_lazy_frame(struct processor *p)
{
    bool is_privileged = !(p->control->fpccr & 2);
    uint32_t failure = push_fp(p, p->control->fpcar, is_privileged);
    set_lazy(p, false);
    if (!failure)
        return 0;
    return failure & CFSR_MEM_MANAGE ? CFSR_MLSPERR : CFSR_LSPERR;
}

/* The instruction that trapped is to run again, if need be with FPCA set. */
static void run_again(struct processor *p, const struct cpu_event *event, uint32_t fpca)
{
    uint32_t control = cpu_read(p->cpu, CPU_CONTROL) | fpca;
    uint32_t xpsr = (cpu_read(p->cpu, CPU_XPSR) & ~XPSR_IT) | it_bits(event->it_state);
    set_mode(p, xpsr, control);
    cpu_jump_into_it(p->cpu, event->pc | 1, event->it_state);
}

/* An allowed FP instruction trapped. True: it runs again. Else it faults, by `cfsr`. */
static bool prepare_fpu(struct processor *p, const struct cpu_event *event, uint32_t *cfsr)
{
    bool is_fresh = is_context_ours(p) && (p->control->fpccr & FPCCR_ASPEN);
    if (!p->is_lazy && !is_fresh)
        return false;
    uint32_t failure = p->is_lazy ? fill_lazy_frame(p) : 0;
    if (failure) {
        *cfsr = failure;
        return false;
    }
    if (is_fresh)
        cpu_write(p->cpu, CPU_FPSCR,
                  (cpu_read(p->cpu, CPU_FPSCR) & ~FPSCR_DEFAULTS) | p->control->fpdscr);
    run_again(p, event, is_fresh ? CONTROL_FPCA : 0);
    return true;
}

/* With ASPEN = 0 an FP instruction leaves FPCA alone. The engine knows no such mode: FPCA is lent to
 * it for one instruction, or to the end of an IT block. */
struct cpu_event processor_run(struct processor *p, uint64_t until_cycles)
{
    struct cpu_event event = cpu_run(p->cpu, until_cycles);
    bool is_fp_trap = event.kind == CPU_STOP_FAULT && event.cfsr == CFSR_NOCP;
    if (!is_fp_trap || p->is_lazy || !is_fpu_allowed(p) ||
        (p->control->fpccr & FPCCR_ASPEN) || (cpu_read(p->cpu, CPU_CONTROL) & CONTROL_FPCA))
        return event;
    run_again(p, &event, CONTROL_FPCA);
    event = cpu_run(p->cpu, cpu_cycles(p->cpu) + 1);
    uint32_t control = cpu_read(p->cpu, CPU_CONTROL);
    set_mode(p, cpu_read(p->cpu, CPU_XPSR), control & ~(uint32_t)CONTROL_FPCA);
    return event;
}

void processor_fault(struct processor *p, const struct cpu_event *event)
{
    uint32_t cfsr = event->cfsr;
    if (cfsr == CFSR_NOCP && is_fpu_allowed(p) && prepare_fpu(p, event, &cfsr))
        return;
    record_fault(p, event->pc, cfsr, event->addr);
    record_bits(p, cfsr, event->addr);
    emit_fault(p, event->pc, cfsr, event->addr);
    p->is_thumb_state = !(cfsr & CFSR_INVSTATE);
    if (!pend_fault(p, fault_exception(cfsr))) {
        lock_up(p);
        return;
    }
    enter(p, (struct entry){event->pc, event->it_state});
    p->is_thumb_state = true;
}

void processor_imprecise_fault(struct processor *p, uint32_t store_pc, uint32_t store_addr)
{
    record_fault(p, cpu_current_pc(p->cpu), CFSR_IMPRECISERR, 0);
    p->last_fault.is_imprecise = true;
    p->last_fault.store_pc = store_pc;
    p->last_fault.store_addr = store_addr;
    p->last_fault.wanted = EXC_BUS_FAULT;
    p->control->cfsr |= CFSR_IMPRECISERR;
    emit_fault(p, store_pc, CFSR_IMPRECISERR, store_addr);
    if (irq_is_enabled(p->irq, EXC_BUS_FAULT)) {
        p->last_fault.taken = EXC_BUS_FAULT; /* waits while its priority does not suffice */
        irq_pend(p->irq, EXC_BUS_FAULT);
        return;
    }
    p->control->hfsr |= HFSR_FORCED;
    p->last_fault.hfsr = p->control->hfsr;
    p->last_fault.taken = EXC_HARD_FAULT;
    if (irq_execution_priority(p->irq) <= -1)
        lock_up(p);
    else
        irq_pend(p->irq, EXC_HARD_FAULT);
}

/* ---- return ------------------------------------------------------------------------------------- */

/* A failed check: UsageFault on the existing frame (core sheet 3.4 step 4). */
static void invalid_return(struct processor *p, uint32_t exc_return)
{
    record_fault(p, cpu_current_pc(p->cpu), CFSR_INVPC, 0);
    record_bits(p, CFSR_INVPC, 0);
    emit_fault(p, cpu_current_pc(p->cpu), CFSR_INVPC, exc_return);
    if (!pend_fault(p, EXC_USAGE_FAULT)) {
        lock_up(p);
        return;
    }
    take_best(p, exc_return | 0xF0000000u);
}

static bool is_valid_return(const struct processor *p, unsigned n, uint32_t exc_return)
{
    unsigned others = irq_active_count(p->irq) - (irq_is_active(p->irq, n) ? 1u : 0u);
    if (!irq_is_active(p->irq, n) || (exc_return & 0x0FFFFFE0u) != 0x0FFFFFE0u)
        return false;
    switch (exc_return & 0xF) {
    case 0x1:
        return others > 0;
    case 0x9:
    case 0xD:
        return others == 0 || (p->control->ccr & CCR_NONBASETHRDENA);
    default:
        return false;
    }
}

struct frame {
    uint32_t word[8];
    uint32_t fp[17];
};

static uint32_t pop(struct processor *p, uint32_t base, bool is_extended, bool is_privileged,
                    struct frame *frame)
{
    uint32_t failure = 0;
    for (unsigned i = 0; i < 8 && !failure; i++)
        failure = load(p, base + 4 * i, is_privileged, &frame->word[i]);
    bool has_fp = is_extended && !p->is_lazy;
    if (!failure && has_fp && !is_fpu_allowed_to(p, is_privileged))
        failure = CFSR_NOCP;
    for (unsigned i = 0; i < 17 && has_fp && !failure; i++)
        failure = load(p, base + BASIC_FRAME + 4 * i, is_privileged, &frame->fp[i]);
    return failure;
}

static void restore_fp(struct processor *p, const struct frame *frame)
{
    if (p->is_lazy) {
        set_lazy(p, false); /* nothing touched the registers */
        return;
    }
    for (unsigned i = 0; i < 16; i++)
        cpu_write(p->cpu, (enum cpu_register)(CPU_S0 + i), frame->fp[i]);
    cpu_write(p->cpu, CPU_FPSCR, frame->fp[16]);
}

void processor_exception_return(struct processor *p, uint32_t exc_return)
{
    unsigned n = p->control->ipsr;
    bool is_valid = is_valid_return(p, n, exc_return);
    bool is_to_thread = exc_return & 8;
    bool is_psp = (exc_return & 0xF) == 0xD;
    bool is_extended = !(exc_return & 0x10);
    irq_leave(p->irq, n);
    if (n != EXC_NMI) {
        cpu_write(p->cpu, CPU_FAULTMASK, 0);
        p->irq->faultmask = false;
    }
    if (!is_valid) {
        invalid_return(p, exc_return);
        return;
    }
    processor_refresh(p);
    if (irq_to_take(p->irq) != EXC_NONE) {
        cpu_add_cycles(p->cpu, TAIL_CHAIN_CYCLES);
        emit(p, (struct event){.kind = EVENT_EXCEPTION_RETURN, .value = n, .addr = exc_return});
        take_best(p, exc_return);
        return;
    }
    uint32_t npriv = cpu_read(p->cpu, CPU_CONTROL) & CONTROL_NPRIV;
    uint32_t sp = cpu_read(p->cpu, is_psp ? CPU_PSP : CPU_MSP);
    struct frame frame;
    uint32_t failure = pop(p, sp, is_extended, !is_to_thread || !npriv, &frame);
    if (failure) {
        derived_fault(p, failure, false);
        take_best(p, exc_return);
        return;
    }
    uint32_t xpsr = frame.word[7];
    uint32_t up = sp + (is_extended ? EXTENDED_FRAME : BASIC_FRAME);
    if ((xpsr & XPSR_REALIGNED) && (is_extended || (p->control->ccr & CCR_STKALIGN)))
        up |= 4;
    cpu_write(p->cpu, is_psp ? CPU_PSP : CPU_MSP, up);
    if (is_extended)
        restore_fp(p, &frame);
    bool is_mode_wrong = is_to_thread != ((xpsr & 0x1FF) == 0);
    uint32_t control = npriv | (is_to_thread && is_psp ? CONTROL_SPSEL : 0) |
                       (is_extended ? CONTROL_FPCA : 0);
    cpu_clear_exclusive(p->cpu); /* before an ITSTATE is restored that would apply to it */
    set_mode(p, xpsr & ~XPSR_REALIGNED & ~(is_mode_wrong ? 0x1FFu : 0u), control);
    for (unsigned i = 0; i < 4; i++)
        cpu_write(p->cpu, (enum cpu_register)i, frame.word[i]);
    cpu_write(p->cpu, (enum cpu_register)12, frame.word[4]);
    cpu_write(p->cpu, CPU_LR, frame.word[5]);
    p->control->event_register = true;
    p->is_thumb_state = xpsr & XPSR_T;
    cpu_jump_into_it(p->cpu, (frame.word[6] & ~1u) | (xpsr & XPSR_T ? 1 : 0),
                     (uint8_t)((xpsr >> 25 & 3) | (xpsr >> 8 & 0xFC)));
    cpu_add_cycles(p->cpu, RETURN_CYCLES);
    emit(p, (struct event){.kind = EVENT_EXCEPTION_RETURN, .value = n, .addr = frame.word[6]});
    if (is_mode_wrong) {
        processor_fault(p, &(struct cpu_event){.pc = frame.word[6] & ~1u, .cfsr = CFSR_INVPC});
        cpu_write(p->cpu, CPU_LR, exc_return);
    }
}

/* ---- reset -------------------------------------------------------------------------------------- */

void processor_reset(struct processor *p)
{
    cpu_reset(p->cpu);
    p->control->is_locked_up = false;
    p->control->ipsr = 0;
    p->is_thumb_state = true;
    p->is_privileged = true;
    p->has_fp_context = false;
    set_lazy(p, false);
    uint32_t sp = 0;
    uint32_t start = 0;
    if (load_vector(p, 0, &sp) || load_vector(p, 1, &start)) {
        p->control->hfsr |= HFSR_VECTTBL;
        lock_up(p);
        return;
    }
    cpu_write(p->cpu, CPU_MSP, sp & ~3u);
    cpu_jump(p->cpu, start);
    p->is_thumb_state = start & 1;
    emit(p, (struct event){.kind = EVENT_BOOT, .pc = start, .addr = start & ~1u, .value = sp});
}
