/* One `flashsim run`: what was loaded, the machine, who listens to it, and how it ended. */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/board_file.h"
#include "sim/console.h"
#include "sim/debug_info.h"
#include "sim/fault_report.h"
#include "sim/image.h"
#include "sim/machine.h"
#include "sim/output_file.h"
#include "sim/rtt.h"
#include "sim/run_log.h"
#include "sim/run_options.h"
#include "sim/semihosting.h"
#include "sim/until.h"

enum run_end {
    RUN_GOES_ON,
    RUN_ENDED_UNTIL,
    RUN_ENDED_EXIT,
    RUN_ENDED_TIME,
    RUN_ENDED_ASLEEP,
    RUN_ENDED_FAULT,
    RUN_ENDED_LOCKUP,
    RUN_ENDED_NO_ROM,
    RUN_ENDED_INTERRUPTED
};

enum { RUN_FAULTS_REMEMBERED = 16 };

struct run_fault {
    uint32_t pc, cfsr, exception;
};

struct run {
    struct run_options options;
    struct board_file board_file;
    const struct board *board;
    const struct chip *chip;
    struct image images[RUN_IMAGE_MAX];
    size_t image_count;
    bool starts_in_ram;      /* nothing was loaded into flash */
    struct debug_info *debug;
    struct machine *machine;
    struct console console;
    struct rtt rtt;
    struct semihosting semihosting;
    struct until until;
    struct run_log log;
    struct fault_report report;
    struct output_file trace, json, saved_flash, saved_option_bytes;
    struct run_fault reported[RUN_FAULTS_REMEMBERED]; /* faults that had their full report */
    unsigned reported_count;
    unsigned short_reports;
    bool is_progress_shown;
    enum run_end end;
};

/* Loads and checks everything, without a trace on disk but the temporary files of what is to be written. */
bool run_prepare(struct run *run, struct error *error);
/* Powers the chip on; RAM images are in place when the core starts. */
bool run_start(struct run *run, struct error *error);
void run_free(struct run *run);

/* 0, 1 or 3 by how it ended. */
int run_status(const struct run *run);
/* "semihosting exit", "lockup", ... */
const char *run_end_text(enum run_end end);

/* Where the images are, when none is where the chip starts. */
void run_write_misplaced(const struct run *run, FILE *out);

/* The summary for people, and the result for machines. */
void run_summary_write(struct run *run, FILE *out);
bool run_result_write(const struct run *run, FILE *out);

#endif
