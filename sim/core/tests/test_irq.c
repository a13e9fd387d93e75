/* Exceptions: pending, active, priorities. Core sheet 2 and 11. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "sim/core/irq.h"

static struct irq fresh(void)
{
    struct irq irq;
    irq_init(&irq, 84);
    return irq;
}

/* Enables an external line at a priority. */
static unsigned line(struct irq *irq, unsigned number, uint8_t priority)
{
    irq_set_enabled(irq, 16 + number, true);
    irq->priority[16 + number] = priority;
    return 16 + number;
}

static void nothing_is_pending_active_or_masked_after_reset(void **state)
{
    (void)state;
    struct irq irq = fresh();
    assert_int_equal(irq_to_take(&irq), 0);
    assert_int_equal(irq_best_pending(&irq), 0);
    assert_int_equal(irq_active_count(&irq), 0);
    assert_int_equal(irq_execution_priority(&irq), 256);
    assert_false(irq_would_wake(&irq));
}

static void only_the_configurable_faults_the_monitor_and_lines_start_disabled(void **state)
{
    (void)state;
    struct irq irq = fresh();
    static const unsigned enabled[] = {1, 2, 3, 11, 14, 15};
    unsigned next = 0;
    for (unsigned exception = 1; exception < 100; exception++) {
        bool expected = next < 6 && exception == enabled[next];
        next += expected;
        assert_int_equal(irq_is_enabled(&irq, exception), expected);
    }
}

static void fixed_priorities_are_minus_3_to_minus_1(void **state)
{
    (void)state;
    struct irq irq = fresh();
    assert_int_equal(irq_group_priority(&irq, 1), -3);
    assert_int_equal(irq_group_priority(&irq, 2), -2);
    assert_int_equal(irq_group_priority(&irq, 3), -1);
    assert_int_equal(irq_group_priority(&irq, 4), 0);
}

static void prigroup_splits_the_priority_byte(void **state)
{
    (void)state;
    struct irq irq = fresh();
    unsigned exception = line(&irq, 0, 0xF0);
    static const int group[8] = {0xF0, 0xF0, 0xF0, 0xF0, 0xE0, 0xC0, 0x80, 0x00};
    for (uint8_t prigroup = 0; prigroup < 8; prigroup++) {
        irq.prigroup = prigroup;
        assert_int_equal(irq_group_priority(&irq, exception), group[prigroup]);
    }
}

static void a_disabled_line_pends_and_is_not_taken(void **state)
{
    (void)state;
    struct irq irq = fresh();
    irq_set_level(&irq, 3, true);
    assert_true(irq_is_pending(&irq, 19));
    assert_int_equal(irq_to_take(&irq), 0);
    irq_set_enabled(&irq, 19, true);
    assert_int_equal(irq_to_take(&irq), 19);
}

static void the_lowest_priority_value_is_taken_first(void **state)
{
    (void)state;
    struct irq irq = fresh();
    irq_pend(&irq, line(&irq, 1, 0x30));
    irq_pend(&irq, line(&irq, 70, 0x20));
    irq_pend(&irq, line(&irq, 2, 0x40));
    assert_int_equal(irq_to_take(&irq), 16 + 70);
    irq_pend(&irq, 3);
    assert_int_equal(irq_to_take(&irq), 3);
    irq_pend(&irq, 2);
    assert_int_equal(irq_to_take(&irq), 2);
}

static void subpriority_then_number_decide_within_a_group(void **state)
{
    (void)state;
    struct irq irq = fresh();
    irq.prigroup = 5; /* 2 bits of group, 2 of subpriority */
    irq_pend(&irq, line(&irq, 9, 0x70));
    irq_pend(&irq, line(&irq, 20, 0x50));
    assert_int_equal(irq_to_take(&irq), 16 + 20);
    irq_pend(&irq, line(&irq, 30, 0x50));
    assert_int_equal(irq_to_take(&irq), 16 + 20);
    irq_pend(&irq, line(&irq, 5, 0x50));
    assert_int_equal(irq_to_take(&irq), 16 + 5);
}

static void subpriority_never_preempts(void **state)
{
    (void)state;
    struct irq irq = fresh();
    irq.prigroup = 5;
    irq_enter(&irq, line(&irq, 9, 0x70));
    irq_pend(&irq, line(&irq, 20, 0x40));
    assert_int_equal(irq_best_pending(&irq), 36);
    assert_int_equal(irq_to_take(&irq), 0);
    irq.priority[36] = 0x30; /* another group */
    assert_int_equal(irq_to_take(&irq), 36);
}

static void the_execution_priority_is_that_of_any_active_exception(void **state)
{
    (void)state;
    struct irq irq = fresh();
    irq_enter(&irq, line(&irq, 1, 0x20));
    irq_enter(&irq, line(&irq, 2, 0x80)); /* software made it so */
    assert_int_equal(irq_execution_priority(&irq), 0x20);
    irq_leave(&irq, 16 + 1);
    assert_int_equal(irq_execution_priority(&irq), 0x80);
}

static void primask_blocks_all_but_hardfault_and_nmi(void **state)
{
    (void)state;
    struct irq irq = fresh();
    irq.primask = true;
    assert_int_equal(irq_execution_priority(&irq), 0);
    irq_pend(&irq, line(&irq, 1, 0x00));
    assert_int_equal(irq_to_take(&irq), 0);
    irq_pend(&irq, 3);
    assert_int_equal(irq_to_take(&irq), 3);
}

static void faultmask_blocks_all_but_nmi(void **state)
{
    (void)state;
    struct irq irq = fresh();
    irq.faultmask = true;
    assert_int_equal(irq_execution_priority(&irq), -1);
    irq_pend(&irq, 3);
    assert_int_equal(irq_to_take(&irq), 0);
    irq_pend(&irq, 2);
    assert_int_equal(irq_to_take(&irq), 2);
}

static void basepri_blocks_its_own_group_and_below(void **state)
{
    (void)state;
    struct irq irq = fresh();
    irq.basepri = 0x35; /* the low four bits do not exist */
    assert_int_equal(irq_execution_priority(&irq), 0x30);
    unsigned exception = line(&irq, 1, 0x30);
    irq_pend(&irq, exception);
    assert_int_equal(irq_to_take(&irq), 0);
    irq.priority[exception] = 0x20;
    assert_int_equal(irq_to_take(&irq), exception);
    irq.prigroup = 5; /* both fall into group 0x00 */
    assert_int_equal(irq_to_take(&irq), 0);
    irq.basepri = 0x05; /* reads as 0: off */
    assert_int_equal(irq_to_take(&irq), exception);
}

static void wfi_wakes_in_spite_of_primask_but_not_of_basepri(void **state)
{
    (void)state;
    struct irq irq = fresh();
    unsigned exception = line(&irq, 1, 0x40);
    irq.primask = true;
    assert_false(irq_would_wake(&irq));
    irq_pend(&irq, exception);
    assert_true(irq_would_wake(&irq));
    assert_int_equal(irq_to_take(&irq), 0);
    irq.basepri = 0x40;
    assert_false(irq_would_wake(&irq));
    irq.basepri = 0;
    irq_enter(&irq, line(&irq, 2, 0x40));
    assert_false(irq_would_wake(&irq));
}

static void taking_clears_pending_and_sets_active(void **state)
{
    (void)state;
    struct irq irq = fresh();
    unsigned exception = line(&irq, 6, 0);
    irq_pend(&irq, exception);
    irq_enter(&irq, exception);
    assert_false(irq_is_pending(&irq, exception));
    assert_true(irq_is_active(&irq, exception));
    assert_int_equal(irq_active_count(&irq), 1);
    irq_leave(&irq, exception);
    assert_int_equal(irq_active_count(&irq), 0);
    assert_int_equal(irq_to_take(&irq), 0);
}

static void a_line_still_high_at_return_pends_again(void **state)
{
    (void)state;
    struct irq irq = fresh();
    unsigned exception = line(&irq, 6, 0);
    irq_set_level(&irq, 6, true);
    irq_enter(&irq, exception);
    assert_false(irq_is_pending(&irq, exception));
    irq_leave(&irq, exception);
    assert_int_equal(irq_to_take(&irq), exception);
}

static void a_line_that_falls_before_the_handler_stays_pending(void **state)
{
    (void)state;
    struct irq irq = fresh();
    unsigned exception = line(&irq, 6, 0);
    irq_set_level(&irq, 6, true);
    irq_set_level(&irq, 6, false);
    assert_int_equal(irq_to_take(&irq), exception);
}

static void a_pulse_during_the_handler_is_not_lost(void **state)
{
    (void)state;
    struct irq irq = fresh();
    unsigned exception = line(&irq, 6, 0);
    irq_set_level(&irq, 6, true);
    irq_enter(&irq, exception);
    irq_set_level(&irq, 6, false);
    irq_set_level(&irq, 6, true);
    irq_set_level(&irq, 6, false);
    irq_leave(&irq, exception);
    assert_int_equal(irq_to_take(&irq), exception);
}

static void unpending_a_line_that_is_high_lasts_only_while_it_is_served(void **state)
{
    (void)state;
    struct irq irq = fresh();
    unsigned exception = line(&irq, 6, 0);
    irq_set_level(&irq, 6, true);
    irq_unpend(&irq, exception);
    assert_true(irq_is_pending(&irq, exception));
    irq_enter(&irq, exception);
    irq_pend(&irq, exception);
    irq_unpend(&irq, exception);
    assert_false(irq_is_pending(&irq, exception));
}

static void nmi_comes_again_while_its_input_is_high(void **state)
{
    (void)state;
    struct irq irq = fresh();
    irq_set_nmi(&irq, true);
    assert_int_equal(irq_to_take(&irq), 2);
    irq_enter(&irq, 2);
    assert_int_equal(irq_to_take(&irq), 0);
    irq_leave(&irq, 2);
    assert_int_equal(irq_to_take(&irq), 2);
}

static void lines_that_do_not_exist_are_ignored(void **state)
{
    (void)state;
    struct irq irq = fresh();
    irq_set_level(&irq, -1, true);
    irq_set_level(&irq, 84, true);
    irq_set_level(&irq, 100000, true);
    assert_false(irq_is_pending(&irq, 16 + 84));
    assert_int_equal(irq_best_pending(&irq), 0);
}

static void every_change_is_announced(void **state)
{
    (void)state;
    struct irq irq = fresh();
    irq.changed = false;
    irq_set_level(&irq, 1, true);
    assert_true(irq.changed);
    irq.changed = false;
    irq_set_enabled(&irq, 17, true);
    assert_true(irq.changed);
    irq_enter(&irq, 17);
    irq.changed = false;
    irq_leave(&irq, 17);
    assert_true(irq.changed);
    irq.changed = false;
    irq_set_level(&irq, 1, true); /* it was high already */
    assert_false(irq.changed);
}

static void only_a_new_pending_is_an_event_for_wfe(void **state)
{
    (void)state;
    struct irq irq = fresh();
    assert_false(irq.has_new_pending);
    irq_pend(&irq, 20); /* disabled: an event all the same */
    assert_true(irq.has_new_pending);
    irq.has_new_pending = false;
    irq_pend(&irq, 20);
    assert_false(irq.has_new_pending);
}

static void a_masked_debug_session_lets_only_system_exceptions_through(void **state)
{
    (void)state;
    struct irq irq = fresh();
    irq.are_interrupts_masked = true;
    irq_pend(&irq, line(&irq, 70, 0));
    irq_pend(&irq, line(&irq, 3, 0));
    irq_pend(&irq, 14);
    irq_pend(&irq, 15);
    assert_int_equal(irq_best_pending(&irq), 0);
    assert_false(irq_would_wake(&irq));
    irq_pend(&irq, 11);
    assert_int_equal(irq_to_take(&irq), 11);
}

static void a_system_reset_forgets_the_lines_and_a_core_reset_does_not(void **state)
{
    (void)state;
    struct irq irq = fresh();
    line(&irq, 6, 0x40);
    irq_set_level(&irq, 6, true);
    irq_enter(&irq, 22);
    irq_reset_core(&irq);
    assert_true(irq_is_pending(&irq, 22));
    assert_false(irq_is_active(&irq, 22));
    assert_false(irq_is_enabled(&irq, 22));
    irq_reset(&irq);
    assert_false(irq_is_pending(&irq, 22));
    irq_set_level(&irq, 6, true); /* the device drives it anew */
    assert_true(irq_is_pending(&irq, 22));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_pending_active_or_masked_after_reset),
        cmocka_unit_test(only_the_configurable_faults_the_monitor_and_lines_start_disabled),
        cmocka_unit_test(fixed_priorities_are_minus_3_to_minus_1),
        cmocka_unit_test(prigroup_splits_the_priority_byte),
        cmocka_unit_test(a_disabled_line_pends_and_is_not_taken),
        cmocka_unit_test(the_lowest_priority_value_is_taken_first),
        cmocka_unit_test(subpriority_then_number_decide_within_a_group),
        cmocka_unit_test(subpriority_never_preempts),
        cmocka_unit_test(the_execution_priority_is_that_of_any_active_exception),
        cmocka_unit_test(primask_blocks_all_but_hardfault_and_nmi),
        cmocka_unit_test(faultmask_blocks_all_but_nmi),
        cmocka_unit_test(basepri_blocks_its_own_group_and_below),
        cmocka_unit_test(wfi_wakes_in_spite_of_primask_but_not_of_basepri),
        cmocka_unit_test(taking_clears_pending_and_sets_active),
        cmocka_unit_test(a_line_still_high_at_return_pends_again),
        cmocka_unit_test(a_line_that_falls_before_the_handler_stays_pending),
        cmocka_unit_test(a_pulse_during_the_handler_is_not_lost),
        cmocka_unit_test(unpending_a_line_that_is_high_lasts_only_while_it_is_served),
        cmocka_unit_test(nmi_comes_again_while_its_input_is_high),
        cmocka_unit_test(lines_that_do_not_exist_are_ignored),
        cmocka_unit_test(every_change_is_announced),
        cmocka_unit_test(only_a_new_pending_is_an_event_for_wfe),
        cmocka_unit_test(a_masked_debug_session_lets_only_system_exceptions_through),
        cmocka_unit_test(a_system_reset_forgets_the_lines_and_a_core_reset_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
