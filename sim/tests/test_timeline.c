/* Steps of a timeline on a whole machine: every trigger comes when it should, every action leaves
 * what it leaves on silicon, and a cut lands wherever it is told to. */
#include "sim/scenario_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/flash_array.h"
#include "sim/scenario_plan.h"

enum { EVENT_MAX = 20000 };

/* What the last run did. */
static struct {
    struct verdict verdict;
    struct event events[EVENT_MAX];
    unsigned count;
} run;

static void hear(void *context, const struct event *event)
{
    (void)context;
    if (event->kind != EVENT_CONSOLE && run.count < EVENT_MAX)
        run.events[run.count++] = *event;
}

static const struct event *nth_event(enum event_kind kind, unsigned nth)
{
    for (unsigned i = 0; i < run.count; i++)
        if (run.events[i].kind == kind && nth-- == 0)
            return &run.events[i];
    return NULL;
}

static unsigned count_of(enum event_kind kind)
{
    unsigned count = 0;
    for (unsigned i = 0; i < run.count; i++)
        count += run.events[i].kind == kind;
    return count;
}

/* Runs an image with some settings and one expectation that it meets if all steps acted. */
static enum verdict_kind play(const char *image, const char *more, const char *expectation)
{
    static char text[8192];
    struct error error = {""};
    struct scenario_plans plans;
    struct scenario_watcher watcher = {.hear = hear};
    struct scenario *scenario = malloc(sizeof *scenario);
    assert_non_null(scenario);
    memset(&run, 0, sizeof run);
    snprintf(text, sizeof text,
             "{\"name\":\"n\",\"why\":\"w\",\"chip\":\"stm32l452re\",\"image\":\"firmware:%s\","
             "\"run\":\"500ms\",%s,\"expect\":[%s]}",
             image, more, expectation);
    if (!scenario_parse(scenario, "s.json", text, strlen(text), FLASHSIM_FIRMWARE_DIR, &error) ||
        !scenario_load_files(scenario, &error) || !scenario_plans_make(&plans, scenario, &error) ||
        !scenario_run(scenario, &plans.items[0], &watcher, &run.verdict, &error))
        fail_msg("%s\n%s", error.text, text);
    assert_int_equal(plans.count, 1);
    scenario_plans_free(&plans);
    scenario_free(scenario);
    free(scenario);
    return run.verdict.kind;
}

#define SAYS(text) "{\"console\":{\"contains\":\"" text "\",\"power_on\":\"last\"}}"

static void assert_play(enum verdict_kind wanted, const char *image, const char *more,
                        const char *expectation)
{
    enum verdict_kind kind = play(image, more, expectation);
    if (kind != wanted)
        fail_msg("%s: %s: %s", more, verdict_kind_name(kind),
                 run.verdict.note_count ? run.verdict.note[0] : "");
}

/* ---- triggers ---- */

static const struct event *step(unsigned number)
{
    for (unsigned i = 0; i < run.count; i++)
        if (run.events[i].kind == EVENT_STEP && run.events[i].value == number)
            return &run.events[i];
    return NULL;
}

static uint64_t step_ps(const char *image, const char *when)
{
    char more[512];
    snprintf(more, sizeof more, "\"timeline\":[{\"when\":%s,\"do\":\"go_on\"}]", when);
    assert_play(VERDICT_PASS, image, more, "{\"console\":{\"contains\":\"PASS\"}}");
    assert_non_null(step(1));
    return step(1)->t_ps;
}

static void a_step_acts_when_its_trigger_comes(void **state)
{
    (void)state;
    assert_int_equal(step_ps("kv", "{\"time\":\"5ms\"}"), 5 * PS_PER_MS);

    uint64_t third = step_ps("kv", "{\"event\":\"flash.program_start\",\"nth\":3}");
    assert_int_equal(third, nth_event(EVENT_FLASH_PROGRAM_START, 2)->t_ps);

    uint64_t erase = step_ps("kv", "{\"operation\":\"erase\",\"phase\":\"mid\"}");
    const struct event *start = nth_event(EVENT_FLASH_ERASE_START, 0);
    assert_in_range(erase - start->t_ps, 12 * PS_PER_MS, 122 * PS_PER_MS / 10);

    step_ps("kv", "{\"pc\":\"flash_program\",\"nth\":2}");
    assert_true(step(1)->t_ps < nth_event(EVENT_FLASH_PROGRAM_START, 1)->t_ps);
    assert_true(step(1)->t_ps > nth_event(EVENT_FLASH_PROGRAM_START, 0)->t_ps);

    assert_in_range(step_ps("kv", "{\"instructions\":1000}"), 1, PS_PER_MS);
    assert_true(step_ps("kv", "{\"console\":\"PASS\"}") > third);
    assert_int_equal(step_ps("kv", "{\"power_on\":1}"), 0);
}

/* A register of the console: the same byte that ends the text is in the trace then. */
static void a_text_that_begins_inside_itself_is_found(void **state)
{
    (void)state;
    struct trigger trigger = {
        .kind = TRIGGER_CONSOLE, .text = "aab", .channel = CONSOLE_CHANNEL_COUNT};
    size_t matched[CONSOLE_CHANNEL_COUNT] = {0};
    const char *said = "aaab";
    bool is_found = false;
    for (const char *c = said; *c; c++)
        is_found = trigger_hears(
            &trigger, matched,
            &(struct event){.kind = EVENT_CONSOLE, .unit = "USART2", .value = (uint32_t)*c});
    assert_true(is_found);
}

static void a_variable_triggers_when_it_reaches_a_value(void **state)
{
    (void)state;
    assert_play(VERDICT_PASS, "systick",
                "\"timeline\":[{\"when\":{\"symbol\":\"ticks\",\"at_least\":3},\"do\":\"go_on\"}]",
                "{\"console\":{\"contains\":\"PASS\"}}");
    assert_non_null(step(1));
}

static void a_step_that_never_acts_proves_nothing(void **state)
{
    (void)state;
    assert_play(VERDICT_INCONCLUSIVE, "hello",
                "\"timeline\":[{\"when\":{\"console\":\"nobody says that\"},\"do\":\"go_on\"}]",
                "{\"console\":{\"contains\":\"PASS\"}}");
    assert_non_null(strstr(run.verdict.note[0], "step 1 never acted: its trigger never came"));
    assert_play(
        VERDICT_INCONCLUSIVE, "hello",
        "\"timeline\":[{\"when\":{\"console\":\"PASS\"},\"within\":\"1us\",\"do\":\"go_on\"}]",
        "{\"console\":{\"contains\":\"PASS\"}}");
    assert_non_null(strstr(run.verdict.note[0], "did not come in time"));
}

/* ---- where a cut can land ---- */

static void a_cut_lands_in_the_first_millisecond_of_a_boot(void **state)
{
    (void)state;
    assert_play(VERDICT_PASS, "hello",
                "\"timeline\":[{\"when\":{\"time\":\"200us\"},\"do\":\"power_cut\"}]",
                SAYS("PASS"));
    assert_int_equal(nth_event(EVENT_POWER_CUT, 0)->t_ps, 200 * PS_PER_US);
    assert_int_equal(run.verdict.power_ons, 2);
}

static void a_cut_lands_inside_a_stall(void **state)
{
    (void)state;
    assert_play(VERDICT_PASS, "kv",
                "\"timeline\":[{\"when\":{\"event\":\"flash.stall\",\"nth\":2},\"after\":\"3us\","
                "\"do\":\"power_cut\"}]",
                SAYS("PASS"));
    const struct event *stall = nth_event(EVENT_FLASH_STALL, 1);
    assert_int_equal(nth_event(EVENT_POWER_CUT, 0)->t_ps, stall->t_ps + 3 * PS_PER_US);
    assert_true(stall->value > 3000);
}

static void a_cut_lands_inside_the_recovery_from_a_cut(void **state)
{
    (void)state;
    assert_play(
        VERDICT_PASS, "kv",
        "\"timeline\":["
        "{\"when\":{\"operation\":\"program\",\"phase\":\"pulse\",\"k\":2,\"nth\":37},"
        "\"do\":\"power_cut\"},"
        "{\"when\":{\"operation\":\"any\",\"phase\":\"mid\"},\"do\":\"power_cut\"}]",
        "{\"durability\":{\"begun\":\"put \",\"acknowledged\":\"ack \",\"reported\":\"have \"}}");
    assert_int_equal(count_of(EVENT_FLASH_TORN), 2);
    assert_int_equal(nth_event(EVENT_FLASH_TORN, 1)->boot, 2);
}

static void a_cut_lands_inside_an_option_change(void **state)
{
    (void)state;
    play("optbytes",
         "\"timeline\":[{\"when\":{\"operation\":\"option\",\"phase\":\"mid\"},\"do\":\"power_"
         "cut\"}]",
         "{\"boots\":{\"at_least\":2}}");
    const struct event *torn = nth_event(EVENT_FLASH_TORN, 0);
    assert_non_null(torn);
    assert_int_equal(torn->addr, 0x1FFF7800);
}

/* ---- resets and power cuts ---- */

#define IN_A_PULSE(action)                                                                         \
    "\"timeline\":[{\"when\":{\"operation\":\"program\",\"phase\":\"pulse\",\"k\":2,\"nth\":5},"   \
    "\"do\":" action "}]"

static void a_reset_keeps_ram_and_a_cut_does_not(void **state)
{
    (void)state;
    static const char *const step[] = {
        "\"ram_after_power_loss\":\"ones\",\"timeline\":[{\"when\":{\"time\":\"20ms\"},"
        "\"do\":{\"set_memory\":{\"at\":\"0x20010000\",\"words\":[1234]}}},"
        "{\"when\":{\"time\":\"30ms\"},\"do\":{\"reset\":\"pin\"}}]",
        "\"ram_after_power_loss\":\"ones\",\"timeline\":[{\"when\":{\"time\":\"20ms\"},"
        "\"do\":{\"set_memory\":{\"at\":\"0x20010000\",\"words\":[1234]}}},"
        "{\"when\":{\"time\":\"30ms\"},\"do\":\"power_cut\"}]",
    };
    assert_play(VERDICT_PASS, "kv", step[0],
                "{\"memory\":{\"at\":\"0x20010000\",\"equals\":1234,\"boot\":2}}");
    assert_play(VERDICT_PASS, "kv", step[1],
                "{\"memory\":{\"at\":\"0x20010000\",\"equals\":4294967295,\"boot\":2}}");
}

static void each_reset_has_its_own_flag(void **state)
{
    (void)state;
    static const struct {
        const char *action, *flags;
    } rows[] = {
        /* the flags of RCC_CSR: boot sheet 5.3 */
        {"{\"reset\":\"pin\"}", "reset cause: PINRSTF\\n"},
        {"{\"reset\":\"system\"}", "reset cause: PINRSTF SFTRSTF"},
        {"{\"reset\":\"iwdg\"}", "reset cause: PINRSTF IWDGRSTF"},
        {"{\"reset\":\"wwdg\"}", "reset cause: PINRSTF WWDGRSTF"},
        {"{\"reset\":\"brown_out\"}", "reset cause: PINRSTF BORRSTF"},
        {"\"power_cut\"", "reset cause: PINRSTF BORRSTF"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char more[256], expectation[256];
        snprintf(more, sizeof more, "\"timeline\":[{\"when\":{\"console\":\"PASS\"},\"do\":%s}]",
                 rows[i].action);
        snprintf(expectation, sizeof expectation, "{\"console\":{\"contains\":\"%s\",\"boot\":2}}",
                 rows[i].flags);
        assert_play(VERDICT_PASS, "hello", more, expectation);
    }
}

static void a_reset_may_let_the_pulse_finish_and_a_cut_never(void **state)
{
    (void)state;
    const char *any = "{\"boots\":{\"at_least\":2}}";
    play("kv", "\"reset_pulse\":\"finishes\"," IN_A_PULSE("{\"reset\":\"iwdg\"}"), any);
    assert_int_equal(run.verdict.cut_count, 0);
    assert_int_equal(count_of(EVENT_RESET), 1);
    unsigned torn_by_reset = count_of(EVENT_FLASH_TORN);
    play("kv", "\"reset_pulse\":\"finishes\"," IN_A_PULSE("\"power_cut\""), any);

    assert_int_equal(torn_by_reset, 1); /* a phase that is asked for is given */
    assert_int_equal(count_of(EVENT_FLASH_TORN), 1);

    play("kv",
         "\"reset_pulse\":\"finishes\",\"timeline\":[{\"when\":{\"event\":\"flash.program_start\","
         "\"nth\":5},\"after\":\"20us\",\"do\":{\"reset\":\"iwdg\"}}]",
         any);
    assert_int_equal(count_of(EVENT_FLASH_TORN), 0);
    play("kv",
         "\"reset_pulse\":\"aborts\",\"timeline\":[{\"when\":{\"event\":\"flash.program_start\","
         "\"nth\":5},\"after\":\"20us\",\"do\":{\"reset\":\"iwdg\"}}]",
         any);
    assert_int_equal(count_of(EVENT_FLASH_TORN), 1);
}

/* ---- the supply ---- */

static void a_supply_that_sinks_resets_at_its_brown_out_level(void **state)
{
    (void)state;
    assert_play(VERDICT_PASS, "hello",
                "\"timeline\":[{\"when\":{\"console\":\"PASS\"},\"do\":{\"supply\":{\"to_mv\":1500,"
                "\"over\":\"10ms\",\"hold\":\"5ms\",\"back_over\":\"2ms\"}}}]",
                "{\"resets\":{\"cause\":\"brown_out\",\"equals\":1}}");
    const struct event *reset = nth_event(EVENT_RESET, 0);
    const struct event *level = NULL;
    for (unsigned i = 0; i < run.count && run.events[i].seq < reset->seq; i++)
        if (run.events[i].kind == EVENT_SUPPLY)
            level = &run.events[i];
    assert_in_range(level->value, 1600, 1699); /* level 0: below 1.7 V */
    /* The core is held until the supply is back. */
    assert_true(nth_event(EVENT_SLEEP, count_of(EVENT_SLEEP) - 1)->t_ps >
                reset->t_ps + 5 * PS_PER_MS);
}

static void a_supply_that_sinks_warns_before_it_resets(void **state)
{
    (void)state;
    assert_play(VERDICT_PASS, "pvd_save",
                "\"timeline\":[{\"when\":{\"console\":\"put\"},\"after\":\"2ms\",\"do\":"
                "{\"supply\":{\"to_mv\":1500,\"over\":\"4ms\",\"hold\":\"5ms\","
                "\"back_over\":\"1ms\"}}}]",
                "{\"console\":{\"contains\":\"have n=1000\",\"boot\":2}}");
    const struct event *warning = nth_event(EVENT_EXCEPTION_ENTRY, 0);
    const struct event *end = nth_event(EVENT_FLASH_PROGRAM_END, 0);
    const struct event *reset = nth_event(EVENT_RESET, 0);
    assert_int_equal(warning->value, 17); /* IRQ 1, PVD */
    /* 4 ms from 3.3 V to 1.5 V: 2.9 V is passed after 0.89 ms, 1.7 V after 3.56 ms, both up to a
     * step of 50 mV (0.11 ms) late. */
    assert_in_range(reset->t_ps - warning->t_ps, 25 * PS_PER_MS / 10, 26 * PS_PER_MS / 10);
    assert_true(warning->t_ps < end->t_ps && end->t_ps < reset->t_ps);
    assert_int_equal(count_of(EVENT_FLASH_TORN), 0);
}

static void a_step_may_follow_in_the_boot_that_a_reset_began(void **state)
{
    (void)state;
    assert_play(VERDICT_PASS, "hello",
                "\"timeline\":[{\"when\":{\"time\":\"1ms\"},\"do\":{\"reset\":\"pin\"}},"
                "{\"when\":{\"boot\":2},\"after\":\"1ms\",\"do\":{\"reset\":\"iwdg\"}},"
                "{\"when\":{\"event\":\"core.boot\"},\"after\":\"1ms\",\"do\":\"go_on\"}]",
                "{\"console\":{\"contains\":\"PASS\",\"boot\":3}}");
    assert_int_equal(count_of(EVENT_POWER_CUT), 0);
    assert_int_equal(nth_event(EVENT_RESET, 1)->value, RESET_IWDG);
}

static void a_variable_may_have_its_value_when_power_comes(void **state)
{
    (void)state;
    assert_play(VERDICT_PASS, "hello",
                "\"timeline\":[{\"when\":{\"memory\":\"0x20000000\",\"equals\":0},\"do\":\"go_on\"}]",
                "{\"console\":{\"contains\":\"PASS\"}}");
    assert_int_equal(step(1)->t_ps, nth_event(EVENT_POWER_ON, 0)->t_ps);
}

static void an_operation_that_never_comes_to_fail_proves_nothing(void **state)
{
    (void)state;
    assert_play(VERDICT_INCONCLUSIVE, "hello",
                "\"timeline\":[{\"when\":{\"time\":\"1ms\"},\"do\":{\"fail_operation\":\"erase\"}}]",
                "{\"console\":{\"contains\":\"PASS\"}}");
    assert_non_null(strstr(run.verdict.note[0], "never came"));
}

static void a_debugger_does_not_get_in_at_level_2(void **state)
{
    (void)state;
    assert_play(VERDICT_INCONCLUSIVE, "hello",
                "\"option_bytes\":{\"OPTR\":\"0xFFFFF8CC\"},\"timeline\":[{\"when\":{\"time\":"
                "\"1ms\"},\"do\":{\"debugger\":{\"halt\":\"1ms\"}}}]",
                "{\"console\":{\"contains\":\"PASS\"}}");
    assert_non_null(strstr(run.verdict.note[0], "level 2"));
    assert_int_equal(count_of(EVENT_DEBUG_HALT), 0);
}

/* ---- the debugger ---- */

static void a_halt_stops_the_core_and_not_the_pulse(void **state)
{
    (void)state;
    assert_play(VERDICT_PASS, "kv",
                "\"timeline\":[{\"when\":{\"event\":\"flash.erase_start\"},\"do\":{\"debugger\":"
                "{\"halt\":\"30ms\",\"access\":[{\"read\":\"0x08000000\",\"words\":2}]}}}]",
                "{\"console\":{\"contains\":\"PASS\"}}");
    const struct event *start = nth_event(EVENT_FLASH_ERASE_START, 0);
    const struct event *end = nth_event(EVENT_FLASH_ERASE_END, 0);
    const struct event *read = nth_event(EVENT_DEBUG_ACCESS, 0);
    assert_in_range(end->t_ps - start->t_ps, 22 * PS_PER_MS, 221 * PS_PER_MS / 10);
    assert_int_equal(read->value,
                     0x20020000); /* the initial stack pointer, once the flash is free */
    assert_true(read->t_ps >= end->t_ps);
    assert_int_equal(count_of(EVENT_DEBUG_HALT), 2);
}

static void a_halt_between_the_two_words_of_a_double_word_harms_nothing(void **state)
{
    (void)state;
    assert_play(
        VERDICT_PASS, "kv",
        "\"timeline\":[{\"when\":{\"event\":\"flash.latch\",\"nth\":3},\"do\":{\"debugger\":"
        "{\"halt\":\"10ms\"}}}]",
        "{\"console\":{\"contains\":\"PASS\"}}");
    const struct event *latch = nth_event(EVENT_FLASH_LATCH, 2);
    const struct event *start = nth_event(EVENT_FLASH_PROGRAM_START, 2);
    assert_true(start->t_ps >= latch->t_ps + 10 * PS_PER_MS);
}

/* What a memory view of the debugger reads raises the flags and the NMI that a load would raise:
 * the core takes it when it goes on (L4 sheet 5.3). */
static void a_torn_double_word_in_the_debuggers_view_raises_the_nmi(void **state)
{
    (void)state;
    const char *view =
        "\"timeline\":[{\"when\":{\"console\":\"PASS\"},\"do\":[{\"ecc_error\":{\"at\":"
        "\"0x0807F008\",\"bits\":2}},{\"debugger\":{\"halt\":\"1ms\",\"access\":"
        "[{\"read\":\"%s\",\"words\":4}]}}]}]";
    char more[512];
    snprintf(more, sizeof more, view, "0x0807F000");
    assert_play(VERDICT_PASS, "hello", more,
                "{\"flags\":{\"register\":\"ECCR\",\"set\":\"0x80000000\"}}");
    const struct event *detected = nth_event(EVENT_FLASH_ECC_DETECTED, 0);
    const struct event *nmi = nth_event(EVENT_EXCEPTION_ENTRY, 0);
    assert_int_equal(detected->addr, 0x0807F008);
    assert_int_equal(detected->master, MASTER_DEBUGGER);
    assert_int_equal(nmi->value, 2);
    assert_true(nmi->t_ps >= nth_event(EVENT_DEBUG_HALT, 1)->t_ps);
    snprintf(more, sizeof more, view, "0x0807F010");
    assert_play(VERDICT_PASS, "hello", more,
                "{\"flags\":{\"register\":\"ECCR\",\"clear\":\"0x80000000\"}}");
    assert_int_equal(count_of(EVENT_EXCEPTION_ENTRY), 0);
}

static void a_reset_by_the_debugger_ends_its_halt(void **state)
{
    (void)state;
    /* AIRCR: SYSRESETREQ */
    assert_play(VERDICT_PASS, "hello",
                "\"timeline\":[{\"when\":{\"console\":\"PASS\"},\"do\":{\"debugger\":{\"halt\":"
                "\"20ms\",\"access\":[{\"write\":\"0xE000ED0C\",\"value\":\"0x05FA0004\"}]}}}]",
                "{\"resets\":{\"cause\":\"system\",\"equals\":1}}");
}

static void a_watchdog_bites_in_a_halt_unless_it_is_frozen(void **state)
{
    (void)state;
    const char *halt = "\"timeline\":[{\"when\":{\"event\":\"watchdog\",\"value\":1},\"do\":"
                       "{\"debugger\":{\"halt\":\"100ms\"}}}]";
    const char *frozen = "\"timeline\":[{\"when\":{\"event\":\"watchdog\",\"value\":1},\"do\":"
                         "{\"debugger\":{\"halt\":\"100ms\",\"freeze\":[\"iwdg\"]}}}]";
    play("iwdg_erase", halt, "{\"boots\":{\"at_least\":1,\"at_most\":99}}");
    const struct event *first = nth_event(EVENT_DEBUG_HALT, 0);
    const struct event *bite = nth_event(EVENT_RESET, 0);
    assert_true(bite->t_ps < first->t_ps + 20 * PS_PER_MS);
    play("iwdg_erase", frozen, "{\"boots\":{\"at_least\":1,\"at_most\":99}}");
    bite = nth_event(EVENT_RESET, 0);
    assert_true(bite->t_ps > nth_event(EVENT_DEBUG_HALT, 0)->t_ps + 100 * PS_PER_MS);
}

/* ---- cells, input ---- */

static void an_ecc_error_is_corrected_or_detected(void **state)
{
    (void)state;
    play("kv",
         "\"timeline\":[{\"when\":{\"console\":\"PASS\"},\"do\":[{\"ecc_error\":"
         "{\"at\":\"0x0807F000\",\"bits\":1}},{\"reset\":\"pin\"}]}]",
         SAYS("PASS"));
    assert_true(count_of(EVENT_FLASH_ECC_CORRECTED) > 0);
    assert_int_equal(count_of(EVENT_FLASH_ECC_DETECTED), 0);
    play("kv",
         "\"timeline\":[{\"when\":{\"console\":\"PASS\"},\"do\":[{\"ecc_error\":"
         "{\"at\":\"0x0807F000\",\"bits\":2}},{\"reset\":\"pin\"}]}]",
         SAYS("PASS"));
    assert_true(count_of(EVENT_FLASH_ECC_DETECTED) > 0);
}

static void a_page_that_was_aged_has_its_wear(void **state)
{
    (void)state;
    assert_play(VERDICT_PASS, "hello",
                "\"timeline\":[{\"when\":{\"console\":\"PASS\"},\"do\":{\"age\":"
                "{\"at\":\"0x0807F000\",\"erases\":9000}}}]",
                "{\"wear\":{\"at\":\"0x0807F000\",\"equals\":9000}}");
}

static void uart_input_comes_byte_by_byte(void **state)
{
    (void)state;
    assert_play(
        VERDICT_PASS, "uart_echo",
        "\"timeline\":[{\"when\":{\"time\":\"20ms\"},\"do\":{\"uart_input\":\"flash\\r\"}}]",
        "{\"console\":{\"contains\":\"flash\"}}");
    assert_int_equal(count_of(EVENT_CONSOLE_IN), 6);
}

/* ---- alive ---- */

static void assert_alive(enum verdict_kind wanted, const char *image, const char *more,
                         const char *alive, const char *said)
{
    assert_play(wanted, image, more, alive);
    if (said && !strstr(run.verdict.note[0], said))
        fail_msg("\"%s\" is not in \"%s\"", said, run.verdict.note[0]);
}

static void hangs_and_loops_have_their_names(void **state)
{
    (void)state;
    const char *settings = "\"power_ons\":1";
    assert_alive(VERDICT_PASS, "hello", settings,
                 "{\"alive\":{\"sign\":{\"console\":\"PASS\"},\"within\":\"100ms\"}}", NULL);
    assert_alive(VERDICT_FAIL, "hello", settings,
                 "{\"alive\":{\"sign\":{\"console\":\"nobody\"},\"within\":\"100ms\"}}",
                 "hang: boot 1");
    assert_alive(VERDICT_FAIL, "hello", settings,
                 "{\"alive\":{\"sign\":{\"console\":\"PASS\"},\"within\":\"1us\"}}",
                 "late: boot 1");
    assert_alive(
        VERDICT_FAIL, "iwdg_erase", settings,
        "{\"alive\":{\"sign\":{\"console\":\"nobody\"},\"within\":\"400ms\",\"resets\":1}}",
        "watchdog loop: 1 boots");
    assert_alive(
        VERDICT_FAIL, "flash_keys", settings,
        "{\"alive\":{\"sign\":{\"console\":\"nobody\"},\"within\":\"400ms\",\"resets\":3}}",
        "boot loop: 3 boots");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_acts_when_its_trigger_comes),
        cmocka_unit_test(a_text_that_begins_inside_itself_is_found),
        cmocka_unit_test(a_variable_triggers_when_it_reaches_a_value),
        cmocka_unit_test(a_step_that_never_acts_proves_nothing),
        cmocka_unit_test(a_cut_lands_in_the_first_millisecond_of_a_boot),
        cmocka_unit_test(a_cut_lands_inside_a_stall),
        cmocka_unit_test(a_cut_lands_inside_the_recovery_from_a_cut),
        cmocka_unit_test(a_cut_lands_inside_an_option_change),
        cmocka_unit_test(a_reset_keeps_ram_and_a_cut_does_not),
        cmocka_unit_test(each_reset_has_its_own_flag),
        cmocka_unit_test(a_reset_may_let_the_pulse_finish_and_a_cut_never),
        cmocka_unit_test(a_supply_that_sinks_resets_at_its_brown_out_level),
        cmocka_unit_test(a_supply_that_sinks_warns_before_it_resets),
        cmocka_unit_test(a_step_may_follow_in_the_boot_that_a_reset_began),
        cmocka_unit_test(a_variable_may_have_its_value_when_power_comes),
        cmocka_unit_test(an_operation_that_never_comes_to_fail_proves_nothing),
        cmocka_unit_test(a_debugger_does_not_get_in_at_level_2),
        cmocka_unit_test(a_halt_stops_the_core_and_not_the_pulse),
        cmocka_unit_test(a_torn_double_word_in_the_debuggers_view_raises_the_nmi),
        cmocka_unit_test(a_halt_between_the_two_words_of_a_double_word_harms_nothing),
        cmocka_unit_test(a_reset_by_the_debugger_ends_its_halt),
        cmocka_unit_test(a_watchdog_bites_in_a_halt_unless_it_is_frozen),
        cmocka_unit_test(an_ecc_error_is_corrected_or_detected),
        cmocka_unit_test(a_page_that_was_aged_has_its_wear),
        cmocka_unit_test(uart_input_comes_byte_by_byte),
        cmocka_unit_test(hangs_and_loops_have_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
