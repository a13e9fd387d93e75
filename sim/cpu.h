/* What we need of a CPU: run until a cycle count, stop exactly before an instruction, and hand out every
 * access that is not plain memory. One implementation (cpu_unicorn.c); the exception model, the MPU and
 * all timing of memories are the caller's. */
#ifndef SIM_CPU_H
#define SIM_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "models/chip.h"
#include "sim/core/bus.h"
#include "sim/core/error.h"

struct cpu;

enum cpu_register {
    CPU_R0 = 0,
    CPU_SP = 13,
    CPU_LR = 14,
    CPU_PC = 15,
    CPU_XPSR = 16,
    CPU_MSP,
    CPU_PSP,
    CPU_PRIMASK,
    CPU_BASEPRI,
    CPU_FAULTMASK,
    CPU_CONTROL,
    CPU_FPSCR,
    CPU_S0,
    CPU_REGISTER_COUNT = CPU_S0 + 32
};

enum cpu_stop {
    CPU_STOP_DEADLINE,    /* the cycle count was reached, or cpu_interrupt() was called */
    CPU_STOP_WFI,         /* before the instruction; step over it with cpu_skip() */
    CPU_STOP_WFE,
    CPU_STOP_SVC,         /* pc is past the SVC */
    CPU_STOP_BKPT,        /* pc is on the BKPT */
    CPU_STOP_EXCEPTION_RETURN, /* exc_return */
    CPU_STOP_FETCH_STALL, /* the flash at pc is busy */
    CPU_STOP_POINT,       /* cpu_set_stop_point() */
    CPU_STOP_FAULT        /* cfsr, addr; registers as before the instruction at pc */
};

struct cpu_event {
    enum cpu_stop kind;
    uint32_t pc;
    uint32_t cfsr;        /* CFSR bits, with the VALID bit where `addr` is an address */
    uint32_t addr;
    uint32_t exc_return;
    uint8_t it_state;     /* ITSTATE at pc: belongs into a stacked xPSR */
};

/* The machine's side. Functions are called in the middle of an instruction, with registers readable. */
struct cpu_host {
    void *context;
    /* Performs an access to a device, a flash store beat or a read of a watched granule. Returns 0 or the
     * CFSR bits of a precise fault, which undoes the instruction. Here and in check() is_privileged is
     * false for LDRT, STRT and kin; else it is for the host to say what runs. */
    uint32_t (*access)(void *context, struct access *access, uint32_t *value);
    /* May plain memory be accessed? Returns 0, or CFSR bits and in `addr` the first address that is
     * refused. Asked only for guarded granules and for LDRT, STRT and kin. */
    uint32_t (*check)(void *context, struct access *access);
    /* A fetch from a granule of the view that the device wants to see. Returns 0, or CFSR bits when it is
     * refused. A stall it causes is in the bus's busy ranges when it returns. */
    uint32_t (*watched_fetch)(void *context, uint32_t addr, uint32_t size);
    /* May this be fetched? Asked for each instruction while cpu_set_fetch_check() is on. */
    uint32_t (*check_fetch)(void *context, uint32_t addr, uint32_t size);
    /* CFSR bits for a fetch that found no executable memory; 0: the map was opened, try again. */
    uint32_t (*fetch_fault)(void *context, uint32_t addr);
    void (*send_event)(void *context); /* SEV */
};

enum { CPU_CAN_READ = 1, CPU_CAN_WRITE = 2, CPU_CAN_EXECUTE = 4 };

bool cpu_create(struct cpu **cpu, enum core_type type, struct cpu_host host, struct error *error);
void cpu_destroy(struct cpu *cpu);

/* Builds the address map anew from the bus: RAM and views directly, all else through host->access. */
bool cpu_map_bus(struct cpu *cpu, const struct bus *bus, struct error *error);
/* What the CPU may do directly in plain memory; anything else comes to host->check or host->access.
 * Multiples of 1 KB. */
void cpu_protect(struct cpu *cpu, uint32_t base, uint32_t size, unsigned can);
/* Bytes of plain memory changed under the CPU's feet: forget what was translated from them. */
void cpu_code_changed(struct cpu *cpu, uint32_t base, uint32_t size);

/* Runs until something happens. `cycles` counts from cpu_cycles() == 0 and is absolute. */
struct cpu_event cpu_run(struct cpu *cpu, uint64_t until_cycles);
/* From a host function: stop before the next instruction. */
void cpu_interrupt(struct cpu *cpu);
/* Steps over the instruction at the current pc without running it. */
void cpu_skip(struct cpu *cpu);
/* Stops before the instruction at `pc` is executed for the next time; UINT32_MAX for none. */
void cpu_set_stop_point(struct cpu *cpu, uint32_t pc);
/* Stops, with CPU_STOP_DEADLINE, when so many more instructions were executed; 0: no limit. */
void cpu_set_instruction_limit(struct cpu *cpu, uint64_t count);
uint64_t cpu_instructions_left(const struct cpu *cpu);
/* Store instructions executed so far while a stop point was set. */
uint64_t cpu_stores_seen(const struct cpu *cpu);

uint64_t cpu_cycles(const struct cpu *cpu);
/* Time passed without instructions: a stall, a skipped loop, exception entry. */
void cpu_add_cycles(struct cpu *cpu, uint64_t cycles);
/* The instruction being executed (in a host function), or the next one. */
uint32_t cpu_current_pc(const struct cpu *cpu);
const uint32_t *cpu_pc_pointer(const struct cpu *cpu);

uint32_t cpu_read(struct cpu *cpu, enum cpu_register reg);
void cpu_read_all(struct cpu *cpu, uint32_t values[CPU_REGISTER_COUNT]);
void cpu_write(struct cpu *cpu, enum cpu_register reg, uint32_t value);
/* Sets pc; bit 0 is the Thumb bit. */
void cpu_jump(struct cpu *cpu, uint32_t target);
/* The same into the middle of an IT block. */
void cpu_jump_into_it(struct cpu *cpu, uint32_t target, uint8_t it_state);
/* ITSTATE of the next instruction, 0 outside an IT block: belongs into a stacked xPSR. */
uint8_t cpu_it_state(const struct cpu *cpu);
/* Registers after a core reset: all zero, LR all ones, thread mode on MSP. */
void cpu_reset(struct cpu *cpu);
void cpu_clear_exclusive(struct cpu *cpu);

/* Conditions that need a look at each instruction (a slower gear; time does not change with it). */
void cpu_set_fp_denied(struct cpu *cpu, bool is_denied);
void cpu_set_unaligned_trap(struct cpu *cpu, bool is_on);
void cpu_set_divide_trap(struct cpu *cpu, bool is_on);
/* Extra cycles for each fetch of a new 8-byte line of flash (wait states with the cache off). */
void cpu_set_fetch_wait(struct cpu *cpu, unsigned cycles);
/* Some granule may be executed in part only: every fetch is asked about. */
void cpu_set_fetch_check(struct cpu *cpu, bool is_on);
/* Follows the bus's busy ranges and watched granules after watch_generation moved. */
void cpu_follow_watch(struct cpu *cpu, const struct bus *bus);

const char *cpu_engine_version(void);

#endif
