/* What the engine must know of a Thumb instruction before it runs: its cycles, whether it needs a look
 * every time, and what a store writes. Pure decoding, no state.
 * Cycles follow the Cortex-M4 TRM's instruction table with zero wait states; where the TRM gives a range
 * or depends on what comes next, one typical figure (README: not cycle-exact). */
#ifndef SIM_THUMB_H
#define SIM_THUMB_H

#include <stdbool.h>
#include <stdint.h>

/* An entry byte: cycles in the low five bits, and reasons to look closer. */
enum {
    THUMB_CYCLES = 0x1F,
    THUMB_TRAPPABLE = 0x20,    /* what CCR.UNALIGN_TRP and DIV_0_TRP concern: plain accesses, divisions */
    THUMB_FP = 0x40,           /* needs the FPU: NOCP while CPACR denies */
    THUMB_LOOK = 0x80          /* must be looked at every time: thumb_special() says why */
};

/* The entry byte of every IT instruction, and of no other. */
#define THUMB_IT_ENTRY (THUMB_LOOK | THUMB_TRAPPABLE | 1)

enum thumb_special {
    THUMB_ORDINARY,
    THUMB_IT,
    THUMB_MASKS,       /* CPS, MSR: what can be taken may change after it */
    THUMB_WFI,
    THUMB_WFE,
    THUMB_SEV,
    THUMB_YIELD,
    THUMB_DIVIDE,      /* divisor in register thumb_divisor(); marked THUMB_TRAPPABLE */
    THUMB_UNPRIVILEGED, /* LDRT, STRT and their narrow forms: an access as of unprivileged code */
    THUMB_EXCLUSIVE,   /* LDREX, STREX and their kin: aligned by thumb_exclusive_mask() */
    THUMB_ALIGNED_BASE /* base register must be word-aligned: LDRD, LDM, VLDR, ... */
};

/* Bytes of the instruction: 2 or 4. */
unsigned thumb_size(uint16_t first);
/* The entry byte; `second` is ignored for 16-bit instructions. */
uint8_t thumb_entry(uint16_t first, uint16_t second);
enum thumb_special thumb_special(uint16_t first, uint16_t second);

/* Register numbers for the two special kinds that need one. */
unsigned thumb_divisor(uint16_t first, uint16_t second);
unsigned thumb_aligned_base(uint16_t first, uint16_t second);

/* May a value loaded into PC by it be an EXC_RETURN? BX, POP, LDM and LDR (core sheet 3.3). */
bool thumb_can_return(uint16_t first, uint16_t second);

/* Address bits that must be 0 for an exclusive access, and whether it is a load. */
uint32_t thumb_exclusive_mask(uint16_t first, uint16_t second);
bool thumb_is_exclusive_load(uint16_t first);
/* LDRD whose first register is its base, without write-back: the engine loses the base when the second
 * word faults. `displacement` is that of the first word. */
bool thumb_is_dual_into_base(uint16_t first, uint16_t second, int32_t *displacement);

/* IT block: number of instructions (1 to 4) that `first` makes conditional. */
unsigned thumb_it_length(uint16_t first);
/* ITSTATE for the instruction `index` (0 is the first) of the block. */
uint8_t thumb_it_state(uint16_t first, unsigned index);
/* ITSTATE for the instruction after the one with this; 0 after the last. */
uint8_t thumb_it_advance(uint8_t state);

/* What a store instruction writes, beat by beat in ascending addresses. */
struct thumb_store {
    unsigned beat_count;   /* 0: not a store */
    unsigned beat_bytes;   /* 1, 2 or 4 */
    bool is_fp;            /* registers are S registers */
    uint8_t registers[32]; /* one a beat */
};
struct thumb_store thumb_decode_store(uint16_t first, uint16_t second);
/* Base register of a store, and its index register if it has one. */
unsigned thumb_store_base(uint16_t first, uint16_t second);
bool thumb_store_index(uint16_t first, uint16_t second, unsigned *index);

/* Bytes that a load of more than one register reads; 0 for any other instruction. */
unsigned thumb_load_bytes(uint16_t first, uint16_t second);

/* Where the first beat of an access of more than one register goes, the lowest address: a base register
 * and a displacement. */
struct thumb_block {
    bool is_known;
    uint8_t base;
    int32_t displacement;
};
struct thumb_block thumb_block_address(uint16_t first, uint16_t second);

/* Address of a plain (not multiple) load or store that can be misaligned, or that is THUMB_UNPRIVILEGED. */
struct thumb_address {
    bool is_known;
    uint8_t bytes;      /* 1, 2 or 4 */
    uint8_t base;       /* register; 15 means (pc + 4) & ~3 */
    bool has_index;
    uint8_t index;
    uint8_t shift;      /* of the index */
    int32_t displacement;
};
struct thumb_address thumb_plain_address(uint16_t first, uint16_t second);

#endif
