/* The index: a recursive descent over RFC 8259 that keeps nothing but places, and the strict readers. */
#include "sim/json_text.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/image.h"
#include "sim/quantity.h"

#define EXACT_IN_DOUBLE 9007199254740992.0 /* 2^53 */

struct span {
    const char *start, *end; /* of a key, without its quotes */
};

struct scan {
    const char *path;
    const char *at, *end;
    const char *line_start;
    uint32_t line;
    const char *counted_to; /* of its line, `column` characters from 1 */
    uint32_t column;
    unsigned depth;
    struct json_place *places;
    size_t count, room;
    struct error *error;
};

/* ---- places and messages ---- */

/* Characters, not bytes: what an editor shows. Counted on from the last place asked for: all of a file may
 * stand in one line. */
static uint32_t column_of(struct scan *scan, const char *at)
{
    if (!scan->counted_to || scan->counted_to < scan->line_start || at < scan->counted_to) {
        scan->counted_to = scan->line_start;
        scan->column = 1;
    }
    for (; scan->counted_to < at; scan->counted_to++)
        scan->column += ((unsigned char)*scan->counted_to & 0xC0) != 0x80;
    return scan->column;
}

static bool refuse_at(struct scan *scan, const char *at, const char *message)
{
    return error_set(scan->error, "%s:%u:%u: %s", image_short_path(scan->path), scan->line,
                     column_of(scan, at), message);
}

static bool refuse(struct scan *scan, const char *message)
{
    return refuse_at(scan, scan->at, message);
}

static struct json_place *add_place(struct scan *scan)
{
    if (scan->count == scan->room) {
        size_t room = scan->room ? 2 * scan->room : 64;
        struct json_place *places = realloc(scan->places, room * sizeof *places);
        if (!places)
            return NULL;
        scan->places = places;
        scan->room = room;
    }
    struct json_place *place = &scan->places[scan->count++];
    memset(place, 0, sizeof *place);
    return place;
}

static void skip_blanks(struct scan *scan)
{
    for (; scan->at < scan->end; scan->at++) {
        if (*scan->at == '\n') {
            scan->line++;
            scan->line_start = scan->at + 1;
        } else if (*scan->at != ' ' && *scan->at != '\t' && *scan->at != '\r') {
            return;
        }
    }
}

static bool is_next(const struct scan *scan, char c)
{
    return scan->at < scan->end && *scan->at == c;
}

/* ---- strings ---- */

/* Length of the UTF-8 sequence at `at`, 0 if it is none (Unicode 15, table 3-7). */
static size_t utf8_length(const char *at, const char *end)
{
    const unsigned char *c = (const unsigned char *)at;
    size_t left = (size_t)(end - at);
    if (c[0] < 0x80)
        return 1;
    size_t length = c[0] >= 0xF0 ? 4 : c[0] >= 0xE0 ? 3 : 2;
    if (c[0] < 0xC2 || c[0] > 0xF4 || left < length)
        return 0;
    unsigned char low = c[0] == 0xE0 ? 0xA0 : c[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = c[0] == 0xED ? 0x9F : c[0] == 0xF4 ? 0x8F : 0xBF;
    if (c[1] < low || c[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((c[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Four hexadecimal digits after \u, or -1. */
static int32_t read_unit(const char *at, const char *end)
{
    int32_t unit = 0;
    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static bool scan_unicode_escape(struct scan *scan)
{
    int32_t unit = read_unit(scan->at + 2, scan->end);
    if (unit < 0)
        return refuse(scan, "four hexadecimal digits must follow \\u");
    if (unit == 0)
        return refuse(scan, "a zero in a string: leave \\u0000 out");
    if (unit >= 0xDC00 && unit <= 0xDFFF)
        return refuse(scan, "the second half of a surrogate pair without the first");
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        bool has_more = scan->end - scan->at >= 12 && scan->at[6] == '\\' && scan->at[7] == 'u';
        int32_t low = has_more ? read_unit(scan->at + 8, scan->end) : -1;
        if (low < 0xDC00 || low > 0xDFFF)
            return refuse(scan, "the first half of a surrogate pair without the second");
        scan->at += 6;
    }
    scan->at += 6;
    return true;
}

static bool scan_escape(struct scan *scan)
{
    if (scan->end - scan->at < 2)
        return refuse(scan, "the file ends inside a string");
    if (scan->at[1] == 'u')
        return scan_unicode_escape(scan);
    if (!scan->at[1] || !strchr("\"\\/bfnrt", scan->at[1]))
        return refuse(scan, "no such escape: JSON knows \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
    scan->at += 2;
    return true;
}

static bool scan_string(struct scan *scan, struct span *span)
{
    const char *start = scan->at++;
    while (scan->at < scan->end && *scan->at != '"') {
        if (*scan->at == '\\') {
            if (!scan_escape(scan))
                return false;
            continue;
        }
        if ((unsigned char)*scan->at < 0x20)
            return refuse(scan, "a control character in a string: write \\n for a new line, or close "
                          "the string");
        size_t length = utf8_length(scan->at, scan->end);
        if (length == 0)
            return refuse(scan, "not UTF-8: save the file as UTF-8");
        scan->at += length;
    }
    if (scan->at >= scan->end)
        return refuse_at(scan, start, "this string does not end: its closing quote is missing");
    *span = (struct span){start + 1, scan->at};
    scan->at++;
    return true;
}

/* ---- numbers and words ---- */

static void skip_digits(struct scan *scan)
{
    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9')
        scan->at++;
}

static bool is_digit_next(const struct scan *scan)
{
    return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

/* cJSON reads numbers into doubles: what a double can not hold exactly must be said otherwise. */
static bool check_number(struct scan *scan, const char *start, bool is_integer)
{
    char digits[64];
    size_t length = (size_t)(scan->at - start);
    if (length >= sizeof digits)
        return refuse_at(scan, start, "a number of too many digits: 62 are allowed");
    memcpy(digits, start, length);
    digits[length] = '\0';
    double value = strtod(digits, NULL);
    if (!isfinite(value))
        return refuse_at(scan, start, "a number that is too large");
    uint64_t ignored;
    const char *magnitude = digits + (digits[0] == '-');
    if (is_integer && !quantity_read_number(magnitude, UINT64_C(1) << 53, &ignored))
        return refuse_at(scan, start, "an integer past 2^53: write it as a string");
    return true;
}

static bool scan_number(struct scan *scan)
{
    const char *start = scan->at;
    bool is_integer = true;
    if (is_next(scan, '-'))
        scan->at++;
    if (!is_digit_next(scan))
        return refuse_at(scan, start, "not a number: a digit must follow the sign");
    if (is_next(scan, '0')) {
        scan->at++;
        if (is_digit_next(scan) || is_next(scan, 'x') || is_next(scan, 'X'))
            return refuse_at(scan, start, "JSON numbers are decimal without leading zeros: write "
                             "hexadecimal as a string");
    }
    skip_digits(scan);
    if (is_next(scan, '.')) {
        is_integer = false;
        scan->at++;
        if (!is_digit_next(scan))
            return refuse(scan, "a digit must follow the decimal point");
        skip_digits(scan);
    }
    if (is_next(scan, 'e') || is_next(scan, 'E')) {
        is_integer = false;
        scan->at++;
        if (is_next(scan, '+') || is_next(scan, '-'))
            scan->at++;
        if (!is_digit_next(scan))
            return refuse(scan, "a digit must follow the exponent's sign");
        skip_digits(scan);
    }
    return check_number(scan, start, is_integer);
}

static bool scan_word(struct scan *scan)
{
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < 3; i++) {
        size_t length = strlen(words[i]);
        if ((size_t)(scan->end - scan->at) >= length && memcmp(scan->at, words[i], length) == 0) {
            scan->at += length;
            return true;
        }
    }
    return refuse(scan, "not a JSON value: text needs quotes; true, false and null are small letters");
}

/* ---- objects and arrays ---- */

static bool scan_value(struct scan *scan, const struct json_place *key);

/* Keys are compared as they are written; an escape in a key is refused so that this is enough. */
static bool check_key(struct scan *scan, const struct span *keys, size_t count, struct span key)
{
    size_t length = (size_t)(key.end - key.start);
    if (memchr(key.start, '\\', length))
        return refuse_at(scan, key.start - 1, "an escape in a key: write the character itself");
    for (size_t i = 0; i < count; i++)
        if ((size_t)(keys[i].end - keys[i].start) == length &&
            memcmp(keys[i].start, key.start, length) == 0)
            return refuse_at(scan, key.start - 1, "this key stands twice in the same object: remove one");
    return true;
}

static bool scan_member(struct scan *scan, struct span *keys, size_t count)
{
    struct json_place place = {.key_line = scan->line, .key_column = column_of(scan, scan->at)};
    if (!is_next(scan, '"'))
        return refuse(scan, is_next(scan, '}') ? "a comma before }: remove it"
                                               : "a key in quotes must stand here");
    if (!scan_string(scan, &keys[count]) || !check_key(scan, keys, count, keys[count]))
        return false;
    skip_blanks(scan);
    if (!is_next(scan, ':'))
        return refuse(scan, "a colon must follow the key");
    scan->at++;
    skip_blanks(scan);
    return scan_value(scan, &place);
}

static bool scan_members(struct scan *scan, struct span *keys)
{
    for (size_t count = 0;; count++) {
        if (count == JSON_TEXT_MEMBERS_MAX)
            return refuse(scan, "too many members in one object: 4096 are allowed");
        skip_blanks(scan);
        if (count == 0 && is_next(scan, '}'))
            break;
        if (!scan_member(scan, keys, count))
            return false;
        skip_blanks(scan);
        if (is_next(scan, '}'))
            break;
        if (!is_next(scan, ','))
            return refuse(scan, "a comma or } must stand here");
        scan->at++;
    }
    scan->at++;
    return true;
}

static bool scan_object(struct scan *scan)
{
    scan->at++;
    struct span *keys = malloc(JSON_TEXT_MEMBERS_MAX * sizeof *keys);
    if (!keys)
        return refuse(scan, "out of memory");
    bool is_good = scan_members(scan, keys);
    free(keys);
    return is_good;
}

static bool scan_array(struct scan *scan)
{
    scan->at++;
    for (bool is_first = true;; is_first = false) {
        skip_blanks(scan);
        if (is_next(scan, ']')) {
            if (!is_first)
                return refuse(scan, "a comma before ]: remove it");
            break;
        }
        if (!scan_value(scan, NULL))
            return false;
        skip_blanks(scan);
        if (is_next(scan, ']'))
            break;
        if (!is_next(scan, ','))
            return refuse(scan, "a comma or ] must stand here");
        scan->at++;
    }
    scan->at++;
    return true;
}

static bool scan_value(struct scan *scan, const struct json_place *key)
{
    if (scan->at >= scan->end)
        return refuse(scan, "the file ends where a value must stand: it is empty or cut off");
    struct json_place *place = add_place(scan);
    if (!place)
        return refuse(scan, "out of memory");
    if (key)
        *place = *key;
    place->line = scan->line;
    place->column = column_of(scan, scan->at);
    char c = *scan->at;
    if (c == '{' || c == '[') {
        if (scan->depth == JSON_TEXT_DEPTH_MAX)
            return refuse(scan, "nested too deep: 64 levels are allowed");
        scan->depth++;
        bool is_good = c == '{' ? scan_object(scan) : scan_array(scan);
        scan->depth--;
        return is_good;
    }
    struct span ignored;
    if (c == '"')
        return scan_string(scan, &ignored);
    return c == '-' || (c >= '0' && c <= '9') ? scan_number(scan) : scan_word(scan);
}

static bool scan_text(struct scan *scan)
{
    if (scan->end - scan->at >= 3 && memcmp(scan->at, "\xEF\xBB\xBF", 3) == 0)
        return refuse(scan, "a byte order mark: save the file as UTF-8 without one");
    skip_blanks(scan);
    if (!scan_value(scan, NULL))
        return false;
    skip_blanks(scan);
    return scan->at == scan->end || refuse(scan, "something follows the end of the JSON value: remove it");
}

/* ---- loading ---- */

bool json_text_parse(struct json_text *json, const char *path, const char *text, size_t size,
                     struct error *error)
{
    memset(json, 0, sizeof *json);
    if (size > JSON_TEXT_BYTES_MAX)
        return error_set(error, "%s: larger than 256 MB: no file of ours is", image_short_path(path));
    struct scan scan = {.path = path, .at = text, .end = text + size, .line_start = text, .line = 1,
                        .error = error};
    if (!scan_text(&scan)) {
        free(scan.places);
        return false;
    }
    json->places = scan.places;
    json->count = scan.count;
    json->path = strdup(path);
    json->root = json->path ? cJSON_ParseWithLength(text, size) : NULL;
    if (json->root)
        return true;
    json_text_free(json);
    return error_set(error, "%s: out of memory", image_short_path(path));
}

static bool read_file(FILE *file, const char *path, char **text, size_t *size, struct error *error)
{
    struct stat status;
    if (fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode))
        return error_set(error, "%s: a folder, not a file", image_short_path(path));
    size_t room = 64 * 1024;
    for (size_t got = 1; got && *size <= JSON_TEXT_BYTES_MAX; *size += got) {
        char *larger = *size == room || !*text ? realloc(*text, room *= 2) : *text;
        if (!larger)
            return error_set(error, "%s: out of memory", image_short_path(path));
        *text = larger;
        got = fread(*text + *size, 1, room - *size, file);
    }
    return !ferror(file) || error_set(error, "%s: can not be read: %s", image_short_path(path),
                                      strerror(errno));
}

bool json_text_load(struct json_text *json, const char *path, struct error *error)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_set(error, "%s: can not be opened: %s", image_short_path(path), strerror(errno));
    bool is_good = read_file(file, path, &text, &size, error);
    fclose(file);
    is_good = is_good && json_text_parse(json, path, text, size, error);
    free(text);
    return is_good;
}

void json_text_free(struct json_text *json)
{
    cJSON_Delete(json->root);
    free(json->path);
    free(json->places);
    memset(json, 0, sizeof *json);
}

/* ---- places of values ---- */

/* Both orders are that of the text: a value, then what is inside it, then what follows. Depth is bounded
 * by JSON_TEXT_DEPTH_MAX. */
static bool find_value(const cJSON *at, const cJSON *wanted, size_t *index)
{
    for (; at; at = at->next) {
        if (at == wanted)
            return true;
        (*index)++;
        if (find_value(at->child, wanted, index))
            return true;
    }
    return false;
}

struct json_place json_text_place(const struct json_text *json, const struct cJSON *value)
{
    size_t index = 0;
    if (!find_value(json->root, value, &index) || index >= json->count)
        return (struct json_place){0, 0, 0, 0};
    return json->places[index];
}

static bool refuse_place(const struct json_text *json, uint32_t line, uint32_t column,
                         struct error *error, const char *message)
{
    return error_set(error, "%s:%u:%u: %s", image_short_path(json->path), line, column, message);
}

bool json_text_refuse(const struct json_text *json, const struct cJSON *value, struct error *error,
                      const char *format, ...)
{
    char message[320];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    struct json_place place = json_text_place(json, value);
    return refuse_place(json, place.line, place.column, error, message);
}

/* ---- strict readers ---- */

static void list_names(const char *const *names, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; names[i] && used < size; i++) {
        int more = snprintf(text + used, size - used, "%s%s", i ? ", " : "", names[i]);
        used += more > 0 ? (size_t)more : 0;
    }
}

bool json_text_check_keys(const struct json_text *json, const struct cJSON *object,
                          const char *const *keys, struct error *error)
{
    char list[200];
    char message[320];
    if (!cJSON_IsObject(object))
        return json_text_refuse(json, object, error, "an object must stand here: { ... }");
    for (const cJSON *member = object->child; member; member = member->next) {
        size_t i = 0;
        while (keys[i] && strcmp(keys[i], member->string) != 0)
            i++;
        if (keys[i])
            continue;
        list_names(keys, list, sizeof list);
        snprintf(message, sizeof message, "no such key: \"%.64s\"; known here: %s", member->string, list);
        struct json_place place = json_text_place(json, member);
        return refuse_place(json, place.key_line, place.key_column, error, message);
    }
    return true;
}

/* False with a message, or `*member` NULL when it is not there and need not be. */
static bool find_member(const struct json_text *json, const cJSON *object, const char *key,
                        enum json_need need, const cJSON **member, struct error *error)
{
    *member = cJSON_GetObjectItemCaseSensitive(object, key);
    if (*member || need == JSON_OPTIONAL)
        return true;
    return json_text_refuse(json, object, error, "\"%s\" is missing in this object", key);
}

bool json_text_get_string(const struct json_text *json, const struct cJSON *object, const char *key,
                          enum json_need need, const char **value, struct error *error)
{
    const cJSON *member;
    if (!find_member(json, object, key, need, &member, error))
        return false;
    if (!member)
        return true;
    if (!cJSON_IsString(member))
        return json_text_refuse(json, member, error, "\"%s\" must be a string", key);
    *value = member->valuestring;
    return true;
}

bool json_text_get_bool(const struct json_text *json, const struct cJSON *object, const char *key,
                        enum json_need need, bool *value, struct error *error)
{
    const cJSON *member;
    if (!find_member(json, object, key, need, &member, error))
        return false;
    if (!member)
        return true;
    if (!cJSON_IsBool(member))
        return json_text_refuse(json, member, error, "\"%s\" must be true or false", key);
    *value = cJSON_IsTrue(member);
    return true;
}

static bool integer_of(const cJSON *value, uint64_t max, uint64_t *integer)
{
    if (cJSON_IsString(value))
        return quantity_read_number(value->valuestring, max, integer);
    double number = value->valuedouble;
    if (!cJSON_IsNumber(value) || number < 0 || number > EXACT_IN_DOUBLE || number != floor(number))
        return false;
    *integer = (uint64_t)number;
    return true;
}

bool json_text_get_integer(const struct json_text *json, const struct cJSON *object, const char *key,
                           enum json_need need, uint64_t min, uint64_t max, uint64_t *value,
                           struct error *error)
{
    const cJSON *member;
    uint64_t integer = 0;
    if (!find_member(json, object, key, need, &member, error))
        return false;
    if (!member)
        return true;
    if (!integer_of(member, max, &integer) || integer < min || integer > max)
        return json_text_refuse(json, member, error,
                                min > 0xFFFFFF ? /* an address */ "\"%s\" must be an integer from 0x%llX to 0x%llX"
                                                : "\"%s\" must be an integer from %llu to %llu",
                                key, (unsigned long long)min, (unsigned long long)max);
    *value = integer;
    return true;
}

bool json_text_get_choice(const struct json_text *json, const struct cJSON *object, const char *key,
                          enum json_need need, const char *const *names, unsigned *value,
                          struct error *error)
{
    const cJSON *member;
    char list[200];
    if (!find_member(json, object, key, need, &member, error))
        return false;
    if (!member)
        return true;
    for (unsigned i = 0; cJSON_IsString(member) && names[i]; i++) {
        if (strcmp(names[i], member->valuestring) == 0) {
            *value = i;
            return true;
        }
    }
    list_names(names, list, sizeof list);
    return json_text_refuse(json, member, error, "\"%s\" must be one of: %s", key, list);
}

bool json_text_get_array(const struct json_text *json, const struct cJSON *object, const char *key,
                         enum json_need need, const struct cJSON **value, struct error *error)
{
    if (!find_member(json, object, key, need, value, error))
        return false;
    return !*value || cJSON_IsArray(*value) ||
           json_text_refuse(json, *value, error, "\"%s\" must be an array: [ ... ]", key);
}

bool json_text_get_object(const struct json_text *json, const struct cJSON *object, const char *key,
                          enum json_need need, const struct cJSON **value, struct error *error)
{
    if (!find_member(json, object, key, need, value, error))
        return false;
    return !*value || cJSON_IsObject(*value) ||
           json_text_refuse(json, *value, error, "\"%s\" must be an object: { ... }", key);
}
