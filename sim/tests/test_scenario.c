/* What the scenario reader promises: what is well is read, what is wrong is refused at its place
 * with what was probably meant. */
#include "sim/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "{\"name\":\"n\",\"why\":\"w\",\"chip\":\"stm32l452re\",\"image\":\"a.elf\","
#define TAIL "\"expect\":[]}"

static bool read_text(struct scenario *scenario, const char *text, struct error *error)
{
    return scenario_parse(scenario, "dir/s.json", text, strlen(text), "/firmware", error);
}

static struct scenario *read_well(const char *text)
{
    struct error error = {""};
    struct scenario *scenario = malloc(sizeof *scenario);
    assert_non_null(scenario);
    if (!read_text(scenario, text, &error))
        fail_msg("%s\n%s", text, error.text);
    return scenario;
}

static void done(struct scenario *scenario)
{
    scenario_free(scenario);
    free(scenario);
}

struct refusal {
    const char *text, *message;
};

static void assert_refused(const struct refusal *refusals, size_t count)
{
    struct scenario *scenario = malloc(sizeof *scenario);
    assert_non_null(scenario);
    for (size_t i = 0; i < count; i++) {
        struct error error = {""};
        if (read_text(scenario, refusals[i].text, &error))
            fail_msg("accepted: %s", refusals[i].text);
        if (!strstr(error.text, refusals[i].message))
            fail_msg("%s\n\"%s\" lacks \"%s\"", refusals[i].text, error.text, refusals[i].message);
        assert_int_equal(strncmp(error.text, "dir/s.json:", 11), 0);
        assert_null(strchr(error.text, '\n'));
    }
    free(scenario);
}

#define ASSERT_REFUSED(refusals) assert_refused(refusals, sizeof refusals / sizeof refusals[0])

static void the_smallest_scenario_has_defaults(void **state)
{
    (void)state;
    struct scenario *s = read_well(HEAD TAIL);
    assert_string_equal(s->name, "n");
    assert_string_equal(s->chip->name, "stm32l452re");
    assert_string_equal(s->board->name, "nucleo-l452re");
    assert_string_equal(s->image_file[0].path, "dir/a.elf");
    assert_int_equal(s->seeds[0], 1);
    assert_int_equal(s->timing, TIMING_TYP);
    assert_int_equal(s->caches, CACHES_OFF);
    assert_int_equal(s->rams[0], RAM_ZEROS);
    assert_int_equal(s->run_ps, 10 * PS_PER_S);
    assert_int_equal(s->off_ps, PS_PER_S);
    assert_int_equal(s->power_ons, 1);
    assert_int_equal(s->cut_count, 0);
    done(s);
}

static void settings_are_read(void **state)
{
    (void)state;
    struct scenario *s = read_well(
        "{\"name\":\"n\",\"why\":\"w\",\"board\":\"nucleo-l476rg\",\"images\":[\"firmware:kv\",\"/"
        "b.elf\","
        "{\"file\":\"c.bin\",\"at\":\"0x08010000\"}],\"seed\":\"0x10\",\"timing\":\"max\","
        "\"caches\":\"exact\","
        "\"reset_pulse\":\"finishes\",\"ram_after_power_loss\":\"noise\",\"run\":\"1.5ms\","
        "\"off_time\":\"20us\",\"power_ons\":3,\"flash\":\"d.bin\",\"rules\":{\"L4.ecc.once_per_"
        "line\":true},"
        "\"expect\":[]}");
    assert_string_equal(s->chip->name, "stm32l476rg");
    assert_int_equal(s->image_count, 3);
    assert_string_equal(s->image_file[0].path, "/firmware/kv.elf");
    assert_string_equal(s->image_file[1].path, "/b.elf");
    assert_string_equal(s->image_file[2].path, "dir/c.bin");
    assert_int_equal(s->image_file[2].addr, 0x08010000);
    assert_string_equal(s->starts[0].path, "dir/d.bin");
    assert_int_equal(s->seeds[0], 16);
    assert_int_equal(s->timing, TIMING_MAX);
    assert_int_equal(s->caches, CACHES_EXACT);
    assert_int_equal(s->reset_pulses[0], RESET_PULSE_FINISHES);
    assert_int_equal(s->rams[0], RAM_NOISE);
    assert_int_equal(s->run_ps, UINT64_C(1500) * PS_PER_US);
    assert_int_equal(s->off_ps, 20 * PS_PER_US);
    assert_int_equal(s->power_ons, 3);
    assert_int_not_equal(s->rule_switches, 0);
    done(s);
}

static void cuts_list_operations_and_moments(void **state)
{
    (void)state;
    struct scenario *s =
        read_well(HEAD "\"cut\":[{\"operation\":\"program\",\"nth\":[3,5],\"phase\":[\"before\","
                       "\"pulse\"],\"k\":2},"
                       "{\"operation\":\"erase\",\"nth\":\"each\",\"phase\":\"each\"},"
                       "{\"nth\":1,\"phase\":\"pulse\",\"n\":3},{\"at\":\"300us\"}]," TAIL);
    assert_int_equal(s->cut_count, 4);
    assert_int_equal(s->power_ons, 5);
    assert_int_equal(s->cuts[0].operation, CUT_PROGRAM);
    assert_int_equal(s->cuts[0].nth_count, 2);
    assert_int_equal(s->cuts[0].nth[1], 5);
    assert_int_equal(s->cuts[0].moment_count, 2);
    assert_int_equal(s->cuts[0].moments[1].phase, FLASH_PHASE_PULSE);
    assert_int_equal(s->cuts[0].moments[1].k, 2);
    assert_int_equal(s->cuts[0].moments[1].n, 4);
    assert_true(s->cuts[1].is_each);
    assert_int_equal(s->cuts[1].moment_count, 5); /* before, early, mid, late, done */
    assert_int_equal(s->cuts[2].operation, CUT_ANY_OPERATION);
    assert_int_equal(s->cuts[2].moment_count, 3);
    assert_int_equal(s->cuts[2].moments[2].k, 3);
    assert_true(s->cuts[3].is_timed);
    assert_int_equal(s->cuts[3].after_ps, 300 * PS_PER_US);
    done(s);
}

static void every_kind_of_expectation_is_read(void **state)
{
    (void)state;
    struct scenario *s = read_well(
        HEAD "\"expect\":["
             "{\"console\":{\"contains\":\"a\",\"in_order\":[\"b\",\"c\"],\"absent\":\"d\","
             "\"channel\":\"rtt\","
             "\"boot\":2}},"
             "{\"durability\":{\"begun\":\"p \",\"acknowledged\":\"k \",\"reported\":\"h "
             "\",\"separator\":\":\"}},"
             "{\"name\":\"s\",\"symbol\":{\"name\":\"v\",\"at_least\":2,\"at_most\":\"0x10\","
             "\"power_on\":\"last\"}},"
             "{\"flash\":{\"at\":\"0x08000010\",\"words\":[1,\"0xFFFFFFFF\"]}},"
             "{\"flash\":{\"at\":134217728,\"erased\":2048}},"
             "{\"flash\":{\"at\":134217728,\"equals_file\":\"x.bin\"}},"
             "{\"fault\":\"none\"},{\"fault\":{\"kind\":\"BusFault\",\"cfsr\":\"0x400\",\"boot\":"
             "\"last\"}},"
             "{\"fault\":\"lockup\"},{\"resets\":{\"cause\":\"iwdg\",\"equals\":1}},{\"boots\":2},"
             "{\"boots\":{\"at_most\":3}},{\"exit\":0},"
             "{\"event\":{\"kind\":\"flash.error\",\"value\":\"0xA8\",\"addr\":4,\"unit\":"
             "\"FLASH\",\"rule\":\"L4.program.stale_flag\","
             "\"count\":{\"at_least\":2}}}]}");
    const struct expectation *e = s->expectations;
    assert_int_equal(s->expectation_count, 14);
    assert_string_equal(e[0].name, "console");
    assert_int_equal(e[0].scope.kind, SCOPE_BOOT);
    assert_int_equal(e[0].scope.number, 2);
    assert_int_equal(e[0].console.in_order.count, 2);
    assert_int_equal(e[0].console.channel, CONSOLE_RTT);
    assert_string_equal(e[1].durability.pattern.separator, ":");
    assert_int_equal(e[1].durability.channel, CONSOLE_CHANNEL_COUNT);
    assert_string_equal(e[2].name, "s");
    assert_int_equal(e[2].scope.kind, SCOPE_LAST_POWER_ON);
    assert_int_equal(e[2].symbol.value.at_most, 16);
    assert_int_equal(e[3].flash.addr, 0x08000010);
    assert_int_equal(e[3].flash.size, 8);
    assert_int_equal(e[3].flash.words[1], 0xFFFFFFFF);
    assert_int_equal(e[4].flash.kind, EXPECT_FLASH_ERASED);
    assert_string_equal(e[5].flash.path, "dir/x.bin");
    assert_true(e[6].fault.is_none);
    assert_int_equal(e[7].fault.exception, 5);
    assert_int_equal(e[7].fault.cfsr, 0x400);
    assert_int_equal(e[7].scope.kind, SCOPE_LAST_BOOT);
    assert_true(e[8].fault.is_lockup);
    assert_int_equal(e[9].count.cause, RESET_IWDG);
    assert_int_equal(e[10].count.count.at_most, 2);
    assert_true(e[12].count.count.has_at_most);
    assert_int_equal(e[13].event.kind, EVENT_FLASH_ERROR);
    assert_int_equal(e[13].event.count.at_least, 2);
    done(s);
}

static void a_known_bad_scenario_names_the_expectation(void **state)
{
    (void)state;
    struct scenario *s = read_well(HEAD "\"expect\":[{\"boots\":1},{\"fault\":\"none\"}],"
                                        "\"expect_verdict\":\"fail\",\"because\":\"fault\"}");
    assert_true(s->is_known_bad);
    assert_int_equal(s->because, 1);
    done(s);
}

static void scopes_and_verdicts_that_prove_nothing_are_read(void **state)
{
    (void)state;
    struct scenario *s = read_well(
        HEAD "\"expect\":[{\"console\":{\"contains\":\"a\",\"boot\":\"0x2\"},\"holds_anyway\":true}],"
             "\"expect_verdict\":\"inconclusive\",\"because\":\"never fired\"}");
    assert_int_equal(s->expectations[0].scope.kind, SCOPE_BOOT);
    assert_int_equal(s->expectations[0].scope.number, 2);
    assert_true(s->expectations[0].holds_anyway);
    assert_false(s->is_known_bad);
    assert_string_equal(s->inconclusive_because, "never fired");
    done(s);
    static const struct refusal refusals[] = {
        {HEAD "\"expect\":[],\"expect_verdict\":\"inconclusive\"}", "a part of what each run says"},
        {HEAD "\"expect\":[],\"expect_verdict\":\"inconclusive\",\"because\":\"\"}", "\"because\" is empty"},
        {HEAD "\"expect\":[{\"console\":{\"contains\":\"a\",\"boot\":\"first\"}}]}",
         "must be a number from 1, or \"last\""},
    };
    ASSERT_REFUSED(refusals);
}

static void a_wrong_key_is_refused_at_its_place_with_the_nearest_one(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"{\n  \"nam\": \"n\"}", "dir/s.json:2:3: no such key: \"nam\": did you mean \"name\"?"},
        {HEAD "\"cuts\":{}," TAIL, "did you mean \"cut\"?"},
        {HEAD "\"cut\":{\"op\":\"program\"}," TAIL,
         "no such key: \"op\": known here are operation, nth"},
        {HEAD "\"expect\":[{\"consol\":{}}]}", "did you mean \"console\"?"},
        {HEAD "\"expect\":[{\"console\":{\"contain\":\"x\"}}]}", "did you mean \"contains\"?"},
        {HEAD "\"rules\":{\"L4.ecc.once_per_lin\":true}," TAIL,
         "did you mean \"L4.ecc.once_per_line\"?"},
        {"{\"name\":\"n\",\"name\":\"m\"}", "twice"},
        {"{\"name\":\"n\",}", "a comma before }"},
        {"[]", "1:1: an object must stand here"},
    };
    ASSERT_REFUSED(refusals);
}

static void a_wrong_name_is_refused_with_the_nearest_one(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"{\"name\":\"n\",\"why\":\"w\",\"chip\":\"stm32l453re\"}",
         "no such chip: \"stm32l453re\": did you mean "
         "\"stm32l452re\"?"},
        {"{\"name\":\"n\",\"why\":\"w\",\"board\":\"nucleo-l476gr\"}",
         "did you mean \"nucleo-l476rg\"?"},
        {"{\"name\":\"n\",\"why\":\"w\",\"chip\":\"stm32l452re\",\"board\":\"nucleo-l476rg\"}",
         "a board for the stm32l476rg, not for the stm32l452re"},
        {"{\"name\":\"n\",\"why\":\"w\"}", "\"chip\" is missing"},
        {HEAD "\"timing\":\"slow\"," TAIL, "\"timing\" must be one of: min, typ, max"},
        {HEAD "\"cut\":{\"operation\":\"erase\",\"nth\":1,\"phase\":\"ecc\"}," TAIL,
         "no such phase of this operation"},
        {HEAD "\"cut\":{\"operation\":\"program\",\"nth\":1,\"phase\":\"puls\"}," TAIL,
         "did you mean \"pulse\"?"},
        {HEAD "\"expect\":[{\"fault\":\"Hardfault\"}]}", "did you mean \"HardFault\"?"},
        {HEAD "\"expect\":[{\"event\":{\"kind\":\"flash.eror\"}}]}",
         "did you mean \"flash.error\"?"},
        {HEAD "\"expect\":[{\"console\":{\"contains\":\"x\",\"channel\":\"usart9\"}}]}",
         "did you mean \"usart"},
        {HEAD "\"expect\":[{\"boots\":1}],\"expect_verdict\":\"fail\",\"because\":\"boot\"}",
         "did you mean \"boots\"?"},
    };
    ASSERT_REFUSED(refusals);
}

static void a_wrong_value_is_refused_at_its_place(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"{\"name\":5}", "1:9: \"name\" must be a string"},
        {"{\"name\":\"\",\"why\":\"w\"}", "\"name\" is empty"},
        {"{\"name\":\"a\\nb\",\"why\":\"w\"}", "one line"},
        {"{\"name\":\"n\"}", "\"why\" is missing"},
        {HEAD "\"seed\":-1," TAIL, "\"seed\" must be an integer from 0"},
        {HEAD "\"seed\":1.5," TAIL, "\"seed\" must be an integer"},
        {HEAD "\"run\":5," TAIL, "\"run\" must be a duration"},
        {HEAD "\"run\":\"8640001s\"," TAIL, "\"run\" is too long: at most \"8640000s\""},
        {HEAD "\"seed\":1}", "\"expect\" is missing in this object: a list of what must hold"},
        {HEAD "\"expect\":[{\"fault\":\"none\",\"boot\":2}]}", "\"boot\" stands too far out"},
        {HEAD "\"expect\":[{\"power_on\":2,\"console\":{\"contains\":\"x\"}}]}",
         "\"power_on\" stands too far out"},
        {HEAD "\"run\":\"0s\"," TAIL, "\"run\" must be a duration"},
        {HEAD "\"run\":\"0.5ns\"," TAIL, "\"run\" must be a duration"},
        {HEAD "\"power_ons\":0," TAIL, "\"power_ons\" must be an integer from 1"},
        {HEAD "\"cut\":[{\"at\":\"1ms\"}],\"power_ons\":1," TAIL,
         "\"power_ons\" must be an integer from 2"},
        {HEAD "\"images\":[]," TAIL, "both \"image\" and \"images\""},
        {HEAD "\"rules\":[]," TAIL, "\"rules\" must be an object"},
        {"{\"name\":\"n\",\"why\":\"w\",\"chip\":\"stm32l452re\",\"expect\":[]}",
         "\"image\" is missing"},
        {"{\"name\":\"n\",\"why\":\"w\",\"chip\":\"stm32l452re\",\"image\":7}",
         "an image must be a file name"},
        {"{\"name\":\"n\",\"why\":\"w\",\"chip\":\"stm32l452re\",\"image\":\"firmware:a/b\"}",
         "\"firmware:\" is followed by"},
        {"{\"name\":\"n\",\"why\":\"w\",\"chip\":\"stm32l452re\",\"image\":\"\"}",
         "a file name must stand here"},
        {HEAD "\"expect\":{}}", "\"expect\" must be an array"},
        {HEAD "\"expect\":[5]}", "an object must stand here"},
        {HEAD "\"expect\":[{}]}", "nothing is expected here"},
        {HEAD "\"expect\":[{\"boots\":1,\"exit\":0}]}", "two expectations in one object"},
    };
    ASSERT_REFUSED(refusals);
}

static void a_wrong_cut_is_refused(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {HEAD "\"cut\":5," TAIL, "an object must stand here"},
        {HEAD "\"cut\":{\"nth\":1}," TAIL, "\"phase\" is missing"},
        {HEAD "\"cut\":{\"phase\":\"done\"}," TAIL, "\"nth\" is missing"},
        {HEAD "\"cut\":{\"nth\":0,\"phase\":\"done\"}," TAIL, "\"nth\" must be an integer from 1"},
        {HEAD "\"cut\":{\"nth\":[],\"phase\":\"done\"}," TAIL, "no number in this list"},
        {HEAD "\"cut\":{\"nth\":1,\"phase\":[]}," TAIL, "no phase in this list"},
        {HEAD "\"cut\":{\"nth\":1,\"phase\":\"pulse\",\"k\":5}," TAIL,
         "\"k\" is past \"n\": the pulse has 4 parts"},
        {HEAD "\"cut\":{\"nth\":1,\"phase\":\"pulse\",\"n\":65}," TAIL,
         "\"n\" must be an integer from 1 to 64"},
        {HEAD "\"cut\":{\"at\":\"1ms\",\"nth\":1}," TAIL, "a cut at a time has no \"nth\""},
        {HEAD "\"cut\":[]," TAIL, "no cut in this list: leave \"cut\" out"},
        {HEAD "\"cut\":{\"at\":\"soon\"}," TAIL, "\"at\" must be a duration"},
        {HEAD "\"cut\":{\"nth\":1,\"phase\":[\"pulse\",\"pulse\"],\"n\":64}," TAIL,
         "more than 96 moments"},
    };
    ASSERT_REFUSED(refusals);
}

static void a_wrong_expectation_is_refused(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {HEAD "\"expect\":[{\"console\":{}}]}",
         "\"contains\", \"in_order\" or \"absent\" must stand"},
        {HEAD "\"expect\":[{\"console\":{\"contains\":\"\"}}]}", "a text to look for"},
        {HEAD "\"expect\":[{\"console\":{\"contains\":[]}}]}", "no text in this list"},
        {HEAD "\"expect\":[{\"console\":{\"contains\":\"x\",\"boot\":0}}]}",
         "\"boot\" must be an integer from 1"},
        {HEAD "\"expect\":[{\"console\":{\"contains\":\"x\",\"boot\":\"first\"}}]}", "or \"last\""},
        {HEAD "\"expect\":[{\"console\":{\"contains\":\"x\",\"boot\":1,\"power_on\":1}}]}",
         "keep one of them"},
        {HEAD "\"expect\":[{\"durability\":{\"begun\":\"p\",\"acknowledged\":\"a\"}}]}",
         "\"reported\" is missing"},
        {HEAD "\"expect\":[{\"durability\":{\"begun\":\"p\",\"acknowledged\":\"pa\",\"reported\":"
              "\"r\"}}]}",
         "a line could be either"},
        {HEAD "\"expect\":[{\"durability\":{"
              "\"begun\":{\"symbol\":\"b\"},\"acknowledged\":\"a\",\"reported\":\"r\"}}]}",
         "\"item\" is missing"},
        {HEAD "\"expect\":[{\"durability\":{"
              "\"begun\":{\"pin\":\"PA5\"},\"acknowledged\":\"a\",\"reported\":\"r\"}}]}",
         "no such key: \"pin\""},
        {HEAD "\"expect\":[{\"durability\":{"
              "\"begun\":{\"symbol\":\"\",\"item\":\"n\"},\"acknowledged\":\"a\",\"reported\":\"r\"}}]}",
         "\"symbol\" is empty"},
        {HEAD "\"expect\":[{\"durability\":{"
              "\"begun\":\"b\",\"acknowledged\":{\"pin\":\"PF5\"},\"reported\":\"r\"}}]}",
         "the stm32l452re has no pin PF5"},
        {HEAD "\"expect\":[{\"durability\":{"
              "\"begun\":\"b\",\"acknowledged\":{\"pin\":\"PA5\",\"nth\":2},\"reported\":\"r\"}}]}",
         "no such key: \"nth\""},
        {HEAD "\"expect\":[{\"durability\":{"
              "\"begun\":\"b\",\"acknowledged\":\"a\",\"reported\":{\"symbol\":\"v\",\"item\":\"n\"}}}]}",
         "\"when\" is missing"},
        {HEAD "\"expect\":[{\"durability\":{"
              "\"begun\":\"b\",\"acknowledged\":\"a\",\"reported\":{\"symbol\":\"v\",\"item\":\"n\",\"when\":{\"time\":\"1ms\"}}}}]}",
         "a report is made at a"},
        {HEAD "\"expect\":[{\"durability\":{"
              "\"begun\":\"b\",\"acknowledged\":{\"symbol\":\"w\",\"item\":\"m\"},\"reported\":{\"symbol\":\"v\",\"item\":\"n\",\"when\":{\"console\":\"x\"}}}}]}",
         "speaks of \"n\", \"acknowledged\" of \"m\""},
        {HEAD "\"expect\":[{\"symbol\":{\"name\":\"v\"}}]}",
         "\"equals\", \"at_least\" or \"at_most\" must stand"},
        {HEAD "\"expect\":[{\"symbol\":{\"name\":\"v\",\"equals\":1,\"at_most\":2}}]}",
         "\"equals\" stands alone"},
        {HEAD "\"expect\":[{\"symbol\":{\"name\":\"v\",\"at_least\":3,\"at_most\":2}}]}",
         "nothing can meet both"},
        {HEAD "\"expect\":[{\"flash\":{\"at\":0,\"words\":[1]}}]}",
         "\"at\" must be an integer from 0x8000000 to 0x80"},
        {HEAD "\"expect\":[{\"flash\":{\"at\":\"0x0807FFFC\",\"words\":[1,2]}}]}",
         "goes past the end of the flash"},
        {HEAD "\"expect\":[{\"flash\":{\"at\":\"0x08000000\"}}]}",
         "one of \"words\", \"erased\" and"},
        {HEAD "\"expect\":[{\"flash\":{\"at\":\"0x08000000\",\"words\":[]}}]}", "a list of words"},
        {HEAD "\"expect\":[{\"flash\":{\"at\":\"0x08000004\",\"erased\":8}}]}", "multiples of 8"},
        {HEAD "\"expect\":[{\"fault\":5}]}", "\"fault\" must be"},
        {HEAD "\"expect\":[{\"fault\":{\"kind\":\"none\",\"cfsr\":1}}]}", "no fault has no CFSR"},
        {HEAD "\"expect\":[{\"resets\":{\"cause\":\"dog\",\"equals\":1}}]}",
         "\"cause\" must be one of"},
        {HEAD "\"expect\":[{\"boots\":\"many\"}]}", "must be an integer"},
        {HEAD "\"expect\":[{\"boots\":{\"at_least\":0}}]}", "at least 0 always holds"},
        {HEAD "\"expect\":[{\"boots\":{\"at_least\":1}}]}", "nothing would be tested"},
        {HEAD "\"expect\":[{\"resets\":{\"at_least\":0}}]}", "at least 0 always holds"},
        {HEAD "\"expect\":[{\"symbol\":{\"name\":\"v\",\"at_least\":0}}]}",
         "at least 0 always holds"},
        {HEAD "\"expect\":[{\"event\":{\"kind\":\"flash.error\",\"count\":{\"at_least\":0}}}]}",
         "at least 0 always holds"},
        {HEAD "\"expect\":[{\"resets\":{\"at_most\":4294967295}}]}", "at most 4294967295 always holds"},
        {HEAD "\"expect\":[{\"memory\":{\"at\":\"0x20000000\",\"size\":1,\"at_most\":300}}]}",
         "at most 300 always holds"},
        {HEAD "\"expect\":[{\"event\":{\"kind\":\"power.on\"}}]}", "at least 1 always holds"},
        {HEAD "\"expect\":[{\"event\":{\"kind\":\"core.boot\",\"count\":{\"at_least\":1}}}]}",
         "at least 1 always holds"},
        {HEAD "\"expect\":[{\"alive\":{\"sign\":{\"event\":\"power.on\"}}}]}",
         "\"power.on\" comes in every boot"},
        {HEAD "\"expect\":[{\"alive\":{\"sign\":{\"event\":\"core.boot\"}}}]}", "no sign of life"},
        {HEAD "\"expect\":[{\"alive\":{\"sign\":{\"event\":\"core.reset\"}}}]}", "no sign of life"},
        {HEAD "\"run\":\"99ms\",\"expect\":[{\"alive\":{\"sign\":{\"pin\":\"PA5\"},\"within\":\"100ms\"}}]}",
         "\"within\" is longer than \"run\""},
        {HEAD "\"expect\":[{\"event\":{\"kind\":\"flash.error\",\"rule\":\"L4.program.sise\","
              "\"count\":0}}]}",
         "no such rule: \"L4.program.sise\": did you mean \"L4.program.size\"?"},
        {HEAD "\"expect\":[{\"event\":{\"kind\":\"flash.error\",\"rule\":\"no.such.rule\"}}]}",
         "no such rule: \"no.such.rule\": `flashsim list rules`"},
        {HEAD "\"expect\":[{\"event\":{\"kind\":\"flash.error\",\"unit\":\"flash\"}}]}",
         "no such unit: \"flash\""},
        {HEAD "\"expect\":[{\"event\":{\"kind\":\"console.out\",\"unit\":\"USATR2\"}}]}",
         "no such unit: \"USATR2\": did you mean \"USART"},
        {HEAD "\"expect\":[{\"event\":{\"kind\":\"console.out\",\"unit\":\"UART5\"}}]}",
         "no such unit: \"UART5\": did you mean \"UART4\"?"},
        {HEAD "\"expect\":[],\"because\":\"x\"}", "goes with \"expect_verdict\""},
        {HEAD "\"expect\":[],\"expect_verdict\":\"fail\"}", "\"because\" is missing"},
        {HEAD "\"expect\":[{\"boots\":1},{\"boots\":1}],\"expect_verdict\":\"fail\",\"because\":"
              "\"boots\"}",
         "several expectations are called \"boots\""},
    };
    ASSERT_REFUSED(refusals);
}

static void files_that_are_missing_are_refused_where_they_are_named(void **state)
{
    (void)state;
    struct error error = {""};
    struct scenario *s = read_well(HEAD TAIL);
    assert_false(scenario_load_files(s, &error));
    assert_ptr_equal(strstr(error.text, "dir/s.json:1:52: dir/a.elf: "), error.text);
    done(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_scenario_has_defaults),
        cmocka_unit_test(settings_are_read),
        cmocka_unit_test(cuts_list_operations_and_moments),
        cmocka_unit_test(every_kind_of_expectation_is_read),
        cmocka_unit_test(scopes_and_verdicts_that_prove_nothing_are_read),
        cmocka_unit_test(a_known_bad_scenario_names_the_expectation),
        cmocka_unit_test(a_wrong_key_is_refused_at_its_place_with_the_nearest_one),
        cmocka_unit_test(a_wrong_name_is_refused_with_the_nearest_one),
        cmocka_unit_test(a_wrong_value_is_refused_at_its_place),
        cmocka_unit_test(a_wrong_cut_is_refused),
        cmocka_unit_test(a_wrong_expectation_is_refused),
        cmocka_unit_test(files_that_are_missing_are_refused_where_they_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
