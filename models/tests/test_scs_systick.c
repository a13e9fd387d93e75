/* SysTick against time. Core sheet 5. At 4 MHz a cycle is 250 ns. */
#include "models/tests/scs_bench.h"

#define CTRL 0xE000E010u
#define LOAD 0xE000E014u
#define VAL 0xE000E018u
#define CYCLE_PS 250000u

static void start(struct bench *b, uint32_t load, uint32_t ctrl)
{
    write32(b, LOAD, load);
    write32(b, VAL, 0);
    write32(b, CTRL, ctrl);
}

static void advance_cycles(struct bench *b, uint64_t cycles)
{
    advance_to(b, b->clock.now_ps + cycles * CYCLE_PS);
}

static void registers_read_zero_after_reset_but_for_calib(void **state)
{
    struct bench *b = *state;
    assert_int_equal(read32(b, CTRL), 0);
    assert_int_equal(read32(b, LOAD), 0);
    assert_int_equal(read32(b, VAL), 0);
    assert_int_equal(read32(b, 0xE000E01C), 0x4000270F);
}

static void masks_hold(void **state)
{
    struct bench *b = *state;
    write32(b, CTRL, 0xFFFFFFFE);
    assert_int_equal(read32(b, CTRL), 0x6);
    write32(b, LOAD, 0xFFFFFFFF);
    assert_int_equal(read32(b, LOAD), 0x00FFFFFF);
    write32(b, 0xE000E01C, 0xFFFFFFFF);
    assert_int_equal(read32(b, 0xE000E01C), 0x4000270F);
}

static void the_first_tick_loads_and_the_count_goes_down(void **state)
{
    struct bench *b = *state;
    start(b, 9, 5);
    assert_int_equal(read32(b, VAL), 0);
    advance_cycles(b, 1);
    assert_int_equal(read32(b, VAL), 9);
    advance_cycles(b, 8);
    assert_int_equal(read32(b, VAL), 1);
    assert_int_equal(read32(b, CTRL), 0x5); /* no event yet */
    advance_cycles(b, 1);
    assert_int_equal(read32(b, VAL), 0);
    advance_cycles(b, 1);
    assert_int_equal(read32(b, VAL), 9);
}

static void reaching_zero_sets_countflag_and_reading_ctrl_clears_it(void **state)
{
    struct bench *b = *state;
    start(b, 9, 5);
    advance_cycles(b, 10);
    assert_int_equal(read32(b, CTRL), 0x10005);
    assert_int_equal(read32(b, CTRL), 0x5);
    advance_cycles(b, 9);
    assert_int_equal(read32(b, CTRL), 0x5);
    advance_cycles(b, 1);
    assert_int_equal(read32(b, CTRL), 0x10005);
}

static void a_debugger_read_leaves_countflag(void **state)
{
    struct bench *b = *state;
    start(b, 9, 5);
    advance_cycles(b, 10);
    assert_int_equal(debugger_read32(b, CTRL), 0x10005);
    assert_int_equal(read32(b, CTRL), 0x10005);
}

static void tickint_pends_exactly_at_zero(void **state)
{
    struct bench *b = *state;
    start(b, 9, 7);
    advance_to(b, 10 * CYCLE_PS - 1);
    assert_false(irq_is_pending(&b->irq, 15));
    b->system.needs_attention = false;
    advance_to(b, 10 * CYCLE_PS);
    assert_true(irq_is_pending(&b->irq, 15));
    assert_true(b->system.needs_attention);
    assert_int_equal(read32(b, CTRL), 0x10007);
}

static void without_tickint_nothing_pends_and_no_timer_runs(void **state)
{
    struct bench *b = *state;
    start(b, 9, 5);
    assert_int_equal(b->clock.next_ps, CLOCK_NEVER);
    advance_cycles(b, 1000);
    assert_false(irq_is_pending(&b->irq, 15));
    assert_int_equal(read32(b, CTRL), 0x10005);
}

static void the_period_is_load_plus_one(void **state)
{
    struct bench *b = *state;
    start(b, 9, 7);
    for (unsigned n = 1; n <= 100; n++) {
        uint64_t event_ps = (uint64_t)n * 10 * CYCLE_PS;
        assert_int_equal(b->clock.next_ps, event_ps);
        advance_to(b, event_ps);
        assert_true(irq_is_pending(&b->irq, 15));
        irq_unpend(&b->irq, 15);
    }
}

static void who_polls_ctrl_reads_the_same_until_the_next_event(void **state)
{
    struct bench *b = *state;
    struct access access = {.addr = CTRL, .size = 4, .is_privileged = true};
    start(b, 9, 5);
    assert_int_equal(b->clock.next_ps, CLOCK_NEVER);
    assert_true(bench_access(b, access).is_time_dependent); /* it changes what is planned */
    assert_false(bench_access(b, access).is_time_dependent);

    assert_int_equal(b->clock.next_ps, 10 * CYCLE_PS);
    advance_to(b, 10 * CYCLE_PS - 1);
    assert_int_equal(bench_access(b, access).value, 5);
    advance_to(b, 10 * CYCLE_PS);

    struct access_result flagged = bench_access(b, access);
    assert_int_equal(flagged.value, 0x10005);
    assert_true(flagged.is_time_dependent);
    assert_int_equal(b->clock.next_ps, 20 * CYCLE_PS);
    advance_to(b, 20 * CYCLE_PS);
    assert_int_equal(b->clock.next_ps, CLOCK_NEVER); /* nobody has looked since */
}

static void reads_of_val_depend_on_time(void **state)
{
    struct bench *b = *state;
    struct access access = {.addr = VAL, .size = 4, .is_privileged = true};
    assert_true(bench_access(b, access).is_time_dependent);
    access.addr = LOAD;
    assert_false(bench_access(b, access).is_time_dependent);
}

/* Reads VAL at each of the core's own cycles, whose times are floors of n * 10^12 / hz. */
static void agrees_with_the_core_to_the_cycle(struct bench *b, uint32_t hz, uint64_t epoch_ps)
{
    set_hclk(b, hz);
    advance_to(b, epoch_ps + clock_ps_from_cycles(7, hz));
    start(b, hz / 1000 - 1, 7);
    uint64_t period = hz / 1000;
    for (uint64_t n = 1; n <= 5000; n++) {
        uint64_t core_ps = epoch_ps + clock_ps_from_cycles(7 + n, hz);
        advance_to(b, core_ps);
        assert_int_equal(read32(b, VAL), (period - n % period) % period);
    }
    /* A hundred seconds on, the events still fall on the core's cycle, not one later. */
    uint64_t cycles = UINT64_C(100000) * period;
    uint64_t core_ps = epoch_ps + clock_ps_from_cycles(7 + cycles, hz);
    irq_unpend(&b->irq, 15);
    advance_to(b, core_ps - 2 - clock_ps_from_cycles(1, hz) / 2);
    irq_unpend(&b->irq, 15);
    advance_to(b, core_ps);
    assert_true(irq_is_pending(&b->irq, 15));
    assert_int_equal(read32(b, VAL), 0);
}

static void does_not_drift_at_80_mhz(void **state)
{
    agrees_with_the_core_to_the_cycle(*state, 80000000, 1000003);
}

static void does_not_drift_at_48_mhz(void **state)
{
    agrees_with_the_core_to_the_cycle(*state, 48000000, 777);
}

static void does_not_drift_at_4_mhz(void **state)
{
    agrees_with_the_core_to_the_cycle(*state, 4000000, 0);
}

static void does_not_drift_at_an_odd_frequency(void **state)
{
    agrees_with_the_core_to_the_cycle(*state, 23977777, 12345);
}

static void clksource_0_counts_every_eighth_cycle(void **state)
{
    struct bench *b = *state;
    start(b, 9, 3);
    advance_cycles(b, 7);
    assert_int_equal(read32(b, VAL), 0);
    advance_cycles(b, 1);
    assert_int_equal(read32(b, VAL), 9);
    assert_int_equal(b->clock.next_ps, UINT64_C(80) * CYCLE_PS);
    advance_cycles(b, 72);
    assert_true(irq_is_pending(&b->irq, 15));
}

static void a_write_to_val_clears_it_and_countflag_without_an_event(void **state)
{
    struct bench *b = *state;
    start(b, 9, 7);
    advance_cycles(b, 14);
    irq_unpend(&b->irq, 15);
    write32(b, VAL, 0x1234);
    assert_int_equal(read32(b, VAL), 0);
    assert_int_equal(read32(b, CTRL), 0x7);
    assert_false(irq_is_pending(&b->irq, 15));
    assert_int_equal(b->clock.next_ps, UINT64_C(24) * CYCLE_PS);
}

static void a_new_load_waits_for_the_wrap(void **state)
{
    struct bench *b = *state;
    start(b, 9, 7);
    advance_cycles(b, 4);
    write32(b, LOAD, 99);
    assert_int_equal(read32(b, VAL), 6);
    advance_cycles(b, 6);
    assert_true(irq_is_pending(&b->irq, 15));
    advance_cycles(b, 1);
    assert_int_equal(read32(b, VAL), 99);
    assert_int_equal(b->clock.next_ps, UINT64_C(110) * CYCLE_PS);
}

static void load_0_stops_after_the_current_count(void **state)
{
    struct bench *b = *state;
    start(b, 9, 7);
    advance_cycles(b, 4);
    write32(b, LOAD, 0);
    advance_cycles(b, 6);
    assert_true(irq_is_pending(&b->irq, 15));
    irq_unpend(&b->irq, 15);
    assert_int_equal(read32(b, CTRL), 0x10007);
    advance_cycles(b, 100000);
    assert_int_equal(read32(b, VAL), 0);
    assert_int_equal(read32(b, CTRL), 0x7);
    assert_false(irq_is_pending(&b->irq, 15));
}

static void load_0_never_counts(void **state)
{
    struct bench *b = *state;
    start(b, 0, 7);
    advance_cycles(b, 100000);
    assert_false(irq_is_pending(&b->irq, 15));
    assert_int_equal(read32(b, CTRL), 0x7);
}

static void disabling_keeps_the_count_and_enabling_goes_on(void **state)
{
    struct bench *b = *state;
    start(b, 9, 7);
    advance_cycles(b, 4);
    write32(b, CTRL, 0);
    advance_cycles(b, 1000);
    assert_int_equal(read32(b, VAL), 6);
    assert_false(irq_is_pending(&b->irq, 15));
    write32(b, CTRL, 7);
    advance_cycles(b, 5);
    assert_int_equal(read32(b, VAL), 1);
    assert_false(irq_is_pending(&b->irq, 15));
    advance_cycles(b, 1);
    assert_true(irq_is_pending(&b->irq, 15));
}

static void setting_tickint_late_does_not_pend_for_the_past(void **state)
{
    struct bench *b = *state;
    start(b, 9, 5);
    advance_cycles(b, 15);
    write32(b, CTRL, 7);
    assert_false(irq_is_pending(&b->irq, 15));
    advance_cycles(b, 5);
    assert_true(irq_is_pending(&b->irq, 15));
}

static void a_clock_change_keeps_the_count(void **state)
{
    struct bench *b = *state;
    start(b, 99, 7);
    advance_cycles(b, 50);
    assert_int_equal(read32(b, VAL), 50);
    set_hclk(b, 80000000);
    assert_int_equal(read32(b, VAL), 50);
    uint64_t now_ps = b->clock.now_ps;
    assert_int_equal(b->clock.next_ps, now_ps + UINT64_C(50) * 12500);
    advance_to(b, now_ps + UINT64_C(49) * 12500);
    assert_int_equal(read32(b, VAL), 1);
    set_hclk(b, 4000000);
    assert_int_equal(b->clock.next_ps, b->clock.now_ps + CYCLE_PS);
}

static void a_clock_change_keeps_the_prescaler_phase(void **state)
{
    struct bench *b = *state;
    start(b, 9, 3);
    advance_cycles(b, 8 + 5);
    set_hclk(b, 8000000);
    advance_to(b, b->clock.now_ps + 2 * 125000);
    assert_int_equal(read32(b, VAL), 9);
    advance_to(b, b->clock.now_ps + 125000);
    assert_int_equal(read32(b, VAL), 8);
}

static void stands_while_the_debugger_halts_the_core(void **state)
{
    struct bench *b = *state;
    start(b, 9, 7);
    advance_cycles(b, 4);
    set_halted(b, true);
    assert_int_equal(b->clock.next_ps, CLOCK_NEVER);
    advance_cycles(b, 1000);
    assert_int_equal(read32(b, VAL), 6);
    set_halted(b, false);
    advance_cycles(b, 5);
    assert_false(irq_is_pending(&b->irq, 15));
    advance_cycles(b, 1);
    assert_true(irq_is_pending(&b->irq, 15));
}

static void stands_in_stop_mode(void **state)
{
    struct bench *b = *state;
    start(b, 9, 7);
    advance_cycles(b, 4);
    device_signal(&b->system, WIRE_STOP_MODE, 1);
    advance_cycles(b, 1000);
    assert_int_equal(read32(b, VAL), 6);
    device_signal(&b->system, WIRE_STOP_MODE, 0);
    advance_cycles(b, 6);
    assert_true(irq_is_pending(&b->irq, 15));
}

static void goes_on_in_stop_mode_under_dbg_stop(void **state)
{
    struct bench *b = *state;
    b->wires.debug_low_power = 2;
    start(b, 9, 7);
    advance_cycles(b, 4);
    device_signal(&b->system, WIRE_STOP_MODE, 1);
    advance_cycles(b, 6);
    assert_true(irq_is_pending(&b->irq, 15));
}

static void a_reset_stops_it(void **state)
{
    struct bench *b = *state;
    start(b, 9, 7);
    advance_cycles(b, 4);
    bench_reset(b, RESET_SYSTEM);
    assert_int_equal(read32(b, CTRL), 0);
    assert_int_equal(read32(b, LOAD), 0);
    assert_int_equal(read32(b, VAL), 0);
    assert_int_equal(b->clock.next_ps, CLOCK_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(registers_read_zero_after_reset_but_for_calib),
        BENCH_TEST(masks_hold),
        BENCH_TEST(the_first_tick_loads_and_the_count_goes_down),
        BENCH_TEST(reaching_zero_sets_countflag_and_reading_ctrl_clears_it),
        BENCH_TEST(a_debugger_read_leaves_countflag),
        BENCH_TEST(tickint_pends_exactly_at_zero),
        BENCH_TEST(without_tickint_nothing_pends_and_no_timer_runs),
        BENCH_TEST(the_period_is_load_plus_one),
        BENCH_TEST(who_polls_ctrl_reads_the_same_until_the_next_event),
        BENCH_TEST(reads_of_val_depend_on_time),
        BENCH_TEST(does_not_drift_at_80_mhz),
        BENCH_TEST(does_not_drift_at_48_mhz),
        BENCH_TEST(does_not_drift_at_4_mhz),
        BENCH_TEST(does_not_drift_at_an_odd_frequency),
        BENCH_TEST(clksource_0_counts_every_eighth_cycle),
        BENCH_TEST(a_write_to_val_clears_it_and_countflag_without_an_event),
        BENCH_TEST(a_new_load_waits_for_the_wrap),
        BENCH_TEST(load_0_stops_after_the_current_count),
        BENCH_TEST(load_0_never_counts),
        BENCH_TEST(disabling_keeps_the_count_and_enabling_goes_on),
        BENCH_TEST(setting_tickint_late_does_not_pend_for_the_past),
        BENCH_TEST(a_clock_change_keeps_the_count),
        BENCH_TEST(a_clock_change_keeps_the_prescaler_phase),
        BENCH_TEST(stands_while_the_debugger_halts_the_core),
        BENCH_TEST(stands_in_stop_mode),
        BENCH_TEST(goes_on_in_stop_mode_under_dbg_stop),
        BENCH_TEST(a_reset_stops_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
