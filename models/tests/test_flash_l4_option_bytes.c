/* Tests of flash_l4_option_bytes.c: L4 sheet 11. */
#include "models/tests/flash_fixture.h"

enum { TARGET = MAIN + 0x1000, BANK2 = MAIN + 0x80000 };

static struct soc *ready(const char *chip)
{
    struct soc *soc = power_on_flash(chip);
    unlock(soc);
    unlock_options(soc);
    return soc;
}

static void start_change(struct soc *soc)
{
    write32(soc, CR, OPTSTRT);
    wait_while_busy(soc);
}

/* What the machine does when a reset was requested. */
static void perform_reset(struct soc *soc)
{
    assert_true(soc->system.reset_requested);
    soc_reset(soc, soc->system.reset_cause);
}

static void launch(struct soc *soc)
{
    write32(soc, CR, OBL_LAUNCH);
    perform_reset(soc);
    unlock(soc);
    unlock_options(soc);
}

static void change_and_launch(struct soc *soc, uint32_t reg, uint32_t value)
{
    write32(soc, reg, value);
    start_change(soc);
    launch(soc);
}

/* --- storage, change, load --- */

static void option_bytes_lie_in_memory_with_their_complements(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l476rg");

    assert_int_equal(read32(soc, 0x1FFF7800), 0xFFEFF8AA);
    assert_int_equal(read32(soc, 0x1FFF7804), 0x00100755);
    assert_int_equal(read32(soc, 0x1FFF7818), 0xFF00FFFF);
    assert_int_equal(read32(soc, 0x1FFF781C), 0x00FF0000);
    assert_int_equal(read32(soc, 0x1FFFF808), 0xFFFFFFFF);
    assert_int_equal(read32(soc, 0x1FFFF80C), 0);
    soc_destroy(soc);
}

static void a_register_written_without_optstrt_reverts_at_reset(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    write32(soc, OPTR, 0xFBFFF8AA);
    assert_int_equal(read32(soc, OPTR), 0xFBFFF8AA);

    soc_reset(soc, RESET_SYSTEM);

    assert_int_equal(read32(soc, OPTR), 0xFFFFF8AA);
    soc_destroy(soc);
}

static void optstrt_stores_and_only_a_load_puts_in_force(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    write32(soc, OPTR, 0xFBFFF8AA);

    start_change(soc);
    uint32_t stored = read32(soc, 0x1FFF7800);
    soc_reset(soc, RESET_PIN);
    uint32_t after_pin_reset = read32(soc, OPTR);
    power_cycle(soc);

    assert_int_equal(stored, 0xFBFFF8AA);
    assert_int_equal(read32(soc, 0x1FFF7804), 0x04000755);
    assert_int_equal(after_pin_reset, 0xFFFFF8AA);
    assert_int_equal(read32(soc, OPTR), 0xFBFFF8AA);
    assert_int_equal(soc->wires.optr, 0xFBFFF8AA);
    soc_destroy(soc);
}

static void obl_launch_resets_and_loads(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    write32(soc, OPTR, 0xFBFFF8AA);
    start_change(soc);

    write32(soc, CR, OBL_LAUNCH);

    assert_true(soc->system.reset_requested);
    assert_int_equal(soc->system.reset_cause, RESET_OPTION_LOAD);
    perform_reset(soc);
    assert_int_equal(read32(soc, OPTR), 0xFBFFF8AA);
    soc_destroy(soc);
}

static void obl_launch_and_optstrt_are_ignored_with_optlock(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);

    write32(soc, CR, OBL_LAUNCH);
    write32(soc, CR, OPTSTRT);

    assert_false(soc->system.reset_requested);
    assert_int_equal(read32(soc, SR), 0);
    assert_int_equal(read32(soc, CR), 0x40000000);
    assert_true(rule_seen("L4.option.locked"));
    soc_destroy(soc);
}

static void option_registers_are_ignored_with_optlock(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);

    write32(soc, OPTR, 0xFFFFF8BB);
    write32(soc, WRP1AR, 0xFF02FF01);

    assert_int_equal(read32(soc, OPTR), 0xFFFFF8AA);
    assert_int_equal(read32(soc, WRP1AR), 0xFF00FFFF);
    soc_destroy(soc);
}

static void a_change_lasts_as_the_chip_table_says_and_stalls_all_reads(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l476rg");
    uint64_t ns = chip_find("stm32l476rg")->flash.option_change.typ_ns;
    assert_in_range(ns, 22000000, 50000000);
    write32(soc, CR, OPTSTRT);
    uint64_t start_ps = soc->clock.now_ps;

    advance_to(soc, start_ps + ns * 1000 - 1);
    uint32_t before = read32(soc, SR);
    uint32_t started = read32(soc, CR);
    read32(soc, BANK2);

    assert_int_equal(before, BSY);
    assert_int_equal(started & OPTSTRT, OPTSTRT);
    assert_true(soc->clock.now_ps == start_ps + ns * 1000);
    assert_int_equal(read32(soc, SR), 0);
    assert_int_equal(read32(soc, CR) & OPTSTRT, 0);
    soc_destroy(soc);
}

static void eop_ends_a_change_with_eopie(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");

    write32(soc, CR, OPTSTRT | EOPIE);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, SR), 1);
    soc_destroy(soc);
}

static void reserved_bits_of_option_registers_keep_their_value(void **state)
{
    (void)state;
    struct soc *l452 = ready("stm32l452re");
    struct soc *l476 = ready("stm32l476rg");

    write32(l452, OPTR, 0x000000AA);
    write32(l476, OPTR, 0x000000AA);
    write32(l452, WRP1AR, 0);
    write32(l452, PCROP1SR, 0);

    assert_int_equal(read32(l452, OPTR), 0xF07088AA);
    assert_int_equal(read32(l476, OPTR), 0xFC4088AA);
    assert_int_equal(read32(l452, WRP1AR), 0xFF00FF00);
    assert_int_equal(read32(l452, PCROP1SR), 0xFFFF0000);
    soc_destroy(l452);
    soc_destroy(l476);
}

/* --- mismatch --- */

static void spoil_option(struct soc *soc, unsigned slot)
{
    uint32_t unit = flash_array_option_page(soc->cells) * flash_array_units_per_page(soc->cells);
    flash_array_flip(soc->cells, unit + slot, (struct flash_cells){.data = {UINT64_C(1) << 40}});
}

static void a_mismatch_loads_the_secure_fallback(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    spoil_option(soc, 3);

    power_cycle(soc);

    assert_int_equal(read32(soc, SR), 0x8000);
    assert_int_equal(read32(soc, OPTR), 0xFFFFF8FF); /* level 1, BOR level 0, user bits 1 */
    assert_int_equal(read32(soc, PCROP1SR), 0xFFFF0000);
    assert_int_equal(read32(soc, PCROP1ER), 0xFFFFFFFF);
    assert_int_equal(read32(soc, WRP1AR), 0xFF00FFFF);
    assert_string_equal(last_event(EVENT_FLASH_ERROR)->rule, "L4.option.mismatch");
    soc_destroy(soc);
}

static void optverr_can_be_cleared_and_comes_back_with_each_load(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    spoil_option(soc, 0);
    power_cycle(soc);

    write32(soc, SR, 0x8000);
    uint32_t cleared = read32(soc, SR);
    power_cycle(soc);

    assert_int_equal(cleared, 0);
    assert_int_equal(read32(soc, SR), 0x8000);
    soc_destroy(soc);
}

static void optverr_does_not_make_a_program_fail_but_interrupts_with_errie(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l452re");
    switch_rule(soc, RULE_SPURIOUS_OPTVERR);
    power_cycle(soc);
    assert_int_equal(read32(soc, SR), 0x8000);
    assert_int_equal(read32(soc, OPTR), 0xFFFFF8AA);
    unlock(soc);

    write32(soc, CR, ERRIE);

    assert_true(irq_is_high(soc));
    assert_int_equal(program(soc, TARGET, 1), 0x8000);
    assert_int_equal(read32(soc, TARGET), 1);
    soc_destroy(soc);
}

static void rewriting_the_options_heals_a_mismatch(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    spoil_option(soc, 4);
    power_cycle(soc);
    unlock(soc);
    unlock_options(soc);
    write32(soc, OPTR, 0xFFFFF8AA);
    write32(soc, PCROP1SR, 0xFFFFFFFF);
    write32(soc, PCROP1ER, 0);

    start_change(soc);
    power_cycle(soc);

    assert_int_equal(read32(soc, SR) & 0x8000, 0);
    assert_int_equal(read32(soc, OPTR), 0xFFFFF8AA);
    soc_destroy(soc);
}

/* --- RDP --- */

static void at_level_1_a_debugger_sees_no_main_flash(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    change_and_launch(soc, OPTR, 0xFFFFF8BB);
    assert_int_equal(read32(soc, MAIN), 0x20008000);

    soc_set_debugger(soc, true);
    struct access_result blocked = make_access(soc, (struct access){.addr = MAIN, .size = 4});
    write32(soc, CR, PG);
    write32(soc, TARGET, 1);

    assert_true(blocked.is_bus_error);
    assert_int_equal(read32(soc, SR), 0x10);
    assert_int_equal(read32(soc, 0x1FFF7800) & 0xFF, 0xBB);
    clear_flags(soc);
    write32(soc, CR, PER | 2 << 3 | STRT);
    assert_int_equal(read32(soc, SR), 0x10);
    soc_destroy(soc);
}

static void at_level_1_booting_from_sram_sees_no_main_flash(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    change_and_launch(soc, OPTR, 0xFFFFF8BB);

    soc->wires.forced_boot = BOOT_SRAM1;
    soc_reset(soc, RESET_PIN);

    assert_true(make_access(soc, (struct access){.addr = MAIN, .size = 4}).is_bus_error);
    assert_true(
        make_access(soc, (struct access){.addr = MAIN, .size = 2, .is_fetch = true}).is_bus_error);
    soc_destroy(soc);
}

static void at_level_1_sram2_and_backup_registers_are_closed_too(void **state)
{
    (void)state;
    static const uint32_t closed[] = {0x10000000, 0x10007FFC, 0x20020000, 0x40002850, 0x400028CC};
    struct soc *soc = ready("stm32l452re");
    change_and_launch(soc, OPTR, 0xFFFFF8BB);
    open_backup_domain(soc);
    write32(soc, 0x10000000, 0x5EC2E7);
    write32(soc, 0x40002850, 0x5EC2E7);

    soc_set_debugger(soc, true);

    for (unsigned i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        struct access read = {.addr = closed[i], .size = 4};
        struct access write = {.addr = closed[i], .size = 4, .value = 1, .is_write = true};
        assert_true(make_access(soc, read).is_bus_error);
        assert_true(make_access(soc, write).is_bus_error);
    }
    assert_false(make_access(soc, (struct access){.addr = 0x2001FFFC, .size = 4}).is_bus_error);
    assert_false(make_access(soc, (struct access){.addr = 0x40002800, .size = 4}).is_bus_error);

    soc_set_debugger(soc, false);
    soc_reset(soc, RESET_POWER_ON);

    assert_int_equal(read32(soc, 0x10000000), 0x5EC2E7);
    assert_int_equal(read32(soc, 0x20020000), 0x5EC2E7);
    soc_destroy(soc);
}

/* The wipe reaches what is closed. */
static void level_0_asked_for_from_sram_wipes_the_closed_sram2(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    change_and_launch(soc, OPTR, 0xFFFFF8BB);
    write32(soc, 0x10000000, 0x5EC2E7);
    soc->wires.forced_boot = BOOT_SRAM1;
    soc_reset(soc, RESET_PIN);
    unlock(soc);
    unlock_options(soc);

    change_and_launch(soc, OPTR, 0xFFFFF8AA);

    assert_int_equal(read32(soc, 0x10000000), 0);
    soc_destroy(soc);
}

static void at_level_0_a_debugger_sees_everything(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");

    soc_set_debugger(soc, true);

    assert_int_equal(read32(soc, MAIN), 0x20008000);
    soc_destroy(soc);
}

static void from_level_1_to_0_main_flash_sram2_and_backup_registers_are_wiped(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    program(soc, TARGET, 1);
    change_and_launch(soc, OPTR, 0xFFFFF8BB);
    write32(soc, 0x10000000, 0x5EC2E7);
    open_backup_domain(soc);
    write32(soc, 0x40021090, 0x8200);   /* RCC_BDCR: RTCEN, clocked by the LSI */
    write32(soc, 0x40002850, 0x5EC2E7); /* RTC_BKP0R */
    assert_int_equal(read32(soc, 0x40002850), 0x5EC2E7);

    write32(soc, OPTR, 0xFFFFF8AA);
    uint64_t start_ps = soc->clock.now_ps;
    start_change(soc);

    uint64_t change_ns = chip_find("stm32l452re")->flash.option_change.typ_ns;
    assert_true(soc->clock.now_ps - start_ps == (MASS_ERASE_NS + change_ns) * 1000);
    assert_int_equal(read32(soc, MAIN), 0xFFFFFFFF);
    assert_int_equal(read32(soc, TARGET), 0xFFFFFFFF);
    assert_int_equal(read32(soc, 0x10000000), 0);
    assert_int_equal(read32(soc, 0x40002850), 0);
    soc_destroy(soc);
}

static void raising_the_level_erases_nothing(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    program(soc, TARGET, 1);

    change_and_launch(soc, OPTR, 0xFFFFF8BB);

    assert_int_equal(read32(soc, TARGET), 1);
    soc_destroy(soc);
}

static void at_level_2_option_bytes_are_frozen(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    change_and_launch(soc, OPTR, 0xFFFFF8CC);

    write32(soc, OPTR, 0xFFFFF8AA);
    write32(soc, CR, OPTSTRT);

    assert_int_equal(read32(soc, SR), 0x10);
    assert_int_equal(read32(soc, 0x1FFF7800) & 0xFF, 0xCC);
    power_cycle(soc);
    assert_int_equal(read32(soc, OPTR) & 0xFF, 0xCC);
    soc_destroy(soc);
}

/* --- WRP --- */

static void wrp_is_not_in_force_before_the_load(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    write32(soc, WRP1AR, 0xFF02FF02);
    start_change(soc);

    assert_int_equal(program(soc, TARGET, 1), 0);
    soc_destroy(soc);
}

static void a_program_in_a_wrp_page_gives_b0(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    change_and_launch(soc, WRP1AR, 0xFF03FF02);
    write32(soc, CR, PG);

    write32(soc, TARGET, 1);
    uint32_t first = read32(soc, SR);
    write32(soc, TARGET + 4, 2);

    assert_int_equal(first, 0x10);
    assert_int_equal(read32(soc, SR), 0xB0);
    assert_int_equal(read32(soc, TARGET), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void wrp_covers_both_ends_and_no_more(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    change_and_launch(soc, WRP1BR, 0xFF05FF03);
    static const uint32_t sr[] = {0, 0x10, 0x10, 0x10, 0};

    for (uint32_t page = 2; page <= 6; page++) {
        write32(soc, CR, PER | page << 3 | STRT);
        wait_while_busy(soc);
        assert_int_equal(read32(soc, SR), sr[page - 2]);
        clear_flags(soc);
    }
    soc_destroy(soc);
}

static void one_wrp_page_drops_a_mass_erase_of_both_banks(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l476rg");
    program(soc, BANK2, 1);
    change_and_launch(soc, WRP1AR, 0xFF09FF09);

    write32(soc, CR, MER1 | MER2 | STRT);
    uint32_t both = read32(soc, SR);
    uint32_t kept = read32(soc, BANK2);
    clear_flags(soc);
    write32(soc, CR, MER2 | STRT);
    wait_while_busy(soc);

    assert_int_equal(both, 0x10);
    assert_int_equal(kept, 1);
    assert_int_equal(read32(soc, SR), 0);
    assert_int_equal(read32(soc, BANK2), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void wrp2_protects_bank_2(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l476rg");
    change_and_launch(soc, WRP2BR, 0xFF02FF02);

    uint32_t bank1 = program(soc, TARGET, 1);
    uint32_t bank2 = program(soc, BANK2 + 0x1000, 1);

    assert_int_equal(bank1, 0);
    assert_int_equal(bank2, 0xB0);
    soc_destroy(soc);
}

static void wrp_can_be_taken_away_again(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    change_and_launch(soc, WRP1AR, 0xFF02FF02);

    change_and_launch(soc, WRP1AR, 0xFF00FFFF);

    assert_int_equal(program(soc, TARGET, 1), 0);
    soc_destroy(soc);
}

static void a_stale_flag_on_a_protected_page_gives_90(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    change_and_launch(soc, WRP1AR, 0xFF02FF02);
    write32(soc, 0, 1); /* a stray store */

    assert_int_equal(erase_page(soc, 2), 0x90);
    soc_destroy(soc);
}

/* --- PCROP --- */

/* The double words 0x1000 to 0x10FF of the L452. */
static struct soc *with_pcrop(uint32_t pcrop_rdp)
{
    struct soc *soc = ready("stm32l452re");
    program(soc, TARGET, UINT64_C(0x2222222211111111));
    program(soc, TARGET + 0x100, 3);
    write32(soc, PCROP1SR, 0x1000 / 8);
    write32(soc, PCROP1ER, pcrop_rdp | (0x10F8 / 8));
    start_change(soc);
    launch(soc);
    return soc;
}

static void a_data_read_in_pcrop_sets_rderr(void **state)
{
    (void)state;
    struct soc *soc = with_pcrop(0);

    uint32_t value = read32(soc, TARGET);

    assert_int_equal(value, 0);
    assert_int_equal(read32(soc, SR), 0x4000);
    assert_int_equal(read32(soc, TARGET + 0x100), 3);
    assert_int_equal(read32(soc, MAIN + 0xFF8), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void a_fetch_in_pcrop_is_fine(void **state)
{
    (void)state;
    struct soc *soc = with_pcrop(0);

    struct access_result result =
        make_access(soc, (struct access){.addr = TARGET, .size = 2, .is_fetch = true});

    assert_int_equal(result.value, 0x1111);
    assert_int_equal(read32(soc, SR), 0);
    soc_destroy(soc);
}

static void rderr_interrupts_with_rderrie(void **state)
{
    (void)state;
    struct soc *soc = with_pcrop(0);
    read32(soc, TARGET);
    bool without = irq_is_high(soc);

    write32(soc, CR, RDERRIE);

    assert_false(without);
    assert_true(irq_is_high(soc));
    soc_destroy(soc);
}

static void pcrop_refuses_programs_and_erases_of_its_page_and_mass_erase(void **state)
{
    (void)state;
    struct soc *soc = with_pcrop(0);

    uint32_t inside = program(soc, TARGET + 8, 1);
    clear_flags(soc);
    uint32_t outside = program(soc, TARGET + 0x108, 1);
    uint32_t page = erase_page(soc, 2);
    clear_flags(soc);
    write32(soc, CR, MER1 | STRT);

    assert_int_equal(inside, 0xB0);
    assert_int_equal(outside, 0);
    assert_int_equal(page, 0x10);
    assert_int_equal(read32(soc, SR), 0x10);
    soc_destroy(soc);
}

static void pcrop_grows_and_does_not_shrink(void **state)
{
    (void)state;
    struct soc *soc = with_pcrop(0);

    write32(soc, PCROP1SR, 0x1008 / 8);
    start_change(soc);
    launch(soc);
    uint32_t after_shrink = read32(soc, PCROP1SR);
    write32(soc, PCROP1SR, 0x0800 / 8);
    start_change(soc);
    launch(soc);

    assert_int_equal(after_shrink, 0xFFFF0000 | 0x1000 / 8);
    assert_int_equal(read32(soc, PCROP1SR), 0xFFFF0000 | 0x0800 / 8);
    assert_true(is_assumed("L4.pcrop.only_grows"));
    soc_destroy(soc);
}

static void pcrop_rdp_can_only_be_set(void **state)
{
    (void)state;
    struct soc *soc = with_pcrop(0x80000000);

    write32(soc, PCROP1ER, 0x10F8 / 8);

    assert_int_equal(read32(soc, PCROP1ER) >> 31, 1);
    soc_destroy(soc);
}

static void pcrop_pages_survive_level_1_to_0_without_pcrop_rdp(void **state)
{
    (void)state;
    struct soc *soc = with_pcrop(0);
    program(soc, MAIN + 0x2000, 4);
    change_and_launch(soc, OPTR, 0xFFFFF8BB);

    change_and_launch(soc, OPTR, 0xFFFFF8AA);

    assert_int_equal(read32(soc, TARGET + 0x100), 3);
    assert_int_equal(read32(soc, MAIN + 0x2000), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void level_1_to_0_with_pcrop_rdp_erases_all_and_lets_pcrop_go(void **state)
{
    (void)state;
    struct soc *soc = with_pcrop(0x80000000);
    change_and_launch(soc, OPTR, 0xFFFFF8BB);

    write32(soc, PCROP1SR, 0xFFFF);
    write32(soc, PCROP1ER, 0);
    change_and_launch(soc, OPTR, 0xFFFFF8AA);

    assert_int_equal(read32(soc, TARGET), 0xFFFFFFFF);
    assert_int_equal(read32(soc, TARGET + 0x100), 0xFFFFFFFF);
    assert_int_equal(read32(soc, SR), PEMPTY);
    soc_destroy(soc);
}

static void pcrop_counts_8_bytes_in_bank_2_as_well(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l476rg");
    write32(soc, PCROP2SR, 2);
    write32(soc, PCROP2ER, 2);
    start_change(soc);
    launch(soc);

    read32(soc, BANK2 + 8);
    read32(soc, BANK2 + 24);
    uint32_t beside = read32(soc, SR);
    read32(soc, BANK2 + 16);

    assert_int_equal(beside, 0);
    assert_int_equal(read32(soc, SR), 0x4000);
    soc_destroy(soc);
}

/* --- cut --- */

static void options_cut_by_power(enum flash_phase phase, unsigned k, uint32_t sr, uint32_t optr)
{
    struct soc *soc = ready("stm32l452re");
    struct flash_cut cut = {.phase = phase, .k = k, .n = 4};
    write32(soc, OPTR, 0xFBFFF8AA);
    write32(soc, CR, OPTSTRT);
    soc_flash_set_cut_phase(soc, &cut);

    power_cycle(soc);

    assert_int_equal(read32(soc, SR), sr);
    assert_int_equal(read32(soc, OPTR), optr);
    assert_int_equal(last_event(EVENT_FLASH_TORN)->value, phase);
    soc_destroy(soc);
}

static void a_cut_change_is_old_new_or_the_fallback(void **state)
{
    (void)state;
    options_cut_by_power(FLASH_PHASE_BEFORE, 0, 0, 0xFFFFF8AA);
    options_cut_by_power(FLASH_PHASE_EARLY, 0, 0x8000, 0xFFFFF8FF);
    options_cut_by_power(FLASH_PHASE_MID, 0, 0x8000, 0xFFFFF8FF);
    options_cut_by_power(FLASH_PHASE_PULSE, 1, 0x8000, 0xFFFFF8FF);
    options_cut_by_power(FLASH_PHASE_PULSE, 4, 0x8000, 0xFFFFF8FF);
    options_cut_by_power(FLASH_PHASE_ECC, 0, 0x8000, 0xFFFFF8FF);
    options_cut_by_power(FLASH_PHASE_DONE, 0, 0, 0xFBFFF8AA);
}

static const uint32_t option_words_l476[] = {0x1FFF7800, 0x1FFF7808, 0x1FFF7810,
                                             0x1FFF7818, 0x1FFF7820, 0x1FFFF808,
                                             0x1FFFF810, 0x1FFFF818, 0x1FFFF820};

/* L4 sheet 11.1: nine double words on a part with two banks. */
static void each_option_word_torn_from_its_complement_loads_the_fallback(void **state)
{
    (void)state;
    for (unsigned k = 1; k <= 9; k++) {
        struct soc *soc = ready("stm32l476rg");
        struct flash_cut cut = {.phase = FLASH_PHASE_PULSE, .k = k, .n = 9};
        write32(soc, WRP1AR, 0x00050004);
        write32(soc, CR, OPTSTRT);
        soc_flash_set_cut_phase(soc, &cut);

        power_cycle(soc);

        for (unsigned i = 0; i < 9; i++) {
            uint32_t value = read32(soc, option_words_l476[i]);
            uint32_t complement = read32(soc, option_words_l476[i] + 4);
            assert_int_equal(value == (uint32_t)~complement, i < k - 1);
            assert_int_equal(complement == 0xFFFFFFFF, i >= k - 1);
            assert_true(i <= k - 1 || value == 0xFFFFFFFF);
        }
        assert_int_equal(read32(soc, SR) & 0x8000, 0x8000);
        assert_int_equal(read32(soc, OPTR) & 0xFF, 0xFF);         /* level 1 */
        assert_int_equal(read32(soc, PCROP1SR) & 0xFFFF, 0);      /* PCROP from the first ... */
        assert_int_equal(read32(soc, PCROP1ER) & 0xFFFF, 0xFFFF); /* ... to the last byte */
        assert_int_equal(read32(soc, WRP1AR), 0xFF00FFFF);        /* nothing protected */
        soc_destroy(soc);
    }
}

/* Main memory goes first: until it is gone the option bytes are those from before. */
static void a_cut_in_the_erase_on_the_way_to_level_0_leaves_the_option_bytes(void **state)
{
    (void)state;
    static const enum flash_phase phases[2] = {FLASH_PHASE_EARLY, FLASH_PHASE_MID};
    for (unsigned i = 0; i < 2; i++) {
        struct soc *soc = ready("stm32l452re");
        change_and_launch(soc, OPTR, 0xFFFFF8BB);
        struct flash_cut cut = {.phase = phases[i]};
        write32(soc, OPTR, 0xFFFFF8AA);
        write32(soc, CR, OPTSTRT);
        soc_flash_set_cut_phase(soc, &cut);

        power_cycle(soc);

        assert_int_equal(read32(soc, OPTR), 0xFFFFF8BB);
        assert_int_equal(read32(soc, SR) & 0x8000, 0); /* OPTVERR */
        soc_destroy(soc);
    }
}

static void no_cut_change_loads_a_mixture(void **state)
{
    (void)state;
    unsigned old = 0, fallback = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        for (unsigned phase = 0; phase < FLASH_PHASE_COUNT; phase++) {
            struct soc *soc = ready("stm32l452re");
            struct flash_cut cut = {(enum flash_phase)phase, 1 + (unsigned)(seed % 4), 4};
            soc->wires.seed = seed;
            write32(soc, OPTR, 0xFBFFF8AA);
            write32(soc, WRP1AR, 0x00050004);
            write32(soc, CR, OPTSTRT);
            soc_flash_set_cut_phase(soc, &cut);
            power_cycle(soc);
            uint32_t optr = read32(soc, OPTR);
            uint32_t wrp = read32(soc, WRP1AR) & 0x00FF00FF;
            bool is_old = optr == 0xFFFFF8AA && wrp == 0x000000FF;
            bool is_new = optr == 0xFBFFF8AA && wrp == 0x00050004;
            bool is_fallback = optr == 0xFFFFF8FF && wrp == 0x000000FF;
            assert_int_equal(is_fallback, (read32(soc, SR) & 0x8000) != 0);
            assert_true(is_old || is_new || is_fallback);
            assert_int_equal(is_new, phase == FLASH_PHASE_DONE);
            old += is_old;
            fallback += is_fallback;
            soc_destroy(soc);
        }
    }
    assert_true(old >= 80); /* before, and latched, which the change does not have */
    assert_true(fallback > 180);
}

/* --- cut on the way from level 1 to 0 --- */

enum { LAST_PAGE = MAIN + 0x7F800 };

struct regression {
    struct flash_cut cut;
    uint32_t rdp; /* in the cells' next load */
    bool has_optverr;
    bool is_untouched; /* main memory */
    bool is_erased;
    bool is_weak;
};

static struct soc *cut_regression(const struct flash_cut *cut)
{
    struct soc *soc = ready("stm32l452re");
    for (uint32_t i = 0; i < 256; i++)
        program(soc, LAST_PAGE + 8 * i, UINT64_C(0x0123456789ABCDEF));
    change_and_launch(soc, OPTR, 0xFFFFF8BB);
    write32(soc, OPTR, 0xFFFFF8AA);
    write32(soc, CR, OPTSTRT);
    soc_flash_set_cut_phase(soc, cut);
    return soc;
}

static void assert_last_page(const struct soc *soc, const struct regression *expected)
{
    unsigned old = 0, virgin = 0, blank = 0, weak = 0;
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t unit = (LAST_PAGE - MAIN) / 8 + i;
        struct flash_cells margin = flash_array_margin(soc->cells, unit);
        struct flash_reading reading;
        flash_array_read(soc->cells, unit, FLASH_CHOOSE_NEW, &reading);
        old += reading.data[0] == UINT64_C(0x0123456789ABCDEF);
        virgin += reading.is_virgin;
        blank += reading.data[0] == UINT64_MAX;
        weak += margin.data[0] || margin.ecc;
    }
    assert_int_equal(old == 256, expected->is_untouched);
    assert_int_equal(blank == 256, expected->is_erased);
    assert_int_equal(virgin == 256, expected->is_erased && !expected->is_weak);
    assert_int_equal(weak > 0, expected->is_weak);
}

static void each_moment_of_the_way_to_level_0_leaves_what_the_prose_says(void **state)
{
    (void)state;
    static const struct regression cases[] = {
        {{.phase = FLASH_PHASE_BEFORE}, 0xBB, false, true, false, false},
        {{.phase = FLASH_PHASE_EARLY}, 0xBB, false, false, false, false},
        {{.phase = FLASH_PHASE_MID}, 0xBB, false, false, false, false},
        {{.phase = FLASH_PHASE_LATE}, 0xBB, false, false, true, true},
        {{FLASH_PHASE_PULSE, 1, 4}, 0xFF, true, false, true, false},
        {{FLASH_PHASE_PULSE, 4, 4}, 0xFF, true, false, true, false},
        {{.phase = FLASH_PHASE_ECC}, 0xFF, true, false, true, false},
        {{.phase = FLASH_PHASE_DONE}, 0xAA, false, false, true, false},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct soc *soc = cut_regression(&cases[i].cut);
        power_cycle(soc);
        bool is_in_main = cases[i].rdp == 0xBB;
        assert_int_equal(read32(soc, OPTR) & 0xFF, cases[i].rdp);
        assert_int_equal((read32(soc, SR) & 0x8000) != 0, cases[i].has_optverr);
        assert_last_page(soc, &cases[i]);
        assert_string_equal(last_event(EVENT_FLASH_TORN)->rule, "L4.cut.level_0");
        assert_int_equal(last_event(EVENT_FLASH_TORN)->addr, is_in_main ? MAIN : 0x1FFF7800);
        assert_int_equal(last_event(EVENT_FLASH_TORN)->size, is_in_main ? 0x80000 : 128);
        assert_true(is_assumed("L4.cut.level_0"));
        soc_destroy(soc);
    }
}

static void no_cut_on_the_way_to_level_0_opens_what_is_not_erased(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        for (unsigned phase = 0; phase < FLASH_PHASE_COUNT; phase++) {
            for (unsigned k = 1; k <= (phase == FLASH_PHASE_PULSE ? 5 : 1); k++) {
                struct flash_cut cut = {(enum flash_phase)phase, k, 5};
                struct soc *soc = cut_regression(&cut);
                soc->wires.seed = seed;
                power_cycle(soc);
                bool is_open = (read32(soc, OPTR) & 0xFF) == 0xAA;
                assert_int_equal(is_open, phase == FLASH_PHASE_DONE);
                for (uint32_t unit = 0; is_open && unit < 0x80000 / 8; unit++) {
                    struct flash_cells cells = flash_array_cells(soc->cells, unit);
                    assert_true(cells.data[0] == UINT64_MAX && cells.ecc == 0xFF);
                }
                soc_destroy(soc);
            }
        }
    }
}

static void after_any_cut_on_the_way_to_level_0_it_can_be_gone_again(void **state)
{
    (void)state;
    for (unsigned phase = 0; phase < FLASH_PHASE_DONE; phase++) {
        struct flash_cut cut = {(enum flash_phase)phase, 2, 4};
        static const struct regression erased = {.is_erased = true};
        struct soc *soc = cut_regression(&cut);
        power_cycle(soc);
        clear_flags(soc);
        unlock(soc);
        unlock_options(soc);

        change_and_launch(soc, OPTR, 0xFFFFF8AA);

        assert_int_equal(read32(soc, OPTR) & 0xFF, 0xAA);
        assert_last_page(soc, &erased);
        soc_destroy(soc);
    }
}

static void sram2_is_wiped_once_main_memory_is_erased(void **state)
{
    (void)state;
    static const struct {
        struct flash_cut cut;
        bool is_wiped;
    } cases[] = {
        {{.phase = FLASH_PHASE_BEFORE}, false},
        {{.phase = FLASH_PHASE_LATE}, false},
        {{FLASH_PHASE_PULSE, 1, 4}, true},
        {{.phase = FLASH_PHASE_ECC}, true},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct soc *soc = cut_regression(&cases[i].cut);
        write32(soc, 0x10000000, 0xCAFE);
        write32(soc, 0x20000000, 0xBEEF);
        soc_reset(soc, RESET_SYSTEM); /* keeps the memories, but for what the change wipes */
        assert_int_equal(read32(soc, 0x10000000), cases[i].is_wiped ? 0 : 0xCAFE);
        assert_int_equal(read32(soc, 0x20000000), 0xBEEF);
        assert_int_equal(read32(soc, OPTR) & 0xFF, 0xBB); /* in force until the next load */
        soc_destroy(soc);
    }
}

/* --- reset in a change --- */

static void a_system_reset_in_a_change_shows_only_at_the_next_load(void **state)
{
    (void)state;
    static const struct flash_cut cuts[] = {
        {.phase = FLASH_PHASE_MID}, {FLASH_PHASE_PULSE, 2, 4}, {.phase = FLASH_PHASE_ECC}};
    for (unsigned i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        struct soc *soc = ready("stm32l452re");
        write32(soc, 0x20000000, 0xCAFE);
        write32(soc, OPTR, 0xFBFFF8AA);
        write32(soc, CR, OPTSTRT);
        soc_flash_set_cut_phase(soc, &cuts[i]);

        soc_reset(soc, RESET_SYSTEM);
        uint32_t in_force = read32(soc, OPTR);
        uint32_t sr = read32(soc, SR);
        uint32_t ram = read32(soc, 0x20000000);
        power_cycle(soc);

        assert_int_equal(ram, 0xCAFE);
        assert_int_equal(in_force, 0xFFFFF8AA);
        assert_int_equal(sr, 0);
        assert_int_equal(count_events(EVENT_FLASH_TORN), 1);
        assert_int_equal(read32(soc, OPTR), 0xFFFFF8FF);
        assert_int_equal(read32(soc, SR), 0x8000);
        soc_destroy(soc);
    }
}

static void a_system_reset_lets_a_change_finish_where_the_run_says_so(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    soc->wires.reset_pulse = RESET_PULSE_FINISHES;
    write32(soc, OPTR, 0xFBFFF8AA);
    write32(soc, CR, OPTSTRT);
    advance_to(soc, soc->clock.now_ps + 5 * PS_PER_MS);

    soc_reset(soc, RESET_SYSTEM);
    uint32_t in_force = read32(soc, OPTR);
    power_cycle(soc);

    assert_int_equal(count_events(EVENT_FLASH_TORN), 0);
    assert_int_equal(in_force, 0xFFFFF8AA); /* L4 sheet 11.2.4: not loaded yet */
    assert_int_equal(read32(soc, OPTR), 0xFBFFF8AA);
    assert_int_equal(read32(soc, SR), 0);
    soc_destroy(soc);
}

static void a_change_that_a_reset_cut_loads_the_fallback_by_obl_launch_too(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    static const struct flash_cut cut = {FLASH_PHASE_PULSE, 3, 4};
    write32(soc, OPTR, 0xFBFFF8AA);
    write32(soc, CR, OPTSTRT);
    soc_flash_set_cut_phase(soc, &cut);
    soc_reset(soc, RESET_IWDG);
    unlock(soc);
    unlock_options(soc);

    launch(soc);

    assert_int_equal(read32(soc, OPTR), 0xFFFFF8FF);
    assert_int_equal(read32(soc, SR), 0x8000);
    soc_destroy(soc);
}

static void obl_launch_written_with_optstrt_waits_for_the_change(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    write32(soc, OPTR, 0xFBFFF8AA);

    write32(soc, CR, OPTSTRT | OBL_LAUNCH);
    bool at_once = soc->system.reset_requested;
    wait_while_busy(soc);

    assert_false(at_once);
    perform_reset(soc);
    assert_int_equal(read32(soc, OPTR), 0xFBFFF8AA);
    soc_destroy(soc);
}

static void an_erase_and_an_option_change_in_one_store_leave_the_erase(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    program(soc, TARGET, 1);
    write32(soc, OPTR, 0xFBFFF8AA);

    write32(soc, CR, PER | 2 << 3 | STRT | OPTSTRT);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, TARGET), 0xFFFFFFFF);
    assert_int_equal(read32(soc, 0x1FFF7800), 0xFFFFF8AA);
    assert_true(is_assumed("L4.erase.with_option_start"));
    soc_destroy(soc);
}

static void brown_out_and_exit_from_standby_load_too(void **state)
{
    (void)state;
    static const enum reset_cause causes[] = {RESET_BROWN_OUT, RESET_LOW_POWER};
    for (unsigned i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        struct soc *soc = ready("stm32l452re");
        write32(soc, OPTR, 0xFBFFF8AA);
        start_change(soc);
        soc_reset(soc, causes[i]);
        assert_int_equal(read32(soc, OPTR), 0xFBFFF8AA);
        soc_destroy(soc);
    }
}

static void rderr_is_no_operr_and_is_told_once(void **state)
{
    (void)state;
    struct soc *soc = with_pcrop(0);
    write32(soc, CR, ERRIE);
    unsigned before = count_events(EVENT_FLASH_ERROR);

    for (unsigned i = 0; i < 5; i++)
        read32(soc, TARGET);

    assert_int_equal(read32(soc, SR), 0x4000);
    assert_int_equal(count_events(EVENT_FLASH_ERROR), before + 1);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(option_bytes_lie_in_memory_with_their_complements),
        cmocka_unit_test(a_register_written_without_optstrt_reverts_at_reset),
        cmocka_unit_test(optstrt_stores_and_only_a_load_puts_in_force),
        cmocka_unit_test(obl_launch_resets_and_loads),
        cmocka_unit_test(obl_launch_and_optstrt_are_ignored_with_optlock),
        cmocka_unit_test(option_registers_are_ignored_with_optlock),
        cmocka_unit_test(a_change_lasts_as_the_chip_table_says_and_stalls_all_reads),
        cmocka_unit_test(eop_ends_a_change_with_eopie),
        cmocka_unit_test(reserved_bits_of_option_registers_keep_their_value),
        cmocka_unit_test(a_mismatch_loads_the_secure_fallback),
        cmocka_unit_test(optverr_can_be_cleared_and_comes_back_with_each_load),
        cmocka_unit_test(optverr_does_not_make_a_program_fail_but_interrupts_with_errie),
        cmocka_unit_test(rewriting_the_options_heals_a_mismatch),
        cmocka_unit_test(at_level_1_a_debugger_sees_no_main_flash),
        cmocka_unit_test(at_level_1_booting_from_sram_sees_no_main_flash),
        cmocka_unit_test(at_level_1_sram2_and_backup_registers_are_closed_too),
        cmocka_unit_test(level_0_asked_for_from_sram_wipes_the_closed_sram2),
        cmocka_unit_test(at_level_0_a_debugger_sees_everything),
        cmocka_unit_test(from_level_1_to_0_main_flash_sram2_and_backup_registers_are_wiped),
        cmocka_unit_test(raising_the_level_erases_nothing),
        cmocka_unit_test(at_level_2_option_bytes_are_frozen),
        cmocka_unit_test(wrp_is_not_in_force_before_the_load),
        cmocka_unit_test(a_program_in_a_wrp_page_gives_b0),
        cmocka_unit_test(wrp_covers_both_ends_and_no_more),
        cmocka_unit_test(one_wrp_page_drops_a_mass_erase_of_both_banks),
        cmocka_unit_test(wrp2_protects_bank_2),
        cmocka_unit_test(wrp_can_be_taken_away_again),
        cmocka_unit_test(a_stale_flag_on_a_protected_page_gives_90),
        cmocka_unit_test(a_data_read_in_pcrop_sets_rderr),
        cmocka_unit_test(a_fetch_in_pcrop_is_fine),
        cmocka_unit_test(rderr_interrupts_with_rderrie),
        cmocka_unit_test(pcrop_refuses_programs_and_erases_of_its_page_and_mass_erase),
        cmocka_unit_test(pcrop_grows_and_does_not_shrink),
        cmocka_unit_test(pcrop_rdp_can_only_be_set),
        cmocka_unit_test(pcrop_pages_survive_level_1_to_0_without_pcrop_rdp),
        cmocka_unit_test(level_1_to_0_with_pcrop_rdp_erases_all_and_lets_pcrop_go),
        cmocka_unit_test(pcrop_counts_8_bytes_in_bank_2_as_well),
        cmocka_unit_test(a_cut_change_is_old_new_or_the_fallback),
        cmocka_unit_test(a_cut_in_the_erase_on_the_way_to_level_0_leaves_the_option_bytes),
        cmocka_unit_test(each_option_word_torn_from_its_complement_loads_the_fallback),
        cmocka_unit_test(no_cut_change_loads_a_mixture),
        cmocka_unit_test(each_moment_of_the_way_to_level_0_leaves_what_the_prose_says),
        cmocka_unit_test(no_cut_on_the_way_to_level_0_opens_what_is_not_erased),
        cmocka_unit_test(after_any_cut_on_the_way_to_level_0_it_can_be_gone_again),
        cmocka_unit_test(sram2_is_wiped_once_main_memory_is_erased),
        cmocka_unit_test(a_system_reset_in_a_change_shows_only_at_the_next_load),
        cmocka_unit_test(a_system_reset_lets_a_change_finish_where_the_run_says_so),
        cmocka_unit_test(a_change_that_a_reset_cut_loads_the_fallback_by_obl_launch_too),
        cmocka_unit_test(obl_launch_written_with_optstrt_waits_for_the_change),
        cmocka_unit_test(an_erase_and_an_option_change_in_one_store_leave_the_erase),
        cmocka_unit_test(brown_out_and_exit_from_standby_load_too),
        cmocka_unit_test(rderr_is_no_operr_and_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
