/* Exceptions of one ARMv7-M core: pending, active, enabled and their priorities.
 * Models raise lines, the system control space exposes the bits, exception entry asks what is next.
 * Core sheet section 2. Level lines: a line still high at exception return pends again. */
#ifndef SIM_CORE_IRQ_H
#define SIM_CORE_IRQ_H

#include <stdbool.h>
#include <stdint.h>

enum {
    EXC_NONE = 0,
    EXC_RESET = 1,
    EXC_NMI = 2,
    EXC_HARD_FAULT = 3,
    EXC_MEM_MANAGE = 4,
    EXC_BUS_FAULT = 5,
    EXC_USAGE_FAULT = 6,
    EXC_SVCALL = 11,
    EXC_DEBUG_MONITOR = 12,
    EXC_PENDSV = 14,
    EXC_SYSTICK = 15,
    EXC_IRQ0 = 16,
    EXC_MAX = 256, /* 16 system exceptions and 240 lines */
    IRQ_PRIORITY_NONE = 256
};

enum { IRQ_WORDS = EXC_MAX / 64 };

struct irq {
    uint64_t pending[IRQ_WORDS];
    uint64_t active[IRQ_WORDS];
    uint64_t enabled[IRQ_WORDS];
    uint64_t level[IRQ_WORDS]; /* input lines, exceptions 16 and up, and NMI */
    uint8_t priority[EXC_MAX]; /* high four bits implemented */
    uint8_t prigroup;          /* AIRCR.PRIGROUP */
    uint8_t basepri;           /* mirrored from the core before a choice is made */
    bool primask;
    bool faultmask;
    bool are_interrupts_masked; /* DHCSR.C_MASKINTS: PendSV, SysTick and external interrupts wait */
    bool changed;              /* what is to be taken may have changed since the glue last looked */
    bool has_new_pending;      /* something went from idle to pending since the glue cleared this:
                                  with SCR.SEVONPEND that is an event for WFE */
    uint16_t exception_count;  /* 16 + number of lines on this chip */
};

void irq_init(struct irq *irq, unsigned line_count);
/* System reset: nothing pending or active, priorities zero, input lines low. The devices reset with it
 * and drive their lines anew. */
void irq_reset(struct irq *irq);
/* Reset of the core alone (VECTRESET): lines stay as they are, those that are high pend again. */
void irq_reset_core(struct irq *irq);

/* A peripheral's interrupt output (line = 0 for external interrupt 0). Out-of-range lines are ignored. */
void irq_set_level(struct irq *irq, int line, bool high);
/* The NMI input: level-like, re-enters while high. */
void irq_set_nmi(struct irq *irq, bool high);

void irq_pend(struct irq *irq, unsigned exception);
void irq_unpend(struct irq *irq, unsigned exception);
bool irq_is_pending(const struct irq *irq, unsigned exception);
bool irq_is_active(const struct irq *irq, unsigned exception);
bool irq_is_enabled(const struct irq *irq, unsigned exception);
void irq_set_enabled(struct irq *irq, unsigned exception, bool enabled);
void irq_set_active(struct irq *irq, unsigned exception, bool active);
unsigned irq_active_count(const struct irq *irq);

/* Group priority of an exception: -3 reset, -2 NMI, -1 HardFault, else masked by PRIGROUP. */
int irq_group_priority(const struct irq *irq, unsigned exception);
/* Priority of what runs now, masks included; IRQ_PRIORITY_NONE in plain thread mode. */
int irq_execution_priority(const struct irq *irq);
/* As above without PRIMASK: what decides whether WFI wakes (core sheet 11). */
int irq_wake_priority(const struct irq *irq);
/* Pending and enabled exception with the best priority, EXC_NONE if there is none. */
unsigned irq_best_pending(const struct irq *irq);
/* The exception to be taken now, or EXC_NONE. */
unsigned irq_to_take(const struct irq *irq);
bool irq_would_wake(const struct irq *irq);

/* Exception entry and return. Leaving with the line still high pends it again. */
void irq_enter(struct irq *irq, unsigned exception);
void irq_leave(struct irq *irq, unsigned exception);

#endif
