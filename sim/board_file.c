/* {"name": "my-board", "chip": "stm32l452re", "console": "USART2", "hse_hz": 8000000, "lse_hz": 32768,
 *  "vdd_mv": 3300, "boot0": "low", "vbat": false,
 *  "pins": [{"name": "LD2", "kind": "led", "pin": "PA5", "active": "high"}]}
 * README.md, "A board of your own", says it all. Only name and chip are required; no crystal is there that is
 * not named. Pins are leds, buttons and
 * pulls (resistors). */
#include "sim/board_file.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "sim/console.h"

enum {
    HSE_MIN_HZ = 4000000,
    HSE_MAX_HZ = 48000000,
    LSE_MIN_HZ = 1,
    LSE_MAX_HZ = 1000000,
    VDD_MIN_MV = 1710,
    VDD_MAX_MV = 3600
};

struct reader {
    struct board_file *file;
    const struct json_text *json;
    const struct chip *chip;
    struct error *error;
};

/* A name that can be said elsewhere. */
static bool read_name(struct reader *r, const cJSON *object, const char **name)
{
    if (!json_text_get_string(r->json, object, "name", JSON_REQUIRED, name, r->error))
        return false;
    return **name || json_text_refuse(r->json, cJSON_GetObjectItemCaseSensitive(object, "name"),
                                      r->error, "\"name\" is empty: give it one");
}

static bool has_peripheral(const struct chip *chip, const char *name)
{
    for (unsigned i = 0; i < chip->peripheral_count; i++)
        if (strcmp(chip->peripherals[i].name, name) == 0)
            return true;
    return false;
}

static bool read_console(struct reader *r, const cJSON *root, const struct chip *chip)
{
    struct board *board = &r->file->board;
    board->console = "USART2";
    if (!json_text_get_string(r->json, root, "console", JSON_OPTIONAL, &board->console, r->error))
        return false;
    if (console_channel_find(board->console) < CONSOLE_RTT && has_peripheral(chip, board->console))
        return true;
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(root, "console");
    return json_text_refuse(r->json, member ? member : root, r->error,
                            "\"console\" must be a UART of the %s, such as \"USART2\"", chip->name);
}

/* 0, which is none, or within the limits of the data sheet. */
static bool read_crystal(struct reader *r, const cJSON *root, const char *key, uint64_t min, uint64_t max,
                         uint32_t *hz)
{
    uint64_t value = 0;
    struct error ignored;
    if (json_text_get_integer(r->json, root, key, JSON_OPTIONAL, 0, 0, &value, &ignored))
        return true;
    if (!json_text_get_integer(r->json, root, key, JSON_OPTIONAL, min, max, &value, &ignored))
        return json_text_refuse(r->json, cJSON_GetObjectItemCaseSensitive(root, key), r->error,
                                "\"%s\" must be 0 (none) or an integer from %u to %u", key,
                                (unsigned)min, (unsigned)max);
    *hz = (uint32_t)value;
    return true;
}

static bool read_crystals(struct reader *r, const cJSON *root)
{
    struct board *board = &r->file->board;
    uint64_t vdd = 3300;
    if (!read_crystal(r, root, "hse_hz", HSE_MIN_HZ, HSE_MAX_HZ, &board->hse_hz) ||
        !read_crystal(r, root, "lse_hz", LSE_MIN_HZ, LSE_MAX_HZ, &board->lse_hz) ||
        !json_text_get_integer(r->json, root, "vdd_mv", JSON_OPTIONAL, VDD_MIN_MV, VDD_MAX_MV, &vdd,
                               r->error))
        return false;
    board->vdd_mv = (uint32_t)vdd;
    return true;
}

/* "PA5" */
static bool read_pin_name(struct reader *r, const cJSON *item, struct board_pin *pin)
{
    const char *text = NULL;
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(item, "pin");
    if (!json_text_get_string(r->json, item, "pin", JSON_REQUIRED, &text, r->error))
        return false;
    size_t length = strlen(text);
    unsigned bit = 16;
    if (length == 3 || (length == 4 && text[2] == '1'))
        bit = (unsigned)(text[length - 1] - '0') + (length == 4 ? 10 : 0);
    if (text[0] != 'P' || length < 3 || text[1] < 'A' || text[1] > 'I' || bit > 15 ||
        text[length - 1] < '0' || text[length - 1] > '9')
        return json_text_refuse(r->json, value, r->error, "\"pin\" must name a pin, such as \"PA5\"");
    if (!chip_has_pin(r->chip, text[1], bit))
        return json_text_refuse(r->json, value, r->error,
                                "the %s has no pin %s: look it up in its data sheet", r->chip->name,
                                text);
    pin->port = text[1];
    pin->bit = (uint8_t)bit;
    return true;
}

static bool read_pin(struct reader *r, const cJSON *item, struct board_pin *pin)
{
    static const char *const keys[] = {"name", "kind", "pin", "active", NULL};
    static const char *const kinds[] = {"led", "button", "pull", NULL};
    static const char *const levels[] = {"low", "high", NULL};
    unsigned kind = 0;
    unsigned level = 1;
    if (!json_text_check_keys(r->json, item, keys, r->error) ||
        !read_name(r, item, &pin->name) ||
        !json_text_get_choice(r->json, item, "kind", JSON_REQUIRED, kinds, &kind, r->error) ||
        !json_text_get_choice(r->json, item, "active", JSON_OPTIONAL, levels, &level, r->error) ||
        !read_pin_name(r, item, pin))
        return false;
    pin->kind = (enum board_pin_kind)(BOARD_LED + (int)kind);
    pin->is_active_high = level == 1;
    return true;
}

static const struct board_pin *find_same_pin(const struct board *board, const struct board_pin *pin)
{
    for (unsigned i = 0; i < board->pin_count; i++)
        if (board->pins[i].port == pin->port && board->pins[i].bit == pin->bit)
            return &board->pins[i];
    return NULL;
}

static bool read_pins(struct reader *r, const cJSON *root)
{
    struct board *board = &r->file->board;
    const cJSON *pins = NULL;
    const cJSON *item;
    if (!json_text_get_array(r->json, root, "pins", JSON_OPTIONAL, &pins, r->error))
        return false;
    cJSON_ArrayForEach(item, pins)
    {
        if (board->pin_count == BOARD_PIN_MAX)
            return json_text_refuse(r->json, item, r->error, "too many pins: %d are allowed",
                                    BOARD_PIN_MAX);
        struct board_pin *pin = &board->pins[board->pin_count];
        if (!read_pin(r, item, pin))
            return false;
        if (board_pin_find(board, pin->name))
            return json_text_refuse(r->json, item, r->error, "two pins bear this name: rename one");
        const struct board_pin *other = find_same_pin(board, pin);
        if (other)
            return json_text_refuse(r->json, cJSON_GetObjectItemCaseSensitive(item, "pin"), r->error,
                                    "P%c%u is \"%.40s\" already: a pin has one role, remove one",
                                    pin->port, (unsigned)pin->bit, other->name);
        board->pin_count++;
    }
    return true;
}

static bool read_board(struct reader *r)
{
    static const char *const keys[] = {"name", "chip", "console", "hse_hz", "lse_hz",
                                       "vdd_mv", "boot0", "vbat", "pins", NULL};
    static const char *const levels[] = {"low", "high", NULL};
    const cJSON *root = r->json->root;
    struct board *board = &r->file->board;
    unsigned boot0 = 0;
    board->source = r->json->path;
    if (!json_text_check_keys(r->json, root, keys, r->error) ||
        !read_name(r, root, &board->name) ||
        !json_text_get_string(r->json, root, "chip", JSON_REQUIRED, &board->chip, r->error))
        return false;
    const struct chip *chip = chip_find(board->chip);
    if (!chip)
        return json_text_refuse(r->json, cJSON_GetObjectItemCaseSensitive(root, "chip"), r->error,
                                "no such chip: `flashsim list chips` names them");
    board->chip = chip->name;
    r->chip = chip;
    if (!json_text_get_choice(r->json, root, "boot0", JSON_OPTIONAL, levels, &boot0, r->error) ||
        !json_text_get_bool(r->json, root, "vbat", JSON_OPTIONAL, &board->has_vbat, r->error))
        return false;
    board->boot0_high = boot0 == 1;
    return read_console(r, root, chip) && read_crystals(r, root) && read_pins(r, root);
}

static bool finish(struct board_file *file, struct error *error)
{
    struct reader reader = {.file = file, .json = &file->json, .error = error};
    memset(&file->board, 0, sizeof file->board);
    if (read_board(&reader))
        return true;
    board_file_free(file);
    return false;
}

bool board_file_parse(struct board_file *file, const char *path, const char *text, size_t size,
                      struct error *error)
{
    return json_text_parse(&file->json, path, text, size, error) && finish(file, error);
}

bool board_file_load(struct board_file *file, const char *path, struct error *error)
{
    return json_text_load(&file->json, path, error) && finish(file, error);
}

void board_file_free(struct board_file *file)
{
    json_text_free(&file->json);
    memset(file, 0, sizeof *file);
}
