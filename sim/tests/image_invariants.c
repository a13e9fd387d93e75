#include "sim/tests/image_invariants.h"

#include <assert.h>
#include <string.h>

static void check_message(const struct error *error, const char *name)
{
    assert(strncmp(error->text, name, strlen(name)) == 0);
    assert(strlen(error->text) > strlen(name) + 2);
    assert(strlen(error->text) < sizeof error->text - 1);
    for (const char *c = error->text; *c; c++)
        assert((unsigned char)*c >= 0x20 && (unsigned char)*c < 0x7F);
}

static void check_segments(const struct image *image)
{
    assert(image->segment_count > 0);
    uint64_t end = 0;
    uint32_t sum = 0;
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        assert(segment->size > 0 && segment->addr >= end);
        end = (uint64_t)segment->addr + segment->size;
        assert(end <= UINT64_C(1) << 32);
        for (uint32_t k = 0; k < segment->size; k++)
            sum += segment->bytes[k]; /* touched for AddressSanitizer */
    }
    (void)sum;
}

static void check_symbols(const struct image *image)
{
    for (size_t i = 0; i < image->symbols.count; i++) {
        const struct image_symbol *symbol = &image->symbols.items[i];
        assert(symbol->name[0] && (!symbol->file || symbol->file[0]));
        const struct image_symbol *at = image_symbol_at(&image->symbols, symbol->addr);
        assert(!at || at->addr <= symbol->addr);
        struct error error = {""};
        const struct image_symbol *named =
            image_symbol_named(&image->symbols, symbol->name, &error);
        assert(named ? !error.text[0] : error.text[0] != '\0');
    }
}

bool image_invariants_load(struct image *image, const uint8_t *data, size_t size, const char *name)
{
    struct error error = {""};
    if (!image_load_memory(image, data, size, name, 0x08000000, &error)) {
        check_message(&error, name);
        assert(!image->segments && !image->file);
        return false;
    }
    assert(!error.text[0]);
    check_segments(image);
    check_symbols(image);
    return true;
}
