/* Tests of lptim.c. Offsets and bits are the manual's (RM0351 34.7). On the LSI a cycle is 31.25 us. */
#include "models/tests/soc_bench.h"

enum {
    LPTIM1 = 0x40007C00,
    ISR = LPTIM1 + 0x00,
    ICR = LPTIM1 + 0x04,
    IER = LPTIM1 + 0x08,
    CFGR = LPTIM1 + 0x0C,
    CR = LPTIM1 + 0x10,
    CMP = LPTIM1 + 0x14,
    ARR = LPTIM1 + 0x18,
    CNT = LPTIM1 + 0x1C,
};

static struct soc *on_lsi(void)
{
    struct soc *soc = power_on("stm32l476rg");
    put(soc, 0x40021094, 1);
    run_us(soc, 130);
    set_bits(soc, 0x40021088, 1u << 18);
    set_bits(soc, 0x40021058, 1u << 31);
    return soc;
}

static void set_value(struct soc *soc, uint32_t addr, uint32_t value)
{
    put(soc, addr, value);
    run_us(soc, 94); /* three cycles */
}

static void reset_values_are_the_manuals(void **state)
{
    (void)state;
    struct soc *soc = on_lsi();

    assert_int_equal(get(soc, ISR), 0);
    assert_int_equal(get(soc, IER), 0);
    assert_int_equal(get(soc, CFGR), 0);
    assert_int_equal(get(soc, CR), 0);
    assert_int_equal(get(soc, CMP), 0);
    assert_int_equal(get(soc, ARR), 1);
    assert_int_equal(get(soc, CNT), 0);
    soc_destroy(soc);
}

static void reserved_bits_hold(void **state)
{
    (void)state;
    struct soc *soc = on_lsi();

    put(soc, CFGR, 0xFFFFFFFF);
    put(soc, IER, 0xFFFFFFFF);

    assert_int_equal(get(soc, CFGR), 0x01FEEEDF);
    assert_int_equal(get(soc, IER), 0x7F);
    assert_int_equal(last_event(EVENT_REG_UNIMPLEMENTED)->value, 0x01CE0001);
    soc_destroy(soc);
}

static void compare_and_reload_values_take_three_cycles_to_get_over(void **state)
{
    (void)state;
    struct soc *soc = on_lsi();
    put(soc, CR, 1);

    put(soc, CMP, 100);
    put(soc, ARR, 999);
    run_us(soc, 93);
    assert_int_equal(get(soc, ISR), 0);
    run_us(soc, 1);

    assert_int_equal(get(soc, ISR), 0x18);
    put(soc, ICR, 0x18);
    assert_int_equal(get(soc, ISR), 0);
    soc_destroy(soc);
}

static void without_a_clock_they_never_do(void **state)
{
    (void)state;
    struct soc *soc = on_lsi();
    put(soc, 0x40021094, 0); /* LSI off */
    put(soc, CR, 1);

    put(soc, CMP, 0); /* the value it has: a handover all the same */
    run_ms(soc, 1000);
    assert_int_equal(get(soc, ISR), 0);
    put(soc, 0x40021094, 1);
    run_us(soc, 130 + 94);

    assert_int_equal(get(soc, ISR), 0x08);
    soc_destroy(soc);
}

static void it_counts_to_arr_over_and_over(void **state)
{
    (void)state;
    struct soc *soc = on_lsi();
    put(soc, IER, 2);
    put(soc, CR, 1);
    set_value(soc, ARR, 31999);
    put(soc, ICR, 0x7F);

    put(soc, CR, 5);
    run_ns(soc, 999968749);
    assert_int_equal(get(soc, ISR), 0);
    run_ns(soc, 1); /* CNT becomes 31999 */
    assert_int_equal(get(soc, ISR), 2);
    assert_int_equal(get(soc, CNT), 31999);
    assert_true(irq_pending(soc, 65));
    put(soc, ICR, 2);
    run_ms(soc, 999);
    assert_int_equal(get(soc, ISR), 1); /* CMP = 0 matched when CNT wrapped */
    run_ms(soc, 1);

    assert_int_equal(get(soc, ISR), 3);
    soc_destroy(soc);
}

static void compare_matches_once_a_lap(void **state)
{
    (void)state;
    struct soc *soc = on_lsi();
    put(soc, CR, 1);
    set_value(soc, ARR, 31999);
    set_value(soc, CMP, 16000);
    put(soc, ICR, 0x7F);

    put(soc, CR, 5);
    run_ms(soc, 499);
    assert_int_equal(get(soc, ISR), 0);
    run_ms(soc, 1);
    assert_int_equal(get(soc, ISR), 1);
    put(soc, ICR, 1);
    run_ms(soc, 499);
    assert_int_equal(get(soc, ISR) & 1, 0);
    run_ms(soc, 501);

    assert_int_equal(get(soc, ISR) & 1, 1);
    soc_destroy(soc);
}

static void a_compare_value_that_has_passed_matches_when_it_arrives(void **state)
{
    (void)state;
    struct soc *soc = on_lsi();
    put(soc, CR, 1);
    set_value(soc, ARR, 0xFFFF);
    put(soc, CR, 5);
    run_ms(soc, 100);
    put(soc, ICR, 0x7F);

    put(soc, CMP, 10);
    run_us(soc, 94);
    assert_int_equal(get(soc, ISR), 0x08);
    run_us(soc, 32);

    assert_int_equal(get(soc, ISR), 0x09);
    assert_true(is_assumed("L4.lptim.compare_already_passed"));
    soc_destroy(soc);
}

static void a_single_start_stops_at_arr(void **state)
{
    (void)state;
    struct soc *soc = on_lsi();
    put(soc, CR, 1);
    set_value(soc, ARR, 319);
    put(soc, ICR, 0x7F);

    put(soc, CR, 3);
    run_ms(soc, 10);
    assert_int_equal(get(soc, ISR), 2);
    put(soc, ICR, 2);
    run_ms(soc, 100);

    assert_int_equal(get(soc, ISR), 0);
    assert_int_equal(get(soc, CNT), 0);
    soc_destroy(soc);
}

static void the_prescaler_divides(void **state)
{
    (void)state;
    struct soc *soc = on_lsi();
    put(soc, CFGR, 5u << 9); /* / 32: 1 kHz */
    put(soc, CR, 1);
    set_value(soc, ARR, 0xFFFF);

    put(soc, CR, 5);
    run_ms(soc, 1234);

    struct access_result result = load(soc, CNT, 4);
    assert_int_equal(result.value, 1234);
    assert_true(result.is_time_dependent);
    soc_destroy(soc);
}

static void registers_are_locked_as_the_manual_says(void **state)
{
    (void)state;
    struct soc *soc = on_lsi();

    put(soc, ARR, 99);
    assert_int_equal(get(soc, ARR), 1);
    put(soc, CR, 5); /* enabled only now: no start */
    put(soc, CFGR, 1u << 9);
    run_ms(soc, 10);

    assert_int_equal(get(soc, CFGR), 0);
    assert_int_equal(get(soc, CNT), 0);
    assert_true(is_assumed("L4.lptim.value_while_disabled"));
    assert_true(is_assumed("L4.lptim.cfgr_while_enabled"));
    put(soc, IER, 2);
    assert_int_equal(get(soc, IER), 2);
    assert_true(is_assumed("L4.lptim.ier_while_enabled"));
    soc_destroy(soc);
}

static void disabling_resets_the_counter(void **state)
{
    (void)state;
    struct soc *soc = on_lsi();
    put(soc, CR, 1);
    set_value(soc, ARR, 0xFFFF);
    put(soc, CR, 5);
    run_ms(soc, 10);
    assert_int_equal(get(soc, CNT), 320);

    put(soc, CR, 0);
    run_ms(soc, 10);

    assert_int_equal(get(soc, CNT), 0);
    soc_destroy(soc);
}

static void a_debugger_freezes_it_only_with_its_bit(void **state)
{
    (void)state;
    struct soc *soc = on_lsi();
    put(soc, CR, 1);
    set_value(soc, ARR, 0xFFFF);
    put(soc, CR, 5);
    soc->wires.is_core_halted = true;

    put(soc, 0xE0042008, 1u << 31);
    run_ms(soc, 10);
    assert_int_equal(get(soc, CNT), 0);
    put(soc, 0xE0042008, 0);
    run_ms(soc, 10);

    assert_int_equal(get(soc, CNT), 320);
    soc_destroy(soc);
}

static void both_timers_follow_their_clock_select(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    assert_int_equal(soc->wires.lptim_hz[0], 4000000);
    set_bits(soc, 0x40021000, 1u << 8);
    run_us(soc, 4);
    put(soc, 0x40021088, 2u << 20);

    assert_int_equal(soc->wires.lptim_hz[0], 4000000);
    assert_int_equal(soc->wires.lptim_hz[1], 16000000);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reset_values_are_the_manuals),
        cmocka_unit_test(reserved_bits_hold),
        cmocka_unit_test(compare_and_reload_values_take_three_cycles_to_get_over),
        cmocka_unit_test(without_a_clock_they_never_do),
        cmocka_unit_test(it_counts_to_arr_over_and_over),
        cmocka_unit_test(compare_matches_once_a_lap),
        cmocka_unit_test(a_compare_value_that_has_passed_matches_when_it_arrives),
        cmocka_unit_test(a_single_start_stops_at_arr),
        cmocka_unit_test(the_prescaler_divides),
        cmocka_unit_test(registers_are_locked_as_the_manual_says),
        cmocka_unit_test(disabling_resets_the_counter),
        cmocka_unit_test(a_debugger_freezes_it_only_with_its_bit),
        cmocka_unit_test(both_timers_follow_their_clock_select),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
