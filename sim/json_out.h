/* JSON written as it goes, without a tree in memory: the same calls give the same bytes. One value in a
 * line, or, inside what was opened on a line, all in one. Errors stay in ferror() of the stream. */
#ifndef SIM_JSON_OUT_H
#define SIM_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { JSON_OUT_DEPTH_MAX = 16 };

struct json_out {
    FILE *stream;
    unsigned depth;  /* of open objects and arrays */
    unsigned indent; /* of the outermost */
    struct {
        bool is_array, is_line, has_items;
    } level[JSON_OUT_DEPTH_MAX];
};

enum json_out_shape { JSON_OUT_LINES, JSON_OUT_LINE };

/* The value to be written stands at this depth of another text. */
void json_out_start(struct json_out *json, FILE *stream, unsigned indent);

/* `key` is NULL inside an array and for the outermost value. */
void json_out_object(struct json_out *json, const char *key, enum json_out_shape shape);
void json_out_array(struct json_out *json, const char *key, enum json_out_shape shape);
void json_out_end(struct json_out *json);

void json_out_string(struct json_out *json, const char *key, const char *text);
/* Any bytes: what is not UTF-8 becomes U+FFFD. */
void json_out_bytes(struct json_out *json, const char *key, const char *bytes, size_t size);
/* Past 2^53, where a double is no longer exact, as a string. */
void json_out_number(struct json_out *json, const char *key, uint64_t value);
void json_out_bool(struct json_out *json, const char *key, bool value);
/* What is needed before a value that the caller writes. */
FILE *json_out_value(struct json_out *json, const char *key);

#endif
