/* One run in full, as the result file shows it: its events, what was said on the consoles as lines, its
 * flash before and after. Listens to scenario_run(). */
#ifndef SIM_RUN_RECORD_H
#define SIM_RUN_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/console.h"
#include "sim/flash_map.h"
#include "sim/json_out.h"
#include "sim/scenario_run.h"

enum {
    RUN_RECORD_FIRST = 4000, /* entries kept of a longer run, unless all are wanted */
    RUN_RECORD_LAST = 4000,
    RUN_RECORD_LOOP_MAX = 4, /* different events of one waiting loop */
    RUN_RECORD_TEXT_MAX = 16 * 1024 * 1024 /* bytes of consoles */
};

struct run_record_line {
    uint32_t boot, power_on;
    enum console_channel channel;
    bool is_input;
    bool is_ended; /* by its own end of line, not by a reset or the end of the run */
    uint64_t t_ps; /* of its first byte */
    char *text;
    size_t size, room;
};

/* Equal events that a waiting loop repeats are one entry. */
struct run_record_entry {
    struct event event; /* the first of them */
    uint64_t repeats;
    uint64_t until_ps; /* of the last */
};

struct run_record {
    struct scenario_watcher watcher; /* for scenario_run() */
    struct json_out json;
    bool is_whole; /* all events, each by itself */
    bool is_out_of_memory;
    struct run_record_entry loop[RUN_RECORD_LOOP_MAX]; /* may still be repeated */
    unsigned loop_count;
    struct run_record_entry *last; /* a ring of the last entries past the first */
    uint64_t entry_count;
    uint64_t left_out; /* events, between the first and the last entries */
    struct run_record_line *lines;
    size_t line_count, line_room;
    size_t open[2][CONSOLE_CHANNEL_COUNT]; /* 1 + the line being said; 0: none */
    size_t text_bytes;
    bool is_text_cut_short;
    uint32_t power_on;
    struct flash_map map;
};

/* The value will stand at the depth `indent` of the result. */
void run_record_start(struct run_record *record, FILE *out, unsigned indent, bool is_whole);
/* After the run: what is left to be written. False: out of memory, or the stream failed. */
bool run_record_finish(struct run_record *record);

#endif
