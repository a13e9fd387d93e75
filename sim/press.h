/* Presses of a board's buttons at given times: `--press B1@2s+500ms`. */
#ifndef SIM_PRESS_H
#define SIM_PRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/board.h"
#include "sim/core/error.h"

enum { PRESS_MAX = 32, PRESS_NAME = 24 };

#define PRESS_DEFAULT_HOLD_PS (100 * PS_PER_MS)

struct press {
    char name[PRESS_NAME];
    const struct board_pin *button; /* found by press_find_buttons() */
    uint64_t at_ps;                 /* of what is due next: the press, then the release */
    uint64_t hold_ps;
    bool is_down;
    bool is_over;
};

struct press_list {
    struct press press[PRESS_MAX];
    unsigned count;
};

bool press_parse(struct press_list *list, const char *text, struct error *error);
bool press_find_buttons(struct press_list *list, const struct board *board, struct error *error);
/* When something is due next; CLOCK_NEVER: nothing more. */
uint64_t press_next_ps(const struct press_list *list);
/* Does what is due by now. */
void press_act(struct press_list *list, struct soc *soc, uint64_t now_ps);

#endif
