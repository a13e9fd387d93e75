/* Any text. What loads has as many places as cJSON has values, each at the first character of its value,
 * and cJSON's own print of it loads again. The board reader must survive it too. */
#include "sim/board_file.h"
#include "sim/json_text.h"
#include "sim/tests/fuzz.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static const char *const seeds[] = {
    "{\"name\": \"my-board\", \"chip\": \"stm32l452re\", \"console\": \"USART2\", \"hse_hz\": 8000000,\n"
    " \"lse_hz\": 32768, \"vdd_mv\": 3300, \"boot0\": \"low\", \"vbat\": false,\n"
    " \"pins\": [{\"name\": \"LD2\", \"kind\": \"led\", \"pin\": \"PA5\", \"active\": \"high\"}]}\n",
    "[[], {}, [[1, -2.5e3]], {\"a\": {\"b\": [null, true, false]}}, \"\\u20ac \\ud83d\\ude00\"]",
    "\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\"",
    " 9007199254740992 ",
};

size_t fuzz_seed(size_t index, uint8_t bytes[FUZZ_SEED_ROOM])
{
    if (index >= sizeof seeds / sizeof seeds[0])
        return 0;
    size_t size = strlen(seeds[index]);
    memcpy(bytes, seeds[index], size);
    return size;
}

static size_t count_values(const cJSON *value)
{
    size_t count = 0;
    for (; value; value = value->next)
        count += 1 + count_values(value->child);
    return count;
}

/* The line and column of a place -> what stands there. */
static char char_at(const char *text, size_t size, struct json_place place)
{
    const char *at = text;
    for (uint32_t line = 1; line < place.line; line++)
        at = (const char *)memchr(at, '\n', size - (size_t)(at - text)) + 1;
    for (uint32_t column = 1; column < place.column; at++)
        if (at + 1 == text + size || ((unsigned char)at[1] & 0xC0) != 0x80)
            column++;
    return *at;
}

static char first_char(const cJSON *value)
{
    if (cJSON_IsObject(value))
        return '{';
    if (cJSON_IsArray(value))
        return '[';
    if (cJSON_IsString(value))
        return '"';
    return cJSON_IsNull(value) ? 'n' : cJSON_IsTrue(value) ? 't' : cJSON_IsFalse(value) ? 'f' : '0';
}

static void check_places(const struct json_text *json, const cJSON *value, const char *text, size_t size)
{
    for (; value; value = value->next) {
        char c = char_at(text, size, json_text_place(json, value));
        bool is_number = c == '-' || (c >= '0' && c <= '9');
        assert(first_char(value) == (is_number ? '0' : c));
        check_places(json, value->child, text, size);
    }
}

static void check_printed(const struct json_text *json)
{
    struct json_text again;
    struct error error;
    char *printed = cJSON_PrintUnformatted(json->root);
    assert(printed);
    /* cJSON prints keys with escapes where they hold control characters or quotes: refused here. */
    if (json_text_parse(&again, "printed", printed, strlen(printed), &error)) {
        assert(again.count == json->count);
        json_text_free(&again);
    }
    cJSON_free(printed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_text json;
    struct board_file board = {.board = {0}};
    struct error error = {""};
    if (size > 4096)
        return 0; /* places are looked up by walking: quadratic here */
    char *text = malloc(size + 1);
    assert(text);
    memcpy(text, data, size);
    text[size] = '\0';
    if (json_text_parse(&json, "fuzz.json", text, size, &error)) {
        assert(count_values(json.root) == json.count);
        check_places(&json, json.root, text, size);
        check_printed(&json);
        json_text_free(&json);
    } else {
        assert(strncmp(error.text, "fuzz.json", 9) == 0 && !strchr(error.text, '\n'));
    }
    if (board_file_parse(&board, "fuzz.json", text, size, &error)) {
        assert(chip_find(board.board.chip));
        board_file_free(&board);
    }
    free(text);
    return 0;
}
