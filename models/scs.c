/* Private peripheral bus of an ARMv7-M core: who answers, and the rules every register shares.
 * Core sheet 4 (ARM DDI 0403E B3.2). The chapters are in scs_nvic.c, scs_scb.c, scs_systick.c,
 * scs_mpu.c, scs_debug.c and dwt_itm.c; exceptions are decided in sim/core/irq.c.
 * Left out: ETM, the M7's caches and TCM (its registers read as zero). */
#include "models/scs.h"

#include "models/chip.h"
#include "models/scs_regs.h"

#define SCS_BASE 0xE000E000u
#define SCS_BYTES 0x1000u

static const struct scs_chapter *const chapters[] = {
    &scs_systick_chapter, &scs_nvic_chapter, &scs_scb_chapter, &scs_mpu_chapter, &scs_debug_chapter,
};
enum { CHAPTER_COUNT = sizeof chapters / sizeof chapters[0] };

/* Core sheet 10; M4 r0p1, M7 r1p1. */
#define CPUID_M4 0x410FC241u
#define CPUID_M7 0x411FC271u

uint32_t scs_counting_hz(struct device *device)
{
    const struct wires *wires = device->system->wires;
    /* L4 sheet, DBGMCU_CR.DBG_STOP (bit 1): HCLK and FCLK go on in Stop. */
    bool stands = scs_state(device)->is_in_stop && !(wires->debug_low_power & 2);
    return wires->is_core_halted || stands ? 0 : wires->hclk_hz;
}

static uint32_t *field_of(struct device *device, const struct scs_reg *reg)
{
    unsigned char *control = (unsigned char *)scs_control(device);
    return reg->field ? (uint32_t *)(void *)(control + (reg->field - 1)) : NULL;
}

static unsigned words_of(const struct scs_reg *reg)
{
    return reg->words ? reg->words : 1;
}

static const struct scs_reg *find(uint32_t addr)
{
    for (unsigned i = 0; i < CHAPTER_COUNT; i++)
        for (unsigned j = 0; j < chapters[i]->count; j++) {
            const struct scs_reg *reg = &chapters[i]->regs[j];
            if (addr - reg->addr < words_of(reg) * 4)
                return reg;
        }
    return NULL;
}

static struct scs_access describe(const struct scs_reg *reg, const struct access *access,
                                  struct access_result *result)
{
    unsigned shift = 8 * (access->addr & 3);
    uint32_t lanes = access->size >= 4 ? 0xFFFFFFFFu : (1u << (8 * access->size)) - 1;
    lanes <<= shift;
    return (struct scs_access){
        .reg = reg,
        .index = (access->addr - reg->addr) / 4,
        .written = access->is_write ? access->value << shift & lanes : 0,
        .lanes = lanes,
        .access = access,
        .result = result,
    };
}

/* Core sheet 4: words everywhere, bytes and halfwords where the row says so. Elsewhere the manual
 * calls them UNPREDICTABLE: reads give their lanes, writes do nothing. */
static bool is_narrow_refused(struct device *device, const struct scs_access *the)
{
    if (the->access->size == 4 || the->reg->narrow)
        return false;
    device_assume(device, "CORE.scs.narrow_access");
    return the->access->is_write;
}

static void read_register(struct device *device, const struct access *access,
                          struct access_result *result)
{
    const struct scs_reg *reg = find(access->addr);
    if (!reg)
        return; /* core sheet 4: unimplemented, reads as zero */
    struct scs_access read = describe(reg, access, result);
    is_narrow_refused(device, &read);
    const uint32_t *field = field_of(device, reg);
    uint32_t value = field ? *field : reg->reset;
    if (reg->on_read)
        value = reg->on_read(device, &read, value);
    result->value = (value & read.lanes) >> (8 * (access->addr & 3));
}

static void write_register(struct device *device, const struct access *access,
                           struct access_result *result)
{
    const struct scs_reg *reg = find(access->addr);
    if (!reg)
        return;
    struct scs_access write = describe(reg, access, result);
    if (is_narrow_refused(device, &write))
        return;
    uint32_t *field = field_of(device, reg);
    if (field) {
        write.old = *field;
        uint32_t plain = reg->rw & write.lanes;
        *field = (*field & ~plain) | (write.written & plain);
        *field &= ~(write.written & reg->w1c);
    }
    if (reg->on_write)
        reg->on_write(device, &write);
    /* Anything here can make an exception due or change what the next instruction may do. */
    device->system->needs_attention = true;
}

static bool is_control_space(uint32_t addr)
{
    return addr - SCS_BASE < SCS_BYTES;
}

/* Core sheet 4: unprivileged accesses are bus errors, but for STIR (its hook looks at USERSETMPEND)
 * and the stimulus ports of the ITM (dwt_itm.c). */
static bool is_refused(const struct access *access)
{
    if (access->is_fetch)
        return true;
    if (access->is_privileged)
        return false;
    if (!is_control_space(access->addr))
        return access->addr >= 0xE0001000u;
    const struct scs_reg *reg = find(access->addr);
    return !reg || !reg->unprivileged || !access->is_write;
}

static void scs_read(struct device *device, const struct access *access,
                     struct access_result *result)
{
    if (is_refused(access))
        result->is_bus_error = true;
    else if (is_control_space(access->addr))
        read_register(device, access, result);
    else
        dwt_itm_read(device, access, result);
}

static void scs_write(struct device *device, const struct access *access,
                      struct access_result *result)
{
    if (is_refused(access))
        result->is_bus_error = true;
    else if (is_control_space(access->addr))
        write_register(device, access, result);
    else
        dwt_itm_write(device, access, result);
}

static void reset_fields(struct device *device, enum reset_cause cause)
{
    for (unsigned i = 0; i < CHAPTER_COUNT; i++)
        for (unsigned j = 0; j < chapters[i]->count; j++) {
            const struct scs_reg *reg = &chapters[i]->regs[j];
            uint32_t *field = field_of(device, reg);
            uint32_t kept = cause == RESET_POWER_ON ? 0 : reg->survives;
            if (field)
                *field = (*field & kept) | (reg->reset & ~kept);
        }
}

static void scs_reset(struct device *device, enum reset_cause cause)
{
    struct system_control *control = scs_control(device);
    bool is_m7 = device->system->chip->core == CORE_M7;
    reset_fields(device, cause);
    control->ipsr = 0;
    control->cpuid = is_m7 ? CPUID_M7 : CPUID_M4;
    control->vtor = control->vtor_reset;
    control->is_locked_up = false;
    control->is_sleeping = false;
    control->event_register = false;
    control->fpu_changed = true;
    control->was_reset = true;
    control->mpu.region_count = is_m7 ? 16 : 8; /* core sheet 8 */
    scs_state(device)->is_in_stop = false;
    if (cause == RESET_POWER_ON)
        control->asleep_ps = 0;
    scs_mpu_reset(device);
    scs_systick_reset(device);
    scs_debug_reset(device);
    dwt_itm_reset(device, cause);
}

static void scs_expired(struct device *device, unsigned timer)
{
    if (timer == SCS_TIMER_SYSTICK)
        scs_systick_expired(device);
}

static void scs_signal(struct device *device, unsigned line, uint32_t value)
{
    if (line == WIRE_STOP_MODE)
        scs_state(device)->is_in_stop = value != 0;
    if (line == WIRE_CLOCKS || line == WIRE_HALT || line == WIRE_STOP_MODE) {
        scs_systick_clock(device);
        dwt_itm_clock(device);
    }
}

const struct device_type scs_type = {
    .name = "scs",
    .state_bytes = sizeof(struct scs_state),
    .timer_count = SCS_TIMER_COUNT,
    .reset = scs_reset,
    .read = scs_read,
    .write = scs_write,
    .expired = scs_expired,
    .signal = scs_signal,
};
