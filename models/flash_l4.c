/* The L4 flash controller: the operation in flight, its end, reset and loss of power. L4 sheet 9;
 * the rest of RM0351/RM0394/RM0432 chapter 3 is in the flash_l4_*.c beside this file, split as the
 * manual is. Left out: the erratum about wrong addresses in ECCR after a reset (8.10).
 *
 * An operation ends in one of three ways.
 *   Its time is over: cells and flags are as the manual says.
 *   Power goes, or the supply browns out: it is cut in the phase that its time is in (flash_phase.c)
 *   or that the scenario names. What the cells are then says the head of flash_array_operations.c,
 *   for option bytes that of flash_l4_option_bytes.c: rules L4.cut.*. Nothing pending is kept.
 *   Any other reset cuts it in the same way: RAM and the option values in force stay, registers and
 *   flags do not (9.1, 9.2). Or, where the run says so (`reset_pulse`, rule
 *   L4.reset.pulse_finishes), the flash itself finishes what is in flight: a program, an erase of a
 *   page, a bank or all, an option change to its last word; of a row only the double word in the
 *   pulse. No flag tells of it. */
#include "models/flash_l4_state.h"

#include <assert.h>

#include "models/flash_phase.h"

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
    [ASSUME_FAILED_OPERATION] = "L4.operr.injected",
    [ASSUME_LATENCY] = "L4.latency.too_low",
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
    [ASSUME_LEVEL_0_ORDER] = "L4.cut.level_0",
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
    case FLASH_L4_BANK_ERASE:
        return flash_l4_page_addr(device, op->first_page);
    case FLASH_L4_OPTION_CHANGE:
        return op->page_count ? flash_l4_page_addr(device, 0) : 0x1FFF7800;
    case FLASH_L4_IDLE:
        break;
    }
    return 0;
}

static uint32_t op_size(const struct device *device, const struct flash_l4_operation *op)
{
    if (op->page_count)
        return op->page_count * flash_l4_chip(device)->page_bytes;
    if (op->kind == FLASH_L4_OPTION_CHANGE)
        return 8 * FLASH_OPTION_UNITS;
    return op->kind == FLASH_L4_IDLE ? 0 : 8;
}

static const struct {
    const char *name;
    enum event_kind start, end;
    const char *torn_rule;
    enum flash_operation operation;
} kinds[] = {
    [FLASH_L4_IDLE] = {"idle", EVENT_KIND_COUNT, EVENT_KIND_COUNT, NULL, FLASH_OPERATION_NONE},
    [FLASH_L4_PROGRAM] = {"program", EVENT_FLASH_PROGRAM_START, EVENT_FLASH_PROGRAM_END,
                          "L4.cut.program", FLASH_OPERATION_PROGRAM},
    [FLASH_L4_FAST_PROGRAM] = {"fast program", EVENT_FLASH_PROGRAM_START, EVENT_FLASH_PROGRAM_END,
                               "L4.cut.row", FLASH_OPERATION_PROGRAM},
    [FLASH_L4_PAGE_ERASE] = {"page erase", EVENT_FLASH_ERASE_START, EVENT_FLASH_ERASE_END,
                             "L4.cut.erase", FLASH_OPERATION_PAGE_ERASE},
    [FLASH_L4_MASS_ERASE] = {"mass erase", EVENT_FLASH_ERASE_START, EVENT_FLASH_ERASE_END,
                             "L4.cut.mass_erase", FLASH_OPERATION_MASS_ERASE},
    [FLASH_L4_BANK_ERASE] = {"bank erase", EVENT_FLASH_ERASE_START, EVENT_FLASH_ERASE_END,
                             "L4.cut.mass_erase", FLASH_OPERATION_BANK_ERASE},
    [FLASH_L4_OPTION_CHANGE] = {"option byte change", EVENT_FLASH_OPTION_START,
                                EVENT_FLASH_OPTION_END, "L4.cut.option",
                                FLASH_OPERATION_OPTION_CHANGE},
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
    emit_op(device, &op, kinds[op.kind].start,
            is_program ? (uint32_t)op.data : kinds[op.kind].operation, NULL);
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
    case FLASH_L4_BANK_ERASE:
        flash_l4_end_erase(device, op);
        break;
    case FLASH_L4_OPTION_CHANGE:
        flash_l4_end_option_change(device, op);
        break;
    case FLASH_L4_IDLE:
        assert(false && "no operation to end");
    }
}

static bool fails(struct flash_l4 *flash, const struct flash_l4_operation *op)
{
    bool is_meant = flash->has_failure && (flash->failing == EVENT_KIND_COUNT ||
                                           flash->failing == kinds[op->kind].start);
    flash->has_failure = flash->has_failure && !is_meant;
    return is_meant;
}

/* Injected: OPERR, as when the flash's own logic gives up. ASSUMED: the cells are as they were. */
static void fail_operation(struct device *device, const struct flash_l4_operation *op)
{
    struct flash_l4 *flash = flash_l4_of(device);
    uint32_t flags = flash->reg[FLASH_CR] & CR_ERRIE ? SR_OPERR : 0; /* L4 sheet 4.3 */
    if (flash->row.is_running)
        flash_l4_end_row(device);
    flash->row = (struct flash_l4_row){0};
    flash_l4_assume(device, ASSUME_FAILED_OPERATION);
    flash_l4_raise(device, flags, "L4.operr.injected", op_addr(device, op), op_size(device, op));
}

static void flash_expired(struct device *device, unsigned timer)
{
    assert(timer == TIMER_OPERATION);
    struct flash_l4 *flash = flash_l4_of(device);
    struct flash_l4_operation op = flash->op;
    flash->op = (struct flash_l4_operation){0};
    emit_op(device, &op, kinds[op.kind].end, 0, NULL);
    if (fails(flash, &op))
        fail_operation(device, &op);
    else
        complete(device, &op);
    flash_l4_publish_busy(device);
    device->system->needs_attention = true;
    if (op.launches)
        system_request_reset(device->system, RESET_OPTION_LOAD);
}

static struct flash_cut current_phase(const struct device *device)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    if (flash->is_cut_forced)
        return flash->forced_cut;
    uint64_t length = flash->op.ends_ps - flash->op.started_ps;
    uint64_t elapsed = device_now_ps(device) - flash->op.started_ps;
    return flash_phase_at(kinds[flash->op.kind].operation, elapsed, length);
}

/* Power or reset cuts the operation: the cells stay as the phase leaves them (L4 sheet 9.1, 9.6).
 */
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
    case FLASH_L4_BANK_ERASE:
        for (uint32_t i = 0; i < op.page_count; i++)
            flash_array_erase(cells, op.first_page + i, &torn);
        break;
    case FLASH_L4_OPTION_CHANGE:
        if (flash_l4_cut_option_change(device, &op, &torn))
            op.page_count = flash_array_page_count(cells); /* what is torn, for the trace */
        break;
    case FLASH_L4_IDLE:
        break;
    }
    emit_op(device, &op, EVENT_FLASH_TORN, torn.cut.phase,
            op.erases_main ? "L4.cut.level_0" : kinds[op.kind].torn_rule);
    if (torn.cut.phase != FLASH_PHASE_BEFORE && torn.cut.phase != FLASH_PHASE_DONE)
        flash_l4_assume(device, ASSUME_TORN_CELLS);
    device_cancel(device, TIMER_OPERATION);
    flash->op = (struct flash_l4_operation){0};
}

/* --- what the bus and the machine call --- */

static void flash_read(struct device *device, const struct access *access,
                       struct access_result *result)
{
    if (access->window == FLASH_WINDOW_MAIN)
        flash_l4_read_main(device, access, result);
    else if (access->window == FLASH_WINDOW_CLOSED)
        flash_l4_refuse_level_1(device, access, result);
    else if (access->window == FLASH_WINDOW_INFO)
        flash_l4_read_info(device, access, result);
    else
        flash_l4_read_register(device, access, result);
}

static void flash_write(struct device *device, const struct access *access,
                        struct access_result *result)
{
    if (access->window == FLASH_WINDOW_REGISTERS)
        flash_l4_write_register(device, access, result);
    else if (access->window == FLASH_WINDOW_CLOSED)
        flash_l4_refuse_level_1(device, access, result);
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

/* L4 sheet 9.1, design.md: whether the pulse in flight is finished is the scenario's to say; loss
 * of power always cuts it. */
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

/* L4 sheet 11.3: what a debugger at level 1 closes opens with a power-on reset, not without it. */
static void look_for_debugger(struct device *device)
{
    const struct wires *wires = device->system->wires;
    if (wires->is_debugger_attached && flash_l4_rdp_level(wires->optr) == RDP_LEVEL_1)
        flash_l4_of(device)->met_debugger = true;
}

static void flash_reset(struct device *device, enum reset_cause cause)
{
    struct flash_l4 *flash = flash_l4_of(device);
    end_by_reset(device, cause);
    flash_l4_reset_registers(device, cause);
    flash->latch = (struct flash_l4_latch){0};
    flash->row = (struct flash_l4_row){0};
    flash->last_ecc_unit = flash->buffered_unit = 0;
    flash_l4_cache_reset(device);
    if (loads_options(cause))
        flash_l4_load_options(device);
    else
        flash_l4_show_options(device);
    if (cause == RESET_POWER_ON || cause == RESET_BROWN_OUT)
        flash->met_debugger = false;
    look_for_debugger(device);
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
    (void)value;
    const struct flash_l4 *flash = flash_l4_of(device);
    if (line == WIRE_CLOCKS)
        flash_l4_check_latency(device);
    look_for_debugger(device);
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
        .operation = kinds[flash->op.kind].operation,
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
        .sr = flash_l4_sr(device),
        .cr = flash_l4_cr(device),
        .eccr = flash->reg[FLASH_ECCR],
    };
}

void flash_l4_fail_next(struct device *device, enum event_kind start)
{
    flash_l4_of(device)->has_failure = true;
    flash_l4_of(device)->failing = (uint8_t)start;
}

void flash_l4_set_cut_phase(struct device *device, const struct flash_cut *cut)
{
    struct flash_l4 *flash = flash_l4_of(device);
    flash->is_cut_forced = cut != NULL;
    if (cut)
        flash->forced_cut = *cut;
}
