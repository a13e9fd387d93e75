/* The condition of `run --until`: what must come true for the run to be a success. */
#ifndef SIM_UNTIL_H
#define SIM_UNTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/image.h"
#include "sim/machine.h"

enum until_kind {
    UNTIL_NONE,
    UNTIL_CONSOLE, /* console:TEXT      a console has sent TEXT */
    UNTIL_SYMBOL,  /* sym:NAME==VALUE   a variable compares so; looked at each 100 us of virtual time */
    UNTIL_PC,      /* pc:NAME|ADDR      the instruction there is about to be executed */
    UNTIL_EVENT,   /* event:KIND        an event of that kind happened */
    UNTIL_TIME     /* time:2s           virtual time */
};

enum { UNTIL_TEXT_MAX = 256, UNTIL_POLL_US = 100, UNTIL_CHANNELS = 16 };

struct until {
    enum until_kind kind;
    char text[UNTIL_TEXT_MAX];           /* console: the bytes to find */
    size_t text_size;
    uint8_t fallback[UNTIL_TEXT_MAX];    /* how much still matches after a mismatch */
    size_t matched[UNTIL_CHANNELS];      /* of each channel */
    uint32_t addr;                       /* of the symbol or the instruction */
    uint32_t size;                       /* of the symbol: 1, 2 or 4 bytes */
    char comparison[3];
    uint32_t value;
    enum event_kind event;
    uint64_t time_ps;
    bool is_reached;
    struct machine *machine;
};

/* Parses the expression; symbols come from the images. */
bool until_parse(struct until *until, const char *text, const struct image *images,
                 size_t image_count, struct error *error);

/* Ties it to a machine that was just created. */
void until_watch(struct until *until, struct machine *machine);
/* A trace_listener; the context is the struct. */
void until_hear(void *until, const struct event *event);
/* Looks at the variable; between runs of the machine. True when the condition is met. */
bool until_poll(struct until *until);

#endif
