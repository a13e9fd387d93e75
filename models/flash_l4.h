/* The flash controller of STM32L4 and L4+: RM0351, RM0394 and RM0432 chapter 3, by way of L4 sheet
 * 2 to 12. Registers, programming, erase, option bytes and protections, ECC, caches that can go
 * stale. Windows as in models/chip.h. */
#ifndef MODELS_FLASH_L4_H
#define MODELS_FLASH_L4_H

#include "models/chip.h"
#include "models/flash.h"
#include "models/flash_array.h"
#include "sim/core/device.h"

extern const struct device_type flash_l4_type;

/* A new part: virgin cells, factory option bytes. NULL when out of memory. */
struct flash_array *flash_l4_create_cells(const struct chip_flash *flash);
/* The option registers, in the order of their addresses; false past the last. */
bool flash_l4_get_option(const struct chip_flash *flash, unsigned index, struct chip_option *option);

/* Repairs the CPU's view, busy ranges and watched granules from cells and state: after cells or
 * state were changed from outside (image loaded, snapshot restored, power-on). Cheap when little
 * changed. */
void flash_l4_publish(struct device *device);

/* The level that an OPTR asks for: 0, 1 or 2. L4 sheet 11.3. */
unsigned flash_l4_rdp_level(uint32_t optr);

/* What the controller is doing now. */
struct flash_activity flash_l4_activity(const struct device *device);
/* As the array reads it now: corrected, its marginal cells as this boot finds them. */
void flash_l4_peek_unit(struct device *device, uint32_t unit, struct flash_reading *reading);

/* The next operation that begins with this event (EVENT_KIND_COUNT: any) fails. */
void flash_l4_fail_next(struct device *device, enum event_kind start);
/* The next cut or reset hits the operation in flight in this phase, whatever the time; NULL: as the
 * time says. Used up by the next operation that is cut. */
void flash_l4_set_cut_phase(struct device *device, const struct flash_cut *cut);

/* L4 sheet 11.3: a bus error for an access to what RDP level 1 closes. The device may be another than the
 * flash: backup registers. */
void flash_l4_refuse_level_1(struct device *device, const struct access *access,
                             struct access_result *result);

#endif
