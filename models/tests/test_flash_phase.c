/* Tests of flash_phase.c: which phase an operation is in, and when a phase is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/flash_phase.h"

enum { OPERATIONS = FLASH_OPERATION_COUNT, PHASES = FLASH_PHASE_COUNT };

/* A length that 1000 does not divide, as 81.69 us in a row of 32 is. */
#define LENGTH_PS UINT64_C(59687499)

static void each_operation_has_the_phases_that_the_design_gives_it(void **state)
{
    (void)state;
    /* design.md, "Phases of an operation": before, latched, early, mid, pulse, ecc, late, done. */
    static const struct {
        enum flash_operation operation;
        const char *phases;
    } expected[] = {
        {FLASH_OPERATION_NONE, "........"},       {FLASH_OPERATION_PROGRAM, "xxx.xxxx"},
        {FLASH_OPERATION_ROW, "xxx.xxxx"},        {FLASH_OPERATION_PAGE_ERASE, "x.xx..xx"},
        {FLASH_OPERATION_MASS_ERASE, "x.xx..xx"}, {FLASH_OPERATION_OPTION_CHANGE, "x.xxxxxx"},
        {FLASH_OPERATION_BANK_ERASE, "x.xx..xx"},
    };
    assert_int_equal(sizeof expected / sizeof expected[0], OPERATIONS);
    for (unsigned i = 0; i < OPERATIONS; i++)
        for (unsigned phase = 0; phase < PHASES; phase++)
            assert_int_equal(flash_phase_exists(expected[i].operation, (enum flash_phase)phase),
                             expected[i].phases[phase] == 'x');
}

static void a_cut_at_the_moment_of_a_phase_finds_that_phase(void **state)
{
    (void)state;
    for (unsigned operation = 1; operation < OPERATIONS; operation++) {
        for (unsigned phase = FLASH_PHASE_LATCHED; phase < PHASES; phase++) {
            for (unsigned k = 1; k <= FLASH_PULSE_COUNT; k++) {
                struct flash_cut moment = {(enum flash_phase)phase, k, FLASH_PULSE_COUNT};
                if (!flash_phase_exists((enum flash_operation)operation, moment.phase))
                    continue;
                uint64_t at_ps =
                    flash_phase_moment_ps((enum flash_operation)operation, &moment, LENGTH_PS);
                struct flash_cut found =
                    flash_phase_at((enum flash_operation)operation, at_ps, LENGTH_PS);
                assert_int_equal(found.phase, phase);
                if (phase == FLASH_PHASE_PULSE)
                    assert_int_equal(found.k, k);
            }
        }
    }
}

static void before_is_at_the_begin_and_done_at_the_end(void **state)
{
    (void)state;
    for (unsigned operation = 1; operation < OPERATIONS; operation++) {
        struct flash_cut before = {.phase = FLASH_PHASE_BEFORE};
        struct flash_cut done = {.phase = FLASH_PHASE_DONE};
        enum flash_operation kind = (enum flash_operation)operation;
        assert_int_equal(flash_phase_moment_ps(kind, &before, LENGTH_PS), 0);
        assert_int_equal(flash_phase_moment_ps(kind, &done, LENGTH_PS), LENGTH_PS);
        assert_int_equal(flash_phase_at(kind, LENGTH_PS, LENGTH_PS).phase, FLASH_PHASE_DONE);
        assert_int_equal(flash_phase_at(kind, 0, 0).phase, FLASH_PHASE_DONE);
    }
}

static void time_goes_through_the_phases_without_a_gap_or_a_step_back(void **state)
{
    (void)state;
    for (unsigned operation = 1; operation < OPERATIONS; operation++) {
        enum flash_operation kind = (enum flash_operation)operation;
        bool was_seen[PHASES] = {false};
        unsigned last = PHASES, parts = 0, k = 0;
        for (uint64_t part = 0; part <= 1000; part++) {
            struct flash_cut now = flash_phase_at(kind, part, 1000);
            if (now.phase != last)
                assert_false(was_seen[now.phase]); /* it does not come again */
            if (now.phase == FLASH_PHASE_PULSE) {
                assert_in_range(now.k, k, k + 1);
                parts += now.k != k;
                k = now.k;
            }
            was_seen[now.phase] = true;
            last = now.phase;
        }
        assert_int_equal(last, FLASH_PHASE_DONE);
        assert_int_equal(parts, flash_phase_exists(kind, FLASH_PHASE_PULSE) ? 4 : 0);
        for (unsigned phase = FLASH_PHASE_LATCHED; phase < PHASES; phase++)
            assert_int_equal(was_seen[phase], flash_phase_exists(kind, (enum flash_phase)phase));
    }
}

static void the_parts_of_a_pulse_follow_each_other_whatever_their_number(void **state)
{
    (void)state;
    static const unsigned numbers[] = {1, 2, 4, 7, 64};
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uint64_t last_ps = LENGTH_PS * 80 / 1000; /* where the pulse of a program begins */
        for (unsigned k = 1; k <= numbers[i]; k++) {
            struct flash_cut moment = {FLASH_PHASE_PULSE, k, numbers[i]};
            uint64_t at_ps = flash_phase_moment_ps(FLASH_OPERATION_PROGRAM, &moment, LENGTH_PS);
            assert_true(at_ps > last_ps && at_ps < LENGTH_PS * 840 / 1000);
            last_ps = at_ps;
        }
    }
}

/* --- a row --- */

static void assert_in_row(struct flash_cut moment, unsigned units, unsigned unit)
{
    struct flash_row_moment found = flash_phase_in_row(&moment, units);
    assert_int_equal(found.unit, unit);
    assert_int_equal(found.moment.phase, moment.phase);
    assert_int_equal(found.moment.k, moment.k);
    assert_int_equal(found.moment.n, moment.n);
}

static void a_row_is_cut_in_its_first_or_last_doubleword_or_between(void **state)
{
    (void)state;
    assert_in_row((struct flash_cut){.phase = FLASH_PHASE_BEFORE}, 32, 0);
    assert_in_row((struct flash_cut){.phase = FLASH_PHASE_LATCHED}, 32, 0);
    assert_in_row((struct flash_cut){.phase = FLASH_PHASE_EARLY}, 32, 0);
    assert_in_row((struct flash_cut){FLASH_PHASE_PULSE, 1, 4}, 32, 4);
    assert_in_row((struct flash_cut){FLASH_PHASE_PULSE, 2, 4}, 32, 12);
    assert_in_row((struct flash_cut){FLASH_PHASE_PULSE, 4, 4}, 32, 28);
    assert_in_row((struct flash_cut){FLASH_PHASE_PULSE, 4, 4}, 64, 56);
    assert_in_row((struct flash_cut){FLASH_PHASE_PULSE, 1, 1}, 32, 16);
    assert_in_row((struct flash_cut){.phase = FLASH_PHASE_ECC}, 64, 63);
    assert_in_row((struct flash_cut){.phase = FLASH_PHASE_LATE}, 64, 63);
    assert_in_row((struct flash_cut){.phase = FLASH_PHASE_DONE}, 64, 63);
}

static void with_as_many_parts_as_doublewords_each_is_cut_once(void **state)
{
    (void)state;
    for (unsigned units = 32; units <= 64; units += 32)
        for (unsigned k = 1; k <= units; k++)
            assert_in_row((struct flash_cut){FLASH_PHASE_PULSE, k, units}, units, k - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_operation_has_the_phases_that_the_design_gives_it),
        cmocka_unit_test(a_cut_at_the_moment_of_a_phase_finds_that_phase),
        cmocka_unit_test(before_is_at_the_begin_and_done_at_the_end),
        cmocka_unit_test(time_goes_through_the_phases_without_a_gap_or_a_step_back),
        cmocka_unit_test(the_parts_of_a_pulse_follow_each_other_whatever_their_number),
        cmocka_unit_test(a_row_is_cut_in_its_first_or_last_doubleword_or_between),
        cmocka_unit_test(with_as_many_parts_as_doublewords_each_is_cut_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
