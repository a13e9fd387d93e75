/* MCU debug component of the STM32L4 and L4+: RM0351 rev 9 48.16, and the chapter of the same
 * name in RM0394; boot sheet 10. Freeze bits go out as levels; the models that they stop look at
 * them while the core is halted. */
#ifndef MODELS_DBGMCU_H
#define MODELS_DBGMCU_H

#include <stdint.h>

#include "sim/core/device.h"

enum dbgmcu_reg {
    DBGMCU_IDCODE, DBGMCU_CR, DBGMCU_APB1FZR1, DBGMCU_APB1FZR2, DBGMCU_APB2FZR, DBGMCU_REG_COUNT
};

struct dbgmcu_config {
    uint32_t implemented[DBGMCU_REG_COUNT];
};

extern const struct dbgmcu_config dbgmcu_l432, dbgmcu_l452, dbgmcu_l476, dbgmcu_l496, dbgmcu_l4r5;

extern const struct device_type dbgmcu_type;

#endif
