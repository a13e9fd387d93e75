/* Clock recovery system of the HSI48: RM0351 rev 9 chapter 7, and the chapter of the same name
 * in RM0394. Needs no config.
 * What is modelled and what is not: crs.c. */
#ifndef MODELS_CRS_H
#define MODELS_CRS_H

#include "sim/core/device.h"

extern const struct device_type crs_type;

#endif
