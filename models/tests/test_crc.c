/* Tests of crc.c. Check values are those of the CRC catalogue (Williams, "A painless guide") for
 * the text 123456789; RM0351 15.4. */
#include "models/tests/soc_bench.h"

enum {
    DR = 0x40023000,
    IDR = 0x40023004,
    CR = 0x40023008,
    INIT = 0x40023010,
    POL = 0x40023014,
};

static struct soc *clocked(const char *chip)
{
    struct soc *soc = power_on(chip);
    set_bits(soc, 0x40021048, 1u << 12);
    return soc;
}

static void feed(struct soc *soc, const char *text)
{
    for (; *text; text++)
        store(soc, DR, 1, (uint8_t)*text);
}

static void reset_values_are_the_manuals(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    assert_int_equal(get(soc, DR), 0xFFFFFFFF);
    assert_int_equal(get(soc, IDR), 0);
    assert_int_equal(get(soc, CR), 0);
    assert_int_equal(get(soc, INIT), 0xFFFFFFFF);
    assert_int_equal(get(soc, POL), 0x04C11DB7);
    soc_destroy(soc);
}

static void a_write_to_init_starts_over_from_it(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");
    put(soc, CR, 1u << 3);
    put(soc, POL, 0x1021);
    put(soc, DR, 0x12345678);

    put(soc, INIT, 0x5ABE);

    assert_int_equal(get(soc, DR), 0x5ABE);
    soc_destroy(soc);
}

static void words_go_in_most_significant_bit_first(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    put(soc, DR, 0x31323334);
    put(soc, DR, 0x35363738);
    store(soc, DR, 1, 0x39);

    assert_int_equal(get(soc, DR), 0x0376E6E7); /* CRC-32/MPEG-2 */
    soc_destroy(soc);
}

static void a_single_word_gives_the_known_value(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    put(soc, DR, 0x00000000);

    assert_int_equal(get(soc, DR), 0xC704DD7B);
    soc_destroy(soc);
}

static void with_both_reversals_it_is_the_ethernet_crc(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");
    put(soc, CR, 0xA0);

    feed(soc, "123456789");

    assert_int_equal(get(soc, DR) ^ 0xFFFFFFFF, 0xCBF43926);
    soc_destroy(soc);
}

static void word_reversal_equals_byte_reversal_of_swapped_words(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    put(soc, CR, 0x80 | 3u << 5 | 1);
    put(soc, DR, 0x34333231); /* little-endian "1234" */
    uint32_t by_words = get(soc, DR);
    put(soc, CR, 0x80 | 1u << 5 | 1);
    feed(soc, "1234");

    assert_int_equal(get(soc, DR), by_words);
    soc_destroy(soc);
}

static void half_words_and_their_reversal_work(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    put(soc, CR, 0x80 | 2u << 5 | 1);
    store(soc, DR, 2, 0x3231);
    store(soc, DR, 2, 0x3433);
    uint32_t by_half_words = get(soc, DR);
    put(soc, CR, 0x80 | 1u << 5 | 1);
    feed(soc, "1234");

    assert_int_equal(get(soc, DR), by_half_words);
    soc_destroy(soc);
}

static void sixteen_eight_and_seven_bit_polynomials_work(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    put(soc, POL, 0x1021);
    put(soc, INIT, 0xFFFF);
    put(soc, CR, 1u << 3 | 1);
    feed(soc, "123456789");
    assert_int_equal(get(soc, DR), 0x29B1); /* CRC-16/CCITT-FALSE */
    put(soc, POL, 0x8005);
    put(soc, CR, 1u << 3 | 0xA0 | 1);
    feed(soc, "123456789");
    assert_int_equal(get(soc, DR), 0x4B37); /* CRC-16/MODBUS */
    put(soc, POL, 0x07);
    put(soc, INIT, 0x00);
    put(soc, CR, 2u << 3 | 1);
    feed(soc, "123456789");
    assert_int_equal(get(soc, DR), 0xF4); /* CRC-8 */
    put(soc, POL, 0x09);
    put(soc, CR, 3u << 3 | 1);
    feed(soc, "123456789");

    assert_int_equal(get(soc, DR), 0x75); /* CRC-7/MMC */
    soc_destroy(soc);
}

static void reset_loads_the_initial_value_and_falls_by_itself(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");
    put(soc, INIT, 0x12345678);
    put(soc, DR, 1);

    put(soc, CR, 1);

    assert_int_equal(get(soc, CR), 0);
    assert_int_equal(get(soc, DR), 0x12345678);
    soc_destroy(soc);
}

static void idr_holds_8_bits_and_on_l4_plus_32(void **state)
{
    (void)state;
    struct soc *small = clocked("stm32l452re");
    put(small, IDR, 0xDEADBEEF);
    assert_int_equal(get(small, IDR), 0xEF);
    soc_destroy(small);

    struct soc *large = clocked("stm32l4r5zi");
    put(large, IDR, 0xDEADBEEF);
    assert_int_equal(get(large, IDR), 0xDEADBEEF);
    soc_destroy(large);
}

static void a_reversal_wider_than_the_data_reverses_the_data(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");
    put(soc, CR, 0x80 | 3u << 5);

    feed(soc, "123456789");

    assert_int_equal(get(soc, DR) ^ 0xFFFFFFFF, 0xCBF43926);
    soc_destroy(soc);
}

static void a_smaller_polynomial_cuts_the_remainder(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    put(soc, CR, 1u << 3 | 1);

    assert_int_equal(get(soc, DR), 0xFFFF);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reset_values_are_the_manuals),
        cmocka_unit_test(a_write_to_init_starts_over_from_it),
        cmocka_unit_test(words_go_in_most_significant_bit_first),
        cmocka_unit_test(a_single_word_gives_the_known_value),
        cmocka_unit_test(with_both_reversals_it_is_the_ethernet_crc),
        cmocka_unit_test(word_reversal_equals_byte_reversal_of_swapped_words),
        cmocka_unit_test(half_words_and_their_reversal_work),
        cmocka_unit_test(sixteen_eight_and_seven_bit_polynomials_work),
        cmocka_unit_test(reset_loads_the_initial_value_and_falls_by_itself),
        cmocka_unit_test(idr_holds_8_bits_and_on_l4_plus_32),
        cmocka_unit_test(a_reversal_wider_than_the_data_reverses_the_data),
        cmocka_unit_test(a_smaller_polynomial_cuts_the_remainder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
