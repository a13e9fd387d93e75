/* Edges on lines become pending interrupts and wake-up events. RM0351 rev 9 chapter 14.
 *
 * Modelled: both banks, edge selection, software triggers, masks, pending bits, events for WFE.
 * Lines 0-15 take the pin that SYSCFG_EXTICR selects, the others what their peripheral announces.
 * A direct line only passes an event on; its peripheral has an interrupt line of its own. Moving a
 * line to another port makes no edge. */
#include "models/exti.h"

#include "models/wires.h"
#include "sim/core/reg.h"
#include "sim/core/system_control.h"

enum {
    IMR1,
    EMR1,
    RTSR1,
    FTSR1,
    SWIER1,
    PR1,
    IMR2,
    EMR2,
    RTSR2,
    FTSR2,
    SWIER2,
    PR2,
    EXTI_REG_COUNT,
    BANK_REGS = IMR2,
    BANK_COUNT = 2
};

enum { PORT_COUNT = 16, GPIO_LINE_COUNT = 16 };

struct exti_state {
    uint32_t regs[EXTI_REG_COUNT];
    uint16_t pins[PORT_COUNT]; /* levels as last announced; resets do not touch them */
    uint64_t levels;           /* of the lines that peripherals drive */
};

const struct exti_irq exti_l4_irqs[EXTI_L4_IRQ_COUNT] = {
    /* RM0351 EXTI interrupt/event line mapping, boot sheet 3 for the interrupts. */
    {UINT64_C(1) << 0, 6},      {UINT64_C(1) << 1, 7},
    {UINT64_C(1) << 2, 8},      {UINT64_C(1) << 3, 9},
    {UINT64_C(1) << 4, 10},     {UINT64_C(0x1F) << 5, 23},
    {UINT64_C(0x3F) << 10, 40}, {UINT64_C(1) << 16 | UINT64_C(0xF) << 35, 1}, /* PVD and PVM1-4 */
    {UINT64_C(1) << 18, 41},                                                  /* RTC alarms */
    {UINT64_C(1) << 19, 2},  /* tamper, time stamp, LSE security */
    {UINT64_C(1) << 20, 3},  /* RTC wakeup */
    {UINT64_C(3) << 21, 64}, /* COMP1 and COMP2 */
};

static struct exti_state *state_of(struct device *device)
{
    return device->state;
}

static const struct exti_config *config_of(const struct device *device)
{
    return device->config;
}

/* A register of both banks as one mask of lines. */
static uint64_t lines_of(const struct exti_state *exti, unsigned reg)
{
    return exti->regs[reg] | (uint64_t)exti->regs[reg + BANK_REGS] << 32;
}

static void update_irqs(struct device *device)
{
    const struct exti_config *config = config_of(device);
    const struct exti_state *exti = state_of(device);
    uint64_t raised = lines_of(exti, PR1) & lines_of(exti, IMR1);
    for (unsigned i = 0; i < config->irq_count; i++)
        irq_set_level(device->system->irq, config->irqs[i].irq,
                      (raised & config->irqs[i].lines) != 0);
}

/* RM0351 EXTI functional description: an unmasked line becomes pending; an event leaves no pending
 * bit. */
static void trigger(struct device *device, uint64_t line)
{
    struct exti_state *exti = state_of(device);
    if (lines_of(exti, EMR1) & line) {
        device->system->control->event_register = true;
        device->system->needs_attention = true;
    }
    if (lines_of(exti, IMR1) & line & config_of(device)->configurable) {
        exti->regs[PR1] |= (uint32_t)line;
        exti->regs[PR2] |= (uint32_t)(line >> 32);
        update_irqs(device);
    } else if (!(lines_of(exti, EMR1) & line)) {
        device_assume(device, "EXTI.masked_line_not_pending");
    }
}

static void edge(struct device *device, unsigned number, bool is_rising)
{
    const struct exti_state *exti = state_of(device);
    uint64_t line = UINT64_C(1) << number;
    bool is_configurable = config_of(device)->configurable & line;
    bool is_selected = is_configurable ? (lines_of(exti, is_rising ? RTSR1 : FTSR1) & line) != 0
                                       : is_rising && (lines_of(exti, EMR1) & line);
    if (is_selected)
        trigger(device, line);
}

/* ---- Registers ---- */

static void mask_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    update_irqs(device);
}

/* RM0351 EXTI_SWIER1: writing 1 to a bit that is 0 triggers the line; clearing PR clears it. */
static void swier_write(struct device *device, const struct reg_access *access)
{
    uint32_t risen = state_of(device)->regs[access->index] & ~access->old;
    unsigned first_line = access->index == SWIER2 ? 32 : 0;
    for (; risen; risen &= risen - 1)
        trigger(device, UINT64_C(1) << (first_line + (unsigned)__builtin_ctz(risen)));
}

static void pr_write(struct device *device, const struct reg_access *access)
{
    unsigned swier = access->index == PR2 ? SWIER2 : SWIER1;
    state_of(device)->regs[swier] &= ~(access->written & access->lanes);
    update_irqs(device);
}

// clang-format off
static const struct reg regs[EXTI_REG_COUNT] = {
    [IMR1] = { .name = "IMR1", .offset = 0x00, .rw = 0xFFFFFFFF, .on_write = mask_write },
    [EMR1] = { .name = "EMR1", .offset = 0x04, .rw = 0xFFFFFFFF },
    [RTSR1] = { .name = "RTSR1", .offset = 0x08, .rw = 0xFFFFFFFF },
    [FTSR1] = { .name = "FTSR1", .offset = 0x0C, .rw = 0xFFFFFFFF },
    [SWIER1] = { .name = "SWIER1", .offset = 0x10, .w1s = 0xFFFFFFFF, .on_write = swier_write },
    [PR1] = { .name = "PR1", .offset = 0x14, .w1c = 0xFFFFFFFF, .on_write = pr_write },
    [IMR2] = { .name = "IMR2", .offset = 0x20, .rw = 0xFFFFFFFF, .on_write = mask_write },
    [EMR2] = { .name = "EMR2", .offset = 0x24, .rw = 0xFFFFFFFF },
    [RTSR2] = { .name = "RTSR2", .offset = 0x28, .rw = 0xFFFFFFFF },
    [FTSR2] = { .name = "FTSR2", .offset = 0x2C, .rw = 0xFFFFFFFF },
    [SWIER2] = { .name = "SWIER2", .offset = 0x30, .w1s = 0xFFFFFFFF, .on_write = swier_write },
    [PR2] = { .name = "PR2", .offset = 0x34, .w1c = 0xFFFFFFFF, .on_write = pr_write },
};
// clang-format on

static const struct reg_block block = {regs, EXTI_REG_COUNT};

/* Masks cover every line of the chip, the other registers only the configurable ones. */
static uint32_t present_bits(const struct device *device, unsigned reg)
{
    bool is_mask = reg % BANK_REGS == IMR1 || reg % BANK_REGS == EMR1;
    uint64_t lines = is_mask ? config_of(device)->lines : config_of(device)->configurable;
    return (uint32_t)(reg / BANK_REGS ? lines >> 32 : lines);
}

/* ---- What the bus and the machine call ---- */

static void exti_reset(struct device *device, enum reset_cause cause)
{
    struct exti_state *exti = state_of(device);
    reg_reset(&block, exti->regs, cause);
    exti->regs[IMR1] = config_of(device)->imr1_reset;
    exti->regs[IMR2] = config_of(device)->imr2_reset;
    update_irqs(device);
}

static void exti_read(struct device *device, const struct access *access,
                      struct access_result *result)
{
    reg_read(device, &block, state_of(device)->regs, access, result);
}

static void exti_write(struct device *device, const struct access *access,
                       struct access_result *result)
{
    struct exti_state *exti = state_of(device);
    int reg = reg_find(&block, access->offset & ~3u);
    uint32_t absent = 0;
    uint32_t held = 0;
    struct access present = *access;
    if (reg >= 0) {
        absent = ~present_bits(device, (unsigned)reg);
        held = exti->regs[reg] & absent;
        present.value &= ~(absent >> (8 * (access->offset & 3)));
    }
    reg_write(device, &block, exti->regs, &present, result);
    if (reg >= 0)
        exti->regs[reg] |= held;
}

static void pin_changed(struct device *device, uint32_t value)
{
    struct exti_state *exti = state_of(device);
    unsigned port = value >> 5 & 0xF;
    unsigned pin = value >> 1 & 0xF;
    uint16_t mask = (uint16_t)(1u << pin);
    bool level = value & 1;
    bool was_high = exti->pins[port] & mask;
    exti->pins[port] = level ? exti->pins[port] | mask : exti->pins[port] & (uint16_t)~mask;
    if (level != was_high && device->system->wires->exti_port[pin] == port)
        edge(device, pin, level);
}

static void line_changed(struct device *device, uint32_t value)
{
    struct exti_state *exti = state_of(device);
    unsigned number = value >> 1 & 63;
    uint64_t line = UINT64_C(1) << number;
    bool level = value & 1;
    bool was_high = exti->levels & line;
    exti->levels = level ? exti->levels | line : exti->levels & ~line;
    if (number >= GPIO_LINE_COUNT && level != was_high)
        edge(device, number, level);
}

static void exti_signal(struct device *device, unsigned line, uint32_t value)
{
    if (line == WIRE_PIN)
        pin_changed(device, value);
    else if (line == WIRE_EXTI)
        line_changed(device, value);
}

const struct device_type exti_type = {
    .name = "exti",
    .state_bytes = sizeof(struct exti_state),
    .reset = exti_reset,
    .read = exti_read,
    .write = exti_write,
    .signal = exti_signal,
};
