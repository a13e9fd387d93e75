/* The result for machines: every run, with what it takes to replay it. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/replay_id.h"
#include "sim/suite_result.h"

#define EXACT_IN_DOUBLE (UINT64_C(1) << 53)

static void add_number(cJSON *object, const char *key, uint64_t value)
{
    char text[24];
    if (value <= EXACT_IN_DOUBLE) {
        cJSON_AddNumberToObject(object, key, (double)value);
        return;
    }
    snprintf(text, sizeof text, "%" PRIu64, value);
    cJSON_AddStringToObject(object, key, text);
}

static void add_ids(cJSON *object, const char *key, const struct verdict_ids *ids)
{
    cJSON *list = cJSON_AddArrayToObject(object, key);
    for (unsigned i = 0; i < ids->count; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(ids->id[i]));
}

static const char *state_name(enum cut_state state)
{
    static const char *const names[] = {"waiting", "armed", "fired", "escaped"};
    return names[state];
}

static cJSON *cut_value(const struct cut *cut, const struct verdict_cut *done)
{
    char text[CUT_TEXT];
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "cut", cut_write(cut, text));
    cJSON_AddStringToObject(object, "state", state_name(done->state));
    if (done->state != CUT_FIRED)
        return object;
    add_number(object, "boot", done->boot);
    add_number(object, "t_ps", done->t_ps);
    if (done->op) {
        add_number(object, "op", done->op);
        add_number(object, "addr", done->addr);
        add_number(object, "size", done->size);
    }
    return object;
}

static void add_verdict(cJSON *object, const struct scenario *scenario,
                        const struct scenario_plan *plan, const struct verdict *verdict)
{
    char hash[24];
    cJSON *outcomes = cJSON_AddArrayToObject(object, "outcomes");
    for (unsigned i = 0; i < scenario->expectation_count; i++)
        cJSON_AddItemToArray(
            outcomes, cJSON_CreateString(verdict_outcome_name((enum outcome)verdict->outcome[i])));
    cJSON *notes = cJSON_AddArrayToObject(object, "notes");
    for (unsigned i = 0; i < verdict->note_count; i++)
        cJSON_AddItemToArray(notes, cJSON_CreateString(verdict->note[i]));
    cJSON *cuts = cJSON_AddArrayToObject(object, "cuts");
    for (unsigned i = 0; i < plan->cut_count; i++)
        cJSON_AddItemToArray(cuts, cut_value(&plan->cuts[i], &verdict->cuts[i]));
    add_number(object, "boots", verdict->boots);
    add_number(object, "power_ons", verdict->power_ons);
    add_number(object, "programs", verdict->programs);
    add_number(object, "erases", verdict->erases);
    add_number(object, "option_changes", verdict->option_changes);
    add_number(object, "events", verdict->events);
    snprintf(hash, sizeof hash, "%016" PRIx64, verdict->trace_hash);
    cJSON_AddStringToObject(object, "trace", hash);
    add_number(object, "end_ps", verdict->end_ps);
    add_ids(object, "assumed", &verdict->assumed);
    add_ids(object, "missing", &verdict->missing);
}

static cJSON *run_value(const struct suite_item *item, size_t index)
{
    static char id[REPLAY_ID_TEXT];
    const struct suite_run *run = &item->runs[index];
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "replay",
                            replay_id_write(&item->scenario, &item->plans.items[index], id));
    cJSON_AddStringToObject(object, "verdict",
                            run->has_verdict ? verdict_kind_name(run->verdict.kind) : "none");
    if (run->has_verdict)
        add_verdict(object, &item->scenario, &item->plans.items[index], &run->verdict);
    else
        cJSON_AddStringToObject(object, "error", run->error.text);
    return object;
}

static cJSON *item_value(const struct suite_item *item)
{
    const struct scenario *scenario = &item->scenario;
    char sha[16];
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "path", item->path);
    cJSON_AddStringToObject(object, "status", suite_status_name(item->status));
    if (!item->is_loaded) {
        cJSON_AddStringToObject(object, "error", item->error.text);
        return object;
    }
    cJSON_AddStringToObject(object, "name", scenario->name);
    cJSON_AddStringToObject(object, "why", scenario->why);
    cJSON_AddStringToObject(object, "chip", scenario->chip->name);
    snprintf(sha, sizeof sha, "%08" PRIx32, scenario->sha);
    cJSON_AddStringToObject(object, "sha", sha);
    cJSON_AddBoolToObject(object, "known_bad", scenario->is_known_bad);
    if (scenario->is_known_bad)
        cJSON_AddStringToObject(object, "because", scenario->expectations[scenario->because].name);
    if (item->text[0])
        cJSON_AddStringToObject(object, "text", item->text);
    cJSON *expectations = cJSON_AddArrayToObject(object, "expectations");
    for (unsigned i = 0; i < scenario->expectation_count; i++)
        cJSON_AddItemToArray(expectations, cJSON_CreateString(scenario->expectations[i].name));
    cJSON *runs = cJSON_AddArrayToObject(object, "runs");
    for (size_t i = 0; i < item->plans.count; i++)
        cJSON_AddItemToArray(runs, run_value(item, i));
    return object;
}

static cJSON *sum_value(const struct suite *suite)
{
    cJSON *object = cJSON_CreateObject();
    add_number(object, "scenarios", suite->count);
    add_number(object, "pass", suite_count(suite, SUITE_PASS));
    add_number(object, "known_bad", suite_count_known_bad(suite));
    add_number(object, "fail", suite_count(suite, SUITE_FAIL));
    add_number(object, "inconclusive", suite_count(suite, SUITE_INCONCLUSIVE));
    add_number(object, "bad_input", suite_count(suite, SUITE_BAD_INPUT));
    add_number(object, "runs", suite->run_count);
    return object;
}

bool suite_json_write(const struct suite *suite, FILE *out)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "format", "flashsim test 1");
    cJSON_AddItemToObject(root, "sum", sum_value(suite));
    cJSON *list = cJSON_AddArrayToObject(root, "scenarios");
    for (size_t i = 0; i < suite->count; i++)
        cJSON_AddItemToArray(list, item_value(&suite->items[i]));
    char *text = cJSON_Print(root);
    cJSON_Delete(root);
    if (!text)
        return false;
    fprintf(out, "%s\n", text);
    free(text);
    return !ferror(out);
}
