/* What quantity.c promises. */
#include "sim/quantity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_duration(const char *text, uint64_t wanted_ps)
{
    uint64_t ps = 0;
    if (!quantity_read_duration(text, &ps))
        fail_msg("\"%s\" is refused", text);
    assert_int_equal(ps, wanted_ps);
}

static void assert_no_duration(const char *text)
{
    uint64_t ps = 7;
    if (quantity_read_duration(text, &ps))
        fail_msg("\"%s\" is accepted", text);
    assert_int_equal(ps, 7);
}

static void durations_are_exact_in_picoseconds(void **state)
{
    (void)state;
    assert_duration("2s", UINT64_C(2000000000000));
    assert_duration("10ms", UINT64_C(10000000000));
    assert_duration("500us", 500000000);
    assert_duration("20ns", 20000);
    assert_duration("1.5ms", UINT64_C(1500000000));
    assert_duration("0.000000000001s", 1);
    assert_duration("0.1s", UINT64_C(100000000000));
    assert_duration("8640000s", UINT64_C(8640000000000000000));
}

static void what_is_no_duration_is_refused(void **state)
{
    (void)state;
    const char *const wrong[] = {"", "2", "s", "2 s", "-2s", "+2s", "2m", "2sec", "1e3s", "0s", "0.0ms",
                                 "1.s", ".5s", "1.2.3s", "0.0000000000001s", "8640001s",
                                 "99999999999999999999999s", "2s ", "0x10s", "1,5s"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_no_duration(wrong[i]);
}

static void numbers_are_decimal_or_hexadecimal_up_to_their_limit(void **state)
{
    (void)state;
    uint64_t value = 0;
    assert_true(quantity_read_number("0x08004000", UINT32_MAX, &value));
    assert_int_equal(value, 0x08004000);
    assert_true(quantity_read_number("18446744073709551615", UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
    assert_true(quantity_read_number("010", 10, &value));
    assert_int_equal(value, 10);
    const char *const wrong[] = {"", "0x", "x", "-1", "+1", " 1", "1 ", "0xG", "08a", "4294967296",
                                 "0x100000000", "99999999999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (quantity_read_number(wrong[i], UINT32_MAX, &value))
            fail_msg("\"%s\" is accepted", wrong[i]);
    assert_false(quantity_read_number("18446744073709551616", UINT64_MAX, &value));
}

static void times_are_written_to_the_nanosecond(void **state)
{
    (void)state;
    char text[QUANTITY_TEXT];
    assert_string_equal(quantity_write_time(UINT64_C(22020041999), text), "0.022020041 s");
    assert_string_equal(quantity_write_time(UINT64_MAX, text), "18446744.073709551 s");
}

static void what_is_wrong_with_a_duration_is_told_apart(void **state)
{
    (void)state;
    assert_int_equal(quantity_check_duration("8640000s"), QUANTITY_GOOD);
    assert_int_equal(quantity_check_duration("8640000.000000000001s"), QUANTITY_TOO_LARGE);
    assert_int_equal(quantity_check_duration("99999999999999999999999999ns"), QUANTITY_TOO_LARGE);
    assert_int_equal(quantity_check_duration("99999999999999999999999999xs"), QUANTITY_MALFORMED);
    assert_int_equal(quantity_check_duration("9999999999999999.9.9s"), QUANTITY_MALFORMED);
    assert_int_equal(quantity_check_duration("0.000ms"), QUANTITY_ZERO);
    assert_int_equal(quantity_check_duration("0.0001ns"), QUANTITY_TOO_FINE);
    assert_string_equal(quantity_duration_flaw("8640001s"), "too long: at most 8640000s, 100 days");
    assert_non_null(strstr(quantity_duration_flaw("2x"), "not a duration"));
}

static void a_number_too_large_is_still_a_number(void **state)
{
    (void)state;
    uint64_t value = 7;
    assert_false(quantity_read_number("0xFFFFFFFFFFFFFFFFFF", UINT64_MAX, &value));
    assert_true(quantity_is_number("0xFFFFFFFFFFFFFFFFFF"));
    assert_false(quantity_read_number("11", 10, &value));
    assert_true(quantity_is_number("11"));
    assert_false(quantity_is_number("99999999999999999999999x"));
    assert_false(quantity_is_number("-1"));
    assert_false(quantity_is_number(""));
    assert_int_equal(value, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_with_a_duration_is_told_apart),
        cmocka_unit_test(a_number_too_large_is_still_a_number),
        cmocka_unit_test(durations_are_exact_in_picoseconds),
        cmocka_unit_test(what_is_no_duration_is_refused),
        cmocka_unit_test(numbers_are_decimal_or_hexadecimal_up_to_their_limit),
        cmocka_unit_test(times_are_written_to_the_nanosecond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
