/* The clock tree: RM0351 6.2, figure 15; boot sheet 5.1. */
#include <string.h>

#include "models/chip.h"
#include "models/rcc_regs.h"
#include "models/wires.h"

enum { HSI16_HZ = 16000000, LSI_HZ = 32000, HSI48_HZ = 48000000 };

static uint32_t field(uint32_t value, unsigned low, unsigned width)
{
    return value >> low & ((1u << width) - 1);
}

uint32_t rcc_msi_hz(const struct rcc *rcc)
{
    static const uint32_t ranges[16] = {100000,  200000,  400000,   800000,   1000000,  2000000,
                                        4000000, 8000000, 16000000, 24000000, 32000000, 48000000};
    if (!(rcc->regs[RCC_CR] & CR_MSIRDY))
        return 0;
    /* RM0351 6.4.1: MSIRGSEL chooses between MSIRANGE and the range after Standby. */
    if (rcc->regs[RCC_CR] & CR_MSIRGSEL)
        return ranges[field(rcc->regs[RCC_CR], 4, 4)];
    return ranges[field(rcc->regs[RCC_CSR], 8, 4)];
}

static uint32_t hsi16_hz(const struct rcc *rcc)
{
    return rcc->regs[RCC_CR] & CR_HSIRDY ? HSI16_HZ : 0;
}

static uint32_t hse_hz(const struct rcc *rcc, const struct wires *wires)
{
    return rcc->regs[RCC_CR] & CR_HSERDY ? wires->board_hse_hz : 0;
}

uint32_t rcc_pll_source_hz(const struct rcc *rcc, const struct wires *wires)
{
    switch (field(rcc->regs[RCC_PLLCFGR], 0, 2)) {
    case PLL_SOURCE_MSI: return rcc_msi_hz(rcc);
    case PLL_SOURCE_HSI16: return hsi16_hz(rcc);
    case PLL_SOURCE_HSE: return hse_hz(rcc, wires);
    default: return 0;
    }
}

/* Output of a PLL behind a divider of 2, 4, 6, 8. `m_from` is the register that holds its M. */
static uint32_t pll_hz(const struct rcc *rcc, const struct wires *wires, enum rcc_reg reg,
                       enum rcc_reg m_from, bool is_l4_plus, unsigned divider_low)
{
    uint32_t value = rcc->regs[reg];
    uint64_t m = field(rcc->regs[m_from], 4, is_l4_plus ? 4 : 3) + 1;
    uint64_t n = field(value, 8, 7);
    uint64_t divider = 2 * (field(value, divider_low, 2) + 1);
    return (uint32_t)(rcc_pll_source_hz(rcc, wires) * n / (m * divider));
}

uint32_t rcc_sysclk_hz(const struct rcc *rcc, const struct wires *wires, bool is_l4_plus,
                       unsigned source)
{
    switch (source) {
    case SYSCLK_MSI: return rcc_msi_hz(rcc);
    case SYSCLK_HSI16: return hsi16_hz(rcc);
    case SYSCLK_HSE: return hse_hz(rcc, wires);
    default:
        if (!(rcc->regs[RCC_CR] & CR_PLLRDY) || !(rcc->regs[RCC_PLLCFGR] & PLL_REN))
            return 0;
        return pll_hz(rcc, wires, RCC_PLLCFGR, RCC_PLLCFGR, is_l4_plus, 25);
    }
}

/* RM0351 6.4.28, CCIPR.CLK48SEL. */
static uint32_t clk48_hz(const struct rcc *rcc, const struct wires *wires, bool is_l4_plus)
{
    uint32_t cr = rcc->regs[RCC_CR];
    switch (field(rcc->regs[RCC_CCIPR], 26, 2)) {
    case 0: return wires->hsi48_hz;
    case 1:
        if (!(cr & CR_PLLSAI1RDY) || !(rcc->regs[RCC_PLLSAI1CFGR] & PLL_QEN))
            return 0;
        return pll_hz(rcc, wires, RCC_PLLSAI1CFGR, is_l4_plus ? RCC_PLLSAI1CFGR : RCC_PLLCFGR,
                      is_l4_plus, 21);
    case 2:
        if (!(cr & CR_PLLRDY) || !(rcc->regs[RCC_PLLCFGR] & PLL_QEN))
            return 0;
        return pll_hz(rcc, wires, RCC_PLLCFGR, RCC_PLLCFGR, is_l4_plus, 21);
    default: return wires->msi_hz;
    }
}

/* RM0351 6.4.29, BDCR.RTCSEL. */
static uint32_t rtc_hz(const struct rcc *rcc, const struct wires *wires)
{
    if (!(rcc->regs[RCC_BDCR] & BDCR_RTCEN))
        return 0;
    switch (field(rcc->regs[RCC_BDCR], 8, 2)) {
    case 1: return wires->lse_hz;
    case 2: return wires->lsi_hz;
    case 3: return wires->hse_hz / 32;
    default: return 0;
    }
}

static void set_uart_clocks(const struct rcc *rcc, struct wires *wires)
{
    static const uint8_t low[UART_COUNT] = {
        [UART_USART1] = 0, [UART_USART2] = 2, [UART_USART3] = 4,
        [UART_UART4] = 6,  [UART_UART5] = 8,  [UART_LPUART1] = 10,
    };
    for (unsigned uart = 0; uart < UART_COUNT; uart++) {
        uint32_t pclk = uart == UART_USART1 ? wires->pclk2_hz : wires->pclk1_hz;
        uint32_t sysclk = rcc->is_stopped ? 0 : wires->sysclk_hz;
        uint32_t sources[4] = {pclk, sysclk, wires->hsi16_hz, wires->lse_hz};
        wires->uart_hz[uart] = sources[field(rcc->regs[RCC_CCIPR], low[uart], 2)];
    }
}

/* RM0351 6.4.28, CCIPR.LPTIMxSEL. */
static void set_lptim_clocks(const struct rcc *rcc, struct wires *wires)
{
    uint32_t sources[4] = {wires->pclk1_hz, wires->lsi_hz, wires->hsi16_hz, wires->lse_hz};
    for (unsigned i = 0; i < 2; i++)
        wires->lptim_hz[i] = sources[field(rcc->regs[RCC_CCIPR], 18 + 2 * i, 2)];
}

static void set_bus_clocks(const struct rcc *rcc, struct wires *wires)
{
    uint32_t cfgr = rcc->regs[RCC_CFGR];
    static const uint16_t ahb[8] = {2, 4, 8, 16, 64, 128, 256, 512};
    uint32_t hpre = field(cfgr, 4, 4);
    uint32_t ppre1 = field(cfgr, 8, 3);
    uint32_t ppre2 = field(cfgr, 11, 3);
    wires->hclk_hz = wires->sysclk_hz / (hpre < 8 ? 1 : ahb[hpre - 8]);
    /* Stop mode: peripherals stand still. HCLK stays what it will be, for whoever divides by it. */
    uint32_t running = rcc->is_stopped ? 0 : wires->hclk_hz;
    wires->pclk1_hz = ppre1 < 4 ? running : running >> (ppre1 - 3);
    wires->pclk2_hz = ppre2 < 4 ? running : running >> (ppre2 - 3);
    wires->timclk1_hz = ppre1 < 4 ? wires->pclk1_hz : 2 * wires->pclk1_hz;
    wires->timclk2_hz = ppre2 < 4 ? wires->pclk2_hz : 2 * wires->pclk2_hz;
}

void rcc_update_clocks(struct device *device)
{
    struct rcc *rcc = device->state;
    struct wires *wires = device->system->wires;
    bool is_l4_plus = device->system->chip->flash.is_l4_plus;
    struct wires before;
    memcpy(&before, wires, sizeof before);

    wires->msi_hz = rcc_msi_hz(rcc);
    wires->hsi16_hz = hsi16_hz(rcc);
    wires->hse_hz = hse_hz(rcc, wires);
    wires->lse_hz = rcc->regs[RCC_BDCR] & BDCR_LSERDY ? wires->board_lse_hz : 0;
    wires->lsi_hz = rcc->regs[RCC_CSR] & CSR_LSIRDY ? LSI_HZ : 0;
    wires->hsi48_hz = rcc->regs[RCC_CRRCR] & CRRCR_HSI48RDY ? HSI48_HZ : 0;
    wires->sysclk_hz = rcc_sysclk_hz(rcc, wires, is_l4_plus, field(rcc->regs[RCC_CFGR], 2, 2));
    set_bus_clocks(rcc, wires);
    set_uart_clocks(rcc, wires);
    set_lptim_clocks(rcc, wires);
    wires->clk48_hz = clk48_hz(rcc, wires, is_l4_plus);
    wires->rtc_hz = rtc_hz(rcc, wires);

    if (memcmp(&before, wires, sizeof before) == 0)
        return;
    if (before.hclk_hz != wires->hclk_hz)
        device_emit(device, (struct event){.kind = EVENT_CLOCK, .value = wires->hclk_hz});
    device_signal(device->system, WIRE_CLOCKS, wires->hclk_hz);
}
