/* Sums of a run. */
#include "sim/run_log.h"

#include <string.h>

#include "sim/core/irq.h"

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Whether an event tells the same as an earlier one. */
static bool is_same(const struct event *a, const struct event *b)
{
    switch (a->kind) {
    case EVENT_FLASH_ERROR:
        return a->pc == b->pc && a->value == b->value && is_same_text(a->rule, b->rule);
    case EVENT_UNIT_ABSENT:
        return is_same_text(a->unit, b->unit) && is_same_text(a->rule, b->rule);
    case EVENT_REG_UNIMPLEMENTED:
        return a->addr == b->addr;
    default:
        return is_same_text(a->rule, b->rule);
    }
}

/* NULL: no room. */
static struct run_note *add(struct run_notes *notes, const struct event *event)
{
    for (unsigned i = 0; i < notes->count; i++) {
        if (is_same(&notes->note[i].first, event)) {
            notes->note[i].count++;
            notes->note[i].values |= event->value;
            return &notes->note[i];
        }
    }
    if (notes->count == RUN_LOG_NOTES_MAX) {
        notes->lost++;
        return NULL;
    }
    struct run_note *note = &notes->note[notes->count++];
    *note = (struct run_note){*event, 1, event->value, false};
    return note;
}

bool run_log_is_flash(enum event_kind kind)
{
    return kind >= EVENT_FLASH_UNLOCK && kind <= EVENT_FLASH_STALE_READ;
}

/* A stall follows another whenever code runs on beside an operation: the last of a row stands for it. */
static void remember_flash(struct run_log *log, const struct event *event)
{
    if (event->kind == EVENT_FLASH_STALL && log->flash_count > 0) {
        struct event *last = &log->flash[(log->flash_count - 1) % RUN_LOG_FLASH_EVENTS];
        if (last->kind == EVENT_FLASH_STALL) {
            *last = *event;
            return;
        }
    }
    log->flash[log->flash_count++ % RUN_LOG_FLASH_EVENTS] = *event;
}

const struct event *run_log_flash_event(const struct run_log *log, unsigned index)
{
    uint64_t kept = log->flash_count < RUN_LOG_FLASH_EVENTS ? log->flash_count : RUN_LOG_FLASH_EVENTS;
    if (index >= kept)
        return NULL;
    return &log->flash[(log->flash_count - kept + index) % RUN_LOG_FLASH_EVENTS];
}

static bool is_fault_exception(uint32_t exception)
{
    return exception >= EXC_HARD_FAULT && exception <= EXC_USAGE_FAULT;
}

static void follow_exceptions(struct run_log *log, const struct event *event)
{
    switch (event->kind) {
    case EVENT_EXCEPTION_ENTRY:
        if (is_fault_exception(event->value)) {
            log->faults++;
            log->fault_active = event->value;
            log->last_life_ps = event->t_ps;
        }
        break;
    case EVENT_EXCEPTION_RETURN:
        if (event->value == log->fault_active)
            log->fault_active = 0;
        break;
    case EVENT_LOCKUP:
        log->faults++;
        break;
    case EVENT_RESET:
    case EVENT_POWER_ON:
        log->fault_active = 0;
        log->is_watchdog_running = false;
        break;
    default:
        break;
    }
}

static bool is_sign_of_life(enum event_kind kind)
{
    return kind == EVENT_CONSOLE || kind == EVENT_PIN || kind == EVENT_FLASH_PROGRAM_START ||
           kind == EVENT_FLASH_ERASE_START || kind == EVENT_FLASH_PROGRAM_END ||
           kind == EVENT_FLASH_ERASE_END || kind == EVENT_RESET;
}

/* Software stores a double word as two words, and the flash judges each (L4 sheet 4.4): the second is no
 * news when the first was refused just before. */
static bool is_second_word(const struct run_log *log, const struct event *event)
{
    const struct event *last = &log->flash[(log->flash_count - 1) % RUN_LOG_FLASH_EVENTS];
    return last->kind == EVENT_FLASH_ERROR && last->value && event->value &&
           last->boot == event->boot && last->size == 4 && event->size == 4 &&
           last->addr % 8 == 0 && event->addr == last->addr + 4;
}

static void refuse(struct run_log *log, const struct event *event)
{
    if (!log->last_refused || !is_second_word(log, event)) {
        log->last_refused = add(&log->refused, event);
        return;
    }
    log->last_refused->values |= event->value;
    log->last_refused->is_double_word = true;
    log->last_refused = NULL;
}

static void tally(struct run_log *log, const struct event *event)
{
    switch (event->kind) {
    case EVENT_POWER_ON:
        log->power_ons++;
        break;
    case EVENT_RESET:
        if (event->value < RESET_CAUSE_COUNT)
            log->resets[event->value]++;
        break;
    case EVENT_FLASH_PROGRAM_START:
        log->programs++;
        break;
    case EVENT_FLASH_ERASE_START:
        log->erases++;
        break;
    case EVENT_FLASH_OPTION_START:
        log->option_changes++;
        break;
    case EVENT_FLASH_STALL:
        log->stalls++;
        break;
    case EVENT_FLASH_ERROR:
        refuse(log, event);
        break;
    case EVENT_UNIT_ABSENT:
        add(&log->absent, event);
        break;
    case EVENT_REG_UNIMPLEMENTED:
        add(&log->missing, event);
        break;
    case EVENT_RULE_ASSUMED:
        add(&log->assumed, event);
        break;
    case EVENT_WATCHDOG:
        log->is_watchdog_running = event->value <= 1;
        break;
    default:
        break;
    }
}

void run_log_hear(void *context, const struct event *event)
{
    struct run_log *log = context;
    tally(log, event);
    follow_exceptions(log, event);
    if (is_sign_of_life(event->kind))
        log->last_life_ps = event->t_ps;
    if (run_log_is_flash(event->kind))
        remember_flash(log, event);
    bool is_explained = event->rule && (run_log_is_flash(event->kind) || event->kind == EVENT_BUS_ERROR);
    if (is_explained)
        log->last_rule = *event;
}
