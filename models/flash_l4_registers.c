/* Registers of the L4 flash controller: the table, locks and keys, flags and interrupt lines.
 * RM0351/RM0394/RM0432 chapter 3 as collected in L4 sheet 2, 3 and 12. Left out: byte access rules
 * (2); RUN_PD and SLEEP_PD only read back. */
#include "models/flash_l4_state.h"

/* --- flags --- */

static uint32_t lock_bits(const struct flash_l4 *flash)
{
    return (key_lock_is_open(&flash->lock) ? 0 : CR_LOCK) |
           (key_lock_is_open(&flash->option_lock) ? 0 : CR_OPTLOCK);
}

uint32_t flash_l4_cr(const struct device *device)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    uint32_t started = 0;
    if (flash->op.page_count) /* an erase of any kind */
        started = CR_STRT;
    else if (flash->op.kind == FLASH_L4_OPTION_CHANGE)
        started = CR_OPTSTRT;
    return flash->reg[FLASH_CR] | started | lock_bits(flash);
}

uint32_t flash_l4_sr(const struct device *device)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    bool is_empty = flash_l4_chip(device)->has_empty_check && device->system->wires->is_flash_empty;
    return flash->reg[FLASH_SR] | (flash_l4_is_busy(device) ? SR_BSY : 0) |
           (is_empty ? SR_PEMPTY : 0);
}

/* L4 sheet 12: levels, high while flag and enable are both 1. */
void flash_l4_update_lines(struct device *device)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    uint32_t sr = flash->reg[FLASH_SR];
    uint32_t cr = flash->reg[FLASH_CR];
    uint32_t eccr = flash->reg[FLASH_ECCR];
    bool is_high = ((sr & SR_EOP) && (cr & CR_EOPIE)) ||
                   ((sr & (SR_OPERR | SR_OPTVERR)) && (cr & CR_ERRIE)) ||
                   ((sr & SR_RDERR) && (cr & CR_RDERRIE)) ||
                   ((eccr & (ECCR_ECCC | ECCR_ECCC2)) && (eccr & ECCR_ECCIE));
    device_set_irq(device, is_high);
    irq_set_nmi(device->system->irq, (eccr & (ECCR_ECCD | ECCR_ECCD2)) != 0);
}

void flash_l4_raise(struct device *device, uint32_t flags, const char *rule, uint32_t addr,
                    uint32_t size)
{
    struct flash_l4 *flash = flash_l4_of(device);
    /* L4 sheet 4.3: OPERR only if ERRIE. */
    if ((flags & SR_SEQUENCE_ERRORS) && (flash->reg[FLASH_CR] & CR_ERRIE))
        flags |= SR_OPERR;
    flash->reg[FLASH_SR] |= flags;
    device_emit(device, (struct event){.kind = EVENT_FLASH_ERROR,
                                       .op = flash->op.ordinal,
                                       .addr = addr,
                                       .size = size,
                                       .value = flags,
                                       .rule = rule});
    flash_l4_update_lines(device);
}

void flash_l4_succeed(struct device *device)
{
    struct flash_l4 *flash = flash_l4_of(device);
    /* L4 sheet 4.3: with plain polling EOP never appears. */
    if (flash->reg[FLASH_CR] & CR_EOPIE)
        flash->reg[FLASH_SR] |= SR_EOP;
    flash_l4_update_lines(device);
}

/* --- hooks --- */

/* L4 sheet 3.9: the write stalls until BSY = 0, then takes effect. */
static bool waits_for_idle(struct device *device, const struct reg_access *access)
{
    if (!flash_l4_is_busy(device))
        return false;
    flash_l4_stall(device, access->result);
    return true;
}

static void emit_at(struct device *device, const struct reg_access *access, enum event_kind kind,
                    const char *rule)
{
    device_emit(device, (struct event){.kind = kind,
                                       .pc = access->access->pc,
                                       .addr = access->access->addr,
                                       .size = access->access->size,
                                       .value = kind == EVENT_FLASH_ERROR ? 0 : access->written,
                                       .master = access->access->master,
                                       .core = access->access->core,
                                       .rule = rule});
}

static void publish_wait_states(struct device *device)
{
    uint32_t acr = flash_l4_of(device)->reg[FLASH_ACR];
    uint32_t wait_states = acr & ACR_LATENCY_L4_PLUS;
    device->system->wires->flash_fetch_wait = acr & ACR_ICEN ? 0 : (uint8_t)wait_states;
}

/* L4 sheet 10: the fastest HCLK for each number of wait states, in voltage ranges 1 and 2. */
void flash_l4_check_latency(struct device *device)
{
    static const uint8_t mhz[2][2][6] = {
        {{16, 32, 48, 64, 80, 80}, {6, 12, 18, 26, 26, 26}},
        {{20, 40, 60, 80, 100, 120}, {8, 16, 26, 26, 26, 26}},
    };
    const struct wires *wires = device->system->wires;
    uint32_t wait_states = flash_l4_of(device)->reg[FLASH_ACR] & ACR_LATENCY_L4_PLUS;
    bool is_low_range = wires->voltage_range == 2;
    unsigned limit_mhz = mhz[flash_l4_chip(device)->is_l4_plus][is_low_range]
                            [wait_states > 5 ? 5 : wait_states];
    if (wires->hclk_hz > limit_mhz * 1000000u)
        flash_l4_assume(device, ASSUME_LATENCY);
}

static void acr_write(struct device *device, const struct reg_access *access)
{
    struct flash_l4 *flash = flash_l4_of(device);
    uint32_t *acr = &flash->reg[FLASH_ACR];
    if (!flash_l4_chip(device)->is_l4_plus)
        *acr &= ~(ACR_LATENCY_L4_PLUS & ~ACR_LATENCY);
    /* L4 sheet 2.1: RUN_PD needs the PDKEYR sequence; writing 0 throws the key away. */
    if (!key_lock_is_open(&flash->power_down_lock))
        *acr = (*acr & ~ACR_RUN_PD) | (access->old & ACR_RUN_PD);
    else if (!(*acr & ACR_RUN_PD) && (access->old & ACR_RUN_PD))
        key_lock_close(&flash->power_down_lock);
    publish_wait_states(device);
    flash_l4_check_latency(device);
    flash_l4_cache_acr(device, access->old);
}

static void pdkeyr_write(struct device *device, const struct reg_access *access)
{
    static const struct key_pair keys = {0x04152637, 0xFAFBFCFD};
    struct flash_l4 *flash = flash_l4_of(device);
    if (key_lock_is_open(&flash->power_down_lock))
        return;
    if (key_lock_write(&flash->power_down_lock, keys, access->written) == KEY_WRONG) {
        /* ASSUMED: no source says what a wrong key costs; it may be tried again. */
        flash_l4_assume(device, ASSUME_POWER_DOWN_KEY);
        key_lock_reset(&flash->power_down_lock);
    }
}

static bool keyr_guard(struct device *device, const struct reg_access *access)
{
    /* L4 sheet 3.11: MODEL: stall, then apply. */
    if (!waits_for_idle(device, access))
        return true;
    flash_l4_assume(device, ASSUME_KEY_WHILE_BUSY);
    return false;
}

/* L4 sheet 3.2: locked until the next system reset, and a bus error. */
static void lock_out(struct device *device, const struct reg_access *access, const char *rule)
{
    flash_l4_drop_latch(device);
    emit_at(device, access, EVENT_FLASH_LOCKOUT, rule);
    access->result->is_bus_error = true;
}

static void keyr_write(struct device *device, const struct reg_access *access)
{
    static const struct key_pair keys = {0x45670123, 0xCDEF89AB};
    struct flash_l4 *flash = flash_l4_of(device);
    bool was_open = key_lock_is_open(&flash->lock);
    if (was_open) {
        /* L4 sheet 3.5: measured on siblings only. */
        flash_l4_assume(device, ASSUME_KEY_WHEN_UNLOCKED);
        if (rule_is_on(device->system->wires, RULE_KEYR_WHEN_UNLOCKED_BENIGN))
            return;
    }
    switch (key_lock_write(&flash->lock, keys, access->written)) {
    case KEY_ACCEPTED:
        break;
    case KEY_OPENED:
        emit_at(device, access, EVENT_FLASH_UNLOCK, NULL);
        break;
    case KEY_WRONG:
        key_lock_close(&flash->option_lock);
        lock_out(device, access, was_open ? "L4.key.when_unlocked" : "L4.key.wrong");
        break;
    }
}

static void optkeyr_write(struct device *device, const struct reg_access *access)
{
    static const struct key_pair keys = {0x08192A3B, 0x4C5D6E7F};
    struct flash_l4 *flash = flash_l4_of(device);
    bool is_early = !key_lock_is_open(&flash->lock);
    /* L4 sheet 3.4: measured on the L471. */
    if (is_early)
        key_lock_block(&flash->option_lock);
    enum key_result result = key_lock_write(&flash->option_lock, keys, access->written);
    if (result == KEY_OPENED)
        emit_at(device, access, EVENT_FLASH_OPTION_UNLOCK, NULL);
    else if (result == KEY_WRONG)
        lock_out(device, access, is_early ? "L4.key.options_first" : "L4.key.option_wrong");
}

static uint32_t sr_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    (void)access;
    (void)value;
    return flash_l4_sr(device);
}

static void sr_write(struct device *device, const struct reg_access *access)
{
    /* L4 sheet 11.5: writing 1 toggles PEMPTY. */
    if (access->written & access->lanes & SR_PEMPTY && flash_l4_chip(device)->has_empty_check)
        device->system->wires->is_flash_empty = !device->system->wires->is_flash_empty;
    flash_l4_update_lines(device);
}

static uint32_t cr_bits(const struct device *device)
{
    uint32_t bits = CR_STORED & ~(CR_BKER | CR_MER2 | CR_PNB);
    if (flash_l4_chip(device)->bank_count > 1)
        bits |= CR_BKER | CR_MER2;
    /* L4 sheet 5.4: upper bits of PNB are not stored on parts with fewer pages. */
    const struct chip_flash *chip = flash_l4_chip(device);
    uint32_t pages = chip->bank_bytes / chip->page_bytes;
    return bits | (((pages - 1) << CR_PNB_SHIFT) & CR_PNB);
}

/* L4 sheet 3.7: a write to CR while locked is silently ignored. */
static bool cr_guard(struct device *device, const struct reg_access *access)
{
    struct flash_l4 *flash = flash_l4_of(device);
    if (waits_for_idle(device, access))
        return false;
    if (key_lock_is_open(&flash->lock))
        return true;
    uint32_t wanted = cr_bits(device) | CR_STRT | CR_OPTSTRT | CR_OBL_LAUNCH;
    if ((access->written ^ flash->reg[FLASH_CR]) & wanted & access->lanes)
        emit_at(device, access, EVENT_FLASH_ERROR, "L4.lock.cr_ignored");
    return false;
}

static void cr_lock(struct device *device, const struct reg_access *access)
{
    struct flash_l4 *flash = flash_l4_of(device);
    /* L4 sheet 3.6: LOCK also sets OPTLOCK. */
    if (access->written & (CR_LOCK | CR_OPTLOCK))
        key_lock_close(&flash->option_lock);
    if (!(access->written & CR_LOCK))
        return;
    key_lock_close(&flash->lock);
    emit_at(device, access, EVENT_FLASH_LOCK, NULL);
}

static void cr_options(struct device *device, const struct reg_access *access, bool was_open)
{
    bool starts = access->written & CR_OPTSTRT;
    bool launches = access->written & CR_OBL_LAUNCH;
    if (!starts && !launches)
        return;
    /* L4 sheet 3.8: ignored without the option lock open. */
    if (!was_open) {
        emit_at(device, access, EVENT_FLASH_ERROR, "L4.option.locked");
        return;
    }
    if (starts && flash_l4_is_busy(device)) {
        flash_l4_assume(device, ASSUME_ERASE_WITH_OPTION_CHANGE);
        return;
    }
    if (starts)
        flash_l4_start_option_change(device, launches);
    /* L4 sheet 3.10: reload plus system reset; after the change, if there is one. */
    if (launches && !flash_l4_is_busy(device))
        system_request_reset(device->system, RESET_OPTION_LOAD);
}

static void cr_write(struct device *device, const struct reg_access *access)
{
    struct flash_l4 *flash = flash_l4_of(device);
    bool was_option_open = key_lock_is_open(&flash->option_lock);
    uint32_t programs = CR_PG | CR_FSTPG;
    flash->reg[FLASH_CR] &= cr_bits(device);
    /* L4 sheet 4.5: PG cleared or LOCK set with one word pending: the latch is dropped, no flag. */
    if (!(flash->reg[FLASH_CR] & programs) || (access->written & CR_LOCK))
        flash_l4_drop_latch(device);
    cr_lock(device, access);
    flash_l4_update_lines(device);
    if (access->written & CR_STRT)
        flash_l4_start_erase(device);
    cr_options(device, access, was_option_open);
}

static uint32_t cr_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    (void)access;
    (void)value;
    return flash_l4_cr(device);
}

static bool eccr_guard(struct device *device, const struct reg_access *access)
{
    return !waits_for_idle(device, access);
}

static void eccr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    struct flash_l4 *flash = flash_l4_of(device);
    /* L4 sheet 8.4: with the last flag goes the latched address. */
    if (!(flash->reg[FLASH_ECCR] & ECCR_FLAGS))
        flash->reg[FLASH_ECCR] &= ECCR_ECCIE;
    flash_l4_update_lines(device);
}

static bool option_guard(struct device *device, const struct reg_access *access)
{
    if (waits_for_idle(device, access)) {
        if (access->index != FLASH_OPTR)
            flash_l4_assume(device, ASSUME_OPTION_REGISTER_BUSY);
        return false;
    }
    if (key_lock_is_open(&flash_l4_of(device)->option_lock))
        return true;
    emit_at(device, access, EVENT_FLASH_ERROR, "L4.option.locked");
    return false;
}

static void option_write(struct device *device, const struct reg_access *access)
{
    flash_l4_limit_option(device, access->index - FLASH_OPTR, access->old);
}

// clang-format off
#define OPTION_ROW(register_name, address) \
    { .name = register_name, .offset = address, .rw = 0xFFFFFFFF, \
      .guard = option_guard, .on_write = option_write }

/* L4 sheet 2. LOCK and OPTLOCK (reset value of CR 0xC0000000) are the key locks', BSY, STRT and
 * OPTSTRT the operation's, PEMPTY the option load's: they are computed, not stored. */
static const struct reg regs[FLASH_L4_PLUS_REGISTERS] = {
    [FLASH_ACR] = { .name = "FLASH_ACR", .offset = 0x00, .reset = ACR_ICEN | ACR_DCEN,
        .rw = ACR_LATENCY_L4_PLUS | ACR_PRFTEN | ACR_ICEN | ACR_DCEN | ACR_ICRST | ACR_DCRST,
        .storage = ACR_RUN_PD | ACR_SLEEP_PD, .on_write = acr_write },
    [FLASH_PDKEYR] = { .name = "FLASH_PDKEYR", .offset = 0x04, .write_only = 0xFFFFFFFF,
        .on_write = pdkeyr_write },
    [FLASH_KEYR] = { .name = "FLASH_KEYR", .offset = 0x08, .write_only = 0xFFFFFFFF,
        .guard = keyr_guard, .on_write = keyr_write },
    [FLASH_OPTKEYR] = { .name = "FLASH_OPTKEYR", .offset = 0x0C, .write_only = 0xFFFFFFFF,
        .guard = keyr_guard, .on_write = optkeyr_write },
    [FLASH_SR] = { .name = "FLASH_SR", .offset = 0x10, .w1c = SR_FLAGS,
        .on_write = sr_write, .on_read = sr_read },
    [FLASH_CR] = { .name = "FLASH_CR", .offset = 0x14, .rw = CR_STORED,
        .guard = cr_guard, .on_write = cr_write, .on_read = cr_read },
    [FLASH_ECCR] = { .name = "FLASH_ECCR", .offset = 0x18, .rw = ECCR_ECCIE, .w1c = ECCR_FLAGS,
        .guard = eccr_guard, .on_write = eccr_write },
    [FLASH_OPTR] = OPTION_ROW("FLASH_OPTR", 0x20),
    [FLASH_PCROP1SR] = OPTION_ROW("FLASH_PCROP1SR", 0x24),
    [FLASH_PCROP1ER] = OPTION_ROW("FLASH_PCROP1ER", 0x28),
    [FLASH_WRP1AR] = OPTION_ROW("FLASH_WRP1AR", 0x2C),
    [FLASH_WRP1BR] = OPTION_ROW("FLASH_WRP1BR", 0x30),
    [FLASH_PCROP2SR] = OPTION_ROW("FLASH_PCROP2SR", 0x44),
    [FLASH_PCROP2ER] = OPTION_ROW("FLASH_PCROP2ER", 0x48),
    [FLASH_WRP2AR] = OPTION_ROW("FLASH_WRP2AR", 0x4C),
    [FLASH_WRP2BR] = OPTION_ROW("FLASH_WRP2BR", 0x50),
    [FLASH_CFGR] = { .name = "FLASH_CFGR", .offset = 0x130, .storage = 1 },
};
// clang-format on

static struct reg_block block_of(const struct device *device)
{
    const struct chip_flash *chip = flash_l4_chip(device);
    unsigned count = FLASH_L4_REGISTERS;
    if (chip->bank_count == 1)
        count = FLASH_SINGLE_BANK_REGISTERS;
    else if (chip->is_l4_plus)
        count = FLASH_L4_PLUS_REGISTERS;
    return (struct reg_block){regs, count};
}

void flash_l4_read_register(struct device *device, const struct access *access,
                            struct access_result *result)
{
    struct reg_block block = block_of(device);
    reg_read(device, &block, flash_l4_of(device)->reg, access, result);
}

void flash_l4_write_register(struct device *device, const struct access *access,
                             struct access_result *result)
{
    struct reg_block block = block_of(device);
    reg_write(device, &block, flash_l4_of(device)->reg, access, result);
}

void flash_l4_reset_registers(struct device *device, enum reset_cause cause)
{
    struct flash_l4 *flash = flash_l4_of(device);
    struct reg_block block = {regs, FLASH_L4_PLUS_REGISTERS};
    reg_reset(&block, flash->reg, cause);
    key_lock_reset(&flash->lock);
    key_lock_reset(&flash->option_lock);
    key_lock_reset(&flash->power_down_lock);
    publish_wait_states(device);
}
