/* Intel HEX (Intel's "Hexadecimal Object File Format Specification", revision A, 1988). */
#ifndef SIM_HEX_FILE_H
#define SIM_HEX_FILE_H

#include "sim/image.h"

/* Reads image->file into image->segments and image->storage. Called by image.c alone. */
bool hex_file_read(struct image *image, struct error *error);

#endif
