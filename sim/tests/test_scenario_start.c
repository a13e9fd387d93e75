/* What a scenario starts from: dumps, patterns, option bytes, in their order, and what the reader refuses. */
#include "sim/scenario_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "models/flash_array.h"
#include "sim/scenario_plan.h"

enum { L452_BYTES = 512 * 1024 };

#define HEAD "{\"name\":\"n\",\"why\":\"w\",\"chip\":\"stm32l452re\",\"image\":\"firmware:hello\","
#define TAIL ",\"run\":\"20ms\",\"expect\":[{\"console\":{\"contains\":\"PASS\"}}]}"

static char folder[] = "/tmp/start_XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static const char *in_folder(const char *name)
{
    static char path[64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"dump.bin", "options.bin", "short.bin"};
    (void)state;
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(in_folder(names[i]));
    return rmdir(folder);
}

static void write_file(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(in_folder(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* The scenario lies in the folder, so that its files are found there. */
static bool load(struct scenario *scenario, const char *text, struct error *error)
{
    if (!scenario_parse(scenario, in_folder("s.json"), text, strlen(text), FLASHSIM_FIRMWARE_DIR,
                        error))
        return false;
    if (scenario_load_files(scenario, error))
        return true;
    scenario_free(scenario);
    return false;
}

static struct scenario *load_well(const char *text)
{
    struct error error = {""};
    struct scenario *scenario = malloc(sizeof *scenario);
    assert_non_null(scenario);
    if (!load(scenario, text, &error))
        fail_msg("%s\n%s", text, error.text);
    return scenario;
}

static void done(struct scenario *scenario)
{
    scenario_free(scenario);
    free(scenario);
}

static void refused(const char *settings, const char *message)
{
    char text[1024];
    struct error error = {""};
    struct scenario *scenario = malloc(sizeof *scenario);
    assert_non_null(scenario);
    snprintf(text, sizeof text, HEAD "%s" TAIL, settings);
    if (load(scenario, text, &error))
        fail_msg("accepted: %s", settings);
    if (!strstr(error.text, message))
        fail_msg("%s\n\"%s\" lacks \"%s\"", settings, error.text, message);
    free(scenario);
}

static struct flash_reading read_unit(const struct scenario *scenario, uint32_t addr)
{
    struct flash_reading reading;
    flash_array_read(scenario->start, (addr - 0x08000000) / 8, FLASH_CHOOSE_NEW, &reading);
    return reading;
}

static struct verdict run(const struct scenario *scenario)
{
    struct error error = {""};
    struct scenario_plans plans;
    struct verdict verdict;
    assert_true(scenario_plans_make(&plans, scenario, &error));
    assert_int_equal(plans.count, 1);
    if (!scenario_run(scenario, &plans.items[0], NULL, &verdict, &error))
        fail_msg("%s", error.text);
    scenario_plans_free(&plans);
    return verdict;
}

/* ---- flash ---- */

static void later_start_states_go_over_earlier_ones(void **state)
{
    (void)state;
    uint8_t *dump = malloc(L452_BYTES);
    assert_non_null(dump);
    memset(dump, 0xFF, L452_BYTES);
    memset(dump + 0x70000, 0x5A, 16);
    write_file("dump.bin", dump, L452_BYTES);
    free(dump);

    struct scenario *s = load_well(
        HEAD "\"flash\":[\"dump.bin\",{\"pattern\":\"0xDEADBEEF\",\"from\":\"0x08070008\",\"to\":"
             "\"0x08070017\"},{\"pattern\":\"0x123456789ABCDEF0\",\"from\":\"0x0807F800\"},{\"pattern\":"
             "\"zeros\",\"from\":\"0x0807F808\",\"to\":\"0x0807F80F\"},{\"pattern\":\"erased\",\"from\":"
             "\"0x0807F810\",\"to\":\"0x0807F817\"}]" TAIL);

    assert_int_equal(read_unit(s, 0x08070000).data[0], 0x5A5A5A5A5A5A5A5A);
    assert_int_equal(read_unit(s, 0x08070008).data[0], 0xDEADBEEFDEADBEEF);
    assert_int_equal(read_unit(s, 0x08070010).data[0], 0xDEADBEEFDEADBEEF);
    assert_int_equal(read_unit(s, 0x08070010).verdict, FLASH_READS_CLEAN);
    assert_true(read_unit(s, 0x08070018).is_virgin);
    assert_int_equal(read_unit(s, 0x0807F800).data[0], 0x123456789ABCDEF0);
    assert_int_equal(read_unit(s, 0x0807F808).data[0], 0);
    assert_true(read_unit(s, 0x0807F810).is_virgin);
    assert_int_equal(read_unit(s, 0x0807FFF8).data[0], 0x123456789ABCDEF0);
    done(s);
}

/* L4 sheet 4.2: a double word programmed with ones is used up, an erased one is not. */
static void ones_that_were_programmed_are_not_erased(void **state)
{
    (void)state;
    struct scenario *s = load_well(
        HEAD "\"flash\":{\"pattern\":\"0xFFFFFFFF\",\"from\":\"0x08070000\",\"to\":\"0x08070007\"}" TAIL);
    assert_int_equal(read_unit(s, 0x08070000).data[0], UINT64_MAX);
    assert_false(read_unit(s, 0x08070000).is_virgin);
    assert_true(read_unit(s, 0x08070008).is_virgin);
    done(s);
}

static void an_image_goes_over_what_was_there(void **state)
{
    (void)state;
    struct scenario *s = load_well(
        HEAD "\"flash\":{\"pattern\":\"zeros\"},\"run\":\"20ms\",\"expect\":[{\"console\":{\"contains\":"
             "\"PASS\"}},{\"flash\":{\"at\":\"0x0807FFF8\",\"words\":[0,0]}}]}");
    assert_int_equal(run(s).kind, VERDICT_PASS);
    done(s);
}

static void what_it_starts_from_is_part_of_the_name_in_a_replay_line(void **state)
{
    (void)state;
    struct scenario *plain = load_well(HEAD "\"seed\":1" TAIL);
    struct scenario *zeros = load_well(
        HEAD "\"flash\":{\"pattern\":\"zeros\",\"from\":\"0x0807F800\"}" TAIL);
    struct scenario *options = load_well(HEAD "\"option_bytes\":{\"OPTR\":\"0xFFFFF8BB\"}" TAIL);
    assert_int_not_equal(plain->sha, zeros->sha);
    assert_int_not_equal(plain->sha, options->sha);
    assert_int_not_equal(zeros->sha, options->sha);
    done(plain);
    done(zeros);
    done(options);
}

static void wrong_start_states_are_refused(void **state)
{
    (void)state;
    write_file("short.bin", "1234", 4);
    refused("\"flash\":[]", "no start state in this list");
    refused("\"flash\":3", "a start state must stand here");
    refused("\"flash\":{}", "\"pattern\" or \"result\" must stand");
    refused("\"flash\":{\"patern\":\"zeros\"}", "did you mean \"pattern\"?");
    refused("\"flash\":{\"pattern\":\"ones\"}", "a pattern is \"erased\"");
    refused("\"flash\":{\"pattern\":\"0x\"}", "a pattern is \"erased\"");
    refused("\"flash\":{\"pattern\":\"0x12345678123456789\"}", "a pattern is \"erased\"");
    refused("\"flash\":{\"pattern\":\"zeros\",\"from\":\"0x08000004\"}", "whole double words");
    refused("\"flash\":{\"pattern\":\"zeros\",\"to\":\"0x08000008\"}", "whole double words");
    refused("\"flash\":{\"pattern\":\"zeros\",\"to\":\"0x08080000\"}", "from 0x8000000 to 0x807FFFF");
    refused("\"flash\":{\"pattern\":\"zeros\",\"from\":\"0x08000010\",\"to\":\"0x0800000F\"}",
            "no address is between");
    refused("\"flash\":{\"pattern\":\"zeros\",\"file\":\"dump.bin\"}", "no such key: \"file\"");
    refused("\"flash\":\"short.bin\"", "4 bytes, but the main flash of the stm32l452re has 524288");
    refused("\"flash\":\"none.bin\"", "can not be read");
}

/* ---- option bytes ---- */

/* RM0394 3.7.8: WRP1A_STRT in bits 0 to 7, WRP1A_END in 16 to 23. */
static void option_registers_act_from_the_first_power_on(void **state)
{
    (void)state;
    struct scenario *s =
        load_well(HEAD "\"option_bytes\":{\"WRP1AR\":\"0xFFFFFF00\",\"OPTR\":\"0xFFFFF8BB\"},\"run\":"
                       "\"20ms\",\"expect\":[{\"event\":{\"kind\":\"flash.option_load\",\"value\":"
                       "\"0xFFFFF8BB\"}}]}");
    assert_int_equal(run(s).kind, VERDICT_PASS);
    /* L4 sheet 11.1: WRP1AR is the fourth double word, the value and its complement. */
    uint32_t first = flash_array_option_page(s->start) * flash_array_units_per_page(s->start);
    assert_int_equal(flash_array_cells(s->start, first + 3).data[0], 0x000000FFFFFFFF00);
    assert_int_equal(flash_array_cells(s->start, first).data[0], 0x00000744FFFFF8BB);
    assert_int_equal(flash_array_cells(s->start, first + 4).data[0] & 0xFF, 0xFF); /* WRP1BR: none */
    done(s);
}

static void option_bytes_come_from_a_file(void **state)
{
    (void)state;
    uint8_t bytes[128];
    memset(bytes, 0xFF, sizeof bytes);
    for (unsigned i = 0; i < 5; i++)
        for (unsigned k = 0; k < 4; k++)
            bytes[8 * i + 4 + k] = 0; /* the complement of all ones */
    bytes[0] = 0xAA;
    bytes[4] = 0x55;
    write_file("options.bin", bytes, sizeof bytes);
    struct scenario *s = load_well(
        HEAD "\"option_bytes\":\"options.bin\",\"run\":\"20ms\",\"expect\":[{\"event\":{\"kind\":"
             "\"flash.option_load\",\"value\":\"0xFFFFFFAA\"}}]}");
    assert_int_equal(run(s).kind, VERDICT_PASS);
    done(s);
}

static void wrong_option_bytes_are_refused(void **state)
{
    (void)state;
    write_file("short.bin", "1234", 4);
    refused("\"option_bytes\":{\"OPTER\":\"0xFFFFF8AA\"}", "did you mean \"OPTR\"?");
    refused("\"option_bytes\":{\"WRP2AR\":\"0xFF00FFFF\"}", "no such key: \"WRP2AR\"");
    refused("\"option_bytes\":{}", "no option register in this object");
    refused("\"option_bytes\":[]", "option bytes are a file");
    refused("\"option_bytes\":{\"OPTR\":\"0xFFFFF8AG\"}", "an option register must be an integer");
    /* RM0394 3.7.8: bit 31 is reserved. */
    refused("\"option_bytes\":{\"OPTR\":\"0x7FFFF8AA\"}",
            "OPTR: reserved bits 0x80000000 are not as they read: write \"0xFFFFF8AA\"");
    refused("\"option_bytes\":\"short.bin\"", "not 128 bytes long");
    refused("\"option_bytes\":\"none.bin\"", "can not be read");
}

/* ---- images loaded later ---- */

/* L4 sheet 11.5: an empty part starts the ROM; who programs it then starts it as a debugger does, for once. */
static void an_empty_part_is_programmed_after_power_came(void **state)
{
    (void)state;
    struct scenario *s = load_well(
        "{\"name\":\"n\",\"why\":\"w\",\"chip\":\"stm32l452re\",\"image\":{\"file\":\"firmware:hello\","
        "\"load\":false},\"run\":\"40ms\",\"timeline\":[{\"after\":\"1ms\",\"do\":{\"load_images\":"
        "{\"start\":true}}},{\"when\":{\"console\":\"PASS\"},\"after\":\"5ms\",\"do\":{\"reset\":\"pin\"}}],"
        "\"expect\":[{\"console\":{\"contains\":\"PASS\",\"boot\":2}},"
        "{\"console\":{\"contains\":\"PASS\",\"boot\":3}}]}");
    struct verdict verdict = run(s);
    assert_int_equal(verdict.outcome[0], OUTCOME_MET);
    assert_int_equal(verdict.outcome[1], OUTCOME_VIOLATED);
    assert_non_null(strstr(verdict.note[1], "booted into system memory"));
    assert_int_equal(verdict.boots, 3);
    done(s);
}

static void an_image_that_is_never_loaded_proves_nothing(void **state)
{
    (void)state;
    struct scenario *s = load_well(
        "{\"name\":\"n\",\"why\":\"w\",\"chip\":\"stm32l476rg\",\"image\":{\"file\":\"firmware:hello\","
        "\"load\":false},\"run\":\"40ms\",\"expect\":[{\"resets\":{\"equals\":0}}]}");
    assert_int_equal(run(s).kind, VERDICT_INCONCLUSIVE);
    done(s);
}

static struct verdict load_again(const char *option_bytes, const char *load, const char *expect,
                                 struct error *error)
{
    char text[1024];
    struct scenario_plans plans;
    struct verdict verdict = {0};
    snprintf(text, sizeof text,
             HEAD "\"flash\":{\"pattern\":\"zeros\",\"from\":\"0x0807F800\"},%s\"run\":\"40ms\","
                  "\"timeline\":[{\"when\":{\"time\":\"1ms\"},\"do\":{\"load_images\":%s}}],"
                  "\"expect\":[%s]}",
             option_bytes, load, expect);
    struct scenario *s = load_well(text);
    assert_true(scenario_plans_make(&plans, s, error));
    if (!scenario_run(s, &plans.items[0], NULL, &verdict, error))
        verdict.kind = VERDICT_FAIL;
    scenario_plans_free(&plans);
    done(s);
    return verdict;
}

static void a_loader_erases_the_pages_of_the_images_or_all(void **state)
{
    (void)state;
    struct error error = {""};
    const char *pages = "{\"wear\":{\"at\":\"0x08000000\",\"equals\":1}},"
                        "{\"wear\":{\"at\":\"0x0807F800\",\"equals\":0}},"
                        "{\"flash\":{\"at\":\"0x0807F800\",\"words\":[0,0]}},"
                        "{\"console\":{\"contains\":\"PASS\"}}";
    const char *all = "{\"wear\":{\"at\":\"0x08000000\",\"equals\":1}},"
                      "{\"flash\":{\"at\":\"0x0807F800\",\"erased\":2048}},"
                      "{\"console\":{\"contains\":\"PASS\",\"boot\":2}}";
    assert_int_equal(load_again("", "true", pages, &error).kind, VERDICT_PASS);
    assert_int_equal(
        load_again("", "{\"erase\":\"all\",\"start\":true}", all, &error).kind, VERDICT_PASS);
}

/* L4 sheet 11.3. */
static void a_loader_does_not_get_at_a_protected_part(void **state)
{
    (void)state;
    struct error error = {""};
    struct verdict verdict =
        load_again("\"option_bytes\":{\"OPTR\":\"0xFFFFF8BB\"},", "true", "{\"exit\":0}", &error);
    assert_int_not_equal(verdict.kind, VERDICT_PASS);
    bool is_said = false;
    for (unsigned i = 0; i < verdict.note_count; i++)
        is_said = is_said || strstr(verdict.note[i], "never acted: load_images: the flash is read protected");
    assert_true(is_said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_start_states_go_over_earlier_ones),
        cmocka_unit_test(ones_that_were_programmed_are_not_erased),
        cmocka_unit_test(an_image_goes_over_what_was_there),
        cmocka_unit_test(what_it_starts_from_is_part_of_the_name_in_a_replay_line),
        cmocka_unit_test(wrong_start_states_are_refused),
        cmocka_unit_test(option_registers_act_from_the_first_power_on),
        cmocka_unit_test(option_bytes_come_from_a_file),
        cmocka_unit_test(wrong_option_bytes_are_refused),
        cmocka_unit_test(an_empty_part_is_programmed_after_power_came),
        cmocka_unit_test(an_image_that_is_never_loaded_proves_nothing),
        cmocka_unit_test(a_loader_erases_the_pages_of_the_images_or_all),
        cmocka_unit_test(a_loader_does_not_get_at_a_protected_part),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
