/* Tests of pwr.c. Offsets and bits are the manual's (RM0351 5.4). */
#include "models/tests/soc_bench.h"

enum {
    CR1 = 0x40007000,
    CR2 = 0x40007004,
    CR3 = 0x40007008,
    CR4 = 0x4000700C,
    SR1 = 0x40007010,
    SR2 = 0x40007014,
    SCR = 0x40007018,
    PUCRA = 0x40007020,
    PUCRF = 0x40007048,
    CR5 = 0x40007080,
    EXTI_IMR1 = 0x40010400,
    EXTI_RTSR1 = 0x40010408,
    EXTI_PR1 = 0x40010414,
};

static struct soc *clocked(const char *chip)
{
    struct soc *soc = power_on(chip);
    set_bits(soc, 0x40021058, 1u << 28);
    return soc;
}

static void reset_values_are_the_manuals(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    assert_int_equal(get(soc, CR1), 0x0200);
    assert_int_equal(get(soc, CR2), 0);
    assert_int_equal(get(soc, CR3), 0x8000);
    assert_int_equal(get(soc, CR4), 0);
    assert_int_equal(get(soc, SR1), 0);
    assert_int_equal(get(soc, SR2), 0);
    assert_int_equal(get(soc, CR5), 0);
    soc_destroy(soc);
}

static void reserved_bits_hold_and_ports_follow_the_chip(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    for (uint32_t offset = 0; offset <= 0x0C; offset += 4)
        put(soc, CR1 + offset, 0xFFFFFFFF);
    put(soc, PUCRA, 0xFFFFFFFF);
    put(soc, PUCRF, 0xFFFFFFFF);

    assert_int_equal(get(soc, CR1), 0x4307); /* VOS = 11 is refused */
    assert_int_equal(get(soc, CR2), 0x04DF);
    assert_int_equal(get(soc, CR3), 0x851F);
    assert_int_equal(get(soc, CR4), 0x031F);
    assert_int_equal(get(soc, PUCRA), 0xBFFF);
    assert_int_equal(get(soc, PUCRF), 0); /* no port F */
    soc_destroy(soc);
}

static void cr5_exists_on_l4_plus(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l4r5zi");

    assert_int_equal(get(soc, CR5), 0x100);
    put(soc, CR5, 0);
    assert_int_equal(get(soc, CR5), 0);
    soc_destroy(soc);
}

static void dbp_opens_the_backup_domain_until_the_next_reset(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    put(soc, CR1, 0x0300);
    assert_true(soc->wires.backup_access);
    assert_int_equal(get(soc, CR1), 0x0300);
    soc_reset(soc, RESET_SYSTEM);

    assert_false(soc->wires.backup_access);
    soc_destroy(soc);
}

static void vosf_is_up_while_the_regulator_rises_to_range_1(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    put(soc, CR1, 0x0400);
    assert_int_equal(soc->wires.voltage_range, 2);
    assert_int_equal(get(soc, SR2) & 0x400, 0);
    put(soc, CR1, 0x0200);
    assert_int_equal(get(soc, SR2) & 0x400, 0x400);
    run_us(soc, 20);

    assert_int_equal(get(soc, SR2) & 0x400, 0);
    assert_int_equal(soc->wires.voltage_range, 1);
    soc_destroy(soc);
}

static void vos_00_is_refused(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    put(soc, CR1, 0x0000);

    assert_int_equal(get(soc, CR1), 0x0200);
    soc_destroy(soc);
}

static void reglpf_follows_low_power_run(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    set_bits(soc, CR1, 1u << 14);
    assert_int_equal(get(soc, SR2) & 0x200, 0x200);
    clear_bits(soc, CR1, 1u << 14);
    assert_int_equal(get(soc, SR2) & 0x200, 0x200);
    run_us(soc, 5);

    assert_int_equal(get(soc, SR2) & 0x200, 0);
    soc_destroy(soc);
}

static void set_vdd(struct soc *soc, uint32_t mv)
{
    soc->wires.vdd_mv = mv;
    device_signal(&soc->system, WIRE_SUPPLY, 0);
}

static void the_pvd_sees_the_supply_fall_and_tells_exti_line_16(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");
    set_bits(soc, EXTI_IMR1, 1u << 16);
    put(soc, EXTI_RTSR1, 1u << 16);
    put(soc, CR2, 6u << 1 | 1); /* 2.9 V */

    set_vdd(soc, 2900);
    assert_int_equal(get(soc, SR2) & 0x800, 0);
    set_vdd(soc, 2899);

    assert_int_equal(get(soc, SR2) & 0x800, 0x800);
    assert_int_equal(get(soc, EXTI_PR1), 1u << 16);
    assert_true(irq_pending(soc, 1));
    put(soc, CR2, 0);
    assert_int_equal(get(soc, SR2) & 0x800, 0);
    soc_destroy(soc);
}

static void wake_up_pins_set_their_flag(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");
    put(soc, CR3, 0x8000 | 2); /* WKUP2, PC13, rising */

    device_signal(&soc->system, WIRE_PIN, 2u << 5 | 13u << 1 | 0);
    assert_int_equal(get(soc, SR1), 0);
    device_signal(&soc->system, WIRE_PIN, 2u << 5 | 13u << 1 | 1);
    assert_int_equal(get(soc, SR1), 2);
    put(soc, SCR, 2);

    assert_int_equal(get(soc, SR1), 0);
    assert_int_equal(get(soc, SCR), 0);
    soc_destroy(soc);
}

static void the_standby_flag_outlives_the_reset_that_ends_standby(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    device_signal(&soc->system, WIRE_STOP_MODE, STOP_MODE_STANDBY);
    soc_reset(soc, RESET_PIN);
    set_bits(soc, 0x40021058, 1u << 28);

    assert_int_equal(get(soc, SR1), 0x100);
    put(soc, SCR, 0x100);
    assert_int_equal(get(soc, SR1), 0);
    soc_destroy(soc);
}

static void a_missing_effect_is_reported(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");

    set_bits(soc, CR3, 1u << 10); /* APC */

    assert_int_equal(last_event(EVENT_REG_UNIMPLEMENTED)->value, 1u << 10);
    assert_int_equal(last_event(EVENT_REG_UNIMPLEMENTED)->addr, CR3);
    soc_destroy(soc);
}

static void a_peripheral_reset_leaves_wake_up_and_pull_settings(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");
    put(soc, CR3, 0x8001);
    put(soc, CR4, 0x0001);
    put(soc, PUCRA, 0x0002);
    put(soc, CR2, 0x0006);

    put(soc, 0x40021038, 1u << 28);
    put(soc, 0x40021038, 0);

    assert_int_equal(get(soc, CR3), 0x8001);
    assert_int_equal(get(soc, CR4), 0x0001);
    assert_int_equal(get(soc, PUCRA), 0x0002);
    assert_int_equal(get(soc, CR2), 0);
    soc_destroy(soc);
}

static void a_wake_up_pin_can_act_on_its_falling_edge(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");
    put(soc, CR3, 0x8001);
    put(soc, CR4, 0x0001);

    device_signal(&soc->system, WIRE_PIN, 0u << 5 | 0u << 1 | 1);
    assert_int_equal(get(soc, SR1), 0);
    device_signal(&soc->system, WIRE_PIN, 0u << 5 | 0u << 1 | 0);

    assert_int_equal(get(soc, SR1), 1);
    soc_destroy(soc);
}

static void after_a_reset_the_pvd_sees_the_next_fall_again(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");
    put(soc, CR2, 6u << 1 | 1);
    set_vdd(soc, 2500);

    soc_reset(soc, RESET_SYSTEM);
    set_bits(soc, 0x40021058, 1u << 28);
    set_bits(soc, EXTI_IMR1, 1u << 16);
    put(soc, EXTI_RTSR1, 1u << 16);
    assert_int_equal(get(soc, SR2) & 0x800, 0);
    put(soc, CR2, 6u << 1 | 1);

    assert_int_equal(get(soc, EXTI_PR1), 1u << 16);
    soc_destroy(soc);
}

static void low_power_run_asked_for_again_is_not_left(void **state)
{
    (void)state;
    struct soc *soc = clocked("stm32l452re");
    set_bits(soc, CR1, 1u << 14);

    clear_bits(soc, CR1, 1u << 14);
    set_bits(soc, CR1, 1u << 14);
    run_ms(soc, 1);

    assert_int_equal(get(soc, SR2) & 0x200, 0x200);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reset_values_are_the_manuals),
        cmocka_unit_test(reserved_bits_hold_and_ports_follow_the_chip),
        cmocka_unit_test(cr5_exists_on_l4_plus),
        cmocka_unit_test(dbp_opens_the_backup_domain_until_the_next_reset),
        cmocka_unit_test(vosf_is_up_while_the_regulator_rises_to_range_1),
        cmocka_unit_test(vos_00_is_refused),
        cmocka_unit_test(reglpf_follows_low_power_run),
        cmocka_unit_test(the_pvd_sees_the_supply_fall_and_tells_exti_line_16),
        cmocka_unit_test(wake_up_pins_set_their_flag),
        cmocka_unit_test(the_standby_flag_outlives_the_reset_that_ends_standby),
        cmocka_unit_test(a_missing_effect_is_reported),
        cmocka_unit_test(a_peripheral_reset_leaves_wake_up_and_pull_settings),
        cmocka_unit_test(a_wake_up_pin_can_act_on_its_falling_edge),
        cmocka_unit_test(after_a_reset_the_pvd_sees_the_next_fall_again),
        cmocka_unit_test(low_power_run_asked_for_again_is_not_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
