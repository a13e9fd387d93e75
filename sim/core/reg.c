/* Applies a register table's masks, once for everyone. */
#include "sim/core/reg.h"

#include <stddef.h>

int reg_find(const struct reg_block *block, uint32_t offset)
{
    for (unsigned i = 0; i < block->count; i++)
        if (block->regs[i].name && block->regs[i].offset == offset)
            return (int)i;
    return -1;
}

void reg_reset(const struct reg_block *block, uint32_t *values, enum reset_cause cause)
{
    for (unsigned i = 0; i < block->count; i++) {
        const struct reg *reg = &block->regs[i];
        uint32_t kept = cause == RESET_POWER_ON ? 0 : reg->survives;
        values[i] = (values[i] & kept) | (reg->reset & ~kept);
    }
}

static uint32_t lane_mask(const struct access *access)
{
    uint32_t bits = access->size >= 4 ? 0xFFFFFFFFu : (1u << (8 * access->size)) - 1;
    return bits << (8 * (access->offset & 3));
}

static struct reg_access describe(const struct access *access, struct access_result *result,
                                  int index, uint32_t old)
{
    return (struct reg_access){
        .index = (unsigned)index,
        .old = old,
        .written = access->is_write ? access->value << (8 * (access->offset & 3)) : 0,
        .lanes = lane_mask(access),
        .access = access,
        .result = result,
    };
}

/* An offset without a register inside a peripheral's window: reads 0, ignores writes, and says so. */
static void report_hole(struct device *device, const struct access *access)
{
    device_emit(device, (struct event){.kind = EVENT_UNIT_ABSENT,
                                       .pc = access->pc,
                                       .addr = access->addr,
                                       .size = access->size,
                                       .value = access->value,
                                       .master = access->master,
                                       .core = access->core,
                                       .rule = "REG.reserved_offset"});
}

void reg_read(struct device *device, const struct reg_block *block, uint32_t *values,
              const struct access *access, struct access_result *result)
{
    int index = reg_find(block, access->offset & ~3u);
    if (index < 0) {
        report_hole(device, access);
        return;
    }
    const struct reg *reg = &block->regs[index];
    struct reg_access read = describe(access, result, index, values[index]);
    uint32_t value = values[index];
    if (reg->on_read)
        value = reg->on_read(device, &read, value);
    value &= ~reg->write_only;
    result->value = (value & read.lanes) >> (8 * (access->offset & 3));
}

void reg_write(struct device *device, const struct reg_block *block, uint32_t *values,
               const struct access *access, struct access_result *result)
{
    int index = reg_find(block, access->offset & ~3u);
    if (index < 0) {
        report_hole(device, access);
        return;
    }
    const struct reg *reg = &block->regs[index];
    struct reg_access write = describe(access, result, index, values[index]);
    if (reg->guard && !reg->guard(device, &write))
        return;
    uint32_t plain = (reg->rw | reg->storage | reg->unimp) & write.lanes;
    uint32_t value = (write.old & ~plain) | (write.written & plain);
    value &= ~(write.written & reg->w1c & write.lanes);
    value |= write.written & reg->w1s & write.lanes;
    uint32_t newly_missing = value & ~write.old & reg->unimp;
    if (newly_missing)
        device_emit(device, (struct event){.kind = EVENT_REG_UNIMPLEMENTED,
                                           .pc = access->pc,
                                           .addr = access->addr & ~3u,
                                           .size = access->size,
                                           .value = newly_missing,
                                           .master = access->master,
                                           .core = access->core,
                                           .rule = reg->name});
    values[index] = value;
    if (reg->on_write)
        reg->on_write(device, &write);
}

void reg_write_implemented(struct device *device, const struct reg_block *block,
                           const uint32_t *implemented, uint32_t *values,
                           const struct access *access, struct access_result *result)
{
    struct access trimmed = *access;
    int index = reg_find(block, access->offset & ~3u);
    if (index >= 0) {
        unsigned shift = 8 * (access->offset & 3);
        uint32_t mask = implemented[index] >> shift;
        trimmed.value = (access->value & mask) | (block->regs[index].reset >> shift & ~mask);
    }
    reg_write(device, block, values, &trimmed, result);
}
