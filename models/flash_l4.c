/* The L4 flash controller: registers, locks, the operation in flight, reset and loss of power.
 * RM0351/RM0394/RM0432 chapter 3 as collected in L4 sheet 2, 3, 9 and 12. Programming, erase, option bytes,
 * reads, caches, the information block and what the CPU sees are in the flash_l4_*.c beside this file.
 * Left out: the erratum about wrong addresses in ECCR after a reset (8.10), byte access rules of the
 * registers (2), and the power-down modes behind RUN_PD and SLEEP_PD, which only read back. */
#include "models/flash_l4_state.h"

#include <assert.h>
#include <string.h>

enum { TIMER_OPERATION, TIMER_COUNT };

/* --- services --- */

static const char *const assumption_ids[ASSUMPTION_COUNT] = {
    [ASSUME_KEY_WHEN_UNLOCKED] = "L4.key.when_unlocked",
    [ASSUME_KEY_WHILE_BUSY] = "L4.key.while_busy",
    [ASSUME_PAIR_POLICY] = "L4.program.pair_broken",
    [ASSUME_BOTH_PROGRAM_MODES] = "L4.program.both_modes",
    [ASSUME_PROTECTED_PAIR] = "L4.program.protected",
    [ASSUME_ZERO_OVER_ZERO] = "L4.program.zero_over_zero",
    [ASSUME_RANGE_2] = "L4.program.range2",
    [ASSUME_FAST_AFTER_MASS_ERASE] = "L4.fast.after_mass_erase",
    [ASSUME_FAST_ROW_START] = "L4.fast.row_start",
    [ASSUME_FAST_CLOCK] = "L4.fast.min_clock",
    [ASSUME_ERASE_NOTHING] = "L4.erase.nothing_selected",
    [ASSUME_ERASE_BOTH_KINDS] = "L4.erase.page_and_mass",
    [ASSUME_ERASE_WITH_OPTION_CHANGE] = "L4.erase.with_option_start",
    [ASSUME_DOUBLE_ERROR_DATA] = "L4.ecc.double_error_data",
    [ASSUME_MARGINAL_READ] = "L4.cells.marginal_read",
    [ASSUME_TORN_CELLS] = "L4.cells.torn",
    [ASSUME_OPTION_DURATION] = "L4.option.duration",
    [ASSUME_OPTION_REGISTER_BUSY] = "L4.option.register_busy",
    [ASSUME_PCROP_SHRINK] = "L4.pcrop.only_grows",
    [ASSUME_PCROP_READ_ZERO] = "L4.pcrop.reads_zero",
    [ASSUME_POWER_DOWN_KEY] = "L4.key.power_down_wrong",
    [ASSUME_OTP_FAST] = "L4.fast.main_only",
    [ASSUME_FACTORY_DATA] = "L4.info.factory_data",
    [ASSUME_STALE_INSTRUCTION] = "L4.cache.stale_instruction",
    [ASSUME_CACHE_ERRATUM] = "L4.cache.read_while_write",
    [ASSUME_WRITE_INFO] = "L4.info.write",
};

void flash_l4_assume(struct device *device, enum flash_l4_assumption assumption)
{
    struct flash_l4 *flash = flash_l4_of(device);
    uint64_t bit = UINT64_C(1) << assumption;
    if (flash->assumed & bit)
        return;
    flash->assumed |= bit;
    device_assume(device, assumption_ids[assumption]);
}

bool flash_l4_is_busy(const struct device *device)
{
    return flash_l4_of(device)->op.kind != FLASH_L4_IDLE;
}

void flash_l4_stall(const struct device *device, struct access_result *result)
{
    result->stall_until_ps = flash_l4_of(device)->op.ends_ps;
    result->is_retried = true;
}

static uint32_t lock_bits(const struct flash_l4 *flash)
{
    return (key_lock_is_open(&flash->lock) ? 0 : CR_LOCK) |
           (key_lock_is_open(&flash->option_lock) ? 0 : CR_OPTLOCK);
}

static uint32_t cr_value(const struct flash_l4 *flash)
{
    uint32_t started = 0;
    if (flash->op.kind == FLASH_L4_PAGE_ERASE || flash->op.kind == FLASH_L4_MASS_ERASE)
        started = CR_STRT;
    else if (flash->op.kind == FLASH_L4_OPTION_CHANGE)
        started = CR_OPTSTRT;
    return flash->reg[FLASH_CR] | started | lock_bits(flash);
}

static uint32_t sr_value(const struct device *device)
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

uint64_t flash_l4_duration_ps(const struct device *device, const struct chip_duration *duration)
{
    switch ((enum timing_case)device->system->wires->timing) {
    case TIMING_MIN:
        return duration->min_ns * PS_PER_NS;
    case TIMING_MAX:
        return duration->max_ns * PS_PER_NS;
    case TIMING_TYP:
    case TIMING_COUNT:
        break;
    }
    return duration->typ_ns * PS_PER_NS;
}

/* --- the operation in flight --- */

static uint32_t op_addr(const struct device *device, const struct flash_l4_operation *op)
{
    switch ((enum flash_l4_kind)op->kind) {
    case FLASH_L4_PROGRAM:
    case FLASH_L4_FAST_PROGRAM:
        return flash_l4_unit_addr(device, op->unit);
    case FLASH_L4_PAGE_ERASE:
    case FLASH_L4_MASS_ERASE:
        return flash_l4_page_addr(device, op->first_page);
    case FLASH_L4_OPTION_CHANGE:
        return 0x1FFF7800;
    case FLASH_L4_IDLE:
        break;
    }
    return 0;
}

static uint32_t op_size(const struct device *device, const struct flash_l4_operation *op)
{
    if (op->kind == FLASH_L4_PAGE_ERASE || op->kind == FLASH_L4_MASS_ERASE)
        return op->page_count * flash_l4_chip(device)->page_bytes;
    if (op->kind == FLASH_L4_OPTION_CHANGE)
        return 8 * FLASH_OPTION_UNITS;
    return op->kind == FLASH_L4_IDLE ? 0 : 8;
}

static const struct {
    const char *name;
    enum event_kind start, end;
    const char *torn_rule;
} kinds[] = {
    [FLASH_L4_IDLE] = {"idle", EVENT_KIND_COUNT, EVENT_KIND_COUNT, NULL},
    [FLASH_L4_PROGRAM] = {"program", EVENT_FLASH_PROGRAM_START, EVENT_FLASH_PROGRAM_END,
                          "L4.cut.program"},
    [FLASH_L4_FAST_PROGRAM] = {"fast program", EVENT_FLASH_PROGRAM_START, EVENT_FLASH_PROGRAM_END,
                               "L4.cut.program"},
    [FLASH_L4_PAGE_ERASE] = {"page erase", EVENT_FLASH_ERASE_START, EVENT_FLASH_ERASE_END,
                             "L4.cut.erase"},
    [FLASH_L4_MASS_ERASE] = {"mass erase", EVENT_FLASH_ERASE_START, EVENT_FLASH_ERASE_END,
                             "L4.cut.erase"},
    [FLASH_L4_OPTION_CHANGE] = {"option byte change", EVENT_FLASH_OPTION_START,
                                EVENT_FLASH_OPTION_END, "L4.cut.option"},
};

static void emit_op(struct device *device, const struct flash_l4_operation *op,
                    enum event_kind kind, uint32_t value, const char *rule)
{
    device_emit(device, (struct event){.kind = kind,
                                       .op = op->ordinal,
                                       .addr = op_addr(device, op),
                                       .size = op_size(device, op),
                                       .value = value,
                                       .rule = rule});
}

void flash_l4_start(struct device *device, struct flash_l4_operation op, uint64_t duration_ps)
{
    struct flash_l4 *flash = flash_l4_of(device);
    op.ordinal = ++flash->op_count;
    op.started_ps = device_now_ps(device);
    op.ends_ps = op.started_ps + duration_ps;
    flash->op = op;
    device_schedule(device, TIMER_OPERATION, op.ends_ps);
    flash_l4_publish_busy(device);
    bool is_program = op.kind == FLASH_L4_PROGRAM || op.kind == FLASH_L4_FAST_PROGRAM;
    emit_op(device, &op, kinds[op.kind].start, is_program ? (uint32_t)op.data : op.kind, NULL);
}

/* Cells, flags and view as the end of an operation leaves them. */
static void complete(struct device *device, const struct flash_l4_operation *op)
{
    switch ((enum flash_l4_kind)op->kind) {
    case FLASH_L4_PROGRAM:
        flash_l4_end_program(device, op);
        break;
    case FLASH_L4_FAST_PROGRAM:
        flash_l4_end_fast_program(device, op);
        break;
    case FLASH_L4_PAGE_ERASE:
    case FLASH_L4_MASS_ERASE:
        flash_l4_end_erase(device, op);
        break;
    case FLASH_L4_OPTION_CHANGE:
        flash_l4_end_option_change(device, op);
        break;
    case FLASH_L4_IDLE:
        assert(false && "no operation to end");
    }
}

static void flash_expired(struct device *device, unsigned timer)
{
    assert(timer == TIMER_OPERATION);
    struct flash_l4 *flash = flash_l4_of(device);
    struct flash_l4_operation op = flash->op;
    flash->op = (struct flash_l4_operation){0};
    emit_op(device, &op, kinds[op.kind].end, 0, NULL);
    complete(device, &op);
    flash_l4_publish_busy(device);
    device->system->needs_attention = true;
    if (op.launches)
        system_request_reset(device->system, RESET_OPTION_LOAD);
}

/* Which phase an operation is in after a part (in 1/1000) of its time. MODEL, in the spirit of L4 sheet
 * 9.6; a scenario can force another (flash_l4_set_cut_phase). */
static struct flash_cut phase_at(enum flash_l4_kind kind, uint64_t part)
{
    struct flash_cut cut = {.k = 1, .n = FLASH_PULSE_COUNT};
    bool is_erase = kind == FLASH_L4_PAGE_ERASE || kind == FLASH_L4_MASS_ERASE;
    bool is_option = kind == FLASH_L4_OPTION_CHANGE;
    if (is_erase || (is_option && part < 500)) {
        if (is_option)
            part *= 2;
        cut.phase = part < 20    ? FLASH_PHASE_BEFORE
                    : part < 350 ? FLASH_PHASE_EARLY
                    : part < 750 ? FLASH_PHASE_MID
                    : part < 970 ? FLASH_PHASE_LATE
                                 : FLASH_PHASE_DONE;
        if (is_option && cut.phase == FLASH_PHASE_DONE)
            cut.phase = FLASH_PHASE_LATE;
        return cut;
    }
    uint64_t first = is_option ? 500 : 80;
    uint64_t last = is_option ? 940 : 840;
    if (part < 40) {
        cut.phase = FLASH_PHASE_LATCHED;
    } else if (part < first) {
        cut.phase = FLASH_PHASE_EARLY;
    } else if (part < last) {
        cut.phase = FLASH_PHASE_PULSE;
        cut.k = 1 + (unsigned)((part - first) * FLASH_PULSE_COUNT / (last - first));
    } else if (part < (is_option ? 970u : 920u)) {
        cut.phase = FLASH_PHASE_ECC;
    } else {
        cut.phase = part < 970 ? FLASH_PHASE_LATE : FLASH_PHASE_DONE;
    }
    return cut;
}

static struct flash_cut current_phase(const struct device *device)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    if (flash->is_cut_forced)
        return flash->forced_cut;
    uint64_t length = flash->op.ends_ps - flash->op.started_ps;
    uint64_t elapsed = device_now_ps(device) - flash->op.started_ps;
    if (length == 0 || elapsed >= length)
        return (struct flash_cut){.phase = FLASH_PHASE_DONE};
    return phase_at((enum flash_l4_kind)flash->op.kind, elapsed * 1000 / length);
}

/* Power or reset cuts the operation: the cells stay as the phase leaves them (L4 sheet 9.1, 9.6). */
static void cut_operation(struct device *device)
{
    struct flash_l4 *flash = flash_l4_of(device);
    struct flash_l4_operation op = flash->op;
    if (op.kind == FLASH_L4_IDLE)
        return;
    struct flash_torn torn = {
        .cut = current_phase(device),
        .seed = device->system->wires->seed,
        .op = op.ordinal,
    };
    flash->is_cut_forced = false;
    struct flash_array *cells = device->system->cells;
    uint64_t data[FLASH_UNIT_WORDS_MAX] = {op.data};
    switch ((enum flash_l4_kind)op.kind) {
    case FLASH_L4_PROGRAM:
    case FLASH_L4_FAST_PROGRAM:
        flash_array_program(cells, op.unit, data, &torn);
        break;
    case FLASH_L4_PAGE_ERASE:
    case FLASH_L4_MASS_ERASE:
        for (uint32_t i = 0; i < op.page_count; i++)
            flash_array_erase(cells, op.first_page + i, &torn);
        break;
    case FLASH_L4_OPTION_CHANGE:
        flash_l4_cut_option_change(device, &op, &torn);
        break;
    case FLASH_L4_IDLE:
        break;
    }
    emit_op(device, &op, EVENT_FLASH_TORN, torn.cut.phase, kinds[op.kind].torn_rule);
    if (torn.cut.phase != FLASH_PHASE_BEFORE && torn.cut.phase != FLASH_PHASE_DONE)
        flash_l4_assume(device, ASSUME_TORN_CELLS);
    device_cancel(device, TIMER_OPERATION);
    flash->op = (struct flash_l4_operation){0};
}

/* --- registers --- */

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
    return sr_value(device);
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
    return cr_value(flash_l4_of(device));
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

/* --- what the bus and the machine call --- */

static void flash_read(struct device *device, const struct access *access,
                       struct access_result *result)
{
    struct reg_block block = block_of(device);
    if (access->window == FLASH_WINDOW_MAIN)
        flash_l4_read_main(device, access, result);
    else if (access->window == FLASH_WINDOW_INFO)
        flash_l4_read_info(device, access, result);
    else
        reg_read(device, &block, flash_l4_of(device)->reg, access, result);
}

static void flash_write(struct device *device, const struct access *access,
                        struct access_result *result)
{
    struct reg_block block = block_of(device);
    if (access->window == FLASH_WINDOW_REGISTERS)
        reg_write(device, &block, flash_l4_of(device)->reg, access, result);
    else if (access->window == FLASH_WINDOW_INFO &&
             flash_l4_is_reserved_info(device, access->offset))
        result->is_bus_error = true;
    else
        flash_l4_write_beat(device, access, result);
}

static bool loads_options(enum reset_cause cause)
{
    /* L4 sheet 11.2: power-on or brown-out, exit from Standby or Shutdown, OBL_LAUNCH. */
    return cause == RESET_POWER_ON || cause == RESET_BROWN_OUT || cause == RESET_OPTION_LOAD ||
           cause == RESET_LOW_POWER || cause == RESET_STANDBY;
}

/* L4 sheet 9.1, design.md: whether the pulse in flight is finished is the scenario's to say; loss of
 * power always cuts it. */
static void end_by_reset(struct device *device, enum reset_cause cause)
{
    struct flash_l4 *flash = flash_l4_of(device);
    bool has_power = cause != RESET_POWER_ON && cause != RESET_BROWN_OUT;
    if (has_power && flash->op.kind != FLASH_L4_IDLE && !flash->is_cut_forced &&
        device->system->wires->reset_pulse == RESET_PULSE_FINISHES) {
        struct flash_l4_operation op = flash->op;
        flash->row.is_cut = true; /* of a row only the double word in the pulse */
        flash->op = (struct flash_l4_operation){0};
        device_cancel(device, TIMER_OPERATION);
        emit_op(device, &op, kinds[op.kind].end, 0, "L4.reset.pulse_finishes");
        complete(device, &op);
    }
    cut_operation(device);
}

static void flash_reset(struct device *device, enum reset_cause cause)
{
    struct flash_l4 *flash = flash_l4_of(device);
    struct reg_block block = {regs, FLASH_L4_PLUS_REGISTERS};
    end_by_reset(device, cause);
    device_cancel(device, TIMER_OPERATION);
    reg_reset(&block, flash->reg, cause);
    key_lock_reset(&flash->lock);
    key_lock_reset(&flash->option_lock);
    key_lock_reset(&flash->power_down_lock);
    flash->latch = (struct flash_l4_latch){0};
    flash->row = (struct flash_l4_row){0};
    flash->last_ecc_unit = flash->buffered_unit = 0;
    publish_wait_states(device);
    flash_l4_cache_reset(device);
    if (loads_options(cause))
        flash_l4_load_options(device);
    else
        flash_l4_show_options(device);
    flash_l4_update_lines(device);
    flash_l4_publish(device);
}

static void flash_power_cut(struct device *device)
{
    struct flash_l4 *flash = flash_l4_of(device);
    cut_operation(device);
    flash->latch = (struct flash_l4_latch){0};
    flash->row = (struct flash_l4_row){0};
}

/* Bank order and who may read main memory come from other models and the machine. */
static void flash_signal(struct device *device, unsigned line, uint32_t value)
{
    (void)line;
    (void)value;
    const struct flash_l4 *flash = flash_l4_of(device);
    if (flash->was_blocked != flash_l4_is_blocked(device) ||
        flash->was_swapped != device->system->wires->banks_swapped)
        flash_l4_publish(device);
}

const struct device_type flash_l4_type = {
    .name = "flash_l4",
    .state_bytes = sizeof(struct flash_l4),
    .timer_count = TIMER_COUNT,
    .reset = flash_reset,
    .read = flash_read,
    .write = flash_write,
    .expired = flash_expired,
    .signal = flash_signal,
    .power_cut = flash_power_cut,
};

struct flash_activity flash_l4_activity(const struct device *device)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    return (struct flash_activity){
        .kind = kinds[flash->op.kind].name,
        .is_busy = flash_l4_is_busy(device),
        .op = flash->op.ordinal,
        .addr = op_addr(device, &flash->op),
        .size = op_size(device, &flash->op),
        .started_ps = flash->op.started_ps,
        .ends_ps = flash->op.ends_ps,
        .phase = flash_l4_is_busy(device) ? current_phase(device)
                                          : (struct flash_cut){.phase = FLASH_PHASE_DONE},
        .is_locked = !key_lock_is_open(&flash->lock),
        .is_locked_out = key_lock_is_blocked(&flash->lock),
        .has_pending_word = flash->latch.is_full,
        .pending_addr = flash->latch.addr,
        .sr = sr_value(device),
        .cr = cr_value(flash),
        .eccr = flash->reg[FLASH_ECCR],
    };
}

void flash_l4_set_cut_phase(struct device *device, const struct flash_cut *cut)
{
    struct flash_l4 *flash = flash_l4_of(device);
    flash->is_cut_forced = cut != NULL;
    if (cut)
        flash->forced_cut = *cut;
}
