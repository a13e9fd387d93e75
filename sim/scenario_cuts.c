/* The reader of power cuts: which operations, which moments of them. */
#include <cjson/cJSON.h>
#include <string.h>

#include "sim/scenario_read.h"

static bool add_moment(struct scenario_reader *reader, struct scenario_cut *cut, const cJSON *value,
                       struct flash_cut moment)
{
    if (cut->moment_count == SCENARIO_MOMENT_MAX)
        return json_text_refuse(&reader->scenario->json, value, reader->error,
                                "more than %d moments for one cut: split it into several scenarios",
                                SCENARIO_MOMENT_MAX);
    cut->moments[cut->moment_count++] = moment;
    return true;
}

/* The parts of a pulse: "k" of "n", or each of them. */
struct pulse_parts {
    bool has_k;
    uint64_t k, n;
};

static bool read_parts(struct scenario_reader *reader, const cJSON *object,
                       struct pulse_parts *parts)
{
    const struct json_text *json = &reader->scenario->json;
    const cJSON *k = cJSON_GetObjectItemCaseSensitive(object, "k");
    *parts = (struct pulse_parts){k != NULL, 0, FLASH_PULSE_COUNT};
    if (!json_text_get_integer(json, object, "n", JSON_OPTIONAL, 1, CUT_PULSES_MAX, &parts->n,
                               reader->error) ||
        !json_text_get_integer(json, object, "k", JSON_OPTIONAL, 1, CUT_PULSES_MAX, &parts->k,
                               reader->error))
        return false;
    return parts->k <= parts->n ||
           json_text_refuse(json, k, reader->error, "\"k\" is past \"n\": the pulse has %llu parts",
                            (unsigned long long)parts->n);
}

static bool add_phase(struct scenario_reader *reader, struct scenario_cut *cut, const cJSON *value,
                      enum flash_phase phase, const struct pulse_parts *parts)
{
    if (phase != FLASH_PHASE_PULSE)
        return add_moment(reader, cut, value, (struct flash_cut){.phase = phase});
    unsigned first = parts->has_k ? (unsigned)parts->k : 1;
    unsigned last = parts->has_k ? first : (unsigned)parts->n;
    for (unsigned k = first; k <= last; k++)
        if (!add_moment(reader, cut, value,
                        (struct flash_cut){.phase = phase, .k = k, .n = (unsigned)parts->n}))
            return false;
    return true;
}

static bool read_phase(struct scenario_reader *reader, struct scenario_cut *cut, const cJSON *value,
                       const struct pulse_parts *parts)
{
    const struct json_text *json = &reader->scenario->json;
    const char *names[FLASH_PHASE_COUNT + 1] = {NULL};
    unsigned count = 0;
    for (unsigned i = 0; i < FLASH_PHASE_COUNT; i++)
        if (cut_has_phase(cut->operation, (enum flash_phase)i))
            names[count++] = flash_phase_name((enum flash_phase)i);
    if (!cJSON_IsString(value))
        return json_text_refuse(json, value, reader->error, "a phase must be a string: \"pulse\"");
    enum flash_phase phase = flash_phase_find(value->valuestring);
    if (phase == FLASH_PHASE_COUNT || !cut_has_phase(cut->operation, phase))
        return scenario_read_refuse_name(reader, value, "phase of this operation",
                                         value->valuestring, names);
    return add_phase(reader, cut, value, phase, parts);
}

static bool read_phases(struct scenario_reader *reader, struct scenario_cut *cut,
                        const cJSON *object)
{
    const struct json_text *json = &reader->scenario->json;
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, "phase");
    struct pulse_parts parts;
    if (!value)
        return json_text_refuse(json, object, reader->error,
                                "\"phase\" is missing in this object: where in the operation");
    if (!read_parts(reader, object, &parts))
        return false;
    if (cJSON_IsString(value) && strcmp(value->valuestring, "each") == 0) {
        for (unsigned i = 0; i < FLASH_PHASE_COUNT; i++)
            if (cut_has_phase(cut->operation, (enum flash_phase)i) &&
                !add_phase(reader, cut, value, (enum flash_phase)i, &parts))
                return false;
        return true;
    }
    if (!cJSON_IsArray(value))
        return read_phase(reader, cut, value, &parts);
    for (const cJSON *at = value->child; at; at = at->next)
        if (!read_phase(reader, cut, at, &parts))
            return false;
    return cut->moment_count || json_text_refuse(json, value, reader->error,
                                                 "no phase in this list: nothing would be cut");
}

static bool add_nth(struct scenario_reader *reader, struct scenario_cut *cut, const cJSON *value)
{
    uint64_t nth = 0;
    if (cut->nth_count == SCENARIO_NTH_MAX)
        return json_text_refuse(&reader->scenario->json, value, reader->error,
                                "more than %d operations listed: write \"each\"", SCENARIO_NTH_MAX);
    if (!scenario_read_integer(reader, value, "\"nth\"", 1, CUT_NTH_MAX, &nth))
        return false;
    cut->nth[cut->nth_count++] = (uint32_t)nth;
    return true;
}

static bool read_nth(struct scenario_reader *reader, struct scenario_cut *cut, const cJSON *object)
{
    const struct json_text *json = &reader->scenario->json;
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, "nth");
    if (!value)
        return json_text_refuse(
            json, object, reader->error,
            "\"nth\" is missing in this object: which operation, from 1, or \"each\"");
    if (cJSON_IsString(value) && strcmp(value->valuestring, "each") == 0) {
        cut->is_each = true;
        return true;
    }
    if (!cJSON_IsArray(value))
        return add_nth(reader, cut, value);
    for (const cJSON *at = value->child; at; at = at->next)
        if (!add_nth(reader, cut, at))
            return false;
    return cut->nth_count || json_text_refuse(json, value, reader->error,
                                              "no number in this list: nothing would be cut");
}

static bool read_timed_cut(struct scenario_reader *reader, struct scenario_cut *cut,
                           const cJSON *object)
{
    static const char *const keys[] = {"at", "by", NULL};
    cut->is_timed = true;
    cut->nth_count = cut->moment_count = 1;
    for (const cJSON *member = object->child; member; member = member->next)
        if (strcmp(member->string, "at") != 0 && strcmp(member->string, "by") != 0)
            return json_text_refuse(&reader->scenario->json, member, reader->error,
                                    "a cut at a time has no \"%.40s\": keep one of the two",
                                    member->string);
    return scenario_read_keys(reader, object, keys) &&
           scenario_read_duration(reader, object, "at", &cut->after_ps);
}

static bool read_cut(struct scenario_reader *reader, const cJSON *object)
{
    static const char *const keys[] = {"operation", "nth", "phase", "k", "n", "at", "by", NULL};
    struct scenario *scenario = reader->scenario;
    unsigned operation = CUT_ANY_OPERATION;
    if (scenario->cut_count == SCENARIO_CUT_MAX)
        return json_text_refuse(&scenario->json, object, reader->error,
                                "more than %d cuts one after another", SCENARIO_CUT_MAX);
    struct scenario_cut *cut = &scenario->cuts[scenario->cut_count++];
    *cut = (struct scenario_cut){.value = object};
    if (!scenario_read_keys(reader, object, keys))
        return false;
    const cJSON *by = cJSON_GetObjectItemCaseSensitive(object, "by");
    bool is_power = !by || (cJSON_IsString(by) && strcmp(by->valuestring, "power") == 0);
    if (!is_power && !scenario_read_cause(reader, by, &cut->by))
        return false;
    if (cJSON_GetObjectItemCaseSensitive(object, "at"))
        return read_timed_cut(reader, cut, object);
    if (!json_text_get_choice(&scenario->json, object, "operation", JSON_OPTIONAL,
                              cut_operation_names(),
                              &operation, reader->error))
        return false;
    cut->operation = (enum cut_operation)operation;
    return read_nth(reader, cut, object) && read_phases(reader, cut, object);
}

bool scenario_read_cuts(struct scenario_reader *reader, const cJSON *root)
{
    struct scenario *scenario = reader->scenario;
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(root, "cut");
    const cJSON *first = cJSON_IsArray(value) ? value->child : value;
    if (value && !first)
        return json_text_refuse(&scenario->json, value, reader->error,
                                "no cut in this list: leave \"cut\" out if nothing is to be cut");
    for (const cJSON *at = first; at; at = cJSON_IsArray(value) ? at->next : NULL)
        if (!read_cut(reader, at))
            return false;
    uint64_t power_ons = scenario->cut_count + 1;
    if (!json_text_get_integer(&scenario->json, root, "power_ons", JSON_OPTIONAL,
                               scenario->cut_count + 1, SCENARIO_POWER_ON_MAX, &power_ons,
                               reader->error))
        return false;
    scenario->power_ons = (unsigned)power_ons;
    return true;
}
