/* A judge listens to a run, then looks at each expectation. What it says about consoles, symbols
 * and flash contents is in verdict_check.c. */
#include "sim/verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/irq.h"
#include "sim/quantity.h"
#include "sim/verdict_check.h"
#include "sim/verdict_pulse.h"
#include "sim/verdict_sources.h"
#include "sim/verdict_where.h"

enum { LINE_PAUSE_MS = 10 }; /* more than a character takes at 1200 baud */

const char *verdict_kind_name(enum verdict_kind kind)
{
    static const char *const names[] = {"pass", "fail", "inconclusive"};
    return names[kind];
}

const char *verdict_outcome_name(enum outcome outcome)
{
    static const char *const names[] = {"met", "violated", "unreached"};
    return names[outcome];
}

void verdict_begin(struct verdict_judge *judge, const struct scenario *scenario,
                   struct machine *machine, struct verdict *verdict)
{
    memset(judge, 0, sizeof *judge);
    memset(verdict, 0, sizeof *verdict);
    judge->scenario = scenario;
    judge->machine = machine;
    judge->verdict = verdict;
    judge->is_boot_over = judge->is_without_power = true;
    verdict->trace_hash = UINT64_C(0xCBF29CE484222325);
    for (unsigned i = 0; i < scenario->expectation_count; i++)
        if (scenario->expectations[i].kind == EXPECT_DURABILITY)
            durability_init(&judge->durability[i], &scenario->expectations[i].durability.pattern);
    verdict_sources_begin(judge);
}

void verdict_free(struct verdict_judge *judge)
{
    verdict_sources_end(judge);
    for (unsigned i = 0; i < judge->scenario->expectation_count; i++)
        durability_free(&judge->durability[i]);
    console_log_free(&judge->log);
}

static void hear_pulses(struct verdict_judge *judge, const struct event *event)
{
    bool is_reset = event->kind == EVENT_RESET;
    for (unsigned i = 0; i < judge->scenario->expectation_count; i++) {
        if (judge->scenario->expectations[i].kind != EXPECT_ALIVE)
            continue;
        if (is_reset || event->kind == EVENT_POWER_CUT)
            verdict_pulse_end_boot(judge, i,
                                   is_reset && !judge->machine->is_cutting ? PULSE_ENDS_BY_RESET
                                                                           : PULSE_ENDS_BY_CUT,
                                   event->value);
        verdict_pulse_hear(judge, i, event);
    }
}

/* ---- what is gathered from every event ---- */

/* FNV-1a: two runs with the same hash had the same trace. */
static uint64_t mix_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001B3);
    return hash;
}

static uint64_t mix_event(uint64_t hash, const struct event *event)
{
    uint64_t words[] = {event->seq,   event->t_ps, event->kind,  event->boot,
                        event->op,    event->pc,   event->addr,  event->size,
                        event->value, event->core, event->master};
    hash = mix_bytes(hash, words, sizeof words);
    if (event->unit)
        hash = mix_bytes(hash, event->unit, strlen(event->unit) + 1);
    if (event->rule)
        hash = mix_bytes(hash, event->rule, strlen(event->rule) + 1);
    return hash;
}

static void remember(struct verdict_ids *ids, const char *id)
{
    for (unsigned i = 0; i < ids->count; i++)
        if (strncmp(ids->id[i], id, VERDICT_ID - 1) == 0)
            return;
    if (ids->count < VERDICT_ID_MAX)
        snprintf(ids->id[ids->count++], VERDICT_ID, "%s", id);
}

static void gather(struct verdict *verdict, const struct event *event)
{
    char text[VERDICT_ID];
    verdict->events++;
    verdict->trace_hash = mix_event(verdict->trace_hash, event);
    verdict->programs += event->kind == EVENT_FLASH_PROGRAM_START;
    verdict->erases += event->kind == EVENT_FLASH_ERASE_START;
    verdict->option_changes += event->kind == EVENT_FLASH_OPTION_START;
    if (event->kind == EVENT_RULE_ASSUMED && event->rule) {
        remember(&verdict->assumed, event->rule);
    } else if (event->kind == EVENT_REG_UNIMPLEMENTED) {
        snprintf(text, sizeof text, "%s at 0x%08X", event->unit ? event->unit : "register",
                 event->addr);
        remember(&verdict->missing, text);
    }
}

/* ---- boots ---- */

static bool is_in_scope(const struct verdict_judge *judge, const struct scope *scope)
{
    switch (scope->kind) {
    case SCOPE_BOOT:
        return judge->boot == scope->number;
    case SCOPE_POWER_ON:
        return judge->power_on == scope->number;
    case SCOPE_ALL:
    case SCOPE_LAST_BOOT:
    case SCOPE_LAST_POWER_ON:
        break;
    }
    return true;
}

/* What is counted "in the last boot" is counted anew in each. A sign of life is asked of the last power-on
 * in any case: a run whose last cut left it no time to do anything shows no absence. */
static void forget_last(struct verdict_judge *judge, bool is_power_on)
{
    const struct scenario *scenario = judge->scenario;
    for (unsigned i = 0; i < scenario->expectation_count; i++) {
        enum scope_kind kind = scenario->expectations[i].scope.kind;
        if (kind == SCOPE_LAST_BOOT || (kind == SCOPE_LAST_POWER_ON && is_power_on))
            memset(&judge->counter[i], 0, sizeof judge->counter[i]);
        if (kind == SCOPE_ALL && is_power_on)
            judge->counter[i].has_lived = false;
    }
}

/* The first event of a boot is whatever its reset did first. */
static void follow_boot(struct verdict_judge *judge, const struct event *event)
{
    if (event->boot == judge->boot || event->boot == 0)
        return;
    bool is_power_on = judge->is_without_power;
    judge->boot = event->boot;
    judge->power_on += is_power_on;
    judge->is_without_power = judge->is_boot_over = false;
    judge->cfsr = 0;
    forget_last(judge, is_power_on);
}

static bool look_at_symbol(const struct verdict_judge *judge, unsigned index, uint64_t *value)
{
    const struct expectation *expectation = &judge->scenario->expectations[index];
    uint8_t bytes[8] = {0};
    if ((expectation->kind != EXPECT_SYMBOL && expectation->kind != EXPECT_MEMORY) || !is_in_scope(judge, &expectation->scope) ||
        !machine_peek(judge->machine, expectation->symbol.addr, bytes, expectation->symbol.size))
        return false;
    *value = 0;
    for (unsigned i = 0; i < expectation->symbol.size; i++)
        *value |= (uint64_t)bytes[i] << 8 * i;
    return true;
}

static void start_symbols(struct verdict_judge *judge)
{
    for (unsigned i = 0; i < judge->scenario->expectation_count; i++)
        look_at_symbol(judge, i, &judge->counter[i].first_value);
}

static void sample_symbol(struct verdict_judge *judge, unsigned index)
{
    struct verdict_counter *counter = &judge->counter[index];
    if (look_at_symbol(judge, index, &counter->value)) {
        counter->is_sampled = true;
        counter->has_lived = counter->has_lived || counter->value != counter->first_value;
    }
}

static bool is_heard(enum console_channel wanted, enum console_channel channel)
{
    return wanted == CONSOLE_CHANNEL_COUNT || wanted == channel;
}

static void interrupt_durability(struct verdict_judge *judge, unsigned index)
{
    enum console_channel wanted = judge->scenario->expectations[index].durability.channel;
    for (size_t i = 0; i < judge->log.count; i++) {
        const struct console_log_piece *piece = &judge->log.pieces[i];
        if (piece->boot == judge->boot && piece->text && is_heard(wanted, piece->channel))
            durability_rest(&judge->durability[index], piece->text + piece->line_start);
    }
    durability_interrupted(&judge->durability[index]);
}

static void cut_durability(struct verdict_judge *judge)
{
    for (unsigned i = 0; i < judge->scenario->expectation_count; i++)
        durability_cut(&judge->durability[i]);
}

/* Bytes count where the expectation reads the console. */
static void sign_durability(struct verdict_judge *judge, enum console_channel channel)
{
    for (unsigned i = 0; i < judge->scenario->expectation_count; i++) {
        const struct expectation *expectation = &judge->scenario->expectations[i];
        const struct expect_durability *durability = &expectation->durability;
        const struct durability_pattern *pattern = &durability->pattern;
        if (expectation->kind == EXPECT_DURABILITY && is_heard(durability->channel, channel) &&
            (pattern->begun || pattern->acknowledged || pattern->reported))
            durability_sign(&judge->durability[i]);
    }
}

/* A UART that was sending until now has more to say. */
static bool is_still_sent(const struct verdict_judge *judge, const struct console_log_piece *piece)
{
    return piece->channel < CONSOLE_RTT &&
           machine_now_ps(judge->machine) - piece->last_ps < LINE_PAUSE_MS * PS_PER_MS;
}

/* What nothing cut ends as the firmware left it: its last line is whole without an end too. */
static void finish_durability(struct verdict_judge *judge, unsigned index)
{
    enum console_channel wanted = judge->scenario->expectations[index].durability.channel;
    for (size_t i = 0; i < judge->log.count; i++) {
        const struct console_log_piece *piece = &judge->log.pieces[i];
        if (piece->boot == judge->boot && piece->text && is_heard(wanted, piece->channel) &&
            !is_still_sent(judge, piece))
            durability_line(&judge->durability[index], judge->boot,
                            piece->text + piece->line_start);
    }
    durability_finished(&judge->durability[index], judge->boot);
}

/* Called once for each boot, while its RAM is still there. */
static void end_boot(struct verdict_judge *judge, bool is_interrupted)
{
    if (judge->is_boot_over)
        return;
    judge->is_boot_over = true;
    verdict_sources_end_boot(judge);
    verdict_where_note(judge);
    for (unsigned i = 0; i < judge->scenario->expectation_count; i++) {
        sample_symbol(judge, i);
        if (judge->scenario->expectations[i].kind == EXPECT_ALIVE && !is_interrupted)
            verdict_pulse_end_boot(judge, i, PULSE_ENDS_BY_TIME, RESET_CAUSE_COUNT);
        if (judge->scenario->expectations[i].kind != EXPECT_DURABILITY)
            continue;
        if (is_interrupted)
            interrupt_durability(judge, i);
        else
            finish_durability(judge, i);
    }
}

void verdict_time_is_up(struct verdict_judge *judge)
{
    end_boot(judge, false);
}

/* ---- signs of life ---- */

/* What start-up code does not do, and code that never got so far. A hardware watchdog starts by itself;
 * faults, resets and clocks come too early. */
static bool is_sign_of_life(const struct event *event)
{
    switch (event->kind) {
    case EVENT_CONSOLE:
    case EVENT_PIN:
    case EVENT_SLEEP:
    case EVENT_EXIT:
    case EVENT_FLASH_UNLOCK:
    case EVENT_FLASH_LATCH:
    case EVENT_FLASH_PROGRAM_START:
    case EVENT_FLASH_ERASE_START:
    case EVENT_FLASH_OPTION_START:
    case EVENT_FLASH_ERROR:
        return true;
    case EVENT_EXCEPTION_ENTRY:
        return event->value >= EXC_SVCALL;
    case EVENT_WATCHDOG:
        return event->value == 1; /* refreshed */
    default:
        return false;
    }
}

static void look_for_life(struct verdict_judge *judge, const struct event *event)
{
    if (!is_sign_of_life(event))
        return;
    judge->has_lived = true;
    for (unsigned i = 0; i < judge->scenario->expectation_count; i++)
        if (is_in_scope(judge, &judge->scenario->expectations[i].scope))
            judge->counter[i].has_lived = true;
}

/* ---- what single expectations count ---- */

static bool is_fault(const struct event *event)
{
    return event->kind == EVENT_LOCKUP ||
           (event->kind == EVENT_EXCEPTION_ENTRY && event->value >= EXC_HARD_FAULT &&
            event->value <= EXC_USAGE_FAULT);
}

static bool is_fault_at(const struct verdict_judge *judge, const struct place *at)
{
    if (!at->symbol && !at->addr)
        return true;
    uint32_t size = at->size ? at->size : 2;
    return judge->machine->processor.last_fault.pc - (at->addr & ~1u) < size;
}

static bool counts_fault(const struct verdict_judge *judge, const struct expect_fault *wanted,
                         const struct event *event)
{
    if (!is_fault(event) || (judge->cfsr & wanted->cfsr) != wanted->cfsr ||
        !is_fault_at(judge, &wanted->at))
        return false;
    if (wanted->is_lockup)
        return event->kind == EVENT_LOCKUP;
    return !wanted->exception ||
           (event->kind == EVENT_EXCEPTION_ENTRY && event->value == wanted->exception);
}

static bool counts_event(const struct expect_event *wanted, const struct event *event)
{
    return event->kind == wanted->kind && (!wanted->has_addr || event->addr == wanted->addr) &&
           (!wanted->has_value || event->value == wanted->value) &&
           (!wanted->unit || (event->unit && strcmp(event->unit, wanted->unit) == 0)) &&
           (!wanted->rule || (event->rule && strcmp(event->rule, wanted->rule) == 0));
}

static bool counts_edge(const struct expect_pin *wanted, const struct event *event)
{
    return event->kind == EVENT_PIN && event->addr == wanted->pin &&
           (wanted->edge == PIN_EDGE_ANY || (wanted->edge == PIN_EDGE_RISING) == (event->value != 0));
}

static bool counts(const struct verdict_judge *judge, const struct expectation *expectation,
                   const struct event *event)
{
    switch (expectation->kind) {
    case EXPECT_FAULT:
        return counts_fault(judge, &expectation->fault, event);
    case EXPECT_RESETS:
        return event->kind == EVENT_RESET && (expectation->count.cause == RESET_CAUSE_COUNT ||
                                              expectation->count.cause == event->value);
    case EXPECT_EXIT:
        return event->kind == EVENT_EXIT;
    case EXPECT_EVENT:
        return counts_event(&expectation->event, event);
    case EXPECT_STALL:
        return event->kind == EVENT_FLASH_STALL;
    case EXPECT_PIN:
        return counts_edge(&expectation->pin, event);
    default:
        return false;
    }
}

static void count(struct verdict_judge *judge, const struct event *event)
{
    for (unsigned i = 0; i < judge->scenario->expectation_count; i++) {
        const struct expectation *expectation = &judge->scenario->expectations[i];
        struct verdict_counter *counter = &judge->counter[i];
        if (!is_in_scope(judge, &expectation->scope) || !counts(judge, expectation, event))
            continue;
        if (counter->count++ == 0) {
            counter->first = *event;
            counter->first_cfsr = judge->cfsr;
        }
        counter->value = event->value;
        if (expectation->kind != EXPECT_STALL)
            continue;
        uint64_t ps = event->value * PS_PER_NS;
        counter->sum += ps;
        counter->most = ps > counter->most ? ps : counter->most;
    }
}

static void hear_line(struct verdict_judge *judge, struct console_log_piece *piece)
{
    char *end = piece->text + piece->size - 1;
    *end = '\0';
    for (unsigned i = 0; i < judge->scenario->expectation_count; i++) {
        const struct expectation *expectation = &judge->scenario->expectations[i];
        if (expectation->kind == EXPECT_DURABILITY &&
            is_heard(expectation->durability.channel, piece->channel))
            durability_line(&judge->durability[i], judge->boot, piece->text + piece->line_start);
    }
    *end = '\n';
    piece->line_start = piece->size;
}

void verdict_hear(void *context, const struct event *event)
{
    struct verdict_judge *judge = context;
    follow_boot(judge, event);
    gather(judge->verdict, event);
    if (event->kind == EVENT_FAULT)
        judge->cfsr |= event->value;
    if (event->kind == EVENT_BOOT)
        start_symbols(judge);
    look_for_life(judge, event);
    verdict_sources_hear(judge, event);
    hear_pulses(judge, event);
    count(judge, event);
    if (is_fault(event))
        judge->cfsr = 0;
    struct console_log_piece *piece = console_log_hear(&judge->log, event, judge->power_on);
    if (piece)
        sign_durability(judge, piece->channel);
    if (piece && event->value == '\n')
        hear_line(judge, piece);
    if (event->kind == EVENT_RESET || event->kind == EVENT_POWER_CUT)
        end_boot(judge, true);
    if (event->kind == EVENT_POWER_CUT || (event->kind == EVENT_RESET && judge->machine->is_cutting))
        cut_durability(judge);
    if (event->kind == EVENT_POWER_CUT)
        judge->is_without_power = true;
}

/* ---- the end ---- */

static void __attribute__((format(printf, 3, 4)))
say(struct verdict *verdict, const struct expectation *expectation, const char *format, ...)
{
    char text[VERDICT_NOTE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = '?';
    if (verdict->note_count == VERDICT_NOTE_MAX) {
        verdict->note_lost++;
        return;
    }
    char *note = verdict->note[verdict->note_count++];
    snprintf(note, VERDICT_NOTE, "%s%s%.280s", expectation ? expectation->name : "",
             expectation ? ": " : "", text);
}

static const char *escaped_text(enum cut_state state)
{
    switch (state) {
    case CUT_ESCAPED:
        return "the operation ended before its moment came (by a reset, or a row that broke off)";
    case CUT_AIMS:
    case CUT_ARMED:
        return "the run was over before its moment came";
    case CUT_WAITS:
    case CUT_FIRED:
        break;
    }
    return "there were not so many operations";
}

static const char *waiting_text(const struct timeline_run *run, unsigned step)
{
    if (run->is_failed && step == run->at)
        return run->error.text;
    switch (run->result[step].state) {
    case STEP_TOO_LATE:
        return "its trigger did not come in time";
    case STEP_ESCAPED:
        return "the operation ended before its moment came (by a reset, or a row that broke off)";
    default:
        break;
    }
    if (step > run->at)
        return "its turn never came";
    return run->state == STEP_ARMED ? "its trigger never came" : "the run was over before it was done";
}

static bool are_all_steps_done(const struct timeline_run *run)
{
    return !run || run->at >= run->timeline->count;
}

static void say_steps_not_done(struct verdict_judge *judge)
{
    const struct timeline_run *run = judge->timeline;
    if (are_all_steps_done(run))
        return;
    for (unsigned i = run->at; i < run->timeline->count; i++) {
        const char *name = run->timeline->steps[i].name;
        if (run->result[i].times)
            say(judge->verdict, NULL, "step %u%s%s acted %u times of %u: %s", i + 1, name ? " " : "",
                name ? name : "", run->result[i].times, run->timeline->steps[i].repeat,
                waiting_text(run, i));
        else
            say(judge->verdict, NULL, "step %u%s%s never acted: %s", i + 1, name ? " " : "",
                name ? name : "", waiting_text(run, i));
    }
}

/* Everything that keeps a run from proving anything. */
static bool say_doubts(struct verdict_judge *judge)
{
    struct verdict *verdict = judge->verdict;
    unsigned before = verdict->note_count + verdict->note_lost;
    for (unsigned i = 0; i < verdict->cut_count; i++)
        if (verdict->cuts[i].state != CUT_FIRED)
            say(verdict, NULL, "cut %u never fired: %s", i + 1,
                escaped_text(verdict->cuts[i].state));
    say_steps_not_done(judge);
    const struct timeline_run *timeline = judge->timeline;
    if (timeline && timeline->failures_seen < timeline->failures_asked)
        say(verdict, NULL, "fail_operation: the operation that was to fail never came");
    if (judge->scenario->has_off_time && judge->power_on < 2)
        say(verdict, NULL, "\"off_time\" is set, but power never went away");
    if (judge->missing_power_ons)
        say(verdict, NULL, "power came %u times, %u fewer than told: the firmware had stopped before",
            judge->power_on, judge->missing_power_ons);
    if (judge->has_no_rom)
        say(verdict, NULL, "the chip booted into system memory, whose code is not modelled");
    if (judge->scenario->expectation_count == 0)
        say(verdict, NULL, "nothing is expected: a run without expectations proves nothing");
    if (judge->log.is_cut_short)
        say(verdict, NULL, "the firmware said more than can be kept");
    for (unsigned i = 0; i < verdict->missing.count; i++)
        say(verdict, NULL, "a bit without effect was set: %s", verdict->missing.id[i]);
    return verdict->note_count + verdict->note_lost > before;
}

static bool have_all_cuts_fired(const struct verdict_judge *judge)
{
    const struct verdict *verdict = judge->verdict;
    if (!are_all_steps_done(judge->timeline))
        return false;
    for (unsigned i = 0; i < verdict->cut_count; i++)
        if (verdict->cuts[i].state != CUT_FIRED)
            return false;
    return true;
}

/* Looks at every expectation; the findings of those that are met are not kept. */
static void check_all(struct verdict_judge *judge, struct verdict_finding *findings)
{
    struct verdict *verdict = judge->verdict;
    bool is_as_told = have_all_cuts_fired(judge);
    for (unsigned i = 0; i < judge->scenario->expectation_count; i++) {
        struct verdict_finding *finding = &findings[i];
        verdict_check(judge, i, finding);
        /* What is missing when power was not cut as told may be missing because of that, and a firmware
         * that never ran is not bad in the way it is known to be. */
        bool is_missing = finding->outcome == OUTCOME_VIOLATED && !finding->is_fact;
        bool is_dead = judge->scenario->is_known_bad && !judge->has_lived;
        if (is_missing && (!is_as_told || is_dead))
            finding->outcome = OUTCOME_UNREACHED;
        verdict->outcome[i] = (uint8_t)finding->outcome;
    }
}

static bool say_findings(struct verdict_judge *judge, const struct verdict_finding *findings,
                         enum outcome outcome)
{
    bool has_said = false;
    for (unsigned i = 0; i < judge->scenario->expectation_count; i++) {
        if (findings[i].outcome != outcome)
            continue;
        say(judge->verdict, &judge->scenario->expectations[i], "%s", findings[i].text);
        has_said = true;
    }
    return has_said;
}

/* Nothing was acknowledged yet when the cut came, nothing lost, and the firmware is there after it: no flaw of the run where another run of the
 * scenario has shown that acknowledgements are kept. */
static bool is_too_early(const struct verdict_judge *judge)
{
    for (unsigned i = 0; i < judge->scenario->expectation_count; i++) {
        const struct durability *durability = &judge->durability[i];
        if (judge->verdict->outcome[i] == OUTCOME_MET)
            continue;
        if (judge->scenario->expectations[i].kind != EXPECT_DURABILITY || durability->is_broken ||
            durability->valueless[0] || !durability->interruptions ||
            !(durability->has_spoken || durability->has_signed))
            return false;
    }
    return true;
}

/* After the last cut the firmware spoke of no item, where one is looked for. */
static bool has_only_signed(const struct verdict_judge *judge)
{
    for (unsigned i = 0; i < judge->scenario->expectation_count; i++)
        if (judge->scenario->expectations[i].kind == EXPECT_DURABILITY &&
            !judge->durability[i].has_spoken)
            return true;
    return false;
}

static bool has_begun_after_cut(const struct verdict_judge *judge)
{
    for (unsigned i = 0; i < judge->scenario->expectation_count; i++)
        if (judge->scenario->expectations[i].kind == EXPECT_DURABILITY &&
            judge->durability[i].has_begun)
            return true;
    return false;
}

void verdict_end(struct verdict_judge *judge)
{
    struct verdict_finding findings[SCENARIO_EXPECTATION_MAX];
    struct verdict *verdict = judge->verdict;
    end_boot(judge, false);
    verdict->boots = judge->boot;
    verdict->power_ons = judge->power_on;
    verdict->end_ps = machine_now_ps(judge->machine);
    check_all(judge, findings);
    bool is_violated = say_findings(judge, findings, OUTCOME_VIOLATED);
    bool is_doubtful = say_doubts(judge);
    bool is_unreached = say_findings(judge, findings, OUTCOME_UNREACHED);
    verdict->kind = is_violated                   ? VERDICT_FAIL
                    : is_unreached || is_doubtful ? VERDICT_INCONCLUSIVE
                                                  : VERDICT_PASS;
    verdict->is_too_early = is_unreached && !is_violated && !is_doubtful && is_too_early(judge);
    verdict->has_only_signed = has_only_signed(judge);
    verdict->has_begun_after_cut = has_begun_after_cut(judge);
}
