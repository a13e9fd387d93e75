/* Waiting costs nothing: a loop whose two visits have equal registers, no changed memory and no
 * time-dependent reads is moved forward by whole iterations to the next event (design.md). */
#ifndef SIM_SKIP_H
#define SIM_SKIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/cpu.h"

struct machine;

struct skip {
    bool is_off;             /* --no-skip */
    uint64_t probe_at;       /* cycle count of the next attempt */
    uint64_t interval;       /* doubles with each attempt in vain */
    uint64_t impure;         /* accesses so far that forbid a skip: writes, time-dependent reads */
    uint32_t polled_addr;    /* the last device register read */
    uint8_t *shadow;         /* RAM at the first visit */
    size_t shadow_bytes;
    /* The last loop skipped, for the report. */
    uint32_t loop_pc;
    uint32_t loop_polls;     /* device register that it reads, 0 none */
    uint64_t loop_ps;        /* time it was skipped over, in a row */
};

void skip_init(struct skip *skip);
void skip_free(struct skip *skip);
/* After a reset: probing starts afresh. */
void skip_restart(struct skip *skip, uint64_t now_cycles);

/* Tries to jump to just before `until_cycles`. Returns the event that the attempt ran into, which the
 * caller handles; CPU_STOP_DEADLINE when there was none. */
struct cpu_event skip_try(struct machine *machine, uint64_t until_cycles);

#endif
