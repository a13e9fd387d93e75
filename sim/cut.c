/* When power goes. The phase that the cells are left in is told to the controller; the time of the
 * cut is in the middle of that phase, so that whatever else runs meanwhile has come as far as it
 * would. */
#include "sim/cut.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "models/flash_phase.h"
#include "sim/machine.h"
#include "sim/quantity.h"

/* What each name stands for: its phases are those of `like`, the event that begins it may have to
 * say which (`value`). A row begins with its own event and goes on with those of its programs. */
static const struct {
    enum flash_operation like;
    enum event_kind start;
    bool has_value;
} operations[CUT_OPERATION_COUNT] = {
    [CUT_ANY_OPERATION] = {FLASH_OPERATION_NONE, EVENT_KIND_COUNT, false},
    [CUT_PROGRAM] = {FLASH_OPERATION_PROGRAM, EVENT_FLASH_PROGRAM_START, false},
    [CUT_ERASE] = {FLASH_OPERATION_PAGE_ERASE, EVENT_FLASH_ERASE_START, false},
    [CUT_OPTION] = {FLASH_OPERATION_OPTION_CHANGE, EVENT_FLASH_OPTION_START, false},
    [CUT_ROW] = {FLASH_OPERATION_ROW, EVENT_FLASH_ROW_START, false},
    [CUT_PAGE_ERASE] = {FLASH_OPERATION_PAGE_ERASE, EVENT_FLASH_ERASE_START, true},
    [CUT_BANK_ERASE] = {FLASH_OPERATION_BANK_ERASE, EVENT_FLASH_ERASE_START, true},
    [CUT_MASS_ERASE] = {FLASH_OPERATION_MASS_ERASE, EVENT_FLASH_ERASE_START, true},
};

static const char *const operation_names[CUT_OPERATION_COUNT + 1] = {
    [CUT_ANY_OPERATION] = "any",
    [CUT_PROGRAM] = "program",
    [CUT_ERASE] = "erase",
    [CUT_OPTION] = "option",
    [CUT_ROW] = "row",
    [CUT_PAGE_ERASE] = "page_erase",
    [CUT_BANK_ERASE] = "bank_erase",
    [CUT_MASS_ERASE] = "mass_erase",
};

const char *const *cut_operation_names(void)
{
    return operation_names;
}

const char *cut_operation_name(enum cut_operation operation)
{
    assert(operation < CUT_OPERATION_COUNT);
    return operation_names[operation];
}

enum cut_operation cut_operation_find(const char *name)
{
    for (unsigned i = 0; i < CUT_OPERATION_COUNT; i++)
        if (strcmp(operation_names[i], name) == 0)
            return (enum cut_operation)i;
    return CUT_OPERATION_COUNT;
}

bool cut_has_phase(enum cut_operation operation, enum flash_phase phase)
{
    if (operation != CUT_ANY_OPERATION)
        return flash_phase_exists(operations[operation].like, phase);
    for (unsigned i = CUT_PROGRAM; i < CUT_OPERATION_COUNT; i++)
        if (flash_phase_exists(operations[i].like, phase))
            return true;
    return false;
}

enum event_kind cut_operation_start(enum cut_operation operation)
{
    return operations[operation].start;
}

static bool begins(enum cut_operation operation, const struct event *event)
{
    return event->kind == operations[operation].start &&
           (!operations[operation].has_value || event->value == operations[operation].like);
}

bool cut_counts(const struct cut *cut, const struct event *event)
{
    if (cut->is_timed)
        return false;
    if (cut->operation != CUT_ANY_OPERATION)
        return begins(cut->operation, event);
    /* A row is counted by its programs. */
    for (unsigned i = CUT_PROGRAM; i <= CUT_OPTION; i++)
        if (begins((enum cut_operation)i, event))
            return cut_has_phase((enum cut_operation)i, cut->moment.phase);
    return false;
}

struct cut_target cut_target_of(const struct cut *cut, const struct event *start)
{
    struct cut_target target = {.moment = cut->moment, .start = *start};
    if (cut->operation == CUT_ROW) {
        struct flash_row_moment in_row = flash_phase_in_row(&cut->moment, start->value);
        target.moment = in_row.moment;
        target.start.kind = EVENT_FLASH_PROGRAM_START;
        target.start.addr += in_row.unit * (start->size / start->value);
    }
    return target;
}

bool cut_target_begins(const struct cut_target *target, const struct event *event)
{
    return event->kind == target->start.kind && event->addr == target->start.addr;
}

bool cut_target_is_missed(const struct event *event)
{
    return event->kind == EVENT_FLASH_ROW_END || event->kind == EVENT_RESET ||
           event->kind == EVENT_POWER_CUT;
}

/* ---- text ---- */

static const char *write_moment(const struct cut *cut, char text[CUT_TEXT])
{
    const char *phase = flash_phase_name(cut->moment.phase);
    bool is_any = cut->operation == CUT_ANY_OPERATION;
    if (cut->is_timed)
        snprintf(text, CUT_TEXT, "@%" PRIu64 "ns", cut->after_ps / PS_PER_NS);
    else if (cut->moment.phase == FLASH_PHASE_PULSE)
        snprintf(text, CUT_TEXT, "%" PRIu32 "@%s%s%s=%u/%u", cut->nth,
                 is_any ? "" : cut_operation_name(cut->operation), is_any ? "" : ".", phase,
                 cut->moment.k, cut->moment.n);
    else
        snprintf(text, CUT_TEXT, "%" PRIu32 "@%s%s%s", cut->nth,
                 is_any ? "" : cut_operation_name(cut->operation), is_any ? "" : ".", phase);
    return text;
}

static const char *const by_names[RESET_CAUSE_COUNT] = {
    [RESET_BROWN_OUT] = "brown_out",     [RESET_PIN] = "pin",
    [RESET_SYSTEM] = "system",           [RESET_IWDG] = "iwdg",
    [RESET_WWDG] = "wwdg",               [RESET_LOW_POWER] = "low_power",
    [RESET_OPTION_LOAD] = "option_load", [RESET_FIREWALL] = "firewall",
};

const char *cut_reset_name(enum reset_cause cause)
{
    return by_names[cause];
}

enum reset_cause cut_reset_find(const char *name)
{
    for (unsigned i = 0; i < RESET_CAUSE_COUNT; i++)
        if (by_names[i] && strcmp(by_names[i], name) == 0)
            return (enum reset_cause)i;
    return RESET_CAUSE_COUNT;
}

const char *cut_write(const struct cut *cut, char text[CUT_TEXT])
{
    size_t used = strlen(write_moment(cut, text));
    if (cut->by != RESET_POWER_ON)
        snprintf(text + used, CUT_TEXT - used, "+%s", by_names[cut->by]);
    return text;
}

/* Takes what stands before the first `mark` out of `*text`, or all of it. False: too long. */
static bool take_word(const char **text, const char *marks, char *word, size_t size)
{
    size_t length = strcspn(*text, marks);
    if (length >= size)
        return false;
    memcpy(word, *text, length);
    word[length] = '\0';
    *text += length;
    return true;
}

static bool read_parts(struct flash_cut *moment, const char *text)
{
    char word[16];
    uint64_t k, n;
    if (*text++ != '=' || !take_word(&text, "/", word, sizeof word) ||
        !quantity_read_number(word, CUT_PULSES_MAX, &k) || *text++ != '/' ||
        !quantity_read_number(text, CUT_PULSES_MAX, &n) || k < 1 || k > n)
        return false;
    moment->k = (unsigned)k;
    moment->n = (unsigned)n;
    return true;
}

static bool read_moment(struct cut *cut, const char *text)
{
    char word[16];
    cut->operation = CUT_ANY_OPERATION;
    if (!take_word(&text, ".=", word, sizeof word))
        return false;
    if (*text == '.') {
        text++;
        cut->operation = cut_operation_find(word);
        if (cut->operation == CUT_OPERATION_COUNT || !take_word(&text, "=", word, sizeof word))
            return false;
    }
    cut->moment.phase = flash_phase_find(word);
    if (cut->moment.phase == FLASH_PHASE_COUNT || !cut_has_phase(cut->operation, cut->moment.phase))
        return false;
    if (cut->moment.phase == FLASH_PHASE_PULSE)
        return read_parts(&cut->moment, text);
    return *text == '\0';
}

static bool read_when(struct cut *cut, const char *text, struct error *error)
{
    char word[32];
    uint64_t nth;
    const char *at = text;
    if (text[0] == '@' && quantity_read_duration(text + 1, &cut->after_ps)) {
        cut->is_timed = true;
        return true;
    }
    if (text[0] != '@' && take_word(&at, "@", word, sizeof word) && *at == '@' &&
        quantity_is_number(word) && read_moment(cut, at + 1)) {
        if (!quantity_read_number(word, CUT_NTH_MAX, &nth) || nth < 1)
            return error_set(error, "cut=%.60s: operation %s: they count from 1 to %d", text, word,
                             CUT_NTH_MAX);
        cut->nth = (uint32_t)nth;
        return true;
    }
    if (text[0] == '@' && quantity_check_duration(text + 1) != QUANTITY_MALFORMED)
        return error_set(error, "cut=%.60s: %s", text, quantity_duration_flaw(text + 1));
    return error_set(
        error, "cut=%.60s: not a moment: write 37@program.pulse=2/4, 5@erase.mid or @1500us", text);
}

bool cut_read(struct cut *cut, const char *text, struct error *error)
{
    char when[CUT_TEXT];
    const char *at = text;
    *cut = (struct cut){0};
    if (!take_word(&at, "+", when, sizeof when))
        return error_set(error, "cut=%.60s: too long", text);
    if (!read_when(cut, when, error))
        return false;
    if (*at == '\0')
        return true;
    cut->by = cut_reset_find(at + 1);
    return cut->by != RESET_CAUSE_COUNT ||
           error_set(error, "cut=%.60s: no such reset: write +pin, +system, +iwdg or +brown_out",
                     text);
}

/* ---- on a machine ---- */

void cutter_start(struct cutter *cutter, struct machine *machine, const struct cut *cut)
{
    *cutter = (struct cutter){.machine = machine, .cut = *cut};
    if (cut->is_timed) {
        machine_cut_at(machine, machine_now_ps(machine) + cut->after_ps, cut->by);
        cutter->state = CUT_ARMED;
    }
}

uint64_t cut_moment_ps(struct machine *machine, const struct flash_cut *moment)
{
    struct flash_activity activity = soc_flash_activity(machine->soc);
    return activity.started_ps + flash_phase_moment_ps(activity.operation, moment,
                                                       activity.ends_ps - activity.started_ps);
}

static void arm(struct cutter *cutter, const struct event *event)
{
    struct soc *soc = cutter->machine->soc;
    const struct flash_cut *moment = &cutter->target.moment;
    cutter->state = CUT_ARMED;
    cutter->operation = *event;
    machine_cut_at(cutter->machine, cut_moment_ps(cutter->machine, moment), cutter->cut.by);
    /* At `done` the operation has ended: no phase of it is left to be found. */
    if (moment->phase != FLASH_PHASE_DONE)
        soc_flash_set_cut_phase(soc, moment);
}

/* The reset that ends the operation finds it as its own time says, and the cut has nothing to cut.
 */
static void escape(struct cutter *cutter)
{
    cutter->state = CUT_ESCAPED;
    cutter->machine->cut_at_ps = CLOCK_NEVER;
    soc_flash_set_cut_phase(cutter->machine->soc, NULL);
}

void cutter_hear(void *context, const struct event *event)
{
    struct cutter *cutter = context;
    if (cutter->state == CUT_WAITS && cut_counts(&cutter->cut, event) &&
        ++cutter->seen == cutter->cut.nth) {
        cutter->target = cut_target_of(&cutter->cut, event);
        cutter->state = CUT_AIMS;
    }
    if (cutter->state == CUT_AIMS && cut_target_begins(&cutter->target, event)) {
        arm(cutter, event);
    } else if (cutter->state == CUT_AIMS && cut_target_is_missed(event)) {
        escape(cutter);
    } else if (cutter->state == CUT_ARMED &&
               (event->kind == EVENT_POWER_CUT ||
                (event->kind == EVENT_RESET && cutter->machine->is_cutting))) {
        cutter->state = CUT_FIRED;
        if (event->kind == EVENT_RESET)
            machine_request_stop(cutter->machine); /* the next cut counts from here */
        cutter->fired_ps = event->t_ps;
        cutter->fired_boot = event->boot;
    } else if (cutter->state == CUT_ARMED && event->kind == EVENT_RESET && !cutter->cut.is_timed) {
        escape(cutter);
    }
}
