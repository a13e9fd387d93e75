/* The reader of scenario files: chip, images and settings. Power cuts are in scenario_cuts.c,
 * expectations in scenario_expect.c. A wrong value is refused at its line and column, a wrong key
 * at the key's. */
#include "sim/scenario.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/flash_array.h"
#include "models/rules.h"
#include "sim/nearest.h"
#include "sim/quantity.h"
#include "sim/scenario_read.h"

enum { NAMES_MAX = 64 };

/* ---- what all readers share ---- */

bool scenario_read_refuse_name(const struct scenario_reader *reader, const cJSON *value,
                               const char *what, const char *wrong, const char *const *names)
{
    char list[220] = "";
    const struct json_text *json = &reader->scenario->json;
    const char *nearest = nearest_name(wrong, names);
    if (nearest)
        return json_text_refuse(json, value, reader->error,
                                "no such %s: \"%.60s\": did you mean \"%s\"?", what, wrong,
                                nearest);
    size_t used = 0;
    for (size_t i = 0; names[i] && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    return json_text_refuse(json, value, reader->error, "no such %s: \"%.60s\": there are %s", what,
                            wrong, list);
}

static bool refuse_key(const struct scenario_reader *reader, const cJSON *member,
                       const char *const *keys)
{
    char list[400] = "";
    const struct json_text *json = &reader->scenario->json;
    struct json_place place = json_text_place(json, member);
    const char *path = image_short_path(json->path);
    const char *nearest = nearest_name(member->string, keys);
    if (nearest)
        return error_set(reader->error, "%s:%u:%u: no such key: \"%.60s\": did you mean \"%s\"?",
                         path, place.key_line, place.key_column, member->string, nearest);
    size_t used = 0;
    for (size_t i = 0; keys[i] && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", keys[i]);
    return error_set(reader->error, "%s:%u:%u: no such key: \"%.60s\": known here are %s", path,
                     place.key_line, place.key_column, member->string, list);
}

bool scenario_read_keys(const struct scenario_reader *reader, const cJSON *object,
                        const char *const *keys)
{
    if (!cJSON_IsObject(object))
        return json_text_refuse(&reader->scenario->json, object, reader->error,
                                "an object must stand here: { ... }");
    for (const cJSON *member = object->child; member; member = member->next) {
        size_t i = 0;
        while (keys[i] && strcmp(keys[i], member->string) != 0)
            i++;
        if (!keys[i])
            return refuse_key(reader, member, keys);
    }
    return true;
}

bool scenario_read_integer(const struct scenario_reader *reader, const cJSON *value,
                           const char *what, uint64_t min, uint64_t max, uint64_t *integer)
{
    bool is_good = false;
    if (cJSON_IsString(value)) {
        is_good = quantity_read_number(value->valuestring, max, integer);
    } else if (cJSON_IsNumber(value) && value->valuedouble >= 0 &&
               value->valuedouble <= 9007199254740992.0) {
        *integer = (uint64_t)value->valuedouble;
        is_good = (double)*integer == value->valuedouble && *integer <= max;
    }
    if (is_good && *integer >= min)
        return true;
    return json_text_refuse(
        &reader->scenario->json, value, reader->error,
        "%s must be an integer from %llu to %llu, or such a number as a string, "
        "\"0x...\" too",
        what, (unsigned long long)min, (unsigned long long)max);
}

bool scenario_read_duration(const struct scenario_reader *reader, const cJSON *object,
                            const char *key, uint64_t *ps)
{
    const struct json_text *json = &reader->scenario->json;
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!value)
        return true;
    if (cJSON_IsString(value) && quantity_read_duration(value->valuestring, ps) &&
        *ps % PS_PER_NS == 0)
        return true;
    bool is_long =
        cJSON_IsString(value) && quantity_check_duration(value->valuestring) == QUANTITY_TOO_LARGE;
    return json_text_refuse(json, value, reader->error,
                            is_long ? "\"%s\" is too long: at most \"8640000s\", 100 days"
                                    : "\"%s\" must be a duration: \"2s\", \"1.5ms\", \"500us\" or "
                                      "\"20ns\"",
                            key);
}

/* ---- paths ---- */

static char *join(const char *folder, size_t folder_length, const char *name, const char *ending)
{
    size_t size = folder_length + strlen(name) + strlen(ending) + 2;
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%.*s%s%s%s", (int)folder_length, folder, folder_length ? "/" : "",
                 name, ending);
    return path;
}

char *scenario_read_path(const struct scenario_reader *reader, const char *written)
{
    static const char shipped[] = "firmware:";
    size_t length = sizeof shipped - 1;
    if (strncmp(written, shipped, length) == 0)
        return join(reader->firmware_folder, strlen(reader->firmware_folder), written + length,
                    ".elf");
    const char *path = reader->scenario->json.path;
    const char *slash = strrchr(path, '/');
    if (written[0] == '/' || !slash)
        return join("", 0, written, "");
    return slash == path ? join("/", 1, written, "")
                         : join(path, (size_t)(slash - path), written, "");
}

bool scenario_read_file(const struct scenario_reader *reader, const cJSON *value,
                        const char *written, char **path)
{
    const struct json_text *json = &reader->scenario->json;
    if (!written[0])
        return json_text_refuse(json, value, reader->error, "a file name must stand here");
    if (strncmp(written, "firmware:", 9) == 0 &&
        (!written[9] || strchr(written, '/') || strchr(written, '.')))
        return json_text_refuse(
            json, value, reader->error,
            "\"firmware:\" is followed by the name of an image of the build without "
            "its ending, as in \"firmware:kv\"");
    *path = scenario_read_path(reader, written);
    return *path || json_text_refuse(json, value, reader->error, "out of memory");
}

/* ---- chip and board ---- */

static bool read_chip(struct scenario_reader *reader, const cJSON *root)
{
    struct scenario *scenario = reader->scenario;
    const char *names[NAMES_MAX] = {NULL};
    const char *name = NULL;
    if (!json_text_get_string(&scenario->json, root, "chip", JSON_OPTIONAL, &name, reader->error))
        return false;
    if (!name)
        return true;
    for (unsigned i = 0; i < chip_count() && i + 1 < NAMES_MAX; i++) {
        names[i] = chip_at(i)->name;
        if (strcmp(names[i], name) == 0)
            scenario->chip = chip_at(i);
    }
    return scenario->chip ||
           scenario_read_refuse_name(reader, cJSON_GetObjectItemCaseSensitive(root, "chip"), "chip",
                                     name, names);
}

static bool load_board(struct scenario_reader *reader, const cJSON *value, const char *name)
{
    struct scenario *scenario = reader->scenario;
    const char *names[NAMES_MAX] = {NULL};
    if (strchr(name, '/') || strchr(name, '.')) {
        char *path = NULL;
        struct error reason;
        if (!scenario_read_file(reader, value, name, &path))
            return false;
        bool is_good = board_file_load(&scenario->board_file, path, &reason);
        free(path);
        scenario->board = &scenario->board_file.board;
        return is_good ||
               json_text_refuse(&scenario->json, value, reader->error, "%s", reason.text);
    }
    scenario->board = board_find(name);
    for (unsigned i = 0; i < board_count() && i + 1 < NAMES_MAX; i++)
        names[i] = board_at(i)->name;
    return scenario->board || scenario_read_refuse_name(reader, value, "board", name, names);
}

static bool read_board(struct scenario_reader *reader, const cJSON *root)
{
    struct scenario *scenario = reader->scenario;
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(root, "board");
    const char *name = NULL;
    if (!json_text_get_string(&scenario->json, root, "board", JSON_OPTIONAL, &name, reader->error))
        return false;
    if (name && !load_board(reader, value, name))
        return false;
    if (!scenario->chip && scenario->board)
        scenario->chip = chip_find(scenario->board->chip);
    if (!scenario->chip)
        return json_text_refuse(
            &scenario->json, root, reader->error,
            "\"chip\" is missing in this object: `flashsim list chips` names them");
    if (!scenario->board)
        scenario->board = board_for_chip(scenario->chip->name);
    else if (strcmp(scenario->board->chip, scenario->chip->name) != 0)
        return json_text_refuse(&scenario->json, value, reader->error,
                                "a board for the %s, not for the %s", scenario->board->chip,
                                scenario->chip->name);
    return true;
}

/* ---- images ---- */

static bool read_image(struct scenario_reader *reader, const cJSON *value)
{
    static const char *const keys[] = {"file", "at", "load", NULL};
    struct scenario *scenario = reader->scenario;
    const struct json_text *json = &scenario->json;
    if (scenario->image_count == SCENARIO_IMAGE_MAX)
        return json_text_refuse(json, value, reader->error,
                                "one image too many: at most %d load together", SCENARIO_IMAGE_MAX);
    struct scenario_image *image = &scenario->image_file[scenario->image_count];
    *image = (struct scenario_image){.value = value, .addr = 0x08000000};
    if (cJSON_IsString(value)) {
        image->name = value->valuestring;
    } else if (cJSON_IsObject(value)) {
        uint64_t addr = image->addr;
        bool is_loaded = true;
        image->has_addr = cJSON_GetObjectItemCaseSensitive(value, "at") != NULL;
        if (!scenario_read_keys(reader, value, keys) ||
            !json_text_get_string(json, value, "file", JSON_REQUIRED, &image->name,
                                  reader->error) ||
            !json_text_get_integer(json, value, "at", JSON_OPTIONAL, 0, UINT32_MAX, &addr,
                                   reader->error) ||
            !json_text_get_bool(json, value, "load", JSON_OPTIONAL, &is_loaded, reader->error))
            return false;
        image->addr = (uint32_t)addr;
        image->has_load = cJSON_GetObjectItemCaseSensitive(value, "load") != NULL;
        image->is_kept_back = !is_loaded;
    } else {
        return json_text_refuse(
            json, value, reader->error,
            "an image must be a file name or an object with \"file\" and \"at\"");
    }
    if (!scenario_read_file(reader, value, image->name, &image->path))
        return false;
    scenario->image_count++;
    return true;
}

static bool read_images(struct scenario_reader *reader, const cJSON *root)
{
    struct scenario *scenario = reader->scenario;
    const cJSON *one = cJSON_GetObjectItemCaseSensitive(root, "image");
    const cJSON *list = NULL;
    if (!json_text_get_array(&scenario->json, root, "images", JSON_OPTIONAL, &list, reader->error))
        return false;
    if (one && list)
        return json_text_refuse(&scenario->json, list, reader->error,
                                "both \"image\" and \"images\": keep one of them");
    if (list && !list->child)
        return json_text_refuse(&scenario->json, list, reader->error,
                                "no image in this list: leave \"images\" out");
    if (one && !read_image(reader, one))
        return false;
    for (const cJSON *at = list ? list->child : NULL; at; at = at->next)
        if (!read_image(reader, at))
            return false;
    if (!scenario_read_start(reader, root))
        return false;
    return scenario->image_count || scenario->start_count ||
           json_text_refuse(&scenario->json, root, reader->error,
                            "\"image\" is missing in this object: the firmware to boot");
}

/* ---- settings ---- */

static bool read_rules(struct scenario_reader *reader, const cJSON *root)
{
    struct scenario *scenario = reader->scenario;
    const char *ids[RULE_SWITCH_COUNT + 1] = {NULL};
    const cJSON *rules = NULL;
    if (!json_text_get_object(&scenario->json, root, "rules", JSON_OPTIONAL, &rules, reader->error))
        return false;
    for (unsigned i = 0; i < RULE_SWITCH_COUNT; i++)
        ids[i] = rule_switches[i].id;
    if (rules && !scenario_read_keys(reader, rules, ids))
        return false;
    for (unsigned i = 0; rules && i < RULE_SWITCH_COUNT; i++) {
        bool is_on = false;
        if (!json_text_get_bool(&scenario->json, rules, ids[i], JSON_OPTIONAL, &is_on,
                                reader->error))
            return false;
        scenario->rule_switches |= (uint32_t)is_on << i;
    }
    return true;
}

/* One name, a list of names, or "each". */
static bool read_choices(struct scenario_reader *reader, const cJSON *root, const char *key,
                         const char *const *names, unsigned *choices, unsigned *count)
{
    const struct json_text *json = &reader->scenario->json;
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(root, key);
    *count = 0;
    if (value && cJSON_IsString(value) && strcmp(value->valuestring, "each") == 0) {
        for (; names[*count]; (*count)++)
            choices[*count] = *count;
        return true;
    }
    if (!cJSON_IsArray(value)) {
        *count = 1;
        choices[0] = 0;
        return json_text_get_choice(json, root, key, JSON_OPTIONAL, names, choices, reader->error);
    }
    for (const cJSON *at = value->child; at; at = at->next) {
        unsigned i = 0;
        while (names[i] && !(cJSON_IsString(at) && strcmp(at->valuestring, names[i]) == 0))
            i++;
        if (!cJSON_IsString(at))
            return json_text_refuse(json, at, reader->error, "a name must stand here: \"%s\"",
                                    names[0]);
        if (!names[i])
            return scenario_read_refuse_name(reader, at, key, at->valuestring, names);
        for (unsigned k = 0; k < *count; k++)
            if (choices[k] == i)
                return json_text_refuse(json, at, reader->error, "\"%s\" stands twice", names[i]);
        choices[(*count)++] = i;
    }
    return *count || json_text_refuse(json, value, reader->error,
                                      "no name in this list: nothing would be run");
}

/* One number, or a list of them. */
static bool read_seeds(struct scenario_reader *reader, const cJSON *root)
{
    struct scenario *scenario = reader->scenario;
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(root, "seed");
    scenario->seed_count = 0;
    if (!cJSON_IsArray(value)) {
        scenario->seed_count = 1;
        scenario->seeds[0] = 1;
        return json_text_get_integer(&scenario->json, root, "seed", JSON_OPTIONAL, 0, UINT64_MAX,
                                     &scenario->seeds[0], reader->error);
    }
    for (const cJSON *at = value->child; at; at = at->next) {
        if (scenario->seed_count == SCENARIO_SEED_MAX)
            return json_text_refuse(&scenario->json, at, reader->error, "more than %d seeds",
                                    SCENARIO_SEED_MAX);
        if (!scenario_read_integer(reader, at, "a seed", 0, UINT64_MAX,
                                   &scenario->seeds[scenario->seed_count++]))
            return false;
    }
    return scenario->seed_count || json_text_refuse(&scenario->json, value, reader->error,
                                                    "no seed in this list: nothing would be run");
}

/* true: at the second read of a boot; a number, or a list of them: at that one. */
static bool read_changes(struct scenario_reader *reader, const cJSON *root)
{
    struct scenario *scenario = reader->scenario;
    const struct json_text *json = &scenario->json;
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(root, "reads_change");
    scenario->reads_change_count = 1;
    scenario->reads_changes[0] = value && cJSON_IsTrue(value) ? 2 : 0;
    if (!value || cJSON_IsBool(value))
        return true;
    const cJSON *first = cJSON_IsArray(value) ? value->child : value;
    scenario->reads_change_count = 0;
    for (const cJSON *at = first; at; at = cJSON_IsArray(value) ? at->next : NULL) {
        uint64_t nth = 0;
        if (scenario->reads_change_count == SCENARIO_CHANGE_MAX)
            return json_text_refuse(json, at, reader->error, "more than %d reads listed",
                                    SCENARIO_CHANGE_MAX);
        if (!scenario_read_integer(reader, at, "the read from which on they differ", 2, CUT_NTH_MAX,
                                   &nth))
            return false;
        scenario->reads_changes[scenario->reads_change_count++] = (uint32_t)nth;
    }
    return scenario->reads_change_count ||
           json_text_refuse(json, value, reader->error,
                            "no number in this list: nothing would be run");
}

const char *const scenario_reads_names[] = {"new", "old", "one_wrong", "two_wrong", "seeded", NULL};

static bool read_settings(struct scenario_reader *reader, const cJSON *root)
{
    static const char *const timings[] = {"min", "typ", "max", NULL};
    static const char *const caches[] = {"off", "exact", "adversarial", NULL};
    static const char *const pulses[] = {"aborts", "finishes", NULL};
    static const char *const rams[] = {"zeros", "ones", "noise", "kept", NULL};
    struct scenario *scenario = reader->scenario;
    const struct json_text *json = &scenario->json;
    unsigned timing = TIMING_TYP, cache = CACHES_OFF;
    if (!read_seeds(reader, root) ||
        !json_text_get_choice(json, root, "timing", JSON_OPTIONAL, timings, &timing,
                              reader->error) ||
        !json_text_get_choice(json, root, "caches", JSON_OPTIONAL, caches, &cache, reader->error) ||
        !read_choices(reader, root, "reset_pulse", pulses, scenario->reset_pulses,
                      &scenario->reset_pulse_count) ||
        !read_choices(reader, root, "ram_after_power_loss", rams, scenario->rams,
                      &scenario->ram_count) ||
        !read_choices(reader, root, "reads", scenario_reads_names, scenario->reads,
                      &scenario->reads_count) ||
        !read_changes(reader, root) ||
        !scenario_read_duration(reader, root, "run", &scenario->run_ps) ||
        !scenario_read_duration(reader, root, "off_time", &scenario->off_ps))
        return false;
    scenario->has_off_time = cJSON_GetObjectItemCaseSensitive(root, "off_time") != NULL;
    scenario->timing = (enum timing_case)timing;
    scenario->caches = (enum cache_mode)cache;
    return read_rules(reader, root);
}

/* ---- names and verdict ---- */

static bool read_sentence(struct scenario_reader *reader, const cJSON *root, const char *key,
                          const char **text)
{
    struct scenario *scenario = reader->scenario;
    if (!json_text_get_string(&scenario->json, root, key, JSON_REQUIRED, text, reader->error))
        return false;
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(root, key);
    for (const char *c = *text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            return json_text_refuse(&scenario->json, value, reader->error,
                                    "\"%s\" must be one line without control characters", key);
    return **text ||
           json_text_refuse(&scenario->json, value, reader->error, "\"%s\" is empty", key);
}

static bool find_because(struct scenario_reader *reader, const cJSON *value)
{
    struct scenario *scenario = reader->scenario;
    const char *names[SCENARIO_EXPECTATION_MAX + 1] = {NULL};
    unsigned found = 0;
    for (unsigned i = 0; i < scenario->expectation_count; i++) {
        names[i] = scenario->expectations[i].name;
        if (strcmp(names[i], value->valuestring) == 0) {
            scenario->because = i;
            found++;
        }
    }
    if (found > 1)
        return json_text_refuse(&scenario->json, value, reader->error,
                                "several expectations are called \"%.60s\": give them names",
                                value->valuestring);
    return found ||
           scenario_read_refuse_name(reader, value, "expectation", value->valuestring, names);
}

static bool read_verdict(struct scenario_reader *reader, const cJSON *root)
{
    static const char *const verdicts[] = {"pass", "fail", "inconclusive", NULL};
    struct scenario *scenario = reader->scenario;
    const char *because = NULL;
    unsigned verdict = 0;
    if (!json_text_get_choice(&scenario->json, root, "expect_verdict", JSON_OPTIONAL, verdicts,
                              &verdict, reader->error) ||
        !json_text_get_string(&scenario->json, root, "because", JSON_OPTIONAL, &because,
                              reader->error))
        return false;
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(root, "because");
    scenario->is_known_bad = verdict == 1;
    if (verdict == 0)
        return !because || json_text_refuse(&scenario->json, value, reader->error,
                                            "\"because\" goes with \"expect_verdict\": \"fail\" or "
                                            "\"inconclusive\"");
    if (!because)
        return json_text_refuse(&scenario->json, root, reader->error,
                                verdict == 1
                                    ? "\"because\" is missing: the name of the expectation that fails"
                                    : "\"because\" is missing: a part of what each run says");
    if (verdict == 1)
        return find_because(reader, value);
    scenario->inconclusive_because = because;
    return because[0] || json_text_refuse(&scenario->json, value, reader->error,
                                          "\"because\" is empty: a part of what each run says");
}

/* ---- the whole ---- */

static bool need_expect(struct scenario_reader *reader, const cJSON *root)
{
    return cJSON_GetObjectItemCaseSensitive(root, "expect") ||
           json_text_refuse(&reader->scenario->json, root, reader->error,
                            "\"expect\" is missing in this object: a list of what must hold, as in "
                            "[ { \"console\": { \"contains\": \"PASS\" } } ]");
}

static bool read_root(struct scenario_reader *reader)
{
    static const char *const keys[] = {
        "name",
        "why",
        "chip",
        "board",
        "image",
        "images",
        "flash",
        "option_bytes",
        "seed",
        "timing",
        "caches",
        "reset_pulse",
        "rules",
        "ram_after_power_loss",
        "reads",
        "reads_change",
        "run",
        "off_time",
        "power_ons",
        "cut",
        "timeline",
        "expect",
        "expect_verdict",
        "because",
        "$schema",
        NULL,
    };
    struct scenario *scenario = reader->scenario;
    const cJSON *root = scenario->json.root;
    const cJSON *expect = NULL;
    const char *schema = NULL; /* for editors */
    return scenario_read_keys(reader, root, keys) &&
           json_text_get_string(&scenario->json, root, "$schema", JSON_OPTIONAL, &schema,
                                reader->error) &&
           read_sentence(reader, root, "name", &scenario->name) &&
           read_sentence(reader, root, "why", &scenario->why) && read_chip(reader, root) &&
           read_board(reader, root) && read_images(reader, root) && read_settings(reader, root) &&
           scenario_read_cuts(reader, root) && scenario_read_timeline(reader, root) && need_expect(reader, root) &&
           json_text_get_array(&scenario->json, root, "expect", JSON_REQUIRED, &expect,
                               reader->error) &&
           scenario_read_expectations(reader, expect) && read_verdict(reader, root);
}

static bool read_json(struct scenario *scenario, const char *firmware_folder, struct error *error)
{
    struct scenario_reader reader = {scenario, firmware_folder, error};
    scenario->path = scenario->json.path;
    scenario->run_ps = 10 * PS_PER_S;
    scenario->off_ps = PS_PER_S;
    if (read_root(&reader))
        return true;
    scenario_free(scenario);
    return false;
}

bool scenario_load(struct scenario *scenario, const char *path, const char *firmware_folder,
                   struct error *error)
{
    memset(scenario, 0, sizeof *scenario);
    return json_text_load(&scenario->json, path, error) &&
           read_json(scenario, firmware_folder, error);
}

bool scenario_parse(struct scenario *scenario, const char *path, const char *text, size_t size,
                    const char *firmware_folder, struct error *error)
{
    memset(scenario, 0, sizeof *scenario);
    return json_text_parse(&scenario->json, path, text, size, error) &&
           read_json(scenario, firmware_folder, error);
}

void scenario_free(struct scenario *scenario)
{
    for (unsigned i = 0; i < scenario->loaded_count; i++)
        image_free(&scenario->images[i]);
    for (unsigned i = 0; i < scenario->image_count; i++)
        free(scenario->image_file[i].path);
    for (unsigned i = 0; i < scenario->expectation_count; i++) {
        free(scenario->expectations[i].flash.words);
        free(scenario->expectations[i].flash.path);
        free(scenario->expectations[i].flash.file);
    }
    for (unsigned i = 0; i < scenario->text_count; i++)
        free(scenario->texts[i]);
    free(scenario->timeline.steps);
    for (unsigned i = 0; i < scenario->start_count; i++)
        free(scenario->starts[i].path);
    free(scenario->option_path);
    if (scenario->start)
        flash_array_destroy(scenario->start);
    board_file_free(&scenario->board_file);
    json_text_free(&scenario->json);
    memset(scenario, 0, sizeof *scenario);
}
