#include "sim/durability.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void durability_init(struct durability *durability, const struct durability_pattern *pattern)
{
    memset(durability, 0, sizeof *durability);
    durability->pattern = *pattern;
}

void durability_free(struct durability *durability)
{
    free(durability->items);
    durability->items = NULL;
    durability->count = durability->room = 0;
}

static void __attribute__((format(printf, 2, 3)))
violate(struct durability *d, const char *format, ...)
{
    if (d->is_violated)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(d->message, sizeof d->message, format, arguments);
    va_end(arguments);
    d->is_violated = true;
}

bool durability_is_reached(const struct durability *d)
{
    return d->acknowledged > 0 && d->checked > 0 && d->reports > 0;
}

/* ---- items ---- */

static struct durability_item *find(struct durability *d, const char *name)
{
    for (size_t i = 0; i < d->count; i++)
        if (strcmp(d->items[i].name, name) == 0)
            return &d->items[i];
    return NULL;
}

static struct durability_item *find_or_add(struct durability *d, const char *name)
{
    struct durability_item *item = find(d, name);
    if (item)
        return item;
    if (d->count == d->room) {
        size_t room = d->room ? 2 * d->room : 16;
        struct durability_item *items = realloc(d->items, room * sizeof *items);
        if (!items) {
            d->is_broken = true;
            return NULL;
        }
        d->items = items;
        d->room = room;
    }
    item = &d->items[d->count++];
    memset(item, 0, sizeof *item);
    snprintf(item->name, sizeof item->name, "%s", name);
    return item;
}

static void set_value(struct durability_item *item, uint32_t boot, const char *value)
{
    item->is_known = true;
    item->known_in = boot;
    snprintf(item->value, sizeof item->value, "%s", value);
}

static void know(struct durability_item *item, uint32_t boot, const char *value)
{
    set_value(item, boot, value);
    item->begun_count = 0;
}

static int find_begun(const struct durability_item *item, const char *value)
{
    for (unsigned i = 0; i < item->begun_count; i++)
        if (!item->begun[i].is_start && strcmp(item->begun[i].value, value) == 0)
            return (int)i;
    return -1;
}

static void drop_begun(struct durability_item *item, unsigned first, unsigned count)
{
    item->begun_count -= count;
    memmove(&item->begun[first], &item->begun[first + count],
            (item->begun_count - first) * sizeof item->begun[0]);
}

/* More in flight than there is room for: the oldest can not be told apart from what is to come. */
static void add_begun(struct durability *d, struct durability_item *item, const char *value,
                      bool is_start)
{
    int earlier = find_begun(item, value);
    if (item->begun_count == DURABILITY_BEGUN_MAX && earlier >= 0)
        drop_begun(item, (unsigned)earlier, 1);
    if (item->begun_count == DURABILITY_BEGUN_MAX) {
        d->is_broken = true;
        return;
    }
    struct durability_begun *begun = &item->begun[item->begun_count++];
    begun->is_start = is_start;
    snprintf(begun->value, sizeof begun->value, "%s", value);
}

static bool may_be(const struct durability *d, const struct durability_item *item,
                   const char *value)
{
    for (unsigned i = 0; i < item->begun_count; i++) {
        const struct durability_begun *begun = &item->begun[i];
        if (begun->is_start ? strncmp(value, begun->value, strlen(begun->value)) == 0
                            : strcmp(value, begun->value) == 0)
            return true;
    }
    return d->has_loose && strncmp(item->name, d->loose, strlen(d->loose)) == 0;
}

/* ---- lines ---- */

struct statement {
    char name[DURABILITY_TEXT];
    char value[DURABILITY_TEXT];
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Without the blanks around it. */
static bool copy_trimmed(struct durability *d, char to[DURABILITY_TEXT], const char *from,
                         const char *end)
{
    while (from < end && is_blank(*from))
        from++;
    while (end > from && is_blank(end[-1]))
        end--;
    size_t length = (size_t)(end - from);
    if (length >= DURABILITY_TEXT) {
        d->is_broken = true;
        return false;
    }
    memcpy(to, from, length);
    to[length] = '\0';
    return true;
}

/* "a=7", " a = John Smith". False: no item, which is no statement. */
static bool read_statement(struct durability *d, const char *text, struct statement *statement)
{
    while (is_blank(*text))
        text++;
    const char *separator = strstr(text, d->pattern.separator);
    if (!separator || separator == text)
        return false;
    const char *value = separator + strlen(d->pattern.separator);
    return copy_trimmed(d, statement->name, text, separator) &&
           copy_trimmed(d, statement->value, value, value + strlen(value)) && statement->name[0];
}

static const char *after(const char *line, const char *start)
{
    if (!start)
        return NULL;
    size_t length = strlen(start);
    return strncmp(line, start, length) == 0 ? line + length : NULL;
}

static const char *acknowledged_text(const struct durability *d)
{
    return d->pattern.acknowledged ? d->pattern.acknowledged : "acknowledged ";
}

/* The first sign that the firmware has told all it found: what is missing now is lost. */
static void complete_report(struct durability *d, uint32_t boot)
{
    if (d->has_report)
        return;
    d->has_report = true;
    d->reports += d->interruptions > 0;
    for (size_t i = 0; i < d->count; i++) {
        struct durability_item *item = &d->items[i];
        if (item->is_known && item->reported_in != boot)
            violate(d, "%s%s%s%s was there in boot %u, boot %u does not report %s",
                    acknowledged_text(d), item->name, d->pattern.separator, item->value,
                    item->known_in, boot, item->name);
        item->begun_count = 0;
    }
    d->has_loose = false;
    d->knows_all = true;
}

void durability_sign(struct durability *d)
{
    d->has_signed = true;
}

void durability_cut(struct durability *d)
{
    d->has_spoken = d->has_signed = d->has_begun = false;
}

void durability_report(struct durability *d, uint32_t boot, const char *name, const char *value)
{
    d->has_spoken = true;
    struct durability_item *item = find_or_add(d, name);
    if (!item)
        return;
    bool is_same = item->is_known && strcmp(item->value, value) == 0;
    if (!is_same && !may_be(d, item, value)) {
        if (item->is_known)
            violate(d, "%s%s%s%s was there in boot %u, boot %u reports %s%s%s",
                    acknowledged_text(d), item->name, d->pattern.separator, item->value,
                    item->known_in, boot, item->name, d->pattern.separator, value);
        else if (d->knows_all || item->begun_count)
            violate(d, "boot %u reports %s%s%s, which was never begun", boot, item->name,
                    d->pattern.separator, value);
    }
    if (item->is_known && item->known_in != boot)
        d->checked++;
    item->reported_in = boot;
    know(item, boot, value);
}

void durability_begin(struct durability *d, uint32_t boot, const char *name, const char *value)
{
    d->has_spoken = d->has_begun = true;
    complete_report(d, boot);
    struct durability_item *item = find_or_add(d, name);
    if (!item)
        return;
    /* Tried again, nothing else between: the same write. */
    if (item->begun_count && find_begun(item, value) == (int)item->begun_count - 1)
        return;
    add_begun(d, item, value, false);
}

/* What was begun after it stays under way, and so does everything when the same is said twice. */
static void acknowledge(struct durability_item *item, uint32_t boot, const char *value)
{
    int begun = find_begun(item, value);
    if (begun >= 0)
        drop_begun(item, 0, (unsigned)begun + 1);
    else if (!item->is_known || strcmp(item->value, value) != 0)
        item->begun_count = 0;
    set_value(item, boot, value);
}

void durability_acknowledge(struct durability *d, uint32_t boot, const char *name,
                            const char *value)
{
    d->has_spoken = d->has_begun = true;
    complete_report(d, boot);
    struct durability_item *item = find_or_add(d, name);
    if (item)
        acknowledge(item, boot, value);
    d->acknowledged++;
}

void durability_acknowledge_begun(struct durability *d, uint32_t boot)
{
    d->has_spoken = true;
    if (!d->has_report) /* what an earlier boot had begun is not meant */
        return;
    for (size_t i = 0; i < d->count; i++) {
        struct durability_item *item = &d->items[i];
        if (!item->begun_count)
            continue;
        char value[DURABILITY_TEXT];
        memcpy(value, item->begun[item->begun_count - 1].value, sizeof value);
        know(item, boot, value);
        d->acknowledged++;
    }
}

/* "ack a=": nobody knows what was acknowledged. */
static void note_valueless(struct durability *d, const char *start,
                           const struct statement *statement)
{
    d->has_spoken = true;
    if (!d->valueless[0])
        snprintf(d->valueless, sizeof d->valueless, "%.24s%s%.4s", start, statement->name,
                 d->pattern.separator);
}

/* "have a=" where a value is known: that it is gone is told all the same. */
static bool is_taken_back(struct durability *d, unsigned which, const char *name)
{
    const struct durability_item *item = find(d, name);
    return which == 0 && item && item->is_known;
}

void durability_line(struct durability *d, uint32_t boot, const char *line)
{
    static void (*const say[])(struct durability *d, uint32_t boot, const char *name,
                               const char *value) = {durability_report, durability_begin,
                                                     durability_acknowledge};
    const char *const starts[] = {d->pattern.reported, d->pattern.begun, d->pattern.acknowledged};
    struct statement statement;
    for (unsigned i = 0; i < 3; i++) {
        const char *text = after(line, starts[i]);
        if (!text || !read_statement(d, text, &statement))
            continue;
        bool is_known = statement.value[0] || is_taken_back(d, i, statement.name);
        if (!statement.value[0])
            note_valueless(d, starts[i], &statement);
        if (is_known)
            say[i](d, boot, statement.name, statement.value);
        return;
    }
}

/* ---- the end of a boot ---- */

/* The last line did not come out whole, but what it announced may have happened: a UART is a byte
 * or two behind the program. */
void durability_rest(struct durability *d, const char *rest)
{
    if (!d->pattern.begun)
        return;
    size_t length = strlen(d->pattern.begun);
    size_t rest_length = strlen(rest);
    const char *text = after(rest, d->pattern.begun);
    if (!text) {
        /* Not even the announcement is whole: any item. */
        bool is_begin = rest_length < length && strncmp(rest, d->pattern.begun, rest_length) == 0;
        if (is_begin && rest_length > 0) {
            d->loose[0] = '\0';
            d->has_loose = true;
        }
        return;
    }
    struct statement statement;
    if (read_statement(d, text, &statement)) {
        struct durability_item *item = find_or_add(d, statement.name);
        if (item)
            add_begun(d, item, statement.value, true);
        return;
    }
    if (copy_trimmed(d, d->loose, text, text + strlen(text)))
        d->has_loose = true;
}

void durability_interrupted(struct durability *d)
{
    d->interruptions++;
    d->has_report = false;
}

void durability_finished(struct durability *d, uint32_t boot)
{
    complete_report(d, boot);
    d->has_report = false;
}
