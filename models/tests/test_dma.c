/* Tests of dma.c, alone and with a USART and a timer. Offsets and bits are those of the RM0351 DMA
 * registers, written as numbers. */
#include "models/tests/peripheral_bench.h"

#include "models/dma.h"
#include "models/tim.h"
#include "models/usart.h"

enum {
    DMA1 = 0x40020000,
    DMA2 = 0x40020400,
    USART2 = 0x40004400,
    TIM6 = 0x40001000,
    RAM = 0x20000000,
    SLOW = 0x08000000,
    NOWHERE = 0x60000000
};
enum { ISR = DMA1, IFCR = DMA1 + 0x04, CSELR = DMA1 + 0xA8 };
enum {
    EN = 1,
    TCIE = 1 << 1,
    HTIE = 1 << 2,
    TEIE = 1 << 3,
    DIR = 1 << 4,
    CIRC = 1 << 5,
    PINC = 1 << 6,
    MINC = 1 << 7,
    P16 = 1 << 8,
    P32 = 2 << 8,
    M16 = 1 << 10,
    M32 = 2 << 10,
    PL_HIGH = 2 << 12,
    M2M = 1 << 14
};
enum { GIF = 1, TCIF = 2, HTIF = 4, TEIF = 8 };

/* 4 MHz: an item is five clocks of 250 ns. */
#define ITEM_PS (5 * 250 * PS_PER_NS)

static const struct dma_config dma1 = {.controller = 1, .irq = {11, 12, 13, 14, 15, 16, 17}};
static const struct dma_config dma2 = {.controller = 2, .irq = {56, 57, 58, 59, 60, 68, 69}};
static const struct dma_config dma1_with_mux = {
    .controller = 1, .has_dmamux = true, .irq = {11, 12, 13, 14, 15, 16, 17}};

static uint8_t ram[1024];

static struct bench *create_with(const struct dma_config *config)
{
    struct bench *bench = bench_create();
    memset(ram, 0, sizeof ram);
    bench_add_ram(bench, RAM, ram, sizeof ram);
    bench_add(bench, &dma_type, "DMA1", DMA1, -1, config);
    return bench;
}

static struct bench *create(void)
{
    return create_with(&dma1);
}

/* Registers of channel 1 to 7. */
static uint32_t ccr(unsigned channel)
{
    return DMA1 + 0x08 + 20 * (channel - 1);
}

static void set_up(struct bench *bench, unsigned channel, uint32_t peripheral, uint32_t memory,
                   uint32_t count, uint32_t configuration)
{
    bench_write(bench, ccr(channel), 0);
    bench_write(bench, ccr(channel) + 4, count);
    bench_write(bench, ccr(channel) + 8, peripheral);
    bench_write(bench, ccr(channel) + 12, memory);
    bench_write(bench, ccr(channel), configuration | EN);
}

static uint32_t left(struct bench *bench, unsigned channel)
{
    return bench_read(bench, ccr(channel) + 4);
}

static uint32_t flags(struct bench *bench, unsigned channel)
{
    return bench_read(bench, ISR) >> (4 * (channel - 1)) & 0xF;
}

static void request(struct bench *bench, unsigned number, bool level)
{
    device_signal(&bench->system, WIRE_DMA_REQUEST, number << 1 | level);
}

/* ---- The litany ---- */

static void registers_are_zero_after_reset(void **unused)
{
    (void)unused;
    struct bench *bench = create();

    assert_int_equal(bench_read(bench, ISR), 0);
    for (unsigned channel = 1; channel <= 7; channel++)
        for (uint32_t offset = 0; offset < 16; offset += 4)
            assert_int_equal(bench_read(bench, ccr(channel) + offset), 0);
    assert_int_equal(bench_read(bench, CSELR), 0);
    bench_destroy(bench);
}

static void reserved_bits_hold(void **unused)
{
    (void)unused;
    struct bench *bench = create();

    for (unsigned channel = 1; channel <= 7; channel++) {
        bench_write(bench, ccr(channel) + 4, 0xFFFFFFFF);
        bench_write(bench, ccr(channel) + 8, 0xFFFFFFFF);
        bench_write(bench, ccr(channel) + 12, 0xFFFFFFFF);
        bench_write(bench, ccr(channel), 0xFFFFFFFE);
        assert_int_equal(bench_read(bench, ccr(channel)), 0x7FFE);
        assert_int_equal(left(bench, channel), 0xFFFF);
        assert_int_equal(bench_read(bench, ccr(channel) + 8), 0xFFFFFFFF);
        assert_int_equal(bench_read(bench, ccr(channel) + 12), 0xFFFFFFFF);
    }
    bench_write(bench, CSELR, 0xFFFFFFFF);
    assert_int_equal(bench_read(bench, CSELR), 0x0FFFFFFF);
    bench_destroy(bench);
}

static void flags_clear_one_by_one_or_together(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    set_up(bench, 2, RAM, RAM + 16, 1, M2M | TCIE);
    set_up(bench, 3, RAM, RAM + 16, 1, M2M);
    bench_run(bench, 2 * ITEM_PS);
    assert_int_equal(bench_read(bench, ISR), 0x770);
    assert_true(bench_irq_is_high(bench, 12));

    bench_write(bench, IFCR, TCIF << 4);
    assert_int_equal(bench_read(bench, ISR), 0x750);
    assert_false(bench_irq_is_high(bench, 12));
    bench_write(bench, IFCR, GIF << 8);

    assert_int_equal(bench_read(bench, ISR), 0x050);
    assert_int_equal(bench_read(bench, IFCR), 0);
    bench_destroy(bench);
}

static void an_enabled_channel_is_locked(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    set_up(bench, 1, RAM, RAM + 16, 4, 0);

    bench_write(bench, ccr(1), EN | MINC | TCIE);
    bench_write(bench, ccr(1) + 4, 9);
    bench_write(bench, ccr(1) + 8, 9);
    bench_write(bench, ccr(1) + 12, 9);

    assert_int_equal(bench_read(bench, ccr(1)), EN | TCIE);
    assert_int_equal(left(bench, 1), 4);
    assert_int_equal(bench_read(bench, ccr(1) + 8), RAM);
    assert_int_equal(bench_read(bench, ccr(1) + 12), RAM + 16);
    assert_int_equal(bench_count_rule(bench, "DMA.locked_while_enabled"), 4);
    bench_destroy(bench);
}

static void a_reset_stops_a_transfer(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    set_up(bench, 1, RAM, RAM + 16, 4, M2M | MINC | TCIE);
    ram[0] = 1;
    bench_run(bench, 2 * ITEM_PS);

    bench->devices[0].type->reset(&bench->devices[0], RESET_SYSTEM);
    bench_run(bench, 10 * ITEM_PS);

    assert_int_equal(ram[17], 1);
    assert_int_equal(ram[18], 0);
    assert_int_equal(bench_read(bench, ISR), 0);
    bench_destroy(bench);
}

/* ---- Memory to memory ---- */

static void words_are_copied_one_item_after_another(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    for (unsigned i = 0; i < 16; i++)
        ram[i] = (uint8_t)(i + 1);

    set_up(bench, 1, RAM, RAM + 64, 4, M2M | PINC | MINC | P32 | M32);
    bench_run(bench, ITEM_PS - 1);
    assert_int_equal(left(bench, 1), 4);
    assert_int_equal(ram[64], 0);
    bench_run(bench, 1);
    assert_int_equal(left(bench, 1), 3);
    assert_int_equal(ram[67], 4);
    assert_int_equal(ram[68], 0);
    bench_run(bench, 3 * ITEM_PS);

    assert_memory_equal(ram, ram + 64, 16);
    assert_int_equal(left(bench, 1), 0);
    assert_int_equal(bench_read(bench, ccr(1)) & EN, EN);
    bench_destroy(bench);
}

static void half_and_complete_flags_come_in_time(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    set_up(bench, 1, RAM, RAM + 64, 4, M2M | HTIE);

    bench_run(bench, 2 * ITEM_PS - 1);
    assert_int_equal(flags(bench, 1), 0);
    bench_run(bench, 1);
    assert_int_equal(flags(bench, 1), GIF | HTIF);
    assert_true(bench_irq_is_high(bench, 11));
    bench_run(bench, 2 * ITEM_PS - 1);
    assert_int_equal(flags(bench, 1), GIF | HTIF);
    bench_run(bench, 1);

    assert_int_equal(flags(bench, 1), GIF | HTIF | TCIF);
    bench_destroy(bench);
}

static void dir_turns_memory_to_memory_around(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    ram[64] = 0x5A;

    set_up(bench, 1, RAM, RAM + 64, 1, M2M | DIR);
    bench_run(bench, ITEM_PS);

    assert_int_equal(ram[0], 0x5A);
    bench_destroy(bench);
}

/* RM0351 DMA data width, the table, both sides incrementing. */
static void different_sizes_extend_or_cut(void **unused)
{
    (void)unused;
    static const struct {
        uint32_t sizes;
        uint8_t expected[16];
    } rows[] = {
        {0, {0xB0, 0xB1, 0xB2, 0xB3}},
        {M16, {0xB0, 0, 0xB1, 0, 0xB2, 0, 0xB3}},
        {M32, {0xB0, 0, 0, 0, 0xB1, 0, 0, 0, 0xB2, 0, 0, 0, 0xB3}},
        {P16, {0xB0, 0xB2, 0xB4, 0xB6}},
        {P16 | M16, {0xB0, 0xB1, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7}},
        {P16 | M32, {0xB0, 0xB1, 0, 0, 0xB2, 0xB3, 0, 0, 0xB4, 0xB5, 0, 0, 0xB6, 0xB7}},
        {P32, {0xB0, 0xB4, 0xB8, 0xBC}},
        {P32 | M16, {0xB0, 0xB1, 0xB4, 0xB5, 0xB8, 0xB9, 0xBC, 0xBD}},
    };
    for (unsigned row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct bench *bench = create();
        for (unsigned i = 0; i < 16; i++)
            ram[i] = (uint8_t)(0xB0 + i);
        set_up(bench, 1, RAM, RAM + 64, 4, M2M | PINC | MINC | rows[row].sizes);
        bench_run(bench, 4 * ITEM_PS);
        assert_memory_equal(ram + 64, rows[row].expected, 16);
        bench_destroy(bench);
    }
}

static void low_address_bits_are_ignored(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    for (unsigned i = 0; i < 8; i++)
        ram[i] = (uint8_t)(i + 1);

    set_up(bench, 1, RAM + 3, RAM + 66, 1, M2M | P32 | M32);
    bench_run(bench, ITEM_PS);

    assert_memory_equal(ram + 64, ram, 4);
    bench_destroy(bench);
}

static void disabling_stops_and_enabling_starts_from_the_addresses_again(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    for (unsigned i = 0; i < 8; i++)
        ram[i] = (uint8_t)(i + 1);
    set_up(bench, 1, RAM, RAM + 64, 4, M2M | PINC | MINC);
    bench_run(bench, 2 * ITEM_PS + ITEM_PS / 2);

    bench_write(bench, ccr(1), M2M | PINC | MINC);
    bench_run(bench, 10 * ITEM_PS);
    assert_int_equal(left(bench, 1), 2);
    ram[64] = ram[65] = 0;
    bench_write(bench, ccr(1), M2M | PINC | MINC | EN);
    bench_run(bench, 10 * ITEM_PS);

    static const uint8_t expected[] = {1, 2, 0, 0};
    assert_memory_equal(ram + 64, expected, 4);
    assert_int_equal(left(bench, 1), 0);
    bench_destroy(bench);
}

static void the_higher_priority_goes_first_then_the_lower_channel(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    bench->wires.hclk_hz = 0;
    set_up(bench, 1, RAM, RAM + 64, 1, M2M);
    set_up(bench, 2, RAM, RAM + 64, 1, M2M | PL_HIGH);
    set_up(bench, 3, RAM, RAM + 64, 1, M2M | PL_HIGH);

    bench->wires.hclk_hz = 4000000;
    device_signal(&bench->system, WIRE_CLOCKS, 4000000);
    bench_run(bench, ITEM_PS);
    assert_int_equal(bench_read(bench, ISR), 0x070);
    bench_run(bench, ITEM_PS);
    assert_int_equal(bench_read(bench, ISR), 0x770);
    bench_run(bench, ITEM_PS);

    assert_int_equal(bench_read(bench, ISR), 0x777);
    bench_destroy(bench);
}

static void nothing_moves_without_a_clock(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    set_up(bench, 1, RAM, RAM + 64, 1, M2M);

    bench->wires.hclk_hz = 0;
    device_signal(&bench->system, WIRE_CLOCKS, 0);
    bench_run(bench, PS_PER_S);

    assert_int_equal(left(bench, 1), 1);
    bench_destroy(bench);
}

/* ---- Errors and waits ---- */

static void a_bus_error_disables_the_channel(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    set_up(bench, 1, RAM, NOWHERE, 4, M2M | MINC | P32 | M32 | TEIE);
    ram[0] = 0x77;

    bench_run(bench, 10 * ITEM_PS);

    assert_int_equal(flags(bench, 1), GIF | TEIF);
    assert_int_equal(bench_read(bench, ccr(1)) & EN, 0);
    assert_int_equal(left(bench, 1), 4);
    assert_true(bench_irq_is_high(bench, 11));
    struct event event = bench_last(bench, EVENT_BUS_ERROR);
    assert_int_equal(event.addr, NOWHERE);
    assert_int_equal(event.value, 0x77);
    assert_int_equal(event.master, MASTER_DMA1);
    assert_int_equal(event.pc, 0);
    assert_int_equal(bench_count(bench, EVENT_BUS_ERROR), 1);
    bench_destroy(bench);
}

static void after_an_error_the_channel_stays_off_until_teif_is_cleared(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    set_up(bench, 1, RAM, NOWHERE, 4, M2M);
    bench_run(bench, ITEM_PS);

    bench_write(bench, ccr(1), M2M | EN);
    assert_int_equal(bench_read(bench, ccr(1)) & EN, 0);
    bench_write(bench, IFCR, TEIF);
    bench_write(bench, ccr(1), M2M | EN);

    assert_int_equal(bench_read(bench, ccr(1)) & EN, EN);
    bench_destroy(bench);
}

static void another_channel_goes_on_after_an_error(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    set_up(bench, 1, NOWHERE, RAM + 64, 1, M2M);
    set_up(bench, 2, RAM, RAM + 64, 1, M2M);

    bench_run(bench, 2 * ITEM_PS);

    assert_int_equal(bench_read(bench, ISR), 0x79);
    bench_destroy(bench);
}

/* A memory that behaves as flash does: its reads and writes can be told to wait. */
static uint64_t slow_until_ps;
static bool slow_is_retried;
static unsigned slow_writes;
static uint32_t slow_value;
static uint8_t slow_master;

static void slow_read(struct device *device, const struct access *access,
                      struct access_result *result)
{
    bool waits = device_now_ps(device) < slow_until_ps;
    (void)access;
    result->stall_until_ps = waits ? slow_until_ps : 0;
    result->is_retried = waits && slow_is_retried;
    result->value = result->is_retried ? 0xBAD : 0x600D;
}

static void slow_write(struct device *device, const struct access *access,
                       struct access_result *result)
{
    bool waits = device_now_ps(device) < slow_until_ps;
    result->stall_until_ps = waits ? slow_until_ps : 0;
    result->is_retried = waits && slow_is_retried;
    if (result->is_retried)
        return;
    slow_writes++;
    slow_value = access->value;
    slow_master = access->master;
}

static void ignore_reset(struct device *device, enum reset_cause cause)
{
    (void)device;
    (void)cause;
}

static struct bench *create_with_slow_memory(uint64_t until_ps, bool is_retried)
{
    static const struct device_type slow = {.name = "slow",
                                            .state_bytes = 1,
                                            .reset = ignore_reset,
                                            .read = slow_read,
                                            .write = slow_write};
    struct bench *bench = create();
    bench_add(bench, &slow, "SLOW", SLOW, -1, NULL);
    slow_until_ps = until_ps;
    slow_is_retried = is_retried;
    slow_writes = 0;
    return bench;
}

static void a_retried_read_takes_the_value_after_the_wait(void **unused)
{
    (void)unused;
    struct bench *bench = create_with_slow_memory(PS_PER_MS, true);
    set_up(bench, 1, SLOW, RAM, 1, M2M | P16 | M16);

    bench_run_to(bench, PS_PER_MS - 1);
    assert_int_equal(left(bench, 1), 1);
    bench_run_to(bench, PS_PER_MS);

    assert_int_equal(left(bench, 1), 0);
    assert_int_equal(bench_read_sized(bench, RAM, 2), 0x600D);
    bench_destroy(bench);
}

static void a_stalled_read_is_written_after_the_wait(void **unused)
{
    (void)unused;
    struct bench *bench = create_with_slow_memory(PS_PER_MS, false);
    set_up(bench, 1, SLOW, RAM, 1, M2M | P16 | M16);

    bench_run_to(bench, PS_PER_MS - 1);
    assert_int_equal(bench_read_sized(bench, RAM, 2), 0);
    bench_run_to(bench, PS_PER_MS);

    assert_int_equal(bench_read_sized(bench, RAM, 2), 0x600D);
    bench_destroy(bench);
}

static void a_retried_write_happens_once_with_the_value_read_before(void **unused)
{
    (void)unused;
    struct bench *bench = create_with_slow_memory(PS_PER_MS, true);
    bench_write(bench, RAM, 0x12345678);
    set_up(bench, 1, RAM, SLOW, 1, M2M | P32 | M32);
    bench_run(bench, ITEM_PS);

    bench_write(bench, RAM, 0);
    bench_run_to(bench, PS_PER_MS - 1);
    assert_int_equal(slow_writes, 0);
    bench_run_to(bench, PS_PER_S);

    assert_int_equal(slow_writes, 1);
    assert_int_equal(slow_value, 0x12345678);
    assert_int_equal(slow_master, MASTER_DMA1);
    bench_destroy(bench);
}

static void a_stalled_write_keeps_the_whole_controller_waiting(void **unused)
{
    (void)unused;
    struct bench *bench = create_with_slow_memory(PS_PER_MS, false);
    set_up(bench, 1, RAM, SLOW, 1, M2M);
    set_up(bench, 2, RAM, RAM + 64, 1, M2M);

    bench_run_to(bench, PS_PER_MS + ITEM_PS - 1);
    assert_int_equal(slow_writes, 1);
    assert_int_equal(bench_read(bench, ISR), 0x07);
    bench_run(bench, 1);

    assert_int_equal(bench_read(bench, ISR), 0x77);
    bench_destroy(bench);
}

static void an_item_read_before_its_channel_is_disabled_still_goes_where_it_was_going(void **unused)
{
    (void)unused;
    struct bench *bench = create_with_slow_memory(PS_PER_MS, true);
    bench_write(bench, RAM, 0x11);
    set_up(bench, 1, RAM, SLOW, 3, M2M);
    bench_run(bench, ITEM_PS);

    set_up(bench, 1, RAM, RAM + 64, 2, M2M);
    bench_run_to(bench, PS_PER_MS);
    assert_int_equal(slow_writes, 1);
    assert_int_equal(left(bench, 1), 2);
    bench_run(bench, 2 * ITEM_PS);

    assert_int_equal(left(bench, 1), 0);
    assert_int_equal(ram[64], 0x11);
    assert_int_equal(slow_writes, 1);
    bench_destroy(bench);
}

/* ---- Requests ---- */

static void each_request_reaches_the_channel_that_selects_it(void **unused)
{
    (void)unused;
    static const struct {
        unsigned controller, channel, select;
        enum dma_request request;
    } rows[] = {
        {1, 2, 2, DMA_REQUEST_USART3_TX},  {1, 3, 2, DMA_REQUEST_USART3_RX},
        {1, 4, 2, DMA_REQUEST_USART1_TX},  {1, 5, 2, DMA_REQUEST_USART1_RX},
        {1, 6, 2, DMA_REQUEST_USART2_RX},  {1, 7, 2, DMA_REQUEST_USART2_TX},
        {2, 1, 2, DMA_REQUEST_UART5_TX},   {2, 2, 2, DMA_REQUEST_UART5_RX},
        {2, 3, 2, DMA_REQUEST_UART4_TX},   {2, 5, 2, DMA_REQUEST_UART4_RX},
        {2, 6, 2, DMA_REQUEST_USART1_TX},  {2, 7, 2, DMA_REQUEST_USART1_RX},
        {2, 6, 4, DMA_REQUEST_LPUART1_TX}, {2, 7, 4, DMA_REQUEST_LPUART1_RX},
        {1, 2, 4, DMA_REQUEST_TIM2_UP},    {1, 3, 6, DMA_REQUEST_TIM6_UP},
        {1, 4, 5, DMA_REQUEST_TIM7_UP},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench *bench = create_with(rows[i].controller == 1 ? &dma1 : &dma2);
        bench_write(bench, CSELR, rows[i].select << (4 * (rows[i].channel - 1)));
        set_up(bench, rows[i].channel, RAM, RAM + 64, 2, 0);
        bench_run(bench, 10 * ITEM_PS);
        assert_int_equal(left(bench, rows[i].channel), 2);
        request(bench, rows[i].request, true);
        bench_run(bench, ITEM_PS);
        assert_int_equal(left(bench, rows[i].channel), 1);
        assert_int_equal(bench_count(bench, EVENT_REG_UNIMPLEMENTED), 0);
        bench_destroy(bench);
    }
}

static void a_request_of_an_absent_peripheral_is_reported(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    bench_write(bench, CSELR, 1 << 4); /* channel 2: SPI1_RX */

    set_up(bench, 2, RAM, RAM + 64, 1, 0);

    struct event event = bench_last(bench, EVENT_REG_UNIMPLEMENTED);
    assert_string_equal(event.rule, "CSELR");
    assert_int_equal(event.addr, ccr(2));
    bench_destroy(bench);
}

static void a_falling_request_stops_the_items(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    bench_write(bench, CSELR, 2 << 24);
    set_up(bench, 7, RAM, RAM + 64, 100, DIR);

    request(bench, DMA_REQUEST_USART2_TX, true);
    bench_run(bench, 3 * ITEM_PS);
    request(bench, DMA_REQUEST_USART2_TX, false);
    bench_run(bench, 10 * ITEM_PS);

    /* The fourth had been granted already. */
    assert_int_equal(left(bench, 7), 96);
    bench_destroy(bench);
}

static void a_request_from_before_the_enable_or_a_reset_counts(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    request(bench, DMA_REQUEST_USART2_TX, true);
    bench->devices[0].type->reset(&bench->devices[0], RESET_PERIPHERAL);
    bench_write(bench, CSELR, 2 << 24);

    set_up(bench, 7, RAM, RAM + 64, 1, DIR);
    bench_run(bench, ITEM_PS);

    assert_int_equal(left(bench, 7), 0);
    bench_destroy(bench);
}

static void circular_mode_starts_over(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    bench_write(bench, CSELR, 2 << 20);
    bench_write(bench, RAM, 0xA5);
    set_up(bench, 6, RAM, RAM + 64, 4, CIRC | MINC);
    request(bench, DMA_REQUEST_USART2_RX, true);

    bench_run(bench, 4 * ITEM_PS);
    assert_int_equal(flags(bench, 6), GIF | HTIF | TCIF);
    assert_int_equal(left(bench, 6), 4);
    assert_int_equal(ram[67], 0xA5);
    ram[64] = 0;
    bench_run(bench, ITEM_PS);

    assert_int_equal(ram[64], 0xA5);
    assert_int_equal(ram[68], 0);
    assert_int_equal(left(bench, 6), 3);
    bench_destroy(bench);
}

static void the_dmamux_variant_takes_its_requests_from_the_wires(void **unused)
{
    (void)unused;
    struct bench *bench = create_with(&dma1_with_mux);
    set_up(bench, 3, RAM, RAM + 64, 2, 0);
    request(bench, DMA_REQUEST_USART1_RX, true);
    bench_run(bench, 10 * ITEM_PS);
    assert_int_equal(left(bench, 3), 2);

    bench->wires.dmamux_request[2] = DMA_REQUEST_USART1_RX + 1;
    device_signal(&bench->system, WIRE_DMAMUX, 2);
    bench_run(bench, ITEM_PS);

    assert_int_equal(left(bench, 3), 1);
    bench_write(bench, CSELR, 1);
    assert_int_equal(bench_count_rule(bench, "REG.reserved_offset"), 1);
    bench_destroy(bench);
}

/* ---- With real peripherals ---- */

static struct bench *create_with_usart(void)
{
    static const struct usart_config usart2 = {.number = UART_USART2};
    struct bench *bench = create();
    bench->wires.uart_hz[UART_USART2] = 4000000;
    bench_add(bench, &usart_type, "USART2", USART2, 38, &usart2);
    bench_write(bench, USART2 + 0x0C, 40);
    bench_write(bench, USART2 + 0x08, 1 << 7 | 1 << 6);
    bench_write(bench, USART2, 1 << 3 | 1 << 2 | 1);
    bench_run(bench, PS_PER_MS);
    return bench;
}

static void a_usart_sends_a_buffer(void **unused)
{
    (void)unused;
    struct bench *bench = create_with_usart();
    memcpy(ram, "flash", 5);
    bench_write(bench, CSELR, 2 << 24);

    set_up(bench, 7, USART2 + 0x28, RAM, 5, DIR | MINC | TCIE);
    bench_run(bench, 10 * PS_PER_MS);

    char text[6] = "";
    unsigned length = 0;
    for (unsigned i = 0; i < bench->event_count; i++)
        if (bench->event[i].kind == EVENT_CONSOLE && length < 5)
            text[length++] = (char)bench->event[i].value;
    assert_string_equal(text, "flash");
    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 5);
    assert_true(bench_irq_is_high(bench, 17));
    bench_destroy(bench);
}

static void a_usart_fills_a_buffer_without_overrun(void **unused)
{
    (void)unused;
    struct bench *bench = create_with_usart();
    bench_write(bench, CSELR, 2 << 20);
    set_up(bench, 6, USART2 + 0x24, RAM, 8, MINC | TCIE);

    for (const char *c = "received"; *c; c++)
        device_signal(&bench->system, WIRE_UART_INPUT, (uint32_t)UART_USART2 << 8 | (uint8_t)*c);
    bench_run(bench, 10 * PS_PER_MS);

    assert_memory_equal(ram, "received", 8);
    assert_int_equal(bench_read(bench, USART2 + 0x1C) & 1 << 3, 0);
    assert_true(bench_irq_is_high(bench, 16));
    bench_destroy(bench);
}

static void each_timer_update_moves_one_item(void **unused)
{
    (void)unused;
    static const struct tim_config tim6 = {.number = 6};
    struct bench *bench = create();
    bench_add(bench, &tim_type, "TIM6", TIM6, 54, &tim6);
    bench_write(bench, CSELR, 6 << 8);
    set_up(bench, 3, RAM, RAM + 64, 10, MINC);
    bench_write(bench, TIM6 + 0x2C, 3999);
    bench_write(bench, TIM6 + 0x0C, 1 << 8);

    bench_write(bench, TIM6, 1);
    bench_run(bench, PS_PER_MS + ITEM_PS - 1);
    assert_int_equal(left(bench, 3), 10);
    bench_run(bench, 1);
    assert_int_equal(left(bench, 3), 9);
    bench_run(bench, 5 * PS_PER_MS);

    assert_int_equal(left(bench, 3), 4);
    bench_destroy(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_are_zero_after_reset),
        cmocka_unit_test(reserved_bits_hold),
        cmocka_unit_test(flags_clear_one_by_one_or_together),
        cmocka_unit_test(an_enabled_channel_is_locked),
        cmocka_unit_test(a_reset_stops_a_transfer),
        cmocka_unit_test(words_are_copied_one_item_after_another),
        cmocka_unit_test(half_and_complete_flags_come_in_time),
        cmocka_unit_test(dir_turns_memory_to_memory_around),
        cmocka_unit_test(different_sizes_extend_or_cut),
        cmocka_unit_test(low_address_bits_are_ignored),
        cmocka_unit_test(disabling_stops_and_enabling_starts_from_the_addresses_again),
        cmocka_unit_test(the_higher_priority_goes_first_then_the_lower_channel),
        cmocka_unit_test(nothing_moves_without_a_clock),
        cmocka_unit_test(a_bus_error_disables_the_channel),
        cmocka_unit_test(after_an_error_the_channel_stays_off_until_teif_is_cleared),
        cmocka_unit_test(another_channel_goes_on_after_an_error),
        cmocka_unit_test(a_retried_read_takes_the_value_after_the_wait),
        cmocka_unit_test(a_stalled_read_is_written_after_the_wait),
        cmocka_unit_test(a_retried_write_happens_once_with_the_value_read_before),
        cmocka_unit_test(a_stalled_write_keeps_the_whole_controller_waiting),
        cmocka_unit_test(an_item_read_before_its_channel_is_disabled_still_goes_where_it_was_going),
        cmocka_unit_test(each_request_reaches_the_channel_that_selects_it),
        cmocka_unit_test(a_request_of_an_absent_peripheral_is_reported),
        cmocka_unit_test(a_falling_request_stops_the_items),
        cmocka_unit_test(a_request_from_before_the_enable_or_a_reset_counts),
        cmocka_unit_test(circular_mode_starts_over),
        cmocka_unit_test(the_dmamux_variant_takes_its_requests_from_the_wires),
        cmocka_unit_test(a_usart_sends_a_buffer),
        cmocka_unit_test(a_usart_fills_a_buffer_without_overrun),
        cmocka_unit_test(each_timer_update_moves_one_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
