/* Scenarios to be tested together: their files, their runs, and what became of them. */
#ifndef SIM_SUITE_H
#define SIM_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/scenario.h"
#include "sim/scenario_plan.h"
#include "sim/verdict.h"

/* In the order of the program's exit statuses. */
enum suite_status {
    SUITE_PASS,
    SUITE_FAIL,
    SUITE_BAD_INPUT,
    SUITE_INCONCLUSIVE,
    SUITE_STATUS_COUNT
};

struct suite_run {
    bool has_verdict; /* false: the simulator failed, `error` says how */
    struct verdict verdict;
    struct error error;
};

struct suite_item {
    char *path;
    bool is_loaded; /* false: bad input, `error` says what */
    struct error error;
    struct scenario scenario;
    struct scenario_plans plans;
    struct suite_run *runs; /* as many as plans */
    size_t done_count;
    /* Once all are done: */
    enum suite_status status;
    bool is_bad_as_stated; /* known bad, and failed for its reason */
    bool is_inconclusive_as_stated; /* each run proved nothing, for its reason */
    size_t passed, failed, inconclusive;
    char text[VERDICT_NOTE]; /* why it is not a pass, or how it failed as stated */
};

struct suite {
    struct suite_item *items;
    size_t count, room;
    size_t run_count;
    size_t done_count;
    size_t told_count;   /* items whose runs are all done, and those before them */
    uint32_t boots;      /* so far, of all runs */
    uint32_t counting_boots; /* before the first run: to count what "each" means */
    const char *program; /* as it was called, for replay lines */
    const char *firmware_folder;
    const char *firmware_given; /* as the user said it, for replay lines; NULL: found by itself */
    bool is_raw;                /* known bad ones fail like all others */
};

/* Adds a scenario file, or all in a folder and below it, by name. */
bool suite_add(struct suite *suite, const char *path, struct error *error);
/* Reads all files and makes all plans. What is wrong with a scenario is kept with it. `progress` is called
 * for each, and for each boot that counts operations; it may be NULL. */
void suite_load(struct suite *suite,
                void (*progress)(void *context, const struct suite *suite, size_t item),
                void *context);
/* Runs everything. `item_done` is called in the order of the items, `progress` several times a
 * second; it says whether to go on. */
bool suite_run(struct suite *suite, unsigned processes,
               void (*item_done)(void *context, const struct suite *suite, size_t item),
               bool (*progress)(void *context, const struct suite *suite), void *context,
               struct error *error);
void suite_free(struct suite *suite);

/* "pass", "fail", "inconclusive", "bad input" */
const char *suite_status_name(enum suite_status status);
size_t suite_count(const struct suite *suite, enum suite_status status);
size_t suite_count_known_bad(const struct suite *suite);
size_t suite_count_known_inconclusive(const struct suite *suite);
/* The worst: bad input, then fail, then inconclusive, then pass. */
enum suite_status suite_worst(const struct suite *suite);

/* Rules assumed by any run of an item, or bits without effect set by any. */
void suite_collect_assumed(const struct suite_item *item, struct verdict_ids *ids);

#endif
