/* Tests of flash_l4_option_bytes.c: L4 sheet 11. What cuts and resets leave: test_flash_l4_option_cut.c. */
#include "models/tests/option_fixture.h"

enum { TARGET = MAIN + 0x1000, BANK2 = MAIN + 0x80000 };

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
        cmocka_unit_test(obl_launch_written_with_optstrt_waits_for_the_change),
        cmocka_unit_test(an_erase_and_an_option_change_in_one_store_leave_the_erase),
        cmocka_unit_test(brown_out_and_exit_from_standby_load_too),
        cmocka_unit_test(rderr_is_no_operr_and_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
