/* A JSON file that people write: cJSON holds its values, an index over the text knows line and column of
 * each. Refused beyond what cJSON refuses: duplicate keys, numbers JSON does not allow or a double can not
 * hold exactly, text after the end, deep nesting, invalid UTF-8, escapes or zeros in strings. */
#ifndef SIM_JSON_TEXT_H
#define SIM_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"

struct cJSON;

enum {
    JSON_TEXT_BYTES_MAX = 256 * 1024 * 1024, /* results of large suites are read too */
    JSON_TEXT_DEPTH_MAX = 64,
    JSON_TEXT_MEMBERS_MAX = 4096 /* of one object */
};

struct json_place {
    uint32_t line, column;         /* of the value, from 1; columns count characters */
    uint32_t key_line, key_column; /* of its key, 0 in arrays */
};

struct json_text {
    char *path;
    struct cJSON *root;
    struct json_place *places; /* of all values, in the order of the text */
    size_t count;
};

/* Both release what they took when they fail; json_text_free after success. */
bool json_text_load(struct json_text *json, const char *path, struct error *error);
bool json_text_parse(struct json_text *json, const char *path, const char *text, size_t size,
                     struct error *error);
void json_text_free(struct json_text *json);

/* Place of a value; {0, 0, 0, 0} for a value of another file. */
struct json_place json_text_place(const struct json_text *json, const struct cJSON *value);

/* "path:line:column: message". Always returns false. */
bool json_text_refuse(const struct json_text *json, const struct cJSON *value, struct error *error,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The value is an object, and all its keys are in the list that ends with NULL. */
bool json_text_check_keys(const struct json_text *json, const struct cJSON *object,
                          const char *const *keys, struct error *error);

/* Members of an object. A missing one leaves `value` as it is and is an error only if it is required. An
 * integer may also be a string, decimal or after 0x hexadecimal: past 2^53 it must. */
enum json_need { JSON_OPTIONAL, JSON_REQUIRED };
bool json_text_get_string(const struct json_text *json, const struct cJSON *object, const char *key,
                          enum json_need need, const char **value, struct error *error);
bool json_text_get_bool(const struct json_text *json, const struct cJSON *object, const char *key,
                        enum json_need need, bool *value, struct error *error);
bool json_text_get_integer(const struct json_text *json, const struct cJSON *object, const char *key,
                           enum json_need need, uint64_t min, uint64_t max, uint64_t *value,
                           struct error *error);
/* One of the names in the list that ends with NULL. */
bool json_text_get_choice(const struct json_text *json, const struct cJSON *object, const char *key,
                          enum json_need need, const char *const *names, unsigned *value,
                          struct error *error);
/* The member, NULL when there is none. */
bool json_text_get_array(const struct json_text *json, const struct cJSON *object, const char *key,
                         enum json_need need, const struct cJSON **value, struct error *error);
bool json_text_get_object(const struct json_text *json, const struct cJSON *object, const char *key,
                          enum json_need need, const struct cJSON **value, struct error *error);

#endif
