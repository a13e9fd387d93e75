/* Words and names: what flag_text.c, register_text.c, rule_text.c and run_log.c promise. */
#include "sim/flag_text.h"
#include "sim/register_text.h"
#include "sim/rule_text.h"
#include "sim/word_text.h"
#include "sim/run_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/core/irq.h"

static void status_bits_have_names(void **state)
{
    (void)state;
    char text[128];
    assert_string_equal(flag_text_names("FLASH_SR", 0xA8, text, sizeof text), "PROGERR PGAERR PGSERR");
    assert_string_equal(flag_text_names("CFSR", 0x8200, text, sizeof text), "PRECISERR BFARVALID");
    assert_string_equal(flag_text_names("HFSR", 0x40000004, text, sizeof text), "FORCED 0x4");
    assert_string_equal(flag_text_names("FLASH_SR", 0, text, sizeof text), "");
    assert_string_equal(flag_text_exception(EXC_HARD_FAULT, text), "HardFault");
    assert_string_equal(flag_text_exception(20, text), "IRQ 4");
    assert_string_equal(flag_text_reset_cause(RESET_IWDG), "IWDG");
}

static void registers_are_found_by_address_and_by_name(void **state)
{
    (void)state;
    struct soc *soc;
    struct error error;
    char text[REGISTER_TEXT_NAME];
    assert_true(soc_create(&soc, chip_find("stm32l452re"), &error));

    assert_string_equal(register_text_at(soc, 0x40021000, text), "RCC_CR");
    assert_string_equal(register_text_at(soc, 0x40022010, text), "FLASH_SR");
    assert_string_equal(register_text_at(soc, 0x48000411, text), "GPIOB_IDR");
    assert_string_equal(register_text_at(soc, 0x4000441C, text), "USART2_ISR");
    assert_string_equal(register_text_at(soc, 0x40008028, text), "LPUART1_TDR");
    assert_string_equal(register_text_at(soc, 0xE000ED28, text), "CFSR");
    assert_string_equal(register_text_at(soc, 0x4002101C + 0x200, text), "RCC+0x21C");
    assert_string_equal(register_text_at(soc, 0x20000000, text), "");
    uint32_t addr = 0;
    assert_true(register_text_find(soc->chip, "flash_keyr", &addr));
    assert_int_equal(addr, 0x40022008);
    assert_true(register_text_find(soc->chip, "I2C1_ISR", &addr));
    assert_int_equal(addr, 0x40005418);
    assert_false(register_text_find(soc->chip, "RCC_NONE", &addr));
    soc_destroy(soc);
}

struct heard {
    unsigned count;
    struct rule_text rule[8];
};

static bool hear(void *context, const struct rule_text *rule)
{
    struct heard *heard = context;
    assert_true(heard->count < 8);
    heard->rule[heard->count++] = *rule;
    return true;
}

static void rules_are_read_from_tables_with_the_right_head(void **state)
{
    (void)state;
    static const char text[] = "# Rules\n\n"
                               "| other | table |\n| --- | --- |\n| L4.no | x |\n\n"
                               "| source | rule | id | status |\n| --- | :-- | --- | --- |\n"
                               "| L4 4.2 | a \\| b `code` | `L4.one` | modelled |\n"
                               "| L4 4.3 | no id |  | modelled |\n"
                               "| L4 4.4 | two at once | L4.two, L4.three | assumed |\n"
                               "text\n| L4 | after the table | L4.not | x |\n";
    struct heard heard = {.count = 0};

    rule_text_each_of(text, sizeof text - 1, hear, &heard);

    assert_int_equal(heard.count, 3);
    assert_string_equal(heard.rule[0].id, "L4.one");
    assert_string_equal(heard.rule[0].rule, "a | b code");
    assert_string_equal(heard.rule[0].source, "L4 4.2");
    assert_string_equal(heard.rule[2].id, "L4.three");
    assert_string_equal(heard.rule[2].status, "assumed");
}

static void rules_of_the_program_are_known(void **state)
{
    (void)state;
    struct rule_text rule;
    assert_true(rule_text_find("L4.program.not_blank", &rule));
    assert_non_null(strstr(rule.source, "L4 4"));
    assert_true(rule_text_find("L4.ecc.once_per_line", &rule));
    assert_false(rule_text_find("L4.program", &rule));
}

static void a_rule_says_what_is_assumed(void **state)
{
    (void)state;
    struct rule_text rule;
    char said[RULE_TEXT_SAID];

    assert_true(rule_text_find("L4.program.zero_over_zero", &rule));
    assert_string_equal(rule_text_say(&rule, said), "zeros over zeros: accepted");
    assert_true(rule_text_find("L4.cache.stale_instruction", &rule));
    assert_non_null(strstr(rule_text_say(&rule, said), ": reported, the new code runs"));
    assert_true(rule_text_find("L4.program.size", &rule));
    assert_string_equal(rule_text_say(&rule, said), "a store of a byte or half-word to flash: SIZERR");
}

static bool check_rule(void *context, const struct rule_text *rule)
{
    struct rule_text first;
    char said[RULE_TEXT_SAID];
    unsigned *count = context;
    (*count)++;
    if (!rule_text_find(rule->id, &first) || strcmp(first.rule, rule->rule) != 0)
        fail_msg("%s: two rows", rule->id);
    if (strncmp(rule->status, "assumed", 7) == 0 &&
        strcmp(rule_text_say(rule, said), rule->rule) == 0)
        fail_msg("%s: what is assumed?", rule->id);
    return true;
}

/* A report quotes one text for an id: it must not be that of another case. */
static void an_id_has_one_text(void **state)
{
    (void)state;
    unsigned count = 0;
    rule_text_each(check_rule, &count);
    assert_true(count > 80);
}

/* What `explain` numbers is what the trace holds. */
static void words_have_the_numbers_of_the_trace(void **state)
{
    (void)state;
    unsigned phases = 0;
    unsigned causes = 0;
    for (size_t i = 0; i < word_text_count; i++) {
        const struct word_text *word = &word_texts[i];
        if (word->event == EVENT_FLASH_TORN)
            assert_int_equal(flash_phase_find(word->word), phases++);
        if (word->event == EVENT_FLASH_TORN || word->event == EVENT_RESET)
            assert_int_equal(word->value, word->event == EVENT_RESET ? causes++ : phases - 1);
    }
    assert_int_equal(phases, FLASH_PHASE_COUNT);
    assert_int_equal(causes, RESET_STANDBY + 1); /* a peripheral's own reset is no event */
}

static void equal_notes_are_counted_once(void **state)
{
    (void)state;
    static struct run_log log;
    struct event refused = {.kind = EVENT_FLASH_ERROR, .pc = 0x08000100, .value = 0xA0, .rule = "L4.a"};
    struct event missing = {.kind = EVENT_REG_UNIMPLEMENTED, .addr = 0x40004400, .value = 1};
    memset(&log, 0, sizeof log);

    run_log_hear(&log, &refused);
    run_log_hear(&log, &refused);
    refused.value = 0xA8;
    run_log_hear(&log, &refused);
    run_log_hear(&log, &missing);
    missing.value = 4;
    run_log_hear(&log, &missing);

    assert_int_equal(log.refused.count, 2);
    assert_int_equal(log.refused.note[0].count, 2);
    assert_int_equal(log.missing.count, 1);
    assert_int_equal(log.missing.note[0].values, 5);
    assert_int_equal(log.last_rule.value, 0xA8);
}

static void both_words_of_a_refused_double_word_are_one_note(void **state)
{
    (void)state;
    static struct run_log log;
    struct event word = {.kind = EVENT_FLASH_ERROR, .size = 4, .rule = "L4.program.not_blank"};
    memset(&log, 0, sizeof log);

    for (uint32_t i = 0; i < 6; i++) {
        word.addr = 0x0807F000 + 4 * i;
        word.pc = i % 2 ? 0x08000102 : 0x08000100;
        word.value = i % 2 ? 0xA8 : 8;
        run_log_hear(&log, &word);
    }
    word.addr += 8; /* alone */
    run_log_hear(&log, &word);

    assert_int_equal(log.refused.count, 2);
    assert_int_equal(log.refused.note[0].count, 3);
    assert_int_equal(log.refused.note[0].values, 0xA8);
    assert_true(log.refused.note[0].is_double_word);
    assert_int_equal(log.refused.note[1].count, 1);
    assert_false(log.refused.note[1].is_double_word);
}

static void the_last_eight_flash_events_are_kept(void **state)
{
    (void)state;
    static struct run_log log;
    memset(&log, 0, sizeof log);
    for (uint32_t i = 0; i < 20; i++) {
        struct event event = {.kind = EVENT_FLASH_PROGRAM_START, .addr = i};
        run_log_hear(&log, &event);
    }
    for (uint32_t i = 0; i < 5; i++) {
        struct event stall = {.kind = EVENT_FLASH_STALL, .addr = 100 + i};
        run_log_hear(&log, &stall);
    }

    assert_int_equal(run_log_flash_event(&log, 0)->addr, 13);
    assert_int_equal(run_log_flash_event(&log, 6)->addr, 19);
    assert_int_equal(run_log_flash_event(&log, 7)->addr, 104);
    assert_null(run_log_flash_event(&log, 8));
    assert_int_equal(log.stalls, 5);
}

static void a_fault_is_active_until_it_returns_or_a_reset(void **state)
{
    (void)state;
    static struct run_log log;
    memset(&log, 0, sizeof log);
    struct event entry = {.kind = EVENT_EXCEPTION_ENTRY, .value = EXC_HARD_FAULT, .t_ps = 5};
    struct event other = {.kind = EVENT_EXCEPTION_ENTRY, .value = EXC_SYSTICK};
    struct event leave = {.kind = EVENT_EXCEPTION_RETURN, .value = EXC_HARD_FAULT};
    struct event reset = {.kind = EVENT_RESET, .value = RESET_SYSTEM};

    run_log_hear(&log, &other);
    assert_int_equal(log.fault_active, 0);
    run_log_hear(&log, &entry);
    assert_int_equal(log.fault_active, EXC_HARD_FAULT);
    assert_int_equal(log.last_life_ps, 5);
    run_log_hear(&log, &leave);
    assert_int_equal(log.fault_active, 0);
    run_log_hear(&log, &entry);
    run_log_hear(&log, &reset);
    assert_int_equal(log.fault_active, 0);
    assert_int_equal(log.faults, 2);
    assert_int_equal(log.resets[RESET_SYSTEM], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_bits_have_names),
        cmocka_unit_test(registers_are_found_by_address_and_by_name),
        cmocka_unit_test(rules_are_read_from_tables_with_the_right_head),
        cmocka_unit_test(rules_of_the_program_are_known),
        cmocka_unit_test(a_rule_says_what_is_assumed),
        cmocka_unit_test(words_have_the_numbers_of_the_trace),
        cmocka_unit_test(an_id_has_one_text),
        cmocka_unit_test(equal_notes_are_counted_once),
        cmocka_unit_test(both_words_of_a_refused_double_word_are_one_note),
        cmocka_unit_test(the_last_eight_flash_events_are_kept),
        cmocka_unit_test(a_fault_is_active_until_it_returns_or_a_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
