/* Address decoding. */
#include "sim/core/bus.h"

#include <assert.h>
#include <string.h>

#include "sim/core/device.h"

void bus_init(struct bus *bus)
{
    memset(bus, 0, sizeof *bus);
}

void bus_map(struct bus *bus, struct bus_region region)
{
    assert(bus->region_count < BUS_REGION_MAX && region.size > 0);
    unsigned at = 0;
    while (at < bus->region_count && bus->region[at].base < region.base)
        at++;
    assert(at == 0 || bus->region[at - 1].base + (bus->region[at - 1].size - 1) < region.base);
    assert(at == bus->region_count || region.base + (region.size - 1) < bus->region[at].base);
    memmove(&bus->region[at + 1], &bus->region[at],
            (bus->region_count - at) * sizeof bus->region[0]);
    bus->region[at] = region;
    bus->region_count++;
    bus->map_generation++;
}

void bus_unmap(struct bus *bus, uint32_t base)
{
    for (unsigned at = 0; at < bus->region_count; at++) {
        if (bus->region[at].base != base)
            continue;
        bus->region_count--;
        memmove(&bus->region[at], &bus->region[at + 1],
                (bus->region_count - at) * sizeof bus->region[0]);
        bus->map_generation++;
        return;
    }
}

const struct bus_region *bus_find(const struct bus *bus, uint32_t addr)
{
    unsigned low = 0;
    unsigned high = bus->region_count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        const struct bus_region *region = &bus->region[middle];
        if (addr < region->base)
            high = middle;
        else if (addr - region->base >= region->size)
            low = middle + 1;
        else
            return region;
    }
    return NULL;
}

static uint32_t load(const uint8_t *host, unsigned size)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (uint32_t)host[i] << (8 * i);
    return value;
}

static void store(uint8_t *host, unsigned size, uint32_t value)
{
    for (unsigned i = 0; i < size; i++)
        host[i] = (uint8_t)(value >> (8 * i));
}

static void store_ram(struct bus *bus, const struct bus_region *region,
                      const struct access *access, uint32_t offset)
{
    uint8_t *host = region->host + offset;
    bus->is_ram_touched |= host < bus->ram_watch_end && host + access->size > bus->ram_watch_first;
    store(host, access->size, access->value);
}

/* Once in a boot for each device. */
static void report_unclocked(struct bus *bus, const struct bus_region *region,
                             const struct access *access)
{
    struct device *device = region->device;
    uint32_t *told_in = &bus->unclocked_told_in[region - bus->region];
    uint32_t boot = device->system->trace->boot + 1;
    if (*told_in == boot)
        return;
    *told_in = boot;
    device_emit(device, (struct event){.kind = EVENT_UNIT_ABSENT,
                                       .pc = access->pc,
                                       .addr = access->addr,
                                       .size = access->size,
                                       .value = access->value,
                                       .master = access->master,
                                       .core = access->core,
                                       .rule = "RCC.unclocked"});
}

static void device_access(struct bus *bus, const struct bus_region *region, struct access *access,
                          struct access_result *result)
{
    struct device *device = region->device;
    access->offset = access->addr - region->base;
    access->window = region->window;
    if (!device_is_clocked(device)) {
        report_unclocked(bus, region, access);
        return;
    }
    /* What the device tells of now, this master caused. An access may lead to another (DMA). */
    struct trace *trace = device->system->trace;
    uint8_t outer_master = trace->master;
    trace->master = access->master;
    if (access->is_write)
        device->type->write(device, access, result);
    else
        device->type->read(device, access, result);
    trace->master = outer_master;
}

void bus_access(struct bus *bus, struct access *access, struct access_result *result)
{
    *result = (struct access_result){0};
    const struct bus_region *region = bus_find(bus, access->addr);
    if (!region) {
        result->is_bus_error = true;
        return;
    }
    uint32_t offset = access->addr - region->base;
    uint32_t last = access->size - 1u; /* both ends count: the access need not be aligned */
    assert(offset + access->size <= region->size);
    if (region->kind == BUS_VIEW && !access->is_write) {
        uint64_t first_ps = bus_busy_until(bus, access->addr);
        uint64_t last_ps = bus_busy_until(bus, access->addr + last);
        result->stall_until_ps = first_ps > last_ps ? first_ps : last_ps;
        result->is_retried = result->stall_until_ps != 0;
        if (result->is_retried)
            return;
    }
    bool is_watched = bus_is_watched(bus, offset) || bus_is_watched(bus, offset + last);
    bool is_plain =
        region->kind == BUS_RAM || (region->kind == BUS_VIEW && !access->is_write && !is_watched);
    if (!is_plain)
        device_access(bus, region, access, result);
    else if (access->is_write)
        store_ram(bus, region, access, offset);
    else
        result->value = load(region->host + offset, access->size);
}

uint64_t bus_busy_until(const struct bus *bus, uint32_t addr)
{
    const struct bus_region *region = bus_find(bus, addr);
    if (!region || region->kind != BUS_VIEW)
        return 0;
    uint32_t offset = addr - region->base;
    uint64_t until_ps = 0;
    for (unsigned slot = 0; slot < BUS_BUSY_MAX; slot++) {
        const struct bus_busy *busy = &bus->busy[slot];
        if (offset - busy->offset < busy->size && busy->until_ps > until_ps)
            until_ps = busy->until_ps;
    }
    return until_ps;
}

void bus_set_busy(struct bus *bus, unsigned slot, uint32_t offset, uint32_t size, uint64_t until_ps)
{
    assert(slot < BUS_BUSY_MAX);
    bus->busy[slot] = (struct bus_busy){offset, size, until_ps};
    bus->watch_generation++;
}

void bus_clear_busy(struct bus *bus, unsigned slot)
{
    assert(slot < BUS_BUSY_MAX);
    bus->busy[slot] = (struct bus_busy){0};
    bus->watch_generation++;
}

void bus_watch(struct bus *bus, uint32_t offset, uint32_t size, bool is_watched)
{
    assert(size > 0 && offset + (size - 1) < BUS_WATCH_WORDS * 32u * BUS_GRANULE_BYTES);
    for (uint32_t at = offset / BUS_GRANULE_BYTES; at <= (offset + size - 1) / BUS_GRANULE_BYTES;
         at++) {
        uint32_t bit = 1u << (at % 32);
        if (((bus->watched[at / 32] & bit) != 0) == is_watched)
            continue;
        bus->watched[at / 32] ^= bit;
        bus->watch_generation++;
    }
}

bool bus_is_watched(const struct bus *bus, uint32_t offset)
{
    uint32_t at = offset / BUS_GRANULE_BYTES;
    return at / 32 < BUS_WATCH_WORDS && (bus->watched[at / 32] >> (at % 32) & 1);
}

void bus_view_changed(struct bus *bus, uint32_t offset, uint32_t size)
{
    if (bus->view_changed)
        bus->view_changed(bus->context, offset, size);
}
