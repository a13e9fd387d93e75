/* Debug registers of the core: DHCSR, DCRSR, DCRDR, DEMCR, DFSR. Core sheet 12.1 (ARM DDI 0403E
 * C1.6). The halting itself is the engine's: it looks at C_HALT and C_DEBUGEN, and does register
 * transfers. */
#include "models/scs_regs.h"

#define DBGKEY 0xA05Fu
#define DHCSR_CONTROL 0x2Fu
#define S_REGRDY (1u << 16)
#define S_HALT (1u << 17)
#define S_SLEEP (1u << 18)
#define S_LOCKUP (1u << 19)
#define S_RETIRE_ST (1u << 24)
#define S_RESET_ST (1u << 25)

/* B1.5.14, C1.6.5: MON_EN enables the exception, MON_PEND is its pending state. */
static void follow_monitor(struct device *device)
{
    struct irq *irq = device->system->irq;
    irq_set_enabled(irq, EXC_DEBUG_MONITOR, scs_control(device)->demcr & DEMCR_MON_EN);
}

/* C_MASKINTS is never set without C_DEBUGEN (dhcsr_write). */
static void follow_mask(struct device *device)
{
    bool is_masked = scs_control(device)->dhcsr & DHCSR_C_MASKINTS;
    device->system->irq->are_interrupts_masked = is_masked;
    device->system->irq->changed = true;
}

void scs_debug_reset(struct device *device)
{
    struct system_control *control = scs_control(device);
    control->register_transfer_pending = false;
    control->core_reset_requested = false;
    follow_monitor(device);
    follow_mask(device);
}

static uint32_t dhcsr_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    struct system_control *control = scs_control(device);
    bool is_halted = device->system->wires->is_core_halted;
    value |= control->register_transfer_pending ? 0 : S_REGRDY;
    value |= is_halted ? S_HALT : 0;
    value |= control->is_sleeping ? S_SLEEP : 0;
    value |= control->is_locked_up ? S_LOCKUP : 0;
    /* An instruction was retired since the last look, unless the core stands. */
    value |= is_halted || control->is_sleeping || control->is_locked_up ? 0 : S_RETIRE_ST;
    value |= control->was_reset ? S_RESET_ST : 0;
    if (control->was_reset)
        read->result->is_time_dependent = true;
    control->was_reset = false;
    return value;
}

static void dhcsr_write(struct device *device, const struct scs_access *write)
{
    struct system_control *control = scs_control(device);
    if (write->written >> 16 != DBGKEY)
        return;
    uint32_t value = write->written & DHCSR_CONTROL;
    /* C1.6.2: only a debugger can change C_DEBUGEN. */
    if (write->access->master != MASTER_DEBUGGER)
        value = (value & ~DHCSR_C_DEBUGEN) | (control->dhcsr & DHCSR_C_DEBUGEN);
    /* Without C_DEBUGEN the other bits read as zero. */
    control->dhcsr = value & DHCSR_C_DEBUGEN ? value : 0;
    follow_mask(device);
}

/* The engine does the transfer between instructions. C1.6.3: only while halted. */
static void dcrsr_write(struct device *device, const struct scs_access *write)
{
    if (!device->system->wires->is_core_halted)
        return;
    scs_control(device)->dcrsr = write->written & 0x1007F;
    scs_control(device)->register_transfer_pending = true;
}

static uint32_t demcr_read(struct device *device, const struct scs_access *read, uint32_t value)
{
    (void)read;
    bool is_pending = irq_is_pending(device->system->irq, EXC_DEBUG_MONITOR);
    return (value & ~DEMCR_MON_PEND) | (is_pending ? DEMCR_MON_PEND : 0);
}

static void demcr_write(struct device *device, const struct scs_access *write)
{
    struct irq *irq = device->system->irq;
    follow_monitor(device);
    if (write->written & DEMCR_MON_PEND)
        irq_pend(irq, EXC_DEBUG_MONITOR);
    else
        irq_unpend(irq, EXC_DEBUG_MONITOR);
    dwt_itm_clock(device);
}

// clang-format off
static const struct scs_reg regs[] = {
    {.name = "DFSR", .addr = 0xE000ED30, .field = SCS_FIELD(dfsr), .w1c = 0x1F, .survives = 0x1F},
    /* A reset lets the core run: to stop after it, debuggers use VC_CORERESET. */
    {.name = "DHCSR", .addr = 0xE000EDF0, .field = SCS_FIELD(dhcsr), .survives = 0x2D,
     .on_read = dhcsr_read, .on_write = dhcsr_write},
    {.name = "DCRSR", .addr = 0xE000EDF4, .on_write = dcrsr_write},
    {.name = "DCRDR", .addr = 0xE000EDF8, .field = SCS_FIELD(dcrdr), .rw = 0xFFFFFFFF},
    /* C1.6.5: a system reset clears MON_EN, MON_PEND, MON_STEP and MON_REQ, nothing else. */
    {.name = "DEMCR", .addr = 0xE000EDFC, .field = SCS_FIELD(demcr), .rw = 0x010D07F1,
     .survives = 0x010007F1, .on_read = demcr_read, .on_write = demcr_write},
};
// clang-format on

const struct scs_chapter scs_debug_chapter = {regs, sizeof regs / sizeof regs[0]};
