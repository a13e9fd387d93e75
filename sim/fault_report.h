/* The report of a fault: what happened, where in the source, what the flash was doing, which rule it
 * breaks. Also the reports of what did not fault: refused writes, and a loop that waits in vain. */
#ifndef SIM_FAULT_REPORT_H
#define SIM_FAULT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/debug_info.h"
#include "sim/machine.h"
#include "sim/run_log.h"

struct fault_report {
    FILE *out;
    bool is_coloured;
    struct machine *machine;
    struct debug_info *debug;
    const struct run_log *log;
};

/* The fault that has just been taken: called on core.exception_entry of a fault exception, or on
 * core.lockup. */
void fault_report_write(struct fault_report *report, const struct event *cause);
/* The same in one line, for faults that come again and again. */
void fault_report_write_short(struct fault_report *report, const struct event *cause);

/* Where the core is now, and who called: a power cut, for one. */
void fault_report_write_here(struct fault_report *report, const char *name);

/* One paragraph for each kind of refused write. */
void fault_report_write_refused(struct fault_report *report);
/* Where the core is, for a run that ended by time: "still waiting: polls RCC_CR ...". */
void fault_report_write_waiting(struct fault_report *report);

/* "0x08000124 program_doubleword (flash.c:61)" */
enum { FAULT_REPORT_PLACE = 256 };
const char *fault_report_place(struct fault_report *report, uint32_t addr,
                               char text[FAULT_REPORT_PLACE]);

#endif
