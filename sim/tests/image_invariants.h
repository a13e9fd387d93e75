/* What holds for whatever image_load_memory makes of any bytes; shared by the fuzz targets. */
#ifndef SIM_TESTS_IMAGE_INVARIANTS_H
#define SIM_TESTS_IMAGE_INVARIANTS_H

#include "sim/image.h"

/* Loads the bytes, asserts what an image or a message must be, and says whether it loaded: then
 * the caller frees it. */
bool image_invariants_load(struct image *image, const uint8_t *data, size_t size, const char *name);

#endif
