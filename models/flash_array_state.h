/* What the files of the flash array share: its contents and how cells are put into them. */
#ifndef MODELS_FLASH_ARRAY_STATE_H
#define MODELS_FLASH_ARRAY_STATE_H

#include "models/flash_array.h"

struct flash_page {
    uint64_t version;         /* never the same for different contents */
    uint64_t shown_version;   /* what the CPU's view shows */
    uint64_t checked_version; /* for which is_clean holds */
    uint64_t hashed_version;  /* for which hash holds */
    uint64_t hash;
    uint32_t shown_at;
    uint32_t wear;
    bool is_clean;
    bool has_margin; /* false: the margins of the page are all zero */
};

/* Contents of all pages: of the array, or saved. */
struct flash_contents {
    uint8_t *data;
    uint16_t *ecc;
    uint8_t *margin;
    uint16_t *margin_ecc;
};

struct flash_array {
    struct flash_geometry geometry;
    uint32_t page_count; /* main array, OTP page and option page */
    uint32_t page_units;
    unsigned unit_words;
    uint64_t last_version;
    /* Bookkeeping of the view, like the pages' shown_version; 0: something is to be shown. */
    uint64_t settled_version, settled_key;
    struct flash_page *page;
    struct flash_contents cells;
};

bool flash_contents_create(struct flash_contents *cells, const struct flash_array *array);
void flash_contents_destroy(struct flash_contents *cells);

/* Check bits that belong to data; 0 where the array has none. */
uint16_t flash_array_check_bits(const struct flash_array *array, const uint64_t *data);
/* Nominal cells and margins; the page must be touched afterwards. */
void flash_array_put_cells(struct flash_array *array, uint32_t unit,
                           const struct flash_cells *cells);
void flash_array_put_margin(struct flash_array *array, uint32_t unit,
                            const struct flash_cells *margin);
void flash_array_clear_margins(struct flash_array *array, uint32_t page);
/* The page has a new version. */
void flash_array_touch(struct flash_array *array, uint32_t page);
/* The unit's code fits its data, or it is virgin. */
bool flash_array_unit_is_clean(const struct flash_array *array, uint32_t unit);

#endif
