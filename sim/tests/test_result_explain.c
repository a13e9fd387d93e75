/* What is told of a result, also of one that is large, damaged or none. */
#include "sim/result_explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_without(const char *text, const char *wanted)
{
    /* Of its own size, so that a read past its end is noticed. */
    size_t size = strlen(text);
    char *copy = malloc(size + 1);
    assert_non_null(copy);
    memcpy(copy, text, size);

    size_t left = result_without(copy, size, "shown");

    assert_int_equal(left, strlen(wanted));
    assert_memory_equal(copy, wanted, left);
    free(copy);
}

static void members_with_the_key_become_null(void **state)
{
    (void)state;
    assert_without("{\"a\":1,\"shown\":\t{\"b\":[1,{}]},\"c\":2}", "{\"a\":1,\"shown\":null,\"c\":2}");
    assert_without("[{\"shown\" : [1,2,3]},{\"shown\":[4,5,6]}]", "[{\"shown\":null},{\"shown\":null}]");
    assert_without("{\"shown\":{\"x\":\"}\\\"}\"},\"d\":1}", "{\"shown\":null,\"d\":1}");
}

static void everything_else_stays(void **state)
{
    (void)state;
    assert_without("{\"text\":\"shown\",\"shown\":12345,\"shown2\":{\"a\":1}}",
                   "{\"text\":\"shown\",\"shown\":12345,\"shown2\":{\"a\":1}}");
    assert_without("[\"shown\",{\"a\":\"\\\"shown\\\":{}\"}]", "[\"shown\",{\"a\":\"\\\"shown\\\":{}\"}]");
    assert_without("{\"shown\":{},\"b\":1}", "{\"shown\":{},\"b\":1}");
    assert_without("", "");
}

/* Cut short at any byte: nothing is read past the end, and nothing is added. */
static void half_a_text_is_read_to_its_end(void **state)
{
    (void)state;
    static const char text[] = "{\"a\\\"\":1,\"shown\":\t{\"b\":[1,\"}\\\\\",{}]},\"c\":\"shown\"}";
    for (size_t size = 0; size < sizeof text; size++) {
        char *copy = malloc(size + 1);
        assert_non_null(copy);
        memcpy(copy, text, size);
        char *exact = realloc(copy, size ? size : 1);
        assert_non_null(exact);
        assert_true(result_without(exact, size, "shown") <= size);
        free(exact);
    }
}

/* Returns what is said; the caller frees it. */
static char *explain(const char *text, bool is_good, struct error *error)
{
    char path[] = "/tmp/flashsim-result-XXXXXX";
    char *said = NULL;
    size_t size = 0;
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    FILE *file = fdopen(descriptor, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    FILE *out = open_memstream(&said, &size);
    assert_non_null(out);
    assert_int_equal(result_explain(path, out, error), is_good);
    fclose(out);
    remove(path);
    return said;
}

static void each_failure_is_told_with_its_rules(void **state)
{
    (void)state;
    struct error error = {""};
    char *said = explain(
        "{\"format\":\"flashsim test 2\",\"sum\":{\"scenarios\":2,\"pass\":1,\"known_bad\":1,"
        "\"known_inconclusive\":2,\"fail\":1,\"runs\":3},"
        "\"rules\":[{\"id\":\"A.b\",\"text\":\"what A.b is\"},{\"id\":\"C.d\",\"text\":\"what C.d is\"}],"
        "\"scenarios\":[{\"path\":\"good.json\",\"status\":\"pass\",\"runs\":[{\"verdict\":\"pass\"}]},"
        "{\"path\":\"bad.json\",\"status\":\"fail\",\"text\":\"1 of 2 runs fail\",\"why\":\"because\","
        "\"expectations\":[{\"name\":\"x\",\"expect\":{\"boots\":1}},{\"name\":\"y\",\"expect\":{\"exit\":0}}],"
        "\"runs\":[{\"verdict\":\"pass\",\"replay\":\"r1\"},{\"verdict\":\"fail\",\"replay\":\"r2\","
        "\"outcomes\":[\"met\",\"violated\"],\"notes\":[\"exit: none\"],\"assumed\":[\"A.b\"],"
        "\"cuts\":[{\"cut\":\"1@erase.mid\",\"state\":\"fired\",\"boot\":1,\"t_ps\":\"9007199254740993000\","
        "\"op\":7,\"addr\":134217728,\"size\":2048},{\"cut\":\"2@erase.mid\",\"state\":\"waiting\"}],"
        "\"shown\":{\"events\":[{\"seq\":0}]}}]}]}",
        true, &error);

    assert_string_equal(said, "fail  bad.json: 1 of 2 runs fail\n"
                              "    because\n"
                              "  run 2 of 2: fail\n"
                              "    cut=1@erase.mid: in boot 1 at 9007199.254740993 s, 0x08000000, 2048 bytes\n"
                              "    cut=2@erase.mid: never fired\n"
                              "    exit: none\n"
                              "    violated: {\"exit\":0}\n"
                              "    assumed: A.b\n"
                              "    flashsim replay 'r2'\n"
                              "Assumed, where the manual is silent:\n"
                              "    A.b: what A.b is\n"
                              "2 scenarios: 1 pass (1 of them known bad, failing as stated, 2 inconclusive as stated), "
                              "1 fail, 0 inconclusive, 0 bad input; 3 runs\n");
    free(said);
}

static void damage_is_no_crash(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"format\":\"flashsim test 2\",\"scenarios\":[1,null,{},{\"status\":5,\"runs\":7},{\"runs\":[1,{}]}]}",
        "{\"format\":\"flashsim test 2\",\"rules\":5,\"scenarios\":[{\"status\":\"fail\",\"expectations\":5,"
        "\"runs\":[{\"outcomes\":[\"violated\",7],\"notes\":[7],\"cuts\":[7],\"assumed\":[7]}]}]}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct error error = {""};
        char *said = explain(texts[i], true, &error);
        assert_non_null(strstr(said, "0 scenarios"));
        free(said);
    }
}

static void another_file_is_refused_by_name(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"", "not a result of `flashsim test --json`"},
        {"{", "not a result of `flashsim test --json`"},
        {"[]", "not a result of `flashsim test --json`"},
        {"{\"format\":\"flashsim test 1\",\"scenarios\":[]}", "its format is flashsim test 1"},
        {"{\"format\":\"flashsim test 2\"}", "not a result"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct error error = {""};
        char *said = explain(texts[i][0], false, &error);
        assert_string_equal(said, "");
        assert_non_null(strstr(error.text, texts[i][1]));
        free(said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_with_the_key_become_null),
        cmocka_unit_test(everything_else_stays),
        cmocka_unit_test(half_a_text_is_read_to_its_end),
        cmocka_unit_test(each_failure_is_told_with_its_rules),
        cmocka_unit_test(damage_is_no_crash),
        cmocka_unit_test(another_file_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
