/* Tests of flash_array.c, flash_array_operations.c (whose head lists the outcomes of a cut) and
 * flash_array_snapshot.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/flash_array.h"

enum { UNIT = 300, UNITS_PER_PAGE = 256, PAGE = 1 };
#define DATA UINT64_C(0x123456789ABCDEF0)

static struct flash_array *create(void)
{
    struct flash_array *array = flash_array_create((struct flash_geometry){.main_bytes = 16 * 2048,
                                                                           .page_bytes = 2048,
                                                                           .unit_bytes = 8,
                                                                           .ecc_bits = 8,
                                                                           .otp_bytes = 1024});
    assert_non_null(array);
    return array;
}

static void program(struct flash_array *array, uint32_t unit, uint64_t data,
                    const struct flash_torn *cut)
{
    const uint64_t words[FLASH_UNIT_WORDS_MAX] = {data};
    flash_array_program(array, unit, words, cut);
}

static struct flash_reading read_unit(const struct flash_array *array, uint32_t unit)
{
    struct flash_reading reading;
    flash_array_read(array, unit, FLASH_CHOOSE_NEW, &reading);
    return reading;
}

static struct flash_torn torn(enum flash_phase phase, unsigned k, unsigned n, uint32_t op)
{
    return (struct flash_torn){.cut = {phase, k, n}, .seed = 7, .op = op};
}

static unsigned zeros(struct flash_cells cells)
{
    return 72 - (unsigned)__builtin_popcountll(cells.data[0]) -
           (unsigned)__builtin_popcount(cells.ecc);
}

static struct flash_cells program_cut(enum flash_phase phase, unsigned k, unsigned n, uint32_t op)
{
    struct flash_array *array = create();
    struct flash_torn cut = torn(phase, k, n, op);
    program(array, UNIT, DATA, &cut);
    struct flash_cells cells = flash_array_cells(array, UNIT);
    flash_array_destroy(array);
    return cells;
}

static struct flash_cells programmed(void)
{
    return program_cut(FLASH_PHASE_DONE, 0, 0, 1);
}

/* --- cells --- */

static void a_new_array_is_virgin_everywhere(void **state)
{
    (void)state;
    struct flash_array *array = create();

    for (uint32_t unit = 0; unit < 18 * UNITS_PER_PAGE; unit++) {
        struct flash_reading reading = read_unit(array, unit);
        assert_true(reading.is_virgin);
        assert_int_equal(reading.verdict, FLASH_READS_CLEAN);
    }
    flash_array_destroy(array);
}

static void programming_gives_data_with_a_clean_code(void **state)
{
    (void)state;
    struct flash_array *array = create();

    program(array, UNIT, DATA, NULL);

    struct flash_reading reading = read_unit(array, UNIT);
    assert_true(reading.data[0] == DATA);
    assert_int_equal(reading.verdict, FLASH_READS_CLEAN);
    assert_false(reading.is_virgin);
    flash_array_destroy(array);
}

static void programming_only_lets_cells_fall(void **state)
{
    (void)state;
    struct flash_array *array = create();
    program(array, UNIT, UINT64_C(0xFF00FF00FF00FF00), NULL);

    program(array, UNIT, UINT64_C(0xFFFF0000FFFF0000), NULL);

    assert_true(flash_array_cells(array, UNIT).data[0] == UINT64_C(0xFF000000FF000000));
    flash_array_destroy(array);
}

static void all_ones_leave_a_unit_that_reads_blank_and_is_not(void **state)
{
    (void)state;
    struct flash_array *array = create();

    program(array, UNIT, UINT64_MAX, NULL);

    struct flash_reading reading = read_unit(array, UNIT);
    assert_true(reading.data[0] == UINT64_MAX);
    assert_int_equal(reading.verdict, FLASH_READS_CLEAN);
    assert_false(reading.is_virgin);
    flash_array_destroy(array);
}

static void zeros_over_anything_have_a_clean_code(void **state)
{
    (void)state;
    struct flash_array *array = create();
    program(array, UNIT, DATA, NULL);

    program(array, UNIT, 0, NULL);

    struct flash_reading reading = read_unit(array, UNIT);
    assert_true(reading.is_all_zero);
    assert_int_equal(reading.verdict, FLASH_READS_CLEAN);
    flash_array_destroy(array);
}

static void an_erase_makes_its_page_virgin_and_no_other(void **state)
{
    (void)state;
    struct flash_array *array = create();
    program(array, UNITS_PER_PAGE - 1, DATA, NULL);
    program(array, UNIT, DATA, NULL);
    program(array, 2 * UNITS_PER_PAGE, DATA, NULL);

    flash_array_erase(array, PAGE, NULL);

    assert_true(read_unit(array, UNIT).is_virgin);
    assert_true(read_unit(array, UNITS_PER_PAGE - 1).data[0] == DATA);
    assert_true(read_unit(array, 2 * UNITS_PER_PAGE).data[0] == DATA);
    assert_int_equal(flash_array_wear(array, PAGE), 1);
    assert_int_equal(flash_array_wear(array, PAGE + 1), 0);
    flash_array_destroy(array);
}

static void one_wrong_cell_is_corrected_and_two_are_detected(void **state)
{
    (void)state;
    struct flash_array *array = create();
    program(array, UNIT, DATA, NULL);

    flash_array_flip(array, UNIT, (struct flash_cells){.data = {1}});
    struct flash_reading one = read_unit(array, UNIT);
    flash_array_flip(array, UNIT, (struct flash_cells){.ecc = 1});
    struct flash_reading two = read_unit(array, UNIT);

    assert_int_equal(one.verdict, FLASH_READS_CORRECTED);
    assert_true(one.data[0] == DATA);
    assert_int_equal(two.verdict, FLASH_READS_DETECTED);
    assert_true(two.data[0] == (DATA ^ 1));
    flash_array_destroy(array);
}

static void one_stray_zero_in_a_virgin_unit_is_corrected(void **state)
{
    (void)state;
    struct flash_array *array = create();

    for (unsigned bit = 0; bit < 72; bit++) {
        struct flash_cells cell = {.data = {bit < 64 ? UINT64_C(1) << bit : 0},
                                   .ecc = (uint16_t)(bit < 64 ? 0 : 1u << (bit - 64))};
        flash_array_flip(array, UNIT, cell);
        struct flash_reading reading = read_unit(array, UNIT);
        assert_int_equal(reading.verdict, FLASH_READS_CORRECTED);
        assert_true(reading.data[0] == UINT64_MAX);
        assert_false(reading.is_virgin);
        flash_array_flip(array, UNIT, cell);
    }
    flash_array_destroy(array);
}

static void a_page_is_clean_until_a_unit_of_it_is_not(void **state)
{
    (void)state;
    struct flash_array *array = create();
    program(array, UNIT, DATA, NULL);
    assert_true(flash_array_page_is_clean(array, PAGE));

    flash_array_flip(array, UNIT, (struct flash_cells){.data = {4}});

    assert_false(flash_array_page_is_clean(array, PAGE));
    assert_true(flash_array_page_is_clean(array, PAGE + 1));
    flash_array_erase(array, PAGE, NULL);
    assert_true(flash_array_page_is_clean(array, PAGE));
    flash_array_destroy(array);
}

/* --- program, cut --- */

static void a_program_cut_before_or_latched_leaves_the_cells_alone(void **state)
{
    (void)state;
    assert_int_equal(zeros(program_cut(FLASH_PHASE_BEFORE, 0, 0, 1)), 0);
    assert_int_equal(zeros(program_cut(FLASH_PHASE_LATCHED, 0, 0, 1)), 0);
}

static void a_program_cut_early_reads_blank_and_is_not(void **state)
{
    (void)state;
    struct flash_cells cells = program_cut(FLASH_PHASE_EARLY, 0, 0, 1);

    assert_true(cells.data[0] == UINT64_MAX);
    assert_int_equal(zeros(cells), 1);
    assert_int_equal(~cells.ecc & programmed().ecc & 0xFF, 0);
}

static void a_pulse_leaves_more_the_later_it_is_cut_and_never_all(void **state)
{
    (void)state;
    unsigned all = zeros(program_cut(FLASH_PHASE_ECC, 0, 0, 1)); /* without what lags behind */
    unsigned before = 0;

    for (unsigned k = 1; k <= 4; k++) {
        unsigned now = zeros(program_cut(FLASH_PHASE_PULSE, k, 4, 1));
        assert_int_equal(now, all * k / 5);
        assert_true(now > before && now < all);
        before = now;
    }
}

static void pulses_of_one_operation_are_nested(void **state)
{
    (void)state;
    for (unsigned k = 1; k < 4; k++) {
        struct flash_cells less = program_cut(FLASH_PHASE_PULSE, k, 4, 1);
        struct flash_cells more = program_cut(FLASH_PHASE_PULSE, k + 1, 4, 1);
        assert_true((more.data[0] & ~less.data[0]) == 0);
        assert_int_equal(more.ecc & ~less.ecc, 0);
    }
}

static void a_pulse_touches_only_cells_that_were_to_fall(void **state)
{
    (void)state;
    struct flash_cells target = programmed();
    for (unsigned k = 1; k <= 4; k++) {
        struct flash_cells cells = program_cut(FLASH_PHASE_PULSE, k, 4, 1);
        assert_true((target.data[0] & ~cells.data[0]) == 0);
        assert_int_equal(target.ecc & ~cells.ecc, 0);
    }
}

static void the_subset_follows_from_the_seed_and_the_operation(void **state)
{
    (void)state;
    struct flash_cells one = program_cut(FLASH_PHASE_PULSE, 2, 4, 1);
    struct flash_cells again = program_cut(FLASH_PHASE_PULSE, 2, 4, 1);
    struct flash_cells other = program_cut(FLASH_PHASE_PULSE, 2, 4, 2);

    assert_true(one.data[0] == again.data[0] && one.ecc == again.ecc);
    assert_true(one.data[0] != other.data[0]);
}

static void a_pulse_of_two_falling_cells_leaves_one(void **state)
{
    (void)state;
    struct flash_array *array = create();
    program(array, UNIT, 0, NULL);
    flash_array_flip(array, UNIT, (struct flash_cells){.data = {3}});

    struct flash_torn cut = torn(FLASH_PHASE_PULSE, 4, 4, 1);
    program(array, UNIT, 0, &cut);

    assert_int_equal(__builtin_popcountll(flash_array_cells(array, UNIT).data[0]), 1);
    flash_array_destroy(array);
}

static void a_program_cut_at_ecc_has_all_data_and_lacks_half_of_the_check_bits(void **state)
{
    (void)state;
    struct flash_cells cells = program_cut(FLASH_PHASE_ECC, 0, 0, 1);

    unsigned check = 8 - (unsigned)__builtin_popcount(programmed().ecc);
    assert_true(cells.data[0] == DATA);
    assert_int_equal(8 - __builtin_popcount(cells.ecc), check / 2);
    assert_int_equal(programmed().ecc & ~cells.ecc, 0);
}

static void a_program_cut_late_is_complete_and_marginal(void **state)
{
    (void)state;
    struct flash_array *array = create();
    struct flash_torn cut = torn(FLASH_PHASE_LATE, 0, 0, 1);

    program(array, UNIT, DATA, &cut);

    struct flash_cells margin = flash_array_margin(array, UNIT);
    unsigned fallen = zeros(programmed());
    assert_true(read_unit(array, UNIT).data[0] == DATA);
    assert_int_equal(72 - zeros(margin), fallen);
    assert_true(margin.data[0] == ~DATA);
    assert_false(flash_array_page_is_clean(array, PAGE));
    flash_array_destroy(array);
}

static void a_program_cut_when_done_is_complete(void **state)
{
    (void)state;
    struct flash_array *array = create();
    struct flash_torn cut = torn(FLASH_PHASE_DONE, 0, 0, 1);

    program(array, UNIT, DATA, &cut);

    assert_true(read_unit(array, UNIT).data[0] == DATA);
    assert_true(flash_array_page_is_clean(array, PAGE));
    flash_array_destroy(array);
}

static void zeros_heal_a_torn_unit(void **state)
{
    (void)state;
    for (unsigned phase = FLASH_PHASE_EARLY; phase < FLASH_PHASE_DONE; phase++) {
        struct flash_array *array = create();
        struct flash_torn cut = torn((enum flash_phase)phase, 2, 4, 1);
        program(array, UNIT, DATA, &cut);

        program(array, UNIT, 0, NULL);

        assert_true(read_unit(array, UNIT).is_all_zero);
        assert_true(flash_array_page_is_clean(array, PAGE));
        flash_array_destroy(array);
    }
}

/* --- erase, cut --- */

static struct flash_array *full_page_erase_cut(enum flash_phase phase)
{
    struct flash_array *array = create();
    for (uint32_t i = 0; i < UNITS_PER_PAGE; i++)
        program(array, PAGE * UNITS_PER_PAGE + i, DATA + i, NULL);
    struct flash_torn cut = torn(phase, 0, 0, 1);
    flash_array_erase(array, PAGE, &cut);
    return array;
}

struct tally {
    unsigned old, virgin, blank, corrected, detected, marginal;
};

static struct tally tally_page(const struct flash_array *array)
{
    struct tally tally = {0};
    for (uint32_t i = 0; i < UNITS_PER_PAGE; i++) {
        struct flash_reading reading = read_unit(array, PAGE * UNITS_PER_PAGE + i);
        struct flash_cells margin = flash_array_margin(array, PAGE * UNITS_PER_PAGE + i);
        tally.old += reading.data[0] == DATA + i;
        tally.virgin += reading.is_virgin;
        tally.blank += reading.data[0] == UINT64_MAX;
        tally.corrected += reading.verdict == FLASH_READS_CORRECTED;
        tally.detected += reading.verdict == FLASH_READS_DETECTED;
        tally.marginal += margin.data[0] || margin.ecc;
    }
    return tally;
}

static void an_erase_cut_before_leaves_the_page_alone(void **state)
{
    (void)state;
    struct flash_array *array = full_page_erase_cut(FLASH_PHASE_BEFORE);

    assert_int_equal(tally_page(array).old, UNITS_PER_PAGE);
    assert_int_equal(flash_array_wear(array, PAGE), 0);
    flash_array_destroy(array);
}

static void an_erase_cut_early_scatters_ecc_errors(void **state)
{
    (void)state;
    struct flash_array *array = full_page_erase_cut(FLASH_PHASE_EARLY);

    struct tally tally = tally_page(array);
    assert_in_range(tally.old, UNITS_PER_PAGE / 2, UNITS_PER_PAGE - 10);
    assert_true(tally.corrected > 10 && tally.detected > 10);
    assert_int_equal(flash_array_wear(array, PAGE), 1);
    flash_array_destroy(array);
}

static void an_erase_cut_in_the_middle_keeps_no_old_data(void **state)
{
    (void)state;
    struct flash_array *array = full_page_erase_cut(FLASH_PHASE_MID);

    struct tally tally = tally_page(array);
    assert_int_equal(tally.old, 0);
    assert_int_equal(tally.virgin, 0);
    assert_true(tally.detected > UNITS_PER_PAGE / 4);
    flash_array_destroy(array);
}

static void an_erase_cut_in_the_middle_lets_about_half_of_the_check_bits_rise(void **state)
{
    (void)state;
    static const struct flash_torn cut = {.cut = {.phase = FLASH_PHASE_MID}, .seed = 1, .op = 1};
    struct flash_array *array = create();
    for (uint32_t i = 0; i < UNITS_PER_PAGE; i++)
        program(array, PAGE * UNITS_PER_PAGE + i, 0, NULL); /* all 8 check bits are 0 */

    flash_array_erase(array, PAGE, &cut);

    int risen = 0;
    for (uint32_t i = 0; i < UNITS_PER_PAGE; i++)
        risen += __builtin_popcount(flash_array_cells(array, PAGE * UNITS_PER_PAGE + i).ecc);
    assert_in_range(risen, UNITS_PER_PAGE * 3, UNITS_PER_PAGE * 5);
    flash_array_destroy(array);
}

static void an_erase_cut_late_reads_blank_but_is_marginal_in_places(void **state)
{
    (void)state;
    struct flash_array *array = full_page_erase_cut(FLASH_PHASE_LATE);

    struct tally tally = tally_page(array);
    assert_int_equal(tally.blank, UNITS_PER_PAGE);
    assert_in_range(tally.marginal, UNITS_PER_PAGE / 8, UNITS_PER_PAGE / 2);
    assert_in_range(tally.virgin, UNITS_PER_PAGE / 2, UNITS_PER_PAGE - 1);
    flash_array_destroy(array);
}

static void an_erase_cut_when_done_is_complete(void **state)
{
    (void)state;
    struct flash_array *array = full_page_erase_cut(FLASH_PHASE_DONE);

    assert_int_equal(tally_page(array).virgin, UNITS_PER_PAGE);
    flash_array_destroy(array);
}

static void an_erase_heals_whatever_a_cut_left(void **state)
{
    (void)state;
    for (unsigned phase = 0; phase < FLASH_PHASE_COUNT; phase++) {
        struct flash_array *array = full_page_erase_cut((enum flash_phase)phase);
        flash_array_erase(array, PAGE, NULL);
        assert_int_equal(tally_page(array).virgin, UNITS_PER_PAGE);
        assert_true(flash_array_page_is_clean(array, PAGE));
        flash_array_destroy(array);
    }
}

/* --- marginal cells --- */

static void a_marginal_unit_reads_new_old_corrected_or_detected(void **state)
{
    (void)state;
    struct flash_array *array = create();
    program(array, UNIT, DATA, NULL);
    struct flash_cells was = flash_array_cells(array, UNIT);
    flash_array_erase(array, PAGE, NULL);
    struct flash_cells fell = {.data = {~was.data[0]}, .ecc = (uint16_t)(~was.ecc & 0xFF)};
    flash_array_weaken(array, UNIT, fell);

    struct flash_reading reading[FLASH_CHOICE_COUNT];
    for (unsigned i = 0; i < FLASH_CHOICE_COUNT; i++)
        flash_array_read(array, UNIT, (enum flash_choice)i, &reading[i]);

    assert_true(reading[FLASH_CHOOSE_NEW].is_virgin);
    assert_true(reading[FLASH_CHOOSE_OLD].data[0] == DATA);
    assert_int_equal(reading[FLASH_CHOOSE_OLD].verdict, FLASH_READS_CLEAN);
    assert_int_equal(reading[FLASH_CHOOSE_ONE_WRONG].verdict, FLASH_READS_CORRECTED);
    assert_int_equal(reading[FLASH_CHOOSE_TWO_WRONG].verdict, FLASH_READS_DETECTED);
    flash_array_destroy(array);
}

static void programming_settles_the_marginal_cells_that_it_pulses(void **state)
{
    (void)state;
    struct flash_array *array = create();
    flash_array_weaken(array, UNIT, (struct flash_cells){.data = {0xFF}});

    program(array, UNIT, ~UINT64_C(0x0F), NULL);

    assert_true(flash_array_margin(array, UNIT).data[0] == 0xF0);
    flash_array_destroy(array);
}

/* --- option bytes --- */

static uint64_t pair(uint32_t word)
{
    return word | (uint64_t)~word << 32;
}

static unsigned options_done(const struct flash_array *array, const uint64_t *data, unsigned count,
                             unsigned *halves)
{
    uint32_t first = flash_array_option_page(array) * UNITS_PER_PAGE;
    unsigned done = 0;
    *halves = 0;
    for (unsigned i = 0; i < count; i++) {
        uint64_t now = flash_array_cells(array, first + i).data[0];
        done += now == data[i];
        *halves += now != data[i] && (uint32_t)now == (uint32_t)data[i];
    }
    return done;
}

static void option_bytes_torn_at_each_phase_are_what_the_head_of_the_file_says(void **state)
{
    (void)state;
    uint64_t old[FLASH_OPTION_UNITS], data[FLASH_OPTION_UNITS];
    static const struct {
        struct flash_cut cut;
        unsigned done, halves;
    } cases[] = {
        {{FLASH_PHASE_BEFORE, 0, 0}, 0, 0}, {{FLASH_PHASE_EARLY, 0, 0}, 0, 0},
        {{FLASH_PHASE_MID, 0, 0}, 0, 0},    {{FLASH_PHASE_LATE, 0, 0}, 0, 0},
        {{FLASH_PHASE_PULSE, 1, 4}, 0, 1},  {{FLASH_PHASE_PULSE, 2, 4}, 2, 1},
        {{FLASH_PHASE_PULSE, 4, 4}, 6, 1},  {{FLASH_PHASE_ECC, 0, 0}, 7, 1},
        {{FLASH_PHASE_DONE, 0, 0}, 8, 0},
    };
    for (unsigned i = 0; i < FLASH_OPTION_UNITS; i++) {
        old[i] = pair(0x11111111u * i);
        data[i] = pair(0x22222222u + i);
    }

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct flash_array *array = create();
        flash_array_change_options(array, old, 0xFF, NULL);
        struct flash_torn cut = {.cut = cases[i].cut, .seed = 7, .op = 1};
        flash_array_change_options(array, data, 0xFF, &cut);
        unsigned halves;
        assert_int_equal(options_done(array, data, 8, &halves), cases[i].done);
        assert_int_equal(halves, cases[i].halves);
        unsigned old_halves;
        unsigned kept = options_done(array, old, 8, &old_halves);
        assert_int_equal(kept == 8, cases[i].cut.phase == FLASH_PHASE_BEFORE);
        flash_array_destroy(array);
    }
}

/* --- images --- */

static void a_loader_programs_whole_units_and_keeps_their_other_bytes(void **state)
{
    (void)state;
    struct flash_array *array = create();
    static const uint8_t bytes[6] = {1, 2, 3, 4, 5, 6};

    flash_array_load(array, UNIT * 8 + 5, bytes, sizeof bytes, FLASH_LOAD_PROGRAMMED);
    flash_array_load(array, UNIT * 8, bytes, 2, FLASH_LOAD_PROGRAMMED);

    assert_true(read_unit(array, UNIT).data[0] == UINT64_C(0x030201FFFFFF0201));
    assert_true(read_unit(array, UNIT + 1).data[0] == UINT64_C(0xFFFFFFFFFF060504));
    assert_int_equal(read_unit(array, UNIT).verdict, FLASH_READS_CLEAN);
    assert_true(read_unit(array, UNIT + 2).is_virgin);
    flash_array_destroy(array);
}

static void padding_of_an_image_consumes_units_and_that_of_a_dump_does_not(void **state)
{
    (void)state;
    struct flash_array *array = create();
    uint8_t padding[16];
    memset(padding, 0xFF, sizeof padding);

    flash_array_load(array, 0, padding, sizeof padding, FLASH_LOAD_PROGRAMMED);
    flash_array_load(array, 64, padding, sizeof padding, FLASH_LOAD_DUMP);

    assert_false(read_unit(array, 0).is_virgin);
    assert_true(read_unit(array, 8).is_virgin);
    flash_array_destroy(array);
}

static void saved_bytes_are_in_the_order_of_addresses(void **state)
{
    (void)state;
    struct flash_array *array = create();

    program(array, UNIT, UINT64_C(0x0807060504030201), NULL);

    const uint8_t *bytes = flash_array_bytes(array) + UNIT * 8;
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(bytes[i], i + 1);
    flash_array_destroy(array);
}

/* --- snapshots and hash --- */

static void a_snapshot_brings_back_cells_margins_and_wear(void **state)
{
    (void)state;
    struct flash_array *array = create();
    struct flash_snapshot *snapshot = flash_snapshot_create(array);
    program(array, UNIT, DATA, NULL);
    flash_array_weaken(array, UNIT, (struct flash_cells){.data = {2}});
    uint64_t hash = flash_array_hash(array);
    flash_array_save(array, snapshot);
    flash_array_erase(array, PAGE, NULL);
    program(array, 5, DATA, NULL);

    flash_array_restore(array, snapshot);

    assert_true(flash_array_hash(array) == hash);
    assert_true(read_unit(array, UNIT).data[0] == DATA);
    assert_true(flash_array_margin(array, UNIT).data[0] == 2);
    assert_true(read_unit(array, 5).is_virgin);
    assert_int_equal(flash_array_wear(array, PAGE), 0);
    flash_snapshot_destroy(snapshot);
    flash_array_destroy(array);
}

static void a_snapshot_brings_back_wear_where_no_cell_has_changed(void **state)
{
    (void)state;
    struct flash_array *array = create();
    struct flash_snapshot *snapshot = flash_snapshot_create(array);
    flash_array_set_wear(array, PAGE, 7);
    flash_array_save(array, snapshot);
    flash_array_set_wear(array, PAGE, 9000);

    flash_array_restore(array, snapshot);

    assert_int_equal(flash_array_wear(array, PAGE), 7);
    flash_snapshot_destroy(snapshot);
    flash_array_destroy(array);
}

static void two_snapshots_of_one_array_do_not_disturb_each_other(void **state)
{
    (void)state;
    struct flash_array *array = create();
    struct flash_snapshot *one = flash_snapshot_create(array);
    struct flash_snapshot *two = flash_snapshot_create(array);
    program(array, UNIT, 1, NULL);
    flash_array_save(array, one);
    flash_array_erase(array, PAGE, NULL);
    program(array, UNIT, 2, NULL);
    flash_array_save(array, two);

    for (unsigned i = 0; i < 3; i++) {
        flash_array_restore(array, one);
        assert_true(read_unit(array, UNIT).data[0] == 1);
        program(array, UNIT + 1, 3, NULL);
        flash_array_restore(array, two);
        assert_true(read_unit(array, UNIT).data[0] == 2);
        assert_true(read_unit(array, UNIT + 1).is_virgin);
    }
    flash_snapshot_destroy(one);
    flash_snapshot_destroy(two);
    flash_array_destroy(array);
}

static void a_restored_page_is_not_taken_for_shown(void **state)
{
    (void)state;
    struct flash_array *array = create();
    struct flash_snapshot *snapshot = flash_snapshot_create(array);
    flash_array_set_shown(array, PAGE, 2048);
    flash_array_save(array, snapshot);
    program(array, UNIT, DATA, NULL);
    flash_array_set_shown(array, PAGE, 2048);

    flash_array_restore(array, snapshot);

    assert_false(flash_array_is_shown(array, PAGE, 2048));
    flash_array_set_shown(array, PAGE, 2048);
    assert_true(flash_array_is_shown(array, PAGE, 2048));
    assert_false(flash_array_is_shown(array, PAGE, 0));
    flash_snapshot_destroy(snapshot);
    flash_array_destroy(array);
}

static void the_hash_depends_on_cells_and_margins_and_not_on_wear_or_history(void **state)
{
    (void)state;
    struct flash_array *array = create();
    uint64_t blank = flash_array_hash(array);
    program(array, UNIT, DATA, NULL);
    uint64_t with_data = flash_array_hash(array);
    flash_array_weaken(array, UNIT, (struct flash_cells){.ecc = 1});
    uint64_t marginal = flash_array_hash(array);

    flash_array_erase(array, PAGE, NULL);

    assert_true(blank != with_data && with_data != marginal && blank != marginal);
    assert_true(flash_array_hash(array) == blank);
    program(array, UNIT, UINT64_MAX, NULL);
    assert_true(flash_array_hash(array) != blank);
    flash_array_destroy(array);
}

static void the_hash_knows_where_data_lies(void **state)
{
    (void)state;
    struct flash_array *one = create();
    struct flash_array *two = create();

    program(one, UNIT, DATA, NULL);
    program(two, UNIT + 1, DATA, NULL);

    assert_true(flash_array_hash(one) != flash_array_hash(two));
    flash_array_copy(two, one);
    assert_true(flash_array_hash(one) == flash_array_hash(two));
    flash_array_destroy(one);
    flash_array_destroy(two);
}

static void phases_have_names_and_are_found_by_them(void **state)
{
    (void)state;
    for (unsigned phase = 0; phase < FLASH_PHASE_COUNT; phase++)
        assert_int_equal(flash_phase_find(flash_phase_name((enum flash_phase)phase)), phase);
    assert_int_equal(flash_phase_find("sideways"), FLASH_PHASE_COUNT);
}

static void a_pulse_lets_at_least_one_of_two_cells_fall(void **state)
{
    (void)state;
    struct flash_array *array = create();
    program(array, UNIT, 0, NULL);
    flash_array_flip(array, UNIT, (struct flash_cells){.data = {3}});

    struct flash_torn cut = torn(FLASH_PHASE_PULSE, 1, 4, 1);
    program(array, UNIT, 0, &cut);

    assert_int_equal(__builtin_popcountll(flash_array_cells(array, UNIT).data[0]), 1);
    flash_array_destroy(array);
}

static void a_restored_page_keeps_nothing_of_later_margins(void **state)
{
    (void)state;
    struct flash_array *array = create();
    struct flash_snapshot *snapshot = flash_snapshot_create(array);
    flash_array_save(array, snapshot);
    flash_array_weaken(array, UNIT, (struct flash_cells){.data = {1}});

    flash_array_restore(array, snapshot);
    flash_array_weaken(array, UNIT + 1, (struct flash_cells){.data = {1}});

    assert_true(flash_array_margin(array, UNIT).data[0] == 0);
    flash_snapshot_destroy(snapshot);
    flash_array_destroy(array);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_array_is_virgin_everywhere),
        cmocka_unit_test(programming_gives_data_with_a_clean_code),
        cmocka_unit_test(programming_only_lets_cells_fall),
        cmocka_unit_test(all_ones_leave_a_unit_that_reads_blank_and_is_not),
        cmocka_unit_test(zeros_over_anything_have_a_clean_code),
        cmocka_unit_test(an_erase_makes_its_page_virgin_and_no_other),
        cmocka_unit_test(one_wrong_cell_is_corrected_and_two_are_detected),
        cmocka_unit_test(one_stray_zero_in_a_virgin_unit_is_corrected),
        cmocka_unit_test(a_page_is_clean_until_a_unit_of_it_is_not),
        cmocka_unit_test(a_program_cut_before_or_latched_leaves_the_cells_alone),
        cmocka_unit_test(a_program_cut_early_reads_blank_and_is_not),
        cmocka_unit_test(a_pulse_leaves_more_the_later_it_is_cut_and_never_all),
        cmocka_unit_test(pulses_of_one_operation_are_nested),
        cmocka_unit_test(a_pulse_touches_only_cells_that_were_to_fall),
        cmocka_unit_test(the_subset_follows_from_the_seed_and_the_operation),
        cmocka_unit_test(a_pulse_of_two_falling_cells_leaves_one),
        cmocka_unit_test(a_program_cut_at_ecc_has_all_data_and_lacks_half_of_the_check_bits),
        cmocka_unit_test(a_program_cut_late_is_complete_and_marginal),
        cmocka_unit_test(a_program_cut_when_done_is_complete),
        cmocka_unit_test(zeros_heal_a_torn_unit),
        cmocka_unit_test(an_erase_cut_before_leaves_the_page_alone),
        cmocka_unit_test(an_erase_cut_early_scatters_ecc_errors),
        cmocka_unit_test(an_erase_cut_in_the_middle_keeps_no_old_data),
        cmocka_unit_test(an_erase_cut_in_the_middle_lets_about_half_of_the_check_bits_rise),
        cmocka_unit_test(an_erase_cut_late_reads_blank_but_is_marginal_in_places),
        cmocka_unit_test(an_erase_cut_when_done_is_complete),
        cmocka_unit_test(an_erase_heals_whatever_a_cut_left),
        cmocka_unit_test(a_marginal_unit_reads_new_old_corrected_or_detected),
        cmocka_unit_test(programming_settles_the_marginal_cells_that_it_pulses),
        cmocka_unit_test(option_bytes_torn_at_each_phase_are_what_the_head_of_the_file_says),
        cmocka_unit_test(a_loader_programs_whole_units_and_keeps_their_other_bytes),
        cmocka_unit_test(padding_of_an_image_consumes_units_and_that_of_a_dump_does_not),
        cmocka_unit_test(saved_bytes_are_in_the_order_of_addresses),
        cmocka_unit_test(a_snapshot_brings_back_cells_margins_and_wear),
        cmocka_unit_test(a_snapshot_brings_back_wear_where_no_cell_has_changed),
        cmocka_unit_test(two_snapshots_of_one_array_do_not_disturb_each_other),
        cmocka_unit_test(a_restored_page_is_not_taken_for_shown),
        cmocka_unit_test(the_hash_depends_on_cells_and_margins_and_not_on_wear_or_history),
        cmocka_unit_test(the_hash_knows_where_data_lies),
        cmocka_unit_test(phases_have_names_and_are_found_by_them),
        cmocka_unit_test(a_pulse_lets_at_least_one_of_two_cells_fall),
        cmocka_unit_test(a_restored_page_keeps_nothing_of_later_margins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
