/* One run in full: its events are those of the trace file, its consoles are lines, its flash is told page by
 * page before and after. */
#include "sim/run_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

static FILE *written;

static int open_stream(void **state)
{
    (void)state;
    written = tmpfile();
    return written ? 0 : -1;
}

static int close_stream(void **state)
{
    (void)state;
    fclose(written);
    return 0;
}

static cJSON *read_back(void)
{
    long size = ftell(written);
    char *text = calloc(1, (size_t)size + 1);
    assert_non_null(text);
    rewind(written);
    assert_int_equal(fread(text, 1, (size_t)size, written), size);
    cJSON *value = cJSON_Parse(text);
    assert_non_null(value);
    free(text);
    return value;
}

static double number(const cJSON *object, const char *key)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, key);
    assert_true(cJSON_IsNumber(value));
    return cJSON_GetNumberValue(value);
}

static const char *string(const cJSON *object, const char *key)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    assert_non_null(value);
    return value;
}

/* ---- the flash ---- */

static struct soc *create_soc(void)
{
    struct soc *soc;
    struct error error;
    assert_true(soc_create(&soc, chip_find("stm32l476rg"), &error));
    return soc;
}

static cJSON *map_of(const struct flash_map *map, const struct soc *soc)
{
    struct json_out json;
    json_out_start(&json, written, 0);
    flash_map_write(map, soc, &json, NULL);
    return read_back();
}

static void a_page_that_was_programmed_says_where(void **state)
{
    (void)state;
    struct soc *soc = create_soc();
    struct flash_map map;
    const uint64_t word = 0x1122334455667788;
    const uint32_t page = 256 + 3; /* RM0351 table 8: bank 2 begins at 0x08080000 on 1 MB */
    assert_true(flash_map_begin(&map, soc));

    flash_array_program(soc->cells, page * 256 + 5, &word, NULL);
    flash_array_program(soc->cells, page * 256 + 6, &word, NULL);
    flash_array_program(soc->cells, page * 256 + 255, &word, NULL);
    cJSON *pages = map_of(&map, soc);

    const cJSON *first = cJSON_GetArrayItem(pages, 0);
    assert_string_equal(string(first, "area"), "main");
    assert_int_equal(number(first, "index"), page);
    assert_int_equal(number(first, "bank"), 2);
    assert_int_equal(number(first, "page"), 3);
    assert_int_equal(number(first, "addr"), 0x08081800);
    const cJSON *before = cJSON_GetObjectItem(first, "before");
    const cJSON *after = cJSON_GetObjectItem(first, "after");
    assert_string_equal(string(before, "state"), "erased");
    assert_string_equal(string(after, "state"), "programmed");
    assert_int_equal(number(after, "programmed"), 3);
    const cJSON *changed = cJSON_GetObjectItem(first, "changed");
    assert_int_equal(cJSON_GetArraySize(changed), 2);
    assert_int_equal(number(cJSON_GetArrayItem(changed, 0), "offset"), 40);
    assert_int_equal(number(cJSON_GetArrayItem(changed, 0), "size"), 16);
    assert_int_equal(number(cJSON_GetArrayItem(changed, 1), "offset"), 2040);
    assert_int_equal(number(cJSON_GetArrayItem(changed, 1), "size"), 8);
    /* The option bytes as the factory left them are there, and nothing else. */
    assert_int_equal(cJSON_GetArraySize(pages), 2);
    assert_string_equal(string(cJSON_GetArrayItem(pages, 1), "area"), "option bytes");
    assert_string_equal(string(cJSON_GetObjectItem(cJSON_GetArrayItem(pages, 1), "after"), "state"),
                        "programmed");

    cJSON_Delete(pages);
    flash_map_free(&map);
    soc_destroy(soc);
}

static void torn_units_are_shown_cell_by_cell(void **state)
{
    (void)state;
    struct soc *soc = create_soc();
    struct flash_map map;
    const uint64_t word = 0;
    const struct flash_cells one = {.data = {1}}, two = {.data = {6}}, weak = {.data = {0x80}};
    flash_array_program(soc->cells, 0, &word, NULL);
    flash_array_program(soc->cells, 1, &word, NULL);
    assert_true(flash_map_begin(&map, soc));

    flash_array_flip(soc->cells, 0, one);
    flash_array_flip(soc->cells, 1, two);
    flash_array_weaken(soc->cells, 9, weak);
    cJSON *pages = map_of(&map, soc);

    const cJSON *page = cJSON_GetArrayItem(pages, 0);
    const cJSON *after = cJSON_GetObjectItem(page, "after");
    assert_string_equal(string(cJSON_GetObjectItem(page, "before"), "state"), "programmed");
    assert_string_equal(string(after, "state"), "torn");
    assert_int_equal(number(after, "corrected"), 1);
    assert_int_equal(number(after, "bad"), 1);
    assert_int_equal(number(after, "marginal"), 1);
    const cJSON *damaged = cJSON_GetObjectItem(page, "damaged");
    assert_int_equal(cJSON_GetArraySize(damaged), 3);
    assert_string_equal(string(cJSON_GetArrayItem(damaged, 0), "reads"), "corrected");
    assert_string_equal(string(cJSON_GetArrayItem(damaged, 0), "data"), "0x0000000000000001");
    assert_string_equal(string(cJSON_GetArrayItem(damaged, 1), "reads"), "bad");
    assert_int_equal(number(cJSON_GetArrayItem(damaged, 2), "offset"), 72);
    assert_string_equal(string(cJSON_GetArrayItem(damaged, 2), "marginal_data"), "0x0000000000000080");

    cJSON_Delete(pages);
    flash_map_free(&map);
    soc_destroy(soc);
}

static void wear_alone_is_no_change_and_an_erased_page_is(void **state)
{
    (void)state;
    struct soc *soc = create_soc();
    struct flash_map map;
    const uint64_t word = 0;
    flash_array_program(soc->cells, 256, &word, NULL);
    assert_true(flash_map_begin(&map, soc));

    flash_array_erase(soc->cells, 1, NULL);
    flash_array_erase(soc->cells, 2, NULL);
    cJSON *pages = map_of(&map, soc);

    const cJSON *first = cJSON_GetArrayItem(pages, 0), *second = cJSON_GetArrayItem(pages, 1);
    assert_int_equal(number(first, "index"), 1);
    assert_string_equal(string(cJSON_GetObjectItem(first, "after"), "state"), "erased");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(first, "changed")), 1);
    assert_int_equal(number(second, "index"), 2);
    assert_int_equal(number(cJSON_GetObjectItem(second, "after"), "erases"), 1);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(second, "changed")), 0);

    cJSON_Delete(pages);
    flash_map_free(&map);
    soc_destroy(soc);
}

/* ---- events and consoles ---- */

static void say(struct run_record *record, struct event event, const char *text)
{
    for (; *text; text++) {
        event.value = (uint8_t)*text;
        event.t_ps++;
        record->watcher.hear(record->watcher.context, &event);
    }
}

static cJSON *record_of(struct run_record *record, struct machine *machine)
{
    record->watcher.end(record->watcher.context, machine);
    assert_true(run_record_finish(record));
    return read_back();
}

static struct machine *create_machine(void)
{
    struct machine *machine;
    struct error error;
    assert_true(machine_create(&machine, chip_find("stm32l452re"), &error));
    return machine;
}

static void assert_line(const cJSON *lines, int index, unsigned boot, const char *channel,
                        const char *text, bool is_ended)
{
    const cJSON *line = cJSON_GetArrayItem(lines, index);
    assert_non_null(line);
    assert_int_equal(number(line, "boot"), boot);
    assert_string_equal(string(line, "channel"), channel);
    assert_string_equal(string(line, "text"), text);
    assert_int_equal(cJSON_HasObjectItem(line, "unended"), !is_ended);
}

static void bytes_of_a_console_become_lines(void **state)
{
    (void)state;
    struct machine *machine = create_machine();
    struct run_record record;
    struct event on = {.kind = EVENT_POWER_ON, .boot = 1, .value = 1};
    struct event a = {.kind = EVENT_CONSOLE, .unit = "USART2", .boot = 1, .t_ps = 1000};
    struct event b = {.kind = EVENT_CONSOLE, .unit = "LPUART1", .boot = 1, .t_ps = 2000};
    struct event in = {.kind = EVENT_CONSOLE_IN, .unit = "USART2", .boot = 1, .t_ps = 3000};
    struct event reset = {.kind = EVENT_RESET, .boot = 2};
    run_record_start(&record, written, 0, false);

    record.watcher.begin(record.watcher.context, machine);
    record.watcher.hear(record.watcher.context, &on);
    say(&record, a, "one\r\ntw");
    say(&record, b, "other\n");
    say(&record, in, "typed\r");
    say(&record, a, "o\nhalf");
    record.watcher.hear(record.watcher.context, &reset);
    a.boot = 2;
    say(&record, a, "<script>\n");
    cJSON *value = record_of(&record, machine);

    const cJSON *lines = cJSON_GetObjectItem(value, "console");
    assert_int_equal(cJSON_GetArraySize(lines), 6);
    assert_line(lines, 0, 1, "usart2", "one", true);
    assert_line(lines, 1, 1, "usart2", "two", true);
    assert_line(lines, 2, 1, "lpuart1", "other", true);
    assert_line(lines, 3, 1, "usart2", "typed", false);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(cJSON_GetArrayItem(lines, 3), "input")));
    assert_line(lines, 4, 1, "usart2", "half", false);
    assert_line(lines, 5, 2, "usart2", "<script>", true);
    assert_int_equal(number(cJSON_GetArrayItem(lines, 0), "t_ps"), 1001);
    assert_int_equal(number(cJSON_GetArrayItem(lines, 0), "power_on"), 1);

    cJSON_Delete(value);
    machine_destroy(machine);
}

/* 400,000 events; what is left of them is the first and the last 4,000, and the text is all there. */
static void a_long_run_keeps_its_beginning_and_its_end(void **state)
{
    (void)state;
    struct machine *machine = create_machine();
    struct run_record record;
    struct event event = {.kind = EVENT_CONSOLE, .unit = "USART2", .boot = 1};
    run_record_start(&record, written, 0, false);

    record.watcher.begin(record.watcher.context, machine);
    for (uint32_t i = 0; i < 400000; i++) {
        event.seq = i;
        event.value = i % 50 == 49 ? '\n' : 'x';
        record.watcher.hear(record.watcher.context, &event);
    }
    cJSON *value = record_of(&record, machine);

    const cJSON *events = cJSON_GetObjectItem(value, "events");
    assert_int_equal(cJSON_GetArraySize(events), 8000);
    assert_int_equal(number(value, "events_left_out"), 392000);
    int index = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, events)
    {
        assert_int_equal(number(item, "seq"), index < 4000 ? index : index + 392000);
        index++;
    }
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(value, "console")), 8000);

    cJSON_Delete(value);
    machine_destroy(machine);
}

static void a_whole_record_keeps_all(void **state)
{
    (void)state;
    struct machine *machine = create_machine();
    struct run_record record;
    struct event event = {.kind = EVENT_WATCHDOG, .unit = "IWDG", .value = 1};
    run_record_start(&record, written, 0, true);

    record.watcher.begin(record.watcher.context, machine);
    for (uint32_t i = 0; i < 50000; i++)
        record.watcher.hear(record.watcher.context, &event);
    cJSON *value = record_of(&record, machine);

    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(value, "events")), 50000);
    assert_false(cJSON_HasObjectItem(value, "events_left_out"));
    const cJSON *first = cJSON_GetArrayItem(cJSON_GetObjectItem(value, "events"), 0);
    assert_false(cJSON_HasObjectItem(first, "repeats"));

    cJSON_Delete(value);
    machine_destroy(machine);
}

/* Two watchdogs refreshed in turn 1,000 times, a byte said, and once more from another place. */
static void what_a_waiting_loop_repeats_is_told_once(void **state)
{
    (void)state;
    struct machine *machine = create_machine();
    struct run_record record;
    struct event one = {.kind = EVENT_WATCHDOG, .unit = "IWDG", .value = 1, .pc = 0x08000100};
    struct event two = {.kind = EVENT_WATCHDOG, .unit = "WWDG", .value = 1, .pc = 0x08000104};
    struct event byte = {.kind = EVENT_CONSOLE, .unit = "USART2", .value = 'x', .seq = 2000};
    run_record_start(&record, written, 0, false);

    record.watcher.begin(record.watcher.context, machine);
    for (uint32_t i = 0; i < 1000; i++) {
        one.seq = 2 * i;
        two.seq = 2 * i + 1;
        one.t_ps = two.t_ps = 1000 + i;
        record.watcher.hear(record.watcher.context, &one);
        record.watcher.hear(record.watcher.context, &two);
    }
    record.watcher.hear(record.watcher.context, &byte);
    record.watcher.hear(record.watcher.context, &byte);
    record.watcher.hear(record.watcher.context, &one);
    one.pc += 8;
    record.watcher.hear(record.watcher.context, &one);
    cJSON *value = record_of(&record, machine);

    const cJSON *events = cJSON_GetObjectItem(value, "events");
    assert_int_equal(cJSON_GetArraySize(events), 6);
    const cJSON *first = cJSON_GetArrayItem(events, 0), *second = cJSON_GetArrayItem(events, 1);
    assert_string_equal(string(first, "unit"), "IWDG");
    assert_int_equal(number(first, "t_ps"), 1000);
    assert_int_equal(number(first, "repeats"), 999);
    assert_int_equal(number(first, "until_ps"), 1999);
    assert_string_equal(string(second, "unit"), "WWDG");
    assert_int_equal(number(second, "repeats"), 999);
    for (int i = 2; i < 6; i++)
        assert_false(cJSON_HasObjectItem(cJSON_GetArrayItem(events, i), "repeats"));
    assert_string_equal(string(cJSON_GetArrayItem(events, 3), "kind"), "console.out");
    assert_false(cJSON_HasObjectItem(value, "events_left_out"));

    cJSON_Delete(value);
    machine_destroy(machine);
}

int main(void)
{
#define RECORD_TEST(name) cmocka_unit_test_setup_teardown(name, open_stream, close_stream)
    const struct CMUnitTest tests[] = {
        RECORD_TEST(a_page_that_was_programmed_says_where),
        RECORD_TEST(torn_units_are_shown_cell_by_cell),
        RECORD_TEST(wear_alone_is_no_change_and_an_erased_page_is),
        RECORD_TEST(bytes_of_a_console_become_lines),
        RECORD_TEST(a_long_run_keeps_its_beginning_and_its_end),
        RECORD_TEST(a_whole_record_keeps_all),
        RECORD_TEST(what_a_waiting_loop_repeats_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
