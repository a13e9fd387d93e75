#include "sim/flash_map.h"

#include <inttypes.h>

#define MAIN_FLASH 0x08000000u

enum { HEX = 24 };

bool flash_map_begin(struct flash_map *map, const struct soc *soc)
{
    map->before = flash_array_create(*flash_array_geometry(soc->cells));
    if (map->before)
        flash_array_copy(map->before, soc->cells);
    return map->before != NULL;
}

void flash_map_free(struct flash_map *map)
{
    if (map->before)
        flash_array_destroy(map->before);
    map->before = NULL;
}

/* ---- units ---- */

/* A word of the option bytes and its complement have no check bits (RM0351 3.4.1). */
static bool is_torn_option(const struct flash_array *array, uint32_t unit)
{
    struct flash_cells cells = flash_array_cells(array, unit);
    uint32_t word = (uint32_t)cells.data[0], complement = (uint32_t)(cells.data[0] >> 32);
    return unit / flash_array_units_per_page(array) == flash_array_option_page(array) &&
           cells.data[0] != UINT64_MAX && word != ~complement;
}

struct unit {
    bool is_blank, is_marginal, is_corrected, is_bad;
};

static struct unit look_at(const struct flash_array *array, uint32_t unit)
{
    const struct flash_geometry *geometry = flash_array_geometry(array);
    struct flash_cells cells = flash_array_cells(array, unit);
    struct flash_cells margin = flash_array_margin(array, unit);
    struct flash_reading reading;
    flash_array_read(array, unit, FLASH_CHOOSE_NEW, &reading);
    return (struct unit){
        .is_blank = flash_cells_are_all(geometry, &cells, true),
        .is_marginal = flash_cells_is_any(geometry, &margin),
        .is_corrected = reading.verdict == FLASH_READS_CORRECTED,
        .is_bad = reading.verdict == FLASH_READS_DETECTED || is_torn_option(array, unit),
    };
}

static bool are_equal_cells(const struct flash_geometry *geometry, const struct flash_cells *a,
                            const struct flash_cells *b)
{
    for (uint32_t i = 0; i < geometry->unit_bytes / 8; i++)
        if (a->data[i] != b->data[i])
            return false;
    return a->ecc == b->ecc;
}

static bool has_changed(const struct flash_array *before, const struct flash_array *after,
                        uint32_t unit)
{
    const struct flash_geometry *geometry = flash_array_geometry(after);
    struct flash_cells old = flash_array_cells(before, unit), new = flash_array_cells(after, unit);
    struct flash_cells old_margin = flash_array_margin(before, unit);
    struct flash_cells new_margin = flash_array_margin(after, unit);
    return !are_equal_cells(geometry, &old, &new) ||
           !are_equal_cells(geometry, &old_margin, &new_margin);
}

/* ---- pages ---- */

struct page_sum {
    uint32_t erases, programmed, marginal, corrected, bad;
};

static struct page_sum add_up(const struct flash_array *array, uint32_t page)
{
    struct page_sum sum = {.erases = flash_array_wear(array, page)};
    uint32_t units = flash_array_units_per_page(array);
    for (uint32_t unit = page * units; unit < (page + 1) * units; unit++) {
        struct unit seen = look_at(array, unit);
        sum.programmed += !seen.is_blank;
        sum.marginal += seen.is_marginal;
        sum.corrected += seen.is_corrected;
        sum.bad += seen.is_bad;
    }
    return sum;
}

static bool is_plain(const struct page_sum *sum)
{
    return !sum->erases && !sum->programmed && !sum->marginal;
}

static const char *state_of(const struct page_sum *sum)
{
    if (sum->marginal || sum->corrected || sum->bad)
        return "torn";
    return sum->programmed ? "programmed" : "erased";
}

static void write_sum(struct json_out *json, const char *key, const struct page_sum *sum)
{
    json_out_object(json, key, JSON_OUT_LINE);
    json_out_string(json, "state", state_of(sum));
    json_out_number(json, "erases", sum->erases);
    json_out_number(json, "programmed", sum->programmed);
    json_out_number(json, "marginal", sum->marginal);
    json_out_number(json, "corrected", sum->corrected);
    json_out_number(json, "bad", sum->bad);
    json_out_end(json);
}

static void write_changes(struct json_out *json, const struct flash_array *before,
                          const struct flash_array *after, uint32_t page)
{
    uint32_t units = flash_array_units_per_page(after), first = page * units;
    uint32_t unit_bytes = flash_array_geometry(after)->unit_bytes;
    json_out_array(json, "changed", JSON_OUT_LINE);
    for (uint32_t i = 0; i < units; i++) {
        uint32_t from = i;
        while (i < units && has_changed(before, after, first + i))
            i++;
        if (i == from)
            continue;
        json_out_object(json, NULL, JSON_OUT_LINE);
        json_out_number(json, "offset", (uint64_t)from * unit_bytes);
        json_out_number(json, "size", (uint64_t)(i - from) * unit_bytes);
        json_out_end(json);
    }
    json_out_end(json);
}

/* The highest word first, as one number is written. */
static void write_hex(struct json_out *json, const char *key, const uint64_t *words, uint32_t count)
{
    FILE *stream = json_out_value(json, key);
    fputs("\"0x", stream);
    for (uint32_t i = count; i > 0; i--)
        fprintf(stream, "%016" PRIX64, words[i - 1]);
    fputs("\"", stream);
}

static void write_unit(struct json_out *json, const struct flash_array *array, uint32_t unit,
                       uint32_t offset)
{
    uint32_t words = flash_array_geometry(array)->unit_bytes / 8;
    struct flash_cells cells = flash_array_cells(array, unit);
    struct flash_cells margin = flash_array_margin(array, unit);
    struct unit seen = look_at(array, unit);
    json_out_object(json, NULL, JSON_OUT_LINE);
    json_out_number(json, "offset", offset);
    json_out_string(json, "reads", seen.is_bad ? "bad" : seen.is_corrected ? "corrected" : "clean");
    write_hex(json, "data", cells.data, words);
    json_out_number(json, "check", cells.ecc);
    if (seen.is_marginal) {
        write_hex(json, "marginal_data", margin.data, words);
        json_out_number(json, "marginal_check", margin.ecc);
    }
    json_out_end(json);
}

static void write_damage(struct json_out *json, const struct flash_array *array, uint32_t page)
{
    uint32_t units = flash_array_units_per_page(array), first = page * units;
    unsigned shown = 0;
    json_out_array(json, "damaged", JSON_OUT_LINES);
    for (uint32_t i = 0; i < units && shown < FLASH_MAP_DAMAGE_MAX; i++) {
        struct unit seen = look_at(array, first + i);
        if (!seen.is_marginal && !seen.is_corrected && !seen.is_bad)
            continue;
        write_unit(json, array, first + i, i * flash_array_geometry(array)->unit_bytes);
        shown++;
    }
    json_out_end(json);
}

static void write_place(struct json_out *json, const struct soc *soc, uint32_t page)
{
    const struct chip_flash *flash = &soc->chip->flash;
    uint32_t page_bytes = flash_array_geometry(soc->cells)->page_bytes;
    json_out_number(json, "index", page);
    if (page >= flash_array_page_count(soc->cells)) {
        json_out_string(json, "area",
                        page == flash_array_otp_page(soc->cells) ? "otp" : "option bytes");
        return;
    }
    json_out_string(json, "area", "main");
    json_out_number(json, "bank", 1 + page / (flash->bank_bytes / page_bytes));
    json_out_number(json, "page", page % (flash->bank_bytes / page_bytes));
    json_out_number(json, "addr", MAIN_FLASH + (uint64_t)page * page_bytes);
}

static void write_page(const struct flash_map *map, const struct soc *soc, struct json_out *json,
                       uint32_t page)
{
    struct page_sum before = add_up(map->before, page), after = add_up(soc->cells, page);
    if (is_plain(&before) && is_plain(&after))
        return;
    json_out_object(json, NULL, JSON_OUT_LINES);
    write_place(json, soc, page);
    write_sum(json, "before", &before);
    write_sum(json, "after", &after);
    write_changes(json, map->before, soc->cells, page);
    if (after.marginal || after.corrected || after.bad)
        write_damage(json, soc->cells, page);
    json_out_end(json);
}

void flash_map_write(const struct flash_map *map, const struct soc *soc, struct json_out *json,
                     const char *key)
{
    json_out_array(json, key, JSON_OUT_LINES);
    uint32_t pages = flash_array_page_count(soc->cells);
    for (uint32_t page = 0; page < pages; page++)
        write_page(map, soc, json, page);
    if (flash_array_geometry(soc->cells)->otp_bytes)
        write_page(map, soc, json, flash_array_otp_page(soc->cells));
    write_page(map, soc, json, flash_array_option_page(soc->cells));
    json_out_end(json);
}
