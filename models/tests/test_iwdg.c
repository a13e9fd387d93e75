/* Tests of iwdg.c. Offsets and keys are the manual's (RM0351 36.4); the LSI runs at 32 kHz. */
#include "models/tests/soc_bench.h"

enum {
    KR = 0x40003000,
    PR = 0x40003004,
    RLR = 0x40003008,
    SR = 0x4000300C,
    WINR = 0x40003010,
};

enum { LSI_START_US = 130 };

static void start(struct soc *soc)
{
    put(soc, KR, 0xCCCC);
    run_us(soc, LSI_START_US);
}

static void configure(struct soc *soc, uint32_t pr, uint32_t rlr)
{
    put(soc, KR, 0x5555);
    put(soc, PR, pr);
    put(soc, RLR, rlr);
    run_us(soc, 157); /* five LSI cycles */
    put(soc, KR, 0xAAAA);
}

static void reset_values_are_the_manuals(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    assert_int_equal(get(soc, KR), 0);
    assert_int_equal(get(soc, PR), 0);
    assert_int_equal(get(soc, RLR), 0xFFF);
    assert_int_equal(get(soc, SR), 0);
    assert_int_equal(get(soc, WINR), 0xFFF);
    soc_destroy(soc);
}

static void it_does_not_run_unless_started(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    run_ms(soc, 60000);

    assert_false(soc->system.reset_requested);
    assert_int_equal(soc->wires.lsi_hz, 0);
    soc_destroy(soc);
}

static void starting_it_turns_the_lsi_on(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    start(soc);

    assert_int_equal(soc->wires.lsi_hz, 32000);
    assert_int_equal(get(soc, 0x40021094) & 3, 2); /* LSIRDY without LSION */
    assert_int_equal(last_event(EVENT_WATCHDOG)->value, 0);
    soc_destroy(soc);
}

static void it_bites_after_512_ms_by_default(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    start(soc);

    run_ns(soc, 511999999);
    assert_false(soc->system.reset_requested);
    run_ns(soc, 1);

    assert_true(soc->system.reset_requested);
    assert_int_equal(soc->system.reset_cause, RESET_IWDG);
    assert_int_equal(last_event(EVENT_WATCHDOG)->value, 2);
    soc_destroy(soc);
}

static void the_longest_time_out_is_32_768_s(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    start(soc);
    configure(soc, 6, 0xFFF);

    run_ns(soc, 32767999999);
    assert_false(soc->system.reset_requested);
    run_ns(soc, 1);

    assert_true(soc->system.reset_requested);
    soc_destroy(soc);
}

static void a_refresh_starts_over(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    start(soc);

    for (unsigned i = 0; i < 10; i++) {
        run_ms(soc, 500);
        put(soc, KR, 0xAAAA);
    }
    run_ns(soc, 511999999);

    assert_false(soc->system.reset_requested);
    assert_int_equal(last_event(EVENT_WATCHDOG)->value, 1);
    run_ns(soc, 1);
    assert_true(soc->system.reset_requested);
    soc_destroy(soc);
}

static void values_need_the_key_and_any_other_key_locks_again(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    start(soc);

    put(soc, RLR, 0x123);
    run_ms(soc, 1);
    assert_int_equal(get(soc, RLR), 0xFFF);
    put(soc, KR, 0x5555);
    put(soc, KR, 0x0000);
    put(soc, RLR, 0x123);
    run_ms(soc, 1);
    assert_int_equal(get(soc, RLR), 0xFFF);
    put(soc, KR, 0x5555);
    put(soc, RLR, 0xFFFFF123);
    run_ms(soc, 1);

    assert_int_equal(get(soc, RLR), 0x123);
    soc_destroy(soc);
}

static void an_update_takes_five_lsi_cycles(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    start(soc);

    put(soc, KR, 0x5555);
    put(soc, PR, 3);
    put(soc, RLR, 99);
    put(soc, WINR, 50);

    assert_int_equal(get(soc, SR), 7);
    run_ns(soc, 156249);
    assert_int_equal(get(soc, SR), 7);
    run_ns(soc, 1);
    assert_int_equal(get(soc, SR), 0);
    assert_int_equal(get(soc, PR), 3);
    soc_destroy(soc);
}

static void a_write_during_its_update_is_lost(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    start(soc);

    put(soc, KR, 0x5555);
    put(soc, RLR, 99);
    put(soc, RLR, 55);
    run_ms(soc, 1);

    assert_int_equal(get(soc, RLR), 99);
    assert_true(is_assumed("L4.iwdg.write_while_updating"));
    soc_destroy(soc);
}

static void configuring_before_the_start_takes_effect_once_the_lsi_runs(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    put(soc, KR, 0x5555);
    put(soc, PR, 1);
    put(soc, RLR, 999);
    put(soc, KR, 0xAAAA);
    run_ms(soc, 10);
    assert_int_equal(get(soc, SR), 3); /* no LSI, no update */
    start(soc);
    run_us(soc, 157);

    assert_int_equal(get(soc, SR), 0);
    run_ms(soc, 249); /* 1000 * 8 / 32000 s = 250 ms from the update on */
    assert_false(soc->system.reset_requested);
    run_ms(soc, 1);
    assert_true(soc->system.reset_requested);
    soc_destroy(soc);
}

static void a_refresh_above_the_window_resets(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    start(soc);
    configure(soc, 0, 999); /* a tick is 125 us */
    put(soc, KR, 0x5555);
    put(soc, WINR, 499);
    run_us(soc, 157); /* the update reloads the counter */

    run_ms(soc, 63);
    put(soc, KR, 0xAAAA);
    assert_false(soc->system.reset_requested);
    run_ms(soc, 62);
    put(soc, KR, 0xAAAA);

    assert_true(soc->system.reset_requested);
    assert_string_equal(last_event(EVENT_WATCHDOG)->rule, "L4.iwdg.window");
    soc_destroy(soc);
}

static void an_option_byte_starts_it_at_every_reset(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    soc->wires.optr &= ~(1u << 16);

    soc_reset(soc, RESET_SYSTEM);
    run_us(soc, LSI_START_US);
    run_ms(soc, 511);
    assert_false(soc->system.reset_requested);
    run_ms(soc, 1);

    assert_true(soc->system.reset_requested);
    soc_destroy(soc);
}

static void any_reset_stops_it(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    start(soc);

    soc_reset(soc, RESET_SYSTEM);
    run_ms(soc, 60000);

    assert_false(soc->system.reset_requested);
    assert_int_equal(soc->wires.lsi_hz, 0);
    soc_destroy(soc);
}

static void a_debugger_freezes_it_only_with_its_bit(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    start(soc);
    soc->wires.is_core_halted = true;

    put(soc, 0xE0042008, 1u << 12);
    run_ms(soc, 5000);
    assert_false(soc->system.reset_requested);
    put(soc, 0xE0042008, 0);
    run_ms(soc, 511);
    assert_false(soc->system.reset_requested);
    run_ms(soc, 1);

    assert_true(soc->system.reset_requested);
    soc_destroy(soc);
}

static void in_stop_mode_it_counts_as_the_option_says(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    start(soc);

    soc->wires.optr &= ~(1u << 17);
    device_signal(&soc->system, WIRE_STOP_MODE, 1);
    run_ms(soc, 5000);
    assert_false(soc->system.reset_requested);
    device_signal(&soc->system, WIRE_STOP_MODE, 0);
    soc->wires.optr |= 1u << 17;
    device_signal(&soc->system, WIRE_STOP_MODE, 1);
    run_ms(soc, 512);

    assert_true(soc->system.reset_requested);
    soc_destroy(soc);
}

static void a_new_prescaler_acts_on_the_running_count(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    start(soc);

    put(soc, KR, 0x5555);
    put(soc, PR, 1);
    run_us(soc, 157);
    run_ms(soc, 1023 - 1); /* 4096 ticks of 250 us, two of which were lost to the update */
    assert_false(soc->system.reset_requested);
    run_ms(soc, 2);

    assert_true(soc->system.reset_requested);
    soc_destroy(soc);
}

static void writing_the_window_reloads(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    start(soc);
    run_ms(soc, 500);

    put(soc, KR, 0x5555);
    put(soc, WINR, 0xFFE);
    run_us(soc, 157);
    run_ms(soc, 511);

    assert_false(soc->system.reset_requested);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reset_values_are_the_manuals),
        cmocka_unit_test(it_does_not_run_unless_started),
        cmocka_unit_test(starting_it_turns_the_lsi_on),
        cmocka_unit_test(it_bites_after_512_ms_by_default),
        cmocka_unit_test(the_longest_time_out_is_32_768_s),
        cmocka_unit_test(a_refresh_starts_over),
        cmocka_unit_test(values_need_the_key_and_any_other_key_locks_again),
        cmocka_unit_test(an_update_takes_five_lsi_cycles),
        cmocka_unit_test(a_write_during_its_update_is_lost),
        cmocka_unit_test(configuring_before_the_start_takes_effect_once_the_lsi_runs),
        cmocka_unit_test(a_refresh_above_the_window_resets),
        cmocka_unit_test(an_option_byte_starts_it_at_every_reset),
        cmocka_unit_test(any_reset_stops_it),
        cmocka_unit_test(a_debugger_freezes_it_only_with_its_bit),
        cmocka_unit_test(in_stop_mode_it_counts_as_the_option_says),
        cmocka_unit_test(a_new_prescaler_acts_on_the_running_count),
        cmocka_unit_test(writing_the_window_reloads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
