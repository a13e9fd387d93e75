/* Snapshots copy only pages whose version differs: a version is never given twice, so that equal
 * versions mean equal contents. The hash is that of the persistent state, kept by page. */
#include "models/flash_array_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/rng.h"

struct flash_snapshot {
    const struct flash_array *owner;
    struct flash_page *page;
    struct flash_contents cells;
};

/* --- snapshots --- */

struct flash_snapshot *flash_snapshot_create(const struct flash_array *array)
{
    struct flash_snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot)
        return NULL;
    snapshot->owner = array;
    snapshot->page = calloc(array->page_count, sizeof *snapshot->page);
    if (!snapshot->page || !flash_contents_create(&snapshot->cells, array)) {
        flash_snapshot_destroy(snapshot);
        return NULL;
    }
    return snapshot;
}

void flash_snapshot_destroy(struct flash_snapshot *snapshot)
{
    if (!snapshot)
        return;
    flash_contents_destroy(&snapshot->cells);
    free(snapshot->page);
    free(snapshot);
}

static void copy_page(const struct flash_array *array, const struct flash_contents *to,
                      const struct flash_contents *from, uint32_t page, bool has_margin)
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
        struct flash_page *mine = &array->page[page];
        const struct flash_page *saved = &snapshot->page[page];
        mine->wear = saved->wear;
        if (mine->version == saved->version)
            continue;
        array->settled_version = 0;
        struct flash_page before = *mine;
        flash_array_clear_margins(array, page);
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
        flash_array_clear_margins(to, page);
        copy_page(to, &to->cells, &from->cells, page, from->page[page].has_margin);
        to->page[page].has_margin = from->page[page].has_margin;
        to->page[page].wear = from->page[page].wear;
        flash_array_touch(to, page);
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
        if (!flash_cells_are_all(&array->geometry, &cells, true))
            hash = hash_cells(array, hash, unit, &cells);
        if (flash_cells_is_any(&array->geometry, &margin))
            hash = hash_cells(array, ~hash, unit, &margin);
    }
    return hash;
}

uint64_t flash_array_hash(struct flash_array *array)
{
    uint64_t hash = 0;
    for (uint32_t page = 0; page < array->page_count; page++) {
        struct flash_page *entry = &array->page[page];
        if (entry->hashed_version != entry->version) {
            entry->hash = hash_page(array, page);
            entry->hashed_version = entry->version;
        }
        hash = rng_hash(hash, entry->hash, 0, 0);
    }
    return hash;
}
