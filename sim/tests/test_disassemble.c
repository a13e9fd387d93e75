/* Encodings from the ARMv7-M Architecture Reference Manual, chapter A7.7. */
#include "sim/disassemble.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct expected {
    const char *bytes;
    size_t length;
    const char *text;
};

static void assert_texts(const struct expected *cases, size_t count, uint8_t it_state)
{
    for (size_t i = 0; i < count; i++) {
        char text[DISASSEMBLE_TEXT];
        size_t length = disassemble((const uint8_t *)cases[i].bytes, cases[i].length, 0x08000100,
                                    it_state, text);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(length, cases[i].length);
    }
}

#define ASSERT_TEXTS(cases, it_state)                                                              \
    assert_texts(cases, sizeof(cases) / sizeof(cases)[0], it_state)

static void stores_of_all_kinds_are_spelled_out(void **state)
{
    (void)state;
    static const struct expected CASES[] = {
        {"\x08\x70", 2, "strb r0, [r1]"},         {"\x08\x80", 2, "strh r0, [r1]"},
        {"\x48\x60", 2, "str r0, [r1, #4]"},      {"\xC2\xE9\x00\x01", 4, "strd r0, r1, [r2]"},
        {"\x03\xC1", 2, "stm r1!, {r0, r1}"},     {"\x10\xB5", 2, "push {r4, lr}"},
        {"\x80\xED\x00\x0A", 4, "vstr s0, [r0]"}, {"\x41\xF8\x04\x0B", 4, "str r0, [r1], #4"},
    };

    ASSERT_TEXTS(CASES, 0);
}

static void what_a_fault_report_meets_is_spelled_out(void **state)
{
    (void)state;
    static const struct expected CASES[] = {
        {"\x00\xBF", 2, "nop"},
        {"\xFE\xE7", 2, "b #0x8000100"},
        {"\x00\xF0\x02\xF8", 4, "bl #0x8000108"},
        {"\x98\x47", 2, "blx r3"},
        {"\x70\x47", 2, "bx lr"},
        {"\xB1\xFB\xF2\xF0", 4, "udiv r0, r1, r2"},
        {"\xAB\xBE", 2, "bkpt #0xab"},
        {"\x00\xDF", 2, "svc #0"},
        {"\x30\xBF", 2, "wfi"},
        {"\xEF\xF3\x08\x80", 4, "mrs r0, msp"},
        {"\x72\xB6", 2, "cpsid i"},
    };

    ASSERT_TEXTS(CASES, 0);
}

static void instruction_in_an_it_block_bears_its_condition(void **state)
{
    (void)state;
    static const struct expected NE[] = {{"\x08\x70", 2, "strbne r0, [r1]"},
                                         {"\xC2\xE9\x00\x01", 4, "strdne r0, r1, [r2]"}};
    static const struct expected EQ[] = {{"\x08\x70", 2, "strbeq r0, [r1]"}};
    static const struct expected NONE[] = {{"\x08\x70", 2, "strb r0, [r1]"}};

    ASSERT_TEXTS(NE, 0x18);
    ASSERT_TEXTS(NE, 0x14);
    ASSERT_TEXTS(EQ, 0x08);
    ASSERT_TEXTS(EQ, 0x01);
    ASSERT_TEXTS(NONE, 0x10);
}

static void what_is_no_instruction_is_called_undefined(void **state)
{
    (void)state;
    static const struct expected CASES[] = {
        {"\xFF\xFF\xFF\xFF", 4, "undefined (0xFFFF 0xFFFF)"},
        {"\x00\xBA", 2, "rev r0, r0"},
        {"\x80\xBA", 2, "undefined (0xBA80)"},
    };

    ASSERT_TEXTS(CASES, 0);
}

static void instruction_that_is_cut_off_has_no_length(void **state)
{
    (void)state;
    char text[DISASSEMBLE_TEXT];

    assert_int_equal(disassemble((const uint8_t *)"\x08", 1, 0, 0, text), 0);
    assert_string_equal(text, "");
    assert_int_equal(disassemble((const uint8_t *)"\xC2\xE9\x00", 3, 0, 0, text), 0);
    assert_string_equal(text, "");
    assert_int_equal(disassemble((const uint8_t *)"\x08\x70\xFF", 3, 0, 0, text), 2);
    assert_string_equal(text, "strb r0, [r1]");
}

static void every_first_halfword_gives_a_text_and_its_length(void **state)
{
    (void)state;
    for (uint32_t first = 0; first < 0x10000; first += 7) {
        uint8_t bytes[4] = {(uint8_t)first, (uint8_t)(first >> 8), 0x34, 0x12};
        char text[DISASSEMBLE_TEXT];

        size_t length = disassemble(bytes, 4, 0, 0, text);

        assert_int_equal(length, first >= 0xE800 ? 4 : 2);
        assert_int_not_equal(text[0], '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stores_of_all_kinds_are_spelled_out),
        cmocka_unit_test(what_a_fault_report_meets_is_spelled_out),
        cmocka_unit_test(instruction_in_an_it_block_bears_its_condition),
        cmocka_unit_test(what_is_no_instruction_is_called_undefined),
        cmocka_unit_test(instruction_that_is_cut_off_has_no_length),
        cmocka_unit_test(every_first_halfword_gives_a_text_and_its_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
