/* The reader of actions: what a step of a timeline does. */
#include <cjson/cJSON.h>
#include <string.h>

#include "sim/quantity.h"
#include "sim/scenario_read.h"

static const struct json_text *text_of(const struct scenario_reader *reader)
{
    return &reader->scenario->json;
}

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static bool refuse(struct scenario_reader *reader, const cJSON *value, const char *text)
{
    return json_text_refuse(text_of(reader), value, reader->error, "%s", text);
}

/* ---- parts -------------------------------------------------------------------------------------- */

/* A place in main flash, aligned as asked. */
static bool read_flash_place(struct scenario_reader *reader, const cJSON *object, uint32_t align,
                             struct place *place)
{
    uint64_t addr = 0;
    uint32_t bytes = chip_flash_bytes(reader->scenario->chip);
    if (!json_text_get_integer(text_of(reader), object, "at", JSON_REQUIRED, 0x08000000,
                               0x08000000 + bytes - 1, &addr, reader->error))
        return false;
    *place = (struct place){.addr = (uint32_t)addr / align * align};
    return true;
}

/* "text", [bytes], or { "words": [...] } is the caller's: here bytes in a list. */
static bool read_byte_list(struct scenario_reader *reader, const cJSON *list, unsigned size,
                           struct action *action)
{
    unsigned count = 0;
    for (const cJSON *at = list->child; at; at = at->next)
        count++;
    if (count == 0 || count * size > TIMELINE_BYTES_MAX)
        return json_text_refuse(text_of(reader), list, reader->error,
                                "1 to %u values must stand in this list", TIMELINE_BYTES_MAX / size);
    uint8_t *bytes = scenario_keep_bytes(reader, list, count * size);
    if (!bytes)
        return false;
    action->bytes = bytes;
    action->byte_count = count * size;
    for (const cJSON *at = list->child; at; at = at->next, bytes += size) {
        uint64_t value = 0;
        if (!scenario_read_integer(reader, at, "a value", 0, size == 1 ? 0xFF : UINT32_MAX, &value))
            return false;
        for (unsigned i = 0; i < size; i++)
            bytes[i] = (uint8_t)(value >> 8 * i);
    }
    return true;
}

/* ---- each kind ---------------------------------------------------------------------------------- */

static bool read_nothing(struct scenario_reader *reader, const cJSON *value, struct action *action)
{
    (void)action;
    return cJSON_IsTrue(value) || refuse(reader, value, "\"go_on\": true, or \"go_on\" alone");
}

static bool read_power_cut(struct scenario_reader *reader, const cJSON *value,
                           struct action *action)
{
    static const char *const keys[] = {"off_time", NULL};
    if (cJSON_IsTrue(value))
        return true;
    return scenario_read_keys(reader, value, keys) &&
           scenario_read_duration(reader, value, "off_time", &action->off_ps);
}

static bool read_reset(struct scenario_reader *reader, const cJSON *value, struct action *action)
{
    return scenario_read_cause(reader, value, &action->cause);
}

/* Below this RAM would be lost too: a power cut says that, and what RAM holds then. */
enum { SAG_LEAST_MV = 1000, SAG_MOST_MV = 3600 };

static bool read_supply(struct scenario_reader *reader, const cJSON *object, struct action *action)
{
    static const char *const keys[] = {"to_mv", "over", "hold", "back_over", NULL};
    uint64_t mv = 0;
    if (!scenario_read_keys(reader, object, keys) ||
        !json_text_get_integer(text_of(reader), object, "to_mv", JSON_REQUIRED, SAG_LEAST_MV, SAG_MOST_MV,
                               &mv, reader->error) ||
        !scenario_read_duration(reader, object, "over", &action->ps) ||
        !scenario_read_duration(reader, object, "hold", &action->hold_ps) ||
        !scenario_read_duration(reader, object, "back_over", &action->back_ps))
        return false;
    action->mv = (uint32_t)mv;
    return true;
}

/* What DBGMCU can stop while the core is halted (RM0351 48.16.4 to 48.16.6). */
static const struct {
    const char *name;
    uint8_t reg, bit;
} freezes[] = {
    {"tim2", 0, 0},   {"tim3", 0, 1},   {"tim4", 0, 2},    {"tim5", 0, 3},    {"tim6", 0, 4},
    {"tim7", 0, 5},   {"rtc", 0, 10},   {"wwdg", 0, 11},   {"iwdg", 0, 12},   {"lptim1", 0, 31},
    {"lptim2", 1, 5}, {"tim1", 2, 11},  {"tim8", 2, 13},   {"tim15", 2, 16},  {"tim16", 2, 17},
    {"tim17", 2, 18},
};
enum { FREEZE_COUNT = sizeof freezes / sizeof freezes[0] };

static bool read_freeze(struct scenario_reader *reader, const cJSON *value, struct action *action)
{
    const char *names[FREEZE_COUNT + 1] = {NULL};
    if (!cJSON_IsString(value))
        return refuse(reader, value, "a timer or watchdog must stand here: \"iwdg\"");
    for (unsigned i = 0; i < FREEZE_COUNT; i++) {
        names[i] = freezes[i].name;
        if (strcmp(freezes[i].name, value->valuestring) != 0)
            continue;
        action->freeze[freezes[i].reg] |= 1u << freezes[i].bit;
        return true;
    }
    return scenario_read_refuse_name(reader, value, "timer that can be frozen", value->valuestring,
                                     names);
}

static bool add_access(struct scenario_reader *reader, const cJSON *value, struct action *action,
                       struct debug_access access)
{
    if (action->access_count == TIMELINE_ACCESS_MAX)
        return json_text_refuse(text_of(reader), value, reader->error,
                                "more than %d accesses in one action: make it two steps",
                                TIMELINE_ACCESS_MAX);
    action->access[action->access_count++] = access;
    return true;
}

/* { "read": ADDR, "words": 4 } or { "write": ADDR, "value": V, "size": 4 } */
static bool read_access(struct scenario_reader *reader, const cJSON *object, struct action *action)
{
    static const char *const read_keys[] = {"read", "words", NULL};
    static const char *const write_keys[] = {"write", "value", "size", NULL};
    const struct json_text *json = text_of(reader);
    uint64_t addr = 0, words = 1, value = 0, size = 4;
    if (get(object, "write")) {
        if (!scenario_read_keys(reader, object, write_keys) ||
            !json_text_get_integer(json, object, "write", JSON_REQUIRED, 0, UINT32_MAX, &addr,
                                   reader->error) ||
            !json_text_get_integer(json, object, "value", JSON_REQUIRED, 0, UINT32_MAX, &value,
                                   reader->error) ||
            !json_text_get_integer(json, object, "size", JSON_OPTIONAL, 1, 4, &size,
                                   reader->error))
            return false;
        if (size == 3)
            return refuse(reader, get(object, "size"), "\"size\" is 1, 2 or 4 bytes");
        if (addr % size)
            return refuse(reader, get(object, "write"), "a debugger's access must be aligned");
        return add_access(reader, object, action,
                          (struct debug_access){(uint32_t)addr, (uint32_t)value, (uint8_t)size, true});
    }
    if (!scenario_read_keys(reader, object, read_keys) ||
        !json_text_get_integer(json, object, "read", JSON_REQUIRED, 0, UINT32_MAX, &addr,
                               reader->error) ||
        !json_text_get_integer(json, object, "words", JSON_OPTIONAL, 1, TIMELINE_ACCESS_MAX, &words,
                               reader->error))
        return false;
    if (addr % 4)
        return refuse(reader, get(object, "read"), "a debugger's access must be aligned");
    for (uint64_t i = 0; i < words; i++)
        if (!add_access(reader, object, action,
                        (struct debug_access){(uint32_t)(addr + 4 * i), 0, 4, false}))
            return false;
    return true;
}

static bool read_debugger(struct scenario_reader *reader, const cJSON *object,
                          struct action *action)
{
    static const char *const keys[] = {"halt", "freeze", "access", "detach", NULL};
    const struct json_text *json = text_of(reader);
    const cJSON *freeze = NULL, *access = NULL;
    if (!scenario_read_keys(reader, object, keys) ||
        !scenario_read_duration(reader, object, "halt", &action->halt_ps) ||
        !json_text_get_array(json, object, "freeze", JSON_OPTIONAL, &freeze, reader->error) ||
        !json_text_get_array(json, object, "access", JSON_OPTIONAL, &access, reader->error) ||
        !json_text_get_bool(json, object, "detach", JSON_OPTIONAL, &action->is_detached,
                            reader->error))
        return false;
    for (const cJSON *at = freeze ? freeze->child : NULL; at; at = at->next)
        if (!read_freeze(reader, at, action))
            return false;
    for (const cJSON *at = access ? access->child : NULL; at; at = at->next)
        if (!read_access(reader, at, action))
            return false;
    return true;
}

/* "text" on the board's console, or { "text": ..., "channel": ... }, or { "bytes": [...] } */
static bool read_uart_input(struct scenario_reader *reader, const cJSON *value,
                            struct action *action)
{
    static const char *const keys[] = {"text", "bytes", "channel", NULL};
    const struct scenario *scenario = reader->scenario;
    const cJSON *text = cJSON_IsString(value) ? value : get(value, "text");
    const cJSON *bytes = get(value, "bytes");
    action->channel = CONSOLE_CHANNEL_COUNT;
    if (!cJSON_IsString(value) && (!scenario_read_keys(reader, value, keys) ||
                                   !scenario_read_channel(reader, value, &action->channel)))
        return false;
    if (action->channel == CONSOLE_CHANNEL_COUNT)
        action->channel = scenario->board ? console_channel_find(scenario->board->console)
                                          : CONSOLE_CHANNEL_COUNT;
    if (action->channel >= (enum console_channel)UART_COUNT)
        return refuse(reader, value, "the input of a UART: name one as \"channel\", \"usart2\"");
    if ((text != NULL) == (bytes != NULL))
        return refuse(reader, value, "\"text\" or \"bytes\" must stand in this object");
    if (bytes)
        return cJSON_IsArray(bytes) ? read_byte_list(reader, bytes, 1, action)
                                    : refuse(reader, bytes, "\"bytes\" must be a list");
    if (!cJSON_IsString(text) || !text->valuestring[0])
        return refuse(reader, text, "a text to send must stand here");
    action->bytes = (const uint8_t *)text->valuestring;
    action->byte_count = (uint32_t)strlen(text->valuestring);
    return true;
}

static bool read_pin(struct scenario_reader *reader, const cJSON *object, struct action *action)
{
    static const char *const keys[] = {"name", "level", NULL};
    static const char *const levels[] = {"low", "high", "open", NULL};
    unsigned level = 0;
    if (!scenario_read_keys(reader, object, keys))
        return false;
    if (!get(object, "name"))
        return refuse(reader, object, "\"name\" is missing in this object: \"PA5\"");
    if (!scenario_read_pin(reader, get(object, "name"), &action->pin) ||
        !json_text_get_choice(text_of(reader), object, "level", JSON_REQUIRED, levels, &level,
                              reader->error))
        return false;
    action->level = level == 1;
    action->is_let_go = level == 2;
    return true;
}

static bool read_press(struct scenario_reader *reader, const cJSON *value, struct action *action)
{
    static const char *const keys[] = {"button", "for", NULL};
    const char *names[BOARD_PIN_MAX + 1] = {NULL};
    const struct board *board = reader->scenario->board;
    const cJSON *button = cJSON_IsString(value) ? value : get(value, "button");
    unsigned count = 0;
    action->hold_ps = 100 * PS_PER_MS;
    if (!cJSON_IsString(value) && (!scenario_read_keys(reader, value, keys) ||
                                   !scenario_read_duration(reader, value, "for", &action->hold_ps)))
        return false;
    if (!cJSON_IsString(button))
        return refuse(reader, value, "\"button\" is missing in this object: \"B1\"");
    for (unsigned i = 0; board && i < board->pin_count; i++) {
        if (board->pins[i].kind != BOARD_BUTTON)
            continue;
        names[count++] = board->pins[i].name;
        if (strcmp(board->pins[i].name, button->valuestring) == 0)
            action->button = &board->pins[i];
    }
    if (!count)
        return refuse(reader, button, "the board has no button");
    return action->button || scenario_read_refuse_name(reader, button, "button of this board",
                                                       button->valuestring, names);
}

static bool read_set_memory(struct scenario_reader *reader, const cJSON *object,
                            struct action *action)
{
    static const char *const keys[] = {"at", "words", "bytes", NULL};
    const cJSON *words = get(object, "words");
    const cJSON *bytes = get(object, "bytes");
    if (!scenario_read_keys(reader, object, keys))
        return false;
    if (!get(object, "at"))
        return refuse(reader, object, "\"at\" is missing in this object: a symbol or an address");
    if (!scenario_read_place(reader, get(object, "at"), &action->place))
        return false;
    const cJSON *list = words ? words : bytes;
    if ((words != NULL) == (bytes != NULL) || !cJSON_IsArray(list))
        return refuse(reader, object, "\"words\" or \"bytes\", a list, must stand in this object");
    return read_byte_list(reader, list, words ? 4 : 1, action);
}

static bool read_flip(struct scenario_reader *reader, const cJSON *object, struct action *action)
{
    static const char *const keys[] = {"at", "data", "ecc", NULL};
    uint64_t ecc = 0;
    if (!scenario_read_keys(reader, object, keys) ||
        !read_flash_place(reader, object, 8, &action->place) ||
        !json_text_get_integer(text_of(reader), object, "data", JSON_OPTIONAL, 0, UINT64_MAX,
                               &action->flip, reader->error) ||
        !json_text_get_integer(text_of(reader), object, "ecc", JSON_OPTIONAL, 0, 0xFF, &ecc,
                               reader->error))
        return false;
    action->flip_ecc = (uint8_t)ecc;
    return action->flip || ecc ||
           refuse(reader, object, "\"data\" or \"ecc\", a mask of the cells to flip, must be above 0");
}

static bool read_age(struct scenario_reader *reader, const cJSON *object, struct action *action)
{
    static const char *const keys[] = {"at", "erases", NULL};
    uint64_t erases = 0;
    if (!scenario_read_keys(reader, object, keys) ||
        !read_flash_place(reader, object, 8, &action->place) ||
        !json_text_get_integer(text_of(reader), object, "erases", JSON_REQUIRED, 0, 10000000,
                               &erases, reader->error))
        return false;
    action->erases = (uint32_t)erases;
    return true;
}

static bool read_ecc_error(struct scenario_reader *reader, const cJSON *object,
                           struct action *action)
{
    static const char *const keys[] = {"at", "bits", NULL};
    uint64_t bits = 0;
    if (!scenario_read_keys(reader, object, keys) ||
        !read_flash_place(reader, object, 8, &action->place) ||
        !json_text_get_integer(text_of(reader), object, "bits", JSON_REQUIRED, 1, 2, &bits,
                               reader->error))
        return false;
    action->is_double = bits == 2;
    return true;
}

static bool read_fail(struct scenario_reader *reader, const cJSON *value, struct action *action)
{
    static const char *const names[] = {"any", "program", "erase", "option", NULL};
    if (!cJSON_IsString(value))
        return refuse(reader, value, "\"program\", \"erase\", \"option\" or \"any\" must stand here");
    action->operation = cut_operation_find(value->valuestring);
    return action->operation <= CUT_OPTION ||
           scenario_read_refuse_name(reader, value, "operation", value->valuestring, names);
}

/* true, or { "erase": "all", "start": true } */
static bool read_load_images(struct scenario_reader *reader, const cJSON *value,
                             struct action *action)
{
    static const char *const keys[] = {"erase", "start", NULL};
    static const char *const erases[] = {"pages", "all", NULL};
    unsigned erase = 0;
    if (!cJSON_IsTrue(value) &&
        (!scenario_read_keys(reader, value, keys) ||
         !json_text_get_choice(text_of(reader), value, "erase", JSON_OPTIONAL, erases, &erase,
                               reader->error) ||
         !json_text_get_bool(text_of(reader), value, "start", JSON_OPTIONAL, &action->starts,
                             reader->error)))
        return false;
    action->erases_all = erase == 1;
    return true;
}

static const struct {
    enum action_kind kind;
    bool (*read)(struct scenario_reader *reader, const cJSON *value, struct action *action);
    bool stands_alone; /* its name is enough */
} kinds[] = {
    {ACTION_GO_ON, read_nothing, true},
    {ACTION_POWER_CUT, read_power_cut, true},
    {ACTION_RESET, read_reset, false},
    {ACTION_SUPPLY, read_supply, false},
    {ACTION_DEBUGGER, read_debugger, false},
    {ACTION_UART_INPUT, read_uart_input, false},
    {ACTION_PIN, read_pin, false},
    {ACTION_PRESS, read_press, false},
    {ACTION_SET_MEMORY, read_set_memory, false},
    {ACTION_FLIP_FLASH_BITS, read_flip, false},
    {ACTION_AGE, read_age, false},
    {ACTION_ECC_ERROR, read_ecc_error, false},
    {ACTION_FAIL_OPERATION, read_fail, false},
    {ACTION_LOAD_IMAGES, read_load_images, true},
};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

/* ---- the list ----------------------------------------------------------------------------------- */

static bool check_order(struct scenario_reader *reader, const cJSON *value,
                        const struct timeline_step *step)
{
    return step->action_count == 0 || !action_ends_boot(&step->actions[step->action_count - 1]) ||
           refuse(reader, value, "nothing follows a power cut or a reset in a step: make it the next "
                                 "step");
}

static bool read_action(struct scenario_reader *reader, const cJSON *value,
                        struct timeline_step *step)
{
    const char *keys[KIND_COUNT + 1] = {NULL};
    bool is_word = cJSON_IsString(value);
    const char *name = is_word ? value->valuestring : value->child ? value->child->string : NULL;
    for (unsigned i = 0; i < KIND_COUNT; i++)
        keys[i] = action_kind_name(kinds[i].kind);
    if (!is_word && (!cJSON_IsObject(value) || !name))
        return refuse(reader, value, "an action must stand here: \"power_cut\" or "
                                     "{ \"reset\": \"pin\" }");
    if (!is_word && !scenario_read_keys(reader, value, keys))
        return false;
    if (!is_word && value->child->next)
        return refuse(reader, value->child->next, "two actions in one object: write a list");
    if (step->action_count == TIMELINE_ACTION_MAX)
        return json_text_refuse(text_of(reader), value, reader->error,
                                "more than %d actions in one step", TIMELINE_ACTION_MAX);
    if (!check_order(reader, value, step))
        return false;
    for (unsigned i = 0; i < KIND_COUNT; i++) {
        if (strcmp(keys[i], name) != 0)
            continue;
        struct action *action = &step->actions[step->action_count++];
        *action = (struct action){.kind = kinds[i].kind, .off_ps = CLOCK_NEVER};
        if (!is_word)
            return kinds[i].read(reader, value->child, action);
        return kinds[i].stands_alone ||
               json_text_refuse(text_of(reader), value, reader->error,
                                "\"%s\" needs to be told more: { \"%s\": ... }", name, name);
    }
    return scenario_read_refuse_name(reader, value, "action", name, keys);
}

bool scenario_read_actions(struct scenario_reader *reader, const cJSON *value,
                           struct timeline_step *step)
{
    if (!cJSON_IsArray(value))
        return read_action(reader, value, step);
    for (const cJSON *at = value->child; at; at = at->next)
        if (!read_action(reader, at, step))
            return false;
    return step->action_count || refuse(reader, value, "no action in this list: write \"go_on\"");
}
