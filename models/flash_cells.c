/* Cell by cell, for units of one to four 64-bit words and up to 16 check bits. */
#include "models/flash_cells.h"

#include "sim/core/rng.h"

static unsigned words_of(const struct flash_geometry *geometry)
{
    return geometry->unit_bytes / 8;
}

uint16_t flash_cells_all_check_bits(const struct flash_geometry *geometry)
{
    return (uint16_t)((1u << geometry->ecc_bits) - 1);
}

bool flash_cells_is_any(const struct flash_geometry *geometry, const struct flash_cells *cells)
{
    uint64_t any = cells->ecc;
    for (unsigned word = 0; word < words_of(geometry); word++)
        any |= cells->data[word];
    return any != 0;
}

unsigned flash_cells_total(const struct flash_geometry *geometry)
{
    return 64 * words_of(geometry) + geometry->ecc_bits;
}

static void put(const struct flash_geometry *geometry, struct flash_cells *cells, unsigned index)
{
    if (index < 64 * words_of(geometry))
        cells->data[index / 64] |= UINT64_C(1) << (index % 64);
    else
        cells->ecc = (uint16_t)(cells->ecc | 1u << (index - 64 * words_of(geometry)));
}

static bool has(const struct flash_geometry *geometry, const struct flash_cells *cells,
                unsigned index)
{
    if (index < 64 * words_of(geometry))
        return cells->data[index / 64] >> (index % 64) & 1;
    return cells->ecc >> (index - 64 * words_of(geometry)) & 1;
}

struct flash_cells flash_cells_merge(const struct flash_geometry *geometry,
                                     const struct flash_cells *a, const struct flash_cells *b,
                                     const struct flash_cells *mask)
{
    struct flash_cells to = {0};
    for (unsigned word = 0; word < words_of(geometry); word++)
        to.data[word] = (a->data[word] & ~mask->data[word]) | (b->data[word] & mask->data[word]);
    to.ecc = (uint16_t)((a->ecc & ~mask->ecc) | (b->ecc & mask->ecc));
    return to;
}

struct flash_cells flash_cells_inverse(const struct flash_geometry *geometry,
                                       const struct flash_cells *cells)
{
    struct flash_cells to = {0};
    for (unsigned word = 0; word < words_of(geometry); word++)
        to.data[word] = ~cells->data[word];
    to.ecc = (uint16_t)(~cells->ecc & flash_cells_all_check_bits(geometry));
    return to;
}

bool flash_cells_are_all(const struct flash_geometry *geometry, const struct flash_cells *cells,
                         bool ones)
{
    struct flash_cells other = ones ? flash_cells_inverse(geometry, cells) : *cells;
    return !flash_cells_is_any(geometry, &other);
}

unsigned flash_cells_count(const struct flash_geometry *geometry, const struct flash_cells *cells)
{
    unsigned count = (unsigned)__builtin_popcount(cells->ecc);
    for (unsigned word = 0; word < words_of(geometry); word++)
        count += (unsigned)__builtin_popcountll(cells->data[word]);
    return count;
}

struct flash_cells flash_cells_pick(const struct flash_geometry *geometry,
                                    const struct flash_cells *set, unsigned wanted, uint64_t seed)
{
    struct flash_cells picked = {0};
    if (wanted == 0)
        return picked;
    uint64_t draw[64 * FLASH_UNIT_WORDS_MAX + 16] = {0};
    for (unsigned i = 0; i < flash_cells_total(geometry); i++)
        draw[i] = has(geometry, set, i) ? rng_hash(seed, i, 0, 0) >> 1 : UINT64_MAX;
    for (unsigned taken = 0; taken < wanted; taken++) {
        unsigned best = 0;
        for (unsigned i = 1; i < flash_cells_total(geometry); i++)
            if (draw[i] < draw[best])
                best = i;
        if (draw[best] == UINT64_MAX)
            break;
        draw[best] = UINT64_MAX;
        put(geometry, &picked, best);
    }
    return picked;
}

struct flash_cells flash_cells_half(const struct flash_geometry *geometry,
                                    const struct flash_cells *set, uint64_t seed)
{
    struct flash_cells half = {.ecc = (uint16_t)(set->ecc & rng_hash(seed, 0, 0, 4))};
    for (unsigned word = 0; word < words_of(geometry); word++)
        half.data[word] = set->data[word] & rng_hash(seed, word, 0, 3);
    return half;
}
