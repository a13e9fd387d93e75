/* What durability.c promises. */
#include "sim/durability.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct durability_pattern pattern = {"put ", "ack ", "have ", "="};

/* Lines of one boot, separated by '\n'; the last one is unfinished unless it ends so too. */
static void boot_cut(struct durability *d, uint32_t boot, const char *text)
{
    char line[256];
    for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
        snprintf(line, sizeof line, "%.*s", (int)(end - text), text);
        durability_line(d, boot, line);
    }
    durability_rest(d, text);
    durability_interrupted(d);
}

static void boot_to_its_end(struct durability *d, uint32_t boot, const char *text)
{
    char line[256];
    for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
        snprintf(line, sizeof line, "%.*s", (int)(end - text), text);
        durability_line(d, boot, line);
    }
    durability_finished(d, boot);
}

/* The whole run; NULL boots are left out. The message, or "" when nothing is violated. */
static const char *judge(const char *first, const char *second, const char *third)
{
    static char message[DURABILITY_MESSAGE];
    struct durability d;
    durability_init(&d, &pattern);
    boot_cut(&d, 1, first);
    if (third) {
        boot_cut(&d, 2, second);
        boot_to_its_end(&d, 3, third);
    } else {
        boot_to_its_end(&d, 2, second);
    }
    snprintf(message, sizeof message, "%s", d.is_violated ? d.message : "");
    if (!d.is_violated && !durability_is_reached(&d))
        snprintf(message, sizeof message, "not reached");
    assert_false(d.is_broken);
    durability_free(&d);
    return message;
}

static void what_was_acknowledged_and_is_reported_is_well(void **state)
{
    (void)state;
    assert_string_equal(judge("put a=1\nack a=1\n", "have a=1\n", NULL), "");
    assert_string_equal(judge("put a=1\nack a=1\nput a=2\nack a=2\n", "have a=2\n", NULL), "");
}

static void what_was_acknowledged_and_is_gone_is_a_loss(void **state)
{
    (void)state;
    assert_string_equal(judge("put a=1\nack a=1\nput b=2\nack b=2\n", "have a=1\n", NULL),
                        "ack b=2 was there in boot 1, boot 2 does not report b");
    assert_string_equal(judge("put a=1\nack a=1\n", "", NULL),
                        "ack a=1 was there in boot 1, boot 2 does not report a");
    assert_string_equal(judge("put a=1\nack a=1\n", "put a=2\nhave a=1\n", NULL),
                        "ack a=1 was there in boot 1, boot 2 does not report a");
}

static void going_back_to_an_older_value_is_a_loss(void **state)
{
    (void)state;
    assert_string_equal(judge("put a=1\nack a=1\nput a=2\nack a=2\n", "have a=1\n", NULL),
                        "ack a=2 was there in boot 1, boot 2 reports a=1");
}

static void what_was_begun_may_be_there_or_not(void **state)
{
    (void)state;
    assert_string_equal(judge("put a=1\nack a=1\nput a=2\n", "have a=1\n", NULL), "");
    assert_string_equal(judge("put a=1\nack a=1\nput a=2\n", "have a=2\n", NULL), "");
    assert_string_equal(judge("put a=1\nack a=1\nput b=2\n", "have a=1\n", NULL), "");
}

static void a_mixture_of_old_and_new_is_a_loss(void **state)
{
    (void)state;
    assert_string_equal(judge("put a=1\nack a=1\nput a=2\n", "have a=3\n", NULL),
                        "ack a=1 was there in boot 1, boot 2 reports a=3");
    assert_string_equal(judge("put a=1\nack a=1\nput b=2\n", "have a=1\nhave b=7\n", NULL),
                        "boot 2 reports b=7, which was never begun");
    assert_string_equal(judge("put a=1\nack a=1\n", "have a=1\nhave z=9\n", NULL),
                        "boot 2 reports z=9, which was never begun");
}

static void what_one_start_has_shown_the_next_must_not_take_back(void **state)
{
    (void)state;
    assert_string_equal(judge("put a=1\nack a=1\nput a=2\n", "have a=2\nput b=1\n", "have a=1\n"),
                        "ack a=2 was there in boot 2, boot 3 reports a=1");
    assert_string_equal(judge("put a=1\nack a=1\nput a=2\n", "have a=1\nput b=1\n", "have a=2\n"),
                        "ack a=1 was there in boot 2, boot 3 reports a=2");
}

static void a_boot_that_is_cut_before_it_reports_settles_nothing(void **state)
{
    (void)state;
    assert_string_equal(judge("put a=1\nack a=1\nput a=2\n", "", "have a=2\n"), "");
    assert_string_equal(
        judge("put a=1\nack a=1\nput b=2\nack b=2\n", "have a=1\n", "have a=1\nhave b=2\n"), "");
    assert_string_equal(judge("put a=1\nack a=1\n", "", "have b=1\n"),
                        "boot 3 reports b=1, which was never begun");
}

static void an_unfinished_line_may_have_become_anything_it_begins(void **state)
{
    (void)state;
    assert_string_equal(judge("put a=1\nack a=1\nput a=1", "have a=12\n", NULL), "");
    assert_string_equal(judge("put a=1\nack a=1\nput a=1", "have a=23\n", NULL),
                        "ack a=1 was there in boot 1, boot 2 reports a=23");
    assert_string_equal(judge("put a=1\nack a=1\nput b", "have a=1\nhave boot=4\n", NULL), "");
    assert_string_equal(judge("put a=1\nack a=1\npu", "have a=77\n", NULL), "");
}

static void an_unfinished_acknowledgement_is_none(void **state)
{
    (void)state;
    assert_string_equal(judge("put a=1\nack a=1\nput a=2\nack a=2", "have a=1\n", NULL), "");
}

static void without_an_acknowledgement_or_a_report_nothing_is_proven(void **state)
{
    (void)state;
    assert_string_equal(judge("put a=1\n", "have a=1\n", NULL), "not reached");
    assert_string_equal(judge("", "put a=1\nack a=1\n", NULL), "not reached");
}

static void what_was_there_from_the_start_is_taken_as_found(void **state)
{
    (void)state;
    assert_string_equal(judge("have old=5\nput a=1\nack a=1\n", "have old=5\nhave a=1\n", NULL),
                        "");
    assert_string_equal(judge("have old=5\nput a=1\nack a=1\n", "have a=1\n", NULL),
                        "ack old=5 was there in boot 1, boot 2 does not report old");
}

static void a_value_goes_to_the_end_of_the_line_without_blanks_around_it(void **state)
{
    (void)state;
    assert_string_equal(judge("hello\nput a=1 \nack a=1\r\nputting=7\n", "have a=1\t\r\n", NULL), "");
    assert_string_equal(judge("put a = 1\nack a = 1\n", "have a=1\n", NULL), "");
    assert_string_equal(judge("put a = 1\nack a = 1\n", "have a = 2\n", NULL),
                        "ack a=1 was there in boot 1, boot 2 reports a=2");
    assert_string_equal(judge("put n=John Smith\nack n=John Smith\n", "have n=John Smith\n", NULL), "");
    assert_string_equal(judge("put n=John Smith\nack n=John Smith\n", "have n=John Doe\n", NULL),
                        "ack n=John Smith was there in boot 1, boot 2 reports n=John Doe");
    assert_string_equal(judge("put a=1\nack a=1\nput b ", "have a=1\nhave b=4\n", NULL), "");
    assert_string_equal(judge("put a=1\nack a=1\nput n=John ", "have a=1\nhave n=John Smith\n", NULL),
                        "");
}

static void a_statement_without_a_value_is_said(void **state)
{
    (void)state;
    struct durability d;
    durability_init(&d, &pattern);
    boot_cut(&d, 1, "put a=\nack a= \n");
    boot_to_its_end(&d, 2, "have a=\n");
    assert_string_equal(d.valueless, "put a=");
    assert_false(d.is_violated);
    durability_free(&d);
    assert_string_equal(judge("put a=1\nack a=1\n", "have a=\n", NULL),
                        "ack a=1 was there in boot 1, boot 2 reports a=");
}

static void an_acknowledgement_leaves_standing_what_was_begun_after_it(void **state)
{
    (void)state;
    assert_string_equal(judge("put a=1\nput a=2\nack a=1\n", "have a=2\n", NULL), "");
    assert_string_equal(judge("put a=1\nput a=2\nack a=1\n", "have a=1\n", NULL), "");
    assert_string_equal(judge("put a=1\nput a=2\nack a=1\nack a=1\n", "have a=2\n", NULL), "");
    assert_string_equal(judge("put a=1\nput a=2\nput a=1\nack a=1\n", "have a=2\n", NULL), "");
    assert_string_equal(judge("put a=1\nput a=2\nack a=2\n", "have a=1\n", NULL),
                        "ack a=2 was there in boot 1, boot 2 reports a=1");
    assert_string_equal(judge("put a=1\nput a=2\nack a=3\n", "have a=2\n", NULL),
                        "ack a=3 was there in boot 1, boot 2 reports a=2");
}

static void the_same_values_again_and_again_are_not_more_in_flight(void **state)
{
    (void)state;
    struct durability d;
    durability_init(&d, &pattern);
    for (unsigned i = 0; i < 3 * DURABILITY_BEGUN_MAX; i++)
        durability_line(&d, 1, i % 2 ? "put a=1" : "put a=2");
    assert_false(d.is_broken);
    durability_free(&d);
}

static void what_shows_that_the_firmware_is_there_is_asked_for_after_each_cut(void **state)
{
    (void)state;
    static const char *const lines[] = {"have a=1", "put a=1", "ack a=1", "ack a="};
    for (unsigned i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct durability d;
        durability_init(&d, &pattern);
        durability_line(&d, 1, "boot");
        assert_false(d.has_spoken);
        durability_line(&d, 1, lines[i]);
        assert_true(d.has_spoken);
        durability_interrupted(&d); /* by a reset of the firmware's own */
        assert_true(d.has_spoken);
        durability_sign(&d);
        durability_cut(&d);
        assert_false(d.has_spoken || d.has_signed || d.has_begun);
        durability_free(&d);
    }
}

static void more_in_flight_than_can_be_followed_is_said(void **state)
{
    (void)state;
    struct durability d;
    durability_init(&d, &pattern);
    char line[200];
    for (unsigned i = 0; i <= DURABILITY_BEGUN_MAX; i++) {
        snprintf(line, sizeof line, "put a=%u", i);
        durability_line(&d, 1, line);
    }
    assert_true(d.is_broken);
    durability_free(&d);

    durability_init(&d, &pattern);
    memset(line, 'x', sizeof line - 1);
    memcpy(line, "put a=", 6);
    line[sizeof line - 1] = '\0';
    durability_line(&d, 1, line);
    assert_true(d.is_broken);
    durability_free(&d);
}

/* ---- what is said without lines ---- */

static const struct durability_pattern no_lines = {NULL, NULL, NULL, "="};

/* Boot 1 has found 1, begun what is listed and seen an edge; boot 2 reports. The message, or "". */
static const char *judge_edge(const char *const *begun, bool has_edge, const char *found)
{
    static char message[DURABILITY_MESSAGE];
    struct durability d;
    durability_init(&d, &no_lines);
    durability_report(&d, 1, "n", "1");
    for (; *begun; begun++)
        durability_begin(&d, 1, "n", *begun);
    if (has_edge)
        durability_acknowledge_begun(&d, 1);
    durability_rest(&d, "put n=5");
    durability_interrupted(&d);
    durability_report(&d, 2, "n", found);
    durability_finished(&d, 2);
    snprintf(message, sizeof message, "%s", d.is_violated ? d.message : "");
    assert_int_equal(d.acknowledged, has_edge);
    assert_int_equal(d.checked, 1);
    durability_free(&d);
    return message;
}

static void an_edge_acknowledges_what_was_begun_last(void **state)
{
    (void)state;
    const char *const two[] = {"2", "3", NULL};
    assert_string_equal(judge_edge(two, true, "3"), "");
    assert_string_equal(judge_edge(two, true, "2"),
                        "acknowledged n=3 was there in boot 1, boot 2 reports n=2");
    assert_string_equal(judge_edge(two, false, "1"), "");
    assert_string_equal(judge_edge(two, false, "2"), "");
    assert_string_equal(judge_edge(two, false, "5"),
                        "acknowledged n=1 was there in boot 1, boot 2 reports n=5");
    const char *const again[] = {"2", "3", "2", NULL};
    assert_string_equal(judge_edge(again, true, "2"), "");
    assert_string_equal(judge_edge(again, true, "3"),
                        "acknowledged n=2 was there in boot 1, boot 2 reports n=3");
}

static void an_edge_acknowledges_each_item_but_nothing_of_an_earlier_boot(void **state)
{
    (void)state;
    struct durability d;
    durability_init(&d, &no_lines);
    durability_acknowledge_begun(&d, 1);
    assert_int_equal(d.acknowledged, 0);
    durability_begin(&d, 1, "a", "1");
    durability_begin(&d, 1, "b", "2");
    durability_acknowledge_begun(&d, 1);
    assert_int_equal(d.acknowledged, 2);
    durability_acknowledge_begun(&d, 1);
    assert_int_equal(d.acknowledged, 2);
    durability_begin(&d, 1, "a", "3");
    durability_interrupted(&d);
    durability_acknowledge_begun(&d, 2);
    assert_int_equal(d.acknowledged, 2);
    durability_report(&d, 2, "a", "1");
    durability_report(&d, 2, "b", "2");
    durability_finished(&d, 2);
    assert_false(d.is_violated);
    assert_true(durability_is_reached(&d));
    durability_free(&d);
}

static void lines_and_variables_speak_of_the_same_item(void **state)
{
    (void)state;
    struct durability d;
    durability_init(&d, &(struct durability_pattern){"put ", NULL, "have ", "="});
    durability_line(&d, 1, "put n=7");
    durability_acknowledge(&d, 1, "n", "7");
    durability_interrupted(&d);
    durability_line(&d, 2, "ack n=9");
    durability_line(&d, 2, "have n=6");
    assert_string_equal(d.message, "acknowledged n=7 was there in boot 1, boot 2 reports n=6");
    durability_free(&d);
}

static void a_report_that_never_comes_is_a_loss(void **state)
{
    (void)state;
    struct durability d;
    durability_init(&d, &no_lines);
    durability_begin(&d, 1, "n", "2");
    durability_acknowledge(&d, 1, "n", "2");
    durability_interrupted(&d);
    durability_begin(&d, 2, "n", "3");
    assert_string_equal(d.message,
                        "acknowledged n=2 was there in boot 1, boot 2 does not report n");
    durability_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_acknowledged_and_is_reported_is_well),
        cmocka_unit_test(what_was_acknowledged_and_is_gone_is_a_loss),
        cmocka_unit_test(going_back_to_an_older_value_is_a_loss),
        cmocka_unit_test(what_was_begun_may_be_there_or_not),
        cmocka_unit_test(a_mixture_of_old_and_new_is_a_loss),
        cmocka_unit_test(what_one_start_has_shown_the_next_must_not_take_back),
        cmocka_unit_test(a_boot_that_is_cut_before_it_reports_settles_nothing),
        cmocka_unit_test(an_unfinished_line_may_have_become_anything_it_begins),
        cmocka_unit_test(an_unfinished_acknowledgement_is_none),
        cmocka_unit_test(without_an_acknowledgement_or_a_report_nothing_is_proven),
        cmocka_unit_test(what_was_there_from_the_start_is_taken_as_found),
        cmocka_unit_test(a_value_goes_to_the_end_of_the_line_without_blanks_around_it),
        cmocka_unit_test(a_statement_without_a_value_is_said),
        cmocka_unit_test(an_acknowledgement_leaves_standing_what_was_begun_after_it),
        cmocka_unit_test(the_same_values_again_and_again_are_not_more_in_flight),
        cmocka_unit_test(what_shows_that_the_firmware_is_there_is_asked_for_after_each_cut),
        cmocka_unit_test(more_in_flight_than_can_be_followed_is_said),
        cmocka_unit_test(an_edge_acknowledges_what_was_begun_last),
        cmocka_unit_test(an_edge_acknowledges_each_item_but_nothing_of_an_earlier_boot),
        cmocka_unit_test(lines_and_variables_speak_of_the_same_item),
        cmocka_unit_test(a_report_that_never_comes_is_a_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
