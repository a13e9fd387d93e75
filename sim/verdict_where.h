/* Where the core is when a boot has had its time and something is missing: stuck in an exception. */
#ifndef SIM_VERDICT_WHERE_H
#define SIM_VERDICT_WHERE_H

#include "sim/verdict.h"

enum { VERDICT_WHERE = 128 };

/* Takes down where the core is now. */
void verdict_where_note(struct verdict_judge *judge);
/* "; the core is in NMI, unhandled_exception (vectors.S:65)" of what was taken down last, or "" when it was in no
 * exception. */
const char *verdict_where_text(const struct verdict_judge *judge, char text[VERDICT_WHERE]);

#endif
