/* The state of a flash: what is written reads back cell by cell, one state has one text, and what is not such a
 * text is refused at its place. */
#include "sim/flash_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { UNITS_PER_PAGE = 256, PAGES = 256 }; /* RM0394 3.3.1: 512 KB in pages of 2 KB, of an STM32L452 */

static const struct chip *chip;

static int find_chip(void **state)
{
    (void)state;
    chip = chip_find("stm32l452re");
    return chip ? 0 : -1;
}

static struct flash_array *new_part(void)
{
    struct flash_array *cells = chip_create_cells(chip);
    assert_non_null(cells);
    return cells;
}

static char *written(struct flash_array *cells)
{
    char *text = NULL;
    size_t size = 0;
    struct json_out json;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    json_out_start(&json, stream, 0);
    flash_state_write(chip, cells, &json, NULL);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static bool read_text(const char *text, struct flash_array *cells, struct error *error)
{
    struct json_text json;
    if (!json_text_parse(&json, "dir/state.json", text, strlen(text), error))
        return false;
    bool is_good = flash_state_read(&json, json.root, chip, cells, error);
    json_text_free(&json);
    return is_good;
}

static struct flash_array *read_well(const char *text)
{
    struct error error = {""};
    struct flash_array *cells = new_part();
    if (!read_text(text, cells, &error))
        fail_msg("%s\n%s", error.text, text);
    return cells;
}

static void assert_same_cells(const struct flash_array *a, const struct flash_array *b)
{
    for (uint32_t unit = 0; unit < (PAGES + 2) * UNITS_PER_PAGE; unit++) {
        struct flash_cells x = flash_array_cells(a, unit), y = flash_array_cells(b, unit);
        struct flash_cells x_margin = flash_array_margin(a, unit);
        struct flash_cells y_margin = flash_array_margin(b, unit);
        assert_true(x.data[0] == y.data[0] && x.ecc == y.ecc);
        assert_true(x_margin.data[0] == y_margin.data[0] && x_margin.ecc == y_margin.ecc);
    }
    for (uint32_t page = 0; page < PAGES + 2; page++)
        assert_int_equal(flash_array_wear(a, page), flash_array_wear(b, page));
}

/* Torn in every way, and used in every part. */
static struct flash_array *used_part(void)
{
    struct flash_array *cells = new_part();
    uint64_t data = 0x0123456789ABCDEF, zeros = 0;
    struct flash_torn late = {{FLASH_PHASE_LATE, 0, 0}, 7, 3};
    struct flash_torn pulse = {{FLASH_PHASE_PULSE, 2, 4}, 7, 4};
    struct flash_torn mid = {{FLASH_PHASE_MID, 0, 0}, 7, 5};
    flash_array_program(cells, 0, &data, NULL);
    flash_array_program(cells, 1, &data, &pulse);
    flash_array_program(cells, 5, &data, &late);
    for (uint32_t i = 0; i < UNITS_PER_PAGE; i++)
        flash_array_program(cells, 255 * UNITS_PER_PAGE + i, &data, NULL);
    flash_array_erase(cells, 254, NULL);
    flash_array_program(cells, 253 * UNITS_PER_PAGE, &zeros, NULL);
    flash_array_erase(cells, 253, &mid);
    flash_array_program(cells, PAGES * UNITS_PER_PAGE + 3, &data, NULL); /* OTP */
    return cells;
}

static void what_is_written_reads_back_cell_by_cell(void **state)
{
    (void)state;
    struct flash_array *used = used_part();
    char *text = written(used);

    struct flash_array *again = read_well(text);
    char *text_again = written(again);

    assert_same_cells(used, again);
    assert_string_equal(text, text_again);
    free(text);
    free(text_again);
    flash_array_destroy(used);
    flash_array_destroy(again);
}

static void nothing_of_what_was_there_stays(void **state)
{
    (void)state;
    struct error error = {""};
    struct flash_array *fresh = new_part(), *used = used_part();
    char *text = written(fresh);
    assert_true(read_text(text, used, &error));
    assert_same_cells(fresh, used);
    free(text);
    flash_array_destroy(fresh);
    flash_array_destroy(used);
}

static void a_new_part_is_its_option_bytes(void **state)
{
    (void)state;
    struct flash_array *cells = new_part();
    char *text = written(cells);
    assert_null(strstr(text, "\"page\":\t0"));
    assert_non_null(strstr(text, "\"option bytes\""));
    assert_true(strlen(text) < 500);
    free(text);
    flash_array_destroy(cells);
}

static void the_digits_are_those_of_the_number_then_the_check_bits(void **state)
{
    (void)state;
    struct flash_array *cells = read_well(
        "{\"format\":\"flashsim state 1\",\"chip\":\"stm32l452re\",\"pages\":[{\"page\":2,\"erases\":9,\"cells\":"
        "[{\"offset\":8,\"units\":\"FEDCBA98765432105A\"}],\"marginal\":[{\"offset\":2040,\"units\":"
        "\"000000000000000081\"}]}]}");
    assert_int_equal(flash_array_cells(cells, 2 * UNITS_PER_PAGE + 1).data[0], 0xFEDCBA9876543210);
    assert_int_equal(flash_array_cells(cells, 2 * UNITS_PER_PAGE + 1).ecc, 0x5A);
    assert_int_equal(flash_array_margin(cells, 3 * UNITS_PER_PAGE - 1).ecc, 0x81);
    assert_int_equal(flash_array_wear(cells, 2), 9);
    flash_array_destroy(cells);
}

#define STATE(pages) "{\"format\":\"flashsim state 1\",\"chip\":\"stm32l452re\",\"pages\":[" pages "]}"
#define CELLS(pieces) STATE("{\"page\":0,\"cells\":[" pieces "]}")

static void what_is_no_state_is_refused_at_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } refusals[] = {
        {"[]", "dir/state.json:1:1: "},
        {"{\"chip\":\"stm32l452re\",\"pages\":[]}", "\"format\" is missing"},
        {"{\"format\":\"flashsim state 2\",\"chip\":\"stm32l452re\",\"pages\":[]}",
         ":1:11: \"flashsim state 2\" is not understood here"},
        {"{\"format\":\"flashsim state 1\",\"chip\":\"stm32l476rg\",\"pages\":[]}",
         "the state of a stm32l476rg, not of a stm32l452re"},
        {"{\"format\":\"flashsim state 1\",\"chip\":\"stm32l452re\"}", "\"pages\" is missing"},
        {"{\"format\":\"flashsim state 1\",\"chip\":\"stm32l452re\",\"hash\":\"0123456789abcdef\",\"pages\":[]}",
         "these cells have the hash "},
        {STATE("{\"page\":0,\"erase\":1}"), "\"erase\""},
        {STATE("{\"page\":256,\"erases\":1}"), "from 0 to 255"},
        {STATE("{\"page\":\"opt\",\"erases\":1}"), "a page is a number, \"otp\" or \"option bytes\""},
        {STATE("{\"erases\":1}"), "\"page\" is missing"},
        {STATE("{\"page\":3}"), "an erased and unworn page"},
        {STATE("{\"page\":3,\"erases\":0}"), "from 1 to"},
        {STATE("{\"page\":3,\"erases\":4294967296}"), "from 1 to 4294967295"},
        {STATE("{\"page\":3,\"erases\":1},{\"page\":3,\"erases\":1}"), "pages stand once"},
        {STATE("{\"page\":\"otp\",\"erases\":1},{\"page\":3,\"erases\":1}"), "pages stand once"},
        {CELLS(""), "nothing in this list"},
        {CELLS("{\"offset\":4,\"units\":\"000000000000000000\"}"), "a multiple of 8"},
        {CELLS("{\"offset\":2048,\"units\":\"000000000000000000\"}"), "from 0 to 2040"},
        {CELLS("{\"offset\":0,\"units\":\"\"}"), "0 digits: each unit has 18"},
        {CELLS("{\"offset\":0,\"units\":\"00000000000000000\"}"), "17 digits: each unit has 18"},
        {CELLS("{\"offset\":2040,\"units\":\"000000000000000000000000000000000000\"}"),
         "2 units: the page has room for 1"},
        {CELLS("{\"offset\":0,\"units\":\"00000000000000000g\"}"), "its digits are 0 to 9 and A to F"},
        {CELLS("{\"offset\":0,\"units\":\"00000000000000000a\"}"), "its digits are 0 to 9 and A to F"},
        {CELLS("{\"offset\":0,\"units\":\"0x0000000000000000\"}"), "its digits are 0 to 9 and A to F"},
        {CELLS("{\"offset\":0,\"units\":\"FFFFFFFFFFFFFFFFFF\"}"), "unit 1 is erased"},
        {CELLS("{\"offset\":8,\"units\":\"000000000000000000\"},{\"offset\":0,\"units\":\"000000000000000000\"}"),
         "past what stands before it"},
        {CELLS("{\"offset\":0,\"units\":\"000000000000000000\"},{\"offset\":8,\"units\":\"000000000000000000\"}"),
         "with a gap between"},
        {STATE("{\"page\":0,\"marginal\":[{\"offset\":0,\"units\":\"000000000000000000\"}]}"),
         "unit 1 has no marginal cell"},
    };
    struct flash_array *cells = used_part();
    uint64_t before = flash_array_hash(cells);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct error error = {""};
        if (read_text(refusals[i].text, cells, &error))
            fail_msg("accepted: %s", refusals[i].text);
        if (!strstr(error.text, refusals[i].message))
            fail_msg("%s\n\"%s\" lacks \"%s\"", refusals[i].text, error.text, refusals[i].message);
        assert_int_equal(strncmp(error.text, "dir/state.json:", 15), 0);
    }
    assert_int_equal(flash_array_hash(cells), before);
    flash_array_destroy(cells);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_back_cell_by_cell),
        cmocka_unit_test(nothing_of_what_was_there_stays),
        cmocka_unit_test(a_new_part_is_its_option_bytes),
        cmocka_unit_test(the_digits_are_those_of_the_number_then_the_check_bits),
        cmocka_unit_test(what_is_no_state_is_refused_at_its_place),
    };
    return cmocka_run_group_tests(tests, find_chip, NULL);
}
