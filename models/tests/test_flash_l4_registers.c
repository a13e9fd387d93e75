/* Tests of flash_l4.c: registers, locks, interrupts. L4 sheet 2, 3 and 12. */
#include "models/tests/flash_fixture.h"

enum { TARGET = MAIN + 0x1000 };

/* --- reset values, reserved bits --- */

static void registers_reset_as_the_manual_says(void **state)
{
    (void)state;
    static const struct {
        uint32_t addr, value;
    } expected[] = {
        {ACR, 0x00000600},
        {PDKEYR, 0},
        {KEYR, 0},
        {OPTKEYR, 0},
        {SR, 0},
        {CR, 0xC0000000},
        {ECCR, 0},
        {OPTR, 0xFFFFF8AA},
        {PCROP1SR, 0xFFFFFFFF},
        {PCROP1ER, 0x0FFF0000},
        {WRP1AR, 0xFF00FFFF},
        {WRP1BR, 0xFF00FFFF},
    };
    struct soc *soc = power_on_flash("stm32l452re");

    for (unsigned i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(read32(soc, expected[i].addr), expected[i].value);
    soc_destroy(soc);
}

static void bank_2_has_its_own_option_registers_on_dual_bank_parts_only(void **state)
{
    (void)state;
    struct soc *dual = power_on_flash("stm32l476rg");
    struct soc *single = power_on_flash("stm32l452re");

    assert_int_equal(read32(dual, PCROP2SR), 0xFFFFFFFF);
    assert_int_equal(read32(dual, WRP2AR), 0xFF00FFFF);
    assert_int_equal(read32(single, PCROP2SR), 0);
    assert_int_equal(read32(single, WRP2AR), 0);
    soc_destroy(dual);
    soc_destroy(single);
}

static void unlocked_cr_keeps_its_bits_and_no_reserved_ones(void **state)
{
    (void)state;
    static const struct {
        const char *chip;
        uint32_t kept;
    } parts[] = {
        {"stm32l452re", 0x070407FF}, /* no BKER, no MER2 */
        {"stm32l432kc", 0x070403FF}, /* PNB 9:3 */
        {"stm32l476rg", 0x07048FFF}, {"stm32l496zg", 0x07048FFF}, {"stm32l4r5zi", 0x07048FFF},
    };
    for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        struct soc *soc = power_on_flash(parts[i].chip);
        unlock(soc);
        unlock_options(soc);
        write32(soc, CR, ~(LOCK | OPTLOCK | STRT | OPTSTRT | OBL_LAUNCH));
        assert_int_equal(read32(soc, CR), parts[i].kept);
        soc_destroy(soc);
    }
}

static void latency_reads_back_in_the_width_of_the_part(void **state)
{
    (void)state;
    struct soc *l4 = power_on_flash("stm32l452re");
    struct soc *l4_plus = power_on_flash("stm32l4r5zi");

    write32(l4, ACR, 0x70F);
    write32(l4_plus, ACR, 0x70F);

    assert_int_equal(read32(l4, ACR), 0x707);
    assert_int_equal(read32(l4_plus, ACR), 0x70F);
    soc_destroy(l4);
    soc_destroy(l4_plus);
}

static void acr_cache_and_reset_bits_are_plain_storage(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");

    write32(soc, ACR, 1 << 8 | 1 << 11 | 1 << 12 | 4);

    assert_int_equal(read32(soc, ACR), 1 << 8 | 1 << 11 | 1 << 12 | 4);
    soc_destroy(soc);
}

static void the_engine_is_told_the_wait_states_of_a_fetch(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");

    write32(soc, ACR, 0x604);
    unsigned with_cache = soc->wires.flash_fetch_wait;
    write32(soc, ACR, 0x404);

    assert_int_equal(with_cache, 0);
    assert_int_equal(soc->wires.flash_fetch_wait, 4);
    soc_destroy(soc);
}

static void cfgr_exists_on_l4_plus_only(void **state)
{
    (void)state;
    struct soc *l4 = power_on_flash("stm32l476rg");
    struct soc *l4_plus = power_on_flash("stm32l4r5zi");

    write32(l4, FLASH + 0x130, 0xFFFFFFFF);
    write32(l4_plus, FLASH + 0x130, 0xFFFFFFFF);

    assert_int_equal(read32(l4, FLASH + 0x130), 0);
    assert_int_equal(read32(l4_plus, FLASH + 0x130), 1);
    soc_destroy(l4);
    soc_destroy(l4_plus);
}

static void a_hole_reads_zero_and_is_reported(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");

    write32(soc, FLASH + 0x1C, 0xFFFFFFFF);

    assert_int_equal(read32(soc, FLASH + 0x1C), 0);
    assert_int_equal(last_event(EVENT_UNIT_ABSENT)->addr, FLASH + 0x1C);
    soc_destroy(soc);
}

/* --- SR --- */

static void sr_flags_are_cleared_one_by_one_by_writing_1(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    store_doubleword(soc, TARGET, 1);
    assert_int_equal(read32(soc, SR), 0xA0);

    write32(soc, SR, 0x20);
    uint32_t one_left = read32(soc, SR);
    write32(soc, SR, 0);
    uint32_t zeros_do_nothing = read32(soc, SR);
    write32(soc, SR, 0x80);

    assert_int_equal(one_left, 0x80);
    assert_int_equal(zeros_do_nothing, 0x80);
    assert_int_equal(read32(soc, SR), 0);
    soc_destroy(soc);
}

static void writing_1_to_bsy_does_nothing(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");

    write32(soc, SR, BSY);

    assert_int_equal(read32(soc, SR), 0);
    soc_destroy(soc);
}

static void writing_1_toggles_pempty(void **state)
{
    (void)state;
    struct soc *soc = power_on_blank("stm32l452re");
    assert_int_equal(read32(soc, SR), PEMPTY);

    write32(soc, SR, PEMPTY);
    uint32_t once = read32(soc, SR);
    write32(soc, SR, PEMPTY);

    assert_int_equal(once, 0);
    assert_int_equal(read32(soc, SR), PEMPTY);
    soc_destroy(soc);
}

static void an_or_assignment_clears_all_flags_and_toggles_pempty(void **state)
{
    (void)state;
    struct soc *soc = power_on_blank("stm32l452re");
    store_doubleword(soc, TARGET, 1);

    write32(soc, SR, read32(soc, SR) | 1);

    assert_int_equal(read32(soc, SR), 0);
    soc_destroy(soc);
}

static void the_l476_has_no_pempty(void **state)
{
    (void)state;
    struct soc *soc = power_on_blank("stm32l476rg");

    write32(soc, SR, PEMPTY);

    assert_int_equal(read32(soc, SR), 0);
    soc_destroy(soc);
}

static void pempty_is_looked_at_on_power_on_only(void **state)
{
    (void)state;
    struct soc *soc = power_on_blank("stm32l452re");
    unlock(soc);
    program(soc, MAIN, UINT64_C(0x0800000920008000));

    soc_reset(soc, RESET_PIN);
    uint32_t after_pin = read32(soc, SR);
    power_cycle(soc);

    assert_int_equal(after_pin, PEMPTY);
    assert_int_equal(read32(soc, SR), 0);
    soc_destroy(soc);
}

/* --- keys --- */

/* L4 sheet 11.5: the word at 0x08000000, not its double word. */
static void pempty_is_about_the_first_word_alone(void **state)
{
    (void)state;
    static const uint8_t vectors[8] = {0xFF, 0xFF, 0xFF, 0xFF, 0x09, 0x00, 0x00, 0x08};
    struct soc *soc = power_on_blank("stm32l452re");
    soc_flash_load(soc, MAIN, vectors, sizeof vectors, FLASH_LOAD_PROGRAMMED);

    power_cycle(soc);

    assert_int_equal(read32(soc, SR), PEMPTY);
    soc_destroy(soc);
}

static void two_keys_unlock_cr(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");

    write32(soc, KEYR, 0x45670123);
    write32(soc, KEYR, 0xCDEF89AB);

    assert_int_equal(read32(soc, CR), 0x40000000);
    assert_int_equal(count_events(EVENT_FLASH_UNLOCK), 1);
    soc_destroy(soc);
}

static void wrong_key_locks_cr_until_reset(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");

    assert_true(write_sized(soc, KEYR, 4, 0x12345678).is_bus_error);

    assert_true(write_sized(soc, KEYR, 4, 0x45670123).is_bus_error);
    assert_true(write_sized(soc, KEYR, 4, 0xCDEF89AB).is_bus_error);
    assert_int_equal(read32(soc, CR), 0xC0000000);
    assert_true(soc_flash_activity(soc).is_locked_out);
    soc_reset(soc, RESET_SYSTEM);
    unlock(soc);
    assert_int_equal(read32(soc, CR), 0x40000000);
    soc_destroy(soc);
}

static void keys_in_the_wrong_order_are_a_bus_error(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");

    assert_true(write_sized(soc, KEYR, 4, 0xCDEF89AB).is_bus_error);

    assert_int_equal(count_events(EVENT_FLASH_LOCKOUT), 1);
    assert_string_equal(last_event(EVENT_FLASH_LOCKOUT)->rule, "L4.key.wrong");
    soc_destroy(soc);
}

static void keys_to_an_unlocked_cr_are_a_bus_error_and_lock_it(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);

    assert_true(write_sized(soc, KEYR, 4, 0x45670123).is_bus_error);

    assert_int_equal(read32(soc, CR), 0xC0000000);
    assert_true(is_assumed("L4.key.when_unlocked"));
    soc_destroy(soc);
}

static void keys_to_an_unlocked_cr_are_harmless_where_the_switch_says_so(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    switch_rule(soc, RULE_KEYR_WHEN_UNLOCKED_BENIGN);
    unlock(soc);

    unlock(soc);

    assert_int_equal(read32(soc, CR), 0x40000000);
    soc_destroy(soc);
}

static void option_keys_before_the_keys_are_a_bus_error(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");

    assert_true(write_sized(soc, OPTKEYR, 4, 0x08192A3B).is_bus_error);

    assert_string_equal(last_event(EVENT_FLASH_LOCKOUT)->rule, "L4.key.options_first");
    unlock(soc);
    assert_true(write_sized(soc, OPTKEYR, 4, 0x08192A3B).is_bus_error);
    assert_int_equal(read32(soc, CR), 0x40000000);
    soc_destroy(soc);
}

static void option_keys_after_the_keys_clear_optlock(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);

    unlock_options(soc);

    assert_int_equal(read32(soc, CR), 0);
    assert_int_equal(count_events(EVENT_FLASH_OPTION_UNLOCK), 1);
    soc_destroy(soc);
}

static void a_wrong_option_key_locks_options_until_reset_and_leaves_lock(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);

    assert_true(write_sized(soc, OPTKEYR, 4, 0x4C5D6E7F).is_bus_error);

    assert_true(write_sized(soc, OPTKEYR, 4, 0x08192A3B).is_bus_error);
    assert_int_equal(read32(soc, CR), 0x40000000);
    soc_destroy(soc);
}

static void setting_lock_sets_optlock_too(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);
    unlock_options(soc);

    write32(soc, CR, LOCK);

    assert_int_equal(read32(soc, CR), 0xC0000000);
    soc_destroy(soc);
}

static void setting_optlock_leaves_lock(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);
    unlock_options(soc);

    write32(soc, CR, OPTLOCK);

    assert_int_equal(read32(soc, CR), 0x40000000);
    soc_destroy(soc);
}

static void writing_0_to_lock_does_nothing(void **state)
{
    (void)state;
    struct soc *locked = power_on_flash("stm32l452re");

    write32(locked, CR, 0);

    assert_int_equal(read32(locked, CR), 0xC0000000);
    soc_destroy(locked);
}

static void locking_and_unlocking_works_any_number_of_times(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");

    for (uint32_t i = 0; i < 10; i++) {
        unlock(soc);
        assert_int_equal(program(soc, TARGET + 8 * i, i), 0);
        write32(soc, CR, LOCK);
        assert_int_equal(read32(soc, CR), 0xC0000000);
    }
    soc_destroy(soc);
}

static void a_write_to_locked_cr_is_ignored_without_a_fault(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");

    write32(soc, CR, PG | EOPIE);

    assert_int_equal(read32(soc, CR), 0xC0000000);
    assert_int_equal(read32(soc, SR), 0);
    assert_string_equal(last_event(EVENT_FLASH_ERROR)->rule, "L4.lock.cr_ignored");
    soc_destroy(soc);
}

static void run_pd_needs_its_keys_and_clearing_it_throws_them_away(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");

    write32(soc, ACR, 0x600 | 1 << 13);
    uint32_t without_keys = read32(soc, ACR);
    write32(soc, PDKEYR, 0x04152637);
    write32(soc, PDKEYR, 0xFAFBFCFD);
    write32(soc, ACR, 0x600 | 1 << 13);
    uint32_t with_keys = read32(soc, ACR);
    write32(soc, ACR, 0x600);
    write32(soc, ACR, 0x600 | 1 << 13);

    assert_int_equal(without_keys, 0x600);
    assert_int_equal(with_keys, 0x2600);
    assert_int_equal(read32(soc, ACR), 0x600);
    soc_destroy(soc);
}

static void a_wrong_power_down_key_is_no_bus_error_and_may_be_tried_again(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");

    write32(soc, PDKEYR, 1);
    write32(soc, PDKEYR, 0x04152637);
    write32(soc, PDKEYR, 0xFAFBFCFD);
    write32(soc, ACR, 0x600 | 1 << 13);

    assert_int_equal(read32(soc, ACR), 0x2600);
    assert_true(is_assumed("L4.key.power_down_wrong"));
    soc_destroy(soc);
}

/* --- stalls of register writes --- */

static void stalls_until_idle(uint32_t addr, uint32_t value)
{
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);
    unlock_options(soc);
    start_page_erase(soc, 3);
    uint64_t start_ps = soc->clock.now_ps;

    write32(soc, addr, value);

    assert_true(soc->clock.now_ps == start_ps + PAGE_ERASE_NS * 1000);
    assert_int_equal(read32(soc, SR) & BSY, 0);
    soc_destroy(soc);
}

static void writes_to_cr_eccr_and_option_registers_wait_for_bsy(void **state)
{
    (void)state;
    stalls_until_idle(CR, PG);
    stalls_until_idle(ECCR, 0);
    stalls_until_idle(OPTR, 0xFFFFF8AA);
    stalls_until_idle(WRP1AR, 0xFF00FFFF);
    stalls_until_idle(PCROP1SR, 0xFFFFFFFF);
}

static void a_write_to_cr_that_waited_takes_effect(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);
    start_page_erase(soc, 3);

    write32(soc, CR, PG);

    assert_int_equal(read32(soc, CR) & 0x10003, PG);
    soc_destroy(soc);
}

static void keys_written_while_busy_wait_too(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);
    start_page_erase(soc, 3);
    uint64_t start_ps = soc->clock.now_ps;

    write32(soc, OPTKEYR, 0x08192A3B);

    assert_true(soc->clock.now_ps == start_ps + PAGE_ERASE_NS * 1000);
    assert_true(is_assumed("L4.key.while_busy"));
    soc_destroy(soc);
}

static void acr_and_sr_writes_and_register_reads_do_not_wait(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);
    start_page_erase(soc, 3);
    uint64_t start_ps = soc->clock.now_ps;

    write32(soc, ACR, 0x604);
    write32(soc, SR, 0xC3FB);
    read32(soc, CR);
    read32(soc, OPTR);

    assert_true(soc->clock.now_ps == start_ps);
    assert_int_equal(read32(soc, SR), BSY);
    soc_destroy(soc);
}

/* --- flags with enables, interrupts --- */

static void eop_appears_only_with_eopie(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);
    uint32_t polled = program(soc, TARGET, 1);

    write32(soc, CR, PG | EOPIE);
    store_doubleword(soc, TARGET + 8, 2);
    wait_while_busy(soc);

    assert_int_equal(polled, 0);
    assert_int_equal(read32(soc, SR), 1);
    assert_true(irq_is_high(soc));
    write32(soc, SR, 1);
    assert_false(irq_is_high(soc));
    soc_destroy(soc);
}

static void enabling_eopie_afterwards_does_not_fire_late(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);
    program(soc, TARGET, 1);

    write32(soc, CR, EOPIE);

    assert_int_equal(read32(soc, SR), 0);
    assert_false(irq_is_high(soc));
    soc_destroy(soc);
}

static void operr_comes_with_an_error_only_with_errie(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);
    write32(soc, TARGET, 1);
    uint32_t without = read32(soc, SR);
    clear_flags(soc);
    write32(soc, CR, ERRIE);

    write32(soc, TARGET, 1);

    assert_int_equal(without, 0x80);
    assert_int_equal(read32(soc, SR), 0x82);
    assert_true(irq_is_high(soc));
    write32(soc, SR, 2);
    assert_false(irq_is_high(soc));
    soc_destroy(soc);
}

static void the_interrupt_is_a_level_under_its_enable(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);
    write32(soc, CR, PG | EOPIE);
    store_doubleword(soc, TARGET, 2);
    wait_while_busy(soc);

    write32(soc, CR, 0);
    bool disabled = irq_is_high(soc);
    write32(soc, CR, EOPIE);

    assert_false(disabled);
    assert_true(irq_is_high(soc));
    soc_destroy(soc);
}

/* --- reset --- */

static void every_system_reset_locks_and_clears(void **state)
{
    (void)state;
    static const enum reset_cause causes[] = {RESET_PIN,  RESET_SYSTEM,   RESET_IWDG,
                                              RESET_WWDG, RESET_POWER_ON, RESET_OPTION_LOAD};
    for (unsigned i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        struct soc *soc = power_on_flash("stm32l452re");
        unlock(soc);
        write32(soc, ACR, 0x104);
        store_doubleword(soc, TARGET, 1);
        write32(soc, CR, PG | EOPIE | ERRIE);
        soc_reset(soc, causes[i]);
        assert_int_equal(read32(soc, CR), 0xC0000000);
        assert_int_equal(read32(soc, SR), 0);
        assert_int_equal(read32(soc, ACR), 0x600);
        assert_false(irq_is_high(soc));
        soc_destroy(soc);
    }
}

static void a_wrong_key_closes_the_option_lock_too(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);
    unlock_options(soc);

    write_sized(soc, KEYR, 4, 1);

    assert_int_equal(read32(soc, CR), 0xC0000000);
    soc_destroy(soc);
}

static void a_clock_too_fast_for_the_wait_states_is_noted(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    soc->wires.hclk_hz = 16000000;
    device_signal(&soc->system, WIRE_CLOCKS, soc->wires.hclk_hz);
    assert_false(rule_seen("L4.latency.too_low"));

    soc->wires.hclk_hz = 32000000;
    device_signal(&soc->system, WIRE_CLOCKS, soc->wires.hclk_hz);

    assert_true(rule_seen("L4.latency.too_low"));
    soc_destroy(soc);
}

/* L4 sheet 10: range 2 allows 6 MHz without wait states where range 1 allows 16. */
static void in_voltage_range_2_a_slower_clock_is_too_fast(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    soc->wires.voltage_range = 2;
    soc->wires.hclk_hz = 6000000;
    device_signal(&soc->system, WIRE_CLOCKS, soc->wires.hclk_hz);
    assert_false(rule_seen("L4.latency.too_low"));

    soc->wires.hclk_hz = 8000000;
    device_signal(&soc->system, WIRE_CLOCKS, soc->wires.hclk_hz);

    assert_true(rule_seen("L4.latency.too_low"));
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_reset_as_the_manual_says),
        cmocka_unit_test(bank_2_has_its_own_option_registers_on_dual_bank_parts_only),
        cmocka_unit_test(unlocked_cr_keeps_its_bits_and_no_reserved_ones),
        cmocka_unit_test(latency_reads_back_in_the_width_of_the_part),
        cmocka_unit_test(acr_cache_and_reset_bits_are_plain_storage),
        cmocka_unit_test(the_engine_is_told_the_wait_states_of_a_fetch),
        cmocka_unit_test(cfgr_exists_on_l4_plus_only),
        cmocka_unit_test(a_hole_reads_zero_and_is_reported),
        cmocka_unit_test(sr_flags_are_cleared_one_by_one_by_writing_1),
        cmocka_unit_test(writing_1_to_bsy_does_nothing),
        cmocka_unit_test(writing_1_toggles_pempty),
        cmocka_unit_test(an_or_assignment_clears_all_flags_and_toggles_pempty),
        cmocka_unit_test(the_l476_has_no_pempty),
        cmocka_unit_test(pempty_is_looked_at_on_power_on_only),
        cmocka_unit_test(pempty_is_about_the_first_word_alone),
        cmocka_unit_test(two_keys_unlock_cr),
        cmocka_unit_test(wrong_key_locks_cr_until_reset),
        cmocka_unit_test(keys_in_the_wrong_order_are_a_bus_error),
        cmocka_unit_test(keys_to_an_unlocked_cr_are_a_bus_error_and_lock_it),
        cmocka_unit_test(keys_to_an_unlocked_cr_are_harmless_where_the_switch_says_so),
        cmocka_unit_test(option_keys_before_the_keys_are_a_bus_error),
        cmocka_unit_test(option_keys_after_the_keys_clear_optlock),
        cmocka_unit_test(a_wrong_option_key_locks_options_until_reset_and_leaves_lock),
        cmocka_unit_test(setting_lock_sets_optlock_too),
        cmocka_unit_test(setting_optlock_leaves_lock),
        cmocka_unit_test(writing_0_to_lock_does_nothing),
        cmocka_unit_test(locking_and_unlocking_works_any_number_of_times),
        cmocka_unit_test(a_write_to_locked_cr_is_ignored_without_a_fault),
        cmocka_unit_test(run_pd_needs_its_keys_and_clearing_it_throws_them_away),
        cmocka_unit_test(a_wrong_power_down_key_is_no_bus_error_and_may_be_tried_again),
        cmocka_unit_test(writes_to_cr_eccr_and_option_registers_wait_for_bsy),
        cmocka_unit_test(a_write_to_cr_that_waited_takes_effect),
        cmocka_unit_test(keys_written_while_busy_wait_too),
        cmocka_unit_test(acr_and_sr_writes_and_register_reads_do_not_wait),
        cmocka_unit_test(eop_appears_only_with_eopie),
        cmocka_unit_test(enabling_eopie_afterwards_does_not_fire_late),
        cmocka_unit_test(operr_comes_with_an_error_only_with_errie),
        cmocka_unit_test(the_interrupt_is_a_level_under_its_enable),
        cmocka_unit_test(a_clock_too_fast_for_the_wait_states_is_noted),
        cmocka_unit_test(in_voltage_range_2_a_slower_clock_is_too_fast),
        cmocka_unit_test(every_system_reset_locks_and_clears),
        cmocka_unit_test(a_wrong_key_closes_the_option_lock_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
