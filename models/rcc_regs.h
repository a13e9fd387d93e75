/* The RCC's bits and state, shared by rcc.c (registers, oscillators, resets) and rcc_clocks.c
 * (what runs at which frequency). */
#ifndef MODELS_RCC_REGS_H
#define MODELS_RCC_REGS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/rcc.h"

#define CR_MSION (1u << 0)
#define CR_MSIRDY (1u << 1)
#define CR_MSIPLLEN (1u << 2)
#define CR_MSIRGSEL (1u << 3)
#define CR_MSIRANGE (0xFu << 4)
#define CR_HSION (1u << 8)
#define CR_HSIKERON (1u << 9)
#define CR_HSIRDY (1u << 10)
#define CR_HSIASFS (1u << 11)
#define CR_HSEON (1u << 16)
#define CR_HSERDY (1u << 17)
#define CR_HSEBYP (1u << 18)
#define CR_CSSON (1u << 19)
#define CR_PLLON (1u << 24)
#define CR_PLLRDY (1u << 25)
#define CR_PLLSAI1ON (1u << 26)
#define CR_PLLSAI1RDY (1u << 27)
#define CR_PLLSAI2ON (1u << 28)
#define CR_PLLSAI2RDY (1u << 29)
#define CFGR_SW (3u << 0)
#define CFGR_SWS (3u << 2)
#define CFGR_STOPWUCK (1u << 15)
#define PLL_QEN (1u << 20)
#define PLL_REN (1u << 24)
#define PLL_ENABLES (1u << 16 | PLL_QEN | PLL_REN)
#define BDCR_LSEON (1u << 0)
#define BDCR_LSERDY (1u << 1)
#define BDCR_LSEBYP (1u << 2)
#define BDCR_RTCSEL (3u << 8)
#define BDCR_RTCEN (1u << 15)
#define BDCR_BDRST (1u << 16)
#define CSR_LSION (1u << 0)
#define CSR_LSIRDY (1u << 1)
#define CSR_MSISRANGE (0xFu << 8)
#define CSR_RMVF (1u << 23)
#define CSR_FLAGS (0xFFu << 24)
#define CRRCR_HSI48ON (1u << 0)
#define CRRCR_HSI48RDY (1u << 1)

/* SW, SWS and PLLSRC. */
enum { SYSCLK_MSI, SYSCLK_HSI16, SYSCLK_HSE, SYSCLK_PLL };
enum { PLL_SOURCE_NONE, PLL_SOURCE_MSI, PLL_SOURCE_HSI16, PLL_SOURCE_HSE };

struct rcc {
    uint32_t regs[RCC_REG_COUNT];
    bool is_stopped; /* the core is in Stop mode: bus clocks stand still */
};

/* Frequencies in Hz; 0 when off or not ready. */
uint32_t rcc_msi_hz(const struct rcc *rcc);
uint32_t rcc_pll_source_hz(const struct rcc *rcc, const struct wires *wires);
/* What SW = `source` would give. */
uint32_t rcc_sysclk_hz(const struct rcc *rcc, const struct wires *wires, bool is_l4_plus,
                       unsigned source);

/* Computes all frequencies from the registers, and tells the others when one changed. */
void rcc_update_clocks(struct device *device);

#endif
