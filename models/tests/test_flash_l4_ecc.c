/* Tests of flash_l4_read.c: ECC as L4 sheet 8 has it. */
#include "models/tests/flash_fixture.h"

enum { TARGET = MAIN + 0x1008, UNIT = 0x1008 / 8, BANK2 = MAIN + 0x80000 };
#define DATA UINT64_C(0x1122334455667788)

static struct soc *ready(const char *chip)
{
    struct soc *soc = power_on_flash(chip);
    unlock(soc);
    program(soc, TARGET, DATA);
    return soc;
}

static void flip(struct soc *soc, uint32_t unit, uint64_t bits)
{
    flash_array_flip(soc->cells, unit, (struct flash_cells){.data = {bits}});
    soc_flash_publish(soc);
}

static void a_corrected_bit_sets_eccc_and_the_address(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    flip(soc, UNIT, 1);

    uint64_t value = read64(soc, TARGET);

    assert_true(value == DATA);
    assert_int_equal(read32(soc, ECCR), ECCC | 0x1008);
    assert_false(nmi_is_high(soc));
    assert_int_equal(count_events(EVENT_FLASH_ECC_CORRECTED), 1);
    soc_destroy(soc);
}

static void a_corrected_read_does_not_rewrite_the_array(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    flip(soc, UNIT, 1);
    read32(soc, TARGET);
    write32(soc, ECCR, ECCC);

    read32(soc, TARGET);

    assert_int_equal(read32(soc, ECCR), ECCC | 0x1008);
    soc_destroy(soc);
}

static void eccc_interrupts_only_with_eccie(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    flip(soc, UNIT, 1);
    read32(soc, TARGET);
    bool without = irq_is_high(soc);

    write32(soc, ECCR, 1 << 24);

    assert_false(without);
    assert_true(irq_is_high(soc));
    write32(soc, ECCR, ECCC | 1 << 24);
    assert_false(irq_is_high(soc));
    assert_int_equal(read32(soc, ECCR), 1 << 24);
    soc_destroy(soc);
}

static void two_wrong_bits_set_eccd_and_raise_nmi_and_the_load_returns(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    flip(soc, UNIT, 3);

    uint32_t value = read32(soc, TARGET);

    assert_int_equal(value, 0x55667788 ^ 3);
    assert_int_equal(read32(soc, ECCR), ECCD | 0x1008);
    assert_true(nmi_is_high(soc));
    assert_int_equal(count_events(EVENT_FLASH_ECC_DETECTED), 1);
    assert_true(is_assumed("L4.ecc.double_error_data"));
    soc_destroy(soc);
}

static void nmi_stays_until_eccd_is_cleared(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    flip(soc, UNIT, 3);
    read32(soc, TARGET);

    write32(soc, ECCR, 0);
    bool still = nmi_is_high(soc);
    write32(soc, ECCR, ECCD);

    assert_true(still);
    assert_false(nmi_is_high(soc));
    assert_int_equal(read32(soc, ECCR), 0);
    soc_destroy(soc);
}

static void the_first_event_stays_until_its_flag_is_cleared(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    program(soc, TARGET + 8, DATA);
    flip(soc, UNIT, 1);
    flip(soc, UNIT + 1, 3);
    read32(soc, TARGET);

    read32(soc, TARGET + 8);
    uint32_t first = read32(soc, ECCR);
    write32(soc, ECCR, ECCC);
    read32(soc, TARGET + 8);

    assert_int_equal(first, ECCC | 0x1008);
    assert_int_equal(read32(soc, ECCR), ECCD | 0x1010);
    soc_destroy(soc);
}

static void a_fetch_raises_it_too(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    flip(soc, UNIT, 3);

    make_access(soc, (struct access){.addr = TARGET, .size = 2, .is_fetch = true});

    assert_int_equal(read32(soc, ECCR), ECCD | 0x1008);
    soc_destroy(soc);
}

static void a_debugger_raises_it_too(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    flip(soc, UNIT, 3);

    make_access(soc, (struct access){.addr = TARGET, .size = 4, .master = MASTER_DEBUGGER});

    assert_true(nmi_is_high(soc));
    soc_destroy(soc);
}

static void only_granules_with_bad_words_are_watched(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    assert_false(bus_is_watched(&soc->bus, 0x1008));

    flip(soc, UNIT, 1);
    bool is_watched = bus_is_watched(&soc->bus, 0x1008);
    flip(soc, UNIT, 1);

    assert_true(is_watched);
    assert_false(bus_is_watched(&soc->bus, 0x1008));
    soc_destroy(soc);
}

static void a_read_across_two_doublewords_sees_both(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    program(soc, TARGET + 8, DATA);
    flip(soc, UNIT + 1, 1);

    struct access_result result = make_access(soc, (struct access){.addr = TARGET + 6, .size = 4});

    assert_int_equal(result.value, 0x77881122);
    assert_int_equal(read32(soc, ECCR), ECCC | 0x1010);
    soc_destroy(soc);
}

static void zeros_heal_a_bad_doubleword(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    flip(soc, UNIT, 3);

    uint32_t sr = program(soc, TARGET, 0);

    assert_int_equal(sr, 0);
    assert_true(read64(soc, TARGET) == 0);
    assert_int_equal(read32(soc, ECCR), 0);
    assert_false(bus_is_watched(&soc->bus, 0x1008));
    soc_destroy(soc);
}

static void an_erase_heals_a_bad_doubleword(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    flip(soc, UNIT, 3);

    erase_page(soc, 2);

    assert_true(read64(soc, TARGET) == UINT64_MAX);
    assert_int_equal(read32(soc, ECCR), 0);
    soc_destroy(soc);
}

static void an_error_in_bank_2_sets_bk_ecc(void **state)
{
    (void)state;
    struct soc *l4 = ready("stm32l476rg");
    struct soc *l4_plus = ready("stm32l4r5zi");
    flip(l4, 0x80000 / 8 + 2, 1);
    flip(l4_plus, 0x100000 / 8 + 2, 1);

    read32(l4, BANK2 + 16);
    read32(l4_plus, MAIN + 0x100000 + 16);

    assert_int_equal(read32(l4, ECCR), ECCC | 1 << 19 | 16);
    assert_int_equal(read32(l4_plus, ECCR), ECCC | 1 << 21 | 16);
    soc_destroy(l4);
    soc_destroy(l4_plus);
}

static void an_error_in_otp_sets_sysf_ecc(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    program(soc, 0x1FFF7008, DATA);
    flip(soc, flash_array_otp_page(soc->cells) * 256 + 1, 1);

    uint32_t value = read32(soc, 0x1FFF7008);

    assert_int_equal(value, 0x55667788);
    assert_int_equal(read32(soc, ECCR), ECCC | 1 << 20 | 0x7008);
    soc_destroy(soc);
}

static void a_repeated_read_may_be_quiet_where_the_switch_says_so(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    switch_rule(soc, RULE_ECC_ONCE_PER_LINE);
    flip(soc, UNIT, 3);
    read32(soc, TARGET);
    write32(soc, ECCR, ECCD);

    read32(soc, TARGET);
    uint32_t repeated = read32(soc, ECCR);
    read32(soc, TARGET + 0x20);
    read32(soc, TARGET);

    assert_int_equal(repeated, 0);
    assert_int_equal(read32(soc, ECCR), ECCD | 0x1008);
    soc_destroy(soc);
}

static void a_polled_bad_word_is_one_event_and_not_a_flood(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    flip(soc, UNIT, 3);

    for (unsigned i = 0; i < 100; i++)
        read32(soc, TARGET);

    assert_int_equal(count_events(EVENT_FLASH_ECC_DETECTED), 1);
    soc_destroy(soc);
}

/* DBANK = 0. */
static void choose_single_bank_mode(struct soc *soc)
{
    unlock_options(soc);
    write32(soc, OPTR, read32(soc, OPTR) & ~(1u << 22));
    write32(soc, CR, OPTSTRT);
    wait_while_busy(soc);
    power_cycle(soc);
}

static void with_128_bit_reads_the_high_half_has_its_own_flags(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l4r5zi");
    choose_single_bank_mode(soc);
    flip(soc, UNIT, 3);     /* 0x1008 is the high half of the line at 0x1000 */
    flip(soc, UNIT + 1, 1); /* the low half of the line at 0x1010 */

    read32(soc, TARGET - 8);
    uint32_t high = read32(soc, ECCR);
    bool has_nmi = nmi_is_high(soc);
    write32(soc, ECCR, 1 << 29);
    read32(soc, TARGET);
    uint32_t direct = read32(soc, ECCR);
    write32(soc, ECCR, 1 << 29);
    read32(soc, TARGET + 8);

    assert_int_equal(high, 1 << 29 | 0x1008);
    assert_int_equal(direct, 1 << 29 | 0x1008);
    assert_true(has_nmi);
    assert_false(nmi_is_high(soc));
    assert_int_equal(read32(soc, ECCR), ECCC | 0x1010);
    soc_destroy(soc);
}

static void with_128_bit_reads_a_corrected_high_half_interrupts_with_eccie(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l4r5zi");
    choose_single_bank_mode(soc);
    flip(soc, UNIT, 1);
    write32(soc, ECCR, 1 << 24);
    assert_false(irq_is_high(soc));

    uint64_t value = read64(soc, TARGET);

    assert_true(value == DATA);
    assert_int_equal(read32(soc, ECCR), 1 << 28 | 1 << 24 | 0x1008); /* ECCC2 */
    assert_true(irq_is_high(soc));
    assert_false(nmi_is_high(soc));
    soc_destroy(soc);
}

static void a_reset_clears_eccr_and_nmi(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    flip(soc, UNIT, 3);
    read32(soc, TARGET);

    soc_reset(soc, RESET_SYSTEM);

    assert_int_equal(read32(soc, ECCR), 0);
    assert_false(nmi_is_high(soc));
    soc_destroy(soc);
}

static void a_virgin_doubleword_is_quiet(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    flip(soc, UNIT + 1, 1); /* the granule is watched */

    assert_int_equal(read32(soc, TARGET + 0x20), 0xFFFFFFFF);

    assert_int_equal(read32(soc, ECCR), 0);
    assert_int_equal(read32(soc, TARGET + 8), 0xFFFFFFFF);
    assert_int_equal(read32(soc, ECCR), ECCC | 0x1010);
    soc_destroy(soc);
}

static void a_read_that_raised_a_flag_is_not_to_be_skipped_over(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    flip(soc, UNIT, 1);

    struct access_result first = make_access(soc, (struct access){.addr = TARGET, .size = 4});
    struct access_result again = make_access(soc, (struct access){.addr = TARGET, .size = 4});

    assert_true(first.is_time_dependent);
    assert_false(again.is_time_dependent);
    soc_destroy(soc);
}

/* --- marginal words --- */

static void weaken(struct soc *soc, uint64_t bits)
{
    flash_array_weaken(soc->cells, UNIT, (struct flash_cells){.data = {bits}});
    soc_flash_publish(soc);
}

static void marginal_words_read_as_told(void **state)
{
    (void)state;
    /* Bits 0 and 1 were to fall: old is both of them back, which is a double error. */
    static const uint32_t low[] = {
        [MARGINAL_READS_NEW] = 0x55667788,
        [MARGINAL_READS_OLD] = 0x5566778B,
        [MARGINAL_READS_ONE_WRONG] = 0x55667788, /* corrected */
    };
    struct soc *soc = ready("stm32l452re");
    weaken(soc, 3);
    for (uint8_t how = MARGINAL_READS_NEW; how <= MARGINAL_READS_ONE_WRONG; how++) {
        soc->wires.marginal_reads = how;
        soc_flash_publish(soc);
        assert_int_equal(read32(soc, TARGET), low[how]);
        bool is_corrected = read32(soc, ECCR) & ECCC;
        assert_int_equal(is_corrected, how == MARGINAL_READS_ONE_WRONG);
        write32(soc, ECCR, ECCC | ECCD);
    }
    soc->wires.marginal_reads = MARGINAL_READS_TWO_WRONG;
    soc_flash_publish(soc);
    read32(soc, TARGET);
    assert_true(read32(soc, ECCR) & ECCD);
    assert_true(is_assumed("L4.cells.marginal_read"));
    soc_destroy(soc);
}

static void from_the_nth_read_on_marginal_words_read_otherwise(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct soc *soc = ready("stm32l452re");
        weaken(soc, 3);
        soc->wires.seed = seed;
        soc->wires.marginal_reads = MARGINAL_READS_NEW;
        soc->wires.reads_change = 3;
        soc_flash_publish(soc);

        uint32_t first = read32(soc, TARGET);
        read32(soc, MAIN); /* not marginal: it does not count */
        uint32_t second = read32(soc, TARGET + 4);
        uint32_t flags = read32(soc, ECCR) & (ECCC | ECCD);
        uint32_t third = read32(soc, TARGET);
        uint32_t flags_then = read32(soc, ECCR) & (ECCC | ECCD);
        uint32_t fourth = read32(soc, TARGET);

        assert_int_equal(first, 0x55667788);
        assert_int_equal(second, 0x11223344);
        assert_int_equal(flags, 0);
        assert_int_not_equal(flags_then, 0); /* old, one wrong or two wrong: the check bits do not fit */
        assert_int_equal(third, fourth);
        soc_destroy(soc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_corrected_bit_sets_eccc_and_the_address),
        cmocka_unit_test(marginal_words_read_as_told),
        cmocka_unit_test(from_the_nth_read_on_marginal_words_read_otherwise),
        cmocka_unit_test(a_corrected_read_does_not_rewrite_the_array),
        cmocka_unit_test(eccc_interrupts_only_with_eccie),
        cmocka_unit_test(two_wrong_bits_set_eccd_and_raise_nmi_and_the_load_returns),
        cmocka_unit_test(nmi_stays_until_eccd_is_cleared),
        cmocka_unit_test(the_first_event_stays_until_its_flag_is_cleared),
        cmocka_unit_test(a_fetch_raises_it_too),
        cmocka_unit_test(a_debugger_raises_it_too),
        cmocka_unit_test(only_granules_with_bad_words_are_watched),
        cmocka_unit_test(a_read_across_two_doublewords_sees_both),
        cmocka_unit_test(zeros_heal_a_bad_doubleword),
        cmocka_unit_test(an_erase_heals_a_bad_doubleword),
        cmocka_unit_test(an_error_in_bank_2_sets_bk_ecc),
        cmocka_unit_test(an_error_in_otp_sets_sysf_ecc),
        cmocka_unit_test(a_repeated_read_may_be_quiet_where_the_switch_says_so),
        cmocka_unit_test(a_polled_bad_word_is_one_event_and_not_a_flood),
        cmocka_unit_test(with_128_bit_reads_the_high_half_has_its_own_flags),
        cmocka_unit_test(with_128_bit_reads_a_corrected_high_half_interrupts_with_eccie),
        cmocka_unit_test(a_reset_clears_eccr_and_nmi),
        cmocka_unit_test(a_virgin_doubleword_is_quiet),
        cmocka_unit_test(a_read_that_raised_a_flag_is_not_to_be_skipped_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
