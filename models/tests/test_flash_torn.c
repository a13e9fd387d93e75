/* What the head of flash_array_operations.c says of every moment of an operation, tried on
 * thousands of seeded cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "models/flash_array.h"
#include "sim/core/rng.h"

enum { PAGE = 1, UNITS = 32, CASES = 600, MOMENTS_MAX = 80 };

/* The L4's double word, and a flash word as wide as the H7's: the rules do not know the width. */
static const struct flash_geometry doubleword = {
    .main_bytes = 4 * 8 * UNITS, .page_bytes = 8 * UNITS, .unit_bytes = 8, .ecc_bits = 8};
static const struct flash_geometry flash_word = {
    .main_bytes = 4 * 32 * UNITS, .page_bytes = 32 * UNITS, .unit_bytes = 32, .ecc_bits = 10};

struct bench {
    const struct flash_geometry *geometry;
    struct flash_array *array;
};

static struct bench create(const struct flash_geometry *geometry)
{
    struct bench bench = {geometry, flash_array_create(*geometry)};
    assert_non_null(bench.array);
    return bench;
}

static uint64_t draw(uint64_t seed, uint64_t what)
{
    return rng_hash(seed, what, 0, 77);
}

/* --- sets of cells --- */

static struct flash_cells minus(const struct bench *bench, struct flash_cells a,
                                struct flash_cells b)
{
    struct flash_cells none = {0};
    return flash_cells_merge(bench->geometry, &a, &none, &b);
}

static unsigned count(const struct bench *bench, struct flash_cells cells)
{
    return flash_cells_count(bench->geometry, &cells);
}

static bool is_inside(const struct bench *bench, struct flash_cells inner, struct flash_cells outer)
{
    return count(bench, minus(bench, inner, outer)) == 0;
}

static bool are_equal(const struct bench *bench, struct flash_cells a, struct flash_cells b)
{
    return is_inside(bench, a, b) && is_inside(bench, b, a);
}

static struct flash_cells inverse(const struct bench *bench, struct flash_cells cells)
{
    return flash_cells_inverse(bench->geometry, &cells);
}

/* --- program --- */

/* One program: of a virgin unit, of one that was cut short before, or zeros over data. */
struct work {
    uint64_t seed;
    uint32_t unit;
    bool is_over_data;
    uint64_t old[FLASH_UNIT_WORDS_MAX], data[FLASH_UNIT_WORDS_MAX];
};

static struct work work_of(uint64_t seed)
{
    struct work work = {.seed = seed, .unit = PAGE * UNITS + (uint32_t)(draw(seed, 0) % UNITS)};
    work.is_over_data = draw(seed, 1) % 4 == 0;
    for (unsigned word = 0; word < FLASH_UNIT_WORDS_MAX; word++) {
        work.old[word] = draw(seed, 2 + word);
        switch (draw(seed, 8) % 6) {
        case 0:
            work.data[word] = 0;
            break;
        case 1:
            work.data[word] = UINT64_MAX;
            break;
        case 2: /* one cell of the data falls */
            work.data[word] = ~(UINT64_C(1) << draw(seed, 9) % 64);
            break;
        case 3:
            work.data[word] = draw(seed, 10 + word) | draw(seed, 20 + word);
            break;
        default:
            work.data[word] = draw(seed, 10 + word);
        }
        if (work.is_over_data)
            work.data[word] = 0;
    }
    return work;
}

static struct flash_cells cells_before(const struct bench *bench, const struct work *work)
{
    flash_array_erase(bench->array, PAGE, NULL);
    if (work->is_over_data)
        flash_array_program(bench->array, work->unit, work->old, NULL);
    return flash_array_cells(bench->array, work->unit);
}

static struct flash_cells program_cut(const struct bench *bench, const struct work *work,
                                      struct flash_cut moment)
{
    struct flash_torn torn = {.cut = moment, .seed = work->seed, .op = 3};
    cells_before(bench, work);
    flash_array_program(bench->array, work->unit, work->data, &torn);
    return flash_array_cells(bench->array, work->unit);
}

/* Every moment of a program in the order of time. */
static unsigned program_moments(struct flash_cut moments[MOMENTS_MAX], uint64_t seed)
{
    static const unsigned numbers[] = {1, 2, 4, 4, 7, 64};
    unsigned n = numbers[draw(seed, 30) % 6];
    unsigned length = 0;
    moments[length++] = (struct flash_cut){.phase = FLASH_PHASE_BEFORE};
    moments[length++] = (struct flash_cut){.phase = FLASH_PHASE_LATCHED};
    moments[length++] = (struct flash_cut){.phase = FLASH_PHASE_EARLY};
    for (unsigned k = 1; k <= n; k++)
        moments[length++] = (struct flash_cut){FLASH_PHASE_PULSE, k, n};
    moments[length++] = (struct flash_cut){.phase = FLASH_PHASE_ECC};
    moments[length++] = (struct flash_cut){.phase = FLASH_PHASE_LATE};
    moments[length++] = (struct flash_cut){.phase = FLASH_PHASE_DONE};
    return length;
}

static void assert_program_only_lets_fall_more_and_more(const struct flash_geometry *geometry)
{
    struct bench bench = create(geometry);
    for (uint64_t seed = 0; seed < CASES; seed++) {
        struct work work = work_of(seed);
        struct flash_cells old = cells_before(&bench, &work);
        struct flash_cells new =
            program_cut(&bench, &work, (struct flash_cut){.phase = FLASH_PHASE_DONE});
        struct flash_cells last = old;
        struct flash_cut moments[MOMENTS_MAX];
        unsigned length = program_moments(moments, seed);
        for (unsigned i = 0; i < length; i++) {
            struct flash_cells now = program_cut(&bench, &work, moments[i]);
            assert_true(is_inside(&bench, now, last)); /* nothing rises, nothing is taken back */
            assert_true(is_inside(&bench, new, now));  /* nothing falls that was not to */
            if (moments[i].phase <= FLASH_PHASE_LATCHED)
                assert_true(are_equal(&bench, now, old));
            if (moments[i].phase == FLASH_PHASE_LATE)
                assert_true(are_equal(&bench, now, new));
            last = now;
        }
    }
    flash_array_destroy(bench.array);
}

static void at_each_moment_of_a_program_more_of_the_right_cells_have_fallen(void **state)
{
    (void)state;
    assert_program_only_lets_fall_more_and_more(&doubleword);
    assert_program_only_lets_fall_more_and_more(&flash_word);
}

static void the_end_of_the_pulse_is_where_ecc_begins(void **state)
{
    (void)state;
    struct bench bench = create(&doubleword);
    for (uint64_t seed = 0; seed < CASES; seed++) {
        struct work work = work_of(seed);
        struct flash_cells old = cells_before(&bench, &work);
        struct flash_cells new =
            program_cut(&bench, &work, (struct flash_cut){.phase = FLASH_PHASE_DONE});
        struct flash_cells ecc =
            program_cut(&bench, &work, (struct flash_cut){.phase = FLASH_PHASE_ECC});
        unsigned pulsed = count(&bench, minus(&bench, old, ecc));
        unsigned check = (unsigned)__builtin_popcount(old.ecc & ~new.ecc & 0xFF);
        assert_true(ecc.data[0] == new.data[0]);
        assert_int_equal(__builtin_popcount(ecc.ecc & ~new.ecc & 0xFF), (check + 1) / 2);
        /* With n parts one part of n + 1 is left; with many parts hardly a cell. */
        struct flash_cells four =
            program_cut(&bench, &work, (struct flash_cut){FLASH_PHASE_PULSE, 4, 4});
        struct flash_cells many =
            program_cut(&bench, &work, (struct flash_cut){FLASH_PHASE_PULSE, 64, 64});
        if (pulsed > 1) {
            assert_int_equal(count(&bench, minus(&bench, four, ecc)), pulsed - pulsed * 4 / 5);
            assert_in_range(count(&bench, minus(&bench, many, ecc)), 1, 2);
        }
    }
    flash_array_destroy(bench.array);
}

/* --- what a torn program reads as --- */

struct tally {
    unsigned old, new, corrected_old, corrected_new, detected, looks_good, looks_corrected, torn;
};

static unsigned distance(const struct bench *bench, struct flash_cells a, struct flash_cells b)
{
    return count(bench, minus(bench, a, b)) + count(bench, minus(bench, b, a));
}

static void tally_program(struct tally *tally, const struct bench *bench, const struct work *work,
                          struct flash_cut moment)
{
    struct flash_cells old = cells_before(bench, work);
    struct flash_cells new =
        program_cut(bench, work, (struct flash_cut){.phase = FLASH_PHASE_DONE});
    struct flash_cells now = program_cut(bench, work, moment);
    struct flash_reading reading;
    flash_array_read(bench->array, work->unit, FLASH_CHOOSE_NEW, &reading);
    bool is_old = reading.data[0] == old.data[0];
    bool is_new = reading.data[0] == new.data[0];
    if (are_equal(bench, now, old) || are_equal(bench, now, new)) {
        assert_int_equal(reading.verdict, FLASH_READS_CLEAN);
        tally->old += are_equal(bench, now, old);
        tally->new += are_equal(bench, now, new);
        return;
    }
    tally->torn++;
    tally->detected += reading.verdict == FLASH_READS_DETECTED;
    tally->corrected_old += reading.verdict == FLASH_READS_CORRECTED && is_old;
    tally->corrected_new += reading.verdict == FLASH_READS_CORRECTED && is_new && !is_old;
    tally->looks_corrected += reading.verdict == FLASH_READS_CORRECTED && !is_old && !is_new;
    if (reading.verdict == FLASH_READS_CLEAN) {
        /* Words of the code differ in four cells at least: only many wrong cells look good. */
        assert_true(distance(bench, now, new) >= 4);
        assert_true(!work->is_over_data || distance(bench, now, old) >= 4);
        tally->looks_good++;
    }
}

static struct tally tally_phase(enum flash_phase phase, unsigned k, bool is_over_data)
{
    struct bench bench = create(&doubleword);
    struct tally tally = {0};
    for (uint64_t seed = 0; seed < 2 * CASES; seed++) {
        struct work work = work_of(seed);
        if (work.is_over_data == is_over_data)
            tally_program(&tally, &bench, &work, (struct flash_cut){phase, k, 4});
    }
    flash_array_destroy(bench.array);
    return tally;
}

static void early_reads_as_before_and_is_not_what_it_was(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct tally tally = tally_phase(FLASH_PHASE_EARLY, 0, i == 1);
        assert_true(tally.corrected_old > 100);
        assert_int_equal(tally.corrected_old, tally.torn); /* never anything else */
        assert_int_equal(tally.new, 0);
    }
}

static void a_pulse_reads_as_anything_and_hardly_ever_as_good(void **state)
{
    (void)state;
    struct tally all = {0};
    for (unsigned k = 1; k <= 4; k++) {
        for (unsigned i = 0; i < 2; i++) {
            struct tally tally = tally_phase(FLASH_PHASE_PULSE, k, i == 1);
            assert_int_equal(tally.new, 0);
            all.torn += tally.torn;
            all.detected += tally.detected;
            all.corrected_old += tally.corrected_old;
            all.looks_corrected += tally.looks_corrected;
            all.looks_good += tally.looks_good;
        }
    }
    assert_true(all.detected > all.torn / 3);
    assert_true(all.corrected_old > 0);
    assert_true(all.looks_corrected > 0); /* a mixture */
    assert_in_range(all.looks_good, 1, all.torn / 50);
}

static void ecc_reads_as_new_or_is_detected(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct tally tally = tally_phase(FLASH_PHASE_ECC, 0, i == 1);
        assert_true(tally.corrected_new > 0);
        assert_true(tally.detected > 0);
        assert_int_equal(tally.old, 0);
        assert_int_equal(tally.looks_good, 0); /* never so many check bits are missing */
    }
}

/* --- marginal cells --- */

static void a_late_program_reads_new_old_corrected_or_as_a_double_error(void **state)
{
    (void)state;
    struct bench bench = create(&doubleword);
    for (uint64_t seed = 0; seed < CASES; seed++) {
        struct work work = work_of(seed);
        struct flash_cells old = cells_before(&bench, &work);
        struct flash_cells new =
            program_cut(&bench, &work, (struct flash_cut){.phase = FLASH_PHASE_LATE});
        struct flash_reading as[FLASH_CHOICE_COUNT];
        for (unsigned i = 0; i < FLASH_CHOICE_COUNT; i++)
            flash_array_read(bench.array, work.unit, (enum flash_choice)i, &as[i]);
        assert_true(
            are_equal(&bench, flash_array_margin(bench.array, work.unit), minus(&bench, old, new)));
        assert_int_equal(as[FLASH_CHOOSE_NEW].verdict, FLASH_READS_CLEAN);
        assert_true(as[FLASH_CHOOSE_NEW].data[0] == new.data[0]);
        assert_int_equal(as[FLASH_CHOOSE_OLD].verdict, FLASH_READS_CLEAN);
        assert_true(as[FLASH_CHOOSE_OLD].data[0] == old.data[0]);
        assert_int_equal(as[FLASH_CHOOSE_OLD].is_virgin, !work.is_over_data);
        assert_int_equal(as[FLASH_CHOOSE_ONE_WRONG].verdict, FLASH_READS_CORRECTED);
        assert_true(as[FLASH_CHOOSE_ONE_WRONG].data[0] == new.data[0]);
        assert_int_equal(as[FLASH_CHOOSE_TWO_WRONG].verdict, FLASH_READS_DETECTED);
    }
    flash_array_destroy(bench.array);
}

static void a_program_that_is_not_cut_leaves_no_margin_where_it_pulsed(void **state)
{
    (void)state;
    struct bench bench = create(&doubleword);
    for (uint64_t seed = 0; seed < CASES; seed++) {
        struct work work = work_of(seed);
        static const uint64_t zeros[FLASH_UNIT_WORDS_MAX];
        program_cut(&bench, &work, (struct flash_cut){.phase = FLASH_PHASE_LATE});

        flash_array_program(bench.array, work.unit, zeros, NULL);

        assert_int_equal(count(&bench, flash_array_margin(bench.array, work.unit)), 0);
        assert_true(flash_array_page_is_clean(bench.array, PAGE));
    }
    flash_array_destroy(bench.array);
}

static void data_over_a_page_that_is_marginal_from_an_erase_leaves_its_ones_marginal(void **state)
{
    (void)state;
    struct bench bench = create(&doubleword);
    for (uint64_t seed = 0; seed < CASES; seed++) {
        struct work work = work_of(seed);
        struct flash_torn late = {.cut = {.phase = FLASH_PHASE_LATE}, .seed = seed, .op = 1};
        flash_array_erase(bench.array, PAGE, NULL);
        flash_array_program(bench.array, work.unit, work.old, NULL);
        flash_array_erase(bench.array, PAGE, &late);
        struct flash_cells margin = flash_array_margin(bench.array, work.unit);

        flash_array_program(bench.array, work.unit, work.data, NULL);

        struct flash_cells now = flash_array_cells(bench.array, work.unit);
        struct flash_cells left = flash_array_margin(bench.array, work.unit);
        assert_true(is_inside(&bench, left, margin));
        assert_true(is_inside(&bench, left, now)); /* those that stay 1 */
        assert_true(is_inside(&bench, minus(&bench, margin, left), inverse(&bench, now)));
    }
    flash_array_destroy(bench.array);
}

static void zeros_over_zeros_change_nothing_at_any_moment(void **state)
{
    (void)state;
    struct bench bench = create(&doubleword);
    static const uint64_t zeros[FLASH_UNIT_WORDS_MAX];
    flash_array_program(bench.array, PAGE * UNITS, zeros, NULL);
    for (unsigned phase = 0; phase < FLASH_PHASE_COUNT; phase++) {
        struct flash_torn torn = {.cut = {(enum flash_phase)phase, 2, 4}, .seed = 5, .op = phase};
        struct flash_reading reading;
        flash_array_program(bench.array, PAGE * UNITS, zeros, &torn);
        flash_array_read(bench.array, PAGE * UNITS, FLASH_CHOOSE_OLD, &reading);
        assert_true(reading.is_all_zero);
        assert_int_equal(reading.verdict, FLASH_READS_CLEAN);
        assert_true(flash_array_page_is_clean(bench.array, PAGE));
    }
    flash_array_destroy(bench.array);
}

/* --- erase --- */

static const enum flash_phase erase_phases[] = {
    FLASH_PHASE_BEFORE, FLASH_PHASE_EARLY, FLASH_PHASE_MID, FLASH_PHASE_LATE, FLASH_PHASE_DONE};

/* A page of data with virgin units among it, after an erase that was cut. */
static void erase_cut(const struct bench *bench, uint64_t seed, enum flash_phase phase)
{
    struct flash_torn torn = {.cut = {.phase = phase}, .seed = seed, .op = 3};
    flash_array_erase(bench->array, PAGE, NULL);
    for (uint32_t i = 0; i < UNITS; i++) {
        const uint64_t data[FLASH_UNIT_WORDS_MAX] = {draw(seed, i), draw(seed, i + 100)};
        if (i % 8)
            flash_array_program(bench->array, PAGE * UNITS + i, data, NULL);
    }
    flash_array_erase(bench->array, PAGE, &torn);
}

static void assert_erase_only_lets_rise_more_and_more(const struct flash_geometry *geometry)
{
    struct bench bench = create(geometry);
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct flash_cells last[UNITS];
        for (unsigned p = 0; p < sizeof erase_phases / sizeof erase_phases[0]; p++) {
            erase_cut(&bench, seed, erase_phases[p]);
            for (uint32_t i = 0; i < UNITS; i++) {
                struct flash_cells now = flash_array_cells(bench.array, PAGE * UNITS + i);
                if (p > 0)
                    assert_true(is_inside(&bench, last[i], now));
                if (i % 8 == 0)
                    assert_int_equal(count(&bench, inverse(&bench, now)), 0);
                if (erase_phases[p] == FLASH_PHASE_LATE)
                    assert_true(now.data[0] == UINT64_MAX &&
                                count(&bench, inverse(&bench, now)) <= 1);
                if (erase_phases[p] == FLASH_PHASE_DONE)
                    assert_int_equal(count(&bench, inverse(&bench, now)), 0);
                last[i] = now;
            }
        }
    }
    flash_array_destroy(bench.array);
}

static void at_each_moment_of_an_erase_more_cells_have_risen_and_none_has_fallen(void **state)
{
    (void)state;
    assert_erase_only_lets_rise_more_and_more(&doubleword);
    assert_erase_only_lets_rise_more_and_more(&flash_word);
}

struct erase_tally {
    unsigned old, virgin, blank_not_virgin, corrected, detected, marginal, units;
    unsigned reads_old, reads_corrected, reads_detected; /* of the marginal ones, by choice */
};

static struct erase_tally tally_erase(enum flash_phase phase)
{
    struct bench bench = create(&doubleword);
    struct erase_tally tally = {0};
    for (uint64_t seed = 0; seed < 40; seed++) {
        erase_cut(&bench, seed, phase);
        for (uint32_t i = 0; i < UNITS; i++) {
            struct flash_reading as[FLASH_CHOICE_COUNT];
            uint32_t unit = PAGE * UNITS + i;
            if (i % 8 == 0)
                continue;
            for (unsigned c = 0; c < FLASH_CHOICE_COUNT; c++)
                flash_array_read(bench.array, unit, (enum flash_choice)c, &as[c]);
            bool is_marginal = count(&bench, flash_array_margin(bench.array, unit)) > 0;
            const struct flash_reading *now = &as[FLASH_CHOOSE_NEW];
            tally.units++;
            tally.old += now->verdict == FLASH_READS_CLEAN && now->data[0] == draw(seed, i);
            tally.virgin += now->is_virgin;
            tally.blank_not_virgin += now->data[0] == UINT64_MAX && !now->is_virgin;
            tally.corrected += now->verdict == FLASH_READS_CORRECTED;
            tally.detected += now->verdict == FLASH_READS_DETECTED;
            tally.marginal += is_marginal;
            tally.reads_old += is_marginal && as[FLASH_CHOOSE_OLD].data[0] == draw(seed, i) &&
                               as[FLASH_CHOOSE_OLD].verdict == FLASH_READS_CLEAN;
            tally.reads_corrected +=
                is_marginal && as[FLASH_CHOOSE_ONE_WRONG].verdict == FLASH_READS_CORRECTED;
            tally.reads_detected +=
                is_marginal && as[FLASH_CHOOSE_TWO_WRONG].verdict == FLASH_READS_DETECTED;
        }
    }
    flash_array_destroy(bench.array);
    return tally;
}

static void an_erase_leaves_all_that_its_prose_says_and_nothing_else(void **state)
{
    (void)state;
    struct erase_tally early = tally_erase(FLASH_PHASE_EARLY);
    assert_in_range(early.old, early.units * 4 / 10, early.units * 6 / 10);
    assert_true(early.corrected > 0 && early.detected > 0);
    assert_int_equal(early.virgin + early.marginal, 0);

    struct erase_tally mid = tally_erase(FLASH_PHASE_MID);
    assert_true(mid.detected > mid.units / 4 && mid.corrected > 0);
    assert_int_equal(mid.old + mid.virgin + mid.marginal, 0);

    struct erase_tally late = tally_erase(FLASH_PHASE_LATE);
    assert_int_equal(late.virgin + late.blank_not_virgin, late.units);
    assert_in_range(late.blank_not_virgin, late.units / 32, late.units / 8);
    assert_in_range(late.marginal, late.units / 5, late.units * 3 / 10);
    assert_int_equal(late.reads_old, late.marginal);
    assert_int_equal(late.reads_corrected, late.marginal);
    assert_true(late.reads_detected > late.marginal / 4);
}

/* --- option bytes --- */

static void with_as_many_parts_as_options_each_value_is_torn_from_its_complement(void **state)
{
    (void)state;
    for (unsigned options = 1; options <= FLASH_OPTION_UNITS; options++) {
        for (unsigned k = 1; k <= options; k++) {
            struct bench bench = create(&doubleword);
            uint64_t data[FLASH_OPTION_UNITS];
            for (unsigned i = 0; i < FLASH_OPTION_UNITS; i++)
                data[i] = (0xA000u + i) | (uint64_t) ~(0xA000u + i) << 32;
            struct flash_torn torn = {.cut = {FLASH_PHASE_PULSE, k, options}, .seed = 1, .op = 1};
            flash_array_change_options(bench.array, data, (1u << options) - 1, &torn);
            uint32_t first = flash_array_option_page(bench.array) * UNITS;
            for (unsigned i = 0; i < FLASH_OPTION_UNITS; i++) {
                uint64_t now = flash_array_cells(bench.array, first + i).data[0];
                uint64_t value_only = data[i] | UINT64_C(0xFFFFFFFF) << 32;
                assert_true(now == (i < k - 1 ? data[i] : i == k - 1 ? value_only : UINT64_MAX));
            }
            flash_array_destroy(bench.array);
        }
    }
}

/* --- the same everywhere --- */

/* From a run of this test: any compiler and machine must give the same cells for the same seed. */
static void the_same_seed_gives_the_same_cells_on_every_machine(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        struct flash_cut moment;
        bool is_erase;
        uint64_t hash;
    } cases[] = {
        {"program early", {FLASH_PHASE_EARLY, 0, 0}, false, UINT64_C(0x3735C9FCD7B6276A)},
        {"program pulse 1/4", {FLASH_PHASE_PULSE, 1, 4}, false, UINT64_C(0x8BBCAF793FCF874B)},
        {"program pulse 3/4", {FLASH_PHASE_PULSE, 3, 4}, false, UINT64_C(0xE94C3D4CC9E19F18)},
        {"program ecc", {FLASH_PHASE_ECC, 0, 0}, false, UINT64_C(0x373448926F77C465)},
        {"program late", {FLASH_PHASE_LATE, 0, 0}, false, UINT64_C(0x190B071060DC785A)},
        {"erase early", {FLASH_PHASE_EARLY, 0, 0}, true, UINT64_C(0x3395C534CEE5C33A)},
        {"erase mid", {FLASH_PHASE_MID, 0, 0}, true, UINT64_C(0x3AAFA1D4BC407FA2)},
        {"erase late", {FLASH_PHASE_LATE, 0, 0}, true, UINT64_C(0xBA220718429971E5)},
    };
    struct bench bench = create(&doubleword);
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct flash_torn torn = {.cut = cases[i].moment, .seed = 12345, .op = 6};
        uint64_t data[FLASH_UNIT_WORDS_MAX] = {UINT64_C(0x0123456789ABCDEF)};
        flash_array_erase(bench.array, PAGE, NULL);
        for (uint32_t unit = 0; unit < UNITS; unit++)
            flash_array_program(bench.array, PAGE * UNITS + unit, data,
                                cases[i].is_erase ? NULL : &torn);
        if (cases[i].is_erase)
            flash_array_erase(bench.array, PAGE, &torn);
        uint64_t hash = flash_array_hash(bench.array);
        if (hash != cases[i].hash)
            fail_msg("%s: 0x%016llX", cases[i].what, (unsigned long long)hash);
    }
    flash_array_destroy(bench.array);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_each_moment_of_a_program_more_of_the_right_cells_have_fallen),
        cmocka_unit_test(the_end_of_the_pulse_is_where_ecc_begins),
        cmocka_unit_test(early_reads_as_before_and_is_not_what_it_was),
        cmocka_unit_test(a_pulse_reads_as_anything_and_hardly_ever_as_good),
        cmocka_unit_test(ecc_reads_as_new_or_is_detected),
        cmocka_unit_test(a_late_program_reads_new_old_corrected_or_as_a_double_error),
        cmocka_unit_test(a_program_that_is_not_cut_leaves_no_margin_where_it_pulsed),
        cmocka_unit_test(data_over_a_page_that_is_marginal_from_an_erase_leaves_its_ones_marginal),
        cmocka_unit_test(zeros_over_zeros_change_nothing_at_any_moment),
        cmocka_unit_test(at_each_moment_of_an_erase_more_cells_have_risen_and_none_has_fallen),
        cmocka_unit_test(an_erase_leaves_all_that_its_prose_says_and_nothing_else),
        cmocka_unit_test(with_as_many_parts_as_options_each_value_is_torn_from_its_complement),
        cmocka_unit_test(the_same_seed_gives_the_same_cells_on_every_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
