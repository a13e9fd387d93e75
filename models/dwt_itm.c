/* DWT (CYCCNT), ITM (stimulus ports as a console), FPB, TPIU and the ROM table of the debug bus.
 * Core sheet 12.4 (ARM DDI 0403E C1.7 to C1.11). Their setup survives every reset but power-on.
 * Left out: watchpoints, FPB breakpoints and remapping (setting one emits reg.unimplemented),
 * profile counters, trace packets on SWO (ITM data goes out as console events), the ETM. */
#include "models/chip.h"
#include "models/scs_regs.h"
#include "sim/core/reg.h"

#define ITM_BASE 0xE0000000u
#define DWT_BASE 0xE0001000u
#define FPB_BASE 0xE0002000u
#define TPIU_BASE 0xE0040000u
#define ROM_TABLE_BASE 0xE00FF000u
#define BLOCK_BYTES 0x1000u

#define ITM_STIMULUS_BYTES 0x80u
#define LAR_KEY 0xC5ACCE55u
#define TCR_ITMENA (1u << 0)
#define DWT_CYCCNTENA (1u << 0)

enum dwt_row { DWT_CTRL, DWT_CYCCNT, DWT_FIRST_COUNTER };
enum itm_row { ITM_TER, ITM_TPR, ITM_TCR, ITM_LAR, ITM_LSR };

/* CYCCNT counts the core's clock, which WFI and WFE stop. ASSUMED: the manual leaves sleep to the
 * implementation (C1.8.3); DBGMCU_CR.DBG_SLEEP, which would keep the clock, is not looked at. */
static uint64_t awake_ps(struct device *device)
{
    return device_now_ps(device) - scs_control(device)->asleep_ps;
}

static uint32_t cyccnt(struct device *device)
{
    const struct dwt *dwt = &scs_state(device)->dwt;
    return dwt->cyccnt_base + (uint32_t)cycle_count_at(&dwt->core, awake_ps(device));
}

void dwt_itm_clock(struct device *device)
{
    struct dwt *dwt = &scs_state(device)->dwt;
    bool is_counting =
        (scs_control(device)->demcr & DEMCR_TRCENA) && (dwt->values[DWT_CTRL] & DWT_CYCCNTENA);
    cycle_count_set_clock(&dwt->core, awake_ps(device), is_counting ? scs_counting_hz(device) : 0);
}

static void dwt_ctrl_write(struct device *device, const struct reg_access *write)
{
    (void)write;
    dwt_itm_clock(device);
}

static uint32_t cyccnt_read(struct device *device, const struct reg_access *read, uint32_t value)
{
    struct dwt *dwt = &scs_state(device)->dwt;
    value = cyccnt(device);
    if (scs_control(device)->asleep_ps && !dwt->has_assumed_sleep) {
        dwt->has_assumed_sleep = true;
        device_assume(device, "CORE.dwt.sleep");
    }
    read->result->is_time_dependent = true;
    return value;
}

static void cyccnt_write(struct device *device, const struct reg_access *write)
{
    uint32_t now = cyccnt(device);
    uint32_t wanted = (now & ~write->lanes) | (write->written & write->lanes);
    scs_state(device)->dwt.cyccnt_base += wanted - now;
}

static uint32_t pcsr_read(struct device *device, const struct reg_access *read, uint32_t value)
{
    const uint32_t *pc = device->system->trace->pc;
    value = pc && !device->system->wires->is_core_halted ? *pc : 0xFFFFFFFF;
    read->result->is_time_dependent = true;
    return value;
}

// clang-format off
static const struct reg dwt_regs[DWT_WORDS] = {
    /* POSTCNT, CYCTAP and SYNCTAP only pace trace packets; the counters' enables count for real. */
    [DWT_CTRL] = {.name = "DWT_CTRL", .offset = 0x00, .reset = 0x40000000, .rw = DWT_CYCCNTENA,
                  .storage = 0x00411FFE, .unimp = 0x003E0000, .on_write = dwt_ctrl_write},
    [DWT_CYCCNT] = {.name = "DWT_CYCCNT", .offset = 0x04,
                    .on_read = cyccnt_read, .on_write = cyccnt_write},
    {.name = "DWT_CPICNT", .offset = 0x08, .storage = 0xFF},
    {.name = "DWT_EXCCNT", .offset = 0x0C, .storage = 0xFF},
    {.name = "DWT_SLEEPCNT", .offset = 0x10, .storage = 0xFF},
    {.name = "DWT_LSUCNT", .offset = 0x14, .storage = 0xFF},
    {.name = "DWT_FOLDCNT", .offset = 0x18, .storage = 0xFF},
    {.name = "DWT_PCSR", .offset = 0x1C, .on_read = pcsr_read},
    {.name = "DWT_COMP0", .offset = 0x20, .storage = 0xFFFFFFFF},
    {.name = "DWT_MASK0", .offset = 0x24, .storage = 0x1F},
    {.name = "DWT_FUNCTION0", .offset = 0x28, .storage = 0x000FFDA0, .unimp = 0xF},
    {.name = "DWT_COMP1", .offset = 0x30, .storage = 0xFFFFFFFF},
    {.name = "DWT_MASK1", .offset = 0x34, .storage = 0x1F},
    {.name = "DWT_FUNCTION1", .offset = 0x38, .storage = 0x000FFDA0, .unimp = 0xF},
    {.name = "DWT_COMP2", .offset = 0x40, .storage = 0xFFFFFFFF},
    {.name = "DWT_MASK2", .offset = 0x44, .storage = 0x1F},
    {.name = "DWT_FUNCTION2", .offset = 0x48, .storage = 0x000FFDA0, .unimp = 0xF},
    {.name = "DWT_COMP3", .offset = 0x50, .storage = 0xFFFFFFFF},
    {.name = "DWT_MASK3", .offset = 0x54, .storage = 0x1F},
    {.name = "DWT_FUNCTION3", .offset = 0x58, .storage = 0x000FFDA0, .unimp = 0xF},
};
// clang-format on

/* Software must open the lock before it changes the ITM's setup; debuggers need not. Not in the
 * sheet: from memory of the Cortex-M3 TRM, which the M4 follows. */
static bool itm_guard(struct device *device, const struct reg_access *write)
{
    if (!write->access->is_privileged)
        return false;
    if (write->access->master == MASTER_DEBUGGER || scs_state(device)->itm_unlocked)
        return true;
    device_assume(device, "CORE.itm.locked");
    return false;
}

static bool lar_guard(struct device *device, const struct reg_access *write)
{
    (void)device;
    return write->access->is_privileged;
}

static void lar_write(struct device *device, const struct reg_access *write)
{
    scs_state(device)->itm_unlocked = write->written == LAR_KEY;
}

static uint32_t lsr_read(struct device *device, const struct reg_access *read, uint32_t value)
{
    (void)value;
    bool is_open = scs_state(device)->itm_unlocked || read->access->master == MASTER_DEBUGGER;
    return is_open ? 1 : 3;
}

// clang-format off
static const struct reg itm_regs[ITM_WORDS] = {
    [ITM_TER] = {.name = "ITM_TER", .offset = 0xE00, .rw = 0xFFFFFFFF, .guard = itm_guard},
    [ITM_TPR] = {.name = "ITM_TPR", .offset = 0xE40, .rw = 0xF, .guard = itm_guard},
    /* Time stamps, synchronisation and the bus ID shape packets that nobody sees. */
    [ITM_TCR] = {.name = "ITM_TCR", .offset = 0xE80, .rw = TCR_ITMENA, .storage = 0x007F0F1E,
                 .guard = itm_guard},
    [ITM_LAR] = {.name = "ITM_LAR", .offset = 0xFB0, .guard = lar_guard, .on_write = lar_write},
    [ITM_LSR] = {.name = "ITM_LSR", .offset = 0xFB4, .on_read = lsr_read},
};
// clang-format on

static bool is_port_open(struct device *device, const struct access *access)
{
    const uint32_t *itm = scs_state(device)->itm;
    unsigned port = (access->addr - ITM_BASE) / 4;
    if (!access->is_privileged && (itm[ITM_TPR] >> (port / 8) & 1))
        return false;
    return (scs_control(device)->demcr & DEMCR_TRCENA) && (itm[ITM_TCR] & TCR_ITMENA) &&
           (itm[ITM_TER] >> port & 1);
}

/* One event a byte, low byte first; addr is the port. */
static void stimulus_write(struct device *device, const struct access *access)
{
    if (!is_port_open(device, access))
        return;
    for (unsigned i = 0; i < access->size; i++)
        trace_emit(device->system->trace, (struct event){
                                              .kind = EVENT_CONSOLE,
                                              .unit = "ITM",
                                              .pc = access->pc,
                                              .addr = (access->addr - ITM_BASE) / 4,
                                              .size = 1,
                                              .value = access->value >> (8 * i) & 0xFF,
                                              .core = access->core,
                                              .master = access->master,
                                          });
}

/* C1.11: FP_CTRL takes a write only with KEY set. */
static bool fp_ctrl_guard(struct device *device, const struct reg_access *write)
{
    (void)device;
    return write->written & 2;
}

// clang-format off
static const struct reg fpb_regs[FPB_WORDS] = {
    {.name = "FP_CTRL", .offset = 0x00, .reset = 0x260, .unimp = 0x1, .guard = fp_ctrl_guard},
    {.name = "FP_REMAP", .offset = 0x04, .reset = 0x20000000, .storage = 0x1FFFFFE0},
    {.name = "FP_COMP0", .offset = 0x08, .storage = 0xDFFFFFFD},
    {.name = "FP_COMP1", .offset = 0x0C, .storage = 0xDFFFFFFD},
    {.name = "FP_COMP2", .offset = 0x10, .storage = 0xDFFFFFFD},
    {.name = "FP_COMP3", .offset = 0x14, .storage = 0xDFFFFFFD},
    {.name = "FP_COMP4", .offset = 0x18, .storage = 0xDFFFFFFD},
    {.name = "FP_COMP5", .offset = 0x1C, .storage = 0xDFFFFFFD},
    {.name = "FP_COMP6", .offset = 0x20, .storage = 0xDFFFFFFD},
    {.name = "FP_COMP7", .offset = 0x24, .storage = 0xDFFFFFFD},
};

static const struct reg tpiu_regs[TPIU_WORDS] = {
    {.name = "TPIU_SSPSR", .offset = 0x000, .reset = 0x0000000B},
    {.name = "TPIU_CSPSR", .offset = 0x004, .reset = 0x00000001, .storage = 0xFFFFFFFF},
    {.name = "TPIU_ACPR", .offset = 0x010, .storage = 0x1FFF},
    {.name = "TPIU_SPPR", .offset = 0x0F0, .reset = 0x00000001, .storage = 0x3},
    {.name = "TPIU_FFSR", .offset = 0x300, .reset = 0x00000008},
    {.name = "TPIU_FFCR", .offset = 0x304, .reset = 0x00000102, .storage = 0x00000102},
    {.name = "TPIU_TYPE", .offset = 0xFC8, .reset = 0x00000CA1},
};
// clang-format on

static const struct reg_block dwt_block = {dwt_regs, DWT_WORDS};
static const struct reg_block itm_block = {itm_regs, ITM_WORDS};
static const struct reg_block fpb_block = {fpb_regs, FPB_WORDS};
static const struct reg_block tpiu_block = {tpiu_regs, TPIU_WORDS};

static const struct {
    uint32_t base;
    const struct reg_block *block;
    size_t values; /* offset in struct scs_state */
} blocks[] = {
    {ITM_BASE, &itm_block, offsetof(struct scs_state, itm)},
    {DWT_BASE, &dwt_block, offsetof(struct scs_state, dwt.values)},
    {FPB_BASE, &fpb_block, offsetof(struct scs_state, fpb)},
    {TPIU_BASE, &tpiu_block, offsetof(struct scs_state, tpiu)},
};
enum { BLOCK_COUNT = sizeof blocks / sizeof blocks[0] };

static uint32_t *values_of(struct device *device, unsigned block)
{
    unsigned char *state = (unsigned char *)device->state;
    return (uint32_t *)(void *)(state + blocks[block].values);
}

/* CoreSight ROM table: where a debugger finds the blocks, and whose chip it is (ST, JEP106 0x20).
 */
static uint32_t rom_table_read(struct device *device, uint32_t offset)
{
    uint32_t part = device->system->chip->idcode & 0xFFF;
    switch (offset) {
    case 0x000:
        return 0xFFF0F003; /* SCS */
    case 0x004:
        return 0xFFF02003; /* DWT */
    case 0x008:
        return 0xFFF03003; /* FPB */
    case 0x00C:
        return 0xFFF01003; /* ITM */
    case 0x010:
        return 0xFFF41003; /* TPIU */
    case 0xFCC:
        return 1; /* system memory is reachable through the same port */
    case 0xFE0:
        return part & 0xFF;
    case 0xFE4:
        return part >> 8;
    case 0xFE8:
        return 0x0A;
    case 0xFF0:
        return 0x0D;
    case 0xFF4:
        return 0x10;
    case 0xFF8:
        return 0x05;
    case 0xFFC:
        return 0xB1;
    default:
        return 0;
    }
}

static void report_absent(struct device *device, const struct access *access)
{
    device_emit(device, (struct event){.kind = EVENT_UNIT_ABSENT,
                                       .pc = access->pc,
                                       .addr = access->addr,
                                       .size = access->size,
                                       .value = access->value,
                                       .core = access->core,
                                       .master = access->master});
}

static int block_of(uint32_t addr)
{
    for (unsigned i = 0; i < BLOCK_COUNT; i++)
        if (addr - blocks[i].base < BLOCK_BYTES)
            return (int)i;
    return -1;
}

void dwt_itm_read(struct device *device, const struct access *access, struct access_result *result)
{
    if (access->addr - ITM_BASE < ITM_STIMULUS_BYTES) {
        result->value = is_port_open(device, access); /* FIFOREADY: never full */
        return;
    }
    if (access->addr - ROM_TABLE_BASE < BLOCK_BYTES) {
        result->value = rom_table_read(device, access->addr - ROM_TABLE_BASE);
        return;
    }
    int block = block_of(access->addr);
    if (block < 0) {
        report_absent(device, access);
        return;
    }
    struct access inside = *access;
    inside.offset = access->addr - blocks[block].base;
    reg_read(device, blocks[block].block, values_of(device, (unsigned)block), &inside, result);
}

void dwt_itm_write(struct device *device, const struct access *access, struct access_result *result)
{
    if (access->addr - ITM_BASE < ITM_STIMULUS_BYTES) {
        stimulus_write(device, access);
        return;
    }
    int block = block_of(access->addr);
    if (block < 0) {
        report_absent(device, access);
        return;
    }
    struct access inside = *access;
    inside.offset = access->addr - blocks[block].base;
    reg_write(device, blocks[block].block, values_of(device, (unsigned)block), &inside, result);
}

void dwt_itm_reset(struct device *device, enum reset_cause cause)
{
    struct scs_state *state = scs_state(device);
    if (cause == RESET_POWER_ON) {
        state->dwt = (struct dwt){.core.epoch_ps = device_now_ps(device)};
        state->itm_unlocked = false;
        for (unsigned i = 0; i < BLOCK_COUNT; i++)
            reg_reset(blocks[i].block, values_of(device, i), cause);
    }
    dwt_itm_clock(device);
}
