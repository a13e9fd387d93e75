/* What a cut or a reset in a change of the option bytes leaves: flash_l4_option_bytes.c, L4 sheet 9 and 11. */
#include "models/tests/option_fixture.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
