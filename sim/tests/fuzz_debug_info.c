/* Damaged DWARF: a real program with some bytes changed. What comes of it may be wrong, but comes.
 */
#include "sim/backtrace.h"
#include "sim/tests/fuzz.h"
#include "sim/tests/image_invariants.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { FRAMES_MAX = 16, PLACES_MAX = 8 };

/* A stack full of return addresses. */
static bool read_memory(void *context, uint32_t addr, uint32_t *word)
{
    const struct image *image = context;
    const struct image_segment *code = &image->segments[0];
    if (addr - code->addr < code->size && code->size - (addr - code->addr) >= 4) {
        memcpy(word, code->bytes + (addr - code->addr), 4);
        return true;
    }
    *word = code->addr + (addr / 4 * 14) % (code->size + 1);
    return addr >= 0x20000000 && addr < 0x20010000;
}

static void check_places(struct debug_info *info, uint32_t addr)
{
    struct debug_place places[PLACES_MAX];
    char text[200];
    size_t count = debug_info_places(info, addr, places, PLACES_MAX);
    assert(count <= PLACES_MAX);
    for (size_t i = 0; i < count; i++) {
        assert(!places[i].line || places[i].file);
        assert(!places[i].file || strlen(places[i].file) <= strlen(places[i].path));
    }
    debug_info_describe(info, addr, text, sizeof text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image image;
    if (!image_invariants_load(&image, data, size, "fuzz.elf"))
        return 0;
    struct debug_info *info = debug_info_new();
    assert(info && debug_info_add(info, &image, NULL));
    uint32_t addr = image.segments[0].addr;
    for (uint32_t offset = 0; offset < image.segments[0].size && offset < 0x200; offset += 62) {
        struct backtrace_registers registers = {.psp = 0x20001000};
        struct backtrace_frame frames[FRAMES_MAX];
        for (uint32_t i = 0; i < DEBUG_REGISTERS; i++)
            registers.r[i] = 0x20000000 + 64 * i;
        registers.r[DEBUG_LR] = addr + 1;
        registers.r[DEBUG_PC] = addr + offset;
        check_places(info, addr + offset);
        size_t count = backtrace_take(info, &registers, read_memory, &image, frames, FRAMES_MAX);
        assert(count > 0 && count <= FRAMES_MAX);
    }
    debug_info_free(info);
    image_free(&image);
    return 0;
}

size_t fuzz_seed(size_t index, uint8_t bytes[FUZZ_SEED_ROOM])
{
    static const char *const NAMES[] = {"calls_Og", "calls_O2", "calls_dwarf4"};
    char path[4096];
    if (index >= sizeof NAMES / sizeof NAMES[0])
        return 0;
    snprintf(path, sizeof path, "%s/%s.elf", FLASHSIM_TEST_TARGET_DIR, NAMES[index]);
    FILE *file = fopen(path, "rb");
    assert(file);
    size_t size = fread(bytes, 1, FUZZ_SEED_ROOM, file);
    fclose(file);
    return size;
}
