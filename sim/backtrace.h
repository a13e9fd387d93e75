/* Who called whom, from the registers and the stack of one core: through functions by DWARF,
 * through functions without DWARF by their first instructions, and through exception frames. */
#ifndef SIM_BACKTRACE_H
#define SIM_BACKTRACE_H

#include "sim/debug_info.h"

struct backtrace_registers {
    uint32_t r[DEBUG_REGISTERS];
    uint32_t psp; /* where an exception frame of a thread with its own stack lies */
};

struct backtrace_frame {
    uint32_t pc;         /* Thumb bit cleared */
    uint32_t sp;         /* when execution goes on at pc */
    bool is_interrupted; /* pc was to execute next: the innermost function, or what an exception
                          * interrupted; else pc is where a call returns to */
    bool is_guessed;     /* found without call frame information */
    struct debug_place place;
};

/* Fills in frames, innermost first, inlined functions as frames of their own, and returns how many.
 * It ends at the reset, at code nobody knows, or when the stack makes no sense. */
size_t backtrace_take(struct debug_info *info, const struct backtrace_registers *registers,
                      debug_read_word *read, void *context, struct backtrace_frame *frames,
                      size_t room);

#endif
