/* Tests of tim.c. Offsets and bits are those of the RM0351 TIM registers, written as numbers. */
#include "models/tests/peripheral_bench.h"

#include "models/tim.h"

enum { BASE = 0x40000000, IRQ = 28, CC_IRQ = 27, UP_IRQ = 25 };
enum {
    CR1 = BASE,
    CR2 = BASE + 0x04,
    SMCR = BASE + 0x08,
    DIER = BASE + 0x0C,
    SR = BASE + 0x10,
    EGR = BASE + 0x14,
    CCMR1 = BASE + 0x18,
    CCER = BASE + 0x20,
    CNT = BASE + 0x24,
    PSC = BASE + 0x28,
    ARR = BASE + 0x2C,
    RCR = BASE + 0x30,
    CCR1 = BASE + 0x34,
    CCR2 = BASE + 0x38
};
enum { CEN = 1, UDIS = 2, URS = 4, OPM = 8, DIR = 16, CMS_BOTH = 0x60, ARPE = 0x80 };
enum { UIF = 1, CC1IF = 2, CC2IF = 4, COMPARE = 0x1E };

/* 4 MHz. */
#define TICK_PS (250 * PS_PER_NS)

static const struct tim_config tim1 = {.number = 1, .cc_irq = CC_IRQ};
static const struct tim_config tim2 = {.number = 2};
static const struct tim_config tim3 = {.number = 3};
static const struct tim_config tim6 = {.number = 6};
static const struct tim_config tim16 = {.number = 16};

static struct bench *create(const struct tim_config *config)
{
    struct bench *bench = bench_create();
    bench_add(bench, &tim_type, "TIM", BASE, IRQ, config);
    return bench;
}

/* Counts to `arr` and over, from 0, with the flags that UG and the start left cleared. */
static struct bench *create_counting(const struct tim_config *config, uint32_t arr, uint32_t cr1)
{
    struct bench *bench = create(config);
    bench_write(bench, ARR, arr);
    bench_write(bench, EGR, 1);
    bench_write(bench, CR1, cr1 | CEN);
    bench_write(bench, SR, 0);
    return bench;
}

/* ---- The litany ---- */

static void registers_have_their_reset_values(void **unused)
{
    (void)unused;
    struct bench *wide = create(&tim2);
    struct bench *narrow = create(&tim6);

    for (uint32_t addr = CR1; addr <= BASE + 0x50; addr += 4)
        assert_int_equal(bench_read(wide, addr), addr == ARR ? 0xFFFFFFFF : 0);
    for (uint32_t addr = CR1; addr <= ARR; addr += 4)
        assert_int_equal(bench_read(narrow, addr), addr == ARR ? 0xFFFF : 0);

    bench_destroy(wide);
    bench_destroy(narrow);
}

static void reserved_bits_hold(void **unused)
{
    (void)unused;
    static const struct {
        const struct tim_config *config;
        uint32_t cr1, cr2, smcr, dier, ccmr1, ccer, psc, arr, ccr1;
    } rows[] = {
        {&tim1, 0xBE0, 0xF57FFD, 0x1FFFF, 0x7FFF, 0x101FFFF, 0x33BFFF, 0xFFFF, 0xFFFF, 0xFFFF},
        {&tim2, 0xBE0, 0xF8, 0x1FFFF, 0x5F5F, 0x101FFFF, 0xBBBB, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF},
        {&tim3, 0xBE0, 0xF8, 0x1FFFF, 0x5F5F, 0x101FFFF, 0xBBBB, 0xFFFF, 0xFFFF, 0xFFFF},
        {&tim6, 0x880, 0x70, 0, 0x101, 0, 0, 0xFFFF, 0xFFFF, 0},
        {&tim16, 0xB80, 0x30D, 0, 0x23A3, 0x100FF, 0xF, 0xFFFF, 0xFFFF, 0xFFFF},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench *bench = create(rows[i].config);
        bench_write(bench, CR1, 0xFFFFFFE0);
        for (uint32_t addr = CR2; addr <= CCR1; addr += 4)
            if (addr != SR && addr != EGR)
                bench_write(bench, addr, 0xFFFFFFFF);
        assert_int_equal(bench_read(bench, CR1) & ~(uint32_t)DIR, rows[i].cr1);
        assert_int_equal(bench_read(bench, CR2), rows[i].cr2);
        assert_int_equal(bench_read(bench, SMCR), rows[i].smcr);
        assert_int_equal(bench_read(bench, DIER), rows[i].dier);
        assert_int_equal(bench_read(bench, CCMR1), rows[i].ccmr1);
        assert_int_equal(bench_read(bench, CCER), rows[i].ccer);
        assert_int_equal(bench_read(bench, PSC), rows[i].psc);
        assert_int_equal(bench_read(bench, ARR), rows[i].arr);
        assert_int_equal(bench_read(bench, CCR1), rows[i].ccr1);
        bench_destroy(bench);
    }
}

static void flags_clear_only_where_zero_is_written(void **unused)
{
    (void)unused;
    struct bench *bench = create(&tim2);
    bench_write(bench, EGR, 0x1F);
    assert_int_equal(bench_read(bench, SR), 0x1F);

    bench_write(bench, SR, ~(uint32_t)UIF);
    assert_int_equal(bench_read(bench, SR), COMPARE);
    bench_write_sized(bench, SR, 0xFD, 1);
    assert_int_equal(bench_read(bench, SR), COMPARE & ~CC1IF);
    bench_write(bench, SR, 0x1F);
    bench_write_sized(bench, SR + 1, 0, 1);

    assert_int_equal(bench_read(bench, SR), COMPARE & ~CC1IF);
    bench_destroy(bench);
}

static void missing_effects_are_reported_by_name(void **unused)
{
    (void)unused;
    static const struct {
        uint32_t addr, value;
        const char *name;
    } rows[] = {{CR2, 0x10, "CR2"},  {SMCR, 7, "SMCR"}, {DIER, 0x200, "DIER"},
                {CCMR1, 1, "CCMR1"}, {CCER, 1, "CCER"}, {EGR, 0x40, "EGR"}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench *bench = create(&tim2);
        bench_write(bench, rows[i].addr, rows[i].value);
        struct event event = bench_last(bench, EVENT_REG_UNIMPLEMENTED);
        assert_string_equal(event.rule, rows[i].name);
        assert_int_equal(event.value, rows[i].value);
        bench_destroy(bench);
    }
}

static void registers_of_other_timers_are_holes(void **unused)
{
    (void)unused;
    struct bench *bench = create(&tim6);

    bench_write(bench, CCR1, 5);

    assert_int_equal(bench_read(bench, CCR1), 0);
    assert_int_equal(bench_count_rule(bench, "REG.reserved_offset"), 2);
    bench_destroy(bench);
}

static void a_reset_stops_the_counter_and_its_interrupt(void **unused)
{
    (void)unused;
    struct bench *bench = create_counting(&tim2, 9, 0);
    bench_write(bench, DIER, UIF);
    bench_run(bench, 10 * TICK_PS);
    assert_true(bench_irq_is_high(bench, IRQ));

    bench->devices[0].type->reset(&bench->devices[0], RESET_SYSTEM);
    bench_run(bench, 100 * TICK_PS);

    assert_false(bench_irq_is_high(bench, IRQ));
    assert_int_equal(bench_read(bench, CNT), 0);
    assert_int_equal(bench_read(bench, SR), 0);
    bench_destroy(bench);
}

/* ---- Counting ---- */

static void the_counter_follows_time(void **unused)
{
    (void)unused;
    struct bench *bench = create_counting(&tim2, 0xFFFFFFFF, 0);

    bench_run(bench, TICK_PS - 1);
    assert_int_equal(bench_read(bench, CNT), 0);
    bench_run(bench, 1);
    assert_int_equal(bench_read(bench, CNT), 1);
    bench_run(bench, 4000000 * TICK_PS);
    assert_int_equal(bench_read(bench, CNT), 4000001);
    bench_destroy(bench);
}

static void reading_a_running_counter_depends_on_time(void **unused)
{
    (void)unused;
    struct bench *bench = create_counting(&tim2, 100, 0);
    struct access read = {.addr = CNT, .size = 4};

    assert_true(bench_access(bench, read).is_time_dependent);
    bench_write(bench, CR1, 0);

    assert_false(bench_access(bench, read).is_time_dependent);
    bench_destroy(bench);
}

static void the_update_comes_after_arr_plus_one_ticks(void **unused)
{
    (void)unused;
    struct bench *bench = create_counting(&tim2, 9, 0);
    bench_write(bench, DIER, UIF);

    bench_run(bench, 10 * TICK_PS - 1);
    assert_int_equal(bench_read(bench, CNT), 9);
    assert_false(bench_irq_is_high(bench, IRQ));
    bench_run(bench, 1);

    assert_true(bench_irq_is_high(bench, IRQ));
    assert_int_equal(bench_read(bench, CNT), 0);
    bench_write(bench, SR, 0);
    assert_false(bench_irq_is_high(bench, IRQ));
    bench_run(bench, 10 * TICK_PS - 1);
    assert_false(bench_irq_is_high(bench, IRQ));
    bench_run(bench, 1);
    assert_true(bench_irq_is_high(bench, IRQ));
    bench_destroy(bench);
}

static void the_prescaler_divides_by_psc_plus_one(void **unused)
{
    (void)unused;
    struct bench *bench = create(&tim6);
    bench_write(bench, PSC, 3999);
    bench_write(bench, ARR, 499);
    bench_write(bench, EGR, 1);
    bench_write(bench, SR, 0);
    bench_write(bench, DIER, UIF);
    bench_write(bench, CR1, CEN);

    bench_run(bench, 500 * PS_PER_MS - 1);
    assert_int_equal(bench_read(bench, CNT), 499);
    assert_false(bench_irq_is_high(bench, IRQ));
    bench_run(bench, 1);

    assert_true(bench_irq_is_high(bench, IRQ));
    bench_destroy(bench);
}

static void a_new_prescaler_waits_for_the_update(void **unused)
{
    (void)unused;
    struct bench *bench = create_counting(&tim2, 9, 0);

    bench_write(bench, PSC, 1);
    bench_run(bench, 9 * TICK_PS);
    assert_int_equal(bench_read(bench, CNT), 9);
    bench_run(bench, TICK_PS + 9 * TICK_PS);

    assert_int_equal(bench_read(bench, CNT), 4);
    bench_destroy(bench);
}

static void a_new_arr_counts_at_once_unless_it_is_preloaded(void **unused)
{
    (void)unused;
    struct bench *direct = create_counting(&tim2, 9, 0);
    struct bench *preloaded = create_counting(&tim2, 9, ARPE);

    bench_write(direct, ARR, 4);
    bench_write(preloaded, ARR, 4);
    bench_run(direct, 5 * TICK_PS);
    bench_run(preloaded, 5 * TICK_PS);
    assert_int_equal(bench_read(direct, CNT), 0);
    assert_int_equal(bench_read(preloaded, CNT), 5);
    bench_run(preloaded, 5 * TICK_PS + 4 * TICK_PS);
    assert_int_equal(bench_read(preloaded, CNT), 4);
    bench_run(preloaded, TICK_PS);

    assert_int_equal(bench_read(preloaded, CNT), 0);
    bench_destroy(direct);
    bench_destroy(preloaded);
}

static void a_count_above_arr_runs_to_its_width_without_update(void **unused)
{
    (void)unused;
    struct bench *bench = create_counting(&tim3, 100, 0);
    bench_run(bench, 50 * TICK_PS);

    bench_write(bench, ARR, 10);
    bench_write(bench, SR, 0);
    bench_run(bench, (0x10000 - 50) * TICK_PS);
    assert_int_equal(bench_read(bench, CNT), 0);
    assert_int_equal(bench_read(bench, SR) & UIF, 0);
    bench_run(bench, 11 * TICK_PS);

    assert_int_equal(bench_read(bench, SR) & UIF, UIF);
    bench_destroy(bench);
}

static void arr_zero_blocks_the_counter(void **unused)
{
    (void)unused;
    struct bench *bench = create_counting(&tim2, 9, 0);
    bench_run(bench, 3 * TICK_PS);

    bench_write(bench, ARR, 0);
    bench_run(bench, 100 * TICK_PS);
    assert_int_equal(bench_read(bench, CNT), 3);
    bench_write(bench, ARR, 9);
    bench_run(bench, TICK_PS);

    assert_int_equal(bench_read(bench, CNT), 4);
    bench_destroy(bench);
}

static void counting_down_reloads_arr_at_the_underflow(void **unused)
{
    (void)unused;
    struct bench *bench = create(&tim2);
    bench_write(bench, ARR, 9);
    bench_write(bench, CR1, DIR);
    bench_write(bench, EGR, 1);
    bench_write(bench, SR, 0);
    bench_write(bench, CR1, DIR | CEN);
    assert_int_equal(bench_read(bench, CNT), 9);

    bench_run(bench, 10 * TICK_PS - 1);
    assert_int_equal(bench_read(bench, CNT), 0);
    assert_int_equal(bench_read(bench, SR) & UIF, 0);
    bench_run(bench, 1);

    assert_int_equal(bench_read(bench, CNT), 9);
    assert_int_equal(bench_read(bench, SR) & UIF, UIF);
    bench_destroy(bench);
}

static void center_aligned_counts_up_and_down(void **unused)
{
    (void)unused;
    static const uint32_t counts[] = {0, 1, 2, 3, 2, 1, 0, 1};
    struct bench *bench = create_counting(&tim2, 3, CMS_BOTH);

    for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        assert_int_equal(bench_read(bench, CNT), counts[i]);
        assert_int_equal(bench_read(bench, CR1) & DIR, i >= 3 && i < 6 ? DIR : 0);
        assert_int_equal(bench_read(bench, SR) & UIF, i == 3 || i == 6 ? UIF : 0);
        bench_write(bench, SR, 0);
        bench_run(bench, TICK_PS);
    }
    bench_destroy(bench);
}

static void one_pulse_mode_stops_at_the_update(void **unused)
{
    (void)unused;
    struct bench *bench = create_counting(&tim2, 9, OPM);

    bench_run(bench, 10 * TICK_PS - 1);
    assert_int_equal(bench_read(bench, CR1), OPM | CEN);
    bench_run(bench, 50 * TICK_PS);

    assert_int_equal(bench_read(bench, CR1), OPM);
    assert_int_equal(bench_read(bench, CNT), 0);
    assert_int_equal(bench_read(bench, SR) & UIF, UIF);
    bench_destroy(bench);
}

static void ug_loads_the_prescaler_and_sets_uif_unless_urs(void **unused)
{
    (void)unused;
    struct bench *bench = create(&tim2);
    bench_write(bench, PSC, 1);

    bench_write(bench, EGR, 1);
    assert_int_equal(bench_read(bench, SR), UIF);
    bench_write(bench, SR, 0);
    bench_write(bench, CR1, URS);
    bench_write(bench, EGR, 1);
    assert_int_equal(bench_read(bench, SR), 0);
    bench_write(bench, CR1, CEN);
    bench_run(bench, 6 * TICK_PS);

    assert_int_equal(bench_read(bench, CNT), 3);
    bench_destroy(bench);
}

static void ug_starts_the_prescaler_over(void **unused)
{
    (void)unused;
    struct bench *bench = create(&tim2);
    bench_write(bench, PSC, 3);
    bench_write(bench, EGR, 1);
    bench_write(bench, CR1, CEN);
    bench_run(bench, 3 * TICK_PS);

    bench_write(bench, EGR, 1);
    bench_run(bench, 4 * TICK_PS - 1);
    assert_int_equal(bench_read(bench, CNT), 0);
    bench_run(bench, 1);

    assert_int_equal(bench_read(bench, CNT), 1);
    bench_destroy(bench);
}

static void udis_suppresses_updates(void **unused)
{
    (void)unused;
    struct bench *bench = create_counting(&tim2, 9, UDIS);
    bench_write(bench, PSC, 7);

    bench_run(bench, 25 * TICK_PS);
    bench_write(bench, EGR, 1);

    assert_int_equal(bench_read(bench, SR) & UIF, 0);
    assert_int_equal(bench_read(bench, CNT), 0);
    bench_run(bench, 3 * TICK_PS);
    assert_int_equal(bench_read(bench, CNT), 3);
    bench_destroy(bench);
}

static void the_repetition_counter_swallows_updates(void **unused)
{
    (void)unused;
    struct bench *bench = create(&tim16);
    bench_write(bench, ARR, 9);
    bench_write(bench, RCR, 2);
    bench_write(bench, EGR, 1);
    bench_write(bench, SR, 0);
    bench_write(bench, CR1, CEN);

    bench_run(bench, 30 * TICK_PS - 1);
    assert_int_equal(bench_read(bench, SR) & UIF, 0);
    bench_run(bench, 1);

    assert_int_equal(bench_read(bench, SR) & UIF, UIF);
    bench_destroy(bench);
}

static void writing_cnt_moves_the_counter(void **unused)
{
    (void)unused;
    struct bench *bench = create_counting(&tim2, 99, 0);

    bench_write(bench, CNT, 90);
    bench_run(bench, 10 * TICK_PS - 1);
    assert_int_equal(bench_read(bench, SR) & UIF, 0);
    bench_run(bench, 1);

    assert_int_equal(bench_read(bench, SR) & UIF, UIF);
    bench_destroy(bench);
}

static void stopping_keeps_the_count_and_the_prescaler(void **unused)
{
    (void)unused;
    struct bench *bench = create(&tim2);
    bench_write(bench, PSC, 3);
    bench_write(bench, EGR, 1);
    bench_write(bench, CR1, CEN);
    bench_run(bench, 6 * TICK_PS);

    bench_write(bench, CR1, 0);
    bench_run(bench, 100 * TICK_PS);
    assert_int_equal(bench_read(bench, CNT), 1);
    bench_write(bench, CR1, CEN);
    bench_run(bench, 2 * TICK_PS);

    assert_int_equal(bench_read(bench, CNT), 2);
    bench_destroy(bench);
}

static void cnt_can_carry_a_copy_of_uif(void **unused)
{
    (void)unused;
    struct bench *bench = create_counting(&tim3, 9, 1 << 11);

    bench_run(bench, 12 * TICK_PS);
    assert_int_equal(bench_read(bench, CNT), 0x80000002);
    bench_write(bench, SR, 0);

    assert_int_equal(bench_read(bench, CNT), 2);
    bench_destroy(bench);
}

static void a_clock_change_carries_on_from_the_count(void **unused)
{
    (void)unused;
    struct bench *bench = create_counting(&tim2, 1000, 0);
    bench_run(bench, 10 * TICK_PS);

    bench->wires.timclk1_hz = 8000000;
    device_signal(&bench->system, WIRE_CLOCKS, 0);
    bench_run(bench, 10 * TICK_PS);
    assert_int_equal(bench_read(bench, CNT), 30);
    bench->wires.timclk1_hz = 0;
    device_signal(&bench->system, WIRE_CLOCKS, 0);
    bench_run(bench, 10 * TICK_PS);

    assert_int_equal(bench_read(bench, CNT), 30);
    bench_destroy(bench);
}

static void timers_of_apb2_take_its_clock(void **unused)
{
    (void)unused;
    struct bench *bench = bench_create();
    bench->wires.timclk2_hz = 1000000;
    bench_add(bench, &tim_type, "TIM16", BASE, IRQ, &tim16);

    bench_write(bench, CR1, CEN);
    bench_run(bench, 10 * PS_PER_US);

    assert_int_equal(bench_read(bench, CNT), 10);
    bench_destroy(bench);
}

static void a_rate_that_does_not_divide_a_second_does_not_drift(void **unused)
{
    (void)unused;
    struct bench *bench = bench_create();
    bench->wires.timclk1_hz = 3000000;
    bench_add(bench, &tim_type, "TIM2", BASE, IRQ, &tim2);
    bench_write(bench, ARR, 2);
    bench_write(bench, DIER, UIF);
    bench_write(bench, EGR, 1);
    bench_write(bench, SR, 0);
    bench_write(bench, CR1, CEN);

    /* Three ticks of 333333.3 ps are a microsecond: each update is exactly on it. */
    for (unsigned i = 1; i <= 1000; i++) {
        bench_run_to(bench, i * PS_PER_US - 1);
        assert_false(bench_irq_is_high(bench, IRQ));
        bench_run_to(bench, i * PS_PER_US);
        assert_true(bench_irq_is_high(bench, IRQ));
        bench_run(bench, 777);
        bench_write(bench, SR, 0);
    }
    bench_destroy(bench);
}

static void the_freeze_bit_holds_the_counter_while_the_core_is_halted(void **unused)
{
    (void)unused;
    struct bench *bench = create_counting(&tim2, 1000, 0);
    bench_run(bench, 5 * TICK_PS);

    bench->wires.is_core_halted = true;
    device_signal(&bench->system, WIRE_HALT, 1);
    bench_run(bench, 5 * TICK_PS);
    assert_int_equal(bench_read(bench, CNT), 10);
    bench->wires.freeze_apb1_1 = 1;
    device_signal(&bench->system, WIRE_HALT, 1);
    bench_run(bench, 5 * TICK_PS);
    assert_int_equal(bench_read(bench, CNT), 10);
    bench->wires.is_core_halted = false;
    device_signal(&bench->system, WIRE_HALT, 0);
    bench_run(bench, 5 * TICK_PS);

    assert_int_equal(bench_read(bench, CNT), 15);
    bench_destroy(bench);
}

static void a_slave_mode_that_needs_an_input_stands_still(void **unused)
{
    (void)unused;
    struct bench *bench = create_counting(&tim2, 1000, 0);

    bench_write(bench, SMCR, 7);
    bench_run(bench, 10 * TICK_PS);

    assert_int_equal(bench_read(bench, CNT), 0);
    bench_destroy(bench);
}

static void an_idle_timer_leaves_nothing_scheduled(void **unused)
{
    (void)unused;
    struct bench *bench = create_counting(&tim2, 9, 0);

    bench_run(bench, 30 * TICK_PS);
    assert_int_equal(bench_read(bench, SR), 0x1F);
    assert_int_equal(bench->clock.next_ps, CLOCK_NEVER);

    /* Millions of periods later the count is still right, and clearing a flag arms it again. */
    bench_run(bench, (10000000 * UINT64_C(10) + 7) * TICK_PS);
    assert_int_equal(bench_read(bench, CNT), 7);
    bench_write(bench, SR, 0);
    bench_run(bench, 3 * TICK_PS - 1);
    assert_int_equal(bench_read(bench, SR) & UIF, 0);
    bench_run(bench, 1);
    assert_int_equal(bench_read(bench, SR) & UIF, UIF);
    bench_destroy(bench);
}

/* ---- Compare ---- */

static void a_compare_flag_rises_on_its_count(void **unused)
{
    (void)unused;
    struct bench *bench = create(&tim2);
    bench_write(bench, ARR, 9);
    bench_write(bench, CCR1, 4);
    bench_write(bench, DIER, CC1IF);
    bench_write(bench, CR1, CEN);
    bench_write(bench, SR, 0);

    bench_run(bench, 4 * TICK_PS - 1);
    assert_false(bench_irq_is_high(bench, IRQ));
    bench_run(bench, 1);
    assert_true(bench_irq_is_high(bench, IRQ));
    bench_write(bench, SR, 0);
    bench_run(bench, 10 * TICK_PS - 1);
    assert_false(bench_irq_is_high(bench, IRQ));
    bench_run(bench, 1);

    assert_true(bench_irq_is_high(bench, IRQ));
    bench_destroy(bench);
}

static void a_compare_value_above_arr_flags_at_the_overflow(void **unused)
{
    (void)unused;
    struct bench *bench = create(&tim2);
    bench_write(bench, ARR, 9);
    bench_write(bench, CCR1, 20);
    bench_write(bench, CR1, CEN);
    bench_write(bench, SR, 0);

    bench_run(bench, 10 * TICK_PS - 1);
    assert_int_equal(bench_read(bench, SR) & CC1IF, 0);
    bench_run(bench, 1);

    assert_int_equal(bench_read(bench, SR) & CC1IF, CC1IF);
    bench_destroy(bench);
}

static void a_preloaded_compare_value_waits_for_the_update(void **unused)
{
    (void)unused;
    struct bench *bench = create_counting(&tim2, 9, 0);
    bench_write(bench, CCMR1, 1 << 3 | 1 << 11);
    bench_write(bench, CCR1, 4);

    bench_run(bench, 9 * TICK_PS);
    assert_int_equal(bench_read(bench, SR) & CC1IF, 0);
    bench_run(bench, 5 * TICK_PS);

    assert_int_equal(bench_read(bench, SR) & CC1IF, CC1IF);
    bench_destroy(bench);
}

static void an_input_channel_never_matches(void **unused)
{
    (void)unused;
    struct bench *bench = create(&tim2);
    bench_write(bench, CCMR1, 1);
    bench_write(bench, CCR1, 4);
    bench_write(bench, ARR, 9);
    bench_write(bench, CR1, CEN);

    bench_run(bench, 50 * TICK_PS);

    assert_int_equal(bench_read(bench, SR) & (CC1IF | CC2IF), CC2IF);
    bench_destroy(bench);
}

static void center_mode_one_flags_only_on_the_way_down(void **unused)
{
    (void)unused;
    struct bench *bench = create(&tim2);
    bench_write(bench, ARR, 9);
    bench_write(bench, CCR1, 4);
    bench_write(bench, CR1, 0x20 | CEN);
    bench_write(bench, SR, 0);

    bench_run(bench, 14 * TICK_PS - 1);
    assert_int_equal(bench_read(bench, SR) & CC1IF, 0);
    bench_run(bench, 1);

    assert_int_equal(bench_read(bench, CNT), 4);
    assert_int_equal(bench_read(bench, SR) & CC1IF, CC1IF);
    bench_destroy(bench);
}

/* ---- Interrupt lines and DMA ---- */

static void tim1_has_a_line_for_compare(void **unused)
{
    (void)unused;
    struct bench *bench = bench_create();
    bench_add(bench, &tim_type, "TIM1", BASE, UP_IRQ, &tim1);
    bench_write(bench, DIER, UIF | CC1IF);

    bench_write(bench, EGR, CC1IF);
    assert_true(bench_irq_is_high(bench, CC_IRQ));
    assert_false(bench_irq_is_high(bench, UP_IRQ));
    bench_write(bench, EGR, UIF);

    assert_true(bench_irq_is_high(bench, UP_IRQ));
    bench_destroy(bench);
}

static void timers_on_one_line_do_not_lower_each_other(void **unused)
{
    (void)unused;
    enum { OTHER = 0x40014400 };
    struct bench *bench = bench_create();
    bench_add(bench, &tim_type, "TIM1", BASE, UP_IRQ, &tim1);
    bench_add(bench, &tim_type, "TIM16", OTHER, UP_IRQ, &tim16);
    bench_write(bench, DIER, UIF);
    bench_write(bench, OTHER + 0x0C, UIF);
    bench_write(bench, EGR, UIF);
    bench_write(bench, OTHER + 0x14, UIF);

    bench_write(bench, SR, 0);
    assert_true(bench_irq_is_high(bench, UP_IRQ));
    bench_write(bench, OTHER + 0x10, 0);

    assert_false(bench_irq_is_high(bench, UP_IRQ));
    bench_destroy(bench);
}

static unsigned requests_risen;
static uint32_t last_request;

static void listen_to_requests(struct device *device, unsigned line, uint32_t value)
{
    (void)device;
    if (line != WIRE_DMA_REQUEST)
        return;
    last_request = value;
    requests_risen += value & 1;
}

static void ignore_reset(struct device *device, enum reset_cause cause)
{
    (void)device;
    (void)cause;
}

static void each_update_asks_the_dma(void **unused)
{
    (void)unused;
    static const struct device_type listener = {
        .name = "listener", .state_bytes = 1, .reset = ignore_reset, .signal = listen_to_requests};
    struct bench *bench = create_counting(&tim6, 9, 0);
    bench_add(bench, &listener, "listener", 0x50000000, -1, NULL);
    requests_risen = 0;

    bench_run(bench, 10 * TICK_PS);
    assert_int_equal(requests_risen, 0);
    bench_write(bench, DIER, 1 << 8);
    bench_run(bench, 30 * TICK_PS);
    assert_int_equal(requests_risen, 3);
    assert_int_equal(last_request, DMA_REQUEST_TIM6_UP << 1 | 1);
    bench_write(bench, DIER, 0);

    assert_int_equal(last_request, DMA_REQUEST_TIM6_UP << 1);
    bench_destroy(bench);
}

/* The LSI at 32 kHz, each eighth edge, by a counter at 4 MHz: 1000 counts from one to the next. */
static void tim16_captures_every_eighth_edge_of_the_lsi(void **unused)
{
    (void)unused;
    struct bench *bench = create(&tim16);
    bench->wires.lsi_hz = 32000;
    bench_write(bench, CCMR1, 0x0D);
    bench_write(bench, BASE + 0x50, 1); /* OR1.TI1_RMP: LSI */
    bench_write(bench, CCER, 1);
    bench_write(bench, CR1, CEN);

    bench_run_to(bench, 1000 * TICK_PS - 1);
    assert_int_equal(bench_read(bench, SR) & CC1IF, 0);
    bench_run_to(bench, 1000 * TICK_PS);
    assert_int_equal(bench_read(bench, SR) & 0x202, CC1IF);
    assert_int_equal(bench_read(bench, CCR1), 1000);
    assert_int_equal(bench_read(bench, SR) & 0x202, 0); /* reading CCR1 clears it */

    bench_run_to(bench, 3000 * TICK_PS);
    assert_int_equal(bench_read(bench, SR) & 0x202, 0x202); /* CC1OF: one was missed */
    assert_int_equal(bench_read(bench, CCR1), 3000);
    assert_int_equal(bench_count(bench, EVENT_REG_UNIMPLEMENTED), 0);
    bench_destroy(bench);
}

static void an_edge_of_the_outside_is_still_missing(void **unused)
{
    (void)unused;
    struct bench *bench = create(&tim16);
    bench_write(bench, CCMR1, 1);

    bench_write(bench, CCER, 1);

    struct event event = bench_last(bench, EVENT_REG_UNIMPLEMENTED);
    assert_int_equal(event.value, 1);
    assert_string_equal(event.rule, "CCER");
    bench_destroy(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_have_their_reset_values),
        cmocka_unit_test(reserved_bits_hold),
        cmocka_unit_test(flags_clear_only_where_zero_is_written),
        cmocka_unit_test(missing_effects_are_reported_by_name),
        cmocka_unit_test(registers_of_other_timers_are_holes),
        cmocka_unit_test(a_reset_stops_the_counter_and_its_interrupt),
        cmocka_unit_test(the_counter_follows_time),
        cmocka_unit_test(reading_a_running_counter_depends_on_time),
        cmocka_unit_test(the_update_comes_after_arr_plus_one_ticks),
        cmocka_unit_test(the_prescaler_divides_by_psc_plus_one),
        cmocka_unit_test(a_new_prescaler_waits_for_the_update),
        cmocka_unit_test(a_new_arr_counts_at_once_unless_it_is_preloaded),
        cmocka_unit_test(a_count_above_arr_runs_to_its_width_without_update),
        cmocka_unit_test(arr_zero_blocks_the_counter),
        cmocka_unit_test(counting_down_reloads_arr_at_the_underflow),
        cmocka_unit_test(center_aligned_counts_up_and_down),
        cmocka_unit_test(one_pulse_mode_stops_at_the_update),
        cmocka_unit_test(ug_loads_the_prescaler_and_sets_uif_unless_urs),
        cmocka_unit_test(ug_starts_the_prescaler_over),
        cmocka_unit_test(udis_suppresses_updates),
        cmocka_unit_test(the_repetition_counter_swallows_updates),
        cmocka_unit_test(writing_cnt_moves_the_counter),
        cmocka_unit_test(stopping_keeps_the_count_and_the_prescaler),
        cmocka_unit_test(cnt_can_carry_a_copy_of_uif),
        cmocka_unit_test(a_clock_change_carries_on_from_the_count),
        cmocka_unit_test(timers_of_apb2_take_its_clock),
        cmocka_unit_test(a_rate_that_does_not_divide_a_second_does_not_drift),
        cmocka_unit_test(the_freeze_bit_holds_the_counter_while_the_core_is_halted),
        cmocka_unit_test(a_slave_mode_that_needs_an_input_stands_still),
        cmocka_unit_test(an_idle_timer_leaves_nothing_scheduled),
        cmocka_unit_test(a_compare_flag_rises_on_its_count),
        cmocka_unit_test(a_compare_value_above_arr_flags_at_the_overflow),
        cmocka_unit_test(a_preloaded_compare_value_waits_for_the_update),
        cmocka_unit_test(an_input_channel_never_matches),
        cmocka_unit_test(center_mode_one_flags_only_on_the_way_down),
        cmocka_unit_test(tim1_has_a_line_for_compare),
        cmocka_unit_test(timers_on_one_line_do_not_lower_each_other),
        cmocka_unit_test(each_update_asks_the_dma),
        cmocka_unit_test(tim16_captures_every_eighth_edge_of_the_lsi),
        cmocka_unit_test(an_edge_of_the_outside_is_still_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
