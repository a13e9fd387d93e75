/* Core debug registers. Core sheet 12.1. */
#include "models/tests/scs_bench.h"

#define DFSR 0xE000ED30u
#define DHCSR 0xE000EDF0u
#define DCRSR 0xE000EDF4u
#define DCRDR 0xE000EDF8u
#define DEMCR 0xE000EDFCu

static void a_running_core_is_ready_retires_and_was_reset_once(void **state)
{
    struct bench *b = *state;
    assert_int_equal(debugger_read32(b, DHCSR), 0x03010000);
    assert_int_equal(debugger_read32(b, DHCSR), 0x01010000); /* S_RESET_ST fell by the read */
    bench_reset(b, RESET_SYSTEM);
    assert_int_equal(debugger_read32(b, DHCSR), 0x03010000);
}

static void dhcsr_shows_halt_sleep_and_lockup(void **state)
{
    struct bench *b = *state;
    debugger_read32(b, DHCSR);
    b->control.is_sleeping = true;
    assert_int_equal(debugger_read32(b, DHCSR), 0x00050000);
    b->control.is_sleeping = false;
    b->control.is_locked_up = true;
    assert_int_equal(debugger_read32(b, DHCSR), 0x00090000);
    b->control.is_locked_up = false;
    set_halted(b, true);
    assert_int_equal(debugger_read32(b, DHCSR), 0x00030000);
}

static void dhcsr_wants_its_key(void **state)
{
    struct bench *b = *state;
    debugger_write32(b, DHCSR, 0x00000001);
    assert_int_equal(debugger_read32(b, DHCSR) & 0xFFFF, 0);
    debugger_write32(b, DHCSR, 0xA05F0003);
    assert_int_equal(debugger_read32(b, DHCSR) & 0xFFFF, 3);
    assert_int_equal(b->control.dhcsr, 3);
}

static void firmware_can_not_set_c_debugen(void **state)
{
    struct bench *b = *state;
    write32(b, DHCSR, 0xA05F0003);
    assert_int_equal(read32(b, DHCSR) & 0xFFFF, 0);
    debugger_write32(b, DHCSR, 0xA05F0001);
    write32(b, DHCSR, 0xA05F0002); /* now it may halt itself, and can not clear C_DEBUGEN */
    assert_int_equal(read32(b, DHCSR) & 0xFFFF, 3);
}

static void c_debugen_is_left_over_until_power_on(void **state)
{
    struct bench *b = *state;
    debugger_write32(b, DHCSR, 0xA05F0003);
    bench_reset(b, RESET_SYSTEM);
    assert_int_equal(read32(b, DHCSR) & 0xFFFF, 1);
    bench_reset(b, RESET_POWER_ON);
    assert_int_equal(read32(b, DHCSR) & 0xFFFF, 0);
}

static void c_maskints_holds_back_interrupts_while_debugging(void **state)
{
    struct bench *b = *state;
    irq_pend(&b->irq, 15);
    assert_int_equal(irq_to_take(&b->irq), 15);
    debugger_write32(b, DHCSR, 0xA05F0009);
    assert_int_equal(irq_to_take(&b->irq), 0);
    irq_pend(&b->irq, 11);
    assert_int_equal(irq_to_take(&b->irq), 11);
    debugger_write32(b, DHCSR, 0xA05F0001);
    irq_unpend(&b->irq, 11);
    assert_int_equal(irq_to_take(&b->irq), 15);
}

static void a_register_transfer_waits_for_the_engine(void **state)
{
    struct bench *b = *state;
    debugger_write32(b, DCRSR, 15); /* running: nothing happens */
    assert_false(b->control.register_transfer_pending);

    set_halted(b, true);
    debugger_write32(b, DCRDR, 0x12345678);
    b->system.needs_attention = false;
    debugger_write32(b, DCRSR, 0x0001000D);
    assert_true(b->control.register_transfer_pending);
    assert_true(b->system.needs_attention);
    assert_int_equal(b->control.dcrsr, 0x0001000D);
    assert_int_equal(debugger_read32(b, DHCSR) & 0x10000, 0);

    b->control.register_transfer_pending = false;
    assert_int_equal(debugger_read32(b, DHCSR) & 0x10000, 0x10000);
    assert_int_equal(debugger_read32(b, DCRDR), 0x12345678);
}

static void demcr_masks_hold(void **state)
{
    struct bench *b = *state;
    write32(b, DEMCR, 0xFFFFFFFF);
    assert_int_equal(read32(b, DEMCR), 0x010F07F1);
    write32(b, DEMCR, 0);
    assert_int_equal(read32(b, DEMCR), 0);
}

static void mon_en_lets_the_debug_monitor_run(void **state)
{
    struct bench *b = *state;
    write32(b, DEMCR, 1u << 17); /* MON_PEND alone */
    assert_true(irq_is_pending(&b->irq, 12));
    assert_int_equal(irq_to_take(&b->irq), 0);
    write32(b, DEMCR, 1u << 17 | 1u << 16);
    assert_int_equal(irq_to_take(&b->irq), 12);
    write32(b, DEMCR, 1u << 16);
    assert_int_equal(irq_to_take(&b->irq), 0);
}

static void a_system_reset_clears_the_monitor_and_keeps_the_rest_of_demcr(void **state)
{
    struct bench *b = *state;
    write32(b, DEMCR, 0x010F07F1);
    bench_reset(b, RESET_SYSTEM);
    assert_int_equal(read32(b, DEMCR), 0x010007F1);
    assert_false(irq_is_enabled(&b->irq, 12));
    bench_reset(b, RESET_POWER_ON);
    assert_int_equal(read32(b, DEMCR), 0);
}

static void dfsr_clears_by_ones_and_survives_a_system_reset(void **state)
{
    struct bench *b = *state;
    b->control.dfsr = 0x1F;
    write32(b, DFSR, 0x2);
    assert_int_equal(read32(b, DFSR), 0x1D);
    bench_reset(b, RESET_SYSTEM);
    assert_int_equal(read32(b, DFSR), 0x1D);
    bench_reset(b, RESET_POWER_ON);
    assert_int_equal(read32(b, DFSR), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(a_running_core_is_ready_retires_and_was_reset_once),
        BENCH_TEST(dhcsr_shows_halt_sleep_and_lockup),
        BENCH_TEST(dhcsr_wants_its_key),
        BENCH_TEST(firmware_can_not_set_c_debugen),
        BENCH_TEST(c_debugen_is_left_over_until_power_on),
        BENCH_TEST(c_maskints_holds_back_interrupts_while_debugging),
        BENCH_TEST(a_register_transfer_waits_for_the_engine),
        BENCH_TEST(demcr_masks_hold),
        BENCH_TEST(mon_en_lets_the_debug_monitor_run),
        BENCH_TEST(a_system_reset_clears_the_monitor_and_keeps_the_rest_of_demcr),
        BENCH_TEST(dfsr_clears_by_ones_and_survives_a_system_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
