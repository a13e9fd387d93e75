/* An image that is in flash, but not where the chip looks first. Which address it is linked for is read from
 * its vector table: handlers are inside the image (core sheet 1: 16 words, Thumb bit set). */
#include "sim/run.h"

#include <string.h>

#include "sim/loader.h"

enum { VECTORS = 16 };

static const struct image_segment *find_first_segment(const struct run *run, const struct image **image)
{
    const struct image_segment *first = NULL;
    for (size_t i = 0; i < run->image_count; i++) {
        for (size_t k = 0; k < run->images[i].segment_count; k++) {
            const struct image_segment *segment = &run->images[i].segments[k];
            bool is_first = !first || segment->addr < first->addr;
            if (!loader_is_in_flash(run->chip, segment->addr) || !is_first)
                continue;
            first = segment;
            *image = &run->images[i];
        }
    }
    return first;
}

/* All handlers are inside an image that would be at `base`. */
static bool is_linked_for(const uint32_t vectors[VECTORS], uint32_t base, uint32_t size)
{
    for (unsigned i = 1; i < VECTORS; i++)
        if (vectors[i] && (!(vectors[i] & 1) || vectors[i] - base >= size))
            return false;
    return vectors[1] != 0;
}

void run_write_misplaced(const struct run *run, FILE *out)
{
    uint32_t vectors[VECTORS] = {0};
    const struct image *image = NULL;
    const struct image_segment *segment = find_first_segment(run, &image);
    if (!segment || run->options.flash_path || segment->addr == 0 || segment->addr == LOADER_FLASH_BASE)
        return;
    memcpy(vectors, segment->bytes,
           segment->size < sizeof vectors ? segment->size : sizeof vectors); /* both little-endian */
    fprintf(out, "flashsim: nothing is at 0x%08X, where the chip starts: %s is at 0x%08X, ",
            (unsigned)LOADER_FLASH_BASE, image_short_path(image->path), (unsigned)segment->addr);
    if (is_linked_for(vectors, segment->addr, segment->size))
        fprintf(out, "and its vector table is linked for there: load the boot loader that starts it too\n");
    else if (is_linked_for(vectors, LOADER_FLASH_BASE, segment->size) && image_is_bin(image))
        fprintf(out, "but its vector table is linked for 0x%08X: say --at 0x%08X\n",
                (unsigned)LOADER_FLASH_BASE, (unsigned)LOADER_FLASH_BASE);
    else if (vectors[1] & 1 && loader_is_in_flash(run->chip, vectors[1]))
        fprintf(out, "with a vector table whose reset handler is at 0x%08X, outside of it: it is linked for "
                "another address\n", (unsigned)(vectors[1] & ~1u));
    else
        fprintf(out, "and does not begin with a vector table\n");
}
