/* What is in the flash before power comes, besides the images: dumps, patterns, what an earlier run left,
 * option bytes. They are put in one after another, in the order of the list, into the cells of a new part. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "models/flash_array.h"
#include "sim/loader.h"
#include "sim/quantity.h"
#include "sim/scenario_read.h"
#include "sim/sha256.h"

static const struct json_text *text_of(const struct scenario_reader *reader)
{
    return &reader->scenario->json;
}

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static bool refuse(const struct scenario *scenario, const cJSON *value, struct error *error,
                   const struct error *reason)
{
    return json_text_refuse(&scenario->json, value, error, "%s", reason->text);
}

/* ---- reading: `flash` ---- */

/* "0x" and up to 8 digits: a word, twice in each double word; up to 16: a double word. */
static bool read_pattern_word(const char *text, uint64_t *doubleword)
{
    if (strncmp(text, "0x", 2) != 0 || strlen(text) > 18 ||
        !quantity_read_number(text, UINT64_MAX, doubleword))
        return false;
    if (strlen(text) <= 10)
        *doubleword |= *doubleword << 32;
    return true;
}

static bool read_pattern(struct scenario_reader *reader, const cJSON *object,
                         struct scenario_start *start)
{
    static const char *const keys[] = {"pattern", "from", "to", NULL};
    const struct json_text *json = text_of(reader);
    const char *pattern = NULL;
    const uint32_t last = LOADER_FLASH_BASE + chip_flash_bytes(reader->scenario->chip) - 1;
    uint64_t from = LOADER_FLASH_BASE, to = last;
    start->kind = START_PATTERN;
    if (!scenario_read_keys(reader, object, keys) ||
        !json_text_get_string(json, object, "pattern", JSON_REQUIRED, &pattern, reader->error) ||
        !json_text_get_integer(json, object, "from", JSON_OPTIONAL, LOADER_FLASH_BASE, last, &from,
                               reader->error) ||
        !json_text_get_integer(json, object, "to", JSON_OPTIONAL, LOADER_FLASH_BASE, last, &to,
                               reader->error))
        return false;
    start->from = (uint32_t)from;
    start->to = (uint32_t)to;
    start->is_erased = strcmp(pattern, "erased") == 0;
    if (!start->is_erased && strcmp(pattern, "zeros") != 0 &&
        !read_pattern_word(pattern, &start->pattern))
        return json_text_refuse(json, get(object, "pattern"), reader->error,
                                "a pattern is \"erased\", \"zeros\", a word as in \"0xDEADBEEF\" or a "
                                "double word of up to 16 digits");
    if (from > to)
        return json_text_refuse(json, get(object, "to"), reader->error,
                                "\"to\" is below \"from\": no address is between");
    return (from % 8 == 0 && to % 8 == 7) ||
           json_text_refuse(json, get(object, from % 8 ? "from" : "to"), reader->error,
                            "a pattern fills whole double words: \"from\" is a multiple of 8, \"to\" "
                            "the last byte of one");
}

static bool read_start_file(struct scenario_reader *reader, const cJSON *object,
                            struct scenario_start *start)
{
    static const char *const keys[] = {"file", NULL};
    const char *name = NULL;
    start->kind = START_DUMP;
    return scenario_read_keys(reader, object, keys) &&
           json_text_get_string(text_of(reader), object, "file", JSON_REQUIRED, &name,
                                reader->error) &&
           scenario_read_file(reader, get(object, "file"), name, &start->path);
}

static bool read_start(struct scenario_reader *reader, const cJSON *value)
{
    static const char *const kinds[] = {"file", "pattern", NULL};
    struct scenario *scenario = reader->scenario;
    if (scenario->start_count == SCENARIO_START_MAX)
        return json_text_refuse(&scenario->json, value, reader->error,
                                "more than %d start states", SCENARIO_START_MAX);
    struct scenario_start *start = &scenario->starts[scenario->start_count++];
    *start = (struct scenario_start){.value = value, .kind = START_DUMP};
    if (cJSON_IsString(value))
        return scenario_read_file(reader, value, value->valuestring, &start->path);
    if (!cJSON_IsObject(value))
        return json_text_refuse(&scenario->json, value, reader->error,
                                "a start state must stand here: a dump's file name, or { \"pattern\": "
                                "\"zeros\" }");
    if (get(value, "pattern"))
        return read_pattern(reader, value, start);
    if (get(value, "file"))
        return read_start_file(reader, value, start);
    if (!scenario_read_keys(reader, value, kinds))
        return false;
    return json_text_refuse(&scenario->json, value, reader->error,
                            "\"file\" or \"pattern\" must stand in this object");
}

/* ---- reading: `option_bytes` ---- */

static bool read_option(struct scenario_reader *reader, const cJSON *member,
                        const struct chip_option *option)
{
    struct scenario *scenario = reader->scenario;
    uint64_t value = 0;
    if (!scenario_read_integer(reader, member, "an option register", 0, UINT32_MAX, &value))
        return false;
    uint32_t wrong = ((uint32_t)value ^ option->factory) & ~option->defined;
    if (wrong)
        return json_text_refuse(
            &scenario->json, member, reader->error,
            "%s: reserved bits 0x%08X are not as they read: write \"0x%08X\"", option->name, wrong,
            ((uint32_t)value & option->defined) | (option->factory & ~option->defined));
    scenario->options[scenario->option_count++] =
        (struct scenario_option){.option = *option, .value = (uint32_t)value};
    return true;
}

static bool read_option_registers(struct scenario_reader *reader, const cJSON *object)
{
    const char *names[SCENARIO_OPTION_MAX + 1] = {NULL};
    struct chip_option options[SCENARIO_OPTION_MAX];
    unsigned count = 0;
    while (count < SCENARIO_OPTION_MAX &&
           chip_get_option(reader->scenario->chip, count, &options[count])) {
        names[count] = options[count].name;
        count++;
    }
    if (!scenario_read_keys(reader, object, names))
        return false;
    for (unsigned i = 0; i < count; i++)
        if (get(object, names[i]) && !read_option(reader, get(object, names[i]), &options[i]))
            return false;
    return reader->scenario->option_count ||
           json_text_refuse(text_of(reader), object, reader->error,
                            "no option register in this object: { \"OPTR\": \"0x...\" }");
}

static bool read_option_bytes(struct scenario_reader *reader, const cJSON *root)
{
    struct scenario *scenario = reader->scenario;
    const cJSON *value = get(root, "option_bytes");
    scenario->option_value = value;
    if (!value)
        return true;
    if (cJSON_IsString(value))
        return scenario_read_file(reader, value, value->valuestring, &scenario->option_path);
    if (cJSON_IsObject(value))
        return read_option_registers(reader, value);
    return json_text_refuse(&scenario->json, value, reader->error,
                            "option bytes are a file that `flashsim run --save-option-bytes` wrote, or "
                            "registers: { \"OPTR\": \"0x...\" }");
}

bool scenario_read_start(struct scenario_reader *reader, const cJSON *root)
{
    const cJSON *value = get(root, "flash");
    if (value && !cJSON_IsArray(value) && !read_start(reader, value))
        return false;
    if (cJSON_IsArray(value) && !value->child)
        return json_text_refuse(text_of(reader), value, reader->error,
                                "no start state in this list: leave \"flash\" out");
    for (const cJSON *at = cJSON_IsArray(value) ? value->child : NULL; at; at = at->next)
        if (!read_start(reader, at))
            return false;
    return read_option_bytes(reader, root);
}

/* ---- putting it into cells ---- */

static bool put_dump(const struct scenario *scenario, const struct scenario_start *start,
                     struct error *error)
{
    struct error reason;
    uint8_t *dump = NULL;
    if (!loader_read_dump(scenario->chip, start->path, &dump, &reason))
        return refuse(scenario, start->value, error, &reason);
    flash_array_load(scenario->start, 0, dump, chip_flash_bytes(scenario->chip), FLASH_LOAD_DUMP);
    free(dump);
    return true;
}

static void put_pattern(const struct scenario *scenario, const struct scenario_start *start)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(start->is_erased ? 0xFF : start->pattern >> 8 * i);
    for (uint32_t at = 0; at < start->to - start->from; at += 8)
        flash_array_load(scenario->start, start->from - LOADER_FLASH_BASE + at, bytes, sizeof bytes,
                         start->is_erased ? FLASH_LOAD_DUMP : FLASH_LOAD_PROGRAMMED);
}

static bool put_options(const struct scenario *scenario, struct error *error)
{
    struct error reason;
    uint8_t bytes[SOC_OPTION_BYTES];
    if (scenario->option_path) {
        if (!loader_read_option_bytes(scenario->option_path, bytes, &reason))
            return refuse(scenario, scenario->option_value, error, &reason);
        chip_load_option_bytes(scenario->start, bytes);
    }
    for (unsigned i = 0; i < scenario->option_count; i++)
        chip_set_option(scenario->start, &scenario->options[i].option, scenario->options[i].value);
    return true;
}

bool scenario_load_start(struct scenario *scenario, struct error *error)
{
    if (!scenario->start_count && !scenario->option_value)
        return true;
    scenario->start = chip_create_cells(scenario->chip);
    if (!scenario->start)
        return error_set(error, "%s: out of memory", image_short_path(scenario->path));
    for (unsigned i = 0; i < scenario->start_count; i++) {
        const struct scenario_start *start = &scenario->starts[i];
        if (start->kind == START_PATTERN)
            put_pattern(scenario, start);
        else if (!put_dump(scenario, start, error))
            return false;
    }
    return put_options(scenario, error);
}

void scenario_start_digest(const struct scenario *scenario, uint8_t digest[SHA256_BYTES])
{
    struct flash_array *cells = scenario->start;
    uint64_t hash = flash_array_hash(cells);
    uint8_t sum[8 + SHA256_BYTES];
    uint32_t pages = flash_array_option_page(cells) + 1;
    sha256(flash_array_bytes(cells), chip_flash_bytes(scenario->chip), sum + 8);
    for (uint32_t page = 0; page < pages; page++)
        hash = (hash ^ flash_array_wear(cells, page)) * UINT64_C(0x100000001B3);
    for (unsigned i = 0; i < 8; i++)
        sum[i] = (uint8_t)(hash >> 8 * i);
    sha256(sum, sizeof sum, digest);
}
