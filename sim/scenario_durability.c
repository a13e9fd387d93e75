/* The reader of durability expectations: begun, acknowledged, reported, each said on a console or not. */
#include <cjson/cJSON.h>
#include <string.h>

#include "sim/scenario_read.h"

static const char *const said[] = {"begun", "acknowledged", "reported"};
enum { SAID_ACKNOWLEDGED = 1, SAID_REPORTED = 2, SAID_COUNT = 3 };

static const struct json_text *text_of(const struct scenario_reader *reader)
{
    return &reader->scenario->json;
}

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static bool need_text(struct scenario_reader *reader, const cJSON *object, const char *key,
                      enum json_need need, const char **text)
{
    if (!json_text_get_string(text_of(reader), object, key, need, text, reader->error))
        return false;
    return **text || json_text_refuse(text_of(reader), get(object, key), reader->error,
                                      "\"%s\" is empty", key);
}

static bool read_when(struct scenario_reader *reader, const cJSON *object,
                      struct durable_source *source)
{
    const cJSON *when = get(object, "when");
    if (!when)
        return json_text_refuse(text_of(reader), object, reader->error,
                                "\"when\" is missing in this object: when the variable is what was "
                                "found, as { \"symbol\": \"is_loaded\", \"equals\": 1 }");
    if (!scenario_read_trigger(reader, when, &source->when))
        return false;
    enum trigger_kind kind = source->when.kind;
    return get(when, "symbol") || kind == TRIGGER_CONSOLE || kind == TRIGGER_PIN ||
           json_text_refuse(text_of(reader), when, reader->error,
                            "a report is made at a \"console\", a \"pin\" or a \"symbol\"");
}

static bool read_variable(struct scenario_reader *reader, const cJSON *object, bool is_reported,
                          struct durable_source *source)
{
    static const char *const keys[] = {"symbol", "item", NULL};
    static const char *const reported_keys[] = {"symbol", "item", "when", NULL};
    const char *symbol = "";
    source->kind = DURABLE_SYMBOL;
    if (!scenario_read_keys(reader, object, is_reported ? reported_keys : keys) ||
        !need_text(reader, object, "symbol", JSON_REQUIRED, &symbol) ||
        !need_text(reader, object, "item", JSON_REQUIRED, &source->item))
        return false;
    source->variable = (struct place){.value = get(object, "symbol"), .symbol = symbol};
    if (strlen(source->item) >= DURABILITY_TEXT)
        return json_text_refuse(text_of(reader), get(object, "item"), reader->error,
                                "more than %d characters", DURABILITY_TEXT - 1);
    return !is_reported || read_when(reader, object, source);
}

static bool read_edge(struct scenario_reader *reader, const cJSON *object,
                      struct durable_source *source)
{
    static const char *const keys[] = {"pin", "edge", NULL};
    source->kind = DURABLE_PIN;
    return scenario_read_keys(reader, object, keys) &&
           scenario_read_trigger(reader, object, &source->when);
}

static bool read_source(struct scenario_reader *reader, const cJSON *object, unsigned which,
                        const char **text, struct durable_source *source)
{
    const cJSON *value = get(object, said[which]);
    if (!cJSON_IsObject(value))
        return need_text(reader, object, said[which], JSON_REQUIRED, text);
    *text = NULL;
    if (which == SAID_ACKNOWLEDGED && get(value, "pin"))
        return read_edge(reader, value, source);
    return read_variable(reader, value, which == SAID_REPORTED, source);
}

/* The reader of lines takes the first text that fits. */
static bool check_texts(struct scenario_reader *reader, const cJSON *object,
                        const char *const texts[SAID_COUNT])
{
    for (unsigned i = 0; i < SAID_COUNT; i++)
        for (unsigned k = 0; k < SAID_COUNT; k++)
            if (i != k && texts[i] && texts[k] && strncmp(texts[i], texts[k], strlen(texts[k])) == 0)
                return json_text_refuse(
                    text_of(reader), get(object, said[i]), reader->error,
                    "\"%s\" begins as \"%s\" does: a line could be either", said[i], said[k]);
    return true;
}

/* Each variable speaks of one item: two names would be two items, of which neither is ever kept. */
static bool check_items(struct scenario_reader *reader, const cJSON *object,
                        const struct durable_source *const sources[SAID_COUNT])
{
    for (unsigned i = 1; i < SAID_COUNT; i++)
        for (unsigned k = 0; k < i; k++)
            if (sources[i]->item && sources[k]->item &&
                strcmp(sources[i]->item, sources[k]->item) != 0)
                return json_text_refuse(
                    text_of(reader), get(get(object, said[i]), "item"), reader->error,
                    "\"%s\" speaks of \"%.60s\", \"%s\" of \"%.60s\": one item, or two expectations",
                    said[i], sources[i]->item, said[k], sources[k]->item);
    return true;
}

bool scenario_read_durability(struct scenario_reader *reader, const cJSON *object,
                              struct expectation *expectation)
{
    static const char *const keys[] = {"begun",     "acknowledged", "reported",
                                       "separator", "channel",      NULL};
    struct expect_durability *durability = &expectation->durability;
    struct durability_pattern *pattern = &durability->pattern;
    const char **texts[] = {&pattern->begun, &pattern->acknowledged, &pattern->reported};
    struct durable_source *sources[] = {&durability->begun, &durability->acknowledged,
                                        &durability->reported};
    pattern->separator = "=";
    if (!scenario_read_keys(reader, object, keys))
        return false;
    for (unsigned i = 0; i < SAID_COUNT; i++)
        if (!read_source(reader, object, i, texts[i], sources[i]))
            return false;
    return need_text(reader, object, "separator", JSON_OPTIONAL, &pattern->separator) &&
           check_texts(reader, object,
                       (const char *const[]){pattern->begun, pattern->acknowledged,
                                             pattern->reported}) &&
           check_items(reader, object,
                       (const struct durable_source *const[]){sources[0], sources[1], sources[2]}) &&
           scenario_read_channel(reader, object, &durability->channel);
}
