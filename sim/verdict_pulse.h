/* The expectation `alive`: each boot gives its sign of life within its budget. What does not is a hang;
 * boots that resets end before their sign, several in a row, are a boot loop, or a watchdog loop. */
#ifndef SIM_VERDICT_PULSE_H
#define SIM_VERDICT_PULSE_H

#include "sim/verdict.h"

void verdict_pulse_hear(struct verdict_judge *judge, unsigned index, const struct event *event);
/* The boot is over, by a reset of `cause`, or without one (RESET_CAUSE_COUNT). */
void verdict_pulse_end_boot(struct verdict_judge *judge, unsigned index, unsigned cause,
                            bool is_from_outside);

#endif
