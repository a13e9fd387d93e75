/* Virtual time: a fixed array of deadlines, earliest first, ties by timer number. */
#include "sim/core/clock.h"

#include <assert.h>

__extension__ typedef unsigned __int128 wide;

void clock_init(struct clock *clock)
{
    clock->now_ps = 0;
    clock->next_ps = CLOCK_NEVER;
    for (unsigned timer = 0; timer < CLOCK_TIMER_MAX; timer++)
        clock->deadline_ps[timer] = CLOCK_NEVER;
}

static unsigned earliest(const struct clock *clock)
{
    unsigned first = 0;
    for (unsigned timer = 1; timer < CLOCK_TIMER_MAX; timer++)
        if (clock->deadline_ps[timer] < clock->deadline_ps[first])
            first = timer;
    return first;
}

static void find_next(struct clock *clock)
{
    clock->next_ps = clock->deadline_ps[earliest(clock)];
}

void clock_schedule(struct clock *clock, unsigned timer, uint64_t at_ps)
{
    assert(timer < CLOCK_TIMER_MAX);
    uint64_t old_ps = clock->deadline_ps[timer];
    clock->deadline_ps[timer] = at_ps < clock->now_ps ? clock->now_ps : at_ps;
    if (clock->deadline_ps[timer] <= clock->next_ps)
        clock->next_ps = clock->deadline_ps[timer];
    else if (old_ps == clock->next_ps)
        find_next(clock);
}

void clock_cancel(struct clock *clock, unsigned timer)
{
    assert(timer < CLOCK_TIMER_MAX);
    uint64_t old_ps = clock->deadline_ps[timer];
    if (old_ps == CLOCK_NEVER)
        return;
    clock->deadline_ps[timer] = CLOCK_NEVER;
    if (old_ps == clock->next_ps)
        find_next(clock);
}

bool clock_is_scheduled(const struct clock *clock, unsigned timer)
{
    assert(timer < CLOCK_TIMER_MAX);
    return clock->deadline_ps[timer] != CLOCK_NEVER;
}

void clock_advance(struct clock *clock, uint64_t to_ps, clock_expired *expired, void *context)
{
    while (clock->next_ps <= to_ps && clock->next_ps != CLOCK_NEVER) {
        unsigned timer = earliest(clock);
        if (clock->deadline_ps[timer] > clock->now_ps)
            clock->now_ps = clock->deadline_ps[timer];
        clock->deadline_ps[timer] = CLOCK_NEVER;
        find_next(clock);
        expired(context, timer);
    }
    if (to_ps > clock->now_ps && to_ps != CLOCK_NEVER)
        clock->now_ps = to_ps;
}

uint64_t clock_ps_from_cycles(uint64_t count, uint64_t hz)
{
    if (count < UINT64_MAX / PS_PER_S)
        return count * PS_PER_S / hz;
    return (uint64_t)((wide)count * PS_PER_S / hz);
}

uint64_t clock_cycles_to_reach(uint64_t ps, uint64_t hz)
{
    wide cycles = ((wide)ps * hz + (PS_PER_S - 1)) / PS_PER_S;
    return cycles > UINT64_MAX ? UINT64_MAX : (uint64_t)cycles;
}
