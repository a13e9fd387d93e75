/* Events as JSON Lines: one object an event, fields in a fixed order, the same bytes for the same run.
 * `op` and `rule` are left out where there is none; integers past 2^53 are strings. */
#ifndef SIM_TRACE_FILE_H
#define SIM_TRACE_FILE_H

#include <stdio.h>

#include "sim/core/trace.h"

/* A trace_listener; the context is the FILE. Errors stay in ferror(). */
void trace_file_write(void *stream, const struct event *event);
/* The object alone, without the end of its line. */
void trace_file_write_object(FILE *stream, const struct event *event);
/* The same for the first of 1 + `repeats` equal events, the last of them at `until_ps`. */
void trace_file_write_repeated(FILE *stream, const struct event *event, uint64_t repeats,
                               uint64_t until_ps);

#endif
