/* CRC calculation unit: RM0351 rev 9 chapter 15, and the chapter of the same name in RM0394;
 * boot sheet 16. What is modelled and what is not: crc.c. */
#ifndef MODELS_CRC_H
#define MODELS_CRC_H

#include <stdint.h>

#include "sim/core/device.h"

struct crc_config {
    uint32_t idr; /* bits of the independent data register: 8, on L4+ 32 */
};

extern const struct device_type crc_type;

#endif
