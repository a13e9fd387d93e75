/* System window watchdog: RM0351 rev 9 chapter 37, and the chapter of the same name in RM0394;
 * boot sheet 14. Needs no config. What is modelled and what is not: wwdg.c. */
#ifndef MODELS_WWDG_H
#define MODELS_WWDG_H

#include "sim/core/device.h"

extern const struct device_type wwdg_type;

#endif
