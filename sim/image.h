/* A firmware file -> bytes at addresses: ELF (at load addresses), Intel HEX, or BIN at an address
 * the caller names. What the file is, its content says. */
#ifndef SIM_IMAGE_H
#define SIM_IMAGE_H

#include "sim/core/error.h"
#include "sim/image_symbol.h"
#include "sim/sha256.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IMAGE_BYTES_MAX = 64 * 1024 * 1024 };

enum image_kind { IMAGE_ELF, IMAGE_HEX, IMAGE_BIN };

struct image_segment {
    uint32_t addr;
    uint32_t size; /* never 0; addr + size never passes 4 GB */
    const uint8_t *bytes;
    uint32_t run_addr; /* where start-up code copies it to; `addr` when nowhere */
};

struct image {
    char *path;
    enum image_kind kind;
    struct image_segment *segments; /* sorted by address, none overlaps another */
    size_t segment_count;
    bool has_entry;
    uint32_t entry;               /* as the file says it, Thumb bit included */
    struct image_symbols symbols; /* of an ELF; none in the other kinds */
    uint8_t sha256[SHA256_BYTES]; /* of the file */
    uint32_t sha;                 /* its first 8 hex digits, as in a replay id */
    uint8_t *file;                /* the whole file, for debug_info.c */
    size_t file_size;
    uint8_t *storage; /* bytes of a HEX's segments */
};

/* A memory of the chip, for image_check_fits. */
struct image_region {
    const char *name;
    uint32_t addr;
    uint32_t size;
};

/* Both release what they took when they fail; image_free after success. `bin_addr` is where a BIN
 * goes; the other kinds say it themselves. */
bool image_load(struct image *image, const char *path, uint32_t bin_addr, struct error *error);
bool image_load_memory(struct image *image, const void *bytes, size_t size, const char *name,
                       uint32_t bin_addr, struct error *error);
void image_free(struct image *image);

/* What start-up code gives a variable of at most 8 bytes: from the segment that is copied there, else 0. */
uint64_t image_initial_value(const struct image *image, uint32_t addr, uint32_t size);

/* Only a BIN has use for --at. */
bool image_is_bin(const struct image *image);

/* True when the two claim no byte in common. */
bool image_check_overlap(const struct image *a, const struct image *b, struct error *error);

/* True when every segment lies in one region, or across regions that adjoin. */
bool image_check_fits(const struct image *image, const struct image_region *regions, size_t count,
                      struct error *error);

/* The end of a long path: a message has room for so much. */
const char *image_short_path(const char *path);

#endif
