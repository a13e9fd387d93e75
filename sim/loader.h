/* What goes into the memories of a chip before power comes: where images may go, and flash dumps.
 */
#ifndef SIM_LOADER_H
#define SIM_LOADER_H

#include <stdbool.h>
#include <stdint.h>

#include "models/chip.h"
#include "sim/core/error.h"
#include "sim/image.h"

enum { LOADER_FLASH_BASE = 0x08000000, LOADER_REGION_MAX = 16 };

/* The memories that an image may be linked for; returns their number. */
size_t loader_list_memories(const struct chip *chip,
                            struct image_region regions[LOADER_REGION_MAX]);
/* True for an address of main flash, also by its alias at 0. */
bool loader_is_in_flash(const struct chip *chip, uint32_t addr);

/* A dump of the whole main flash; free() it. */
bool loader_read_dump(const struct chip *chip, const char *path, uint8_t **dump,
                      struct error *error);
/* A file that `flashsim run --save-option-bytes` wrote. */
bool loader_read_option_bytes(const char *path, uint8_t bytes[SOC_OPTION_BYTES],
                              struct error *error);

#endif
