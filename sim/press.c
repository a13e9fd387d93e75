/* A list of presses, each of which becomes a level at a pin and, when its time is over, the other. */
#include "sim/press.h"

#include <stdio.h>
#include <string.h>

#include "sim/image.h"
#include "sim/quantity.h"

/* "2s" or, for a button that is down when power comes, "0s". */
static bool read_time(const char *text, uint64_t *ps)
{
    *ps = 0;
    return quantity_read_duration(text, ps) || quantity_check_duration(text) == QUANTITY_ZERO;
}

/* A press that is none, or a time that is none. */
static bool refuse_time(const char *text, const char *time, struct error *error)
{
    if (quantity_check_duration(time) == QUANTITY_MALFORMED)
        return error_set(error,
                         "--press %s: write a button, a time and for how long, as in B1@2s or "
                         "B1@2s+500ms",
                         image_short_path(text));
    return error_set(error, "--press %s: %.*s: %s", image_short_path(text), QUANTITY_TEXT, time,
                     quantity_duration_flaw(time));
}

bool press_parse(struct press_list *list, const char *text, struct error *error)
{
    char time[QUANTITY_TEXT] = "";
    const char *at = strchr(text, '@');
    const char *plus = at ? strchr(at, '+') : NULL;
    if (list->count == PRESS_MAX)
        return error_set(error, "--press %s: one too many: at most %d", image_short_path(text),
                         PRESS_MAX);
    struct press *press = &list->press[list->count];
    memset(press, 0, sizeof *press);
    press->hold_ps = PRESS_DEFAULT_HOLD_PS;
    size_t name_length = at ? (size_t)(at - text) : 0;
    if (name_length == 0)
        return refuse_time(text, "", error);
    if (name_length >= sizeof press->name)
        return error_set(error, "--press %s: no button has so long a name", image_short_path(text));
    size_t time_length = plus ? (size_t)(plus - at - 1) : strlen(at + 1);
    time_length = time_length < sizeof time ? time_length : sizeof time - 1;
    memcpy(time, at + 1, time_length);
    if (!read_time(time, &press->at_ps))
        return refuse_time(text, time, error);
    if (plus && !quantity_read_duration(plus + 1, &press->hold_ps))
        return refuse_time(text, plus + 1, error);
    memcpy(press->name, text, name_length);
    list->count++;
    return true;
}

static bool refuse_button(const struct press *press, const struct board *board, struct error *error)
{
    char names[160] = "";
    size_t used = 0;
    for (unsigned i = 0; board && i < board->pin_count && used < sizeof names; i++)
        if (board->pins[i].kind == BOARD_BUTTON)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "",
                                     board->pins[i].name);
    if (used)
        return error_set(error, "--press %s: %s has no button of this name, but %s", press->name,
                         board->name, names);
    return error_set(error, "--press %s: %s has no button: add it to \"pins\" of a board file",
                     press->name, board ? board->name : "the chip");
}

bool press_find_buttons(struct press_list *list, const struct board *board, struct error *error)
{
    for (unsigned i = 0; i < list->count; i++) {
        struct press *press = &list->press[i];
        press->button = board ? board_pin_find(board, press->name) : NULL;
        if (!press->button || press->button->kind != BOARD_BUTTON)
            return refuse_button(press, board, error);
    }
    return true;
}

uint64_t press_next_ps(const struct press_list *list)
{
    uint64_t next_ps = CLOCK_NEVER;
    for (unsigned i = 0; i < list->count; i++)
        if (!list->press[i].is_over && list->press[i].at_ps < next_ps)
            next_ps = list->press[i].at_ps;
    return next_ps;
}

void press_act(struct press_list *list, struct soc *soc, uint64_t now_ps)
{
    for (unsigned i = 0; i < list->count; i++) {
        struct press *press = &list->press[i];
        if (press->is_over || now_ps < press->at_ps)
            continue;
        press->is_over = press->is_down;
        press->is_down = !press->is_down;
        press->at_ps += press->hold_ps;
        board_press(press->button, soc, press->is_down);
    }
}
