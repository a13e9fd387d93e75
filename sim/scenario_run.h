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
};

/* False: out of memory. `listener`, when not NULL, hears all events too. */
bool scenario_run(const struct scenario *scenario, const struct scenario_plan *plan,
                  trace_listener *listener, void *context, struct verdict *verdict,
                  struct error *error);

/* How many operations the cut could count after the cuts of the plan, when power stays on then. */
bool scenario_run_count(const struct scenario *scenario, const struct scenario_plan *plan,
                        const struct cut *cut, uint32_t *count, struct error *error);

#endif
