/* GPIO ports of the STM32L4 and L4+: RM0351 rev 9 chapter 8, and the chapters of the same name in
 * RM0394 and RM0432. What is modelled and what is not: gpio.c. */
#ifndef MODELS_GPIO_H
#define MODELS_GPIO_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/device.h"

struct gpio_config {
    uint8_t port;  /* 0 is port A */
    uint16_t pins; /* pins that the port has on this chip, a bit each */
    bool has_ascr; /* analog switches to the ADC: L47x/48x only */
};

extern const struct device_type gpio_type;

#endif
