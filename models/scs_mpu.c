/* Registers of the PMSAv7 MPU. What they mean is decided in sim/mpu.c. Core sheet 8
 * (ARM DDI 0403E B3.5). */
#include "models/scs_regs.h"

#include <string.h>

#define RBAR_VALID (1u << 4)

static struct mpu *mpu_of(struct device *device)
{
    return &scs_control(device)->mpu;
}

void scs_mpu_reset(struct device *device)
{
    struct mpu *mpu = mpu_of(device);
    mpu->ctrl = mpu->rnr = 0;
    memset(mpu->rbar, 0, sizeof mpu->rbar);
    memset(mpu->rasr, 0, sizeof mpu->rasr);
    mpu->generation++;
}

static uint32_t type_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    (void)read, (void)value;
    return mpu_of(device)->region_count << 8;
}

static uint32_t ctrl_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    (void)read, (void)value;
    return mpu_of(device)->ctrl;
}

static void ctrl_write(struct device *device, const struct scs_access *write)
{
    mpu_of(device)->ctrl = write->written & 7;
    mpu_of(device)->generation++;
}

static uint32_t rnr_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    (void)read, (void)value;
    return mpu_of(device)->rnr;
}

/* B3.5.7: a number that has no region is UNPREDICTABLE; here the write does nothing. */
static void select_region(struct device *device, uint32_t number)
{
    if (number < mpu_of(device)->region_count)
        mpu_of(device)->rnr = number;
    else
        device_assume(device, "CORE.mpu.no_such_region");
}

static void rnr_write(struct device *device, const struct scs_access *write)
{
    select_region(device, write->written & 0xFF);
}

static uint32_t rbar_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    (void)read, (void)value;
    return mpu_of(device)->rbar[mpu_of(device)->rnr] | mpu_of(device)->rnr;
}

static void rbar_write(struct device *device, const struct scs_access *write)
{
    struct mpu *mpu = mpu_of(device);
    if (write->written & RBAR_VALID) {
        uint32_t number = write->written & 0xF;
        select_region(device, number);
        if (mpu->rnr != number)
            return;
    }
    mpu->rbar[mpu->rnr] = write->written & 0xFFFFFFE0;
    mpu->generation++;
}

static uint32_t rasr_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    (void)read, (void)value;
    return mpu_of(device)->rasr[mpu_of(device)->rnr];
}

static void rasr_write(struct device *device, const struct scs_access *write)
{
    struct mpu *mpu = mpu_of(device);
    mpu->rasr[mpu->rnr] = write->written & 0x173FFF3F;
    mpu->generation++;
}

// clang-format off
static const struct scs_reg regs[] = {
    {.name = "MPU_TYPE", .addr = 0xE000ED90, .on_read = type_read},
    {.name = "MPU_CTRL", .addr = 0xE000ED94, .on_read = ctrl_read, .on_write = ctrl_write},
    {.name = "MPU_RNR", .addr = 0xE000ED98, .on_read = rnr_read, .on_write = rnr_write},
    {.name = "MPU_RBAR", .addr = 0xE000ED9C, .on_read = rbar_read, .on_write = rbar_write},
    {.name = "MPU_RASR", .addr = 0xE000EDA0, .on_read = rasr_read, .on_write = rasr_write},
    {.name = "MPU_RBAR_A1", .addr = 0xE000EDA4, .on_read = rbar_read, .on_write = rbar_write},
    {.name = "MPU_RASR_A1", .addr = 0xE000EDA8, .on_read = rasr_read, .on_write = rasr_write},
    {.name = "MPU_RBAR_A2", .addr = 0xE000EDAC, .on_read = rbar_read, .on_write = rbar_write},
    {.name = "MPU_RASR_A2", .addr = 0xE000EDB0, .on_read = rasr_read, .on_write = rasr_write},
    {.name = "MPU_RBAR_A3", .addr = 0xE000EDB4, .on_read = rbar_read, .on_write = rbar_write},
    {.name = "MPU_RASR_A3", .addr = 0xE000EDB8, .on_read = rasr_read, .on_write = rasr_write},
};
// clang-format on

const struct scs_chapter scs_mpu_chapter = {regs, sizeof regs / sizeof regs[0]};
