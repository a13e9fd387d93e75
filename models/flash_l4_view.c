/* What the CPU sees of the main array without asking: the view's bytes, in bank order and
 * corrected, the busy range, and the granules whose reads must reach the controller. All of it
 * follows from cells and state, so it can be rebuilt at any time. L4 sheet 5.7, 6, 8. */
#include "models/flash_l4_state.h"

#include <string.h>

#include "sim/core/rng.h"

enum { BUSY_SLOT = 0 };

enum flash_choice flash_l4_choice(struct device *device, uint32_t unit)
{
    struct flash_cells margin = flash_array_margin(device->system->cells, unit);
    if (!margin.data[0] && !margin.ecc)
        return FLASH_CHOOSE_NEW;
    /* L4 sheet 9.6: they differ from read to read; MODEL: from boot to boot, by the seed or as told, and
     * once in a boot where that is asked for. */
    const struct wires *wires = device->system->wires;
    flash_l4_assume(device, ASSUME_MARGINAL_READ);
    uint64_t choice = wires->marginal_reads == MARGINAL_READS_SEEDED
                          ? rng_hash(wires->seed, wires->boot_count, unit, 5)
                          : (uint64_t)wires->marginal_reads - MARGINAL_READS_NEW;
    if (flash_l4_reads_changed(device))
        choice += 1 + rng_hash(wires->seed, wires->boot_count, unit, 6) % (FLASH_CHOICE_COUNT - 1);
    return (enum flash_choice)(choice % FLASH_CHOICE_COUNT);
}

void flash_l4_peek_unit(struct device *device, uint32_t unit, struct flash_reading *reading)
{
    flash_array_read(device->system->cells, unit, flash_l4_choice(device, unit), reading);
}

static void put_view(struct device *device, uint32_t offset, const uint8_t *bytes, uint32_t size)
{
    uint8_t *view = device->system->view + offset;
    if (memcmp(view, bytes, size) == 0)
        return;
    memcpy(view, bytes, size);
    bus_view_changed(device->system->bus, offset, size);
}

static void put_unit(struct device *device, uint32_t unit, uint32_t offset)
{
    struct flash_reading reading;
    flash_array_read(device->system->cells, unit, flash_l4_choice(device, unit), &reading);
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(reading.data[0] >> (8 * i));
    put_view(device, offset, bytes, sizeof bytes);
}

static uint32_t page_offset(const struct device *device, uint32_t page)
{
    return flash_l4_swap(device, page * flash_l4_chip(device)->page_bytes);
}

void flash_l4_show_page(struct device *device, uint32_t page)
{
    struct flash_array *cells = device->system->cells;
    uint32_t bytes = flash_l4_chip(device)->page_bytes;
    uint32_t offset = page_offset(device, page);
    uint32_t units = flash_array_units_per_page(cells);
    if (flash_array_page_is_clean(cells, page))
        put_view(device, offset, flash_array_bytes(cells) + (size_t)page * bytes, bytes);
    else
        for (uint32_t i = 0; i < units; i++)
            put_unit(device, page * units + i, offset + 8 * i);
    flash_array_set_shown(cells, page, offset);
    flash_l4_watch_page(device, page);
}

void flash_l4_show_unit(struct device *device, uint32_t unit)
{
    struct flash_array *cells = device->system->cells;
    uint32_t page = unit / flash_array_units_per_page(cells);
    if (page >= flash_array_page_count(cells))
        return;
    uint32_t offset = flash_l4_swap(device, unit * 8);
    put_unit(device, unit, offset);
    struct flash_reading reading;
    flash_array_read(cells, unit, flash_l4_choice(device, unit), &reading);
    flash_l4_cache_programmed(device, offset, reading.data[0]);
    flash_array_set_shown(cells, page, page_offset(device, page));
    flash_l4_watch_page(device, page);
}

/* --- watched granules --- */

static bool row_runs_in(const struct device *device, uint32_t page)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    if (!flash->row.is_running)
        return false;
    uint32_t units = flash_array_units_per_page(device->system->cells);
    return flash_l4_bank_of_page(device, page) ==
           flash_l4_bank_of_page(device, flash->row.last_unit / units);
}

void flash_l4_watch_page(struct device *device, uint32_t page)
{
    bool is_watched = !flash_array_page_is_clean(device->system->cells, page) ||
                      flash_l4_is_blocked(device) || flash_l4_cache_sees(device) ||
                      flash_l4_page_has_pcrop(device, page) || row_runs_in(device, page);
    bus_watch(device->system->bus, page_offset(device, page), flash_l4_chip(device)->page_bytes,
              is_watched);
}

void flash_l4_watch_all(struct device *device)
{
    uint32_t pages = flash_array_page_count(device->system->cells);
    for (uint32_t page = 0; page < pages; page++)
        flash_l4_watch_page(device, page);
}

/* --- busy range --- */

/* L4 sheet 6: on a single bank everything waits, on two the busy one. A row's bank is watched
 * instead, until a read of it ends the row and waits (4.6.3). */
void flash_l4_publish_busy(struct device *device)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    const struct flash_l4_operation *op = &flash->op;
    struct bus *bus = device->system->bus;
    bool is_row_watched = op->kind == FLASH_L4_FAST_PROGRAM && !flash->row.is_cut;
    if (op->kind == FLASH_L4_IDLE || is_row_watched) {
        if (bus->busy[BUSY_SLOT].until_ps)
            bus_clear_busy(bus, BUSY_SLOT);
        return;
    }
    uint32_t bank_bytes = flash_l4_bank_bytes(device);
    bool is_all = !flash_l4_is_dual_bank(device) || op->banks == 3;
    uint32_t offset = is_all ? 0 : flash_l4_swap(device, op->banks == 2 ? bank_bytes : 0);
    uint32_t size = is_all ? flash_l4_bank_count(device) * bank_bytes : bank_bytes;
    bus_set_busy(bus, BUSY_SLOT, offset, size, op->ends_ps);
}

/* What decides, besides the cells, how pages are shown and which are watched. */
static uint64_t publish_key(const struct device *device)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    uint64_t key = flash_l4_is_blocked(device) ? 1 : 0;
    key |= flash_l4_cache_sees(device) ? 2 : 0;
    key |= device->system->wires->banks_swapped ? 4 : 0;
    key |= row_runs_in(device, 0) ? 8 : 0;
    key |= row_runs_in(device, flash_array_page_count(device->system->cells) - 1) ? 16 : 0;
    for (unsigned i = 0; i < FLASH_L4_OPTION_COUNT; i++)
        key = rng_hash(key, flash->loaded.value[i], 0, 0);
    return key;
}

static void announce_level_1(struct device *device)
{
    struct wires *wires = device->system->wires;
    bool is_blocked = flash_l4_is_blocked(device);
    flash_l4_of(device)->was_blocked = is_blocked;
    bool is_closed = is_blocked && wires->boot_count > 0; /* before that no option is loaded */
    if (wires->is_closed_by_level_1 == is_closed)
        return;
    wires->is_closed_by_level_1 = is_closed;
    device_signal(device->system, WIRE_LEVEL_1, is_closed);
}

void flash_l4_publish(struct device *device)
{
    struct flash_l4 *flash = flash_l4_of(device);
    struct flash_array *cells = device->system->cells;
    announce_level_1(device);
    flash->was_swapped = device->system->wires->banks_swapped;
    flash_l4_publish_busy(device);
    uint64_t key = publish_key(device);
    if (flash_array_is_settled(cells, key))
        return; /* as after most resets: all pages would be found as they were left */
    bool is_all_clean = true;
    for (uint32_t page = 0; page < flash_array_page_count(cells); page++) {
        bool is_shown = flash_array_is_shown(cells, page, page_offset(device, page));
        bool is_clean = flash_array_page_is_clean(cells, page);
        is_all_clean = is_all_clean && is_clean;
        /* Marginal cells may read otherwise in this boot. */
        if (is_shown && is_clean)
            flash_l4_watch_page(device, page);
        else
            flash_l4_show_page(device, page);
    }
    if (is_all_clean)
        flash_array_set_settled(cells, key);
}
