/* Numbered jobs in processes of their own, several at a time. A job that takes its process down is
 * that job's result and nobody else's. */
#ifndef SIM_WORKERS_H
#define SIM_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/error.h"

enum { WORKERS_MAX = 256 };

struct workers {
    size_t job_count;
    unsigned processes;  /* 1 to WORKERS_MAX */
    size_t result_bytes; /* plain data */
    /* In a process of its own. False with a message. */
    bool (*run)(void *context, size_t job, void *result, struct error *error);
    /* Here, in any order. `result` is NULL when the job failed, and `error` says why. */
    void (*done)(void *context, size_t job, const void *result, const struct error *error);
    /* Called several times a second; false ends everything. NULL: not called. */
    bool (*tick)(void *context);
    void *context;
};

bool workers_run(const struct workers *workers, struct error *error);

#endif
