/* Table-driven register blocks: one row a register, in the manual's order, masks as data, at most three
 * hooks. Masks say what bits are; hooks say what happens.
 * A bit is one of three: modelled (rw, w1c, w1s, ro), storage (harmless: it reads back), or
 * effect-missing (unimp: setting it should do something that we do not do, and says so). Everything else
 * is reserved and reads as reset. */
#ifndef SIM_CORE_REG_H
#define SIM_CORE_REG_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/device.h"

struct reg_access {
    unsigned index;    /* row */
    uint32_t old;      /* before the write */
    uint32_t written;  /* value on the bus, shifted into its byte lanes */
    uint32_t lanes;    /* bits that the access covers */
    const struct access *access;
    struct access_result *result;
};

struct reg {
    const char *name;     /* "CR1", as the manual names it */
    uint16_t offset;
    uint32_t reset;
    uint32_t rw;          /* modelled, plain read/write */
    uint32_t w1c;         /* write 1 clears */
    uint32_t w1s;         /* write 1 sets; hardware or a hook clears */
    uint32_t storage;     /* reads back, no effect on what we simulate */
    uint32_t unimp;       /* reads back; setting it emits reg.unimplemented */
    uint32_t survives;    /* bits that a system reset leaves alone (power-on resets all) */
    uint32_t write_only;  /* read as zero */
    /* May refuse the write: return false, and set result->is_bus_error where the manual says so. */
    bool (*guard)(struct device *device, const struct reg_access *access);
    /* After the masks were applied. */
    void (*on_write)(struct device *device, const struct reg_access *access);
    /* Computes the value, or has the read's effect. `value` is the stored one. */
    uint32_t (*on_read)(struct device *device, const struct reg_access *access, uint32_t value);
};

struct reg_block {
    const struct reg *regs;
    unsigned count;
};

/* `values` is the array of `block->count` words in the device's state. */
void reg_reset(const struct reg_block *block, uint32_t *values, enum reset_cause cause);
void reg_read(struct device *device, const struct reg_block *block, uint32_t *values,
              const struct access *access, struct access_result *result);
void reg_write(struct device *device, const struct reg_block *block, uint32_t *values,
               const struct access *access, struct access_result *result);
/* The same for a chip that lacks some bits: `implemented` has a word for each row, and the bits outside
 * it stay what they are at reset. */
void reg_write_implemented(struct device *device, const struct reg_block *block,
                           const uint32_t *implemented, uint32_t *values,
                           const struct access *access, struct access_result *result);
/* Row for an offset (word-aligned), or -1. */
int reg_find(const struct reg_block *block, uint32_t offset);

#endif
