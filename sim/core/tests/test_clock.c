/* Virtual time and its timers. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "sim/core/clock.h"
#include "sim/core/rng.h"

enum { LOG_MAX = 256 };

struct log {
    struct clock clock;
    unsigned count;
    unsigned timer[LOG_MAX];
    uint64_t at_ps[LOG_MAX];
    unsigned chain; /* timer 1 schedules itself so many times more, 10 ps later each */
};

static void note(void *context, unsigned timer)
{
    struct log *log = context;
    assert_true(log->count < LOG_MAX);
    assert_false(clock_is_scheduled(&log->clock, timer));
    log->timer[log->count] = timer;
    log->at_ps[log->count++] = log->clock.now_ps;
    if (timer == 1 && log->chain) {
        log->chain--;
        clock_schedule(&log->clock, 1, log->clock.now_ps + 10);
    }
}

static struct log fresh(void)
{
    struct log log = {0};
    clock_init(&log.clock);
    return log;
}

static void advance(struct log *log, uint64_t to_ps)
{
    clock_advance(&log->clock, to_ps, note, log);
}

static void a_timer_is_due_at_its_time_and_not_before(void **state)
{
    (void)state;
    struct log log = fresh();
    clock_schedule(&log.clock, 5, 1000);
    assert_int_equal(log.clock.next_ps, 1000);
    advance(&log, 999);
    assert_int_equal(log.count, 0);
    assert_true(clock_is_scheduled(&log.clock, 5));
    advance(&log, 1000);
    assert_int_equal(log.count, 1);
    assert_int_equal(log.at_ps[0], 1000);
    assert_false(clock_is_scheduled(&log.clock, 5));
    assert_int_equal(log.clock.next_ps, CLOCK_NEVER);
}

static void timers_run_in_order_of_time_then_number(void **state)
{
    (void)state;
    struct log log = fresh();
    clock_schedule(&log.clock, 9, 50);
    clock_schedule(&log.clock, 127, 20);
    clock_schedule(&log.clock, 3, 50);
    clock_schedule(&log.clock, 0, 60);
    advance(&log, 100);
    static const unsigned order[] = {127, 3, 9, 0};
    static const uint64_t times[] = {20, 50, 50, 60};
    assert_int_equal(log.count, 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(log.timer[i], order[i]);
        assert_int_equal(log.at_ps[i], times[i]);
    }
    assert_int_equal(log.clock.now_ps, 100);
}

static void a_timer_scheduled_by_a_timer_runs_in_the_same_advance(void **state)
{
    (void)state;
    struct log log = fresh();
    log.chain = 3;
    clock_schedule(&log.clock, 1, 10);
    clock_schedule(&log.clock, 0, 30);
    advance(&log, 35);
    static const unsigned order[] = {1, 1, 0, 1};
    assert_int_equal(log.count, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(log.timer[i], order[i]);
    assert_int_equal(log.clock.next_ps, 40);
}

static void moving_and_cancelling_keep_the_earliest_right(void **state)
{
    (void)state;
    struct log log = fresh();
    clock_schedule(&log.clock, 1, 100);
    clock_schedule(&log.clock, 2, 200);
    clock_schedule(&log.clock, 1, 300);
    assert_int_equal(log.clock.next_ps, 200);
    clock_schedule(&log.clock, 1, 150);
    assert_int_equal(log.clock.next_ps, 150);
    clock_cancel(&log.clock, 1);
    assert_int_equal(log.clock.next_ps, 200);
    clock_cancel(&log.clock, 1);
    clock_schedule(&log.clock, 2, CLOCK_NEVER);
    assert_int_equal(log.clock.next_ps, CLOCK_NEVER);
    assert_false(clock_is_scheduled(&log.clock, 2));
    advance(&log, 1000);
    assert_int_equal(log.count, 0);
}

static void a_time_in_the_past_counts_as_now(void **state)
{
    (void)state;
    struct log log = fresh();
    advance(&log, 500);
    clock_schedule(&log.clock, 4, 100);
    assert_int_equal(log.clock.next_ps, 500);
    advance(&log, 500);
    assert_int_equal(log.at_ps[0], 500);
}

static void time_never_goes_back(void **state)
{
    (void)state;
    struct log log = fresh();
    advance(&log, 500);
    advance(&log, 400);
    assert_int_equal(log.clock.now_ps, 500);
    advance(&log, CLOCK_NEVER); /* no end, and nothing to run: stays */
    assert_int_equal(log.clock.now_ps, 500);
}

static void the_earliest_is_right_after_any_sequence(void **state)
{
    (void)state;
    struct log log = fresh();
    for (uint64_t step = 0; step < 5000; step++) {
        uint64_t draw = rng_hash(1, step, 0, 0);
        unsigned timer = draw >> 8 & 15;
        if (draw & 3)
            clock_schedule(&log.clock, timer, log.clock.now_ps + (draw >> 16 & 0xFF));
        else
            clock_cancel(&log.clock, timer);
        if ((draw & 0xF0) == 0) {
            log.count = 0;
            advance(&log, log.clock.now_ps + (draw >> 32 & 0x3F));
            for (unsigned i = 1; i < log.count; i++)
                assert_true(log.at_ps[i - 1] <= log.at_ps[i]);
        }
        uint64_t earliest = CLOCK_NEVER;
        for (unsigned i = 0; i < CLOCK_TIMER_MAX; i++)
            if (log.clock.deadline_ps[i] < earliest)
                earliest = log.clock.deadline_ps[i];
        assert_int_equal(log.clock.next_ps, earliest);
        assert_true(earliest >= log.clock.now_ps);
    }
}

static void cycles_to_picoseconds_rounds_down(void **state)
{
    (void)state;
    assert_int_equal(clock_ps_from_cycles(0, 80000000), 0);
    assert_int_equal(clock_ps_from_cycles(1, 80000000), 12500);
    assert_int_equal(clock_ps_from_cycles(1, 48000000), 20833);
    assert_int_equal(clock_ps_from_cycles(3, 48000000), 62500);
    assert_int_equal(clock_ps_from_cycles(48000000, 48000000), PS_PER_S);
    /* past 64 bits in between: 80 MHz for 100 days */
    assert_int_equal(clock_ps_from_cycles(UINT64_C(691200000000000), 80000000),
                     UINT64_C(8640000) * PS_PER_S);
    /* the border between the two ways to compute it */
    for (uint64_t n = 18446743; n < 18446747; n++)
        assert_int_equal(clock_ps_from_cycles(n, 1000000), n * 1000000);
}

static void cycles_to_reach_is_the_first_cycle_at_or_after_a_time(void **state)
{
    (void)state;
    static const uint64_t clocks[] = {32768, 4000000, 48000000, 80000000, 23977777, 480000000};
    for (unsigned i = 0; i < sizeof clocks / sizeof clocks[0]; i++)
        for (uint64_t step = 0; step < 2000; step++) {
            uint64_t ps = rng_hash(2, i, step, 0) >> (step % 50 + 4);
            uint64_t cycles = clock_cycles_to_reach(ps, clocks[i]);
            assert_true(clock_ps_from_cycles(cycles, clocks[i]) >= ps);
            if (cycles)
                assert_true(clock_ps_from_cycles(cycles - 1, clocks[i]) < ps);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_timer_is_due_at_its_time_and_not_before),
        cmocka_unit_test(timers_run_in_order_of_time_then_number),
        cmocka_unit_test(a_timer_scheduled_by_a_timer_runs_in_the_same_advance),
        cmocka_unit_test(moving_and_cancelling_keep_the_earliest_right),
        cmocka_unit_test(a_time_in_the_past_counts_as_now),
        cmocka_unit_test(time_never_goes_back),
        cmocka_unit_test(the_earliest_is_right_after_any_sequence),
        cmocka_unit_test(cycles_to_picoseconds_rounds_down),
        cmocka_unit_test(cycles_to_reach_is_the_first_cycle_at_or_after_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
