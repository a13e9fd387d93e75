// The ways in which a Cortex-M4 can store to memory: forms.S.
#ifndef STORES_FORMS_H
#define STORES_FORMS_H

#include <stdint.h>

#define STORE_WORDS 4u

struct store_form {
    const char *name;
    // Stores some of the four words at addr, word1 lowest. To be called with interrupts off: some
    // forms move SP to addr.
    void (*store)(uint32_t addr, uint32_t word1, uint32_t word2, uint32_t word3, uint32_t word4);
    uint32_t sr_without_pg; // flags with PG clear, locked or not
    uint32_t sr_with_pg;    // flags with PG set, on a blank page
    uint32_t sr_mask;       // unaligned stores: only SIZERR is certain
    uint32_t words;         // programmed at addr with PG set
};

extern const struct store_form store_forms[];
extern const struct store_form store_forms_end[];

#endif
