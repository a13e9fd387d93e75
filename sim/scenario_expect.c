/* The reader of expectations: what must hold at the end of a run. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/irq.h"
#include "sim/quantity.h"
#include "sim/scenario_read.h"

#define SCOPE_KEYS "boot", "power_on"
#define COMPARISON_KEYS "equals", "at_least", "at_most"

static const struct json_text *text_of(const struct scenario_reader *reader)
{
    return &reader->scenario->json;
}

/* ---- parts of expectations ---- */

static bool read_scope_number(struct scenario_reader *reader, const cJSON *value, const char *what,
                              struct scope *scope)
{
    uint64_t number = 0;
    if (cJSON_IsString(value) && strcmp(value->valuestring, "last") == 0) {
        scope->kind = scope->kind == SCOPE_BOOT ? SCOPE_LAST_BOOT : SCOPE_LAST_POWER_ON;
        return true;
    }
    if (cJSON_IsString(value) && !quantity_is_number(value->valuestring))
        return json_text_refuse(text_of(reader), value, reader->error,
                                "%s must be a number from 1, or \"last\"", what);
    if (!scenario_read_integer(reader, value, what, 1, UINT32_MAX, &number))
        return false;
    scope->number = (uint32_t)number;
    return true;
}

static bool read_scope(struct scenario_reader *reader, const cJSON *object, struct scope *scope)
{
    const cJSON *boot = cJSON_GetObjectItemCaseSensitive(object, "boot");
    const cJSON *power_on = cJSON_GetObjectItemCaseSensitive(object, "power_on");
    if (boot && power_on)
        return json_text_refuse(text_of(reader), power_on, reader->error,
                                "both \"boot\" and \"power_on\": keep one of them");
    if (boot) {
        scope->kind = SCOPE_BOOT;
        return read_scope_number(reader, boot, "\"boot\"", scope);
    }
    if (power_on) {
        scope->kind = SCOPE_POWER_ON;
        return read_scope_number(reader, power_on, "\"power_on\"", scope);
    }
    return true;
}

static bool need_comparison(struct scenario_reader *reader, const cJSON *object,
                            struct comparison *comparison)
{
    bool is_there;
    if (!scenario_read_comparison(reader, object, &is_there, comparison))
        return false;
    return is_there ||
           json_text_refuse(text_of(reader), object, reader->error,
                            "\"equals\", \"at_least\" or \"at_most\" must stand in this object");
}

/* What holds of the smallest number that there can be, `always`, and of the largest, `most`, proves nothing. */
static bool check_can_fail(struct scenario_reader *reader, const cJSON *value, uint64_t always,
                           uint64_t most, const struct comparison *comparison)
{
    const cJSON *bound = cJSON_GetObjectItemCaseSensitive(value, "at_least");
    const cJSON *upper = cJSON_GetObjectItemCaseSensitive(value, "at_most");
    if (comparison->at_least > always || (comparison->has_at_most && comparison->at_most < most))
        return true;
    if (comparison->has_at_most)
        return json_text_refuse(text_of(reader), upper ? upper : value, reader->error,
                                "at most %" PRIu64 " always holds: nothing would be tested",
                                comparison->at_most);
    return json_text_refuse(text_of(reader), bound ? bound : value, reader->error,
                            "at least %" PRIu64 " always holds: nothing would be tested",
                            comparison->at_least);
}

static bool read_text(struct scenario_reader *reader, const cJSON *value,
                      struct expect_texts *texts)
{
    if (!cJSON_IsString(value) || !value->valuestring[0])
        return json_text_refuse(text_of(reader), value, reader->error,
                                "a text to look for must stand here: \"...\"");
    if (texts->count == SCENARIO_TEXT_MAX)
        return json_text_refuse(text_of(reader), value, reader->error,
                                "more than %d texts: write another expectation", SCENARIO_TEXT_MAX);
    texts->text[texts->count++] = value->valuestring;
    return true;
}

/* One text or a list of them. */
static bool read_texts(struct scenario_reader *reader, const cJSON *object, const char *key,
                       struct expect_texts *texts)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!value)
        return true;
    if (!cJSON_IsArray(value))
        return read_text(reader, value, texts);
    for (const cJSON *at = value->child; at; at = at->next)
        if (!read_text(reader, at, texts))
            return false;
    return texts->count || json_text_refuse(text_of(reader), value, reader->error,
                                            "no text in this list: nothing would be looked for");
}

/* ---- each kind ---- */

static bool read_console(struct scenario_reader *reader, const cJSON *object,
                         struct expectation *expectation)
{
    static const char *const keys[] = {"contains", "in_order", "absent",
                                       "channel",  SCOPE_KEYS, NULL};
    struct expect_console *console = &expectation->console;
    if (!scenario_read_keys(reader, object, keys) ||
        !read_texts(reader, object, "contains", &console->contains) ||
        !read_texts(reader, object, "in_order", &console->in_order) ||
        !read_texts(reader, object, "absent", &console->absent) ||
        !scenario_read_channel(reader, object, &console->channel) ||
        !read_scope(reader, object, &expectation->scope))
        return false;
    return console->contains.count || console->in_order.count || console->absent.count ||
           json_text_refuse(text_of(reader), object, reader->error,
                            "\"contains\", \"in_order\" or \"absent\" must stand in this object");
}

static bool read_symbol(struct scenario_reader *reader, const cJSON *object,
                        struct expectation *expectation)
{
    static const char *const keys[] = {"name", COMPARISON_KEYS, SCOPE_KEYS, NULL};
    return scenario_read_keys(reader, object, keys) &&
           json_text_get_string(text_of(reader), object, "name", JSON_REQUIRED,
                                &expectation->symbol.name, reader->error) &&
           need_comparison(reader, object, &expectation->symbol.value) &&
           check_can_fail(reader, object, 0, UINT64_MAX, &expectation->symbol.value) &&
           read_scope(reader, object, &expectation->scope);
}

static bool read_words(struct scenario_reader *reader, const cJSON *list,
                       struct expect_flash *flash)
{
    flash->kind = EXPECT_FLASH_WORDS;
    if (!cJSON_IsArray(list) || !list->child)
        return json_text_refuse(text_of(reader), list, reader->error,
                                "\"words\" must be a list of words of 32 bits");
    flash->words = calloc(SCENARIO_WORD_MAX, sizeof *flash->words);
    if (!flash->words)
        return json_text_refuse(text_of(reader), list, reader->error, "out of memory");
    unsigned count = 0;
    for (const cJSON *at = list->child; at; at = at->next) {
        uint64_t word = 0;
        if (count == SCENARIO_WORD_MAX)
            return json_text_refuse(text_of(reader), at, reader->error,
                                    "more than %d words: compare with a file", SCENARIO_WORD_MAX);
        if (!scenario_read_integer(reader, at, "a word", 0, UINT32_MAX, &word))
            return false;
        flash->words[count++] = (uint32_t)word;
    }
    flash->size = 4 * count;
    return true;
}

static bool read_flash_contents(struct scenario_reader *reader, const cJSON *object,
                                struct expect_flash *flash)
{
    const cJSON *words = cJSON_GetObjectItemCaseSensitive(object, "words");
    const cJSON *erased = cJSON_GetObjectItemCaseSensitive(object, "erased");
    const cJSON *file = cJSON_GetObjectItemCaseSensitive(object, "equals_file");
    if ((words != NULL) + (erased != NULL) + (file != NULL) != 1)
        return json_text_refuse(
            text_of(reader), object, reader->error,
            "one of \"words\", \"erased\" and \"equals_file\" must stand in this object");
    if (words)
        return read_words(reader, words, flash);
    if (erased) {
        uint64_t bytes = 0;
        flash->kind = EXPECT_FLASH_ERASED;
        if (!scenario_read_integer(reader, erased, "\"erased\", a number of bytes,", 8,
                                   chip_flash_bytes(reader->scenario->chip), &bytes))
            return false;
        flash->size = (uint32_t)bytes;
        return (bytes % 8 == 0 && flash->addr % 8 == 0) ||
               json_text_refuse(text_of(reader), erased, reader->error,
                                "\"erased\" is said of double words: multiples of 8");
    }
    flash->kind = EXPECT_FLASH_FILE;
    if (!cJSON_IsString(file) || !file->valuestring[0])
        return json_text_refuse(text_of(reader), file, reader->error,
                                "\"equals_file\" must be a file name");
    flash->path = scenario_read_path(reader, file->valuestring);
    return flash->path || json_text_refuse(text_of(reader), file, reader->error, "out of memory");
}

static bool read_flash(struct scenario_reader *reader, const cJSON *object,
                       struct expectation *expectation)
{
    static const char *const keys[] = {"at", "words", "erased", "equals_file", NULL};
    struct expect_flash *flash = &expectation->flash;
    uint32_t bytes = chip_flash_bytes(reader->scenario->chip);
    uint64_t addr = 0;
    if (!scenario_read_keys(reader, object, keys) ||
        !json_text_get_integer(text_of(reader), object, "at", JSON_REQUIRED, 0x08000000,
                               0x08000000 + bytes - 1, &addr, reader->error))
        return false;
    flash->addr = (uint32_t)addr;
    if (!read_flash_contents(reader, object, flash))
        return false;
    return flash->size <= 0x08000000 + bytes - flash->addr ||
           json_text_refuse(text_of(reader), object, reader->error,
                            "this range goes past the end of the flash of the %s",
                            reader->scenario->chip->name);
}

static bool read_fault_kind(struct scenario_reader *reader, const cJSON *value, const char *name,
                            struct expect_fault *fault)
{
    static const char *const names[] = {"none",     "any",        "HardFault", "MemManage",
                                        "BusFault", "UsageFault", "lockup",    NULL};
    static const uint32_t exceptions[] = {
        0, 0, EXC_HARD_FAULT, EXC_MEM_MANAGE, EXC_BUS_FAULT, EXC_USAGE_FAULT, 0,
    };
    for (unsigned i = 0; names[i]; i++) {
        if (strcmp(names[i], name) != 0)
            continue;
        fault->is_none = i == 0;
        fault->is_lockup = strcmp(name, "lockup") == 0;
        fault->exception = exceptions[i];
        return true;
    }
    return scenario_read_refuse_name(reader, value, "kind of fault", name, names);
}

static bool read_fault(struct scenario_reader *reader, const cJSON *value,
                       struct expectation *expectation)
{
    static const char *const keys[] = {"kind", "cfsr", "at", SCOPE_KEYS, NULL};
    const cJSON *at = cJSON_GetObjectItemCaseSensitive(value, "at");
    struct expect_fault *fault = &expectation->fault;
    const char *kind = NULL;
    uint64_t cfsr = 0;
    if (cJSON_IsString(value))
        return read_fault_kind(reader, value, value->valuestring, fault);
    if (!cJSON_IsObject(value))
        return json_text_refuse(text_of(reader), value, reader->error,
                                "\"fault\" must be \"none\", a kind of fault, or an object");
    if (!scenario_read_keys(reader, value, keys) ||
        !json_text_get_string(text_of(reader), value, "kind", JSON_REQUIRED, &kind,
                              reader->error) ||
        !read_fault_kind(reader, cJSON_GetObjectItemCaseSensitive(value, "kind"), kind, fault) ||
        !json_text_get_integer(text_of(reader), value, "cfsr", JSON_OPTIONAL, 1, UINT32_MAX, &cfsr,
                               reader->error))
        return false;
    fault->cfsr = (uint32_t)cfsr;
    if (at && !scenario_read_place(reader, at, &fault->at))
        return false;
    if (cfsr && fault->is_none)
        return json_text_refuse(text_of(reader), cJSON_GetObjectItemCaseSensitive(value, "cfsr"),
                                reader->error, "no fault has no CFSR: remove one of the two");
    return read_scope(reader, value, &expectation->scope);
}

static bool read_resets(struct scenario_reader *reader, const cJSON *object,
                        struct expectation *expectation)
{
    static const char *const keys[] = {"cause", COMPARISON_KEYS, SCOPE_KEYS, NULL};
    static const char *const causes[] = {"any",  "brown_out", "pin",         "system",   "iwdg",
                                         "wwdg", "low_power", "option_load", "firewall", NULL};
    static const unsigned cause_of[] = {
        RESET_CAUSE_COUNT, RESET_BROWN_OUT, RESET_PIN,         RESET_SYSTEM,   RESET_IWDG,
        RESET_WWDG,        RESET_LOW_POWER, RESET_OPTION_LOAD, RESET_FIREWALL,
    };
    unsigned cause = 0;
    if (!scenario_read_keys(reader, object, keys) ||
        !json_text_get_choice(text_of(reader), object, "cause", JSON_OPTIONAL, causes, &cause,
                              reader->error))
        return false;
    expectation->count.cause = cause_of[cause];
    return need_comparison(reader, object, &expectation->count.count) &&
           check_can_fail(reader, object, 0, UINT32_MAX, &expectation->count.count) &&
           read_scope(reader, object, &expectation->scope);
}

/* A number by itself, or an object that compares. */
static bool read_count(struct scenario_reader *reader, const cJSON *value,
                       struct comparison *comparison)
{
    static const char *const keys[] = {COMPARISON_KEYS, NULL};
    if (!cJSON_IsObject(value)) {
        if (!scenario_read_integer(reader, value, "this", 0, UINT64_MAX, &comparison->at_least))
            return false;
        comparison->has_at_least = comparison->has_at_most = true;
        comparison->at_most = comparison->at_least;
        return true;
    }
    return scenario_read_keys(reader, value, keys) && need_comparison(reader, value, comparison);
}

/* The first power-on is a boot. */
static bool read_boots(struct scenario_reader *reader, const cJSON *value,
                       struct expectation *expectation)
{
    return read_count(reader, value, &expectation->count.count) &&
           check_can_fail(reader, value, 1, UINT32_MAX, &expectation->count.count);
}

/* A firmware that does not exit fails whatever the status should be. */
static bool read_exit(struct scenario_reader *reader, const cJSON *value,
                      struct expectation *expectation)
{
    return read_count(reader, value, &expectation->count.count);
}

/* Power came, and the core started, in every run. */
static bool comes_always(const struct expect_event *event, const struct scope *scope)
{
    return (event->kind == EVENT_POWER_ON || event->kind == EVENT_BOOT) &&
           (scope->kind == SCOPE_ALL || scope->kind == SCOPE_LAST_POWER_ON) && !event->unit &&
           !event->rule && !event->has_addr && !event->has_value;
}

static bool read_event(struct scenario_reader *reader, const cJSON *object,
                       struct expectation *expectation)
{
    static const char *const keys[] = {"kind",  "unit",  "rule",     "addr",
                                       "value", "count", SCOPE_KEYS, NULL};
    struct expect_event *event = &expectation->event;
    const cJSON *count = cJSON_GetObjectItemCaseSensitive(object, "count");
    uint64_t addr = 0, value = 0;
    event->has_addr = cJSON_GetObjectItemCaseSensitive(object, "addr") != NULL;
    event->has_value = cJSON_GetObjectItemCaseSensitive(object, "value") != NULL;
    event->count = (struct comparison){.has_at_least = true, .at_least = 1};
    if (!scenario_read_keys(reader, object, keys) || !scenario_read_event_kind(reader, object, "kind", &event->kind) ||
        !json_text_get_string(text_of(reader), object, "unit", JSON_OPTIONAL, &event->unit,
                              reader->error) ||
        !json_text_get_string(text_of(reader), object, "rule", JSON_OPTIONAL, &event->rule,
                              reader->error) ||
        !json_text_get_integer(text_of(reader), object, "addr", JSON_OPTIONAL, 0, UINT32_MAX, &addr,
                               reader->error) ||
        !json_text_get_integer(text_of(reader), object, "value", JSON_OPTIONAL, 0, UINT32_MAX,
                               &value, reader->error))
        return false;
    if (event->unit && !scenario_check_unit(
                           reader, cJSON_GetObjectItemCaseSensitive(object, "unit"), event->unit))
        return false;
    if (event->rule && !scenario_check_rule(
                           reader, cJSON_GetObjectItemCaseSensitive(object, "rule"), event->rule))
        return false;
    event->addr = (uint32_t)addr;
    event->value = (uint32_t)value;
    if (count) {
        event->count = (struct comparison){0};
        if (!read_count(reader, count, &event->count) ||
            !check_can_fail(reader, count, 0, UINT32_MAX, &event->count))
            return false;
    }
    return read_scope(reader, object, &expectation->scope) &&
           (!comes_always(event, &expectation->scope) ||
            check_can_fail(reader, count ? count : object, 1, UINT32_MAX, &event->count));
}

/* What the reset does, whatever the firmware is. */
static bool is_of_the_start(enum event_kind kind)
{
    return kind == EVENT_POWER_ON || kind == EVENT_BOOT || kind == EVENT_RESET;
}

static bool read_alive(struct scenario_reader *reader, const cJSON *object,
                       struct expectation *expectation)
{
    static const char *const keys[] = {"sign", "within", "resets", NULL};
    struct expect_alive *alive = &expectation->alive;
    const cJSON *sign = cJSON_GetObjectItemCaseSensitive(object, "sign");
    uint64_t resets = 3;
    const uint64_t run_ps = reader->scenario->run_ps;
    alive->within_ps = run_ps < PS_PER_S ? run_ps : PS_PER_S;
    if (!scenario_read_keys(reader, object, keys) ||
        !scenario_read_duration(reader, object, "within", &alive->within_ps) ||
        !json_text_get_integer(text_of(reader), object, "resets", JSON_OPTIONAL, 1, 1000, &resets,
                               reader->error))
        return false;
    alive->resets = (unsigned)resets;
    if (alive->within_ps > run_ps)
        return json_text_refuse(text_of(reader), cJSON_GetObjectItemCaseSensitive(object, "within"),
                                reader->error,
                                "\"within\" is longer than \"run\": no boot has so much time");
    if (!sign)
        return json_text_refuse(text_of(reader), object, reader->error,
                                "\"sign\" is missing in this object: { \"console\": \"ready\" }");
    if (!scenario_read_trigger(reader, sign, &alive->sign))
        return false;
    enum trigger_kind kind = alive->sign.kind;
    if (kind == TRIGGER_EVENT && is_of_the_start(alive->sign.event))
        return json_text_refuse(text_of(reader), sign, reader->error,
                                "\"%s\" comes in every boot, whatever the firmware does: no sign of life",
                                event_kind_name(alive->sign.event));
    return kind == TRIGGER_CONSOLE || kind == TRIGGER_PIN || kind == TRIGGER_EVENT ||
           json_text_refuse(text_of(reader), sign, reader->error,
                            "a sign of life is a \"console\", a \"pin\" or an \"event\"");
}

static bool read_memory(struct scenario_reader *reader, const cJSON *object,
                        struct expectation *expectation)
{
    static const char *const keys[] = {"at", "size", COMPARISON_KEYS, SCOPE_KEYS, NULL};
    const cJSON *at = cJSON_GetObjectItemCaseSensitive(object, "at");
    uint64_t size = 4;
    if (!scenario_read_keys(reader, object, keys))
        return false;
    if (!at)
        return json_text_refuse(text_of(reader), object, reader->error,
                                "\"at\" is missing in this object: a symbol or an address");
    if (!scenario_read_place(reader, at, &expectation->place) ||
        !json_text_get_integer(text_of(reader), object, "size", JSON_OPTIONAL, 1, 8, &size,
                               reader->error))
        return false;
    expectation->symbol.name = cJSON_IsString(at) ? at->valuestring : "memory";
    expectation->symbol.size = (uint32_t)size;
    return need_comparison(reader, object, &expectation->symbol.value) &&
           check_can_fail(reader, object, 0, UINT64_MAX >> (64 - 8 * size),
                          &expectation->symbol.value) &&
           read_scope(reader, object, &expectation->scope);
}

static bool read_pin(struct scenario_reader *reader, const cJSON *object,
                     struct expectation *expectation)
{
    static const char *const keys[] = {"name", "level", "edge", "edges", SCOPE_KEYS, NULL};
    static const char *const levels[] = {"low", "high", NULL};
    static const char *const edge_names[] = {"any", "rising", "falling", NULL};
    struct expect_pin *pin = &expectation->pin;
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(object, "name");
    const cJSON *edges = cJSON_GetObjectItemCaseSensitive(object, "edges");
    unsigned level = 0, edge = 0;
    if (!scenario_read_keys(reader, object, keys))
        return false;
    if (!name)
        return json_text_refuse(text_of(reader), object, reader->error,
                                "\"name\" is missing in this object: \"PA5\"");
    pin->has_level = cJSON_GetObjectItemCaseSensitive(object, "level") != NULL;
    if (!scenario_read_pin(reader, name, &pin->pin) ||
        !json_text_get_choice(text_of(reader), object, "level", JSON_OPTIONAL, levels, &level,
                              reader->error) ||
        !json_text_get_choice(text_of(reader), object, "edge", JSON_OPTIONAL, edge_names, &edge,
                              reader->error) ||
        (edges && !read_count(reader, edges, &pin->edges)) ||
        (edges && !check_can_fail(reader, edges, 0, UINT32_MAX, &pin->edges)))
        return false;
    pin->level = level == 1;
    pin->edge = (enum pin_edge)edge;
    if (pin->has_level == (edges != NULL))
        return json_text_refuse(text_of(reader), object, reader->error,
                                "\"level\" or \"edges\" must stand in this object");
    return read_scope(reader, object, &expectation->scope);
}

static bool read_stall(struct scenario_reader *reader, const cJSON *object,
                       struct expectation *expectation)
{
    static const char *const keys[] = {"longest_at_most", "total_at_most", SCOPE_KEYS, NULL};
    struct expect_stall *stall = &expectation->stall;
    stall->longest_ps = stall->total_ps = CLOCK_NEVER;
    if (!scenario_read_keys(reader, object, keys) ||
        !scenario_read_duration(reader, object, "longest_at_most", &stall->longest_ps) ||
        !scenario_read_duration(reader, object, "total_at_most", &stall->total_ps))
        return false;
    if (stall->longest_ps == CLOCK_NEVER && stall->total_ps == CLOCK_NEVER)
        return json_text_refuse(
            text_of(reader), object, reader->error,
            "\"longest_at_most\" or \"total_at_most\" must stand in this object");
    return read_scope(reader, object, &expectation->scope);
}

static bool read_wear(struct scenario_reader *reader, const cJSON *object,
                      struct expectation *expectation)
{
    static const char *const keys[] = {"at", COMPARISON_KEYS, NULL};
    uint32_t bytes = chip_flash_bytes(reader->scenario->chip);
    uint64_t addr = 0;
    if (!scenario_read_keys(reader, object, keys) ||
        !json_text_get_integer(text_of(reader), object, "at", JSON_REQUIRED, 0x08000000,
                               0x08000000 + bytes - 1, &addr, reader->error))
        return false;
    expectation->wear.addr = (uint32_t)addr;
    return need_comparison(reader, object, &expectation->wear.erases) &&
           check_can_fail(reader, object, 0, UINT32_MAX, &expectation->wear.erases);
}

static bool read_flags(struct scenario_reader *reader, const cJSON *object,
                       struct expectation *expectation)
{
    static const char *const keys[] = {"register", "set", "clear", NULL};
    static const char *const registers[] = {"SR", "CR", "ECCR", NULL};
    uint64_t set = 0, clear = 0;
    if (!scenario_read_keys(reader, object, keys) ||
        !json_text_get_choice(text_of(reader), object, "register", JSON_REQUIRED, registers,
                              &expectation->flags.reg, reader->error) ||
        !json_text_get_integer(text_of(reader), object, "set", JSON_OPTIONAL, 1, UINT32_MAX, &set,
                               reader->error) ||
        !json_text_get_integer(text_of(reader), object, "clear", JSON_OPTIONAL, 1, UINT32_MAX,
                               &clear, reader->error))
        return false;
    expectation->flags.set = (uint32_t)set;
    expectation->flags.clear = (uint32_t)clear;
    return set || clear ||
           json_text_refuse(text_of(reader), object, reader->error,
                            "\"set\" or \"clear\", bits, must stand in this object");
}

/* ---- the list ---- */

static const struct {
    const char *name;
    bool (*read)(struct scenario_reader *reader, const cJSON *value,
                 struct expectation *expectation);
} kinds[EXPECTATION_KIND_COUNT] = {
    [EXPECT_CONSOLE] = {"console", read_console},
    [EXPECT_DURABILITY] = {"durability", scenario_read_durability},
    [EXPECT_SYMBOL] = {"symbol", read_symbol},
    [EXPECT_FLASH] = {"flash", read_flash},
    [EXPECT_FAULT] = {"fault", read_fault},
    [EXPECT_RESETS] = {"resets", read_resets},
    [EXPECT_BOOTS] = {"boots", read_boots},
    [EXPECT_EXIT] = {"exit", read_exit},
    [EXPECT_EVENT] = {"event", read_event},
    [EXPECT_ALIVE] = {"alive", read_alive},
    [EXPECT_MEMORY] = {"memory", read_memory},
    [EXPECT_PIN] = {"pin", read_pin},
    [EXPECT_STALL] = {"stall", read_stall},
    [EXPECT_WEAR] = {"wear", read_wear},
    [EXPECT_FLAGS] = {"flags", read_flags},
};

/* The one kind that the object is of, by its key. */
static bool find_kind(struct scenario_reader *reader, const cJSON *object, unsigned *kind)
{
    const cJSON *found = NULL;
    for (unsigned i = 0; i < EXPECTATION_KIND_COUNT; i++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, kinds[i].name);
        if (value && found)
            return json_text_refuse(text_of(reader), value, reader->error,
                                    "two expectations in one object: write { ... }, { ... }");
        if (value) {
            found = value;
            *kind = i;
        }
    }
    return found ||
           json_text_refuse(text_of(reader), object, reader->error,
                            "nothing is expected here: write \"console\", \"durability\", "
                            "\"symbol\", \"memory\", \"flash\", \"fault\", \"resets\", "
                            "\"boots\", \"exit\", \"event\", \"alive\", \"pin\", \"stall\", "
                            "\"wear\" or \"flags\"");
}

/* A scope stands with what it narrows, one brace further in. */
static bool check_no_scope(struct scenario_reader *reader, const cJSON *object)
{
    static const char *const scopes[] = {SCOPE_KEYS};
    for (unsigned i = 0; i < 2; i++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, scopes[i]);
        if (value)
            return json_text_refuse(
                text_of(reader), value, reader->error,
                "\"%s\" stands too far out: write it inside the expectation's own "
                "braces, as in { \"console\": { \"contains\": \"PASS\", \"%s\": 2 } }",
                scopes[i], scopes[i]);
    }
    return true;
}

static bool read_expectation(struct scenario_reader *reader, const cJSON *object)
{
    const char *keys[EXPECTATION_KIND_COUNT + 3] = {NULL};
    struct scenario *scenario = reader->scenario;
    unsigned kind = 0;
    for (unsigned i = 0; i < EXPECTATION_KIND_COUNT; i++)
        keys[i] = kinds[i].name;
    keys[EXPECTATION_KIND_COUNT] = "name";
    keys[EXPECTATION_KIND_COUNT + 1] = "holds_anyway";
    if (scenario->expectation_count == SCENARIO_EXPECTATION_MAX)
        return json_text_refuse(&scenario->json, object, reader->error, "more than %d expectations",
                                SCENARIO_EXPECTATION_MAX);
    if ((cJSON_IsObject(object) && !check_no_scope(reader, object)) ||
        !scenario_read_keys(reader, object, keys) || !find_kind(reader, object, &kind))
        return false;
    struct expectation *expectation = &scenario->expectations[scenario->expectation_count++];
    *expectation = (struct expectation){
        .value = object, .kind = (enum expectation_kind)kind, .name = kinds[kind].name};
    if (!json_text_get_string(&scenario->json, object, "name", JSON_OPTIONAL, &expectation->name,
                              reader->error) ||
        !json_text_get_bool(&scenario->json, object, "holds_anyway", JSON_OPTIONAL,
                            &expectation->holds_anyway, reader->error))
        return false;
    return kinds[kind].read(reader, cJSON_GetObjectItemCaseSensitive(object, kinds[kind].name),
                            expectation);
}

bool scenario_read_expectations(struct scenario_reader *reader, const cJSON *list)
{
    for (const cJSON *at = list->child; at; at = at->next)
        if (!read_expectation(reader, at))
            return false;
    return true;
}
