/* Parsing and watching of stop conditions. */
#include "sim/until.h"

#include <string.h>

#include "sim/console.h"
#include "sim/option_reader.h"
#include "sim/quantity.h"

static bool parse_console(struct until *until, const char *text, struct error *error)
{
    until->text_size = strlen(text);
    if (until->text_size == 0 || until->text_size >= UNTIL_TEXT_MAX - 1)
        return error_set(error, "--until console: 1 to %d bytes of text must follow, as in "
                         "--until console:PASS", UNTIL_TEXT_MAX - 2);
    memcpy(until->text, text, until->text_size);
    /* The failure function of Knuth, Morris and Pratt. */
    size_t length = 0;
    for (size_t i = 1; i < until->text_size; i++) {
        while (length && text[i] != text[length])
            length = until->fallback[length - 1];
        length += text[i] == text[length];
        until->fallback[i] = (uint8_t)length;
    }
    return true;
}

static const struct image_symbol *find_symbol(const char *name, const struct image *images,
                                              size_t image_count, struct error *error)
{
    struct error reason = {"the images have no symbols: use an ELF file"};
    for (size_t i = 0; i < image_count; i++) {
        if (!images[i].symbols.count)
            continue;
        const struct image_symbol *symbol = image_symbol_named(&images[i].symbols, name, &reason);
        if (symbol)
            return symbol;
    }
    error_set(error, "--until %s: %s", image_short_path(name), reason.text);
    return NULL;
}

static bool parse_symbol(struct until *until, const char *text, const struct image *images,
                         size_t image_count, struct error *error)
{
    static const char *const comparisons[] = {"==", "!=", "<=", ">=", "<", ">"};
    char name[UNTIL_TEXT_MAX];
    size_t length = strcspn(text, "=!<>");
    const char *at = text + length;
    for (size_t i = 0; i < sizeof comparisons / sizeof comparisons[0] && !until->comparison[0]; i++)
        if (strncmp(at, comparisons[i], strlen(comparisons[i])) == 0)
            memcpy(until->comparison, comparisons[i], strlen(comparisons[i]) + 1);
    uint64_t value = 0;
    const char *number = at + strlen(until->comparison);
    bool is_good = quantity_read_number(number, UINT32_MAX, &value);
    if (length > 0 && until->comparison[0] && !is_good && quantity_is_number(number))
        return error_set(error, "--until sym:%s: the value is too large: at most 0xFFFFFFFF",
                         image_short_path(text));
    if (length == 0 || length >= sizeof name || !until->comparison[0] || !is_good)
        return error_set(error, "--until sym:%s: not a comparison of a variable with a number: write "
                         "--until sym:NAME==VALUE (or !=, <, <=, >, >=)", image_short_path(text));
    memcpy(name, text, length);
    name[length] = '\0';
    const struct image_symbol *symbol = find_symbol(name, images, image_count, error);
    if (!symbol)
        return false;
    until->addr = symbol->addr;
    until->size = symbol->size == 1 || symbol->size == 2 ? symbol->size : 4;
    until->value = (uint32_t)value;
    return true;
}

static bool parse_pc(struct until *until, const char *text, const struct image *images,
                     size_t image_count, struct error *error)
{
    uint64_t value = 0;
    if (quantity_read_number(text, UINT32_MAX, &value)) {
        until->addr = (uint32_t)value & ~1u;
        return true;
    }
    if (quantity_is_number(text))
        return error_set(error, "--until pc:%s: the address is too large: at most 0xFFFFFFFF",
                         image_short_path(text));
    const struct image_symbol *symbol = find_symbol(text, images, image_count, error);
    if (symbol)
        until->addr = symbol->addr & ~1u;
    return symbol != NULL;
}

static bool refuse_event(const char *name, struct error *error)
{
    char hint[OPTION_HINT];
    const char *names[EVENT_KIND_COUNT + 1] = {NULL};
    for (unsigned i = 0; i < EVENT_KIND_COUNT; i++)
        names[i] = event_kind_name((enum event_kind)i);
    option_reader_hint(name, names, hint);
    return error_set(error, "--until event:%s: no such event%s", image_short_path(name),
                     hint[0] ? hint : ": `flashsim list events` names them");
}

bool until_parse(struct until *until, const char *text, const struct image *images,
                 size_t image_count, struct error *error)
{
    memset(until, 0, sizeof *until);
    const char *colon = strchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : 0;
    const char *rest = colon ? colon + 1 : "";
    if (length == 7 && strncmp(text, "console", 7) == 0) {
        until->kind = UNTIL_CONSOLE;
        return parse_console(until, rest, error);
    }
    if (length == 3 && strncmp(text, "sym", 3) == 0) {
        until->kind = UNTIL_SYMBOL;
        return parse_symbol(until, rest, images, image_count, error);
    }
    if (length == 2 && strncmp(text, "pc", 2) == 0) {
        until->kind = UNTIL_PC;
        return parse_pc(until, rest, images, image_count, error);
    }
    if (length == 5 && strncmp(text, "event", 5) == 0) {
        until->kind = UNTIL_EVENT;
        until->event = event_kind_find(rest);
        return until->event != EVENT_KIND_COUNT || refuse_event(rest, error);
    }
    if (length == 4 && strncmp(text, "time", 4) == 0) {
        until->kind = UNTIL_TIME;
        return quantity_read_duration(rest, &until->time_ps) ||
               error_set(error, "--until time:%s: %s", image_short_path(rest),
                         quantity_duration_flaw(rest));
    }
    return error_set(error, "--until %s: not a condition: write console:TEXT, sym:NAME==VALUE, "
                     "pc:NAME, event:KIND or time:2s", image_short_path(text));
}

void until_watch(struct until *until, struct machine *machine)
{
    until->machine = machine;
    if (until->kind == UNTIL_PC)
        machine_set_break(machine, until->addr);
}

static void reached(struct until *until)
{
    until->is_reached = true;
    machine_request_stop(until->machine);
}

static void match(struct until *until, size_t *matched, char byte)
{
    while (*matched && until->text[*matched] != byte)
        *matched = until->fallback[*matched - 1];
    *matched += until->text[*matched] == byte;
    if (*matched == until->text_size) {
        *matched = until->fallback[*matched - 1];
        reached(until);
    }
}

void until_hear(void *context, const struct event *event)
{
    struct until *until = context;
    enum console_channel channel;
    if (until->is_reached)
        return;
    if (until->kind == UNTIL_EVENT && event->kind == until->event)
        reached(until);
    else if (until->kind == UNTIL_CONSOLE && console_is_text(event, &channel))
        match(until, &until->matched[channel], (char)event->value);
}

static bool compare(const struct until *until, uint32_t value)
{
    switch (until->comparison[0]) {
    case '=':
        return value == until->value;
    case '!':
        return value != until->value;
    case '<':
        return until->comparison[1] ? value <= until->value : value < until->value;
    default:
        return until->comparison[1] ? value >= until->value : value > until->value;
    }
}

bool until_poll(struct until *until)
{
    uint8_t bytes[4] = {0};
    switch (until->kind) {
    case UNTIL_SYMBOL:
        if (machine_peek(until->machine, until->addr, bytes, until->size))
            until->is_reached = compare(until, (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
                                                   (uint32_t)bytes[2] << 16 |
                                                   (uint32_t)bytes[3] << 24);
        break;
    case UNTIL_PC:
        until->is_reached = machine_is_at_break(until->machine);
        break;
    case UNTIL_TIME:
        until->is_reached = machine_now_ps(until->machine) >= until->time_ps;
        break;
    default:
        break;
    }
    return until->is_reached;
}
