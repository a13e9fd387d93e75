/* Reads values as reports/README.md tells them. What is missing is left out: an explanation of a damaged
 * file is better than none. */
#include "sim/result_explain.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/image.h"
#include "sim/quantity.h"

#define RESULT_FORMAT "flashsim test 2"

/* ---- the text ---- */

static size_t skip_string(const char *text, size_t size, size_t at)
{
    for (at++; at < size && text[at] != '"'; at++)
        at += text[at] == '\\';
    return at < size ? at + 1 : size;
}

/* Past an object or array, all of what is in it, too. */
static size_t skip_nested(const char *text, size_t size, size_t at)
{
    size_t depth = 0;
    while (at < size) {
        if (text[at] == '"') {
            at = skip_string(text, size, at);
            continue;
        }
        depth += text[at] == '{' || text[at] == '[';
        depth -= (text[at] == '}' || text[at] == ']') && depth > 0;
        at++;
        if (depth == 0)
            break;
    }
    return at;
}

static size_t skip_space(const char *text, size_t size, size_t at)
{
    while (at < size && strchr(" \t\r\n", text[at]) && text[at])
        at++;
    return at;
}

size_t result_without(char *text, size_t size, const char *key)
{
    static const char none[] = "null";
    size_t to = 0, length = strlen(key);
    for (size_t at = 0; at < size;) {
        if (text[at] != '"') {
            text[to++] = text[at++];
            continue;
        }
        size_t end = skip_string(text, size, at);
        bool is_key = end - at == length + 2 && memcmp(text + at + 1, key, length) == 0;
        memmove(text + to, text + at, end - at);
        to += end - at;
        size_t value = skip_space(text, size, end);
        at = end;
        if (!is_key || value >= size || text[value] != ':')
            continue;
        value = skip_space(text, size, value + 1);
        if (value >= size || (text[value] != '{' && text[value] != '['))
            continue;
        value = skip_nested(text, size, value);
        if (value - end < sizeof none)
            continue; /* nothing is gained */
        at = value;
        text[to++] = ':';
        memcpy(text + to, none, sizeof none - 1);
        to += sizeof none - 1;
    }
    return to;
}

static char *read_file(const char *path, size_t *size, struct error *error)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t room = 0;
    *size = 0;
    if (!file) {
        error_set(error, "%s: can not be opened: %s", image_short_path(path), strerror(errno));
        return NULL;
    }
    for (;;) {
        if (*size == room) {
            room = room ? 2 * room : 1 << 16;
            char *more = realloc(text, room + 1);
            if (!more)
                break;
            text = more;
        }
        size_t count = fread(text + *size, 1, room - *size, file);
        *size += count;
        if (count == 0)
            break;
    }
    bool is_good = *size < room && !ferror(file);
    fclose(file);
    if (is_good)
        return text;
    free(text);
    error_set(error, "%s: can not be read", image_short_path(path));
    return NULL;
}

static cJSON *load(const char *path, struct error *error)
{
    size_t size;
    char *text = read_file(path, &size, error);
    if (!text)
        return NULL;
    size = result_without(text, size, "shown");
    cJSON *result = cJSON_ParseWithLength(text, size);
    free(text);
    const char *format = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(result, "format"));
    if (format && strcmp(format, RESULT_FORMAT) == 0 &&
        cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(result, "scenarios")))
        return result;
    if (format)
        error_set(error, "%s: not a result of `flashsim test --json`: its format is %.60s, not %s",
                  image_short_path(path), format, RESULT_FORMAT);
    else
        error_set(error, "%s: not a result of `flashsim test --json`", image_short_path(path));
    cJSON_Delete(result);
    return NULL;
}

/* ---- values ---- */

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static const char *text_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(get(object, key));
    return text ? text : "";
}

/* Past 2^53 it is a string. */
static uint64_t number_of(const cJSON *object, const char *key)
{
    const cJSON *value = get(object, key);
    uint64_t number = 0;
    if (cJSON_IsString(value))
        quantity_read_number(value->valuestring, UINT64_MAX, &number);
    else if (cJSON_IsNumber(value) && value->valuedouble >= 0 && value->valuedouble < 0x1p63)
        number = (uint64_t)value->valuedouble;
    return number;
}

static bool is_word(const cJSON *object, const char *key, const char *word)
{
    return strcmp(text_of(object, key), word) == 0;
}

/* ---- a run ---- */

static void write_cut(const cJSON *cut, FILE *out)
{
    char time[QUANTITY_TEXT];
    fprintf(out, "    cut=%s: ", text_of(cut, "cut"));
    if (!is_word(cut, "state", "fired")) {
        fputs("never fired\n", out);
        return;
    }
    fprintf(out, "in boot %" PRIu64 " at %s", number_of(cut, "boot"),
            quantity_write_time(number_of(cut, "t_ps"), time));
    if (get(cut, "op"))
        fprintf(out, ", 0x%08" PRIX64 ", %" PRIu64 " bytes", number_of(cut, "addr"),
                number_of(cut, "size"));
    fputc('\n', out);
}

/* What was not met, as the scenario has it. */
static void write_expectations(const cJSON *scenario, const cJSON *run, FILE *out)
{
    const cJSON *outcome, *expectation = get(scenario, "expectations");
    expectation = expectation ? expectation->child : NULL;
    cJSON_ArrayForEach(outcome, get(run, "outcomes"))
    {
        const char *said = cJSON_GetStringValue(outcome);
        if (expectation && said && strcmp(said, "met") != 0) {
            char *body = cJSON_PrintUnformatted(get(expectation, "expect"));
            fprintf(out, "    %s: %s\n", said, body ? body : text_of(expectation, "name"));
            cJSON_free(body);
        }
        expectation = expectation ? expectation->next : NULL;
    }
}

static void write_list(const char *title, const cJSON *list, FILE *out)
{
    const cJSON *item;
    const char *separator = " ";
    if (!cJSON_GetArraySize(list))
        return;
    fprintf(out, "    %s", title);
    cJSON_ArrayForEach(item, list)
    {
        const char *text = cJSON_GetStringValue(item);
        fprintf(out, "%s%s", separator, text ? text : "");
        separator = ", ";
    }
    fputc('\n', out);
}

static void write_run(const cJSON *scenario, const cJSON *run, unsigned number, FILE *out)
{
    const cJSON *item;
    int count = cJSON_GetArraySize(get(scenario, "runs"));
    fprintf(out, "  run %u of %d: %s\n", number, count, text_of(run, "verdict"));
    cJSON_ArrayForEach(item, get(run, "cuts"))
        write_cut(item, out);
    if (text_of(run, "error")[0])
        fprintf(out, "    %s\n", text_of(run, "error"));
    cJSON_ArrayForEach(item, get(run, "notes"))
        if (cJSON_IsString(item))
            fprintf(out, "    %s\n", item->valuestring);
    write_expectations(scenario, run, out);
    write_list("assumed:", get(run, "assumed"), out);
    write_list("bits without effect here:", get(run, "missing"), out);
    fprintf(out, "    flashsim replay '%s'\n", text_of(run, "replay"));
}

/* ---- the whole ---- */

/* A rule that a run leaned on which is told of here. */
static void mark_rules(const cJSON *run, cJSON *rules)
{
    const cJSON *id;
    cJSON *rule;
    cJSON_ArrayForEach(id, get(run, "assumed"))
        cJSON_ArrayForEach(rule, rules)
            if (cJSON_IsString(id) && is_word(rule, "id", id->valuestring) && !get(rule, "told"))
                cJSON_AddTrueToObject(rule, "told");
}

static void write_rules(const cJSON *rules, FILE *out)
{
    const cJSON *rule;
    bool is_first = true;
    cJSON_ArrayForEach(rule, rules)
    {
        if (!get(rule, "told"))
            continue;
        if (is_first)
            fputs("Assumed, where the manual is silent:\n", out);
        is_first = false;
        fprintf(out, "    %s: %s\n", text_of(rule, "id"), text_of(rule, "text"));
    }
}

static bool is_well(const cJSON *scenario)
{
    return is_word(scenario, "status", "pass");
}

static void write_scenario(const cJSON *scenario, cJSON *rules, FILE *out)
{
    const cJSON *run;
    unsigned number = 0;
    fprintf(out, "%s  %s%s%s\n", text_of(scenario, "status"), text_of(scenario, "path"),
            text_of(scenario, "text")[0] ? ": " : "", text_of(scenario, "text"));
    if (text_of(scenario, "error")[0])
        fprintf(out, "    %s\n", text_of(scenario, "error"));
    if (text_of(scenario, "why")[0])
        fprintf(out, "    %s\n", text_of(scenario, "why"));
    cJSON_ArrayForEach(run, get(scenario, "runs"))
    {
        number++;
        if (is_word(run, "verdict", "pass"))
            continue;
        write_run(scenario, run, number, out);
        mark_rules(run, rules);
    }
}

static void write_sum(const cJSON *sum, FILE *out)
{
    uint64_t known_bad = number_of(sum, "known_bad");
    uint64_t nothing = number_of(sum, "known_inconclusive");
    fprintf(out, "%" PRIu64 " scenario%s: %" PRIu64 " pass", number_of(sum, "scenarios"),
            number_of(sum, "scenarios") == 1 ? "" : "s", number_of(sum, "pass"));
    if (known_bad)
        fprintf(out, " (%" PRIu64 " of them known bad, failing as stated", known_bad);
    if (nothing)
        fprintf(out, "%s%" PRIu64 "%s inconclusive as stated", known_bad ? ", " : " (", nothing,
                known_bad ? "" : " of them");
    if (known_bad || nothing)
        fputc(')', out);
    fprintf(out,
            ", %" PRIu64 " fail, %" PRIu64 " inconclusive, %" PRIu64 " bad input; %" PRIu64
            " run%s\n",
            number_of(sum, "fail"), number_of(sum, "inconclusive"), number_of(sum, "bad_input"),
            number_of(sum, "runs"), number_of(sum, "runs") == 1 ? "" : "s");
}

bool result_explain(const char *path, FILE *out, struct error *error)
{
    cJSON *result = load(path, error);
    const cJSON *scenario;
    if (!result)
        return false;
    cJSON *rules = cJSON_GetObjectItemCaseSensitive(result, "rules");
    cJSON_ArrayForEach(scenario, get(result, "scenarios"))
        if (!is_well(scenario))
            write_scenario(scenario, rules, out);
    write_rules(rules, out);
    write_sum(get(result, "sum"), out);
    cJSON_Delete(result);
    return true;
}
