/* The cells of one chip's flash. L4 sheet 4, 5, 8 and 9; the outcomes of a cut are MODEL choices in
 * the range of what 9.6 reports. A cell that is marginal may read either way (flash_choice).
 *
 * Program, cut `before` or `latched`: the cells are as they were.
 *   early    one of the check bits that were to fall has fallen; all data cells are as they were.
 *   pulse    k of n: k parts of n + 1 of the cells that were to fall have fallen, data and check
 *            bits alike, in an order that follows from the seed; at least one of two,
 *            never all.
 *   ecc      all data cells have fallen, no check bit has.
 *   late     all cells have fallen, one in four of them (at least one) is marginal.
 *   done     complete.
 * Erase of a page, cut `before`: as it was.
 *   early    in about half of the units, one to three of the cells that were 0 have risen.
 *   mid      about half of the cells that were 0 have risen, everywhere.
 *   late     all cells have risen; in about a quarter of the units those that were 0 are marginal,
 *            and in one of sixteen a check bit is still 0: it reads erased and is not.
 *   done     complete.
 * Change of option bytes, cut `before`: as they were; early, mid, late: as an erase.
 *   pulse    k of n: erased; the first (k - 1)/n of the units programmed, and of the next one the
 *            word but not its complement.
 *   ecc      all programmed but the last complement.
 *   done     complete. */
#include "models/flash_array_state.h"

#include <string.h>

#include "sim/core/rng.h"

/* --- program --- */

/* The part of the falling cells that has fallen when the operation was cut. */
static struct flash_cells fallen(const struct flash_array *array, const struct flash_cells *falling,
                                 const struct flash_torn *cut, uint64_t seed)
{
    struct flash_cells check = {.ecc = falling->ecc};
    struct flash_cells data = *falling;
    data.ecc = 0;
    switch (cut->cut.phase) {
    case FLASH_PHASE_BEFORE:
    case FLASH_PHASE_LATCHED:
        return (struct flash_cells){0};
    case FLASH_PHASE_EARLY:
        return flash_cells_pick(&array->geometry, &check, 1, seed);
    case FLASH_PHASE_MID: /* an erase's: half way for a program */
    case FLASH_PHASE_PULSE: {
        bool is_pulse = cut->cut.phase == FLASH_PHASE_PULSE;
        unsigned k = is_pulse ? cut->cut.k : 1;
        unsigned n = is_pulse ? cut->cut.n : 1;
        unsigned total = flash_cells_count(&array->geometry, falling);
        unsigned part = total * k / (n + 1);
        if (part == 0 && total > 1)
            part = 1;
        return flash_cells_pick(&array->geometry, falling, part, seed);
    }
    case FLASH_PHASE_ECC:
        return data;
    case FLASH_PHASE_LATE:
    case FLASH_PHASE_DONE:
    case FLASH_PHASE_COUNT:
        break;
    }
    return *falling;
}

/* Lets cells fall: old AND target, or part of it. */
static void let_fall(struct flash_array *array, uint32_t unit, const struct flash_cells *target,
                     const struct flash_torn *cut)
{
    struct flash_cells old = flash_array_cells(array, unit);
    struct flash_cells margin = flash_array_margin(array, unit);
    struct flash_cells zero = {0};
    struct flash_cells falling = flash_cells_inverse(&array->geometry, target);
    falling = flash_cells_merge(&array->geometry, &zero, &falling, &old);
    struct flash_cells now_zero = falling;
    uint64_t seed = cut ? rng_hash(cut->seed, cut->op, unit, 0) : 0;
    if (cut)
        now_zero = fallen(array, &falling, cut, seed);
    struct flash_cells cells = flash_cells_merge(&array->geometry, &old, &zero, &now_zero);
    flash_array_put_cells(array, unit, &cells);
    /* A cell that was programmed is no longer in doubt; the others stay as they were. */
    struct flash_cells pulsed = flash_cells_inverse(&array->geometry, target);
    if (!cut || cut->cut.phase == FLASH_PHASE_DONE)
        margin = flash_cells_merge(&array->geometry, &margin, &zero, &pulsed);
    else
        margin = flash_cells_merge(&array->geometry, &margin, &zero, &now_zero);
    if (cut && cut->cut.phase == FLASH_PHASE_LATE) {
        unsigned weak = (flash_cells_count(&array->geometry, &now_zero) + 3) / 4;
        struct flash_cells added = flash_cells_pick(&array->geometry, &now_zero, weak, seed);
        margin = flash_cells_merge(&array->geometry, &margin, &added, &added);
    }
    flash_array_put_margin(array, unit, &margin);
}

void flash_array_program(struct flash_array *array, uint32_t unit, const uint64_t *data,
                         const struct flash_torn *cut)
{
    struct flash_page *page = &array->page[unit / array->page_units];
    bool was_clean = page->checked_version == page->version && page->is_clean;
    struct flash_cells target = {.ecc = flash_array_check_bits(array, data)};
    memcpy(target.data, data, array->geometry.unit_bytes);
    let_fall(array, unit, &target, cut);
    flash_array_touch(array, unit / array->page_units);
    if (was_clean && !page->has_margin && flash_array_unit_is_clean(array, unit))
        page->checked_version = page->version;
}

/* --- erase --- */

static void make_virgin(struct flash_array *array, uint32_t page)
{
    memset(array->cells.data + (size_t)page * array->geometry.page_bytes, 0xFF,
           array->geometry.page_bytes);
    for (uint32_t i = 0; i < array->page_units; i++)
        array->cells.ecc[(size_t)page * array->page_units + i] =
            flash_cells_all_check_bits(&array->geometry);
    flash_array_clear_margins(array, page);
}

/* One unit of an erase that was cut early, mid or late. */
static void let_rise(struct flash_array *array, uint32_t unit, const struct flash_torn *cut)
{
    struct flash_cells old = flash_array_cells(array, unit);
    struct flash_cells margin = flash_array_margin(array, unit);
    struct flash_cells zeros = flash_cells_inverse(&array->geometry, &old);
    if (!flash_cells_is_any(&array->geometry, &zeros) &&
        !flash_cells_is_any(&array->geometry, &margin))
        return;
    uint64_t seed = rng_hash(cut->seed, cut->op, unit, 1);
    uint64_t draw = rng_hash(seed, 0, 0, 2);
    struct flash_cells risen = zeros;
    if (cut->cut.phase == FLASH_PHASE_EARLY)
        risen = flash_cells_pick(&array->geometry, &zeros,
                                 draw & 1 ? 1 + (unsigned)((draw >> 8) % 3) : 0, seed);
    else if (cut->cut.phase != FLASH_PHASE_LATE)
        risen = flash_cells_half(&array->geometry, &zeros, seed);
    struct flash_cells cells = flash_cells_merge(&array->geometry, &old, &risen, &risen);
    if (cut->cut.phase == FLASH_PHASE_LATE) {
        struct flash_cells check = {.ecc = zeros.ecc};
        struct flash_cells none = {0};
        margin = draw % 4 == 0 ? zeros : none;
        if (draw % 16 == 1) {
            check = flash_cells_pick(&array->geometry, &check, 1, seed);
            cells = flash_cells_merge(&array->geometry, &cells, &none, &check);
        }
    }
    flash_array_put_cells(array, unit, &cells);
    flash_array_put_margin(array, unit, &margin);
}

static bool erases_fully(const struct flash_torn *cut)
{
    return !cut || cut->cut.phase == FLASH_PHASE_DONE;
}

void flash_array_erase(struct flash_array *array, uint32_t page, const struct flash_torn *cut)
{
    if (cut && (cut->cut.phase == FLASH_PHASE_BEFORE || cut->cut.phase == FLASH_PHASE_LATCHED))
        return;
    if (erases_fully(cut))
        make_virgin(array, page);
    else
        for (uint32_t i = 0; i < array->page_units; i++)
            let_rise(array, page * array->page_units + i, cut);
    array->page[page].wear++;
    flash_array_touch(array, page);
}

/* --- option bytes --- */

/* How many of the words and complements of `units` units are programmed when the change is cut. */
static unsigned option_words_done(unsigned units, const struct flash_torn *cut)
{
    if (erases_fully(cut))
        return 2 * units;
    if (cut->cut.phase == FLASH_PHASE_ECC)
        return 2 * units - 1;
    if (cut->cut.phase == FLASH_PHASE_PULSE)
        return 2 * (units * (cut->cut.k - 1) / cut->cut.n) + 1;
    return 0;
}

void flash_array_change_options(struct flash_array *array, const uint64_t data[FLASH_OPTION_UNITS],
                                uint32_t used, const struct flash_torn *cut)
{
    uint32_t page = flash_array_option_page(array);
    bool is_erased = erases_fully(cut) || cut->cut.phase == FLASH_PHASE_PULSE ||
                     cut->cut.phase == FLASH_PHASE_ECC;
    flash_array_erase(array, page, is_erased ? NULL : cut);
    unsigned left = option_words_done((unsigned)__builtin_popcount(used), cut);
    for (unsigned i = 0; i < FLASH_OPTION_UNITS && left; i++) {
        if (!(used >> i & 1))
            continue;
        uint64_t mask = left == 1 ? UINT64_C(0xFFFFFFFF) << 32 : 0;
        struct flash_cells cells = {.data = {data[i] | mask},
                                    .ecc = flash_cells_all_check_bits(&array->geometry)};
        flash_array_put_cells(array, page * array->page_units + i, &cells);
        left -= left == 1 ? 1 : 2;
    }
    flash_array_touch(array, page);
}
