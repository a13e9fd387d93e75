/* Tests of rng_unit.c. Offsets and bits are the manual's (RM0351 27.7). */
#include "models/tests/soc_bench.h"

enum { CR = 0x50060800, SR = 0x50060804, DR = 0x50060808 };

static struct soc *clocked(uint64_t seed)
{
    struct soc *soc = power_on("stm32l452re");
    soc->wires.seed = seed;
    set_bits(soc, 0x4002104C, 1u << 18);
    put(soc, 0x40021098, 1); /* HSI48 */
    run_us(soc, 6);
    return soc;
}

static uint32_t draw(struct soc *soc)
{
    run_us(soc, 1);
    assert_int_equal(get(soc, SR), 1);
    return get(soc, DR);
}

static void a_number_comes_every_40_cycles(void **state)
{
    (void)state;
    struct soc *soc = clocked(1);
    assert_int_equal(get(soc, SR), 0);

    put(soc, CR, 4);
    run_ns(soc, 833);
    assert_int_equal(get(soc, SR), 0);
    run_ns(soc, 1);
    assert_int_equal(get(soc, SR), 1);

    assert_int_not_equal(get(soc, DR), 0);
    assert_int_equal(get(soc, SR), 0);
    assert_int_equal(get(soc, DR), 0); /* none left */
    soc_destroy(soc);
}

static void numbers_differ_and_repeat_with_the_seed(void **state)
{
    (void)state;
    uint32_t numbers[3][2];
    for (unsigned run = 0; run < 3; run++) {
        struct soc *soc = clocked(run == 2 ? 99 : 7);
        put(soc, CR, 4);
        numbers[run][0] = draw(soc);
        numbers[run][1] = draw(soc);
        soc_destroy(soc);
    }

    assert_int_not_equal(numbers[0][0], numbers[0][1]);
    assert_memory_equal(numbers[0], numbers[1], sizeof numbers[0]);
    assert_int_not_equal(numbers[0][0], numbers[2][0]);
}

static void without_its_clock_there_is_an_error_and_no_number(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    set_bits(soc, 0x4002104C, 1u << 18);

    put(soc, CR, 4 | 8);
    run_ms(soc, 10);

    assert_int_equal(get(soc, SR), 0x22); /* CEIS, CECS */
    assert_true(irq_pending(soc, 80));
    put(soc, 0x40021098, 1);
    run_ms(soc, 1);
    assert_int_equal(get(soc, SR), 0x21); /* the error is gone, its flag stays */
    put(soc, SR, 0);
    assert_int_equal(get(soc, SR), 0x01);
    soc_destroy(soc);
}

static void drdy_raises_the_interrupt_if_enabled(void **state)
{
    (void)state;
    struct soc *soc = clocked(1);

    put(soc, CR, 4);
    run_us(soc, 1);
    assert_false(irq_pending(soc, 80));
    put(soc, CR, 4 | 8);

    assert_true(irq_pending(soc, 80));
    soc_destroy(soc);
}

static void turning_it_off_takes_the_number_away(void **state)
{
    (void)state;
    struct soc *soc = clocked(1);
    put(soc, CR, 4);
    run_us(soc, 1);

    put(soc, CR, 0);

    assert_int_equal(get(soc, SR), 0);
    soc_destroy(soc);
}

static void ced_exists_on_l4_plus_only(void **state)
{
    (void)state;
    struct soc *small = clocked(1);
    put(small, CR, 0xFFFFFFFF);
    assert_int_equal(get(small, CR), 0x0C);
    soc_destroy(small);

    struct soc *large = power_on("stm32l4r5zi");
    set_bits(large, 0x4002104C, 1u << 18);
    put(large, CR, 0xFFFFFFFF);
    assert_int_equal(get(large, CR), 0x2C);
    assert_int_equal(get(large, SR), 0); /* no clock, but nobody checks */
    soc_destroy(large);
}

static void a_slow_clock_is_an_error_but_numbers_come(void **state)
{
    (void)state;
    struct soc *soc = clocked(1);
    put(soc, 0x40021000, 0x09 | 0xBu << 4);            /* MSI 48 MHz: HCLK / 32 is 1.5 MHz */
    put(soc, 0x4002100C, 0x00600801 | 1u << 20);       /* PLL: 48 MHz * 8 / 8: Q is 48 MHz */
    put(soc, 0x40021000, 0x01000009 | 0xBu << 4);
    run_us(soc, 40);
    put(soc, 0x40021088, 2u << 26);
    put(soc, CR, 4);
    assert_int_equal(get(soc, SR) & 2, 0);

    put(soc, 0x40021000, 0x01000009 | 0x0u << 4);      /* MSI 100 kHz drives the PLL */
    assert_int_equal(get(soc, SR) & 2, 0);             /* HCLK is as slow */
    set_bits(soc, 0x40021000, 1u << 8);
    run_us(soc, 4);
    put(soc, 0x40021008, 1);                           /* HCLK 16 MHz: at least 500 kHz are due */

    assert_int_equal(get(soc, SR) & 0x22, 0x22);
    run_ms(soc, 1);
    assert_int_equal(get(soc, SR) & 1, 1);
    soc_destroy(soc);
}

static void another_boot_draws_other_numbers(void **state)
{
    (void)state;
    struct soc *soc = clocked(7);
    put(soc, CR, 4);
    uint32_t first = draw(soc);

    soc_reset(soc, RESET_SYSTEM);
    set_bits(soc, 0x4002104C, 1u << 18);
    put(soc, 0x40021098, 1);
    run_us(soc, 6);
    put(soc, CR, 4);

    assert_int_not_equal(draw(soc), first);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_comes_every_40_cycles),
        cmocka_unit_test(numbers_differ_and_repeat_with_the_seed),
        cmocka_unit_test(without_its_clock_there_is_an_error_and_no_number),
        cmocka_unit_test(drdy_raises_the_interrupt_if_enabled),
        cmocka_unit_test(turning_it_off_takes_the_number_away),
        cmocka_unit_test(ced_exists_on_l4_plus_only),
        cmocka_unit_test(a_slow_clock_is_an_error_but_numbers_come),
        cmocka_unit_test(another_boot_draws_other_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
