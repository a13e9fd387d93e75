/* Reads the tables of RULES.md: a table counts when its head has the columns "id" and "rule"; "source"
 * (or "section") and "status" are taken where they are. A rule switch of models/rules.h that the file
 * does not list stands for itself. */
#include "sim/rule_text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "models/rules.h"

/* Written by the build from models/RULES.md. */
extern const unsigned char rules_md[];
extern const size_t rules_md_size;

enum { COLUMN_MAX = 12 };

struct columns {
    int id, rule, source, status; /* -1: not there */
};

/* Copies one cell without blanks around it and without back-quotes. Returns where the next one begins, or
 * NULL at the end of the row. */
static const char *take_cell(const char *at, const char *end, char *cell, size_t size)
{
    size_t used = 0;
    for (; at < end && *at != '|'; at++) {
        bool is_escaped = *at == '\\' && at + 1 < end && at[1] == '|';
        if (is_escaped)
            at++;
        if (*at != '`' && used + 1 < size && (used || !isspace((unsigned char)*at)))
            cell[used++] = *at;
    }
    while (used && isspace((unsigned char)cell[used - 1]))
        used--;
    cell[used] = '\0';
    return at < end ? at + 1 : NULL;
}

static unsigned split(const char *line, const char *end, char cells[][RULE_TEXT_CELL])
{
    const char *at = line + 1; /* past the first bar */
    unsigned count = 0;
    while (at && at < end && count < COLUMN_MAX)
        at = take_cell(at, end, cells[count++], RULE_TEXT_CELL);
    return count;
}

static struct columns find_columns(char cells[][RULE_TEXT_CELL], unsigned count)
{
    struct columns columns = {-1, -1, -1, -1};
    for (int i = 0; i < (int)count; i++) {
        if (strcasecmp(cells[i], "id") == 0)
            columns.id = i;
        else if (strcasecmp(cells[i], "rule") == 0)
            columns.rule = i;
        else if (strcasecmp(cells[i], "source") == 0 || strcasecmp(cells[i], "section") == 0)
            columns.source = i;
        else if (strcasecmp(cells[i], "status") == 0)
            columns.status = i;
    }
    return columns;
}

static void copy_cell(char *to, size_t size, char cells[][RULE_TEXT_CELL], int column, unsigned count)
{
    to[0] = '\0';
    if (column >= 0 && column < (int)count)
        snprintf(to, size, "%s", cells[column]);
}

/* A row may speak for several ids, with commas between them; a row without one is no rule of ours. */
static bool visit_row(char cells[][RULE_TEXT_CELL], unsigned count, struct columns columns,
                      bool (*visit)(void *context, const struct rule_text *rule), void *context)
{
    struct rule_text rule;
    char ids[RULE_TEXT_CELL];
    copy_cell(ids, sizeof ids, cells, columns.id, count);
    copy_cell(rule.rule, sizeof rule.rule, cells, columns.rule, count);
    copy_cell(rule.source, sizeof rule.source, cells, columns.source, count);
    copy_cell(rule.status, sizeof rule.status, cells, columns.status, count);
    if (ids[0] == '-' || ids[0] == ':')
        return true; /* the line under the head */
    for (const char *at = ids + strspn(ids, ", "); *at; at += strspn(at, ", ")) {
        size_t length = strcspn(at, ", ");
        snprintf(rule.id, sizeof rule.id, "%.*s", (int)length, at);
        if (!visit(context, &rule))
            return false;
        at += length;
    }
    return true;
}

void rule_text_each_of(const char *text, size_t size,
                       bool (*visit)(void *context, const struct rule_text *rule), void *context)
{
    static const struct columns none = {-1, -1, -1, -1};
    struct columns columns = none;
    const char *end = text + size;
    char cells[COLUMN_MAX][RULE_TEXT_CELL];
    for (const char *line = text; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *line_end = newline ? newline : end;
        if (*line != '|') {
            columns = none;
        } else {
            unsigned count = split(line, line_end, cells);
            if (columns.id < 0 || columns.rule < 0) {
                columns = find_columns(cells, count);
            } else if (!visit_row(cells, count, columns, visit, context)) {
                return;
            }
        }
        line = line_end + 1;
    }
}

struct search {
    const char *id;
    struct rule_text *rule;
    bool is_found;
};

static bool compare(void *context, const struct rule_text *rule)
{
    struct search *search = context;
    if (strcasecmp(rule->id, search->id) != 0)
        return true;
    *search->rule = *rule;
    search->is_found = true;
    return false;
}

void rule_text_each(bool (*visit)(void *context, const struct rule_text *rule), void *context)
{
    rule_text_each_of((const char *)rules_md, rules_md_size, visit, context);
}

bool rule_text_find(const char *id, struct rule_text *rule)
{
    struct search search = {id, rule, false};
    rule_text_each(compare, &search);
    if (search.is_found)
        return true;
    enum rule_switch found = rule_switch_find(id);
    if (found == RULE_SWITCH_COUNT)
        return false;
    memset(rule, 0, sizeof *rule);
    snprintf(rule->id, sizeof rule->id, "%s", rule_switches[found].id);
    snprintf(rule->rule, sizeof rule->rule, "%s", rule_switches[found].help);
    snprintf(rule->status, sizeof rule->status, "a switch");
    return true;
}

const char *rule_text_say(const struct rule_text *rule, char text[RULE_TEXT_SAID])
{
    static const char *const kinds[] = {"assumed: ", "approximated: ", "absent: "};
    const char *clause = "";
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strncmp(rule->status, kinds[i], strlen(kinds[i])) == 0)
            clause = rule->status + strlen(kinds[i]);
    const char *rest = strstr(clause, ", switch ");
    size_t length = rest ? (size_t)(rest - clause) : strlen(clause);
    snprintf(text, RULE_TEXT_SAID, "%s%s%.*s", rule->rule, length ? ": " : "", (int)length, clause);
    return text;
}
