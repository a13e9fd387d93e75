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

/* A file that the scenario names, at `value`. */
bool scenario_read_file(const struct scenario_reader *reader, const struct cJSON *value,
                        const char *written, char **path);

/* Refuses the id of a rule or the name of a unit that no event can have. */
bool scenario_check_rule(const struct scenario_reader *reader, const struct cJSON *value,
                         const char *rule);
bool scenario_check_unit(const struct scenario_reader *reader, const struct cJSON *value,
                         const char *unit);

/* False with a message; `*is_there` tells whether the object compares at all. */
bool scenario_read_comparison(struct scenario_reader *reader, const struct cJSON *object,
                              bool *is_there, struct comparison *comparison);
bool scenario_read_channel(struct scenario_reader *reader, const struct cJSON *object,
                           enum console_channel *channel);
bool scenario_read_event_kind(struct scenario_reader *reader, const struct cJSON *object,
                              const char *key, enum event_kind *kind);
/* A symbol with or without an offset, or an address; scenario_load_files finds what it is. */
bool scenario_read_place(struct scenario_reader *reader, const struct cJSON *value,
                         struct place *place);
bool scenario_read_pin(struct scenario_reader *reader, const struct cJSON *value, uint32_t *pin);
bool scenario_read_cause(struct scenario_reader *reader, const struct cJSON *value,
                         enum reset_cause *cause);
uint8_t *scenario_keep_bytes(struct scenario_reader *reader, const struct cJSON *value, size_t size);

/* What the flash and the option bytes start from; the other two once its files are to be read. */
bool scenario_read_start(struct scenario_reader *reader, const struct cJSON *root);
bool scenario_load_start(struct scenario *scenario, struct error *error);
void scenario_start_digest(const struct scenario *scenario, uint8_t digest[32]);

/* `scenario->meaning`, once all files are read (scenario_meaning.c). */
bool scenario_find_meaning(struct scenario *scenario, struct error *error);

bool scenario_read_trigger(struct scenario_reader *reader, const struct cJSON *object,
                           struct trigger *trigger);
bool scenario_read_timeline(struct scenario_reader *reader, const struct cJSON *root);
bool scenario_read_actions(struct scenario_reader *reader, const struct cJSON *value,
                           struct timeline_step *step);
bool scenario_read_cuts(struct scenario_reader *reader, const struct cJSON *root);
bool scenario_read_durability(struct scenario_reader *reader, const struct cJSON *object,
                              struct expectation *expectation);
bool scenario_read_expectations(struct scenario_reader *reader, const struct cJSON *list);

#endif
