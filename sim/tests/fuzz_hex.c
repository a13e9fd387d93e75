/* Any text: as it is, and once more with its checksums made right, for few damaged records get past
 * those. What loads is written out as records again and must read back the same. */
#include "sim/tests/fuzz.h"
#include "sim/tests/image_invariants.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int digit_value(uint8_t c)
{
    static const char DIGITS[] = "0123456789abcdef";
    const char *found = c ? strchr(DIGITS, c | 0x20) : NULL;
    return found ? (int)(found - DIGITS) : -1;
}

/* Gives each run of digits behind a ':' a last pair that makes its sum 0. */
static void repair_checksums(uint8_t *text, size_t size)
{
    for (size_t at = 0; at < size; at++) {
        if (text[at] != ':')
            continue;
        uint8_t sum = 0;
        size_t pair = at + 1;
        for (; pair + 1 < size && digit_value(text[pair]) >= 0 && digit_value(text[pair + 1]) >= 0;
             pair += 2)
            sum = (uint8_t)(sum + digit_value(text[pair]) * 16 + digit_value(text[pair + 1]));
        if (pair < at + 3)
            continue;
        uint8_t last = (uint8_t)(digit_value(text[pair - 2]) * 16 + digit_value(text[pair - 1]));
        char right[3];
        snprintf(right, sizeof right, "%02X", (uint8_t)(last - sum));
        memcpy(text + pair - 2, right, 2);
    }
}

struct text {
    char *chars;
    size_t size;
    size_t room;
};

__attribute__((format(printf, 2, 3)))
static void append_text(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text->chars + text->size, text->room - text->size, format, arguments);
    va_end(arguments);
    assert(size >= 0 && (size_t)size < text->room - text->size);
    text->size += (size_t)size;
}

static void append_record(struct text *text, uint32_t addr, unsigned type, const uint8_t *bytes,
                          uint32_t size)
{
    if (text->size + 600 > text->room) {
        text->room = 2 * text->room + 600;
        text->chars = realloc(text->chars, text->room);
        assert(text->chars);
    }
    unsigned sum = size + (addr >> 8 & 0xFF) + (addr & 0xFF) + type;
    append_text(text, ":%02X%04X%02X", (unsigned)size, (unsigned)addr & 0xFFFF, type);
    for (uint32_t i = 0; i < size; i++) {
        append_text(text, "%02X", bytes[i]);
        sum += bytes[i];
    }
    append_text(text, "%02X\n", (0x100 - (sum & 0xFF)) & 0xFF);
}

static void write_image(struct text *text, const struct image *image)
{
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        for (uint32_t at = 0; at < segment->size;) {
            uint32_t addr = segment->addr + at;
            uint32_t size = segment->size - at < 32 ? segment->size - at : 32;
            uint8_t upper[2] = {(uint8_t)(addr >> 24), (uint8_t)(addr >> 16)};
            append_record(text, 0, 4, upper, 2);
            append_record(text, addr, 0, segment->bytes + at, size);
            at += size;
        }
    }
    append_record(text, 0, 1, NULL, 0);
}

static void check_reads_back(const struct image *image)
{
    struct text text = {0};
    write_image(&text, image);
    struct image again;
    assert(image_invariants_load(&again, (const uint8_t *)text.chars, text.size, "again.hex"));
    assert(again.segment_count == image->segment_count);
    for (size_t i = 0; i < image->segment_count; i++) {
        assert(again.segments[i].addr == image->segments[i].addr);
        assert(again.segments[i].size == image->segments[i].size);
        assert(memcmp(again.segments[i].bytes, image->segments[i].bytes, again.segments[i].size) ==
               0);
    }
    image_free(&again);
    free(text.chars);
}

static void load(const uint8_t *data, size_t size)
{
    struct image image;
    if (!image_invariants_load(&image, data, size, "fuzz.hex"))
        return;
    if (image.kind == IMAGE_HEX)
        check_reads_back(&image);
    image_free(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    load(data, size);
    uint8_t *repaired = malloc(size + 1);
    assert(repaired);
    if (size)
        memcpy(repaired, data, size);
    repair_checksums(repaired, size);
    load(repaired, size);
    free(repaired);
    return 0;
}

size_t fuzz_seed(size_t index, uint8_t bytes[FUZZ_SEED_ROOM])
{
    static const char *const SEEDS[] = {
        (":020000040800F2\r\n:10000000000001200900000800000000000000009E\r\n"
         ":10001000FEE7FEE7FEE7FEE700000000000000004C\r\n:0400000508000009E6\r\n:00000001FF\r\n"),
        ":020000021000EC\n:02FFFF001122CD\n:0400000312345678E5\n:00000001FF\n",
        ":0100020033CA\n:020000001122CB\n:0100080044B3\n:00000001ff",
    };
    if (index >= sizeof SEEDS / sizeof SEEDS[0])
        return 0;
    size_t size = strlen(SEEDS[index]);
    memcpy(bytes, SEEDS[index], size);
    return size;
}
