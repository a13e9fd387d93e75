/* Tests of syscfg.c and of what is at address 0. Offsets and bits are the manual's (RM0351 9.2). */
#include "models/tests/soc_bench.h"

enum {
    MEMRMP = 0x40010000,
    CFGR1 = 0x40010004,
    EXTICR1 = 0x40010008,
    EXTICR4 = 0x40010014,
    SCSR = 0x40010018,
    CFGR2 = 0x4001001C,
    SWPR = 0x40010020,
    SKR = 0x40010024,
    SWPR2 = 0x40010028,
};

static struct soc *clocked(const char *chip)
{
    struct soc *soc = power_on(chip);
    set_bits(soc, 0x40021060, 1);
    return soc;
}

static void reset_values_are_the_manuals(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    assert_int_equal(get(soc, MEMRMP), 0);
    assert_int_equal(get(soc, CFGR1), 0x7C000001);
    assert_int_equal(get(soc, EXTICR1), 0);
    assert_int_equal(get(soc, SCSR), 0);
    assert_int_equal(get(soc, CFGR2), 0);
    assert_int_equal(get(soc, SWPR), 0);
    soc_destroy(soc);
}

static void reserved_bits_hold(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    put(soc, MEMRMP, 0xFFFFFFF8);
    put(soc, CFGR1, 0xFFFFFFFF);
    put(soc, EXTICR1, 0xFFFFFFFF);
    put(soc, SWPR2, 0xFFFFFFFF);

    assert_int_equal(get(soc, MEMRMP), 0); /* no FB_MODE on the L452 */
    assert_int_equal(get(soc, CFGR1), 0xFCFF0101);
    assert_int_equal(get(soc, EXTICR1), 0x7777);
    assert_int_equal(get(soc, SWPR2), 0);
    soc_destroy(soc);
}

static void mem_mode_moves_what_is_at_0_at_once(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");
    put(soc, 0x20000000, 0x12345678);

    put(soc, MEMRMP, 3);
    assert_int_equal(get(soc, 0x00000000), 0x12345678);
    put(soc, 0x00000000, 0x9ABCDEF0);
    assert_int_equal(get(soc, 0x20000000), 0x9ABCDEF0);
    assert_true(load(soc, 0x00020000, 4).is_bus_error); /* SRAM1 has 128 KB */
    put(soc, MEMRMP, 0);

    assert_int_equal(bus_find(&soc->bus, 0)->kind, BUS_VIEW);
    assert_int_equal(bus_find(&soc->bus, 0)->size, 512 * 1024);
    assert_ptr_equal(bus_find(&soc->bus, 0)->host, bus_find(&soc->bus, 0x08000000)->host);
    soc_destroy(soc);
}

static void a_memory_that_is_not_there_is_reported_and_faults(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    put(soc, MEMRMP, 6); /* QUADSPI */

    assert_int_equal(last_event(EVENT_REG_UNIMPLEMENTED)->value, 6);
    assert_true(load(soc, 0, 4).is_bus_error);
    soc_destroy(soc);
}

static void fb_mode_swaps_banks_and_a_reset_swaps_them_back(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l476rg");
    load_flash_word(soc, 0x08080000, 0x20003333);

    put(soc, MEMRMP, 0x100);
    assert_int_equal(get(soc, MEMRMP), 0x100);
    assert_int_equal(get(soc, 0x08000000), 0x20003333);
    assert_int_equal(get(soc, 0x00000000), 0x20003333);
    assert_int_equal(get(soc, 0x08080000), 0x20002000);
    soc_reset(soc, RESET_SYSTEM);

    assert_false(soc->wires.banks_swapped);
    assert_int_equal(get(soc, 0x08000000), 0x20002000);
    soc_destroy(soc);
}

static void exticr_publishes_ports(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    store(soc, EXTICR4, 2, 0x0020); /* line 13: port C */
    store(soc, EXTICR1 + 1, 1, 0x14);

    assert_int_equal(soc->wires.exti_port[13], 2);
    assert_int_equal(soc->wires.exti_port[2], 4);
    assert_int_equal(soc->wires.exti_port[3], 1);
    soc_destroy(soc);
}

static void sram2_is_erased_with_its_key_only(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");
    put(soc, 0x10007FFC, 0x55);

    put(soc, SCSR, 1);
    assert_int_equal(get(soc, SCSR), 0);
    assert_int_equal(get(soc, 0x10007FFC), 0x55);
    put(soc, SKR, 0xCA);
    put(soc, SKR, 0x54);
    put(soc, SCSR, 1);
    assert_int_equal(get(soc, SCSR), 0);
    put(soc, SKR, 0xCA);
    put(soc, SKR, 0x53);
    put(soc, SCSR, 1);
    assert_int_equal(get(soc, SCSR), 3);
    run_us(soc, 2048); /* 8192 words at 4 MHz */

    assert_int_equal(get(soc, SCSR), 0);
    assert_int_equal(get(soc, 0x10007FFC), 0);
    assert_int_equal(get(soc, SKR), 0);
    soc_destroy(soc);
}

static void sram2_rst_0_erases_sram2_at_a_system_reset(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");
    put(soc, 0x10000000, 0x55);

    soc_reset(soc, RESET_SYSTEM);
    assert_int_equal(get(soc, 0x10000000), 0x55);
    soc->wires.optr &= ~(1u << 25);
    soc_reset(soc, RESET_SYSTEM);

    assert_int_equal(get(soc, 0x10000000), 0);
    soc_destroy(soc);
}

static void what_only_a_reset_clears_stays_and_is_reported(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    put(soc, SWPR, 0x10);
    put(soc, SWPR, 0x01);
    put(soc, CFGR2, 0x8);
    put(soc, CFGR2, 0);
    put(soc, CFGR1, 0x7C000000);

    assert_int_equal(get(soc, SWPR), 0x11);
    assert_int_equal(get(soc, CFGR2), 0x8);
    assert_int_equal(get(soc, CFGR1), 0x7C000000);
    put(soc, CFGR1, 0x7C000001);
    assert_int_equal(get(soc, CFGR1), 0x7C000000);
    assert_int_equal(count_events(EVENT_REG_UNIMPLEMENTED), 4);
    soc_destroy(soc);
}

static void a_reset_forgets_ports_and_the_peripheral_reset_the_remap_too(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l476rg");
    put(soc, EXTICR1, 0x3);
    put(soc, MEMRMP, 0x103);

    put(soc, 0x40021040, 1);
    put(soc, 0x40021040, 0);

    assert_int_equal(soc->wires.exti_port[0], 0);
    assert_int_equal(get(soc, MEMRMP), 0);
    assert_int_equal(get(soc, 0), 0x20002000);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reset_values_are_the_manuals),
        cmocka_unit_test(reserved_bits_hold),
        cmocka_unit_test(mem_mode_moves_what_is_at_0_at_once),
        cmocka_unit_test(a_memory_that_is_not_there_is_reported_and_faults),
        cmocka_unit_test(fb_mode_swaps_banks_and_a_reset_swaps_them_back),
        cmocka_unit_test(exticr_publishes_ports),
        cmocka_unit_test(sram2_is_erased_with_its_key_only),
        cmocka_unit_test(sram2_rst_0_erases_sram2_at_a_system_reset),
        cmocka_unit_test(what_only_a_reset_clears_stays_and_is_reported),
        cmocka_unit_test(a_reset_forgets_ports_and_the_peripheral_reset_the_remap_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
