/* True random number generator (RM0351 rev 9 chapter 27; boot sheet 16).
 * Modelled: a number every 40 cycles of the 48 MHz clock, DRDY, clock errors, the interrupt. The
 * numbers come from the run's seed, the boot and their ordinal: the same run, the same numbers.
 * Left out: seed errors never happen. */
#include "models/rng_unit.h"

#include "models/wires.h"
#include "sim/core/reg.h"
#include "sim/core/rng.h"

enum { CR, SR, DR, REG_COUNT };

#define CR_RNGEN (1u << 2)
#define CR_IE (1u << 3)
#define CR_CED (1u << 5)
#define SR_DRDY (1u << 0)
#define SR_CECS (1u << 1)
#define SR_CEIS (1u << 5)
#define SR_SEIS (1u << 6)

enum { NUMBER_CYCLES = 40 };      /* [memory of RM0351 27.3.3] */
enum { DRAW_UNIT = 0x524E47 };    /* tells these draws from others of the same seed */

struct rng_unit {
    uint32_t regs[REG_COUNT];
    uint32_t ordinal;
};

static void cr_write(struct device *device, const struct reg_access *access);
static void sr_write(struct device *device, const struct reg_access *access);
static uint32_t dr_read(struct device *device, const struct reg_access *access, uint32_t value);

// clang-format off
static const struct reg regs[REG_COUNT] = {
    [CR] = { .name = "CR", .offset = 0x00, .rw = CR_RNGEN | CR_IE | CR_CED, .on_write = cr_write },
    [SR] = { .name = "SR", .offset = 0x04, .rw = SR_CEIS | SR_SEIS, .on_write = sr_write },
    [DR] = { .name = "DR", .offset = 0x08, .on_read = dr_read },
};
// clang-format on

static const struct reg_block block = {regs, REG_COUNT};

static void update_irq(struct device *device)
{
    const struct rng_unit *rng = device->state;
    device_set_irq(device, (rng->regs[CR] & CR_IE) &&
                               (rng->regs[SR] & (SR_DRDY | SR_CEIS | SR_SEIS)));
}

/* RM0351 27.3.5: the clock must not be slower than HCLK / 32. Numbers go on with a slow one, not
 * without one. */
static void update(struct device *device)
{
    struct rng_unit *rng = device->state;
    const struct wires *wires = device->system->wires;
    bool is_on = rng->regs[CR] & CR_RNGEN;
    bool is_slow = wires->clk48_hz < wires->hclk_hz / 32 || !wires->clk48_hz;
    uint32_t had_error = rng->regs[SR] & SR_CECS;
    rng->regs[SR] &= ~SR_CECS;
    if (is_on && is_slow && !(rng->regs[CR] & CR_CED))
        rng->regs[SR] |= SR_CECS;
    if (!had_error && (rng->regs[SR] & SR_CECS))
        rng->regs[SR] |= SR_CEIS;
    if (!is_on || !wires->clk48_hz)
        device_cancel(device, 0);
    else if (!(rng->regs[SR] & SR_DRDY) && !device_is_scheduled(device, 0))
        device_schedule(device, 0,
                        device_now_ps(device) +
                            clock_ps_from_cycles(NUMBER_CYCLES, wires->clk48_hz));
    update_irq(device);
}

static void cr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    struct rng_unit *rng = device->state;
    const struct rng_unit_config *config = device->config;
    if (!config->has_ced)
        rng->regs[CR] &= ~CR_CED;
    if (!(rng->regs[CR] & CR_RNGEN))
        rng->regs[SR] &= ~SR_DRDY;
    update(device);
}

/* RM0351 27.7.2: CEIS and SEIS are cleared by writing 0. */
static void sr_write(struct device *device, const struct reg_access *access)
{
    struct rng_unit *rng = device->state;
    rng->regs[SR] &= access->old;
    update_irq(device);
}

static uint32_t dr_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    struct rng_unit *rng = device->state;
    access->result->is_time_dependent = true;
    if (!(rng->regs[SR] & SR_DRDY))
        return 0;
    rng->regs[SR] &= ~SR_DRDY;
    update(device);
    return value;
}

static void rng_unit_expired(struct device *device, unsigned timer)
{
    (void)timer;
    struct rng_unit *rng = device->state;
    const struct wires *wires = device->system->wires;
    rng->regs[DR] =
        (uint32_t)rng_hash(wires->seed, DRAW_UNIT, wires->boot_count, rng->ordinal++);
    rng->regs[SR] |= SR_DRDY;
    update_irq(device);
}

static void rng_unit_signal(struct device *device, unsigned line, uint32_t value)
{
    (void)value;
    if (line == WIRE_CLOCKS)
        update(device);
}

static void rng_unit_reset(struct device *device, enum reset_cause cause)
{
    struct rng_unit *rng = device->state;
    device_cancel(device, 0);
    reg_reset(&block, rng->regs, cause);
    if (cause != RESET_PERIPHERAL)
        rng->ordinal = 0;
    update_irq(device);
}

static void rng_unit_read(struct device *device, const struct access *access,
                          struct access_result *result)
{
    struct rng_unit *rng = device->state;
    reg_read(device, &block, rng->regs, access, result);
}

static void rng_unit_write(struct device *device, const struct access *access,
                           struct access_result *result)
{
    struct rng_unit *rng = device->state;
    reg_write(device, &block, rng->regs, access, result);
}

const struct device_type rng_unit_type = {
    .name = "rng",
    .state_bytes = sizeof(struct rng_unit),
    .timer_count = 1,
    .reset = rng_unit_reset,
    .read = rng_unit_read,
    .write = rng_unit_write,
    .expired = rng_unit_expired,
    .signal = rng_unit_signal,
};
