/* The STM32L4 and L4+ chips that there are tables for. */
#ifndef MODELS_CHIP_STM32L4_H
#define MODELS_CHIP_STM32L4_H

#include "models/chip.h"

extern const struct chip chip_stm32l432kc;
extern const struct chip chip_stm32l452re;
extern const struct chip chip_stm32l476rg;
extern const struct chip chip_stm32l496zg;
extern const struct chip chip_stm32l4r5zi;

#endif
