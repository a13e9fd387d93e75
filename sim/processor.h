/* One core: its registers and instructions (cpu), its exceptions (irq) and its system control space,
 * held together by the exception model of ARMv7-M (core sheet sections 3, 6 and 7). */
#ifndef SIM_PROCESSOR_H
#define SIM_PROCESSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/irq.h"
#include "sim/core/system_control.h"
#include "sim/core/trace.h"
#include "sim/cpu.h"

/* What the last fault was, for the report. Kept until the next one. */
struct fault_record {
    bool is_valid;
    uint32_t pc;          /* of the instruction, or what could not be fetched */
    uint32_t lr, sp;      /* at the fault, before any stacking */
    uint32_t r[13];
    uint32_t xpsr;
    uint32_t cfsr;        /* bits of this fault alone */
    uint32_t hfsr;
    uint32_t addr;        /* MMFAR or BFAR where valid */
    bool is_imprecise;
    uint32_t store_pc;    /* imprecise: the store that caused it */
    uint32_t store_addr;
    unsigned wanted;      /* exception the fault asked for */
    unsigned taken;       /* exception that was pended for it: HardFault when escalated */
    uint32_t frame_addr;  /* where the frame went; 0 until it was pushed */
    uint64_t t_ps;
};

struct processor {
    struct cpu *cpu;
    struct irq *irq;
    struct system_control *control;
    struct trace *trace;
    uint8_t core;
    bool is_privileged;   /* of what runs now */
    bool is_thumb_state;  /* EPSR.T of what runs or was about to run */
    bool is_lazy;         /* LSPACT: the next FP instruction stores the reserved frame */
    bool has_fp_context;  /* CONTROL.FPCA when last looked at */
    struct fault_record last_fault;
    /* The machine's memory, for stacking and vectors: 0 or CFSR_DACCVIOL or CFSR_PRECISERR. */
    uint32_t (*memory)(void *context, struct access *access, uint32_t *value);
    void *context;
};

/* Core reset: registers, exception state, then SP and PC from the vector table. A vector that cannot be
 * read locks the core up (core sheet 1). */
void processor_reset(struct processor *processor);

/* Follows MSR and CPS: masks and privilege as the core has them now. */
void processor_refresh(struct processor *processor);

/* After CPACR, FPCCR or FPDSCR was written. */
void processor_follow_fpu(struct processor *processor);

/* cpu_run(); while FPCCR.ASPEN is 0, an FP instruction is a run of its own. */
struct cpu_event processor_run(struct processor *processor, uint64_t until_cycles);

/* Takes what is pending and allowed, if anything: true when an exception was entered. */
bool processor_take_pending(struct processor *processor);

/* What cpu_run() reported. */
void processor_svc(struct processor *processor, const struct cpu_event *event);
void processor_bkpt(struct processor *processor, const struct cpu_event *event);
void processor_fault(struct processor *processor, const struct cpu_event *event);
void processor_exception_return(struct processor *processor, uint32_t exc_return);

/* A buffered store met a bus error: asynchronous, no address (core sheet 6). */
void processor_imprecise_fault(struct processor *processor, uint32_t store_pc, uint32_t store_addr);

#endif
