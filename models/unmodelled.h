/* Blocks that exist and are not modelled, and slots where this chip has nothing.
 * Neither hangs nor lies silently: the first touch is reported by name (EVENT_UNIT_ABSENT). */
#ifndef MODELS_UNMODELLED_H
#define MODELS_UNMODELLED_H

#include "sim/core/device.h"

/* Reads back what was written, in its first KB; reads 0 and ignores writes past it. */
extern const struct device_type unmodelled_type;

/* The reserved slots of one APB: read 0, ignore writes, reported once for each slot of 1 KB. */
extern const struct device_type reserved_slots_type;

#endif
