/* `flashsim explain`: what a word of a report means. */
#include "sim/command.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/flag_text.h"
#include "sim/image.h"
#include "sim/nearest.h"
#include "sim/quantity.h"
#include "sim/register_text.h"
#include "sim/result_explain.h"
#include "sim/rule_text.h"
#include "sim/word_text.h"

static const char usage[] =
    "examples:\n"
    "  flashsim explain PGSERR                  a flag\n"
    "  flashsim explain FLASH_SR=0xA8           what a register holds; SR=0xA8 is the flash's too\n"
    "  flashsim explain CFSR                    a register\n"
    "  flashsim explain HardFault               an exception\n"
    "  flashsim explain pulse                   a phase of a cut, a reset cause\n"
    "  flashsim explain flash.erase_start       an event\n"
    "  flashsim explain L4.program.not_blank    a rule\n"
    "  flashsim explain L4.program              all that begins so\n"
    "  flashsim explain result.json             what failed in a result of `flashsim test --json`\n"
    "\n"
    "usage: flashsim explain REGISTER|REGISTER=VALUE|FLAG|EXCEPTION|PHASE|EVENT|RULE|RESULT\n"
    "Behind a rule stands its source: L4, core and boot sheet are named in models/RULES.md.\n";

static void print_flag(const struct flag_text *flag)
{
    printf("%s.%s (0x%08" PRIX32 "): %s\n", flag->reg, flag->name, flag->bit, flag->meaning);
}

static bool is_field(const struct flag_text *flag)
{
    return (flag->bit & (flag->bit - 1)) != 0;
}

static void print_field(const struct flag_text *flag, uint32_t value)
{
    uint32_t field = (value & flag->bit) / (flag->bit & ~(flag->bit - 1));
    printf("%s.%s (0x%08" PRIX32 ") = 0x%" PRIX32 ": %s\n", flag->reg, flag->name, flag->bit, field,
           flag->meaning);
}

/* Registers as a report prints them, "SR", "ECCR": of the flash, which is what reports are about. */
static const char *full_name(const char *name, char full[REGISTER_TEXT_NAME])
{
    snprintf(full, REGISTER_TEXT_NAME, "FLASH_%.40s", name);
    for (size_t i = 0; i < flag_text_count; i++)
        if (strcasecmp(flag_texts[i].reg, name) == 0)
            return flag_texts[i].reg;
    for (size_t i = 0; i < flag_text_count; i++)
        if (strcasecmp(flag_texts[i].reg, full) == 0)
            return flag_texts[i].reg;
    return name;
}

/* "PGSERR" or "FLASH_SR.PGSERR". */
static bool explain_flag(const char *what)
{
    bool is_found = false;
    const char *dot = strchr(what, '.');
    for (size_t i = 0; i < flag_text_count; i++) {
        const struct flag_text *flag = &flag_texts[i];
        size_t length = dot ? (size_t)(dot - what) : 0;
        bool is_reg = !dot || (strncasecmp(flag->reg, what, length) == 0 && !flag->reg[length]);
        if (!is_reg || strcasecmp(flag->name, dot ? dot + 1 : what) != 0)
            continue;
        print_flag(flag);
        is_found = true;
    }
    return is_found;
}

static bool explain_value(const char *what)
{
    char name[REGISTER_TEXT_NAME];
    char full[REGISTER_TEXT_NAME];
    const char *equals = strchr(what, '=');
    uint64_t value = 0;
    if (!equals || (size_t)(equals - what) >= sizeof name ||
        !quantity_read_number(equals + 1, UINT32_MAX, &value))
        return false;
    memcpy(name, what, (size_t)(equals - what));
    name[equals - what] = '\0';
    const char *reg = full_name(name, full);
    bool is_known = false;
    uint32_t rest = (uint32_t)value;
    for (size_t i = 0; i < flag_text_count; i++) {
        const struct flag_text *flag = &flag_texts[i];
        if (strcasecmp(flag->reg, reg) != 0)
            continue;
        is_known = true;
        if (is_field(flag))
            print_field(flag, (uint32_t)value);
        else if (flag->bit & (uint32_t)value)
            print_flag(flag);
        rest &= ~flag->bit;
    }
    if (is_known && !value)
        printf("%s: no bit is set\n", reg);
    if (is_known && rest)
        printf("%s: 0x%08" PRIX32 ": not described here\n", reg, rest);
    return is_known;
}

/* On the first chip that has it: addresses are the same on all of a family. */
static bool print_register(const char *what)
{
    char name[REGISTER_TEXT_NAME];
    snprintf(name, sizeof name, "%.*s", (int)sizeof name - 1, what);
    for (size_t i = 0; name[i]; i++)
        name[i] = (char)toupper((unsigned char)name[i]);
    uint32_t addr = 0;
    bool is_found = false;
    for (unsigned i = 0; i < chip_count() && !is_found; i++)
        is_found = register_text_find(chip_at(i), name, &addr);
    if (is_found)
        printf("%s is at 0x%08" PRIX32 "\n", name, addr);
    return is_found;
}

struct namesakes {
    const char *name;
    const char *before; /* of the first one */
    unsigned count;
};

static void print_namesake(void *context, const char *name)
{
    struct namesakes *others = context;
    const char *tail = strrchr(name, '_');
    if (!tail || strcasecmp(tail + 1, others->name) != 0 || strncmp(name, "FLASH_", 6) == 0)
        return;
    printf("%s%s", others->count++ ? " " : others->before, name);
}

/* "SR": the flash's, or whose it may be, on the largest chip. */
static bool explain_register(const char *what)
{
    char full[REGISTER_TEXT_NAME];
    snprintf(full, sizeof full, "FLASH_%.40s", what);
    bool is_whole = print_register(what);
    bool is_flash = !is_whole && print_register(full);
    const char *reg = is_flash ? full : what;
    for (size_t i = 0; i < flag_text_count; i++)
        if (strcasecmp(flag_texts[i].reg, reg) == 0)
            print_flag(&flag_texts[i]);
    if (is_whole)
        return true;
    struct namesakes others = {.name = what, .before = is_flash ? "also: " : "one of: "};
    register_text_each(chip_at(chip_count() - 1), print_namesake, &others);
    if (others.count)
        putchar('\n');
    return is_flash || others.count;
}

/* The numbers that its value may have. */
static void print_values(enum event_kind kind)
{
    for (size_t i = 0; i < word_text_count; i++)
        if (word_texts[i].event == kind)
            printf("  %2" PRIu32 "  %-12s %s\n", word_texts[i].value, word_texts[i].word,
                   word_texts[i].meaning);
}

static bool explain_word(const char *what)
{
    bool is_found = false;
    for (size_t i = 0; i < word_text_count; i++) {
        const struct word_text *word = &word_texts[i];
        if (strcasecmp(word->word, what) != 0)
            continue;
        is_found = true;
        printf("%s, %s", word->word, word->kind);
        if (word->event != EVENT_KIND_COUNT)
            printf(" (value %" PRIu32 " of %s)", word->value, event_kind_name(word->event));
        printf(": %s\n", word->meaning);
    }
    return is_found;
}

static bool explain_event(const char *what)
{
    enum event_kind kind = event_kind_find(what);
    if (kind == EVENT_KIND_COUNT)
        return false;
    printf("%s: %s\n", what, event_kind_help(kind));
    print_values(kind);
    return true;
}

struct wanted_rule {
    const char *id;
    bool is_found;
};

static bool print_rule(void *context, const struct rule_text *rule)
{
    struct wanted_rule *wanted = context;
    if (strcasecmp(rule->id, wanted->id) != 0)
        return true;
    wanted->is_found = true;
    printf("%s: %s (%s%s%s)\n", rule->id, rule->rule, rule->source, rule->status[0] ? "; " : "",
           rule->status);
    return true;
}

static bool explain_rule(const char *what)
{
    struct wanted_rule wanted = {what, false};
    struct rule_text rule;
    rule_text_each(print_rule, &wanted);
    if (!wanted.is_found && rule_text_find(what, &rule))
        print_rule(&wanted, &rule); /* a switch that has no row */
    return wanted.is_found;
}

/* ---- the beginning of names, up to a dot ---- */

static bool begins_with(const char *name, const char *prefix)
{
    size_t length = strlen(prefix);
    if (length && prefix[length - 1] == '.')
        length--;
    return length && strncasecmp(name, prefix, length) == 0 && name[length] == '.';
}

static bool print_beginning(void *context, const struct rule_text *rule)
{
    struct wanted_rule *wanted = context;
    char said[RULE_TEXT_SAID];
    if (!begins_with(rule->id, wanted->id))
        return true;
    wanted->is_found = true;
    printf("%s: %s\n", rule->id, rule_text_say(rule, said));
    return true;
}

static bool explain_beginning(const char *what)
{
    struct wanted_rule wanted = {what, false};
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        const char *name = event_kind_name((enum event_kind)kind);
        if (!begins_with(name, what))
            continue;
        wanted.is_found = true;
        printf("%s: %s\n", name, event_kind_help((enum event_kind)kind));
    }
    rule_text_each(print_beginning, &wanted);
    return wanted.is_found;
}

/* ---- what was meant ---- */

enum { NAME = 80 };

struct names {
    char (*name)[NAME];
    size_t count, room;
};

static void add_name(void *context, const char *name)
{
    struct names *names = context;
    if (names->count == names->room) {
        size_t room = names->room ? 2 * names->room : 1024;
        char(*more)[NAME] = realloc(names->name, room * sizeof *more);
        if (!more)
            return; /* one suggestion fewer */
        names->name = more;
        names->room = room;
    }
    snprintf(names->name[names->count++], NAME, "%s", name);
}

static bool add_rule(void *context, const struct rule_text *rule)
{
    add_name(context, rule->id);
    return true;
}

static void collect_names(struct names *names)
{
    char name[NAME];
    for (size_t i = 0; i < flag_text_count; i++) {
        add_name(names, flag_texts[i].reg);
        add_name(names, flag_texts[i].name);
        snprintf(name, sizeof name, "%s.%s", flag_texts[i].reg, flag_texts[i].name);
        add_name(names, name);
    }
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++)
        add_name(names, event_kind_name((enum event_kind)kind));
    for (size_t i = 0; i < word_text_count; i++)
        add_name(names, word_texts[i].word);
    rule_text_each(add_rule, names);
    for (unsigned i = 0; i < chip_count(); i++)
        register_text_each(chip_at(i), add_name, names);
}

/* Letters of either size: registers and flags are written in capitals, events are not. */
static bool find_nearest(const char *what, char nearest[NAME])
{
    struct names names = {0};
    char word[3][NAME];
    const char *found = NULL;
    collect_names(&names);
    const char **list = calloc(names.count + 1, sizeof *list);
    for (size_t i = 0; list && i < names.count; i++)
        list[i] = names.name[i];
    snprintf(word[0], NAME, "%.*s", (int)strcspn(what, "="), what);
    for (size_t i = 0; i < NAME; i++) {
        word[1][i] = (char)toupper((unsigned char)word[0][i]);
        word[2][i] = (char)tolower((unsigned char)word[0][i]);
    }
    for (unsigned i = 0; list && i < 3 && !found; i++)
        found = nearest_name(word[i], list);
    if (found)
        snprintf(nearest, NAME, "%s", found);
    free(list);
    free(names.name);
    return found != NULL;
}

static int refuse(const char *what)
{
    struct error error;
    char nearest[NAME];
    const char *equals = strchr(what, '=');
    const char *shown = image_short_path(what);
    if (equals && !quantity_is_number(equals + 1))
        error_set(&error, "explain %s: not a number behind =: `flashsim explain FLASH_SR=0xA8`",
                  shown);
    else if (find_nearest(what, nearest) &&
             (!equals || strncasecmp(what, nearest, strlen(nearest))))
        error_set(&error, "explain %s: no such register, flag, event or rule: did you mean %s?",
                  shown, nearest);
    else if (equals)
        error_set(&error,
                  "explain %s: no bits of this register are described, or the value is past 32 "
                  "bits",
                  shown);
    else
        error_set(&error,
                  "explain %s: no such register, flag, event or rule: `flashsim list events` and "
                  "`flashsim list rules` name some",
                  shown);
    return command_refuse(&error);
}

/* No name of a word looks so. */
static bool is_file_name(const char *what)
{
    static const char ending[] = ".json";
    size_t length = strlen(what);
    return strchr(what, '/') || (length > sizeof ending - 1 &&
                                 strcmp(what + length - (sizeof ending - 1), ending) == 0);
}

int command_explain(int argc, char **argv)
{
    struct error error;
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(usage, stdout);
        return COMMAND_PASS;
    }
    if (argc != 2 || !argv[1][0]) {
        error_set(&error, "explain: one word must follow: `flashsim explain PGSERR`");
        return command_refuse(&error);
    }
    const char *what = argv[1];
    if (is_file_name(what))
        return result_explain(what, stdout, &error) ? COMMAND_PASS : command_refuse(&error);
    if (explain_event(what) || explain_rule(what) || explain_value(what) || explain_flag(what) ||
        explain_word(what) || explain_register(what) || explain_beginning(what))
        return COMMAND_PASS;
    return refuse(what);
}
