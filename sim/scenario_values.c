/* What several parts of a scenario may hold: comparisons, places, pins, channels, events, resets. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "sim/quantity.h"
#include "sim/scenario_read.h"

static const struct json_text *text_of(const struct scenario_reader *reader)
{
    return &reader->scenario->json;
}

bool scenario_read_comparison(struct scenario_reader *reader, const cJSON *object, bool *is_there,
                            struct comparison *comparison)
{
    const cJSON *equals = cJSON_GetObjectItemCaseSensitive(object, "equals");
    const cJSON *at_least = cJSON_GetObjectItemCaseSensitive(object, "at_least");
    const cJSON *at_most = cJSON_GetObjectItemCaseSensitive(object, "at_most");
    *is_there = equals || at_least || at_most;
    if (equals && (at_least || at_most))
        return json_text_refuse(text_of(reader), equals, reader->error,
                                "\"equals\" stands alone: remove it or the bounds");
    if (equals) {
        comparison->has_at_least = comparison->has_at_most = true;
        if (!scenario_read_integer(reader, equals, "\"equals\"", 0, UINT64_MAX,
                                   &comparison->at_least))
            return false;
        comparison->at_most = comparison->at_least;
        return true;
    }
    comparison->has_at_least = at_least != NULL;
    comparison->has_at_most = at_most != NULL;
    if (at_least && !scenario_read_integer(reader, at_least, "\"at_least\"", 0, UINT64_MAX,
                                           &comparison->at_least))
        return false;
    if (at_most &&
        !scenario_read_integer(reader, at_most, "\"at_most\"", 0, UINT64_MAX, &comparison->at_most))
        return false;
    return !at_least || !at_most || comparison->at_least <= comparison->at_most ||
           json_text_refuse(text_of(reader), at_most, reader->error,
                            "\"at_most\" is below \"at_least\": nothing can meet both");
}

bool scenario_read_channel(struct scenario_reader *reader, const cJSON *object,
                         enum console_channel *channel)
{
    const char *names[CONSOLE_CHANNEL_COUNT + 1] = {NULL};
    const char *name = NULL;
    if (!json_text_get_string(text_of(reader), object, "channel", JSON_OPTIONAL, &name,
                              reader->error))
        return false;
    *channel = CONSOLE_CHANNEL_COUNT;
    if (!name)
        return true;
    *channel = console_channel_find(name);
    if (*channel != CONSOLE_CHANNEL_COUNT && strcmp(name, console_channel_name(*channel)) != 0)
        *channel = CONSOLE_CHANNEL_COUNT; /* one spelling: the schema's */
    for (unsigned i = 0; i < CONSOLE_CHANNEL_COUNT; i++)
        names[i] = console_channel_name((enum console_channel)i);
    return *channel != CONSOLE_CHANNEL_COUNT ||
           scenario_read_refuse_name(reader, cJSON_GetObjectItemCaseSensitive(object, "channel"),
                                     "channel", name, names);
}

bool scenario_read_event_kind(struct scenario_reader *reader, const cJSON *object, const char *key,
                              enum event_kind *kind)
{
    const char *names[EVENT_KIND_COUNT + 1] = {NULL};
    const char *name = NULL;
    if (!json_text_get_string(text_of(reader), object, key, JSON_REQUIRED, &name, reader->error))
        return false;
    *kind = event_kind_find(name);
    for (unsigned i = 0; i < EVENT_KIND_COUNT; i++)
        names[i] = event_kind_name((enum event_kind)i);
    return *kind != EVENT_KIND_COUNT ||
           scenario_read_refuse_name(reader, cJSON_GetObjectItemCaseSensitive(object, key), "event",
                                     name, names);
}

/* "main", "main+0x10", "0x20000000" or a number. */
static bool read_place_text(struct scenario_reader *reader, const cJSON *value, struct place *place)
{
    uint64_t number = 0;
    const char *text = value->valuestring;
    if (quantity_is_number(text)) {
        if (!scenario_read_integer(reader, value, "an address", 0, UINT32_MAX, &number))
            return false;
        place->addr = (uint32_t)number;
        return true;
    }
    const char *plus = strrchr(text, '+');
    size_t length = plus ? (size_t)(plus - text) : strlen(text);
    if (length == 0 || (plus && !quantity_read_number(plus + 1, UINT32_MAX, &number)))
        return json_text_refuse(text_of(reader), value, reader->error,
                                "a symbol or an address must stand here: \"main\", \"main+0x10\", "
                                "\"0x20000000\"");
    char *symbol = calloc(1, length + 1);
    if (!symbol || reader->scenario->text_count == SCENARIO_OWN_TEXT_MAX) {
        free(symbol);
        return json_text_refuse(text_of(reader), value, reader->error, "more than %d symbols",
                                SCENARIO_OWN_TEXT_MAX);
    }
    memcpy(symbol, text, length);
    reader->scenario->texts[reader->scenario->text_count++] = symbol;
    place->symbol = symbol;
    place->offset = (uint32_t)number;
    return true;
}

bool scenario_read_place(struct scenario_reader *reader, const cJSON *value, struct place *place)
{
    uint64_t number = 0;
    *place = (struct place){.value = value};
    if (cJSON_IsString(value))
        return read_place_text(reader, value, place);
    if (!scenario_read_integer(reader, value, "an address", 0, UINT32_MAX, &number))
        return false;
    place->addr = (uint32_t)number;
    return true;
}

bool scenario_read_pin(struct scenario_reader *reader, const cJSON *value, uint32_t *pin)
{
    const char *text = cJSON_IsString(value) ? value->valuestring : "";
    uint64_t bit = 0;
    size_t digits = text[0] ? strlen(text) - 2 : 0;
    if (text[0] == 'P' && text[1] >= 'A' && text[1] <= 'I' && digits == (text[2] == '1' && text[3] ? 2 : 1) &&
        quantity_read_number(text + 2, 15, &bit)) {
        *pin = (uint32_t)(text[1] - 'A') << 4 | (uint32_t)bit;
        return chip_has_pin(reader->scenario->chip, text[1], (unsigned)bit) ||
               json_text_refuse(text_of(reader), value, reader->error, "the %s has no pin %s",
                                reader->scenario->chip->name, text);
    }
    return json_text_refuse(text_of(reader), value, reader->error,
                            "a pin must stand here: \"PA5\", from PA0 to PI15");
}

static const char *const cause_names[] = {"brown_out", "pin",         "system",   "iwdg", "wwdg",
                                          "low_power", "option_load", "firewall", NULL};
static const enum reset_cause causes[] = {
    RESET_BROWN_OUT, RESET_PIN,         RESET_SYSTEM,   RESET_IWDG, RESET_WWDG,
    RESET_LOW_POWER, RESET_OPTION_LOAD, RESET_FIREWALL,
};

bool scenario_read_cause(struct scenario_reader *reader, const cJSON *value,
                         enum reset_cause *cause)
{
    for (unsigned i = 0; cJSON_IsString(value) && cause_names[i]; i++)
        if (strcmp(cause_names[i], value->valuestring) == 0) {
            *cause = causes[i];
            return true;
        }
    if (!cJSON_IsString(value))
        return json_text_refuse(text_of(reader), value, reader->error,
                                "a kind of reset must be a string: \"pin\"");
    return scenario_read_refuse_name(reader, value, "reset", value->valuestring, cause_names);
}

/* Bytes that live as long as the scenario. */
uint8_t *scenario_keep_bytes(struct scenario_reader *reader, const cJSON *value, size_t size)
{
    uint8_t *bytes = NULL;
    if (reader->scenario->text_count < SCENARIO_OWN_TEXT_MAX)
        bytes = calloc(1, size + 1);
    if (!bytes) {
        json_text_refuse(text_of(reader), value, reader->error, "more than %d texts",
                         SCENARIO_OWN_TEXT_MAX);
        return NULL;
    }
    reader->scenario->texts[reader->scenario->text_count++] = (char *)bytes;
    return bytes;
}
