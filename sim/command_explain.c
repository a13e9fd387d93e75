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
#include "sim/rule_text.h"

static const char usage[] =
    "examples:\n"
    "  flashsim explain PGSERR\n"
    "  flashsim explain FLASH_SR=0xA8\n"
    "  flashsim explain CFSR\n"
    "  flashsim explain flash.erase_start\n"
    "  flashsim explain L4.program.not_blank\n"
    "\n"
    "usage: flashsim explain REGISTER|REGISTER=VALUE|FLAG|EVENT|RULE\n";

static void print_flag(const struct flag_text *flag)
{
    printf("%s.%s (0x%08" PRIX32 "): %s\n", flag->reg, flag->name, flag->bit, flag->meaning);
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
    const char *equals = strchr(what, '=');
    uint64_t value = 0;
    if (!equals || (size_t)(equals - what) >= sizeof name ||
        !quantity_read_number(equals + 1, UINT32_MAX, &value))
        return false;
    memcpy(name, what, (size_t)(equals - what));
    name[equals - what] = '\0';
    bool is_known = false;
    for (size_t i = 0; i < flag_text_count; i++) {
        if (strcasecmp(flag_texts[i].reg, name) != 0)
            continue;
        is_known = true;
        if (flag_texts[i].bit & (uint32_t)value)
            print_flag(&flag_texts[i]);
    }
    return is_known;
}

/* On the first chip that has it: addresses are the same on all of a family. */
static bool explain_register(const char *what)
{
    uint32_t addr = 0;
    bool is_found = false;
    for (unsigned i = 0; i < chip_count() && !is_found; i++)
        is_found = register_text_find(chip_at(i), what, &addr);
    if (!is_found)
        return false;
    printf("%s is at 0x%08" PRIX32 "\n", what, addr);
    for (size_t i = 0; i < flag_text_count; i++)
        if (strcasecmp(flag_texts[i].reg, what) == 0)
            print_flag(&flag_texts[i]);
    return true;
}

static bool explain_event(const char *what)
{
    enum event_kind kind = event_kind_find(what);
    if (kind == EVENT_KIND_COUNT)
        return false;
    printf("%s: %s\n", what, event_kind_help(kind));
    return true;
}

struct wanted_rule {
    const char *id;
    bool is_found;
};

/* A rule may have several rows: what it says of different things. */
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
    if (explain_event(what) || explain_rule(what) || explain_value(what) || explain_register(what) ||
        explain_flag(what))
        return COMMAND_PASS;
    return refuse(what);
}
