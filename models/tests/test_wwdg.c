/* Tests of wwdg.c. Offsets and bits are the manual's (RM0351 37.5). PCLK1 is 4 MHz: a tick of
 * the slowest prescaler but one, 4096 cycles, is 1.024 ms. */
#include "models/tests/soc_bench.h"

enum { CR = 0x40002C00, CFR = 0x40002C04, SR = 0x40002C08, TICK_NS = 1024000 };

static struct soc *clocked(void)
{
    struct soc *soc = power_on("stm32l452re");
    set_bits(soc, 0x40021058, 1u << 11);
    return soc;
}

static void reset_values_are_the_manuals(void **state)
{
    (void)state;
    struct soc *soc = clocked();

    assert_int_equal(get(soc, CR), 0x7F);
    assert_int_equal(get(soc, CFR), 0x7F);
    assert_int_equal(get(soc, SR), 0);
    put(soc, CFR, 0xFFFFFFFF);
    assert_int_equal(get(soc, CFR), 0x3FF);
    soc_destroy(soc);
}

static void it_resets_when_t6_falls(void **state)
{
    (void)state;
    struct soc *soc = clocked();

    put(soc, CR, 0xFF);
    run_ns(soc, 64u * TICK_NS - 1);
    assert_false(soc->system.reset_requested);
    assert_int_equal(get(soc, CR), 0xC0);
    run_ns(soc, 1);

    assert_true(soc->system.reset_requested);
    assert_int_equal(soc->system.reset_cause, RESET_WWDG);
    assert_int_equal(last_event(EVENT_WATCHDOG)->value, 2);
    soc_destroy(soc);
}

static void the_prescaler_stretches_the_time_out(void **state)
{
    (void)state;
    struct soc *soc = clocked();
    put(soc, CFR, 0x7F | 3u << 7);

    put(soc, CR, 0xC0);
    run_ns(soc, 8u * TICK_NS - 1);
    assert_false(soc->system.reset_requested);
    run_ns(soc, 1);

    assert_true(soc->system.reset_requested);
    soc_destroy(soc);
}

static void the_counter_reads_back_counting(void **state)
{
    (void)state;
    struct soc *soc = clocked();

    put(soc, CR, 0xFF);
    run_ns(soc, 10 * TICK_NS + 1);

    struct access_result result = load(soc, CR, 4);
    assert_int_equal(result.value, 0xFF - 10);
    assert_true(result.is_time_dependent);
    soc_destroy(soc);
}

static void a_refresh_above_the_window_resets(void **state)
{
    (void)state;
    struct soc *soc = clocked();
    put(soc, CFR, 0x60);
    put(soc, CR, 0xFF);

    run_ns(soc, 31u * TICK_NS + 1); /* T = 0x60 */
    put(soc, CR, 0xFF);
    assert_false(soc->system.reset_requested);
    run_ns(soc, 30u * TICK_NS + 1); /* T = 0x61 */
    put(soc, CR, 0xFF);

    assert_true(soc->system.reset_requested);
    assert_string_equal(last_event(EVENT_WATCHDOG)->rule, "L4.wwdg.window");
    soc_destroy(soc);
}

static void clearing_t6_resets_at_once(void **state)
{
    (void)state;
    struct soc *soc = clocked();

    put(soc, CR, 0xBF);

    assert_true(soc->system.reset_requested);
    soc_destroy(soc);
}

static void wdga_and_ewi_can_not_be_cleared(void **state)
{
    (void)state;
    struct soc *soc = clocked();
    put(soc, CFR, 0x27F);
    put(soc, CR, 0xFF);

    put(soc, CFR, 0x7F);
    put(soc, CR, 0x7F);

    assert_int_equal(get(soc, CFR), 0x27F);
    assert_int_equal(get(soc, CR), 0xFF);
    soc_destroy(soc);
}

static void the_early_wakeup_comes_one_tick_before_the_reset(void **state)
{
    (void)state;
    struct soc *soc = clocked();
    put(soc, CFR, 0x27F);
    put(soc, CR, 0xFF);

    run_ns(soc, 63u * TICK_NS - 1);
    assert_false(irq_pending(soc, 0));
    run_ns(soc, 1);

    assert_true(irq_pending(soc, 0));
    assert_int_equal(get(soc, SR), 1);
    put(soc, SR, 1);
    assert_int_equal(get(soc, SR), 1);
    put(soc, SR, 0);
    assert_int_equal(get(soc, SR), 0);
    soc_destroy(soc);
}

static void a_faster_bus_clock_shortens_what_is_left(void **state)
{
    (void)state;
    struct soc *soc = clocked();
    put(soc, CR, 0xFF);
    run_ns(soc, 32u * TICK_NS);

    put(soc, 0x40021000, 0x09 | 8u << 4); /* MSI 16 MHz */
    run_ns(soc, 8u * TICK_NS - 1);
    assert_false(soc->system.reset_requested);
    run_ns(soc, 1);

    assert_true(soc->system.reset_requested);
    soc_destroy(soc);
}

static void a_debugger_freezes_it_only_with_its_bit(void **state)
{
    (void)state;
    struct soc *soc = clocked();
    put(soc, CR, 0xFF);
    soc->wires.is_core_halted = true;

    put(soc, 0xE0042008, 1u << 11);
    run_ms(soc, 1000);
    assert_false(soc->system.reset_requested);
    assert_int_equal(get(soc, CR), 0xFF);
    put(soc, 0xE0042008, 0);
    run_ns(soc, 64u * TICK_NS);

    assert_true(soc->system.reset_requested);
    soc_destroy(soc);
}

static void an_option_byte_starts_it(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    soc->wires.optr &= ~(1u << 19);

    soc_reset(soc, RESET_SYSTEM);
    run_ns(soc, 64u * TICK_NS - 1);
    assert_false(soc->system.reset_requested);
    run_ns(soc, 1);

    assert_true(soc->system.reset_requested);
    soc_destroy(soc);
}

static void a_new_prescaler_acts_on_the_running_count(void **state)
{
    (void)state;
    struct soc *soc = clocked();
    put(soc, CR, 0xFF);
    run_ns(soc, 54u * TICK_NS); /* ten ticks left */

    put(soc, CFR, 0x7F | 1u << 7);
    run_ns(soc, 20u * TICK_NS - 1);
    assert_false(soc->system.reset_requested);
    run_ns(soc, 1);

    assert_true(soc->system.reset_requested);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reset_values_are_the_manuals),
        cmocka_unit_test(it_resets_when_t6_falls),
        cmocka_unit_test(the_prescaler_stretches_the_time_out),
        cmocka_unit_test(the_counter_reads_back_counting),
        cmocka_unit_test(a_refresh_above_the_window_resets),
        cmocka_unit_test(clearing_t6_resets_at_once),
        cmocka_unit_test(wdga_and_ewi_can_not_be_cleared),
        cmocka_unit_test(the_early_wakeup_comes_one_tick_before_the_reset),
        cmocka_unit_test(a_faster_bus_clock_shortens_what_is_left),
        cmocka_unit_test(a_debugger_freezes_it_only_with_its_bit),
        cmocka_unit_test(an_option_byte_starts_it),
        cmocka_unit_test(a_new_prescaler_acts_on_the_running_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
