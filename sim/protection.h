/* What the core may touch: the MPU's decision for each access, and the page protections that make the
 * CPU ask. Plain memory that everyone may use is never asked about. */
#ifndef SIM_PROTECTION_H
#define SIM_PROTECTION_H

#include <stdbool.h>
#include <stdint.h>

struct machine;

enum { PROTECTION_GRANULES_MAX = 8192 };

struct protection {
    bool is_default;             /* every granule has the permissions of its memory */
    bool was_enabled;
    bool is_fetch_checked;       /* code runs in a granule that is executable in part */
    bool was_privileged;
    uint32_t map_generation, watch_generation, mpu_generation;
    uint8_t applied[PROTECTION_GRANULES_MAX]; /* CPU_CAN_* by granule of plain memory, in bus order */
};

/* 0, or the CFSR bits of the violation, and its address in `addr`. */
uint32_t protection_check_as(struct machine *machine, uint32_t *addr, uint32_t size, bool is_write,
                             bool is_privileged);
uint32_t protection_check_fetch(struct machine *machine, uint32_t addr);

/* An allowed fetch met a granule that is executable in part: open such granules and check every fetch.
 * False: that was not why. */
bool protection_open_fetches(struct machine *machine, uint32_t addr);

/* Brings the CPU's page protections up to date; cheap when nothing changed. */
void protection_follow(struct machine *machine);

#endif
