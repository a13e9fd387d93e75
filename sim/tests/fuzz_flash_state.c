/* Any text as the state of a flash. What is read is written again, and that reads as the same state. */
#include "sim/flash_state.h"
#include "sim/tests/fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "{\"format\":\"flashsim state 1\",\"chip\":\"stm32l432kc\",\"pages\":["

static const char *const seeds[] = {
    HEAD "]}",
    HEAD "{\"page\":0,\"erases\":3,\"cells\":[{\"offset\":0,\"units\":\"20000BE008000119A5\"},"
         "{\"offset\":16,\"units\":\"0123456789ABCDEF00FFFFFFFFFFFFFFFE7F\"}],"
         "\"marginal\":[{\"offset\":8,\"units\":\"000000000000000180\"}]},{\"page\":\"otp\",\"cells\":"
         "[{\"offset\":1016,\"units\":\"000000000000000000\"}]},{\"page\":\"option bytes\",\"erases\":"
         "4294967295}]}",
    "{\"format\":\"flashsim state 1\",\"chip\":\"stm32l432kc\",\"hash\":\"0000000000000000\",\"pages\":[]}",
};

size_t fuzz_seed(size_t index, uint8_t bytes[FUZZ_SEED_ROOM])
{
    if (index >= sizeof seeds / sizeof seeds[0])
        return 0;
    size_t size = strlen(seeds[index]);
    memcpy(bytes, seeds[index], size);
    return size;
}

static char *write_state(const struct chip *chip, struct flash_array *cells)
{
    char *text = NULL;
    size_t size = 0;
    struct json_out json;
    FILE *stream = open_memstream(&text, &size);
    assert(stream);
    json_out_start(&json, stream, 0);
    flash_state_write(chip, cells, &json, NULL);
    assert(fclose(stream) == 0);
    return text;
}

static void read_again(const struct chip *chip, const char *text, const struct flash_array *cells)
{
    struct error error = {""};
    struct json_text json;
    struct flash_array *again = chip_create_cells(chip);
    assert(again && json_text_parse(&json, "again.json", text, strlen(text), &error));
    assert(flash_state_read(&json, json.root, chip, again, &error));
    for (uint32_t unit = 0; unit < (flash_array_option_page(cells) + 1) *
                                       flash_array_units_per_page(cells); unit++) {
        struct flash_cells is = flash_array_cells(again, unit), was = flash_array_cells(cells, unit);
        struct flash_cells margin = flash_array_margin(again, unit);
        struct flash_cells old_margin = flash_array_margin(cells, unit);
        assert(is.data[0] == was.data[0] && is.ecc == was.ecc);
        assert(margin.data[0] == old_margin.data[0] && margin.ecc == old_margin.ecc);
    }
    char *text_again = write_state(chip, again);
    assert(strcmp(text, text_again) == 0);
    free(text_again);
    flash_array_destroy(again);
    json_text_free(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error = {""};
    struct json_text json;
    const struct chip *chip = chip_find("stm32l432kc");
    if (!json_text_parse(&json, "state.json", (const char *)data, size, &error))
        return 0;
    struct flash_array *cells = chip_create_cells(chip);
    assert(cells);
    if (flash_state_read(&json, json.root, chip, cells, &error)) {
        char *text = write_state(chip, cells);
        read_again(chip, text, cells);
        free(text);
    } else {
        assert(strncmp(error.text, "state.json:", 11) == 0);
    }
    flash_array_destroy(cells);
    json_text_free(&json);
    return 0;
}
