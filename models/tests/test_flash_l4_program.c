/* Tests of flash_l4_program.c: L4 sheet 4. SR values are those of sheet 4.4, measured or predicted.
 */
#include "models/tests/flash_fixture.h"

enum { TARGET = MAIN + 0x1000, TARGET_PAGE = 2 };

static struct soc *ready(void)
{
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);
    return soc;
}

static void two_words_program_a_doubleword(void **state)
{
    (void)state;
    struct soc *soc = ready();

    uint32_t sr = program(soc, TARGET, UINT64_C(0x1122334455667788));

    assert_int_equal(sr, 0);
    assert_true(read64(soc, TARGET) == UINT64_C(0x1122334455667788));
    assert_int_equal(count_events(EVENT_FLASH_PROGRAM_END), 1);
    soc_destroy(soc);
}

static void bsy_rises_with_the_second_word_by_itself(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);

    write32(soc, TARGET, 1);
    uint32_t after_first = read32(soc, SR);
    write32(soc, TARGET + 4, 2);

    assert_int_equal(after_first, 0);
    assert_int_equal(read32(soc, SR), BSY);
    soc_destroy(soc);
}

static void before_the_second_word_a_read_gives_old_data(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);

    write32(soc, TARGET, 0x12345678);

    assert_int_equal(read32(soc, TARGET), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void programming_takes_81690_ns_and_not_one_less(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);
    store_doubleword(soc, TARGET, 5);
    uint64_t start_ps = soc->clock.now_ps;

    advance_to(soc, start_ps + PROGRAM_NS * 1000 - 1);
    uint32_t before = read32(soc, SR);
    advance_to(soc, start_ps + PROGRAM_NS * 1000);

    assert_int_equal(before, BSY);
    assert_int_equal(read32(soc, SR), 0);
    assert_int_equal(read32(soc, TARGET), 5);
    soc_destroy(soc);
}

static void timing_max_takes_90760_ns(void **state)
{
    (void)state;
    struct soc *soc = ready();
    soc->wires.timing = TIMING_MAX;
    write32(soc, CR, PG);
    store_doubleword(soc, TARGET, 5);
    uint64_t start_ps = soc->clock.now_ps;

    advance_to(soc, start_ps + UINT64_C(90760000) - 1);
    uint32_t before = read32(soc, SR);
    advance_to(soc, start_ps + UINT64_C(90760000));

    assert_int_equal(before, BSY);
    assert_int_equal(read32(soc, SR), 0);
    soc_destroy(soc);
}

static void a_second_program_of_the_same_doubleword_gives_a8(void **state)
{
    (void)state;
    struct soc *soc = ready();
    program(soc, TARGET, UINT64_C(0x1122334455667788));

    write32(soc, CR, PG);
    write32(soc, TARGET, 1);
    uint32_t after_first = read32(soc, SR);
    write32(soc, TARGET + 4, 2);

    assert_int_equal(after_first, 0x08);
    assert_int_equal(read32(soc, SR), 0xA8);
    assert_true(read64(soc, TARGET) == UINT64_C(0x1122334455667788));
    assert_true(rule_seen("L4.program.not_blank"));
    soc_destroy(soc);
}

static void two_words_without_pg_give_a0(void **state)
{
    (void)state;
    struct soc *soc = ready();

    store_doubleword(soc, TARGET, 1);

    assert_int_equal(read32(soc, SR), 0xA0);
    assert_int_equal(read32(soc, TARGET), 0xFFFFFFFF);
    assert_true(rule_seen("L4.program.pg_clear"));
    soc_destroy(soc);
}

static void programming_while_locked_gives_a0_and_no_fault(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");

    write32(soc, CR, PG);
    store_doubleword(soc, TARGET, 1);

    assert_int_equal(read32(soc, SR), 0xA0);
    assert_true(rule_seen("L4.program.locked"));
    soc_destroy(soc);
}

/* L4 sheet 4.3 PGSERR (a): PG reads 1, but CR is locked. */
static void a_lock_with_pg_left_set_stops_programming(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);
    write32(soc, CR, PG | LOCK);
    assert_int_equal(read32(soc, CR), LOCK | OPTLOCK | PG);

    store_doubleword(soc, TARGET, 1);

    assert_int_equal(read32(soc, SR), 0xA0);
    assert_true(read64(soc, TARGET) == UINT64_MAX);
    soc_destroy(soc);
}

static void a_stray_aligned_word_gives_80(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");

    write32(soc, 0x00000000, 0x12345678); /* a null pointer: the alias of main flash */

    assert_int_equal(read32(soc, SR), 0x80);
    assert_int_equal(read32(soc, MAIN), 0x20008000);
    soc_destroy(soc);
}

static void a_byte_store_with_pg_gives_40(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);

    write_sized(soc, TARGET, 1, 0x55);

    assert_int_equal(read32(soc, SR), 0x40);
    soc_destroy(soc);
}

static void a_half_word_store_with_pg_gives_40(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);

    write_sized(soc, TARGET + 2, 2, 0x5555);

    assert_int_equal(read32(soc, SR), 0x40);
    soc_destroy(soc);
}

static void a_byte_store_without_pg_gives_c0_or_e0(void **state)
{
    (void)state;
    struct soc *soc = ready();

    write_sized(soc, TARGET, 1, 0x55);
    uint32_t aligned = read32(soc, SR);
    clear_flags(soc);
    write_sized(soc, TARGET + 5, 1, 0x55);

    assert_int_equal(aligned, 0xC0);
    assert_int_equal(read32(soc, SR), 0xE0);
    soc_destroy(soc);
}

static void a_doubleword_at_a_plus_4_gives_20_then_a0(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);

    write32(soc, TARGET + 4, 1);
    uint32_t after_first = read32(soc, SR);
    write32(soc, TARGET + 8, 2);

    assert_int_equal(after_first, 0x20);
    assert_int_equal(read32(soc, SR), 0xA0);
    assert_int_equal(read32(soc, TARGET + 4), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void a_zero_first_word_leaves_the_decision_to_the_second(void **state)
{
    (void)state;
    struct soc *soc = ready();
    program(soc, TARGET, 7);
    write32(soc, CR, PG);

    write32(soc, TARGET, 0);
    uint32_t after_first = read32(soc, SR);
    write32(soc, TARGET + 4, 1);

    assert_int_equal(after_first, 0);
    assert_int_equal(read32(soc, SR), 0x08);
    assert_int_equal(read32(soc, TARGET), 7);
    soc_destroy(soc);
}

static void zeros_go_over_anything(void **state)
{
    (void)state;
    struct soc *soc = ready();
    program(soc, TARGET, UINT64_C(0x1122334455667788));

    uint32_t sr = program(soc, TARGET, 0);

    assert_int_equal(sr, 0);
    assert_true(read64(soc, TARGET) == 0);
    assert_int_equal(read32(soc, ECCR), 0);
    soc_destroy(soc);
}

static void zeros_over_zeros_are_accepted_and_it_is_said(void **state)
{
    (void)state;
    struct soc *soc = ready();
    program(soc, TARGET, 0);

    uint32_t sr = program(soc, TARGET, 0);

    assert_int_equal(sr, 0);
    assert_true(is_assumed("L4.program.zero_over_zero"));
    soc_destroy(soc);
}

static void zeros_over_zeros_give_a8_where_the_switch_says_so(void **state)
{
    (void)state;
    struct soc *soc = ready();
    switch_rule(soc, RULE_ZERO_OVER_ZERO_REFUSED);
    program(soc, TARGET, 0);

    uint32_t sr = program(soc, TARGET, 0);

    assert_int_equal(sr, 0xA8);
    soc_destroy(soc);
}

static void all_ones_consume_a_doubleword(void **state)
{
    (void)state;
    struct soc *soc = ready();

    uint32_t first = program(soc, TARGET, UINT64_MAX);
    uint32_t second = program(soc, TARGET, 5);

    assert_int_equal(first, 0);
    assert_true(read64(soc, TARGET) == UINT64_MAX);
    assert_int_equal(second, 0xA8);
    soc_destroy(soc);
}

static void a_stale_flag_makes_the_next_program_fail(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, TARGET, 1); /* PG clear: PGSERR */

    uint32_t sr = program(soc, TARGET, 5);

    assert_int_equal(sr, 0xA0);
    assert_int_equal(read32(soc, TARGET), 0xFFFFFFFF);
    assert_true(rule_seen("L4.program.stale_flag"));
    clear_flags(soc);
    assert_int_equal(program(soc, TARGET, 5), 0);
    soc_destroy(soc);
}

static void clearing_pg_drops_the_pending_word_without_a_flag(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);
    write32(soc, TARGET, 1);

    write32(soc, CR, 0);
    write32(soc, CR, PG);
    write32(soc, TARGET, 3);
    write32(soc, TARGET + 4, 4);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, SR), 0);
    assert_int_equal(read32(soc, TARGET), 3);
    soc_destroy(soc);
}

static void setting_lock_drops_the_pending_word_without_a_flag(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);
    write32(soc, TARGET, 1);

    write32(soc, CR, PG | LOCK);

    assert_int_equal(read32(soc, SR), 0);
    assert_false(soc_flash_activity(soc).has_pending_word);
    soc_destroy(soc);
}

static void a_second_word_in_another_doubleword_loses_both(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);

    write32(soc, TARGET, 1);
    write32(soc, TARGET + 12, 2);

    assert_int_equal(read32(soc, SR), 0x20);
    assert_int_equal(read32(soc, TARGET), 0xFFFFFFFF);
    assert_false(soc_flash_activity(soc).has_pending_word);
    assert_true(is_assumed("L4.program.pair_broken"));
    soc_destroy(soc);
}

static void the_same_word_twice_gives_20(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);

    write32(soc, TARGET, 1);
    write32(soc, TARGET, 1);

    assert_int_equal(read32(soc, SR), 0x20);
    soc_destroy(soc);
}

static void the_second_word_first_gives_a0(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);

    write32(soc, TARGET + 4, 1);
    write32(soc, TARGET, 2);

    assert_int_equal(read32(soc, SR), 0xA0);
    soc_destroy(soc);
}

static void a_write_while_busy_waits_and_is_then_judged(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);
    store_doubleword(soc, TARGET, 1);
    uint64_t start_ps = soc->clock.now_ps;

    store_doubleword(soc, TARGET + 8, 2);

    assert_true(soc->clock.now_ps == start_ps + PROGRAM_NS * 1000);
    wait_while_busy(soc);
    assert_int_equal(read32(soc, SR), 0);
    assert_int_equal(read32(soc, TARGET), 1);
    assert_int_equal(read32(soc, TARGET + 8), 2);
    soc_destroy(soc);
}

static void programming_through_the_alias_at_0_works(void **state)
{
    (void)state;
    struct soc *soc = ready();

    uint32_t sr = program(soc, 0x1000, 9);

    assert_int_equal(sr, 0);
    assert_int_equal(read32(soc, TARGET), 9);
    soc_destroy(soc);
}

static void dma_words_program_like_stores(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);

    for (uint32_t i = 0; i < 2; i++)
        make_access(soc, (struct access){.addr = TARGET + 4 * i,
                                         .size = 4,
                                         .value = i + 1,
                                         .is_write = true,
                                         .master = MASTER_DMA1});
    wait_while_busy(soc);

    assert_int_equal(read32(soc, SR), 0);
    assert_true(read64(soc, TARGET) == UINT64_C(0x0000000200000001));
    soc_destroy(soc);
}

static void pg_with_fstpg_gives_pgserr(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG | FSTPG);

    write32(soc, TARGET, 1);

    assert_int_equal(read32(soc, SR), 0x80);
    assert_true(is_assumed("L4.program.both_modes"));
    soc_destroy(soc);
}

static void pg_with_per_left_set_gives_pgserr(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG | PER);

    write32(soc, TARGET, 1);

    assert_int_equal(read32(soc, SR), 0x80);
    assert_true(rule_seen("L4.program.erase_mode"));
    soc_destroy(soc);
}

static void voltage_range_2_is_allowed_unless_the_switch_says_pgserr(void **state)
{
    (void)state;
    struct soc *soc = ready();
    soc->wires.voltage_range = 2;

    uint32_t by_default = program(soc, TARGET, 1);
    switch_rule(soc, RULE_RANGE2_PGSERR);
    write32(soc, CR, PG);
    write32(soc, TARGET + 8, 1);

    assert_int_equal(by_default, 0);
    assert_true(is_assumed("L4.program.range2"));
    assert_int_equal(read32(soc, SR), 0x80);
    soc_destroy(soc);
}

static void pg_may_stay_set_over_many_doublewords(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);

    for (uint32_t i = 0; i < 8; i++)
        store_doubleword(soc, TARGET + 8 * i, i);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, SR), 0);
    for (uint32_t i = 0; i < 8; i++)
        assert_int_equal(read32(soc, TARGET + 8 * i), i);
    soc_destroy(soc);
}

static void the_first_word_is_in_the_trace_and_in_the_activity(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);

    write32(soc, TARGET, 0xCAFE);

    assert_int_equal(last_event(EVENT_FLASH_LATCH)->addr, TARGET);
    assert_int_equal(last_event(EVENT_FLASH_LATCH)->value, 0xCAFE);
    assert_true(soc_flash_activity(soc).has_pending_word);
    assert_int_equal(soc_flash_activity(soc).pending_addr, TARGET);
    soc_destroy(soc);
}

static void start_and_end_carry_the_ordinal_of_the_operation(void **state)
{
    (void)state;
    struct soc *soc = ready();
    program(soc, TARGET, 1);

    program(soc, TARGET + 8, 2);

    assert_int_equal(last_event(EVENT_FLASH_PROGRAM_START)->op, 2);
    assert_int_equal(last_event(EVENT_FLASH_PROGRAM_END)->op, 2);
    assert_int_equal(last_event(EVENT_FLASH_PROGRAM_END)->addr, TARGET + 8);
    soc_destroy(soc);
}

static void a_flag_raised_between_the_words_does_not_touch_the_pair(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);
    write32(soc, TARGET, 1);
    write32(soc, CR, PG | PER | STRT); /* an erase that is refused */
    write32(soc, CR, PG);

    write32(soc, TARGET + 4, 2);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, SR), 0x80);
    assert_true(read64(soc, TARGET) == UINT64_C(0x0000000200000001));
    soc_destroy(soc);
}

static void the_zero_switch_concerns_zeros_only(void **state)
{
    (void)state;
    struct soc *soc = ready();
    switch_rule(soc, RULE_ZERO_OVER_ZERO_REFUSED);
    program(soc, TARGET, 5);

    assert_int_equal(program(soc, TARGET, 0), 0);
    soc_destroy(soc);
}

static void pg_with_mer2_left_set_gives_pgserr(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l476rg");
    unlock(soc);
    write32(soc, CR, PG | MER2);

    write32(soc, TARGET, 1);

    assert_int_equal(read32(soc, SR), 0x80);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_words_program_a_doubleword),
        cmocka_unit_test(bsy_rises_with_the_second_word_by_itself),
        cmocka_unit_test(before_the_second_word_a_read_gives_old_data),
        cmocka_unit_test(programming_takes_81690_ns_and_not_one_less),
        cmocka_unit_test(timing_max_takes_90760_ns),
        cmocka_unit_test(a_second_program_of_the_same_doubleword_gives_a8),
        cmocka_unit_test(two_words_without_pg_give_a0),
        cmocka_unit_test(programming_while_locked_gives_a0_and_no_fault),
        cmocka_unit_test(a_lock_with_pg_left_set_stops_programming),
        cmocka_unit_test(a_stray_aligned_word_gives_80),
        cmocka_unit_test(a_byte_store_with_pg_gives_40),
        cmocka_unit_test(a_half_word_store_with_pg_gives_40),
        cmocka_unit_test(a_byte_store_without_pg_gives_c0_or_e0),
        cmocka_unit_test(a_doubleword_at_a_plus_4_gives_20_then_a0),
        cmocka_unit_test(a_zero_first_word_leaves_the_decision_to_the_second),
        cmocka_unit_test(zeros_go_over_anything),
        cmocka_unit_test(zeros_over_zeros_are_accepted_and_it_is_said),
        cmocka_unit_test(zeros_over_zeros_give_a8_where_the_switch_says_so),
        cmocka_unit_test(all_ones_consume_a_doubleword),
        cmocka_unit_test(a_stale_flag_makes_the_next_program_fail),
        cmocka_unit_test(clearing_pg_drops_the_pending_word_without_a_flag),
        cmocka_unit_test(setting_lock_drops_the_pending_word_without_a_flag),
        cmocka_unit_test(a_second_word_in_another_doubleword_loses_both),
        cmocka_unit_test(the_same_word_twice_gives_20),
        cmocka_unit_test(the_second_word_first_gives_a0),
        cmocka_unit_test(a_write_while_busy_waits_and_is_then_judged),
        cmocka_unit_test(programming_through_the_alias_at_0_works),
        cmocka_unit_test(dma_words_program_like_stores),
        cmocka_unit_test(pg_with_fstpg_gives_pgserr),
        cmocka_unit_test(pg_with_per_left_set_gives_pgserr),
        cmocka_unit_test(voltage_range_2_is_allowed_unless_the_switch_says_pgserr),
        cmocka_unit_test(pg_may_stay_set_over_many_doublewords),
        cmocka_unit_test(the_first_word_is_in_the_trace_and_in_the_activity),
        cmocka_unit_test(start_and_end_carry_the_ordinal_of_the_operation),
        cmocka_unit_test(a_flag_raised_between_the_words_does_not_touch_the_pair),
        cmocka_unit_test(the_zero_switch_concerns_zeros_only),
        cmocka_unit_test(pg_with_mer2_left_set_gives_pgserr),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
