/* What a step of a timeline does to the chip. */
#ifndef SIM_ACTION_H
#define SIM_ACTION_H

#include "sim/timeline.h"

/* Before the action that run->action names is done for the first time. */
void action_begin(struct timeline_run *run);
/* Does what can be done now. True: complete; false: the rest at action_next_ps(). */
bool action_do(struct timeline_run *run, const struct action *action);
/* When the action under way goes on. */
uint64_t action_next_ps(const struct timeline_run *run);

#endif
