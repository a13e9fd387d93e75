/* The cells of one chip's flash. L4 sheet 4, 5, 8 and 9; the outcomes of a cut are MODEL choices in the
 * range of what 9.6 reports. A cell that is marginal may read either way (flash_choice).
 *
 * Program, cut `before` or `latched`: the cells are as they were.
 *   early    one of the check bits that were to fall has fallen (all data cells are as they were).
 *   pulse    k of n: k parts of n + 1 of the cells that were to fall have fallen, data and check bits
 *            alike, in an order that follows from the seed; at least one, never all.
 *   ecc      all data cells have fallen, no check bit has.
 *   late     all cells have fallen, one in four of them (at least one) is marginal.
 *   done     complete.
 * Erase of a page, cut `before`: as it was.
 *   early    in about half of the units, one to three of the cells that were 0 have risen.
 *   mid      about half of the cells that were 0 have risen, everywhere.
 *   late     all cells have risen; in about a quarter of the units those that were 0 are marginal, and
 *            in one of sixteen a check bit is still 0: it reads erased and is not.
 *   done     complete.
 * Change of option bytes, cut `before`: as they were. early, mid, late: as an erase, nothing programmed.
 *   pulse    k of n: erased; the first (k - 1)/n of the units programmed, and of the next one the word
 *            but not its complement.
 *   ecc      all programmed but the last complement.
 *   done     complete. */
#include "models/flash_array.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "models/ecc72.h"
#include "sim/core/rng.h"

struct page {
    uint64_t version;         /* never the same for different contents */
    uint64_t shown_version;   /* what the CPU's view shows */
    uint64_t checked_version; /* for which is_clean holds */
    uint64_t hashed_version;  /* for which hash holds */
    uint64_t hash;
    uint32_t shown_at;
    uint32_t wear;
    bool is_clean;
    bool has_margin;          /* false: the margins of the page are all zero */
};

/* Contents of all pages: of the array, or saved. */
struct contents {
    uint8_t *data;
    uint16_t *ecc;
    uint8_t *margin;
    uint16_t *margin_ecc;
};

struct flash_array {
    struct flash_geometry geometry;
    uint32_t page_count;      /* main array, OTP page and option page */
    uint32_t page_units;
    unsigned unit_words;
    uint64_t last_version;
    uint64_t settled_version, settled_key; /* bookkeeping of the view, like the pages' shown_version */
    struct page *page;
    struct contents cells;
};

struct flash_snapshot {
    const struct flash_array *owner;
    struct page *page;
    struct contents cells;
};

/* --- life --- */

static bool contents_create(struct contents *cells, const struct flash_array *array)
{
    size_t bytes = (size_t)array->page_count * array->geometry.page_bytes;
    size_t units = (size_t)array->page_count * array->page_units;
    cells->data = malloc(bytes);
    cells->ecc = malloc(units * sizeof *cells->ecc);
    cells->margin = calloc(bytes, 1);
    cells->margin_ecc = calloc(units, sizeof *cells->margin_ecc);
    return cells->data && cells->ecc && cells->margin && cells->margin_ecc;
}

static void contents_destroy(struct contents *cells)
{
    free(cells->data);
    free(cells->ecc);
    free(cells->margin);
    free(cells->margin_ecc);
}

static uint16_t all_check_bits(const struct flash_array *array)
{
    return (uint16_t)((1u << array->geometry.ecc_bits) - 1);
}

struct flash_array *flash_array_create(struct flash_geometry geometry)
{
    assert(geometry.unit_bytes % 8 == 0 && geometry.unit_bytes / 8 <= FLASH_UNIT_WORDS_MAX);
    assert(geometry.page_bytes % geometry.unit_bytes == 0 && geometry.ecc_bits <= 16);
    assert(geometry.main_bytes % geometry.page_bytes == 0);
    assert(geometry.otp_bytes <= geometry.page_bytes);
    struct flash_array *array = calloc(1, sizeof *array);
    if (!array)
        return NULL;
    array->geometry = geometry;
    array->page_count = geometry.main_bytes / geometry.page_bytes + 2;
    array->page_units = geometry.page_bytes / geometry.unit_bytes;
    array->unit_words = geometry.unit_bytes / 8;
    array->page = calloc(array->page_count, sizeof *array->page);
    if (!array->page || !contents_create(&array->cells, array)) {
        flash_array_destroy(array);
        return NULL;
    }
    memset(array->cells.data, 0xFF, (size_t)array->page_count * geometry.page_bytes);
    for (size_t unit = 0; unit < (size_t)array->page_count * array->page_units; unit++)
        array->cells.ecc[unit] = all_check_bits(array);
    for (uint32_t page = 0; page < array->page_count; page++)
        array->page[page].version = ++array->last_version;
    return array;
}

void flash_array_destroy(struct flash_array *array)
{
    if (!array)
        return;
    contents_destroy(&array->cells);
    free(array->page);
    free(array);
}

const struct flash_geometry *flash_array_geometry(const struct flash_array *array)
{
    return &array->geometry;
}

uint32_t flash_array_page_count(const struct flash_array *array)
{
    return array->page_count - 2;
}

uint32_t flash_array_units_per_page(const struct flash_array *array)
{
    return array->page_units;
}

uint32_t flash_array_otp_page(const struct flash_array *array)
{
    return array->page_count - 2;
}

uint32_t flash_array_option_page(const struct flash_array *array)
{
    return array->page_count - 1;
}

/* --- cells --- */

/* Bytes are kept in the CPU's order, whatever the host's. */
static uint64_t load_word(const uint8_t *bytes)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < 8; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

static void store_word(uint8_t *bytes, uint64_t word)
{
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(word >> (8 * i));
}

static struct flash_cells load_cells(const struct flash_array *array, const uint8_t *data,
                                     const uint16_t *ecc, uint32_t unit)
{
    struct flash_cells cells = {.ecc = ecc[unit]};
    for (unsigned word = 0; word < array->unit_words; word++)
        cells.data[word] = load_word(data + (size_t)unit * array->geometry.unit_bytes + 8 * word);
    return cells;
}

static void store_cells(const struct flash_array *array, uint8_t *data, uint16_t *ecc,
                        uint32_t unit, const struct flash_cells *cells)
{
    for (unsigned word = 0; word < array->unit_words; word++)
        store_word(data + (size_t)unit * array->geometry.unit_bytes + 8 * word, cells->data[word]);
    ecc[unit] = cells->ecc;
}

struct flash_cells flash_array_cells(const struct flash_array *array, uint32_t unit)
{
    return load_cells(array, array->cells.data, array->cells.ecc, unit);
}

struct flash_cells flash_array_margin(const struct flash_array *array, uint32_t unit)
{
    if (!array->page[unit / array->page_units].has_margin)
        return (struct flash_cells){0};
    return load_cells(array, array->cells.margin, array->cells.margin_ecc, unit);
}

static void touch(struct flash_array *array, uint32_t page)
{
    array->page[page].version = ++array->last_version;
}

static bool is_any(const struct flash_array *array, const struct flash_cells *cells)
{
    uint64_t any = cells->ecc;
    for (unsigned word = 0; word < array->unit_words; word++)
        any |= cells->data[word];
    return any != 0;
}

static void put_cells(struct flash_array *array, uint32_t unit, const struct flash_cells *cells)
{
    store_cells(array, array->cells.data, array->cells.ecc, unit, cells);
}

static void put_margin(struct flash_array *array, uint32_t unit, const struct flash_cells *margin)
{
    struct page *page = &array->page[unit / array->page_units];
    if (!page->has_margin && !is_any(array, margin))
        return;
    page->has_margin = true; /* until now the margins were all zero */
    store_cells(array, array->cells.margin, array->cells.margin_ecc, unit, margin);
}

static unsigned cell_count(const struct flash_array *array)
{
    return 64 * array->unit_words + array->geometry.ecc_bits;
}

static void set_cell(const struct flash_array *array, struct flash_cells *cells, unsigned index)
{
    if (index < 64 * array->unit_words)
        cells->data[index / 64] |= UINT64_C(1) << (index % 64);
    else
        cells->ecc = (uint16_t)(cells->ecc | 1u << (index - 64 * array->unit_words));
}

static bool get_cell(const struct flash_array *array, const struct flash_cells *cells,
                     unsigned index)
{
    if (index < 64 * array->unit_words)
        return cells->data[index / 64] >> (index % 64) & 1;
    return cells->ecc >> (index - 64 * array->unit_words) & 1;
}

/* to = (a & ~mask) | (b & mask), cell by cell. */
static struct flash_cells merge(const struct flash_array *array, const struct flash_cells *a,
                                const struct flash_cells *b, const struct flash_cells *mask)
{
    struct flash_cells to = {0};
    for (unsigned word = 0; word < array->unit_words; word++)
        to.data[word] = (a->data[word] & ~mask->data[word]) | (b->data[word] & mask->data[word]);
    to.ecc = (uint16_t)((a->ecc & ~mask->ecc) | (b->ecc & mask->ecc));
    return to;
}

static struct flash_cells inverse(const struct flash_array *array, const struct flash_cells *cells)
{
    struct flash_cells to = {0};
    for (unsigned word = 0; word < array->unit_words; word++)
        to.data[word] = ~cells->data[word];
    to.ecc = (uint16_t)(~cells->ecc & all_check_bits(array));
    return to;
}

static bool equals_all(const struct flash_array *array, const struct flash_cells *cells, bool ones)
{
    struct flash_cells other = ones ? inverse(array, cells) : *cells;
    return !is_any(array, &other);
}

static unsigned count_cells(const struct flash_array *array, const struct flash_cells *cells)
{
    unsigned count = (unsigned)__builtin_popcount(cells->ecc);
    for (unsigned word = 0; word < array->unit_words; word++)
        count += (unsigned)__builtin_popcountll(cells->data[word]);
    return count;
}

/* Keeps `wanted` of the cells in a set, in an order that follows from the seed: nested as `wanted` grows. */
static struct flash_cells pick(const struct flash_array *array, const struct flash_cells *set,
                               unsigned wanted, uint64_t seed)
{
    struct flash_cells picked = {0};
    if (wanted == 0)
        return picked;
    uint64_t draw[64 * FLASH_UNIT_WORDS_MAX + 16];
    for (unsigned i = 0; i < cell_count(array); i++)
        draw[i] = get_cell(array, set, i) ? rng_hash(seed, i, 0, 0) >> 1 : UINT64_MAX;
    for (unsigned taken = 0; taken < wanted; taken++) {
        unsigned best = 0;
        for (unsigned i = 1; i < cell_count(array); i++)
            if (draw[i] < draw[best])
                best = i;
        if (draw[best] == UINT64_MAX)
            break;
        draw[best] = UINT64_MAX;
        set_cell(array, &picked, best);
    }
    return picked;
}

/* --- reading --- */

/* What the sense amplifiers give: marginal cells as chosen. */
static struct flash_cells sensed(const struct flash_array *array, uint32_t unit,
                                 enum flash_choice choice)
{
    struct flash_cells cells = flash_array_cells(array, unit);
    if (!array->page[unit / array->page_units].has_margin || choice == FLASH_CHOOSE_NEW)
        return cells;
    struct flash_cells margin = flash_array_margin(array, unit);
    if (choice != FLASH_CHOOSE_OLD)
        margin = pick(array, &margin, choice == FLASH_CHOOSE_ONE_WRONG ? 1 : 2, unit);
    struct flash_cells other = inverse(array, &cells);
    return merge(array, &cells, &other, &margin);
}

static uint16_t check_bits(const struct flash_array *array, const uint64_t *data)
{
    return array->geometry.ecc_bits ? ecc72_encode(data[0]) : 0;
}

static bool has_check_bits(const struct flash_array *array, uint32_t unit)
{
    return array->geometry.ecc_bits && unit / array->page_units != flash_array_option_page(array);
}

/* Cells -> data and verdict. L4 sheet 8.2, 8.3, 8.7. */
static void decode(const struct flash_array *array, const struct flash_cells *cells,
                   struct flash_reading *reading)
{
    int wrong = ecc72_wrong_cell(cells->data[0], (uint8_t)cells->ecc);
    if (wrong == ECC72_CLEAN || reading->is_virgin)
        return;
    /* 8.7: one stray 0 in a virgin unit is corrected to all ones. */
    if (count_cells(array, cells) == cell_count(array) - 1) {
        memset(reading->data, 0xFF, array->geometry.unit_bytes);
        reading->verdict = FLASH_READS_CORRECTED;
    } else if (wrong == ECC72_UNCORRECTABLE) {
        reading->verdict = FLASH_READS_DETECTED;
    } else {
        if (wrong < 64)
            reading->data[0] ^= UINT64_C(1) << wrong;
        reading->verdict = FLASH_READS_CORRECTED;
    }
}

void flash_array_read(const struct flash_array *array, uint32_t unit, enum flash_choice choice,
                      struct flash_reading *reading)
{
    struct flash_cells cells = sensed(array, unit, choice);
    *reading = (struct flash_reading){
        .verdict = FLASH_READS_CLEAN,
        .is_virgin = equals_all(array, &cells, true),
        .is_all_zero = equals_all(array, &cells, false),
    };
    memcpy(reading->data, cells.data, sizeof cells.data);
    if (has_check_bits(array, unit))
        decode(array, &cells, reading);
}

const uint8_t *flash_array_bytes(const struct flash_array *array)
{
    return array->cells.data;
}

static bool unit_is_clean(const struct flash_array *array, uint32_t unit)
{
    struct flash_cells cells = flash_array_cells(array, unit);
    return !has_check_bits(array, unit) || check_bits(array, cells.data) == cells.ecc ||
           equals_all(array, &cells, true);
}

/* Programming settles cells one by one: the last one makes the page an ordinary one again. */
static void forget_settled_margins(struct flash_array *array, uint32_t page)
{
    if (!array->page[page].has_margin)
        return;
    for (uint32_t i = 0; i < array->page_units; i++) {
        struct flash_cells margin = flash_array_margin(array, page * array->page_units + i);
        if (is_any(array, &margin))
            return;
    }
    array->page[page].has_margin = false;
}

bool flash_array_page_is_clean(struct flash_array *array, uint32_t page)
{
    struct page *entry = &array->page[page];
    if (entry->checked_version == entry->version)
        return entry->is_clean;
    forget_settled_margins(array, page);
    entry->is_clean = !entry->has_margin;
    for (uint32_t i = 0; entry->is_clean && i < array->page_units; i++)
        entry->is_clean = unit_is_clean(array, page * array->page_units + i);
    entry->checked_version = entry->version;
    return entry->is_clean;
}

uint32_t flash_array_wear(const struct flash_array *array, uint32_t page)
{
    return array->page[page].wear;
}

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
        return pick(array, &check, 1, seed);
    case FLASH_PHASE_MID: /* an erase's: half way for a program */
    case FLASH_PHASE_PULSE: {
        bool is_pulse = cut->cut.phase == FLASH_PHASE_PULSE;
        unsigned k = is_pulse ? cut->cut.k : 1;
        unsigned n = is_pulse ? cut->cut.n : 1;
        unsigned total = count_cells(array, falling);
        unsigned part = total * k / (n + 1);
        if (part == 0)
            part = 1;
        if (part >= total)
            part = total - 1;
        return total ? pick(array, falling, part, seed) : *falling;
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
    struct flash_cells falling = inverse(array, target);
    falling = merge(array, &zero, &falling, &old);
    struct flash_cells now_zero = falling;
    uint64_t seed = cut ? rng_hash(cut->seed, cut->op, unit, 0) : 0;
    if (cut)
        now_zero = fallen(array, &falling, cut, seed);
    struct flash_cells cells = merge(array, &old, &zero, &now_zero);
    put_cells(array, unit, &cells);
    /* A cell that was programmed is no longer in doubt; the others stay as they were. */
    struct flash_cells pulsed = inverse(array, target);
    if (!cut || cut->cut.phase == FLASH_PHASE_DONE)
        margin = merge(array, &margin, &zero, &pulsed);
    else
        margin = merge(array, &margin, &zero, &now_zero);
    if (cut && cut->cut.phase == FLASH_PHASE_LATE) {
        unsigned weak = (count_cells(array, &now_zero) + 3) / 4;
        struct flash_cells added = pick(array, &now_zero, weak, seed);
        margin = merge(array, &margin, &added, &added);
    }
    put_margin(array, unit, &margin);
}

void flash_array_program(struct flash_array *array, uint32_t unit, const uint64_t *data,
                         const struct flash_torn *cut)
{
    struct page *page = &array->page[unit / array->page_units];
    bool was_clean = page->checked_version == page->version && page->is_clean;
    struct flash_cells target = {.ecc = check_bits(array, data)};
    memcpy(target.data, data, array->geometry.unit_bytes);
    let_fall(array, unit, &target, cut);
    touch(array, unit / array->page_units);
    if (was_clean && !page->has_margin && unit_is_clean(array, unit))
        page->checked_version = page->version;
}

/* --- erase --- */

static void clear_margins(struct flash_array *array, uint32_t page)
{
    if (!array->page[page].has_margin)
        return;
    memset(array->cells.margin + (size_t)page * array->geometry.page_bytes, 0,
           array->geometry.page_bytes);
    memset(array->cells.margin_ecc + (size_t)page * array->page_units, 0,
           array->page_units * sizeof *array->cells.margin_ecc);
    array->page[page].has_margin = false;
}

static void make_virgin(struct flash_array *array, uint32_t page)
{
    memset(array->cells.data + (size_t)page * array->geometry.page_bytes, 0xFF,
           array->geometry.page_bytes);
    for (uint32_t i = 0; i < array->page_units; i++)
        array->cells.ecc[(size_t)page * array->page_units + i] = all_check_bits(array);
    clear_margins(array, page);
}

static struct flash_cells half_of(const struct flash_array *array, const struct flash_cells *set,
                                  uint64_t seed)
{
    struct flash_cells half = {.ecc = (uint16_t)(set->ecc & rng_hash(seed, 0, 0, 4))};
    for (unsigned word = 0; word < array->unit_words; word++)
        half.data[word] = set->data[word] & rng_hash(seed, word, 0, 3);
    return half;
}

/* One unit of an erase that was cut early, mid or late. */
static void let_rise(struct flash_array *array, uint32_t unit, const struct flash_torn *cut)
{
    struct flash_cells old = flash_array_cells(array, unit);
    struct flash_cells margin = flash_array_margin(array, unit);
    struct flash_cells zeros = inverse(array, &old);
    if (!is_any(array, &zeros) && !is_any(array, &margin))
        return;
    uint64_t seed = rng_hash(cut->seed, cut->op, unit, 1);
    uint64_t draw = rng_hash(seed, 0, 0, 2);
    struct flash_cells risen = zeros;
    if (cut->cut.phase == FLASH_PHASE_EARLY)
        risen = pick(array, &zeros, draw & 1 ? 1 + (unsigned)((draw >> 8) % 3) : 0, seed);
    else if (cut->cut.phase != FLASH_PHASE_LATE)
        risen = half_of(array, &zeros, seed);
    struct flash_cells cells = merge(array, &old, &risen, &risen);
    if (cut->cut.phase == FLASH_PHASE_LATE) {
        struct flash_cells check = {.ecc = zeros.ecc};
        struct flash_cells none = {0};
        margin = draw % 4 == 0 ? zeros : none;
        if (draw % 16 == 1) {
            check = pick(array, &check, 1, seed);
            cells = merge(array, &cells, &none, &check);
        }
    }
    put_cells(array, unit, &cells);
    put_margin(array, unit, &margin);
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
    touch(array, page);
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
        struct flash_cells cells = {.data = {data[i] | mask}, .ecc = all_check_bits(array)};
        put_cells(array, page * array->page_units + i, &cells);
        left -= left == 1 ? 1 : 2;
    }
    touch(array, page);
}

/* --- from outside --- */

static void load_unit(struct flash_array *array, uint32_t unit, unsigned first, const uint8_t *bytes,
                      unsigned count, enum flash_load how)
{
    struct flash_reading old;
    flash_array_read(array, unit, FLASH_CHOOSE_NEW, &old);
    uint8_t merged[8 * FLASH_UNIT_WORDS_MAX];
    for (unsigned word = 0; word < array->unit_words; word++)
        store_word(merged + 8 * word, old.data[word]);
    memcpy(merged + first, bytes, count);
    struct flash_cells cells = {0};
    for (unsigned word = 0; word < array->unit_words; word++)
        cells.data[word] = load_word(merged + 8 * word);
    cells.ecc = check_bits(array, cells.data);
    bool is_blank = true;
    for (unsigned word = 0; word < array->unit_words; word++)
        is_blank = is_blank && cells.data[word] == UINT64_MAX;
    if (is_blank && how == FLASH_LOAD_DUMP)
        cells.ecc = all_check_bits(array);
    struct flash_cells none = {0};
    put_cells(array, unit, &cells);
    put_margin(array, unit, &none);
}

void flash_array_load(struct flash_array *array, uint32_t offset, const uint8_t *bytes, size_t size,
                      enum flash_load how)
{
    assert(offset <= array->geometry.main_bytes && size <= array->geometry.main_bytes - offset);
    while (size > 0) {
        uint32_t unit = offset / array->geometry.unit_bytes;
        unsigned first = offset % array->geometry.unit_bytes;
        unsigned count = array->geometry.unit_bytes - first;
        if (count > size)
            count = (unsigned)size;
        load_unit(array, unit, first, bytes, count, how);
        touch(array, unit / array->page_units);
        offset += count;
        bytes += count;
        size -= count;
    }
}

void flash_array_flip(struct flash_array *array, uint32_t unit, struct flash_cells mask)
{
    struct flash_cells cells = flash_array_cells(array, unit);
    struct flash_cells other = inverse(array, &cells);
    cells = merge(array, &cells, &other, &mask);
    put_cells(array, unit, &cells);
    touch(array, unit / array->page_units);
}

void flash_array_weaken(struct flash_array *array, uint32_t unit, struct flash_cells mask)
{
    struct flash_cells margin = flash_array_margin(array, unit);
    margin = merge(array, &margin, &mask, &mask);
    put_margin(array, unit, &margin);
    touch(array, unit / array->page_units);
}

void flash_array_set_wear(struct flash_array *array, uint32_t page, uint32_t erases)
{
    array->page[page].wear = erases;
}

/* --- snapshots --- */

struct flash_snapshot *flash_snapshot_create(const struct flash_array *array)
{
    struct flash_snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot)
        return NULL;
    snapshot->owner = array;
    snapshot->page = calloc(array->page_count, sizeof *snapshot->page);
    if (!snapshot->page || !contents_create(&snapshot->cells, array)) {
        flash_snapshot_destroy(snapshot);
        return NULL;
    }
    return snapshot;
}

void flash_snapshot_destroy(struct flash_snapshot *snapshot)
{
    if (!snapshot)
        return;
    contents_destroy(&snapshot->cells);
    free(snapshot->page);
    free(snapshot);
}

static void copy_page(const struct flash_array *array, const struct contents *to,
                      const struct contents *from, uint32_t page, bool has_margin)
{
    size_t byte = (size_t)page * array->geometry.page_bytes;
    size_t unit = (size_t)page * array->page_units;
    memcpy(to->data + byte, from->data + byte, array->geometry.page_bytes);
    memcpy(to->ecc + unit, from->ecc + unit, array->page_units * sizeof *to->ecc);
    if (!has_margin)
        return;
    memcpy(to->margin + byte, from->margin + byte, array->geometry.page_bytes);
    memcpy(to->margin_ecc + unit, from->margin_ecc + unit,
           array->page_units * sizeof *to->margin_ecc);
}

void flash_array_save(const struct flash_array *array, struct flash_snapshot *snapshot)
{
    assert(snapshot->owner == array);
    for (uint32_t page = 0; page < array->page_count; page++) {
        if (snapshot->page[page].version != array->page[page].version)
            copy_page(array, &snapshot->cells, &array->cells, page, array->page[page].has_margin);
        snapshot->page[page] = array->page[page];
    }
}

void flash_array_restore(struct flash_array *array, const struct flash_snapshot *snapshot)
{
    assert(snapshot->owner == array);
    for (uint32_t page = 0; page < array->page_count; page++) {
        struct page *mine = &array->page[page];
        const struct page *saved = &snapshot->page[page];
        mine->wear = saved->wear;
        if (mine->version == saved->version)
            continue;
        struct page before = *mine;
        clear_margins(array, page);
        copy_page(array, &array->cells, &snapshot->cells, page, saved->has_margin);
        *mine = *saved;
        mine->shown_version = before.shown_version;
        mine->shown_at = before.shown_at;
    }
}

void flash_array_copy(struct flash_array *to, const struct flash_array *from)
{
    assert(memcmp(&to->geometry, &from->geometry, sizeof to->geometry) == 0);
    for (uint32_t page = 0; page < to->page_count; page++) {
        clear_margins(to, page);
        copy_page(to, &to->cells, &from->cells, page, from->page[page].has_margin);
        to->page[page].has_margin = from->page[page].has_margin;
        to->page[page].wear = from->page[page].wear;
        touch(to, page);
    }
}

/* --- hash --- */

static uint64_t hash_cells(const struct flash_array *array, uint64_t hash, uint32_t unit,
                           const struct flash_cells *cells)
{
    for (unsigned word = 0; word < array->unit_words; word++)
        hash = rng_hash(hash, unit, cells->data[word], cells->ecc);
    return hash;
}

/* Virgin units count for nothing, so that a blank part costs little. */
static uint64_t hash_page(const struct flash_array *array, uint32_t page)
{
    uint64_t hash = page;
    for (uint32_t i = 0; i < array->page_units; i++) {
        uint32_t unit = page * array->page_units + i;
        struct flash_cells cells = flash_array_cells(array, unit);
        struct flash_cells margin = flash_array_margin(array, unit);
        if (!equals_all(array, &cells, true))
            hash = hash_cells(array, hash, unit, &cells);
        if (is_any(array, &margin))
            hash = hash_cells(array, ~hash, unit, &margin);
    }
    return hash;
}

uint64_t flash_array_hash(struct flash_array *array)
{
    uint64_t hash = 0;
    for (uint32_t page = 0; page < array->page_count; page++) {
        struct page *entry = &array->page[page];
        if (entry->hashed_version != entry->version) {
            entry->hash = hash_page(array, page);
            entry->hashed_version = entry->version;
        }
        hash = rng_hash(hash, entry->hash, 0, 0);
    }
    return hash;
}

/* --- view --- */

bool flash_array_is_shown(const struct flash_array *array, uint32_t page, uint32_t view_offset)
{
    return array->page[page].shown_version == array->page[page].version &&
           array->page[page].shown_at == view_offset;
}

void flash_array_set_shown(struct flash_array *array, uint32_t page, uint32_t view_offset)
{
    array->page[page].shown_version = array->page[page].version;
    array->page[page].shown_at = view_offset;
}

bool flash_array_is_settled(const struct flash_array *array, uint64_t key)
{
    return array->settled_version == array->last_version && array->settled_key == key;
}

void flash_array_set_settled(struct flash_array *array, uint64_t key)
{
    array->settled_version = array->last_version;
    array->settled_key = key;
}
