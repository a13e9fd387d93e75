/* MPU registers. Core sheet 8. */
#include "models/tests/scs_bench.h"

#define TYPE 0xE000ED90u
#define CTRL 0xE000ED94u
#define RNR 0xE000ED98u
#define RBAR 0xE000ED9Cu
#define RASR 0xE000EDA0u

static void reset_values(void **state)
{
    struct bench *b = *state;
    assert_int_equal(read32(b, TYPE), 0x00000800);
    for (uint32_t addr = CTRL; addr <= 0xE000EDB8; addr += 4)
        assert_int_equal(read32(b, addr), 0);
}

static void masks_hold(void **state)
{
    struct bench *b = *state;
    write32(b, TYPE, 0xFFFFFFFF);
    assert_int_equal(read32(b, TYPE), 0x00000800);
    write32(b, CTRL, 0xFFFFFFFF);
    assert_int_equal(read32(b, CTRL), 0x7);
    write32(b, RASR, 0xFFFFFFFF);
    assert_int_equal(read32(b, RASR), 0x173FFF3F);
    write32(b, RBAR, 0xFFFFFFEF); /* VALID = 0: the number is ignored */
    assert_int_equal(read32(b, RBAR), 0xFFFFFFE0);
}

static void each_region_has_its_own_registers(void **state)
{
    struct bench *b = *state;
    for (uint32_t n = 0; n < 8; n++) {
        write32(b, RNR, n);
        write32(b, RBAR, 0x20000000 + n * 0x1000);
        write32(b, RASR, n << 24 | 0x13);
    }
    for (uint32_t n = 0; n < 8; n++) {
        write32(b, RNR, n);
        assert_int_equal(read32(b, RBAR), 0x20000000 + n * 0x1000 + n);
        assert_int_equal(read32(b, RASR), (n & 7) << 24 | 0x13);
    }
}

static void rbar_with_valid_selects_the_region(void **state)
{
    struct bench *b = *state;
    write32(b, RBAR, 0x20004000 | 0x10 | 5);
    assert_int_equal(read32(b, RNR), 5);
    assert_int_equal(read32(b, RBAR), 0x20004005);
    assert_int_equal(b->control.mpu.rbar[5], 0x20004000);
}

static void the_aliases_are_the_same_registers(void **state)
{
    struct bench *b = *state;
    for (uint32_t n = 0; n < 4; n++) {
        write32(b, RBAR + 8 * n, (0x20000000 + n * 0x100) | 0x10 | n);
        write32(b, RASR + 8 * n, 0x0300000F + (n << 16));
    }
    for (uint32_t n = 0; n < 4; n++) {
        assert_int_equal(b->control.mpu.rbar[n], 0x20000000 + n * 0x100);
        assert_int_equal(b->control.mpu.rasr[n], 0x0300000F + (n << 16));
    }
    assert_int_equal(read32(b, RNR), 3);
    assert_int_equal(read32(b, 0xE000EDB4), 0x20000303);
}

static void a_region_that_is_not_there_is_not_selected(void **state)
{
    struct bench *b = *state;
    write32(b, RNR, 2);
    forget_changes(b);
    write32(b, RNR, 8);
    write32(b, RBAR, 0x20000000 | 0x10 | 15);
    assert_int_equal(read32(b, RNR), 2);
    assert_int_equal(read32(b, RBAR), 2);
    assert_int_equal(b->event_count, 2);
    assert_string_equal(b->events[0].rule, "CORE.mpu.no_such_region");
}

static void a_change_moves_the_generation_and_asks_for_attention(void **state)
{
    struct bench *b = *state;
    static const uint32_t changes[] = {CTRL, RBAR, RASR};
    for (unsigned i = 0; i < 3; i++) {
        uint32_t before = b->control.mpu.generation;
        b->system.needs_attention = false;
        write32(b, changes[i], 1);
        assert_int_not_equal(b->control.mpu.generation, before);
        assert_true(b->system.needs_attention);
    }
}

static void a_reset_turns_it_off_and_moves_the_generation(void **state)
{
    struct bench *b = *state;
    write32(b, RASR, 0x03000013);
    write32(b, CTRL, 5);
    uint32_t before = b->control.mpu.generation;
    bench_reset(b, RESET_SYSTEM);
    assert_int_equal(read32(b, CTRL), 0);
    assert_int_equal(read32(b, RASR), 0);
    assert_true(b->control.mpu.generation > before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(reset_values),
        BENCH_TEST(masks_hold),
        BENCH_TEST(each_region_has_its_own_registers),
        BENCH_TEST(rbar_with_valid_selects_the_region),
        BENCH_TEST(the_aliases_are_the_same_registers),
        BENCH_TEST(a_region_that_is_not_there_is_not_selected),
        BENCH_TEST(a_change_moves_the_generation_and_asks_for_attention),
        BENCH_TEST(a_reset_turns_it_off_and_moves_the_generation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
