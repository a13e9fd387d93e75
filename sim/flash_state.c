#include "sim/flash_state.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

enum { DOUBLEWORD_DIGITS = 16 };

/* ---- writing ---- */

/* The highest word first, as one number is written, then the check bits. */
static void write_unit(FILE *out, const struct flash_geometry *geometry,
                       const struct flash_cells *cells)
{
    for (uint32_t i = geometry->unit_bytes / 8; i > 0; i--)
        fprintf(out, "%016" PRIX64, cells->data[i - 1]);
    fprintf(out, "%0*X", (int)(geometry->ecc_bits + 3) / 4, cells->ecc);
}

enum what { CELLS, MARGINS };

static struct flash_cells look_at(const struct flash_array *array, enum what what, uint32_t unit)
{
    return what == MARGINS ? flash_array_margin(array, unit) : flash_array_cells(array, unit);
}

/* Of cells, what is not erased; of margins, what there is. */
static bool is_told(const struct flash_array *array, enum what what, uint32_t unit)
{
    const struct flash_geometry *geometry = flash_array_geometry(array);
    struct flash_cells cells = look_at(array, what, unit);
    return what == MARGINS ? flash_cells_is_any(geometry, &cells)
                           : !flash_cells_are_all(geometry, &cells, true);
}

static void write_piece(struct json_out *json, const struct flash_array *array, enum what what,
                        uint32_t first, uint32_t from, uint32_t to)
{
    const struct flash_geometry *geometry = flash_array_geometry(array);
    json_out_object(json, NULL, JSON_OUT_LINE);
    json_out_number(json, "offset", (uint64_t)from * geometry->unit_bytes);
    FILE *out = json_out_value(json, "units");
    putc('"', out);
    for (uint32_t i = from; i < to; i++) {
        struct flash_cells cells = look_at(array, what, first + i);
        write_unit(out, geometry, &cells);
    }
    putc('"', out);
    json_out_end(json);
}

/* Runs of units that follow each other. */
static void write_pieces(struct json_out *json, const char *key, const struct flash_array *array,
                         enum what what, uint32_t page)
{
    uint32_t units = flash_array_units_per_page(array), first = page * units;
    bool is_open = false;
    for (uint32_t i = 0; i < units; i++) {
        uint32_t from = i;
        while (i < units && is_told(array, what, first + i))
            i++;
        if (i == from)
            continue;
        if (!is_open)
            json_out_array(json, key, JSON_OUT_LINES);
        is_open = true;
        write_piece(json, array, what, first, from, i);
    }
    if (is_open)
        json_out_end(json);
}

static bool is_page_told(const struct flash_array *array, uint32_t page)
{
    uint32_t units = flash_array_units_per_page(array);
    bool is_page = flash_array_wear(array, page) != 0;
    for (uint32_t unit = page * units; !is_page && unit < (page + 1) * units; unit++)
        is_page = is_told(array, CELLS, unit) || is_told(array, MARGINS, unit);
    return is_page;
}

static void write_page(struct json_out *json, const struct flash_array *array, uint32_t page)
{
    if (!is_page_told(array, page))
        return;
    json_out_object(json, NULL, JSON_OUT_LINES);
    if (page < flash_array_page_count(array))
        json_out_number(json, "page", page);
    else
        json_out_string(json, "page", page == flash_array_otp_page(array) ? "otp" : "option bytes");
    if (flash_array_wear(array, page))
        json_out_number(json, "erases", flash_array_wear(array, page));
    write_pieces(json, "cells", array, CELLS, page);
    write_pieces(json, "marginal", array, MARGINS, page);
    json_out_end(json);
}

static uint32_t all_pages(const struct flash_array *array)
{
    return flash_array_option_page(array) + 1;
}

void flash_state_write(const struct chip *chip, struct flash_array *cells, struct json_out *json,
                       const char *key)
{
    char hash[24];
    snprintf(hash, sizeof hash, "%016" PRIx64, flash_array_hash(cells));
    json_out_object(json, key, JSON_OUT_LINES);
    json_out_string(json, "format", FLASH_STATE_FORMAT);
    json_out_string(json, "chip", chip->name);
    json_out_string(json, "hash", hash);
    json_out_array(json, "pages", JSON_OUT_LINES);
    for (uint32_t page = 0; page < all_pages(cells); page++)
        write_page(json, cells, page);
    json_out_end(json);
    json_out_end(json);
}

/* ---- reading ---- */

struct reader {
    const struct json_text *json;
    struct flash_array *array; /* erased but for what was read so far */
    struct error *error;
};

static const cJSON *get_member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* As they are written: 0 to 9 and A to F. */
static bool read_digits(const char *text, unsigned count, uint64_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < count; i++) {
        bool is_decimal = text[i] >= '0' && text[i] <= '9';
        if (!is_decimal && !(text[i] >= 'A' && text[i] <= 'F'))
            return false;
        *value = *value << 4 | (uint64_t)(is_decimal ? text[i] - '0' : text[i] - 'A' + 10);
    }
    return true;
}

static bool read_unit(const struct flash_geometry *geometry, const char *text,
                      struct flash_cells *cells)
{
    uint64_t check = 0;
    *cells = (struct flash_cells){.ecc = 0};
    for (uint32_t i = geometry->unit_bytes / 8; i > 0; i--, text += DOUBLEWORD_DIGITS)
        if (!read_digits(text, DOUBLEWORD_DIGITS, &cells->data[i - 1]))
            return false;
    if (!read_digits(text, (geometry->ecc_bits + 3) / 4, &check) || check >> geometry->ecc_bits)
        return false;
    cells->ecc = (uint16_t)check;
    return true;
}

/* False: it is written where there is nothing to tell. */
static bool put_unit(struct flash_array *array, uint32_t unit, bool is_margin,
                     const struct flash_cells *cells)
{
    const struct flash_geometry *geometry = flash_array_geometry(array);
    struct flash_cells falling = flash_cells_inverse(geometry, cells);
    if (!flash_cells_is_any(geometry, is_margin ? cells : &falling))
        return false;
    if (is_margin)
        flash_array_weaken(array, unit, *cells);
    else
        flash_array_flip(array, unit, falling);
    return true;
}

static bool read_units(struct reader *reader, const cJSON *value, uint32_t first, uint32_t room,
                       bool is_margin, uint32_t *count)
{
    const struct flash_geometry *geometry = flash_array_geometry(reader->array);
    const size_t digits =
        geometry->unit_bytes / 8 * DOUBLEWORD_DIGITS + (geometry->ecc_bits + 3) / 4;
    size_t length = strlen(value->valuestring);
    if (!length || length % digits)
        return json_text_refuse(reader->json, value, reader->error,
                                "%zu digits: each unit has %zu", length, digits);
    if (length / digits > room)
        return json_text_refuse(reader->json, value, reader->error,
                                "%zu units: the page has room for %" PRIu32, length / digits, room);
    *count = (uint32_t)(length / digits);
    for (uint32_t i = 0; i < *count; i++) {
        struct flash_cells cells;
        if (!read_unit(geometry, value->valuestring + i * digits, &cells))
            return json_text_refuse(reader->json, value, reader->error,
                                    "unit %" PRIu32 ": its digits are 0 to 9 and A to F", i + 1);
        if (!put_unit(reader->array, first + i, is_margin, &cells))
            return json_text_refuse(reader->json, value, reader->error,
                                    is_margin ? "unit %" PRIu32 " has no marginal cell: leave it out"
                                              : "unit %" PRIu32 " is erased: leave it out",
                                    i + 1);
    }
    return true;
}

static bool read_pieces(struct reader *reader, const cJSON *page_value, const char *key,
                        uint32_t page, bool is_margin)
{
    static const char *const keys[] = {"offset", "units", NULL};
    const struct flash_geometry *geometry = flash_array_geometry(reader->array);
    const uint32_t units = flash_array_units_per_page(reader->array);
    const cJSON *list = NULL;
    uint32_t next = 0; /* where a piece may begin */
    if (!json_text_get_array(reader->json, page_value, key, JSON_OPTIONAL, &list, reader->error))
        return false;
    if (list && !list->child)
        return json_text_refuse(reader->json, list, reader->error, "nothing in this list: leave it out");
    for (const cJSON *at = list ? list->child : NULL; at; at = at->next) {
        const char *text = NULL;
        uint64_t offset = 0;
        uint32_t count = 0;
        if (!json_text_check_keys(reader->json, at, keys, reader->error) ||
            !json_text_get_integer(reader->json, at, "offset", JSON_REQUIRED, 0,
                                   geometry->page_bytes - geometry->unit_bytes, &offset,
                                   reader->error) ||
            !json_text_get_string(reader->json, at, "units", JSON_REQUIRED, &text, reader->error))
            return false;
        uint32_t first = (uint32_t)offset / geometry->unit_bytes;
        if (offset % geometry->unit_bytes || first < next)
            return json_text_refuse(reader->json, get_member(at, "offset"), reader->error,
                                    "a multiple of %" PRIu32 ", and past what stands before it with "
                                    "a gap between",
                                    geometry->unit_bytes);
        if (!read_units(reader, get_member(at, "units"), page * units + first, units - first,
                        is_margin, &count))
            return false;
        next = first + count + 1; /* what follows at once would be the same piece */
    }
    return true;
}

/* A number, "otp" or "option bytes". */
static bool read_page_number(struct reader *reader, const cJSON *object, uint32_t *page)
{
    const cJSON *value = get_member(object, "page");
    uint64_t number = 0;
    if (value && cJSON_IsString(value) && strcmp(value->valuestring, "otp") == 0) {
        *page = flash_array_otp_page(reader->array);
        return true;
    }
    if (value && cJSON_IsString(value) && strcmp(value->valuestring, "option bytes") == 0) {
        *page = flash_array_option_page(reader->array);
        return true;
    }
    if (value && cJSON_IsString(value))
        return json_text_refuse(reader->json, value, reader->error,
                                "a page is a number, \"otp\" or \"option bytes\"");
    if (!json_text_get_integer(reader->json, object, "page", JSON_REQUIRED, 0,
                               flash_array_page_count(reader->array) - 1, &number, reader->error))
        return false;
    *page = (uint32_t)number;
    return true;
}

static bool read_page(struct reader *reader, const cJSON *object, uint32_t *next)
{
    static const char *const keys[] = {"page", "erases", "cells", "marginal", NULL};
    uint32_t page = 0;
    uint64_t erases = 0;
    if (!json_text_check_keys(reader->json, object, keys, reader->error) ||
        !read_page_number(reader, object, &page) ||
        !json_text_get_integer(reader->json, object, "erases", JSON_OPTIONAL, 1, UINT32_MAX,
                               &erases, reader->error))
        return false;
    if (page < *next)
        return json_text_refuse(reader->json, get_member(object, "page"), reader->error,
                                "pages stand once, in the order of their numbers, then \"otp\" and "
                                "\"option bytes\"");
    if (!get_member(object, "erases") && !get_member(object, "cells") &&
        !get_member(object, "marginal"))
        return json_text_refuse(reader->json, object, reader->error,
                                "an erased and unworn page: leave it out");
    *next = page + 1;
    flash_array_set_wear(reader->array, page, (uint32_t)erases);
    return read_pieces(reader, object, "cells", page, false) &&
           read_pieces(reader, object, "marginal", page, true);
}

static bool check_head(struct reader *reader, const cJSON *value, const struct chip *chip)
{
    static const char *const keys[] = {"format", "chip", "hash", "pages", NULL};
    const char *format = NULL, *name = NULL;
    if (!json_text_check_keys(reader->json, value, keys, reader->error) ||
        !json_text_get_string(reader->json, value, "format", JSON_REQUIRED, &format,
                              reader->error) ||
        !json_text_get_string(reader->json, value, "chip", JSON_REQUIRED, &name, reader->error))
        return false;
    if (strcmp(format, FLASH_STATE_FORMAT) != 0)
        return json_text_refuse(reader->json, get_member(value, "format"), reader->error,
                                "\"%.40s\" is not understood here: it must be \"%s\"", format,
                                FLASH_STATE_FORMAT);
    return strcmp(name, chip->name) == 0 ||
           json_text_refuse(reader->json, get_member(value, "chip"), reader->error,
                            "the state of a %.40s, not of a %s", name, chip->name);
}

/* Tells of a file that was changed; whoever did so on purpose leaves it out. */
static bool check_hash(struct reader *reader, const cJSON *value)
{
    char hash[24];
    const char *written = NULL;
    if (!json_text_get_string(reader->json, value, "hash", JSON_OPTIONAL, &written, reader->error))
        return false;
    snprintf(hash, sizeof hash, "%016" PRIx64, flash_array_hash(reader->array));
    return !written || strcmp(written, hash) == 0 ||
           json_text_refuse(reader->json, get_member(value, "hash"), reader->error,
                            "these cells have the hash %s: leave \"hash\" out if you changed them",
                            hash);
}

static bool read_state(struct reader *reader, const cJSON *value, const struct chip *chip)
{
    const cJSON *pages = NULL;
    uint32_t next = 0;
    if (!check_head(reader, value, chip) ||
        !json_text_get_array(reader->json, value, "pages", JSON_REQUIRED, &pages, reader->error))
        return false;
    for (const cJSON *at = pages->child; at; at = at->next)
        if (!read_page(reader, at, &next))
            return false;
    return check_hash(reader, value);
}

bool flash_state_read(const struct json_text *json, const cJSON *value, const struct chip *chip,
                      struct flash_array *cells, struct error *error)
{
    struct reader reader = {json, flash_array_create(*flash_array_geometry(cells)), error};
    if (!reader.array)
        return error_set(error, "out of memory");
    bool is_good = read_state(&reader, value, chip);
    if (is_good)
        flash_array_copy(cells, reader.array);
    flash_array_destroy(reader.array);
    return is_good;
}
