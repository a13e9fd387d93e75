/* What a run is summed up from: a trace listener that counts and remembers, and prints nothing. */
#ifndef SIM_RUN_LOG_H
#define SIM_RUN_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/device.h"
#include "sim/core/trace.h"

enum {
    RUN_LOG_FLASH_EVENTS = 8,
    RUN_LOG_NOTES_MAX = 256 /* of each kind; the rest is counted */
};

/* Something that happens again and again and is told once. */
struct run_note {
    struct event first;
    uint64_t count;
    uint32_t values; /* all values together: bits without an effect, flags of both words */
    bool is_double_word; /* flash.error: both words of it were refused, one after the other */
};

struct run_notes {
    struct run_note note[RUN_LOG_NOTES_MAX];
    unsigned count;
    uint64_t lost; /* different ones for which there was no room */
};

struct run_log {
    struct event flash[RUN_LOG_FLASH_EVENTS]; /* the last ones, a ring */
    uint64_t flash_count;
    struct event last_rule;     /* the last event that a rule explains */
    struct run_notes refused;   /* flash.error: by pc, flags and rule of a word or a double word */
    struct run_note *last_refused; /* its second word may follow */
    struct run_notes absent;    /* unit.absent: by unit */
    struct run_notes missing;   /* reg.unimplemented: by register */
    struct run_notes assumed;   /* rule.assumed: by rule */
    uint64_t resets[RESET_CAUSE_COUNT];
    uint64_t power_ons;
    uint64_t programs, erases, option_changes, stalls;
    uint64_t faults;            /* fault exceptions entered and lockups */
    unsigned fault_active;      /* the fault exception being handled now, 0 none */
    bool is_watchdog_running;
    uint64_t last_life_ps;      /* last sign of life of the firmware: console, flash, pin, watchdog */
};

/* A trace_listener; the context is the log. */
void run_log_hear(void *log, const struct event *event);

/* The i-th of the last flash events, the oldest first; NULL past the end. */
const struct event *run_log_flash_event(const struct run_log *log, unsigned index);

bool run_log_is_flash(enum event_kind kind);

#endif
