/* Reset and clock control of the STM32L4 and L4+ (RM0351 rev 9 chapter 6; boot sheet 5.1, 6).
 * Modelled: oscillators and PLLs with start-up times, the system clock switch and its guards,
 * clock tree, kernel clocks of the USARTs and the RTC, clock enables, peripheral resets, ready
 * interrupts, reset flags, write protection and reset of the backup domain, clocks in Stop mode.
 * Storage, because nothing here ever fails or leaves the chip: clock security (CSSON, LSECSSON),
 * MCO, LSCO, trims, enables during sleep, other kernel clocks.
 * Start-up times are single typical values [memory of the data sheets]. */
#include "models/rcc.h"

#include "models/chip.h"
#include "models/rcc_regs.h"
#include "models/wires.h"
#include "sim/core/reg.h"

static bool bdcr_guard(struct device *device, const struct reg_access *access);
static void cr_write(struct device *device, const struct reg_access *access);
static void cfgr_write(struct device *device, const struct reg_access *access);
static void pllcfgr_write(struct device *device, const struct reg_access *access);
static void pllsaicfgr_write(struct device *device, const struct reg_access *access);
static void cier_write(struct device *device, const struct reg_access *access);
static void cicr_write(struct device *device, const struct reg_access *access);
static void rstr_write(struct device *device, const struct reg_access *access);
static void enr_write(struct device *device, const struct reg_access *access);
static void ccipr_write(struct device *device, const struct reg_access *access);
static void bdcr_write(struct device *device, const struct reg_access *access);
static void csr_write(struct device *device, const struct reg_access *access);
static void crrcr_write(struct device *device, const struct reg_access *access);

/* The widest of all chips; rcc_config says what one chip has. */
// clang-format off
static const struct reg regs[RCC_REG_COUNT] = {
    [RCC_CR] = { .name = "CR", .offset = 0x00, .reset = 0x00000063,
                 .rw = CR_MSION | CR_MSIRANGE | CR_HSION | CR_HSEON | CR_HSEBYP | CR_PLLON
                     | CR_PLLSAI1ON | CR_PLLSAI2ON,
                 .w1s = CR_MSIRGSEL | CR_CSSON,
                 .storage = CR_MSIPLLEN | CR_HSIKERON | CR_HSIASFS,
                 .on_write = cr_write },
    [RCC_ICSCR] = { .name = "ICSCR", .offset = 0x04, .storage = 0x7F00FF00 },
    [RCC_CFGR] = { .name = "CFGR", .offset = 0x08, .rw = 0x0000BFF3, .storage = 0x7F000000,
                   .on_write = cfgr_write },
    [RCC_PLLCFGR] = { .name = "PLLCFGR", .offset = 0x0C, .reset = 0x00001000, .rw = 0x07707FF3,
                      .storage = 0xF8030000, .on_write = pllcfgr_write },
    [RCC_PLLSAI1CFGR] = { .name = "PLLSAI1CFGR", .offset = 0x10, .reset = 0x00001000,
                          .rw = 0x00707FF0, .storage = 0xFF030000, .on_write = pllsaicfgr_write },
    [RCC_PLLSAI2CFGR] = { .name = "PLLSAI2CFGR", .offset = 0x14, .reset = 0x00001000,
                          .rw = 0x00707FF0, .storage = 0xFF030000, .on_write = pllsaicfgr_write },
    [RCC_CIER] = { .name = "CIER", .offset = 0x18, .rw = 0x000004FF, .storage = 0x00000200,
                   .on_write = cier_write },
    [RCC_CIFR] = { .name = "CIFR", .offset = 0x1C },
    [RCC_CICR] = { .name = "CICR", .offset = 0x20, .w1s = 0x000007FF, .write_only = 0xFFFFFFFF,
                   .on_write = cicr_write },
    /* RM0351 6.4.10: FLASHRST acts only on a flash in power-down, which cannot run this. */
    [RCC_AHB1RSTR] = { .name = "AHB1RSTR", .offset = 0x28, .rw = 0x00031007, .storage = 0x00000100,
                       .on_write = rstr_write },
    [RCC_AHB2RSTR] = { .name = "AHB2RSTR", .offset = 0x2C, .rw = 0x005471FF,
                       .on_write = rstr_write },
    [RCC_AHB3RSTR] = { .name = "AHB3RSTR", .offset = 0x30, .rw = 0x00000301,
                       .on_write = rstr_write },
    [RCC_APB1RSTR1] = { .name = "APB1RSTR1", .offset = 0x38, .rw = 0xF7FEC23F,
                        .on_write = rstr_write },
    [RCC_APB1RSTR2] = { .name = "APB1RSTR2", .offset = 0x3C, .rw = 0x00000027,
                        .on_write = rstr_write },
    [RCC_APB2RSTR] = { .name = "APB2RSTR", .offset = 0x40, .rw = 0x01677C01,
                       .on_write = rstr_write },
    [RCC_AHB1ENR] = { .name = "AHB1ENR", .offset = 0x48, .reset = 0x00000100, .rw = 0x00031107,
                      .on_write = enr_write },
    [RCC_AHB2ENR] = { .name = "AHB2ENR", .offset = 0x4C, .rw = 0x005471FF, .on_write = enr_write },
    [RCC_AHB3ENR] = { .name = "AHB3ENR", .offset = 0x50, .rw = 0x00000301, .on_write = enr_write },
    /* RM0351 6.4.19: software can set WWDGEN and not clear it. */
    [RCC_APB1ENR1] = { .name = "APB1ENR1", .offset = 0x58, .rw = 0xF7FEC63F, .w1s = 0x00000800,
                       .on_write = enr_write },
    [RCC_APB1ENR2] = { .name = "APB1ENR2", .offset = 0x5C, .rw = 0x00000027,
                       .on_write = enr_write },
    [RCC_APB2ENR] = { .name = "APB2ENR", .offset = 0x60, .rw = 0x01677C01, .w1s = 0x00000080,
                      .on_write = enr_write },
    [RCC_AHB1SMENR] = { .name = "AHB1SMENR", .offset = 0x68, .storage = 0x00031307 },
    [RCC_AHB2SMENR] = { .name = "AHB2SMENR", .offset = 0x6C, .storage = 0x005477FF },
    [RCC_AHB3SMENR] = { .name = "AHB3SMENR", .offset = 0x70, .storage = 0x00000301 },
    [RCC_APB1SMENR1] = { .name = "APB1SMENR1", .offset = 0x78, .storage = 0xF7FECE3F },
    [RCC_APB1SMENR2] = { .name = "APB1SMENR2", .offset = 0x7C, .storage = 0x00000027 },
    [RCC_APB2SMENR] = { .name = "APB2SMENR", .offset = 0x80, .storage = 0x01677C01 },
    [RCC_CCIPR] = { .name = "CCIPR", .offset = 0x88, .rw = 0x0C3C0FFF, .storage = 0xF3C3F000,
                    .on_write = ccipr_write },
    [RCC_BDCR] = { .name = "BDCR", .offset = 0x90, .rw = 0x00018305, .storage = 0x03000038,
                   .guard = bdcr_guard, .on_write = bdcr_write },
    [RCC_CSR] = { .name = "CSR", .offset = 0x94, .reset = 0x00000600,
                  .rw = CSR_LSION | CSR_MSISRANGE, .w1s = CSR_RMVF, .survives = CSR_FLAGS,
                  .on_write = csr_write },
    [RCC_CRRCR] = { .name = "CRRCR", .offset = 0x98, .rw = CRRCR_HSI48ON, .on_write = crrcr_write },
    [RCC_CCIPR2] = { .name = "CCIPR2", .offset = 0x9C, .storage = 0x003347FF },
    [RCC_DLYCFGR] = { .name = "DLYCFGR", .offset = 0xA4, .storage = 0x000000FF },
};
// clang-format on

static const struct reg_block block = {regs, RCC_REG_COUNT};

enum oscillator { MSI, HSI16, HSE, LSI, LSE, HSI48, PLL, PLLSAI1, PLLSAI2, OSCILLATOR_COUNT };

struct oscillator_row {
    enum rcc_reg reg;
    uint32_t on, ready;
    uint32_t start_ns;  /* until ready [memory of DS11912, DS10198] */
    uint32_t flag;      /* in CIFR */
};

/* The PLLs come after what they are fed by. */
// clang-format off
static const struct oscillator_row oscillators[OSCILLATOR_COUNT] = {
    [MSI] =     { RCC_CR, CR_MSION, CR_MSIRDY, 3000, 1u << 2 },
    [HSI16] =   { RCC_CR, CR_HSION, CR_HSIRDY, 4000, 1u << 3 },
    [HSE] =     { RCC_CR, CR_HSEON, CR_HSERDY, 2000000, 1u << 4 },
    [LSI] =     { RCC_CSR, CSR_LSION, CSR_LSIRDY, 130000, 1u << 0 },
    /* Data sheets say up to 2 s; a quarter of a second is what NUCLEO crystals take [unsure]. */
    [LSE] =     { RCC_BDCR, BDCR_LSEON, BDCR_LSERDY, 250000000, 1u << 1 },
    [HSI48] =   { RCC_CRRCR, CRRCR_HSI48ON, CRRCR_HSI48RDY, 6000, 1u << 10 },
    [PLL] =     { RCC_CR, CR_PLLON, CR_PLLRDY, 40000, 1u << 5 },
    [PLLSAI1] = { RCC_CR, CR_PLLSAI1ON, CR_PLLSAI1RDY, 40000, 1u << 6 },
    [PLLSAI2] = { RCC_CR, CR_PLLSAI2ON, CR_PLLSAI2RDY, 40000, 1u << 7 },
};
// clang-format on

enum { BYPASS_START_NS = 2000 };

static uint32_t sws(const struct rcc *rcc)
{
    return (rcc->regs[RCC_CFGR] & CFGR_SWS) >> 2;
}

static bool is_wanted(const struct rcc *rcc, const struct wires *wires, enum oscillator which)
{
    bool on = rcc->regs[oscillators[which].reg] & oscillators[which].on;
    switch (which) {
    case HSE: return on && wires->board_hse_hz;
    case LSE: return on && wires->board_lse_hz;
    case LSI:
        /* RM0351 6.4.30: LSIRDY also when the IWDG or the RTC asks for the LSI. */
        return on || wires->iwdg_runs ||
               (rcc->regs[RCC_BDCR] & (BDCR_RTCSEL | BDCR_RTCEN)) == (2u << 8 | BDCR_RTCEN);
    case PLL:
    case PLLSAI1:
    case PLLSAI2: return on && rcc_pll_source_hz(rcc, wires);
    default: return on;
    }
}

static uint64_t start_ps(const struct rcc *rcc, enum oscillator which)
{
    bool is_bypassed = (which == HSE && (rcc->regs[RCC_CR] & CR_HSEBYP)) ||
                       (which == LSE && (rcc->regs[RCC_BDCR] & BDCR_LSEBYP));
    return (is_bypassed ? BYPASS_START_NS : oscillators[which].start_ns) * PS_PER_NS;
}

static void update_irq(struct device *device)
{
    const struct rcc *rcc = device->state;
    device_set_irq(device, (rcc->regs[RCC_CIER] & rcc->regs[RCC_CIFR]) != 0);
}

/* RM0351 6.2.9: a switch to a clock that is not ready happens when it becomes ready. */
static void try_switch(struct device *device)
{
    struct rcc *rcc = device->state;
    uint32_t wanted = rcc->regs[RCC_CFGR] & CFGR_SW;
    if (wanted == sws(rcc))
        return;
    if (rcc_sysclk_hz(rcc, device->system->wires, device->system->chip->flash.is_l4_plus, wanted))
        rcc->regs[RCC_CFGR] = (rcc->regs[RCC_CFGR] & ~CFGR_SWS) | wanted << 2;
}

/* Starts what is wanted and not ready, stops what is not wanted any more. */
static void update_oscillators(struct device *device)
{
    struct rcc *rcc = device->state;
    for (unsigned i = 0; i < OSCILLATOR_COUNT; i++) {
        const struct oscillator_row *row = &oscillators[i];
        if (!is_wanted(rcc, device->system->wires, i)) {
            device_cancel(device, i);
            rcc->regs[row->reg] &= ~row->ready;
        } else if (!(rcc->regs[row->reg] & row->ready) && !device_is_scheduled(device, i)) {
            device_schedule(device, i, device_now_ps(device) + start_ps(rcc, i));
        }
    }
    try_switch(device);
    rcc_update_clocks(device);
}

static void rcc_expired(struct device *device, unsigned timer)
{
    struct rcc *rcc = device->state;
    const struct oscillator_row *row = &oscillators[timer];
    rcc->regs[row->reg] |= row->ready;
    /* RM0351 6.4.8: the flag is set only with its interrupt enabled. */
    rcc->regs[RCC_CIFR] |= rcc->regs[RCC_CIER] & row->flag;
    update_irq(device);
    update_oscillators(device);
}

static bool runs_system_clock(const struct rcc *rcc, unsigned source)
{
    uint32_t pllsrc = rcc->regs[RCC_PLLCFGR] & 3;
    return sws(rcc) == source || (sws(rcc) == SYSCLK_PLL && pllsrc == source + 1);
}

static void cr_write(struct device *device, const struct reg_access *access)
{
    struct rcc *rcc = device->state;
    uint32_t *cr = &rcc->regs[RCC_CR];
    /* RM0351 6.4.1: what the system clock comes from can not be turned off. */
    uint32_t kept = 0;
    if (runs_system_clock(rcc, SYSCLK_MSI))
        kept |= CR_MSION;
    if (runs_system_clock(rcc, SYSCLK_HSI16))
        kept |= CR_HSION;
    if (runs_system_clock(rcc, SYSCLK_HSE))
        kept |= CR_HSEON;
    if (sws(rcc) == SYSCLK_PLL)
        kept |= CR_PLLON;
    *cr |= access->old & kept;
    /* RM0351 6.4.1: MSIRANGE must not change while the MSI is on and not ready. ASSUMED:
     * ignored. */
    bool range_changed = (*cr ^ access->old) & CR_MSIRANGE;
    if (range_changed && (access->old & (CR_MSION | CR_MSIRDY)) == CR_MSION) {
        *cr = (*cr & ~CR_MSIRANGE) | (access->old & CR_MSIRANGE);
        device_assume(device, "L4.rcc.msirange_not_ready");
    }
    /* RM0351 6.4.1: HSEBYP can be written only with the HSE off. */
    if (access->old & CR_HSEON)
        *cr = (*cr & ~CR_HSEBYP) | (access->old & CR_HSEBYP);
    update_oscillators(device);
}

static void cfgr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    try_switch(device);
    rcc_update_clocks(device);
}

static void keep_bits(uint32_t *value, uint32_t old, uint32_t mask)
{
    *value = (*value & ~mask) | (old & mask);
}

/* RM0351 6.4.4: while the PLL is on only its output enables can be written; source and M only
 * while all PLLs are off; PLLREN not while the PLL is the system clock. */
static void pllcfgr_write(struct device *device, const struct reg_access *access)
{
    struct rcc *rcc = device->state;
    uint32_t *value = &rcc->regs[RCC_PLLCFGR];
    uint32_t cr = rcc->regs[RCC_CR];
    uint32_t shared = device->system->chip->flash.is_l4_plus ? 0x3 : 0x73;
    if (cr & CR_PLLON)
        keep_bits(value, access->old, ~PLL_ENABLES);
    if (cr & (CR_PLLSAI1ON | CR_PLLSAI2ON))
        keep_bits(value, access->old, shared);
    if (sws(rcc) == SYSCLK_PLL)
        *value |= access->old & PLL_REN;
    update_oscillators(device);
}

static void pllsaicfgr_write(struct device *device, const struct reg_access *access)
{
    struct rcc *rcc = device->state;
    uint32_t on = access->index == RCC_PLLSAI1CFGR ? CR_PLLSAI1ON : CR_PLLSAI2ON;
    if (rcc->regs[RCC_CR] & on)
        keep_bits(&rcc->regs[access->index], access->old, ~PLL_ENABLES);
    rcc_update_clocks(device);
}

static void cier_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    update_irq(device);
}

static void cicr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    struct rcc *rcc = device->state;
    rcc->regs[RCC_CIFR] &= ~rcc->regs[RCC_CICR];
    rcc->regs[RCC_CICR] = 0;
    update_irq(device);
}

/* A peripheral is reset when its bit rises, and again when it falls: what was written meanwhile
 * is lost. The bit is at the place of the peripheral's enable bit. */
static void rstr_write(struct device *device, const struct reg_access *access)
{
    const struct rcc *rcc = device->state;
    struct system *system = device->system;
    unsigned word = access->index - RCC_AHB1RSTR;
    uint32_t changed = rcc->regs[access->index] ^ access->old;
    for (unsigned i = 0; i < system->device_count; i++) {
        struct device *other = &system->devices[i];
        if (other->clock_enable == &system->wires->enabled[word] &&
            (other->clock_enable_mask & changed) && other->type->reset)
            other->type->reset(other, RESET_PERIPHERAL);
    }
}

static void publish_enables(struct device *device)
{
    const struct rcc *rcc = device->state;
    for (unsigned word = 0; word < ENABLE_COUNT; word++)
        device->system->wires->enabled[word] = rcc->regs[RCC_AHB1ENR + word];
}

static void enr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    publish_enables(device);
    /* Who counts with a clock that is now off, or on again, must hear of it. */
    device_signal(device->system, WIRE_CLOCKS, device->system->wires->hclk_hz);
}

static void ccipr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    rcc_update_clocks(device);
}

/* RM0351 5.1.5: the backup domain is write-protected until PWR_CR1.DBP is set. */
static bool bdcr_guard(struct device *device, const struct reg_access *access)
{
    (void)access;
    return device->system->wires->backup_access;
}

static void reset_backup_domain(struct device *device, uint32_t bdcr)
{
    struct rcc *rcc = device->state;
    rcc->regs[RCC_BDCR] = bdcr;
    device_signal(device->system, WIRE_BACKUP_RESET, 0);
}

static void bdcr_write(struct device *device, const struct reg_access *access)
{
    struct rcc *rcc = device->state;
    uint32_t *bdcr = &rcc->regs[RCC_BDCR];
    if (*bdcr & BDCR_BDRST) {
        reset_backup_domain(device, BDCR_BDRST);
    } else {
        /* RM0351 6.4.29: the RTC's clock can be chosen once until the domain is reset. */
        if (access->old & BDCR_RTCSEL)
            keep_bits(bdcr, access->old, BDCR_RTCSEL);
        if (access->old & (BDCR_LSEON | BDCR_LSERDY))
            keep_bits(bdcr, access->old, BDCR_LSEBYP);
    }
    update_oscillators(device);
}

static void csr_write(struct device *device, const struct reg_access *access)
{
    struct rcc *rcc = device->state;
    uint32_t *csr = &rcc->regs[RCC_CSR];
    if (*csr & CSR_RMVF)
        *csr &= ~(CSR_RMVF | CSR_FLAGS);
    /* RM0351 6.4.30: MSISRANGE can be written only with MSIRGSEL = 1. */
    if (!(rcc->regs[RCC_CR] & CR_MSIRGSEL))
        keep_bits(csr, access->old, CSR_MSISRANGE);
    update_oscillators(device);
}

static void crrcr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    update_oscillators(device);
}

/* Boot sheet 6: sticky flags; a power-on replaces them all. */
static uint32_t reset_flags(uint32_t old, enum reset_cause cause)
{
    static const uint32_t flags[RESET_CAUSE_COUNT] = {
        [RESET_PIN] = 1u << 26,
        [RESET_SYSTEM] = 1u << 28 | 1u << 26,
        [RESET_IWDG] = 1u << 29 | 1u << 26,
        [RESET_WWDG] = 1u << 30 | 1u << 26,
        [RESET_LOW_POWER] = 1u << 31 | 1u << 26,
        [RESET_OPTION_LOAD] = 1u << 25 | 1u << 26,
        [RESET_FIREWALL] = 1u << 24 | 1u << 26,
    };
    if (cause == RESET_POWER_ON || cause == RESET_BROWN_OUT)
        return 1u << 27 | 1u << 26;
    return old | flags[cause];
}

static void rcc_reset(struct device *device, enum reset_cause cause)
{
    struct rcc *rcc = device->state;
    const struct rcc_config *config = device->config;
    const struct wires *wires = device->system->wires;
    uint32_t bdcr = rcc->regs[RCC_BDCR];
    uint32_t flags = reset_flags(rcc->regs[RCC_CSR] & CSR_FLAGS, cause);
    bool loses_backup = cause == RESET_POWER_ON && !wires->has_vbat;
    uint32_t lsi_ready = cause == RESET_POWER_ON ? 0 : rcc->regs[RCC_CSR] & CSR_LSIRDY;

    for (unsigned i = 0; i < OSCILLATOR_COUNT; i++)
        if (i != LSE)
            device_cancel(device, i);
    reg_reset(&block, rcc->regs, cause);
    rcc->is_stopped = false;
    for (unsigned reg = RCC_AHB1SMENR; reg <= RCC_APB2SMENR; reg++)
        rcc->regs[reg] = config->implemented[reg];
    rcc->regs[RCC_ICSCR] = config->icscr_reset;
    rcc->regs[RCC_APB1ENR1] = config->apb1enr1_reset;
    if (!(wires->optr & 1u << 19)) /* OPTR.WWDG_SW = 0: started by hardware */
        rcc->regs[RCC_APB1ENR1] |= 1u << 11;
    rcc->regs[RCC_BDCR] = loses_backup ? 0 : bdcr;
    rcc->regs[RCC_CSR] = (rcc->regs[RCC_CSR] & ~CSR_FLAGS) | flags | lsi_ready;
    publish_enables(device);
    update_irq(device);
    update_oscillators(device);
}

static void rcc_write(struct device *device, const struct access *access,
                      struct access_result *result)
{
    struct rcc *rcc = device->state;
    const struct rcc_config *config = device->config;
    reg_write_implemented(device, &block, config->implemented, rcc->regs, access, result);
}

static void rcc_read(struct device *device, const struct access *access,
                     struct access_result *result)
{
    struct rcc *rcc = device->state;
    reg_read(device, &block, rcc->regs, access, result);
}

/* RM0351 5.3: Stop mode turns off the fast oscillators; the core wakes on HSI16 or MSI as
 * STOPWUCK says. */
static void enter_stop(struct device *device)
{
    struct rcc *rcc = device->state;
    if (device->system->wires->debug_low_power & 2) /* DBG_STOP keeps them */
        return;
    bool wakes_on_hsi = rcc->regs[RCC_CFGR] & CFGR_STOPWUCK;
    rcc->is_stopped = true;
    rcc->regs[RCC_CR] &= ~(CR_MSION | CR_HSION | CR_HSEON | CR_CSSON | CR_PLLON | CR_PLLSAI1ON |
                           CR_PLLSAI2ON);
    rcc->regs[RCC_CRRCR] &= ~CRRCR_HSI48ON;
    rcc->regs[RCC_CR] |= wakes_on_hsi ? CR_HSION | CR_HSIRDY : CR_MSION | CR_MSIRDY;
    rcc->regs[RCC_CFGR] &= ~(CFGR_SW | CFGR_SWS);
    if (wakes_on_hsi)
        rcc->regs[RCC_CFGR] |= SYSCLK_HSI16 | SYSCLK_HSI16 << 2;
    update_oscillators(device);
}

static void rcc_signal(struct device *device, unsigned line, uint32_t value)
{
    struct rcc *rcc = device->state;
    if (line == WIRE_LSI) {
        update_oscillators(device);
    } else if (line == WIRE_STOP_MODE && value) {
        if (value == STOP_MODE_SHUTDOWN) /* RM0351 5.3.11: the LSI stops, too */
            rcc->regs[RCC_CSR] &= ~CSR_LSION;
        enter_stop(device);
    } else if (line == WIRE_STOP_MODE) {
        rcc->is_stopped = false;
        rcc_update_clocks(device);
    }
}

const struct device_type rcc_type = {
    .name = "rcc",
    .state_bytes = sizeof(struct rcc),
    .timer_count = OSCILLATOR_COUNT,
    .reset = rcc_reset,
    .read = rcc_read,
    .write = rcc_write,
    .expired = rcc_expired,
    .signal = rcc_signal,
};
