/* NVIC: enable, pending, active and priority of the external interrupts; STIR; ICTR.
 * Core sheet 4 (ARM DDI 0403E B3.4). Lines that the chip does not have read as zero and ignore
 * writes. */
#include "models/scs_regs.h"

/* Exception of a bit of one of the 32-line registers, 0 when the chip has no such line. */
static unsigned exception_of(struct device *device, unsigned line)
{
    unsigned exception = EXC_IRQ0 + line;
    return exception < device->system->irq->exception_count ? exception : 0;
}

static uint32_t gather(struct device *device, unsigned index,
                       bool (*is_set)(const struct irq *irq, unsigned exception))
{
    uint32_t bits = 0;
    for (unsigned i = 0; i < 32; i++) {
        unsigned exception = exception_of(device, index * 32 + i);
        if (exception && is_set(device->system->irq, exception))
            bits |= 1u << i;
    }
    return bits;
}

static uint32_t enabled_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    (void)value;
    return gather(device, read->index, irq_is_enabled);
}

static uint32_t pending_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    (void)value;
    return gather(device, read->index, irq_is_pending);
}

static uint32_t active_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    (void)value;
    return gather(device, read->index, irq_is_active);
}

static void set_enabled(struct device *device, const struct scs_access *write, bool enabled)
{
    for (uint32_t left = write->written; left; left &= left - 1) {
        unsigned line = write->index * 32 + (unsigned)__builtin_ctz(left);
        unsigned exception = exception_of(device, line);
        if (exception)
            irq_set_enabled(device->system->irq, exception, enabled);
    }
}

static void iser_write(struct device *device, const struct scs_access *write)
{
    set_enabled(device, write, true);
}

static void icer_write(struct device *device, const struct scs_access *write)
{
    set_enabled(device, write, false);
}

static void ispr_write(struct device *device, const struct scs_access *write)
{
    for (uint32_t left = write->written; left; left &= left - 1) {
        unsigned line = write->index * 32 + (unsigned)__builtin_ctz(left);
        unsigned exception = exception_of(device, line);
        if (exception)
            irq_pend(device->system->irq, exception);
    }
}

static void icpr_write(struct device *device, const struct scs_access *write)
{
    for (uint32_t left = write->written; left; left &= left - 1) {
        unsigned line = write->index * 32 + (unsigned)__builtin_ctz(left);
        unsigned exception = exception_of(device, line);
        if (exception)
            irq_unpend(device->system->irq, exception);
    }
}

static uint32_t ipr_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    value = 0;
    for (unsigned byte = 0; byte < 4; byte++) {
        unsigned exception = exception_of(device, read->index * 4 + byte);
        if (exception)
            value |= (uint32_t)device->system->irq->priority[exception] << (8 * byte);
    }
    return value;
}

static void ipr_write(struct device *device, const struct scs_access *write)
{
    for (unsigned byte = 0; byte < 4; byte++) {
        unsigned exception = exception_of(device, write->index * 4 + byte);
        if (!exception || !(write->lanes >> (8 * byte) & 0xFF))
            continue;
        /* Core sheet 2: the upper four bits are implemented. */
        device->system->irq->priority[exception] = write->written >> (8 * byte) & 0xF0;
        device->system->irq->changed = true;
    }
}

static uint32_t ictr_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    (void)read, (void)value;
    unsigned lines = device->system->irq->exception_count - (unsigned)EXC_IRQ0;
    return lines ? (lines - 1) / 32 : 0;
}

static void stir_write(struct device *device, const struct scs_access *write)
{
    bool is_allowed = write->access->is_privileged || (scs_control(device)->ccr & CCR_USERSETMPEND);
    if (!is_allowed) {
        write->result->is_bus_error = true;
        return;
    }
    unsigned exception = exception_of(device, write->written & 0x1FF);
    if (exception)
        irq_pend(device->system->irq, exception);
}

// clang-format off
static const struct scs_reg regs[] = {
    {.name = "ICTR", .addr = 0xE000E004, .on_read = ictr_read},
    {.name = "ISER", .addr = 0xE000E100, .words = 8, .on_read = enabled_read, .on_write = iser_write},
    {.name = "ICER", .addr = 0xE000E180, .words = 8, .on_read = enabled_read, .on_write = icer_write},
    {.name = "ISPR", .addr = 0xE000E200, .words = 8, .on_read = pending_read, .on_write = ispr_write},
    {.name = "ICPR", .addr = 0xE000E280, .words = 8, .on_read = pending_read, .on_write = icpr_write},
    {.name = "IABR", .addr = 0xE000E300, .words = 8, .on_read = active_read},
    {.name = "IPR", .addr = 0xE000E400, .words = 60, .narrow = true,
     .on_read = ipr_read, .on_write = ipr_write},
    {.name = "STIR", .addr = 0xE000EF00, .unprivileged = true, .on_write = stir_write},
};
// clang-format on

const struct scs_chapter scs_nvic_chapter = {regs, sizeof regs / sizeof regs[0]};
