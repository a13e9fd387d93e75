/* Sets of cells: the cells of one unit (what carries one ECC), or a mask of some of them, and what
 * can be done with them cell by cell. */
#ifndef MODELS_FLASH_CELLS_H
#define MODELS_FLASH_CELLS_H

#include <stdbool.h>
#include <stdint.h>

enum { FLASH_UNIT_WORDS_MAX = 4 };

struct flash_geometry {
    uint32_t main_bytes; /* all banks */
    uint32_t page_bytes; /* the smallest erase unit */
    uint32_t unit_bytes; /* 8 on the L4 */
    uint32_t ecc_bits;   /* 8 on the L4; 0: none */
    uint32_t otp_bytes;  /* at most a page */
};

/* The cells of a unit, or masks of them; bit 0 of data[0] is bit 0 of the lowest byte. */
struct flash_cells {
    uint64_t data[FLASH_UNIT_WORDS_MAX];
    uint16_t ecc;
};

/* Every check bit set. */
uint16_t flash_cells_all_check_bits(const struct flash_geometry *geometry);
/* How many cells a unit has. */
unsigned flash_cells_total(const struct flash_geometry *geometry);
unsigned flash_cells_count(const struct flash_geometry *geometry, const struct flash_cells *cells);
bool flash_cells_is_any(const struct flash_geometry *geometry, const struct flash_cells *cells);
bool flash_cells_are_all(const struct flash_geometry *geometry, const struct flash_cells *cells,
                         bool ones);
struct flash_cells flash_cells_inverse(const struct flash_geometry *geometry,
                                       const struct flash_cells *cells);
/* `a` where the mask is 0, `b` where it is 1. */
struct flash_cells flash_cells_merge(const struct flash_geometry *geometry,
                                     const struct flash_cells *a, const struct flash_cells *b,
                                     const struct flash_cells *mask);
/* `wanted` of the cells in a set, in an order that follows from the seed: nested as `wanted` grows.
 */
struct flash_cells flash_cells_pick(const struct flash_geometry *geometry,
                                    const struct flash_cells *set, unsigned wanted, uint64_t seed);
/* Each cell of a set with even odds. */
struct flash_cells flash_cells_half(const struct flash_geometry *geometry,
                                    const struct flash_cells *set, uint64_t seed);

#endif
