/* Whether an access is allowed: PMSAv7 regions and the default memory map. Pure decisions over
 * `struct mpu`; the registers are models/scs_mpu.c. Core sheet 8 (ARM DDI 0403E B3.5). */
#ifndef SIM_MPU_H
#define SIM_MPU_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/bus.h"
#include "sim/core/system_control.h"

enum mpu_access { MPU_READ, MPU_WRITE, MPU_FETCH };

/* Everything but MPU_ALLOWED is a MemManage fault; which one says why, for the report. */
enum mpu_verdict {
    MPU_ALLOWED,
    MPU_NO_PERMISSION, /* the region's AP */
    MPU_NO_REGION,     /* in no region, and the default map does not apply */
    MPU_EXECUTE_NEVER  /* a fetch: XN of the region or of the default map */
};

/* One data access (all beats of a STM or VSTM count as one), or the fetch of an instruction's halfword or word. An access
 * that crosses into another region needs both; the verdict is that of the first byte refused.
 * `execution_priority` below 0 (HardFault, NMI, FAULTMASK) bypasses the MPU unless HFNMIENA.
 * Vector reads are not to be asked about: they always use the default map. */
enum mpu_verdict mpu_check(const struct mpu *mpu, uint32_t addr, unsigned size,
                           enum mpu_access kind, bool is_privileged, int execution_priority);

/* Lowest address of the access that is refused: what MMFAR gets. Only when mpu_check() refuses. */
uint32_t mpu_refused_addr(const struct mpu *mpu, uint32_t addr, unsigned size, enum mpu_access kind,
                          bool is_privileged, int execution_priority);

/* The region that decides about an address, -1 when none does. */
int mpu_region_at(const struct mpu *mpu, uint32_t addr);

/* What a whole granule of BUS_GRANULE_BYTES, aligned, says to one kind of access. */
enum mpu_granule { MPU_ALL_ALLOWED, MPU_ALL_DENIED, MPU_MIXED };

enum mpu_granule mpu_granule(const struct mpu *mpu, uint32_t base, enum mpu_access kind,
                             bool is_privileged, int execution_priority);

/* All the answers about a granule at once: a bit for each kind and privilege, at
 * MPU_GRANULE_BIT(kind, is_privileged). */
#define MPU_GRANULE_BIT(kind, is_privileged) (1u << ((unsigned)(kind)*2 + (is_privileged)))

struct mpu_granule_summary {
    uint8_t allowed; /* every byte */
    uint8_t denied;  /* every byte; in neither mask: mixed */
};

struct mpu_granule_summary mpu_summarise(const struct mpu *mpu, uint32_t base,
                                         int execution_priority);

#endif
