/* The expectation `alive`: each boot gives its sign of life within its budget. What does not is a hang;
 * boots that resets end before their sign, several in a row, are a boot loop, or a watchdog loop. */
#ifndef SIM_VERDICT_PULSE_H
#define SIM_VERDICT_PULSE_H

#include "sim/verdict.h"

void verdict_pulse_hear(struct verdict_judge *judge, unsigned index, const struct event *event);
/* Cut: power, or a reset from outside. */
enum pulse_end { PULSE_ENDS_BY_RESET, PULSE_ENDS_BY_CUT, PULSE_ENDS_BY_TIME };

/* The boot is over; `cause` is that of a reset. */
void verdict_pulse_end_boot(struct verdict_judge *judge, unsigned index, enum pulse_end end,
                            unsigned cause);

#endif
