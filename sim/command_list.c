/* `flashsim list`: what can be named elsewhere. */
#include "sim/command.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "models/board.h"
#include "sim/image.h"
#include "sim/rule_text.h"

static const char usage[] =
    "examples:\n"
    "  flashsim list chips\n"
    "  flashsim list events --json\n"
    "\n"
    "usage: flashsim list chips|boards|rules|events [--json]\n";

static void list_chips(cJSON *list)
{
    for (unsigned i = 0; i < chip_count(); i++) {
        const struct chip *chip = chip_at(i);
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "name", chip->name);
        cJSON_AddNumberToObject(item, "flash_bytes", chip_flash_bytes(chip));
        cJSON_AddNumberToObject(item, "banks", chip->flash.bank_count);
        cJSON_AddNumberToObject(item, "page_bytes", chip->flash.page_bytes);
        cJSON_AddStringToObject(item, "manual", chip->manual);
        cJSON_AddItemToArray(list, item);
    }
}

static void list_boards(cJSON *list)
{
    for (unsigned i = 0; i < board_count(); i++) {
        const struct board *board = board_at(i);
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "name", board->name);
        cJSON_AddStringToObject(item, "chip", board->chip);
        cJSON_AddStringToObject(item, "console", board->console);
        cJSON_AddNumberToObject(item, "hse_hz", board->hse_hz);
        cJSON_AddNumberToObject(item, "lse_hz", board->lse_hz);
        cJSON_AddItemToArray(list, item);
    }
}

static bool add_rule(void *context, const struct rule_text *rule)
{
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "id", rule->id);
    cJSON_AddStringToObject(item, "status", rule->status);
    cJSON_AddStringToObject(item, "rule", rule->rule);
    cJSON_AddItemToArray(context, item);
    return true;
}

static void list_rules(cJSON *list)
{
    rule_text_each(add_rule, list);
}

static void list_events(cJSON *list)
{
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "name", event_kind_name((enum event_kind)kind));
        cJSON_AddStringToObject(item, "help", event_kind_help((enum event_kind)kind));
        cJSON_AddItemToArray(list, item);
    }
}

static const struct {
    const char *name;
    void (*list)(cJSON *list);
} subjects[] = {
    {"chips", list_chips},
    {"boards", list_boards},
    {"rules", list_rules},
    {"events", list_events},
};

/* One line an item: the first value wide, the rest after it. */
static void print_text(const cJSON *list)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        const cJSON *field;
        cJSON_ArrayForEach(field, item)
        {
            bool is_first = field == item->child;
            if (cJSON_IsNumber(field))
                printf("  %s %.0f", field->string, field->valuedouble);
            else if (is_first)
                printf("%-*s", field->next ? 22 : 0, field->valuestring);
            else if (field->valuestring[0])
                printf("  %s", field->valuestring);
        }
        putchar('\n');
    }
}

static int print_list(unsigned subject, bool is_json)
{
    cJSON *list = cJSON_CreateArray();
    subjects[subject].list(list);
    if (is_json) {
        char *text = cJSON_Print(list);
        puts(text ? text : "[]");
        cJSON_free(text);
    } else {
        print_text(list);
    }
    cJSON_Delete(list);
    return COMMAND_PASS;
}

int command_list(int argc, char **argv)
{
    struct error error;
    const char *subject = NULL;
    bool is_json = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            is_json = true;
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(usage, stdout);
            return COMMAND_PASS;
        } else if (argv[i][0] == '-' || subject) {
            error_set(&error, "list %s: not understood: flashsim list chips|boards|rules|events [--json]",
                      image_short_path(argv[i]));
            return command_refuse(&error);
        } else {
            subject = argv[i];
        }
    }
    for (unsigned i = 0; subject && i < sizeof subjects / sizeof subjects[0]; i++)
        if (strcmp(subjects[i].name, subject) == 0)
            return print_list(i, is_json);
    if (subject && !subject[0])
        subject = NULL;
    error_set(&error, "list%s%s: name one of chips, boards, rules, events", subject ? " " : "",
              subject ? image_short_path(subject) : "");
    return command_refuse(&error);
}
