/* Timers of the STM32L4 and L4+, as time bases: RM0351 rev 9 chapters 30 to 33, and the
 * chapters of the same names in RM0394 and RM0432. What is modelled and what is not: tim.c. */
#ifndef MODELS_TIM_H
#define MODELS_TIM_H

#include <stdint.h>

#include "sim/core/device.h"

struct tim_config {
    uint8_t number; /* 1 to 8, 15, 16, 17: which registers, width, clock and freeze bit it has */
    int cc_irq; /* TIM1 and TIM8: their capture/compare line; 0: everything on the device's line */
};

extern const struct device_type tim_type;

#endif
