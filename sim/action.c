/* Each action, as hardware would meet it.
 *
 * supply: VDD falls from what it is to a level, stays, and comes back, in steps of 50 mV, each of which the
 * power control sees: the PVD warns at its level. Below the brown-out level of the option bytes the chip is
 * reset as by a brown-out, what the flash was doing is torn, and the core is held until the supply is back.
 * ASSUMED: RAM keeps its contents throughout (L4 sheet 9.8 gives levels only).
 *
 * debugger: attaches, sets freeze bits in DBGMCU, halts the core between two instructions, reads and writes
 * by its own bus master one access after another (a busy flash makes it wait), and lets go. The pulse of the
 * flash runs on meanwhile, and so does what is not frozen (L4 sheet 9.7).
 *
 * load_images: a loader waits for the flash, erases pages and programs. It takes no time, and the core is not
 * stopped. SR.PEMPTY stays as it was: only a load of the option bytes looks again (L4 sheet 11.5).
 * Left out: write protection, which would refuse it. */
#include "sim/action.h"

#include <stdio.h>

#include "models/flash_array.h"
#include "sim/core/system_control.h"

#define DBGMCU_APB1FZR1 0xE0042008u

enum { SUPPLY_STEP_MV = 50, MAIN_FLASH = 0x08000000 };

/* L4 sheet 9.8: brown-out levels 0 to 4. */
static uint32_t brown_out_mv(const struct wires *wires)
{
    static const uint32_t level_mv[8] = {1700, 2000, 2200, 2500, 2800, 1700, 1700, 1700};
    return level_mv[wires->optr >> 8 & 7];
}

static uint64_t now_ps(const struct timeline_run *run)
{
    return machine_now_ps(run->machine);
}

static const struct action *current(const struct timeline_run *run)
{
    return &run->timeline->steps[run->at].actions[run->action];
}

static bool fail(struct timeline_run *run, const char *text)
{
    run->is_failed = true;
    error_set(&run->error, "%s", text);
    return false;
}

/* ---- supply ------------------------------------------------------------------------------------- */

static uint64_t supply_end_ps(const struct timeline_run *run, const struct action *action)
{
    return run->supply_from_ps + action->ps + action->hold_ps + action->back_ps;
}

/* The level at a time of the ramp. */
static uint32_t supply_mv(const struct timeline_run *run, const struct action *action, uint64_t ps)
{
    uint64_t high = run->supply_from_mv;
    uint64_t fall = high > action->mv ? high - action->mv : 0;
    uint64_t at = ps - run->supply_from_ps;
    if (at < action->ps)
        return (uint32_t)(high - fall * (at / PS_PER_NS) / (action->ps / PS_PER_NS));
    at -= action->ps;
    if (at < action->hold_ps)
        return action->mv;
    at -= action->hold_ps;
    if (at < action->back_ps)
        return (uint32_t)(action->mv + fall * (at / PS_PER_NS) / (action->back_ps / PS_PER_NS));
    return (uint32_t)high;
}

/* The time of the next step of 50 mV, of a bend, or the end. */
static uint64_t supply_next_ps(const struct timeline_run *run, const struct action *action)
{
    uint64_t now = now_ps(run);
    uint64_t bends[3] = {run->supply_from_ps + action->ps, 0, 0};
    bends[1] = bends[0] + action->hold_ps;
    bends[2] = bends[1] + action->back_ps;
    uint64_t next = CLOCK_NEVER;
    for (unsigned i = 0; i < 3 && next == CLOCK_NEVER; i++)
        if (bends[i] > now)
            next = bends[i];
    uint32_t fall = run->supply_from_mv > action->mv ? run->supply_from_mv - action->mv : 1;
    uint64_t slope = now < bends[0] ? action->ps : now < bends[1] ? 0 : action->back_ps;
    uint64_t step = slope * SUPPLY_STEP_MV / fall;
    return step && now + step < next ? now + step : next;
}

static bool do_supply(struct timeline_run *run, const struct action *action)
{
    struct machine *machine = run->machine;
    struct wires *wires = &machine->soc->wires;
    if (run->supply_from_ps == CLOCK_NEVER) {
        run->supply_from_ps = now_ps(run);
        run->supply_from_mv = wires->vdd_mv;
    }
    bool is_over = now_ps(run) >= supply_end_ps(run, action);
    uint32_t mv = is_over ? run->supply_from_mv : supply_mv(run, action, now_ps(run));
    if (mv != wires->vdd_mv) {
        wires->vdd_mv = mv;
        trace_emit(&machine->soc->trace,
                   (struct event){.kind = EVENT_SUPPLY, .unit = "POWER", .value = mv});
        device_signal(&machine->soc->system, WIRE_SUPPLY, mv);
    }
    bool is_low = mv < brown_out_mv(wires);
    if (is_low && !run->is_supply_low) {
        machine_cut_at(machine, now_ps(run), RESET_BROWN_OUT);
        machine_hold(machine, true);
    } else if (!is_low && run->is_supply_low) {
        machine_hold(machine, false);
    }
    run->is_supply_low = is_low;
    return is_over;
}

/* ---- debugger ----------------------------------------------------------------------------------- */

static void set_freezes(struct timeline_run *run, const struct action *action)
{
    for (unsigned i = 0; i < 3; i++) {
        struct access access = {.addr = DBGMCU_APB1FZR1 + 4 * i, .size = 4};
        uint32_t value;
        bool is_bus_error;
        uint64_t busy_ps;
        if (!action->freeze[i])
            continue;
        machine_debug_access(run->machine, &access, &value, &is_bus_error, &busy_ps);
        access.is_write = true;
        access.value = value | action->freeze[i];
        machine_debug_access(run->machine, &access, &value, &is_bus_error, &busy_ps);
    }
}

static bool do_debugger(struct timeline_run *run, const struct action *action)
{
    struct machine *machine = run->machine;
    if (soc_flash_protection_level(machine->soc) == 2)
        return fail(run, "debugger: none gets in at protection level 2");
    if (run->release_ps == CLOCK_NEVER) { /* the first time */
        soc_set_debugger(machine->soc, true);
        set_freezes(run, action);
        run->release_ps = now_ps(run) + action->halt_ps;
        run->is_halting = action->halt_ps != 0;
        if (run->is_halting)
            machine_set_halted(machine, true);
    }
    /* The core finishes its instruction first, a stalled one too. */
    if (run->is_halting && !machine->soc->wires.is_core_halted)
        return false;
    while (run->access < action->access_count) {
        const struct debug_access *wanted = &action->access[run->access];
        struct access access = {.addr = wanted->addr,
                                .size = wanted->size,
                                .value = wanted->value,
                                .is_write = wanted->is_write};
        uint32_t value;
        bool is_bus_error;
        if (!machine_debug_access(machine, &access, &value, &is_bus_error, &run->due_ps))
            return false;
        run->access++;
    }
    if (now_ps(run) < run->release_ps)
        return false;
    if (run->is_halting)
        machine_set_halted(machine, false);
    if (action->is_detached)
        soc_set_debugger(machine->soc, false);
    return true;
}

static uint64_t debugger_next_ps(const struct timeline_run *run)
{
    const struct action *action = current(run);
    if (run->is_halting && !run->machine->soc->wires.is_core_halted)
        return CLOCK_NEVER; /* hear() wakes us when it stands */
    if (run->access < action->access_count)
        return run->due_ps;
    return run->release_ps;
}

/* ---- input, pins -------------------------------------------------------------------------------- */

/* A byte goes out when the one before was received: the UART paces it. */
static bool do_uart_input(struct timeline_run *run, const struct action *action)
{
    struct system *system = &run->machine->soc->system;
    if (run->sent < action->byte_count) {
        device_signal(system, WIRE_UART_INPUT,
                      (uint32_t)action->channel << 8 | action->bytes[run->sent]);
        run->sent++;
    }
    return run->sent == action->byte_count;
}

static void drive_pin(struct timeline_run *run, const struct action *action)
{
    uint32_t port = action->pin >> 4;
    uint32_t value = port << 5 | (action->pin & 15) << 1 | action->level;
    device_signal(&run->machine->soc->system, WIRE_PIN_DRIVE,
                  value | (action->is_let_go ? 1u << 31 : 0));
}

static void press(struct timeline_run *run, const struct action *action)
{
    if (run->held)
        board_press(run->held, run->machine->soc, false);
    board_press(action->button, run->machine->soc, true);
    run->held = action->button;
    run->held_until_ps = now_ps(run) + action->hold_ps;
}

/* ---- memory and cells --------------------------------------------------------------------------- */

static bool set_memory(struct timeline_run *run, const struct action *action)
{
    if (!machine_poke(run->machine, action->place.addr, action->bytes, action->byte_count))
        return fail(run, "set_memory: there is no RAM at this address");
    return true;
}

static void flip(struct timeline_run *run, uint32_t addr, uint64_t data, uint8_t ecc)
{
    struct soc *soc = run->machine->soc;
    struct flash_cells cells = {.data = {data}, .ecc = ecc};
    flash_array_flip(soc->cells, (addr - MAIN_FLASH) / 8, cells);
    soc_flash_publish(soc);
}

/* ---- a loader ----------------------------------------------------------------------------------- */

static void erase_page(struct soc *soc, uint32_t page)
{
    flash_array_erase(soc->cells, page, NULL);
}

static void erase_under(struct soc *soc, const struct image_segment *segment)
{
    uint32_t page_bytes = soc->chip->flash.page_bytes;
    uint32_t offset = segment->addr >= MAIN_FLASH ? segment->addr - MAIN_FLASH : segment->addr;
    uint32_t last = (offset + (uint32_t)segment->size - 1) / page_bytes;
    for (uint32_t page = offset / page_bytes; segment->size && page <= last; page++)
        erase_page(soc, page);
}

/* All erases come before the first word: segments may share a page. */
static void erase_for(struct soc *soc, const struct action *action)
{
    uint32_t pages = flash_array_page_count(soc->cells);
    for (uint32_t page = 0; action->erases_all && page < pages; page++)
        erase_page(soc, page);
    for (unsigned i = 0; !action->erases_all && i < action->image_count; i++)
        for (size_t k = 0; k < action->images[i].segment_count; k++)
            erase_under(soc, &action->images[i].segments[k]);
}

static bool load_images(struct timeline_run *run, const struct action *action)
{
    struct soc *soc = run->machine->soc;
    struct flash_activity flash = soc_flash_activity(soc);
    run->due_ps = flash.ends_ps;
    if (flash.is_busy)
        return false;
    if (soc_flash_protection_level(soc) != 0)
        return fail(run, "load_images: the flash is read protected (RDP): no loader gets at it");
    erase_for(soc, action);
    soc_flash_publish(soc);
    for (unsigned i = 0; i < action->image_count; i++)
        for (size_t k = 0; k < action->images[i].segment_count; k++) {
            const struct image_segment *segment = &action->images[i].segments[k];
            if (!machine_load(run->machine, segment->addr, segment->bytes, segment->size))
                return fail(run, "load_images: an image is not in one memory");
        }
    return true;
}

bool action_do(struct timeline_run *run, const struct action *action)
{
    struct soc *soc = run->machine->soc;
    switch (action->kind) {
    case ACTION_SUPPLY:
        return do_supply(run, action);
    case ACTION_DEBUGGER:
        return do_debugger(run, action);
    case ACTION_UART_INPUT:
        return do_uart_input(run, action);
    case ACTION_PIN:
        drive_pin(run, action);
        return true;
    case ACTION_PRESS:
        press(run, action);
        return true;
    case ACTION_SET_MEMORY:
        return set_memory(run, action);
    case ACTION_FLIP_FLASH_BITS:
        flip(run, action->place.addr, action->flip, action->flip_ecc);
        return true;
    case ACTION_ECC_ERROR:
        flip(run, action->place.addr, action->is_double ? 3 : 1, 0);
        return true;
    case ACTION_AGE:
        flash_array_set_wear(soc->cells,
                             (action->place.addr - MAIN_FLASH) / soc->chip->flash.page_bytes,
                             action->erases);
        return true;
    case ACTION_FAIL_OPERATION:
        soc_flash_fail_next(soc, cut_operation_start(action->operation));
        run->failures_asked++;
        return true;
    case ACTION_LOAD_IMAGES:
        return load_images(run, action);
    case ACTION_GO_ON:
    case ACTION_POWER_CUT: /* the timeline's */
    case ACTION_RESET:
    case ACTION_KIND_COUNT:
        break;
    }
    return true;
}

void action_begin(struct timeline_run *run)
{
    run->access = 0;
    run->sent = 0;
    run->release_ps = run->supply_from_ps = CLOCK_NEVER;
    run->is_halting = false;
}

uint64_t action_next_ps(const struct timeline_run *run)
{
    switch (current(run)->kind) {
    case ACTION_SUPPLY:
        return supply_next_ps(run, current(run));
    case ACTION_DEBUGGER:
        return debugger_next_ps(run);
    case ACTION_LOAD_IMAGES:
        return run->due_ps > now_ps(run) ? run->due_ps : CLOCK_NEVER;
    case ACTION_UART_INPUT:
        return CLOCK_NEVER; /* when the byte before was received */
    default:
        return CLOCK_NEVER;
    }
}

static const char *const names[ACTION_KIND_COUNT] = {
    [ACTION_GO_ON] = "go_on",
    [ACTION_POWER_CUT] = "power_cut",
    [ACTION_RESET] = "reset",
    [ACTION_SUPPLY] = "supply",
    [ACTION_DEBUGGER] = "debugger",
    [ACTION_UART_INPUT] = "uart_input",
    [ACTION_PIN] = "pin",
    [ACTION_PRESS] = "press",
    [ACTION_SET_MEMORY] = "set_memory",
    [ACTION_FLIP_FLASH_BITS] = "flip_flash_bits",
    [ACTION_AGE] = "age",
    [ACTION_ECC_ERROR] = "ecc_error",
    [ACTION_FAIL_OPERATION] = "fail_operation",
    [ACTION_LOAD_IMAGES] = "load_images",
};

const char *action_kind_name(enum action_kind kind)
{
    return names[kind];
}
