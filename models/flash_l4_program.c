/* Programming: the latch, the per-beat rule, fast programming. L4 sheet 4.
 * Each write beat that reaches the flash is judged by the rule set of 4.4, which gives the SR
 * values measured on silicon: 0xA8, 0xA0, 0x2A0, 0x40, 0x80. Approximated: flags can be cleared at
 * once, not only after a run of successive writes has ended (4.3).
 * A cut between the two words, or with a double word of a row waiting behind the one in the pulse,
 * loses what was not in the pulse; the cells of the one in the pulse are as the head of
 * flash_array_operations.c says: rules L4.cut.program, L4.cut.row. */
#include "models/flash_l4_state.h"

enum { OTP_OFFSET = 0x7000, OTP_BYTES = 0x400 };

static const uint64_t fast_row_limit_ps = 7 * PS_PER_MS;
static const uint32_t fast_min_hclk_hz = 8000000;

/* Where a beat lands. */
struct target {
    bool is_programmable; /* main array or OTP */
    bool is_main;
    uint32_t cell_word; /* unit * 2 + half; only where programmable */
};

static struct target target_of(const struct device *device, const struct access *access)
{
    const struct flash_array *cells = device->system->cells;
    if (access->window == FLASH_WINDOW_MAIN)
        return (struct target){true, true, flash_l4_swap(device, access->offset) / 4};
    uint32_t otp = access->offset - OTP_OFFSET;
    uint32_t first = flash_array_otp_page(cells) * flash_array_units_per_page(cells) * 2;
    if (otp < OTP_BYTES)
        return (struct target){true, false, first + otp / 4};
    return (struct target){0};
}

void flash_l4_drop_latch(struct device *device)
{
    flash_l4_of(device)->latch = (struct flash_l4_latch){0};
}

static bool is_protected(struct device *device, const struct target *target)
{
    const struct flash_array *cells = device->system->cells;
    if (!target->is_programmable)
        return true;
    if (target->is_main)
        return flash_l4_is_blocked(device) || flash_l4_is_pcrop(device, target->cell_word / 2) ||
               flash_l4_is_write_protected(device, target->cell_word / 2 /
                                                       flash_array_units_per_page(cells));
    /* L4 sheet 1.2, 4.3: an OTP double word is written once. */
    struct flash_reading now;
    flash_array_read(cells, target->cell_word / 2, flash_l4_choice(device, target->cell_word / 2),
                     &now);
    return !now.is_virgin;
}

/* L4 sheet 4.2: whether data may go where something is already. */
static bool is_refused(struct device *device, const struct target *target, bool is_zero)
{
    struct flash_reading now;
    flash_array_read(device->system->cells, target->cell_word / 2,
                     flash_l4_choice(device, target->cell_word / 2), &now);
    if (now.is_virgin)
        return false;
    if (!is_zero)
        return true;
    if (!now.is_all_zero)
        return false;
    flash_l4_assume(device, ASSUME_ZERO_OVER_ZERO);
    return rule_is_on(device->system->wires, RULE_ZERO_OVER_ZERO_REFUSED);
}

/* Flags of a beat and the first reason for them. */
struct judgement {
    uint32_t flags;
    const char *rule;
};

static void blame(struct judgement *judgement, uint32_t flag, const char *rule)
{
    judgement->flags |= flag;
    if (!judgement->rule)
        judgement->rule = rule;
}

/* L4 sheet 4.4 rule 2, 4.3 (c), 4.5: the mode bits do not allow programming. */
static void judge_mode(struct device *device, struct judgement *judgement)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    uint32_t cr = flash->reg[FLASH_CR];
    bool is_open = key_lock_is_open(&flash->lock);
    if (!is_open || !(cr & (CR_PG | CR_FSTPG))) {
        blame(judgement, SR_PGSERR, is_open ? "L4.program.pg_clear" : "L4.program.locked");
    } else if (cr & (CR_PER | CR_MER1 | CR_MER2)) {
        blame(judgement, SR_PGSERR, "L4.program.erase_mode");
    } else if ((cr & CR_PG) && (cr & CR_FSTPG)) {
        flash_l4_assume(device, ASSUME_BOTH_PROGRAM_MODES);
        blame(judgement, SR_PGSERR, "L4.program.both_modes");
    }
    if (device->system->wires->voltage_range == 2 && (cr & (CR_PG | CR_FSTPG))) {
        /* L4 sheet 4.1.8: the flag on L4 is not known. */
        flash_l4_assume(device, ASSUME_RANGE_2);
        if (rule_is_on(device->system->wires, RULE_RANGE2_PGSERR))
            blame(judgement, SR_PGSERR, "L4.program.range2");
    }
}

/* L4 sheet 4.4 rule 3, 4.5. */
static void judge_pairing(struct device *device, const struct access *access,
                          const struct target *target, struct judgement *judgement)
{
    const struct flash_l4_latch *latch = &flash_l4_of(device)->latch;
    if (!latch->is_full) {
        if (access->addr & 4)
            blame(judgement, SR_PGAERR, "L4.program.unaligned_start");
    } else if (!target->is_programmable || target->cell_word != latch->cell_word + 1) {
        flash_l4_assume(device, ASSUME_PAIR_POLICY);
        blame(judgement, SR_PGAERR, "L4.program.pair_broken");
    }
}

static uint32_t row_units(const struct device *device)
{
    return flash_l4_chip(device)->row_doublewords;
}

static uint32_t page_of_unit(const struct device *device, uint32_t unit)
{
    return unit / flash_array_units_per_page(device->system->cells);
}

/* L4 sheet 4.6.2: hardware wants the bank mass-erased just before. */
static bool is_ready_for_row(struct device *device, uint32_t unit)
{
    const struct flash_l4_row *row = &flash_l4_of(device)->row;
    uint32_t page = page_of_unit(device, unit);
    flash_l4_assume(device, ASSUME_FAST_AFTER_MASS_ERASE);
    if (rule_is_on(device->system->wires, RULE_FAST_AFTER_PAGE_ERASE) &&
        row->erased_page == page + 1)
        return true;
    return row->ready_banks >> flash_l4_bank_of_page(device, page) & 1;
}

/* L4 sheet 4.3 PGAERR (c), PGSERR (d), 4.6: a first word in fast mode. */
static void judge_row(struct device *device, const struct target *target,
                      struct judgement *judgement)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    uint32_t unit = target->cell_word / 2;
    if (!target->is_main) {
        flash_l4_assume(device, ASSUME_OTP_FAST);
        blame(judgement, SR_PGSERR, "L4.fast.main_only");
    } else if (flash->row.is_running) {
        if (unit != flash->row.last_unit + 1 ||
            unit / row_units(device) != flash->row.last_unit / row_units(device))
            blame(judgement, SR_PGAERR, "L4.fast.not_ascending");
    } else if (!is_ready_for_row(device, unit)) {
        blame(judgement, SR_PGSERR, "L4.fast.not_mass_erased");
    } else if (unit % row_units(device) != 0) {
        flash_l4_assume(device, ASSUME_FAST_ROW_START);
        blame(judgement, SR_PGAERR, "L4.fast.row_start");
    }
}

static bool is_fast(const struct flash_l4 *flash)
{
    uint32_t modes = flash->reg[FLASH_CR] & (CR_PG | CR_FSTPG);
    return modes == CR_FSTPG && key_lock_is_open(&flash->lock);
}

/* L4 sheet 4.4 rules 5 and 6: what the target says, once the mode allows programming at all. */
static void judge_target(struct device *device, const struct access *access,
                         const struct target *target, struct judgement *judgement)
{
    const struct flash_l4_latch *latch = &flash_l4_of(device)->latch;
    if (is_protected(device, target)) {
        flash_l4_assume(device,
                        target->is_programmable ? ASSUME_PROTECTED_PAIR : ASSUME_WRITE_INFO);
        blame(judgement, SR_WRPERR, "L4.program.protected");
        return;
    }
    if (access->size != 4 || (judgement->flags & SR_PGAERR && latch->is_full))
        return;
    /* A zero first word leaves the decision to the second; one that is not was judged already. */
    if (is_refused(device, target, access->value == 0))
        blame(judgement, SR_PROGERR, "L4.program.not_blank");
}

static struct judgement judge(struct device *device, const struct access *access,
                              const struct target *target)
{
    struct flash_l4 *flash = flash_l4_of(device);
    struct judgement judgement = {0};
    bool is_start = !flash->latch.is_full;
    judge_mode(device, &judgement);
    bool is_mode_right = !judgement.flags;
    if (access->size != 4)
        blame(&judgement, SR_SIZERR, "L4.program.size");
    if (is_mode_right)
        judge_target(device, access, target, &judgement);
    judge_pairing(device, access, target, &judgement);
    if (is_mode_right && is_start && is_fast(flash) && !(judgement.flags & SR_PGAERR))
        judge_row(device, target, &judgement);
    /* Rule 4: a flag that still stands from before. */
    if (is_start && (flash->reg[FLASH_SR] & SR_SEQUENCE_ERRORS))
        blame(&judgement, SR_PGSERR, "L4.program.stale_flag");
    /* Rule 7. */
    if (is_fast(flash) && (judgement.flags & (SR_PGAERR | SR_WRPERR | SR_SIZERR)))
        judgement.flags |= SR_FASTERR;
    return judgement;
}

static uint64_t fast_doubleword_ps(const struct device *device)
{
    return flash_l4_duration_ps(device, &flash_l4_chip(device)->fast_row) / row_units(device);
}

static uint8_t bank_bit(const struct device *device, uint32_t unit)
{
    uint32_t page = page_of_unit(device, unit);
    if (page >= flash_array_page_count(device->system->cells))
        return 1; /* OTP is in bank 1 */
    return (uint8_t)(1u << flash_l4_bank_of_page(device, page));
}

static void emit_row(struct device *device, uint32_t unit, enum event_kind kind)
{
    device_emit(device, (struct event){.kind = kind,
                                       .addr = flash_l4_unit_addr(device, unit),
                                       .size = 8 * row_units(device),
                                       .value = row_units(device)});
}

static void start_pulse(struct device *device, uint32_t unit, uint64_t data)
{
    struct flash_l4 *flash = flash_l4_of(device);
    struct flash_l4_operation op = {.unit = unit, .data = data, .banks = bank_bit(device, unit)};
    if (!is_fast(flash)) {
        op.kind = FLASH_L4_PROGRAM;
        flash_l4_start(device, op, flash_l4_duration_ps(device, &flash_l4_chip(device)->program));
        return;
    }
    op.kind = FLASH_L4_FAST_PROGRAM;
    flash->row.last_unit = unit;
    if (!flash->row.is_running) {
        flash->row.is_running = true;
        flash->row.first_unit = unit;
        flash->row.is_cut = false;
        flash->row.has_next = false;
        flash->row.started_ps = device_now_ps(device);
        /* Reads of the bank must reach the controller: they cut the row (L4 sheet 4.6.3). */
        flash_l4_watch_all(device);
        if (device->system->wires->hclk_hz < fast_min_hclk_hz)
            flash_l4_assume(device, ASSUME_FAST_CLOCK);
        emit_row(device, unit, EVENT_FLASH_ROW_START);
    }
    flash_l4_start(device, op, fast_doubleword_ps(device));
}

static void take_first_word(struct device *device, const struct access *access,
                            const struct target *target)
{
    struct flash_l4 *flash = flash_l4_of(device);
    flash->latch = (struct flash_l4_latch){
        .is_full = true,
        .addr = access->addr,
        .cell_word = target->cell_word,
        .word = access->value,
    };
    device_emit(device, (struct event){.kind = EVENT_FLASH_LATCH,
                                       .pc = access->pc,
                                       .addr = access->addr,
                                       .size = access->size,
                                       .value = access->value,
                                       .master = access->master,
                                       .core = access->core});
}

static void take_second_word(struct device *device, const struct access *access)
{
    struct flash_l4 *flash = flash_l4_of(device);
    uint32_t unit = flash->latch.cell_word / 2;
    uint64_t data = flash->latch.word | (uint64_t)access->value << 32;
    flash_l4_drop_latch(device);
    if (flash->row.is_running) {
        flash->row.has_next = true;
        flash->row.next_data = data;
        flash->row.last_unit = unit;
    } else {
        start_pulse(device, unit, data);
    }
}

/* A row that goes wrong: the double word in the pulse is finished, the rest is not. */
static void abort_row(struct device *device)
{
    struct flash_l4 *flash = flash_l4_of(device);
    flash->row.is_cut = true;
    flash->row.has_next = false;
    flash_l4_drop_latch(device);
}

/* L4 sheet 4.5: a write while BSY waits. A row takes one more double word ahead (4.6.5: stalls pace
 * it). */
static bool must_wait(const struct device *device)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    if (!flash_l4_is_busy(device))
        return false;
    return !flash->row.is_running || flash->row.is_cut || flash->row.has_next;
}

void flash_l4_write_beat(struct device *device, const struct access *access,
                         struct access_result *result)
{
    struct flash_l4 *flash = flash_l4_of(device);
    if (must_wait(device)) {
        flash_l4_stall(device, result);
        return;
    }
    struct target target = target_of(device, access);
    struct judgement judgement = judge(device, access, &target);
    if (judgement.flags) {
        /* Rule 8: drop the beat, empty the latch; the flags are there for the next read. */
        flash_l4_drop_latch(device);
        if (flash->row.is_running)
            abort_row(device);
        flash_l4_raise(device, judgement.flags, judgement.rule, access->addr, access->size);
    } else if (!flash->latch.is_full) {
        take_first_word(device, access, &target);
    } else {
        take_second_word(device, access);
    }
}

/* --- the end of a pulse --- */

static void put_unit(struct device *device, const struct flash_l4_operation *op)
{
    const uint64_t data[FLASH_UNIT_WORDS_MAX] = {op->data};
    flash_array_program(device->system->cells, op->unit, data, NULL);
    flash_l4_show_unit(device, op->unit);
}

void flash_l4_end_program(struct device *device, const struct flash_l4_operation *op)
{
    put_unit(device, op);
    flash_l4_succeed(device);
}

void flash_l4_end_row(struct device *device)
{
    struct flash_l4_row *row = &flash_l4_of(device)->row;
    emit_row(device, row->first_unit, EVENT_FLASH_ROW_END);
    row->is_running = row->is_cut = row->has_next = false;
    flash_l4_watch_all(device);
}

static void fail_row(struct device *device, uint32_t flags, const char *rule, uint32_t unit)
{
    flash_l4_drop_latch(device);
    flash_l4_end_row(device);
    flash_l4_raise(device, flags, rule, flash_l4_unit_addr(device, unit), 8);
}

void flash_l4_end_fast_program(struct device *device, const struct flash_l4_operation *op)
{
    struct flash_l4_row *row = &flash_l4_of(device)->row;
    bool is_last = op->unit % row_units(device) == row_units(device) - 1;
    put_unit(device, op);
    if (row->is_cut) {
        /* L4 sheet 4.6.3: the rest is cut without a flag. */
        flash_l4_end_row(device);
    } else if (is_last) {
        flash_l4_end_row(device);
        flash_l4_succeed(device);
    } else if (!row->has_next) {
        /* L4 sheet 4.6.4: the next double word did not come within the programming time of one. */
        fail_row(device, SR_MISERR | SR_FASTERR, "L4.fast.data_late", op->unit);
    } else if (device_now_ps(device) + fast_doubleword_ps(device) - row->started_ps >
               fast_row_limit_ps) {
        fail_row(device, SR_FASTERR, "L4.fast.row_too_long", op->unit);
    } else {
        row->has_next = false;
        start_pulse(device, row->last_unit, row->next_data);
    }
}

bool flash_l4_cut_row(struct device *device, uint32_t page)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    if (!flash->row.is_running ||
        flash_l4_bank_of_page(device, page) !=
            flash_l4_bank_of_page(device, page_of_unit(device, flash->op.unit)))
        return false;
    if (!flash->row.is_cut)
        device_emit(device, (struct event){.kind = EVENT_FLASH_ERROR,
                                           .op = flash->op.ordinal,
                                           .addr = flash_l4_page_addr(device, page),
                                           .rule = "L4.fast.cut_by_read"});
    abort_row(device);
    flash_l4_publish_busy(device);
    return true;
}
