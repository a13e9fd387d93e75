/* Pins what cpu_unicorn.c relies on, on whatever Unicorn version the test runs with: exact stops, every
 * flash store seen with its pc and none landing raw, faults that leave registers untouched. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "sim/core/system_control.h"
#include "sim/cpu.h"
#include "sim/thumb.h"

#define FLASH 0x08000000u
#define TARGET 0x08008000u
#define RAM 0x20000000u
#define DEVICE 0x40000000u
#define HOLE 0x30000000u

enum { LOG_MAX = 64, ANY = 10000 };

struct beat {
    uint32_t addr, pc, value;
    uint8_t size;
    bool is_write, is_privileged;
};

struct bench {
    struct cpu *cpu;
    struct bus bus;
    _Alignas(4096) uint8_t flash[0x10000];
    _Alignas(4096) uint8_t ram[0x4000];
    unsigned count;
    struct beat log[LOG_MAX];
    uint32_t device_value;
    uint32_t access_fault; /* given for accesses to the hole */
    uint32_t check_fault;
    unsigned checks, events;
    struct access checked; /* the last one */
    uint32_t refused_fetch;
    unsigned interrupts; /* accesses that make the host interrupt the run */
};

static struct bench bench;

static uint32_t on_access(void *context, struct access *access, uint32_t *value)
{
    struct bench *b = context;
    assert_true(b->count < LOG_MAX);
    b->log[b->count++] = (struct beat){access->addr, access->pc, access->value, access->size,
                                       access->is_write, access->is_privileged};
    *value = b->device_value;
    if (b->interrupts) {
        b->interrupts--;
        cpu_interrupt(b->cpu);
    }
    if (access->addr - FLASH < sizeof b->flash && !access->is_write)
        memcpy(value, b->flash + (access->addr - FLASH), 4);
    return access->addr - HOLE < 0x1000 ? b->access_fault : 0;
}

static uint32_t on_check(void *context, struct access *access)
{
    struct bench *b = context;
    b->checked = *access;
    b->checks++;
    return b->check_fault;
}

static uint32_t on_watched_fetch(void *context, uint32_t addr, uint32_t size)
{
    struct bench *b = context;
    (void)addr;
    (void)size;
    b->events++;
    return 0;
}

static uint32_t on_check_fetch(void *context, uint32_t addr, uint32_t size)
{
    struct bench *b = context;
    (void)size;
    return addr == b->refused_fetch ? CFSR_IACCVIOL : 0;
}

static uint32_t on_fetch_fault(void *context, uint32_t addr)
{
    (void)context;
    (void)addr;
    return CFSR_IBUSERR;
}

static void on_send_event(void *context)
{
    ((struct bench *)context)->events++;
}

static int set_up(void **state)
{
    memset(&bench, 0, sizeof bench);
    memset(bench.flash, 0xFF, sizeof bench.flash);
    struct error error;
    struct cpu_host host = {&bench,         on_access,      on_check,     on_watched_fetch,
                            on_check_fetch, on_fetch_fault, on_send_event};
    if (!cpu_create(&bench.cpu, CORE_M4, host, &error))
        return -1;
    bus_init(&bench.bus);
    bus_map(&bench.bus, (struct bus_region){.name = "flash", .base = FLASH, .kind = BUS_VIEW,
                                            .size = sizeof bench.flash, .host = bench.flash});
    bus_map(&bench.bus, (struct bus_region){.name = "ram", .base = RAM, .kind = BUS_RAM,
                                            .size = sizeof bench.ram, .host = bench.ram});
    if (!cpu_map_bus(bench.cpu, &bench.bus, &error))
        return -1;
    cpu_reset(bench.cpu);
    cpu_write(bench.cpu, CPU_MSP, RAM + sizeof bench.ram);
    cpu_jump(bench.cpu, FLASH | 1);
    *state = &bench;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cpu_destroy(bench.cpu);
    return 0;
}

static void put_code(const uint16_t *code, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        bench.flash[2 * i] = (uint8_t)code[i];
        bench.flash[2 * i + 1] = (uint8_t)(code[i] >> 8);
    }
}

#define CODE(...)                                                       \
    do {                                                                \
        static const uint16_t code_[] = {__VA_ARGS__};                  \
        put_code(code_, sizeof code_ / sizeof code_[0]);                \
    } while (0)

static void set(unsigned reg, uint32_t value)
{
    cpu_write(bench.cpu, (enum cpu_register)reg, value);
}

static struct cpu_event run_to_wfi(void)
{
    return cpu_run(bench.cpu, cpu_cycles(bench.cpu) + ANY);
}

/* Past the stops that a change of code makes. */
static struct cpu_event run_through(void)
{
    struct cpu_event event;
    uint64_t limit = cpu_cycles(bench.cpu) + ANY;
    do
        event = cpu_run(bench.cpu, limit);
    while (event.kind == CPU_STOP_DEADLINE && cpu_cycles(bench.cpu) < limit);
    return event;
}

static void a_deadline_stops_exactly_before_an_instruction(void **state)
{
    (void)state;
    CODE(0x3001, 0x3001, 0x3001, 0x3001, 0xE7FE); /* adds r0,#1 four times */

    struct cpu_event event = cpu_run(bench.cpu, 2);

    assert_int_equal(event.kind, CPU_STOP_DEADLINE);
    assert_int_equal(event.pc, FLASH + 4);
    assert_int_equal(cpu_read(bench.cpu, CPU_R0), 2);
    assert_int_equal(cpu_cycles(bench.cpu), 2);
    event = cpu_run(bench.cpu, 3);
    assert_int_equal(event.pc, FLASH + 6);
    assert_int_equal(cpu_read(bench.cpu, CPU_R0), 3);
}

struct form {
    const char *text;
    uint16_t code[4];
    unsigned beats;
    unsigned size;
    uint32_t first_addr;
    uint32_t base_after; /* r0 */
};

/* Every store form, again and again: the later ones must be seen like the first. */
static void every_store_to_flash_is_seen_and_none_lands(void **state)
{
    (void)state;
    static const struct form forms[] = {
        {"str", {0x6001, 0xBF30}, 1, 4, TARGET, TARGET},
        {"strb", {0x7001, 0xBF30}, 1, 1, TARGET, TARGET},
        {"strh", {0x8001, 0xBF30}, 1, 2, TARGET, TARGET},
        {"strd", {0xE9C0, 0x1200, 0xBF30}, 2, 4, TARGET, TARGET},
        {"stmia", {0xE880, 0x000E, 0xBF30}, 3, 4, TARGET, TARGET},
        {"stmdb!", {0xE920, 0x001E, 0xBF30}, 4, 4, TARGET - 16, TARGET - 16},
        {"vstr s", {0xEDC0, 0x0A00, 0xBF30}, 1, 4, TARGET, TARGET},
        {"vstr d", {0xED80, 0x1B00, 0xBF30}, 2, 4, TARGET, TARGET},
        {"vstm", {0xEC80, 0x0A04, 0xBF30}, 4, 4, TARGET, TARGET},
        {"str pre", {0xF840, 0x1F04, 0xBF30}, 1, 4, TARGET + 4, TARGET + 4},
        {"str post", {0xF840, 0x1B04, 0xBF30}, 1, 4, TARGET, TARGET + 4},
        {"strexb", {0xE8D0, 0x4F4F, 0xE8C0, 0x1F43}, 1, 1, TARGET, TARGET},
    };
    for (unsigned i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        for (unsigned round = 0; round < 3; round++) {
            put_code(forms[i].code, 4);
            put_code((const uint16_t[]){0, 0, 0, 0, 0}, 0);
            bench.flash[8] = 0x30; /* wfi after four half-words */
            bench.flash[9] = 0xBF;
            cpu_code_changed(bench.cpu, FLASH, 16);
            set(0, TARGET);
            for (unsigned r = 1; r <= 4; r++)
                set(r, 0x11111111u * r + round);
            for (unsigned s = 0; s < 4; s++)
                set(CPU_S0 + s, 0xA0A0A0A0u + s + round);
            cpu_jump(bench.cpu, FLASH | 1);
            bench.count = 0;

            struct cpu_event event = run_to_wfi();

            if (event.kind != CPU_STOP_WFI)
                fail_msg("%s: stopped for %d at %08x", forms[i].text, event.kind, event.pc);
            unsigned seen = 0;
            for (unsigned n = 0; n < bench.count; n++) {
                if (!bench.log[n].is_write)
                    continue;
                if (bench.log[n].addr != forms[i].first_addr + seen * forms[i].size)
                    fail_msg("%s: beat %u at %08x", forms[i].text, seen, bench.log[n].addr);
                assert_int_equal(bench.log[n].size, forms[i].size);
                seen++;
            }
            if (seen != forms[i].beats)
                fail_msg("%s, round %u: %u beats seen", forms[i].text, round, seen);
            assert_int_equal(cpu_read(bench.cpu, CPU_R0), forms[i].base_after);
            for (unsigned byte = 0; byte < 64; byte++)
                if (bench.flash[TARGET - FLASH - 32 + byte] != 0xFF)
                    fail_msg("%s: a raw byte landed", forms[i].text);
        }
    }
}

static void a_loop_of_stores_is_seen_every_time(void **state)
{
    (void)state;
    /* movs r2,#20; 1: str r1,[r0]; subs r2,#1; bne 1b; wfi */
    CODE(0x2214, 0x6001, 0x3A01, 0xD1FC, 0xBF30);
    set(0, TARGET);

    run_to_wfi();

    assert_int_equal(bench.count, 20);
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(bench.log[i].pc, FLASH + 2);
}

static void conditional_stores_in_it_blocks_have_their_own_pc(void **state)
{
    (void)state;
    /* movs r3,#0; itee ne; movne r1,#1; streq r1,[r0]; streq r1,[r0]; wfi */
    CODE(0x2300, 0xBF12, 0x2101, 0x6001, 0x6001, 0xBF30);
    set(0, TARGET);

    struct cpu_event event = run_to_wfi();

    assert_int_equal(event.kind, CPU_STOP_WFI);
    assert_int_equal(bench.count, 2);
    assert_int_equal(bench.log[0].pc, FLASH + 6);
    assert_int_equal(bench.log[1].pc, FLASH + 8);
}

static void an_untaken_store_in_an_it_block_does_not_happen(void **state)
{
    (void)state;
    /* movs r3,#1; it eq; streq r1,[r0]; wfi */
    CODE(0x2301, 0xBF08, 0x6001, 0xBF30);
    set(0, TARGET);

    run_to_wfi();

    assert_int_equal(bench.count, 0);
}

static void an_unaligned_store_is_split_into_bytes_and_half_words(void **state)
{
    (void)state;
    CODE(0x6001, 0xBF30);
    set(0, TARGET + 1);
    set(1, 0x44332211);

    run_to_wfi();

    assert_int_equal(bench.count, 3);
    assert_int_equal(bench.log[0].size, 1);
    assert_int_equal(bench.log[0].value, 0x11);
    assert_int_equal(bench.log[1].size, 2);
    assert_int_equal(bench.log[1].value, 0x3322);
    assert_int_equal(bench.log[2].size, 1);
    assert_int_equal(bench.log[2].value, 0x44);
}

/* L4 sheet 4.5: the parts in flash reach it, whatever answers behind its end. */
static void an_unaligned_store_over_the_end_of_flash_hits_it_first(void **state)
{
    (void)state;
    static const struct {
        unsigned before_end, count;
        uint8_t sizes[2];
    } cases[] = {{1, 1, {1}}, {2, 1, {2}}, {3, 2, {1, 2}}};
    uint32_t end = FLASH + sizeof bench.flash;
    for (unsigned i = 0; i < 3; i++) {
        CODE(0x6001, 0xBF30);
        bench.count = 0;
        cpu_jump(bench.cpu, FLASH | 1);
        set(0, end - cases[i].before_end);
        set(1, 0x44332211);

        run_to_wfi();

        uint32_t next = end - cases[i].before_end;
        for (unsigned beat = 0; beat < cases[i].count; beat++) {
            assert_int_equal(bench.log[beat].addr, next);
            assert_int_equal(bench.log[beat].size, cases[i].sizes[beat]);
            next += cases[i].sizes[beat];
        }
        assert_int_equal(next, end);
        for (unsigned beat = cases[i].count; beat < bench.count; beat++)
            assert_int_equal(bench.log[beat].addr, next++);
        assert_int_equal(next, end + 4 - cases[i].before_end);
        for (unsigned at = 4; at < sizeof bench.flash; at++)
            assert_int_equal(bench.flash[at], 0xFF);
    }
}

static void an_unaligned_store_over_the_start_of_flash_is_no_word_to_it(void **state)
{
    (void)state;
    CODE(0x6001, 0xBF30);
    set(0, FLASH - 2);
    set(1, 0x44332211);

    run_to_wfi();

    unsigned in_flash = 0;
    for (unsigned beat = 0; beat < bench.count; beat++) {
        assert_true(bench.log[beat].size < 4);
        in_flash += bench.log[beat].addr >= FLASH;
    }
    assert_true(in_flash > 0);
    assert_int_equal(bench.flash[0], 0x01);
}

static void a_precise_fault_of_a_load_undoes_the_instruction(void **state)
{
    (void)state;
    CODE(0xF850, 0x1F04, 0xBF30); /* ldr r1,[r0,#4]! */
    set(0, HOLE);
    set(1, 0x77777777);
    bench.access_fault = CFSR_PRECISERR | CFSR_BFARVALID;

    struct cpu_event event = run_to_wfi();

    assert_int_equal(event.kind, CPU_STOP_FAULT);
    assert_int_equal(event.pc, FLASH);
    assert_int_equal(event.cfsr, CFSR_PRECISERR | CFSR_BFARVALID);
    assert_int_equal(event.addr, HOLE + 4);
    assert_int_equal(cpu_read(bench.cpu, CPU_R0), HOLE);
    assert_int_equal(cpu_read(bench.cpu, (enum cpu_register)1), 0x77777777);
}

static void a_precise_fault_of_a_store_undoes_its_write_back(void **state)
{
    (void)state;
    CODE(0xF840, 0x1B04, 0xBF30); /* str r1,[r0],#4 */
    set(0, HOLE);
    bench.access_fault = CFSR_PRECISERR | CFSR_BFARVALID;

    struct cpu_event event = run_to_wfi();

    assert_int_equal(event.kind, CPU_STOP_FAULT);
    assert_int_equal(event.pc, FLASH);
    assert_int_equal(cpu_read(bench.cpu, CPU_R0), HOLE);
}

static void a_fault_inside_an_it_block_has_its_pc_and_it_state(void **state)
{
    (void)state;
    /* movs r3,#0; itt eq; ldreq r1,[r0]; moveq r2,#9; wfi */
    CODE(0x2300, 0xBF04, 0x6801, 0x2209, 0xBF30);
    set(0, HOLE);
    set(2, 5);
    bench.access_fault = CFSR_PRECISERR | CFSR_BFARVALID;

    struct cpu_event event = run_to_wfi();

    assert_int_equal(event.kind, CPU_STOP_FAULT);
    assert_int_equal(event.pc, FLASH + 4);
    assert_int_equal(event.it_state, 0x04);
    assert_int_equal(cpu_read(bench.cpu, (enum cpu_register)2), 5);
}

static void a_guarded_granule_asks_every_time_and_can_refuse(void **state)
{
    (void)state;
    CODE(0x6001, 0x6001, 0x6802, 0xBF30); /* str, str, ldr r2,[r0] */
    cpu_protect(bench.cpu, RAM + 0x400, 0x400, CPU_CAN_EXECUTE);
    set(0, RAM + 0x400);
    set(1, 0x12345678);

    struct cpu_event event = run_through();

    assert_int_equal(event.kind, CPU_STOP_WFI);
    assert_int_equal(bench.checks, 3);
    assert_int_equal(cpu_read(bench.cpu, (enum cpu_register)2), 0x12345678);
    bench.check_fault = CFSR_DACCVIOL | CFSR_MMARVALID;
    cpu_jump(bench.cpu, FLASH | 1);
    set(1, 0);
    event = run_through();
    assert_int_equal(event.kind, CPU_STOP_FAULT);
    assert_int_equal(event.pc, FLASH);
    assert_int_equal(bench.ram[0x400], 0x78);
}

/* LDRT, STRT and kin are asked about in open memory too, and only they are unprivileged. */
static void unprivileged_forms_are_asked_about_as_such(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint16_t first, second;
        unsigned size;
        bool is_write;
    } forms[] = {
        {"ldrt r1,[r0,#4]", 0xF850, 0x1E04, 4, false},   {"ldrbt", 0xF810, 0x1E04, 1, false},
        {"ldrht", 0xF830, 0x1E04, 2, false},             {"ldrsbt", 0xF910, 0x1E04, 1, false},
        {"ldrsht", 0xF930, 0x1E04, 2, false},            {"strt", 0xF840, 0x1E04, 4, true},
        {"strbt", 0xF800, 0x1E04, 1, true},              {"strht", 0xF820, 0x1E04, 2, true},
    };
    for (unsigned i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        const uint16_t code[] = {forms[i].first, forms[i].second, 0xF8C2, 0x1000, /* str.w r1,[r2] */
                                 forms[i].first, forms[i].second, 0xBF30};
        put_code(code, 7);
        cpu_code_changed(bench.cpu, FLASH, 14);
        cpu_jump(bench.cpu, FLASH | 1);
        bench.count = bench.checks = 0;
        bench.check_fault = 0;
        set(0, DEVICE);
        set(1, 0);
        set(2, DEVICE + 8);
        assert_int_equal(run_through().kind, CPU_STOP_WFI);
        if (bench.count != 3 || bench.log[0].is_privileged || !bench.log[1].is_privileged ||
            bench.log[2].is_privileged || bench.log[0].is_write != forms[i].is_write)
            fail_msg("%s of a device", forms[i].text);
        assert_int_equal(bench.checks, 0);

        bench.check_fault = CFSR_DACCVIOL | CFSR_MMARVALID;
        memset(bench.ram, 0x5A, 16);
        cpu_jump(bench.cpu, FLASH | 1);
        set(0, RAM);
        set(1, 0x11223344);
        struct cpu_event event = run_through();
        if (event.kind != CPU_STOP_FAULT || event.pc != FLASH || event.addr != RAM + 4)
            fail_msg("%s of memory: stop %d at 0x%x", forms[i].text, (int)event.kind, event.pc);
        assert_int_equal(bench.checked.size, forms[i].size);
        assert_int_equal(bench.checked.is_write, forms[i].is_write);
        assert_false(bench.checked.is_privileged);
        assert_int_equal(cpu_read(bench.cpu, (enum cpu_register)1), 0x11223344);
        assert_int_equal(bench.ram[4], 0x5A);
    }
}

static void unprivileged_forms_in_it_blocks_and_misaligned(void **state)
{
    (void)state;
    CODE(0x2800, 0xBF0C, 0xF842, 0x1E00, 0x6011, 0xBF30); /* cmp r0,#0; ite eq: strteq, strne */
    set(2, RAM + 0x101);
    bench.check_fault = CFSR_DACCVIOL;
    struct cpu_event event = run_to_wfi();
    assert_int_equal(event.cfsr, CFSR_DACCVIOL);
    assert_int_equal(event.pc, FLASH + 4);
    assert_int_equal(event.it_state, 0x0C);
    cpu_set_unaligned_trap(bench.cpu, true);
    cpu_jump(bench.cpu, FLASH | 1);
    event = run_to_wfi();
    assert_int_equal(event.cfsr, CFSR_UNALIGNED);
    cpu_jump(bench.cpu, FLASH | 1);
    set(0, 1);
    set(2, RAM + 0x100);
    assert_int_equal(run_to_wfi().kind, CPU_STOP_WFI);
}

static void reads_of_a_watched_granule_are_seen_every_time(void **state)
{
    (void)state;
    CODE(0x6801, 0x6801, 0xE9D0, 0x1200, 0xBF30); /* ldr, ldr, ldrd */
    cpu_protect(bench.cpu, TARGET, 0x400, CPU_CAN_EXECUTE);
    set(0, TARGET);

    run_to_wfi();

    assert_int_equal(bench.count, 4);
    assert_int_equal(bench.log[3].addr, TARGET + 4);
}

static void what_the_device_gives_for_a_watched_read_is_what_the_core_gets(void **state)
{
    (void)state;
    CODE(0x6801, 0xBF30);
    cpu_protect(bench.cpu, TARGET, 0x400, CPU_CAN_EXECUTE);
    set(0, TARGET);
    memcpy(bench.flash + 0x8000, "\x01\x02\x03\x04", 4);

    run_to_wfi();

    assert_int_equal(cpu_read(bench.cpu, (enum cpu_register)1), 0x04030201);
}

static void device_accesses_carry_the_exact_pc(void **state)
{
    (void)state;
    CODE(0xBF00, 0x6801, 0xBF00, 0x6001, 0x7001, 0xBF30);
    set(0, DEVICE);
    bench.device_value = 0xCAFE;

    run_to_wfi();

    assert_int_equal(bench.count, 3);
    assert_int_equal(bench.log[0].pc, FLASH + 2);
    assert_int_equal(bench.log[1].pc, FLASH + 6);
    assert_int_equal(bench.log[1].value, 0xCAFE);
    assert_int_equal(bench.log[2].size, 1);
}

static void a_checked_fetch_can_be_refused_at_any_instruction(void **state)
{
    (void)state;
    CODE(0xBF00, 0x2005, 0xBF30);
    bench.refused_fetch = FLASH + 2;
    cpu_set_fetch_check(bench.cpu, true);

    struct cpu_event event = run_to_wfi();

    assert_int_equal(event.kind, CPU_STOP_FAULT);
    assert_int_equal(event.cfsr, CFSR_IACCVIOL);
    assert_int_equal(event.pc, FLASH + 2);
    assert_int_equal(cpu_read(bench.cpu, CPU_R0), 0);
    cpu_set_fetch_check(bench.cpu, false);
    assert_int_equal(run_to_wfi().kind, CPU_STOP_WFI);
}

static void undefined_and_wrong_state_are_told_apart(void **state)
{
    (void)state;
    CODE(0xDE00);
    struct cpu_event event = run_to_wfi();
    assert_int_equal(event.cfsr, CFSR_UNDEFINSTR);
    assert_int_equal(event.pc, FLASH);
    CODE(0x4700); /* bx r0 to an even address */
    cpu_code_changed(bench.cpu, FLASH, 4);
    set(0, FLASH + 0x100);
    cpu_jump(bench.cpu, FLASH | 1);
    event = run_to_wfi();
    assert_int_equal(event.cfsr, CFSR_INVSTATE);
    assert_int_equal(event.pc, FLASH + 0x100);
}

static void fetches_from_nowhere_and_from_devices_fault_at_the_target(void **state)
{
    (void)state;
    CODE(0x4700); /* bx r0 */
    set(0, HOLE | 1);
    struct cpu_event event = run_to_wfi();
    assert_int_equal(event.kind, CPU_STOP_FAULT);
    assert_int_equal(event.cfsr, CFSR_IBUSERR);
    assert_int_equal(event.pc, HOLE);
    set(0, DEVICE | 1);
    cpu_jump(bench.cpu, FLASH | 1);
    event = run_to_wfi();
    assert_int_equal(event.cfsr & (CFSR_IACCVIOL | CFSR_IBUSERR), event.cfsr);
    assert_int_equal(event.pc, DEVICE);
}

static void svc_bkpt_and_sleep_are_reported(void **state)
{
    (void)state;
    CODE(0xDF01, 0xBEAB, 0xBF20, 0xBF10, 0xBF30);
    struct cpu_event event = run_to_wfi();
    assert_int_equal(event.kind, CPU_STOP_SVC);
    assert_int_equal(event.pc, FLASH + 2);
    event = run_to_wfi();
    assert_int_equal(event.kind, CPU_STOP_BKPT);
    assert_int_equal(event.pc, FLASH + 2);
    cpu_skip(bench.cpu);
    event = run_to_wfi();
    assert_int_equal(event.kind, CPU_STOP_WFE);
    cpu_skip(bench.cpu);
    event = run_to_wfi(); /* YIELD: a NOP that ends a run */
    assert_int_equal(event.kind, CPU_STOP_DEADLINE);
    event = run_to_wfi();
    assert_int_equal(event.kind, CPU_STOP_WFI);
    assert_int_equal(event.pc, FLASH + 8);
}

static void exc_return_is_told_apart_from_a_branch_in_thread_mode(void **state)
{
    (void)state;
    CODE(0x4770); /* bx lr */
    set(CPU_LR, 0xFFFFFFF9);
    struct cpu_event event = run_to_wfi();
    assert_int_equal(event.kind, CPU_STOP_FAULT);
    assert_int_equal(event.cfsr, CFSR_IACCVIOL);
    set(CPU_XPSR, 0x0100000F);
    set(CPU_LR, 0xFFFFFFF9);
    cpu_jump(bench.cpu, FLASH | 1);
    event = run_to_wfi();
    assert_int_equal(event.kind, CPU_STOP_EXCEPTION_RETURN);
    assert_int_equal(event.exc_return, 0xFFFFFFF9);
    set(CPU_LR, 0xFFFFFFF8); /* a damaged one stays damaged */
    cpu_jump(bench.cpu, FLASH | 1);
    event = run_to_wfi();
    assert_int_equal(event.kind, CPU_STOP_EXCEPTION_RETURN);
    assert_int_equal(event.exc_return, 0xFFFFFFF8);
}

/* Core sheet 3.3: BX, POP, LDM and LDR return; MOV, ADD and BLX branch to where nothing is executable.
 * Twice: after CPS the engine reports them in another way. */
static void only_some_branches_return_from_an_exception(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint16_t code[2];
        bool returns;
    } forms[] = {
        {"bx lr", {0x4770}, true},
        {"pop {pc}", {0xBD00}, true},
        {"pop.w {r4,pc}", {0xE8BD, 0x8010}, true},
        {"ldmia r0,{r4,pc}", {0xE890, 0x8010}, true},
        {"ldr pc,[r0]", {0xF8D0, 0xF000}, true},
        {"ldr pc,[sp],#4", {0xF85D, 0xFB04}, true},
        {"mov pc,lr", {0x46F7}, false},
        {"add pc,r1", {0x448F}, false},
        {"blx lr", {0x47F0}, false},
    };
    for (unsigned i = 0; i < 2 * sizeof forms / sizeof forms[0]; i++) {
        bool has_cps = i & 1;
        const char *text = forms[i / 2].text;
        const uint16_t code[4] = {0xBF00, has_cps ? 0xB672 : 0xBF00, forms[i / 2].code[0],
                                  forms[i / 2].code[1]};
        put_code(code, 4);
        cpu_code_changed(bench.cpu, FLASH, 8);
        memcpy(bench.ram, (const uint32_t[]){0xFFFFFFF9, 0xFFFFFFF9}, 8); /* r4 may be anything */
        set(CPU_XPSR, 0x0100000F);
        set(CPU_MSP, RAM);
        set(CPU_R0, RAM);
        set(CPU_R0 + 1, 0xFFFFFFF8 - (FLASH + 8));
        set(CPU_LR, 0xFFFFFFF9);
        cpu_jump(bench.cpu, FLASH | 1);

        struct cpu_event event = run_through();

        bool has_returned = event.kind == CPU_STOP_EXCEPTION_RETURN;
        if (has_returned != forms[i / 2].returns)
            fail_msg("%s: stop %d, CFSR 0x%x", text, (int)event.kind, event.cfsr);
        if (has_returned) {
            assert_int_equal(event.exc_return, 0xFFFFFFF9);
        } else {
            assert_int_equal(event.kind, CPU_STOP_FAULT);
            assert_int_equal(event.cfsr, CFSR_IACCVIOL);
            assert_int_equal(event.pc, 0xFFFFFFF8);
        }
    }
}

static void fp_is_refused_while_denied(void **state)
{
    (void)state;
    CODE(0x2105, 0xEE00, 0x1A10, 0xBF30); /* movs r1,#5; vmov s0,r1 */
    cpu_set_fp_denied(bench.cpu, true);
    struct cpu_event event = run_to_wfi();
    assert_int_equal(event.cfsr, CFSR_NOCP);
    assert_int_equal(event.pc, FLASH + 2);
    cpu_set_fp_denied(bench.cpu, false);
    event = run_to_wfi();
    assert_int_equal(event.kind, CPU_STOP_WFI);
    assert_int_equal(cpu_read(bench.cpu, CPU_S0), 5);
    assert_true(cpu_read(bench.cpu, CPU_CONTROL) & 4);
}

static void misaligned_and_dividing_by_zero_fault_when_trapped(void **state)
{
    (void)state;
    CODE(0xE9D0, 0x1200, 0xBF30); /* ldrd r1,r2,[r0] */
    set(0, RAM + 2);
    assert_int_equal(run_to_wfi().cfsr, CFSR_UNALIGNED);
    CODE(0xFBB1, 0xF0F2, 0xBF30); /* udiv r0,r1,r2 */
    cpu_code_changed(bench.cpu, FLASH, 8);
    set(2, 0);
    cpu_jump(bench.cpu, FLASH | 1);
    assert_int_equal(run_to_wfi().kind, CPU_STOP_WFI);
    cpu_set_divide_trap(bench.cpu, true);
    cpu_jump(bench.cpu, FLASH | 1);
    assert_int_equal(run_to_wfi().cfsr, CFSR_DIVBYZERO);
    CODE(0x6801, 0xBF30); /* ldr r1,[r0] */
    cpu_code_changed(bench.cpu, FLASH, 8);
    set(0, RAM + 2);
    cpu_jump(bench.cpu, FLASH | 1);
    assert_int_equal(run_to_wfi().kind, CPU_STOP_WFI);
    cpu_set_unaligned_trap(bench.cpu, true);
    cpu_jump(bench.cpu, FLASH | 1);
    assert_int_equal(run_to_wfi().cfsr, CFSR_UNALIGNED);
}

static void unmasking_stops_before_the_next_instruction(void **state)
{
    (void)state;
    CODE(0xB662, 0xBF00, 0xBF30); /* cpsie i */
    struct cpu_event event = run_to_wfi();
    assert_int_equal(event.kind, CPU_STOP_DEADLINE);
    assert_int_equal(event.pc, FLASH + 2);
}

static void changed_code_is_what_runs(void **state)
{
    (void)state;
    CODE(0x2001, 0xBF30);
    run_to_wfi();
    assert_int_equal(cpu_read(bench.cpu, CPU_R0), 1);
    CODE(0x2002, 0xBF30);
    cpu_code_changed(bench.cpu, FLASH, 4);
    cpu_jump(bench.cpu, FLASH | 1);
    run_to_wfi();
    assert_int_equal(cpu_read(bench.cpu, CPU_R0), 2);
}

static void watch_the_code(void)
{
    bus_watch(&bench.bus, 0, 0x400, true);
    cpu_protect(bench.cpu, FLASH, 0x400, CPU_CAN_EXECUTE);
    cpu_follow_watch(bench.cpu, &bench.bus);
}

/* How many loads the host sees in 150 cycles, run in steps. */
static unsigned loads_seen(uint64_t step)
{
    bench.count = 0;
    cpu_jump(bench.cpu, FLASH | 1);
    uint64_t end = cpu_cycles(bench.cpu) + 150;
    for (uint64_t at = cpu_cycles(bench.cpu); at < end; at = cpu_cycles(bench.cpu))
        cpu_run(bench.cpu, at + step < end ? at + step : end);
    return bench.count;
}

/* A fetch of the granule must not open its data. */
static void loads_from_watched_code_are_seen_wherever_a_run_begins(void **state)
{
    (void)state;
    CODE(0x4B01, 0xBF00, 0xE7FC, 0xBF00, 0x1234, 0x5678); /* ldr r3,=0x56781234; nop; b . - 4 */
    watch_the_code();

    unsigned expected = loads_seen(150);

    assert_in_range(expected, 150 / 8, 150 / 4);
    for (uint64_t step = 1; step < 12; step++)
        assert_int_equal(loads_seen(step), expected);
}

static void loads_by_code_in_ram_from_watched_code_are_seen(void **state)
{
    (void)state;
    static const uint16_t load[] = {0x6801, 0x4770}; /* ldr r1,[r0]; bx lr */
    CODE(0x4790, 0xE7FD);                            /* blx r2; b . - 2 */
    memcpy(bench.ram, load, sizeof load);
    cpu_code_changed(bench.cpu, RAM, sizeof load);
    set(0, FLASH);
    set(2, RAM | 1);
    watch_the_code();

    unsigned expected = loads_seen(150);

    assert_in_range(expected, 150 / 14, 150 / 6);
    for (uint64_t step = 1; step < 12; step++)
        assert_int_equal(loads_seen(step), expected);
}

static void the_exclusive_monitor_can_be_cleared(void **state)
{
    (void)state;
    /* ldrex r2,[r0]; wfi; strex r3,r1,[r0]; wfi */
    CODE(0xE850, 0x2F00, 0xBF30, 0xE840, 0x1300, 0xBF30);
    set(0, RAM);
    run_to_wfi();
    cpu_skip(bench.cpu);
    uint64_t cycles = cpu_cycles(bench.cpu);
    cpu_clear_exclusive(bench.cpu);
    assert_int_equal(cpu_cycles(bench.cpu), cycles);
    run_to_wfi();
    assert_int_equal(cpu_read(bench.cpu, (enum cpu_register)3), 1);
}

/* What an engine needs for itself must not be on the chip: 0x9FFFF000 goes to the bus like its neighbours. */
static void no_page_of_the_engine_is_seen_by_the_firmware(void **state)
{
    (void)state;
    /* ldr r1,[r0]; str r2,[r0]; wfi; then ldrex r3,[r4] for a clear that needs the page */
    CODE(0x6801, 0x6002, 0xBF30, 0xE854, 0x3F00, 0xBF30);
    set(0, 0x9FFFF000);
    set(2, 0x12345678);
    set(4, RAM);
    bench.device_value = 0x55;

    run_to_wfi();

    assert_int_equal(cpu_read(bench.cpu, (enum cpu_register)1), 0x55);
    assert_int_equal(bench.count, 2);
    assert_int_equal(bench.log[0].addr, 0x9FFFF000);
    assert_true(bench.log[1].is_write);
    assert_int_equal(bench.log[1].value, 0x12345678);
    cpu_skip(bench.cpu);
    assert_int_equal(run_to_wfi().kind, CPU_STOP_WFI);
    cpu_clear_exclusive(bench.cpu);
    cpu_jump(bench.cpu, 0x9FFFF001);
    assert_int_equal(run_to_wfi().kind, CPU_STOP_FAULT);
}

static void an_ldrd_into_its_base_can_be_restarted(void **state)
{
    (void)state;
    CODE(0xE9D5, 0x5700, 0xBF30); /* ldrd r5,r7,[r5] */
    set(5, HOLE - 4);
    bench.access_fault = CFSR_PRECISERR;

    struct cpu_event event = run_to_wfi();

    assert_int_equal(event.kind, CPU_STOP_FAULT);
    assert_int_equal(cpu_read(bench.cpu, (enum cpu_register)5), HOLE - 4);
}

static void an_unaligned_exclusive_faults_whatever_its_size(void **state)
{
    (void)state;
    static const uint16_t codes[][2] = {
        {0xE8D0, 0x1F5F}, /* ldrexh r1,[r0] */
        {0xE8C0, 0x1F52}, /* strexh r2,r1,[r0] */
        {0xE850, 0x1F00}, /* ldrex r1,[r0] */
        {0xE840, 0x1200}, /* strex r2,r1,[r0] */
    };
    for (unsigned i = 0; i < 4; i++) {
        put_code(codes[i], 2);
        cpu_code_changed(bench.cpu, FLASH, 4);
        cpu_jump(bench.cpu, FLASH | 1);
        set(0, RAM + 1);
        struct cpu_event event = run_through();
        assert_int_equal(event.kind, CPU_STOP_FAULT);
        assert_int_equal(event.cfsr, CFSR_UNALIGNED);
    }
}

/* A host may want to be asked in the middle of a block: nothing of the rest has happened then. */
static void an_interrupt_stops_inside_an_it_block_and_goes_on_there(void **state)
{
    (void)state;
    /* cmp r0,r0; ittet eq; ldreq r1,[r0]; streq r2,[r3]; addne r4,#1; addeq r5,#1; wfi */
    CODE(0x4280, 0xBF05, 0x6801, 0x601A, 0x3401, 0x3501, 0xBF30);
    set(0, HOLE);
    set(2, 7);
    set(3, RAM);
    set(4, 0);
    set(5, 0);
    bench.interrupts = 1;

    struct cpu_event event = run_to_wfi();

    assert_int_equal(event.kind, CPU_STOP_DEADLINE);
    assert_int_equal(event.pc, FLASH + 6);
    assert_int_equal(cpu_it_state(bench.cpu), event.it_state);
    assert_int_equal(event.it_state, thumb_it_state(0xBF05, 1));
    assert_int_equal(bench.ram[0], 0);
    assert_int_equal(run_to_wfi().kind, CPU_STOP_WFI);
    assert_int_equal(bench.ram[0], 7);
    assert_int_equal(cpu_read(bench.cpu, (enum cpu_register)4), 0);
    assert_int_equal(cpu_read(bench.cpu, (enum cpu_register)5), 1);
    assert_int_equal(cpu_it_state(bench.cpu), 0);
}

int main(void)
{
    print_message("Unicorn %s\n", cpu_engine_version());
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_deadline_stops_exactly_before_an_instruction),
        TEST(every_store_to_flash_is_seen_and_none_lands),
        TEST(a_loop_of_stores_is_seen_every_time),
        TEST(conditional_stores_in_it_blocks_have_their_own_pc),
        TEST(an_untaken_store_in_an_it_block_does_not_happen),
        TEST(an_unaligned_store_is_split_into_bytes_and_half_words),
        TEST(an_unaligned_store_over_the_end_of_flash_hits_it_first),
        TEST(an_unaligned_store_over_the_start_of_flash_is_no_word_to_it),
        TEST(a_precise_fault_of_a_load_undoes_the_instruction),
        TEST(a_precise_fault_of_a_store_undoes_its_write_back),
        TEST(a_fault_inside_an_it_block_has_its_pc_and_it_state),
        TEST(a_guarded_granule_asks_every_time_and_can_refuse),
        TEST(unprivileged_forms_are_asked_about_as_such),
        TEST(unprivileged_forms_in_it_blocks_and_misaligned),
        TEST(reads_of_a_watched_granule_are_seen_every_time),
        TEST(what_the_device_gives_for_a_watched_read_is_what_the_core_gets),
        TEST(device_accesses_carry_the_exact_pc),
        TEST(a_checked_fetch_can_be_refused_at_any_instruction),
        TEST(undefined_and_wrong_state_are_told_apart),
        TEST(fetches_from_nowhere_and_from_devices_fault_at_the_target),
        TEST(svc_bkpt_and_sleep_are_reported),
        TEST(exc_return_is_told_apart_from_a_branch_in_thread_mode),
        TEST(only_some_branches_return_from_an_exception),
        TEST(fp_is_refused_while_denied),
        TEST(misaligned_and_dividing_by_zero_fault_when_trapped),
        TEST(unmasking_stops_before_the_next_instruction),
        TEST(changed_code_is_what_runs),
        TEST(loads_from_watched_code_are_seen_wherever_a_run_begins),
        TEST(loads_by_code_in_ram_from_watched_code_are_seen),
        TEST(the_exclusive_monitor_can_be_cleared),
        TEST(no_page_of_the_engine_is_seen_by_the_firmware),
        TEST(an_ldrd_into_its_base_can_be_restarted),
        TEST(an_unaligned_exclusive_faults_whatever_its_size),
        TEST(an_interrupt_stops_inside_an_it_block_and_goes_on_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
