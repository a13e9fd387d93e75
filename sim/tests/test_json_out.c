/* What is written as JSON can be read again, whatever it holds. */
#include "sim/json_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char written[4096];

static FILE *open_text(void)
{
    memset(written, 0, sizeof written);
    FILE *stream = fmemopen(written, sizeof written, "w");
    assert_non_null(stream);
    return stream;
}

static void lines_and_what_stands_in_one(void **state)
{
    (void)state;
    FILE *stream = open_text();
    struct json_out json;

    json_out_start(&json, stream, 1);
    json_out_object(&json, NULL, JSON_OUT_LINES);
    json_out_string(&json, "a", "b");
    json_out_array(&json, "list", JSON_OUT_LINES);
    json_out_object(&json, NULL, JSON_OUT_LINE);
    json_out_bool(&json, "yes", true);
    json_out_array(&json, "in", JSON_OUT_LINES);
    json_out_number(&json, NULL, 1);
    json_out_number(&json, NULL, 2);
    json_out_end(&json);
    json_out_end(&json);
    json_out_end(&json);
    json_out_array(&json, "none", JSON_OUT_LINES);
    json_out_end(&json);
    json_out_end(&json);
    fclose(stream);

    assert_string_equal(written, "{\n\t\t\"a\":\t\"b\",\n\t\t\"list\":\t[\n\t\t\t{\"yes\": true, \"in\": "
                                 "[1, 2]}\n\t\t],\n\t\t\"none\":\t[]\n\t}");
}

static void assert_text(const char *bytes, size_t size, const char *wanted)
{
    FILE *stream = open_text();
    struct json_out json;
    json_out_start(&json, stream, 0);
    json_out_bytes(&json, NULL, bytes, size);
    fclose(stream);
    assert_string_equal(written, wanted);
}

static void texts_are_escaped(void **state)
{
    (void)state;
    assert_text("a\"b\\c\n\t\r\b\f", 10, "\"a\\\"b\\\\c\\n\\t\\r\\b\\f\"");
    assert_text("\0\x01\x1B\x7F", 4, "\"\\u0000\\u0001\\u001b\\u007f\"");
    assert_text("</script>", 9, "\"</script>\"");
}

static void what_is_not_utf_8_is_replaced(void **state)
{
    (void)state;
    assert_text("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x94\xA5", 9, "\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x94\xA5\"");
    assert_text("\xFFz", 2, "\"\xEF\xBF\xBDz\"");
    assert_text("\xC3", 1, "\"\xEF\xBF\xBD\"");                                     /* cut short */
    assert_text("\xC0\xAF", 2, "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");                     /* overlong */
    assert_text("\xE0\x80\xAF", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");     /* overlong */
    assert_text("\xED\xA0\x80", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");     /* surrogate */
    assert_text("\xF4\x90\x80\x80", 4, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

static void numbers_past_2_to_the_53_are_strings(void **state)
{
    (void)state;
    FILE *stream = open_text();
    struct json_out json;

    json_out_start(&json, stream, 0);
    json_out_array(&json, NULL, JSON_OUT_LINE);
    json_out_number(&json, NULL, 9007199254740992);
    json_out_number(&json, NULL, 9007199254740993);
    json_out_number(&json, NULL, UINT64_MAX);
    json_out_end(&json);
    fclose(stream);

    assert_string_equal(written, "[9007199254740992, \"9007199254740993\", \"18446744073709551615\"]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_what_stands_in_one),
        cmocka_unit_test(texts_are_escaped),
        cmocka_unit_test(what_is_not_utf_8_is_replaced),
        cmocka_unit_test(numbers_past_2_to_the_53_are_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
