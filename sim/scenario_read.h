/* What the files of the scenario reader share. */
#ifndef SIM_SCENARIO_READ_H
#define SIM_SCENARIO_READ_H

#include "sim/scenario.h"

struct cJSON;

/* Where a reader is: one scenario, its text, and where to put what is wrong. */
struct scenario_reader {
    struct scenario *scenario;
    const char *firmware_folder;
    struct error *error;
};

/* Refuses keys that are not in the list, and names the nearest one. */
bool scenario_read_keys(const struct scenario_reader *reader, const struct cJSON *object,
                        const char *const *keys);
/* "no such ...: did you mean ...?" for a text that should be one of the names. */
bool scenario_read_refuse_name(const struct scenario_reader *reader, const struct cJSON *value,
                               const char *what, const char *wrong, const char *const *names);
bool scenario_read_duration(const struct scenario_reader *reader, const struct cJSON *object,
                            const char *key, uint64_t *ps);
/* An integer that is a member or an element, decimal or "0x...". */
bool scenario_read_integer(const struct scenario_reader *reader, const struct cJSON *value,
                           const char *what, uint64_t min, uint64_t max, uint64_t *integer);
/* A path as written, relative to the scenario file; "firmware:NAME" is in the firmware folder. */
char *scenario_read_path(const struct scenario_reader *reader, const char *written);

/* Refuses the id of a rule or the name of a unit that no event can have. */
bool scenario_check_rule(const struct scenario_reader *reader, const struct cJSON *value,
                         const char *rule);
bool scenario_check_unit(const struct scenario_reader *reader, const struct cJSON *value,
                         const char *unit);

bool scenario_read_cuts(struct scenario_reader *reader, const struct cJSON *root);
bool scenario_read_expectations(struct scenario_reader *reader, const struct cJSON *list);

#endif
