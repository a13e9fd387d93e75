/* A list of presses, each of which becomes a level at a pin and, when its time is over, the other. */
#include "sim/press.h"

#include <stdio.h>
#include <string.h>

#include "sim/image.h"
#include "sim/quantity.h"

bool press_parse(struct press_list *list, const char *text, struct error *error)
{
    char time[QUANTITY_TEXT] = "";
    const char *at = strchr(text, '@');
    const char *plus = at ? strchr(at, '+') : NULL;
    if (list->count == PRESS_MAX)
        return error_set(error, "--press: one too many: at most %d", PRESS_MAX);
    struct press *press = &list->press[list->count];
    memset(press, 0, sizeof *press);
    press->hold_ps = PRESS_DEFAULT_HOLD_PS;
    size_t name_length = at ? (size_t)(at - text) : 0;
    if (at)
        snprintf(time, sizeof time, "%.*s", plus ? (int)(plus - at - 1) : QUANTITY_TEXT, at + 1);
    if (name_length == 0 || name_length >= sizeof press->name ||
        !quantity_read_duration(time, &press->at_ps) ||
        (plus && !quantity_read_duration(plus + 1, &press->hold_ps)))
        return error_set(error, "--press %s: write a button, a time and for how long, as in B1@2s or "
                         "B1@2s+500ms", image_short_path(text));
    memcpy(press->name, text, name_length);
    list->count++;
    return true;
}

bool press_find_buttons(struct press_list *list, const struct board *board, struct error *error)
{
    for (unsigned i = 0; i < list->count; i++) {
        struct press *press = &list->press[i];
        press->button = board ? board_pin_find(board, press->name) : NULL;
        if (!press->button || press->button->kind != BOARD_BUTTON)
            return error_set(error, "--press %s: %s has no button of this name: add it to \"pins\" of a "
                             "board file", press->name, board ? board->name : "the chip");
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
