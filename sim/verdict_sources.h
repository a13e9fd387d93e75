/* Durability without a console: variables that change, edges of a pin, and when a report is made. */
#ifndef SIM_VERDICT_SOURCES_H
#define SIM_VERDICT_SOURCES_H

#include "sim/verdict.h"

/* Watches the variables that the scenario names. */
void verdict_sources_begin(struct verdict_judge *judge);
void verdict_sources_end(struct verdict_judge *judge);
void verdict_sources_hear(struct verdict_judge *judge, const struct event *event);
/* RAM is still there: the last stores count. */
void verdict_sources_end_boot(struct verdict_judge *judge);

#endif
