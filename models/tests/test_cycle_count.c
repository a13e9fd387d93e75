/* Cycles from time, without drift. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "models/cycle_count.h"
#include "sim/core/clock.h"

static void a_stopped_clock_counts_nothing(void **state)
{
    (void)state;
    struct cycle_count count = {.cycles = 7};
    assert_int_equal(cycle_count_at(&count, PS_PER_S), 7);
    assert_int_equal(cycle_count_time(&count, 8), CLOCK_NEVER);
}

static void a_cycle_counts_from_the_picosecond_it_begins(void **state)
{
    (void)state;
    struct cycle_count count = {.epoch_ps = 1000, .hz = 48000000}; /* 20833.3 ps */
    assert_int_equal(cycle_count_at(&count, 1000), 0);
    assert_int_equal(cycle_count_at(&count, 1000 + 20832), 0);
    assert_int_equal(cycle_count_at(&count, 1000 + 20833), 1);
    assert_int_equal(cycle_count_at(&count, 1000 + 62499), 2);
    assert_int_equal(cycle_count_at(&count, 1000 + 62500), 3);
    assert_int_equal(cycle_count_at(&count, 0), 0); /* before it began */
}

static void count_and_time_are_each_others_inverse(void **state)
{
    (void)state;
    static const uint32_t clocks[] = {195, 32768, 4000000, 48000000, 23977777, 480000000};
    for (unsigned i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
        struct cycle_count count = {.epoch_ps = 12345, .cycles = 99, .hz = clocks[i]};
        for (uint64_t n = 1; n < UINT64_C(1000000) * clocks[i]; n = n * 3 + 1) {
            uint64_t at_ps = cycle_count_time(&count, 99 + n);
            assert_int_equal(cycle_count_at(&count, at_ps), 99 + n);
            assert_int_equal(cycle_count_at(&count, at_ps - 1), 99 + n - 1);
        }
        assert_int_equal(cycle_count_time(&count, 50), 12345); /* long past */
    }
}

static void a_clock_change_keeps_what_was_counted(void **state)
{
    (void)state;
    struct cycle_count count = {.hz = 4000000};
    cycle_count_set_clock(&count, 10 * PS_PER_US, 80000000);
    assert_int_equal(cycle_count_at(&count, 10 * PS_PER_US), 40);
    assert_int_equal(cycle_count_at(&count, 11 * PS_PER_US), 120);
    cycle_count_set_clock(&count, 11 * PS_PER_US, 0);
    assert_int_equal(cycle_count_at(&count, PS_PER_S), 120);
    cycle_count_set_clock(&count, PS_PER_S, 1000000);
    assert_int_equal(cycle_count_at(&count, PS_PER_S + PS_PER_US), 121);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stopped_clock_counts_nothing),
        cmocka_unit_test(a_cycle_counts_from_the_picosecond_it_begins),
        cmocka_unit_test(count_and_time_are_each_others_inverse),
        cmocka_unit_test(a_clock_change_keeps_what_was_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
