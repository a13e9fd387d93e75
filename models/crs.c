/* Clock recovery system of the HSI48 (RM0351 rev 9 chapter 7).
 * Modelled: SYNC events by software and from the LSE, each of which finds the HSI48 right (it is
 * exact here), their flags and interrupt. Storage: trimming, limits. Left out: the USB's and a
 * pin's SYNC never come, so no error is ever seen. */
#include "models/crs.h"

#include "models/wires.h"
#include "sim/core/reg.h"

enum { CR, CFGR, ISR, ICR, REG_COUNT };

#define CR_CEN (1u << 5)
#define CR_SWSYNC (1u << 7)
#define ISR_SYNCOKF (1u << 0)
#define ISR_FLAGS 0xFu

enum { SYNC_FROM_LSE = 1 };

struct crs {
    uint32_t regs[REG_COUNT];
};

static void cr_write(struct device *device, const struct reg_access *access);
static bool cfgr_guard(struct device *device, const struct reg_access *access);
static void icr_write(struct device *device, const struct reg_access *access);

// clang-format off
static const struct reg regs[REG_COUNT] = {
    [CR] = { .name = "CR", .offset = 0x00, .reset = 0x2000, .rw = 0x002F, .w1s = CR_SWSYNC,
             .storage = 0x3F40, .on_write = cr_write },
    [CFGR] = { .name = "CFGR", .offset = 0x04, .reset = 0x2022BB7F, .rw = 0x37000000,
               .storage = 0x80FFFFFF, .guard = cfgr_guard },
    [ISR] = { .name = "ISR", .offset = 0x08 },
    [ICR] = { .name = "ICR", .offset = 0x0C, .w1s = 0xF, .write_only = 0xFFFFFFFF,
              .on_write = icr_write },
};
// clang-format on

static const struct reg_block block = {regs, REG_COUNT};

static void update_irq(struct device *device)
{
    const struct crs *crs = device->state;
    device_set_irq(device, (crs->regs[CR] & crs->regs[ISR] & ISR_FLAGS) != 0);
}

static bool is_counting(struct device *device)
{
    const struct crs *crs = device->state;
    return (crs->regs[CR] & CR_CEN) && device->system->wires->hsi48_hz;
}

static void update(struct device *device)
{
    const struct crs *crs = device->state;
    uint32_t lse_hz = device->system->wires->lse_hz;
    bool from_lse = (crs->regs[CFGR] >> 28 & 3) == SYNC_FROM_LSE && lse_hz;
    if (!is_counting(device) || !from_lse)
        device_cancel(device, 0);
    else if (!device_is_scheduled(device, 0))
        device_schedule(device, 0,
                        device_now_ps(device) +
                            clock_ps_from_cycles(1u << (crs->regs[CFGR] >> 24 & 7), lse_hz));
    update_irq(device);
}

static void sync(struct device *device)
{
    struct crs *crs = device->state;
    crs->regs[ISR] |= ISR_SYNCOKF;
    update_irq(device);
}

static void cr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    struct crs *crs = device->state;
    bool is_soft = crs->regs[CR] & CR_SWSYNC;
    crs->regs[CR] &= ~CR_SWSYNC;
    update(device);
    if (is_soft && is_counting(device))
        sync(device);
}

/* RM0351 7.6.2: CFGR can be written only while CEN = 0. */
static bool cfgr_guard(struct device *device, const struct reg_access *access)
{
    (void)access;
    const struct crs *crs = device->state;
    return !(crs->regs[CR] & CR_CEN);
}

static void icr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    struct crs *crs = device->state;
    crs->regs[ISR] &= ~crs->regs[ICR];
    crs->regs[ICR] = 0;
    update_irq(device);
}

static void crs_expired(struct device *device, unsigned timer)
{
    (void)timer;
    sync(device);
    update(device);
}

static void crs_signal(struct device *device, unsigned line, uint32_t value)
{
    (void)value;
    if (line == WIRE_CLOCKS)
        update(device);
}

static void crs_reset(struct device *device, enum reset_cause cause)
{
    struct crs *crs = device->state;
    device_cancel(device, 0);
    reg_reset(&block, crs->regs, cause);
    update_irq(device);
}

static void crs_read(struct device *device, const struct access *access,
                     struct access_result *result)
{
    struct crs *crs = device->state;
    reg_read(device, &block, crs->regs, access, result);
}

static void crs_write(struct device *device, const struct access *access,
                      struct access_result *result)
{
    struct crs *crs = device->state;
    reg_write(device, &block, crs->regs, access, result);
}

const struct device_type crs_type = {
    .name = "crs",
    .state_bytes = sizeof(struct crs),
    .timer_count = 1,
    .reset = crs_reset,
    .read = crs_read,
    .write = crs_write,
    .expired = crs_expired,
    .signal = crs_signal,
};
