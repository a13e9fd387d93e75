/* DMA1 and DMA2 of the STM32L4 (channel selection by CSELR) and L4+ (by DMAMUX): RM0351 rev 9
 * chapter 11, and the chapters of the same name in RM0394 and RM0432. What is modelled and what is
 * not: dma.c. */
#ifndef MODELS_DMA_H
#define MODELS_DMA_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/device.h"

enum { DMA_CHANNEL_COUNT = 7 };

struct dma_config {
    uint8_t controller;         /* 1 or 2 */
    bool has_dmamux;            /* requests come through wires->dmamux_request; no CSELR */
    int irq[DMA_CHANNEL_COUNT]; /* interrupt line of channels 1 to 7 */
};

extern const struct device_type dma_type;

#endif
