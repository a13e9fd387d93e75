/* How many clock cycles have passed, from virtual time: the base of counters that nobody steps.
 * Nothing accumulates rounding: the count is always taken from the last change of the clock. */
#ifndef MODELS_CYCLE_COUNT_H
#define MODELS_CYCLE_COUNT_H

#include <stdint.h>

struct cycle_count {
    uint64_t epoch_ps; /* when the clock last changed */
    uint64_t cycles;   /* counted by then */
    uint32_t hz;       /* since then; 0: stopped */
};

/* Cycles counted at a time. A cycle that began exactly now counts. */
uint64_t cycle_count_at(const struct cycle_count *count, uint64_t now_ps);
/* The earliest time at which cycle_count_at() gives `cycles`, CLOCK_NEVER when the clock stands. */
uint64_t cycle_count_time(const struct cycle_count *count, uint64_t cycles);
/* From now on the clock runs at `hz`, 0 stops it. */
void cycle_count_set_clock(struct cycle_count *count, uint64_t now_ps, uint32_t hz);

#endif
