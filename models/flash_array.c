/* Storage and reading of the cells: data, check bits, margins. What operations make of them is in
 * flash_array_operations.c, snapshots and the hash in flash_array_snapshot.c. L4 sheet 4.2, 8. */
#include "models/flash_array_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "models/ecc72.h"

/* --- life --- */

bool flash_contents_create(struct flash_contents *cells, const struct flash_array *array)
{
    size_t bytes = (size_t)array->page_count * array->geometry.page_bytes;
    size_t units = (size_t)array->page_count * array->page_units;
    cells->data = malloc(bytes);
    cells->ecc = malloc(units * sizeof *cells->ecc);
    cells->margin = calloc(bytes, 1);
    cells->margin_ecc = calloc(units, sizeof *cells->margin_ecc);
    return cells->data && cells->ecc && cells->margin && cells->margin_ecc;
}

void flash_contents_destroy(struct flash_contents *cells)
{
    free(cells->data);
    free(cells->ecc);
    free(cells->margin);
    free(cells->margin_ecc);
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
    if (!array->page || !flash_contents_create(&array->cells, array)) {
        flash_array_destroy(array);
        return NULL;
    }
    memset(array->cells.data, 0xFF, (size_t)array->page_count * geometry.page_bytes);
    for (size_t unit = 0; unit < (size_t)array->page_count * array->page_units; unit++)
        array->cells.ecc[unit] = flash_cells_all_check_bits(&array->geometry);
    for (uint32_t page = 0; page < array->page_count; page++)
        array->page[page].version = ++array->last_version;
    return array;
}

void flash_array_destroy(struct flash_array *array)
{
    if (!array)
        return;
    flash_contents_destroy(&array->cells);
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

void flash_array_touch(struct flash_array *array, uint32_t page)
{
    array->page[page].version = ++array->last_version;
}

void flash_array_put_cells(struct flash_array *array, uint32_t unit,
                           const struct flash_cells *cells)
{
    store_cells(array, array->cells.data, array->cells.ecc, unit, cells);
}

void flash_array_put_margin(struct flash_array *array, uint32_t unit,
                            const struct flash_cells *margin)
{
    struct flash_page *page = &array->page[unit / array->page_units];
    if (!page->has_margin && !flash_cells_is_any(&array->geometry, margin))
        return;
    page->has_margin = true; /* until now the margins were all zero */
    store_cells(array, array->cells.margin, array->cells.margin_ecc, unit, margin);
}

void flash_array_clear_margins(struct flash_array *array, uint32_t page)
{
    if (!array->page[page].has_margin)
        return;
    memset(array->cells.margin + (size_t)page * array->geometry.page_bytes, 0,
           array->geometry.page_bytes);
    memset(array->cells.margin_ecc + (size_t)page * array->page_units, 0,
           array->page_units * sizeof *array->cells.margin_ecc);
    array->page[page].has_margin = false;
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
        margin = flash_cells_pick(&array->geometry, &margin,
                                  choice == FLASH_CHOOSE_ONE_WRONG ? 1 : 2, unit);
    struct flash_cells other = flash_cells_inverse(&array->geometry, &cells);
    return flash_cells_merge(&array->geometry, &cells, &other, &margin);
}

uint16_t flash_array_check_bits(const struct flash_array *array, const uint64_t *data)
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
    if (flash_cells_count(&array->geometry, cells) == flash_cells_total(&array->geometry) - 1) {
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
        .is_virgin = flash_cells_are_all(&array->geometry, &cells, true),
        .is_all_zero = flash_cells_are_all(&array->geometry, &cells, false),
    };
    memcpy(reading->data, cells.data, sizeof cells.data);
    if (has_check_bits(array, unit))
        decode(array, &cells, reading);
}

const uint8_t *flash_array_bytes(const struct flash_array *array)
{
    return array->cells.data;
}

bool flash_array_unit_is_clean(const struct flash_array *array, uint32_t unit)
{
    struct flash_cells cells = flash_array_cells(array, unit);
    return !has_check_bits(array, unit) || flash_array_check_bits(array, cells.data) == cells.ecc ||
           flash_cells_are_all(&array->geometry, &cells, true);
}

/* Programming settles cells one by one: the last one makes the page an ordinary one again. */
static void forget_settled_margins(struct flash_array *array, uint32_t page)
{
    if (!array->page[page].has_margin)
        return;
    for (uint32_t i = 0; i < array->page_units; i++) {
        struct flash_cells margin = flash_array_margin(array, page * array->page_units + i);
        if (flash_cells_is_any(&array->geometry, &margin))
            return;
    }
    array->page[page].has_margin = false;
}

bool flash_array_page_is_clean(struct flash_array *array, uint32_t page)
{
    struct flash_page *entry = &array->page[page];
    if (entry->checked_version == entry->version)
        return entry->is_clean;
    forget_settled_margins(array, page);
    entry->is_clean = !entry->has_margin;
    for (uint32_t i = 0; entry->is_clean && i < array->page_units; i++)
        entry->is_clean = flash_array_unit_is_clean(array, page * array->page_units + i);
    entry->checked_version = entry->version;
    return entry->is_clean;
}

uint32_t flash_array_wear(const struct flash_array *array, uint32_t page)
{
    return array->page[page].wear;
}

/* --- from outside --- */

static void load_unit(struct flash_array *array, uint32_t unit, unsigned first,
                      const uint8_t *bytes, unsigned count, enum flash_load how)
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
    cells.ecc = flash_array_check_bits(array, cells.data);
    bool is_blank = true;
    for (unsigned word = 0; word < array->unit_words; word++)
        is_blank = is_blank && cells.data[word] == UINT64_MAX;
    if (is_blank && how == FLASH_LOAD_DUMP)
        cells.ecc = flash_cells_all_check_bits(&array->geometry);
    struct flash_cells none = {0};
    flash_array_put_cells(array, unit, &cells);
    flash_array_put_margin(array, unit, &none);
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
        flash_array_touch(array, unit / array->page_units);
        offset += count;
        bytes += count;
        size -= count;
    }
}

void flash_array_flip(struct flash_array *array, uint32_t unit, struct flash_cells mask)
{
    struct flash_cells cells = flash_array_cells(array, unit);
    struct flash_cells other = flash_cells_inverse(&array->geometry, &cells);
    cells = flash_cells_merge(&array->geometry, &cells, &other, &mask);
    flash_array_put_cells(array, unit, &cells);
    flash_array_touch(array, unit / array->page_units);
}

void flash_array_weaken(struct flash_array *array, uint32_t unit, struct flash_cells mask)
{
    struct flash_cells margin = flash_array_margin(array, unit);
    margin = flash_cells_merge(&array->geometry, &margin, &mask, &mask);
    flash_array_put_margin(array, unit, &margin);
    flash_array_touch(array, unit / array->page_units);
}

void flash_array_set_wear(struct flash_array *array, uint32_t page, uint32_t erases)
{
    array->page[page].wear = erases;
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
