/* What a run of a scenario promises: the library's runs give the same trace twice, byte by byte;
 * each kind of expectation can be met, violated and missed. */
#include "sim/scenario_run.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario_plan.h"
#include "sim/trace_file.h"

static struct scenario *load(const char *text)
{
    struct error error = {""};
    struct scenario *scenario = malloc(sizeof *scenario);
    assert_non_null(scenario);
    if (!scenario_parse(scenario, "s.json", text, strlen(text), FLASHSIM_FIRMWARE_DIR, &error) ||
        !scenario_load_files(scenario, &error))
        fail_msg("%s\n%s", error.text, text);
    return scenario;
}

/* Runs a scenario with one expectation and gives its outcome; the first note is left in `note`. */
static char note[VERDICT_NOTE];
static struct verdict last;

static const char *run_time = "600ms";

static enum outcome outcome_of(const char *image, const char *more, const char *expectation)
{
    char text[2048];
    struct error error = {""};
    struct scenario_plans plans;
    snprintf(text, sizeof text,
             "{\"name\":\"n\",\"why\":\"w\",\"chip\":\"stm32l452re\",\"image\":\"firmware:%s\","
             "\"run\":\"%s\",%s\"expect\":[%s]}",
             image, run_time, more, expectation);
    struct scenario *scenario = load(text);
    assert_true(scenario_plans_make(&plans, scenario, &error));
    assert_int_equal(plans.count, 1);
    if (!scenario_run(scenario, &plans.items[0], NULL, &last, &error))
        fail_msg("%s", error.text);
    snprintf(note, sizeof note, "%s", last.note_count ? last.note[0] : "");
    scenario_plans_free(&plans);
    scenario_free(scenario);
    free(scenario);
    return (enum outcome)last.outcome[0];
}

static void assert_outcome(enum outcome wanted, const char *image, const char *more,
                           const char *expectation, const char *said)
{
    enum outcome outcome = outcome_of(image, more, expectation);
    if (outcome != wanted || !strstr(note, said))
        fail_msg("%s: %s, note \"%s\"", expectation, verdict_outcome_name(outcome), note);
    enum verdict_kind kind = wanted == OUTCOME_MET        ? VERDICT_PASS
                             : wanted == OUTCOME_VIOLATED ? VERDICT_FAIL
                                                          : VERDICT_INCONCLUSIVE;
    assert_int_equal(last.kind, kind);
}

static void met(const char *image, const char *more, const char *expectation)
{
    assert_outcome(OUTCOME_MET, image, more, expectation, "");
}

static void violated(const char *image, const char *more, const char *expectation, const char *said)
{
    assert_outcome(OUTCOME_VIOLATED, image, more, expectation, said);
}

static void unreached(const char *image, const char *more, const char *expectation,
                      const char *said)
{
    assert_outcome(OUTCOME_UNREACHED, image, more, expectation, said);
}

/* ---- expectations ---- */

static void console_texts(void **state)
{
    (void)state;
    met("hello", "", "{\"console\":{\"contains\":[\"PASS\",\"hello\"],\"absent\":\"FAIL\"}}");
    met("hello", "",
        "{\"console\":{\"in_order\":[\"hello\",\"reset cause\",\"PASS\"],\"channel\":\"usart2\"}}");
    violated("hello", "", "{\"console\":{\"contains\":\"goodbye\"}}",
             "console: \"goodbye\" was not said; the last line: \"PASS\"");
    violated("hello", "", "{\"console\":{\"absent\":\"PASS\"}}", "console: \"PASS\" was said");
    violated("hello", "", "{\"console\":{\"in_order\":[\"PASS\",\"hello\"]}}",
             "\"hello\" was not said after \"PASS\"");
    violated("hello", "", "{\"console\":{\"contains\":\"PASS\",\"channel\":\"itm\"}}",
             "\"PASS\" was not said on itm: nothing was; usart2 said it");
    violated("hello", "", "{\"console\":{\"contains\":\"goodbye\",\"channel\":\"itm\"}}",
             "\"goodbye\" was not said on itm: nothing was");
    unreached("hello", "", "{\"console\":{\"absent\":\"FAIL\",\"channel\":\"itm\"}}",
              "nothing at all was said");
    unreached("hello", "", "{\"console\":{\"contains\":\"PASS\",\"boot\":2}}",
              "there was nothing in boot 2: the run ended in boot 1");
}

static void console_of_one_boot(void **state)
{
    (void)state;
    const char *cut = "\"cut\":{\"at\":\"2ms\"},\"off_time\":\"1ms\",";
    met("hello", cut, "{\"console\":{\"contains\":\"PASS\",\"boot\":2}}");
    met("hello", cut, "{\"console\":{\"contains\":\"PASS\",\"power_on\":\"last\"}}");
    violated("hello", cut, "{\"console\":{\"contains\":\"PASS\",\"boot\":1}}", "in boot 1");
    met("hello", "\"power_ons\":2,", "{\"console\":{\"contains\":\"PASS\",\"power_on\":1}}");
}

static void symbols(void **state)
{
    (void)state;
    /* hello counts its starts in a variable that nobody clears. */
    met("hello", "", "{\"symbol\":{\"name\":\"reset_count\",\"equals\":1}}");
    met("hello", "\"power_ons\":2,\"ram_after_power_loss\":\"kept\",",
        "{\"symbol\":{\"name\":\"reset_count\",\"equals\":2}}");
    met("hello", "\"power_ons\":2,\"ram_after_power_loss\":\"kept\",",
        "{\"symbol\":{\"name\":\"reset_count\",\"equals\":1,\"boot\":1}}");
    met("hello", "\"power_ons\":2,",
        "{\"symbol\":{\"name\":\"reset_count\",\"equals\":1,\"boot\":\"last\"}}");
    violated("hello", "", "{\"symbol\":{\"name\":\"reset_count\",\"at_least\":2}}",
             "reset_count is 1, expected is at least 2");
    unreached("hello", "", "{\"symbol\":{\"name\":\"reset_count\",\"equals\":1,\"power_on\":2}}",
              "there was nothing");
}

static void flash_contents(void **state)
{
    (void)state;
    met("hello", "", "{\"flash\":{\"at\":\"0x08070000\",\"erased\":65536}}");
    violated("hello", "", "{\"flash\":{\"at\":\"0x08000000\",\"erased\":8}}",
             "the double word at 0x08000000 is not erased");
    /* ram_flasher leaves its last page erased, the self-test leaves 0x0B0B0B0B 0xB0B0B0B0 in the
     * one before. */
    met("flash_selftest", "",
        "{\"flash\":{\"at\":\"0x0807F000\",\"words\":[\"0x0B0B0B0B\",\"0xB0B0B0B0\"]}}");
    violated("hello", "", "{\"flash\":{\"at\":\"0x0807F000\",\"words\":[\"0xFFFFFFFF\",5]}}",
             "0x0807F004 holds 0xFFFFFFFF, expected is 0x00000005");
}

/* What reads as nothing begun, or as a double error, is not there, whatever the cells would become. */
static void flash_contents_are_what_reads_say(void **state)
{
    (void)state;
    const char *late = "\"cut\":{\"operation\":\"program\",\"nth\":1,\"phase\":\"late\"},";
    const char *erased = "{\"flash\":{\"at\":\"0x08071000\",\"erased\":8}}";
    const char *words = "{\"flash\":{\"at\":\"0x08071000\",\"words\":[1,1]}}";
    char more[160];
    snprintf(more, sizeof more, "%s\"reads\":\"new\",", late);
    met("brick", more, words);
    violated("brick", more, erased, "is not erased: 0x0000000100000001 (weak cells");
    snprintf(more, sizeof more, "%s\"reads\":\"one_wrong\",", late);
    met("brick", more, words);
    snprintf(more, sizeof more, "%s\"reads\":\"two_wrong\",", late);
    violated("brick", more, words, "reads as a double error");
    snprintf(more, sizeof more, "%s\"reads\":\"old\",", late);
    assert_int_equal(outcome_of("brick", more, words), OUTCOME_MET); /* begun again, over what read as erased */
}

static void power_comes_again_after_an_exit(void **state)
{
    (void)state;
    met("semihost", "\"power_ons\":3,", "{\"exit\":0}");
    assert_int_equal(last.power_ons, 3);
    assert_int_equal(last.kind, VERDICT_PASS);
    met("semihost", "\"power_ons\":3,", "{\"console\":{\"absent\":\"no such text\",\"power_on\":3}}");
}

static void a_boot_that_is_over_before_it_must_be_alive_is_undecided(void **state)
{
    (void)state;
    unreached("semihost", "", "{\"alive\":{\"sign\":{\"console\":\"nobody\"}}}",
              "boot 1 ended undecided: without its sign after");
    violated("hello", "", "{\"alive\":{\"sign\":{\"console\":\"nobody\"}}}",
             "hang: boot 1 gave no sign of life in 0.600000000 s");
}

static void faults(void **state)
{
    (void)state;
    met("hello", "", "{\"fault\":\"none\"}");
    met("fault_unmapped_load", "", "{\"fault\":{\"kind\":\"HardFault\",\"cfsr\":\"0x8200\"}}");
    met("fault_unmapped_load", "", "{\"fault\":\"any\"}");
    met("fault_busfault_enabled", "", "{\"fault\":\"BusFault\"}");
    met("lockup_fault_in_hardfault", "", "{\"fault\":\"lockup\"}");
    violated("fault_unmapped_load", "", "{\"fault\":\"none\"}", "fault: HardFault at 0x0800");
    violated("fault_unmapped_load", "", "{\"fault\":{\"kind\":\"HardFault\",\"cfsr\":\"0x400\"}}",
             "no such fault");
    violated("hello", "", "{\"fault\":\"UsageFault\"}", "no such fault");
}

static void counts(void **state)
{
    (void)state;
    met("iwdg_erase", "", "{\"resets\":{\"cause\":\"iwdg\",\"equals\":1}}");
    violated("iwdg_erase", "", "{\"resets\":{\"cause\":\"system\",\"at_least\":1}}",
             "resets: 0, expected is at least 1");
    met("iwdg_erase", "", "{\"boots\":2}");
    violated("iwdg_erase", "", "{\"boots\":{\"at_most\":1}}", "boots: 2, expected is at most 1");
    met("semihost", "", "{\"exit\":0}");
    violated("semihost_fail", "", "{\"exit\":0}", "exit status: 1, expected is 0");
    violated("hello", "", "{\"exit\":0}", "the firmware did not exit");
    met("flash_stall", "", "{\"event\":{\"kind\":\"flash.erase_start\",\"count\":1}}");
    met("iwdg_erase", "",
        "{\"event\":{\"kind\":\"flash.torn\",\"boot\":2,\"rule\":\"L4.cut.erase\"}}");
    violated("flash_stall", "", "{\"event\":{\"kind\":\"flash.error\"}}",
             "flash.error: 0, expected is at least 1");
}

/* ---- what proves nothing ---- */

static const char *const absences[] = {
    "{\"fault\":{\"kind\":\"none\"%s}}",
    "{\"console\":{\"absent\":\"FAIL\"%s}}",
    "{\"resets\":{\"at_most\":1%s}}",
    "{\"event\":{\"kind\":\"flash.error\",\"count\":0%s}}",
};
enum { ABSENCE_COUNT = sizeof absences / sizeof absences[0], ABSENCE_CONSOLE = 1 };

static const char *absent_in(unsigned absence, const char *scope)
{
    static char text[256];
    snprintf(text, sizeof text, absences[absence], scope);
    return text;
}

static void absence_is_no_proof_where_the_firmware_did_not_live(void **state)
{
    (void)state;
    const char *short_life = "\"cut\":[{\"at\":\"100ms\"},{\"at\":\"1us\"}],\"off_time\":\"1ms\",";
    for (unsigned i = 0; i < ABSENCE_COUNT; i++) {
        met("hello", "", absent_in(i, ""));
        met("hello", short_life, absent_in(i, "")); /* it lives after the second cut */
        met("hello", short_life, absent_in(i, ",\"power_on\":1"));
        met("hello", short_life, absent_in(i, ",\"power_on\":\"last\""));
        met("hello", short_life, absent_in(i, ",\"boot\":3"));
        unreached("hello", short_life, absent_in(i, ",\"power_on\":2"),
                  i == ABSENCE_CONSOLE ? "nothing at all was said" : "no sign of life");
        unreached("hello", short_life, absent_in(i, ",\"boot\":2"),
                  i == ABSENCE_CONSOLE ? "nothing at all was said" : "no sign of life in boot 2");
    }
}

/* What a judge says of events that it only hears of. */
static enum outcome heard(const char *expectation, const struct event *events, size_t count)
{
    char text[512];
    struct error error = {""};
    struct verdict_judge judge;
    snprintf(text, sizeof text,
             "{\"name\":\"n\",\"why\":\"w\",\"chip\":\"stm32l452re\",\"image\":\"firmware:hello\","
             "\"expect\":[%s]}",
             expectation);
    struct scenario *scenario = load(text);
    struct machine *machine;
    assert_true(machine_create(&machine, scenario->chip, &error));
    verdict_begin(&judge, scenario, machine, &last);
    for (size_t i = 0; i < count; i++)
        verdict_hear(&judge, &events[i]);
    verdict_end(&judge);
    verdict_free(&judge);
    machine_destroy(machine);
    snprintf(note, sizeof note, "%s", last.note_count ? last.note[0] : "");
    scenario_free(scenario);
    free(scenario);
    return (enum outcome)last.outcome[0];
}

static void absence_needs_life_since_power_came_last(void **state)
{
    (void)state;
    static const struct event events[] = {
        {.kind = EVENT_POWER_ON, .boot = 1},  {.kind = EVENT_SLEEP, .boot = 1},
        {.kind = EVENT_POWER_CUT, .boot = 1}, {.kind = EVENT_POWER_ON, .boot = 2},
        {.kind = EVENT_CLOCK, .boot = 2},     {.kind = EVENT_RESET, .boot = 2},
        {.kind = EVENT_BOOT, .boot = 3},      {.kind = EVENT_SLEEP, .boot = 3},
    };
    const char *none = "{\"fault\":\"none\"}";
    assert_int_equal(heard(none, events, 3), OUTCOME_MET);
    assert_int_equal(heard(none, events, 7), OUTCOME_UNREACHED);
    assert_non_null(strstr(note, "no sign of life after power came last"));
    assert_int_equal(heard(none, events, 8), OUTCOME_MET); /* a reset does not begin anew */
    assert_int_equal(heard("{\"boots\":{\"at_most\":3}}", events, 7), OUTCOME_UNREACHED);
    assert_int_equal(heard("{\"boots\":3}", events, 7), OUTCOME_MET);
    assert_int_equal(heard("{\"fault\":{\"kind\":\"none\",\"boot\":\"last\"}}", events, 7),
                     OUTCOME_UNREACHED);
}

static void a_state_is_no_proof_when_the_firmware_never_lived(void **state)
{
    (void)state;
    const char *erased = "{\"flash\":{\"at\":\"0x08070000\",\"erased\":8}}";
    const char *zero = "{\"symbol\":{\"name\":\"reset_count\",\"equals\":0}}";
    const char *short_life = "\"cut\":[{\"at\":\"100ms\"},{\"at\":\"1us\"}],\"off_time\":\"1ms\",";
    met("hello", short_life,
        "{\"symbol\":{\"name\":\"reset_count\",\"equals\":0,\"power_on\":2}}");
    run_time = "1us";
    unreached("hello", "", erased, "no sign of life");
    unreached("hello", "", zero, "no sign of life");
    for (unsigned i = 0; i < ABSENCE_COUNT; i++)
        unreached("hello", "", absent_in(i, ""),
                  i == ABSENCE_CONSOLE ? "nothing at all was said" : "no sign of life");
    /* It says nothing yet and moves nothing but variables. */
    run_time = "3ms";
    unreached("compute", "", erased, "no sign of life");
    met("compute", "", "{\"symbol\":{\"name\":\"random_state\",\"at_least\":1}}");
    run_time = "600ms";
}

static void a_cut_that_never_fires_is_no_proof(void **state)
{
    (void)state;
    const char *cut = "\"cut\":{\"operation\":\"erase\",\"nth\":1,\"phase\":\"done\"},";
    assert_int_equal(outcome_of("hello", cut, "{\"fault\":\"none\"}"), OUTCOME_MET);
    assert_int_equal(last.kind, VERDICT_INCONCLUSIVE);
    assert_string_equal(note, "cut 1 never fired: there were not so many operations");
    /* What is missing may be missing because of that; what happened has happened. */
    assert_int_equal(outcome_of("hello", cut, "{\"console\":{\"contains\":\"goodbye\"}}"),
                     OUTCOME_UNREACHED);
    assert_int_equal(last.kind, VERDICT_INCONCLUSIVE);
    violated("hello", cut, "{\"console\":{\"absent\":\"PASS\"}}", "was said");
}

static void a_cut_whose_operation_a_reset_ended_is_no_proof(void **state)
{
    (void)state;
    outcome_of("iwdg_erase", "\"cut\":{\"operation\":\"erase\",\"nth\":2,\"phase\":\"late\"},",
               "{\"console\":{\"contains\":\"PASS\"}}");
    assert_int_equal(last.kind, VERDICT_INCONCLUSIVE);
    assert_string_equal(note,
                        "cut 1 never fired: the operation ended before its moment came (by a reset, or a row that broke off)");
}

static void a_later_cut_counts_from_the_power_on_before_it(void **state)
{
    (void)state;
    met("kv",
        "\"cut\":[{\"operation\":\"program\",\"nth\":37,\"phase\":\"ecc\"},"
        "{\"operation\":\"any\",\"nth\":1,\"phase\":\"before\"},{\"at\":\"1ms\"}],\"off_time\":"
        "\"1ms\",",
        "{\"durability\":{\"begun\":\"put \",\"acknowledged\":\"ack \",\"reported\":\"have \"}}");
    assert_int_equal(last.cut_count, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(last.cuts[i].state, CUT_FIRED);
        assert_int_equal(last.cuts[i].boot, i + 1);
    }
    assert_int_equal(last.power_ons, 4);
}

static void ram_after_power_loss_is_as_told(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t word;
    } cases[] = {{"zeros", 0}, {"ones", 0xFFFFFFFF}};
    for (unsigned i = 0; i < 2; i++) {
        /* Cut before the first instructions of the second start have touched it. */
        char more[256], expectation[128];
        snprintf(more, sizeof more,
                 "\"cut\":[{\"at\":\"100ms\"},{\"at\":\"1us\"}],\"ram_after_power_loss\":\"%s\",",
                 cases[i].name);
        snprintf(expectation, sizeof expectation,
                 "{\"symbol\":{\"name\":\"reset_count\",\"equals\":%u,\"power_on\":2}}",
                 cases[i].word);
        met("hello", more, expectation);
    }
}

/* ---- determinism ---- */

static char *trace_of(const struct scenario *scenario, const struct scenario_plan *plan,
                      size_t *size, struct verdict *verdict)
{
    struct error error = {""};
    char *text = NULL;
    FILE *stream = open_memstream(&text, size);
    assert_non_null(stream);
    struct scenario_watcher watcher = {.hear = trace_file_write, .context = stream};
    if (!scenario_run(scenario, plan, &watcher, verdict, &error))
        fail_msg("%s", error.text);
    fclose(stream);
    return text;
}

static void run_twice(const struct scenario *scenario, const struct scenario_plan *plan)
{
    static struct verdict first, second;
    size_t size, size_again;
    memset(&first, 0xAA, sizeof first);
    memset(&second, 0x55, sizeof second);
    char *trace = trace_of(scenario, plan, &size, &first);
    char *again = trace_of(scenario, plan, &size_again, &second);
    if (size != size_again || memcmp(trace, again, size) != 0)
        fail_msg("%s: two runs, two traces", scenario->path);
    assert_int_equal(first.kind, second.kind);
    assert_true(first.trace_hash == second.trace_hash);
    assert_true(first.events > 0);
    free(trace);
    free(again);
}

static void every_scenario_of_the_library_gives_the_same_trace_twice(void **state)
{
    (void)state;
    DIR *folder = opendir(FLASHSIM_SOURCE_DIR "/scenarios/l4");
    unsigned count = 0;
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char path[1024];
        struct error error = {""};
        struct scenario_plans plans;
        if (!strstr(entry->d_name, ".json"))
            continue;
        struct scenario *scenario = malloc(sizeof *scenario);
        assert_non_null(scenario);
        snprintf(path, sizeof path, "%s/scenarios/l4/%s", FLASHSIM_SOURCE_DIR, entry->d_name);
        if (!scenario_load(scenario, path, FLASHSIM_FIRMWARE_DIR, &error) ||
            !scenario_load_files(scenario, &error) ||
            !scenario_plans_make(&plans, scenario, &error))
            fail_msg("%s", error.text);
        assert_true(plans.count > 0);
        run_twice(scenario, &plans.items[plans.count / 2]);
        scenario_plans_free(&plans);
        scenario_free(scenario);
        free(scenario);
        count++;
    }
    closedir(folder);
    assert_true(count >= 30);
}

static void another_seed_is_another_trace(void **state)
{
    (void)state;
    const char *cut =
        "\"cut\":{\"operation\":\"program\",\"nth\":12,\"phase\":\"late\"},\"reads\":"
        "\"seeded\",\"off_time\":\"1ms\",";
    char more[256];
    outcome_of("kv", cut, "{\"fault\":\"none\"}");
    uint64_t hash = last.trace_hash;
    outcome_of("kv", cut, "{\"fault\":\"none\"}");
    assert_true(hash == last.trace_hash);
    bool is_other = false;
    for (unsigned seed = 2; seed < 8 && !is_other; seed++) {
        snprintf(more, sizeof more, "\"seed\":%u,%s", seed, cut);
        outcome_of("kv", more, "{\"fault\":\"none\"}");
        is_other = last.trace_hash != hash;
    }
    assert_true(is_other);
}

static void each_operation_is_found_by_counting(void **state)
{
    (void)state;
    struct error error = {""};
    struct scenario_plans plans;
    struct scenario *scenario = load("{\"name\":\"n\",\"why\":\"w\",\"chip\":\"stm32l452re\","
                                     "\"image\":\"firmware:kv\",\"run\":\"600ms\","
                                     "\"cut\":{\"operation\":\"any\",\"nth\":\"each\",\"phase\":["
                                     "\"mid\",\"ecc\"]},\"expect\":[]}");
    assert_true(scenario_plans_make(&plans, scenario, &error));
    unsigned erases = 0, programs = 0;
    for (size_t i = 0; i < plans.count; i++) {
        erases += plans.items[i].cuts[0].moment.phase == FLASH_PHASE_MID;
        programs += plans.items[i].cuts[0].moment.phase == FLASH_PHASE_ECC;
    }
    /* A mark, 30 slots, a move of the 5 values with its mark, 10 more slots; each page erased once.
     */
    assert_int_equal(erases, 2);
    assert_int_equal(programs, 1 + 30 + 5 + 1 + 10);
    scenario_plans_free(&plans);
    scenario_free(scenario);
    free(scenario);
}

static void a_core_that_is_stuck_in_an_exception_is_named(void **state)
{
    (void)state;
    const char *torn = "\"cut\":{\"operation\":\"program\",\"nth\":12,\"phase\":\"pulse\",\"k\":2},\"off_time\":\"1ms\",";
    const char *reset = "\"timeline\":[{\"when\":{\"operation\":\"program\",\"phase\":\"pulse\",\"k\":2,"
                        "\"addr\":\"0x0807F800\"},\"do\":{\"reset\":\"pin\"}}],";
    const char *passes = "{\"console\":{\"contains\":\"PASS\",\"power_on\":\"last\"}}";
    violated("kv_bad_nmi", torn, passes,
             "nothing was; the core is in NMI, NMI_Handler (kv.c:");
    violated("kv_bad_nmi", torn,
             "{\"alive\":{\"sign\":{\"console\":\"have\"},\"within\":\"400ms\"}}",
             "hang: boot 2 gave no sign of life in 0.400000000 s; the core is in NMI, NMI_Handler (kv.c:");
    violated("lockup_svc_in_hardfault", "", passes, "; the core is locked up in HardFault, HardFault_Handler (");
    violated("pitfall_26_torn_read_spins_bad", reset, passes, "; the core is in NMI, unhandled_exception (vectors.S:");
    /* Not of a boot before the last, nor of one that runs in thread mode. */
    violated("kv_bad_nmi", torn, "{\"console\":{\"contains\":\"PASS\",\"power_on\":1}}", "PASS");
    assert_null(strstr(note, "the core"));
    violated("hello", "", "{\"console\":{\"contains\":\"goodbye\"}}", "goodbye");
    assert_null(strstr(note, "the core"));
}

/* ---- durability without a console ---- */

#define BEGUN "\"begun\":{\"symbol\":\"being_written\",\"item\":\"n\"}"
#define DONE "\"acknowledged\":{\"symbol\":\"written\",\"item\":\"n\"}"
#define PULSE "\"acknowledged\":{\"pin\":\"PA5\",\"edge\":\"rising\"}"
#define FOUND(when) "\"reported\":{\"symbol\":\"found\",\"item\":\"n\",\"when\":{" when "}}"
#define KNOWN "\"symbol\":\"is_found_known\",\"equals\":1"
#define DURABLE(begun, acknowledged, reported) \
    "{\"durability\":{" begun "," acknowledged "," reported "}}"

static const char *const third = "\"cut\":{\"operation\":\"program\",\"nth\":3,\"phase\":\"ecc\"},";

static void variables_and_pins_say_what_is_durable(void **state)
{
    (void)state;
    const char *lost = "acknowledged n=3 was there in boot 1, boot 2 reports n=2";
    met("silent_count", third, DURABLE(BEGUN, PULSE, FOUND(KNOWN)));
    met("silent_count", third, DURABLE(BEGUN, DONE, FOUND("\"pin\":\"PA6\"")));
    violated("silent_count_bad", third, DURABLE(BEGUN, PULSE, FOUND(KNOWN)), lost);
    violated("silent_count_bad", third, DURABLE(BEGUN, DONE, FOUND("\"pin\":\"PA6\"")), lost);
    /* What is begun late is not begun when it is there after all. */
    violated("silent_count", "\"cut\":{\"operation\":\"program\",\"nth\":3,\"phase\":\"done\"},",
             DURABLE("\"begun\":{\"symbol\":\"written\",\"item\":\"n\"}", PULSE, FOUND(KNOWN)),
             "acknowledged n=2 was there in boot 1, boot 2 reports n=3");
}

/* RAM that holds the values of an earlier boot, or noise, when power comes; start-up code that sets them. */
static void what_ram_held_before_says_nothing(void **state)
{
    (void)state;
    static const char *const rams[] = {"zeros", "ones", "noise", "kept"};
    char more[256];
    for (unsigned i = 0; i < 4; i++) {
        snprintf(more, sizeof more, "%s\"ram_after_power_loss\":\"%s\",", third, rams[i]);
        met("silent_count", more, DURABLE(BEGUN, DONE, FOUND(KNOWN)));
        violated("silent_count_bad", more, DURABLE(BEGUN, DONE, FOUND(KNOWN)), "acknowledged n=3");
    }
    met("silent_count",
        "\"cut\":{\"operation\":\"program\",\"nth\":3,\"phase\":\"ecc\",\"by\":\"pin\"},",
        DURABLE(BEGUN, DONE, FOUND(KNOWN)));
}

static void a_variable_that_is_loaded_says_nothing_until_it_is_reported(void **state)
{
    (void)state;
    const char *own = "\"begun\":{\"symbol\":\"found\",\"item\":\"n\"}";
    char expectation[512];
    snprintf(expectation, sizeof expectation, "{\"durability\":{%s,%s,%s}}", own, DONE, FOUND(KNOWN));
    met("silent_count", third, expectation);
}

static void a_report_without_its_trigger_is_none(void **state)
{
    (void)state;
    violated("silent_count", third,
             DURABLE(BEGUN, PULSE, FOUND("\"symbol\":\"is_found_known\",\"equals\":7")),
             "acknowledged n=2 was there in boot 1, boot 2 does not report n");
    unreached("silent_count", third,
              DURABLE(BEGUN, "\"acknowledged\":{\"pin\":\"PB5\"}", FOUND(KNOWN)),
              "nothing was acknowledged: no edge of PB5 after something was begun");
    unreached("silent_count", third,
              DURABLE(BEGUN, "\"acknowledged\":{\"symbol\":\"is_damaged\",\"item\":\"n\"}", FOUND(KNOWN)),
              "nothing was acknowledged: is_damaged did not change");
}

static void a_variable_that_can_not_be_followed_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *symbol, *message;
    } cases[] = {{"being_writen", "did you mean being_written?"},
                 {"main", "only 1 to 8 bytes in RAM"}};
    for (unsigned i = 0; i < 2; i++) {
        char text[1024];
        struct error error = {""};
        struct scenario *scenario = calloc(1, sizeof *scenario);
        assert_non_null(scenario);
        snprintf(text, sizeof text,
                 "{\"name\":\"n\",\"why\":\"w\",\"chip\":\"stm32l452re\","
                 "\"image\":\"firmware:silent_count\",\"expect\":[{\"durability\":{"
                 "\"begun\":{\"symbol\":\"%s\",\"item\":\"n\"}," PULSE "," FOUND(KNOWN) "}}]}",
                 cases[i].symbol);
        assert_true(scenario_parse(scenario, "s.json", text, strlen(text), FLASHSIM_FIRMWARE_DIR, &error));
        assert_false(scenario_load_files(scenario, &error));
        if (!strstr(error.text, cases[i].message))
            fail_msg("%s", error.text);
        scenario_free(scenario);
        free(scenario);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(console_texts),
        cmocka_unit_test(console_of_one_boot),
        cmocka_unit_test(symbols),
        cmocka_unit_test(flash_contents),
        cmocka_unit_test(flash_contents_are_what_reads_say),
        cmocka_unit_test(power_comes_again_after_an_exit),
        cmocka_unit_test(a_boot_that_is_over_before_it_must_be_alive_is_undecided),
        cmocka_unit_test(faults),
        cmocka_unit_test(counts),
        cmocka_unit_test(absence_is_no_proof_where_the_firmware_did_not_live),
        cmocka_unit_test(absence_needs_life_since_power_came_last),
        cmocka_unit_test(a_state_is_no_proof_when_the_firmware_never_lived),
        cmocka_unit_test(a_cut_that_never_fires_is_no_proof),
        cmocka_unit_test(a_cut_whose_operation_a_reset_ended_is_no_proof),
        cmocka_unit_test(a_later_cut_counts_from_the_power_on_before_it),
        cmocka_unit_test(ram_after_power_loss_is_as_told),
        cmocka_unit_test(each_operation_is_found_by_counting),
        cmocka_unit_test(another_seed_is_another_trace),
        cmocka_unit_test(every_scenario_of_the_library_gives_the_same_trace_twice),
        cmocka_unit_test(a_core_that_is_stuck_in_an_exception_is_named),
        cmocka_unit_test(variables_and_pins_say_what_is_durable),
        cmocka_unit_test(what_ram_held_before_says_nothing),
        cmocka_unit_test(a_variable_that_is_loaded_says_nothing_until_it_is_reported),
        cmocka_unit_test(a_report_without_its_trigger_is_none),
        cmocka_unit_test(a_variable_that_can_not_be_followed_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
