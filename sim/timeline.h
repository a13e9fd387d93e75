/* What happens to a chip from outside during a scenario, and when: steps that are gone through in order,
 * each a trigger and the actions it sets off. Data first, then the one who performs them. */
#ifndef SIM_TIMELINE_H
#define SIM_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/board.h"
#include "sim/console.h"
#include "sim/core/error.h"
#include "sim/cut.h"
#include "sim/image.h"
#include "sim/machine.h"

enum {
    TIMELINE_STEP_MAX = 64,
    TIMELINE_ACTION_MAX = 8,  /* of one step */
    TIMELINE_ACCESS_MAX = 32, /* of one debugger action */
    TIMELINE_BYTES_MAX = 1024
};

/* A number that is compared; equal: both bounds. */
struct comparison {
    bool has_at_least, has_at_most;
    uint64_t at_least, at_most;
};
bool comparison_holds(const struct comparison *comparison, uint64_t value);

/* A place that the scenario names by a symbol or an address; the address is known once the images are. */
struct place {
    const struct cJSON *value; /* where the file says it */
    const char *symbol; /* NULL: an address */
    uint32_t offset;
    uint32_t addr;
    uint32_t size; /* of the symbol, or as given */
};

enum trigger_kind {
    TRIGGER_AT_ONCE,
    TRIGGER_EVENT,
    TRIGGER_OPERATION,    /* a phase of a flash operation */
    TRIGGER_INSTRUCTIONS, /* since the step was armed, or since a later power-on or reset */
    TRIGGER_TIME,         /* since power came */
    TRIGGER_PC,
    TRIGGER_CONSOLE,
    TRIGGER_PIN,
    TRIGGER_VALUE, /* of a variable */
    TRIGGER_BOOT,  /* a power-on or reset with this number */
    TRIGGER_POWER_ON,
    TRIGGER_KIND_COUNT
};

enum pin_edge { PIN_EDGE_ANY, PIN_EDGE_RISING, PIN_EDGE_FALLING };

struct trigger {
    enum trigger_kind kind;
    uint32_t nth; /* from 1, counted since the step was armed */
    /* event, operation */
    enum event_kind event;
    uint32_t from, to; /* addresses that count, both ends included */
    bool has_value;
    uint32_t value;
    const char *unit, *rule; /* NULL: any */
    struct cut operation;
    uint64_t number; /* instructions, boot, power-on */
    uint64_t ps;
    struct place place; /* pc, variable */
    const char *text;
    enum console_channel channel; /* CONSOLE_CHANNEL_COUNT: any */
    uint32_t pin;                 /* as in EVENT_PIN */
    enum pin_edge edge;
    bool is_any_change; /* variable: whatever it becomes */
    struct comparison comparison;
};

enum action_kind {
    ACTION_GO_ON, /* nothing: the step only waits */
    ACTION_POWER_CUT,
    ACTION_RESET,
    ACTION_SUPPLY,
    ACTION_DEBUGGER,
    ACTION_UART_INPUT,
    ACTION_PIN,
    ACTION_PRESS,
    ACTION_SET_MEMORY,
    ACTION_FLIP_FLASH_BITS,
    ACTION_AGE,
    ACTION_ECC_ERROR,
    ACTION_FAIL_OPERATION,
    ACTION_LOAD_IMAGES,
    ACTION_KIND_COUNT
};

struct debug_access {
    uint32_t addr;
    uint32_t value;
    uint8_t size;
    bool is_write;
};

struct action {
    enum action_kind kind;
    uint64_t off_ps;        /* power cut: how long */
    enum reset_cause cause; /* reset */
    /* supply: down to `mv` over `ps`, there for `hold_ps`, back over `back_ps` */
    uint32_t mv;
    uint64_t ps, hold_ps, back_ps;
    /* debugger */
    uint64_t halt_ps; /* 0: the core runs on */
    bool is_detached; /* pulled off afterwards */
    uint32_t freeze[3]; /* bits for DBGMCU_APB1FZR1, APB1FZR2, APB2FZR */
    struct debug_access access[TIMELINE_ACCESS_MAX];
    unsigned access_count;
    /* uart input, memory */
    const uint8_t *bytes; /* in the scenario */
    uint32_t byte_count;
    enum console_channel channel;
    struct place place; /* memory, cells */
    uint32_t pin;
    bool level;
    bool is_let_go; /* pin: nobody drives it any more */
    const struct board_pin *button;
    uint64_t flip; /* data cells of a double word */
    uint8_t flip_ecc;
    uint32_t erases;
    bool is_double;
    enum cut_operation operation;
    /* load images */
    const struct image *images; /* in the scenario */
    unsigned image_count;
    bool erases_all; /* else the pages that the images touch */
    bool starts;     /* then a reset, and main flash whatever the chip would choose */
};

struct timeline_step {
    const struct cJSON *value;
    const char *name; /* NULL: none given */
    struct trigger trigger;
    uint64_t after_ps;
    uint64_t within_ps; /* CLOCK_NEVER: no hurry */
    uint32_t repeat;    /* times that it is gone through */
    struct action actions[TIMELINE_ACTION_MAX];
    unsigned action_count;
};

struct timeline {
    struct timeline_step *steps;
    unsigned count;
};

const char *trigger_kind_name(enum trigger_kind kind); /* its key: "event", "operation" */
const char *action_kind_name(enum action_kind kind);
/* The boot ends with it: nothing can follow it in its step. */
bool action_ends_boot(const struct action *action);

/* The event makes an event, console or pin trigger true; `matched` is how far its text has come on each
 * channel. */
bool trigger_hears(const struct trigger *trigger, size_t matched[CONSOLE_CHANNEL_COUNT],
                   const struct event *event);

/* ---- performing -------------------------------------------------------------------------------- */

enum step_state { STEP_NOT_ARMED, STEP_ARMED, STEP_DUE, STEP_ACTING, STEP_DONE, STEP_TOO_LATE, STEP_ESCAPED };

/* What became of one step. */
struct step_result {
    enum step_state state;
    uint32_t times; /* it acted */
    uint32_t boot;  /* of the last time */
    uint64_t t_ps;
};

struct timeline_run {
    const struct timeline *timeline;
    struct machine *machine;
    unsigned at;        /* the step under way; `count` when all are done */
    enum step_state state;
    uint32_t seen;      /* of nth */
    bool has_target;    /* operation: found, but the part of it that has the phase has not begun */
    struct cut_target target;
    uint64_t due_ps;
    uint64_t latest_ps; /* of the trigger */
    uint64_t power_on_ps;
    uint32_t failures_asked, failures_seen; /* operations that were to fail, and did */
    uint32_t power_ons;
    size_t matched[CONSOLE_CHANNEL_COUNT];
    unsigned watch; /* of the machine, for a variable */
    bool has_watch;
    /* actions that take time */
    unsigned action;
    bool is_ending;       /* the boot: the action's power cut or reset is on its way */
    unsigned access;      /* of the debugger */
    uint64_t release_ps;  /* the core goes on */
    bool is_halting;
    uint32_t supply_from_mv;
    uint64_t supply_from_ps;
    bool is_supply_low;   /* the chip is held in reset */
    uint32_t sent;        /* bytes of UART input */
    const struct board_pin *held; /* a button, until held_until_ps */
    uint64_t held_until_ps;
    uint64_t off_ps;      /* of the power cut just made; CLOCK_NEVER: as the scenario says */
    struct step_result result[TIMELINE_STEP_MAX];
    bool is_failed;       /* an action could not be done: `error` */
    struct error error;
};

/* After the machine was made and before power comes. Hears the trace itself. */
void timeline_start(struct timeline_run *run, const struct timeline *timeline,
                    struct machine *machine);
/* Power cuts that the steps from the current one on still make. */
unsigned timeline_power_cuts(const struct timeline *timeline);

#endif
