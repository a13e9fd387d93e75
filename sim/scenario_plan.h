/* All runs of a scenario: every combination of what its cuts list. */
#ifndef SIM_SCENARIO_PLAN_H
#define SIM_SCENARIO_PLAN_H

#include "sim/scenario_run.h"

enum { SCENARIO_PLAN_MAX = 20000 };

struct scenario_plans {
    struct scenario_plan *items;
    size_t count, room;
    struct scenario_watcher *watcher; /* while they are made */
};

/* Boots the firmware where a cut says "each", to count the operations. No plan at all: there were
 * none. */
bool scenario_plans_make(struct scenario_plans *plans, const struct scenario *scenario,
                         struct error *error);
/* The watcher hears the boots that count. */
bool scenario_plans_make_watched(struct scenario_plans *plans, const struct scenario *scenario,
                                 struct scenario_watcher *watcher, struct error *error);
void scenario_plans_free(struct scenario_plans *plans);

#endif
