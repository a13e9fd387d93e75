/* The machine as a whole, on shipped firmware: determinism, waiting that costs nothing and changes
 * nothing, stalls, resets and cuts. */
#include "machine_fixture.h"

static struct fixture first;
static struct fixture second;

static void run(struct fixture *f, const char *image, bool is_skipping, uint64_t ms)
{
    fixture_start(f, image, "stm32l452re");
    f->machine->skip.is_off = !is_skipping;
    fixture_run_ms(f, ms);
}

static void assert_same_trace(const char *image)
{
    if (first.machine->soc->trace.next_seq != second.machine->soc->trace.next_seq ||
        first.digest != second.digest || strcmp(first.console, second.console) != 0)
        fail_msg("%s: the traces differ", image);
    assert_true(first.machine->soc->trace.next_seq > 3);
    fixture_end(&first);
    fixture_end(&second);
}

static void two_runs_give_the_same_trace(void **state)
{
    (void)state;
    static const char *const images[] = {"hello", "kv", "flash_selftest", "iwdg_erase", "dma_flash"};
    for (unsigned i = 0; i < sizeof images / sizeof images[0]; i++) {
        run(&first, images[i], true, 200);
        run(&second, images[i], true, 200);
        assert_same_trace(images[i]);
    }
}

static void skipping_loops_changes_nothing_but_the_cost(void **state)
{
    (void)state;
    static const char *const images[] = {"hello",       "kv",          "flash_selftest", "ram_flasher",
                                         "flash_stall", "iwdg_erase",  "wait_erase",     "wait_sleep",
                                         "dma_flash",   "systick",     "nvic_nesting",   "fpu_lazy"};
    for (unsigned i = 0; i < sizeof images / sizeof images[0]; i++) {
        run(&first, images[i], true, 120);
        run(&second, images[i], false, 120);
        assert_same_trace(images[i]);
    }
}

/* Caches that can go stale have every fetch and load of flash looked at; pcs are part of the trace. */
static void skipping_loops_changes_nothing_with_caches_either(void **state)
{
    (void)state;
    static const struct {
        const char *image, *chip;
    } cases[] = {
        {"hello", "stm32l452re"},
        {"hello_l4r5zi", "stm32l4r5zi"},
        {"hello_l496zg", "stm32l496zg"},
        {"flash_selftest_l476rg", "stm32l476rg"},
        {"fast_program_l496zg", "stm32l496zg"},
        {"rww_l4r5zi", "stm32l4r5zi"},
        {"wait_erase", "stm32l452re"},
        {"systick", "stm32l452re"},
    };
    for (unsigned i = 0; i < 3 * sizeof cases / sizeof cases[0]; i++) {
        struct fixture *runs[] = {&first, &second};
        for (unsigned run = 0; run < 2; run++) {
            fixture_start(runs[run], cases[i / 3].image, cases[i / 3].chip);
            runs[run]->machine->skip.is_off = run;
            runs[run]->machine->soc->wires.caches = (uint8_t)(i % 3);
            soc_flash_publish(runs[run]->machine->soc);
            for (unsigned ms = 0; ms < 80; ms += 10)
                fixture_run_ms(runs[run], 10);
        }
        assert_same_trace(cases[i / 3].image);
    }
}

static void another_seed_changes_what_a_cut_leaves(void **state)
{
    (void)state;
    uint32_t left[2][64];
    for (unsigned i = 0; i < 2; i++) {
        struct fixture *f = &first;
        fixture_start(f, "iwdg_erase", "stm32l452re");
        f->machine->soc->wires.seed = 1 + i;
        while (!fixture_count(f, EVENT_FLASH_TORN))
            assert_int_equal(fixture_run_ms(f, 1), MACHINE_STOP_TIME);
        const struct event *torn = fixture_event(f, EVENT_FLASH_TORN, 0);
        assert_true(machine_peek(f->machine, torn->addr, left[i], sizeof left[i]));
        fixture_end(f);
    }
    assert_memory_not_equal(left[0], left[1], sizeof left[0]);
}

/* L4 sheet 6 and 10: 22.02 ms typical, at the 4 MHz of a reset. */
static void a_page_erase_from_flash_stalls_for_its_whole_duration(void **state)
{
    (void)state;
    fixture_start(&first, "flash_stall", "stm32l452re");

    assert_true(fixture_run_until(&first, "PASS", 500));

    const struct event *start = fixture_event(&first, EVENT_FLASH_ERASE_START, 0);
    const struct event *end = fixture_event(&first, EVENT_FLASH_ERASE_END, 0);
    assert_int_equal(end->t_ps - start->t_ps, 22020 * PS_PER_US);
    assert_true(first.machine->stalled_ps >= 22000 * PS_PER_US);
    assert_true(fixture_said(&first, "ticks passed 22, counted 1, lost 21"));
    fixture_end(&first);
}

static void a_page_erase_from_ram_loses_no_tick(void **state)
{
    (void)state;
    fixture_start(&first, "ram_flasher", "stm32l452re");

    assert_true(fixture_run_until(&first, "PASS", 500));

    assert_true(fixture_said(&first, "ticks passed 22, counted 22, lost 0"));
    fixture_end(&first);
}

static void a_watchdog_that_expires_inside_an_erase_resets_the_chip(void **state)
{
    (void)state;
    fixture_start(&first, "iwdg_erase", "stm32l452re");

    assert_true(fixture_run_until(&first, "PASS", 500));

    const struct event *torn = fixture_event(&first, EVENT_FLASH_TORN, 0);
    const struct event *reset = fixture_event(&first, EVENT_RESET, 0);
    assert_int_equal(reset->value, RESET_IWDG);
    assert_int_equal(torn->t_ps, reset->t_ps);
    unsigned nth = 0;
    const struct event *start = fixture_event(&first, EVENT_FLASH_ERASE_START, nth);
    while (start && start->op != torn->op)
        start = fixture_event(&first, EVENT_FLASH_ERASE_START, ++nth);
    assert_non_null(start);
    assert_true(reset->t_ps > start->t_ps && reset->t_ps - start->t_ps < 22020 * PS_PER_US);
    assert_int_equal(fixture_count(&first, EVENT_FLASH_TORN), 1);
    fixture_end(&first);
}

static void a_cut_lands_inside_a_stall(void **state)
{
    (void)state;
    fixture_start(&first, "flash_stall", "stm32l452re");
    while (!fixture_count(&first, EVENT_FLASH_ERASE_START))
        fixture_run_ms(&first, 1);
    uint64_t cut_ps =
        fixture_event(&first, EVENT_FLASH_ERASE_START, 0)->t_ps + 9 * PS_PER_MS;
    first.machine->cut_at_ps = cut_ps;

    assert_int_equal(fixture_run_ms(&first, 100), MACHINE_STOP_CUT);

    const struct event *cut = fixture_event(&first, EVENT_POWER_CUT, 0);
    assert_int_equal(cut->t_ps, cut_ps);
    assert_int_equal(fixture_count(&first, EVENT_FLASH_ERASE_END), 0);
    fixture_end(&first);
}

static void ram_survives_a_reset_and_not_a_cut(void **state)
{
    (void)state;
    struct error error;
    const uint32_t mark = 0x5AFEC0DE;
    uint32_t found = 0;
    fixture_start(&first, "hello", "stm32l452re");
    fixture_run_ms(&first, 100);
    assert_true(machine_poke(first.machine, 0x20004000, &mark, 4));

    machine_reset(first.machine, RESET_PIN);
    fixture_run_ms(&first, 1);
    assert_true(machine_peek(first.machine, 0x20004000, &found, 4));
    assert_int_equal(found, mark);

    machine_request_cut(first.machine);
    assert_int_equal(fixture_run_ms(&first, 1), MACHINE_STOP_CUT);
    assert_true(machine_power_on(first.machine, &error));
    assert_true(machine_peek(first.machine, 0x20004000, &found, 4));
    assert_int_equal(found, 0);
    fixture_end(&first);
}

static void a_run_ends_at_the_time_asked_for(void **state)
{
    (void)state;
    fixture_start(&first, "flash_stall", "stm32l452re");
    for (unsigned i = 0; i < 60; i++)
        assert_int_equal(fixture_run_ms(&first, 1), MACHINE_STOP_TIME);
    /* At most one instruction late. */
    assert_true(machine_now_ps(first.machine) - 60 * PS_PER_MS < 10 * PS_PER_US);
    fixture_end(&first);
}

static void a_probe_with_bfhfnmign_sees_its_status(void **state)
{
    (void)state;
    static struct fixture f;
    fixture_start(&f, "memory_map", "stm32l452re");

    fixture_run_ms(&f, 500);

    assert_true(fixture_said(&f, "a probe of nothing: got 0x8200 want 0x8200 ok"));
    const struct event *assumed = fixture_event(&f, EVENT_RULE_ASSUMED, 0);
    assert_non_null(assumed);
    assert_string_equal(assumed->rule, "CORE.ccr.bfhfnmign_status");
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_probe_with_bfhfnmign_sees_its_status),
        cmocka_unit_test(two_runs_give_the_same_trace),
        cmocka_unit_test(skipping_loops_changes_nothing_but_the_cost),
        cmocka_unit_test(skipping_loops_changes_nothing_with_caches_either),
        cmocka_unit_test(another_seed_changes_what_a_cut_leaves),
        cmocka_unit_test(a_page_erase_from_flash_stalls_for_its_whole_duration),
        cmocka_unit_test(a_page_erase_from_ram_loses_no_tick),
        cmocka_unit_test(a_watchdog_that_expires_inside_an_erase_resets_the_chip),
        cmocka_unit_test(a_cut_lands_inside_a_stall),
        cmocka_unit_test(ram_survives_a_reset_and_not_a_cut),
        cmocka_unit_test(a_run_ends_at_the_time_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
