/* The files that a scenario names: images and a dump, compared against its chip, symbols found. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/loader.h"
#include "sim/output_file.h"
#include "sim/scenario_read.h"
#include "sim/sha256.h"

static bool refuse(const struct scenario *scenario, const cJSON *value, struct error *error,
                   const struct error *reason)
{
    return json_text_refuse(&scenario->json, value, error, "%s", reason->text);
}

/* ---- images ---- */

/* After a power cut RAM is gone, and the firmware with it. */
static bool check_is_in_flash(const struct scenario *scenario, const struct scenario_image *file,
                              const struct image *image, struct error *error)
{
    for (size_t i = 0; i < image->segment_count; i++)
        if (!loader_is_in_flash(scenario->chip, image->segments[i].addr))
            return json_text_refuse(
                &scenario->json, file->value, error,
                "%s: linked for RAM at 0x%08X, which a power cut empties: link it for "
                "flash",
                image_short_path(file->path), image->segments[i].addr);
    return true;
}

static bool load_image(struct scenario *scenario, const struct scenario_image *file,
                       struct error *error)
{
    struct error reason;
    struct image_region regions[LOADER_REGION_MAX];
    size_t count = loader_list_memories(scenario->chip, regions);
    struct image *image = &scenario->images[scenario->loaded_count];
    if (strncmp(file->name, "firmware:", 9) == 0 && access(file->path, F_OK) != 0)
        return json_text_refuse(
            &scenario->json, file->value, error,
            "%s: no such image: build the test firmware, or say where it is with "
            "--firmware DIR",
            image_short_path(file->path));
    if (!image_load(image, file->path, file->addr, &reason))
        return refuse(scenario, file->value, error, &reason);
    scenario->loaded_count++;
    if (file->has_addr && !image_is_bin(image))
        return json_text_refuse(
            &scenario->json, file->value, error,
            "%s: no BIN image, so it says itself where it goes: leave \"at\" out",
            image_short_path(file->path));
    if (!image_check_fits(image, regions, count, &reason))
        return refuse(scenario, file->value, error, &reason);
    for (unsigned i = 0; i + 1 < scenario->loaded_count; i++)
        if (!image_check_overlap(&scenario->images[i], image, &reason))
            return refuse(scenario, file->value, error, &reason);
    return check_is_in_flash(scenario, file, image, error);
}

/* One image names itself; several, or what they start from, are named together. */
static bool name_all(struct scenario *scenario, struct error *error)
{
    uint8_t digests[SCENARIO_IMAGE_MAX + 1][SHA256_BYTES];
    uint8_t digest[SHA256_BYTES];
    size_t count = 0;
    if (scenario->loaded_count == 1 && !scenario->start) {
        scenario->sha = scenario->images[0].sha;
        return true;
    }
    for (unsigned i = 0; i < scenario->loaded_count; i++)
        memcpy(digests[count++], scenario->images[i].sha256, SHA256_BYTES);
    if (scenario->start)
        scenario_start_digest(scenario, digests[count++]);
    if (!count)
        return error_set(error, "%s: nothing to boot", image_short_path(scenario->path));
    sha256(digests, count * SHA256_BYTES, digest);
    scenario->sha = (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 |
                    (uint32_t)digest[2] << 8 | digest[3];
    return true;
}

/* ---- symbols ---- */

static const struct image_symbol *find_symbol(const struct scenario *scenario, const char *name,
                                              struct error *reason)
{
    const struct image_symbol *symbol = NULL;
    error_set(reason, "%.60s: no image here has symbols: name an ELF", name);
    for (unsigned i = 0; i < scenario->loaded_count && !symbol; i++)
        if (scenario->images[i].symbols.count)
            symbol = image_symbol_named(&scenario->images[i].symbols, name, reason);
    return symbol;
}

static bool is_memory(const struct scenario *scenario, uint32_t addr, uint32_t size)
{
    struct image_region regions[LOADER_REGION_MAX];
    size_t count = loader_list_memories(scenario->chip, regions);
    for (size_t i = 0; i < count; i++)
        if (addr - regions[i].addr < regions[i].size &&
            size <= regions[i].size - (addr - regions[i].addr))
            return true;
    return false;
}

static bool resolve_symbol(struct scenario *scenario, struct expectation *expectation,
                           struct error *error)
{
    struct error reason;
    struct expect_symbol *wanted = &expectation->symbol;
    const struct image_symbol *symbol = find_symbol(scenario, wanted->name, &reason);
    if (!symbol)
        return refuse(scenario, expectation->value, error, &reason);
    wanted->addr = symbol->addr;
    wanted->size = symbol->size;
    if (wanted->size != 1 && wanted->size != 2 && wanted->size != 4 && wanted->size != 8)
        return json_text_refuse(
            &scenario->json, expectation->value, error,
            "%.60s: %u bytes: only variables of 1, 2, 4 or 8 bytes can be compared", wanted->name,
            wanted->size);
    if (!wanted->value.at_least && wanted->value.at_most >= UINT64_MAX >> (64 - 8 * wanted->size))
        return json_text_refuse(&scenario->json, expectation->value, error,
                                "%.60s: %u bytes are never more: nothing would be tested",
                                wanted->name, wanted->size);
    return is_memory(scenario, wanted->addr, wanted->size) ||
           json_text_refuse(&scenario->json, expectation->value, error,
                            "%.60s: at 0x%08X, which is no memory", wanted->name, wanted->addr);
}

static bool resolve_place(const struct scenario *scenario, struct place *place, struct error *error)
{
    struct error reason;
    if (!place->symbol)
        return true;
    const struct image_symbol *symbol = find_symbol(scenario, place->symbol, &reason);
    if (!symbol)
        return refuse(scenario, place->value, error, &reason);
    place->addr = symbol->addr + place->offset;
    place->size = symbol->size;
    return true;
}

static bool check_is_variable(const struct scenario *scenario, const struct place *place,
                              struct error *error)
{
    bool is_ram = is_memory(scenario, place->addr, place->size) &&
                  !loader_is_in_flash(scenario->chip, place->addr);
    bool is_good = place->size >= 1 && place->size <= 8 && is_ram;
    return is_good || json_text_refuse(&scenario->json, place->value, error,
                                       "%u bytes at 0x%08X: only 1 to 8 bytes in RAM can be watched",
                                       place->size, place->addr);
}

static bool resolve_memory(const struct scenario *scenario, struct expectation *expectation,
                           struct error *error)
{
    if (!resolve_place(scenario, &expectation->place, error))
        return false;
    expectation->symbol.addr = expectation->place.addr;
    return is_memory(scenario, expectation->symbol.addr, expectation->symbol.size) ||
           json_text_refuse(&scenario->json, expectation->place.value, error,
                            "%u bytes at 0x%08X are no memory", expectation->symbol.size,
                            expectation->symbol.addr);
}

static bool resolve_step(struct scenario *scenario, struct timeline_step *step, struct error *error)
{
    if (!resolve_place(scenario, &step->trigger.place, error) ||
        (step->trigger.kind == TRIGGER_VALUE &&
         !check_is_variable(scenario, &step->trigger.place, error)))
        return false;
    for (unsigned i = 0; i < step->action_count; i++) {
        struct action *action = &step->actions[i];
        action->images = scenario->images;
        action->image_count = scenario->loaded_count;
        if (action->kind == ACTION_LOAD_IMAGES && !action->image_count)
            return json_text_refuse(&scenario->json, step->value, error,
                                    "load_images: the scenario has no image");
        if (!resolve_place(scenario, &action->place, error))
            return false;
        if (action->kind == ACTION_SET_MEMORY &&
            (!is_memory(scenario, action->place.addr, action->byte_count) ||
             loader_is_in_flash(scenario->chip, action->place.addr)))
            return json_text_refuse(&scenario->json, action->place.value, error,
                                    "%u bytes at 0x%08X: only RAM can be set", action->byte_count,
                                    action->place.addr);
    }
    return true;
}

static bool resolve_timeline(struct scenario *scenario, struct error *error)
{
    for (unsigned i = 0; i < scenario->timeline.count; i++)
        if (!resolve_step(scenario, &scenario->timeline.steps[i], error))
            return false;
    return true;
}

static bool resolve_variable(const struct scenario *scenario, struct place *place,
                             uint64_t *initial, unsigned *count, struct error *error)
{
    if (!resolve_place(scenario, place, error) || !check_is_variable(scenario, place, error))
        return false;
    if (place->size != 1 && place->size != 2 && place->size != 4)
        return json_text_refuse(
            &scenario->json, place->value, error,
            "%.60s: %u bytes: only a variable of 1, 2 or 4 bytes changes in one store",
            place->symbol, place->size);
    for (unsigned i = 0; i < scenario->loaded_count; i++)
        *initial |= image_initial_value(&scenario->images[i], place->addr, place->size);
    return ++*count <= SCENARIO_DURABLE_MAX ||
           json_text_refuse(&scenario->json, place->value, error,
                            "more than %d variables in all durability expectations",
                            SCENARIO_DURABLE_MAX);
}

static bool resolve_durability(const struct scenario *scenario, struct expect_durability *wanted,
                               unsigned *count, struct error *error)
{
    struct durable_source *sources[] = {&wanted->begun, &wanted->acknowledged, &wanted->reported};
    for (unsigned i = 0; i < 3; i++) {
        struct durable_source *source = sources[i];
        if (source->kind == DURABLE_SYMBOL &&
            !resolve_variable(scenario, &source->variable, &source->initial, count, error))
            return false;
        if (source->when.kind == TRIGGER_VALUE &&
            !resolve_variable(scenario, &source->when.place, &source->when_initial, count, error))
            return false;
    }
    return true;
}

/* ---- files to compare with ---- */

static bool load_expected(struct scenario *scenario, struct expectation *expectation,
                          struct error *error)
{
    struct expect_flash *flash = &expectation->flash;
    uint32_t room = LOADER_FLASH_BASE + chip_flash_bytes(scenario->chip) - flash->addr;
    const char *path = image_short_path(flash->path);
    FILE *file = fopen(flash->path, "rb");
    if (!file)
        return json_text_refuse(&scenario->json, expectation->value, error, "%s: can not be opened",
                                path);
    flash->file = malloc((size_t)room + 1);
    size_t size = flash->file ? fread(flash->file, 1, (size_t)room + 1, file) : 0;
    bool is_read = !ferror(file);
    fclose(file);
    if (!is_read || size == 0)
        return json_text_refuse(&scenario->json, expectation->value, error,
                                "%s: empty or not readable: nothing to compare with", path);
    if (size > room)
        return json_text_refuse(&scenario->json, expectation->value, error,
                                "%s: goes past the end of flash: there are %u bytes from 0x%08X",
                                path, room, flash->addr);
    flash->size = (uint32_t)size;
    return true;
}

static bool resolve_expectations(struct scenario *scenario, struct error *error)
{
    unsigned durable_count = 0;
    for (unsigned i = 0; i < scenario->expectation_count; i++) {
        struct expectation *expectation = &scenario->expectations[i];
        if (expectation->kind == EXPECT_DURABILITY &&
            !resolve_durability(scenario, &expectation->durability, &durable_count, error))
            return false;
        if (expectation->kind == EXPECT_SYMBOL && !resolve_symbol(scenario, expectation, error))
            return false;
        if (!resolve_place(scenario, &expectation->fault.at, error) ||
            (expectation->kind == EXPECT_MEMORY && !resolve_memory(scenario, expectation, error)))
            return false;
        if (expectation->kind == EXPECT_FLASH && expectation->flash.path &&
            !load_expected(scenario, expectation, error))
            return false;
    }
    return true;
}

bool scenario_check_outputs(const struct scenario *scenario, const char *const *outputs,
                            size_t output_count, struct error *error)
{
    bool has_board_file = scenario->board == &scenario->board_file.board;
    const char *inputs[3 + SCENARIO_START_MAX + SCENARIO_IMAGE_MAX + SCENARIO_EXPECTATION_MAX] = {
        scenario->path, scenario->option_path,
        has_board_file ? scenario->board_file.json.path : NULL};
    size_t count = 3;
    for (unsigned i = 0; i < scenario->start_count; i++)
        inputs[count++] = scenario->starts[i].path;
    for (unsigned i = 0; i < scenario->image_count; i++)
        inputs[count++] = scenario->image_file[i].path;
    for (unsigned i = 0; i < scenario->expectation_count; i++)
        if (scenario->expectations[i].kind == EXPECT_FLASH)
            inputs[count++] = scenario->expectations[i].flash.path;
    return output_file_check_names(inputs, count, outputs, output_count, error);
}

/* ---- RTT ---- */

static void look_for_rtt(struct scenario *scenario)
{
    for (unsigned i = 0; i < scenario->loaded_count; i++) {
        const struct image_symbol *symbol =
            image_symbol_named(&scenario->images[i].symbols, "_SEGGER_RTT", NULL);
        if (symbol) {
            scenario->uses_rtt = true;
            scenario->rtt_hint = symbol->addr;
        }
    }
}

bool scenario_load_files(struct scenario *scenario, struct error *error)
{
    for (unsigned i = 0; i < scenario->image_count; i++)
        if (!load_image(scenario, &scenario->image_file[i], error))
            return false;
    if (!scenario_load_start(scenario, error) || !name_all(scenario, error) ||
        !resolve_expectations(scenario, error) || !resolve_timeline(scenario, error) ||
        !scenario_find_meaning(scenario, error))
        return false;
    look_for_rtt(scenario);
    return true;
}
