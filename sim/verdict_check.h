/* One expectation, looked at when the run is over. */
#ifndef SIM_VERDICT_CHECK_H
#define SIM_VERDICT_CHECK_H

#include "sim/verdict.h"

struct verdict_finding {
    enum outcome outcome;
    bool is_fact; /* violated by something that happened, not by something that did not */
    char text[VERDICT_NOTE]; /* of what was not met */
};

void verdict_check(const struct verdict_judge *judge, unsigned index,
                   struct verdict_finding *finding);

#endif
