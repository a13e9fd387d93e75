/* DMAMUX1 of the STM32L4+: RM0432, chapter DMAMUX. What is modelled and what is not: dmamux.c.
 * Needs no config: 14 channels, 1 to 7 of DMA1 first. */
#ifndef MODELS_DMAMUX_H
#define MODELS_DMAMUX_H

#include "sim/core/device.h"

extern const struct device_type dmamux_type;

#endif
