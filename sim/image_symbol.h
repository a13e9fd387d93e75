/* The symbols of one image: address -> function, name -> address. Filled by image.c. */
#ifndef SIM_IMAGE_SYMBOL_H
#define SIM_IMAGE_SYMBOL_H

#include "sim/core/error.h"

#include <stddef.h>
#include <stdint.h>

enum image_symbol_type { IMAGE_SYMBOL_FUNCTION, IMAGE_SYMBOL_OBJECT, IMAGE_SYMBOL_LABEL };
enum image_symbol_binding { IMAGE_SYMBOL_GLOBAL, IMAGE_SYMBOL_LOCAL, IMAGE_SYMBOL_WEAK };

struct image_symbol {
    const char *name;
    const char *file;     /* source file of a local symbol, as the symbol table says; else NULL */
    uint32_t addr;        /* the Thumb bit of a function is cleared */
    uint32_t size;        /* 0: unknown (a label) */
    uint32_t section_end; /* address after its section; 0 for an absolute symbol (`_estack`) */
    enum image_symbol_type type;
    enum image_symbol_binding binding;
};

struct image_symbols {
    struct image_symbol *items; /* sorted by address, best name first at equal addresses */
    uint64_t *reach;            /* greatest end of any sized symbol up to and including this one */
    size_t count;
};

/* Sorts the items and builds `reach`. */
bool image_symbol_index(struct image_symbols *symbols);

/* The innermost sized symbol that contains addr, else the nearest label below it in the same
 * section, else NULL. Absolute symbols are no places. */
const struct image_symbol *image_symbol_at(const struct image_symbols *symbols, uint32_t addr);

/* By name, or by `file.c:name` for a local symbol. A global one hides local ones of that name.
 * NULL with a message when there is none, or when several local ones bear the name. */
const struct image_symbol *image_symbol_named(const struct image_symbols *symbols, const char *name,
                                              struct error *error);

#endif
