/* The names that a scenario may give of rules and of units: one that does not exist would never be met, and
 * to expect none of it would always pass. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/rules.h"
#include "sim/nearest.h"
#include "sim/rule_text.h"
#include "sim/scenario_read.h"

enum { NAME = 80 };

struct names {
    const char *wanted;
    bool is_there;
    char (*name)[NAME];
    size_t count, room;
};

static void add_name(void *context, const char *name)
{
    struct names *names = context;
    names->is_there = names->is_there || strcmp(name, names->wanted) == 0;
    if (names->count == names->room) {
        size_t room = names->room ? 2 * names->room : 256;
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

static const char *find_nearest(const struct names *names)
{
    const char *nearest = NULL;
    const char **list = calloc(names->count + 1, sizeof *list);
    for (size_t i = 0; list && i < names->count; i++)
        list[i] = names->name[i];
    if (list)
        nearest = nearest_name(names->wanted, list);
    free(list);
    return nearest;
}

/* Frees the names. */
static bool check(const struct scenario_reader *reader, const struct cJSON *value, const char *what,
                  const char *remedy, struct names *names)
{
    const struct json_text *json = &reader->scenario->json;
    const char *nearest = names->is_there ? NULL : find_nearest(names);
    if (nearest)
        json_text_refuse(json, value, reader->error, "no such %s: \"%.60s\": did you mean \"%s\"?",
                         what, names->wanted, nearest);
    else if (!names->is_there)
        json_text_refuse(json, value, reader->error, "no such %s: \"%.60s\": %s", what,
                         names->wanted, remedy);
    free(names->name);
    return names->is_there;
}

bool scenario_check_rule(const struct scenario_reader *reader, const struct cJSON *value,
                         const char *rule)
{
    struct names names = {.wanted = rule};
    rule_text_each(add_rule, &names);
    for (unsigned i = 0; i < RULE_SWITCH_COUNT; i++)
        add_name(&names, rule_switches[i].id);
    return check(reader, value, "rule", "`flashsim list rules` has them all", &names);
}

bool scenario_check_unit(const struct scenario_reader *reader, const struct cJSON *value,
                         const char *unit)
{
    static const char *const outside[] = {"CORE", "BUS", "POWER", "RESET", "RTT", "semihosting"};
    struct names names = {.wanted = unit};
    char remedy[160];
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++)
        add_name(&names, outside[i]);
    chip_each_unit(reader->scenario->chip, add_name, &names);
    snprintf(remedy, sizeof remedy,
             "a unit is a peripheral of the %s (FLASH, USART2), CORE, BUS, POWER, RESET or BOOT",
             reader->scenario->chip->name);
    return check(reader, value, "unit", remedy, &names);
}
