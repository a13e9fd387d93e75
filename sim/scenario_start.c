/* What is in the flash before power comes, besides the images: dumps, patterns, what an earlier run left,
 * option bytes. They are put in one after another, in the order of the list, into the cells of a new part. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "models/flash_array.h"
#include "sim/flash_state.h"
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

static bool read_result(struct scenario_reader *reader, const cJSON *object,
                        struct scenario_start *start)
{
    static const char *const keys[] = {"result", "scenario", "run", NULL};
    const struct json_text *json = text_of(reader);
    const char *file = NULL;
    uint64_t run = 0;
    start->kind = START_RESULT;
    if (!scenario_read_keys(reader, object, keys) ||
        !json_text_get_string(json, object, "result", JSON_REQUIRED, &file, reader->error) ||
        !json_text_get_string(json, object, "scenario", JSON_OPTIONAL, &start->name,
                              reader->error) ||
        !json_text_get_integer(json, object, "run", JSON_OPTIONAL, 1, UINT32_MAX, &run,
                               reader->error))
        return false;
    start->run = (uint32_t)run;
    return scenario_read_file(reader, get(object, "result"), file, &start->path);
}

static bool read_start(struct scenario_reader *reader, const cJSON *value)
{
    static const char *const kinds[] = {"file", "pattern", "result", NULL};
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
    if (get(value, "result"))
        return read_result(reader, value, start);
    if (get(value, "file"))
        return read_start_file(reader, value, start);
    if (!scenario_read_keys(reader, value, kinds))
        return false;
    return json_text_refuse(&scenario->json, value, reader->error,
                            "\"file\", \"pattern\" or \"result\" must stand in this object");
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

/* ---- what an earlier run left ---- */

static const cJSON *string_of(const cJSON *object, const char *key)
{
    const cJSON *value = get(object, key);
    return cJSON_IsString(value) ? value : NULL;
}

/* The scenario of a result with this name; without one, its only one. */
static const cJSON *find_item(const struct json_text *result, const char *name, struct error *error)
{
    const cJSON *list = NULL;
    const cJSON *found = NULL;
    unsigned count = 0;
    if (!json_text_get_array(result, result->root, "scenarios", JSON_REQUIRED, &list, error))
        return NULL;
    for (const cJSON *at = list->child; at; at = at->next) {
        const cJSON *named = cJSON_IsObject(at) ? string_of(at, "name") : NULL;
        if (!named || (name && strcmp(named->valuestring, name) != 0))
            continue;
        found = at;
        count++;
    }
    if (count == 1)
        return found;
    if (!count && name)
        json_text_refuse(result, list, error, "no scenario here is called \"%.60s\"", name);
    else if (!count)
        json_text_refuse(result, list, error, "no scenario here was run");
    else
        json_text_refuse(result, list, error,
                         name ? "several scenarios here are called \"%.60s\""
                              : "several scenarios: say which as \"scenario\"%.0s",
                         name ? name : "");
    return NULL;
}

static const cJSON *find_state(const struct json_text *result, const struct scenario_start *start,
                               struct error *error)
{
    const cJSON *runs = NULL;
    const cJSON *item = find_item(result, start->name, error);
    uint32_t number = start->run ? start->run : 1;
    if (!item || !json_text_get_array(result, item, "runs", JSON_REQUIRED, &runs, error))
        return NULL;
    const cJSON *run = number <= INT32_MAX ? cJSON_GetArrayItem(runs, (int)number - 1) : NULL;
    const cJSON *state = run ? get(get(run, "shown"), "state") : NULL;
    const cJSON *id = run ? string_of(run, "replay") : NULL;
    if (!run)
        json_text_refuse(result, runs, error, "there is no run %u: there are %d", number,
                         cJSON_GetArraySize(runs));
    else if (!state)
        json_text_refuse(result, run, error,
                         "run %u is not shown in full: `flashsim replay '%.200s' --save-state FILE` "
                         "writes what it leaves",
                         number, id ? id->valuestring : "ID");
    return state;
}

static bool put_state(const struct scenario *scenario, const struct scenario_start *start,
                      const struct json_text *json, struct error *error)
{
    const cJSON *format = cJSON_IsObject(json->root) ? string_of(json->root, "format") : NULL;
    const cJSON *state = NULL;
    if (format && strcmp(format->valuestring, FLASH_STATE_FORMAT) == 0) {
        if (start->name || start->run)
            return error_set(error, "%s: one state: remove \"scenario\" and \"run\"",
                             image_short_path(start->path));
        state = json->root;
    } else if (format && strncmp(format->valuestring, "flashsim test ", 14) == 0) {
        state = find_state(json, start, error);
    } else {
        json_text_refuse(json, json->root, error,
                         "neither a result of `flashsim test --json` nor a state that `flashsim "
                         "replay --save-state` wrote");
    }
    return state && flash_state_read(json, state, scenario->chip, scenario->start, error);
}

static bool put_result(const struct scenario *scenario, const struct scenario_start *start,
                       struct error *error)
{
    struct json_text json;
    struct error reason;
    if (!json_text_load(&json, start->path, &reason))
        return refuse(scenario, start->value, error, &reason);
    bool is_good = put_state(scenario, start, &json, &reason);
    json_text_free(&json);
    return is_good || refuse(scenario, start->value, error, &reason);
}

/* Over an earlier run's flash an image of which nothing is said is for its symbols, if it is there already. */
static bool settle_image(struct scenario *scenario, unsigned index, struct error *error)
{
    const struct image *image = &scenario->images[index];
    struct scenario_image *file = &scenario->image_file[index];
    const uint8_t *flash = flash_array_bytes(scenario->start);
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        uint32_t offset = segment->addr & (LOADER_FLASH_BASE - 1);
        for (size_t at = 0; at < segment->size; at++)
            if (flash[offset + at] != segment->bytes[at])
                return json_text_refuse(
                    &scenario->json, file->value, error,
                    "%s: the earlier run left something else at 0x%08X: { \"file\": ..., \"load\": true "
                    "} programs the image over it, \"load\": false leaves it",
                    image_short_path(file->path), segment->addr + (uint32_t)at);
    }
    file->is_kept_back = true;
    return true;
}

static bool settle_images(struct scenario *scenario, struct error *error)
{
    bool has_result = false;
    for (unsigned i = 0; i < scenario->start_count; i++)
        has_result = has_result || scenario->starts[i].kind == START_RESULT;
    for (unsigned i = 0; has_result && i < scenario->loaded_count; i++)
        if (!scenario->image_file[i].has_load && !settle_image(scenario, i, error))
            return false;
    return true;
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
        else if (start->kind == START_RESULT ? !put_result(scenario, start, error)
                                             : !put_dump(scenario, start, error))
            return false;
    }
    return put_options(scenario, error) && settle_images(scenario, error);
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
