/* Tests of fast programming in flash_l4_program.c: L4 sheet 4.6. */
#include "models/tests/flash_fixture.h"

enum { BANK2 = MAIN + 0x80000, ROW_DOUBLEWORDS = 32 };
#define DOUBLEWORD_PS (FAST_ROW_NS * 1000 / ROW_DOUBLEWORDS)

static void mass_erase(struct soc *soc, uint32_t banks)
{
    write32(soc, CR, banks | STRT);
    wait_while_busy(soc);
    write32(soc, CR, 0);
}

/* Unlocked, bank 2 just mass-erased, FSTPG set: the row may stream from bank 1 or SRAM. */
static struct soc *ready(void)
{
    struct soc *soc = power_on_flash("stm32l476rg");
    unlock(soc);
    mass_erase(soc, MER2);
    write32(soc, CR, FSTPG);
    return soc;
}

static void stream_row(struct soc *soc, uint32_t addr, uint32_t doublewords)
{
    for (uint32_t i = 0; i < doublewords; i++)
        store_doubleword(soc, addr + 8 * i, i + 1);
}

static void assert_row(struct soc *soc, uint32_t addr, uint32_t programmed)
{
    for (uint32_t i = 0; i < ROW_DOUBLEWORDS; i++)
        assert_int_equal(read32(soc, addr + 8 * i), i < programmed ? i + 1 : 0xFFFFFFFF);
}

static void a_row_streams_paced_by_stalls_in_the_fast_time(void **state)
{
    (void)state;
    struct soc *soc = ready();
    uint64_t start_ps = soc->clock.now_ps;

    stream_row(soc, BANK2 + 0x100, ROW_DOUBLEWORDS);
    wait_while_busy(soc);

    assert_true(soc->clock.now_ps == start_ps + ROW_DOUBLEWORDS * DOUBLEWORD_PS);
    assert_int_equal(read32(soc, SR), 0);
    assert_row(soc, BANK2 + 0x100, ROW_DOUBLEWORDS);
    soc_destroy(soc);
}

static void bsy_stays_from_the_first_doubleword_to_the_last(void **state)
{
    (void)state;
    struct soc *soc = ready();

    for (uint32_t i = 0; i < ROW_DOUBLEWORDS; i++) {
        store_doubleword(soc, BANK2 + 8 * i, i);
        assert_int_equal(read32(soc, SR), BSY);
    }
    soc_destroy(soc);
}

static void eop_comes_once_at_the_end_of_the_row(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, FSTPG | EOPIE);
    stream_row(soc, BANK2, ROW_DOUBLEWORDS);
    assert_int_equal(read32(soc, SR), BSY);

    wait_while_busy(soc);

    assert_int_equal(read32(soc, SR), 1);
    soc_destroy(soc);
}

static void fstpg_may_stay_set_for_the_next_row(void **state)
{
    (void)state;
    struct soc *soc = ready();

    stream_row(soc, BANK2, ROW_DOUBLEWORDS);
    wait_while_busy(soc);
    stream_row(soc, BANK2 + 0x100, ROW_DOUBLEWORDS);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, SR), 0);
    assert_row(soc, BANK2, ROW_DOUBLEWORDS);
    assert_row(soc, BANK2 + 0x100, ROW_DOUBLEWORDS);
    soc_destroy(soc);
}

static void after_a_page_erase_it_gives_2a0(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);
    erase_page(soc, 2);
    write32(soc, CR, FSTPG);

    store_doubleword(soc, MAIN + 0x1000, 1);

    assert_int_equal(read32(soc, SR), 0x2A0);
    assert_int_equal(read32(soc, MAIN + 0x1000), 0xFFFFFFFF);
    assert_true(rule_seen("L4.fast.not_mass_erased"));
    soc_destroy(soc);
}

static void after_a_page_erase_it_works_where_the_switch_says_so(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l476rg");
    unlock(soc);
    switch_rule(soc, RULE_FAST_AFTER_PAGE_ERASE);
    write32(soc, CR, PER | BKER | 2 << 3 | STRT);
    wait_while_busy(soc);
    write32(soc, CR, FSTPG);

    stream_row(soc, BANK2 + 0x1000, ROW_DOUBLEWORDS);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, SR), 0);
    assert_row(soc, BANK2 + 0x1000, ROW_DOUBLEWORDS);
    soc_destroy(soc);
}

static void a_mass_erase_of_one_bank_does_not_serve_the_other(void **state)
{
    (void)state;
    struct soc *soc = ready();

    write32(soc, MAIN + 0x1000, 1);

    assert_int_equal(read32(soc, SR), 0x80);
    soc_destroy(soc);
}

static void a_reset_forgets_the_mass_erase(void **state)
{
    (void)state;
    struct soc *soc = ready();
    soc_reset(soc, RESET_SYSTEM);
    unlock(soc);
    write32(soc, CR, FSTPG);

    write32(soc, BANK2, 1);

    assert_int_equal(read32(soc, SR), 0x80);
    soc_destroy(soc);
}

static void data_one_tick_late_gives_miserr_and_fasterr(void **state)
{
    (void)state;
    struct soc *in_time = ready();
    struct soc *late = ready();
    store_doubleword(in_time, BANK2, 1);
    store_doubleword(late, BANK2, 1);

    advance_to(in_time, in_time->clock.now_ps + DOUBLEWORD_PS - 1);
    store_doubleword(in_time, BANK2 + 8, 2);
    advance_to(in_time, in_time->clock.now_ps + 1);
    advance_to(late, late->clock.now_ps + DOUBLEWORD_PS);

    assert_int_equal(read32(in_time, SR), BSY);
    assert_int_equal(read32(late, SR), 0x300);
    assert_int_equal(read32(late, BANK2), 1);
    soc_destroy(in_time);
    soc_destroy(late);
}

/* L4 sheet 4.3 PGSERR (b). */
static void miserr_or_fasterr_still_set_stops_a_program_and_an_erase(void **state)
{
    (void)state;
    static const uint32_t left[2] = {0x100, 0x200};
    for (unsigned i = 0; i < 2; i++) {
        struct soc *soc = ready();
        store_doubleword(soc, BANK2, 1);
        advance_to(soc, soc->clock.now_ps + DOUBLEWORD_PS);
        write32(soc, CR, 0);
        write32(soc, SR, 0x300 & ~left[i]);

        write32(soc, CR, PER | BKER | STRT);
        uint32_t after_erase = read32(soc, SR);
        write32(soc, SR, 0x80);
        write32(soc, CR, PG);
        write32(soc, BANK2 + 8, 2);

        assert_int_equal(after_erase, left[i] | 0x80);
        assert_int_equal(read32(soc, SR), left[i] | 0x80);
        assert_int_equal(read32(soc, BANK2), 1);
        soc_destroy(soc);
    }
}

static void half_a_doubleword_is_late_too(void **state)
{
    (void)state;
    struct soc *soc = ready();
    store_doubleword(soc, BANK2, 1);

    write32(soc, BANK2 + 8, 2);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, SR), 0x300);
    assert_false(soc_flash_activity(soc).has_pending_word);
    assert_row(soc, BANK2, 1);
    soc_destroy(soc);
}

static void an_address_that_does_not_follow_gives_pgaerr_and_fasterr(void **state)
{
    (void)state;
    struct soc *soc = ready();
    store_doubleword(soc, BANK2, 1);

    write32(soc, BANK2 + 16, 2);

    assert_int_equal(read32(soc, SR), BSY | 0x220);
    wait_while_busy(soc);
    assert_int_equal(read32(soc, SR), 0x220);
    assert_row(soc, BANK2, 1);
    soc_destroy(soc);
}

static void a_row_starts_at_its_first_doubleword(void **state)
{
    (void)state;
    struct soc *soc = ready();

    write32(soc, BANK2 + 8, 1);

    assert_int_equal(read32(soc, SR), 0x220);
    assert_true(is_assumed("L4.fast.row_start"));
    soc_destroy(soc);
}

static void a_byte_in_a_row_gives_sizerr_and_fasterr(void **state)
{
    (void)state;
    struct soc *soc = ready();

    write_sized(soc, BANK2, 1, 0x55);

    assert_int_equal(read32(soc, SR), 0x240);
    soc_destroy(soc);
}

static void a_protected_page_gives_wrperr_and_fasterr(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l476rg");
    unlock(soc);
    unlock_options(soc);
    mass_erase(soc, MER2);
    write32(soc, WRP2AR, 0xFF00FF00);
    write32(soc, CR, OPTSTRT);
    wait_while_busy(soc);
    power_cycle(soc);
    unlock(soc);
    switch_rule(soc, RULE_FAST_AFTER_PAGE_ERASE);
    write32(soc, CR, FSTPG);

    write32(soc, BANK2, 1);

    assert_int_equal(read32(soc, SR) & 0x210, 0x210);
    soc_destroy(soc);
}

static void a_read_of_the_bank_cuts_the_row_without_a_flag(void **state)
{
    (void)state;
    struct soc *soc = ready();
    stream_row(soc, BANK2, 5); /* four in the array or the pulse, the fifth waits */
    uint64_t pulse_ends_ps = soc_flash_activity(soc).ends_ps;

    uint32_t value = read32(soc, BANK2 + 0x1000);

    assert_int_equal(value, 0xFFFFFFFF);
    assert_true(soc->clock.now_ps == pulse_ends_ps);
    assert_int_equal(read32(soc, SR), 0);
    assert_row(soc, BANK2, 4);
    assert_true(rule_seen("L4.fast.cut_by_read"));
    soc_destroy(soc);
}

static void a_fetch_from_the_only_bank_cuts_the_row(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);
    mass_erase(soc, MER1);
    write32(soc, CR, FSTPG);
    store_doubleword(soc, MAIN, 1);

    make_access(soc, (struct access){.addr = MAIN + 0x4000, .size = 2, .is_fetch = true});

    assert_int_equal(read32(soc, SR), 0);
    assert_row(soc, MAIN, 1);
    soc_destroy(soc);
}

static void reads_of_the_other_bank_leave_the_row_alone(void **state)
{
    (void)state;
    struct soc *soc = ready();
    stream_row(soc, BANK2, 5);

    read32(soc, MAIN);
    for (uint32_t i = 5; i < ROW_DOUBLEWORDS; i++)
        store_doubleword(soc, BANK2 + 8 * i, i + 1);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, SR), 0);
    assert_row(soc, BANK2, ROW_DOUBLEWORDS);
    soc_destroy(soc);
}

static void after_the_row_the_bank_is_no_longer_watched(void **state)
{
    (void)state;
    struct soc *soc = ready();
    stream_row(soc, BANK2, 1);
    assert_true(bus_is_watched(&soc->bus, BANK2 - MAIN + 0x4000));
    assert_false(bus_is_watched(&soc->bus, 0x4000));

    stream_row(soc, BANK2 + 8, ROW_DOUBLEWORDS - 1);
    write32(soc, SR, 0xC3FA);
    wait_while_busy(soc);

    assert_false(bus_is_watched(&soc->bus, BANK2 - MAIN + 0x4000));
    soc_destroy(soc);
}

static void otp_can_not_be_programmed_fast(void **state)
{
    (void)state;
    struct soc *soc = ready();

    write32(soc, 0x1FFF7000, 1);

    assert_int_equal(read32(soc, SR), 0x80);
    assert_true(rule_seen("L4.fast.main_only"));
    soc_destroy(soc);
}

static void a_slow_clock_is_said_to_be_out_of_the_manual(void **state)
{
    (void)state;
    struct soc *soc = ready(); /* MSI 4 MHz */

    store_doubleword(soc, BANK2, 1);

    assert_true(is_assumed("L4.fast.min_clock"));
    soc_destroy(soc);
}

static void a_row_of_more_than_7_ms_gives_fasterr(void **state)
{
    (void)state;
    struct chip slow = *chip_find("stm32l476rg");
    slow.flash.fast_row.typ_ns = 7100000;
    struct soc *soc = NULL;
    assert_true(soc_create(&soc, &slow, NULL));
    soc_reset(soc, RESET_POWER_ON);
    unlock(soc);
    mass_erase(soc, MER2);
    write32(soc, CR, FSTPG);

    stream_row(soc, BANK2, ROW_DOUBLEWORDS);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, SR), 0x200);
    assert_row(soc, BANK2, ROW_DOUBLEWORDS - 1);
    soc_destroy(soc);
}

static void a_row_of_the_l4r5_has_64_doublewords(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l4r5zi");
    unlock(soc);
    mass_erase(soc, MER2);
    write32(soc, CR, FSTPG);
    uint64_t start_ps = soc->clock.now_ps;

    stream_row(soc, MAIN + 0x100000, 64);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, SR), 0);
    assert_true(soc->clock.now_ps == start_ps + UINT64_C(3800000) * 1000);
    assert_int_equal(read32(soc, MAIN + 0x100000 + 8 * 63), 64);
    soc_destroy(soc);
}

static void a_cut_tears_one_doubleword_of_the_row(void **state)
{
    (void)state;
    struct soc *soc = ready();
    stream_row(soc, BANK2, 5);
    static const struct flash_cut before = {.phase = FLASH_PHASE_BEFORE};
    soc_flash_set_cut_phase(soc, &before);

    power_cycle(soc);

    assert_row(soc, BANK2, 3);
    assert_int_equal(last_event(EVENT_FLASH_TORN)->addr, BANK2 + 8 * 3);
    soc_destroy(soc);
}

static void a_cut_in_the_pulse_keeps_what_is_before_it_and_leaves_what_is_behind_it(void **state)
{
    (void)state;
    struct soc *soc = ready();
    static const struct flash_cut pulse = {.phase = FLASH_PHASE_PULSE, .k = 3, .n = 4};
    stream_row(soc, BANK2, 13); /* the pulse is in the twelfth, the thirteenth waits */
    soc_flash_set_cut_phase(soc, &pulse);

    power_cycle(soc);

    uint32_t first = (BANK2 - MAIN) / 8;
    for (uint32_t i = 0; i < ROW_DOUBLEWORDS; i++) {
        struct flash_reading reading;
        flash_array_read(soc->cells, first + i, FLASH_CHOOSE_NEW, &reading);
        if (i < 11) {
            assert_true(reading.data[0] == i + 1);
            assert_int_equal(reading.verdict, FLASH_READS_CLEAN);
        } else if (i == 11) {
            assert_false(reading.is_virgin);
            assert_true(flash_array_cells(soc->cells, first + i).data[0] != i + 1);
        } else {
            assert_true(reading.is_virgin);
        }
    }
    assert_int_equal(last_event(EVENT_FLASH_TORN)->addr, BANK2 + 8 * 11);
    assert_string_equal(last_event(EVENT_FLASH_TORN)->rule, "L4.cut.row");
    soc_destroy(soc);
}

static void a_reset_tears_the_doubleword_in_the_pulse_or_lets_it_finish(void **state)
{
    (void)state;
    for (unsigned finishes = 0; finishes < 2; finishes++) {
        struct soc *soc = ready();
        soc->wires.reset_pulse = finishes ? RESET_PULSE_FINISHES : RESET_PULSE_ABORTS;
        write32(soc, 0x20000000, 0xCAFE);
        stream_row(soc, BANK2, 5); /* the fourth is in the pulse, the fifth waits */
        advance_to(soc, soc->clock.now_ps + DOUBLEWORD_PS / 2);

        soc_reset(soc, RESET_SYSTEM);

        uint32_t first = (BANK2 - MAIN) / 8;
        assert_int_equal(read32(soc, 0x20000000), 0xCAFE);
        for (uint32_t i = 0; i < 3; i++)
            assert_true(flash_array_cells(soc->cells, first + i).data[0] == i + 1);
        assert_int_equal(flash_array_cells(soc->cells, first + 3).data[0] == 4, finishes);
        assert_true(flash_array_cells(soc->cells, first + 3).data[0] != UINT64_MAX);
        for (uint32_t i = 4; i < ROW_DOUBLEWORDS; i++)
            assert_int_equal(flash_array_cells(soc->cells, first + i).ecc, 0xFF);
        assert_int_equal(count_events(EVENT_FLASH_TORN), !finishes);
        soc_destroy(soc);
    }
}

static void a_row_begins_and_ends_with_an_event_of_its_own(void **state)
{
    (void)state;
    struct soc *soc = ready();

    stream_row(soc, BANK2 + 0x100, ROW_DOUBLEWORDS);
    unsigned ends_inside = count_events(EVENT_FLASH_ROW_END);
    wait_while_busy(soc);

    assert_int_equal(count_events(EVENT_FLASH_ROW_START), 1);
    assert_int_equal(last_event(EVENT_FLASH_ROW_START)->addr, BANK2 + 0x100);
    assert_int_equal(last_event(EVENT_FLASH_ROW_START)->size, 0x100);
    assert_int_equal(last_event(EVENT_FLASH_ROW_START)->value, 32);
    assert_int_equal(count_events(EVENT_FLASH_PROGRAM_START), 32);
    assert_int_equal(ends_inside, 0);
    assert_int_equal(count_events(EVENT_FLASH_ROW_END), 1);
    assert_int_equal(last_event(EVENT_FLASH_ROW_END)->addr, BANK2 + 0x100);
    soc_destroy(soc);
}

static void a_row_that_breaks_off_ends_with_the_event_too(void **state)
{
    (void)state;
    struct soc *soc = ready();
    store_doubleword(soc, BANK2, 1);
    wait_while_busy(soc); /* no data follows */
    assert_int_equal(count_events(EVENT_FLASH_ROW_END), 1);
    clear_flags(soc);

    store_doubleword(soc, BANK2 + 0x100, 1);
    read32(soc, BANK2 + 0x200); /* cuts the row */
    assert_int_equal(count_events(EVENT_FLASH_ROW_END), 2);

    soc_flash_fail_next(soc, EVENT_FLASH_PROGRAM_START);
    store_doubleword(soc, BANK2 + 0x200, 1);
    wait_while_busy(soc);
    assert_int_equal(count_events(EVENT_FLASH_ROW_START), 3);
    assert_int_equal(count_events(EVENT_FLASH_ROW_END), 3);
    assert_false(bus_is_watched(&soc->bus, BANK2 - MAIN + 0x4000));
    soc_destroy(soc);
}

static void a_doubleword_of_the_next_row_before_the_end_gives_pgaerr(void **state)
{
    (void)state;
    struct soc *soc = ready();
    stream_row(soc, BANK2, ROW_DOUBLEWORDS);

    write32(soc, BANK2 + 0x100, 1);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, SR), 0x220);
    assert_row(soc, BANK2, ROW_DOUBLEWORDS);
    soc_destroy(soc);
}

static void after_an_error_in_a_row_the_next_write_waits_for_its_end(void **state)
{
    (void)state;
    struct soc *soc = ready();
    store_doubleword(soc, BANK2, 1);
    uint64_t ends_ps = soc_flash_activity(soc).ends_ps;
    write32(soc, BANK2 + 16, 2);

    write32(soc, BANK2 + 8, 3);

    assert_true(soc->clock.now_ps == ends_ps);
    assert_int_equal(read32(soc, SR), 0x2A0);
    soc_destroy(soc);
}

static void a_page_erase_ends_what_the_mass_erase_allowed(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PER | BKER | 2 << 3 | STRT);
    wait_while_busy(soc);
    write32(soc, CR, FSTPG);

    write32(soc, BANK2, 1);

    assert_int_equal(read32(soc, SR), 0x80);
    soc_destroy(soc);
}

static void with_the_switch_only_the_page_erased_last_will_do(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l476rg");
    unlock(soc);
    switch_rule(soc, RULE_FAST_AFTER_PAGE_ERASE);
    write32(soc, CR, PER | BKER | 2 << 3 | STRT);
    wait_while_busy(soc);
    mass_erase(soc, MER1);
    write32(soc, CR, FSTPG);

    write32(soc, BANK2 + 0x1000, 1);

    assert_int_equal(read32(soc, SR), 0x80);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_streams_paced_by_stalls_in_the_fast_time),
        cmocka_unit_test(bsy_stays_from_the_first_doubleword_to_the_last),
        cmocka_unit_test(eop_comes_once_at_the_end_of_the_row),
        cmocka_unit_test(fstpg_may_stay_set_for_the_next_row),
        cmocka_unit_test(after_a_page_erase_it_gives_2a0),
        cmocka_unit_test(after_a_page_erase_it_works_where_the_switch_says_so),
        cmocka_unit_test(a_mass_erase_of_one_bank_does_not_serve_the_other),
        cmocka_unit_test(a_reset_forgets_the_mass_erase),
        cmocka_unit_test(data_one_tick_late_gives_miserr_and_fasterr),
        cmocka_unit_test(miserr_or_fasterr_still_set_stops_a_program_and_an_erase),
        cmocka_unit_test(half_a_doubleword_is_late_too),
        cmocka_unit_test(an_address_that_does_not_follow_gives_pgaerr_and_fasterr),
        cmocka_unit_test(a_row_starts_at_its_first_doubleword),
        cmocka_unit_test(a_byte_in_a_row_gives_sizerr_and_fasterr),
        cmocka_unit_test(a_protected_page_gives_wrperr_and_fasterr),
        cmocka_unit_test(a_read_of_the_bank_cuts_the_row_without_a_flag),
        cmocka_unit_test(a_fetch_from_the_only_bank_cuts_the_row),
        cmocka_unit_test(reads_of_the_other_bank_leave_the_row_alone),
        cmocka_unit_test(after_the_row_the_bank_is_no_longer_watched),
        cmocka_unit_test(otp_can_not_be_programmed_fast),
        cmocka_unit_test(a_slow_clock_is_said_to_be_out_of_the_manual),
        cmocka_unit_test(a_row_of_more_than_7_ms_gives_fasterr),
        cmocka_unit_test(a_row_of_the_l4r5_has_64_doublewords),
        cmocka_unit_test(a_cut_tears_one_doubleword_of_the_row),
        cmocka_unit_test(a_cut_in_the_pulse_keeps_what_is_before_it_and_leaves_what_is_behind_it),
        cmocka_unit_test(a_reset_tears_the_doubleword_in_the_pulse_or_lets_it_finish),
        cmocka_unit_test(a_row_begins_and_ends_with_an_event_of_its_own),
        cmocka_unit_test(a_row_that_breaks_off_ends_with_the_event_too),
        cmocka_unit_test(a_doubleword_of_the_next_row_before_the_end_gives_pgaerr),
        cmocka_unit_test(after_an_error_in_a_row_the_next_write_waits_for_its_end),
        cmocka_unit_test(a_page_erase_ends_what_the_mass_erase_allowed),
        cmocka_unit_test(with_the_switch_only_the_page_erased_last_will_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
