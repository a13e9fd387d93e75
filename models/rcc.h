/* Reset and clock control of the STM32L4 and L4+: RM0351 rev 9 chapter 6, and the chapters of
 * the same name in RM0394 and RM0432; boot sheet 5.1, 5.4, 6. What is modelled and what is not:
 * rcc.c. */
#ifndef MODELS_RCC_H
#define MODELS_RCC_H

#include <stdint.h>

#include "sim/core/device.h"

/* In address order. */
enum rcc_reg {
    RCC_CR, RCC_ICSCR, RCC_CFGR, RCC_PLLCFGR, RCC_PLLSAI1CFGR, RCC_PLLSAI2CFGR,
    RCC_CIER, RCC_CIFR, RCC_CICR,
    RCC_AHB1RSTR, RCC_AHB2RSTR, RCC_AHB3RSTR, RCC_APB1RSTR1, RCC_APB1RSTR2, RCC_APB2RSTR,
    RCC_AHB1ENR, RCC_AHB2ENR, RCC_AHB3ENR, RCC_APB1ENR1, RCC_APB1ENR2, RCC_APB2ENR,
    RCC_AHB1SMENR, RCC_AHB2SMENR, RCC_AHB3SMENR, RCC_APB1SMENR1, RCC_APB1SMENR2, RCC_APB2SMENR,
    RCC_CCIPR, RCC_BDCR, RCC_CSR, RCC_CRRCR, RCC_CCIPR2, RCC_DLYCFGR,
    RCC_REG_COUNT
};

/* What one chip has of it. */
struct rcc_config {
    uint32_t implemented[RCC_REG_COUNT]; /* the others are reserved on this chip */
    uint32_t icscr_reset;
    uint32_t apb1enr1_reset;
};

extern const struct rcc_config rcc_l432, rcc_l452, rcc_l476, rcc_l496, rcc_l4r5;

extern const struct device_type rcc_type;

#endif
