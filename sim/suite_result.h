/* What `flashsim test` says: to people, to CI as JUnit XML, to machines as JSON. The same suite
 * gives the same bytes. */
#ifndef SIM_SUITE_RESULT_H
#define SIM_SUITE_RESULT_H

#include <stdio.h>

#include "sim/suite.h"
#include "sim/suite_shown.h"

/* One scenario, when its runs are done. */
void suite_text_write_item(const struct suite *suite, size_t item, bool is_coloured, FILE *out);
void suite_text_write_sum(const struct suite *suite, FILE *out);

bool suite_junit_write(const struct suite *suite, FILE *out);
/* With the runs of `shown` in full. */
bool suite_json_write(const struct suite *suite, const struct suite_shown *shown, FILE *out);

enum { SUITE_MOMENT_TEXT = 160 };

/* "cut=37@program.before: boot 1, 0.257100000 s, operation 38 at 0x0807F000" */
const char *suite_cut_text(const struct cut *cut, const struct verdict_cut *done,
                           char text[SUITE_MOMENT_TEXT]);

#endif
