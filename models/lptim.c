/* Low-power timers of the STM32L4 and L4+ (RM0351 rev 9 chapter 34).
 * Modelled: counting on the internal kernel clock with its prescaler, continuous and single
 * starts, compare and auto-reload matches, the hand-over of CMP and ARR to the kernel clock,
 * interrupts, the wake-up line, freeze in debug halt.
 * Storage: the output's shape. Missing, and reported when set: external clock, trigger, encoder,
 * time-out, preload. Left out: the two cycles between start and first count. */
#include "models/lptim.h"

#include <string.h>

#include "models/wires.h"
#include "sim/core/reg.h"

enum { ISR, ICR, IER, CFGR, CR, CMP, ARR, CNT, OR, REG_COUNT };
enum { TIMER_CMP, TIMER_ARR, TIMER_CMPOK, TIMER_ARROK, TIMER_COUNT };

#define ISR_CMPM (1u << 0)
#define ISR_ARRM (1u << 1)
#define ISR_CMPOK (1u << 3)
#define ISR_ARROK (1u << 4)
#define CR_ENABLE (1u << 0)
#define CR_SNGSTRT (1u << 1)
#define CR_CNTSTRT (1u << 2)

enum { HANDOVER_CYCLES = 3 }; /* of the kernel clock: Mbed's lp_ticker counts on three */

struct lptim {
    uint32_t regs[REG_COUNT];
    uint32_t cmp, arr;      /* as the counter sees them */
    uint32_t handed_over;   /* ISR_CMPOK, ISR_ARROK: on the way to the counter */
    bool is_started;
    bool is_single;
    uint32_t hz;            /* kernel clock since base_ps; 0: stands still */
    uint64_t base_ps;
    uint64_t base_cycles;   /* of the kernel clock since CNT was 0, at base_ps */
};

static bool disabled_guard(struct device *device, const struct reg_access *access);
static bool enabled_guard(struct device *device, const struct reg_access *access);
static void icr_write(struct device *device, const struct reg_access *access);
static void ier_write(struct device *device, const struct reg_access *access);
static void cr_write(struct device *device, const struct reg_access *access);
static void value_write(struct device *device, const struct reg_access *access);
static uint32_t cnt_read(struct device *device, const struct reg_access *access, uint32_t value);

// clang-format off
static const struct reg regs[REG_COUNT] = {
    [ISR] = { .name = "ISR", .offset = 0x00 },
    [ICR] = { .name = "ICR", .offset = 0x04, .w1s = 0x7F, .write_only = 0xFFFFFFFF,
              .on_write = icr_write },
    [IER] = { .name = "IER", .offset = 0x08, .rw = 0x7F, .on_write = ier_write },
    [CFGR] = { .name = "CFGR", .offset = 0x0C, .rw = 0x00000E00, .storage = 0x0030E0DE,
               .unimp = 0x01CE0001, .guard = disabled_guard },
    [CR] = { .name = "CR", .offset = 0x10, .rw = CR_ENABLE, .w1s = CR_SNGSTRT | CR_CNTSTRT,
             .on_write = cr_write },
    [CMP] = { .name = "CMP", .offset = 0x14, .rw = 0xFFFF,
              .guard = enabled_guard, .on_write = value_write },
    [ARR] = { .name = "ARR", .offset = 0x18, .reset = 1, .rw = 0xFFFF,
              .guard = enabled_guard, .on_write = value_write },
    [CNT] = { .name = "CNT", .offset = 0x1C, .on_read = cnt_read },
    [OR] = { .name = "OR", .offset = 0x20, .storage = 0x3 },
};
// clang-format on

static const struct reg_block block = {regs, REG_COUNT};

static void update_irq(struct device *device)
{
    const struct lptim *lptim = device->state;
    const struct lptim_config *config = device->config;
    bool is_high = lptim->regs[ISR] & lptim->regs[IER];
    device_set_irq(device, is_high);
    device_signal(device->system, WIRE_EXTI, (uint32_t)config->exti_line << 1 | is_high);
}

static unsigned prescaler(const struct lptim *lptim)
{
    return lptim->regs[CFGR] >> 9 & 7;
}

static uint64_t period_cycles(const struct lptim *lptim)
{
    return (uint64_t)(lptim->arr + 1) << prescaler(lptim);
}

/* Cycle c is reached at floor(c / hz): see clock_ps_from_cycles. */
static uint64_t cycles_now(struct device *device)
{
    const struct lptim *lptim = device->state;
    if (!lptim->is_started || !lptim->hz)
        return lptim->base_cycles;
    return lptim->base_cycles +
           clock_cycles_to_reach(device_now_ps(device) - lptim->base_ps + 1, lptim->hz) - 1;
}

/* The next time that CNT becomes `value`. */
static void schedule_match(struct device *device, unsigned timer, uint32_t value)
{
    const struct lptim *lptim = device->state;
    device_cancel(device, timer);
    if (!lptim->is_started || !lptim->hz || value > lptim->arr)
        return;
    uint64_t period = period_cycles(lptim);
    uint64_t now = cycles_now(device);
    uint64_t at = now / period * period + ((uint64_t)value << prescaler(lptim));
    if (at <= now)
        at += period;
    device_schedule(device, timer,
                    lptim->base_ps + clock_ps_from_cycles(at - lptim->base_cycles, lptim->hz));
}

/* Counts from here on: clock, reload value or start changed. */
static void rebase(struct device *device, uint32_t hz)
{
    struct lptim *lptim = device->state;
    lptim->base_cycles = cycles_now(device) % period_cycles(lptim);
    lptim->base_ps = device_now_ps(device);
    lptim->hz = hz;
}

static void schedule_matches(struct device *device)
{
    const struct lptim *lptim = device->state;
    schedule_match(device, TIMER_CMP, lptim->cmp);
    schedule_match(device, TIMER_ARR, lptim->arr);
}

static uint32_t kernel_hz(const struct device *device)
{
    const struct lptim_config *config = device->config;
    const struct wires *wires = device->system->wires;
    uint32_t freeze = config->freeze_word == 1 ? wires->freeze_apb1_1 : wires->freeze_apb1_2;
    bool is_frozen = wires->is_core_halted && (freeze & config->freeze_mask);
    return is_frozen ? 0 : wires->lptim_hz[config->number - 1];
}

static void schedule_handovers(struct device *device)
{
    const struct lptim *lptim = device->state;
    for (unsigned timer = TIMER_CMPOK; timer <= TIMER_ARROK; timer++) {
        bool is_due = lptim->handed_over & (timer == TIMER_CMPOK ? ISR_CMPOK : ISR_ARROK);
        if (!lptim->hz || !is_due)
            device_cancel(device, timer);
        else if (!device_is_scheduled(device, timer))
            device_schedule(device, timer,
                            device_now_ps(device) +
                                clock_ps_from_cycles(HANDOVER_CYCLES, lptim->hz));
    }
}

static void update_rate(struct device *device)
{
    const struct lptim *lptim = device->state;
    uint32_t hz = kernel_hz(device);
    if (hz == lptim->hz)
        return;
    rebase(device, hz);
    schedule_matches(device);
    schedule_handovers(device);
}

/* RM0351 34.7.4: CFGR only while disabled. ASSUMED: else ignored. */
static bool disabled_guard(struct device *device, const struct reg_access *access)
{
    (void)access;
    const struct lptim *lptim = device->state;
    if (lptim->regs[CR] & CR_ENABLE)
        device_assume(device, "L4.lptim.cfgr_while_enabled");
    return !(lptim->regs[CR] & CR_ENABLE);
}

/* RM0351 34.7.6, 34.7.7: CMP and ARR only while enabled. ASSUMED: else ignored. */
static bool enabled_guard(struct device *device, const struct reg_access *access)
{
    (void)access;
    const struct lptim *lptim = device->state;
    if (!(lptim->regs[CR] & CR_ENABLE))
        device_assume(device, "L4.lptim.value_while_disabled");
    return lptim->regs[CR] & CR_ENABLE;
}

static void icr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    struct lptim *lptim = device->state;
    lptim->regs[ISR] &= ~lptim->regs[ICR];
    lptim->regs[ICR] = 0;
    update_irq(device);
}

/* RM0351 34.7.3: IER only while disabled. ASSUMED: a write while enabled takes effect all the
 * same. */
static void ier_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    const struct lptim *lptim = device->state;
    if (lptim->regs[CR] & CR_ENABLE)
        device_assume(device, "L4.lptim.ier_while_enabled");
    update_irq(device);
}

static void cr_write(struct device *device, const struct reg_access *access)
{
    struct lptim *lptim = device->state;
    uint32_t cr = lptim->regs[CR];
    lptim->regs[CR] &= CR_ENABLE;
    if (!(cr & CR_ENABLE)) {
        lptim->is_started = false;
        lptim->base_cycles = 0;
        schedule_matches(device);
        return;
    }
    /* RM0351 34.7.5: starts count only once the timer is enabled. */
    if (!(access->old & CR_ENABLE) || !(cr & (CR_SNGSTRT | CR_CNTSTRT)))
        return;
    if (!lptim->is_started) {
        lptim->base_cycles = 0;
        lptim->base_ps = device_now_ps(device);
        lptim->hz = kernel_hz(device);
    }
    lptim->is_started = true;
    lptim->is_single = !(cr & CR_CNTSTRT);
    schedule_matches(device);
}

/* ASSUMED: a handover under way takes the newest value. */
static void value_write(struct device *device, const struct reg_access *access)
{
    struct lptim *lptim = device->state;
    lptim->handed_over |= access->index == CMP ? ISR_CMPOK : ISR_ARROK;
    schedule_handovers(device);
}

/* RM0351 34.4.14: a counter on an asynchronous clock is read twice and believed when both are
 * equal. */
static uint32_t cnt_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    (void)value;
    const struct lptim *lptim = device->state;
    access->result->is_time_dependent = true;
    return (uint32_t)(cycles_now(device) % period_cycles(lptim) >> prescaler(lptim));
}

/* ASSUMED: a compare value that CNT has reached or passed when it arrives matches at the end of
 * that cycle (reported for the L0 in Sub-IoT-Stack #93, worked around by Mbed's lp_ticker). */
static void take_cmp(struct device *device)
{
    struct lptim *lptim = device->state;
    lptim->cmp = lptim->regs[CMP];
    lptim->regs[ISR] |= ISR_CMPOK;
    lptim->handed_over &= ~ISR_CMPOK;
    schedule_match(device, TIMER_CMP, lptim->cmp);
    uint64_t count = cycles_now(device) % period_cycles(lptim) >> prescaler(lptim);
    if (!lptim->is_started || count < lptim->cmp)
        return;
    device_assume(device, "L4.lptim.compare_already_passed");
    device_schedule(device, TIMER_CMP,
                    device_now_ps(device) + clock_ps_from_cycles(1, lptim->hz));
}

static void reach_arr(struct device *device)
{
    struct lptim *lptim = device->state;
    lptim->regs[ISR] |= ISR_ARRM;
    if (lptim->is_single) {
        lptim->is_started = false;
        lptim->base_cycles = 0;
        device_cancel(device, TIMER_CMP);
        return;
    }
    schedule_match(device, TIMER_ARR, lptim->arr);
}

static void lptim_expired(struct device *device, unsigned timer)
{
    struct lptim *lptim = device->state;
    switch (timer) {
    case TIMER_CMP:
        lptim->regs[ISR] |= ISR_CMPM;
        schedule_match(device, TIMER_CMP, lptim->cmp);
        break;
    case TIMER_ARR: reach_arr(device); break;
    case TIMER_CMPOK: take_cmp(device); break;
    default:
        rebase(device, lptim->hz);
        lptim->arr = lptim->regs[ARR];
        lptim->regs[ISR] |= ISR_ARROK;
        lptim->handed_over &= ~ISR_ARROK;
        schedule_matches(device);
        break;
    }
    update_irq(device);
}

static void lptim_signal(struct device *device, unsigned line, uint32_t value)
{
    (void)value;
    if (line == WIRE_CLOCKS || line == WIRE_HALT)
        update_rate(device);
}

static void lptim_reset(struct device *device, enum reset_cause cause)
{
    struct lptim *lptim = device->state;
    for (unsigned timer = 0; timer < TIMER_COUNT; timer++)
        device_cancel(device, timer);
    memset(lptim, 0, sizeof *lptim);
    reg_reset(&block, lptim->regs, cause);
    lptim->arr = lptim->regs[ARR];
    lptim->hz = kernel_hz(device);
    lptim->base_ps = device_now_ps(device);
    update_irq(device);
}

static void lptim_read(struct device *device, const struct access *access,
                       struct access_result *result)
{
    struct lptim *lptim = device->state;
    reg_read(device, &block, lptim->regs, access, result);
}

static void lptim_write(struct device *device, const struct access *access,
                        struct access_result *result)
{
    struct lptim *lptim = device->state;
    reg_write(device, &block, lptim->regs, access, result);
}

const struct device_type lptim_type = {
    .name = "lptim",
    .state_bytes = sizeof(struct lptim),
    .timer_count = TIMER_COUNT,
    .reset = lptim_reset,
    .read = lptim_read,
    .write = lptim_write,
    .expired = lptim_expired,
    .signal = lptim_signal,
};
