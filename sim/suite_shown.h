/* The runs that a result shows in full. Which they are is known when all have their verdicts, so they are
 * made once more, and what was recorded of each waits in a file for the result to be written. */
#ifndef SIM_SUITE_SHOWN_H
#define SIM_SUITE_SHOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/suite.h"

enum suite_traces {
    /* what waiting loops repeat is told once; of a long run the first and the last; some failing runs */
    SUITE_TRACES_SHORT,
    SUITE_TRACES_WHOLE,
    SUITE_TRACES_NONE /* no run is shown */
};

enum {
    SUITE_SHOWN_MAX = 5,   /* of the runs of one scenario that are no pass, unless all are wanted */
    SUITE_SHOWN_INDENT = 5 /* how deep a record stands in the result */
};

struct suite_shown_run {
    size_t item, run;
    int64_t offset;
    uint64_t size; /* 0: the simulator failed */
};

struct suite_shown {
    FILE *records;
    struct suite_shown_run *runs; /* by item and run */
    size_t count;
};

/* Whether the result shows a run. */
bool suite_shown_is(const struct suite_item *item, size_t run, enum suite_traces traces);

/* `progress` as for suite_run(), with how many of these runs are done. suite_shown_free() in any case. */
bool suite_shown_make(struct suite_shown *shown, const struct suite *suite, unsigned processes,
                      enum suite_traces traces,
                      bool (*progress)(void *context, size_t done, size_t count), void *context,
                      struct error *error);
void suite_shown_free(struct suite_shown *shown);

bool suite_shown_has(const struct suite_shown *shown, size_t item, size_t run);
/* Copies the record of a run; false: there is none, or a stream failed. */
bool suite_shown_copy(const struct suite_shown *shown, size_t item, size_t run, FILE *out);

#endif
