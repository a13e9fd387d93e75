/* System configuration controller of the STM32L4 and L4+ (RM0351 rev 9 chapter 9; boot sheet 9).
 * Modelled: what is at address 0, bank swap, EXTI port selection, SRAM2 erase with its key and
 * at system reset (OPTR.SRAM2_RST).
 * Storage: fast-mode-plus drivers, analog booster, FPU interrupt enables (the core raises none).
 * Missing, and reported when set: firewall, SRAM2 write protection, break inputs of the timers
 * (CFGR2), memories of the FMC and the QUADSPI at address 0. */
#include "models/syscfg.h"

#include <string.h>

#include "models/wires.h"
#include "sim/core/reg.h"

#define MEMRMP_MEM_MODE 7u
#define MEMRMP_FB_MODE (1u << 8)
#define CFGR1_FWDIS 1u
#define SCSR_SRAM2ER 1u
#define SCSR_SRAM2BSY 2u
#define CFGR2_LOCKS 0xFu
#define OPTR_SRAM2_RST (1u << 25)

enum { SRAM2_BASE = 0x10000000 };
enum { KEY_LOCKED, KEY_HALF, KEY_OPEN };

struct syscfg {
    uint32_t regs[SYSCFG_REG_COUNT];
    uint8_t key; /* KEY_LOCKED.. */
};

static uint32_t memrmp_read(struct device *device, const struct reg_access *access, uint32_t value);
static void memrmp_write(struct device *device, const struct reg_access *access);
static void cfgr1_write(struct device *device, const struct reg_access *access);
static void exticr_write(struct device *device, const struct reg_access *access);
static bool scsr_guard(struct device *device, const struct reg_access *access);
static void scsr_write(struct device *device, const struct reg_access *access);
static void cfgr2_write(struct device *device, const struct reg_access *access);
static void swpr_write(struct device *device, const struct reg_access *access);
static void skr_write(struct device *device, const struct reg_access *access);

// clang-format off
static const struct reg regs[SYSCFG_REG_COUNT] = {
    [SYSCFG_MEMRMP] = { .name = "MEMRMP", .offset = 0x00, .rw = MEMRMP_MEM_MODE | MEMRMP_FB_MODE,
                        .on_write = memrmp_write, .on_read = memrmp_read },
    [SYSCFG_CFGR1] = { .name = "CFGR1", .offset = 0x04, .reset = 0x7C000001, .rw = CFGR1_FWDIS,
                       .storage = 0xFCFF0100, .on_write = cfgr1_write },
    [SYSCFG_EXTICR1] = { .name = "EXTICR1", .offset = 0x08, .rw = 0xFFFF,
                         .on_write = exticr_write },
    [SYSCFG_EXTICR2] = { .name = "EXTICR2", .offset = 0x0C, .rw = 0xFFFF,
                         .on_write = exticr_write },
    [SYSCFG_EXTICR3] = { .name = "EXTICR3", .offset = 0x10, .rw = 0xFFFF,
                         .on_write = exticr_write },
    [SYSCFG_EXTICR4] = { .name = "EXTICR4", .offset = 0x14, .rw = 0xFFFF,
                         .on_write = exticr_write },
    [SYSCFG_SCSR] = { .name = "SCSR", .offset = 0x18, .w1s = SCSR_SRAM2ER,
                      .guard = scsr_guard, .on_write = scsr_write },
    [SYSCFG_CFGR2] = { .name = "CFGR2", .offset = 0x1C, .w1c = 0x100, .unimp = CFGR2_LOCKS,
                       .on_write = cfgr2_write },
    [SYSCFG_SWPR] = { .name = "SWPR", .offset = 0x20, .unimp = 0xFFFFFFFF, .on_write = swpr_write },
    [SYSCFG_SKR] = { .name = "SKR", .offset = 0x24, .rw = 0xFF, .write_only = 0xFFFFFFFF,
                     .on_write = skr_write },
    [SYSCFG_SWPR2] = { .name = "SWPR2", .offset = 0x28, .unimp = 0xFFFFFFFF,
                       .on_write = swpr_write },
};

/* ST's device headers, CMSIS device L4 v1.7.4; FPU_IE is in the reset value of every chip. */
const struct syscfg_config syscfg_l432 = {{
    [SYSCFG_MEMRMP] = 0x007, [SYSCFG_CFGR1] = 0xFC530101,
    [SYSCFG_EXTICR1] = 0x7777, [SYSCFG_EXTICR2] = 0x7777,
    [SYSCFG_EXTICR3] = 0x7777, [SYSCFG_EXTICR4] = 0x7777,
    [SYSCFG_SCSR] = 3, [SYSCFG_CFGR2] = 0x10F, [SYSCFG_SWPR] = 0x0000FFFF, [SYSCFG_SKR] = 0xFF,
}};
const struct syscfg_config syscfg_l452 = {{
    [SYSCFG_MEMRMP] = 0x007, [SYSCFG_CFGR1] = 0xFCFF0101,
    [SYSCFG_EXTICR1] = 0x7777, [SYSCFG_EXTICR2] = 0x7777,
    [SYSCFG_EXTICR3] = 0x7777, [SYSCFG_EXTICR4] = 0x7777,
    [SYSCFG_SCSR] = 3, [SYSCFG_CFGR2] = 0x10F, [SYSCFG_SWPR] = 0xFFFFFFFF, [SYSCFG_SKR] = 0xFF,
}};
const struct syscfg_config syscfg_l476 = {{
    [SYSCFG_MEMRMP] = 0x107, [SYSCFG_CFGR1] = 0xFC7F0101,
    [SYSCFG_EXTICR1] = 0x7777, [SYSCFG_EXTICR2] = 0x7777,
    [SYSCFG_EXTICR3] = 0x7777, [SYSCFG_EXTICR4] = 0x7777,
    [SYSCFG_SCSR] = 3, [SYSCFG_CFGR2] = 0x10F, [SYSCFG_SWPR] = 0xFFFFFFFF, [SYSCFG_SKR] = 0xFF,
}};
const struct syscfg_config syscfg_l496 = {{
    [SYSCFG_MEMRMP] = 0x107, [SYSCFG_CFGR1] = 0xFCFF0101,
    [SYSCFG_EXTICR1] = 0xFFFF, [SYSCFG_EXTICR2] = 0xFFFF,
    [SYSCFG_EXTICR3] = 0xFFFF, [SYSCFG_EXTICR4] = 0x7777,
    [SYSCFG_SCSR] = 3, [SYSCFG_CFGR2] = 0x10F, [SYSCFG_SWPR] = 0xFFFFFFFF, [SYSCFG_SKR] = 0xFF,
    [SYSCFG_SWPR2] = 0xFFFFFFFF,
}};
const struct syscfg_config syscfg_l4r5 = {{
    [SYSCFG_MEMRMP] = 0x107, [SYSCFG_CFGR1] = 0xFCFF0101,
    [SYSCFG_EXTICR1] = 0xFFFF, [SYSCFG_EXTICR2] = 0xFFFF,
    [SYSCFG_EXTICR3] = 0xFFFF, [SYSCFG_EXTICR4] = 0x7777,
    [SYSCFG_SCSR] = 3, [SYSCFG_CFGR2] = 0x10F, [SYSCFG_SWPR] = 0xFFFFFFFF, [SYSCFG_SKR] = 0xFF,
    [SYSCFG_SWPR2] = 0xFFFFFFFF,
}};
// clang-format on

static const struct reg_block block = {regs, SYSCFG_REG_COUNT};

static void report_missing(struct device *device, const struct reg_access *access, uint32_t bits)
{
    device_emit(device, (struct event){.kind = EVENT_REG_UNIMPLEMENTED,
                                       .pc = access->access->pc,
                                       .addr = access->access->addr & ~3u,
                                       .size = access->access->size,
                                       .value = bits,
                                       .rule = regs[access->index].name});
}

/* The register shows what boot selection chose. */
static uint32_t memrmp_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    (void)access, (void)value;
    const struct wires *wires = device->system->wires;
    return wires->mem_mode | (wires->banks_swapped ? MEMRMP_FB_MODE : 0);
}

static void memrmp_write(struct device *device, const struct reg_access *access)
{
    struct syscfg *syscfg = device->state;
    struct wires *wires = device->system->wires;
    uint32_t shown = memrmp_read(device, access, 0);
    uint32_t value = (shown & ~access->lanes) | (syscfg->regs[SYSCFG_MEMRMP] & access->lanes);
    if (value == shown)
        return;
    uint32_t mode = value & MEMRMP_MEM_MODE;
    if (mode != 0 && mode != 1 && mode != 3)
        report_missing(device, access, mode);
    wires->mem_mode = (uint8_t)mode;
    wires->banks_swapped = value & MEMRMP_FB_MODE;
    device_signal(device->system, WIRE_REMAP, 0);
}

/* RM0351 9.2.2: FWDIS is cleared by software to turn the firewall on, and set by reset only. */
static void cfgr1_write(struct device *device, const struct reg_access *access)
{
    struct syscfg *syscfg = device->state;
    uint32_t fallen = access->old & ~syscfg->regs[SYSCFG_CFGR1] & CFGR1_FWDIS;
    syscfg->regs[SYSCFG_CFGR1] &= access->old | ~CFGR1_FWDIS;
    if (fallen)
        report_missing(device, access, fallen);
}

static void exticr_write(struct device *device, const struct reg_access *access)
{
    const struct syscfg *syscfg = device->state;
    unsigned first = 4 * (access->index - SYSCFG_EXTICR1);
    for (unsigned i = 0; i < 4; i++)
        device->system->wires->exti_port[first + i] =
            syscfg->regs[access->index] >> (4 * i) & 0xF;
}

static const struct bus_region *sram2(struct device *device)
{
    return bus_find(device->system->bus, SRAM2_BASE);
}

/* RM0351 9.2.7: SRAM2ER can be set only after CA, 53 were written to SKR. */
static bool scsr_guard(struct device *device, const struct reg_access *access)
{
    (void)access;
    const struct syscfg *syscfg = device->state;
    return syscfg->key == KEY_OPEN;
}

/* ASSUMED: one HCLK cycle a word; the manual gives no duration. */
static void scsr_write(struct device *device, const struct reg_access *access)
{
    struct syscfg *syscfg = device->state;
    if (!(access->written & access->lanes & SCSR_SRAM2ER) || (access->old & SCSR_SRAM2BSY))
        return;
    const struct bus_region *ram = sram2(device);
    memset(ram->host, 0, ram->size);
    syscfg->regs[SYSCFG_SCSR] |= SCSR_SRAM2BSY;
    device_assume(device, "L4.syscfg.sram2_erase_time");
    uint32_t hz = device->system->wires->hclk_hz;
    uint64_t erase_ps = hz ? clock_ps_from_cycles(ram->size / 4, hz) : 0;
    device_schedule(device, 0, device_now_ps(device) + erase_ps);
}

static void syscfg_expired(struct device *device, unsigned timer)
{
    (void)timer;
    struct syscfg *syscfg = device->state;
    syscfg->regs[SYSCFG_SCSR] &= ~(SCSR_SRAM2ER | SCSR_SRAM2BSY);
}

/* RM0351 9.2.8, 9.2.9: set by software, cleared by a system reset. */
static void cfgr2_write(struct device *device, const struct reg_access *access)
{
    struct syscfg *syscfg = device->state;
    syscfg->regs[SYSCFG_CFGR2] |= access->old & CFGR2_LOCKS;
}

static void swpr_write(struct device *device, const struct reg_access *access)
{
    struct syscfg *syscfg = device->state;
    syscfg->regs[access->index] |= access->old;
}

/* RM0351 9.2.10: a wrong key locks again. */
static void skr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    struct syscfg *syscfg = device->state;
    uint32_t key = syscfg->regs[SYSCFG_SKR];
    syscfg->regs[SYSCFG_SKR] = 0;
    if (key == 0xCA)
        syscfg->key = KEY_HALF;
    else
        syscfg->key = key == 0x53 && syscfg->key == KEY_HALF ? KEY_OPEN : KEY_LOCKED;
}

static void syscfg_reset(struct device *device, enum reset_cause cause)
{
    struct syscfg *syscfg = device->state;
    struct wires *wires = device->system->wires;
    device_cancel(device, 0);
    reg_reset(&block, syscfg->regs, cause);
    syscfg->key = KEY_LOCKED;
    memset(wires->exti_port, 0, sizeof wires->exti_port);
    if (cause == RESET_PERIPHERAL) {
        wires->mem_mode = 0;
        wires->banks_swapped = false;
        device_signal(device->system, WIRE_REMAP, 0);
        return;
    }
    /* L4 sheet 2.5: SRAM2_RST = 0 erases SRAM2 at a system reset. After a power-on RAM is the
     * run's. */
    if (cause != RESET_POWER_ON && !(wires->optr & OPTR_SRAM2_RST))
        memset(sram2(device)->host, 0, sram2(device)->size);
}

static void syscfg_read(struct device *device, const struct access *access,
                        struct access_result *result)
{
    struct syscfg *syscfg = device->state;
    reg_read(device, &block, syscfg->regs, access, result);
}

static void syscfg_write(struct device *device, const struct access *access,
                         struct access_result *result)
{
    struct syscfg *syscfg = device->state;
    const struct syscfg_config *config = device->config;
    reg_write_implemented(device, &block, config->implemented, syscfg->regs, access, result);
}

const struct device_type syscfg_type = {
    .name = "syscfg",
    .state_bytes = sizeof(struct syscfg),
    .timer_count = 1,
    .reset = syscfg_reset,
    .read = syscfg_read,
    .write = syscfg_write,
    .expired = syscfg_expired,
};
