/* System configuration controller of the STM32L4 and L4+: RM0351 rev 9 chapter 9, RM0394 rev 4
 * chapter 9, RM0432 rev 9 chapter 9; boot sheet 9. What is modelled and what is not: syscfg.c. */
#ifndef MODELS_SYSCFG_H
#define MODELS_SYSCFG_H

#include <stdint.h>

#include "sim/core/device.h"

/* In address order. */
enum syscfg_reg {
    SYSCFG_MEMRMP, SYSCFG_CFGR1, SYSCFG_EXTICR1, SYSCFG_EXTICR2, SYSCFG_EXTICR3, SYSCFG_EXTICR4,
    SYSCFG_SCSR, SYSCFG_CFGR2, SYSCFG_SWPR, SYSCFG_SKR, SYSCFG_SWPR2,
    SYSCFG_REG_COUNT
};

struct syscfg_config {
    uint32_t implemented[SYSCFG_REG_COUNT]; /* the others are reserved on this chip */
};

extern const struct syscfg_config syscfg_l432, syscfg_l452, syscfg_l476, syscfg_l496, syscfg_l4r5;

extern const struct device_type syscfg_type;

#endif
