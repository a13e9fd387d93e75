/* Power control of the STM32L4 and L4+: RM0351 rev 9 chapter 5, and the chapters of the same
 * name in RM0394 and RM0432; boot sheet 7. What is modelled and what is not: pwr.c. */
#ifndef MODELS_PWR_H
#define MODELS_PWR_H

#include <stdint.h>

#include "sim/core/device.h"

/* In address order. */
enum pwr_reg {
    PWR_CR1, PWR_CR2, PWR_CR3, PWR_CR4, PWR_SR1, PWR_SR2, PWR_SCR,
    PWR_PUCRA, PWR_PDCRA, PWR_PUCRB, PWR_PDCRB, PWR_PUCRC, PWR_PDCRC, PWR_PUCRD, PWR_PDCRD,
    PWR_PUCRE, PWR_PDCRE, PWR_PUCRF, PWR_PDCRF, PWR_PUCRG, PWR_PDCRG, PWR_PUCRH, PWR_PDCRH,
    PWR_PUCRI, PWR_PDCRI, PWR_CR5,
    PWR_REG_COUNT
};

struct pwr_config {
    uint32_t implemented[PWR_REG_COUNT]; /* the others are reserved on this chip */
};

extern const struct pwr_config pwr_l432, pwr_l452, pwr_l476, pwr_l496, pwr_l4r5;

extern const struct device_type pwr_type;

#endif
