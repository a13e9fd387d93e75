/* Exception state of one core. Core sheet section 2 ([ARM B1.5.4]). */
#include "sim/core/irq.h"

#include <assert.h>
#include <string.h>

static bool get(const uint64_t *set, unsigned exception)
{
    return set[exception / 64] >> (exception % 64) & 1;
}

static void put(uint64_t *set, unsigned exception, bool value)
{
    uint64_t bit = UINT64_C(1) << (exception % 64);
    if (value)
        set[exception / 64] |= bit;
    else
        set[exception / 64] &= ~bit;
}

void irq_init(struct irq *irq, unsigned line_count)
{
    memset(irq, 0, sizeof *irq);
    assert(EXC_IRQ0 + line_count <= EXC_MAX);
    irq->exception_count = (uint16_t)(EXC_IRQ0 + line_count);
    irq_reset(irq);
}

void irq_reset(struct irq *irq)
{
    memset(irq->level, 0, sizeof irq->level);
    irq_reset_core(irq);
}

void irq_reset_core(struct irq *irq)
{
    memset(irq->active, 0, sizeof irq->active);
    memset(irq->enabled, 0, sizeof irq->enabled);
    memset(irq->priority, 0, sizeof irq->priority);
    memcpy(irq->pending, irq->level, sizeof irq->pending);
    irq->prigroup = 0;
    irq->basepri = 0;
    irq->primask = irq->faultmask = false;
    irq->changed = true;
    irq->has_new_pending = false;
    /* DebugMonitor waits for DEMCR.MON_EN. */
    static const uint8_t always[] = {EXC_RESET,  EXC_NMI,    EXC_HARD_FAULT,
                                     EXC_SVCALL, EXC_PENDSV, EXC_SYSTICK};
    for (unsigned i = 0; i < sizeof always; i++)
        put(irq->enabled, always[i], true);
}

/* A rise pends even while the interrupt is being served: a pulse is not lost (PM0214 4.3.9, "an active
 * interrupt becomes active and pending"). */
static void set_level(struct irq *irq, unsigned exception, bool high)
{
    bool was_high = get(irq->level, exception);
    put(irq->level, exception, high);
    if (high && !was_high)
        irq_pend(irq, exception);
}

void irq_set_level(struct irq *irq, int line, bool high)
{
    if (line >= 0 && EXC_IRQ0 + line < irq->exception_count)
        set_level(irq, EXC_IRQ0 + (unsigned)line, high);
}

void irq_set_nmi(struct irq *irq, bool high)
{
    set_level(irq, EXC_NMI, high);
}

void irq_pend(struct irq *irq, unsigned exception)
{
    assert(exception < EXC_MAX);
    if (!get(irq->pending, exception))
        irq->has_new_pending = true;
    put(irq->pending, exception, true);
    irq->changed = true;
}

void irq_unpend(struct irq *irq, unsigned exception)
{
    assert(exception < EXC_MAX);
    /* A line that is still high keeps its interrupt pending unless it is being served. */
    bool stays = get(irq->level, exception) && !get(irq->active, exception);
    put(irq->pending, exception, stays);
    irq->changed = true;
}

bool irq_is_pending(const struct irq *irq, unsigned exception)
{
    return get(irq->pending, exception);
}

bool irq_is_active(const struct irq *irq, unsigned exception)
{
    return get(irq->active, exception);
}

bool irq_is_enabled(const struct irq *irq, unsigned exception)
{
    return get(irq->enabled, exception);
}

void irq_set_enabled(struct irq *irq, unsigned exception, bool enabled)
{
    put(irq->enabled, exception, enabled);
    irq->changed = true;
}

void irq_set_active(struct irq *irq, unsigned exception, bool active)
{
    put(irq->active, exception, active);
    irq->changed = true;
}

unsigned irq_active_count(const struct irq *irq)
{
    unsigned count = 0;
    for (unsigned i = 0; i < IRQ_WORDS; i++)
        count += (unsigned)__builtin_popcountll(irq->active[i]);
    return count;
}

static int group_mask(const struct irq *irq)
{
    return (0xFF << (irq->prigroup + 1)) & 0xFF;
}

int irq_group_priority(const struct irq *irq, unsigned exception)
{
    if (exception <= EXC_HARD_FAULT)
        return (int)exception - 4;
    return irq->priority[exception] & group_mask(irq);
}

static int active_priority(const struct irq *irq)
{
    int best = IRQ_PRIORITY_NONE;
    for (unsigned word = 0; word < IRQ_WORDS; word++) {
        for (uint64_t left = irq->active[word]; left; left &= left - 1) {
            unsigned exception = word * 64 + (unsigned)__builtin_ctzll(left);
            int priority = irq_group_priority(irq, exception);
            if (priority < best)
                best = priority;
        }
    }
    return best;
}

static int lower(int a, int b)
{
    return a < b ? a : b;
}

int irq_wake_priority(const struct irq *irq)
{
    int priority = active_priority(irq);
    if (irq->basepri & 0xF0)
        priority = lower(priority, irq->basepri & 0xF0 & group_mask(irq));
    if (irq->faultmask)
        priority = lower(priority, -1);
    return priority;
}

int irq_execution_priority(const struct irq *irq)
{
    int priority = irq_wake_priority(irq);
    return irq->primask ? lower(priority, 0) : priority;
}

/* Candidates of one word, in exception order. */
static uint64_t candidates(const struct irq *irq, unsigned word)
{
    uint64_t set = irq->pending[word] & irq->enabled[word];
    if (irq->are_interrupts_masked)
        set &= word == 0 ? (UINT64_C(1) << EXC_PENDSV) - 1 : 0;
    return set;
}

unsigned irq_best_pending(const struct irq *irq)
{
    unsigned best = EXC_NONE;
    int best_group = IRQ_PRIORITY_NONE;
    int best_full = IRQ_PRIORITY_NONE;
    for (unsigned word = 0; word < IRQ_WORDS; word++) {
        for (uint64_t left = candidates(irq, word); left; left &= left - 1) {
            unsigned exception = word * 64 + (unsigned)__builtin_ctzll(left);
            int group = irq_group_priority(irq, exception);
            int full = group < 0 ? group : irq->priority[exception];
            /* Ascending numbers: the lowest wins a tie. */
            if (group < best_group || (group == best_group && full < best_full)) {
                best = exception;
                best_group = group;
                best_full = full;
            }
        }
    }
    return best;
}

static bool has_pending(const struct irq *irq)
{
    uint64_t any = 0;
    for (unsigned i = 0; i < IRQ_WORDS; i++)
        any |= candidates(irq, i);
    return any != 0;
}

unsigned irq_to_take(const struct irq *irq)
{
    if (!has_pending(irq))
        return EXC_NONE;
    unsigned best = irq_best_pending(irq);
    return irq_group_priority(irq, best) < irq_execution_priority(irq) ? best : EXC_NONE;
}

bool irq_would_wake(const struct irq *irq)
{
    if (!has_pending(irq))
        return false;
    return irq_group_priority(irq, irq_best_pending(irq)) < irq_wake_priority(irq);
}


void irq_enter(struct irq *irq, unsigned exception)
{
    put(irq->pending, exception, false);
    put(irq->active, exception, true);
}

void irq_leave(struct irq *irq, unsigned exception)
{
    put(irq->active, exception, false);
    /* Core sheet 2: at return an input that is still high pends again. */
    if (get(irq->level, exception))
        irq_pend(irq, exception);
    irq->changed = true;
}
