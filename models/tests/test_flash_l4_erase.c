/* Tests of flash_l4_erase.c: L4 sheet 5, and the stalls of section 6. */
#include "models/tests/flash_fixture.h"

enum { BANK2 = MAIN + 0x80000 }; /* of the L476 */

static struct soc *ready(const char *chip)
{
    struct soc *soc = power_on_flash(chip);
    unlock(soc);
    return soc;
}

static void a_page_erase_makes_the_page_blank_and_no_other(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    program(soc, MAIN + 0x0FF8, 1);
    program(soc, MAIN + 0x1000, 2);
    program(soc, MAIN + 0x17F8, 3);
    program(soc, MAIN + 0x1800, 4);

    uint32_t sr = erase_page(soc, 2);

    assert_int_equal(sr, 0);
    assert_int_equal(read32(soc, MAIN + 0x0FF8), 1);
    assert_int_equal(read32(soc, MAIN + 0x1000), 0xFFFFFFFF);
    assert_int_equal(read32(soc, MAIN + 0x17F8), 0xFFFFFFFF);
    assert_int_equal(read32(soc, MAIN + 0x1800), 4);
    soc_destroy(soc);
}

static void an_erased_doubleword_can_be_programmed_again(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    program(soc, MAIN + 0x1000, 2);

    erase_page(soc, 2);

    assert_int_equal(program(soc, MAIN + 0x1000, 3), 0);
    assert_int_equal(read32(soc, MAIN + 0x1000), 3);
    soc_destroy(soc);
}

static void per_pnb_and_strt_may_come_in_one_store_or_in_four(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    program(soc, MAIN + 0x1000, 2);
    program(soc, MAIN + 0x1800, 2);

    write32(soc, CR, PER | 2 << 3 | STRT);
    wait_while_busy(soc);
    write32(soc, CR, 3 << 3);
    write32(soc, CR, read32(soc, CR) | PER);
    write32(soc, CR, read32(soc, CR) | STRT);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, MAIN + 0x1000), 0xFFFFFFFF);
    assert_int_equal(read32(soc, MAIN + 0x1800), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void strt_and_bsy_fall_together_and_per_stays(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    start_page_erase(soc, 2);

    uint32_t during = read32(soc, CR);
    wait_while_busy(soc);

    assert_int_equal(during & 0x1FFFF, STRT | PER | 2 << 3);
    assert_int_equal(read32(soc, CR) & 0x1FFFF, PER | 2 << 3);
    soc_destroy(soc);
}

static void strt_reads_1_while_an_erase_of_any_kind_runs(void **state)
{
    (void)state;
    static const uint32_t kinds[5] = {PER, PER | BKER, MER1, MER2, MER1 | MER2};
    for (unsigned i = 0; i < 5; i++) {
        struct soc *soc = ready("stm32l476rg");
        write32(soc, CR, kinds[i] | STRT);

        uint32_t during = read32(soc, CR);
        wait_while_busy(soc);

        assert_int_equal(during, kinds[i] | STRT | OPTLOCK);
        assert_int_equal(read32(soc, CR), kinds[i] | OPTLOCK);
        soc_destroy(soc);
    }
}

static void lasts(const char *chip, enum timing_case timing, uint32_t cr, uint64_t ns)
{
    struct soc *soc = ready(chip);
    soc->wires.timing = (uint8_t)timing;
    write32(soc, CR, cr | STRT);
    uint64_t start_ps = soc->clock.now_ps;

    advance_to(soc, start_ps + ns * 1000 - 1);
    uint32_t before = read32(soc, SR);
    advance_to(soc, start_ps + ns * 1000);

    assert_int_equal(before & BSY, BSY);
    assert_int_equal(read32(soc, SR), 0);
    soc_destroy(soc);
}

static void durations_are_those_of_the_data_sheet_to_the_tick(void **state)
{
    (void)state;
    lasts("stm32l452re", TIMING_TYP, PER | 5 << 3, 22020000);
    lasts("stm32l452re", TIMING_MAX, PER | 5 << 3, 24470000);
    lasts("stm32l452re", TIMING_MIN, PER | 5 << 3, 22020000);
    lasts("stm32l452re", TIMING_TYP, MER1, 22130000);
    lasts("stm32l452re", TIMING_MAX, MER1, 24590000);
    lasts("stm32l476rg", TIMING_TYP, MER1 | MER2, 22130000);
    lasts("stm32l4r5zi", TIMING_TYP, PER | 5 << 3, 22000000);
    lasts("stm32l4r5zi", TIMING_MAX, MER2, 25000000);
}

static void an_erase_of_a_blank_page_lasts_as_long_and_counts_as_wear(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    uint64_t start_ps = soc->clock.now_ps;

    erase_page(soc, 9);
    erase_page(soc, 9);

    assert_true(soc->clock.now_ps == start_ps + 2 * PAGE_ERASE_NS * 1000);
    assert_int_equal(flash_array_wear(soc->cells, 9), 2);
    assert_int_equal(flash_array_wear(soc->cells, 8), 0);
    soc_destroy(soc);
}

static void a_mass_erase_spares_otp_and_option_bytes(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    program(soc, 0x1FFF7000, 5);
    program(soc, MAIN + 0x7FFF8, 5);

    write32(soc, CR, MER1 | STRT);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, MAIN), 0xFFFFFFFF);
    assert_int_equal(read32(soc, MAIN + 0x7FFF8), 0xFFFFFFFF);
    assert_int_equal(read32(soc, 0x1FFF7000), 5);
    assert_int_equal(read32(soc, 0x1FFF7800), 0xFFFFF8AA);
    soc_destroy(soc);
}

static void a_bank_erase_spares_the_other_bank(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l476rg");
    program(soc, MAIN + 0x1000, 1);
    program(soc, BANK2 + 0x1000, 2);

    write32(soc, CR, MER2 | STRT);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, MAIN + 0x1000), 1);
    assert_int_equal(read32(soc, BANK2 + 0x1000), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void bker_selects_bank_2(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l476rg");
    program(soc, MAIN + 0x1000, 1);
    program(soc, BANK2 + 0x1000, 2);

    write32(soc, CR, PER | BKER | 2 << 3 | STRT);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, MAIN + 0x1000), 1);
    assert_int_equal(read32(soc, BANK2 + 0x1000), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void page_256_shifted_by_three_sets_bker_by_itself(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l476rg");
    program(soc, BANK2 + 0x1000, 2);

    write32(soc, CR, PER | (256 + 2) << 3 | STRT);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, BANK2 + 0x1000), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void page_256_masked_to_its_field_erases_page_0_of_bank_1(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l476rg");

    write32(soc, CR, PER | (256 & 0xFF) << 3 | STRT);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, MAIN), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void page_numbers_wrap_on_smaller_parts(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l432kc");
    program(soc, MAIN + 0x1000, 1);

    erase_page(soc, 128 + 2);

    assert_int_equal(read32(soc, MAIN + 0x1000), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void with_banks_swapped_bker_still_names_the_physical_bank(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l476rg");
    program(soc, MAIN + 0x1000, 1);
    program(soc, BANK2 + 0x1000, 2);
    set_bits(soc, 0x40021060, 1);      /* RCC_APB2ENR.SYSCFGEN */
    set_bits(soc, 0x40010000, 1 << 8); /* SYSCFG_MEMRMP.FB_MODE */
    assert_int_equal(read32(soc, MAIN + 0x1000), 2);

    write32(soc, CR, PER | BKER | 2 << 3 | STRT);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, MAIN + 0x1000), 0xFFFFFFFF);
    assert_int_equal(read32(soc, BANK2 + 0x1000), 1);
    assert_int_equal(program(soc, MAIN + 0x1000, 7), 0);
    clear_bits(soc, 0x40010000, 1 << 8);
    assert_int_equal(read32(soc, BANK2 + 0x1000), 7);
    soc_destroy(soc);
}

static void with_banks_swapped_the_trace_tells_the_addresses_that_the_cpu_uses(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l476rg");
    set_bits(soc, 0x40021060, 1);      /* RCC_APB2ENR.SYSCFGEN */
    set_bits(soc, 0x40010000, 1 << 8); /* SYSCFG_MEMRMP.FB_MODE */

    write32(soc, CR, PER | BKER | 2 << 3 | STRT);
    wait_while_busy(soc);
    program(soc, BANK2 + 0x1008, 7);

    assert_int_equal(last_event(EVENT_FLASH_ERASE_START)->addr, MAIN + 0x1000);
    assert_int_equal(last_event(EVENT_FLASH_PROGRAM_START)->addr, BANK2 + 0x1008);
    soc_destroy(soc);
}

/* --- refusals --- */

static void refused(uint32_t cr, uint32_t sr, const char *rule)
{
    struct soc *soc = ready("stm32l476rg");
    program(soc, MAIN + 0x1000, 1);

    write32(soc, CR, cr | STRT);

    assert_int_equal(read32(soc, SR), sr);
    assert_int_equal(read32(soc, CR) & STRT, 0);
    assert_int_equal(read32(soc, MAIN + 0x1000), 1);
    assert_true(rule_seen(rule));
    soc_destroy(soc);
}

static void an_erase_with_pg_still_set_gives_pgserr(void **state)
{
    (void)state;
    refused(PER | PG | 2 << 3, 0x80, "L4.erase.program_mode");
    refused(PER | FSTPG | 2 << 3, 0x80, "L4.erase.program_mode");
    refused(MER1 | PG, 0x80, "L4.erase.program_mode");
}

static void page_and_mass_erase_together_give_pgserr(void **state)
{
    (void)state;
    refused(PER | MER1 | 2 << 3, 0x80, "L4.erase.page_and_mass");
}

static void strt_alone_falls_without_a_flag_and_loudly(void **state)
{
    (void)state;
    refused(0, 0, "L4.erase.nothing_selected");
}

static void a_stale_flag_drops_the_erase(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    program(soc, MAIN + 0x1000, 1);
    write_sized(soc, MAIN + 0x1000, 1, 0);
    assert_int_equal(read32(soc, SR), 0xC0);

    uint32_t sr = erase_page(soc, 2);

    assert_int_equal(sr, 0xC0);
    assert_int_equal(read32(soc, MAIN + 0x1000), 1);
    assert_true(rule_seen("L4.erase.stale_flag"));
    clear_flags(soc);
    assert_int_equal(erase_page(soc, 2), 0);
    assert_int_equal(read32(soc, MAIN + 0x1000), 0xFFFFFFFF);
    soc_destroy(soc);
}

/* L4 sheet 4.3 PGSERR (b); MISERR and FASTERR are in the tests of fast programming. */
static void each_flag_of_the_sequence_drops_the_erase_by_itself(void **state)
{
    (void)state;
    static const uint32_t left[5] = {0x08, 0x10, 0x20, 0x40, 0x80};
    for (unsigned i = 0; i < 5; i++) {
        struct soc *soc = ready("stm32l452re");
        program(soc, MAIN + 0x1000, 1);
        write32(soc, CR, PG);
        store_doubleword(soc, MAIN + 0x1000, 2);
        write_sized(soc, MAIN + 0x1008, 1, 0);
        write32(soc, 0x1FFF0000, 1);
        assert_int_equal(read32(soc, SR), 0xF8);
        write32(soc, SR, 0xF8 & ~left[i]);

        uint32_t sr = erase_page(soc, 2);

        assert_int_equal(sr, left[i] | 0x80);
        assert_int_equal(read32(soc, MAIN + 0x1000), 1);
        soc_destroy(soc);
    }
}

static void a_failed_erase_sets_operr_with_errie(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");

    write32(soc, CR, PER | PG | ERRIE | STRT);

    assert_int_equal(read32(soc, SR), 0x82);
    soc_destroy(soc);
}

static void range_2_drops_the_erase_where_the_switch_says_so(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    soc->wires.voltage_range = 2;
    switch_rule(soc, RULE_RANGE2_PGSERR);

    assert_int_equal(erase_page(soc, 2), 0x80);
    soc_destroy(soc);
}

/* --- stalls --- */

static uint64_t read_takes(struct soc *soc, uint32_t addr, bool is_fetch)
{
    uint64_t start_ps = soc->clock.now_ps;
    make_access(soc, (struct access){.addr = addr, .size = 4, .is_fetch = is_fetch});
    return soc->clock.now_ps - start_ps;
}

static void a_read_of_a_single_bank_waits_for_the_erase_and_gets_new_data(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    program(soc, MAIN + 0x1000, 1);
    start_page_erase(soc, 2);

    uint64_t waited_ps = read_takes(soc, MAIN + 0x1000, false);

    assert_true(waited_ps == PAGE_ERASE_NS * 1000);
    assert_int_equal(read32(soc, MAIN + 0x1000), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void fetches_and_reads_through_the_alias_wait_too(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");

    start_page_erase(soc, 200);
    assert_true(read_takes(soc, MAIN, true) == PAGE_ERASE_NS * 1000);
    start_page_erase(soc, 200);
    assert_true(read_takes(soc, 0, false) == PAGE_ERASE_NS * 1000);
    start_page_erase(soc, 200);
    assert_true(read_takes(soc, 0x1FFF75E0, false) == PAGE_ERASE_NS * 1000);
    soc_destroy(soc);
}

static void the_other_bank_and_sram_read_on(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l476rg");
    write32(soc, CR, PER | BKER | 2 << 3 | STRT);

    uint64_t bank1_ps = read_takes(soc, MAIN + 0x1000, false);
    uint64_t info_ps = read_takes(soc, 0x1FFF75E0, false);
    uint64_t sram_ps = read_takes(soc, 0x20000000, false);
    uint64_t bank2_ps = read_takes(soc, BANK2, false);

    assert_true(bank1_ps == 0 && info_ps == 0 && sram_ps == 0);
    assert_true(bank2_ps == PAGE_ERASE_NS * 1000);
    soc_destroy(soc);
}

static void with_banks_swapped_the_stalling_addresses_swap_too(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l476rg");
    set_bits(soc, 0x40021060, 1);
    set_bits(soc, 0x40010000, 1 << 8);
    write32(soc, CR, PER | BKER | 2 << 3 | STRT);

    uint64_t high_ps = read_takes(soc, BANK2, false);
    uint64_t low_ps = read_takes(soc, MAIN + 0x1000, false);

    assert_true(high_ps == 0);
    assert_true(low_ps == PAGE_ERASE_NS * 1000);
    soc_destroy(soc);
}

static void nothing_is_busy_after_the_end(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");

    erase_page(soc, 2);

    assert_true(read_takes(soc, MAIN, false) == 0);
    assert_false(soc_flash_activity(soc).is_busy);
    soc_destroy(soc);
}

static void the_activity_tells_the_erase_in_flight(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    start_page_erase(soc, 2);
    uint64_t start_ps = soc->clock.now_ps;
    advance_to(soc, start_ps + PAGE_ERASE_NS * 500);

    struct flash_activity activity = soc_flash_activity(soc);

    assert_string_equal(activity.kind, "page erase");
    assert_int_equal(activity.addr, MAIN + 0x1000);
    assert_int_equal(activity.size, 2048);
    assert_true(activity.started_ps == start_ps);
    assert_true(activity.ends_ps == start_ps + PAGE_ERASE_NS * 1000);
    assert_int_equal(activity.phase.phase, FLASH_PHASE_MID);
    assert_int_equal(activity.sr, BSY);
    assert_false(activity.is_locked);
    soc_destroy(soc);
}

/* --- DBANK = 0 on L4+ --- */

static struct soc *single_bank_l4r5(void)
{
    struct soc *soc = ready("stm32l4r5zi");
    unlock_options(soc);
    write32(soc, OPTR, read32(soc, OPTR) & ~(1u << 22));
    write32(soc, CR, OPTSTRT);
    wait_while_busy(soc);
    power_cycle(soc);
    unlock(soc);
    return soc;
}

static void in_single_bank_mode_a_page_is_8_kb(void **state)
{
    (void)state;
    struct soc *soc = single_bank_l4r5();
    program(soc, MAIN + 0x4000, 1);
    program(soc, MAIN + 0x5FF8, 1);
    program(soc, MAIN + 0x6000, 1);

    assert_int_equal(erase_page(soc, 2), 0);

    assert_int_equal(read32(soc, MAIN + 0x4000), 0xFFFFFFFF);
    assert_int_equal(read32(soc, MAIN + 0x5FF8), 0xFFFFFFFF);
    assert_int_equal(read32(soc, MAIN + 0x6000), 1);
    soc_destroy(soc);
}

static void in_single_bank_mode_one_mer_bit_alone_gives_pgserr(void **state)
{
    (void)state;
    struct soc *soc = single_bank_l4r5();

    write32(soc, CR, MER1 | STRT);
    uint32_t one = read32(soc, SR);
    clear_flags(soc);
    write32(soc, CR, MER1 | MER2 | STRT);
    wait_while_busy(soc);

    assert_int_equal(one, 0x80);
    assert_int_equal(read32(soc, SR), 0);
    assert_int_equal(read32(soc, MAIN), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void in_single_bank_mode_everything_stalls(void **state)
{
    (void)state;
    struct soc *soc = single_bank_l4r5();
    start_page_erase(soc, 200);

    assert_true(read_takes(soc, MAIN, false) == UINT64_C(22000000) * 1000);
    soc_destroy(soc);
}

static void in_single_bank_mode_bker_gives_pgserr(void **state)
{
    (void)state;
    struct soc *soc = single_bank_l4r5();

    write32(soc, CR, PER | BKER | STRT);

    assert_int_equal(read32(soc, SR), 0x80);
    assert_int_equal(read32(soc, MAIN), 0x20008000);
    soc_destroy(soc);
}

static void both_mer_bits_erase_both_banks(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l476rg");
    program(soc, MAIN + 0x1000, 1);
    program(soc, MAIN + 0xFFFF8, 2);

    write32(soc, CR, MER1 | MER2 | STRT);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, MAIN + 0x1000), 0xFFFFFFFF);
    assert_int_equal(read32(soc, MAIN + 0xFFFF8), 0xFFFFFFFF);
    assert_int_equal(last_event(EVENT_FLASH_ERASE_END)->size, 0x100000);
    soc_destroy(soc);
}

static void eop_ends_an_erase_with_eopie(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");

    write32(soc, CR, PER | 2 << 3 | EOPIE | STRT);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, SR), 1);
    assert_true(irq_is_high(soc));
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_erase_makes_the_page_blank_and_no_other),
        cmocka_unit_test(an_erased_doubleword_can_be_programmed_again),
        cmocka_unit_test(per_pnb_and_strt_may_come_in_one_store_or_in_four),
        cmocka_unit_test(strt_and_bsy_fall_together_and_per_stays),
        cmocka_unit_test(strt_reads_1_while_an_erase_of_any_kind_runs),
        cmocka_unit_test(durations_are_those_of_the_data_sheet_to_the_tick),
        cmocka_unit_test(an_erase_of_a_blank_page_lasts_as_long_and_counts_as_wear),
        cmocka_unit_test(a_mass_erase_spares_otp_and_option_bytes),
        cmocka_unit_test(a_bank_erase_spares_the_other_bank),
        cmocka_unit_test(bker_selects_bank_2),
        cmocka_unit_test(page_256_shifted_by_three_sets_bker_by_itself),
        cmocka_unit_test(page_256_masked_to_its_field_erases_page_0_of_bank_1),
        cmocka_unit_test(page_numbers_wrap_on_smaller_parts),
        cmocka_unit_test(with_banks_swapped_bker_still_names_the_physical_bank),
        cmocka_unit_test(with_banks_swapped_the_trace_tells_the_addresses_that_the_cpu_uses),
        cmocka_unit_test(an_erase_with_pg_still_set_gives_pgserr),
        cmocka_unit_test(page_and_mass_erase_together_give_pgserr),
        cmocka_unit_test(strt_alone_falls_without_a_flag_and_loudly),
        cmocka_unit_test(a_stale_flag_drops_the_erase),
        cmocka_unit_test(each_flag_of_the_sequence_drops_the_erase_by_itself),
        cmocka_unit_test(a_failed_erase_sets_operr_with_errie),
        cmocka_unit_test(range_2_drops_the_erase_where_the_switch_says_so),
        cmocka_unit_test(a_read_of_a_single_bank_waits_for_the_erase_and_gets_new_data),
        cmocka_unit_test(fetches_and_reads_through_the_alias_wait_too),
        cmocka_unit_test(the_other_bank_and_sram_read_on),
        cmocka_unit_test(with_banks_swapped_the_stalling_addresses_swap_too),
        cmocka_unit_test(nothing_is_busy_after_the_end),
        cmocka_unit_test(the_activity_tells_the_erase_in_flight),
        cmocka_unit_test(in_single_bank_mode_a_page_is_8_kb),
        cmocka_unit_test(in_single_bank_mode_one_mer_bit_alone_gives_pgserr),
        cmocka_unit_test(in_single_bank_mode_everything_stalls),
        cmocka_unit_test(in_single_bank_mode_bker_gives_pgserr),
        cmocka_unit_test(both_mer_bits_erase_both_banks),
        cmocka_unit_test(eop_ends_an_erase_with_eopie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
