/* A GPIO port: modes, pulls, outputs, the lock, and the level that each pin has. RM0351 rev 9
 * chapter 8.
 *
 * A pin's level is what the chip drives, else what the outside drives, else its pull, else low (a
 * floating input reads 0: boot sheet 13). Where chip and outside contend, the chip wins.
 *
 * Left out: levels that a peripheral drives on an alternate-function pin (such a pin shows the
 * outside or its pull), output speed, analog switches, and the pulls that PWR applies in Standby.
 */
#include "models/gpio.h"

#include "models/wires.h"
#include "sim/core/reg.h"

enum { MODER, OTYPER, OSPEEDR, PUPDR, IDR, ODR, BSRR, LCKR, AFRL, AFRH, BRR, ASCR, GPIO_REG_COUNT };

enum mode { MODE_INPUT, MODE_OUTPUT, MODE_ALTERNATE, MODE_ANALOG };
enum pull { PULL_NONE, PULL_UP, PULL_DOWN };

#define LCKR_LCKK (1u << 16)

enum { LOCK_OPEN = 0, LOCK_WRITTEN = 3, LOCK_CLOSED = 4, PIN_COUNT = 16 };

struct gpio_state {
    uint32_t regs[GPIO_REG_COUNT];
    uint16_t driven; /* pins that the outside drives, and how; resets do not touch it */
    uint16_t driven_level;
    uint16_t level;    /* of each pin, as the digital input sees it */
    uint16_t outputs;  /* pins in output mode */
    uint8_t lock_step; /* writes of the lock sequence seen so far, or LOCK_CLOSED */
};

static struct gpio_state *state_of(struct device *device)
{
    return device->state;
}

static const struct gpio_config *config_of(const struct device *device)
{
    return device->config;
}

/* ---- Levels ---- */

static unsigned field(uint32_t reg, unsigned pin)
{
    return reg >> (2 * pin) & 3;
}

static bool bit(uint32_t reg, unsigned pin)
{
    return reg >> pin & 1;
}

static bool undriven_level(const struct gpio_state *gpio, unsigned pin)
{
    if (bit(gpio->driven, pin))
        return bit(gpio->driven_level, pin);
    return field(gpio->regs[PUPDR], pin) == PULL_UP;
}

static bool pin_level(const struct gpio_state *gpio, unsigned pin)
{
    bool is_open_drain = bit(gpio->regs[OTYPER], pin);
    bool output = bit(gpio->regs[ODR], pin);
    switch ((enum mode)field(gpio->regs[MODER], pin)) {
    case MODE_OUTPUT:
        /* RM0351 output configuration: open drain leaves a 1 to the outside and the pull. */
        return is_open_drain && output ? undriven_level(gpio, pin) : output;
    case MODE_ANALOG:
        /* RM0351 analog configuration: the Schmitt trigger is off, its output is 0. */
        return false;
    default:
        return undriven_level(gpio, pin);
    }
}

static void announce_output(struct device *device, unsigned pin, bool level)
{
    device_emit(device, (struct event){.kind = EVENT_PIN,
                                       .addr = (uint32_t)config_of(device)->port << 4 | pin,
                                       .value = level});
}

static void announce_level(struct device *device, unsigned pin, bool level)
{
    uint32_t value = (uint32_t)config_of(device)->port << 5 | pin << 1 | level;
    device_signal(device->system, WIRE_PIN, value);
}

/* To be called after anything changed: computes all levels and tells who listens. */
static void update_pins(struct device *device)
{
    struct gpio_state *gpio = state_of(device);
    uint16_t level = 0;
    uint16_t outputs = 0;
    for (unsigned pin = 0; pin < PIN_COUNT; pin++) {
        if (!bit(config_of(device)->pins, pin))
            continue;
        level |= (uint16_t)(pin_level(gpio, pin) << pin);
        outputs |= (uint16_t)((field(gpio->regs[MODER], pin) == MODE_OUTPUT) << pin);
    }
    uint16_t changed = level ^ gpio->level;
    uint16_t observed = changed & (outputs | gpio->outputs);
    gpio->level = level;
    gpio->outputs = outputs;
    for (unsigned pin = 0; pin < PIN_COUNT; pin++) {
        if (bit(observed, pin))
            announce_output(device, pin, bit(level, pin));
        if (bit(changed, pin))
            announce_level(device, pin, bit(level, pin));
    }
}

/* ---- Registers ---- */

/* A mask of one bit a pin widened to fields of `width` bits. */
static uint32_t widen(uint32_t pins, unsigned width)
{
    uint32_t mask = 0;
    for (unsigned pin = 0; pin < 32 / width; pin++)
        if (bit(pins, pin))
            mask |= ((1u << width) - 1) << (width * pin);
    return mask;
}

/* The bits that pins of this set have in a register. */
static uint32_t bits_of(unsigned reg, uint16_t pins)
{
    switch (reg) {
    case MODER:
    case OSPEEDR:
    case PUPDR:
        return widen(pins, 2);
    case AFRL:
        return widen(pins & 0xFF, 4);
    case AFRH:
        return widen(pins >> 8, 4);
    case BSRR:
        return (uint32_t)pins << 16 | pins;
    case LCKR:
        return LCKR_LCKK | pins;
    default:
        return pins;
    }
}

static void config_write(struct device *device, const struct reg_access *access)
{
    struct gpio_state *gpio = state_of(device);
    /* RM0351 GPIO locking mechanism: the configuration of locked pins is frozen until reset. */
    if (gpio->lock_step == LOCK_CLOSED) {
        uint32_t frozen = bits_of(access->index, (uint16_t)gpio->regs[LCKR]);
        gpio->regs[access->index] = (gpio->regs[access->index] & ~frozen) | (access->old & frozen);
    }
    update_pins(device);
}

static void odr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    update_pins(device);
}

static void bsrr_write(struct device *device, const struct reg_access *access)
{
    struct gpio_state *gpio = state_of(device);
    uint32_t written = gpio->regs[BSRR];
    (void)access;
    gpio->regs[BSRR] = 0;
    /* RM0351 GPIOx_BSRR: where both bits are written, set wins. */
    gpio->regs[ODR] = (gpio->regs[ODR] & ~(written >> 16)) | (written & 0xFFFF);
    update_pins(device);
}

static void brr_write(struct device *device, const struct reg_access *access)
{
    struct gpio_state *gpio = state_of(device);
    (void)access;
    gpio->regs[ODR] &= ~gpio->regs[BRR];
    gpio->regs[BRR] = 0;
    update_pins(device);
}

static bool lckr_guard(struct device *device, const struct reg_access *access)
{
    (void)access;
    return state_of(device)->lock_step != LOCK_CLOSED;
}

/* RM0351 GPIOx_LCKR: write LCKK = 1, 0, 1 with the same LCK bits, then read; an error starts over.
 */
static void lckr_write(struct device *device, const struct reg_access *access)
{
    struct gpio_state *gpio = state_of(device);
    bool key = gpio->regs[LCKR] & LCKR_LCKK;
    gpio->regs[LCKR] &= ~LCKR_LCKK;
    bool is_same_pins = gpio->regs[LCKR] == access->old;
    bool is_word = access->access->size == 4;
    bool is_expected = is_word && gpio->lock_step < LOCK_WRITTEN && key == (gpio->lock_step != 1) &&
                       (gpio->lock_step == 0 || is_same_pins);
    if (is_expected)
        gpio->lock_step++;
    else
        gpio->lock_step = is_word && key ? 1 : 0;
}

static uint32_t lckr_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    struct gpio_state *gpio = state_of(device);
    (void)access;
    gpio->lock_step = gpio->lock_step >= LOCK_WRITTEN ? LOCK_CLOSED : LOCK_OPEN;
    return gpio->lock_step == LOCK_CLOSED ? value | LCKR_LCKK : value;
}

static uint32_t idr_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    (void)access;
    (void)value;
    return state_of(device)->level;
}

// clang-format off
static const struct reg regs[GPIO_REG_COUNT] = {
    [MODER] = { .name = "MODER", .offset = 0x00, .reset = 0xFFFFFFFF, .rw = 0xFFFFFFFF,
                .on_write = config_write },
    [OTYPER] = { .name = "OTYPER", .offset = 0x04, .rw = 0x0000FFFF, .on_write = config_write },
    [OSPEEDR] = { .name = "OSPEEDR", .offset = 0x08, .storage = 0xFFFFFFFF,
                  .on_write = config_write },
    [PUPDR] = { .name = "PUPDR", .offset = 0x0C, .rw = 0xFFFFFFFF, .on_write = config_write },
    [IDR] = { .name = "IDR", .offset = 0x10, .on_read = idr_read },
    [ODR] = { .name = "ODR", .offset = 0x14, .rw = 0x0000FFFF, .on_write = odr_write },
    [BSRR] = { .name = "BSRR", .offset = 0x18, .rw = 0xFFFFFFFF, .write_only = 0xFFFFFFFF,
               .on_write = bsrr_write },
    [LCKR] = { .name = "LCKR", .offset = 0x1C, .rw = 0x0001FFFF, .guard = lckr_guard,
               .on_write = lckr_write, .on_read = lckr_read },
    [AFRL] = { .name = "AFRL", .offset = 0x20, .storage = 0xFFFFFFFF, .on_write = config_write },
    [AFRH] = { .name = "AFRH", .offset = 0x24, .storage = 0xFFFFFFFF, .on_write = config_write },
    [BRR] = { .name = "BRR", .offset = 0x28, .rw = 0x0000FFFF, .write_only = 0x0000FFFF,
              .on_write = brr_write },
    [ASCR] = { .name = "ASCR", .offset = 0x2C, .storage = 0x0000FFFF },
};

/* RM0351 GPIOx_MODER to GPIOx_PUPDR: the debug pins PA13-15, PB3, PB4 are alternate functions. */
static const struct {
    uint32_t moder, ospeedr, pupdr;
} port_resets[] = {
    { 0xABFFFFFF, 0x0C000000, 0x64000000 },
    { 0xFFFFFEBF, 0x000000C0, 0x00000100 },
};
// clang-format on

/* ASCR is the last row. */
static struct reg_block block_of(const struct device *device)
{
    return (struct reg_block){regs, config_of(device)->has_ascr ? GPIO_REG_COUNT : ASCR};
}

/* ---- What the bus and the machine call ---- */

static void gpio_reset(struct device *device, enum reset_cause cause)
{
    struct gpio_state *gpio = state_of(device);
    const struct reg_block block = block_of(device);
    unsigned port = config_of(device)->port;
    reg_reset(&block, gpio->regs, cause);
    if (port < sizeof port_resets / sizeof port_resets[0]) {
        gpio->regs[MODER] = port_resets[port].moder;
        gpio->regs[OSPEEDR] = port_resets[port].ospeedr;
        gpio->regs[PUPDR] = port_resets[port].pupdr;
    }
    gpio->regs[MODER] &= bits_of(MODER, config_of(device)->pins);
    gpio->lock_step = LOCK_OPEN;
    update_pins(device);
}

static void gpio_read(struct device *device, const struct access *access,
                      struct access_result *result)
{
    const struct reg_block block = block_of(device);
    reg_read(device, &block, state_of(device)->regs, access, result);
}

static void gpio_write(struct device *device, const struct access *access,
                       struct access_result *result)
{
    const struct reg_block block = block_of(device);
    struct access present = *access;
    int reg = reg_find(&block, access->offset & ~3u);
    if (reg >= 0)
        present.value &=
            bits_of((unsigned)reg, config_of(device)->pins) >> (8 * (access->offset & 3));
    reg_write(device, &block, state_of(device)->regs, &present, result);
}

static void gpio_signal(struct device *device, unsigned line, uint32_t value)
{
    struct gpio_state *gpio = state_of(device);
    /* RM0351 5.3.10: in Standby and Shutdown the pins float; the registers are lost. */
    if (line == WIRE_STOP_MODE && value >= STOP_MODE_STANDBY)
        gpio_reset(device, RESET_STANDBY);
    if (line != WIRE_PIN_DRIVE || (value >> 5 & 0xFF) != config_of(device)->port)
        return;
    uint16_t mask = (uint16_t)(1u << (value >> 1 & 0xF));
    bool lets_go = value >> 31;
    gpio->driven = lets_go ? gpio->driven & (uint16_t)~mask : gpio->driven | mask;
    gpio->driven_level =
        value & 1 ? gpio->driven_level | mask : gpio->driven_level & (uint16_t)~mask;
    update_pins(device);
}

const struct device_type gpio_type = {
    .name = "gpio",
    .state_bytes = sizeof(struct gpio_state),
    .reset = gpio_reset,
    .read = gpio_read,
    .write = gpio_write,
    .signal = gpio_signal,
};
