/* Injected loss of power: in the n-th flash operation at a phase, or at a time. A list of cuts is
 * gone through in order; each counts from the power-on before it. */
#ifndef SIM_CUT_H
#define SIM_CUT_H

#include <stdbool.h>
#include <stdint.h>

#include "models/flash.h"
#include "sim/core/error.h"
#include "sim/core/device.h"

struct machine;

enum cut_operation {
    CUT_ANY_OPERATION, /* any that has the phase */
    CUT_PROGRAM, /* one double word, also each of a row */
    CUT_ERASE,   /* of a page, a bank or all */
    CUT_OPTION,
    CUT_ROW, /* fast programming of a row as a whole */
    CUT_PAGE_ERASE,
    CUT_BANK_ERASE,
    CUT_MASS_ERASE,
    CUT_OPERATION_COUNT
};

enum { CUT_NTH_MAX = 1000000, CUT_PULSES_MAX = 64, CUT_TEXT = 64 };

struct cut {
    enum reset_cause by; /* RESET_POWER_ON: power goes; else a reset with that cause */
    bool is_timed;
    uint64_t after_ps; /* timed: since power came; a whole number of nanoseconds */
    enum cut_operation operation;
    uint32_t nth; /* from 1, since power came */
    struct flash_cut moment;
};

/* All names in the order of the enum; ends with NULL. */
const char *const *cut_operation_names(void);
/* "program", "erase", "option", "any"; CUT_OPERATION_COUNT when there is no such name. */
const char *cut_operation_name(enum cut_operation operation);
enum cut_operation cut_operation_find(const char *name);
/* The operation goes through the phase. */
bool cut_has_phase(enum cut_operation operation, enum flash_phase phase);
/* The event that begins such an operation; EVENT_KIND_COUNT: any does. */
enum event_kind cut_operation_start(enum cut_operation operation);
/* The event begins an operation that the cut counts. */
bool cut_counts(const struct cut *cut, const struct event *event);

/* The one operation to be cut, once the event that counts has been heard. In a row it is one of its
 * double words, which begins later. */
struct cut_target {
    struct flash_cut moment;
    struct event start; /* kind and addr: of the event that begins it */
};
struct cut_target cut_target_of(const struct cut *cut, const struct event *start);
/* It begins with this event; or, while it has not begun: never, as its row is over. */
bool cut_target_begins(const struct cut_target *target, const struct event *event);
bool cut_target_is_missed(const struct event *event);

/* "pin", "brown_out"; RESET_CAUSE_COUNT when there is no such reset. */
const char *cut_reset_name(enum reset_cause cause);
enum reset_cause cut_reset_find(const char *name);
/* As in a replay line: "37@program.pulse=2/4", "5@ecc", "@1500us". */
const char *cut_write(const struct cut *cut, char text[CUT_TEXT]);
bool cut_read(struct cut *cut, const char *text, struct error *error);

enum cut_state {
    CUT_WAITS,
    CUT_AIMS,  /* the row runs, the double word to be cut has not begun */
    CUT_ARMED, /* the operation runs, power goes at its phase */
    CUT_FIRED,
    CUT_ESCAPED /* a reset ended the operation first, or the row ended before its double word */
};

/* When the moment of the operation that has just begun comes: in the middle of its phase. */
uint64_t cut_moment_ps(struct machine *machine, const struct flash_cut *moment);

/* Performs one cut on a machine. */
struct cutter {
    struct machine *machine;
    struct cut cut;
    enum cut_state state;
    uint32_t seen;          /* operations that count, so far */
    struct cut_target target; /* from CUT_AIMS on */
    struct event operation; /* the one that is cut: its start */
    uint64_t fired_ps;
    uint32_t fired_boot;
};

/* Before power comes. */
void cutter_start(struct cutter *cutter, struct machine *machine, const struct cut *cut);
/* A trace_listener; the context is the cutter. */
void cutter_hear(void *cutter, const struct event *event);

#endif
