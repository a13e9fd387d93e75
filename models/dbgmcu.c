/* MCU debug component of the STM32L4 and L4+ (RM0351 rev 9 48.16; boot sheet 10).
 * Modelled: identity, freeze bits, clocks kept in low-power modes. Storage: trace pins. */
#include "models/dbgmcu.h"

#include "models/chip.h"
#include "models/wires.h"
#include "sim/core/reg.h"

struct dbgmcu {
    uint32_t regs[DBGMCU_REG_COUNT];
};

static uint32_t idcode_read(struct device *device, const struct reg_access *access, uint32_t value);
static void freeze_write(struct device *device, const struct reg_access *access);

// clang-format off
/* Boot sheet 10: reset by a power-on only. */
static const struct reg regs[DBGMCU_REG_COUNT] = {
    [DBGMCU_IDCODE] = { .name = "IDCODE", .offset = 0x00, .on_read = idcode_read },
    [DBGMCU_CR] = { .name = "CR", .offset = 0x04, .rw = 0x07, .storage = 0xE0,
                    .survives = 0xFFFFFFFF,
                    .on_write = freeze_write },
    [DBGMCU_APB1FZR1] = { .name = "APB1FZR1", .offset = 0x08, .rw = 0x86E01C3F,
                          .survives = 0xFFFFFFFF,
                          .on_write = freeze_write },
    [DBGMCU_APB1FZR2] = { .name = "APB1FZR2", .offset = 0x0C, .rw = 0x00000022,
                          .survives = 0xFFFFFFFF,
                          .on_write = freeze_write },
    [DBGMCU_APB2FZR] = { .name = "APB2FZR", .offset = 0x10, .rw = 0x00072800,
                         .survives = 0xFFFFFFFF,
                         .on_write = freeze_write },
};

/* ST's device headers, CMSIS device L4 v1.7.4. */
const struct dbgmcu_config dbgmcu_l432 = {{0, 0xE7, 0x82A01C31, 0x20, 0x00030800}};
const struct dbgmcu_config dbgmcu_l452 = {{0, 0xE7, 0x82E01C13, 0x22, 0x00030800}};
const struct dbgmcu_config dbgmcu_l476 = {{0, 0xE7, 0x82E01C3F, 0x20, 0x00072800}};
const struct dbgmcu_config dbgmcu_l496 = {{0, 0xE7, 0x86E01C3F, 0x22, 0x00072800}};
const struct dbgmcu_config dbgmcu_l4r5 = {{0, 0xE7, 0x82E01C3F, 0x22, 0x00072800}};
// clang-format on

static const struct reg_block block = {regs, DBGMCU_REG_COUNT};

static uint32_t idcode_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    (void)access, (void)value;
    return device->system->chip->idcode;
}

static void publish(struct device *device)
{
    const struct dbgmcu *dbgmcu = device->state;
    struct wires *wires = device->system->wires;
    wires->debug_low_power = dbgmcu->regs[DBGMCU_CR] & 7;
    wires->freeze_apb1_1 = dbgmcu->regs[DBGMCU_APB1FZR1];
    wires->freeze_apb1_2 = dbgmcu->regs[DBGMCU_APB1FZR2];
    wires->freeze_apb2 = dbgmcu->regs[DBGMCU_APB2FZR];
}

/* A freeze bit that changes while the core is halted acts at once. */
static void freeze_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    publish(device);
    device_signal(device->system, WIRE_HALT, device->system->wires->is_core_halted);
}

static void dbgmcu_reset(struct device *device, enum reset_cause cause)
{
    struct dbgmcu *dbgmcu = device->state;
    reg_reset(&block, dbgmcu->regs, cause);
    publish(device);
}

static void dbgmcu_read(struct device *device, const struct access *access,
                        struct access_result *result)
{
    struct dbgmcu *dbgmcu = device->state;
    reg_read(device, &block, dbgmcu->regs, access, result);
}

static void dbgmcu_write(struct device *device, const struct access *access,
                         struct access_result *result)
{
    struct dbgmcu *dbgmcu = device->state;
    const struct dbgmcu_config *config = device->config;
    reg_write_implemented(device, &block, config->implemented, dbgmcu->regs, access, result);
}

const struct device_type dbgmcu_type = {
    .name = "dbgmcu",
    .state_bytes = sizeof(struct dbgmcu),
    .reset = dbgmcu_reset,
    .read = dbgmcu_read,
    .write = dbgmcu_write,
};
