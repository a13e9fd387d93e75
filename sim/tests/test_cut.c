/* What cut.c promises, and that the machine performs a cut where it is told: inside a stall,
 * between instructions, and at `done` before the firmware sees the end. */
#include "sim/cut.h"

#include "sim/tests/machine_fixture.h"

/* ---- text ---- */

static void a_moment_reads_back_as_it_was_written(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "37@program.pulse=2/4", "1@erase.mid", "5@ecc",    "1000000@option.pulse=64/64",
        "2@any.done",           "@1500000ns",  "3@before",
        "2@row.pulse=32/32",    "1@bank_erase.late", "1@mass_erase.mid",
        "9@page_erase.early",
    };
    static const char *const written[] = {
        "37@program.pulse=2/4", "1@erase.mid", "5@ecc", "1000000@option.pulse=64/64", "2@done",
        "@1500000ns",           "3@before", "2@row.pulse=32/32", "1@bank_erase.late",
        "1@mass_erase.mid", "9@page_erase.early",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct cut cut;
        struct error error = {""};
        char text[CUT_TEXT];
        if (!cut_read(&cut, texts[i], &error))
            fail_msg("%s", error.text);
        assert_string_equal(cut_write(&cut, text), written[i]);
    }
    struct cut cut;
    assert_true(cut_read(&cut, "@1.5ms", NULL));
    assert_int_equal(cut.after_ps, 1500 * PS_PER_US);
}

static void a_moment_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "@",
        "1",
        "1@",
        "@program",
        "1@program.mid",
        "1@erase.ecc",
        "1@erase.pulse=1/4",
        "1@row.mid",
        "1@mass_erase.pulse=1/4",
        "1@program.pulse",
        "1@program.pulse=0/4",
        "1@program.pulse=5/4",
        "1@program.done=1/4",
        "1@program.pulse=1/65",
        "1@nothing.done",
        "1@program.nothing",
        "-1@done",
        "1 @done",
        "1@done ",
        "@5",
        "1@program.program.done",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct cut cut;
        struct error error = {""};
        if (cut_read(&cut, texts[i], &error))
            fail_msg("accepted: \"%s\"", texts[i]);
        assert_non_null(strstr(error.text, "not a moment"));
    }
}

/* ---- on a machine ---- */

struct bench {
    struct fixture fixture;
    struct cutter cutter;
    struct event last; /* before the cut */
    uint64_t cut_ps;
};

static void hear(void *context, const struct event *event)
{
    struct bench *bench = context;
    if (event->kind == EVENT_POWER_CUT)
        bench->cut_ps = event->t_ps;
    else if (!bench->cut_ps && event->kind != EVENT_CONSOLE && event->kind != EVENT_RULE_ASSUMED)
        bench->last = *event;
}

/* Boots an image with one cut before it, and runs until power is gone or a second has passed. */
static enum machine_stop cut_in(struct bench *bench, const char *image, const char *chip,
                                const char *moment)
{
    struct cut cut;
    struct error error = {""};
    memset(bench, 0, sizeof *bench);
    if (!cut_read(&cut, moment, &error))
        fail_msg("%s", error.text);
    fixture_start(&bench->fixture, image, chip);
    trace_listen(&bench->fixture.machine->soc->trace, cutter_hear, &bench->cutter);
    trace_listen(&bench->fixture.machine->soc->trace, hear, bench);
    cutter_start(&bench->cutter, bench->fixture.machine, &cut);
    return machine_run(bench->fixture.machine, PS_PER_S);
}

static const struct event *start_of(const struct bench *bench, enum event_kind kind, unsigned nth)
{
    const struct event *event = fixture_event(&bench->fixture, kind, nth);
    assert_non_null(event);
    return event;
}

/* DS11912 flash characteristics: a page erase takes 22.02 ms, a double word 81.69 us. */
static void what_is_out_of_range_is_told_with_the_range(void **state)
{
    (void)state;
    struct cut cut;
    struct error error = {""};
    assert_false(cut_read(&cut, "0@program.done", &error));
    assert_non_null(strstr(error.text, "operation 0: they count from 1 to 1000000"));
    assert_false(cut_read(&cut, "1000001@done", &error));
    assert_non_null(strstr(error.text, "operation 1000001: they count from 1 to 1000000"));
    assert_false(cut_read(&cut, "99999999999999999999@done", &error));
    assert_non_null(strstr(error.text, "they count from 1 to 1000000"));
    assert_false(cut_read(&cut, "@0s", &error));
    assert_non_null(strstr(error.text, "too short"));
    assert_false(cut_read(&cut, "@8640001s", &error));
    assert_non_null(strstr(error.text, "too long: at most 8640000s"));
}

static void a_cut_lands_inside_the_stall_of_an_erase(void **state)
{
    (void)state;
    struct bench bench;
    assert_int_equal(cut_in(&bench, "flash_stall", "stm32l452re", "1@erase.mid"), MACHINE_STOP_CUT);
    const struct event *start = start_of(&bench, EVENT_FLASH_ERASE_START, 0);
    assert_int_equal(bench.cutter.state, CUT_FIRED);
    assert_int_equal(bench.cut_ps - start->t_ps, UINT64_C(22020000000) * 550 / 1000);
    assert_int_equal(bench.last.kind, EVENT_FLASH_TORN);
    assert_int_equal(bench.last.value, FLASH_PHASE_MID);
    assert_int_equal(fixture_count(&bench.fixture, EVENT_FLASH_ERASE_END), 0);
    fixture_end(&bench.fixture);
}

static void a_cut_lands_while_code_in_ram_polls(void **state)
{
    (void)state;
    struct bench bench;
    assert_int_equal(cut_in(&bench, "ram_flasher", "stm32l452re", "1@program.pulse=3/4"),
                     MACHINE_STOP_CUT);
    const struct event *start = start_of(&bench, EVENT_FLASH_PROGRAM_START, 0);
    /* The middle of the third quarter of 80 to 840 of 1000, to the picosecond. */
    assert_int_equal(bench.cut_ps - start->t_ps, UINT64_C(81690000) * (80 + 5 * 760 / 8) / 1000);
    assert_int_equal(bench.last.kind, EVENT_FLASH_TORN);
    assert_int_equal(bench.last.value, FLASH_PHASE_PULSE);
    fixture_end(&bench.fixture);
}

static void at_done_the_operation_has_ended_and_nothing_more_has_happened(void **state)
{
    (void)state;
    static const struct {
        const char *image, *moment;
        enum event_kind start, end;
        uint64_t length_ps;
    } cases[] = {
        {"flash_stall", "1@erase.done", EVENT_FLASH_ERASE_START, EVENT_FLASH_ERASE_END,
         UINT64_C(22020000000)},
        {"ram_flasher", "1@program.done", EVENT_FLASH_PROGRAM_START, EVENT_FLASH_PROGRAM_END,
         UINT64_C(81690000)},
        {"kv", "3@program.done", EVENT_FLASH_PROGRAM_START, EVENT_FLASH_PROGRAM_END,
         UINT64_C(81690000)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench;
        unsigned nth = cases[i].moment[0] == '3' ? 2 : 0;
        assert_int_equal(cut_in(&bench, cases[i].image, "stm32l452re", cases[i].moment),
                         MACHINE_STOP_CUT);
        assert_int_equal(bench.cut_ps - start_of(&bench, cases[i].start, nth)->t_ps,
                         cases[i].length_ps);
        assert_int_equal(bench.last.kind, cases[i].end);
        assert_int_equal(fixture_count(&bench.fixture, EVENT_FLASH_TORN), 0);
        fixture_end(&bench.fixture);
    }
}

static void before_and_latched_come_at_the_very_start(void **state)
{
    (void)state;
    struct bench bench;
    assert_int_equal(cut_in(&bench, "kv", "stm32l452re", "2@program.before"), MACHINE_STOP_CUT);
    assert_int_equal(bench.cut_ps, start_of(&bench, EVENT_FLASH_PROGRAM_START, 1)->t_ps);
    assert_int_equal(bench.last.value, FLASH_PHASE_BEFORE);
    fixture_end(&bench.fixture);
    assert_int_equal(cut_in(&bench, "kv", "stm32l452re", "2@program.latched"), MACHINE_STOP_CUT);
    assert_int_equal(bench.last.value, FLASH_PHASE_LATCHED);
    fixture_end(&bench.fixture);
}

static void a_cut_at_a_time_comes_at_that_time(void **state)
{
    (void)state;
    static const uint64_t times_us[] = {1, 333, 20000, 123456};
    for (size_t i = 0; i < sizeof times_us / sizeof times_us[0]; i++) {
        struct bench bench;
        char moment[CUT_TEXT];
        snprintf(moment, sizeof moment, "@%lluus", (unsigned long long)times_us[i]);
        assert_int_equal(cut_in(&bench, "kv", "stm32l452re", moment), MACHINE_STOP_CUT);
        assert_int_equal(bench.cut_ps, times_us[i] * PS_PER_US);
        assert_int_equal(bench.cutter.state, CUT_FIRED);
        fixture_end(&bench.fixture);
    }
}

static void option_bytes_are_cut_too(void **state)
{
    (void)state;
    struct bench bench;
    assert_int_equal(cut_in(&bench, "optbytes", "stm32l452re", "1@option.pulse=1/4"),
                     MACHINE_STOP_CUT);
    assert_int_equal(bench.last.kind, EVENT_FLASH_TORN);
    assert_int_equal(bench.last.addr, 0x1FFF7800);
    fixture_end(&bench.fixture);
}

/* L4 sheet 4.6.1: 32 double words in a row of the L476. */
static void a_row_is_cut_in_the_doubleword_that_the_part_of_its_pulse_says(void **state)
{
    (void)state;
    static const struct {
        const char *moment;
        unsigned doubleword, phase;
    } cases[] = {
        {"1@row.before", 0, FLASH_PHASE_BEFORE},     {"1@row.early", 0, FLASH_PHASE_EARLY},
        {"1@row.pulse=2/4", 12, FLASH_PHASE_PULSE},  {"1@row.pulse=32/32", 31, FLASH_PHASE_PULSE},
        {"1@row.late", 31, FLASH_PHASE_LATE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench;
        assert_int_equal(cut_in(&bench, "fast_program_l476rg", "stm32l476rg", cases[i].moment),
                         MACHINE_STOP_CUT);
        const struct event *row = start_of(&bench, EVENT_FLASH_ROW_START, 0);
        assert_int_equal(bench.cutter.state, CUT_FIRED);
        assert_int_equal(bench.last.kind, EVENT_FLASH_TORN);
        assert_int_equal(bench.last.value, cases[i].phase);
        assert_int_equal(bench.last.addr, row->addr + 8 * cases[i].doubleword);
        assert_int_equal(bench.cutter.operation.addr, bench.last.addr);
        fixture_end(&bench.fixture);
    }
    struct bench bench;
    assert_int_equal(cut_in(&bench, "fast_program_l476rg", "stm32l476rg", "1@row.done"),
                     MACHINE_STOP_CUT);
    assert_int_equal(bench.last.kind, EVENT_FLASH_ROW_END);
    assert_int_equal(fixture_count(&bench.fixture, EVENT_FLASH_TORN), 0);
    fixture_end(&bench.fixture);
}

static void a_row_that_breaks_off_lets_the_cut_escape(void **state)
{
    (void)state;
    struct bench bench;
    /* The third row of the test firmware is left after its first double word. */
    assert_int_equal(cut_in(&bench, "fast_program_l476rg", "stm32l476rg", "3@row.pulse=4/4"),
                     MACHINE_STOP_TIME);
    assert_int_equal(bench.cutter.state, CUT_ESCAPED);
    assert_true(fixture_count(&bench.fixture, EVENT_FLASH_ROW_START) > 2);
    assert_int_equal(fixture_count(&bench.fixture, EVENT_FLASH_TORN), 0);
    fixture_end(&bench.fixture);
}

static void erases_are_told_apart_by_what_they_erase(void **state)
{
    (void)state;
    struct bench bench;
    assert_int_equal(cut_in(&bench, "fast_program_l476rg", "stm32l476rg", "1@bank_erase.mid"),
                     MACHINE_STOP_CUT);
    assert_int_equal(bench.last.size, 512 * 1024);
    assert_string_equal(bench.last.rule, "L4.cut.mass_erase");
    fixture_end(&bench.fixture);
    assert_int_equal(cut_in(&bench, "fast_program_l476rg", "stm32l476rg", "1@page_erase.mid"),
                     MACHINE_STOP_CUT);
    assert_int_equal(bench.last.size, 2048);
    fixture_end(&bench.fixture);
    assert_int_equal(cut_in(&bench, "fast_program_l476rg", "stm32l476rg", "1@mass_erase.mid"),
                     MACHINE_STOP_TIME);
    assert_int_equal(bench.cutter.state, CUT_WAITS);
    fixture_end(&bench.fixture);
}

static void a_reset_before_the_moment_lets_the_cut_escape(void **state)
{
    (void)state;
    struct bench bench;
    /* The watchdog bites after 10 of the 22 ms: `late` never comes. */
    assert_int_equal(cut_in(&bench, "iwdg_erase", "stm32l452re", "2@erase.late"),
                     MACHINE_STOP_TIME);
    assert_int_equal(bench.cutter.state, CUT_ESCAPED);
    assert_int_equal(bench.cut_ps, 0);
    /* And the reset found the erase as far as it was, not at the phase of the cut. */
    const struct event *torn = fixture_event(&bench.fixture, EVENT_FLASH_TORN, 0);
    assert_non_null(torn);
    assert_int_equal(torn->value, FLASH_PHASE_MID);
    assert_true(fixture_said(&bench.fixture, "PASS"));
    fixture_end(&bench.fixture);
}

static void a_cut_waits_for_its_operation(void **state)
{
    (void)state;
    struct bench bench;
    assert_int_equal(cut_in(&bench, "hello", "stm32l452re", "1@program.done"), MACHINE_STOP_TIME);
    assert_int_equal(bench.cutter.state, CUT_WAITS);
    fixture_end(&bench.fixture);
}

static void any_operation_counts_if_it_has_the_phase(void **state)
{
    (void)state;
    struct bench bench;
    /* The store formats first: an erase, then programs. Only erases have a middle, only programs a
     * pulse. */
    assert_int_equal(cut_in(&bench, "kv", "stm32l452re", "2@mid"), MACHINE_STOP_CUT);
    assert_int_equal(bench.cutter.operation.kind, EVENT_FLASH_ERASE_START);
    fixture_end(&bench.fixture);
    assert_int_equal(cut_in(&bench, "kv", "stm32l452re", "1@ecc"), MACHINE_STOP_CUT);
    assert_int_equal(bench.cutter.operation.kind, EVENT_FLASH_PROGRAM_START);
    fixture_end(&bench.fixture);
    assert_int_equal(cut_in(&bench, "kv", "stm32l452re", "1@done"), MACHINE_STOP_CUT);
    assert_int_equal(bench.cutter.operation.kind, EVENT_FLASH_ERASE_START);
    fixture_end(&bench.fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_moment_reads_back_as_it_was_written),
        cmocka_unit_test(a_moment_that_is_none_is_refused),
        cmocka_unit_test(what_is_out_of_range_is_told_with_the_range),
        cmocka_unit_test(a_cut_lands_inside_the_stall_of_an_erase),
        cmocka_unit_test(a_cut_lands_while_code_in_ram_polls),
        cmocka_unit_test(at_done_the_operation_has_ended_and_nothing_more_has_happened),
        cmocka_unit_test(before_and_latched_come_at_the_very_start),
        cmocka_unit_test(a_cut_at_a_time_comes_at_that_time),
        cmocka_unit_test(option_bytes_are_cut_too),
        cmocka_unit_test(a_row_is_cut_in_the_doubleword_that_the_part_of_its_pulse_says),
        cmocka_unit_test(a_row_that_breaks_off_lets_the_cut_escape),
        cmocka_unit_test(erases_are_told_apart_by_what_they_erase),
        cmocka_unit_test(a_reset_before_the_moment_lets_the_cut_escape),
        cmocka_unit_test(a_cut_waits_for_its_operation),
        cmocka_unit_test(any_operation_counts_if_it_has_the_phase),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
