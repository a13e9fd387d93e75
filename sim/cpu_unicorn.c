/* The CPU on Unicorn Engine: the only file that knows it.
 * One CODE hook counts cycles and sees every instruction's exact address; whatever needs a closer look
 * is marked in a byte per half-word of flash (thumb.h), so that the common case is one load, one compare
 * and one add. Stores to flash are caught by write protection: the beats are decoded from the
 * instruction and given to the controller, the raw bytes that land in the view are taken back before the
 * next instruction. Each behaviour of Unicorn relied on here is pinned in test_cpu_unicorn.c. */
#include "sim/cpu.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

#include "sim/core/system_control.h"
#include "sim/thumb.h"

enum {
    REGION_MAX = 24,
    DEVICE_MAX = 64,
    REPAIR_MAX = 160,
    DIRTY_MAX = 8,
    STUB_BYTES = 0x1000
};

/* A page no STM32 uses, in executable address space, for a CLREX that Unicorn offers no call for. */
#define STUB_ADDR 0x9FFFF000u
/* emu_start's end address: odd, so that no instruction ever has it. */
#define NO_END UINT64_C(0x1)
#define UNDECODED THUMB_LOOK /* zero cycles and a look: not yet decoded */

/* An instruction outside the predecoded window as it was when it last ran: RAM may change at any time, and
 * the engine misses some of it (it looks at the first store to a page only). */
struct seen {
    uint16_t first, second;
    uint8_t entry;
    bool is_known;
};

struct plain {
    uint32_t base;
    uint32_t size;
    uint8_t *host;
    bool is_view;
    struct seen *seen; /* one for each half-word, once something ran there */
};

struct device_space {
    struct cpu *cpu;
    uint32_t base;
};

struct range {
    uint32_t base;
    uint32_t size;
};

struct cpu {
    uc_engine *uc;
    struct cpu_host host;
    /* Hot: the CODE hook. */
    uint64_t cycles;
    uint64_t check_at; /* look closer from this cycle on: the deadline, or 0 */
    uint32_t pc;
    uint32_t view_base;
    uint32_t view_halfwords;
    uint8_t view_look; /* entry bits that need a look in flash */
    uint8_t ram_look;
    uint8_t *entries;  /* a byte for each half-word of the view */

    uint64_t deadline;
    bool is_interrupted;
    bool is_running;
    bool is_thumb;
    /* The IT block in progress. */
    uint32_t it_first;   /* first instruction of the IT block in progress or last passed */
    uint32_t it_seen;    /* last address looked at since */
    uint8_t it_resumed;  /* ITSTATE at it_first when a run began there; 0: an IT precedes it */
    uint8_t it_live;     /* ITSTATE at pc, between runs */
    bool has_exclusive;  /* a load-exclusive ran since the last clear */
    /* Flash stores: bytes to put back before the next instruction. */
    bool has_store;
    bool needs_flush;
    bool is_unprivileged; /* the instruction being executed is LDRT, STRT or kin */
    uint8_t *stub; /* memory of the stub page */
    bool is_clearing; /* the stub is running */
    unsigned repair_count;
    uint8_t *repair_at;
    uint8_t repair_bytes[REPAIR_MAX];
    /* Stop and fault. */
    bool has_event;
    bool is_undone; /* registers go back to fault_context after the stop */
    struct cpu_event event;
    uc_context *fault_context;
    uc_context *reset_context; /* registers after a reset, once they were set */
    bool has_reset_context;
    /* Gears. */
    bool has_run_elsewhere; /* code outside the window was translated */
    bool is_fp_denied, is_unaligned_trapped, is_divide_trapped;
    bool is_fetch_checked;
    bool is_fetch_watched;    /* the instruction lies in a watched granule */
    bool has_fetched_watched; /* such a granule may be readable unseen until the TLB is flushed */
    bool has_stop_point;
    bool is_everything; /* every instruction of the view is looked at */
    bool is_counting;   /* instructions, down to 0 */
    uint64_t instructions_left;
    uint32_t stop_point;
    uint64_t start_cycles; /* of this run */
    bool is_first; /* a run does not stop at the point it starts from */
    uint64_t stores_seen;
    unsigned fetch_wait;
    uint32_t fetch_line;
    const struct bus *watch; /* busy or watched granules exist */
    /* Maps. */
    unsigned plain_count;
    struct plain plain[REGION_MAX];
    unsigned device_count;
    struct device_space device[DEVICE_MAX];
    unsigned dirty_count;
    struct range dirty[DIRTY_MAX];
};

static const int registers[CPU_REGISTER_COUNT] = {
    UC_ARM_REG_R0,   UC_ARM_REG_R1,  UC_ARM_REG_R2,  UC_ARM_REG_R3,      UC_ARM_REG_R4,
    UC_ARM_REG_R5,   UC_ARM_REG_R6,  UC_ARM_REG_R7,  UC_ARM_REG_R8,      UC_ARM_REG_R9,
    UC_ARM_REG_R10,  UC_ARM_REG_R11, UC_ARM_REG_R12, UC_ARM_REG_SP,      UC_ARM_REG_LR,
    UC_ARM_REG_PC,   UC_ARM_REG_XPSR, UC_ARM_REG_MSP, UC_ARM_REG_PSP,    UC_ARM_REG_PRIMASK,
    UC_ARM_REG_BASEPRI, UC_ARM_REG_FAULTMASK, UC_ARM_REG_CONTROL, UC_ARM_REG_FPSCR,
};

static int unicorn_register(enum cpu_register reg)
{
    return reg < CPU_S0 ? registers[reg] : UC_ARM_REG_S0 + (int)(reg - CPU_S0);
}

/* ---- decoding helpers --------------------------------------------------------------------------- */

static const struct plain *find_plain(const struct cpu *cpu, uint32_t addr)
{
    for (unsigned i = 0; i < cpu->plain_count; i++)
        if (addr - cpu->plain[i].base < cpu->plain[i].size)
            return &cpu->plain[i];
    return NULL;
}

static uint16_t halfword(const struct plain *plain, uint32_t addr)
{
    uint32_t offset = addr - plain->base;
    if (offset + 2 > plain->size)
        return 0;
    return (uint16_t)(plain->host[offset] | plain->host[offset + 1] << 8);
}

struct opcode {
    uint16_t first, second;
};

static struct opcode opcode_at(const struct cpu *cpu, uint32_t addr)
{
    const struct plain *plain = find_plain(cpu, addr);
    if (!plain)
        return (struct opcode){0};
    return (struct opcode){halfword(plain, addr), halfword(plain, addr + 2)};
}

/* Where an instruction outside the predecoded window is remembered; NULL: nowhere. */
static struct seen *find_seen(struct cpu *cpu, uint32_t addr)
{
    struct plain *plain = NULL;
    for (unsigned i = 0; i < cpu->plain_count && !plain; i++)
        if (addr - cpu->plain[i].base < cpu->plain[i].size)
            plain = &cpu->plain[i];
    if (plain && !plain->seen)
        plain->seen = calloc(plain->size / 2, sizeof *plain->seen);
    return plain && plain->seen ? &plain->seen[(addr - plain->base) >> 1] : NULL;
}

/* ---- gears -------------------------------------------------------------------------------------- */

static void choose_gear(struct cpu *cpu)
{
    uint8_t look = THUMB_LOOK;
    if (cpu->is_fp_denied)
        look |= THUMB_FP;
    if (cpu->is_unaligned_trapped || cpu->is_divide_trapped)
        look |= THUMB_TRAPPABLE;
    bool is_ram_slow = cpu->has_stop_point || cpu->is_fetch_checked || cpu->is_counting;
    bool is_view_slow = is_ram_slow || cpu->watch || cpu->fetch_wait;
    cpu->ram_look = is_ram_slow ? 0xFF : look;
    cpu->view_look = is_view_slow ? 0xFF : look;
    cpu->is_everything = is_view_slow;
}

static void arm(struct cpu *cpu)
{
    bool is_due = cpu->is_interrupted || cpu->repair_count || cpu->has_store || cpu->needs_flush ||
                  cpu->is_unprivileged || cpu->has_fetched_watched;
    cpu->check_at = is_due ? 0 : cpu->deadline;
}

/* ---- stopping ----------------------------------------------------------------------------------- */

static uint8_t it_begin_state(const struct cpu *cpu)
{
    return cpu->it_resumed ? cpu->it_resumed : (uint8_t)opcode_at(cpu, cpu->it_first - 2).first;
}

/* First address after the block. */
static uint32_t it_end(const struct cpu *cpu)
{
    uint32_t end = cpu->it_first;
    for (unsigned left = thumb_it_length(it_begin_state(cpu)); left; left--)
        end += thumb_size(opcode_at(cpu, end).first);
    return end;
}

enum { IT_BYTES_MAX = 4 * 4 };

/* Inside the block in progress: a stop there needs care (unicorn-notes 3, stop_before()). */
static bool is_inside_it(const struct cpu *cpu, uint32_t addr)
{
    return addr - cpu->it_first < IT_BYTES_MAX && addr > cpu->it_seen && addr < it_end(cpu);
}

static uint8_t it_state_at(const struct cpu *cpu, uint32_t addr)
{
    if (addr - cpu->it_first >= IT_BYTES_MAX || addr >= it_end(cpu))
        return 0;
    uint32_t at = cpu->it_first;
    unsigned index = 0;
    while (at < addr) {
        at += thumb_size(opcode_at(cpu, at).first);
        index++;
    }
    return thumb_it_state(it_begin_state(cpu), index);
}

static void begin_it(struct cpu *cpu, uint32_t addr)
{
    cpu->it_first = addr + 2;
    cpu->it_seen = addr;
    cpu->it_resumed = 0;
}

static void forget_it(struct cpu *cpu)
{
    cpu->it_first = cpu->it_seen = 0xFFFFFF00;
    cpu->it_resumed = 0;
}

static void stop(struct cpu *cpu, struct cpu_event event)
{
    if (cpu->has_event)
        return;
    cpu->has_event = true;
    cpu->event = event;
    cpu->check_at = 0;
    uc_emu_stop(cpu->uc);
}

/* What is left of an IT block after a stop in it: its stores go where nothing is, which ends the run. (The engine
 * has looked at the condition already when the hook is called: flags are too late.) */
static void disarm(struct cpu *cpu, uint32_t addr)
{
    struct opcode op = opcode_at(cpu, addr);
    if (!thumb_decode_store(op.first, op.second).beat_count)
        return;
    unsigned index;
    bool has_index = thumb_store_index(op.first, op.second, &index);
    uint32_t nowhere = STUB_ADDR + STUB_BYTES / 2;
    uint32_t zero = 0;
    if (has_index)
        uc_reg_write(cpu->uc, unicorn_register((enum cpu_register)index), &zero);
    uc_reg_write(cpu->uc,
                 unicorn_register((enum cpu_register)thumb_store_base(op.first, op.second)),
                 &nowhere);
}

/* Before the instruction at `addr`. Inside an IT block the engine runs on to its end: registers go back to
 * those of now, and disarm() keeps the rest from doing anything. */
static void stop_before(struct cpu *cpu, uint32_t addr, enum cpu_stop kind)
{
    uint8_t it_state = it_state_at(cpu, addr);
    if (it_state && !cpu->has_event) {
        uc_context_save(cpu->uc, cpu->fault_context);
        cpu->is_undone = true;
        disarm(cpu, addr);
    }
    stop(cpu, (struct cpu_event){.kind = kind, .pc = addr, .it_state = it_state});
}

/* A precise fault of the instruction being executed. What it already did is undone by going back to the
 * registers of now; inside an IT block the engine runs on to the block's end first. */
static void fault(struct cpu *cpu, uint32_t cfsr, uint32_t addr)
{
    if (cpu->has_event)
        return;
    uc_context_save(cpu->uc, cpu->fault_context);
    cpu->is_undone = true;
    stop(cpu, (struct cpu_event){.kind = CPU_STOP_FAULT,
                                 .pc = cpu->pc,
                                 .cfsr = cfsr,
                                 .addr = addr,
                                 .it_state = it_state_at(cpu, cpu->pc)});
    if (cpu->event.it_state)
        disarm(cpu, cpu->pc);
}

/* ---- the CODE hook ------------------------------------------------------------------------------ */

static void put_bytes_back(struct cpu *cpu)
{
    if (cpu->repair_count) {
        memcpy(cpu->repair_at, cpu->repair_bytes, cpu->repair_count);
        cpu->repair_count = 0;
    }
    cpu->has_store = false;
}

/* Open while the stub runs, else closed to the firmware. */
static void protect_stub(struct cpu *cpu, uint32_t protection)
{
    uc_mem_protect(cpu->uc, STUB_ADDR, STUB_BYTES, protection);
}

static void flush_if_needed(struct cpu *cpu)
{
    if (!cpu->needs_flush)
        return;
    cpu->needs_flush = false;
    /* A protected page stops calling back once it was allowed, until the TLB is flushed. */
#if UC_API_MAJOR > 2 || (UC_API_MAJOR == 2 && UC_API_MINOR >= 1)
    uc_ctl_flush_tlb(cpu->uc);
#else
    /* In 2.0 that name means something else. A page that becomes writable flushes the TLB too. */
    protect_stub(cpu, UC_PROT_ALL);
    protect_stub(cpu, cpu->is_clearing ? UC_PROT_READ | UC_PROT_EXEC : UC_PROT_NONE);
#endif
}

static uint32_t plain_target(struct cpu *cpu, uint32_t addr, const struct thumb_address *a)
{
    uint32_t target = a->base == 15 ? (addr + 4) & ~3u : cpu_read(cpu, (enum cpu_register)a->base);
    if (a->has_index)
        target += cpu_read(cpu, (enum cpu_register)a->index) << a->shift;
    return target + (uint32_t)a->displacement;
}

static void check_plain_alignment(struct cpu *cpu, uint32_t addr, struct opcode op)
{
    struct thumb_address a = thumb_plain_address(op.first, op.second);
    if (a.is_known && (plain_target(cpu, addr, &a) & (a.bytes - 1u)))
        fault(cpu, CFSR_UNALIGNED, 0);
}

/* The engine makes LDRT and STRT as any other access, so plain memory is asked about here. */
static void look_at_unprivileged(struct cpu *cpu, uint32_t addr, struct opcode op)
{
    struct thumb_address a = thumb_plain_address(op.first, op.second);
    struct access access = {.addr = plain_target(cpu, addr, &a), .size = a.bytes, .pc = addr};
    access.is_write = !(op.first & 0x10);
    cpu->is_unprivileged = true;
    if (cpu->is_unaligned_trapped && (access.addr & (a.bytes - 1u))) {
        fault(cpu, CFSR_UNALIGNED, 0);
        return;
    }
    uint32_t cfsr =
        find_plain(cpu, access.addr) ? cpu->host.check(cpu->host.context, &access) : 0;
    if (cfsr)
        fault(cpu, cfsr, access.addr);
}

static void look_at_special(struct cpu *cpu, uint32_t addr, struct opcode op)
{
    switch (thumb_special(op.first, op.second)) {
    case THUMB_IT:
        begin_it(cpu, addr);
        break;
    case THUMB_MASKS:
        cpu->is_interrupted = true; /* what may be taken is decided before the next instruction */
        break;
    case THUMB_WFI:
        stop_before(cpu, addr, CPU_STOP_WFI);
        break;
    case THUMB_WFE:
        stop_before(cpu, addr, CPU_STOP_WFE);
        break;
    case THUMB_SEV:
        cpu->host.send_event(cpu->host.context);
        break;
    case THUMB_YIELD: /* Unicorn takes it for an invalid instruction; to us it is a NOP */
        stop_before(cpu, addr, CPU_STOP_DEADLINE);
        cpu->event.pc += thumb_size(op.first);
        cpu->event.it_state = thumb_it_advance(cpu->event.it_state);
        break;
    case THUMB_DIVIDE:
        if (cpu->is_divide_trapped &&
            cpu_read(cpu, (enum cpu_register)thumb_divisor(op.first, op.second)) == 0)
            fault(cpu, CFSR_DIVBYZERO, 0);
        break;
    case THUMB_UNPRIVILEGED:
        look_at_unprivileged(cpu, addr, op);
        break;
    case THUMB_EXCLUSIVE:
        cpu->has_exclusive |= thumb_is_exclusive_load(op.first);
        if (cpu_read(cpu, (enum cpu_register)thumb_aligned_base(op.first, op.second)) &
            thumb_exclusive_mask(op.first, op.second))
            fault(cpu, CFSR_UNALIGNED, 0);
        break;
    case THUMB_ALIGNED_BASE:
        if (cpu_read(cpu, (enum cpu_register)thumb_aligned_base(op.first, op.second)) & 3)
            fault(cpu, CFSR_UNALIGNED, 0);
        break;
    case THUMB_ORDINARY:
        break;
    }
}

/* Busy flash stalls the fetch; a watched granule wants to see it. False: stopped. */
static bool look_at_fetch(struct cpu *cpu, uint32_t addr, uint32_t size)
{
    const struct plain *plain = find_plain(cpu, addr);
    cpu->is_fetch_watched = false;
    if (!plain || !plain->is_view)
        return true;
    uint32_t cfsr = 0;
    if (!bus_busy_until(cpu->watch, addr)) {
        if (!bus_is_watched(cpu->watch, addr - plain->base))
            return true;
        cpu->is_fetch_watched = true;
        cfsr = cpu->host.watched_fetch(cpu->host.context, addr, size);
    }
    if (cfsr)
        fault(cpu, cfsr, 0);
    else if (bus_busy_until(cpu->watch, addr))
        stop_before(cpu, addr, CPU_STOP_FETCH_STALL);
    return !cpu->has_event;
}

/* Whether an instruction may read flash: false only when it surely does not. */
static bool may_load_from_view(struct cpu *cpu, uint32_t addr, struct opcode op)
{
    struct thumb_block block = thumb_block_address(op.first, op.second);
    struct thumb_address plain = thumb_plain_address(op.first, op.second);
    unsigned kind = op.first >> 12;
    uint32_t target;
    if (block.is_known && block.base != 15)
        target = cpu_read(cpu, (enum cpu_register)block.base) + (uint32_t)block.displacement;
    else if (plain.is_known)
        target = plain_target(cpu, addr, &plain);
    else if (thumb_size(op.first) == 2 && kind == 9) /* LDR, STR from the stack */
        target = cpu_read(cpu, CPU_R0 + 13) + (op.first & 0xFFu) * 4;
    else if (thumb_size(op.first) == 2 && kind == 7) /* LDRB, STRB */
        target = cpu_read(cpu, (enum cpu_register)(op.first >> 3 & 7)) + (op.first >> 6 & 0x1Fu);
    else if (kind == 0xD || (op.first & 0xF800) == 0xE000 || (op.first & 0xFF00) == 0x4700 ||
             (op.first & 0xF800) == 0xF000)
        return false; /* branches, barriers, MRS and the like */
    else
        return true;
    const struct plain *memory = find_plain(cpu, target);
    return memory && memory->is_view;
}

/* A fetch puts its page into the TLB, and then the page's data could be read unseen. Only instructions of
 * more than one cycle load. */
static void uncover_loads(struct cpu *cpu, uint32_t addr, struct opcode op, uint8_t entry)
{
    cpu->has_fetched_watched = cpu->has_fetched_watched || cpu->is_fetch_watched;
    if (!cpu->has_fetched_watched || (entry & THUMB_CYCLES) < 2 || !may_load_from_view(cpu, addr, op))
        return;
    cpu->needs_flush = true;
    flush_if_needed(cpu);
    cpu->has_fetched_watched = cpu->is_fetch_watched;
}

static uint8_t decode(struct cpu *cpu, uint32_t addr, struct opcode op)
{
    uint8_t entry = thumb_entry(op.first, op.second);
    uint32_t at = (addr - cpu->view_base) >> 1;
    if (at < cpu->view_halfwords)
        cpu->entries[at] = entry;
    return entry;
}

static void count_fetch_wait(struct cpu *cpu, uint32_t addr)
{
    const struct plain *plain = find_plain(cpu, addr);
    if (plain && plain->is_view && addr >> 3 != cpu->fetch_line) {
        cpu->fetch_line = addr >> 3;
        cpu->cycles += cpu->fetch_wait;
    }
}

/* The slow way: everything that is not "count and go on". */
__attribute__((noinline)) static void look(struct cpu *cpu, uint32_t addr, uint32_t size,
                                           uint8_t known)
{
    if (known == THUMB_IT_ENTRY && cpu->cycles < cpu->check_at && !cpu->is_everything) {
        begin_it(cpu, addr);
        cpu->cycles++;
        return;
    }
    put_bytes_back(cpu);
    flush_if_needed(cpu);
    cpu->is_unprivileged = false;
    if (cpu->has_event) {
        disarm(cpu, addr);
        uc_emu_stop(cpu->uc); /* 2.1.4 may forget a stop asked for in an IT block */
        return;
    }
    if (is_inside_it(cpu, addr))
        cpu->it_seen = addr;
    bool is_counted_out = cpu->is_counting && cpu->instructions_left == 0;
    if (cpu->is_interrupted || is_counted_out || cpu->cycles >= cpu->deadline) {
        stop_before(cpu, addr, CPU_STOP_DEADLINE);
        return;
    }
    bool is_start = cpu->is_first;
    cpu->is_first = false;
    if (cpu->has_stop_point && addr == cpu->stop_point && !is_start) {
        stop_before(cpu, addr, CPU_STOP_POINT);
        return;
    }
    if (cpu->watch && !look_at_fetch(cpu, addr, size))
        return;
    uint32_t refused =
        cpu->is_fetch_checked ? cpu->host.check_fetch(cpu->host.context, addr, size) : 0;
    if (refused) {
        fault(cpu, refused, 0);
        return;
    }
    struct opcode op = opcode_at(cpu, addr);
    uint8_t entry = decode(cpu, addr, op);
    if (cpu->is_fp_denied && (entry & THUMB_FP)) {
        fault(cpu, CFSR_NOCP, 0);
        return;
    }
    uncover_loads(cpu, addr, op, entry);
    if (entry & (THUMB_LOOK | THUMB_TRAPPABLE))
        look_at_special(cpu, addr, op);
    if (cpu->is_unaligned_trapped && (entry & THUMB_TRAPPABLE))
        check_plain_alignment(cpu, addr, op);
    if (cpu->has_event)
        return;
    if (cpu->fetch_wait)
        count_fetch_wait(cpu, addr);
    if (cpu->has_stop_point && thumb_decode_store(op.first, op.second).beat_count)
        cpu->stores_seen++;
    cpu->cycles += entry & THUMB_CYCLES;
    cpu->instructions_left -= cpu->is_counting;
    arm(cpu);
}

/* The instruction differs from what ran here before: what the engine made of it is out of date. */
static void start_over_from(struct cpu *cpu, uint32_t addr)
{
    put_bytes_back(cpu);
    flush_if_needed(cpu);
    uint32_t granule = addr & ~(BUS_GRANULE_BYTES - 1u);
    for (uint32_t at = granule; at < granule + BUS_GRANULE_BYTES; at += 2)
        find_seen(cpu, at)->is_known = false;
    cpu_code_changed(cpu, granule, BUS_GRANULE_BYTES);
    stop_before(cpu, addr, CPU_STOP_DEADLINE);
}

/* Code outside the predecoded window: in RAM, or in flash by its other address. */
__attribute__((noinline)) static void on_code_elsewhere(struct cpu *cpu, uint32_t addr, uint32_t size)
{
    struct seen *seen = find_seen(cpu, addr);
    if (!seen) { /* the stub page: only cpu_clear_exclusive() runs there */
        if (cpu->is_clearing)
            look(cpu, addr, size, UNDECODED);
        else
            fault(cpu, cpu->host.fetch_fault(cpu->host.context, addr) | CFSR_IBUSERR, 0);
        return;
    }
    struct opcode op = opcode_at(cpu, addr);
    if (thumb_size(op.first) == 2)
        op.second = 0;
    if (!seen->is_known || seen->first != op.first || seen->second != op.second) {
        if (seen->is_known && !cpu->has_event) {
            start_over_from(cpu, addr);
            return;
        }
        cpu->has_run_elsewhere = true;
        *seen = (struct seen){op.first, op.second, thumb_entry(op.first, op.second), true};
    }
    uint8_t entry = seen->entry;
    if ((entry & cpu->ram_look) || cpu->cycles >= cpu->check_at)
        look(cpu, addr, size, entry);
    else
        cpu->cycles += entry & THUMB_CYCLES;
}

/* Every instruction comes through here: other cases are tail calls, so that it needs no stack frame. */
static void on_code(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    (void)uc;
    struct cpu *cpu = user;
    uint32_t addr = (uint32_t)address;
    cpu->pc = addr;
    uint32_t at = (addr - cpu->view_base) >> 1;
    if (at >= cpu->view_halfwords) {
        on_code_elsewhere(cpu, addr, size);
        return;
    }
    uint8_t entry = cpu->entries[at];
    if ((entry & cpu->view_look) || cpu->cycles >= cpu->check_at) {
        look(cpu, addr, size, entry);
        return;
    }
    cpu->cycles += entry & THUMB_CYCLES;
}

/* ---- memory hooks ------------------------------------------------------------------------------- */

/* Remembers the bytes that the engine is about to overwrite, or that were just patched. */
static void remember(struct cpu *cpu, uint8_t *host, unsigned bytes)
{
    assert(bytes <= REPAIR_MAX);
    if (cpu->repair_count)
        put_bytes_back(cpu);
    memcpy(cpu->repair_bytes, host, bytes);
    cpu->repair_at = host;
    cpu->repair_count = bytes;
}

/* The engine wrote the first word of an LDRD before the second one faults: its base is found again from
 * the address of that. */
static void fault_at(struct cpu *cpu, uint32_t cfsr, uint32_t addr, uint32_t beat_addr)
{
    struct opcode op = opcode_at(cpu, cpu->pc);
    int32_t displacement;
    if (!cpu->has_event && thumb_is_dual_into_base(op.first, op.second, &displacement)) {
        enum cpu_register base = (enum cpu_register)(op.first & 0xFu);
        uint32_t value = cpu_read(cpu, base);
        if (value + (uint32_t)displacement != beat_addr) {
            value = beat_addr - 4 - (uint32_t)displacement;
            uc_reg_write(cpu->uc, unicorn_register(base), &value);
        }
    }
    fault(cpu, cfsr, addr);
}

static uint32_t store_beat(struct cpu *cpu, uint32_t addr, unsigned bytes, uint32_t value)
{
    struct access access = {.addr = addr,
                            .size = (uint8_t)bytes,
                            .value = value,
                            .pc = cpu->pc,
                            .is_write = true,
                            .is_privileged = !cpu->is_unprivileged};
    uint32_t ignored;
    return cpu->host.access(cpu->host.context, &access, &ignored);
}

/* The core splits an unaligned store into bytes and half-words (core sheet, L4 sheet 4.5). */
static uint32_t store_value(struct cpu *cpu, uint32_t addr, unsigned bytes, uint32_t value)
{
    while (bytes) {
        unsigned part = (addr & 1) || bytes == 1 ? 1 : (addr & 2) || bytes < 4 ? 2 : 4;
        uint32_t mask = part == 4 ? 0xFFFFFFFFu : (1u << (8 * part)) - 1;
        uint32_t cfsr = store_beat(cpu, addr, part, value & mask);
        if (cfsr)
            return cfsr;
        value = part == 4 ? 0 : value >> (8 * part);
        addr += part;
        bytes -= part;
    }
    return 0;
}

/* The beats of the store being executed; of one that is not known as a store, what Unicorn says. */
struct beats {
    unsigned count, bytes;
    uint32_t value[32];
};

static struct beats beats_of_store(struct cpu *cpu, int size, int64_t value)
{
    struct opcode op = opcode_at(cpu, cpu->pc);
    struct thumb_store store = thumb_decode_store(op.first, op.second);
    /* Less than the instruction stores: one that began in front of this memory comes by bytes. */
    bool is_part = store.beat_count == 1 && (unsigned)size < store.beat_bytes;
    if (!store.beat_count || is_part)
        return (struct beats){1, (unsigned)size, {(uint32_t)value}};
    struct beats beats = {store.beat_count, store.beat_bytes, {0}};
    for (unsigned beat = 0; beat < store.beat_count; beat++) {
        unsigned reg = store.registers[beat];
        beats.value[beat] = cpu_read(cpu, (enum cpu_register)(store.is_fp ? CPU_S0 + reg : reg));
    }
    return beats;
}

static bool store_to_view(struct cpu *cpu, const struct plain *plain, uint32_t addr,
                          const struct beats *beats)
{
    unsigned total = 0;
    for (unsigned beat = 0; beat < beats->count; beat++) {
        uint32_t at = addr + total;
        uint32_t room = plain->size - (at - plain->base); /* what lies behind, the engine stores itself */
        unsigned bytes = beats->bytes < room ? beats->bytes : room;
        uint32_t cfsr = store_value(cpu, at, bytes, beats->value[beat]);
        if (cfsr) {
            fault(cpu, cfsr, at);
            return false;
        }
        total += bytes;
    }
    remember(cpu, plain->host + (addr - plain->base), total);
    return true;
}

/* An allowed store to a guarded granule: Unicorn may drop it (2.1) or make it (2.0), so it is made
 * here; made twice it is the same. */
static void store_to_ram(struct cpu *cpu, const struct plain *plain, uint32_t addr,
                         const struct beats *beats)
{
    uint8_t *host = plain->host + (addr - plain->base);
    uint32_t room = plain->size - (addr - plain->base);
    uint32_t at = 0;
    for (unsigned beat = 0; beat < beats->count; beat++)
        for (unsigned i = 0; i < beats->bytes && at < room; i++, at++)
            host[at] = (uint8_t)(beats->value[beat] >> (8 * i));
    cpu_code_changed(cpu, addr, at);
}

/* All that the instruction accesses: the engine asks first at the beat that meets a guarded granule,
 * which need not be the first beat. */
static struct range instruction_range(struct cpu *cpu, uint32_t addr, unsigned size, bool is_write)
{
    struct opcode op = opcode_at(cpu, cpu->pc);
    struct thumb_store store = thumb_decode_store(op.first, op.second);
    unsigned bytes = is_write ? store.beat_count * store.beat_bytes
                              : thumb_load_bytes(op.first, op.second);
    struct thumb_block block = thumb_block_address(op.first, op.second);
    if (!bytes || !block.is_known)
        return (struct range){addr, bytes ? bytes : size};
    uint32_t base = block.base == 15 ? (cpu->pc + 4) & ~3u
                                     : cpu_read(cpu, (enum cpu_register)block.base);
    base += (uint32_t)block.displacement;
    return addr - base < bytes ? (struct range){base, bytes} : (struct range){addr, bytes};
}

static bool load_from_view(struct cpu *cpu, const struct plain *plain, uint32_t addr, unsigned bytes)
{
    uint32_t first = addr & ~3u;
    uint32_t last = (addr + bytes - 1) & ~3u;
    uint8_t data[REPAIR_MAX];
    unsigned count = last - first + 4;
    if (count > REPAIR_MAX || first - plain->base + count > plain->size)
        return true;
    for (uint32_t at = first; at <= last; at += 4) {
        struct access access = {
            .addr = at, .size = 4, .pc = cpu->pc, .is_privileged = !cpu->is_unprivileged};
        uint32_t value = 0;
        uint32_t cfsr = cpu->host.access(cpu->host.context, &access, &value);
        if (cfsr) {
            fault_at(cpu, cfsr, addr, addr);
            return false;
        }
        for (unsigned i = 0; i < 4; i++)
            data[at - first + i] = (uint8_t)(value >> (8 * i));
    }
    /* The controller may give something else than the view holds: a stale line, a bad double word. */
    uint8_t *host = plain->host + (first - plain->base);
    if (memcmp(host, data, count) != 0) {
        remember(cpu, host, count);
        memcpy(host, data, count);
    }
    return true;
}

static uint32_t device_part(struct cpu *cpu, struct access *access)
{
    uint32_t value = 0;
    if (cpu->has_event)
        return 0;
    access->is_privileged = !cpu->is_unprivileged;
    uint32_t cfsr = cpu->host.access(cpu->host.context, access, &value);
    if (cfsr)
        fault_at(cpu, cfsr, access->addr, access->addr);
    else
        arm(cpu);
    return value;
}

/* The firmware meets the stub page, where the chip has nothing. */
static bool touch_stub(struct cpu *cpu, uint32_t addr, int size, const int64_t *value)
{
    struct access access = {.addr = addr,
                            .size = (uint8_t)(size > 4 ? 4 : size),
                            .pc = cpu->pc,
                            .is_write = value != NULL,
                            .value = value ? (uint32_t)*value : 0};
    uint32_t got = device_part(cpu, &access);
    uint32_t offset = addr - STUB_ADDR;
    if (cpu->has_event || offset + access.size > STUB_BYTES)
        return false;
    remember(cpu, cpu->stub + offset, access.size);
    memcpy(cpu->stub + offset, &got, access.size);
    cpu->needs_flush = true;
    arm(cpu);
    return true;
}

static bool on_protected(uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value,
                         void *user)
{
    (void)uc;
    struct cpu *cpu = user;
    uint32_t addr = (uint32_t)address;
    if (type == UC_MEM_FETCH_PROT || type == UC_MEM_FETCH_UNMAPPED) {
        cpu->pc = addr;
        uint32_t cfsr = cpu->host.fetch_fault(cpu->host.context, addr);
        if (cfsr)
            fault(cpu, cfsr, 0);
        else
            stop(cpu, (struct cpu_event){.kind = CPU_STOP_DEADLINE, .pc = addr});
        return false;
    }
    if (cpu->has_event)
        return false; /* what is left of an instruction or an IT block after a stop */
    if (cpu->has_store)
        return true; /* later beats of an instruction whose beats are all done */
    const struct plain *plain = find_plain(cpu, addr);
    bool is_write = type == UC_MEM_WRITE_PROT;
    if (!plain)
        return touch_stub(cpu, addr, size, is_write ? &value : NULL);
    struct beats beats = {0};
    if (is_write)
        beats = beats_of_store(cpu, size, value);
    bool is_done;
    struct range all = instruction_range(cpu, addr, (unsigned)size, is_write);
    if (plain->is_view) {
        is_done = is_write ? store_to_view(cpu, plain, addr, &beats)
                           : load_from_view(cpu, plain, addr, all.base + all.size - addr);
    } else {
        struct access access = {.addr = all.base,
                                .size = (uint8_t)all.size,
                                .pc = cpu->pc,
                                .is_write = is_write,
                                .is_privileged = !cpu->is_unprivileged};
        uint32_t cfsr = cpu->host.check(cpu->host.context, &access);
        is_done = cfsr == 0;
        if (cfsr)
            fault_at(cpu, cfsr, access.addr, addr);
        else if (is_write)
            store_to_ram(cpu, plain, all.base, &beats);
    }
    cpu->has_store = is_done;
    cpu->needs_flush = true;
    if (!cpu->has_event)
        arm(cpu);
    return is_done;
}

static uint64_t on_device_read(uc_engine *uc, uint64_t offset, unsigned size, void *user)
{
    (void)uc;
    struct device_space *space = user;
    uint32_t addr = space->base + (uint32_t)offset;
    uint64_t value = 0;
    for (unsigned done = 0; done < size;) {
        unsigned part = size - done > 4 ? 4 : size - done;
        struct access access = {.addr = addr + done, .size = (uint8_t)part, .pc = space->cpu->pc};
        value |= (uint64_t)device_part(space->cpu, &access) << (8 * done);
        done += part;
    }
    return value;
}

static void on_device_write(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *user)
{
    (void)uc;
    struct device_space *space = user;
    uint32_t addr = space->base + (uint32_t)offset;
    for (unsigned done = 0; done < size;) {
        unsigned part = size - done > 4 ? 4 : size - done;
        uint32_t mask = part == 4 ? 0xFFFFFFFFu : (1u << (8 * part)) - 1;
        struct access access = {.addr = addr + done,
                                .size = (uint8_t)part,
                                .value = (uint32_t)(value >> (8 * done)) & mask,
                                .pc = space->cpu->pc,
                                .is_write = true};
        device_part(space->cpu, &access);
        done += part;
    }
}

/* ---- exceptions that Unicorn reports ------------------------------------------------------------ */

/* Unicorn's interrupt numbers for ARM (unicorn-notes 7). */
enum { INT_SVC = 2, INT_PREFETCH = 3, INT_DATA = 4, INT_BKPT = 7, INT_EXIT = 8, INT_NOCP = 17,
       INT_INVSTATE = 18, INT_UNALIGNED = 22 };

static uint32_t engine_pc(struct cpu *cpu)
{
    uint32_t pc = 0;
    uc_reg_read(cpu->uc, UC_ARM_REG_PC, &pc);
    return pc;
}

/* A branch there returns; a vector or a start there is only a bad address, and so it is for MOV PC,
 * ADD PC and BLX (core sheet 3.3). */
static bool is_exception_return(struct cpu *cpu, uint32_t target)
{
    struct opcode op = opcode_at(cpu, cpu->pc);
    return target >= 0xF0000000u && cpu->cycles != cpu->start_cycles &&
           (cpu_read(cpu, CPU_XPSR) & 0x1FF) != 0 && thumb_can_return(op.first, op.second);
}

static void on_interrupt(uc_engine *uc, uint32_t number, void *user)
{
    (void)uc;
    struct cpu *cpu = user;
    uint32_t pc = engine_pc(cpu);
    struct cpu_event event = {.kind = CPU_STOP_FAULT, .pc = pc};
    switch (number) {
    case INT_SVC:
        event.kind = CPU_STOP_SVC;
        event.it_state = it_state_at(cpu, pc);
        break;
    case INT_BKPT:
        event.kind = CPU_STOP_BKPT;
        event.it_state = it_state_at(cpu, pc);
        break;
    case INT_PREFETCH:
    case INT_EXIT:
        if (is_exception_return(cpu, pc)) {
            event.kind = CPU_STOP_EXCEPTION_RETURN;
            event.exc_return = pc | (cpu_read(cpu, CPU_XPSR) >> 24 & 1); /* its bit 0 is in T */
        } else {
            event.cfsr = CFSR_IACCVIOL;
        }
        break;
    case INT_NOCP:
        event.cfsr = CFSR_NOCP;
        break;
    case INT_INVSTATE:
        event.cfsr = CFSR_INVSTATE;
        break;
    case INT_UNALIGNED:
        event.cfsr = CFSR_UNALIGNED;
        break;
    default:
        event.cfsr = CFSR_PRECISERR;
        break;
    }
    stop(cpu, event);
}

static bool on_invalid(uc_engine *uc, void *user)
{
    (void)uc;
    struct cpu *cpu = user;
    uint32_t pc = engine_pc(cpu);
    bool is_thumb = cpu_read(cpu, CPU_XPSR) >> 24 & 1;
    stop(cpu, (struct cpu_event){.kind = CPU_STOP_FAULT,
                                 .pc = pc,
                                 .cfsr = is_thumb ? CFSR_UNDEFINSTR : CFSR_INVSTATE,
                                 .it_state = it_state_at(cpu, pc)});
    return false;
}

/* ---- building ----------------------------------------------------------------------------------- */

static bool fail(struct error *error, const char *what, uc_err code)
{
    return error_set(error, "CPU engine: %s: %s", what, uc_strerror(code));
}

static bool add_hooks(struct cpu *cpu, struct error *error)
{
    uc_hook hook;
    uc_err code = uc_hook_add(cpu->uc, &hook, UC_HOOK_CODE, (void *)(uintptr_t)on_code, cpu, 1, 0);
    if (!code)
        code = uc_hook_add(cpu->uc, &hook,
                           UC_HOOK_MEM_READ_PROT | UC_HOOK_MEM_WRITE_PROT | UC_HOOK_MEM_FETCH_PROT |
                               UC_HOOK_MEM_UNMAPPED,
                           (void *)(uintptr_t)on_protected, cpu, 1, 0);
    if (!code)
        code = uc_hook_add(cpu->uc, &hook, UC_HOOK_INTR, (void *)(uintptr_t)on_interrupt, cpu, 1, 0);
    if (!code)
        code = uc_hook_add(cpu->uc, &hook, UC_HOOK_INSN_INVALID, (void *)(uintptr_t)on_invalid, cpu,
                           1, 0);
    return code ? fail(error, "adding hooks", code) : true;
}

bool cpu_create(struct cpu **out, enum core_type type, struct cpu_host host, struct error *error)
{
    struct cpu *cpu = calloc(1, sizeof *cpu);
    if (!cpu)
        return error_set(error, "out of memory for the CPU");
    cpu->stub = aligned_alloc(STUB_BYTES, STUB_BYTES);
    if (!cpu->stub) {
        free(cpu);
        return error_set(error, "out of memory for the CPU");
    }
    cpu->host = host;
    cpu->is_thumb = true;
    uc_err code = uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &cpu->uc);
    if (code) {
        free(cpu->stub);
        free(cpu);
        return fail(error, "opening", code);
    }
    code = uc_ctl_set_cpu_model(cpu->uc,
                                type == CORE_M7 ? UC_CPU_ARM_CORTEX_M7 : UC_CPU_ARM_CORTEX_M4);
#if UC_API_MAJOR > 2 || (UC_API_MAJOR == 2 && UC_API_MINOR >= 1)
    if (!code) /* the default reserves a gigabyte for each engine */
        code = uc_ctl_set_tcg_buffer_size(cpu->uc, 32u << 20);
#endif
    if (!code)
        code = uc_context_alloc(cpu->uc, &cpu->fault_context);
    if (!code)
        code = uc_context_alloc(cpu->uc, &cpu->reset_context);
    if (code || !add_hooks(cpu, error)) {
        cpu_destroy(cpu);
        return code ? fail(error, "setting up", code) : false;
    }
    choose_gear(cpu);
    *out = cpu;
    return true;
}

static void free_seen(struct cpu *cpu)
{
    for (unsigned i = 0; i < cpu->plain_count; i++) {
        free(cpu->plain[i].seen);
        cpu->plain[i].seen = NULL;
    }
}

void cpu_destroy(struct cpu *cpu)
{
    if (!cpu)
        return;
    if (cpu->fault_context)
        uc_context_free(cpu->fault_context);
    if (cpu->reset_context)
        uc_context_free(cpu->reset_context);
    uc_close(cpu->uc);
    free_seen(cpu);
    free(cpu->stub);
    free(cpu->entries);
    free(cpu);
}

static bool map_stub(struct cpu *cpu, struct error *error)
{
    static const uint8_t clrex[] = {0xBF, 0xF3, 0x2F, 0x8F, 0x00, 0xBF, 0x00, 0xBF};
    memcpy(cpu->stub, clrex, sizeof clrex);
    uc_err code = uc_mem_map_ptr(cpu->uc, STUB_ADDR, STUB_BYTES, UC_PROT_ALL, cpu->stub);
    if (!code)
        protect_stub(cpu, UC_PROT_NONE);
    return code ? fail(error, "mapping the stub page", code) : true;
}

/* Everything between plain memories goes to the bus, which knows what is not there. */
static bool map_devices(struct cpu *cpu, uint64_t from, uint64_t to, struct error *error)
{
    if (from >= to)
        return true;
    assert(cpu->device_count < DEVICE_MAX);
    struct device_space *space = &cpu->device[cpu->device_count++];
    *space = (struct device_space){cpu, (uint32_t)from};
    uc_err code = uc_mmio_map(cpu->uc, from, (size_t)(to - from), on_device_read, space,
                              on_device_write, space);
    return code ? fail(error, "mapping devices", code) : true;
}

static void unmap_all(struct cpu *cpu)
{
    uc_mem_region *regions = NULL;
    uint32_t count = 0;
    if (uc_mem_regions(cpu->uc, &regions, &count))
        return;
    for (uint32_t i = 0; i < count; i++)
        uc_mem_unmap(cpu->uc, regions[i].begin, (size_t)(regions[i].end - regions[i].begin + 1));
    uc_free(regions);
    free_seen(cpu);
    cpu->plain_count = 0;
    cpu->device_count = 0;
}

static bool map_plain(struct cpu *cpu, const struct bus_region *region, struct error *error)
{
    assert(cpu->plain_count < REGION_MAX);
    bool is_view = region->kind == BUS_VIEW;
    cpu->plain[cpu->plain_count++] =
        (struct plain){region->base, region->size, region->host, is_view, NULL};
    uint32_t can = is_view ? UC_PROT_READ | UC_PROT_EXEC : UC_PROT_ALL;
    uc_err code = uc_mem_map_ptr(cpu->uc, region->base, region->size, can, region->host);
    return code ? fail(error, region->name, code) : true;
}

/* The predecoded window: the last alias of main flash, which is where firmware is linked. */
static bool predecode_view(struct cpu *cpu, const struct bus_region *view, struct error *error)
{
    uint32_t halfwords = view->size / 2;
    if (halfwords != cpu->view_halfwords) {
        free(cpu->entries);
        cpu->view_halfwords = 0;
        cpu->entries = malloc(halfwords);
        if (!cpu->entries)
            return error_set(error, "out of memory for the instruction table");
    }
    memset(cpu->entries, UNDECODED, halfwords);
    cpu->view_base = view->base;
    cpu->view_halfwords = halfwords;
    return true;
}

/* Looking the page up for that fills the TLB past its protection: flush afterwards. */
static void forget(struct cpu *cpu, struct range range)
{
    uint64_t first = range.base; /* its arguments are variable: nothing widens them */
    uc_ctl_remove_cache(cpu->uc, first, first + range.size);
    cpu->needs_flush = true;
}

/* What was translated, and what the TLB holds, is of the memory that was there before. */
static void forget_maps(struct cpu *cpu)
{
    for (unsigned i = 0; i < cpu->plain_count; i++)
        forget(cpu, (struct range){cpu->plain[i].base, cpu->plain[i].size});
    cpu->needs_flush = true;
}

bool cpu_map_bus(struct cpu *cpu, const struct bus *bus, struct error *error)
{
    forget_maps(cpu);
    unmap_all(cpu);
    uint64_t next = 0;
    const struct bus_region *view = NULL;
    for (unsigned i = 0; i < bus->region_count; i++) {
        const struct bus_region *region = &bus->region[i];
        if (region->kind == BUS_DEVICE)
            continue;
        if (!map_devices(cpu, next, region->base, error) || !map_plain(cpu, region, error))
            return false;
        next = (uint64_t)region->base + region->size;
        if (region->kind == BUS_VIEW)
            view = region;
    }
    if (!map_devices(cpu, next, STUB_ADDR, error) || !map_stub(cpu, error) ||
        !map_devices(cpu, (uint64_t)STUB_ADDR + STUB_BYTES, UINT64_C(1) << 32, error))
        return false;
    forget_maps(cpu);
    return !view || predecode_view(cpu, view, error);
}

void cpu_protect(struct cpu *cpu, uint32_t base, uint32_t size, unsigned can)
{
    uint32_t prot = (can & CPU_CAN_READ ? UC_PROT_READ : 0u) |
                    (can & CPU_CAN_WRITE ? UC_PROT_WRITE : 0u) |
                    (can & CPU_CAN_EXECUTE ? UC_PROT_EXEC : 0u);
    uc_err code = uc_mem_protect(cpu->uc, base, size, prot);
    assert(code == UC_ERR_OK);
    (void)code;
    if (!(can & CPU_CAN_EXECUTE)) /* what was translated would still run */
        cpu_code_changed(cpu, base, size);
}

/* ---- changes of code ---------------------------------------------------------------------------- */

void cpu_code_changed(struct cpu *cpu, uint32_t base, uint32_t size)
{
    uint32_t first = (base - cpu->view_base) >> 1;
    uint32_t last = (base + size - 1 - cpu->view_base) >> 1;
    if (first < cpu->view_halfwords && last < cpu->view_halfwords) {
        if (first > 0)
            first--; /* a 32-bit instruction may straddle the start */
        memset(cpu->entries + first, UNDECODED, last - first + 1);
    }
    struct range range = {base, size};
    if (last >= cpu->view_halfwords && !cpu->has_run_elsewhere)
        return; /* nothing was ever translated from there */
    if (!cpu->is_running) {
        forget(cpu, range);
        return;
    }
    if (cpu->dirty_count == DIRTY_MAX) {
        uint32_t low = base;
        uint32_t high = base + size;
        for (unsigned i = 0; i < DIRTY_MAX; i++) {
            if (cpu->dirty[i].base < low)
                low = cpu->dirty[i].base;
            if (cpu->dirty[i].base + cpu->dirty[i].size > high)
                high = cpu->dirty[i].base + cpu->dirty[i].size;
        }
        cpu->dirty_count = 0;
        range = (struct range){low, high - low};
    }
    cpu->dirty[cpu->dirty_count++] = range;
    cpu_interrupt(cpu);
}

/* ---- running ------------------------------------------------------------------------------------ */

static void settle(struct cpu *cpu)
{
    put_bytes_back(cpu);
    cpu->is_unprivileged = false;
    for (unsigned i = 0; i < cpu->dirty_count; i++)
        forget(cpu, cpu->dirty[i]);
    cpu->dirty_count = 0;
    flush_if_needed(cpu);
    cpu->is_interrupted = false;
}

/* ITSTATE is part of xPSR: the engine takes it from there when it starts. */
static void resume_it(struct cpu *cpu)
{
    uint32_t it = (uint32_t)(cpu->it_live & 0xFCu) << 8 | (uint32_t)(cpu->it_live & 3u) << 25;
    cpu_write(cpu, CPU_XPSR, (cpu_read(cpu, CPU_XPSR) & ~0x0600FC00u) | it);
    cpu->it_first = cpu->pc;
    cpu->it_seen = cpu->pc - 1;
    cpu->it_resumed = cpu->it_live;
    cpu->it_live = 0;
}

struct cpu_event cpu_run(struct cpu *cpu, uint64_t until_cycles)
{
    cpu->deadline = until_cycles;
    cpu->has_event = false;
    flush_if_needed(cpu);
    arm(cpu);
    uint32_t start = cpu->pc;
    if (cpu->it_live)
        resume_it(cpu);
    cpu->is_first = true;
    cpu->start_cycles = cpu->cycles;
    cpu->is_running = true;
    uc_err code = uc_emu_start(cpu->uc, start | (cpu->is_thumb ? 1u : 0u), NO_END, 0, 0);
    cpu->is_running = false;
    if (!cpu->has_event) {
        /* Nothing of ours stopped it: a fetch that Unicorn refused without asking. */
        uint32_t pc = engine_pc(cpu);
        cpu->event = (struct cpu_event){.kind = CPU_STOP_FAULT,
                                        .pc = pc,
                                        .cfsr = code == UC_ERR_OK ? CFSR_UNDEFINSTR
                                                                  : CFSR_IACCVIOL};
    }
    if (cpu->is_undone)
        uc_context_restore(cpu->uc, cpu->fault_context);
    cpu->is_undone = false;
    cpu->has_event = false;
    settle(cpu);
    cpu->pc = cpu->event.pc;
    cpu->it_live = cpu->event.it_state;
    cpu->is_thumb = !(cpu->event.cfsr & CFSR_INVSTATE);
    return cpu->event;
}

void cpu_interrupt(struct cpu *cpu)
{
    cpu->is_interrupted = true;
    cpu->check_at = 0;
}

void cpu_skip(struct cpu *cpu)
{
    cpu->pc += thumb_size(opcode_at(cpu, cpu->pc).first);
    cpu->it_live = thumb_it_advance(cpu->it_live);
}

uint8_t cpu_it_state(const struct cpu *cpu)
{
    return cpu->it_live;
}

void cpu_set_stop_point(struct cpu *cpu, uint32_t pc)
{
    cpu->has_stop_point = pc != UINT32_MAX;
    cpu->stop_point = pc;
    choose_gear(cpu);
}

void cpu_set_instruction_limit(struct cpu *cpu, uint64_t count)
{
    cpu->is_counting = count != 0;
    cpu->instructions_left = count;
    choose_gear(cpu);
}

uint64_t cpu_instructions_left(const struct cpu *cpu)
{
    return cpu->instructions_left;
}

uint64_t cpu_stores_seen(const struct cpu *cpu)
{
    return cpu->stores_seen;
}

uint64_t cpu_cycles(const struct cpu *cpu)
{
    return cpu->cycles;
}

void cpu_add_cycles(struct cpu *cpu, uint64_t cycles)
{
    cpu->cycles += cycles;
}

uint32_t cpu_current_pc(const struct cpu *cpu)
{
    return cpu->pc;
}

const uint32_t *cpu_pc_pointer(const struct cpu *cpu)
{
    return &cpu->pc;
}

/* ---- registers ---------------------------------------------------------------------------------- */

uint32_t cpu_read(struct cpu *cpu, enum cpu_register reg)
{
    uint32_t value = 0;
    if (reg == CPU_PC)
        return cpu->pc;
    uc_err code = uc_reg_read(cpu->uc, unicorn_register(reg), &value);
    assert(code == UC_ERR_OK);
    (void)code;
    return value;
}

void cpu_read_all(struct cpu *cpu, uint32_t values[CPU_REGISTER_COUNT])
{
    int ids[CPU_REGISTER_COUNT];
    void *targets[CPU_REGISTER_COUNT];
    for (unsigned i = 0; i < CPU_REGISTER_COUNT; i++) {
        values[i] = 0;
        ids[i] = unicorn_register((enum cpu_register)i);
        targets[i] = &values[i];
    }
    uc_err code = uc_reg_read_batch(cpu->uc, ids, targets, CPU_REGISTER_COUNT);
    assert(code == UC_ERR_OK);
    (void)code;
    values[CPU_PC] = cpu->pc;
}

void cpu_write(struct cpu *cpu, enum cpu_register reg, uint32_t value)
{
    assert(reg != CPU_PC && !cpu->is_running);
    uc_err code = uc_reg_write(cpu->uc, unicorn_register(reg), &value);
    assert(code == UC_ERR_OK);
    (void)code;
}

void cpu_jump(struct cpu *cpu, uint32_t target)
{
    cpu->pc = target & ~1u;
    cpu->is_thumb = target & 1;
    cpu->it_live = 0;
    forget_it(cpu);
}

static void reset_registers(struct cpu *cpu)
{
    /* Handler mode first: unprivileged thread mode refuses register writes (unicorn-notes 9). */
    cpu_write(cpu, CPU_XPSR, 0x01000003);
    cpu_write(cpu, CPU_CONTROL, 0);
    cpu_write(cpu, CPU_XPSR, 0x01000000);
    cpu_write(cpu, CPU_CONTROL, 0);
    cpu_write(cpu, CPU_PRIMASK, 0);
    cpu_write(cpu, CPU_BASEPRI, 0);
    cpu_write(cpu, CPU_FAULTMASK, 0);
    for (unsigned reg = CPU_R0; reg <= 12; reg++)
        cpu_write(cpu, (enum cpu_register)reg, 0);
    cpu_write(cpu, CPU_MSP, 0);
    cpu_write(cpu, CPU_PSP, 0);
    cpu_write(cpu, CPU_LR, 0xFFFFFFFF);
    cpu_write(cpu, CPU_FPSCR, 0);
    for (unsigned i = 0; i < 32; i++)
        cpu_write(cpu, (enum cpu_register)(CPU_S0 + i), 0);
    cpu_clear_exclusive(cpu);
}

void cpu_jump_into_it(struct cpu *cpu, uint32_t target, uint8_t it_state)
{
    cpu_jump(cpu, target);
    cpu->it_live = it_state & 0xF ? it_state : 0;
}

void cpu_reset(struct cpu *cpu)
{
    forget_it(cpu);
    cpu->it_live = 0;
    if (cpu->has_reset_context) { /* a copy is cheaper than sixty writes */
        uc_context_restore(cpu->uc, cpu->reset_context);
        return;
    }
    reset_registers(cpu);
    uc_context_save(cpu->uc, cpu->reset_context);
    cpu->has_reset_context = true;
}

/* Runs the CLREX of the stub page; nothing else of the core changes. */
static void run_clrex(struct cpu *cpu)
{
    uint64_t cycles = cpu->cycles;
    uint32_t pc = cpu->pc;
    uint8_t it_live = cpu->it_live;
    bool is_thumb = cpu->is_thumb;
    bool is_interrupted = cpu->is_interrupted;
    uint32_t stop_point = cpu->has_stop_point ? cpu->stop_point : UINT32_MAX;
    cpu->is_clearing = true;
    protect_stub(cpu, UC_PROT_READ | UC_PROT_EXEC);
    cpu->is_thumb = true;
    cpu->is_interrupted = false;
    cpu->it_live = 0;
    cpu->pc = STUB_ADDR;
    cpu_set_stop_point(cpu, STUB_ADDR + 4);
    struct cpu_event event = cpu_run(cpu, UINT64_MAX);
    assert(event.kind == CPU_STOP_POINT);
    (void)event;
    cpu_set_stop_point(cpu, stop_point);
    cpu->is_clearing = false;
    protect_stub(cpu, UC_PROT_NONE);
    cpu->is_interrupted = is_interrupted;
    cpu->cycles = cycles;
    cpu->pc = pc;
    cpu->it_live = it_live;
    cpu->is_thumb = is_thumb;
}

void cpu_clear_exclusive(struct cpu *cpu)
{
    if (!cpu->has_exclusive)
        return;
    run_clrex(cpu);
    cpu->has_exclusive = false;
}

/* ---- gears, from outside ------------------------------------------------------------------------- */

void cpu_set_fp_denied(struct cpu *cpu, bool is_denied)
{
    cpu->is_fp_denied = is_denied;
    choose_gear(cpu);
}

void cpu_set_unaligned_trap(struct cpu *cpu, bool is_on)
{
    cpu->is_unaligned_trapped = is_on;
    choose_gear(cpu);
}

void cpu_set_divide_trap(struct cpu *cpu, bool is_on)
{
    cpu->is_divide_trapped = is_on;
    choose_gear(cpu);
}

void cpu_set_fetch_check(struct cpu *cpu, bool is_on)
{
    cpu->is_fetch_checked = is_on;
    choose_gear(cpu);
}

void cpu_set_fetch_wait(struct cpu *cpu, unsigned cycles)
{
    cpu->fetch_wait = cycles;
    choose_gear(cpu);
}

void cpu_follow_watch(struct cpu *cpu, const struct bus *bus)
{
    bool is_needed = bus->busy[0].until_ps || bus->busy[1].until_ps;
    for (unsigned i = 0; i < BUS_WATCH_WORDS && !is_needed; i++)
        is_needed = bus->watched[i] != 0;
    cpu->watch = is_needed ? bus : NULL;
    cpu->is_fetch_watched = false;
    choose_gear(cpu);
}

const char *cpu_engine_version(void)
{
    static char text[16];
    unsigned major = 0;
    unsigned minor = 0;
    unsigned version = uc_version(&major, &minor);
    unsigned patch = version >> 8 & 0xFF;
    text[0] = (char)('0' + major % 10);
    text[1] = '.';
    text[2] = (char)('0' + minor % 10);
    text[3] = '.';
    text[4] = (char)('0' + patch % 10);
    text[5] = 0;
    return text;
}
