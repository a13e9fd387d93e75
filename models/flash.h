/* What the machine may ask of any family's flash controller: where an operation can be cut, and
 * what the flash is doing now. The functions are in the controller's own header (flash_l4.h). */
#ifndef MODELS_FLASH_H
#define MODELS_FLASH_H

#include <stdbool.h>
#include <stdint.h>

/* Kinds of operation. The numbers are the `value` of flash.erase_start and flash.option_start. */
enum flash_operation {
    FLASH_OPERATION_NONE,
    FLASH_OPERATION_PROGRAM, /* one double word, also of a row */
    FLASH_OPERATION_ROW,     /* fast programming of a row, its double words together */
    FLASH_OPERATION_PAGE_ERASE,
    FLASH_OPERATION_MASS_ERASE, /* all banks */
    FLASH_OPERATION_OPTION_CHANGE,
    FLASH_OPERATION_BANK_ERASE, /* one of two */
    FLASH_OPERATION_COUNT
};

/* The moments of an operation at which a cut or a reset may land. The cells that each leaves are
 * told in the head of flash_array_operations.c. */
enum flash_phase {
    FLASH_PHASE_BEFORE,  /* nothing has begun */
    FLASH_PHASE_LATCHED, /* program: data in the buffer, the pulse not begun */
    FLASH_PHASE_EARLY,
    FLASH_PHASE_MID,   /* erase only */
    FLASH_PHASE_PULSE, /* program and option change: pulse k of n */
    FLASH_PHASE_ECC,   /* program: data complete, check bits not */
    FLASH_PHASE_LATE,  /* reads as finished, but marginal */
    FLASH_PHASE_DONE,  /* cells complete, the flag not yet seen by the firmware */
    FLASH_PHASE_COUNT
};

enum { FLASH_PULSE_COUNT = 4 }; /* n, unless the scenario says otherwise */

struct flash_cut {
    enum flash_phase phase;
    unsigned k, n; /* FLASH_PHASE_PULSE: 1 <= k <= n */
};

/* "before", "pulse", ...; FLASH_PHASE_COUNT when there is no such name. */
const char *flash_phase_name(enum flash_phase phase);
enum flash_phase flash_phase_find(const char *name);

/* A copy of what the controller is doing, for fault reports and cuts. */
struct flash_activity {
    const char *kind; /* "idle", "program", "page erase", ... */
    enum flash_operation operation;
    bool is_busy;
    uint32_t op;   /* ordinal, as in the trace */
    uint32_t addr; /* first byte under operation */
    uint32_t size;
    uint64_t started_ps;
    uint64_t ends_ps;
    struct flash_cut phase; /* what a cut now would hit */
    bool is_locked;
    bool is_locked_out;    /* by a wrong key sequence, until the next reset */
    bool has_pending_word; /* the first word of a double word waits for the second */
    uint32_t pending_addr;
    uint32_t sr, cr, eccr; /* as the registers would read */
};

#endif
