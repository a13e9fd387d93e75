/* Tests of what a cut, a reset and a restored snapshot leave: L4 sheet 9, design.md "Phases". */
#include <stdlib.h>

#include "models/tests/flash_fixture.h"

enum { TARGET = MAIN + 0x1000, UNIT = 0x1000 / 8, PAGE = 2 };
#define DATA UINT64_C(0x1122334455667788)

static struct soc *ready(void)
{
    struct soc *soc = power_on_flash("stm32l452re");
    unlock(soc);
    return soc;
}

static void start_program(struct soc *soc)
{
    write32(soc, CR, PG);
    store_doubleword(soc, TARGET, DATA);
}

static unsigned zeros(struct soc *soc)
{
    struct flash_cells cells = flash_array_cells(soc->cells, UNIT);
    return 72 - (unsigned)__builtin_popcountll(cells.data[0]) -
           (unsigned)__builtin_popcount(cells.ecc);
}

/* --- power --- */

static void a_cut_before_a_program_leaves_a_virgin_doubleword(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);
    write32(soc, TARGET, 1); /* only one word: latched, nothing started */

    power_cycle(soc);
    unlock(soc);

    assert_int_equal(count_events(EVENT_FLASH_TORN), 0);
    assert_int_equal(program(soc, TARGET, DATA), 0);
    soc_destroy(soc);
}

static void a_cut_after_a_program_leaves_it_whole(void **state)
{
    (void)state;
    struct soc *soc = ready();
    start_program(soc);
    advance_to(soc, soc->clock.now_ps + PROGRAM_NS * 1000);

    power_cycle(soc);

    assert_int_equal(count_events(EVENT_FLASH_TORN), 0);
    assert_true(read64(soc, TARGET) == DATA);
    assert_int_equal(read32(soc, ECCR), 0);
    soc_destroy(soc);
}

static void the_elapsed_part_of_a_program_decides_the_phase(void **state)
{
    (void)state;
    static const struct {
        unsigned part; /* in 1/1000 of the operation */
        enum flash_phase phase;
        unsigned k;
    } expected[] = {
        {0, FLASH_PHASE_LATCHED, 1}, {39, FLASH_PHASE_LATCHED, 1}, {41, FLASH_PHASE_EARLY, 1},
        {79, FLASH_PHASE_EARLY, 1},  {81, FLASH_PHASE_PULSE, 1},   {300, FLASH_PHASE_PULSE, 2},
        {500, FLASH_PHASE_PULSE, 3}, {839, FLASH_PHASE_PULSE, 4},  {841, FLASH_PHASE_ECC, 1},
        {921, FLASH_PHASE_LATE, 1},  {971, FLASH_PHASE_DONE, 1},   {999, FLASH_PHASE_DONE, 1},
    };
    for (unsigned i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        struct soc *soc = ready();
        start_program(soc);
        advance_to(soc, soc->clock.now_ps + PROGRAM_NS * expected[i].part);
        struct flash_activity activity = soc_flash_activity(soc);
        assert_int_equal(activity.phase.phase, expected[i].phase);
        assert_int_equal(activity.phase.k, expected[i].k);
        soc_power_cut(soc);
        assert_int_equal(last_event(EVENT_FLASH_TORN)->value, expected[i].phase);
        assert_int_equal(last_event(EVENT_FLASH_TORN)->addr, TARGET);
        assert_int_equal(last_event(EVENT_FLASH_TORN)->op, 1);
        soc_destroy(soc);
    }
}

static void a_cut_in_the_pulse_leaves_some_cells_and_an_ecc_event(void **state)
{
    (void)state;
    struct soc *soc = ready();
    start_program(soc);
    advance_to(soc, soc->clock.now_ps + PROGRAM_NS * 500);

    power_cycle(soc);
    unsigned fallen = zeros(soc);
    read32(soc, TARGET);

    assert_in_range(fallen, 1, 71);
    assert_int_not_equal(read32(soc, ECCR), 0);
    assert_int_equal(read32(soc, ECCR) & 0x7FFFF, 0x1000);
    assert_true(is_assumed("L4.cells.torn"));
    soc_destroy(soc);
}

static void a_forced_phase_wins_over_the_time_and_is_used_once(void **state)
{
    (void)state;
    struct soc *soc = ready();
    static const struct flash_cut ecc = {.phase = FLASH_PHASE_ECC};
    program(soc, TARGET, DATA);
    uint16_t whole = flash_array_cells(soc->cells, UNIT).ecc;
    erase_page(soc, PAGE);
    start_program(soc);
    soc_flash_set_cut_phase(soc, &ecc);

    power_cycle(soc);
    struct flash_cells cells = flash_array_cells(soc->cells, UNIT);
    unlock(soc);
    start_page_erase(soc, PAGE);
    soc_power_cut(soc);

    assert_true(cells.data[0] == DATA);
    assert_int_not_equal(cells.ecc, 0xFF);
    assert_int_not_equal(cells.ecc, whole);
    assert_int_equal(last_event(EVENT_FLASH_TORN)->value, FLASH_PHASE_BEFORE);
    soc_destroy(soc);
}

static void an_injected_failure_gives_operr_with_errie_and_changes_nothing(void **state)
{
    (void)state;
    struct soc *soc = ready();
    soc_flash_fail_next(soc, EVENT_FLASH_PROGRAM_START);
    write32(soc, CR, PG | EOPIE | ERRIE);
    store_doubleword(soc, TARGET, DATA);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, SR), 0x2); /* OPERR */
    assert_true(read64(soc, TARGET) == UINT64_MAX);

    write32(soc, SR, 0x2);
    store_doubleword(soc, TARGET, DATA);
    wait_while_busy(soc);
    assert_int_equal(read32(soc, SR), 0x1); /* only the next one failed */
    assert_true(read64(soc, TARGET) == DATA);
    soc_destroy(soc);
}

static void an_injected_failure_without_errie_is_silent(void **state)
{
    (void)state;
    struct soc *soc = ready();
    soc_flash_fail_next(soc, EVENT_KIND_COUNT);
    start_program(soc);
    wait_while_busy(soc);

    assert_int_equal(read32(soc, SR), 0);
    assert_true(read64(soc, TARGET) == UINT64_MAX);
    soc_destroy(soc);
}

static void every_phase_of_a_program_reads_as_sheet_9_allows_and_heals(void **state)
{
    (void)state;
    for (unsigned phase = 0; phase < FLASH_PHASE_COUNT; phase++) {
        for (unsigned k = 1; k <= 4; k++) {
            struct soc *soc = ready();
            struct flash_cut cut = {.phase = (enum flash_phase)phase, .k = k, .n = 4};
            start_program(soc);
            soc_flash_set_cut_phase(soc, &cut);
            power_cycle(soc);
            read64(soc, TARGET);
            write32(soc, ECCR, 0xC0000000);
            unlock(soc);
            assert_int_equal(erase_page(soc, PAGE), 0);
            assert_int_equal(program(soc, TARGET, DATA), 0);
            assert_true(read64(soc, TARGET) == DATA);
            assert_int_equal(read32(soc, ECCR), 0);
            soc_destroy(soc);
        }
    }
}

static void a_cut_early_leaves_a_doubleword_that_reads_blank_and_refuses_data(void **state)
{
    (void)state;
    struct soc *soc = ready();
    static const struct flash_cut early = {.phase = FLASH_PHASE_EARLY};
    start_program(soc);
    soc_flash_set_cut_phase(soc, &early);
    power_cycle(soc);
    unlock(soc);

    uint64_t value = read64(soc, TARGET);
    uint32_t sr = program(soc, TARGET, DATA);

    assert_true(value == UINT64_MAX);
    assert_int_equal(sr, 0xA8);
    soc_destroy(soc);
}

static void the_elapsed_part_of_an_erase_decides_the_phase(void **state)
{
    (void)state;
    static const struct {
        unsigned part;
        enum flash_phase phase;
    } expected[] = {
        {0, FLASH_PHASE_BEFORE},  {19, FLASH_PHASE_BEFORE}, {21, FLASH_PHASE_EARLY},
        {349, FLASH_PHASE_EARLY}, {351, FLASH_PHASE_MID},   {749, FLASH_PHASE_MID},
        {751, FLASH_PHASE_LATE},  {969, FLASH_PHASE_LATE},  {971, FLASH_PHASE_DONE},
    };
    for (unsigned i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        struct soc *soc = ready();
        start_page_erase(soc, PAGE);
        advance_to(soc, soc->clock.now_ps + PAGE_ERASE_NS * expected[i].part);
        soc_power_cut(soc);
        assert_int_equal(last_event(EVENT_FLASH_TORN)->value, expected[i].phase);
        assert_int_equal(last_event(EVENT_FLASH_TORN)->size, 2048);
        soc_destroy(soc);
    }
}

static void a_mass_erase_cut_tears_every_page_of_its_bank_only(void **state)
{
    (void)state;
    struct soc *soc = power_on_flash("stm32l476rg");
    static const struct flash_cut mid = {.phase = FLASH_PHASE_MID};
    unlock(soc);
    program(soc, TARGET, DATA);
    program(soc, MAIN + 0x7FFF8, DATA);
    program(soc, MAIN + 0x80000, DATA);
    write32(soc, CR, MER1 | STRT);
    soc_flash_set_cut_phase(soc, &mid);

    power_cycle(soc);

    assert_true(flash_array_cells(soc->cells, UNIT).data[0] != DATA);
    assert_true(flash_array_cells(soc->cells, 0x7FFF8 / 8).data[0] != DATA);
    assert_true(read64(soc, MAIN + 0x80000) == DATA);
    soc_destroy(soc);
}

static void an_erase_says_whether_it_is_of_a_page_a_bank_or_all(void **state)
{
    (void)state;
    static const struct {
        uint32_t cr, value;
        const char *kind, *rule;
    } cases[] = {
        {PER | STRT, FLASH_OPERATION_PAGE_ERASE, "page erase", "L4.cut.erase"},
        {MER1 | STRT, FLASH_OPERATION_BANK_ERASE, "bank erase", "L4.cut.mass_erase"},
        {MER2 | STRT, FLASH_OPERATION_BANK_ERASE, "bank erase", "L4.cut.mass_erase"},
        {MER1 | MER2 | STRT, FLASH_OPERATION_MASS_ERASE, "mass erase", "L4.cut.mass_erase"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct soc *soc = power_on_flash("stm32l476rg");
        unlock(soc);
        write32(soc, CR, cases[i].cr);
        assert_int_equal(last_event(EVENT_FLASH_ERASE_START)->value, cases[i].value);
        assert_string_equal(soc_flash_activity(soc).kind, cases[i].kind);
        advance_to(soc, soc->clock.now_ps + PAGE_ERASE_NS * 500);
        power_cycle(soc);
        assert_string_equal(last_event(EVENT_FLASH_TORN)->rule, cases[i].rule);
        soc_destroy(soc);
    }
    struct soc *soc = ready(); /* one bank: MER1 is all there is */
    write32(soc, CR, MER1 | STRT);
    assert_int_equal(last_event(EVENT_FLASH_ERASE_START)->value, FLASH_OPERATION_MASS_ERASE);
    soc_destroy(soc);
}

static void after_a_late_cut_marginal_words_read_one_way_in_a_boot(void **state)
{
    (void)state;
    struct soc *soc = ready();
    static const struct flash_cut late = {.phase = FLASH_PHASE_LATE};
    for (uint32_t i = 0; i < 256; i++)
        program(soc, TARGET + 8 * i, DATA);
    start_page_erase(soc, PAGE);
    soc_flash_set_cut_phase(soc, &late);
    unsigned odd = 0;
    unsigned changed = 0;

    power_cycle(soc);
    uint64_t first[256];
    for (uint32_t i = 0; i < 256; i++) {
        first[i] = read64(soc, TARGET + 8 * i);
        odd += first[i] != UINT64_MAX;
        assert_true(read64(soc, TARGET + 8 * i) == first[i]);
    }
    power_cycle(soc);
    for (uint32_t i = 0; i < 256; i++)
        changed += read64(soc, TARGET + 8 * i) != first[i];

    assert_in_range(odd, 5, 100);
    assert_true(changed > 0);
    assert_true(is_assumed("L4.cells.marginal_read"));
    soc_destroy(soc);
}

static void the_same_seed_tears_the_same_cells(void **state)
{
    (void)state;
    uint64_t hash[3];
    for (unsigned i = 0; i < 3; i++) {
        struct soc *soc = ready();
        soc->wires.seed = i == 2 ? 99 : 7;
        start_program(soc);
        advance_to(soc, soc->clock.now_ps + PROGRAM_NS * 500);
        soc_power_cut(soc);
        hash[i] = flash_array_hash(soc->cells);
        soc_destroy(soc);
    }
    assert_true(hash[0] == hash[1]);
    assert_true(hash[0] != hash[2]);
}

/* --- reset --- */

static void a_reset_aborts_the_pulse(void **state)
{
    (void)state;
    struct soc *soc = ready();
    start_program(soc);
    advance_to(soc, soc->clock.now_ps + PROGRAM_NS * 500);

    soc_reset(soc, RESET_IWDG);

    assert_in_range(zeros(soc), 1, 71);
    assert_int_equal(read32(soc, SR), 0);
    assert_int_equal(read32(soc, CR), 0xC0000000);
    assert_int_equal(count_events(EVENT_FLASH_TORN), 1);
    soc_destroy(soc);
}

static void a_reset_lets_the_pulse_finish_where_the_run_says_so(void **state)
{
    (void)state;
    struct soc *soc = ready();
    soc->wires.reset_pulse = RESET_PULSE_FINISHES;
    write32(soc, 0x20000000, 0xCAFE);
    start_program(soc);
    advance_to(soc, soc->clock.now_ps + PROGRAM_NS * 500);

    soc_reset(soc, RESET_IWDG);

    assert_int_equal(read32(soc, 0x20000000), 0xCAFE);

    assert_true(read64(soc, TARGET) == DATA);
    assert_int_equal(read32(soc, SR), 0);
    assert_int_equal(read32(soc, ECCR), 0);
    assert_int_equal(count_events(EVENT_FLASH_TORN), 0);
    assert_string_equal(last_event(EVENT_FLASH_PROGRAM_END)->rule, "L4.reset.pulse_finishes");
    soc_destroy(soc);
}

/* A reset in the middle of an erase of a page full of data; SRAM holds a word. */
static struct soc *reset_in_an_erase(const char *chip, uint32_t cr, enum reset_pulse pulse)
{
    struct soc *soc = power_on_flash(chip);
    unlock(soc);
    for (uint32_t i = 0; i < 256; i++)
        program(soc, TARGET + 8 * i, DATA);
    program(soc, MAIN + 0x7FFF8, DATA);
    write32(soc, 0x20000000, 0xCAFE);
    soc->wires.reset_pulse = (uint8_t)pulse;
    write32(soc, CR, cr);
    advance_to(soc, soc->clock.now_ps + PAGE_ERASE_NS * 500);
    soc_reset(soc, RESET_SYSTEM);
    assert_int_equal(read32(soc, 0x20000000), 0xCAFE);
    assert_int_equal(read32(soc, SR) & BSY, 0);
    assert_int_equal(read32(soc, CR), 0xC0000000);
    return soc;
}

static bool is_torn(struct soc *soc, uint32_t unit)
{
    struct flash_cells cells = flash_array_cells(soc->cells, unit);
    return cells.data[0] != UINT64_MAX && cells.data[0] != DATA;
}

static void a_reset_tears_a_page_erase_or_lets_it_finish(void **state)
{
    (void)state;
    uint32_t cr = PER | PAGE << 3 | STRT;
    struct soc *torn = reset_in_an_erase("stm32l452re", cr, RESET_PULSE_ABORTS);
    struct soc *whole = reset_in_an_erase("stm32l452re", cr, RESET_PULSE_FINISHES);

    for (uint32_t i = 0; i < 256; i++) {
        assert_true(is_torn(torn, UNIT + i));
        assert_true(read64(whole, TARGET + 8 * i) == UINT64_MAX);
    }
    assert_true(read64(torn, MAIN + 0x7FFF8) == DATA); /* another page */
    assert_true(read64(whole, MAIN + 0x7FFF8) == DATA);
    unlock(whole);
    assert_int_equal(program(whole, TARGET, 1), 0);
    unlock(torn);
    assert_int_equal(program(torn, TARGET, 1), 0xA8);
    soc_destroy(torn);
    soc_destroy(whole);
}

static void a_reset_tears_a_mass_erase_or_lets_it_finish(void **state)
{
    (void)state;
    struct soc *torn = reset_in_an_erase("stm32l452re", MER1 | STRT, RESET_PULSE_ABORTS);
    struct soc *whole = reset_in_an_erase("stm32l452re", MER1 | STRT, RESET_PULSE_FINISHES);

    assert_true(is_torn(torn, UNIT) && is_torn(torn, 0x7FFF8 / 8));
    assert_int_equal(count_events(EVENT_FLASH_TORN), 0); /* of the second chip */
    assert_string_equal(last_event(EVENT_FLASH_ERASE_END)->rule, "L4.reset.pulse_finishes");
    for (uint32_t page = 0; page < flash_array_page_count(whole->cells); page++)
        for (uint32_t i = 0; i < 256; i++)
            assert_int_equal(flash_array_cells(whole->cells, page * 256 + i).ecc, 0xFF);
    soc_destroy(torn);
    soc_destroy(whole);
}

static void each_phase_of_a_mass_erase_is_that_of_all_its_pages(void **state)
{
    (void)state;
    static const enum flash_phase phases[] = {FLASH_PHASE_BEFORE, FLASH_PHASE_EARLY,
                                              FLASH_PHASE_MID, FLASH_PHASE_LATE, FLASH_PHASE_DONE};
    for (unsigned p = 0; p < 5; p++) {
        struct soc *soc = ready();
        struct flash_cut cut = {.phase = phases[p]};
        for (uint32_t page = 1; page < 256; page += 51)
            for (uint32_t i = 0; i < 64; i++)
                program(soc, MAIN + 2048 * page + 8 * i, DATA);
        write32(soc, CR, MER1 | STRT);
        soc_flash_set_cut_phase(soc, &cut);
        power_cycle(soc);
        for (uint32_t page = 1; page < 256; page += 51) {
            unsigned old = 0, blank = 0, weak = 0;
            for (uint32_t i = 0; i < 64; i++) {
                struct flash_cells cells = flash_array_cells(soc->cells, page * 256 + i);
                struct flash_cells margin = flash_array_margin(soc->cells, page * 256 + i);
                old += cells.data[0] == DATA;
                blank += cells.data[0] == UINT64_MAX;
                weak += margin.data[0] != 0;
            }
            /* As one page: all old, half old, none, all blank and some weak, all blank. */
            assert_in_range(old,
                            phases[p] == FLASH_PHASE_BEFORE  ? 64
                            : phases[p] == FLASH_PHASE_EARLY ? 16
                                                             : 0,
                            phases[p] == FLASH_PHASE_BEFORE  ? 64
                            : phases[p] == FLASH_PHASE_EARLY ? 48
                                                             : 0);
            assert_int_equal(blank, phases[p] >= FLASH_PHASE_LATE ? 64 : 0);
            assert_int_equal(weak > 0, phases[p] == FLASH_PHASE_LATE);
        }
        soc_destroy(soc);
    }
}

/* --- marginal words --- */

static void a_marginal_word_stays_so_over_resets_until_it_is_erased(void **state)
{
    (void)state;
    struct soc *soc = ready();
    static const struct flash_cut late = {.phase = FLASH_PHASE_LATE};
    start_program(soc);
    soc_flash_set_cut_phase(soc, &late);
    power_cycle(soc);
    unsigned old = 0, new = 0, corrected = 0, detected = 0;

    for (unsigned boot = 0; boot < 60; boot++) {
        soc->wires.boot_count++; /* the machine's to do */
        if (boot % 2)
            power_cycle(soc);
        else
            soc_reset(soc, RESET_SYSTEM);
        uint64_t value = read64(soc, TARGET);
        uint32_t eccr = read32(soc, ECCR);
        corrected += (eccr & ECCC) != 0;
        detected += (eccr & ECCD) != 0;
        old += !eccr && value == UINT64_MAX;
        new += !eccr &&value == DATA;
        assert_true((eccr & ECCD) || value == UINT64_MAX || value == DATA);
        assert_true(read64(soc, TARGET) == value); /* one way in a boot */
    }
    assert_true(old > 5 && new > 5 && corrected > 5 && detected > 5);
    assert_int_equal(old + new + corrected + detected, 60);

    unlock(soc);
    assert_int_equal(erase_page(soc, PAGE), 0);
    assert_int_equal(program(soc, TARGET, DATA), 0);
    for (unsigned boot = 0; boot < 20; boot++) {
        soc->wires.boot_count++;
        power_cycle(soc);
        assert_true(read64(soc, TARGET) == DATA);
        assert_int_equal(read32(soc, ECCR), 0);
    }
    soc_destroy(soc);
}

static void a_marginal_word_takes_data_only_in_a_boot_that_reads_it_virgin(void **state)
{
    (void)state;
    unsigned refused = 0, taken = 0;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        struct soc *soc = ready();
        static const struct flash_cut late = {.phase = FLASH_PHASE_LATE};
        soc->wires.seed = seed;
        start_program(soc);
        soc_flash_set_cut_phase(soc, &late);
        power_cycle(soc);
        unlock(soc);
        bool is_blank = read64(soc, TARGET) == UINT64_MAX && !read32(soc, ECCR);
        uint32_t sr = program(soc, TARGET, DATA);
        assert_int_equal(sr, is_blank ? 0 : 0xA8);
        refused += !is_blank;
        taken += is_blank;
        if (!is_blank)
            clear_flags(soc);
        assert_int_equal(program(soc, TARGET, 0), 0); /* zeros heal it in any case */
        assert_true(flash_array_page_is_clean(soc->cells, PAGE));
        soc_destroy(soc);
    }
    assert_true(refused > 0 && taken > 0);
}

static void a_brown_out_never_lets_the_pulse_finish(void **state)
{
    (void)state;
    struct soc *soc = ready();
    soc->wires.reset_pulse = RESET_PULSE_FINISHES;
    start_page_erase(soc, PAGE);

    soc_reset(soc, RESET_BROWN_OUT);

    assert_int_equal(count_events(EVENT_FLASH_TORN), 1);
    soc_destroy(soc);
}

static void a_reset_ends_the_stall(void **state)
{
    (void)state;
    struct soc *soc = ready();
    start_page_erase(soc, PAGE);

    soc_reset(soc, RESET_SYSTEM);
    uint64_t now_ps = soc->clock.now_ps;
    read32(soc, MAIN);

    assert_true(soc->clock.now_ps == now_ps);
    assert_false(soc_flash_activity(soc).is_busy);
    soc_destroy(soc);
}

static void a_reset_forgets_the_pending_word(void **state)
{
    (void)state;
    struct soc *soc = ready();
    write32(soc, CR, PG);
    write32(soc, TARGET, 1);

    soc_reset(soc, RESET_SYSTEM);
    unlock(soc);

    assert_int_equal(program(soc, TARGET, DATA), 0);
    soc_destroy(soc);
}

static void ordinals_go_on_over_resets(void **state)
{
    (void)state;
    struct soc *soc = ready();
    program(soc, TARGET, DATA);

    power_cycle(soc);
    unlock(soc);
    program(soc, TARGET + 8, DATA);

    assert_int_equal(last_event(EVENT_FLASH_PROGRAM_END)->op, 2);
    soc_destroy(soc);
}

/* --- snapshots and the view --- */

static void a_snapshot_in_mid_erase_goes_on_where_it_was(void **state)
{
    (void)state;
    struct soc *soc = ready();
    program(soc, TARGET, DATA);
    start_page_erase(soc, PAGE);
    advance_to(soc, soc->clock.now_ps + 1000);
    struct flash_snapshot *snapshot = flash_snapshot_create(soc->cells);
    flash_array_save(soc->cells, snapshot);
    uint8_t *state_then = malloc(soc->state_bytes);
    memcpy(state_then, soc->state, soc->state_bytes);
    struct clock clock_then = soc->clock;
    struct irq irq_then = soc->irq;
    wait_while_busy(soc);
    write32(soc, CR, 0);
    program(soc, TARGET, 3);

    memcpy(soc->state, state_then, soc->state_bytes);
    soc->clock = clock_then;
    soc->irq = irq_then;
    flash_array_restore(soc->cells, snapshot);
    soc_flash_publish(soc);

    assert_int_equal(read32(soc, SR), BSY);
    assert_memory_equal(soc->view + 0x1000, "\x88\x77\x66\x55\x44\x33\x22\x11", 8);
    assert_true(bus_busy_until(&soc->bus, TARGET) > soc->clock.now_ps);
    wait_while_busy(soc);
    assert_true(read64(soc, TARGET) == UINT64_MAX);
    flash_snapshot_destroy(snapshot);
    free(state_then);
    soc_destroy(soc);
}

static void a_snapshot_restored_after_a_quiet_boot_is_shown(void **state)
{
    (void)state;
    struct soc *soc = ready();
    struct flash_snapshot *snapshot = flash_snapshot_create(soc->cells);
    flash_array_save(soc->cells, snapshot);
    program(soc, TARGET, DATA);
    power_cycle(soc);
    assert_int_equal(soc->view[0x1000], 0x88);

    flash_array_restore(soc->cells, snapshot);
    soc_flash_publish(soc);

    assert_int_equal(soc->view[0x1000], 0xFF);
    flash_snapshot_destroy(snapshot);
    soc_destroy(soc);
}

struct view_log {
    unsigned calls;
    uint32_t offset, size;
};

static void log_view(void *context, uint32_t offset, uint32_t size)
{
    struct view_log *log = context;
    log->calls++;
    log->offset = offset;
    log->size = size;
}

static void the_engine_hears_of_each_change_of_the_view(void **state)
{
    (void)state;
    struct soc *soc = ready();
    struct view_log log = {0};
    soc->bus.view_changed = log_view;
    soc->bus.context = &log;

    program(soc, TARGET, DATA);
    struct view_log after_program = log;
    erase_page(soc, PAGE);
    struct view_log after_erase = log;
    erase_page(soc, PAGE);

    assert_int_equal(after_program.calls, 1);
    assert_int_equal(after_program.offset, 0x1000);
    assert_int_equal(after_program.size, 8);
    assert_int_equal(after_erase.calls, 2);
    assert_int_equal(after_erase.size, 2048);
    assert_int_equal(log.calls, 2); /* nothing changed */
    soc_destroy(soc);
}

static void the_view_holds_corrected_data(void **state)
{
    (void)state;
    struct soc *soc = ready();
    program(soc, TARGET, DATA);

    flash_array_flip(soc->cells, UNIT, (struct flash_cells){.data = {1}});
    soc_flash_publish(soc);

    assert_int_equal(soc->view[0x1000], 0x88);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_before_a_program_leaves_a_virgin_doubleword),
        cmocka_unit_test(a_cut_after_a_program_leaves_it_whole),
        cmocka_unit_test(the_elapsed_part_of_a_program_decides_the_phase),
        cmocka_unit_test(a_cut_in_the_pulse_leaves_some_cells_and_an_ecc_event),
        cmocka_unit_test(a_forced_phase_wins_over_the_time_and_is_used_once),
        cmocka_unit_test(an_injected_failure_gives_operr_with_errie_and_changes_nothing),
        cmocka_unit_test(an_injected_failure_without_errie_is_silent),
        cmocka_unit_test(every_phase_of_a_program_reads_as_sheet_9_allows_and_heals),
        cmocka_unit_test(a_cut_early_leaves_a_doubleword_that_reads_blank_and_refuses_data),
        cmocka_unit_test(the_elapsed_part_of_an_erase_decides_the_phase),
        cmocka_unit_test(a_mass_erase_cut_tears_every_page_of_its_bank_only),
        cmocka_unit_test(an_erase_says_whether_it_is_of_a_page_a_bank_or_all),
        cmocka_unit_test(after_a_late_cut_marginal_words_read_one_way_in_a_boot),
        cmocka_unit_test(the_same_seed_tears_the_same_cells),
        cmocka_unit_test(a_reset_aborts_the_pulse),
        cmocka_unit_test(a_reset_lets_the_pulse_finish_where_the_run_says_so),
        cmocka_unit_test(a_reset_tears_a_page_erase_or_lets_it_finish),
        cmocka_unit_test(a_reset_tears_a_mass_erase_or_lets_it_finish),
        cmocka_unit_test(each_phase_of_a_mass_erase_is_that_of_all_its_pages),
        cmocka_unit_test(a_marginal_word_stays_so_over_resets_until_it_is_erased),
        cmocka_unit_test(a_marginal_word_takes_data_only_in_a_boot_that_reads_it_virgin),
        cmocka_unit_test(a_brown_out_never_lets_the_pulse_finish),
        cmocka_unit_test(a_reset_ends_the_stall),
        cmocka_unit_test(a_reset_forgets_the_pending_word),
        cmocka_unit_test(ordinals_go_on_over_resets),
        cmocka_unit_test(a_snapshot_in_mid_erase_goes_on_where_it_was),
        cmocka_unit_test(a_snapshot_restored_after_a_quiet_boot_is_shown),
        cmocka_unit_test(the_engine_hears_of_each_change_of_the_view),
        cmocka_unit_test(the_view_holds_corrected_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
