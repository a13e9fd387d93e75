/* The pitfalls of PITFALLS_L4.md (L4 sheet 14.2) that need no CPU, met the way the vendor's library
 * meets them: exact flags, data left alone, which call fails and which works again. */
#include "models/tests/hal_fixture.h"

enum { TARGET = MAIN + 0x1000, PAGE = 2, BANK2 = MAIN + 0x80000 };
#define DATA UINT64_C(0x1122334455667788)
#define OTHER UINT64_C(0x0102030405060708)
#define BLANK UINT64_MAX

static struct hal start(const char *chip)
{
    struct hal hal = hal_for(power_on_flash(chip));
    assert_int_equal(hal_unlock(&hal), HAL_OK);
    return hal;
}

/* The next call reports what stands in SR and does nothing; the one after it works. */
static void assert_one_call_fails(struct hal *hal, uint32_t code)
{
    assert_int_equal(hal_program(hal, TARGET, DATA), HAL_ERROR);
    assert_int_equal(hal->error_code, code);
    assert_true(read64(hal->soc, TARGET) == BLANK);
    assert_int_equal(read32(hal->soc, SR), 0);
    assert_int_equal(hal_program(hal, TARGET, DATA), HAL_OK);
    assert_true(read64(hal->soc, TARGET) == DATA);
}

static void debugger_write(struct soc *soc, uint32_t addr, uint32_t value)
{
    struct access access = {
        .addr = addr, .size = 4, .value = value, .is_write = true, .master = MASTER_DEBUGGER};
    assert_false(make_access(soc, access).is_bus_error);
}

/* --- flags that stand from before --- */

static void one_stale_flag_fails_one_hal_call(void **state)
{
    (void)state;
    static const char *const chips[] = {"stm32l452re", "stm32l476rg", "stm32l496zg", "stm32l4r5zi"};
    for (unsigned i = 0; i < sizeof chips / sizeof chips[0]; i++) {
        struct hal hal = start(chips[i]);
        write32(hal.soc, CR, PG);
        write32(hal.soc, TARGET + 4, 1);
        write32(hal.soc, CR, 0);
        assert_one_call_fails(&hal, 0x20);

        struct hal stray = start(chips[i]);
        write32(stray.soc, TARGET, 1);
        assert_one_call_fails(&stray, 0x80);
        soc_destroy(hal.soc);
        soc_destroy(stray.soc);
    }
}

static void a_null_pointer_write_fails_the_next_hal_call_once(void **state)
{
    (void)state;
    struct hal hal = start("stm32l432kc");
    uint32_t before = read32(hal.soc, 0);

    write32(hal.soc, 0, 0xDEAD0001);

    assert_int_equal(read32(hal.soc, SR), 0x80);
    assert_int_equal(read32(hal.soc, 0), before);
    assert_int_equal(read32(hal.soc, MAIN), before);
    assert_one_call_fails(&hal, 0x80);
    soc_destroy(hal.soc);
}

static void sorting_a_constant_table_changes_nothing(void **state)
{
    (void)state;
    struct hal hal = start("stm32l452re");
    assert_int_equal(hal_program(&hal, TARGET + 8, DATA), HAL_OK);
    hal_lock(&hal);

    write_sized(hal.soc, TARGET + 8, 2, 0x5566);
    uint32_t after_low = read32(hal.soc, SR);
    write_sized(hal.soc, TARGET + 14, 2, 0x7788);

    assert_int_equal(after_low, 0xC0);
    assert_int_equal(read32(hal.soc, SR), 0xE0);
    assert_true(read64(hal.soc, TARGET + 8) == DATA);
    assert_int_equal(hal_unlock(&hal), HAL_OK);
    assert_one_call_fails(&hal, 0xE0);
    soc_destroy(hal.soc);
}

static void pempty_fails_the_first_hal_call_with_20000(void **state)
{
    (void)state;
    static const char *const chips[] = {"stm32l4r5zi", "stm32l432kc", "stm32l452re"};
    for (unsigned i = 0; i < sizeof chips / sizeof chips[0]; i++) {
        struct hal hal = hal_for(power_on_blank(chips[i]));
        hal_unlock(&hal);

        enum hal_status first = hal_erase_page(&hal, HAL_BANK_1, PAGE);
        uint32_t code = hal.error_code;
        uint32_t sr = read32(hal.soc, SR);

        assert_int_equal(first, HAL_ERROR);
        assert_int_equal(code, 0x20000);
        assert_int_equal(sr, 0);
        assert_int_equal(hal_erase_page(&hal, HAL_BANK_1, PAGE), HAL_OK);
        soc_destroy(hal.soc);
    }
}

static void optverr_fails_the_first_hal_call_with_8000(void **state)
{
    (void)state;
    struct hal hal = hal_for(power_on_flash("stm32l452re"));
    switch_rule(hal.soc, RULE_SPURIOUS_OPTVERR);
    power_cycle(hal.soc);
    hal_unlock(&hal);

    assert_one_call_fails(&hal, 0x8000);
    soc_destroy(hal.soc);
}

static void a_loader_leaves_lock_pg_and_flags_behind(void **state)
{
    (void)state;
    struct hal hal = hal_for(power_on_flash("stm32l452re"));
    debugger_write(hal.soc, KEYR, 0x45670123);
    debugger_write(hal.soc, KEYR, 0xCDEF89AB);
    debugger_write(hal.soc, CR, PG);
    debugger_write(hal.soc, TARGET + 4, 1);

    assert_int_equal(read32(hal.soc, CR), OPTLOCK | PG);
    assert_int_equal(hal_unlock(&hal), HAL_OK);
    assert_int_equal(hal_erase_page(&hal, HAL_BANK_1, PAGE), HAL_ERROR);
    assert_int_equal(hal.error_code, 0x20);
    assert_int_equal(hal_erase_page(&hal, HAL_BANK_1, PAGE), HAL_ERROR);
    assert_int_equal(hal.error_code, 0x80);
    struct access_result key = write_sized(hal.soc, KEYR, 4, 0x45670123);
    assert_true(key.is_bus_error);
    assert_int_equal(read32(hal.soc, CR) & LOCK, LOCK);
    soc_destroy(hal.soc);
}

/* --- programming --- */

static void programming_twice_through_hal_gives_a8(void **state)
{
    (void)state;
    for (unsigned i = 0; i < chip_count(); i++) {
        struct hal hal = start(chip_at(i)->name);
        assert_int_equal(hal_program(&hal, TARGET, DATA), HAL_OK);

        assert_int_equal(hal_program(&hal, TARGET, OTHER), HAL_ERROR);

        assert_int_equal(hal.error_code, 0xA8);
        assert_true(read64(hal.soc, TARGET) == DATA);
        assert_int_equal(read32(hal.soc, SR), 0);
        assert_int_equal(hal_program(&hal, TARGET + 8, OTHER), HAL_OK);
        soc_destroy(hal.soc);
    }
}

static void hal_program_without_unlock_gives_a0(void **state)
{
    (void)state;
    struct hal hal = hal_for(power_on_flash("stm32l452re"));

    assert_int_equal(hal_program(&hal, TARGET, DATA), HAL_ERROR);

    assert_int_equal(hal.error_code, 0xA0);
    assert_int_equal(read32(hal.soc, CR), 0xC0000000);
    hal_unlock(&hal);
    assert_int_equal(hal_program(&hal, TARGET, DATA), HAL_OK);
    soc_destroy(hal.soc);
}

static void a_lock_by_someone_else_gives_160(void **state)
{
    (void)state;
    struct hal hal = start("stm32l476rg");
    struct hal other = hal;
    assert_int_equal(hal_program(&hal, TARGET, DATA), HAL_OK);

    hal_lock(&other);
    enum hal_status status = hal_program(&hal, TARGET + 8, DATA);

    assert_int_equal(status, HAL_ERROR);
    assert_int_equal(hal.error_code, 160);
    assert_true(read64(hal.soc, TARGET + 8) == BLANK);
    soc_destroy(hal.soc);
}

static void ff_padding_of_a_loader_uses_up_its_doublewords(void **state)
{
    (void)state;
    static const uint8_t image[16] = {
        1,    2,    3,    4,    0xFF, 0xFF, 0xFF, 0xFF, /* data, then padding */
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    struct hal hal = start("stm32l496zg");
    soc_flash_load(hal.soc, TARGET, image, sizeof image, FLASH_LOAD_PROGRAMMED);

    enum hal_status second_half = hal_program(&hal, TARGET, UINT64_C(0x0807060504030201));
    uint32_t second_half_code = hal.error_code;
    enum hal_status padding = hal_program(&hal, TARGET + 8, DATA);

    assert_int_equal(second_half, HAL_ERROR);
    assert_int_equal(second_half_code, 0xA8);
    assert_int_equal(padding, HAL_ERROR);
    assert_int_equal(hal.error_code, 0xA8);
    assert_true(read64(hal.soc, TARGET) == UINT64_C(0xFFFFFFFF04030201));
    assert_true(read64(hal.soc, TARGET + 8) == BLANK);
    soc_destroy(hal.soc);
}

static void reserving_a_slot_with_ff_makes_the_real_write_fail(void **state)
{
    (void)state;
    struct hal hal = start("stm32l476rg");
    assert_int_equal(hal_program(&hal, TARGET, BLANK), HAL_OK);
    assert_true(read64(hal.soc, TARGET) == BLANK);

    assert_int_equal(hal_program(&hal, TARGET, DATA), HAL_ERROR);

    assert_int_equal(hal.error_code, 0xA8);
    assert_true(read64(hal.soc, TARGET) == BLANK);
    soc_destroy(hal.soc);
}

static void fast_programming_after_a_page_erase_gives_2a0(void **state)
{
    (void)state;
    static const struct {
        const char *chip;
        uint32_t row_words, mer;
    } cases[] = {{"stm32l452re", 64, MER1},
                 {"stm32l432kc", 64, MER1},
                 {"stm32l476rg", 64, MER1},
                 {"stm32l4r5zi", 128, MER1}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hal hal = start(cases[i].chip);
        assert_int_equal(hal_erase_page(&hal, HAL_BANK_1, PAGE), HAL_OK);

        enum hal_status status = hal_program_row(&hal, TARGET, cases[i].row_words);
        uint32_t code = hal.error_code;
        uint64_t left = read64(hal.soc, TARGET);
        hal_mass_erase(&hal, cases[i].mer);

        assert_int_equal(status, HAL_ERROR);
        assert_int_equal(code, 0x2A0);
        assert_true(left == BLANK);
        assert_int_equal(hal_program_row(&hal, TARGET, cases[i].row_words), HAL_OK);
        assert_true(read64(hal.soc, TARGET) == UINT64_C(0x0000000200000001));
        soc_destroy(hal.soc);
    }
}

static void a_byte_pointer_into_flash_gives_40(void **state)
{
    (void)state;
    for (uint8_t size = 1; size <= 2; size++) {
        struct hal hal = start("stm32l452re");
        hal_set(&hal, CR, PG);
        for (uint32_t i = 0; i < 4; i += size)
            write_sized(hal.soc, TARGET + i, size, 0x12);
        uint32_t sr = read32(hal.soc, SR);
        hal_clear(&hal, CR, PG);

        /* SIZERR from the first, PGSERR from those that follow it with the flag standing. */
        assert_int_equal(sr, 0xC0);
        assert_one_call_fails(&hal, 0xC0);

        struct hal single = start("stm32l452re");
        hal_set(&single, CR, PG);
        write_sized(single.soc, TARGET, size, 0x12);
        hal_clear(&single, CR, PG);
        assert_one_call_fails(&single, 0x40);
        soc_destroy(hal.soc);
        soc_destroy(single.soc);
    }
}

static void a_destination_at_a_plus_4_gives_a0(void **state)
{
    (void)state;
    struct hal hal = start("stm32l452re");

    assert_int_equal(hal_program(&hal, TARGET + 4, DATA), HAL_ERROR);

    assert_int_equal(hal.error_code, 0xA0);
    assert_true(read64(hal.soc, TARGET) == BLANK);
    assert_true(read64(hal.soc, TARGET + 8) == BLANK);
    soc_destroy(hal.soc);
}

static void a_packed_structure_word_by_word_at_a_plus_4_is_refused_whole(void **state)
{
    (void)state;
    struct hal hal = start("stm32l4r5zi");
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(hal_program(&hal, TARGET + 4 + 8 * i, i + 1), HAL_ERROR);
        assert_int_equal(hal.error_code, 0xA0);
    }
    for (uint32_t i = 0; i < 4; i++)
        assert_true(read64(hal.soc, TARGET + 8 * i) == BLANK);
    soc_destroy(hal.soc);
}

static void a_boot_loader_over_the_old_application_stops_at_its_first_doubleword(void **state)
{
    (void)state;
    struct hal hal = start("stm32l452re");
    for (uint32_t i = 0; i < 8; i++)
        assert_int_equal(hal_program(&hal, TARGET + 8 * i, DATA), HAL_OK);

    uint32_t written = 0;
    while (written < 8 && hal_program(&hal, TARGET + 8 * written, OTHER) == HAL_OK)
        written++;
    uint32_t code = hal.error_code;
    uint64_t left = read64(hal.soc, TARGET);
    hal_erase_page(&hal, HAL_BANK_1, PAGE);

    assert_int_equal(written, 0);
    assert_int_equal(code, 0xA8);
    assert_true(left == DATA);
    assert_int_equal(hal_program(&hal, TARGET, OTHER), HAL_OK);
    soc_destroy(hal.soc);
}

/* The library's return value thrown away: what the trace still says. */
static void an_ignored_failure_is_in_the_trace_with_its_rule(void **state)
{
    (void)state;
    struct hal hal = start("stm32l496zg");
    (void)hal_program(&hal, TARGET, DATA);
    (void)hal_program(&hal, TARGET + 8, DATA);

    (void)hal_program(&hal, TARGET, OTHER);

    assert_true(read64(hal.soc, TARGET) == DATA);
    assert_int_equal(count_events(EVENT_FLASH_ERROR), 2);
    assert_int_equal(last_event(EVENT_FLASH_ERROR)->value, 0xA8);
    assert_true(rule_seen("L4.program.not_blank"));
    soc_destroy(hal.soc);
}

static void another_master_between_the_two_words_loses_both(void **state)
{
    (void)state;
    struct hal hal = start("stm32l452re");
    hal_set(&hal, CR, PG);
    write32(hal.soc, TARGET, 1);

    struct access dma = {
        .addr = TARGET + 0x40, .size = 4, .value = 3, .is_write = true, .master = MASTER_DMA1};
    make_access(hal.soc, dma);
    uint32_t first = read32(hal.soc, SR);
    dma.addr += 4;
    make_access(hal.soc, dma);
    write32(hal.soc, TARGET + 4, 2);
    wait_while_busy(hal.soc);
    hal_clear(&hal, CR, PG);

    assert_int_equal(first, 0x20);
    assert_int_equal(read32(hal.soc, SR), 0xA0);
    assert_true(read64(hal.soc, TARGET) == BLANK);
    assert_true(read64(hal.soc, TARGET + 0x40) == BLANK);
    assert_one_call_fails(&hal, 0xA0);
    soc_destroy(hal.soc);
}

/* A clean-up as the EEPROM emulation's NMI handler does it; what SR said. */
static uint32_t write_zeros(struct hal *hal)
{
    hal_set(hal, CR, PG);
    store_doubleword(hal->soc, TARGET, 0);
    wait_while_busy(hal->soc);
    hal_clear(hal, CR, PG);
    return read32(hal->soc, SR);
}

static void a_cleanup_that_can_not_zero_must_clear_three_flags(void **state)
{
    (void)state;
    struct hal hal = start("stm32l452re");
    switch_rule(hal.soc, RULE_ZERO_OVER_ZERO_REFUSED);
    assert_int_equal(write_zeros(&hal), 0);

    uint32_t refused = write_zeros(&hal);
    enum hal_status uncleared = hal_program(&hal, TARGET + 8, DATA);
    uint32_t code = hal.error_code;
    write_zeros(&hal);
    write32(hal.soc, SR, 0xA8);

    assert_int_equal(refused, 0xA8);
    assert_int_equal(uncleared, HAL_ERROR);
    assert_int_equal(code, 0xA8);
    assert_int_equal(hal_program(&hal, TARGET + 8, DATA), HAL_OK);
    soc_destroy(hal.soc);
}

static void a_cleanup_heals_a_torn_doubleword(void **state)
{
    (void)state;
    struct hal hal = start("stm32l452re");
    static const struct flash_cut cut = {.phase = FLASH_PHASE_ECC};
    write32(hal.soc, CR, PG);
    store_doubleword(hal.soc, TARGET, DATA);
    soc_flash_set_cut_phase(hal.soc, &cut);
    soc_reset(hal.soc, RESET_IWDG);
    hal_unlock(&hal);
    read32(hal.soc, TARGET);
    uint32_t torn = read32(hal.soc, ECCR);

    uint32_t sr = write_zeros(&hal);
    write32(hal.soc, ECCR, torn);
    uint64_t healed = read64(hal.soc, TARGET);

    assert_int_equal(torn & 0x7FFFF, 0x1000);
    assert_int_not_equal(torn & (ECCC | ECCD), 0);
    assert_int_equal(sr, 0);
    assert_true(healed == 0);
    assert_int_equal(read32(hal.soc, ECCR), 0);
    soc_destroy(hal.soc);
}

/* --- erase --- */

static void bank_constant_0_erases_the_other_bank_and_then_a8(void **state)
{
    (void)state;
    struct hal hal = start("stm32l476rg");
    hal_program(&hal, TARGET, DATA);
    hal_program(&hal, BANK2 + 0x1000, DATA);

    assert_int_equal(hal_erase_page(&hal, 0, PAGE), HAL_OK);

    assert_true(read64(hal.soc, TARGET) == DATA);
    assert_true(read64(hal.soc, BANK2 + 0x1000) == BLANK);
    assert_int_equal(hal_program(&hal, TARGET, OTHER), HAL_ERROR);
    assert_int_equal(hal.error_code, 0xA8);
    soc_destroy(hal.soc);
}

static void page_256_with_bank_1_erases_page_0(void **state)
{
    (void)state;
    struct hal hal = start("stm32l476rg");
    hal_program(&hal, BANK2, DATA);

    assert_int_equal(hal_erase_page(&hal, HAL_BANK_1, 256), HAL_OK);

    assert_int_equal(read32(hal.soc, MAIN), 0xFFFFFFFF);
    assert_true(read64(hal.soc, BANK2) == DATA);
    soc_destroy(hal.soc);
}

static void a_wrong_bker_erases_the_page_of_the_other_bank(void **state)
{
    (void)state;
    enum { L4R5_BANK2 = MAIN + 0x100000, OFFSET = 5 * 0x1000 };
    struct hal hal = start("stm32l4r5zi");
    hal_program(&hal, MAIN + OFFSET, DATA);
    hal_program(&hal, L4R5_BANK2 + OFFSET, DATA);

    assert_int_equal(hal_erase_page(&hal, HAL_BANK_1, 5), HAL_OK);

    assert_true(read64(hal.soc, MAIN + OFFSET) == BLANK);
    assert_int_equal(hal_program(&hal, L4R5_BANK2 + OFFSET, OTHER), HAL_ERROR);
    assert_int_equal(hal.error_code, 0xA8);
    assert_true(read64(hal.soc, L4R5_BANK2 + OFFSET) == DATA);
    soc_destroy(hal.soc);
}

static void an_erase_with_pg_left_set_gives_80(void **state)
{
    (void)state;
    struct hal hal = start("stm32l432kc");
    hal_program(&hal, TARGET, DATA);
    hal_set(&hal, CR, PG);

    assert_int_equal(hal_erase_page(&hal, HAL_BANK_1, PAGE), HAL_ERROR);

    assert_int_equal(hal.error_code, 0x80);
    assert_true(read64(hal.soc, TARGET) == DATA);
    hal_clear(&hal, CR, PG);
    assert_int_equal(hal_erase_page(&hal, HAL_BANK_1, PAGE), HAL_OK);
    assert_true(read64(hal.soc, TARGET) == BLANK);
    soc_destroy(hal.soc);
}

/* Nobody looked for flags first: the erase itself trips over the stray write. */
static void a_stray_write_before_an_erase_of_a_protected_page_gives_90(void **state)
{
    (void)state;
    struct hal hal = start("stm32l476rg");
    hal_option_unlock(&hal);
    hal_option_program(&hal, WRP1AR, 0xFF02FF02);
    power_cycle(hal.soc);
    hal_unlock(&hal);
    write32(hal.soc, 0, 1);

    hal_start_page_erase(&hal, HAL_BANK_1, PAGE);
    uint32_t sr = read32(hal.soc, SR);
    hal_clear(&hal, CR, PER);
    write32(hal.soc, SR, sr);

    assert_int_equal(sr, 0x90);
    assert_int_equal(last_event(EVENT_FLASH_ERROR)->value, 0x90);
    assert_int_equal(hal_erase_page(&hal, HAL_BANK_1, PAGE + 1), HAL_OK);
    soc_destroy(hal.soc);
}

/* What each debug session does: everything erased, the program loaded again. */
static void a_mass_erase_at_each_launch_loses_the_eeprom_area(void **state)
{
    (void)state;
    struct hal hal = start("stm32l452re");
    enum { EEPROM = MAIN + 0x7F800 };
    static const uint8_t program_bytes[8] = {0x00, 0x80, 0x00, 0x20, 0x09, 0x00, 0x00, 0x08};
    hal_program(&hal, EEPROM, DATA);
    power_cycle(hal.soc);
    uint64_t after_power = read64(hal.soc, EEPROM);

    debugger_write(hal.soc, KEYR, 0x45670123);
    debugger_write(hal.soc, KEYR, 0xCDEF89AB);
    debugger_write(hal.soc, CR, MER1);
    debugger_write(hal.soc, CR, MER1 | STRT);
    wait_while_busy(hal.soc);
    soc_flash_load(hal.soc, MAIN, program_bytes, 8, FLASH_LOAD_PROGRAMMED);
    power_cycle(hal.soc);

    assert_true(after_power == DATA);
    assert_true(read64(hal.soc, EEPROM) == BLANK);
    assert_int_equal(read32(hal.soc, MAIN), 0x20008000);
    soc_destroy(hal.soc);
}

static void hal_flushes_what_a_bare_erase_leaves_in_the_cache(void **state)
{
    (void)state;
    struct hal hal = start("stm32l452re");
    hal.soc->wires.caches = CACHES_EXACT;
    soc_reset(hal.soc, RESET_SYSTEM);
    hal_unlock(&hal);
    hal_program(&hal, TARGET, DATA);
    read64(hal.soc, TARGET);

    uint32_t bare = erase_page(hal.soc, PAGE);
    uint64_t stale = read64(hal.soc, TARGET);
    enum hal_status flushed = hal_erase_page(&hal, HAL_BANK_1, PAGE);

    assert_int_equal(bare, 0);
    assert_true(stale == DATA);
    assert_int_equal(flushed, HAL_OK);
    assert_true(read64(hal.soc, TARGET) == BLANK);
    soc_destroy(hal.soc);
}

/* --- flags and interrupts --- */

static void an_or_assignment_to_sr_hides_the_failure_and_flips_pempty(void **state)
{
    (void)state;
    struct hal hal = hal_for(power_on_blank("stm32l452re"));
    hal_unlock(&hal);
    write32(hal.soc, CR, PG);
    store_doubleword(hal.soc, TARGET, DATA);
    wait_while_busy(hal.soc);
    store_doubleword(hal.soc, TARGET, OTHER);
    uint32_t before = read32(hal.soc, SR);

    hal_set(&hal, SR, 1); /* SR |= EOP */

    assert_int_equal(before, 0x200A8);
    assert_int_equal(read32(hal.soc, SR), 0);
    assert_true(read64(hal.soc, TARGET) == DATA);
    soc_destroy(hal.soc);
}

static void without_eopie_eop_never_comes(void **state)
{
    (void)state;
    struct hal hal = start("stm32l4r5zi");
    hal_set(&hal, CR, PG);
    store_doubleword(hal.soc, TARGET, DATA);
    for (unsigned us = 0; us < 200; us++) {
        assert_int_equal(read32(hal.soc, SR) & 1, 0);
        run_us(hal.soc, 1);
    }
    assert_true(read64(hal.soc, TARGET) == DATA);
    soc_destroy(hal.soc);
}

static void a_handler_that_clears_only_eop_leaves_the_interrupt_high(void **state)
{
    (void)state;
    struct hal hal = start("stm32l452re");
    hal_program(&hal, TARGET, DATA);
    hal_set(&hal, CR, PG | EOPIE | ERRIE);
    store_doubleword(hal.soc, TARGET, OTHER);
    uint32_t failed = read32(hal.soc, SR);

    write32(hal.soc, SR, 1);
    uint32_t after_eop = read32(hal.soc, SR);
    bool is_high = irq_is_high(hal.soc);
    write32(hal.soc, SR, after_eop); /* everything, before anybody looked */

    assert_int_equal(failed, 0xAA);
    assert_int_equal(after_eop, 0xAA);
    assert_true(is_high);
    assert_int_equal(read32(hal.soc, SR), 0);
    assert_true(read64(hal.soc, TARGET) == DATA);
    soc_destroy(hal.soc);
}

static void an_it_call_without_the_interrupt_enabled_stays_busy_for_ever(void **state)
{
    (void)state;
    struct hal hal = start("stm32l452re");
    hal_program(&hal, TARGET, DATA);

    assert_int_equal(hal_erase_page_it(&hal, HAL_BANK_1, PAGE), HAL_OK);
    wait_while_busy(hal.soc);

    /* The erase is done and the line is high: only the handler is missing. */
    assert_true(read64(hal.soc, TARGET) == BLANK);
    assert_int_equal(read32(hal.soc, SR), 1);
    assert_true(irq_is_high(hal.soc));
    assert_int_equal(hal_program(&hal, TARGET, OTHER), HAL_BUSY);
    assert_int_equal(hal_erase_page(&hal, HAL_BANK_1, PAGE), HAL_BUSY);
    assert_int_equal(hal.callbacks, 0);
    hal_irq_handler(&hal);
    assert_false(irq_is_high(hal.soc));
    assert_int_equal(hal_program(&hal, TARGET, OTHER), HAL_OK);
    soc_destroy(hal.soc);
}

static void an_it_call_over_a_stale_flag_ends_in_the_error_callback(void **state)
{
    (void)state;
    struct hal hal = start("stm32l452re");
    write32(hal.soc, 0, 1);

    hal_erase_page_it(&hal, HAL_BANK_1, PAGE);
    bool is_high = irq_is_high(hal.soc);
    hal_irq_handler(&hal);

    assert_true(is_high);
    assert_int_equal(hal.error_code, 0x82); /* PGSERR and OPERR */
    soc_destroy(hal.soc);
}

/* --- locks --- */

static void locking_around_every_call_works_any_number_of_times(void **state)
{
    (void)state;
    struct hal hal = hal_for(power_on_flash("stm32l452re"));
    for (uint32_t i = 0; i < 50; i++) {
        assert_int_equal(hal_unlock(&hal), HAL_OK);
        assert_int_equal(hal_program(&hal, TARGET + 8 * i, i), HAL_OK);
        hal_lock(&hal);
        assert_int_equal(read32(hal.soc, CR), 0xC0000000);
    }
    soc_destroy(hal.soc);
}

static void keys_in_the_wrong_order_block_the_unlock_until_reset(void **state)
{
    (void)state;
    struct hal hal = hal_for(power_on_flash("stm32l452re"));
    assert_true(write_sized(hal.soc, KEYR, 4, 0xCDEF89AB).is_bus_error);
    assert_true(write_sized(hal.soc, KEYR, 4, 0x45670123).is_bus_error);
    assert_true(write_sized(hal.soc, KEYR, 4, 0xCDEF89AB).is_bus_error);
    assert_int_equal(read32(hal.soc, CR), 0xC0000000);

    soc_reset(hal.soc, RESET_SYSTEM);

    assert_int_equal(hal_unlock(&hal), HAL_OK);
    soc_destroy(hal.soc);
}

/* --- option bytes --- */

static void an_option_written_without_optstrt_does_not_stick(void **state)
{
    (void)state;
    struct hal hal = start("stm32l432kc");
    uint32_t before = read32(hal.soc, OPTR);
    hal_option_unlock(&hal);

    write32(hal.soc, OPTR, before & ~(1u << 26)); /* nSWBOOT0 */
    uint32_t seen = read32(hal.soc, OPTR);
    power_cycle(hal.soc);

    assert_int_equal(seen, before & ~(1u << 26));
    assert_int_equal(read32(hal.soc, OPTR), before);
    soc_destroy(hal.soc);
}

/* L4 sheet 11.3: neither a reset nor pulling the plug helps, only power coming back without it. */
static void level_1_with_a_debugger_looks_dead_until_power_on(void **state)
{
    (void)state;
    struct hal hal = start("stm32l432kc");
    soc_set_debugger(hal.soc, true);
    hal_option_unlock(&hal);
    hal_option_program(&hal, OPTR, (read32(hal.soc, OPTR) & ~0xFFu) | 0xBB);
    write32(hal.soc, CR, OBL_LAUNCH);
    soc_reset(hal.soc, hal.soc->system.reset_cause);
    struct access fetch = {.addr = MAIN, .size = 4};
    bool by_launch = make_access(hal.soc, fetch).is_bus_error;

    soc_set_debugger(hal.soc, false);
    bool unplugged = make_access(hal.soc, fetch).is_bus_error;
    soc_reset(hal.soc, RESET_PIN);
    bool by_pin = make_access(hal.soc, fetch).is_bus_error;
    power_cycle(hal.soc);

    assert_true(by_launch);
    assert_true(unplugged);
    assert_true(by_pin);
    assert_false(make_access(hal.soc, fetch).is_bus_error);
    soc_destroy(hal.soc);
}

static void back_to_level_0_leaves_all_flash_blank(void **state)
{
    (void)state;
    struct hal hal = start("stm32l452re");
    uint32_t optr = read32(hal.soc, OPTR) & ~0xFFu;
    hal_program(&hal, TARGET, DATA);
    hal_option_unlock(&hal);
    hal_option_program(&hal, OPTR, optr | 0xBB);
    power_cycle(hal.soc);
    uint64_t at_level_1 = read64(hal.soc, TARGET);
    hal_unlock(&hal);
    hal_option_unlock(&hal);

    hal_option_program(&hal, OPTR, optr | 0xAA);
    power_cycle(hal.soc);

    assert_true(at_level_1 == DATA);
    assert_int_equal(read32(hal.soc, OPTR) & 0xFF, 0xAA);
    for (uint32_t page = 0; page < 256; page++)
        assert_true(read64(hal.soc, MAIN + 0x800 * page) == BLANK);
    soc_destroy(hal.soc);
}

static void garbage_in_optr_boots_elsewhere_and_rewriting_it_recovers(void **state)
{
    (void)state;
    struct hal hal = start("stm32l4r5zi");
    hal_option_unlock(&hal);
    /* nSWBOOT0, nBOOT0 and nBOOT1 clear: SRAM1, whatever the pin says. */
    hal_option_program(&hal, OPTR, 0xF36F98AA);
    power_cycle(hal.soc);
    enum boot_source odd = soc_boot_source(hal.soc);
    hal_unlock(&hal);
    hal_option_unlock(&hal);

    hal_option_program(&hal, OPTR, 0xFFEF98AA);
    write32(hal.soc, CR, OBL_LAUNCH);
    soc_reset(hal.soc, hal.soc->system.reset_cause);

    assert_int_equal(odd, BOOT_SRAM1);
    assert_int_equal(read32(hal.soc, OPTR), 0xFFEF98AA);
    assert_int_equal(soc_boot_source(hal.soc), BOOT_MAIN_FLASH);
    soc_destroy(hal.soc);
}

static void power_lost_between_two_option_groups_leaves_them_mixed(void **state)
{
    (void)state;
    struct hal hal = start("stm32l452re");
    uint32_t optr = read32(hal.soc, OPTR);
    hal_option_unlock(&hal);
    hal_option_program(&hal, WRP1AR, 0xFF03FF02);

    power_cycle(hal.soc); /* before the group of user bits */

    assert_int_equal(read32(hal.soc, SR), 0);
    assert_int_equal(read32(hal.soc, WRP1AR), 0xFF03FF02);
    assert_int_equal(read32(hal.soc, OPTR), optr);
    soc_destroy(hal.soc);
}

static void power_lost_inside_an_option_group_gives_8000_and_level_1(void **state)
{
    (void)state;
    static const struct flash_cut cut = {.phase = FLASH_PHASE_PULSE, .k = 2, .n = 4};
    struct hal hal = start("stm32l452re");
    hal_option_unlock(&hal);
    hal_option_program(&hal, WRP1AR, 0xFF03FF02);
    write32(hal.soc, OPTR, read32(hal.soc, OPTR) & ~(1u << 26));
    hal_set(&hal, CR, OPTSTRT);
    soc_flash_set_cut_phase(hal.soc, &cut);

    power_cycle(hal.soc);

    assert_int_equal(read32(hal.soc, SR), 0x8000);
    assert_int_equal(read32(hal.soc, OPTR) & 0xFF, 0xFF);
    assert_int_equal(read32(hal.soc, WRP1AR) & 0xFF00FF, 0xFF);
    hal_unlock(&hal);
    assert_int_equal(hal_program(&hal, TARGET, DATA), HAL_ERROR);
    assert_int_equal(hal.error_code, 0x8000);
    soc_destroy(hal.soc);
}

/* --- supply --- */

static void a_brown_out_in_a_program_tears_it_and_resets(void **state)
{
    (void)state;
    struct hal hal = start("stm32l476rg");
    hal_set(&hal, CR, PG);
    store_doubleword(hal.soc, TARGET, 0);
    run_us(hal.soc, 40);

    soc_reset(hal.soc, RESET_BROWN_OUT);

    assert_int_equal(last_event(EVENT_FLASH_TORN)->addr, TARGET);
    assert_int_equal(read32(hal.soc, CR), 0xC0000000);
    read32(hal.soc, TARGET);
    assert_int_equal(read32(hal.soc, ECCR) & 0x7FFFF, 0x1000);
    soc_destroy(hal.soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_stale_flag_fails_one_hal_call),
        cmocka_unit_test(a_null_pointer_write_fails_the_next_hal_call_once),
        cmocka_unit_test(sorting_a_constant_table_changes_nothing),
        cmocka_unit_test(pempty_fails_the_first_hal_call_with_20000),
        cmocka_unit_test(optverr_fails_the_first_hal_call_with_8000),
        cmocka_unit_test(a_loader_leaves_lock_pg_and_flags_behind),
        cmocka_unit_test(programming_twice_through_hal_gives_a8),
        cmocka_unit_test(hal_program_without_unlock_gives_a0),
        cmocka_unit_test(a_lock_by_someone_else_gives_160),
        cmocka_unit_test(ff_padding_of_a_loader_uses_up_its_doublewords),
        cmocka_unit_test(reserving_a_slot_with_ff_makes_the_real_write_fail),
        cmocka_unit_test(fast_programming_after_a_page_erase_gives_2a0),
        cmocka_unit_test(a_byte_pointer_into_flash_gives_40),
        cmocka_unit_test(a_destination_at_a_plus_4_gives_a0),
        cmocka_unit_test(a_packed_structure_word_by_word_at_a_plus_4_is_refused_whole),
        cmocka_unit_test(a_boot_loader_over_the_old_application_stops_at_its_first_doubleword),
        cmocka_unit_test(an_ignored_failure_is_in_the_trace_with_its_rule),
        cmocka_unit_test(another_master_between_the_two_words_loses_both),
        cmocka_unit_test(a_cleanup_that_can_not_zero_must_clear_three_flags),
        cmocka_unit_test(a_cleanup_heals_a_torn_doubleword),
        cmocka_unit_test(bank_constant_0_erases_the_other_bank_and_then_a8),
        cmocka_unit_test(page_256_with_bank_1_erases_page_0),
        cmocka_unit_test(a_wrong_bker_erases_the_page_of_the_other_bank),
        cmocka_unit_test(an_erase_with_pg_left_set_gives_80),
        cmocka_unit_test(a_stray_write_before_an_erase_of_a_protected_page_gives_90),
        cmocka_unit_test(a_mass_erase_at_each_launch_loses_the_eeprom_area),
        cmocka_unit_test(hal_flushes_what_a_bare_erase_leaves_in_the_cache),
        cmocka_unit_test(an_or_assignment_to_sr_hides_the_failure_and_flips_pempty),
        cmocka_unit_test(without_eopie_eop_never_comes),
        cmocka_unit_test(a_handler_that_clears_only_eop_leaves_the_interrupt_high),
        cmocka_unit_test(an_it_call_without_the_interrupt_enabled_stays_busy_for_ever),
        cmocka_unit_test(an_it_call_over_a_stale_flag_ends_in_the_error_callback),
        cmocka_unit_test(locking_around_every_call_works_any_number_of_times),
        cmocka_unit_test(keys_in_the_wrong_order_block_the_unlock_until_reset),
        cmocka_unit_test(an_option_written_without_optstrt_does_not_stick),
        cmocka_unit_test(level_1_with_a_debugger_looks_dead_until_power_on),
        cmocka_unit_test(back_to_level_0_leaves_all_flash_blank),
        cmocka_unit_test(garbage_in_optr_boots_elsewhere_and_rewriting_it_recovers),
        cmocka_unit_test(power_lost_between_two_option_groups_leaves_them_mixed),
        cmocka_unit_test(power_lost_inside_an_option_group_gives_8000_and_level_1),
        cmocka_unit_test(a_brown_out_in_a_program_tears_it_and_resets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
