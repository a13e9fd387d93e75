/* Tests of exti.c. Offsets and bits are those of the RM0351 EXTI registers, written as numbers. */
#include "models/tests/peripheral_bench.h"

#include "models/exti.h"

enum { BASE = 0x40010400 };
enum {
    IMR1 = BASE,
    EMR1 = BASE + 0x04,
    RTSR1 = BASE + 0x08,
    FTSR1 = BASE + 0x0C,
    SWIER1 = BASE + 0x10,
    PR1 = BASE + 0x14,
    IMR2 = BASE + 0x20,
    EMR2 = BASE + 0x24,
    RTSR2 = BASE + 0x28,
    FTSR2 = BASE + 0x2C,
    SWIER2 = BASE + 0x30,
    PR2 = BASE + 0x34
};
enum {
    IRQ_PVD = 1,
    IRQ_RTC_WKUP = 3,
    IRQ_EXTI0 = 6,
    IRQ_EXTI9_5 = 23,
    IRQ_EXTI15_10 = 40,
    IRQ_RTC_ALARM = 41
};

/* RM0351 EXTI line mapping: lines 0-39, the direct ones being 17, 23-34 and 39. */
static const struct exti_config l476 = {
    .lines = UINT64_C(0xFFFFFFFFFF),
    .configurable = UINT64_C(0x78007DFFFF),
    .imr1_reset = 0xFF820000,
    .imr2_reset = 0x00000087,
    .irqs = exti_l4_irqs,
    .irq_count = EXTI_L4_IRQ_COUNT,
};

static struct bench *create(void)
{
    struct bench *bench = bench_create();
    bench_add(bench, &exti_type, "EXTI", BASE, -1, &l476);
    return bench;
}

static void set_pin(struct bench *bench, unsigned port, unsigned pin, bool level)
{
    device_signal(&bench->system, WIRE_PIN, port << 5 | pin << 1 | level);
}

static void set_line(struct bench *bench, unsigned line, bool level)
{
    device_signal(&bench->system, WIRE_EXTI, line << 1 | level);
}

static void registers_have_their_reset_values(void **unused)
{
    (void)unused;
    struct bench *bench = create();

    for (uint32_t addr = IMR1; addr <= PR2; addr += 4)
        if (addr != BASE + 0x18 && addr != BASE + 0x1C)
            assert_int_equal(bench_read(bench, addr), addr == IMR1   ? 0xFF820000
                                                      : addr == IMR2 ? 0x00000087
                                                                     : 0);
    bench_destroy(bench);
}

static void bits_of_absent_and_direct_lines_hold(void **unused)
{
    (void)unused;
    struct bench *bench = create();

    for (uint32_t addr = IMR1; addr <= FTSR2; addr += 4)
        if (addr < SWIER1 || addr >= IMR2)
            bench_write(bench, addr, 0xFFFFFFFF);

    assert_int_equal(bench_read(bench, IMR1), 0xFFFFFFFF);
    assert_int_equal(bench_read(bench, EMR1), 0xFFFFFFFF);
    assert_int_equal(bench_read(bench, RTSR1), 0x007DFFFF);
    assert_int_equal(bench_read(bench, FTSR1), 0x007DFFFF);
    assert_int_equal(bench_read(bench, IMR2), 0x000000FF);
    assert_int_equal(bench_read(bench, EMR2), 0x000000FF);
    assert_int_equal(bench_read(bench, RTSR2), 0x00000078);
    assert_int_equal(bench_read(bench, FTSR2), 0x00000078);
    bench_destroy(bench);
}

static void reset_bits_of_absent_lines_hold(void **unused)
{
    (void)unused;
    static const struct exti_config without_line_40 = {.lines = UINT64_C(0xFFFFFFFFFF),
                                                       .configurable = 1,
                                                       .imr2_reset = 0x00000187,
                                                       .irqs = exti_l4_irqs,
                                                       .irq_count = EXTI_L4_IRQ_COUNT};
    struct bench *bench = bench_create();
    bench_add(bench, &exti_type, "EXTI", BASE, -1, &without_line_40);

    bench_write(bench, IMR2, 0);

    assert_int_equal(bench_read(bench, IMR2), 0x00000100);
    bench_destroy(bench);
}

static void a_rising_edge_of_the_selected_port_interrupts_once(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    bench->wires.exti_port[13] = 2;
    bench_write(bench, RTSR1, 1 << 13);
    bench_write(bench, IMR1, 1 << 13);

    set_pin(bench, 0, 13, 1);
    assert_false(bench_irq_is_high(bench, IRQ_EXTI15_10));
    set_pin(bench, 2, 13, 1);
    assert_true(bench_irq_is_high(bench, IRQ_EXTI15_10));
    assert_int_equal(bench_read(bench, PR1), 1 << 13);

    bench_write(bench, PR1, 1 << 13);
    assert_false(bench_irq_is_high(bench, IRQ_EXTI15_10));
    set_pin(bench, 2, 13, 0);
    assert_int_equal(bench_read(bench, PR1), 0);
    bench_destroy(bench);
}

static void a_falling_edge_needs_ftsr(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    bench_write(bench, FTSR1, 1 << 7);
    bench_write(bench, IMR1, 1 << 7);

    set_pin(bench, 0, 7, 1);
    assert_false(bench_irq_is_high(bench, IRQ_EXTI9_5));
    set_pin(bench, 0, 7, 0);

    assert_true(bench_irq_is_high(bench, IRQ_EXTI9_5));
    bench_destroy(bench);
}

static void pending_bits_clear_only_where_one_is_written(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    bench_write(bench, IMR1, 0x3);
    bench_write(bench, SWIER1, 0x3);

    bench_write(bench, PR1, 0);
    assert_int_equal(bench_read(bench, PR1), 0x3);
    bench_write_sized(bench, PR1, 0x1, 1);

    assert_int_equal(bench_read(bench, PR1), 0x2);
    assert_int_equal(bench_read(bench, SWIER1), 0x2);
    bench_destroy(bench);
}

static void software_trigger_works_again_after_pr_was_cleared(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    bench_write(bench, IMR1, 1);

    bench_write(bench, SWIER1, 1);
    assert_true(bench_irq_is_high(bench, IRQ_EXTI0));
    bench_write(bench, PR1, 1);
    assert_int_equal(bench_read(bench, SWIER1), 0);
    assert_false(bench_irq_is_high(bench, IRQ_EXTI0));
    bench_write(bench, SWIER1, 1);

    assert_true(bench_irq_is_high(bench, IRQ_EXTI0));
    bench_destroy(bench);
}

static void a_software_trigger_that_is_already_set_triggers_nothing(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    bench_write(bench, EMR1, 1);
    bench_write(bench, SWIER1, 1);
    assert_true(bench->control.event_register);

    bench->control.event_register = false;
    bench_write(bench, SWIER1, 1);

    assert_false(bench->control.event_register);
    bench_destroy(bench);
}

static void a_masked_line_does_not_become_pending(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    bench_write(bench, RTSR1, 1);

    set_pin(bench, 0, 0, 1);

    assert_int_equal(bench_read(bench, PR1), 0);
    assert_false(bench_irq_is_high(bench, IRQ_EXTI0));
    assert_int_equal(bench_count_rule(bench, "EXTI.masked_line_not_pending"), 1);
    bench_destroy(bench);
}

static void an_event_wakes_wfe_and_leaves_nothing_pending(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    bench_write(bench, RTSR1, 1);
    bench_write(bench, EMR1, 1);

    set_pin(bench, 0, 0, 1);

    assert_true(bench->control.event_register);
    assert_true(bench->system.needs_attention);
    assert_int_equal(bench_read(bench, PR1), 0);
    bench_destroy(bench);
}

static void a_direct_line_passes_events_but_no_interrupts(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    set_line(bench, 27, 1);
    assert_false(bench->control.event_register);
    set_line(bench, 27, 0);

    bench_write(bench, EMR1, 1 << 27);
    set_line(bench, 27, 1);

    assert_true(bench->control.event_register);
    assert_int_equal(bench_read(bench, PR1), 0);
    bench_destroy(bench);
}

static void internal_lines_reach_their_interrupts(void **unused)
{
    (void)unused;
    static const struct {
        unsigned line, irq;
    } rows[] = {{16, IRQ_PVD}, {18, IRQ_RTC_ALARM}, {19, 2}, {20, IRQ_RTC_WKUP}, {21, 64},
                {22, 64}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench *bench = create();
        bench_write(bench, RTSR1, 1u << rows[i].line);
        bench_write(bench, IMR1, 1u << rows[i].line);

        set_line(bench, rows[i].line, 1);

        assert_true(bench_irq_is_high(bench, rows[i].irq));
        bench_destroy(bench);
    }
}

static void bank_2_has_the_supply_monitors(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    bench_write(bench, RTSR2, 1 << 3);
    bench_write(bench, IMR2, 1 << 3);

    set_line(bench, 35, 1);
    assert_int_equal(bench_read(bench, PR2), 1 << 3);
    assert_true(bench_irq_is_high(bench, IRQ_PVD));
    bench_write(bench, PR2, 1 << 3);

    assert_false(bench_irq_is_high(bench, IRQ_PVD));
    bench_destroy(bench);
}

static void masking_a_pending_line_lowers_its_interrupt(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    bench_write(bench, IMR1, 1 << 5 | 1 << 9);
    bench_write(bench, SWIER1, 1 << 5 | 1 << 9);

    bench_write(bench, IMR1, 1 << 9);
    assert_true(bench_irq_is_high(bench, IRQ_EXTI9_5));
    bench_write(bench, IMR1, 0);

    assert_false(bench_irq_is_high(bench, IRQ_EXTI9_5));
    assert_int_equal(bench_read(bench, PR1), 1 << 5 | 1 << 9);
    bench_destroy(bench);
}

static void a_reset_forgets_pending_lines_but_not_levels(void **unused)
{
    (void)unused;
    struct bench *bench = create();
    bench_write(bench, IMR1, 1);
    bench_write(bench, RTSR1, 1);
    set_pin(bench, 0, 0, 1);

    bench->devices[0].type->reset(&bench->devices[0], RESET_SYSTEM);
    bench_write(bench, IMR1, 1);
    bench_write(bench, RTSR1, 1);
    set_pin(bench, 0, 0, 1);

    assert_false(bench_irq_is_high(bench, IRQ_EXTI0));
    assert_int_equal(bench_read(bench, PR1), 0);
    bench_destroy(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_have_their_reset_values),
        cmocka_unit_test(bits_of_absent_and_direct_lines_hold),
        cmocka_unit_test(reset_bits_of_absent_lines_hold),
        cmocka_unit_test(a_rising_edge_of_the_selected_port_interrupts_once),
        cmocka_unit_test(a_falling_edge_needs_ftsr),
        cmocka_unit_test(pending_bits_clear_only_where_one_is_written),
        cmocka_unit_test(software_trigger_works_again_after_pr_was_cleared),
        cmocka_unit_test(a_software_trigger_that_is_already_set_triggers_nothing),
        cmocka_unit_test(a_masked_line_does_not_become_pending),
        cmocka_unit_test(an_event_wakes_wfe_and_leaves_nothing_pending),
        cmocka_unit_test(a_direct_line_passes_events_but_no_interrupts),
        cmocka_unit_test(internal_lines_reach_their_interrupts),
        cmocka_unit_test(bank_2_has_the_supply_monitors),
        cmocka_unit_test(masking_a_pending_line_lowers_its_interrupt),
        cmocka_unit_test(a_reset_forgets_pending_lines_but_not_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
