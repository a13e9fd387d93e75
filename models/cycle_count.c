/* Cycles from time. Cycle n begins at epoch + floor(n * 10^12 / hz), which is never later than the
 * core's own n-th cycle since then (two floors add up to no more than the floor of the sum) and at
 * most one picosecond earlier, so that core and counters agree to the cycle. */
#include "models/cycle_count.h"

#include "sim/core/clock.h"

uint64_t cycle_count_at(const struct cycle_count *count, uint64_t now_ps)
{
    if (!count->hz || now_ps < count->epoch_ps)
        return count->cycles;
    return count->cycles + clock_cycles_to_reach(now_ps - count->epoch_ps + 1, count->hz) - 1;
}

uint64_t cycle_count_time(const struct cycle_count *count, uint64_t cycles)
{
    if (!count->hz)
        return CLOCK_NEVER;
    if (cycles <= count->cycles)
        return count->epoch_ps;
    return count->epoch_ps + clock_ps_from_cycles(cycles - count->cycles, count->hz);
}

void cycle_count_set_clock(struct cycle_count *count, uint64_t now_ps, uint32_t hz)
{
    if (hz == count->hz)
        return;
    count->cycles = cycle_count_at(count, now_ps);
    count->epoch_ps = now_ps;
    count->hz = hz;
}
