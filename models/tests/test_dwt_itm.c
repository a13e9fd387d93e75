/* DWT cycle counter, ITM console, FPB, TPIU, ROM table. Core sheet 12.4. At 4 MHz a cycle is 250
 * ns. */
#include "models/tests/scs_bench.h"

#define DEMCR 0xE000EDFCu
#define DWT_CTRL 0xE0001000u
#define CYCCNT 0xE0001004u
#define ITM_TER 0xE0000E00u
#define ITM_TPR 0xE0000E40u
#define ITM_TCR 0xE0000E80u
#define ITM_LAR 0xE0000FB0u
#define CYCLE_PS 250000u

static void start_cyccnt(struct bench *b)
{
    write32(b, DEMCR, 1u << 24);
    write32(b, CYCCNT, 0);
    write32(b, DWT_CTRL, 1);
}

static void advance_cycles(struct bench *b, uint64_t cycles)
{
    advance_to(b, b->clock.now_ps + cycles * CYCLE_PS);
}

static void cyccnt_needs_trcena_and_cyccntena(void **state)
{
    struct bench *b = *state;
    advance_cycles(b, 10);
    assert_int_equal(read32(b, CYCCNT), 0);
    write32(b, DWT_CTRL, 1);
    advance_cycles(b, 10);
    assert_int_equal(read32(b, CYCCNT), 0);
    write32(b, DEMCR, 1u << 24);
    advance_cycles(b, 10);
    assert_int_equal(read32(b, CYCCNT), 10);
    write32(b, DWT_CTRL, 0);
    advance_cycles(b, 10);
    assert_int_equal(read32(b, CYCCNT), 10);
    assert_int_equal(read32(b, DWT_CTRL), 0x40000000); /* four comparators */
}

static void a_write_sets_cyccnt_and_it_wraps(void **state)
{
    struct bench *b = *state;
    start_cyccnt(b);
    advance_cycles(b, 1000);
    write32(b, CYCCNT, 0xFFFFFFF0);
    assert_int_equal(read32(b, CYCCNT), 0xFFFFFFF0);
    advance_cycles(b, 0x20);
    assert_int_equal(read32(b, CYCCNT), 0x10);
}

static void reading_cyccnt_depends_on_time(void **state)
{
    struct bench *b = *state;
    struct access access = {.addr = CYCCNT, .size = 4, .is_privileged = true};
    assert_true(bench_access(b, access).is_time_dependent);
}

static void cyccnt_counts_every_cycle_at_80_mhz_and_over_a_clock_change(void **state)
{
    struct bench *b = *state;
    set_hclk(b, 48000000);
    start_cyccnt(b);
    for (uint64_t n = 0; n < 3000; n++) {
        advance_to(b, clock_ps_from_cycles(n, 48000000));
        assert_int_equal(read32(b, CYCCNT), n);
    }
    uint64_t epoch_ps = b->clock.now_ps;
    set_hclk(b, 80000000);
    advance_to(b, epoch_ps + PS_PER_S);
    assert_int_equal(read32(b, CYCCNT), 2999 + 80000000);
}

static void cyccnt_stands_in_halt_stop_and_sleep(void **state)
{
    struct bench *b = *state;
    start_cyccnt(b);
    advance_cycles(b, 5);
    set_halted(b, true);
    advance_cycles(b, 1000);
    set_halted(b, false);
    device_signal(&b->system, WIRE_STOP_MODE, 1);
    advance_cycles(b, 1000);
    device_signal(&b->system, WIRE_STOP_MODE, 0);
    advance_cycles(b, 1000); /* asleep, says the engine */
    b->control.asleep_ps += UINT64_C(1000) * CYCLE_PS;
    b->event_count = 0;
    assert_int_equal(read32(b, CYCCNT), 5);
    advance_cycles(b, 5);
    assert_int_equal(read32(b, CYCCNT), 10);
    assert_int_equal(b->event_count, 1);
    assert_string_equal(b->events[0].rule, "CORE.dwt.sleep");
}

static void the_dwt_keeps_its_setup_over_a_system_reset(void **state)
{
    struct bench *b = *state;
    start_cyccnt(b);
    bench_reset(b, RESET_SYSTEM);
    advance_cycles(b, 7);
    assert_int_equal(read32(b, CYCCNT), 7);
    bench_reset(b, RESET_POWER_ON);
    advance_cycles(b, 7);
    assert_int_equal(read32(b, CYCCNT), 0);
    assert_int_equal(read32(b, DWT_CTRL), 0x40000000);
}

static void a_watchpoint_says_that_its_effect_is_missing(void **state)
{
    struct bench *b = *state;
    write32(b, 0xE0001020, 0x20000000);
    forget_changes(b);
    write32(b, 0xE0001028, 6);
    assert_int_equal(b->event_count, 1);
    assert_int_equal(b->events[0].kind, EVENT_REG_UNIMPLEMENTED);
    assert_string_equal(b->events[0].rule, "DWT_FUNCTION0");
    assert_int_equal(read32(b, 0xE0001020), 0x20000000);
}

/* As SWO start-up code does. */
static void open_itm(struct bench *b, uint32_t ports)
{
    write32(b, DEMCR, 1u << 24);
    write32(b, ITM_LAR, 0xC5ACCE55);
    write32(b, ITM_TER, ports);
    write32(b, ITM_TCR, 1);
    forget_changes(b);
}

static void port_writes_go_out_byte_by_byte(void **state)
{
    struct bench *b = *state;
    open_itm(b, 3);
    assert_int_equal(read32(b, 0xE0000000), 1);
    write_sized(b, 0xE0000000, 1, 'A');
    write_sized(b, 0xE0000000, 2, 0x4342);
    write32(b, 0xE0000004, 0x47464544);
    assert_int_equal(b->event_count, 7);
    for (unsigned i = 0; i < 7; i++) {
        assert_int_equal(b->events[i].kind, EVENT_CONSOLE);
        assert_string_equal(b->events[i].unit, "ITM");
        assert_int_equal(b->events[i].value, 'A' + i);
        assert_int_equal(b->events[i].addr, i < 3 ? 0 : 1);
    }
}

static void a_closed_itm_drops_what_is_written(void **state)
{
    struct bench *b = *state;
    open_itm(b, 1);
    write32(b, 0xE0000008, 'x'); /* port 2 is off */
    assert_int_equal(read32(b, 0xE0000008), 0);
    write32(b, ITM_TCR, 0);
    write32(b, 0xE0000000, 'x');
    write32(b, ITM_TCR, 1);
    write32(b, DEMCR, 0);
    write32(b, 0xE0000000, 'x');
    assert_int_equal(b->event_count, 0);
    assert_int_equal(read32(b, 0xE0000000), 0);
}

static void software_must_unlock_the_itm_and_a_debugger_need_not(void **state)
{
    struct bench *b = *state;
    forget_changes(b);
    write32(b, ITM_TER, 1);
    assert_int_equal(read32(b, ITM_TER), 0);
    assert_int_equal(b->event_count, 1);
    assert_string_equal(b->events[0].rule, "CORE.itm.locked");
    assert_int_equal(read32(b, 0xE0000FB4), 3);
    debugger_write32(b, ITM_TER, 1);
    assert_int_equal(read32(b, ITM_TER), 1);
    write32(b, ITM_LAR, 0xC5ACCE55);
    assert_int_equal(read32(b, 0xE0000FB4), 1);
    write32(b, ITM_TER, 2);
    assert_int_equal(read32(b, ITM_TER), 2);
}

static void tpr_closes_ports_to_unprivileged_code(void **state)
{
    struct bench *b = *state;
    open_itm(b, 0xFFFFFFFF);
    write32(b, ITM_TPR, 0x1); /* ports 0 to 7 */
    struct access access = {.addr = 0xE000001C, .size = 1, .value = 'x', .is_write = true};
    assert_false(bench_access(b, access).is_bus_error);
    assert_int_equal(b->event_count, 0);
    access.addr = 0xE0000020;
    bench_access(b, access);
    assert_int_equal(b->event_count, 1);
    access.addr = ITM_TCR;
    access.value = 0;
    assert_false(bench_access(b, access).is_bus_error);
    assert_int_equal(read32(b, ITM_TCR), 1);
    access.addr = DWT_CTRL;
    assert_true(bench_access(b, access).is_bus_error);
}

static void fp_ctrl_takes_a_write_only_with_its_key(void **state)
{
    struct bench *b = *state;
    assert_int_equal(read32(b, 0xE0002000), 0x260);
    write32(b, 0xE0002000, 1);
    assert_int_equal(read32(b, 0xE0002000), 0x260);
    forget_changes(b);
    write32(b, 0xE0002000, 3);
    assert_int_equal(read32(b, 0xE0002000), 0x261);
    assert_int_equal(b->events[0].kind, EVENT_REG_UNIMPLEMENTED);
    write32(b, 0xE0002024, 0x08000101);
    assert_int_equal(read32(b, 0xE0002024), 0x08000101);
}

static void the_tpiu_stores_its_setup(void **state)
{
    struct bench *b = *state;
    write32(b, 0xE0040010, 39);
    write32(b, 0xE00400F0, 2);
    assert_int_equal(read32(b, 0xE0040010), 39);
    assert_int_equal(read32(b, 0xE00400F0), 2);
    assert_int_equal(read32(b, 0xE0040304), 0x102);
}

static void the_rom_table_names_the_blocks_and_the_chip(void **state)
{
    struct bench *b = *state;
    assert_int_equal(0xE00FF000 + (read32(b, 0xE00FF000) & 0xFFFFF000), 0xE000E000);
    assert_int_equal(0xE00FF000 + (read32(b, 0xE00FF004) & 0xFFFFF000), 0xE0001000);
    assert_int_equal(read32(b, 0xE00FF014), 0);
    assert_int_equal(read32(b, 0xE00FFFE0), 0x62);
    assert_int_equal(read32(b, 0xE00FFFE4), 0x04);
}

static void what_is_not_modelled_reads_zero_and_is_reported(void **state)
{
    struct bench *b = *state;
    forget_changes(b);
    assert_int_equal(read32(b, 0xE0041000), 0); /* ETM */
    write32(b, 0xE0041000, 1);
    assert_int_equal(b->event_count, 2);
    assert_int_equal(b->events[1].kind, EVENT_UNIT_ABSENT);
    assert_int_equal(b->events[1].addr, 0xE0041000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(cyccnt_needs_trcena_and_cyccntena),
        BENCH_TEST(a_write_sets_cyccnt_and_it_wraps),
        BENCH_TEST(reading_cyccnt_depends_on_time),
        BENCH_TEST(cyccnt_counts_every_cycle_at_80_mhz_and_over_a_clock_change),
        BENCH_TEST(cyccnt_stands_in_halt_stop_and_sleep),
        BENCH_TEST(the_dwt_keeps_its_setup_over_a_system_reset),
        BENCH_TEST(a_watchpoint_says_that_its_effect_is_missing),
        BENCH_TEST(port_writes_go_out_byte_by_byte),
        BENCH_TEST(a_closed_itm_drops_what_is_written),
        BENCH_TEST(software_must_unlock_the_itm_and_a_debugger_need_not),
        BENCH_TEST(tpr_closes_ports_to_unprivileged_code),
        BENCH_TEST(fp_ctrl_takes_a_write_only_with_its_key),
        BENCH_TEST(the_tpiu_stores_its_setup),
        BENCH_TEST(the_rom_table_names_the_blocks_and_the_chip),
        BENCH_TEST(what_is_not_modelled_reads_zero_and_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
