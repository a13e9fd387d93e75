// MPU regions, ARMv7-M B3.5. The background map stays in force for privileged code.
#ifndef COMMON_MPU_H
#define COMMON_MPU_H

#include "common/regs.h"

#define MPU_XN 0x10000000u
#define MPU_NO_ACCESS 0x00000000u
#define MPU_PRIVILEGED_ONLY 0x01000000u
#define MPU_READ_WRITE 0x03000000u
#define MPU_READ_ONLY 0x06000000u
#define MPU_NORMAL 0x00020000u // write-through, cacheable

static inline void mpu_region(uint32_t number, uint32_t base, uint32_t size_log2,
                              uint32_t attributes)
{
    MPU_RNR = number;
    MPU_RBAR = base;
    MPU_RASR = attributes | MPU_NORMAL | (size_log2 - 1u) << 1 | 1u;
}

static inline void mpu_enable(void)
{
    MPU_CTRL = MPU_PRIVDEFENA | MPU_ENABLE;
    dsb();
    isb();
}

#endif
