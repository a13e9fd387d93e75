/* System control block: who I am, what is pending, how exceptions behave, what went wrong; the
 * FPU's control registers. Core sheet 4, 3.6 and 10 (ARM DDI 0403E B3.2). */
#include "models/scs_regs.h"

#define ICSR_RETTOBASE (1u << 11)
#define ICSR_ISRPENDING (1u << 22)
#define ICSR_PENDSTCLR (1u << 25)
#define ICSR_PENDSTSET (1u << 26)
#define ICSR_PENDSVCLR (1u << 27)
#define ICSR_PENDSVSET (1u << 28)
#define ICSR_NMIPENDSET (1u << 31)
#define AIRCR_VECTRESET (1u << 0)
#define AIRCR_VECTCLRACTIVE (1u << 1)
#define AIRCR_SYSRESETREQ (1u << 2)

static bool is_external_pending(const struct irq *irq)
{
    for (unsigned exception = EXC_IRQ0; exception < irq->exception_count; exception++)
        if (irq_is_pending(irq, exception))
            return true;
    return false;
}

static uint32_t icsr_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    (void)read;
    const struct irq *irq = device->system->irq;
    unsigned active = scs_control(device)->ipsr & 0x1FF;
    unsigned others = irq_active_count(irq);
    if (active && irq_is_active(irq, active))
        others--;
    value = active | irq_best_pending(irq) << 12;
    value |= others == 0 ? ICSR_RETTOBASE : 0;
    value |= is_external_pending(irq) ? ICSR_ISRPENDING : 0;
    value |= irq_is_pending(irq, EXC_SYSTICK) ? ICSR_PENDSTSET : 0;
    value |= irq_is_pending(irq, EXC_PENDSV) ? ICSR_PENDSVSET : 0;
    value |= irq_is_pending(irq, EXC_NMI) ? ICSR_NMIPENDSET : 0;
    return value;
}

static void icsr_write(struct device *device, const struct scs_access *write)
{
    struct irq *irq = device->system->irq;
    /* B3.2.4: setting and clearing at once is UNPREDICTABLE; here the clear comes first. */
    if (write->written & ICSR_PENDSTCLR)
        irq_unpend(irq, EXC_SYSTICK);
    if (write->written & ICSR_PENDSVCLR)
        irq_unpend(irq, EXC_PENDSV);
    if (write->written & ICSR_PENDSTSET)
        irq_pend(irq, EXC_SYSTICK);
    if (write->written & ICSR_PENDSVSET)
        irq_pend(irq, EXC_PENDSV);
    if (write->written & ICSR_NMIPENDSET)
        irq_pend(irq, EXC_NMI);
}

static uint32_t aircr_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    (void)read, (void)value;
    return 0xFA050000u | (uint32_t)device->system->irq->prigroup << 8;
}

/* The core alone starts anew: its registers are the engine's to reset. */
static void reset_core(struct device *device)
{
    irq_reset_core(device->system->irq);
    device->type->reset(device, RESET_SYSTEM);
    scs_control(device)->core_reset_requested = true;
}

static void aircr_write(struct device *device, const struct scs_access *write)
{
    struct system *system = device->system;
    if (write->written >> 16 != 0x05FA)
        return;
    system->irq->prigroup = write->written >> 8 & 7;
    system->irq->changed = true;
    if (write->written & AIRCR_SYSRESETREQ) {
        system_request_reset(system, RESET_SYSTEM);
        return;
    }
    if (!(write->written & (AIRCR_VECTRESET | AIRCR_VECTCLRACTIVE)))
        return;
    /* B3.2.6: both are for a halted core; a running one that sets them is UNPREDICTABLE. */
    if (!system->wires->is_core_halted)
        device_assume(device, "CORE.aircr.vect_while_running");
    if (write->written & AIRCR_VECTRESET)
        reset_core(device);
    else
        for (unsigned exception = EXC_NMI; exception < system->irq->exception_count; exception++)
            irq_set_active(system->irq, exception, false);
}

static void shpr_write(struct device *device, const struct scs_access *write)
{
    struct irq *irq = device->system->irq;
    for (unsigned byte = 0; byte < 4; byte++) {
        unsigned exception = EXC_MEM_MANAGE + write->index * 4 + byte;
        bool is_there = exception <= EXC_USAGE_FAULT || exception == EXC_SVCALL ||
                        exception == EXC_DEBUG_MONITOR || exception >= EXC_PENDSV;
        if (!is_there || !(write->lanes >> (8 * byte) & 0xFF))
            continue;
        irq->priority[exception] = write->written >> (8 * byte) & 0xF0;
        irq->changed = true;
    }
}

static uint32_t shpr_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    const uint8_t *priority = &device->system->irq->priority[EXC_MEM_MANAGE + read->index * 4];
    value = priority[0] | (uint32_t)priority[1] << 8;
    return value | (uint32_t)priority[2] << 16 | (uint32_t)priority[3] << 24;
}

/* SHCSR, bit by bit: which exception, and which of its states. */
enum handler_state { HANDLER_ACTIVE, HANDLER_PENDED, HANDLER_ENABLED };

static const struct {
    uint8_t bit;
    uint8_t exception;
    enum handler_state state;
} handler_bits[] = {
    {0, EXC_MEM_MANAGE, HANDLER_ACTIVE},    {1, EXC_BUS_FAULT, HANDLER_ACTIVE},
    {3, EXC_USAGE_FAULT, HANDLER_ACTIVE},   {7, EXC_SVCALL, HANDLER_ACTIVE},
    {8, EXC_DEBUG_MONITOR, HANDLER_ACTIVE}, {10, EXC_PENDSV, HANDLER_ACTIVE},
    {11, EXC_SYSTICK, HANDLER_ACTIVE},      {12, EXC_USAGE_FAULT, HANDLER_PENDED},
    {13, EXC_MEM_MANAGE, HANDLER_PENDED},   {14, EXC_BUS_FAULT, HANDLER_PENDED},
    {15, EXC_SVCALL, HANDLER_PENDED},       {16, EXC_MEM_MANAGE, HANDLER_ENABLED},
    {17, EXC_BUS_FAULT, HANDLER_ENABLED},   {18, EXC_USAGE_FAULT, HANDLER_ENABLED},
};
enum { HANDLER_BIT_COUNT = sizeof handler_bits / sizeof handler_bits[0] };

static uint32_t shcsr_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    (void)read;
    const struct irq *irq = device->system->irq;
    value = 0;
    for (unsigned i = 0; i < HANDLER_BIT_COUNT; i++) {
        unsigned exception = handler_bits[i].exception;
        bool is_set = handler_bits[i].state == HANDLER_ACTIVE   ? irq_is_active(irq, exception)
                      : handler_bits[i].state == HANDLER_PENDED ? irq_is_pending(irq, exception)
                                                                : irq_is_enabled(irq, exception);
        value |= (uint32_t)is_set << handler_bits[i].bit;
    }
    return value;
}

static void shcsr_write(struct device *device, const struct scs_access *write)
{
    struct irq *irq = device->system->irq;
    for (unsigned i = 0; i < HANDLER_BIT_COUNT; i++) {
        unsigned exception = handler_bits[i].exception;
        bool is_set = write->written >> handler_bits[i].bit & 1;
        if (handler_bits[i].state == HANDLER_ACTIVE)
            irq_set_active(irq, exception, is_set);
        else if (handler_bits[i].state == HANDLER_ENABLED)
            irq_set_enabled(irq, exception, is_set);
        else if (!is_set)
            irq_unpend(irq, exception);
        else
            irq_pend(irq, exception);
    }
}

static void fpu_write(struct device *device, const struct scs_access *write)
{
    (void)write;
    scs_control(device)->fpu_changed = true;
}

// clang-format off
static const struct scs_reg regs[] = {
    {.name = "ACTLR", .addr = 0xE000E008, .field = SCS_FIELD(actlr), .rw = 0x307},
    {.name = "CPUID", .addr = 0xE000ED00, .field = SCS_FIELD(cpuid)},
    {.name = "ICSR", .addr = 0xE000ED04, .on_read = icsr_read, .on_write = icsr_write},
    {.name = "VTOR", .addr = 0xE000ED08, .field = SCS_FIELD(vtor), .rw = 0xFFFFFF80},
    {.name = "AIRCR", .addr = 0xE000ED0C, .on_read = aircr_read, .on_write = aircr_write},
    {.name = "SCR", .addr = 0xE000ED10, .field = SCS_FIELD(scr), .rw = 0x16},
    {.name = "CCR", .addr = 0xE000ED14, .field = SCS_FIELD(ccr), .reset = 0x200, .rw = 0x31B},
    {.name = "SHPR", .addr = 0xE000ED18, .words = 3, .narrow = true,
     .on_read = shpr_read, .on_write = shpr_write},
    {.name = "SHCSR", .addr = 0xE000ED24, .on_read = shcsr_read, .on_write = shcsr_write},
    {.name = "CFSR", .addr = 0xE000ED28, .field = SCS_FIELD(cfsr), .narrow = true, .w1c = 0xFFFFFFFF},
    {.name = "HFSR", .addr = 0xE000ED2C, .field = SCS_FIELD(hfsr), .narrow = true, .w1c = 0xC0000002},
    {.name = "MMFAR", .addr = 0xE000ED34, .field = SCS_FIELD(mmfar), .rw = 0xFFFFFFFF},
    {.name = "BFAR", .addr = 0xE000ED38, .field = SCS_FIELD(bfar), .rw = 0xFFFFFFFF},
    {.name = "AFSR", .addr = 0xE000ED3C},
    {.name = "ID_PFR0", .addr = 0xE000ED40, .reset = 0x00000030},
    {.name = "ID_PFR1", .addr = 0xE000ED44, .reset = 0x00000200},
    {.name = "ID_DFR0", .addr = 0xE000ED48, .reset = 0x00100000},
    {.name = "ID_AFR0", .addr = 0xE000ED4C},
    {.name = "ID_MMFR0", .addr = 0xE000ED50, .reset = 0x00000030},
    {.name = "ID_MMFR", .addr = 0xE000ED54, .words = 3},
    {.name = "ID_ISAR0", .addr = 0xE000ED60, .reset = 0x01141110},
    {.name = "ID_ISAR1", .addr = 0xE000ED64, .reset = 0x02111000},
    {.name = "ID_ISAR2", .addr = 0xE000ED68, .reset = 0x21112231},
    {.name = "ID_ISAR3", .addr = 0xE000ED6C, .reset = 0x01111110},
    {.name = "ID_ISAR4", .addr = 0xE000ED70, .reset = 0x01310102},
    {.name = "CPACR", .addr = 0xE000ED88, .field = SCS_FIELD(cpacr), .rw = 0x00F00000,
     .on_write = fpu_write},
    {.name = "FPCCR", .addr = 0xE000EF34, .field = SCS_FIELD(fpccr), .reset = 0xC0000000,
     .rw = 0xC000017B, .on_write = fpu_write},
    {.name = "FPCAR", .addr = 0xE000EF38, .field = SCS_FIELD(fpcar), .rw = 0xFFFFFFF8},
    {.name = "FPDSCR", .addr = 0xE000EF3C, .field = SCS_FIELD(fpdscr), .rw = 0x07C00000,
     .on_write = fpu_write},
    {.name = "MVFR0", .addr = 0xE000EF40, .reset = 0x10110021},
    {.name = "MVFR1", .addr = 0xE000EF44, .reset = 0x11000011},
    {.name = "MVFR2", .addr = 0xE000EF48},
    /* Core sheet 4; PID and CID of the system control space. */
    {.name = "PID4", .addr = 0xE000EFD0, .reset = 0x04},
    {.name = "PID0", .addr = 0xE000EFE0, .reset = 0x0C},
    {.name = "PID1", .addr = 0xE000EFE4, .reset = 0xB0},
    {.name = "PID2", .addr = 0xE000EFE8, .reset = 0x0B},
    {.name = "PID3", .addr = 0xE000EFEC},
    {.name = "CID0", .addr = 0xE000EFF0, .reset = 0x0D},
    {.name = "CID1", .addr = 0xE000EFF4, .reset = 0xE0},
    {.name = "CID2", .addr = 0xE000EFF8, .reset = 0x05},
    {.name = "CID3", .addr = 0xE000EFFC, .reset = 0xB1},
};
// clang-format on

const struct scs_chapter scs_scb_chapter = {regs, sizeof regs / sizeof regs[0]};
