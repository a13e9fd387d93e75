#include "sim/verdict_sources.h"

#include <inttypes.h>
#include <stdio.h>

/* One durability expectation of the run. */
struct follower {
    struct verdict_judge *judge;
    const struct expect_durability *wanted;
    struct verdict_sources *sources;
    struct durability *oracle;
};

static bool follow(struct verdict_judge *judge, unsigned index, struct follower *follower)
{
    const struct expectation *expectation = &judge->scenario->expectations[index];
    *follower = (struct follower){judge, &expectation->durability, &judge->sources[index],
                                  &judge->durability[index]};
    return expectation->kind == EXPECT_DURABILITY;
}

/* ---- variables ---- */

static uint64_t value_of(const struct verdict_judge *judge, const struct place *place)
{
    uint8_t bytes[8] = {0};
    uint64_t value = 0;
    machine_peek(judge->machine, place->addr, bytes, place->size);
    for (uint32_t i = 0; i < place->size; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

static void start_watching(struct verdict_judge *judge, const struct place *place,
                           struct verdict_variable *variable)
{
    if (!machine_watch(judge->machine, place->addr, place->size, &variable->watch))
        variable->watch = MACHINE_WATCH_MAX; /* what it says is heard at the next event only */
}

/* RAM may hold what an earlier boot left, or noise: nobody has said that. */
static void start(struct verdict_judge *judge, const struct place *place, uint64_t initial,
                  struct verdict_variable *variable)
{
    variable->value = value_of(judge, place);
    variable->is_started = variable->value == initial;
    if (variable->watch < MACHINE_WATCH_MAX) /* RAM has changed without a store */
        judge->machine->watch[variable->watch].value = variable->value;
}

/* The program has given it another value, and not as part of its start-up. */
static bool has_changed(struct verdict_judge *judge, const struct place *place, uint64_t initial,
                        struct verdict_variable *variable)
{
    uint64_t value = value_of(judge, place);
    if (value == variable->value)
        return false;
    bool was_started = variable->is_started;
    variable->value = value;
    variable->is_started = was_started || value == initial;
    return was_started;
}

static bool is_same_variable(const struct durable_source *a, const struct durable_source *b)
{
    return a->kind == DURABLE_SYMBOL && b->kind == DURABLE_SYMBOL &&
           a->variable.addr == b->variable.addr;
}

/* ---- what they say ---- */

enum { NUMBER = 24 };

static const char *number(uint64_t value, char text[NUMBER])
{
    snprintf(text, NUMBER, "%" PRIu64, value);
    return text;
}

/* The report's trigger came; one report a boot. */
static void report(struct follower *f)
{
    const struct durable_source *reported = &f->wanted->reported;
    char text[NUMBER];
    if (f->sources->has_reported || ++f->sources->seen < reported->when.nth)
        return;
    f->sources->has_reported = true;
    durability_report(f->oracle, f->judge->boot, reported->item,
                      number(value_of(f->judge, &reported->variable), text));
}

/* A variable that is loaded from flash before it is reported says nothing by that. */
static bool is_loading(const struct follower *f, const struct durable_source *source)
{
    return !f->sources->has_reported && is_same_variable(source, &f->wanted->reported);
}

static void look_at_variables(struct follower *f)
{
    const struct expect_durability *wanted = f->wanted;
    struct verdict_sources *sources = f->sources;
    const struct durable_source *begun = &wanted->begun;
    const struct durable_source *acknowledged = &wanted->acknowledged;
    const struct trigger *when = &wanted->reported.when;
    uint32_t boot = f->judge->boot;
    char text[NUMBER];
    if (wanted->reported.kind == DURABLE_SYMBOL && when->kind == TRIGGER_VALUE &&
        has_changed(f->judge, &when->place, wanted->reported.when_initial, &sources->when) &&
        (when->is_any_change || comparison_holds(&when->comparison, sources->when.value)))
        report(f);
    if (begun->kind == DURABLE_SYMBOL &&
        has_changed(f->judge, &begun->variable, begun->initial, &sources->begun) &&
        !is_loading(f, begun))
        durability_begin(f->oracle, boot, begun->item, number(sources->begun.value, text));
    if (acknowledged->kind == DURABLE_SYMBOL &&
        has_changed(f->judge, &acknowledged->variable, acknowledged->initial,
                    &sources->acknowledged) &&
        !is_loading(f, acknowledged))
        durability_acknowledge(f->oracle, boot, acknowledged->item,
                               number(sources->acknowledged.value, text));
}

static void on_changed(void *context, unsigned watch)
{
    (void)watch;
    struct verdict_judge *judge = context;
    struct follower f;
    for (unsigned i = 0; i < judge->scenario->expectation_count; i++)
        if (follow(judge, i, &f) && f.sources->is_running)
            look_at_variables(&f);
}

/* ---- events ---- */

static void start_boot(struct follower *f)
{
    const struct expect_durability *wanted = f->wanted;
    struct verdict_sources *sources = f->sources;
    sources->seen = 0;
    sources->has_reported = false;
    sources->is_running = true;
    for (unsigned i = 0; i < CONSOLE_CHANNEL_COUNT; i++)
        sources->matched[i] = 0;
    if (wanted->begun.kind == DURABLE_SYMBOL)
        start(f->judge, &wanted->begun.variable, wanted->begun.initial, &sources->begun);
    if (wanted->acknowledged.kind == DURABLE_SYMBOL)
        start(f->judge, &wanted->acknowledged.variable, wanted->acknowledged.initial,
              &sources->acknowledged);
    if (wanted->reported.when.kind == TRIGGER_VALUE)
        start(f->judge, &wanted->reported.when.place, wanted->reported.when_initial,
              &sources->when);
}

static void hear_running(struct follower *f, const struct event *event)
{
    const struct expect_durability *wanted = f->wanted;
    if (event->kind != EVENT_PIN && event->kind != EVENT_CONSOLE)
        return;
    look_at_variables(f);
    if (wanted->acknowledged.kind == DURABLE_PIN &&
        trigger_hears(&wanted->acknowledged.when, f->sources->matched, event))
        durability_acknowledge_begun(f->oracle, f->judge->boot);
    if (wanted->reported.kind == DURABLE_SYMBOL &&
        trigger_hears(&wanted->reported.when, f->sources->matched, event))
        report(f);
}

void verdict_sources_hear(struct verdict_judge *judge, const struct event *event)
{
    struct follower f;
    for (unsigned i = 0; i < judge->scenario->expectation_count; i++) {
        if (!follow(judge, i, &f))
            continue;
        if (event->kind == EVENT_BOOT)
            start_boot(&f);
        else if (f.sources->is_running)
            hear_running(&f, event);
    }
}

void verdict_sources_end_boot(struct verdict_judge *judge)
{
    struct follower f;
    for (unsigned i = 0; i < judge->scenario->expectation_count; i++) {
        if (!follow(judge, i, &f) || !f.sources->is_running)
            continue;
        look_at_variables(&f);
        f.sources->is_running = false;
    }
}

void verdict_sources_begin(struct verdict_judge *judge)
{
    struct follower f;
    bool has_variable = false;
    for (unsigned i = 0; i < judge->scenario->expectation_count; i++) {
        if (!follow(judge, i, &f))
            continue;
        struct {
            bool is_used;
            const struct place *place;
            struct verdict_variable *variable;
        } all[] = {
            {f.wanted->begun.kind == DURABLE_SYMBOL, &f.wanted->begun.variable, &f.sources->begun},
            {f.wanted->acknowledged.kind == DURABLE_SYMBOL, &f.wanted->acknowledged.variable,
             &f.sources->acknowledged},
            {f.wanted->reported.when.kind == TRIGGER_VALUE, &f.wanted->reported.when.place,
             &f.sources->when},
        };
        for (unsigned k = 0; k < sizeof all / sizeof all[0]; k++) {
            has_variable = has_variable || all[k].is_used;
            if (all[k].is_used)
                start_watching(judge, all[k].place, all[k].variable);
        }
    }
    if (has_variable)
        judge->machine->witness = (struct machine_host){.context = judge, .changed = on_changed};
}

void verdict_sources_end(struct verdict_judge *judge)
{
    judge->machine->witness = (struct machine_host){0};
}
