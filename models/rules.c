/* The switchable rules and their ids. */
#include "models/rules.h"

#include <string.h>

const struct rule_switch_row rule_switches[RULE_SWITCH_COUNT] = {
    [RULE_KEYR_WHEN_UNLOCKED_BENIGN] = {"L4.key.unlocked_benign",
                                        "KEYR written while unlocked does nothing"},
    [RULE_ZERO_OVER_ZERO_REFUSED] = {"L4.program.zero_over_zero_refused",
                                     "zeros over an all-zero double word are refused"},
    [RULE_RANGE2_PGSERR] = {"L4.program.range2_pgserr",
                            "programming or erasing in voltage range 2 sets PGSERR"},
    [RULE_FAST_AFTER_PAGE_ERASE] = {"L4.fast.after_page_erase",
                                    "fast programming works on the page erased last"},
    [RULE_ECC_ONCE_PER_LINE] =
        {"L4.ecc.once_per_line",
         "a repeated read of the same bad double word raises no second event"},
    [RULE_SPURIOUS_OPTVERR] = {"L4.option.spurious_optverr",
                               "every option load sets OPTVERR, though the option bytes are good"},
    [RULE_USART_ORE_KEEPS_RECEIVING] = {"USART.ore_keeps_receiving",
                                        "RXNE rises again while ORE is still set"},
};

enum rule_switch rule_switch_find(const char *id)
{
    for (unsigned rule = 0; rule < RULE_SWITCH_COUNT; rule++)
        if (strcmp(rule_switches[rule].id, id) == 0)
            return (enum rule_switch)rule;
    return RULE_SWITCH_COUNT;
}
