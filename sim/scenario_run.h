/* Runs a scenario once, from the first power-on to a verdict. */
#ifndef SIM_SCENARIO_RUN_H
#define SIM_SCENARIO_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/scenario.h"
#include "sim/verdict.h"

/* Which of the scenario's cuts this run makes. */
struct scenario_plan {
    struct cut cuts[SCENARIO_CUT_MAX];
    unsigned cut_count;
    uint64_t seed;
    enum reset_pulse reset_pulse;
    enum machine_ram ram;
    enum scenario_reads reads;
    uint32_t reads_change; /* 0: never */
};

/* Who hears all events of a run, and may look at its machine meanwhile. */
struct scenario_watcher {
    /* Everything is loaded, and power has not come yet. NULL: not called. */
    void (*begin)(void *context, struct machine *machine);
    trace_listener *hear;
    /* The verdict is there. NULL: not called. */
    void (*end)(void *context, struct machine *machine);
    void *context;
    struct machine *machine; /* set for the time of the run */
};

/* Of the scenario, with what the plan chooses of it: first digits of a digest, for a replay line. */
uint32_t scenario_plan_meaning(const struct scenario *scenario, const struct scenario_plan *plan);

/* False: out of memory. The watcher may be NULL. */
bool scenario_run(const struct scenario *scenario, const struct scenario_plan *plan,
                  struct scenario_watcher *watcher, struct verdict *verdict, struct error *error);

/* How many operations the cut could count after the cuts of the plan, when power stays on then. The watcher
 * may be NULL. */
bool scenario_run_count(const struct scenario *scenario, const struct scenario_plan *plan,
                        const struct cut *cut, struct scenario_watcher *watcher, uint32_t *count,
                        struct error *error);

#endif
