/* What each kind of expectation asks of a run that is over. */
#include "sim/verdict_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/flash_array.h"
#include "sim/core/irq.h"
#include "sim/quantity.h"
#include "sim/verdict_where.h"

enum { LOADED_AT = 0x08000000, SAID_MAX = 60 };

static void __attribute__((format(printf, 3, 4)))
find(struct verdict_finding *finding, enum outcome outcome, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->text, sizeof finding->text, format, arguments);
    va_end(arguments);
    finding->outcome = outcome;
}

/* ---- scopes and comparisons ---- */

static bool has_happened(const struct verdict_judge *judge, const struct scope *scope)
{
    if (scope->kind == SCOPE_BOOT)
        return judge->boot >= scope->number;
    if (scope->kind == SCOPE_POWER_ON)
        return judge->power_on >= scope->number;
    return judge->boot > 0;
}

static bool contains_piece(const struct verdict_judge *judge, const struct scope *scope,
                           const struct console_log_piece *piece)
{
    switch (scope->kind) {
    case SCOPE_ALL:
        return true;
    case SCOPE_BOOT:
        return piece->boot == scope->number;
    case SCOPE_LAST_BOOT:
        return piece->boot == judge->boot;
    case SCOPE_POWER_ON:
        return piece->power_on == scope->number;
    case SCOPE_LAST_POWER_ON:
        return piece->power_on == judge->power_on;
    }
    return false;
}

enum { SCOPE_TEXT = 48 };

/* " in boot 2", or nothing. */
static const char *scope_text(const struct verdict_judge *judge, const struct scope *scope,
                              char text[SCOPE_TEXT])
{
    text[0] = '\0';
    if (scope->kind == SCOPE_BOOT)
        snprintf(text, SCOPE_TEXT, " in boot %" PRIu32, scope->number);
    else if (scope->kind == SCOPE_LAST_BOOT)
        snprintf(text, SCOPE_TEXT, " in the last boot, %" PRIu32, judge->boot);
    else if (scope->kind == SCOPE_POWER_ON)
        snprintf(text, SCOPE_TEXT, " after power-on %" PRIu32, scope->number);
    else if (scope->kind == SCOPE_LAST_POWER_ON)
        snprintf(text, SCOPE_TEXT, " after the last power-on, %" PRIu32, judge->power_on);
    return text;
}

static bool is_too_small(const struct comparison *comparison, uint64_t value)
{
    return comparison->has_at_least && value < comparison->at_least;
}

static bool is_too_large(const struct comparison *comparison, uint64_t value)
{
    return comparison->has_at_most && value > comparison->at_most;
}

/* Counts and small numbers in decimal, anything else in hexadecimal too. */
static const char *number_text(uint64_t value, char text[SCOPE_TEXT])
{
    if (value < 1000)
        snprintf(text, SCOPE_TEXT, "%" PRIu64, value);
    else
        snprintf(text, SCOPE_TEXT, "%" PRIu64 " (0x%" PRIX64 ")", value, value);
    return text;
}

enum { COMPARISON_TEXT = 128 };

static const char *comparison_text(const struct comparison *comparison, char text[COMPARISON_TEXT])
{
    char least[SCOPE_TEXT], most[SCOPE_TEXT];
    number_text(comparison->at_least, least);
    number_text(comparison->at_most, most);
    if (comparison->has_at_least && comparison->has_at_most &&
        comparison->at_least == comparison->at_most)
        snprintf(text, COMPARISON_TEXT, "%s", least);
    else if (comparison->has_at_least && comparison->has_at_most)
        snprintf(text, COMPARISON_TEXT, "%s to %s", least, most);
    else
        snprintf(text, COMPARISON_TEXT, "%s %s", comparison->has_at_least ? "at least" : "at most",
                 comparison->has_at_least ? least : most);
    return text;
}

/* ---- console ---- */

/* All that one channel said in the scope; free() it. NULL: nothing, or no room. */
static char *join_channel(const struct verdict_judge *judge, const struct scope *scope,
                          enum console_channel channel)
{
    size_t size = 1;
    for (size_t i = 0; i < judge->log.count; i++)
        if (judge->log.pieces[i].channel == channel &&
            contains_piece(judge, scope, &judge->log.pieces[i]))
            size += judge->log.pieces[i].size + 1;
    char *text = size > 1 ? malloc(size) : NULL;
    size_t used = 0;
    for (size_t i = 0; text && i < judge->log.count; i++) {
        const struct console_log_piece *piece = &judge->log.pieces[i];
        if (piece->channel != channel || !contains_piece(judge, scope, piece) || !piece->size)
            continue;
        /* A line that a cut ended does not go on in the next boot. */
        if (used && text[used - 1] != '\n')
            text[used++] = '\n';
        memcpy(text + used, piece->text, piece->size);
        used += piece->size;
    }
    if (text)
        text[used] = '\0';
    return text;
}

struct said {
    char *text[CONSOLE_CHANNEL_COUNT]; /* NULL: not looked at, or nothing said */
    char *other[CONSOLE_CHANNEL_COUNT]; /* of channels that do not count */
    enum console_channel channel;       /* the one that counts; CONSOLE_CHANNEL_COUNT: any */
    bool is_silent;
};

static struct said collect(const struct verdict_judge *judge, const struct expectation *expectation)
{
    enum console_channel wanted = expectation->console.channel;
    struct said said = {.is_silent = true, .channel = wanted};
    for (unsigned channel = 0; channel < CONSOLE_CHANNEL_COUNT; channel++) {
        char *text = join_channel(judge, &expectation->scope, (enum console_channel)channel);
        if (wanted != CONSOLE_CHANNEL_COUNT && channel != wanted) {
            said.other[channel] = text;
            continue;
        }
        said.text[channel] = text;
        said.is_silent = said.is_silent && !said.text[channel];
    }
    return said;
}

static bool has_said(const struct said *said, const char *text)
{
    for (unsigned channel = 0; channel < CONSOLE_CHANNEL_COUNT; channel++)
        if (said->text[channel] && strstr(said->text[channel], text))
            return true;
    return false;
}

/* How many of the texts come one after another on the channel. */
static unsigned count_in_order(const char *said, const struct expect_texts *texts)
{
    unsigned found = 0;
    while (said && found < texts->count) {
        said = strstr(said, texts->text[found]);
        if (said)
            said += strlen(texts->text[found++]);
    }
    return found;
}

static unsigned best_in_order(const struct said *said, const struct expect_texts *texts)
{
    unsigned best = 0;
    for (unsigned channel = 0; channel < CONSOLE_CHANNEL_COUNT; channel++) {
        unsigned found = count_in_order(said->text[channel], texts);
        best = found > best ? found : best;
    }
    return best;
}

/* The last line that is not empty, of the channel that said most. */
static const char *last_line(const struct said *said, char line[SAID_MAX + 1])
{
    const char *text = "";
    for (unsigned channel = 0; channel < CONSOLE_CHANNEL_COUNT; channel++)
        if (said->text[channel] && strlen(said->text[channel]) > strlen(text))
            text = said->text[channel];
    size_t end = strlen(text);
    while (end && strchr("\r\n", text[end - 1]))
        end--;
    size_t start = end;
    while (start && text[start - 1] != '\n')
        start--;
    snprintf(line, SAID_MAX + 1, "%.*s", (int)(end - start < SAID_MAX ? end - start : SAID_MAX),
             text + start);
    return line;
}

/* A channel that does not count, but said the text: NULL when there is none. */
static const char *other_speaker(const struct said *said, const char *text)
{
    for (unsigned channel = 0; channel < CONSOLE_CHANNEL_COUNT; channel++)
        if (said->other[channel] && strstr(said->other[channel], text))
            return console_channel_name((enum console_channel)channel);
    return NULL;
}

static void find_silence(const struct said *said, const char *text, const char *scope,
                         const char *before, struct verdict_finding *finding)
{
    char line[SAID_MAX + 1];
    const char *other = other_speaker(said, text);
    if (said->is_silent && said->channel != CONSOLE_CHANNEL_COUNT)
        find(finding, OUTCOME_VIOLATED, "\"%.80s\" was not said on %s%s: nothing was%s%s%s", text,
             console_channel_name(said->channel), scope, other ? "; " : "", other ? other : "",
             other ? " said it" : "");
    else if (said->is_silent)
        find(finding, OUTCOME_VIOLATED, "\"%.80s\" was not said%s: nothing was", text, scope);
    else
        find(finding, OUTCOME_VIOLATED,
             "\"%.80s\" was not said%s%s%.60s%s; the last line: \"%s\"%s%s%s", text, scope,
             before ? " after \"" : "", before ? before : "", before ? "\"" : "",
             last_line(said, line), other ? "; " : "", other ? other : "", other ? " said it" : "");
}

static void check_texts(const struct expect_console *console, const struct said *said,
                        const char *scope, struct verdict_finding *finding)
{
    for (unsigned i = 0; i < console->absent.count; i++) {
        if (has_said(said, console->absent.text[i])) {
            finding->is_fact = true;
            find(finding, OUTCOME_VIOLATED, "\"%.80s\" was said%s", console->absent.text[i], scope);
            return;
        }
    }
    for (unsigned i = 0; i < console->contains.count; i++) {
        if (!has_said(said, console->contains.text[i])) {
            find_silence(said, console->contains.text[i], scope, NULL, finding);
            return;
        }
    }
    unsigned found = best_in_order(said, &console->in_order);
    if (found < console->in_order.count)
        find_silence(said, console->in_order.text[found], scope,
                     found ? console->in_order.text[found - 1] : NULL, finding);
    else if (said->is_silent)
        find(finding, OUTCOME_UNREACHED, "nothing at all was said%s", scope);
}

static bool contains_last_boot(const struct verdict_judge *judge, const struct scope *scope)
{
    return (scope->kind != SCOPE_BOOT || scope->number == judge->boot) &&
           (scope->kind != SCOPE_POWER_ON || scope->number == judge->power_on);
}

/* Why it may be missing. */
static void append_where(const struct verdict_judge *judge, struct verdict_finding *finding)
{
    char where[VERDICT_WHERE];
    size_t used = strlen(finding->text);
    snprintf(finding->text + used, sizeof finding->text - used, "%s",
             verdict_where_text(judge, where));
}

static void check_console(const struct verdict_judge *judge, const struct expectation *expectation,
                          struct verdict_finding *finding)
{
    char scope[SCOPE_TEXT];
    struct said said = collect(judge, expectation);
    check_texts(&expectation->console, &said, scope_text(judge, &expectation->scope, scope),
                finding);
    if (finding->outcome != OUTCOME_MET && !finding->is_fact &&
        contains_last_boot(judge, &expectation->scope))
        append_where(judge, finding);
    for (unsigned channel = 0; channel < CONSOLE_CHANNEL_COUNT; channel++) {
        free(said.text[channel]);
        free(said.other[channel]);
    }
}

/* ---- durability ---- */

static void find_unacknowledged(const struct durability *durability,
                                const struct durable_source *source,
                                struct verdict_finding *finding)
{
    static const char *const edges[] = {"edge", "rising edge", "falling edge"};
    uint32_t pin = source->when.pin;
    if (source->kind == DURABLE_SYMBOL)
        find(finding, OUTCOME_UNREACHED,
             "nothing was acknowledged: %.60s did not change after start-up code set it to %" PRIu64,
             source->variable.symbol, source->initial);
    else if (source->kind == DURABLE_PIN)
        find(finding, OUTCOME_UNREACHED,
             "nothing was acknowledged: no %s of P%c%u after something was begun",
             edges[source->when.edge], (char)('A' + (pin >> 4)), pin & 15);
    else
        find(finding, OUTCOME_UNREACHED, "nothing was acknowledged: no line begins with \"%.40s\"",
             durability->pattern.acknowledged);
}

static void check_durability(const struct durability *durability,
                             const struct durable_source *source, struct verdict_finding *finding)
{
    if (durability->is_violated) {
        finding->is_fact = true;
        find(finding, OUTCOME_VIOLATED, "%s", durability->message);
    } else if (durability->is_broken) {
        find(finding, OUTCOME_UNREACHED,
             "a name or value of %d characters or more, or more than %d begun "
             "at once: not followed",
             DURABILITY_TEXT, DURABILITY_BEGUN_MAX);
    } else if (durability->valueless[0]) {
        find(finding, OUTCOME_UNREACHED, "%s has no value", durability->valueless);
    } else if (durability->interruptions && !durability_is_reached(durability) &&
               !durability->has_spoken && !durability->has_signed) {
        find(finding, OUTCOME_UNREACHED,
             "nothing was acknowledged before a cut and looked for after it, and after the last cut the "
             "firmware showed no sign of life");
    } else if (!durability->acknowledged) {
        find_unacknowledged(durability, source, finding);
    } else if (!durability->interruptions) {
        find(finding, OUTCOME_UNREACHED, "no boot was cut, so nothing could be lost");
    } else if (!durability_is_reached(durability)) {
        find(finding, OUTCOME_UNREACHED,
             "nothing was acknowledged before a cut and looked for after it");
    }
}

/* ---- symbols and flash ---- */

static void check_symbol(const struct verdict_judge *judge, unsigned index,
                         struct verdict_finding *finding)
{
    const struct expectation *expectation = &judge->scenario->expectations[index];
    const struct verdict_counter *counter = &judge->counter[index];
    const struct comparison *wanted = &expectation->symbol.value;
    char scope[SCOPE_TEXT], number[SCOPE_TEXT], comparison[COMPARISON_TEXT];
    if (!counter->is_sampled)
        find(finding, OUTCOME_UNREACHED, "%.60s was never looked at", expectation->symbol.name);
    else if (is_too_small(wanted, counter->value) || is_too_large(wanted, counter->value))
        find(finding, OUTCOME_VIOLATED, "%.60s is %s%s, expected is %s", expectation->symbol.name,
             number_text(counter->value, number), scope_text(judge, &expectation->scope, scope),
             comparison_text(wanted, comparison));
}

static const char *weakness_text(const struct flash_array *cells, uint32_t unit,
                                 const struct flash_reading *reading)
{
    struct flash_cells margin = flash_array_margin(cells, unit);
    if (reading->verdict == FLASH_READS_DETECTED)
        return " (the double word reads as a double error)";
    return margin.data[0] || margin.ecc ? " (weak cells: they read so in this boot)" : "";
}

/* The double word that holds the address, as it reads now. A double error is no value. */
static bool read_unit(const struct verdict_judge *judge, uint32_t addr, const char *wanted,
                      struct flash_reading *reading, struct verdict_finding *finding)
{
    soc_flash_read_unit(judge->machine->soc, (addr - LOADED_AT) / 8, reading);
    if (reading->verdict != FLASH_READS_DETECTED)
        return true;
    find(finding, OUTCOME_VIOLATED,
         "the double word at 0x%08X reads as a double error, its data as 0x%016" PRIX64
         ": expected is %s",
         addr & ~7u, reading->data[0], wanted);
    return false;
}

static void check_erased(const struct verdict_judge *judge, const struct expect_flash *wanted,
                         struct verdict_finding *finding)
{
    for (uint32_t at = 0; at < wanted->size && finding->outcome == OUTCOME_MET; at += 8) {
        struct flash_reading reading;
        uint32_t addr = wanted->addr + at;
        soc_flash_read_unit(judge->machine->soc, (addr - LOADED_AT) / 8, &reading);
        if (!reading.is_virgin)
            find(finding, OUTCOME_VIOLATED,
                 "the double word at 0x%08X is not erased: 0x%016" PRIX64 "%s", addr,
                 reading.data[0],
                 weakness_text(judge->machine->soc->cells, (addr - LOADED_AT) / 8, &reading));
    }
}

/* By bytes for a file, else by words. */
static void check_contents(const struct verdict_judge *judge, const struct expect_flash *wanted,
                           struct verdict_finding *finding)
{
    const bool is_file = wanted->kind == EXPECT_FLASH_FILE;
    const uint32_t step = is_file ? 1 : 4;
    struct flash_reading reading = {0};
    uint32_t have = 0;
    for (uint32_t at = 0; at < wanted->size; at++) {
        const uint32_t addr = wanted->addr + at, unit = (addr - LOADED_AT) / 8;
        if ((at == 0 || addr % 8 == 0) &&
            !read_unit(judge, addr, is_file ? "what the file has" : "a word", &reading, finding))
            return;
        have = (at % step ? have : 0) |
               (uint32_t)(uint8_t)(reading.data[0] >> 8 * (addr % 8)) << 8 * (at % step);
        uint32_t want = is_file ? wanted->file[at] : wanted->words[at / 4];
        if (at % step != step - 1 || have == want)
            continue;
        const char *weakness = weakness_text(judge->machine->soc->cells, unit, &reading);
        if (is_file)
            find(finding, OUTCOME_VIOLATED, "0x%08X holds 0x%02X, the file has 0x%02X%s", addr, have,
                 want, weakness);
        else
            find(finding, OUTCOME_VIOLATED, "0x%08X holds 0x%08X, expected is 0x%08X%s", addr - 3,
                 have, want, weakness);
        return;
    }
}

/* As the array reads, corrected, whatever bank order and caches make of it. */
static void check_flash(const struct verdict_judge *judge, const struct expect_flash *wanted,
                        struct verdict_finding *finding)
{
    if (wanted->kind == EXPECT_FLASH_ERASED)
        check_erased(judge, wanted, finding);
    else
        check_contents(judge, wanted, finding);
}

/* ---- what is counted ---- */

static const char *fault_name(const struct event *event)
{
    if (event->kind == EVENT_LOCKUP)
        return "lockup";
    switch (event->value) {
    case EXC_HARD_FAULT:
        return "HardFault";
    case EXC_MEM_MANAGE:
        return "MemManage";
    case EXC_BUS_FAULT:
        return "BusFault";
    default:
        return "UsageFault";
    }
}

static void check_fault(const struct verdict_judge *judge, unsigned index,
                        struct verdict_finding *finding)
{
    const struct expectation *expectation = &judge->scenario->expectations[index];
    const struct verdict_counter *counter = &judge->counter[index];
    char scope[SCOPE_TEXT];
    scope_text(judge, &expectation->scope, scope);
    if (expectation->fault.is_none && counter->count) {
        finding->is_fact = true;
        find(finding, OUTCOME_VIOLATED, "%s at 0x%08X in boot %" PRIu32 ", CFSR 0x%08X",
             fault_name(&counter->first), counter->first.pc, counter->first.boot,
             counter->first_cfsr);
    } else if (!expectation->fault.is_none && !counter->count) {
        find(finding, OUTCOME_VIOLATED, "no such fault%s", scope);
    }
}

static void check_number(const struct verdict_judge *judge, const struct expectation *expectation,
                         const char *what, uint64_t number, const struct comparison *wanted,
                         struct verdict_finding *finding)
{
    char scope[SCOPE_TEXT], got[SCOPE_TEXT], comparison[COMPARISON_TEXT];
    finding->is_fact = is_too_large(wanted, number);
    if (is_too_small(wanted, number) || is_too_large(wanted, number))
        find(finding, OUTCOME_VIOLATED, "%s%s: %s, expected is %s", what,
             scope_text(judge, &expectation->scope, scope), number_text(number, got),
             comparison_text(wanted, comparison));
}

static void check_exit(const struct verdict_judge *judge, unsigned index,
                       struct verdict_finding *finding)
{
    const struct expectation *expectation = &judge->scenario->expectations[index];
    if (!judge->counter[index].count)
        find(finding, OUTCOME_VIOLATED, "the firmware did not exit");
    else
        check_number(judge, expectation, "exit status", judge->counter[index].value,
                     &expectation->count.count, finding);
}

/* ---- signs of life, pins, waits, wear, flags ---- */

static void check_alive(const struct expect_alive *alive, const struct verdict_pulse *pulse,
                        struct verdict_finding *finding)
{
    char had[QUANTITY_TEXT], allowed[QUANTITY_TEXT];
    finding->is_fact = pulse->is_violated;
    if (pulse->is_violated)
        find(finding, OUTCOME_VIOLATED, "%s", pulse->text);
    else if (pulse->undecided)
        find(finding, OUTCOME_UNREACHED,
             "boot %" PRIu32 " ended undecided: without its sign after %s, allowed are %s",
             pulse->undecided, quantity_write_time(pulse->undecided_ps, had),
             quantity_write_time(alive->within_ps, allowed));
    else if (!pulse->has_lived)
        find(finding, OUTCOME_UNREACHED, "no boot had the time to give its sign of life");
}

static void check_pin(const struct verdict_judge *judge, unsigned index,
                      struct verdict_finding *finding)
{
    const struct expectation *expectation = &judge->scenario->expectations[index];
    const struct verdict_counter *counter = &judge->counter[index];
    const struct expect_pin *pin = &expectation->pin;
    char scope[SCOPE_TEXT], what[SCOPE_TEXT];
    snprintf(what, sizeof what, "edges of P%c%u", (char)('A' + (pin->pin >> 4)), pin->pin & 15);
    if (!pin->has_level)
        check_number(judge, expectation, what, counter->count, &pin->edges, finding);
    else if (!counter->count)
        find(finding, OUTCOME_UNREACHED, "%s: there were none%s", what,
             scope_text(judge, &expectation->scope, scope));
    else if ((counter->value != 0) != pin->level)
        find(finding, OUTCOME_VIOLATED, "P%c%u is %s%s", (char)('A' + (pin->pin >> 4)),
             pin->pin & 15, pin->level ? "low" : "high",
             scope_text(judge, &expectation->scope, scope));
}

static void check_stall(const struct verdict_judge *judge, unsigned index,
                        struct verdict_finding *finding)
{
    const struct expect_stall *wanted = &judge->scenario->expectations[index].stall;
    const struct verdict_counter *counter = &judge->counter[index];
    bool is_longest = counter->most > wanted->longest_ps;
    char got[QUANTITY_TEXT], allowed[QUANTITY_TEXT];
    finding->is_fact = true;
    if (is_longest || counter->sum > wanted->total_ps)
        find(finding, OUTCOME_VIOLATED, "%s for the flash took %s, allowed are %s",
             is_longest ? "the longest wait" : "all waits",
             quantity_write_time(is_longest ? counter->most : counter->sum, got),
             quantity_write_time(is_longest ? wanted->longest_ps : wanted->total_ps, allowed));
}

static void check_wear(const struct verdict_judge *judge, const struct expectation *expectation,
                       struct verdict_finding *finding)
{
    const struct soc *soc = judge->machine->soc;
    uint32_t page = (expectation->wear.addr - LOADED_AT) / soc->chip->flash.page_bytes;
    char what[SCOPE_TEXT];
    snprintf(what, sizeof what, "erases of the page at 0x%08X",
             LOADED_AT + page * soc->chip->flash.page_bytes);
    check_number(judge, expectation, what, flash_array_wear(soc->cells, page),
                 &expectation->wear.erases, finding);
}

static void check_flags(const struct verdict_judge *judge, const struct expect_flags *wanted,
                        struct verdict_finding *finding)
{
    static const char *const names[] = {"SR", "CR", "ECCR"};
    struct flash_activity flash = soc_flash_activity(judge->machine->soc);
    const uint32_t values[] = {flash.sr, flash.cr, flash.eccr};
    uint32_t value = values[wanted->reg];
    if ((value & wanted->set) != wanted->set)
        find(finding, OUTCOME_VIOLATED, "%s is 0x%08X: 0x%08X is not set", names[wanted->reg], value,
             wanted->set & ~value);
    else if (value & wanted->clear)
        find(finding, OUTCOME_VIOLATED, "%s is 0x%08X: 0x%08X is set", names[wanted->reg], value,
             value & wanted->clear);
}

/* ---- what holds when nothing happens ---- */

static bool is_met_by(const struct comparison *wanted, uint64_t nothing)
{
    return !is_too_small(wanted, nothing) && !is_too_large(wanted, nothing);
}

enum need { NEEDS_NOTHING, NEEDS_LIFE, NEEDS_LIFE_IN_SCOPE };

/* Would the expectation be met by a firmware that never ran? Of states it is enough that it did at all; of
 * absence, that it had its chance where it was watched. */
static enum need need_of(const struct expectation *expectation)
{
    const struct comparison *count = &expectation->count.count;
    switch (expectation->kind) {
    case EXPECT_CONSOLE:
        return expectation->console.contains.count || expectation->console.in_order.count
                   ? NEEDS_NOTHING
                   : NEEDS_LIFE_IN_SCOPE;
    case EXPECT_SYMBOL:
    case EXPECT_MEMORY:
    case EXPECT_FLASH:
    case EXPECT_WEAR:
    case EXPECT_FLAGS:
        return NEEDS_LIFE;
    case EXPECT_STALL:
        return NEEDS_LIFE_IN_SCOPE;
    case EXPECT_PIN:
        return expectation->pin.has_level || !is_met_by(&expectation->pin.edges, 0)
                   ? NEEDS_NOTHING
                   : NEEDS_LIFE_IN_SCOPE;
    case EXPECT_FAULT:
        return expectation->fault.is_none ? NEEDS_LIFE_IN_SCOPE : NEEDS_NOTHING;
    case EXPECT_RESETS:
        return is_met_by(count, 0) ? NEEDS_LIFE_IN_SCOPE : NEEDS_NOTHING;
    case EXPECT_BOOTS:
        return is_met_by(count, 1) ? NEEDS_LIFE_IN_SCOPE : NEEDS_NOTHING;
    case EXPECT_EVENT:
        return is_met_by(&expectation->event.count, 0) ? NEEDS_LIFE_IN_SCOPE : NEEDS_NOTHING;
    case EXPECT_DURABILITY:
    case EXPECT_EXIT:
    case EXPECT_ALIVE:
    case EXPECTATION_KIND_COUNT:
        break;
    }
    return NEEDS_NOTHING;
}

static void ask_for_life(const struct verdict_judge *judge, unsigned index,
                         struct verdict_finding *finding)
{
    const struct expectation *expectation = &judge->scenario->expectations[index];
    enum need need = need_of(expectation);
    bool is_in_scope = need == NEEDS_LIFE_IN_SCOPE;
    bool has_lived = judge->counter[index].has_lived || (!is_in_scope && judge->has_lived);
    char scope[SCOPE_TEXT];
    scope_text(judge, &expectation->scope, scope);
    if (finding->outcome == OUTCOME_MET && need != NEEDS_NOTHING && !has_lived)
        find(finding, OUTCOME_UNREACHED,
             "the firmware showed no sign of life%s: no console, pin, flash operation, interrupt, "
             "sleep or exit",
             !is_in_scope                           ? ""
             : expectation->scope.kind == SCOPE_ALL ? " after power came last"
                                                    : scope);
}

void verdict_check(const struct verdict_judge *judge, unsigned index,
                   struct verdict_finding *finding)
{
    const struct expectation *expectation = &judge->scenario->expectations[index];
    uint64_t count = judge->counter[index].count;
    char scope[SCOPE_TEXT];
    memset(finding, 0, sizeof *finding);
    if (!has_happened(judge, &expectation->scope)) {
        find(finding, OUTCOME_UNREACHED, "there was nothing%s: the run ended in boot %" PRIu32,
             scope_text(judge, &expectation->scope, scope), judge->boot);
        return;
    }
    switch (expectation->kind) {
    case EXPECT_CONSOLE:
        check_console(judge, expectation, finding);
        break;
    case EXPECT_DURABILITY:
        check_durability(&judge->durability[index], &expectation->durability.acknowledged, finding);
        break;
    case EXPECT_SYMBOL:
    case EXPECT_MEMORY:
        check_symbol(judge, index, finding);
        break;
    case EXPECT_ALIVE:
        check_alive(&expectation->alive, &judge->pulse[index], finding);
        break;
    case EXPECT_PIN:
        check_pin(judge, index, finding);
        break;
    case EXPECT_STALL:
        check_stall(judge, index, finding);
        break;
    case EXPECT_WEAR:
        check_wear(judge, expectation, finding);
        break;
    case EXPECT_FLAGS:
        check_flags(judge, &expectation->flags, finding);
        break;
    case EXPECT_FLASH:
        check_flash(judge, &expectation->flash, finding);
        break;
    case EXPECT_FAULT:
        check_fault(judge, index, finding);
        break;
    case EXPECT_RESETS:
        check_number(judge, expectation, "resets", count, &expectation->count.count, finding);
        break;
    case EXPECT_BOOTS:
        check_number(judge, expectation, "boots", judge->boot, &expectation->count.count, finding);
        break;
    case EXPECT_EXIT:
        check_exit(judge, index, finding);
        break;
    case EXPECT_EVENT:
        check_number(judge, expectation, event_kind_name(expectation->event.kind), count,
                     &expectation->event.count, finding);
        break;
    case EXPECTATION_KIND_COUNT:
        break;
    }
    ask_for_life(judge, index, finding);
}
