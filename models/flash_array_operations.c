/* What erase and program make of the cells of one chip's flash, also when power or a reset cuts
 * them short. L4 sheet 4, 5, 8 and 9. That these outcomes are possible is what sheet 9.6 reports;
 * how likely each is and in what order cells change is MODEL: rules L4.cells.torn, L4.cut.program,
 * L4.cut.row, L4.cut.erase, L4.cut.mass_erase, L4.cut.option. Which cells: follows from the seed of
 * the run, the ordinal of the operation and the unit, from nothing else. A later moment of the same
 * operation never takes back what an earlier one has done.
 *
 * PROGRAM of one unit (a double word of 64 data and 8 check bits on the L4). Cells only fall, and
 * only those that were to. The check bits are torn with the data: about half of those that are to
 * fall, but at least one, lag behind the data; the others fall among it. Cut
 *   before   as it was.
 *   latched  as it was: the data is in the buffer and lost.
 *   early    one check bit has fallen, no data: it reads as it did (corrected, and on a virgin unit
 *            as all ones) but is no longer virgin (9.4). Where only one check bit falls it lags: as
 *            it was.
 *   pulse    k of n: k parts of n + 1 of the data and of the check bits among it have fallen, at
 *            least one of two cells, never all of several. Mostly a double error; near the ends it
 *            may be corrected to the old or nearly the new data; three and more wrong cells may
 *            look like one wrong cell or none (8.3), so that a mixture of old and new reads as good
 *            data.
 *   ecc      all data has fallen, the check bits that lag have not: corrected if it is one of them,
 *            a double error if two, anything if more. Where no check bit falls it is complete.
 *   late     all cells have fallen, and each that fell is marginal: weak. It may read new, old,
 *            with one cell wrong (corrected) or with two (a double error).
 *   done     complete. The only moments that always read as a whole word are this one and the first
 *            two. Zeros over zeros change no cell at any moment.
 * ROW: its double words are programs one after the other. Those before the one in the pulse are
 * complete, that one is torn as above, those behind it are as they were.
 *
 * ERASE of a page. Cells only rise. Each unit is torn by itself; in a bank or mass erase all pages
 * are in the same phase. A virgin unit stays virgin. Cut
 *   before   as it was; it does not count as wear, all others do.
 *   early    in about half of the units one to three of the cells that were 0 have risen:
 *            corrected, a double error, or worse; the other half is as it was.
 *   mid      about half of the cells that were 0 have risen, everywhere: what had many zeros is
 *            garbage; what had few may read as old or as virgin.
 *   late     all have risen, but in one unit of sixteen a check bit is still 0: it reads erased and
 *            is not (9.6: programs of it are refused). In about a quarter of the units each cell
 *            that rose is marginal: they may read erased, old, with one cell wrong or with two.
 *   done     complete.
 *
 * CHANGE OF OPTION BYTES: an erase of the option page, then a program of each option's double word,
 * a value and its complement, one after the other (11.2.3). No check bits: what does not fit its
 * complement fails the load (11.6). Cut `before`: as they were; early, mid, late: as an erase of
 * the option page.
 *   pulse    k of n: erased; the first (k - 1)/n of the options are programmed, of the next one the
 *            value but not its complement, the others are blank. With n the number of options each
 *            is torn in turn.
 *   ecc      all are programmed but the complement of the last.
 *   done     complete.
 *
 * MARGINAL cells stay so over resets and loss of power, until a pulse that is not cut short
 * refreshes them: an erase of the page, or a program that lets them fall. A program of a unit that
 * is marginal from an erase leaves those of its cells marginal that it does not pulse. */
#include "models/flash_array_state.h"

#include <string.h>

#include "sim/core/rng.h"

/* --- program --- */

static struct flash_cells with(const struct flash_array *array, const struct flash_cells *set,
                               const struct flash_cells *more)
{
    return flash_cells_merge(&array->geometry, set, more, more);
}

static struct flash_cells without(const struct flash_array *array, const struct flash_cells *set,
                                  const struct flash_cells *less)
{
    static const struct flash_cells none;
    return flash_cells_merge(&array->geometry, set, &none, less);
}

/* What falls with the data and, of it, the check bit that goes first (none where none is to). */
struct pulse {
    struct flash_cells cells;
    struct flash_cells first;
};

static struct pulse pulse_of(const struct flash_array *array, const struct flash_cells *falling,
                             uint64_t seed)
{
    struct flash_cells check = {.ecc = falling->ecc};
    unsigned lagging = (flash_cells_count(&array->geometry, &check) + 1) / 2;
    struct flash_cells lag = flash_cells_pick(&array->geometry, &check, lagging, seed);
    check = without(array, &check, &lag);
    return (struct pulse){without(array, falling, &lag),
                          flash_cells_pick(&array->geometry, &check, 1, seed)};
}

/* k parts of n + 1, so that some are left at k = n. */
static struct flash_cells part_of(const struct flash_array *array, const struct pulse *pulse,
                                  unsigned k, unsigned n, uint64_t seed)
{
    unsigned total = flash_cells_count(&array->geometry, &pulse->cells);
    unsigned first = flash_cells_count(&array->geometry, &pulse->first);
    unsigned part = total * k / (n + 1);
    if (part == 0 && total > 1)
        part = 1;
    struct flash_cells others = without(array, &pulse->cells, &pulse->first);
    struct flash_cells fallen =
        flash_cells_pick(&array->geometry, &others, part > first ? part - first : 0, seed);
    return with(array, &fallen, &pulse->first);
}

/* The part of the falling cells that has fallen when the operation was cut. */
static struct flash_cells fallen(const struct flash_array *array, const struct flash_cells *falling,
                                 const struct flash_cut *cut, uint64_t seed)
{
    struct pulse pulse = pulse_of(array, falling, seed);
    switch (cut->phase) {
    case FLASH_PHASE_BEFORE:
    case FLASH_PHASE_LATCHED:
        return (struct flash_cells){0};
    case FLASH_PHASE_EARLY:
        return pulse.first;
    case FLASH_PHASE_MID: /* an erase's: half way for a program */
        return part_of(array, &pulse, 1, 1, seed);
    case FLASH_PHASE_PULSE:
        return part_of(array, &pulse, cut->k, cut->n, seed);
    case FLASH_PHASE_ECC:
        return pulse.cells;
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
        now_zero = fallen(array, &falling, &cut->cut, seed);
    struct flash_cells cells = flash_cells_merge(&array->geometry, &old, &zero, &now_zero);
    flash_array_put_cells(array, unit, &cells);
    /* A cell that was programmed is no longer in doubt; the others stay as they were. */
    struct flash_cells pulsed = flash_cells_inverse(&array->geometry, target);
    if (!cut || cut->cut.phase == FLASH_PHASE_DONE)
        margin = flash_cells_merge(&array->geometry, &margin, &zero, &pulsed);
    else
        margin = flash_cells_merge(&array->geometry, &margin, &zero, &now_zero);
    if (cut && cut->cut.phase == FLASH_PHASE_LATE)
        margin = with(array, &margin, &now_zero);
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
    unsigned quick_count = draw & 1 ? 1 + (unsigned)((draw >> 8) % 3) : 0;
    bool is_stuck = (draw >> 16) % 16 == 1;
    bool is_weak = (draw >> 16) % 4 == 0;
    struct flash_cells check = {.ecc = zeros.ecc};
    struct flash_cells stuck = flash_cells_pick(&array->geometry, &check, is_stuck ? 1 : 0, seed);
    struct flash_cells rising = without(array, &zeros, &stuck);
    struct flash_cells risen = rising;
    if (cut->cut.phase != FLASH_PHASE_LATE) {
        struct flash_cells quick =
            flash_cells_pick(&array->geometry, &rising, quick_count, seed);
        struct flash_cells half = flash_cells_half(&array->geometry, &rising, seed);
        risen = cut->cut.phase == FLASH_PHASE_EARLY ? quick : with(array, &half, &quick);
    } else {
        margin = is_weak ? zeros : (struct flash_cells){0};
    }
    struct flash_cells cells = with(array, &old, &risen);
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
