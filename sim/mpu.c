/* PMSAv7 decisions. Core sheet 8 (ARM DDI 0403E B3.5.3, ValidateAddress and CheckPermission). */
#include "sim/mpu.h"

#include <assert.h>

#define RASR_ENABLE (1u << 0)
#define RASR_XN (1u << 28)
#define SMALLEST_REGION_BYTES 32u
#define SMALLEST_WITH_SUBREGIONS_BYTES 256u
#define PPB_BASE 0xE0000000u
#define PPB_BYTES 0x100000u

/* log2 of a region's size, 0 when it is off. SIZE below 4 is reserved: such a region is ignored. */
static unsigned region_bits(const struct mpu *mpu, unsigned region)
{
    uint32_t rasr = mpu->rasr[region];
    unsigned bits = (rasr >> 1 & 0x1F) + 1;
    return (rasr & RASR_ENABLE) && bits >= 5 ? bits : 0;
}

static bool contains(const struct mpu *mpu, unsigned region, uint32_t addr)
{
    unsigned bits = region_bits(mpu, region);
    if (!bits)
        return false;
    /* PM0214 4.5.4: address bits below the size are forced to 0. */
    if (bits < 32 && (addr ^ mpu->rbar[region]) >> bits)
        return false;
    if ((UINT64_C(1) << bits) < SMALLEST_WITH_SUBREGIONS_BYTES)
        return true;
    unsigned subregion = addr >> (bits - 3) & 7;
    return !(mpu->rasr[region] >> (8 + subregion) & 1);
}

int mpu_region_at(const struct mpu *mpu, uint32_t addr)
{
    for (unsigned region = mpu->region_count; region-- > 0;)
        if (contains(mpu, region, addr))
            return (int)region;
    return -1;
}

/* Core sheet 8, the AP table; a fetch needs what a read needs. */
static bool is_permitted(uint32_t rasr, bool is_write, bool is_privileged)
{
    switch (rasr >> 24 & 7) {
    case 1:
        return is_privileged;
    case 2:
        return is_privileged || !is_write;
    case 3:
        return true;
    case 5:
        return is_privileged && !is_write;
    case 6:
    case 7:
        return !is_write;
    default: /* 0; 4 is reserved */
        return false;
    }
}

/* Core sheet 8, default memory map. */
static bool is_execute_never(uint32_t addr)
{
    return (addr >= 0x40000000 && addr < 0x60000000) || addr >= 0xA0000000;
}

static enum mpu_verdict default_map(uint32_t addr, enum mpu_access kind)
{
    return kind == MPU_FETCH && is_execute_never(addr) ? MPU_EXECUTE_NEVER : MPU_ALLOWED;
}

static bool is_default_map_only(const struct mpu *mpu, int execution_priority)
{
    bool is_bypassed = execution_priority < 0 && !(mpu->ctrl & MPU_CTRL_HFNMIENA);
    return !(mpu->ctrl & MPU_CTRL_ENABLE) || is_bypassed;
}

static enum mpu_verdict check_byte(const struct mpu *mpu, uint32_t addr, enum mpu_access kind,
                                   bool is_privileged, int execution_priority)
{
    /* The private peripheral bus is never checked and never executable; nor is what lies above it,
     * whatever a region says. */
    if (addr - PPB_BASE < PPB_BYTES || (kind == MPU_FETCH && addr >= PPB_BASE))
        return default_map(addr, kind);
    if (is_default_map_only(mpu, execution_priority))
        return default_map(addr, kind);
    int region = mpu_region_at(mpu, addr);
    if (region < 0) {
        bool has_background = is_privileged && (mpu->ctrl & MPU_CTRL_PRIVDEFENA);
        return has_background ? default_map(addr, kind) : MPU_NO_REGION;
    }
    uint32_t rasr = mpu->rasr[region];
    if (!is_permitted(rasr, kind == MPU_WRITE, is_privileged))
        return MPU_NO_PERMISSION;
    return kind == MPU_FETCH && (rasr & RASR_XN) ? MPU_EXECUTE_NEVER : MPU_ALLOWED;
}

/* Verdicts change at multiples of 32 bytes only: one byte of each such piece decides for it. A STM or
 * VSTM meets up to five. */
static enum mpu_verdict check_pieces(const struct mpu *mpu, uint32_t *addr, unsigned size,
                                     enum mpu_access kind, bool is_privileged,
                                     int execution_priority)
{
    assert(size >= 1);
    uint32_t last = *addr + (size - 1);
    for (;;) {
        enum mpu_verdict verdict = check_byte(mpu, *addr, kind, is_privileged, execution_priority);
        if (verdict != MPU_ALLOWED || !((*addr ^ last) / SMALLEST_REGION_BYTES))
            return verdict;
        *addr = (*addr | (SMALLEST_REGION_BYTES - 1)) + 1;
    }
}

enum mpu_verdict mpu_check(const struct mpu *mpu, uint32_t addr, unsigned size,
                           enum mpu_access kind, bool is_privileged, int execution_priority)
{
    return check_pieces(mpu, &addr, size, kind, is_privileged, execution_priority);
}

uint32_t mpu_refused_addr(const struct mpu *mpu, uint32_t addr, unsigned size, enum mpu_access kind,
                          bool is_privileged, int execution_priority)
{
    check_pieces(mpu, &addr, size, kind, is_privileged, execution_priority);
    return addr;
}

/* Whether a region or one of its eighths begins or ends inside a granule. */
static bool splits(const struct mpu *mpu, unsigned region, uint32_t base)
{
    unsigned bits = region_bits(mpu, region);
    if (!bits)
        return false;
    uint64_t bytes = UINT64_C(1) << bits;
    bool has_holes = bytes >= SMALLEST_WITH_SUBREGIONS_BYTES && (mpu->rasr[region] >> 8 & 0xFF);
    uint64_t smallest_piece = has_holes ? bytes / 8 : bytes;
    if (smallest_piece >= BUS_GRANULE_BYTES)
        return false;
    uint64_t first = mpu->rbar[region] & ~(bytes - 1);
    return first < (uint64_t)base + BUS_GRANULE_BYTES && base < first + bytes;
}

static bool is_uniform(const struct mpu *mpu, uint32_t base, int execution_priority)
{
    if (is_default_map_only(mpu, execution_priority))
        return true;
    for (unsigned region = 0; region < mpu->region_count; region++)
        if (splits(mpu, region, base))
            return false;
    return true;
}

static struct mpu_granule_summary summarise(const struct mpu *mpu, uint32_t base, unsigned kinds,
                                            int execution_priority)
{
    struct mpu_granule_summary summary = {.allowed = 0x3F, .denied = 0x3F};
    uint32_t step =
        is_uniform(mpu, base, execution_priority) ? BUS_GRANULE_BYTES : SMALLEST_REGION_BYTES;
    for (uint32_t offset = 0; offset < BUS_GRANULE_BYTES; offset += step)
        for (unsigned i = 0; i < 6; i++) {
            if (!(kinds >> i & 1))
                continue;
            enum mpu_verdict verdict =
                check_byte(mpu, base + offset, (enum mpu_access)(i / 2), i & 1, execution_priority);
            uint8_t *wrong = verdict == MPU_ALLOWED ? &summary.denied : &summary.allowed;
            *wrong = (uint8_t)(*wrong & ~(1u << i));
        }
    return summary;
}

struct mpu_granule_summary mpu_summarise(const struct mpu *mpu, uint32_t base,
                                         int execution_priority)
{
    assert(base % BUS_GRANULE_BYTES == 0);
    return summarise(mpu, base, 0x3F, execution_priority);
}

enum mpu_granule mpu_granule(const struct mpu *mpu, uint32_t base, enum mpu_access kind,
                             bool is_privileged, int execution_priority)
{
    assert(base % BUS_GRANULE_BYTES == 0);
    unsigned bit = MPU_GRANULE_BIT(kind, is_privileged);
    struct mpu_granule_summary summary = summarise(mpu, base, bit, execution_priority);
    if (summary.allowed & bit)
        return MPU_ALL_ALLOWED;
    return summary.denied & bit ? MPU_ALL_DENIED : MPU_MIXED;
}
