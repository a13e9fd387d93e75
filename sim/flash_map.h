/* The flash before a run and after it, page by page: what is in it, what is damaged, where it changed. */
#ifndef SIM_FLASH_MAP_H
#define SIM_FLASH_MAP_H

#include <stdbool.h>

#include "models/chip.h"
#include "sim/json_out.h"

enum { FLASH_MAP_DAMAGE_MAX = 16 }; /* units of a page that are shown cell by cell */

struct flash_map {
    struct flash_array *before;
};

/* Keeps a copy of the cells as they are now. False: out of memory. */
bool flash_map_begin(struct flash_map *map, const struct soc *soc);
void flash_map_free(struct flash_map *map);
/* `key`: an array of the pages that are not erased and unworn both then and now. */
void flash_map_write(const struct flash_map *map, const struct soc *soc, struct json_out *json,
                     const char *key);

#endif
