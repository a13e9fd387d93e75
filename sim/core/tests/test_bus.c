/* Address decoding, views, busy ranges and watched granules. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <stdlib.h>
#include <string.h>

#include "sim/core/device.h"

/* A device that remembers the last access and answers with its address. */
struct probe {
    unsigned reads, writes;
    struct access last;
};

static void probe_read(struct device *device, const struct access *access,
                       struct access_result *result)
{
    struct probe *probe = device->state;
    probe->reads++;
    probe->last = *access;
    result->value = ~access->addr;
}

static void probe_write(struct device *device, const struct access *access,
                        struct access_result *result)
{
    struct probe *probe = device->state;
    (void)result;
    probe->writes++;
    probe->last = *access;
}

static const struct device_type probe_type = {
    .name = "probe", .state_bytes = sizeof(struct probe), .read = probe_read, .write = probe_write};

struct bench {
    struct bus bus;
    struct trace trace;
    struct system system;
    struct device device;
    struct probe probe;
    uint64_t now_ps;
    uint32_t enable;
    unsigned event_count;
    struct event event;
    uint8_t ram[64];
    uint8_t view[8192];
};

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
    bus_init(&b->bus);
    b->trace.now_ps = &b->now_ps;
    trace_listen(&b->trace, note, b);
    b->system.trace = &b->trace;
    b->device = (struct device){
        .type = &probe_type, .name = "PROBE", .state = &b->probe, .system = &b->system};
    bus_map(&b->bus, (struct bus_region){.name = "device",
                                         .base = 0x40000000,
                                         .size = 0x400,
                                         .kind = BUS_DEVICE,
                                         .window = 3,
                                         .device = &b->device});
    bus_map(&b->bus,
            (struct bus_region){.name = "ram", .base = 0x20000000, .size = 64, .host = b->ram});
    for (uint32_t base = 0; base <= 0x08000000; base += 0x08000000)
        bus_map(&b->bus, (struct bus_region){.name = "view",
                                             .base = base,
                                             .size = sizeof b->view,
                                             .kind = BUS_VIEW,
                                             .window = 1,
                                             .host = b->view,
                                             .device = &b->device});
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static struct access_result do_access(struct bench *b, uint32_t addr, uint8_t size, bool is_write,
                                      uint32_t value)
{
    struct access access = {.addr = addr, .size = size, .is_write = is_write, .value = value};
    struct access_result result;
    memset(&result, 0xA5, sizeof result); /* the bus must clear it */
    bus_access(&b->bus, &access, &result);
    return result;
}

static struct access_result read_at(struct bench *b, uint32_t addr, uint8_t size)
{
    return do_access(b, addr, size, false, 0);
}

static void an_address_belongs_to_the_region_that_contains_it(void **state)
{
    struct bench *b = *state;
    assert_string_equal(bus_find(&b->bus, 0x20000000)->name, "ram");
    assert_string_equal(bus_find(&b->bus, 0x2000003F)->name, "ram");
    assert_null(bus_find(&b->bus, 0x20000040));
    assert_null(bus_find(&b->bus, 0x1FFFFFFF));
    assert_string_equal(bus_find(&b->bus, 0)->name, "view");
    assert_null(bus_find(&b->bus, 0x2000));
    assert_null(bus_find(&b->bus, 0xFFFFFFFF));
    assert_int_equal(bus_find(&b->bus, 0x400003FF)->base, 0x40000000);
}

static void a_region_may_end_at_the_last_address(void **state)
{
    struct bench *b = *state;
    bus_map(&b->bus, (struct bus_region){.name = "top",
                                         .base = 0xFFFFF000,
                                         .size = 0x1000,
                                         .kind = BUS_DEVICE,
                                         .device = &b->device});
    assert_string_equal(bus_find(&b->bus, 0xFFFFFFFF)->name, "top");
    assert_int_equal(read_at(b, 0xFFFFFFFC, 4).value, 3);
}

static void nobody_there_is_a_bus_error(void **state)
{
    struct bench *b = *state;
    assert_true(read_at(b, 0x30000000, 4).is_bus_error);
    assert_true(do_access(b, 0x30000000, 4, true, 1).is_bus_error);
    assert_int_equal(read_at(b, 0x30000000, 4).value, 0);
}

static void ram_is_little_endian_at_every_size(void **state)
{
    struct bench *b = *state;
    assert_false(do_access(b, 0x20000004, 4, true, 0x44332211).is_bus_error);
    assert_int_equal(b->ram[4], 0x11);
    assert_int_equal(b->ram[7], 0x44);
    assert_int_equal(read_at(b, 0x20000005, 1).value, 0x22);
    assert_int_equal(read_at(b, 0x20000005, 2).value, 0x3322);
    do_access(b, 0x20000006, 1, true, 0xFFFFFFAA);
    assert_int_equal(read_at(b, 0x20000004, 4).value, 0x44AA2211);
    do_access(b, 0x2000003C, 4, true, 5);
    assert_int_equal(read_at(b, 0x2000003C, 4).value, 5);
}

static void a_device_hears_offset_and_window(void **state)
{
    struct bench *b = *state;
    assert_int_equal(read_at(b, 0x40000124, 2).value, ~0x40000124u);
    assert_int_equal(b->probe.last.offset, 0x124);
    assert_int_equal(b->probe.last.window, 3);
    do_access(b, 0x40000010, 1, true, 7);
    assert_int_equal(b->probe.writes, 1);
    assert_int_equal(b->probe.last.value, 7);
}

static void an_unclocked_device_reads_zero_and_is_reported_once(void **state)
{
    struct bench *b = *state;
    b->device.clock_enable = &b->enable;
    b->device.clock_enable_mask = 4;
    b->enable = 3;
    assert_int_equal(read_at(b, 0x40000000, 4).value, 0);
    do_access(b, 0x40000000, 4, true, 1);
    assert_int_equal(b->probe.reads + b->probe.writes, 0);
    assert_int_equal(b->event_count, 1);
    assert_int_equal(b->event.kind, EVENT_UNIT_ABSENT);
    assert_string_equal(b->event.unit, "PROBE");
    b->enable = 7;
    assert_int_equal(read_at(b, 0x40000000, 4).value, ~0x40000000u);
}

static void a_view_is_read_from_its_bytes_and_written_through_its_device(void **state)
{
    struct bench *b = *state;
    b->view[0x100] = 0x5A;
    assert_int_equal(read_at(b, 0x08000100, 1).value, 0x5A);
    assert_int_equal(read_at(b, 0x00000100, 1).value, 0x5A);
    assert_int_equal(b->probe.reads, 0);
    do_access(b, 0x08000100, 1, true, 0);
    assert_int_equal(b->view[0x100], 0x5A);
    assert_int_equal(b->probe.writes, 1);
    assert_int_equal(b->probe.last.window, 1);
}

static void a_busy_range_stalls_every_read_of_it_in_every_alias(void **state)
{
    struct bench *b = *state;
    bus_set_busy(&b->bus, 0, 0x800, 0x100, 5000);
    static const uint32_t busy[] = {0x08000800, 0x080008FF, 0x00000800, 0x080007FE};
    static const uint32_t idle[] = {0x080007FC, 0x08000900, 0x20000000, 0x40000000};
    for (unsigned i = 0; i < 4; i++) {
        struct access_result result = read_at(b, busy[i], i == 1 ? 1 : 4);
        assert_int_equal(result.stall_until_ps, 5000);
        assert_true(result.is_retried);
        assert_int_equal(result.value, 0);
        assert_int_equal(read_at(b, idle[i], 4).stall_until_ps, 0);
    }
    assert_int_equal(bus_busy_until(&b->bus, 0x080008FF), 5000);
    assert_int_equal(bus_busy_until(&b->bus, 0x08000900), 0);
    bus_clear_busy(&b->bus, 0);
    assert_int_equal(read_at(b, 0x08000800, 4).stall_until_ps, 0);
}

static void a_write_to_a_busy_range_is_the_devices_business(void **state)
{
    struct bench *b = *state;
    bus_set_busy(&b->bus, 0, 0, 0x2000, 5000);
    assert_int_equal(do_access(b, 0x08000000, 4, true, 0).stall_until_ps, 0);
    assert_int_equal(b->probe.writes, 1);
}

static void of_two_busy_ranges_the_later_end_counts(void **state)
{
    struct bench *b = *state;
    bus_set_busy(&b->bus, 0, 0x0, 0x1000, 5000);
    bus_set_busy(&b->bus, 1, 0x800, 0x1000, 9000);
    assert_int_equal(bus_busy_until(&b->bus, 0x08000000), 5000);
    assert_int_equal(bus_busy_until(&b->bus, 0x08000800), 9000);
    assert_int_equal(bus_busy_until(&b->bus, 0x08001000), 9000);
}

static void reads_of_a_watched_granule_reach_the_device(void **state)
{
    struct bench *b = *state;
    bus_watch(&b->bus, 0x7FF, 2, true); /* the last byte of granule 1, the first of granule 2 */
    assert_false(bus_is_watched(&b->bus, 0x3FF));
    assert_true(bus_is_watched(&b->bus, 0x400));
    assert_true(bus_is_watched(&b->bus, 0xBFF));
    assert_false(bus_is_watched(&b->bus, 0xC00));
    assert_int_equal(read_at(b, 0x08000400, 4).value, ~0x08000400u);
    assert_int_equal(read_at(b, 0x080003FC, 4).value, 0);
    assert_int_equal(read_at(b, 0x080003FE, 4).value, ~0x080003FEu); /* half of it is watched */
    bus_watch(&b->bus, 0x400, 0x800, false);
    assert_int_equal(read_at(b, 0x08000400, 4).value, 0);
}

static void only_a_change_moves_the_watch_generation(void **state)
{
    struct bench *b = *state;
    uint32_t before = b->bus.watch_generation;
    bus_watch(&b->bus, 0, 1024, false);
    assert_int_equal(b->bus.watch_generation, before);
    bus_watch(&b->bus, 0, 1024, true);
    assert_int_not_equal(b->bus.watch_generation, before);
    before = b->bus.watch_generation;
    bus_set_busy(&b->bus, 0, 0, 1, 1);
    assert_int_not_equal(b->bus.watch_generation, before);
}

static void the_last_granule_can_be_watched(void **state)
{
    struct bench *b = *state;
    bus_watch(&b->bus, 0x1FFC00, 0x400, true); /* 2 MB */
    assert_true(bus_is_watched(&b->bus, 0x1FFFFF));
    assert_false(bus_is_watched(&b->bus, 0x200000));
    assert_false(bus_is_watched(&b->bus, 0x1FFBFF));
}

static void unmapping_leaves_a_hole_that_can_be_mapped_again(void **state)
{
    struct bench *b = *state;
    uint32_t before = b->bus.map_generation;
    bus_unmap(&b->bus, 0);
    assert_int_not_equal(b->bus.map_generation, before);
    assert_true(read_at(b, 0, 4).is_bus_error);
    assert_string_equal(bus_find(&b->bus, 0x08000000)->name, "view");
    before = b->bus.map_generation;
    bus_unmap(&b->bus, 0x12345678); /* nothing there */
    assert_int_equal(b->bus.map_generation, before);
    bus_map(&b->bus, (struct bus_region){.name = "ram at 0", .size = 64, .host = b->ram});
    b->ram[0] = 9;
    assert_int_equal(read_at(b, 0, 4).value, 9);
}

static void changed(void *context, uint32_t offset, uint32_t size)
{
    uint32_t *seen = context;
    seen[0] = offset;
    seen[1] = size;
}

static void a_changed_view_is_told_to_the_engine(void **state)
{
    struct bench *b = *state;
    uint32_t seen[2] = {0};
    bus_view_changed(&b->bus, 8, 8); /* nobody listens: fine */
    b->bus.view_changed = changed;
    b->bus.context = seen;
    bus_view_changed(&b->bus, 0x800, 16);
    assert_int_equal(seen[0], 0x800);
    assert_int_equal(seen[1], 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define BUS_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        BUS_TEST(an_address_belongs_to_the_region_that_contains_it),
        BUS_TEST(a_region_may_end_at_the_last_address),
        BUS_TEST(nobody_there_is_a_bus_error),
        BUS_TEST(ram_is_little_endian_at_every_size),
        BUS_TEST(a_device_hears_offset_and_window),
        BUS_TEST(an_unclocked_device_reads_zero_and_is_reported_once),
        BUS_TEST(a_view_is_read_from_its_bytes_and_written_through_its_device),
        BUS_TEST(a_busy_range_stalls_every_read_of_it_in_every_alias),
        BUS_TEST(a_write_to_a_busy_range_is_the_devices_business),
        BUS_TEST(of_two_busy_ranges_the_later_end_counts),
        BUS_TEST(reads_of_a_watched_granule_reach_the_device),
        BUS_TEST(only_a_change_moves_the_watch_generation),
        BUS_TEST(the_last_granule_can_be_watched),
        BUS_TEST(unmapping_leaves_a_hole_that_can_be_mapped_again),
        BUS_TEST(a_changed_view_is_told_to_the_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
