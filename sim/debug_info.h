/* What the images' DWARF (else their symbols) says about an address: function, source line, and how
 * to step from a function to its caller. Several images at once: a boot loader and an application.
 */
#ifndef SIM_DEBUG_INFO_H
#define SIM_DEBUG_INFO_H

#include "sim/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct debug_info;

/* NULL and 0 stand for what is not known. The strings live as long as the debug_info. */
struct debug_place {
    const struct image *image;
    const char *function;
    uint32_t offset; /* from the beginning of its symbol */
    const char *path;
    const char *file; /* the path without folders */
    unsigned line;
    bool is_inlined; /* into the place that follows */
};

/* r0 to r12, SP, LR, PC. */
enum { DEBUG_SP = 13, DEBUG_LR = 14, DEBUG_PC = 15, DEBUG_REGISTERS = 16 };

/* Reads an aligned word of the machine's memory, without effects; false where there is none. */
typedef bool debug_read_word(void *context, uint32_t addr, uint32_t *word);

enum debug_unwind {
    DEBUG_UNWIND_DONE, /* the registers are the caller's */
    /* The same, except that the return address was taken from the LR as no rule says where it is:
     * right in a function that has made no call, else there is no caller. */
    DEBUG_UNWIND_DONE_BY_LR,
    DEBUG_UNWIND_UNKNOWN /* no description of the function, or its stack can not be read */
};

struct debug_info *debug_info_new(void);
void debug_info_free(struct debug_info *info);

/* The image stays the caller's and must outlive the debug_info. DWARF is read when first needed. */
bool debug_info_add(struct debug_info *info, const struct image *image, struct error *error);

/* Fills in the functions that contain addr, innermost first, inlined ones included, and returns how
 * many; 0 when no image knows the address. */
size_t debug_info_places(struct debug_info *info, uint32_t addr, struct debug_place *places,
                         size_t room);

/* "function (file.c:12)", "function+0x1A", or "" for an address: the innermost place. */
void debug_info_describe(struct debug_info *info, uint32_t addr, char *text, size_t size);

/* One step to the caller by .debug_frame or .eh_frame. `lookup_pc` is the instruction to look up:
 * the PC itself, or one before a return address. */
enum debug_unwind debug_info_unwind(struct debug_info *info, uint32_t lookup_pc,
                                    uint32_t registers[DEBUG_REGISTERS], debug_read_word *read,
                                    void *context);

#endif
