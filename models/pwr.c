/* Power control of the STM32L4 and L4+ (RM0351 rev 9 chapter 5; boot sheet 7).
 * Modelled: voltage range with VOSF, low-power run with REGLPF, access to the backup domain, PVD
 * against the supply, wake-up pin flags, standby flag, what ends Standby and Shutdown, SRAM2
 * retention; the low-power mode is published for the machine.
 * Storage: peripheral voltage monitors and the valid bits of other supplies (they are always
 * there), VBAT charging, pulls in Standby, external SMPS.
 * Missing: pulls applied in Run mode (CR3.APC). */
#include "models/pwr.h"

#include "models/wires.h"
#include "sim/core/reg.h"

#define CR1_LPMS (7u << 0)
#define CR1_DBP (1u << 8)
#define CR1_VOS (3u << 9)
#define CR1_LPR (1u << 14)
#define CR2_PVDE (1u << 0)
#define CR3_APC (1u << 10)
#define SR1_WUF (0x1Fu << 0)
#define CR3_EWUP (0x1Fu << 0)
#define CR3_RRS (1u << 8)
#define CR3_EIWF (1u << 15)
#define SR1_SBF (1u << 8)
#define SR1_WUFI (1u << 15)
#define SR2_REGLPF (1u << 9)
#define SR2_VOSF (1u << 10)
#define SR2_PVDO (1u << 11)

enum { EXTI_LINE_PVD = 16, EXTI_LINE_RTC_FIRST = 18, EXTI_LINE_RTC_LAST = 20 };
enum { TIMER_VOLTAGE, TIMER_REGULATOR, TIMER_COUNT };

/* [memory of DS11912, wake-up and regulator transition times] */
#define VOLTAGE_CHANGE_PS (20 * PS_PER_US)
#define REGULATOR_CHANGE_PS (5 * PS_PER_US)

struct pwr {
    uint32_t regs[PWR_REG_COUNT];
    uint32_t rtc_lines;  /* a bit for each of the RTC's EXTI lines that is up */
    uint8_t stop_mode;   /* enum stop_mode */
};

static void cr1_write(struct device *device, const struct reg_access *access);
static void cr2_write(struct device *device, const struct reg_access *access);
static void cr3_write(struct device *device, const struct reg_access *access);
static void scr_write(struct device *device, const struct reg_access *access);

// clang-format off
static const struct reg regs[PWR_REG_COUNT] = {
    [PWR_CR1] = { .name = "CR1", .offset = 0x00, .reset = 0x0200,
                  .rw = CR1_LPMS | CR1_DBP | CR1_VOS | CR1_LPR, .storage = 1u << 4,
                  .on_write = cr1_write },
    [PWR_CR2] = { .name = "CR2", .offset = 0x04, .rw = 0x000F, .storage = 0x06F0,
                  .on_write = cr2_write },
    [PWR_CR3] = { .name = "CR3", .offset = 0x08, .reset = 0x8000, .rw = 0x001F, .storage = 0x9100,
                  .unimp = CR3_APC, .on_write = cr3_write },
    [PWR_CR4] = { .name = "CR4", .offset = 0x0C, .rw = 0x001F, .storage = 0x2300 },
    [PWR_SR1] = { .name = "SR1", .offset = 0x10 },
    [PWR_SR2] = { .name = "SR2", .offset = 0x14 },
    [PWR_SCR] = { .name = "SCR", .offset = 0x18, .w1s = SR1_WUF | SR1_SBF, .write_only = 0xFFFFFFFF,
                  .on_write = scr_write },
    [PWR_PUCRA] = { .name = "PUCRA", .offset = 0x20, .storage = 0xFFFF },
    [PWR_PDCRA] = { .name = "PDCRA", .offset = 0x24, .storage = 0xFFFF },
    [PWR_PUCRB] = { .name = "PUCRB", .offset = 0x28, .storage = 0xFFFF },
    [PWR_PDCRB] = { .name = "PDCRB", .offset = 0x2C, .storage = 0xFFFF },
    [PWR_PUCRC] = { .name = "PUCRC", .offset = 0x30, .storage = 0xFFFF },
    [PWR_PDCRC] = { .name = "PDCRC", .offset = 0x34, .storage = 0xFFFF },
    [PWR_PUCRD] = { .name = "PUCRD", .offset = 0x38, .storage = 0xFFFF },
    [PWR_PDCRD] = { .name = "PDCRD", .offset = 0x3C, .storage = 0xFFFF },
    [PWR_PUCRE] = { .name = "PUCRE", .offset = 0x40, .storage = 0xFFFF },
    [PWR_PDCRE] = { .name = "PDCRE", .offset = 0x44, .storage = 0xFFFF },
    [PWR_PUCRF] = { .name = "PUCRF", .offset = 0x48, .storage = 0xFFFF },
    [PWR_PDCRF] = { .name = "PDCRF", .offset = 0x4C, .storage = 0xFFFF },
    [PWR_PUCRG] = { .name = "PUCRG", .offset = 0x50, .storage = 0xFFFF },
    [PWR_PDCRG] = { .name = "PDCRG", .offset = 0x54, .storage = 0xFFFF },
    [PWR_PUCRH] = { .name = "PUCRH", .offset = 0x58, .storage = 0xFFFF },
    [PWR_PDCRH] = { .name = "PDCRH", .offset = 0x5C, .storage = 0xFFFF },
    [PWR_PUCRI] = { .name = "PUCRI", .offset = 0x60, .storage = 0xFFFF },
    [PWR_PDCRI] = { .name = "PDCRI", .offset = 0x64, .storage = 0xFFFF },
    [PWR_CR5] = { .name = "CR5", .offset = 0x80, .storage = 0x0100 },
};
// clang-format on

static const struct reg_block block = {regs, PWR_REG_COUNT};

static void publish(struct device *device)
{
    const struct pwr *pwr = device->state;
    struct wires *wires = device->system->wires;
    uint32_t cr1 = pwr->regs[PWR_CR1];
    wires->backup_access = cr1 & CR1_DBP;
    wires->voltage_range = (cr1 & CR1_VOS) >> 9 & 3;
    wires->low_power_mode = cr1 & CR1_LPMS;
    wires->retains_sram2 = pwr->regs[PWR_CR3] & CR3_RRS;
}

static void cr1_write(struct device *device, const struct reg_access *access)
{
    struct pwr *pwr = device->state;
    uint32_t *cr1 = &pwr->regs[PWR_CR1];
    /* RM0351 5.4.1: VOS = 00 and 11 can not be written. */
    uint32_t range = *cr1 >> 9 & 3;
    if (range == 0 || range == 3)
        *cr1 = (*cr1 & ~CR1_VOS) | (access->old & CR1_VOS);
    uint32_t changed = *cr1 ^ access->old;
    /* RM0351 5.4.6: VOSF while the regulator rises to range 1. */
    if ((changed & CR1_VOS) && (*cr1 & CR1_VOS) == 1u << 9) {
        pwr->regs[PWR_SR2] |= SR2_VOSF;
        device_schedule(device, TIMER_VOLTAGE, device_now_ps(device) + VOLTAGE_CHANGE_PS);
    }
    /* RM0351 5.4.6: REGLPF says that the low-power regulator is in use, until the main one is
     * ready. */
    if (*cr1 & CR1_LPR) {
        pwr->regs[PWR_SR2] |= SR2_REGLPF;
        device_cancel(device, TIMER_REGULATOR);
    } else if (changed & CR1_LPR) {
        device_schedule(device, TIMER_REGULATOR, device_now_ps(device) + REGULATOR_CHANGE_PS);
    }
    publish(device);
}

static void pwr_expired(struct device *device, unsigned timer)
{
    struct pwr *pwr = device->state;
    pwr->regs[PWR_SR2] &= timer == TIMER_VOLTAGE ? ~SR2_VOSF : ~SR2_REGLPF;
}

/* L4 sheet 9 rule 8 [memory]: PVD levels; level 7 is an external pin, which nothing drives here. */
static void update_pvd(struct device *device)
{
    static const uint32_t level_mv[8] = {2000, 2200, 2400, 2500, 2600, 2800, 2900, 0};
    struct pwr *pwr = device->state;
    uint32_t cr2 = pwr->regs[PWR_CR2];
    bool is_low =
        (cr2 & CR2_PVDE) && device->system->wires->vdd_mv < level_mv[cr2 >> 1 & 7];
    bool was_low = pwr->regs[PWR_SR2] & SR2_PVDO;
    if (is_low == was_low)
        return;
    pwr->regs[PWR_SR2] ^= SR2_PVDO;
    device_signal(device->system, WIRE_EXTI, EXTI_LINE_PVD << 1 | is_low);
}

static void cr2_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    update_pvd(device);
}

static void scr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    struct pwr *pwr = device->state;
    pwr->regs[PWR_SR1] &= ~pwr->regs[PWR_SCR];
    pwr->regs[PWR_SCR] = 0;
}

/* RM0351 5.4.5: WUFI shows the RTC's events, while CR3.EIWF lets them through. */
static void update_internal(struct device *device)
{
    struct pwr *pwr = device->state;
    bool is_up = pwr->rtc_lines && (pwr->regs[PWR_CR3] & CR3_EIWF);
    pwr->regs[PWR_SR1] = (pwr->regs[PWR_SR1] & ~SR1_WUFI) | (is_up ? SR1_WUFI : 0);
}

/* RM0351 5.3.10, 5.3.11: what ends Standby, and a mode that one tries to enter with a flag still
 * up; Shutdown ends by a brown-out reset. */
static void wake_if_due(struct device *device)
{
    const struct pwr *pwr = device->state;
    uint32_t reasons = pwr->regs[PWR_SR1] & (SR1_WUFI | (pwr->regs[PWR_CR3] & CR3_EWUP));
    if (!reasons || pwr->stop_mode < STOP_MODE_STANDBY)
        return;
    bool is_standby = pwr->stop_mode == STOP_MODE_STANDBY;
    system_request_reset(device->system, is_standby ? RESET_STANDBY : RESET_BROWN_OUT);
}

static void cr3_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    update_internal(device);
    publish(device);
}

/* RM0351 5.3.10: WKUP1 to WKUP5 set their flag at the edge that CR4 says. */
static void see_pin(struct device *device, uint32_t pin, bool high)
{
    static const uint8_t pins[5] = {0 << 4 | 0, 2 << 4 | 13, 4 << 4 | 6, 0 << 4 | 2, 2 << 4 | 5};
    struct pwr *pwr = device->state;
    for (unsigned i = 0; i < 5; i++) {
        bool is_edge = high == !(pwr->regs[PWR_CR4] >> i & 1);
        if (pins[i] == pin && is_edge && (pwr->regs[PWR_CR3] >> i & 1))
            pwr->regs[PWR_SR1] |= 1u << i;
    }
}

static void pwr_signal(struct device *device, unsigned line, uint32_t value)
{
    struct pwr *pwr = device->state;
    if (line == WIRE_SUPPLY)
        update_pvd(device);
    /* In Standby the port is off; the pin itself is looked at. */
    bool is_deep = pwr->stop_mode >= STOP_MODE_STANDBY;
    if (line == (is_deep ? WIRE_PIN_DRIVE : WIRE_PIN) && !(value >> 31))
        see_pin(device, value >> 1, value & 1);
    if (line == WIRE_EXTI && value >> 1 >= EXTI_LINE_RTC_FIRST && value >> 1 <= EXTI_LINE_RTC_LAST) {
        uint32_t up = 1u << ((value >> 1) - EXTI_LINE_RTC_FIRST);
        pwr->rtc_lines = value & 1 ? pwr->rtc_lines | up : pwr->rtc_lines & ~up;
        update_internal(device);
    }
    if (line == WIRE_STOP_MODE) {
        pwr->stop_mode = (uint8_t)value;
        if (value == STOP_MODE_STANDBY)
            pwr->regs[PWR_SR1] |= SR1_SBF;
    }
    if (line == WIRE_STOP_MODE || line == WIRE_EXTI || line == WIRE_PIN_DRIVE)
        wake_if_due(device);
}

static void pwr_reset(struct device *device, enum reset_cause cause)
{
    struct pwr *pwr = device->state;
    const struct pwr_config *config = device->config;
    struct pwr before = *pwr;
    device_cancel(device, TIMER_VOLTAGE);
    device_cancel(device, TIMER_REGULATOR);
    reg_reset(&block, pwr->regs, cause);
    pwr->regs[PWR_CR5] = config->implemented[PWR_CR5]; /* R1MODE = 1 where it exists */
    /* RM0351 5.4.5: flags stay until they are cleared or power is lost. */
    if (cause != RESET_POWER_ON && cause != RESET_BROWN_OUT)
        pwr->regs[PWR_SR1] = before.regs[PWR_SR1];
    pwr->stop_mode = STOP_MODE_LEFT;
    /* RM0351 5.4.3, 5.4.4, 5.4.8: PWRRST and the end of Standby leave these alone. */
    if (cause == RESET_PERIPHERAL || cause == RESET_STANDBY) {
        pwr->regs[PWR_CR3] = before.regs[PWR_CR3];
        pwr->regs[PWR_CR4] = before.regs[PWR_CR4];
        for (unsigned reg = PWR_PUCRA; reg <= PWR_PDCRI; reg++)
            pwr->regs[reg] = before.regs[reg];
    }
    pwr->regs[PWR_SR2] |= before.regs[PWR_SR2] & SR2_PVDO;
    update_pvd(device);
    publish(device);
}

static void pwr_read(struct device *device, const struct access *access,
                     struct access_result *result)
{
    struct pwr *pwr = device->state;
    reg_read(device, &block, pwr->regs, access, result);
}

static void pwr_write(struct device *device, const struct access *access,
                      struct access_result *result)
{
    struct pwr *pwr = device->state;
    const struct pwr_config *config = device->config;
    reg_write_implemented(device, &block, config->implemented, pwr->regs, access, result);
}

const struct device_type pwr_type = {
    .name = "pwr",
    .state_bytes = sizeof(struct pwr),
    .timer_count = TIMER_COUNT,
    .reset = pwr_reset,
    .read = pwr_read,
    .write = pwr_write,
    .expired = pwr_expired,
    .signal = pwr_signal,
};
