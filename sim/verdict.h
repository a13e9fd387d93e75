/* Expectations of a scenario checked against the event stream and what is left at the end of a run.
 * A verdict means something: what was never reached, a cut that never fired, and a run that leaned
 * on a bit whose effect is missing prove nothing and are inconclusive. Nor does the absence of something
 * prove anything where the firmware showed no sign of life. */
#ifndef SIM_VERDICT_H
#define SIM_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/console_log.h"
#include "sim/durability.h"
#include "sim/machine.h"
#include "sim/scenario.h"

enum verdict_kind { VERDICT_PASS, VERDICT_FAIL, VERDICT_INCONCLUSIVE };
enum outcome { OUTCOME_MET, OUTCOME_VIOLATED, OUTCOME_UNREACHED };

enum { VERDICT_NOTE_MAX = 6, VERDICT_NOTE = 320, VERDICT_ID_MAX = 24, VERDICT_ID = 48 };

/* Rules, or registers with bits that have no effect, in the order of their first appearance. */
struct verdict_ids {
    char id[VERDICT_ID_MAX][VERDICT_ID];
    unsigned count;
};

/* One power cut of the run, as it happened. */
struct verdict_cut {
    enum cut_state state;
    uint32_t boot;
    uint32_t op, addr, size; /* of the operation; 0 for a cut at a time */
    uint64_t t_ps;
};

/* Plain data: it travels between processes. */
struct verdict {
    enum verdict_kind kind;
    uint8_t outcome[SCENARIO_EXPECTATION_MAX]; /* enum outcome */
    bool is_too_early; /* inconclusive for this alone: cut before anything was acknowledged and looked for */
    bool has_only_signed; /* after the last cut: something, but nothing of an item */
    bool has_begun_after_cut;
    char note[VERDICT_NOTE_MAX]
             [VERDICT_NOTE]; /* what was not met, then what is in doubt: a line each */
    unsigned note_count;
    unsigned note_lost; /* more of them, for which there was no room */
    struct verdict_ids assumed;
    struct verdict_ids missing;
    struct verdict_cut cuts[SCENARIO_CUT_MAX];
    unsigned cut_count;
    uint32_t boots, power_ons;
    uint64_t programs, erases, option_changes; /* operations begun */
    uint64_t events;
    uint64_t trace_hash; /* of every field of every event */
    uint64_t end_ps;
};

struct verdict_counter {
    uint64_t count;
    struct event first;
    uint32_t first_cfsr;
    uint64_t sum, most; /* of what is added up: stalls, in picoseconds */
    uint64_t value; /* of the last event counted; of a symbol, as it was sampled */
    uint64_t first_value; /* of a symbol, when the core started */
    bool is_sampled;
    bool has_lived; /* the firmware, where the expectation looks; of all boots: since power came last */
};

/* What `alive` has seen. */
struct verdict_pulse {
    size_t matched[CONSOLE_CHANNEL_COUNT];
    uint64_t began_ps; /* the boot */
    bool has_begun;
    bool is_alive;
    bool has_lived; /* in some boot */
    uint32_t undecided; /* the first boot that had its time, and less than what its sign may take; 0: none */
    uint64_t undecided_ps; /* that it had */
    unsigned dead_resets, dead_watchdogs; /* boots in a row that a reset ended without a sign */
    bool is_violated;
    char text[VERDICT_NOTE];
};

/* Where the core was. */
struct verdict_where {
    uint32_t exception; /* that it handled; 0: none */
    uint32_t pc;
    bool is_locked_up;
};

/* A variable that durability follows. */
struct verdict_variable {
    unsigned watch; /* of the machine */
    uint64_t value;
    bool is_started; /* in this boot it has been what start-up code makes it */
};

/* What says begun, acknowledged, reported without a console. */
struct verdict_sources {
    struct verdict_variable begun, acknowledged, when;
    size_t matched[CONSOLE_CHANNEL_COUNT];
    uint32_t seen; /* of the report's trigger, in this boot */
    bool has_reported;
    bool is_running; /* between the first fetch of a boot and its end: pins that a reset lets go say nothing */
};

/* Listens to one run. */
struct verdict_judge {
    const struct scenario *scenario;
    struct machine *machine;
    struct verdict *verdict;
    struct console_log log;
    struct verdict_counter counter[SCENARIO_EXPECTATION_MAX];
    struct verdict_pulse pulse[SCENARIO_EXPECTATION_MAX];
    struct durability durability[SCENARIO_EXPECTATION_MAX];
    struct verdict_sources sources[SCENARIO_EXPECTATION_MAX];
    uint32_t boot, power_on; /* the current ones, from 1 */
    struct verdict_where where; /* at the end of the last boot that had its time */
    uint32_t cfsr;           /* set since the last fault exception */
    bool has_lived; /* the firmware did what no start-up code does */
    bool is_boot_over;
    bool is_without_power;
    bool is_stuck; /* set by whoever runs the machine: asleep or locked up for ever */
    const struct timeline_run *timeline;
    unsigned missing_power_ons; /* set by whoever runs the machine: it could not come on so often as told */
    bool has_no_rom; /* set by whoever runs the machine: it stopped for system memory */
};

const char *verdict_kind_name(enum verdict_kind kind);  /* "pass" */
const char *verdict_outcome_name(enum outcome outcome); /* "met" */

void verdict_begin(struct verdict_judge *judge, const struct scenario *scenario,
                   struct machine *machine, struct verdict *verdict);
void verdict_free(struct verdict_judge *judge);
/* A trace_listener; the context is the judge. */
void verdict_hear(void *judge, const struct event *event);
/* The power-on has had its time: what the boot did not do, it does not do. */
void verdict_time_is_up(struct verdict_judge *judge);
/* The run is over. The caller has filled in `cuts` of the verdict; everything else is complete
 * then. */
void verdict_end(struct verdict_judge *judge);

#endif
