/* The reader of timelines: when something happens. What happens is read in scenario_actions.c. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario_read.h"

static const struct json_text *text_of(const struct scenario_reader *reader)
{
    return &reader->scenario->json;
}

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* ---- parts of triggers ---- */

static bool read_nth(struct scenario_reader *reader, const cJSON *object, struct trigger *trigger)
{
    uint64_t nth = 1;
    if (!json_text_get_integer(text_of(reader), object, "nth", JSON_OPTIONAL, 1, CUT_NTH_MAX, &nth,
                               reader->error))
        return false;
    trigger->nth = (uint32_t)nth;
    return true;
}

/* "addr" alone, or "from" and "to": all addresses when there is none of them. */
static bool read_range(struct scenario_reader *reader, const cJSON *object, struct trigger *trigger)
{
    uint64_t addr = 0, from = 0, to = UINT32_MAX;
    const struct json_text *json = text_of(reader);
    if (!json_text_get_integer(json, object, "addr", JSON_OPTIONAL, 0, UINT32_MAX, &addr,
                               reader->error) ||
        !json_text_get_integer(json, object, "from", JSON_OPTIONAL, 0, UINT32_MAX, &from,
                               reader->error) ||
        !json_text_get_integer(json, object, "to", JSON_OPTIONAL, 0, UINT32_MAX, &to,
                               reader->error))
        return false;
    if (get(object, "addr")) {
        if (get(object, "from") || get(object, "to"))
            return json_text_refuse(json, get(object, "addr"), reader->error,
                                    "\"addr\" stands alone: remove it, or \"from\" and \"to\"");
        from = to = addr;
    }
    trigger->from = (uint32_t)from;
    trigger->to = (uint32_t)to;
    return from <= to || json_text_refuse(json, get(object, "to"), reader->error,
                                          "\"to\" is below \"from\": no address is between");
}

/* ---- each kind ---- */

static bool read_event(struct scenario_reader *reader, const cJSON *object, struct trigger *trigger)
{
    const struct json_text *json = text_of(reader);
    uint64_t value = 0;
    trigger->has_value = get(object, "value") != NULL;
    if (!scenario_read_event_kind(reader, object, "event", &trigger->event) ||
        !read_range(reader, object, trigger) ||
        !json_text_get_integer(json, object, "value", JSON_OPTIONAL, 0, UINT32_MAX, &value,
                               reader->error) ||
        !json_text_get_string(json, object, "unit", JSON_OPTIONAL, &trigger->unit, reader->error) ||
        !json_text_get_string(json, object, "rule", JSON_OPTIONAL, &trigger->rule, reader->error))
        return false;
    trigger->value = (uint32_t)value;
    return (!trigger->unit || scenario_check_unit(reader, get(object, "unit"), trigger->unit)) &&
           (!trigger->rule || scenario_check_rule(reader, get(object, "rule"), trigger->rule));
}

static bool read_phase(struct scenario_reader *reader, const cJSON *object, struct cut *cut)
{
    const char *names[FLASH_PHASE_COUNT + 1] = {NULL};
    const struct json_text *json = text_of(reader);
    const char *name = NULL;
    uint64_t k = 1, n = FLASH_PULSE_COUNT;
    unsigned count = 0;
    if (!json_text_get_string(json, object, "phase", JSON_REQUIRED, &name, reader->error) ||
        !json_text_get_integer(json, object, "n", JSON_OPTIONAL, 1, CUT_PULSES_MAX, &n,
                               reader->error) ||
        !json_text_get_integer(json, object, "k", JSON_OPTIONAL, 1, CUT_PULSES_MAX, &k,
                               reader->error))
        return false;
    for (unsigned i = 0; i < FLASH_PHASE_COUNT; i++)
        if (cut_has_phase(cut->operation, (enum flash_phase)i))
            names[count++] = flash_phase_name((enum flash_phase)i);
    cut->moment = (struct flash_cut){flash_phase_find(name), (unsigned)k, (unsigned)n};
    if (cut->moment.phase == FLASH_PHASE_COUNT || !cut_has_phase(cut->operation, cut->moment.phase))
        return scenario_read_refuse_name(reader, get(object, "phase"), "phase of this operation",
                                         name, names);
    return k <= n || json_text_refuse(json, get(object, "k"), reader->error,
                                      "\"k\" is past \"n\": the pulse has %llu parts",
                                      (unsigned long long)n);
}

static bool read_operation(struct scenario_reader *reader, const cJSON *object,
                           struct trigger *trigger)
{
    unsigned operation = CUT_ANY_OPERATION;
    if (!json_text_get_choice(text_of(reader), object, "operation", JSON_REQUIRED,
                              cut_operation_names(), &operation, reader->error))
        return false;
    trigger->operation.operation = (enum cut_operation)operation;
    return read_phase(reader, object, &trigger->operation) && read_range(reader, object, trigger);
}

static bool read_instructions(struct scenario_reader *reader, const cJSON *object,
                              struct trigger *trigger)
{
    return json_text_get_integer(text_of(reader), object, "instructions", JSON_REQUIRED, 1,
                                 UINT32_MAX, &trigger->number, reader->error);
}

static bool read_time(struct scenario_reader *reader, const cJSON *object, struct trigger *trigger)
{
    return scenario_read_duration(reader, object, "time", &trigger->ps);
}

static bool read_pc(struct scenario_reader *reader, const cJSON *object, struct trigger *trigger)
{
    return scenario_read_place(reader, get(object, "pc"), &trigger->place);
}

static bool read_console(struct scenario_reader *reader, const cJSON *object,
                         struct trigger *trigger)
{
    if (!json_text_get_string(text_of(reader), object, "console", JSON_REQUIRED, &trigger->text,
                              reader->error) ||
        !scenario_read_channel(reader, object, &trigger->channel))
        return false;
    return trigger->text[0] || json_text_refuse(text_of(reader), get(object, "console"),
                                                reader->error, "\"console\" is empty");
}

static bool read_pin(struct scenario_reader *reader, const cJSON *object, struct trigger *trigger)
{
    static const char *const edges[] = {"any", "rising", "falling", NULL};
    unsigned edge = PIN_EDGE_ANY;
    if (!scenario_read_pin(reader, get(object, "pin"), &trigger->pin) ||
        !json_text_get_choice(text_of(reader), object, "edge", JSON_OPTIONAL, edges, &edge,
                              reader->error))
        return false;
    trigger->edge = (enum pin_edge)edge;
    return true;
}

/* A variable by its name, or memory by its address and size. */
static bool read_value(struct scenario_reader *reader, const cJSON *object, struct trigger *trigger)
{
    const struct json_text *json = text_of(reader);
    const cJSON *symbol = get(object, "symbol");
    const cJSON *memory = get(object, "memory");
    uint64_t size = 4;
    bool is_compared = false;
    if (symbol && !cJSON_IsString(symbol))
        return json_text_refuse(json, symbol, reader->error, "\"symbol\" must be a string");
    if (!scenario_read_place(reader, symbol ? symbol : memory, &trigger->place) ||
        !json_text_get_integer(json, object, "size", JSON_OPTIONAL, 1, 8, &size, reader->error) ||
        !json_text_get_bool(json, object, "changes", JSON_OPTIONAL, &trigger->is_any_change,
                            reader->error) ||
        !scenario_read_comparison(reader, object, &is_compared, &trigger->comparison))
        return false;
    if (symbol && get(object, "size"))
        return json_text_refuse(json, get(object, "size"), reader->error,
                                "a variable has its own size: remove \"size\"");
    if (memory)
        trigger->place.size = (uint32_t)size;
    return is_compared != trigger->is_any_change ||
           json_text_refuse(json, object, reader->error,
                            "\"equals\", \"at_least\", \"at_most\" or \"changes\": true must stand "
                            "in this object");
}

static bool read_boot(struct scenario_reader *reader, const cJSON *object, struct trigger *trigger)
{
    return json_text_get_integer(text_of(reader), object, "boot", JSON_REQUIRED, 1, UINT32_MAX,
                                 &trigger->number, reader->error);
}

static bool read_power_on(struct scenario_reader *reader, const cJSON *object,
                          struct trigger *trigger)
{
    return json_text_get_integer(text_of(reader), object, "power_on", JSON_REQUIRED, 1,
                                 SCENARIO_POWER_ON_MAX, &trigger->number, reader->error);
}

#define RANGE_KEYS "addr", "from", "to"
#define COMPARISON_KEYS "equals", "at_least", "at_most"

static const struct {
    const char *key;
    enum trigger_kind kind;
    bool (*read)(struct scenario_reader *reader, const cJSON *object, struct trigger *trigger);
    const char *keys[12];
} kinds[] = {
    {"event", TRIGGER_EVENT, read_event,
     {"event", RANGE_KEYS, "value", "unit", "rule", "nth", NULL}},
    {"operation", TRIGGER_OPERATION, read_operation,
     {"operation", "phase", "k", "n", RANGE_KEYS, "nth", NULL}},
    {"instructions", TRIGGER_INSTRUCTIONS, read_instructions, {"instructions", NULL}},
    {"time", TRIGGER_TIME, read_time, {"time", NULL}},
    {"pc", TRIGGER_PC, read_pc, {"pc", "nth", NULL}},
    {"console", TRIGGER_CONSOLE, read_console, {"console", "channel", "nth", NULL}},
    {"pin", TRIGGER_PIN, read_pin, {"pin", "edge", "nth", NULL}},
    {"symbol", TRIGGER_VALUE, read_value, {"symbol", COMPARISON_KEYS, "changes", "size", "nth", NULL}},
    {"memory", TRIGGER_VALUE, read_value, {"memory", COMPARISON_KEYS, "changes", "size", "nth", NULL}},
    {"boot", TRIGGER_BOOT, read_boot, {"boot", NULL}},
    {"power_on", TRIGGER_POWER_ON, read_power_on, {"power_on", NULL}},
};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

bool scenario_read_trigger(struct scenario_reader *reader, const cJSON *object,
                           struct trigger *trigger)
{
    unsigned found = KIND_COUNT;
    if (!cJSON_IsObject(object))
        return json_text_refuse(text_of(reader), object, reader->error,
                                "a trigger must be an object: { \"console\": \"ready\" }");
    for (unsigned i = 0; i < KIND_COUNT; i++) {
        if (!get(object, kinds[i].key))
            continue;
        if (found != KIND_COUNT)
            return json_text_refuse(text_of(reader), get(object, kinds[i].key), reader->error,
                                    "\"%s\" and \"%s\" in one trigger: make them two steps",
                                    kinds[found].key, kinds[i].key);
        found = i;
    }
    if (found == KIND_COUNT)
        return json_text_refuse(
            text_of(reader), object, reader->error,
            "no trigger here: write \"event\", \"operation\", \"instructions\", \"time\", \"pc\", "
            "\"console\", \"pin\", \"symbol\", \"memory\", \"boot\" or \"power_on\"");
    *trigger = (struct trigger){.kind = kinds[found].kind, .nth = 1, .to = UINT32_MAX,
                                .channel = CONSOLE_CHANNEL_COUNT};
    return scenario_read_keys(reader, object, kinds[found].keys) &&
           kinds[found].read(reader, object, trigger) && read_nth(reader, object, trigger);
}

/* ---- steps ---- */

static bool read_step(struct scenario_reader *reader, const cJSON *object)
{
    static const char *const keys[] = {"name", "when", "after", "within", "repeat", "do", NULL};
    struct timeline *timeline = &reader->scenario->timeline;
    const struct json_text *json = text_of(reader);
    uint64_t repeat = 1;
    if (timeline->count == TIMELINE_STEP_MAX)
        return json_text_refuse(json, object, reader->error, "more than %d steps",
                                TIMELINE_STEP_MAX);
    struct timeline_step *step = &timeline->steps[timeline->count++];
    *step = (struct timeline_step){.value = object, .within_ps = CLOCK_NEVER};
    if (!scenario_read_keys(reader, object, keys) ||
        !json_text_get_string(json, object, "name", JSON_OPTIONAL, &step->name, reader->error) ||
        !scenario_read_duration(reader, object, "after", &step->after_ps) ||
        !scenario_read_duration(reader, object, "within", &step->within_ps) ||
        !json_text_get_integer(json, object, "repeat", JSON_OPTIONAL, 1, SCENARIO_POWER_ON_MAX,
                               &repeat, reader->error))
        return false;
    step->repeat = (uint32_t)repeat;
    if (get(object, "when") && !scenario_read_trigger(reader, get(object, "when"), &step->trigger))
        return false;
    if (!get(object, "when") && !get(object, "after"))
        return json_text_refuse(json, object, reader->error,
                                "\"when\" or \"after\" is missing in this object: when it happens");
    if (!get(object, "do"))
        return json_text_refuse(json, object, reader->error,
                                "\"do\" is missing in this object: what happens; \"go_on\" for "
                                "nothing");
    return scenario_read_actions(reader, get(object, "do"), step);
}

bool scenario_read_timeline(struct scenario_reader *reader, const cJSON *root)
{
    struct scenario *scenario = reader->scenario;
    const cJSON *list = NULL;
    if (!json_text_get_array(&scenario->json, root, "timeline", JSON_OPTIONAL, &list,
                             reader->error))
        return false;
    if (!list)
        return true;
    if (!list->child)
        return json_text_refuse(&scenario->json, list, reader->error,
                                "no step in this list: nothing would happen");
    scenario->timeline.steps = calloc(TIMELINE_STEP_MAX, sizeof *scenario->timeline.steps);
    if (!scenario->timeline.steps)
        return json_text_refuse(&scenario->json, list, reader->error, "out of memory");
    for (const cJSON *at = list->child; at; at = at->next)
        if (!read_step(reader, at))
            return false;
    unsigned cuts = timeline_power_cuts(&scenario->timeline);
    if (cuts && scenario->cut_count)
        return json_text_refuse(&scenario->json, list, reader->error,
                                "power cuts both in \"cut\" and in the timeline: keep one of them");
    unsigned least = cuts + 1;
    if (get(root, "power_ons") && scenario->power_ons < least)
        return json_text_refuse(&scenario->json, get(root, "power_ons"), reader->error,
                                "\"power_ons\" must be at least %u: one more than power cuts",
                                least);
    if (scenario->power_ons < least)
        scenario->power_ons = least;
    return true;
}
