/* Any bytes behind the four that say ELF. */
#include "sim/tests/fuzz.h"
#include "sim/tests/image_invariants.h"
#include "sim/tests/tiny_elf.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image image;
    if (image_invariants_load(&image, data, size, "fuzz.elf"))
        image_free(&image);
    return 0;
}

static const struct tiny_segment SEGMENTS[] = {
    {0x08000000, 0x08000000, "\x00\x00\x01\x20\x09\x00\x00\x08\xFE\xE7\xFE\xE7\x00\xBF\x70\x47",
     16},
    {0x08000010, 0x20000000, "data", 5},
    {0x10000000, 0x10000000, "more", 5},
};

static const struct tiny_symbol SYMBOLS[] = {
    {"start.c", 0, 0, TINY_FILE, TINY_LOCAL, TINY_ABSOLUTE},
    {"$t", 0x08000008, 0, TINY_LABEL, TINY_LOCAL, 1},
    {"loop", 0x0800000A, 0, TINY_LABEL, TINY_LOCAL, 1},
    {"Default_Handler", 0x0800000D, 4, TINY_FUNCTION, TINY_LOCAL, 1},
    {"NMI_Handler", 0x0800000D, 4, TINY_FUNCTION, TINY_WEAK, 1},
    {"Reset_Handler", 0x08000009, 4, TINY_FUNCTION, TINY_GLOBAL, 1},
    {"count", 0x20000000, 4, TINY_OBJECT, TINY_LOCAL, 2},
    {"_estack", 0x20010000, 0, TINY_LABEL, TINY_GLOBAL, TINY_ABSOLUTE},
};

size_t fuzz_seed(size_t index, uint8_t bytes[FUZZ_SEED_ROOM])
{
    static const struct {
        size_t segments;
        size_t symbols;
    } SHAPES[] = {{1, 0}, {2, 4}, {3, 8}};
    if (index >= sizeof SHAPES / sizeof SHAPES[0])
        return 0;
    struct tiny_elf elf;
    tiny_elf_build(&elf, 0x08000009, SEGMENTS, SHAPES[index].segments, SYMBOLS,
                   SHAPES[index].symbols);
    memcpy(bytes, elf.bytes, elf.size);
    return elf.size;
}
