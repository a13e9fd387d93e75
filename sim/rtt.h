/* SEGGER RTT as a debug probe does it: finds the control block in RAM, drains up-buffer 0, fills
 * down-buffer 0, at points of virtual time. Layout of the control block: SEGGER UM08001, chapter RTT. */
#ifndef SIM_RTT_H
#define SIM_RTT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/console.h"

struct rtt {
    struct console *console;
    bool is_on;
    uint32_t hint;       /* where the symbol _SEGGER_RTT is; 0: not known */
    uint32_t block;      /* of the control block; 0: not found yet */
    unsigned until_scan; /* polls to go until RAM is searched again */
};

enum { RTT_BLOCK_NONE = 0 };

void rtt_init(struct rtt *rtt, struct console *console, uint32_t hint);
/* Moves what is waiting, both ways. */
void rtt_poll(struct rtt *rtt);

#endif
