/* Tests of ecc72.c: the properties that L4 sheet 4.2 and 8.12 rest on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/ecc72.h"
#include "sim/core/rng.h"

static void flip(uint64_t *data, uint8_t *ecc, unsigned cell)
{
    if (cell < 64)
        *data ^= UINT64_C(1) << cell;
    else
        *ecc = (uint8_t)(*ecc ^ 1u << (cell - 64));
}

static void zero_has_zero_check_bits(void **state)
{
    (void)state;
    assert_int_equal(ecc72_encode(0), 0);
}

static void all_ones_is_not_what_a_virgin_doubleword_holds(void **state)
{
    (void)state;
    assert_int_not_equal(ecc72_encode(UINT64_MAX), 0xFF);
}

static void the_code_is_linear(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t a = rng_hash(1, i, 0, 0);
        uint64_t b = rng_hash(2, i, 0, 0);
        assert_int_equal(ecc72_encode(a ^ b), ecc72_encode(a) ^ ecc72_encode(b));
    }
}

static void every_single_error_is_found(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 20; i++) {
        for (unsigned cell = 0; cell < 72; cell++) {
            uint64_t data = rng_hash(3, i, 0, 0);
            uint8_t ecc = ecc72_encode(data);
            flip(&data, &ecc, cell);
            assert_int_equal(ecc72_wrong_cell(data, ecc), (int)cell);
        }
    }
}

static void every_double_error_is_detected_and_none_miscorrected(void **state)
{
    (void)state;
    for (unsigned one = 0; one < 72; one++) {
        for (unsigned two = one + 1; two < 72; two++) {
            uint64_t data = rng_hash(4, one, two, 0);
            uint8_t ecc = ecc72_encode(data);
            flip(&data, &ecc, one);
            flip(&data, &ecc, two);
            assert_int_equal(ecc72_wrong_cell(data, ecc), ECC72_UNCORRECTABLE);
        }
    }
}

static void a_whole_word_is_clean(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t data = rng_hash(5, i, 0, 0);
        assert_int_equal(ecc72_wrong_cell(data, ecc72_encode(data)), ECC72_CLEAN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_has_zero_check_bits),
        cmocka_unit_test(all_ones_is_not_what_a_virgin_doubleword_holds),
        cmocka_unit_test(the_code_is_linear),
        cmocka_unit_test(every_single_error_is_found),
        cmocka_unit_test(every_double_error_is_detected_and_none_miscorrected),
        cmocka_unit_test(a_whole_word_is_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
