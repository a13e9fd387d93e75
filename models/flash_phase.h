/* When an operation of the flash is in which phase: one table for whoever cuts at a moment
 * (sim/cut.c) and for the controller that is cut at a time. MODEL, in the spirit of L4 sheet 9.6:
 * no source says how long the steps of an operation take. Another family adds rows, and phases to
 * models/flash.h. */
#ifndef MODELS_FLASH_PHASE_H
#define MODELS_FLASH_PHASE_H

#include "models/flash.h"

/* The operation goes through the phase. */
bool flash_phase_exists(enum flash_operation operation, enum flash_phase phase);

/* What a cut finds, so long after the operation began; of a pulse in FLASH_PULSE_COUNT parts. */
struct flash_cut flash_phase_at(enum flash_operation operation, uint64_t elapsed_ps,
                                uint64_t length_ps);

/* How long after the operation began a moment is: the middle of the phase, but `before` at the very
 * begin and `done` at the very end. */
uint64_t flash_phase_moment_ps(enum flash_operation operation, const struct flash_cut *moment,
                               uint64_t length_ps);

/* A row is a chain of programs. Its moment lies in one of them: the first for what comes before the
 * pulse, the last for what follows it, and pulse k of n in the middle of the k-th of n equal parts
 * of the row, where that unit is in its own pulse k of n. */
struct flash_row_moment {
    unsigned unit; /* of the row, from 0 */
    struct flash_cut moment;
};
struct flash_row_moment flash_phase_in_row(const struct flash_cut *moment, unsigned unit_count);

#endif
