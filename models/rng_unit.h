/* True random number generator: RM0351 rev 9 chapter 27, and the chapter of the same name in
 * RM0394; boot sheet 16.
 * What is modelled and what is not: rng_unit.c. */
#ifndef MODELS_RNG_UNIT_H
#define MODELS_RNG_UNIT_H

#include <stdbool.h>

#include "sim/core/device.h"

struct rng_unit_config {
    bool has_ced; /* CR.CED, clock error detection off */
};

extern const struct device_type rng_unit_type;

#endif
