/* SysTick: a 24-bit down counter on HCLK or HCLK/8, computed from time when somebody looks.
 * Core sheet 5 (ARM DDI 0403E B3.3). It stands while the debugger halts the core and in Stop mode.
 * VAL and COUNTFLAG are UNKNOWN at reset; here they are 0. */
#include "models/scs_regs.h"

#define CTRL_ENABLE (1u << 0)
#define CTRL_TICKINT (1u << 1)
#define CTRL_CLKSOURCE (1u << 2)
#define CTRL_COUNTFLAG (1u << 16)

static unsigned cycles_per_tick(const struct systick *systick)
{
    /* RM0351 10.1.2: the external clock of SysTick is HCLK/8. */
    return systick->ctrl & CTRL_CLKSOURCE ? 1 : 8;
}

/* Moves the counter `ticks` on; tells whether it reached 0 from 1. */
static bool count_down(struct systick *systick, uint64_t ticks)
{
    if (ticks < systick->value) {
        systick->value -= (uint32_t)ticks;
        return false;
    }
    bool has_ended = systick->value != 0;
    ticks -= systick->value;
    systick->value = 0;
    /* At 0 the next tick reloads; LOAD = 0 leaves it there. A counter that began at 0 has no event.
     */
    if (!ticks || !systick->load)
        return has_ended;
    uint64_t period = (uint64_t)systick->load + 1;
    uint64_t left = ticks % period;
    systick->value = left ? systick->load - (uint32_t)(left - 1) : 0;
    return has_ended || ticks >= period;
}

/* Brings the counter up to now. */
static void catch_up(struct device *device)
{
    struct systick *systick = &scs_state(device)->systick;
    if (!(systick->ctrl & CTRL_ENABLE))
        return;
    uint64_t cycles = cycle_count_at(&systick->hclk, device_now_ps(device)) - systick->origin;
    uint64_t ticks = cycles / cycles_per_tick(systick);
    systick->origin += ticks * cycles_per_tick(systick);
    if (!ticks || !count_down(systick, ticks))
        return;
    systick->count_flag = true;
    if (systick->ctrl & CTRL_TICKINT) {
        irq_pend(device->system->irq, EXC_SYSTICK);
        device->system->needs_attention = true;
    }
}

/* Plans the next time at which the counter reaches 0, if that is to pend the exception or somebody waits
 * for COUNTFLAG: then reads of CTRL give the same until that time. */
static void plan(struct device *device)
{
    struct systick *systick = &scs_state(device)->systick;
    bool is_awaited = systick->is_polled || (systick->ctrl & CTRL_TICKINT);
    uint64_t ticks = systick->value;
    if (!ticks && systick->load)
        ticks = (uint64_t)systick->load + 1;
    uint64_t at_ps = CLOCK_NEVER;
    if ((systick->ctrl & CTRL_ENABLE) && is_awaited && ticks)
        at_ps =
            cycle_count_time(&systick->hclk, systick->origin + ticks * cycles_per_tick(systick));
    if (at_ps == CLOCK_NEVER)
        device_cancel(device, SCS_TIMER_SYSTICK);
    else
        device_schedule(device, SCS_TIMER_SYSTICK, at_ps);
}

void scs_systick_expired(struct device *device)
{
    catch_up(device);
    scs_state(device)->systick.is_polled = false;
    plan(device);
}

void scs_systick_clock(struct device *device)
{
    struct systick *systick = &scs_state(device)->systick;
    catch_up(device);
    cycle_count_set_clock(&systick->hclk, device_now_ps(device), scs_counting_hz(device));
    plan(device);
}

void scs_systick_reset(struct device *device)
{
    scs_state(device)->systick = (struct systick){0};
    scs_systick_clock(device);
}

static uint32_t ctrl_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    struct systick *systick = &scs_state(device)->systick;
    catch_up(device);
    value = systick->ctrl | (systick->count_flag ? CTRL_COUNTFLAG : 0);
    if (read->access->master == MASTER_DEBUGGER)
        return value;
    /* B3.3.3: reading clears COUNTFLAG, unless a debugger reads. */
    read->result->is_time_dependent = systick->count_flag || !systick->is_polled;
    systick->count_flag = false;
    if (!systick->is_polled) {
        systick->is_polled = true;
        plan(device);
    }
    return value;
}

static void ctrl_write(struct device *device, const struct scs_access *write)
{
    struct systick *systick = &scs_state(device)->systick;
    catch_up(device);
    uint32_t old = systick->ctrl;
    systick->ctrl = write->written & (CTRL_ENABLE | CTRL_TICKINT | CTRL_CLKSOURCE);
    /* A start or another clock source begins a new tick; the count stays. */
    bool is_restarted = (old ^ systick->ctrl) & (CTRL_ENABLE | CTRL_CLKSOURCE);
    cycle_count_set_clock(&systick->hclk, device_now_ps(device), scs_counting_hz(device));
    if (is_restarted)
        systick->origin = cycle_count_at(&systick->hclk, device_now_ps(device));
    plan(device);
}

static uint32_t load_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    (void)read, (void)value;
    return scs_state(device)->systick.load;
}

/* Takes effect at the next wrap. */
static void load_write(struct device *device, const struct scs_access *write)
{
    catch_up(device);
    scs_state(device)->systick.load = write->written & 0xFFFFFF;
    plan(device);
}

static uint32_t val_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    (void)value;
    catch_up(device);
    read->result->is_time_dependent = true;
    return scs_state(device)->systick.value;
}

/* Any write clears it and COUNTFLAG, without an event. */
static void val_write(struct device *device, const struct scs_access *write)
{
    (void)write;
    struct systick *systick = &scs_state(device)->systick;
    catch_up(device);
    systick->value = 0;
    systick->count_flag = false;
    plan(device);
}

// clang-format off
static const struct scs_reg regs[] = {
    {.name = "SYST_CSR", .addr = 0xE000E010, .on_read = ctrl_read, .on_write = ctrl_write},
    {.name = "SYST_RVR", .addr = 0xE000E014, .on_read = load_read, .on_write = load_write},
    {.name = "SYST_CVR", .addr = 0xE000E018, .on_read = val_read, .on_write = val_write},
    /* RM0351 13.2: 1 ms at 10 MHz, no exact reference (core sheet 5, from memory). */
    {.name = "SYST_CALIB", .addr = 0xE000E01C, .reset = 0x4000270F},
};
// clang-format on

const struct scs_chapter scs_systick_chapter = {regs, sizeof regs / sizeof regs[0]};
