/* Tests of gpio.c. Offsets and bits are those of the RM0351 GPIO registers, written as numbers. */
#include "models/tests/peripheral_bench.h"

#include "models/gpio.h"

enum { BASE = 0x48000000 };
enum {
    MODER = BASE,
    OTYPER = BASE + 0x04,
    OSPEEDR = BASE + 0x08,
    PUPDR = BASE + 0x0C,
    IDR = BASE + 0x10,
    ODR = BASE + 0x14,
    BSRR = BASE + 0x18,
    LCKR = BASE + 0x1C,
    AFRL = BASE + 0x20,
    AFRH = BASE + 0x24,
    BRR = BASE + 0x28,
    ASCR = BASE + 0x2C
};

static const struct gpio_config port_a = {.port = 0, .pins = 0xFFFF};
static const struct gpio_config port_b = {.port = 1, .pins = 0xFFFF};
static const struct gpio_config port_c = {.port = 2, .pins = 0xFFFF, .has_ascr = true};
static const struct gpio_config port_h = {.port = 7, .pins = 0x0003};

static uint32_t last_pin_signal;
static unsigned pin_signals;

static void listen_to_pins(struct device *device, unsigned line, uint32_t value)
{
    (void)device;
    if (line == WIRE_PIN) {
        last_pin_signal = value;
        pin_signals++;
    }
}

static void ignore_reset(struct device *device, enum reset_cause cause)
{
    (void)device;
    (void)cause;
}

static const struct device_type listener = {
    .name = "listener", .state_bytes = 1, .reset = ignore_reset, .signal = listen_to_pins};

static struct bench *create(const struct gpio_config *config)
{
    struct bench *bench = bench_create();
    bench_add(bench, &gpio_type, "GPIO", BASE, -1, config);
    bench_add(bench, &listener, "listener", 0x50000000, -1, NULL);
    pin_signals = 0;
    return bench;
}

static void drive(struct bench *bench, unsigned port, unsigned pin, bool level)
{
    device_signal(&bench->system, WIRE_PIN_DRIVE, port << 5 | pin << 1 | level);
}

static void let_go(struct bench *bench, unsigned port, unsigned pin)
{
    device_signal(&bench->system, WIRE_PIN_DRIVE, 1u << 31 | port << 5 | pin << 1);
}

static void lock_pins(struct bench *bench, uint32_t pins)
{
    bench_write(bench, LCKR, 0x10000 | pins);
    bench_write(bench, LCKR, pins);
    bench_write(bench, LCKR, 0x10000 | pins);
}

static void each_port_has_its_reset_values(void **unused)
{
    (void)unused;
    static const struct {
        const struct gpio_config *config;
        uint32_t moder, ospeedr, pupdr, idr;
    } rows[] = {
        {&port_a, 0xABFFFFFF, 0x0C000000, 0x64000000, 0xA000},
        {&port_b, 0xFFFFFEBF, 0x000000C0, 0x00000100, 0x0010},
        {&port_c, 0xFFFFFFFF, 0, 0, 0},
        {&port_h, 0x0000000F, 0, 0, 0},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench *bench = create(rows[i].config);
        assert_int_equal(bench_read(bench, MODER), rows[i].moder);
        assert_int_equal(bench_read(bench, OTYPER), 0);
        assert_int_equal(bench_read(bench, OSPEEDR), rows[i].ospeedr);
        assert_int_equal(bench_read(bench, PUPDR), rows[i].pupdr);
        assert_int_equal(bench_read(bench, IDR), rows[i].idr);
        assert_int_equal(bench_read(bench, ODR), 0);
        assert_int_equal(bench_read(bench, LCKR), 0);
        assert_int_equal(bench_read(bench, AFRL), 0);
        assert_int_equal(bench_read(bench, AFRH), 0);
        bench_destroy(bench);
    }
}

static void bits_of_absent_pins_hold(void **unused)
{
    (void)unused;
    struct bench *bench = create(&port_h);

    for (uint32_t addr = MODER; addr <= AFRH; addr += 4)
        if (addr != BSRR && addr != LCKR)
            bench_write(bench, addr, 0xFFFFFFFF);

    assert_int_equal(bench_read(bench, MODER), 0xF);
    assert_int_equal(bench_read(bench, OTYPER), 0x3);
    assert_int_equal(bench_read(bench, OSPEEDR), 0xF);
    assert_int_equal(bench_read(bench, PUPDR), 0xF);
    assert_int_equal(bench_read(bench, ODR), 0x3);
    assert_int_equal(bench_read(bench, AFRL), 0xFF);
    assert_int_equal(bench_read(bench, AFRH), 0);
    bench_destroy(bench);
}

static void set_reset_registers_read_zero(void **unused)
{
    (void)unused;
    struct bench *bench = create(&port_c);

    bench_write(bench, BSRR, 0x0000FFFF);
    bench_write(bench, BRR, 0x00FF);

    assert_int_equal(bench_read(bench, BSRR), 0);
    assert_int_equal(bench_read(bench, BRR), 0);
    assert_int_equal(bench_read(bench, ODR), 0xFF00);
    bench_destroy(bench);
}

static void set_wins_over_reset_in_bsrr(void **unused)
{
    (void)unused;
    struct bench *bench = create(&port_c);
    bench_write(bench, ODR, 0x0006);

    bench_write(bench, BSRR, 0x00070001);

    assert_int_equal(bench_read(bench, ODR), 0x0001);
    bench_destroy(bench);
}

static void half_word_of_bsrr_resets(void **unused)
{
    (void)unused;
    struct bench *bench = create(&port_c);
    bench_write(bench, ODR, 0x0030);

    bench_write_sized(bench, BSRR + 2, 0x0010, 2);

    assert_int_equal(bench_read(bench, ODR), 0x0020);
    bench_destroy(bench);
}

static void an_output_pin_drives_its_level_and_says_so(void **unused)
{
    (void)unused;
    struct bench *bench = create(&port_a);
    bench_write(bench, MODER, 0xABFFF7FF); /* PA5 output */
    assert_int_equal(bench_count(bench, EVENT_PIN), 0);

    bench_write(bench, BSRR, 1 << 5);

    assert_int_equal(bench_read(bench, IDR) & 1 << 5, 1 << 5);
    assert_int_equal(bench_last(bench, EVENT_PIN).addr, 0x05);
    assert_int_equal(bench_last(bench, EVENT_PIN).value, 1);
    assert_int_equal(last_pin_signal, 5 << 1 | 1);
    bench_write(bench, BSRR, 1 << 5);
    assert_int_equal(bench_count(bench, EVENT_PIN), 1);
    bench_write(bench, BRR, 1 << 5);
    assert_int_equal(bench_count(bench, EVENT_PIN), 2);
    assert_int_equal(bench_last(bench, EVENT_PIN).value, 0);
    bench_destroy(bench);
}

static void odr_of_an_input_moves_nothing(void **unused)
{
    (void)unused;
    struct bench *bench = create(&port_c);
    bench_write(bench, MODER, 0);

    bench_write(bench, ODR, 0xFFFF);

    assert_int_equal(bench_read(bench, IDR), 0);
    assert_int_equal(bench_count(bench, EVENT_PIN), 0);
    assert_int_equal(pin_signals, 0);
    bench_destroy(bench);
}

static void an_input_shows_the_outside_else_its_pull(void **unused)
{
    (void)unused;
    struct bench *bench = create(&port_c);
    bench_write(bench, MODER, 0);
    assert_int_equal(bench_read(bench, IDR), 0);

    bench_write(bench, PUPDR, 1u << 26 | 2u << 24); /* PC13 up, PC12 down */
    assert_int_equal(bench_read(bench, IDR), 1 << 13);
    drive(bench, 2, 13, 0);
    drive(bench, 2, 12, 1);
    assert_int_equal(bench_read(bench, IDR), 1 << 12);
    let_go(bench, 2, 13);
    let_go(bench, 2, 12);

    assert_int_equal(bench_read(bench, IDR), 1 << 13);
    assert_int_equal(bench_count(bench, EVENT_PIN), 0);
    bench_destroy(bench);
}

static void another_ports_pin_is_not_ours(void **unused)
{
    (void)unused;
    struct bench *bench = create(&port_c);
    bench_write(bench, MODER, 0);

    drive(bench, 1, 3, 1);

    assert_int_equal(bench_read(bench, IDR), 0);
    bench_destroy(bench);
}

static void an_analog_pin_reads_zero(void **unused)
{
    (void)unused;
    struct bench *bench = create(&port_c);

    drive(bench, 2, 4, 1);
    assert_int_equal(bench_read(bench, IDR), 0);
    bench_write(bench, MODER, 0xFFFFFCFF);

    assert_int_equal(bench_read(bench, IDR), 1 << 4);
    bench_destroy(bench);
}

static void open_drain_leaves_a_one_to_the_outside(void **unused)
{
    (void)unused;
    struct bench *bench = create(&port_c);
    bench_write(bench, OTYPER, 1);
    bench_write(bench, PUPDR, 1);
    bench_write(bench, MODER, 0xFFFFFFFD);
    assert_int_equal(bench_read(bench, IDR), 0);

    bench_write(bench, BSRR, 1);
    assert_int_equal(bench_read(bench, IDR), 1);
    drive(bench, 2, 0, 0);
    assert_int_equal(bench_read(bench, IDR), 0);

    bench_write(bench, OTYPER, 0);
    assert_int_equal(bench_read(bench, IDR), 1);
    bench_destroy(bench);
}

static void the_lock_freezes_configuration_but_not_outputs(void **unused)
{
    (void)unused;
    struct bench *bench = create(&port_c);
    bench_write(bench, MODER, 0xFFFFFFF5); /* PC0 and PC1 outputs */

    lock_pins(bench, 0x0001);
    assert_int_equal(bench_read(bench, LCKR), 0x10001);
    bench_write(bench, MODER, 0);
    bench_write(bench, AFRL, 0xFF);
    bench_write(bench, BSRR, 1);
    bench_write(bench, LCKR, 0);

    assert_int_equal(bench_read(bench, MODER), 0x00000001);
    assert_int_equal(bench_read(bench, AFRL), 0xF0);
    assert_int_equal(bench_read(bench, ODR), 1);
    assert_int_equal(bench_read(bench, LCKR), 0x10001);
    bench_destroy(bench);
}

static void a_wrong_lock_sequence_locks_nothing(void **unused)
{
    (void)unused;
    struct bench *bench = create(&port_c);

    bench_write(bench, LCKR, 0x10001);
    bench_write(bench, LCKR, 0x00001);
    bench_write(bench, LCKR, 0x10003);
    assert_int_equal(bench_read(bench, LCKR), 0x00003);

    bench_write(bench, LCKR, 0x10001);
    bench_write(bench, LCKR, 0x00001);
    bench_read(bench, LCKR);
    bench_write(bench, LCKR, 0x10001);
    assert_int_equal(bench_read(bench, LCKR), 0x00001);

    bench_write(bench, MODER, 0);
    assert_int_equal(bench_read(bench, MODER), 0);
    bench_destroy(bench);
}

static void the_lock_sequence_can_start_over_at_its_first_write(void **unused)
{
    (void)unused;
    struct bench *bench = create(&port_c);
    bench_write(bench, LCKR, 0x10001);

    lock_pins(bench, 0x0002);

    assert_int_equal(bench_read(bench, LCKR), 0x10002);
    bench_destroy(bench);
}

static void half_words_do_not_lock(void **unused)
{
    (void)unused;
    struct bench *bench = create(&port_c);
    bench_write(bench, LCKR, 0x10001);
    bench_write(bench, LCKR, 0x00001);

    bench_write_sized(bench, LCKR + 2, 1, 2);

    assert_int_equal(bench_read(bench, LCKR), 0x00001);
    bench_destroy(bench);
}

static void a_reset_opens_the_lock_and_drops_the_outputs(void **unused)
{
    (void)unused;
    struct bench *bench = create(&port_c);
    bench_write(bench, MODER, 0xFFFFFFFD);
    bench_write(bench, BSRR, 1);
    lock_pins(bench, 1);
    bench_read(bench, LCKR);
    drive(bench, 2, 13, 1);

    bench->devices[0].type->reset(&bench->devices[0], RESET_SYSTEM);

    assert_int_equal(bench_last(bench, EVENT_PIN).addr, 0x20);
    assert_int_equal(bench_last(bench, EVENT_PIN).value, 0);
    assert_int_equal(bench_read(bench, LCKR), 0);
    bench_write(bench, MODER, 0);
    assert_int_equal(bench_read(bench, IDR), 1 << 13);
    bench_destroy(bench);
}

static void analog_switches_are_there_only_on_l47x(void **unused)
{
    (void)unused;
    struct bench *with = create(&port_c);
    struct bench *without = create(&port_a);

    bench_write(with, ASCR, 0xFFFFFFFF);
    bench_write(without, ASCR, 0xFFFFFFFF);

    assert_int_equal(bench_read(with, ASCR), 0xFFFF);
    assert_int_equal(bench_read(without, ASCR), 0);
    assert_int_equal(bench_count_rule(without, "REG.reserved_offset"), 2);
    bench_destroy(with);
    bench_destroy(without);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_port_has_its_reset_values),
        cmocka_unit_test(bits_of_absent_pins_hold),
        cmocka_unit_test(set_reset_registers_read_zero),
        cmocka_unit_test(set_wins_over_reset_in_bsrr),
        cmocka_unit_test(half_word_of_bsrr_resets),
        cmocka_unit_test(an_output_pin_drives_its_level_and_says_so),
        cmocka_unit_test(odr_of_an_input_moves_nothing),
        cmocka_unit_test(an_input_shows_the_outside_else_its_pull),
        cmocka_unit_test(another_ports_pin_is_not_ours),
        cmocka_unit_test(an_analog_pin_reads_zero),
        cmocka_unit_test(open_drain_leaves_a_one_to_the_outside),
        cmocka_unit_test(the_lock_freezes_configuration_but_not_outputs),
        cmocka_unit_test(a_wrong_lock_sequence_locks_nothing),
        cmocka_unit_test(the_lock_sequence_can_start_over_at_its_first_write),
        cmocka_unit_test(half_words_do_not_lock),
        cmocka_unit_test(a_reset_opens_the_lock_and_drops_the_outputs),
        cmocka_unit_test(analog_switches_are_there_only_on_l47x),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
