/* Tests of dmamux.c. Offsets, bits and request numbers are those of RM0432, written as numbers. */
#include "models/tests/peripheral_bench.h"

#include "models/dmamux.h"

enum { BASE = 0x40020800, CSR = BASE + 0x80, RG0CR = BASE + 0x100, RGSR = BASE + 0x140 };

static unsigned routes_changed;

static void listen_to_routes(struct device *device, unsigned line, uint32_t value)
{
    (void)device;
    (void)value;
    routes_changed += line == WIRE_DMAMUX;
}

static void ignore_reset(struct device *device, enum reset_cause cause)
{
    (void)device;
    (void)cause;
}

static struct bench *create(void)
{
    static const struct device_type listener = {
        .name = "listener", .state_bytes = 1, .reset = ignore_reset, .signal = listen_to_routes};
    struct bench *bench = bench_create();
    bench_add(bench, &dmamux_type, "DMAMUX1", BASE, -1, NULL);
    bench_add(bench, &listener, "listener", 0x50000000, -1, NULL);
    routes_changed = 0;
    return bench;
}

static void registers_are_zero_after_reset_and_reserved_bits_hold(void **unused)
{
    (void)unused;
    struct bench *bench = create();

    for (uint32_t addr = BASE; addr < BASE + 14 * 4; addr += 4) {
        assert_int_equal(bench_read(bench, addr), 0);
        bench_write(bench, addr, 0xFFFFFFFF);
        assert_int_equal(bench_read(bench, addr), 0x1FFF03FF);
    }
    for (uint32_t addr = RG0CR; addr < RG0CR + 16; addr += 4) {
        assert_int_equal(bench_read(bench, addr), 0);
        bench_write(bench, addr, 0xFFFFFFFF);
        assert_int_equal(bench_read(bench, addr), 0x00FF011F);
    }
    bench_write(bench, CSR, 0xFFFFFFFF);
    bench_write(bench, RGSR, 0xFFFFFFFF);
    assert_int_equal(bench_read(bench, CSR), 0);
    assert_int_equal(bench_read(bench, RGSR), 0);
    bench_destroy(bench);
}

static void a_selection_reaches_its_channel(void **unused)
{
    (void)unused;
    static const struct {
        uint32_t id;
        enum dma_request request;
    } rows[] = {{24, DMA_REQUEST_USART1_RX},
                {27, DMA_REQUEST_USART2_TX},
                {35, DMA_REQUEST_LPUART1_TX},
                {8, DMA_REQUEST_TIM6_UP},
                {60, DMA_REQUEST_TIM2_UP}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench *bench = create();
        bench_write(bench, BASE + 4 * 9, rows[i].id);
        assert_int_equal(bench->wires.dmamux_request[9], rows[i].request + 1);
        assert_int_equal(bench->wires.dmamux_request[8], 0);
        assert_int_equal(routes_changed, 1);
        assert_int_equal(bench_count(bench, EVENT_REG_UNIMPLEMENTED), 0);
        bench_destroy(bench);
    }
}

static void a_selection_of_an_absent_peripheral_is_reported(void **unused)
{
    (void)unused;
    struct bench *bench = create();

    bench_write(bench, BASE, 10); /* SPI1_RX */

    assert_string_equal(bench_last(bench, EVENT_REG_UNIMPLEMENTED).rule, "DMAREQ_ID");
    assert_int_equal(bench->wires.dmamux_request[0], 0);
    bench_write(bench, BASE, 0);
    assert_int_equal(bench_count(bench, EVENT_REG_UNIMPLEMENTED), 1);
    bench_destroy(bench);
}

static void synchronization_and_generators_are_reported(void **unused)
{
    (void)unused;
    struct bench *bench = create();

    bench_write(bench, BASE, 1 << 16);
    assert_string_equal(bench_last(bench, EVENT_REG_UNIMPLEMENTED).rule, "C0CR");
    bench_write(bench, RG0CR + 4, 1 << 16);

    assert_string_equal(bench_last(bench, EVENT_REG_UNIMPLEMENTED).rule, "RG1CR");
    bench_destroy(bench);
}

static void a_reset_takes_the_routes_away(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    bench_write(bench, BASE, 27);

    bench->devices[0].type->reset(&bench->devices[0], RESET_SYSTEM);

    assert_int_equal(bench->wires.dmamux_request[0], 0);
    assert_int_equal(bench_read(bench, BASE), 0);
    assert_int_equal(routes_changed, 2);
    bench_destroy(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_are_zero_after_reset_and_reserved_bits_hold),
        cmocka_unit_test(a_selection_reaches_its_channel),
        cmocka_unit_test(a_selection_of_an_absent_peripheral_is_reported),
        cmocka_unit_test(synchronization_and_generators_are_reported),
        cmocka_unit_test(a_reset_takes_the_routes_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
