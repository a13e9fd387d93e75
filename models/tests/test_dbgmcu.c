/* Tests of dbgmcu.c. Identity codes: L4 sheet 1.2; offsets RM0351 48.16. */
#include "models/tests/soc_bench.h"

#define IDCODE 0xE0042000u
#define CR 0xE0042004u
#define FZR1 0xE0042008u
#define FZR2 0xE004200Cu
#define APB2FZ 0xE0042010u

static void every_chip_says_which_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *chip;
        uint32_t dev_id;
    } rows[] = {{"stm32l432kc", 0x435}, {"stm32l452re", 0x462}, {"stm32l476rg", 0x415},
                {"stm32l496zg", 0x461}, {"stm32l4r5zi", 0x470}};
    for (unsigned i = 0; i < 5; i++) {
        struct soc *soc = power_on(rows[i].chip);

        assert_int_equal(get(soc, IDCODE) & 0xFFF, rows[i].dev_id);
        put(soc, IDCODE, 0);
        assert_int_not_equal(get(soc, IDCODE), 0);
        soc_destroy(soc);
    }
}

static void freeze_bits_are_the_chips_and_go_out(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    for (uint32_t addr = CR; addr <= APB2FZ; addr += 4)
        put(soc, addr, 0xFFFFFFFF);

    assert_int_equal(get(soc, CR), 0xE7);
    assert_int_equal(get(soc, FZR1), 0x82E01C13);
    assert_int_equal(get(soc, FZR2), 0x22);
    assert_int_equal(get(soc, APB2FZ), 0x30800);
    assert_int_equal(soc->wires.freeze_apb1_1, 0x82E01C13);
    assert_int_equal(soc->wires.freeze_apb1_2, 0x22);
    assert_int_equal(soc->wires.freeze_apb2, 0x30800);
    assert_int_equal(soc->wires.debug_low_power, 7);
    soc_destroy(soc);
}

static void only_a_power_on_resets_them(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    put(soc, FZR1, 0x1800);

    soc_reset(soc, RESET_SYSTEM);
    assert_int_equal(get(soc, FZR1), 0x1800);
    soc_power_cut(soc);
    soc_reset(soc, RESET_POWER_ON);

    assert_int_equal(get(soc, FZR1), 0);
    assert_int_equal(soc->wires.freeze_apb1_1, 0);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_chip_says_which_it_is),
        cmocka_unit_test(freeze_bits_are_the_chips_and_go_out),
        cmocka_unit_test(only_a_power_on_resets_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
