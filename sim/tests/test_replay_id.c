/* What replay_id.c promises. */
#include "sim/replay_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char line[] =
    "scenarios/l4/kv.json#1f3a90c2:cut=37@program.pulse=2/4,cut=5@ecc,cut=@1500000ns,read=old,change=7,"
    "seed=5";

static void a_line_reads_back_as_it_was_written(void **state)
{
    (void)state;
    char text[REPLAY_ID_TEXT];
    struct error error = {""};
    struct replay_id *id = malloc(sizeof *id);
    struct scenario *scenario = calloc(1, sizeof *scenario);
    assert_non_null(id);
    assert_non_null(scenario);
    if (!replay_id_read(id, line, &error))
        fail_msg("%s", error.text);
    assert_string_equal(id->path, "scenarios/l4/kv.json");
    assert_int_equal(id->sha, 0x1F3A90C2);
    assert_int_equal(id->plan.cut_count, 3);
    assert_int_equal(id->plan.cuts[0].nth, 37);
    assert_true(id->plan.cuts[2].is_timed);
    assert_int_equal(id->plan.seed, 5);

    scenario->path = id->path;
    scenario->sha = id->sha;
    assert_int_equal(id->plan.reads, READS_OLD);
    assert_int_equal(id->plan.reads_change, 7);
    assert_false(id->has_meaning);
    replay_id_write(scenario, &id->plan, text);
    assert_int_equal(strncmp(text, line, strlen(line)), 0);
    assert_int_equal(strncmp(text + strlen(line), ",plan=", 6), 0);
    assert_true(replay_id_read(id, text, &error));
    assert_true(id->has_meaning);
    assert_int_equal(id->meaning, scenario_plan_meaning(scenario, &id->plan));
    free(scenario);
    free(id);
}

static void a_path_may_hold_what_separates(void **state)
{
    (void)state;
    struct replay_id *id = malloc(sizeof *id);
    assert_non_null(id);
    assert_true(replay_id_read(id, "a#b:c,d/x.json#00000000:seed=18446744073709551615", NULL));
    assert_string_equal(id->path, "a#b:c,d/x.json");
    assert_int_equal(id->plan.seed, UINT64_MAX);
    assert_int_equal(id->plan.cut_count, 0);
    free(id);
}

#define THREE_CUTS "cut=1@done,cut=1@done,cut=1@done,"
#define NINE_CUTS "kv.json#12345678:" THREE_CUTS THREE_CUTS THREE_CUTS "seed=1"

static void what_is_no_line_is_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "#",
        "kv.json",
        "#12345678:seed=1",
        "kv.json#",
        "kv.json#1234567:seed=1",
        "kv.json#123456789:seed=1",
        "kv.json#1234567x:seed=1",
        "kv.json#12345678",
        "kv.json#12345678:",
        "kv.json#12345678:seed=",
        "kv.json#12345678:seed=1,seed",
        "kv.json#12345678:cut=1@done",
        "kv.json#12345678:,seed=1",
        "kv.json#12345678:cut=,seed=1",
        "kv.json#12345678:seed=18446744073709551616",
        "kv.json#12345678:seed=1,plan=1234567",
        "kv.json#12345678:seed=1,plan=1234567x",
        "kv.json#12345678:read=wrong,seed=1",
        "kv.json#12345678:change=1,seed=1",
        NINE_CUTS,
    };
    struct replay_id *id = malloc(sizeof *id);
    assert_non_null(id);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct error error = {""};
        if (replay_id_read(id, lines[i], &error))
            fail_msg("accepted: %s", lines[i]);
        assert_true(strlen(error.text) > 10);
    }
    free(id);
}

static void the_command_can_be_pasted_whatever_the_path(void **state)
{
    (void)state;
    char text[REPLAY_ID_TEXT];
    assert_string_equal(replay_id_command("flashsim", "a b.json#0:seed=1", NULL, text),
                        "flashsim replay 'a b.json#0:seed=1'");
    assert_string_equal(replay_id_command("flashsim", "it's.json#0:seed=1", NULL, text),
                        "flashsim replay 'it'\\''s.json#0:seed=1'");
    assert_string_equal(replay_id_command("flashsim", "a.json#0:seed=1", "my dir", text),
                        "flashsim replay 'a.json#0:seed=1' --firmware 'my dir'");
    assert_string_equal(replay_id_command("../a-b/flashsim", "a.json#0:seed=1", NULL, text),
                        "../a-b/flashsim replay 'a.json#0:seed=1'");
    assert_string_equal(replay_id_command("my tools/flashsim", "a.json#0:seed=1", NULL, text),
                        "'my tools/flashsim' replay 'a.json#0:seed=1'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_reads_back_as_it_was_written),
        cmocka_unit_test(a_path_may_hold_what_separates),
        cmocka_unit_test(what_is_no_line_is_refused),
        cmocka_unit_test(the_command_can_be_pasted_whatever_the_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
