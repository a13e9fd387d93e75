/* What the firmware said, by boot and channel: a trace listener that keeps text. Zero bytes are
 * left out, so that a text is a C string. */
#ifndef SIM_CONSOLE_LOG_H
#define SIM_CONSOLE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/console.h"
#include "sim/core/trace.h"

enum { CONSOLE_LOG_BYTES_MAX = 64 * 1024 * 1024 };

struct console_log_piece {
    uint32_t boot;
    uint32_t power_on;
    enum console_channel channel;
    char *text;
    size_t size, room;
    uint64_t last_ps;  /* of the last byte */
    size_t line_start; /* of the unfinished line, for whoever reads line by line */
};

struct console_log {
    struct console_log_piece *pieces;
    size_t count, room;
    size_t bytes;
    bool is_cut_short; /* more was said than is kept */
};

void console_log_free(struct console_log *log);
/* Adds the event if it is a byte of text. Returns the piece it went to, else NULL. */
struct console_log_piece *console_log_hear(struct console_log *log, const struct event *event,
                                           uint32_t power_on);

#endif
