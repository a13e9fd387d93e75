/* One chip with its core and its time: power on, run, reset, take the power away.
 * Time follows the core's cycle counter; timers, stalls and cuts happen at their virtual time, between
 * instructions or inside a stall. */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/chip.h"
#include "sim/core/error.h"
#include "sim/processor.h"
#include "sim/protection.h"
#include "sim/skip.h"

enum machine_stop {
    MACHINE_STOP_TIME,     /* the time asked for was reached */
    MACHINE_STOP_REQUEST,  /* machine_request_stop() */
    MACHINE_STOP_EXIT,     /* semihosting exit: machine->exit_status */
    MACHINE_STOP_CUT,      /* power was lost: machine_power_on() goes on */
    MACHINE_STOP_LOCKUP,   /* locked up, and nothing is scheduled that could end it */
    MACHINE_STOP_ASLEEP,   /* asleep, and nothing is scheduled that could wake it */
    MACHINE_STOP_NO_ROM    /* booted into system memory, whose code is not modelled; not if it waits_in_rom */
};

enum machine_ram { RAM_ZEROS, RAM_ONES, RAM_NOISE, RAM_KEPT };

/* The semihosting host: returns true when it served the call. R0 and R1 are operation and parameter. */
struct machine;
typedef bool machine_semihosting(void *context, struct machine *machine, uint32_t *result);

struct core_time {
    uint64_t epoch_ps;     /* virtual time and cycle count of the last clock change */
    uint64_t epoch_cycles;
    uint32_t hz;
};

enum { MACHINE_WATCH_MAX = 48 };

/* A variable whose changes somebody wants to hear of. */
struct machine_watch {
    const uint8_t *host;
    uint32_t size; /* 1 to 8 bytes */
    uint64_t value;
};

/* Who plays the outside world. Called between instructions, so that RAM and registers may be changed. */
struct machine_host {
    void *context;
    void (*changed)(void *context, unsigned watch); /* a watched variable has another value */
    void (*counted)(void *context);                 /* the instructions asked for are done */
    void (*at_break)(void *context);                /* before the instruction at the break */
};

struct machine {
    struct soc *soc;
    struct processor processor; /* core 0 */
    struct core_time time;
    struct skip skip;
    struct protection protection;
    bool is_powered;
    bool is_ram_loaded;         /* by an image, before power came */
    bool is_asleep;
    bool is_waiting_for_event;
    enum stop_mode low_power;   /* Stop or Standby, entered by WFI or WFE with SLEEPDEEP */
    uint64_t asleep_since_ps;
    bool has_assumed_ignored_fault;
    bool has_late_error;        /* a buffered store met a bus error: an imprecise fault is due */
    uint32_t late_error_pc, late_error_addr;
    bool stop_requested;
    bool cut_requested;
    bool has_exited;
    uint32_t exit_status;
    uint64_t cut_at_ps;         /* CLOCK_NEVER: none */
    enum reset_cause cut_by;    /* what happens then: RESET_POWER_ON loss of power, else that reset */
    bool is_cutting;            /* the reset of cut_by is being made */
    struct machine_host world;
    struct machine_host witness; /* hears `changed` too, before the world acts; only looks */
    struct machine_watch watch[MACHINE_WATCH_MAX];
    unsigned watch_count;
    bool is_counting;           /* instructions, for world.counted */
    bool waits_in_rom;          /* booted into system memory: time goes on, as somebody will end it */
    bool is_held;               /* in reset, by a supply that is too low */
    uint32_t break_pc;          /* machine_set_break(); UINT32_MAX: none */
    uint64_t break_cycles;      /* cycle count of the last stop there, UINT64_MAX none */
    enum machine_ram ram_after_power_loss;
    uint32_t map_generation;
    uint32_t ccr;
    uint64_t stalled_ps;        /* waited for flash so far */
    uint64_t fetch_stall_ps;    /* end and pc of the last fetch that waited */
    uint32_t fetch_stall_pc;
    machine_semihosting *semihosting;
    void *semihosting_context;
};

bool machine_create(struct machine **machine, const struct chip *chip, struct error *error);
void machine_destroy(struct machine *machine);

/* Bytes of an image, as a loader leaves them: main flash programmed with its ECC, or RAM. False where
 * there is neither. Before power comes, RAM is kept for images linked there. */
bool machine_load(struct machine *machine, uint32_t addr, const void *bytes, size_t size);

/* Power comes: RAM as `ram_after_power_loss` says, then a power-on reset. */
bool machine_power_on(struct machine *machine, struct error *error);
/* A reset with the power on: RAM survives. */
void machine_reset(struct machine *machine, enum reset_cause cause);

/* Runs until `until_ps` or something else stops it. */
enum machine_stop machine_run(struct machine *machine, uint64_t until_ps);

/* Ends the boot at `at_ps`, also inside a stall: loss of power (RESET_POWER_ON), or a reset with that cause.
 * A brown-out is both: what the flash does is torn, RAM stays. */
void machine_cut_at(struct machine *machine, uint64_t at_ps, enum reset_cause by);

/* Hears of changes of a variable from now on. False: not in RAM, or too many. */
bool machine_watch(struct machine *machine, uint32_t addr, uint32_t size, unsigned *watch);
/* The value that a watched variable has now. */
uint64_t machine_watched(const struct machine *machine, unsigned index);
/* Calls world.counted after so many instructions; 0: never mind. Loops are not skipped meanwhile. */
void machine_count_instructions(struct machine *machine, uint64_t count);
/* The debugger stops or releases the core, between two instructions. Time, the flash and what DBGMCU does
 * not freeze go on. */
void machine_set_halted(struct machine *machine, bool is_halted);
/* Keeps the core in reset from its next reset on, or lets it start. */
void machine_hold(struct machine *machine, bool is_held);
/* The debugger's view of a bus access: a busy flash makes it wait (false: until `*busy_ps`). */
bool machine_debug_access(struct machine *machine, struct access *access, uint32_t *value,
                          bool *is_bus_error, uint64_t *busy_ps);

/* For trace listeners: act before the next instruction, or inside the stall that is being waited out. */
void machine_request_stop(struct machine *machine);
void machine_request_cut(struct machine *machine);

/* Stops with MACHINE_STOP_REQUEST each time before the instruction at `pc`; UINT32_MAX: no more. Loops are
 * not skipped meanwhile; time does not change with it. */
void machine_set_break(struct machine *machine, uint32_t pc);
bool machine_is_at_break(const struct machine *machine);

uint64_t machine_now_ps(const struct machine *machine);

/* Memory as a program in the machine would read it, without effects on flags or time. False where there
 * is none. */
bool machine_peek(struct machine *machine, uint32_t addr, void *bytes, size_t size);
/* Writes RAM, as a debugger or a scenario does. */
bool machine_poke(struct machine *machine, uint32_t addr, const void *bytes, size_t size);

#endif
