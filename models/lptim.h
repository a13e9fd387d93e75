/* Low-power timers: RM0351 rev 9 chapter 34, and the chapters of the same name in RM0394 and
 * RM0432. What is modelled and what is not: lptim.c. */
#ifndef MODELS_LPTIM_H
#define MODELS_LPTIM_H

#include <stdint.h>

#include "sim/core/device.h"

struct lptim_config {
    uint8_t number;       /* 1 or 2: its kernel clock */
    uint8_t exti_line;    /* 32 or 33: wakes the core from Stop */
    uint8_t freeze_word;  /* DBGMCU_APB1FZR1 or APB1FZR2 */
    uint32_t freeze_mask;
};

extern const struct device_type lptim_type;

#endif
