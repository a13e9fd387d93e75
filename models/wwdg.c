/* System window watchdog (RM0351 rev 9 chapter 37; boot sheet 14).
 * Modelled: countdown on PCLK1 / 4096, window, early wake-up interrupt, reset, start by option
 * byte, freeze in debug halt. Left out: the counter does not run before WDGA is set, and the
 * prescaler's phase starts with each write of CR (on silicon it runs freely: the first tick can
 * be shorter). */
#include "models/wwdg.h"

#include <string.h>

#include "models/wires.h"
#include "sim/core/reg.h"

enum { CR, CFR, SR, REG_COUNT };
enum { TIMER_EARLY, TIMER_EXPIRE, TIMER_COUNT };
enum { WATCHDOG_STARTED, WATCHDOG_REFRESHED, WATCHDOG_EXPIRED };

#define CR_T 0x7Fu
#define CR_WDGA 0x80u
#define CFR_W 0x7Fu
#define CFR_EWI 0x200u
#define OPTR_WWDG_SW (1u << 19)
#define FREEZE_WWDG (1u << 11)

struct wwdg {
    uint32_t regs[REG_COUNT];
    bool is_counting;
    uint32_t hz;            /* PCLK1 since `since_ps` */
    uint64_t since_ps;
    uint64_t cycles_left;   /* of PCLK1 until the reset, at `since_ps` */
};

static uint32_t cr_read(struct device *device, const struct reg_access *access, uint32_t value);
static void cr_write(struct device *device, const struct reg_access *access);
static void cfr_write(struct device *device, const struct reg_access *access);
static void sr_write(struct device *device, const struct reg_access *access);

// clang-format off
static const struct reg regs[REG_COUNT] = {
    [CR] = { .name = "CR", .offset = 0x00, .reset = 0x7F, .rw = CR_T, .w1s = CR_WDGA,
             .on_write = cr_write, .on_read = cr_read },
    [CFR] = { .name = "CFR", .offset = 0x04, .reset = 0x7F, .rw = 0x1FF, .w1s = CFR_EWI,
              .on_write = cfr_write },
    [SR] = { .name = "SR", .offset = 0x08, .rw = 1, .on_write = sr_write },
};
// clang-format on

static const struct reg_block block = {regs, REG_COUNT};

static uint64_t tick_cycles(const struct wwdg *wwdg)
{
    return UINT64_C(4096) << (wwdg->regs[CFR] >> 7 & 3);
}

static void emit(struct device *device, uint32_t value, const char *rule)
{
    device_emit(device,
                (struct event){.kind = EVENT_WATCHDOG, .value = value, .rule = rule});
}

static void update_irq(struct device *device)
{
    const struct wwdg *wwdg = device->state;
    device_set_irq(device, (wwdg->regs[SR] & 1) && (wwdg->regs[CFR] & CFR_EWI));
}

/* Brings `cycles_left` up to now. */
static void settle(struct device *device)
{
    struct wwdg *wwdg = device->state;
    uint64_t now_ps = device_now_ps(device);
    if (wwdg->is_counting) {
        uint64_t left_ps = device_deadline_ps(device, TIMER_EXPIRE);
        left_ps = left_ps == CLOCK_NEVER ? 0 : left_ps - now_ps;
        wwdg->cycles_left = clock_cycles_to_reach(left_ps, wwdg->hz);
    }
    wwdg->since_ps = now_ps;
}

static uint32_t count(struct device *device)
{
    struct wwdg *wwdg = device->state;
    settle(device);
    uint64_t ticks = (wwdg->cycles_left + tick_cycles(wwdg) - 1) / tick_cycles(wwdg);
    return (uint32_t)(0x3F + ticks);
}

static bool may_count(struct device *device)
{
    const struct wwdg *wwdg = device->state;
    const struct wires *wires = device->system->wires;
    bool is_frozen = wires->is_core_halted && (wires->freeze_apb1_1 & FREEZE_WWDG);
    return (wwdg->regs[CR] & CR_WDGA) && wires->pclk1_hz && !is_frozen &&
           (wires->enabled[ENABLE_APB1_1] & FREEZE_WWDG); /* WWDGEN has the same place */
}

/* Sets the timers from `cycles_left`: the reset, and one tick before it the early wake-up. */
static void run(struct device *device)
{
    struct wwdg *wwdg = device->state;
    device_cancel(device, TIMER_EARLY);
    device_cancel(device, TIMER_EXPIRE);
    wwdg->is_counting = may_count(device);
    wwdg->hz = device->system->wires->pclk1_hz;
    wwdg->since_ps = device_now_ps(device);
    if (!wwdg->is_counting)
        return;
    uint64_t tick = tick_cycles(wwdg);
    uint64_t left = wwdg->cycles_left;
    device_schedule(device, TIMER_EXPIRE, wwdg->since_ps + clock_ps_from_cycles(left, wwdg->hz));
    if (left >= tick)
        device_schedule(device, TIMER_EARLY,
                        wwdg->since_ps + clock_ps_from_cycles(left - tick, wwdg->hz));
}

static void expire(struct device *device, const char *rule)
{
    emit(device, WATCHDOG_EXPIRED, rule);
    system_request_reset(device->system, RESET_WWDG);
}

static void load(struct device *device, uint32_t t)
{
    struct wwdg *wwdg = device->state;
    wwdg->cycles_left = t > 0x3F ? (t - 0x3F) * tick_cycles(wwdg) : 0;
    run(device);
}

static uint32_t cr_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    if (!(value & CR_WDGA))
        return value;
    access->result->is_time_dependent = true;
    return CR_WDGA | (count(device) & CR_T);
}

static void cr_write(struct device *device, const struct reg_access *access)
{
    struct wwdg *wwdg = device->state;
    uint32_t t = wwdg->regs[CR] & CR_T;
    if (!(wwdg->regs[CR] & CR_WDGA))
        return;
    bool was_running = access->old & CR_WDGA;
    /* RM0351 37.3.4: a refresh above the window resets; so does T6 = 0. */
    if (was_running && count(device) > (wwdg->regs[CFR] & CFR_W))
        expire(device, "L4.wwdg.window");
    else if (t <= 0x3F)
        expire(device, "L4.wwdg.t6_cleared");
    else
        emit(device, was_running ? WATCHDOG_REFRESHED : WATCHDOG_STARTED, NULL);
    load(device, t);
}

static void cfr_write(struct device *device, const struct reg_access *access)
{
    struct wwdg *wwdg = device->state;
    uint32_t now = wwdg->regs[CFR];
    if ((wwdg->regs[CR] & CR_WDGA) && ((now ^ access->old) & 0x180)) {
        wwdg->regs[CFR] = access->old;
        uint32_t t = count(device);
        wwdg->regs[CFR] = now;
        load(device, t);
    }
    update_irq(device);
}

/* RM0351 37.5.3: EWIF is cleared by writing 0; writing 1 has no effect. */
static void sr_write(struct device *device, const struct reg_access *access)
{
    struct wwdg *wwdg = device->state;
    wwdg->regs[SR] &= access->old;
    update_irq(device);
}

static void wwdg_expired(struct device *device, unsigned timer)
{
    struct wwdg *wwdg = device->state;
    if (timer == TIMER_EARLY) {
        wwdg->regs[SR] |= 1;
        update_irq(device);
        return;
    }
    wwdg->is_counting = false;
    wwdg->cycles_left = 0;
    expire(device, NULL);
}

static void wwdg_signal(struct device *device, unsigned line, uint32_t value)
{
    (void)value;
    const struct wwdg *wwdg = device->state;
    bool is_running = wwdg->regs[CR] & CR_WDGA;
    if (is_running && (line == WIRE_CLOCKS || line == WIRE_HALT)) {
        settle(device);
        run(device);
    }
}

static void wwdg_reset(struct device *device, enum reset_cause cause)
{
    struct wwdg *wwdg = device->state;
    const struct wires *wires = device->system->wires;
    device_cancel(device, TIMER_EARLY);
    device_cancel(device, TIMER_EXPIRE);
    memset(wwdg, 0, sizeof *wwdg);
    reg_reset(&block, wwdg->regs, cause);
    update_irq(device);
    /* L4 sheet 2.5: WWDG_SW = 0 starts it at every reset. */
    if (cause != RESET_PERIPHERAL && !(wires->optr & OPTR_WWDG_SW)) {
        wwdg->regs[CR] |= CR_WDGA;
        emit(device, WATCHDOG_STARTED, "L4.wwdg.hardware_start");
        load(device, wwdg->regs[CR] & CR_T);
    }
}

static void wwdg_read(struct device *device, const struct access *access,
                      struct access_result *result)
{
    struct wwdg *wwdg = device->state;
    reg_read(device, &block, wwdg->regs, access, result);
}

static void wwdg_write(struct device *device, const struct access *access,
                       struct access_result *result)
{
    struct wwdg *wwdg = device->state;
    reg_write(device, &block, wwdg->regs, access, result);
}

const struct device_type wwdg_type = {
    .name = "wwdg",
    .state_bytes = sizeof(struct wwdg),
    .timer_count = TIMER_COUNT,
    .reset = wwdg_reset,
    .read = wwdg_read,
    .write = wwdg_write,
    .expired = wwdg_expired,
    .signal = wwdg_signal,
};
