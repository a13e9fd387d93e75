/* Register tables: every kind of mask, every hook, every width. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <stdlib.h>

#include "sim/core/reg.h"

enum row { RW, FLAGS, START, MIXED, GUARDED, COMPUTED, WRITE_ONLY, CONSTANT, ROW_COUNT };

struct bench {
    uint32_t values[ROW_COUNT];
    struct trace trace;
    struct system system;
    struct device device;
    uint64_t now_ps;
    struct event event;
    unsigned event_count;
    bool is_open;
    struct reg_access last_write;
    unsigned write_count, read_count;
};

static struct bench *bench_of(struct device *device)
{
    return device->state;
}

static bool guard(struct device *device, const struct reg_access *write)
{
    if (!bench_of(device)->is_open)
        write->result->is_bus_error = true;
    return bench_of(device)->is_open;
}

static void on_write(struct device *device, const struct reg_access *write)
{
    bench_of(device)->last_write = *write;
    bench_of(device)->write_count++;
}

static uint32_t on_read(struct device *device, const struct reg_access *read, uint32_t value)
{
    (void)read;
    bench_of(device)->read_count++;
    return value + 1;
}

// clang-format off
static const struct reg regs[ROW_COUNT] = {
    [RW] = {.name = "RW", .offset = 0x00, .reset = 0x80000001, .rw = 0x0000FFFF, .on_write = on_write},
    [FLAGS] = {.name = "FLAGS", .offset = 0x04, .reset = 0xC0, .w1c = 0xF0, .survives = 0x80},
    [START] = {.name = "START", .offset = 0x08, .w1s = 0x3},
    [MIXED] = {.name = "MIXED", .offset = 0x0C, .rw = 0xF, .storage = 0xF0, .unimp = 0xF00},
    [GUARDED] = {.name = "GUARDED", .offset = 0x10, .rw = 0xFFFFFFFF, .guard = guard},
    [COMPUTED] = {.name = "COMPUTED", .offset = 0x14, .rw = 0xFFFFFFFF, .on_read = on_read},
    [WRITE_ONLY] = {.name = "WRITE_ONLY", .offset = 0x20, .rw = 0xFFFF, .write_only = 0xFF},
    [CONSTANT] = {.name = "CONSTANT", .offset = 0x24, .reset = 0x12345678},
};
// clang-format on

static const struct reg_block block = {regs, ROW_COUNT};

static void note(void *context, const struct event *event)
{
    struct bench *b = context;
    b->event_count++;
    b->event = *event;
}

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    *state = b;
    b->trace.now_ps = &b->now_ps;
    trace_listen(&b->trace, note, b);
    b->system.trace = &b->trace;
    b->device = (struct device){.name = "UNIT", .state = b, .system = &b->system};
    reg_reset(&block, b->values, RESET_POWER_ON);
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static uint32_t read_sized(struct bench *b, uint32_t offset, uint8_t size)
{
    struct access access = {.addr = 0x40000000 + offset, .offset = offset, .size = size};
    struct access_result result = {0};
    reg_read(&b->device, &block, b->values, &access, &result);
    return result.value;
}

static struct access_result write_sized(struct bench *b, uint32_t offset, uint8_t size,
                                        uint32_t value)
{
    struct access access = {.addr = 0x40000000 + offset,
                            .offset = offset,
                            .size = size,
                            .value = value,
                            .pc = 0x08000100,
                            .master = MASTER_DMA1,
                            .is_write = true};
    struct access_result result = {0};
    reg_write(&b->device, &block, b->values, &access, &result);
    return result;
}

static void reserved_bits_keep_their_reset_value(void **state)
{
    struct bench *b = *state;
    assert_int_equal(read_sized(b, 0, 4), 0x80000001);
    write_sized(b, 0, 4, 0xFFFFFFFF);
    assert_int_equal(read_sized(b, 0, 4), 0x8000FFFF);
    write_sized(b, 0, 4, 0);
    assert_int_equal(read_sized(b, 0, 4), 0x80000000);
    write_sized(b, 0x24, 4, 0);
    assert_int_equal(read_sized(b, 0x24, 4), 0x12345678);
}

static void bytes_and_halfwords_touch_their_lanes_only(void **state)
{
    struct bench *b = *state;
    write_sized(b, 0, 4, 0x1234);
    write_sized(b, 1, 1, 0xFFFFFFAB); /* what is above the byte on the bus does not count */
    assert_int_equal(read_sized(b, 0, 4), 0x8000AB34);
    write_sized(b, 2, 2, 0xFFFF);
    assert_int_equal(read_sized(b, 0, 4), 0x8000AB34);
    assert_int_equal(read_sized(b, 1, 1), 0xAB);
    assert_int_equal(read_sized(b, 2, 2), 0x8000);
    assert_int_equal(read_sized(b, 3, 1), 0x80);
}

static void ones_clear_flags_in_the_lanes_written(void **state)
{
    struct bench *b = *state;
    write_sized(b, 4, 4, 0x40);
    assert_int_equal(read_sized(b, 4, 4), 0x80);
    write_sized(b, 5, 1, 0xFF);
    assert_int_equal(read_sized(b, 4, 4), 0x80);
    write_sized(b, 4, 1, 0x80);
    assert_int_equal(read_sized(b, 4, 4), 0);
}

static void ones_set_and_zeros_leave(void **state)
{
    struct bench *b = *state;
    write_sized(b, 8, 4, 0xFFFFFFFE);
    assert_int_equal(read_sized(b, 8, 4), 0x2);
    write_sized(b, 8, 4, 0x1);
    assert_int_equal(read_sized(b, 8, 4), 0x3);
    write_sized(b, 8, 4, 0);
    assert_int_equal(read_sized(b, 8, 4), 0x3);
}

static void an_unimplemented_bit_is_reported_when_it_rises(void **state)
{
    struct bench *b = *state;
    write_sized(b, 0xC, 4, 0xFFFFF0FF); /* modelled and storage: silent */
    assert_int_equal(read_sized(b, 0xC, 4), 0x0FF);
    assert_int_equal(b->event_count, 0);
    write_sized(b, 0xD, 1, 0x3);
    assert_int_equal(read_sized(b, 0xC, 4), 0x3FF);
    assert_int_equal(b->event_count, 1);
    assert_int_equal(b->event.kind, EVENT_REG_UNIMPLEMENTED);
    assert_string_equal(b->event.unit, "UNIT");
    assert_string_equal(b->event.rule, "MIXED");
    assert_int_equal(b->event.addr, 0x4000000C);
    assert_int_equal(b->event.value, 0x300);
    assert_int_equal(b->event.pc, 0x08000100);
    assert_int_equal(b->event.master, MASTER_DMA1);
    write_sized(b, 0xC, 4, 0x300); /* still set */
    assert_int_equal(b->event_count, 1);
    write_sized(b, 0xC, 4, 0x700);
    assert_int_equal(b->event.value, 0x400);
}

static void a_guard_refuses(void **state)
{
    struct bench *b = *state;
    assert_true(write_sized(b, 0x10, 4, 5).is_bus_error);
    assert_int_equal(read_sized(b, 0x10, 4), 0);
    b->is_open = true;
    assert_false(write_sized(b, 0x10, 4, 5).is_bus_error);
    assert_int_equal(read_sized(b, 0x10, 4), 5);
}

static void on_write_comes_after_the_masks_and_knows_the_old_value(void **state)
{
    struct bench *b = *state;
    write_sized(b, 1, 1, 0xAB);
    assert_int_equal(b->write_count, 1);
    assert_int_equal(b->last_write.index, RW);
    assert_int_equal(b->last_write.old, 0x80000001);
    assert_int_equal(b->last_write.written & b->last_write.lanes, 0xAB00);
    assert_int_equal(b->last_write.lanes, 0xFF00);
    assert_int_equal(b->values[RW], 0x8000AB01);
}

static void on_read_computes_and_write_only_bits_read_zero(void **state)
{
    struct bench *b = *state;
    write_sized(b, 0x14, 4, 41);
    assert_int_equal(read_sized(b, 0x14, 4), 42);
    assert_int_equal(b->read_count, 1);
    write_sized(b, 0x20, 4, 0xABCD);
    assert_int_equal(b->values[WRITE_ONLY], 0xABCD);
    assert_int_equal(read_sized(b, 0x20, 4), 0xAB00);
}

static void a_hole_reads_zero_ignores_writes_and_is_reported(void **state)
{
    struct bench *b = *state;
    assert_int_equal(reg_find(&block, 0x18), -1);
    assert_int_equal(read_sized(b, 0x18, 4), 0);
    write_sized(b, 0x1A, 2, 7);
    assert_int_equal(b->event_count, 2);
    assert_int_equal(b->event.kind, EVENT_UNIT_ABSENT);
    assert_string_equal(b->event.rule, "REG.reserved_offset");
    assert_int_equal(b->event.value, 7);
}

static void some_bits_survive_all_but_power_on(void **state)
{
    struct bench *b = *state;
    b->values[FLAGS] = 0x30;
    b->values[RW] = 0x1234;
    reg_reset(&block, b->values, RESET_SYSTEM);
    assert_int_equal(b->values[FLAGS], 0x40); /* bit 7 kept as 0, the rest reset */
    assert_int_equal(b->values[RW], 0x80000001);
    b->values[FLAGS] = 0x80;
    reg_reset(&block, b->values, RESET_PIN);
    assert_int_equal(b->values[FLAGS], 0xC0);
    b->values[FLAGS] = 0;
    reg_reset(&block, b->values, RESET_POWER_ON);
    assert_int_equal(b->values[FLAGS], 0xC0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define REG_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        REG_TEST(reserved_bits_keep_their_reset_value),
        REG_TEST(bytes_and_halfwords_touch_their_lanes_only),
        REG_TEST(ones_clear_flags_in_the_lanes_written),
        REG_TEST(ones_set_and_zeros_leave),
        REG_TEST(an_unimplemented_bit_is_reported_when_it_rises),
        REG_TEST(a_guard_refuses),
        REG_TEST(on_write_comes_after_the_masks_and_knows_the_old_value),
        REG_TEST(on_read_computes_and_write_only_bits_read_zero),
        REG_TEST(a_hole_reads_zero_ignores_writes_and_is_reported),
        REG_TEST(some_bits_survive_all_but_power_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
