/* Rules that a scenario can switch, where both readings of the manual are plausible.
 * Every rule id of the models is listed in RULES.md. */
#ifndef MODELS_RULES_H
#define MODELS_RULES_H

#include <stdbool.h>

#include "models/wires.h"

enum rule_switch {
    RULE_KEYR_WHEN_UNLOCKED_BENIGN, /* L4 sheet 3.5 */
    RULE_ZERO_OVER_ZERO_REFUSED,    /* L4 sheet 4.2 */
    RULE_RANGE2_PGSERR,             /* L4 sheet 4.1.8 */
    RULE_FAST_AFTER_PAGE_ERASE,     /* L4 sheet 4.6.2 */
    RULE_ECC_ONCE_PER_LINE,         /* L4 sheet 8.8 */
    RULE_USART_ORE_KEEPS_RECEIVING, /* boot sheet 12 */
    RULE_SPURIOUS_OPTVERR,          /* L4 sheet 11.6: early L45x/46x silicon */
    RULE_SWITCH_COUNT
};

struct rule_switch_row {
    const char *id;   /* as in scenarios and RULES.md */
    const char *help; /* one sentence: what the switch changes */
};

extern const struct rule_switch_row rule_switches[RULE_SWITCH_COUNT];

/* The switch with an id, or RULE_SWITCH_COUNT. */
enum rule_switch rule_switch_find(const char *id);

static inline bool rule_is_on(const struct wires *wires, enum rule_switch rule)
{
    return wires->rule_switches >> rule & 1;
}

#endif
