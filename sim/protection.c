/* MPU and watched flash as page protections of 1 KB (the engine's granularity). A granule whose bytes
 * have different verdicts is closed to all, and each access to it is decided by address. */
#include "sim/protection.h"

#include "sim/machine.h"
#include "sim/mpu.h"

/* The MPU does not apply at negative priority unless HFNMIENA says so (core sheet 8). */
static bool is_mpu_on(const struct machine *m)
{
    const struct mpu *mpu = &m->soc->control.mpu;
    if (!(mpu->ctrl & MPU_CTRL_ENABLE))
        return false;
    return (mpu->ctrl & MPU_CTRL_HFNMIENA) || irq_execution_priority(&m->soc->irq) >= 0;
}

uint32_t protection_check_as(struct machine *m, uint32_t *addr, uint32_t size, bool is_write,
                             bool is_privileged)
{
    if (!is_mpu_on(m))
        return 0;
    const struct mpu *mpu = &m->soc->control.mpu;
    enum mpu_access kind = is_write ? MPU_WRITE : MPU_READ;
    int priority = irq_execution_priority(&m->soc->irq);
    if (mpu_check(mpu, *addr, size, kind, is_privileged, priority) == MPU_ALLOWED)
        return 0;
    *addr = mpu_refused_addr(mpu, *addr, size, kind, is_privileged, priority);
    return CFSR_DACCVIOL | CFSR_MMARVALID;
}

uint32_t protection_check_fetch(struct machine *m, uint32_t addr)
{
    enum mpu_verdict verdict = mpu_check(&m->soc->control.mpu, addr, 2, MPU_FETCH,
                                         m->processor.is_privileged,
                                         irq_execution_priority(&m->soc->irq));
    return verdict == MPU_ALLOWED ? 0 : CFSR_IACCVIOL;
}

bool protection_open_fetches(struct machine *m, uint32_t addr)
{
    const struct bus_region *region = bus_find(&m->soc->bus, addr);
    if (!region || region->kind == BUS_DEVICE || m->protection.is_fetch_checked)
        return false;
    m->protection.is_fetch_checked = true;
    m->protection.watch_generation--; /* apply anew */
    cpu_set_fetch_check(m->processor.cpu, true);
    return true;
}

static bool has_watched_variable(const struct machine *m, const uint8_t *granule)
{
    for (unsigned i = 0; i < m->watch_count; i++)
        if (m->watch[i].host < granule + BUS_GRANULE_BYTES &&
            m->watch[i].host + m->watch[i].size > granule)
            return true;
    return false;
}

static unsigned wanted(const struct machine *m, const struct bus_region *region, uint32_t offset,
                       bool is_on)
{
    const struct bus *bus = &m->soc->bus;
    uint32_t addr = region->base + offset;
    bool is_view = region->kind == BUS_VIEW;
    unsigned can = CPU_CAN_READ | CPU_CAN_EXECUTE | (is_view ? 0u : CPU_CAN_WRITE);
    if (is_view && (bus_is_watched(bus, offset) || bus_busy_until(bus, addr)))
        can &= ~(unsigned)CPU_CAN_READ;
    if (!is_view && has_watched_variable(m, region->host + offset))
        can &= ~(unsigned)CPU_CAN_WRITE;
    if (!is_on)
        return can;
    struct mpu_granule_summary summary =
        mpu_summarise(&m->soc->control.mpu, addr, irq_execution_priority(&m->soc->irq));
    bool is_privileged = m->processor.is_privileged;
    if (!(summary.allowed & MPU_GRANULE_BIT(MPU_READ, is_privileged)))
        can &= ~(unsigned)CPU_CAN_READ;
    if (!(summary.allowed & MPU_GRANULE_BIT(MPU_WRITE, is_privileged)))
        can &= ~(unsigned)CPU_CAN_WRITE;
    /* Executable in part: closed until the first fetch from it, then open with every fetch checked. */
    unsigned fetch = MPU_GRANULE_BIT(MPU_FETCH, is_privileged);
    bool is_open = (summary.allowed & fetch) ||
                   (!(summary.denied & fetch) && m->protection.is_fetch_checked);
    if (!is_open)
        can &= ~(unsigned)CPU_CAN_EXECUTE;
    return can;
}

static void apply(struct machine *m, bool is_on)
{
    struct protection *protection = &m->protection;
    unsigned granule = 0;
    for (unsigned i = 0; i < m->soc->bus.region_count; i++) {
        const struct bus_region *region = &m->soc->bus.region[i];
        if (region->kind == BUS_DEVICE)
            continue;
        uint32_t run_start = 0;
        int run_can = -1; /* of a run of granules that must change */
        for (uint32_t at = 0; at < region->size; at += BUS_GRANULE_BYTES, granule++) {
            unsigned can = wanted(m, region, at, is_on);
            int change = can == protection->applied[granule] ? -1 : (int)can;
            protection->applied[granule] = (uint8_t)can;
            if (change == run_can)
                continue;
            if (run_can >= 0)
                cpu_protect(m->processor.cpu, region->base + run_start, at - run_start,
                            (unsigned)run_can);
            run_start = at;
            run_can = change;
        }
        if (run_can >= 0)
            cpu_protect(m->processor.cpu, region->base + run_start, region->size - run_start,
                        (unsigned)run_can);
    }
}

/* After the map was built anew, every granule has its memory's own permissions. */
static void start_over(struct machine *m)
{
    unsigned granule = 0;
    for (unsigned i = 0; i < m->soc->bus.region_count; i++) {
        const struct bus_region *region = &m->soc->bus.region[i];
        if (region->kind == BUS_DEVICE)
            continue;
        unsigned can = region->kind == BUS_VIEW ? CPU_CAN_READ | CPU_CAN_EXECUTE
                                                : CPU_CAN_READ | CPU_CAN_WRITE | CPU_CAN_EXECUTE;
        for (uint32_t at = 0; at < region->size; at += BUS_GRANULE_BYTES)
            m->protection.applied[granule++] = (uint8_t)can;
    }
    m->protection.is_default = true;
}

static bool has_watch(const struct bus *bus)
{
    for (unsigned i = 0; i < BUS_BUSY_MAX; i++)
        if (bus->busy[i].until_ps)
            return true;
    for (unsigned i = 0; i < BUS_WATCH_WORDS; i++)
        if (bus->watched[i])
            return true;
    return false;
}

void protection_follow(struct machine *m)
{
    struct protection *p = &m->protection;
    const struct bus *bus = &m->soc->bus;
    bool is_on = is_mpu_on(m);
    if (p->map_generation != bus->map_generation) {
        p->map_generation = bus->map_generation;
        p->watch_generation = bus->watch_generation - 1;
        start_over(m);
    }
    bool is_same_mpu = is_on == p->was_enabled &&
                       (!is_on || (p->mpu_generation == m->soc->control.mpu.generation &&
                                   p->was_privileged == m->processor.is_privileged));
    if (is_same_mpu && p->watch_generation == bus->watch_generation)
        return;
    bool is_plain = !is_on && !has_watch(bus) && m->watch_count == 0;
    if (!is_on || p->mpu_generation != m->soc->control.mpu.generation) {
        p->is_fetch_checked = false;
        cpu_set_fetch_check(m->processor.cpu, false);
    }
    p->watch_generation = bus->watch_generation;
    p->mpu_generation = m->soc->control.mpu.generation;
    p->was_enabled = is_on;
    p->was_privileged = m->processor.is_privileged;
    cpu_follow_watch(m->processor.cpu, bus);
    if (is_plain && p->is_default)
        return;
    apply(m, is_on);
    p->is_default = is_plain;
}
