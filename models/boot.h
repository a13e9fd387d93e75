/* Which memory the core starts from: BOOT0, option bytes, empty check (L4 sheet 11.5, boot sheet
 * 21). */
#ifndef MODELS_BOOT_H
#define MODELS_BOOT_H

#include "models/wires.h"
#include "sim/core/device.h"

/* Samples pins and option bytes as at the end of a reset, writes the boot fields of the wires,
 * MEM_MODE and FB_MODE, and signals WIRE_REMAP. Option bytes must have been loaded. */
void boot_sample(struct system *system);

/* "main flash", "system memory", "SRAM1". */
const char *boot_source_name(enum boot_source source);

#endif
