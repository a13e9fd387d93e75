/* System control block. Core sheet 3.6, 4 and 10. */
#include "models/tests/scs_bench.h"

#define ICSR 0xE000ED04u
#define VTOR 0xE000ED08u
#define AIRCR 0xE000ED0Cu
#define SHCSR 0xE000ED24u
#define CFSR 0xE000ED28u
#define HFSR 0xE000ED2Cu

static void reset_values_and_identification(void **state)
{
    struct bench *b = *state;
    static const struct {
        uint32_t addr, value;
    } expected[] = {
        {0xE000E008, 0},          {0xE000ED00, 0x410FC241}, {0xE000ED08, 0},
        {0xE000ED0C, 0xFA050000}, {0xE000ED10, 0},          {0xE000ED14, 0x00000200},
        {0xE000ED18, 0},          {0xE000ED1C, 0},          {0xE000ED20, 0},
        {0xE000ED24, 0},          {0xE000ED28, 0},          {0xE000ED2C, 0},
        {0xE000ED30, 0},          {0xE000ED3C, 0},          {0xE000ED40, 0x00000030},
        {0xE000ED44, 0x00000200}, {0xE000ED48, 0x00100000}, {0xE000ED4C, 0},
        {0xE000ED50, 0x00000030}, {0xE000ED54, 0},          {0xE000ED58, 0},
        {0xE000ED5C, 0},          {0xE000ED60, 0x01141110}, {0xE000ED64, 0x02111000},
        {0xE000ED68, 0x21112231}, {0xE000ED6C, 0x01111110}, {0xE000ED70, 0x01310102},
        {0xE000ED78, 0},          {0xE000ED80, 0},          {0xE000ED88, 0},
        {0xE000EF34, 0xC0000000}, {0xE000EF38, 0},          {0xE000EF3C, 0},
        {0xE000EF40, 0x10110021}, {0xE000EF44, 0x11000011}, {0xE000EF48, 0},
        {0xE000EFF0, 0x0D},       {0xE000EFF4, 0xE0},       {0xE000EFF8, 0x05},
        {0xE000EFFC, 0xB1},
    };
    for (unsigned i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(read32(b, expected[i].addr), expected[i].value);
}

static void only_implemented_bits_take_a_write(void **state)
{
    struct bench *b = *state;
    static const struct {
        uint32_t addr, ones, zeros;
    } expected[] = {
        {0xE000E008, 0x00000307, 0},          {0xE000ED00, 0x410FC241, 0x410FC241},
        {0xE000ED08, 0xFFFFFF80, 0},          {0xE000ED10, 0x00000016, 0},
        {0xE000ED14, 0x0000031B, 0},          {0xE000ED18, 0x00F0F0F0, 0},
        {0xE000ED1C, 0xF0000000, 0},          {0xE000ED20, 0xF0F000F0, 0},
        {0xE000ED34, 0xFFFFFFFF, 0},          {0xE000ED38, 0xFFFFFFFF, 0},
        {0xE000ED40, 0x00000030, 0x00000030}, {0xE000ED88, 0x00F00000, 0},
        {0xE000EF34, 0xC000017B, 0},          {0xE000EF38, 0xFFFFFFF8, 0},
        {0xE000EF3C, 0x07C00000, 0},          {0xE000EF40, 0x10110021, 0x10110021},
    };
    for (unsigned i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        write32(b, expected[i].addr, 0xFFFFFFFF);
        assert_int_equal(read32(b, expected[i].addr), expected[i].ones);
        write32(b, expected[i].addr, 0);
        assert_int_equal(read32(b, expected[i].addr), expected[i].zeros);
    }
}

static void what_is_not_there_reads_zero_and_ignores_writes(void **state)
{
    struct bench *b = *state;
    static const uint32_t holes[] = {0xE000E000, 0xE000E00C, 0xE000E020, 0xE000ED74,
                                     0xE000EDBC, 0xE000EE00, 0xE000EF50};
    for (unsigned i = 0; i < sizeof holes / sizeof holes[0]; i++) {
        write32(b, holes[i], 0xFFFFFFFF);
        assert_int_equal(read32(b, holes[i]), 0);
    }
}

static void icsr_pends_and_unpends(void **state)
{
    struct bench *b = *state;
    write32(b, ICSR, 1u << 28);
    assert_true(irq_is_pending(&b->irq, 14));
    write32(b, ICSR, 1u << 26);
    assert_true(irq_is_pending(&b->irq, 15));
    assert_int_equal(read32(b, ICSR) & 0xFE400000, 1u << 28 | 1u << 26);
    write32(b, ICSR, 1u << 27);
    assert_false(irq_is_pending(&b->irq, 14));
    write32(b, ICSR, 1u << 25);
    assert_false(irq_is_pending(&b->irq, 15));
    write32(b, ICSR, 1u << 31);
    assert_int_equal(irq_to_take(&b->irq), 2);
    assert_int_equal(read32(b, ICSR) >> 31, 1);
}

static void icsr_shows_the_active_exception_and_the_next_one(void **state)
{
    struct bench *b = *state;
    assert_int_equal(read32(b, ICSR), 1u << 11); /* thread mode: RETTOBASE */
    irq_enter(&b->irq, 16 + 5);
    b->control.ipsr = 16 + 5;
    irq_set_level(&b->irq, 7, true); /* disabled: ISRPENDING alone */
    assert_int_equal(read32(b, ICSR), 1u << 22 | 1u << 11 | 21);

    write32(b, 0xE000E100, 1u << 7);
    assert_int_equal(read32(b, ICSR), 1u << 22 | 23u << 12 | 1u << 11 | 21);

    irq_enter(&b->irq, 3); /* HardFault on top of it */
    b->control.ipsr = 3;
    assert_int_equal(read32(b, ICSR), 1u << 22 | 23u << 12 | 3);
}

static void aircr_wants_its_key(void **state)
{
    struct bench *b = *state;
    write32(b, AIRCR, 0x00000704);
    write32(b, AIRCR, 0xFA050704);
    assert_int_equal(read32(b, AIRCR), 0xFA050000);
    assert_false(b->system.reset_requested);

    write32(b, AIRCR, 0x05FA0300);
    assert_int_equal(read32(b, AIRCR), 0xFA050300);
    assert_int_equal(b->irq.prigroup, 3);
    assert_false(b->system.reset_requested);
}

static void sysresetreq_asks_for_a_system_reset(void **state)
{
    struct bench *b = *state;
    write32(b, AIRCR, 0x05FA0304);
    assert_true(b->system.reset_requested);
    assert_int_equal(b->system.reset_cause, RESET_SYSTEM);
    assert_true(b->system.needs_attention);
}

static void vectreset_resets_the_core_and_leaves_the_lines(void **state)
{
    struct bench *b = *state;
    set_halted(b, true);
    irq_set_level(&b->irq, 5, true);
    write32(b, 0xE000E100, 1u << 5);
    write32(b, VTOR, 0x08010000);
    debugger_write32(b, AIRCR, 0x05FA0001);
    assert_true(b->control.core_reset_requested);
    assert_false(b->system.reset_requested);
    assert_int_equal(read32(b, VTOR), 0);
    assert_int_equal(read32(b, 0xE000E100), 0);
    assert_int_equal(read32(b, 0xE000E200), 1u << 5); /* still high: pends again */
}

static void vectclractive_ends_what_is_active(void **state)
{
    struct bench *b = *state;
    irq_enter(&b->irq, 3);
    irq_enter(&b->irq, 15);
    set_halted(b, true);
    debugger_write32(b, AIRCR, 0x05FA0002);
    assert_int_equal(irq_active_count(&b->irq), 0);
}

static void system_priorities_take_bytes(void **state)
{
    struct bench *b = *state;
    write_sized(b, 0xE000ED23, 1, 0xFF); /* SysTick, as CMSIS sets it */
    write_sized(b, 0xE000ED22, 1, 0xE0); /* PendSV */
    assert_int_equal(read32(b, 0xE000ED20), 0xF0E00000);
    assert_int_equal(irq_group_priority(&b->irq, 15), 0xF0);
    assert_int_equal(irq_group_priority(&b->irq, 14), 0xE0);
    write_sized(b, 0xE000ED18, 2, 0x2010);
    assert_int_equal(irq_group_priority(&b->irq, 4), 0x10);
    assert_int_equal(irq_group_priority(&b->irq, 5), 0x20);
    assert_int_equal(read_sized(b, 0xE000ED19, 1), 0x20);
}

static void shcsr_maps_every_bit_to_its_exception(void **state)
{
    struct bench *b = *state;
    static const uint8_t active[][2] = {{0, 4},  {1, 5},   {3, 6},  {7, 11},
                                        {8, 12}, {10, 14}, {11, 15}};
    static const uint8_t pended[][2] = {{12, 6}, {13, 4}, {14, 5}, {15, 11}};
    static const uint8_t enabled[][2] = {{16, 4}, {17, 5}, {18, 6}};
    for (unsigned i = 0; i < 7; i++) {
        write32(b, SHCSR, 1u << active[i][0]);
        assert_true(irq_is_active(&b->irq, active[i][1]));
        assert_int_equal(irq_active_count(&b->irq), 1);
        assert_int_equal(read32(b, SHCSR), 1u << active[i][0]);
    }
    for (unsigned i = 0; i < 4; i++) {
        write32(b, SHCSR, 1u << pended[i][0]);
        assert_true(irq_is_pending(&b->irq, pended[i][1]));
        assert_int_equal(read32(b, SHCSR), 1u << pended[i][0]);
    }
    for (unsigned i = 0; i < 3; i++) {
        write32(b, SHCSR, 1u << enabled[i][0]);
        assert_true(irq_is_enabled(&b->irq, enabled[i][1]));
        assert_int_equal(read32(b, SHCSR), 1u << enabled[i][0]);
    }
    write32(b, SHCSR, 0);
    assert_int_equal(read32(b, SHCSR), 0);
    write32(b, SHCSR, 0xFFFFFFFF);
    assert_int_equal(read32(b, SHCSR), 0x0007FD8B);
}

static void cfsr_clears_by_ones_in_words_halves_and_bytes(void **state)
{
    struct bench *b = *state;
    b->control.cfsr = 0x030F8282;
    write32(b, CFSR, 0x00010002);
    assert_int_equal(read32(b, CFSR), 0x030E8280);
    write_sized(b, CFSR, 1, 0xFF); /* MMFSR */
    assert_int_equal(read32(b, CFSR), 0x030E8200);
    write_sized(b, CFSR + 1, 1, 0x80); /* BFSR: BFARVALID */
    assert_int_equal(read32(b, CFSR), 0x030E0200);
    write_sized(b, CFSR + 2, 2, 0x0102); /* UFSR */
    assert_int_equal(read32(b, CFSR), 0x020C0200);
    assert_int_equal(read_sized(b, CFSR + 1, 1), 0x02);
    assert_int_equal(read_sized(b, CFSR + 2, 2), 0x020C);
}

static void hfsr_clears_by_ones(void **state)
{
    struct bench *b = *state;
    b->control.hfsr = 0xC0000002;
    write32(b, HFSR, 0x40000000);
    assert_int_equal(read32(b, HFSR), 0x80000002);
    write32(b, HFSR, 0xFFFFFFFF);
    assert_int_equal(read32(b, HFSR), 0);
}

static void cpacr_tells_the_engine(void **state)
{
    struct bench *b = *state;
    b->control.fpu_changed = false;
    b->system.needs_attention = false;
    write32(b, 0xE000ED88, 0x00F00000);
    assert_true(b->control.fpu_changed);
    assert_true(b->system.needs_attention);
}

static void a_system_reset_restores_everything(void **state)
{
    struct bench *b = *state;
    write32(b, VTOR, 0x20000000);
    write32(b, 0xE000ED14, 0x11);
    write32(b, 0xE000ED88, 0x00F00000);
    write32(b, 0xE000EF34, 0);
    write32(b, SHCSR, 0x00070000);
    b->control.cfsr = b->control.hfsr = 0xFFFFFFFF;
    b->control.vtor_reset = 0x1FFF0000;
    b->control.is_locked_up = true;
    bench_reset(b, RESET_IWDG);
    assert_int_equal(read32(b, VTOR), 0x1FFF0000);
    assert_int_equal(read32(b, 0xE000ED14), 0x200);
    assert_int_equal(read32(b, 0xE000ED88), 0);
    assert_int_equal(read32(b, 0xE000EF34), 0xC0000000);
    assert_int_equal(read32(b, SHCSR), 0);
    assert_int_equal(read32(b, CFSR), 0);
    assert_int_equal(read32(b, HFSR), 0);
    assert_false(b->control.is_locked_up);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(reset_values_and_identification),
        BENCH_TEST(only_implemented_bits_take_a_write),
        BENCH_TEST(what_is_not_there_reads_zero_and_ignores_writes),
        BENCH_TEST(icsr_pends_and_unpends),
        BENCH_TEST(icsr_shows_the_active_exception_and_the_next_one),
        BENCH_TEST(aircr_wants_its_key),
        BENCH_TEST(sysresetreq_asks_for_a_system_reset),
        BENCH_TEST(vectreset_resets_the_core_and_leaves_the_lines),
        BENCH_TEST(vectclractive_ends_what_is_active),
        BENCH_TEST(system_priorities_take_bytes),
        BENCH_TEST(shcsr_maps_every_bit_to_its_exception),
        BENCH_TEST(cfsr_clears_by_ones_in_words_halves_and_bytes),
        BENCH_TEST(hfsr_clears_by_ones),
        BENCH_TEST(cpacr_tells_the_engine),
        BENCH_TEST(a_system_reset_restores_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
