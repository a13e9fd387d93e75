/* Extended interrupts and events of the STM32L4 and L4+: RM0351 rev 9 chapter 14, and the chapters
 * of the same name in RM0394 and RM0432. What is modelled and what is not: exti.c. */
#ifndef MODELS_EXTI_H
#define MODELS_EXTI_H

#include <stdint.h>

#include "sim/core/device.h"

/* EXTI lines that share one interrupt line. */
struct exti_irq {
    uint64_t lines; /* a bit each */
    int irq;
};

struct exti_config {
    uint64_t lines;        /* lines that the chip has, a bit each */
    uint64_t configurable; /* of these, the ones with edges, SWIER and PR; the rest are direct */
    uint32_t imr1_reset;
    uint32_t imr2_reset;
    const struct exti_irq *irqs;
    unsigned irq_count;
};

/* Lines 0-4 each, 9-5, 15-10, PVD/PVM, RTC alarm, tamper, wakeup, COMP: the same on every L4 and
 * L4+. */
enum { EXTI_L4_IRQ_COUNT = 12 };
extern const struct exti_irq exti_l4_irqs[EXTI_L4_IRQ_COUNT];

extern const struct device_type exti_type;

#endif
