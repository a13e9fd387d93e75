/* Virtual time in picoseconds and the one-shot timers that end things.
 * The deadlines are plain data, so that a snapshot is a copy; who is called is a constant table. */
#ifndef SIM_CORE_CLOCK_H
#define SIM_CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum { CLOCK_TIMER_MAX = 128 };
#define CLOCK_NEVER UINT64_MAX

#define PS_PER_NS UINT64_C(1000)
#define PS_PER_US UINT64_C(1000000)
#define PS_PER_MS UINT64_C(1000000000)
#define PS_PER_S UINT64_C(1000000000000)

/* Called when a timer's time has come; `timer` is already idle and may be scheduled again. */
typedef void clock_expired(void *context, unsigned timer);

struct clock {
    uint64_t now_ps;
    uint64_t next_ps; /* the earliest deadline, or CLOCK_NEVER */
    uint64_t deadline_ps[CLOCK_TIMER_MAX];
};

void clock_init(struct clock *clock);

/* Schedules or moves a timer. A time in the past counts as now. */
void clock_schedule(struct clock *clock, unsigned timer, uint64_t at_ps);
void clock_cancel(struct clock *clock, unsigned timer);
bool clock_is_scheduled(const struct clock *clock, unsigned timer);

/* Moves time forward to `to_ps` (never back), calling each timer due by then in order of its deadline,
 * ties by timer number, with now_ps at the deadline. */
void clock_advance(struct clock *clock, uint64_t to_ps, clock_expired *expired, void *context);

/* count * 10^12 / hz, rounded down; hz > 0. */
uint64_t clock_ps_from_cycles(uint64_t count, uint64_t hz);
/* The smallest cycle count whose time is at or after `ps`. */
uint64_t clock_cycles_to_reach(uint64_t ps, uint64_t hz);

#endif
