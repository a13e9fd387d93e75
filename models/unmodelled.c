/* Storage in place of a model, with a report at the first touch. No effect, no interrupt, no
 * clock gate. */
#include "models/unmodelled.h"

#include <string.h>

enum { STORED_BYTES = 1024, SLOT_BYTES = 1024 };

struct unmodelled {
    bool was_touched;
    uint8_t bytes[STORED_BYTES];
};

static void report(struct device *device, const struct access *access, const char *rule)
{
    device_emit(device, (struct event){.kind = EVENT_UNIT_ABSENT,
                                       .pc = access->pc,
                                       .addr = access->addr,
                                       .size = access->size,
                                       .value = access->is_write ? access->value : 0,
                                       .master = access->master,
                                       .core = access->core,
                                       .rule = rule});
}

static void unmodelled_reset(struct device *device, enum reset_cause cause)
{
    (void)cause;
    struct unmodelled *unit = device->state;
    if (unit->was_touched) /* there are many, and most firmware touches few */
        memset(unit, 0, sizeof *unit);
}

/* The stored bytes of an access, or NULL past them. */
static uint8_t *touch(struct device *device, const struct access *access)
{
    struct unmodelled *unit = device->state;
    if (!unit->was_touched)
        report(device, access, "CHIP.unmodelled");
    unit->was_touched = true;
    return access->offset + access->size <= STORED_BYTES ? unit->bytes + access->offset : NULL;
}

static void unmodelled_read(struct device *device, const struct access *access,
                            struct access_result *result)
{
    const uint8_t *bytes = touch(device, access);
    for (unsigned i = 0; bytes && i < access->size; i++)
        result->value |= (uint32_t)bytes[i] << (8 * i);
}

static void unmodelled_write(struct device *device, const struct access *access,
                             struct access_result *result)
{
    (void)result;
    uint8_t *bytes = touch(device, access);
    for (unsigned i = 0; bytes && i < access->size; i++)
        bytes[i] = (uint8_t)(access->value >> (8 * i));
}

const struct device_type unmodelled_type = {
    .name = "unmodelled",
    .state_bytes = sizeof(struct unmodelled),
    .reset = unmodelled_reset,
    .read = unmodelled_read,
    .write = unmodelled_write,
};

struct reserved_slots {
    uint64_t touched; /* a bit for each slot */
};

static void reserved_reset(struct device *device, enum reset_cause cause)
{
    (void)cause;
    memset(device->state, 0, sizeof(struct reserved_slots));
}

/* Boot sheet 2 [unsure]: an APB slot without a peripheral reads 0 and ignores writes. */
static void touch_slot(struct device *device, const struct access *access,
                       struct access_result *result)
{
    (void)result;
    struct reserved_slots *slots = device->state;
    uint64_t bit = UINT64_C(1) << ((access->addr - device->base) / SLOT_BYTES % 64);
    if (!(slots->touched & bit))
        report(device, access, "L4.bus.reserved_apb_slot");
    slots->touched |= bit;
}

const struct device_type reserved_slots_type = {
    .name = "reserved_slots",
    .state_bytes = sizeof(struct reserved_slots),
    .reset = reserved_reset,
    .read = touch_slot,
    .write = touch_slot,
};
