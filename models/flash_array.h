/* The cells of one chip's flash: what erase and program make of them, also when cut short. No
 * registers, no time. The unit is what carries one ECC: a double word of 64 data and 8 ECC cells on
 * the L4. Units are numbered through: main array (bank 1, bank 2), then the OTP page, then the
 * option page. */
#ifndef MODELS_FLASH_ARRAY_H
#define MODELS_FLASH_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/flash.h"
#include "models/flash_cells.h"

enum { FLASH_OPTION_UNITS = 16 };

enum flash_verdict {
    FLASH_READS_CLEAN,
    FLASH_READS_CORRECTED, /* one wrong cell; data is corrected */
    FLASH_READS_DETECTED   /* more than one; data is as the cells have it */
};

struct flash_reading {
    uint64_t data[FLASH_UNIT_WORDS_MAX];
    enum flash_verdict verdict;
    bool is_virgin;   /* every cell reads 1 */
    bool is_all_zero; /* every cell reads 0 */
};

/* How marginal cells read: as the operation would have left them, as they were, or with one or two
 * of them wrong. Units without marginal cells read the same in every way. */
enum flash_choice {
    FLASH_CHOOSE_NEW,
    FLASH_CHOOSE_OLD,
    FLASH_CHOOSE_ONE_WRONG,
    FLASH_CHOOSE_TWO_WRONG,
    FLASH_CHOICE_COUNT
};

struct flash_array;

/* All cells virgin; NULL when out of memory. */
struct flash_array *flash_array_create(struct flash_geometry geometry);
void flash_array_destroy(struct flash_array *array);
/* Cells, margins and wear of another array of the same geometry. */
void flash_array_copy(struct flash_array *to, const struct flash_array *from);

const struct flash_geometry *flash_array_geometry(const struct flash_array *array);
uint32_t flash_array_page_count(const struct flash_array *array); /* of the main array */
uint32_t flash_array_units_per_page(const struct flash_array *array);
uint32_t flash_array_otp_page(const struct flash_array *array);
uint32_t flash_array_option_page(const struct flash_array *array);

/* --- reading --- */

void flash_array_read(const struct flash_array *array, uint32_t unit, enum flash_choice choice,
                      struct flash_reading *reading);
/* The nominal cells and the mask of marginal ones, which may read either way. */
struct flash_cells flash_array_cells(const struct flash_array *array, uint32_t unit);
struct flash_cells flash_array_margin(const struct flash_array *array, uint32_t unit);
/* The data cells of the main array, uncorrected, bank 1 first: to be saved. */
const uint8_t *flash_array_bytes(const struct flash_array *array);
/* Every unit of the page reads clean and has no marginal cell. */
bool flash_array_page_is_clean(struct flash_array *array, uint32_t page);
uint32_t flash_array_wear(const struct flash_array *array, uint32_t page); /* erases begun */

/* --- operations: completed when `cut` is NULL --- */

struct flash_torn {
    struct flash_cut cut;
    uint64_t seed; /* of the run */
    uint32_t op;   /* ordinal of the operation: the outcome follows from both */
};

void flash_array_program(struct flash_array *array, uint32_t unit, const uint64_t *data,
                         const struct flash_torn *cut);
void flash_array_erase(struct flash_array *array, uint32_t page, const struct flash_torn *cut);
/* Erases the option page, then programs its units in order. Option units are pairs of a word and
 * its complement: no ECC. `used`: a bit for each unit that is programmed. */
void flash_array_change_options(struct flash_array *array, const uint64_t data[FLASH_OPTION_UNITS],
                                uint32_t used, const struct flash_torn *cut);

/* --- what happens outside a run --- */

enum flash_load {
    FLASH_LOAD_PROGRAMMED, /* every unit touched is programmed, all-ones ones too (L4 sheet 4.2) */
    FLASH_LOAD_DUMP        /* units that are all ones are virgin: a dump can not tell */
};

/* Bytes as a loader leaves them: units touched get a proper ECC, the rest of a unit keeps its data.
 * `offset` counts from the first byte of bank 1. The range must lie in the main array. */
void flash_array_load(struct flash_array *array, uint32_t offset, const uint8_t *bytes, size_t size,
                      enum flash_load how);
/* Inverts cells, makes cells marginal, sets the number of erases: injected faults. */
void flash_array_flip(struct flash_array *array, uint32_t unit, struct flash_cells cells);
void flash_array_weaken(struct flash_array *array, uint32_t unit, struct flash_cells cells);
void flash_array_set_wear(struct flash_array *array, uint32_t page, uint32_t erases);

/* --- snapshots, hash, view --- */

/* Belongs to one array; saving and restoring copy only the pages that differ. */
struct flash_snapshot;
struct flash_snapshot *flash_snapshot_create(const struct flash_array *array);
void flash_snapshot_destroy(struct flash_snapshot *snapshot);
void flash_array_save(const struct flash_array *array, struct flash_snapshot *snapshot);
void flash_array_restore(struct flash_array *array, const struct flash_snapshot *snapshot);

/* Of the persistent state: cells, margins, OTP, option bytes; without wear. */
uint64_t flash_array_hash(struct flash_array *array);

/* Whether the CPU's view shows a page as it is now, at this offset: bookkeeping for whoever repairs
 * the view; not part of a snapshot, as the view is not. */
bool flash_array_is_shown(const struct flash_array *array, uint32_t page, uint32_t view_offset);
void flash_array_set_shown(struct flash_array *array, uint32_t page, uint32_t view_offset);

/* A note that every page is shown and clean, for `key`: holds until any cell changes. */
bool flash_array_is_settled(const struct flash_array *array, uint64_t key);
void flash_array_set_settled(struct flash_array *array, uint64_t key);

#endif
