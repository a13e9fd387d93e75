#include "sim/json_out.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#define EXACT_IN_DOUBLE (UINT64_C(1) << 53)

void json_out_start(struct json_out *json, FILE *stream, unsigned indent)
{
    memset(json, 0, sizeof *json);
    json->stream = stream;
    json->indent = indent;
}

static void new_line(struct json_out *json)
{
    putc('\n', json->stream);
    for (unsigned i = 0; i < json->indent + json->depth; i++)
        putc('\t', json->stream);
}

/* How many of the bytes are one character of UTF-8; 0: they are none. */
static size_t character_bytes(const unsigned char *bytes, size_t size)
{
    if (bytes[0] < 0x80)
        return 1;
    size_t length = bytes[0] < 0xC2   ? 0
                    : bytes[0] < 0xE0 ? 2
                    : bytes[0] < 0xF0 ? 3
                    : bytes[0] < 0xF5 ? 4
                                      : 0;
    if (length == 0 || length > size)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    bool is_overlong = (bytes[0] == 0xE0 && bytes[1] < 0xA0) || (bytes[0] == 0xF0 && bytes[1] < 0x90);
    bool is_surrogate = bytes[0] == 0xED && bytes[1] >= 0xA0;
    bool is_past_end = bytes[0] == 0xF4 && bytes[1] >= 0x90;
    return is_overlong || is_surrogate || is_past_end ? 0 : length;
}

static void write_ascii(FILE *stream, unsigned char c)
{
    static const char escaped[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = c ? strchr(escaped, c) : NULL;
    if (found)
        fprintf(stream, "\\%c", letters[found - escaped]);
    else if (c < 0x20 || c == 0x7F)
        fprintf(stream, "\\u%04x", c);
    else
        putc(c, stream);
}

static void write_text(FILE *stream, const char *text, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)text;
    putc('"', stream);
    for (size_t i = 0; i < size;) {
        size_t length = character_bytes(bytes + i, size - i);
        if (length == 0)
            fputs("\xEF\xBF\xBD", stream);
        else if (length == 1)
            write_ascii(stream, bytes[i]);
        else
            fwrite(bytes + i, 1, length, stream);
        i += length ? length : 1;
    }
    putc('"', stream);
}

FILE *json_out_value(struct json_out *json, const char *key)
{
    if (json->depth) {
        bool is_line = json->level[json->depth - 1].is_line;
        if (json->level[json->depth - 1].has_items)
            fputs(is_line ? ", " : ",", json->stream);
        json->level[json->depth - 1].has_items = true;
        if (!is_line)
            new_line(json);
    }
    if (key) {
        write_text(json->stream, key, strlen(key));
        fputs(json->level[json->depth - 1].is_line ? ": " : ":\t", json->stream);
    }
    return json->stream;
}

static void open_level(struct json_out *json, const char *key, enum json_out_shape shape,
                       bool is_array)
{
    assert(json->depth < JSON_OUT_DEPTH_MAX);
    json_out_value(json, key);
    putc(is_array ? '[' : '{', json->stream);
    bool is_line = shape == JSON_OUT_LINE || (json->depth && json->level[json->depth - 1].is_line);
    json->level[json->depth].is_array = is_array;
    json->level[json->depth].is_line = is_line;
    json->level[json->depth].has_items = false;
    json->depth++;
}

void json_out_object(struct json_out *json, const char *key, enum json_out_shape shape)
{
    open_level(json, key, shape, false);
}

void json_out_array(struct json_out *json, const char *key, enum json_out_shape shape)
{
    open_level(json, key, shape, true);
}

void json_out_end(struct json_out *json)
{
    assert(json->depth);
    json->depth--;
    if (json->level[json->depth].has_items && !json->level[json->depth].is_line)
        new_line(json);
    putc(json->level[json->depth].is_array ? ']' : '}', json->stream);
}

void json_out_bytes(struct json_out *json, const char *key, const char *bytes, size_t size)
{
    write_text(json_out_value(json, key), bytes, size);
}

void json_out_string(struct json_out *json, const char *key, const char *text)
{
    json_out_bytes(json, key, text, strlen(text));
}

void json_out_number(struct json_out *json, const char *key, uint64_t value)
{
    const char *quote = value > EXACT_IN_DOUBLE ? "\"" : "";
    fprintf(json_out_value(json, key), "%s%" PRIu64 "%s", quote, value, quote);
}

void json_out_bool(struct json_out *json, const char *key, bool value)
{
    fputs(value ? "true" : "false", json_out_value(json, key));
}
