/* The firmware's consoles: UARTs, SEGGER RTT, ITM port 0 and semihosting. What comes out is streamed byte
 * by byte as it is; what goes in is one stream of bytes that the first who asks consumes. */
#ifndef SIM_CONSOLE_H
#define SIM_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/machine.h"

enum console_channel {
    /* UARTs first, numbered as in models/wires.h */
    CONSOLE_RTT = UART_COUNT,
    CONSOLE_ITM,
    CONSOLE_SEMIHOSTING,
    CONSOLE_CHANNEL_COUNT
};

enum { CONSOLE_KEEP_BYTES = 64 * 1024 };

struct console_output {
    uint64_t count;    /* bytes sent */
    bool is_shown;
    uint8_t *kept;     /* the last CONSOLE_KEEP_BYTES, for the result file; a ring */
};

struct console {
    struct machine *machine;
    FILE *out;
    bool is_flushed_by_line;
    struct console_output output[CONSOLE_CHANNEL_COUNT];
    enum console_channel input_channel;
    int input;                 /* file descriptor, -1: none or at its end */
    bool is_inside_line;       /* the last byte shown was no newline */
    bool is_listening;         /* the UART received something */
    bool has_begun;            /* the input: after the firmware's first words, as a person would */
    uint64_t last_output_ps;
    uint8_t *bytes;            /* from the host and not yet received: [first, end) */
    size_t first, sent, end;   /* [first, sent) is on its way to the UART */
    size_t room;
};

/* The channel with a name of the command line ("usart2"), or CONSOLE_CHANNEL_COUNT. */
enum console_channel console_channel_find(const char *name);
const char *console_channel_name(enum console_channel channel);

void console_init(struct console *console, struct machine *machine, FILE *out);
void console_free(struct console *console);

/* Input: a regular file and what a pipe holds at the start are exact; what is typed or piped later
 * arrives when the host has it. */
void console_open_input(struct console *console, int descriptor);
/* Takes what the host has and sends what the firmware can take. Called between runs of the machine. */
void console_feed(struct console *console);
/* True while console_feed() may still have something to send to the UART. */
bool console_is_input_pending(const struct console *console);
/* The next byte of the input for a reader that consumes it at once; waits for the host. False: no more. */
bool console_take(struct console *console, uint8_t *byte);
/* Waits for the host to give more input. False: there will be none. */
bool console_wait(struct console *console);
/* As console_take() without waiting. */
bool console_take_ready(struct console *console, uint8_t *byte);

/* Sends a byte out on a channel that no device of the chip serves. */
void console_emit(struct console *console, enum console_channel channel, uint8_t byte);

/* A trace_listener; the context is the console. */
void console_hear(void *console, const struct event *event);
void console_flush(struct console *console);

/* The last bytes of a channel, at most CONSOLE_KEEP_BYTES, in order. */
size_t console_kept(const struct console *console, enum console_channel channel, uint8_t *bytes);

/* True for a byte of the channel's text; other ports of the ITM are not text. */
bool console_is_text(const struct event *event, enum console_channel *channel);

#endif
