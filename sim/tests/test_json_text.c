/* What json_text.c promises. */
#include "sim/json_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

static void assert_parses(struct json_text *json, const char *text)
{
    struct error error = {""};
    if (!json_text_parse(json, "a.json", text, strlen(text), &error))
        fail_msg("%s", error.text);
}

static void assert_refused(const char *text, const char *place, const char *reason)
{
    struct json_text json;
    struct error error = {""};
    char start[64];
    if (json_text_parse(&json, "a.json", text, strlen(text), &error))
        fail_msg("accepted: %s", text);
    snprintf(start, sizeof start, "a.json:%s: ", place);
    if (strncmp(error.text, start, strlen(start)) != 0 || !strstr(error.text, reason))
        fail_msg("\"%s\" is not at %s or lacks \"%s\"", error.text, place, reason);
    assert_null(strchr(error.text, '\n'));
}

static void each_value_has_the_place_where_it_begins(void **state)
{
    (void)state;
    struct json_text json;
    assert_parses(&json, "{ \"a\": [1, {\"b\": true}],\n\t\"\xC3\xA4\xC3\xB6\": \"x\",  \"c\": null }\n");

    const cJSON *a = cJSON_GetObjectItem(json.root, "a");
    const cJSON *b = cJSON_GetObjectItem(cJSON_GetArrayItem(a, 1), "b");
    const cJSON *umlauts = cJSON_GetObjectItemCaseSensitive(json.root, "\xC3\xA4\xC3\xB6");
    const cJSON *c = cJSON_GetObjectItem(json.root, "c");
    struct json_place place = json_text_place(&json, json.root);
    assert_int_equal(place.line, 1);
    assert_int_equal(place.column, 1);
    place = json_text_place(&json, a);
    assert_int_equal(place.column, 8);
    assert_int_equal(place.key_column, 3);
    place = json_text_place(&json, b);
    assert_int_equal(place.column, 18);
    assert_int_equal(place.key_column, 13);
    place = json_text_place(&json, umlauts);
    assert_int_equal(place.line, 2);
    assert_int_equal(place.key_column, 2);
    assert_int_equal(place.column, 8);
    place = json_text_place(&json, c);
    assert_int_equal(place.column, 19);
    json_text_free(&json);
}

static void the_index_and_cjson_agree_on_order(void **state)
{
    (void)state;
    struct json_text json;
    assert_parses(&json, "[[],[[]],{\"k\":{\"l\":[0]}},\"\\u20ac\",-0.5e+3]");
    assert_int_equal(json.count, 10);
    assert_int_equal(json_text_place(&json, cJSON_GetArrayItem(json.root, 4)).column, 35);
    json_text_free(&json);
}

static void broken_json_is_refused_with_its_place(void **state)
{
    (void)state;
    assert_refused("", "1:1", "empty or cut off");
    assert_refused("{\"a\": 1", "1:8", "a comma or }");
    assert_refused("{\"a\": 1,}", "1:9", "a comma before }");
    assert_refused("[1,]", "1:4", "a comma before ]");
    assert_refused("{\"a\" 1}", "1:6", "a colon");
    assert_refused("{a: 1}", "1:2", "a key in quotes");
    assert_refused("{\n  \"a\": nul }", "2:8", "not a JSON value");
    assert_refused("{} {}", "1:4", "follows the end");
    assert_refused("\xEF\xBB\xBF{}", "1:1", "byte order mark");
    assert_refused("// no\n{}", "1:1", "not a JSON value");
}

static void duplicate_keys_are_refused(void **state)
{
    (void)state;
    assert_refused("{\"a\": 1,\n \"b\": 2, \"a\": 3}", "2:10", "twice");
    assert_refused("{\"a\": 1, \"\\u0061\": 3}", "1:10", "an escape in a key");
    struct json_text json;
    assert_parses(&json, "{\"a\": {\"a\": 1}, \"A\": 2}");
    json_text_free(&json);
}

static void numbers_that_json_does_not_know_are_refused(void **state)
{
    (void)state;
    assert_refused("[0x10]", "1:2", "decimal");
    assert_refused("[01]", "1:2", "leading zeros");
    assert_refused("[+1]", "1:2", "not a JSON value");
    assert_refused("[.5]", "1:2", "not a JSON value");
    assert_refused("[1.]", "1:4", "decimal point");
    assert_refused("[1e]", "1:4", "exponent");
    assert_refused("[-]", "1:2", "not a number");
    assert_refused("[NaN]", "1:2", "not a JSON value");
    assert_refused("[1e999]", "1:2", "too large");
    assert_refused("[9007199254740993]", "1:2", "write it as a string");
    struct json_text json;
    assert_parses(&json, "[9007199254740992, -0, 1.5e-3, 0]");
    json_text_free(&json);
}

static void strings_must_be_whole_and_utf8(void **state)
{
    (void)state;
    assert_refused("[\"abc", "1:2", "closing quote");
    assert_refused("[\"a\nb\"]", "1:4", "control character");
    assert_refused("[\"\\x\"]", "1:3", "no such escape");
    assert_refused("[\"\\u12\"]", "1:3", "hexadecimal digits");
    assert_refused("[\"\\u0000\"]", "1:3", "zero");
    assert_refused("[\"\\ud800\"]", "1:3", "surrogate");
    assert_refused("[\"\\udc00\"]", "1:3", "surrogate");
    assert_refused("[\"\xC0\x80\"]", "1:3", "UTF-8");
    assert_refused("[\"\xED\xA0\x80\"]", "1:3", "UTF-8");
    assert_refused("[\"\xF4\x90\x80\x80\"]", "1:3", "UTF-8");
    assert_refused("[\"\xE2\x82\"]", "1:3", "UTF-8");
    struct json_text json;
    assert_parses(&json, "[\"\\ud83d\\ude00 \xF0\x9F\x98\x80\"]");
    json_text_free(&json);
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    char text[2 * (JSON_TEXT_DEPTH_MAX + 1) + 1] = "";
    memset(text, '[', JSON_TEXT_DEPTH_MAX + 1);
    memset(text + JSON_TEXT_DEPTH_MAX + 1, ']', JSON_TEXT_DEPTH_MAX + 1);
    assert_refused(text, "1:65", "nested too deep");
    struct json_text json;
    memset(text, '[', JSON_TEXT_DEPTH_MAX);
    memset(text + JSON_TEXT_DEPTH_MAX, ']', JSON_TEXT_DEPTH_MAX);
    text[2 * JSON_TEXT_DEPTH_MAX] = '\0';
    assert_parses(&json, text);
    json_text_free(&json);
}

static void unknown_keys_are_refused_at_the_key(void **state)
{
    (void)state;
    static const char *const keys[] = {"chip", "seed", NULL};
    struct json_text json;
    struct error error = {""};
    assert_parses(&json, "{\"chip\": \"x\",\n  \"sede\": 1}");
    assert_false(json_text_check_keys(&json, json.root, keys, &error));
    assert_string_equal(error.text, "a.json:2:3: no such key: \"sede\"; known here: chip, seed");
    json_text_free(&json);
}

static void readers_refuse_wrong_types_and_ranges(void **state)
{
    (void)state;
    struct json_text json;
    struct error error = {""};
    uint64_t value = 5;
    const char *text = "unchanged";
    bool flag = true;
    assert_parses(&json, "{\"n\": 70, \"f\": 1.5, \"s\": \"0xFFFFFFFFFFFFFFFF\", \"t\": \"abc\"}");
    assert_false(json_text_get_integer(&json, json.root, "n", JSON_REQUIRED, 0, 69, &value, &error));
    assert_string_equal(error.text, "a.json:1:7: \"n\" must be an integer from 0 to 69");
    assert_false(json_text_get_integer(&json, json.root, "f", JSON_REQUIRED, 0, 69, &value, &error));
    assert_false(json_text_get_integer(&json, json.root, "t", JSON_REQUIRED, 0, 69, &value, &error));
    assert_false(json_text_get_string(&json, json.root, "n", JSON_REQUIRED, &text, &error));
    assert_false(json_text_get_bool(&json, json.root, "n", JSON_REQUIRED, &flag, &error));
    assert_false(json_text_get_string(&json, json.root, "missing", JSON_REQUIRED, &text, &error));
    assert_string_equal(error.text, "a.json:1:1: \"missing\" is missing in this object");
    assert_int_equal(value, 5);
    assert_true(json_text_get_string(&json, json.root, "missing", JSON_OPTIONAL, &text, &error));
    assert_string_equal(text, "unchanged");
    assert_true(json_text_get_integer(&json, json.root, "s", JSON_REQUIRED, 0, UINT64_MAX, &value,
                                      &error));
    assert_true(value == UINT64_MAX);
    json_text_free(&json);
}

/* Quadratic work would take hours here. */
static void a_long_line_takes_time_in_proportion(void **state)
{
    (void)state;
    enum { COUNT = 200000, EACH = 40 };
    struct json_text json;
    char *text = malloc((size_t)COUNT * EACH + 1);
    assert_non_null(text);
    for (size_t i = 0; i < COUNT; i++) /* the last comma becomes the bracket */
        memcpy(text + i * EACH, "\"......\xC3\xA4.............................\",", EACH);
    text[0] = '[';
    text[1] = '"';
    text[COUNT * EACH - 1] = ']';
    text[COUNT * EACH] = '\0';

    clock_t start = clock();
    assert_parses(&json, text);

    assert_true(clock() - start < 20 * CLOCKS_PER_SEC);
    const cJSON *value = json.root->child;
    while (value->next)
        value = value->next;
    assert_int_equal(json_text_place(&json, value).column, (COUNT - 1) * (EACH - 1) + 1);
    json_text_free(&json);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_has_the_place_where_it_begins),
        cmocka_unit_test(the_index_and_cjson_agree_on_order),
        cmocka_unit_test(a_long_line_takes_time_in_proportion),
        cmocka_unit_test(broken_json_is_refused_with_its_place),
        cmocka_unit_test(duplicate_keys_are_refused),
        cmocka_unit_test(numbers_that_json_does_not_know_are_refused),
        cmocka_unit_test(strings_must_be_whole_and_utf8),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(unknown_keys_are_refused_at_the_key),
        cmocka_unit_test(readers_refuse_wrong_types_and_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
