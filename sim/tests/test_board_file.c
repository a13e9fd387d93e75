/* What board_file.c promises. */
#include "sim/board_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool parse(struct board_file *file, const char *text, struct error *error)
{
    return board_file_parse(file, "b.json", text, strlen(text), error);
}

static void assert_refused(const char *text, const char *message)
{
    struct board_file file;
    struct error error = {""};
    if (parse(&file, text, &error))
        fail_msg("accepted: %s", text);
    assert_string_equal(error.text, message);
}

static void a_board_file_gives_all_facts(void **state)
{
    (void)state;
    struct board_file file;
    struct error error = {""};

    bool is_good = parse(&file,
                         "{\"name\": \"mine\", \"chip\": \"stm32l496zg\", \"console\": \"LPUART1\",\n"
                         " \"hse_hz\": 16000000, \"lse_hz\": 32768, \"vdd_mv\": 1800,\n"
                         " \"boot0\": \"high\", \"vbat\": true, \"pins\": [\n"
                         "  {\"name\": \"LD1\", \"kind\": \"led\", \"pin\": \"PC7\"},\n"
                         "  {\"name\": \"B1\", \"kind\": \"button\", \"pin\": \"PB13\", \"active\": "
                         "\"low\"}]}",
                         &error);

    if (!is_good)
        fail_msg("%s", error.text);
    const struct board *board = &file.board;
    assert_string_equal(board->name, "mine");
    assert_string_equal(board->chip, "stm32l496zg");
    assert_string_equal(board->console, "LPUART1");
    assert_int_equal(board->hse_hz, 16000000);
    assert_int_equal(board->lse_hz, 32768);
    assert_int_equal(board->vdd_mv, 1800);
    assert_true(board->boot0_high && board->has_vbat);
    assert_int_equal(board->pin_count, 2);
    assert_int_equal(board->pins[1].port, 'B');
    assert_int_equal(board->pins[1].bit, 13);
    assert_int_equal(board->pins[1].kind, BOARD_BUTTON);
    assert_false(board->pins[1].is_active_high);
    board_file_free(&file);
}

static void what_is_not_named_is_not_there(void **state)
{
    (void)state;
    struct board_file file;
    struct error error = {""};
    assert_true(parse(&file, "{\"name\": \"m\", \"chip\": \"stm32l452re\"}", &error));
    assert_int_equal(file.board.hse_hz, 0);
    assert_int_equal(file.board.lse_hz, 0);
    assert_int_equal(file.board.vdd_mv, 3300);
    assert_string_equal(file.board.console, "USART2");
    assert_int_equal(file.board.pin_count, 0);
    board_file_free(&file);
}

static void zero_is_no_crystal(void **state)
{
    (void)state;
    struct board_file file;
    struct error error = {""};
    if (!parse(&file, "{\"name\": \"m\", \"chip\": \"stm32l452re\", \"hse_hz\": 0, \"lse_hz\": 0}",
               &error))
        fail_msg("%s", error.text);
    assert_int_equal(file.board.hse_hz, 0);
    assert_int_equal(file.board.lse_hz, 0);
    board_file_free(&file);
}

static void wrong_files_are_refused_at_the_place(void **state)
{
    (void)state;
    assert_refused("{\"name\": \"m\"}", "b.json:1:1: \"chip\" is missing in this object");
    assert_refused("{\"name\": \"m\", \"chip\": \"stm32f4\"}",
                   "b.json:1:23: no such chip: `flashsim list chips` names them");
    assert_refused("{\"name\": 1, \"chip\": \"stm32l452re\"}", "b.json:1:10: \"name\" must be a string");
    assert_refused("{\"name\": \"m\", \"chip\": \"stm32l452re\",\n \"hse\": 8000000}",
                   "b.json:2:2: no such key: \"hse\"; known here: name, chip, console, hse_hz, lse_hz, "
                   "vdd_mv, boot0, vbat, pins");
    assert_refused("{\"name\": \"m\", \"chip\": \"stm32l452re\",\n \"hse_hz\": 80000000}",
                   "b.json:2:12: \"hse_hz\" must be 0 (none) or an integer from 4000000 to 48000000");
    assert_refused("{\"name\": \"m\", \"chip\": \"stm32l432kc\",\n \"console\": \"UART4\"}",
                   "b.json:2:13: \"console\" must be a UART of the stm32l432kc, such as \"USART2\"");
    assert_refused("{\"name\": \"m\", \"chip\": \"stm32l452re\", \"pins\": [\n"
                   "{\"name\": \"x\", \"kind\": \"led\", \"pin\": \"PA16\"}]}",
                   "b.json:2:37: \"pin\" must name a pin, such as \"PA5\"");
    assert_refused("{\"name\": \"m\", \"chip\": \"stm32l452re\", \"pins\": [\n"
                   "{\"name\": \"x\", \"kind\": \"led\", \"pin\": \"PI15\"}]}",
                   "b.json:2:37: the stm32l452re has no pin PI15: look it up in its data sheet");
    assert_refused("{\"name\": \"m\", \"chip\": \"stm32l432kc\", \"pins\": [\n"
                   "{\"name\": \"x\", \"kind\": \"led\", \"pin\": \"PB2\"}]}",
                   "b.json:2:37: the stm32l432kc has no pin PB2: look it up in its data sheet");
    assert_refused("{\"name\": \"\", \"chip\": \"stm32l452re\"}",
                   "b.json:1:10: \"name\" is empty: give it one");
    assert_refused("{\"name\": \"m\", \"chip\": \"stm32l452re\", \"pins\": [\n"
                   "{\"name\": \"\", \"kind\": \"led\", \"pin\": \"PA5\"}]}",
                   "b.json:2:10: \"name\" is empty: give it one");
    assert_refused("{\"name\": \"m\", \"chip\": \"stm32l452re\", \"pins\": [\n"
                   "{\"name\": \"x\", \"kind\": \"led\", \"pin\": \"PA5\"},\n"
                   "{\"name\": \"y\", \"kind\": \"button\", \"pin\": \"PA5\"}]}",
                   "b.json:3:40: PA5 is \"x\" already: a pin has one role, remove one");
    assert_refused("[]", "b.json:1:1: an object must stand here: { ... }");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_board_file_gives_all_facts),
        cmocka_unit_test(what_is_not_named_is_not_there),
        cmocka_unit_test(zero_is_no_crystal),
        cmocka_unit_test(wrong_files_are_refused_at_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
