/* Independent watchdog: RM0351 rev 9 chapter 36, and the chapter of the same name in RM0394;
 * boot sheet 14. Needs no config.
 * What is modelled and what is not: iwdg.c. */
#ifndef MODELS_IWDG_H
#define MODELS_IWDG_H

#include "sim/core/device.h"

extern const struct device_type iwdg_type;

#endif
