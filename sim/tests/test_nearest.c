/* What nearest.c promises. */
#include "sim/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {"chip", "board", "image", "images", "seed", "off_time", NULL};

static void a_typo_finds_its_name(void **state)
{
    (void)state;
    assert_string_equal(nearest_name("chp", names), "chip");
    assert_string_equal(nearest_name("cihp", names), "chip");
    assert_string_equal(nearest_name("boardd", names), "board");
    assert_string_equal(nearest_name("imges", names), "images");
    assert_string_equal(nearest_name("offtime", names), "off_time");
}

static void another_word_finds_nothing(void **state)
{
    (void)state;
    assert_null(nearest_name("expectation", names));
    assert_null(nearest_name("xyz", names));
    assert_null(nearest_name("", names));
}

static void a_very_long_word_finds_nothing(void **state)
{
    (void)state;
    char word[4096];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    assert_null(nearest_name(word, names));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_typo_finds_its_name),
        cmocka_unit_test(another_word_finds_nothing),
        cmocka_unit_test(a_very_long_word_finds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
