// A handler for HardFault, MemManage, BusFault and UsageFault that keeps what the core says about
// the fault, prints it and compares it with what the image promised. It moves to a stack of its
// own, so it also survives a stack overflow.
#ifndef COMMON_FAULT_H
#define COMMON_FAULT_H

#include <stdbool.h>
#include <stdint.h>

// Filled by the handler. frame_valid is 0 when stacking failed: r0 to xpsr are then not set.
struct fault_record {
    uint32_t exception;
    uint32_t exc_return;
    uint32_t cfsr;
    uint32_t hfsr;
    uint32_t mmfar;
    uint32_t bfar;
    uint32_t sp;
    uint32_t frame_valid;
    uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
};

struct fault_expectation {
    uint32_t exception;
    uint32_t cfsr;
    uint32_t hfsr;
    uint32_t address;     // in MMFAR or BFAR, when CFSR says that one is valid
    const void *pc;       // stacked return address
    bool pc_is_undefined; // imprecise, or no frame
    uint32_t exc_return;  // 0: not checked
};

extern struct fault_record fault_record;
// Each fault image defines it, and the label fault_here at the instruction that is to blame.
extern const struct fault_expectation fault_expectation;
extern const char fault_here[];

#endif
