/* Any text as a scenario: it is refused with one line at a place of the file, or it is read, and
 * then what was read is in bounds and its plans can be written as replay lines and read back. */
#include "sim/replay_id.h"
#include "sim/scenario.h"
#include "sim/tests/fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void check_refusal(const struct error *error)
{
    assert(strncmp(error->text, "dir/s.json:", 11) == 0);
    assert(strlen(error->text) > 12);
    assert(!strchr(error->text, '\n'));
}

static void check_cut(const struct scenario_cut *cut)
{
    assert(cut->moment_count >= 1 && cut->moment_count <= SCENARIO_MOMENT_MAX);
    assert(cut->is_each || (cut->nth_count >= 1 && cut->nth_count <= SCENARIO_NTH_MAX));
    for (unsigned i = 0; i < cut->moment_count; i++) {
        struct cut one = {.is_timed = cut->is_timed,
                          .after_ps = cut->after_ps,
                          .operation = cut->operation,
                          .nth = cut->is_each ? 1 : cut->nth[0],
                          .moment = cut->moments[i]};
        struct cut again;
        char text[CUT_TEXT], text_again[CUT_TEXT];
        cut_write(&one, text);
        assert(cut_read(&again, text, NULL));
        assert(strcmp(cut_write(&again, text_again), text) == 0);
    }
}

static void check_expectation(const struct expectation *expectation)
{
    assert(expectation->name);
    assert(expectation->kind < EXPECTATION_KIND_COUNT);
    assert(expectation->console.contains.count <= SCENARIO_TEXT_MAX);
    assert(expectation->flash.kind != EXPECT_FLASH_WORDS ||
           expectation->flash.size <= 4 * SCENARIO_WORD_MAX);
}

static void check(const struct scenario *scenario)
{
    assert(scenario->chip && scenario->name && scenario->why);
    assert(scenario->image_count || scenario->start_count);
    assert(scenario->power_ons > scenario->cut_count);
    assert(scenario->run_ps > 0 && scenario->off_ps > 0);
    assert(!scenario->is_known_bad || scenario->because < scenario->expectation_count);
    for (unsigned i = 0; i < scenario->cut_count; i++)
        check_cut(&scenario->cuts[i]);
    for (unsigned i = 0; i < scenario->expectation_count; i++)
        check_expectation(&scenario->expectations[i]);
}

static void read_id(const uint8_t *data, size_t size)
{
    struct error error = {""};
    struct replay_id *id = malloc(sizeof *id);
    char *text = malloc(size + 1);
    assert(id && text);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    if (!replay_id_read(id, text, &error))
        assert(strlen(error.text) > 0);
    free(text);
    free(id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error = {""};
    struct scenario *scenario = malloc(sizeof *scenario);
    assert(scenario);
    if (scenario_parse(scenario, "dir/s.json", (const char *)data, size, "firmware", &error)) {
        check(scenario);
        scenario_free(scenario);
    } else {
        check_refusal(&error);
    }
    free(scenario);
    read_id(data, size);
    return 0;
}

#define HEAD "{\"name\":\"n\",\"why\":\"w\",\"chip\":\"stm32l452re\",\"image\":\"firmware:kv\","

size_t fuzz_seed(size_t index, uint8_t bytes[FUZZ_SEED_ROOM])
{
    static const char *const SEEDS[] = {
        HEAD "\"expect\":[]}",
        HEAD "\"seed\":7,\"timing\":\"max\",\"caches\":\"exact\",\"reset_pulse\":\"finishes\","
             "\"run\":\"1.5ms\","
             "\"off_time\":\"20us\",\"power_ons\":3,\"rules\":{\"L4.ecc.once_per_line\":true},"
             "\"expect\":[]}",
        HEAD "\"cut\":[{\"operation\":\"program\",\"nth\":[3,5],\"phase\":[\"before\",\"pulse\"],"
             "\"k\":2,\"n\":4},"
             "{\"operation\":\"erase\",\"nth\":\"each\",\"phase\":\"each\"},{\"at\":\"300us\"}],"
             "\"expect\":[]}",
        HEAD "\"expect\":[{\"console\":{\"contains\":\"a\",\"in_order\":[\"b\",\"c\"],\"absent\":"
             "\"d\",\"boot\":2}},"
             "{\"durability\":{\"begun\":\"p \",\"acknowledged\":\"k \",\"reported\":\"h \"}},"
             "{\"name\":\"s\",\"symbol\":{\"name\":\"v\",\"at_least\":2,\"at_most\":\"0x10\","
             "\"power_on\":\"last\"}}],"
             "\"expect_verdict\":\"fail\",\"because\":\"s\"}",
        HEAD
        "\"expect\":[{\"flash\":{\"at\":\"0x08000010\",\"words\":[1,\"0xFFFFFFFF\"]}},"
        "{\"flash\":{\"at\":134217728,\"erased\":2048}},{\"fault\":{\"kind\":\"BusFault\",\"cfsr\":"
        "\"0x400\"}},"
        "{\"resets\":{\"cause\":\"iwdg\",\"equals\":1}},{\"boots\":2},{\"exit\":{\"at_most\":3}},"
        "{\"event\":{\"kind\":\"flash.error\",\"value\":\"0xA8\",\"count\":{\"at_least\":2}}}]}",
        "scenarios/l4/kv.json#1f3a90c2:cut=37@program.pulse=2/4,cut=5@ecc,cut=@1500us,seed=5",
    };
    if (index >= sizeof SEEDS / sizeof SEEDS[0])
        return 0;
    size_t size = strlen(SEEDS[index]);
    memcpy(bytes, SEEDS[index], size);
    return size;
}
