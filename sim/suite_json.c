/* The result for machines: every run, with what it takes to replay it, and some runs in full. Written as it
 * goes: a result may be larger than memory. reports/README.md tells what each field holds. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/json_out.h"
#include "sim/replay_id.h"
#include "sim/rule_text.h"
#include "sim/suite_result.h"
#include "sim/word_text.h"

#define MAIN_FLASH 0x08000000u

static void write_ids(struct json_out *json, const char *key, const struct verdict_ids *ids)
{
    json_out_array(json, key, JSON_OUT_LINE);
    for (unsigned i = 0; i < ids->count; i++)
        json_out_string(json, NULL, ids->id[i]);
    json_out_end(json);
}

static const char *state_name(enum cut_state state)
{
    static const char *const names[] = {[CUT_WAITS] = "waiting",
                                        [CUT_AIMS] = "aiming",
                                        [CUT_ARMED] = "armed",
                                        [CUT_FIRED] = "fired",
                                        [CUT_ESCAPED] = "escaped"};
    return names[state];
}

static void write_cut(struct json_out *json, const struct cut *cut, const struct verdict_cut *done)
{
    char text[CUT_TEXT];
    json_out_object(json, NULL, JSON_OUT_LINE);
    json_out_string(json, "cut", cut_write(cut, text));
    json_out_string(json, "state", state_name(done->state));
    if (done->state == CUT_FIRED) {
        json_out_number(json, "boot", done->boot);
        json_out_number(json, "t_ps", done->t_ps);
    }
    if (done->state == CUT_FIRED && done->op) {
        json_out_number(json, "op", done->op);
        json_out_number(json, "addr", done->addr);
        json_out_number(json, "size", done->size);
    }
    json_out_end(json);
}

static void write_verdict(struct json_out *json, const struct scenario *scenario,
                          const struct scenario_plan *plan, const struct verdict *verdict)
{
    char hash[24];
    json_out_array(json, "outcomes", JSON_OUT_LINE);
    for (unsigned i = 0; i < scenario->expectation_count; i++)
        json_out_string(json, NULL, verdict_outcome_name((enum outcome)verdict->outcome[i]));
    json_out_end(json);
    json_out_array(json, "notes", JSON_OUT_LINES);
    for (unsigned i = 0; i < verdict->note_count; i++)
        json_out_string(json, NULL, verdict->note[i]);
    json_out_end(json);
    if (verdict->note_lost)
        json_out_number(json, "notes_left_out", verdict->note_lost);
    json_out_array(json, "cuts", JSON_OUT_LINES);
    for (unsigned i = 0; i < plan->cut_count; i++)
        write_cut(json, &plan->cuts[i], &verdict->cuts[i]);
    json_out_end(json);
    json_out_number(json, "boots", verdict->boots);
    json_out_number(json, "power_ons", verdict->power_ons);
    json_out_number(json, "programs", verdict->programs);
    json_out_number(json, "erases", verdict->erases);
    json_out_number(json, "option_changes", verdict->option_changes);
    json_out_number(json, "events", verdict->events);
    snprintf(hash, sizeof hash, "%016" PRIx64, verdict->trace_hash);
    json_out_string(json, "trace_hash", hash);
    json_out_number(json, "end_ps", verdict->end_ps);
    write_ids(json, "assumed", &verdict->assumed);
    write_ids(json, "missing", &verdict->missing);
}

static bool write_run(struct json_out *json, const struct suite *suite,
                      const struct suite_shown *shown, size_t item_index, size_t index)
{
    static char id[REPLAY_ID_TEXT];
    const struct suite_item *item = &suite->items[item_index];
    const struct suite_run *run = &item->runs[index];
    bool is_good = true;
    json_out_object(json, NULL, JSON_OUT_LINES);
    json_out_string(json, "replay", replay_id_write(&item->scenario, &item->plans.items[index], id));
    json_out_string(json, "verdict",
                    run->has_verdict ? verdict_kind_name(run->verdict.kind) : "none");
    if (run->has_verdict)
        write_verdict(json, &item->scenario, &item->plans.items[index], &run->verdict);
    else
        json_out_string(json, "error", run->error.text);
    if (suite_shown_has(shown, item_index, index))
        is_good = suite_shown_copy(shown, item_index, index, json_out_value(json, "shown"));
    json_out_end(json);
    return is_good;
}

/* ---- a scenario ---- */

/* As its file has it. False: out of memory. */
static bool write_value(struct json_out *json, const char *key, const cJSON *value)
{
    char *text = cJSON_PrintUnformatted(value);
    if (!text)
        return false;
    fputs(text, json_out_value(json, key));
    cJSON_free(text);
    return true;
}

static void write_geometry(struct json_out *json, const struct chip *chip)
{
    json_out_object(json, "flash", JSON_OUT_LINE);
    json_out_number(json, "base", MAIN_FLASH);
    json_out_number(json, "banks", chip->flash.bank_count);
    json_out_number(json, "bank_bytes", chip->flash.bank_bytes);
    json_out_number(json, "page_bytes", chip->flash.page_bytes);
    json_out_number(json, "program_unit_bytes", 8);
    json_out_end(json);
}

static bool write_expectations(struct json_out *json, const struct scenario *scenario)
{
    bool is_good = true;
    json_out_array(json, "expectations", JSON_OUT_LINES);
    for (unsigned i = 0; i < scenario->expectation_count; i++) {
        json_out_object(json, NULL, JSON_OUT_LINE);
        json_out_string(json, "name", scenario->expectations[i].name);
        is_good = write_value(json, "expect", scenario->expectations[i].value) && is_good;
        json_out_end(json);
    }
    json_out_end(json);
    return is_good;
}

static bool write_scenario(struct json_out *json, const struct suite_item *item)
{
    const struct scenario *scenario = &item->scenario;
    char sha[16];
    json_out_string(json, "name", scenario->name);
    json_out_string(json, "why", scenario->why);
    json_out_string(json, "chip", scenario->chip->name);
    snprintf(sha, sizeof sha, "%08" PRIx32, scenario->sha);
    json_out_string(json, "sha", sha);
    write_geometry(json, scenario->chip);
    json_out_bool(json, "known_bad", scenario->is_known_bad);
    if (scenario->is_known_bad)
        json_out_string(json, "because", scenario->expectations[scenario->because].name);
    json_out_bool(json, "bad_as_stated", item->is_bad_as_stated);
    json_out_bool(json, "known_inconclusive", scenario->inconclusive_because != NULL);
    if (scenario->inconclusive_because)
        json_out_string(json, "because", scenario->inconclusive_because);
    json_out_bool(json, "inconclusive_as_stated", item->is_inconclusive_as_stated);
    if (item->text[0])
        json_out_string(json, "text", item->text);
    return write_value(json, "file", scenario->json.root) && write_expectations(json, scenario);
}

static bool write_item(struct json_out *json, const struct suite *suite,
                       const struct suite_shown *shown, size_t index)
{
    const struct suite_item *item = &suite->items[index];
    bool is_good = true;
    json_out_object(json, NULL, JSON_OUT_LINES);
    json_out_string(json, "path", item->path);
    json_out_string(json, "status", suite_status_name(item->status));
    if (item->is_loaded) {
        is_good = write_scenario(json, item);
        json_out_array(json, "runs", JSON_OUT_LINES);
        for (size_t i = 0; i < item->plans.count; i++)
            is_good = write_run(json, suite, shown, index, i) && is_good;
        json_out_end(json);
    } else {
        json_out_string(json, "error", item->error.text);
    }
    json_out_end(json);
    return is_good;
}

static void write_sum(struct json_out *json, const struct suite *suite)
{
    json_out_object(json, "sum", JSON_OUT_LINES);
    json_out_number(json, "scenarios", suite->count);
    json_out_number(json, "pass", suite_count(suite, SUITE_PASS));
    json_out_number(json, "known_bad", suite_count_known_bad(suite));
    json_out_number(json, "known_inconclusive", suite_count_known_inconclusive(suite));
    json_out_number(json, "fail", suite_count(suite, SUITE_FAIL));
    json_out_number(json, "inconclusive", suite_count(suite, SUITE_INCONCLUSIVE));
    json_out_number(json, "bad_input", suite_count(suite, SUITE_BAD_INPUT));
    json_out_number(json, "runs", suite->run_count);
    json_out_end(json);
}

/* ---- what readers need to say it in words ---- */

static void write_words_of(struct json_out *json, enum event_kind kind)
{
    char value[24];
    json_out_object(json, event_kind_name(kind), JSON_OUT_LINE);
    for (size_t i = 0; i < word_text_count; i++) {
        if (word_texts[i].event != kind)
            continue;
        snprintf(value, sizeof value, "%" PRIu32, word_texts[i].value);
        json_out_string(json, value, word_texts[i].word);
    }
    json_out_end(json);
}

static void write_words(struct json_out *json)
{
    static const enum event_kind kinds[] = {EVENT_EXCEPTION_ENTRY, EVENT_FLASH_TORN, EVENT_RESET,
                                            EVENT_WATCHDOG};
    json_out_object(json, "words", JSON_OUT_LINES);
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        write_words_of(json, kinds[i]);
    json_out_end(json);
}

static bool is_assumed(const struct suite *suite, const char *id)
{
    for (size_t i = 0; i < suite->count; i++) {
        const struct suite_item *item = &suite->items[i];
        for (size_t k = 0; item->is_loaded && k < item->plans.count; k++) {
            const struct verdict_ids *ids = &item->runs[k].verdict.assumed;
            for (unsigned n = 0; item->runs[k].has_verdict && n < ids->count; n++)
                if (strcmp(ids->id[n], id) == 0)
                    return true;
        }
    }
    return false;
}

struct rules {
    struct json_out *json;
    const struct suite *suite;
};

static bool write_rule(void *context, const struct rule_text *rule)
{
    char said[RULE_TEXT_SAID];
    const struct rules *rules = context;
    if (!is_assumed(rules->suite, rule->id))
        return true;
    json_out_object(rules->json, NULL, JSON_OUT_LINE);
    json_out_string(rules->json, "id", rule->id);
    json_out_string(rules->json, "text", rule_text_say(rule, said));
    json_out_string(rules->json, "source", rule->source);
    json_out_end(rules->json);
    return true;
}

static void write_rules(struct json_out *json, const struct suite *suite)
{
    struct rules rules = {json, suite};
    json_out_array(json, "rules", JSON_OUT_LINES);
    rule_text_each(write_rule, &rules);
    json_out_end(json);
}

bool suite_json_write(const struct suite *suite, const struct suite_shown *shown, FILE *out)
{
    struct json_out json;
    bool is_good = true;
    json_out_start(&json, out, 0);
    json_out_object(&json, NULL, JSON_OUT_LINES);
    json_out_string(&json, "format", "flashsim test 2");
    write_sum(&json, suite);
    write_words(&json);
    write_rules(&json, suite);
    json_out_array(&json, "scenarios", JSON_OUT_LINES);
    for (size_t i = 0; i < suite->count; i++)
        is_good = write_item(&json, suite, shown, i) && is_good;
    json_out_end(&json);
    json_out_end(&json);
    putc('\n', out);
    return is_good && !ferror(out);
}
