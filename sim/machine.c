/* The run loop: instructions, time, stalls, sleep, resets and cuts. */
#include "sim/machine.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/rng.h"

#define BITBAND_RAM 0x22000000u
#define BITBAND_PERIPHERAL 0x42000000u
#define BITBAND_BYTES 0x02000000u
#define PPB_BASE 0xE0000000u
#define FLASH_BASE 0x08000000u

/* ---- time --------------------------------------------------------------------------------------- */

static uint64_t time_of(const struct machine *m, uint64_t cycles)
{
    return m->time.epoch_ps + clock_ps_from_cycles(cycles - m->time.epoch_cycles, m->time.hz);
}

/* First cycle count whose time is at or after `ps`. */
static uint64_t cycles_at(const struct machine *m, uint64_t ps)
{
    if (ps == CLOCK_NEVER)
        return UINT64_MAX;
    if (ps <= m->time.epoch_ps)
        return m->time.epoch_cycles;
    uint64_t count = clock_cycles_to_reach(ps - m->time.epoch_ps, m->time.hz);
    return count > UINT64_MAX - m->time.epoch_cycles ? UINT64_MAX : m->time.epoch_cycles + count;
}

static void follow_clock(struct machine *m)
{
    uint32_t hz = m->soc->wires.hclk_hz;
    if (hz == m->time.hz || hz == 0)
        return;
    m->time = (struct core_time){m->soc->clock.now_ps, cpu_cycles(m->processor.cpu), hz};
}

/* A reset or a cut is due: nothing of what the firmware is doing happens any more. */
static bool is_boot_over(const struct machine *m)
{
    return m->soc->system.reset_requested || m->cut_requested ||
           m->cut_at_ps <= m->soc->clock.now_ps;
}

static bool must_look(const struct machine *m)
{
    return is_boot_over(m) || m->stop_requested;
}

static void step_time(struct machine *m, uint64_t to_ps)
{
    uint64_t step_ps = m->soc->clock.next_ps < to_ps ? m->soc->clock.next_ps : to_ps;
    soc_advance(m->soc, m->cut_at_ps < step_ps ? m->cut_at_ps : step_ps);
}

/* Lets time pass, timers and cuts included, until the machine must look. */
static void pass_time(struct machine *m, uint64_t to_ps)
{
    while (!must_look(m) && m->soc->clock.now_ps < to_ps)
        step_time(m, to_ps);
}

/* The same in the middle of an instruction, which must be ended unless a reset or a cut ends it (false). */
static bool wait_out(struct machine *m, uint64_t to_ps)
{
    while (!is_boot_over(m) && m->soc->clock.now_ps < to_ps)
        step_time(m, to_ps);
    return !is_boot_over(m);
}

/* After time passed without instructions: the cycle counter catches up. */
static void catch_up(struct machine *m)
{
    uint64_t cycles = cycles_at(m, m->soc->clock.now_ps);
    uint64_t now = cpu_cycles(m->processor.cpu);
    if (cycles > now)
        cpu_add_cycles(m->processor.cpu, cycles - now);
    follow_clock(m);
}

/* The devices' time is that of the instruction being executed, but never past a cut. */
static void sync_time(struct machine *m)
{
    uint64_t now_ps = time_of(m, cpu_cycles(m->processor.cpu));
    if (now_ps > m->cut_at_ps)
        now_ps = m->cut_at_ps;
    if (now_ps >= m->soc->clock.next_ps)
        soc_advance(m->soc, now_ps);
    else if (now_ps > m->soc->clock.now_ps)
        m->soc->clock.now_ps = now_ps;
}

uint64_t machine_now_ps(const struct machine *m)
{
    uint64_t now_ps = m->time.hz ? time_of(m, cpu_cycles(m->processor.cpu)) : 0;
    return now_ps > m->soc->clock.now_ps ? now_ps : m->soc->clock.now_ps;
}

static void end_stall(struct machine *m, uint64_t from_ps)
{
    m->stalled_ps += m->soc->clock.now_ps - from_ps;
    catch_up(m);
}

static void emit_stall(struct machine *m, uint32_t addr, uint32_t pc, uint64_t until_ps)
{
    uint64_t left_ps = until_ps - m->soc->clock.now_ps;
    trace_emit(&m->soc->trace, (struct event){.kind = EVENT_FLASH_STALL,
                                              .unit = "FLASH",
                                              .pc = pc,
                                              .addr = addr,
                                              .value = (uint32_t)(left_ps / PS_PER_NS)});
}

/* An access waits for the flash. False: ended by a reset or a cut. */
static bool wait_for_flash(struct machine *m, uint32_t addr, uint32_t pc, uint64_t until_ps)
{
    uint64_t from_ps = m->soc->clock.now_ps;
    if (until_ps <= from_ps)
        return true;
    emit_stall(m, addr, pc, until_ps);
    bool is_over = wait_out(m, until_ps);
    end_stall(m, from_ps);
    return is_over;
}

static bool is_fetch_stalled(const struct machine *m)
{
    uint32_t pc = cpu_current_pc(m->processor.cpu);
    return bus_busy_until(&m->soc->bus, pc) > m->soc->clock.now_ps;
}

/* L4 sheet 6.2, 6.3: an interrupt gets through a stalled fetch only if its vector need not come from the
 * busy flash too. */
static bool are_vectors_stalled(const struct machine *m)
{
    return bus_busy_until(&m->soc->bus, m->soc->control.vtor) > m->soc->clock.now_ps;
}

static bool can_leave_fetch_stall(const struct machine *m)
{
    return irq_to_take(&m->soc->irq) != EXC_NONE && !are_vectors_stalled(m);
}

/* The next instruction can not be fetched before `busy_ps`. A run that ends meanwhile goes on waiting in
 * the next one: one event all the same. */
static void wait_for_fetch(struct machine *m, uint64_t busy_ps, uint64_t until_ps)
{
    uint32_t pc = cpu_current_pc(m->processor.cpu);
    if (m->fetch_stall_pc != pc || m->fetch_stall_ps != busy_ps)
        emit_stall(m, pc, pc, busy_ps);
    m->fetch_stall_pc = pc;
    m->fetch_stall_ps = busy_ps;
    uint64_t from_ps = m->soc->clock.now_ps;
    uint64_t to_ps = busy_ps < until_ps ? busy_ps : until_ps;
    while (!must_look(m) && !can_leave_fetch_stall(m) && m->soc->clock.now_ps < to_ps)
        step_time(m, to_ps);
    end_stall(m, from_ps);
}

/* ---- accesses ----------------------------------------------------------------------------------- */

/* Bit-band alias -> the byte and bit behind it (core sheet 8). */
static bool find_bit(uint32_t addr, uint32_t *target, unsigned *bit)
{
    uint32_t alias = addr - BITBAND_RAM < BITBAND_BYTES ? BITBAND_RAM : BITBAND_PERIPHERAL;
    if (addr - alias >= BITBAND_BYTES)
        return false;
    uint32_t offset = addr - alias;
    *target = (alias - 0x02000000u) + (offset >> 5);
    *bit = offset >> 2 & 7;
    return true;
}

/* One bus access, stalls waited out. False: a bus error. */
static bool bus_transfer(struct machine *m, struct access *access, uint32_t *value)
{
    struct access_result result;
    for (;;) {
        bus_access(&m->soc->bus, access, &result);
        if (result.is_time_dependent || access->is_write)
            m->skip.impure++;
        if (!result.stall_until_ps)
            break;
        if (!wait_for_flash(m, access->addr, access->pc, result.stall_until_ps))
            return true; /* a reset or a cut: the access never happened, and nobody is left to see it */
        if (!result.is_retried)
            break;
    }
    *value = result.value;
    return !result.is_bus_error;
}

static bool transfer_bit(struct machine *m, struct access *access, uint32_t *value)
{
    uint32_t target;
    unsigned bit;
    if (!find_bit(access->addr, &target, &bit))
        return bus_transfer(m, access, value);
    struct access inner = *access;
    inner.addr = target & ~3u;
    inner.size = 4;
    inner.is_write = false;
    bit += 8 * (target & 3);
    uint32_t word = 0;
    if (!bus_transfer(m, &inner, &word))
        return false;
    if (!access->is_write) {
        *value = word >> bit & 1;
        return true;
    }
    inner.is_write = true;
    inner.value = (word & ~(1u << bit)) | (access->value & 1) << bit;
    return bus_transfer(m, &inner, &word);
}

static void emit_bus_error(struct machine *m, const struct access *access)
{
    trace_emit(&m->soc->trace, (struct event){.kind = EVENT_BUS_ERROR,
                                              .unit = "BUS",
                                              .pc = access->pc,
                                              .addr = access->addr,
                                              .size = access->size,
                                              .value = access->is_write ? access->value : 0,
                                              .master = access->master});
}

static void assume_ignored_fault(struct machine *m)
{
    if (m->has_assumed_ignored_fault)
        return;
    m->has_assumed_ignored_fault = true;
    trace_emit(&m->soc->trace, (struct event){.kind = EVENT_RULE_ASSUMED,
                                              .unit = "CORE",
                                              .rule = "CORE.ccr.bfhfnmign_status"});
}

/* Stores go through the write buffer, so their bus errors come late, except to the private peripheral
 * bus and when ACTLR.DISDEFWBUF says so (core sheet 6). */
static uint32_t bus_fault(struct machine *m, const struct access *access)
{
    struct system_control *control = &m->soc->control;
    emit_bus_error(m, access);
    bool is_buffered =
        access->is_write && access->addr < PPB_BASE && !(control->actlr & ACTLR_DISDEFWBUF);
    if ((control->ccr & CCR_BFHFNMIGN) && irq_execution_priority(&m->soc->irq) < 0) {
        /* Ignored, but noted: what probes for memory look at. ASSUMED, core sheet 6 says the first only. */
        control->cfsr |= is_buffered ? CFSR_IMPRECISERR : CFSR_PRECISERR | CFSR_BFARVALID;
        if (!is_buffered)
            control->bfar = access->addr;
        assume_ignored_fault(m);
        return 0;
    }
    if (!is_buffered)
        return CFSR_PRECISERR | CFSR_BFARVALID;
    if (!m->has_late_error) {
        m->has_late_error = true;
        m->late_error_pc = access->pc;
        m->late_error_addr = access->addr;
    }
    cpu_interrupt(m->processor.cpu);
    return 0;
}

static uint32_t on_access(void *context, struct access *access, uint32_t *value)
{
    struct machine *m = context;
    access->is_privileged &= m->processor.is_privileged;
    sync_time(m);
    if (is_boot_over(m)) {
        cpu_interrupt(m->processor.cpu);
        *value = 0;
        return 0;
    }
    if (!access->is_write && access->addr >= 0x40000000u)
        m->skip.polled_addr = access->addr;
    uint32_t refused_addr = access->addr;
    uint32_t fault = protection_check_as(m, &refused_addr, access->size, access->is_write,
                                         access->is_privileged);
    if (!fault && !transfer_bit(m, access, value))
        fault = bus_fault(m, access);
    follow_clock(m);
    if (m->soc->system.needs_attention || must_look(m))
        cpu_interrupt(m->processor.cpu);
    return fault;
}

/* Watched variables: the store has not happened yet, so the machine looks before the next instruction. */
static void note_store(struct machine *m, const struct access *access)
{
    const struct bus_region *region = bus_find(&m->soc->bus, access->addr);
    if (!region || region->kind != BUS_RAM)
        return;
    const uint8_t *host = region->host + (access->addr - region->base);
    struct bus *bus = &m->soc->bus;
    if (host >= bus->ram_watch_end || host + access->size <= bus->ram_watch_first)
        return;
    bus->is_ram_touched = true;
    cpu_interrupt(m->processor.cpu);
}

static uint32_t on_check(void *context, struct access *access)
{
    struct machine *m = context;
    if (access->is_write && m->watch_count)
        note_store(m, access);
    return protection_check_as(m, &access->addr, access->size, access->is_write,
                               access->is_privileged && m->processor.is_privileged);
}

/* A stall is waited out before the next try of this instruction: see run_instructions(). */
static uint32_t on_watched_fetch(void *context, uint32_t addr, uint32_t size)
{
    struct machine *m = context;
    uint32_t cfsr = 0;
    sync_time(m);
    for (uint32_t at = addr & ~7u; at < addr + size; at += 8) {
        struct access access = {.addr = at, .size = 4, .pc = addr, .is_fetch = true,
                                .is_privileged = m->processor.is_privileged};
        struct access_result result;
        bus_access(&m->soc->bus, &access, &result);
        if (result.stall_until_ps)
            break;
        if (result.is_bus_error) {
            emit_bus_error(m, &access);
            cfsr = CFSR_IBUSERR;
            break;
        }
    }
    if (m->soc->system.needs_attention)
        cpu_interrupt(m->processor.cpu);
    return cfsr;
}

static uint32_t on_check_fetch(void *context, uint32_t addr, uint32_t size)
{
    uint32_t fault = protection_check_fetch(context, addr);
    return fault || size < 4 ? fault : protection_check_fetch(context, addr + 2);
}

/* A fetch that the CPU could not make: denied by the MPU or the default map, or nothing there. */
static uint32_t on_fetch_fault(void *context, uint32_t addr)
{
    struct machine *m = context;
    uint32_t fault = protection_check_fetch(m, addr);
    if (fault)
        return fault;
    return protection_open_fetches(m, addr) ? 0 : CFSR_IBUSERR;
}

static void on_send_event(void *context)
{
    struct machine *m = context;
    m->soc->control.event_register = true;
}

/* The core's own accesses: stacking and vectors (processor.h). */
static uint32_t on_core_memory(void *context, struct access *access, uint32_t *value)
{
    struct machine *m = context;
    sync_time(m);
    access->pc = cpu_current_pc(m->processor.cpu);
    uint32_t refused_addr = access->addr;
    uint32_t fault = access->is_fetch ? 0
                                      : protection_check_as(m, &refused_addr, access->size,
                                                            access->is_write,
                                                            access->is_privileged);
    if (fault)
        return CFSR_DACCVIOL;
    if (bus_transfer(m, access, value))
        return 0;
    emit_bus_error(m, access);
    return CFSR_PRECISERR;
}

static void on_view_changed(void *context, uint32_t offset, uint32_t size)
{
    struct machine *m = context;
    for (unsigned i = 0; i < m->soc->bus.region_count; i++) {
        const struct bus_region *region = &m->soc->bus.region[i];
        if (region->kind == BUS_VIEW)
            cpu_code_changed(m->processor.cpu, region->base + offset, size);
    }
}

/* ---- building ----------------------------------------------------------------------------------- */

bool machine_create(struct machine **out, const struct chip *chip, struct error *error)
{
    struct machine *m = calloc(1, sizeof *m);
    if (!m)
        return error_set(error, "%s: out of memory", chip->name);
    m->cut_at_ps = CLOCK_NEVER;
    m->cut_by = RESET_POWER_ON;
    m->break_pc = UINT32_MAX;
    m->break_cycles = UINT64_MAX;
    skip_init(&m->skip);
    if (!soc_create(&m->soc, chip, error)) {
        free(m);
        return false;
    }
    struct processor *p = &m->processor;
    struct cpu_host host = {m,              on_access,      on_check,     on_watched_fetch,
                            on_check_fetch, on_fetch_fault, on_send_event};
    if (!cpu_create(&p->cpu, chip->core, host, error)) {
        machine_destroy(m);
        return false;
    }
    p->irq = &m->soc->irq;
    p->control = &m->soc->control;
    p->trace = &m->soc->trace;
    p->memory = on_core_memory;
    p->context = m;
    m->soc->trace.pc = cpu_pc_pointer(p->cpu);
    m->soc->bus.view_changed = on_view_changed;
    m->soc->bus.context = m;
    *out = m;
    return true;
}

void machine_destroy(struct machine *m)
{
    if (!m)
        return;
    cpu_destroy(m->processor.cpu);
    soc_destroy(m->soc);
    skip_free(&m->skip);
    free(m);
}

/* ---- power and reset ---------------------------------------------------------------------------- */

static void fill_ram(struct machine *m)
{
    struct soc *soc = m->soc;
    bool keeps_sram2 = m->low_power == STOP_MODE_STANDBY && soc->wires.retains_sram2;
    for (unsigned i = 0; i < soc->ram_count; i++) {
        if (keeps_sram2 && strcmp(soc->ram[i].memory->name, "SRAM2") == 0)
            continue; /* RM0351 5.3.10: CR3.RRS */
        uint8_t *bytes = soc->ram[i].bytes;
        uint32_t size = soc->ram[i].memory->bytes;
        switch (m->ram_after_power_loss) {
        case RAM_ZEROS:
            memset(bytes, 0, size);
            break;
        case RAM_ONES:
            memset(bytes, 0xFF, size);
            break;
        case RAM_NOISE:
            for (uint32_t at = 0; at < size; at += 8) {
                uint64_t noise = rng_hash(soc->wires.seed, soc->wires.boot_count, i, at);
                memcpy(bytes + at, &noise, 8);
            }
            break;
        case RAM_KEPT:
            break;
        }
        cpu_code_changed(m->processor.cpu, soc->ram[i].memory->base, size);
    }
}

bool machine_load(struct machine *m, uint32_t addr, const void *bytes, size_t size)
{
    const struct bus_region *region = bus_find(&m->soc->bus, addr);
    if (!region || region->kind == BUS_DEVICE || size > region->size - (addr - region->base))
        return false;
    if (region->kind == BUS_VIEW) {
        soc_flash_load(m->soc, FLASH_BASE + (addr - region->base), bytes, size,
                       FLASH_LOAD_PROGRAMMED);
    } else {
        memcpy(region->host + (addr - region->base), bytes, size);
        m->is_ram_loaded = true;
    }
    return true;
}

static void start_core(struct machine *m)
{
    m->is_asleep = m->is_waiting_for_event = m->soc->control.is_sleeping = false;
    m->time.epoch_ps = m->soc->clock.now_ps;
    m->time.epoch_cycles = cpu_cycles(m->processor.cpu);
    m->time.hz = m->soc->wires.hclk_hz;
    m->ccr = 0;
    m->has_late_error = false;
    cpu_set_unaligned_trap(m->processor.cpu, false);
    cpu_set_divide_trap(m->processor.cpu, false);
    processor_follow_fpu(&m->processor);
    memset(&m->processor.last_fault, 0, sizeof m->processor.last_fault);
    /* The first vectors may be elsewhere than at 0: the ROM jumps to bank 2 by its own table and leaves
     * VTOR alone (L4 sheet 11.5). */
    uint32_t vtor = m->soc->control.vtor;
    m->soc->control.vtor = soc_vector_table(m->soc);
    processor_reset(&m->processor);
    m->soc->control.vtor = vtor;
    skip_restart(&m->skip, cpu_cycles(m->processor.cpu));
}

static bool follow_map(struct machine *m, struct error *error)
{
    if (m->map_generation == m->soc->bus.map_generation)
        return true;
    m->map_generation = m->soc->bus.map_generation;
    return cpu_map_bus(m->processor.cpu, &m->soc->bus, error);
}

/* In the middle of a run there is nobody to tell but the user, and nothing left to run. */
static void must_follow_map(struct machine *m)
{
    struct error error;
    if (!follow_map(m, &error)) {
        fprintf(stderr, "flashsim: %s\n", error.text);
        exit(2);
    }
}

bool machine_power_on(struct machine *m, struct error *error)
{
    m->is_powered = true;
    m->cut_requested = false;
    m->has_exited = false;
    if (m->cut_at_ps <= m->soc->clock.now_ps)
        m->cut_at_ps = CLOCK_NEVER;
    m->low_power = STOP_MODE_LEFT;
    if (!m->is_ram_loaded)
        fill_ram(m);
    m->is_ram_loaded = false;
    soc_reset(m->soc, RESET_POWER_ON);
    trace_emit(&m->soc->trace,
               (struct event){.kind = EVENT_POWER_ON, .unit = "POWER", .value = m->soc->wires.boot_count});
    if (!follow_map(m, error))
        return false;
    start_core(m);
    return true;
}

void machine_reset(struct machine *m, enum reset_cause cause)
{
    trace_emit(&m->soc->trace,
               (struct event){.kind = EVENT_RESET, .unit = "RESET", .value = (uint32_t)cause});
    if (m->low_power >= STOP_MODE_STANDBY)
        fill_ram(m); /* RM0351 5.3.10: the core's supply was off */
    m->low_power = STOP_MODE_LEFT;
    soc_reset(m->soc, cause);
    must_follow_map(m);
    start_core(m);
}

void machine_cut_at(struct machine *m, uint64_t at_ps, enum reset_cause by)
{
    m->cut_at_ps = at_ps;
    m->cut_by = by;
    if (is_boot_over(m))
        cpu_interrupt(m->processor.cpu);
}

/* A reset from outside at the cut's time. In a brown-out the flash loses its supply too. */
static void cut_by_reset(struct machine *m)
{
    enum reset_cause by = m->cut_by;
    m->cut_at_ps = CLOCK_NEVER; /* before the reset: who hears of it may ask for the next one */
    m->cut_by = RESET_POWER_ON;
    m->is_cutting = true;
    machine_reset(m, by);
    m->is_cutting = false;
}

static void lose_power(struct machine *m)
{
    m->cut_requested = false;
    m->cut_at_ps = CLOCK_NEVER;
    m->cut_by = RESET_POWER_ON;
    m->is_powered = false;
    soc_power_cut(m->soc);
    trace_emit(&m->soc->trace, (struct event){.kind = EVENT_POWER_CUT, .unit = "POWER"});
}

void machine_request_stop(struct machine *m)
{
    m->stop_requested = true;
    cpu_interrupt(m->processor.cpu);
}

void machine_set_break(struct machine *m, uint32_t pc)
{
    m->break_pc = pc;
    m->break_cycles = UINT64_MAX;
    cpu_set_stop_point(m->processor.cpu, pc);
}

bool machine_is_at_break(const struct machine *m)
{
    return m->break_pc != UINT32_MAX && cpu_current_pc(m->processor.cpu) == m->break_pc;
}

void machine_request_cut(struct machine *m)
{
    m->cut_requested = true;
    cpu_interrupt(m->processor.cpu);
}

/* ---- the loop ----------------------------------------------------------------------------------- */

static unsigned fetch_wait_states(const struct machine *m)
{
    /* With the instruction cache off, each new 64-bit line of flash costs the wait states. */
    return m->soc->wires.flash_fetch_wait;
}

/* What registers changed that the CPU's gears depend on. */
static void follow_settings(struct machine *m)
{
    struct system_control *control = &m->soc->control;
    struct cpu *cpu = m->processor.cpu;
    follow_clock(m);
    must_follow_map(m);
    if (control->ccr != m->ccr) {
        m->ccr = control->ccr;
        cpu_set_unaligned_trap(cpu, m->ccr & CCR_UNALIGN_TRP);
        cpu_set_divide_trap(cpu, m->ccr & CCR_DIV_0_TRP);
    }
    if (control->fpu_changed) {
        control->fpu_changed = false;
        processor_follow_fpu(&m->processor);
    }
    cpu_set_fetch_wait(cpu, fetch_wait_states(m));
    m->soc->system.needs_attention = false;
}

static bool has_something_scheduled(const struct machine *m)
{
    return m->soc->clock.next_ps != CLOCK_NEVER || m->cut_at_ps != CLOCK_NEVER;
}

static uint64_t horizon(const struct machine *m, uint64_t until_ps)
{
    uint64_t at_ps = m->soc->clock.next_ps < until_ps ? m->soc->clock.next_ps : until_ps;
    return m->cut_at_ps < at_ps ? m->cut_at_ps : at_ps;
}

/* SLEEPDEEP makes WFI enter what PWR_CR1.LPMS says: Stop 0 to 2, Standby, Shutdown (RM0351 5.3). An
 * operation of the flash is finished first (L4 sheet 6.6). The option bytes may forbid the mode. An
 * interrupt that is pending prevents it. */
static void enter_low_power(struct machine *m)
{
    struct wires *wires = &m->soc->wires;
    struct flash_activity flash = soc_flash_activity(m->soc);
    if (flash.is_busy && !wait_for_flash(m, flash.addr, cpu_current_pc(m->processor.cpu),
                                         flash.ends_ps))
        return;
    if (irq_would_wake(&m->soc->irq))
        return;
    unsigned mode = wires->low_power_mode;
    unsigned allowed_bit = mode < 3 ? 12 : mode == 3 ? 13 : 14; /* nRST_STOP, nRST_STDBY, nRST_SHDW */
    if (!(wires->optr >> allowed_bit & 1)) {
        system_request_reset(&m->soc->system, RESET_LOW_POWER);
        return;
    }
    m->low_power = mode < 3    ? STOP_MODE_STOP
                   : mode == 3 ? STOP_MODE_STANDBY
                               : STOP_MODE_SHUTDOWN;
    device_signal(&m->soc->system, WIRE_STOP_MODE, m->low_power);
    follow_clock(m);
}

static void leave_low_power(struct machine *m)
{
    if (m->low_power == STOP_MODE_STOP)
        device_signal(&m->soc->system, WIRE_STOP_MODE, STOP_MODE_LEFT);
    m->low_power = STOP_MODE_LEFT;
    follow_clock(m);
}

static void fall_asleep(struct machine *m, uint32_t how)
{
    if (m->soc->control.scr & SCR_SLEEPDEEP)
        enter_low_power(m);
    if (is_boot_over(m))
        return; /* a reset instead of the mode asked for, or a cut on the way */
    m->is_asleep = true;
    m->asleep_since_ps = m->soc->clock.now_ps;
    m->soc->control.is_sleeping = true;
    trace_emit(&m->soc->trace, (struct event){.kind = EVENT_SLEEP, .unit = "CORE", .value = how});
}

static void go_to_sleep(struct machine *m, bool is_wfe)
{
    cpu_skip(m->processor.cpu);
    if (is_wfe && m->soc->control.event_register) {
        m->soc->control.event_register = false;
        return;
    }
    m->is_waiting_for_event = is_wfe;
    fall_asleep(m, is_wfe);
}

static void wake_if_due(struct machine *m)
{
    struct system_control *control = &m->soc->control;
    struct irq *irq = &m->soc->irq;
    if (irq->has_new_pending && (control->scr & SCR_SEVONPEND))
        control->event_register = true;
    irq->has_new_pending = false;
    if (!m->is_asleep || m->low_power >= STOP_MODE_STANDBY)
        return; /* Standby ends by a reset, which PWR asks for */
    bool is_due = irq_would_wake(irq) || (m->is_waiting_for_event && control->event_register);
    if (!is_due)
        return;
    if (m->is_waiting_for_event)
        control->event_register = false;
    m->is_asleep = m->is_waiting_for_event = control->is_sleeping = false;
    control->asleep_ps += m->soc->clock.now_ps - m->asleep_since_ps;
    leave_low_power(m);
}

static bool is_semihosting_call(struct machine *m, const struct cpu_event *event)
{
    uint16_t opcode = 0;
    return m->semihosting && machine_peek(m, event->pc, &opcode, 2) && opcode == 0xBEAB;
}

static void handle_bkpt(struct machine *m, const struct cpu_event *event)
{
    uint32_t result = cpu_read(m->processor.cpu, CPU_R0);
    if (is_semihosting_call(m, event) && m->semihosting(m->semihosting_context, m, &result)) {
        cpu_write(m->processor.cpu, CPU_R0, result);
        cpu_skip(m->processor.cpu);
        m->skip.impure++;
        return;
    }
    processor_bkpt(&m->processor, event);
}

static void handle_exception_return(struct machine *m, uint32_t exc_return)
{
    processor_exception_return(&m->processor, exc_return);
    bool is_done = m->soc->control.ipsr == 0 && irq_active_count(&m->soc->irq) == 0;
    if (is_done && (m->soc->control.scr & SCR_SLEEPONEXIT))
        fall_asleep(m, 2);
}

static void handle(struct machine *m, const struct cpu_event *event)
{
    sync_time(m);
    switch (event->kind) {
    case CPU_STOP_DEADLINE:
    case CPU_STOP_POINT:
        break;
    case CPU_STOP_WFI:
        go_to_sleep(m, false);
        break;
    case CPU_STOP_WFE:
        go_to_sleep(m, true);
        break;
    case CPU_STOP_SVC:
        processor_svc(&m->processor, event);
        break;
    case CPU_STOP_BKPT:
        handle_bkpt(m, event);
        break;
    case CPU_STOP_EXCEPTION_RETURN:
        handle_exception_return(m, event->exc_return);
        break;
    case CPU_STOP_FETCH_STALL:
        break; /* waited out before the next instruction */
    case CPU_STOP_FAULT:
        processor_fault(&m->processor, event);
        break;
    }
}

/* Time without instructions: asleep or locked up. True: the run ends with `stop`. */
static bool idle(struct machine *m, uint64_t until_ps, enum machine_stop *stop)
{
    if (!has_something_scheduled(m) && until_ps == CLOCK_NEVER) {
        *stop = m->is_asleep ? MACHINE_STOP_ASLEEP : MACHINE_STOP_LOCKUP;
        return true;
    }
    pass_time(m, horizon(m, until_ps));
    catch_up(m);
    return false;
}

/* Each arrival counts once: the core may also get there at the end of a slice or by an exception. */
static bool stop_at_break(struct machine *m)
{
    if (m->break_pc == UINT32_MAX)
        return false;
    cpu_set_stop_point(m->processor.cpu, m->break_pc); /* exception entry used it for itself */
    uint64_t cycles = cpu_cycles(m->processor.cpu);
    if (!machine_is_at_break(m) || m->break_cycles == cycles)
        return false;
    m->break_cycles = cycles;
    if (m->world.at_break)
        m->world.at_break(m->world.context);
    else
        m->stop_requested = true;
    return must_look(m) || m->break_pc == UINT32_MAX || !machine_is_at_break(m);
}

/* ---- the outside world -------------------------------------------------------------------------- */

static uint64_t watched_value(const struct machine_watch *watch)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < watch->size; i++)
        value |= (uint64_t)watch->host[i] << 8 * i;
    return value;
}

bool machine_watch(struct machine *m, uint32_t addr, uint32_t size, unsigned *index)
{
    const struct bus_region *region = bus_find(&m->soc->bus, addr);
    if (!region || region->kind != BUS_RAM || size > region->size - (addr - region->base) ||
        size > 8 || m->watch_count == MACHINE_WATCH_MAX)
        return false;
    *index = m->watch_count++;
    struct machine_watch *watch = &m->watch[*index];
    *watch = (struct machine_watch){region->host + (addr - region->base), size, 0};
    watch->value = watched_value(watch);
    struct bus *bus = &m->soc->bus;
    if (!bus->ram_watch_first || watch->host < bus->ram_watch_first)
        bus->ram_watch_first = watch->host;
    if (watch->host + size > bus->ram_watch_end)
        bus->ram_watch_end = watch->host + size;
    bus->watch_generation++; /* protection.c: stores there are seen */
    return true;
}

uint64_t machine_watched(const struct machine *m, unsigned index)
{
    return watched_value(&m->watch[index]);
}

void machine_count_instructions(struct machine *m, uint64_t count)
{
    m->is_counting = count != 0;
    cpu_set_instruction_limit(m->processor.cpu, count);
}

static void look_at_watches(struct machine *m)
{
    m->soc->bus.is_ram_touched = false;
    for (unsigned i = 0; i < m->watch_count; i++) {
        uint64_t value = watched_value(&m->watch[i]);
        if (value == m->watch[i].value)
            continue;
        m->watch[i].value = value;
        if (m->witness.changed)
            m->witness.changed(m->witness.context, i);
        if (m->world.changed)
            m->world.changed(m->world.context, i);
    }
}

static void tell_the_world(struct machine *m)
{
    if (m->soc->bus.is_ram_touched)
        look_at_watches(m);
    if (m->is_counting && cpu_instructions_left(m->processor.cpu) == 0) {
        m->is_counting = false;
        cpu_set_instruction_limit(m->processor.cpu, 0);
        m->world.counted(m->world.context);
    }
}

void machine_set_halted(struct machine *m, bool is_halted)
{
    m->soc->control.dhcsr =
        is_halted ? m->soc->control.dhcsr | DHCSR_C_DEBUGEN | DHCSR_C_HALT
                  : m->soc->control.dhcsr & ~(uint32_t)DHCSR_C_HALT;
    cpu_interrupt(m->processor.cpu);
}

void machine_hold(struct machine *m, bool is_held)
{
    m->is_held = is_held;
    cpu_interrupt(m->processor.cpu);
}

static void follow_halt(struct machine *m)
{
    const uint32_t halting = DHCSR_C_DEBUGEN | DHCSR_C_HALT;
    bool is_halted = (m->soc->control.dhcsr & halting) == halting;
    if (is_halted == m->soc->wires.is_core_halted)
        return;
    m->soc->wires.is_core_halted = is_halted;
    device_signal(&m->soc->system, WIRE_HALT, is_halted);
    trace_emit(&m->soc->trace,
               (struct event){.kind = EVENT_DEBUG_HALT, .unit = "DEBUG", .value = is_halted});
}

bool machine_debug_access(struct machine *m, struct access *access, uint32_t *value,
                          bool *is_bus_error, uint64_t *busy_ps)
{
    struct access_result result;
    access->master = MASTER_DEBUGGER;
    access->is_privileged = true;
    bus_access(&m->soc->bus, access, &result);
    *busy_ps = result.stall_until_ps;
    if (result.stall_until_ps && result.is_retried)
        return false;
    *value = result.value;
    *is_bus_error = result.is_bus_error;
    trace_emit(&m->soc->trace,
               (struct event){.kind = EVENT_DEBUG_ACCESS,
                              .unit = "DEBUG",
                              .addr = access->addr,
                              .size = access->size,
                              .op = access->is_write,
                              .value = access->is_write ? access->value : result.value,
                              .master = MASTER_DEBUGGER});
    if (result.is_bus_error)
        emit_bus_error(m, access);
    return true;
}

static void run_instructions(struct machine *m, uint64_t until_ps)
{
    struct cpu *cpu = m->processor.cpu;
    uint64_t pc_busy_ps = bus_busy_until(&m->soc->bus, cpu_current_pc(cpu));
    if (pc_busy_ps > m->soc->clock.now_ps) {
        wait_for_fetch(m, pc_busy_ps, until_ps);
        return;
    }
    protection_follow(m);
    uint64_t limit = cycles_at(m, horizon(m, until_ps));
    struct cpu_event event;
    if (stop_at_break(m))
        return;
    bool can_skip = m->break_pc == UINT32_MAX && !m->is_counting && !m->skip.is_off;
    if (can_skip && cpu_cycles(cpu) >= m->skip.probe_at) {
        event = skip_try(m, limit);
    } else {
        bool is_probe_first = can_skip && m->skip.probe_at < limit;
        event = processor_run(&m->processor, is_probe_first ? m->skip.probe_at : limit);
    }
    handle(m, &event);
}

enum machine_stop machine_run(struct machine *m, uint64_t until_ps)
{
    struct soc *soc = m->soc;
    m->stop_requested = false;
    for (;;) {
        sync_time(m);
        pass_time(m, soc->clock.now_ps);
        if (m->cut_requested || m->cut_at_ps <= soc->clock.now_ps) {
            if (!m->cut_requested && m->cut_by != RESET_POWER_ON) {
                cut_by_reset(m);
                continue;
            }
            lose_power(m);
            return MACHINE_STOP_CUT;
        }
        tell_the_world(m);
        if (m->cut_requested || m->cut_at_ps <= soc->clock.now_ps)
            continue;
        if (m->has_exited)
            return MACHINE_STOP_EXIT;
        if (m->stop_requested)
            return MACHINE_STOP_REQUEST;
        if (soc->system.reset_requested) {
            machine_reset(m, soc->system.reset_cause);
            continue;
        }
        if (soc->control.core_reset_requested) {
            soc->control.core_reset_requested = false;
            start_core(m);
            continue;
        }
        if (soc->clock.now_ps >= until_ps)
            return MACHINE_STOP_TIME;
        bool is_in_rom = soc_boot_source(soc) == BOOT_SYSTEM_MEMORY;
        if (is_in_rom && !m->waits_in_rom)
            return MACHINE_STOP_NO_ROM;
        if (soc->system.needs_attention)
            follow_settings(m);
        follow_halt(m);
        if (soc->wires.is_core_halted || m->is_held || is_in_rom) {
            enum machine_stop stop;
            if (idle(m, until_ps, &stop))
                return stop;
            continue;
        }
        processor_refresh(&m->processor);
        if (m->has_late_error) {
            m->has_late_error = false;
            processor_imprecise_fault(&m->processor, m->late_error_pc, m->late_error_addr);
        }
        wake_if_due(m);
        if (m->is_asleep || (soc->control.is_locked_up && irq_to_take(&soc->irq) != EXC_NMI)) {
            enum machine_stop stop;
            if (idle(m, until_ps, &stop))
                return stop;
            continue;
        }
        bool can_enter = !is_fetch_stalled(m) || !are_vectors_stalled(m);
        if (can_enter && processor_take_pending(&m->processor))
            continue;
        run_instructions(m, until_ps);
    }
}

/* ---- looking in from outside -------------------------------------------------------------------- */

bool machine_peek(struct machine *m, uint32_t addr, void *bytes, size_t size)
{
    uint8_t *out = bytes;
    for (size_t i = 0; i < size; i++) {
        const struct bus_region *region = bus_find(&m->soc->bus, addr + (uint32_t)i);
        if (!region || region->kind == BUS_DEVICE)
            return false;
        out[i] = region->host[addr + i - region->base];
    }
    return true;
}

bool machine_poke(struct machine *m, uint32_t addr, const void *bytes, size_t size)
{
    const uint8_t *in = bytes;
    for (size_t i = 0; i < size; i++) {
        const struct bus_region *region = bus_find(&m->soc->bus, addr + (uint32_t)i);
        if (!region || region->kind != BUS_RAM)
            return false;
        region->host[addr + i - region->base] = in[i];
    }
    cpu_code_changed(m->processor.cpu, addr, (uint32_t)size);
    return true;
}
