/* Independent watchdog (RM0351 rev 9 chapter 36; boot sheet 14).
 * Modelled: keys, prescaler, reload and window with their update times, window refusal, start by
 * software or option byte, freeze in debug halt and (by option) in Stop, exact time-outs on the
 * LSI. It counts on while the core stalls on the flash. Early wake-up does not exist on these
 * chips. */
#include "models/iwdg.h"

#include <string.h>

#include "models/wires.h"
#include "sim/core/reg.h"

enum { KR, PR, RLR, SR, WINR, REG_COUNT };
enum { SR_PVU = 1, SR_RVU = 2, SR_WVU = 4 };
enum { TIMER_EXPIRE, TIMER_PVU, TIMER_RVU, TIMER_WVU, TIMER_COUNT };
enum { LSI_HZ = 32000 };
enum { WATCHDOG_STARTED, WATCHDOG_REFRESHED, WATCHDOG_EXPIRED };

#define OPTR_IWDG_SW (1u << 16)
#define OPTR_IWDG_STOP (1u << 17)
#define OPTR_IWDG_STDBY (1u << 18)
#define FREEZE_IWDG (1u << 12)
#define WINR_NONE 0xFFFu
/* RM0351 36.4.4: an update takes up to five LSI cycles. */
#define UPDATE_LSI_CYCLES 5

struct iwdg {
    uint32_t regs[REG_COUNT]; /* in effect */
    uint32_t next[REG_COUNT]; /* PR, RLR, WINR as written, until their update is done */
    bool is_unlocked;
    bool has_started;
    bool is_counting;         /* TIMER_EXPIRE runs; else remaining_ps holds */
    uint8_t stop_mode;        /* enum stop_mode */
    bool reload_waits;        /* a refresh came while an update was under way */
    uint64_t remaining_ps;
};

static bool update_guard(struct device *device, const struct reg_access *access);
static void kr_write(struct device *device, const struct reg_access *access);
static void value_write(struct device *device, const struct reg_access *access);

// clang-format off
static const struct reg regs[REG_COUNT] = {
    [KR] = { .name = "KR", .offset = 0x00, .rw = 0xFFFF, .write_only = 0xFFFFFFFF,
             .on_write = kr_write },
    [PR] = { .name = "PR", .offset = 0x04, .rw = 0x7,
             .guard = update_guard, .on_write = value_write },
    [RLR] = { .name = "RLR", .offset = 0x08, .reset = 0xFFF, .rw = 0xFFF, .guard = update_guard,
              .on_write = value_write },
    [SR] = { .name = "SR", .offset = 0x0C },
    [WINR] = { .name = "WINR", .offset = 0x10, .reset = 0xFFF, .rw = 0xFFF, .guard = update_guard,
               .on_write = value_write },
};
// clang-format on

static const struct reg_block block = {regs, REG_COUNT};

static const struct {
    unsigned reg, timer;
} updates[] = {{PR, TIMER_PVU}, {RLR, TIMER_RVU}, {WINR, TIMER_WVU}};
enum { UPDATE_COUNT = 3 };

static uint32_t update_flag(unsigned timer)
{
    return 1u << (timer - TIMER_PVU);
}

/* RM0351 36.4.2: divider 4 << PR, 256 at most. Before the LSI runs its nominal frequency counts. */
static uint64_t tick_ps(const struct device *device)
{
    const struct iwdg *iwdg = device->state;
    uint32_t lsi_hz = device->system->wires->lsi_hz;
    uint32_t shift = iwdg->regs[PR] > 6 ? 6 : iwdg->regs[PR];
    return clock_ps_from_cycles(4u << shift, lsi_hz ? lsi_hz : LSI_HZ);
}

static void emit(struct device *device, uint32_t value, const char *rule)
{
    device_emit(device,
                (struct event){.kind = EVENT_WATCHDOG, .value = value, .rule = rule});
}

static bool may_count(struct device *device)
{
    const struct iwdg *iwdg = device->state;
    const struct wires *wires = device->system->wires;
    bool is_frozen = wires->is_core_halted && (wires->freeze_apb1_1 & FREEZE_IWDG);
    bool is_asleep = iwdg->stop_mode == STOP_MODE_SHUTDOWN ||
                     (iwdg->stop_mode == STOP_MODE_STOP && !(wires->optr & OPTR_IWDG_STOP)) ||
                     (iwdg->stop_mode == STOP_MODE_STANDBY && !(wires->optr & OPTR_IWDG_STDBY));
    return iwdg->has_started && wires->lsi_hz && !is_frozen && !is_asleep;
}

/* Starts or holds the countdown as clocks and freezes say. */
static void update_counting(struct device *device)
{
    struct iwdg *iwdg = device->state;
    bool may = may_count(device);
    if (may && !iwdg->is_counting)
        device_schedule(device, TIMER_EXPIRE, device_now_ps(device) + iwdg->remaining_ps);
    if (!may && iwdg->is_counting) {
        iwdg->remaining_ps = device_deadline_ps(device, TIMER_EXPIRE) - device_now_ps(device);
        device_cancel(device, TIMER_EXPIRE);
    }
    iwdg->is_counting = may;
}

static uint64_t remaining_ps(struct device *device)
{
    const struct iwdg *iwdg = device->state;
    if (iwdg->is_counting)
        return device_deadline_ps(device, TIMER_EXPIRE) - device_now_ps(device);
    return iwdg->remaining_ps;
}

static void set_remaining(struct device *device, uint64_t ps)
{
    struct iwdg *iwdg = device->state;
    device_cancel(device, TIMER_EXPIRE);
    iwdg->is_counting = false;
    iwdg->remaining_ps = ps;
    update_counting(device);
}

static uint32_t counter(struct device *device)
{
    uint64_t left = remaining_ps(device);
    return left ? (uint32_t)((left - 1) / tick_ps(device)) : 0;
}

/* Boot sheet 14: time-out = (RLR + 1) * (4 << PR) / LSI. */
static void reload(struct device *device)
{
    const struct iwdg *iwdg = device->state;
    set_remaining(device, (iwdg->regs[RLR] + 1) * tick_ps(device));
}

static void start(struct device *device, bool by_hardware)
{
    struct iwdg *iwdg = device->state;
    struct wires *wires = device->system->wires;
    iwdg->has_started = true;
    if (!iwdg->reload_waits)
        reload(device);
    emit(device, WATCHDOG_STARTED, by_hardware ? "L4.iwdg.hardware_start" : NULL);
    wires->iwdg_runs = true;
    device_signal(device->system, WIRE_LSI, 1);
    update_counting(device);
}

static void expire(struct device *device, const char *rule)
{
    emit(device, WATCHDOG_EXPIRED, rule);
    system_request_reset(device->system, RESET_IWDG);
}

static void refresh(struct device *device)
{
    struct iwdg *iwdg = device->state;
    /* RM0351 36.3.2: a refresh above the window resets. */
    if (iwdg->has_started && iwdg->regs[WINR] != WINR_NONE && counter(device) > iwdg->regs[WINR]) {
        expire(device, "L4.iwdg.window");
        return;
    }
    if (iwdg->has_started)
        emit(device, WATCHDOG_REFRESHED, NULL);
    if (iwdg->regs[SR])
        iwdg->reload_waits = true;
    else
        reload(device);
}

static void kr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    struct iwdg *iwdg = device->state;
    uint32_t key = iwdg->regs[KR];
    iwdg->regs[KR] = 0;
    iwdg->is_unlocked = key == 0x5555;
    if (key == 0xAAAA)
        refresh(device);
    if (key == 0xCCCC && !iwdg->has_started)
        start(device, false);
}

static unsigned update_of(unsigned reg)
{
    for (unsigned i = 0; i < UPDATE_COUNT; i++)
        if (updates[i].reg == reg)
            return updates[i].timer;
    return TIMER_COUNT;
}

/* RM0351 36.4: PR, RLR and WINR need the key 5555, and no update of theirs under way. ASSUMED: a
 * write that comes too early is lost. */
static bool update_guard(struct device *device, const struct reg_access *access)
{
    const struct iwdg *iwdg = device->state;
    if (iwdg->is_unlocked && (iwdg->regs[SR] & update_flag(update_of(access->index)))) {
        device_assume(device, "L4.iwdg.write_while_updating");
        return false;
    }
    return iwdg->is_unlocked;
}

/* Updates need the LSI; they wait for it. */
static void schedule_updates(struct device *device)
{
    const struct iwdg *iwdg = device->state;
    uint32_t lsi_hz = device->system->wires->lsi_hz;
    for (unsigned timer = TIMER_PVU; timer <= TIMER_WVU; timer++)
        if (lsi_hz && (iwdg->regs[SR] & update_flag(timer)) && !device_is_scheduled(device, timer))
            device_schedule(device, timer,
                            device_now_ps(device) +
                                clock_ps_from_cycles(UPDATE_LSI_CYCLES, lsi_hz));
}

static void value_write(struct device *device, const struct reg_access *access)
{
    struct iwdg *iwdg = device->state;
    iwdg->next[access->index] = iwdg->regs[access->index];
    iwdg->regs[access->index] = access->old;
    iwdg->regs[SR] |= update_flag(update_of(access->index));
    schedule_updates(device);
}

static void finish_update(struct device *device, unsigned timer)
{
    struct iwdg *iwdg = device->state;
    unsigned reg = updates[timer - TIMER_PVU].reg;
    uint32_t count = counter(device);
    iwdg->regs[reg] = iwdg->next[reg];
    iwdg->regs[SR] &= ~update_flag(timer);
    if (reg == PR)
        set_remaining(device, (uint64_t)(count + 1) * tick_ps(device));
    /* RM0351 36.3.2: writing the window also reloads the counter. */
    if (reg == WINR)
        iwdg->reload_waits = true;
    if (!iwdg->regs[SR] && iwdg->reload_waits) {
        iwdg->reload_waits = false;
        reload(device);
    }
}

static void iwdg_expired(struct device *device, unsigned timer)
{
    struct iwdg *iwdg = device->state;
    if (timer == TIMER_EXPIRE) {
        iwdg->is_counting = false;
        iwdg->remaining_ps = 0;
        expire(device, NULL);
    } else {
        finish_update(device, timer);
    }
}

static void iwdg_signal(struct device *device, unsigned line, uint32_t value)
{
    struct iwdg *iwdg = device->state;
    if (line == WIRE_STOP_MODE)
        iwdg->stop_mode = (uint8_t)value;
    if (line == WIRE_CLOCKS)
        schedule_updates(device);
    if (line == WIRE_CLOCKS || line == WIRE_HALT || line == WIRE_STOP_MODE)
        update_counting(device);
}

static void iwdg_reset(struct device *device, enum reset_cause cause)
{
    struct iwdg *iwdg = device->state;
    struct wires *wires = device->system->wires;
    for (unsigned timer = 0; timer < TIMER_COUNT; timer++)
        device_cancel(device, timer);
    memset(iwdg, 0, sizeof *iwdg);
    reg_reset(&block, iwdg->regs, cause);
    memcpy(iwdg->next, iwdg->regs, sizeof iwdg->next);
    bool ran = wires->iwdg_runs;
    wires->iwdg_runs = false;
    reload(device);
    /* L4 sheet 2.5: IWDG_SW = 0 starts it at every reset. */
    if (!(wires->optr & OPTR_IWDG_SW))
        start(device, true);
    else if (ran)
        device_signal(device->system, WIRE_LSI, 0);
}

static void iwdg_read(struct device *device, const struct access *access,
                      struct access_result *result)
{
    struct iwdg *iwdg = device->state;
    reg_read(device, &block, iwdg->regs, access, result);
}

static void iwdg_write(struct device *device, const struct access *access,
                       struct access_result *result)
{
    struct iwdg *iwdg = device->state;
    reg_write(device, &block, iwdg->regs, access, result);
}

const struct device_type iwdg_type = {
    .name = "iwdg",
    .state_bytes = sizeof(struct iwdg),
    .timer_count = TIMER_COUNT,
    .reset = iwdg_reset,
    .read = iwdg_read,
    .write = iwdg_write,
    .expired = iwdg_expired,
    .signal = iwdg_signal,
};
