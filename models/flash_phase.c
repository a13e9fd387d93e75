/* The phases of each kind of operation, as spans of its time. */
#include "models/flash_phase.h"

#include <assert.h>
#include <stddef.h>

enum { WHOLE = 1000 };

/* In 1/1000 of the operation's time. The last one ends at WHOLE. */
struct span {
    enum flash_phase phase;
    uint16_t begin, end;
};

// clang-format off
static const struct span program[] = {
    {FLASH_PHASE_BEFORE, 0, 0},
    {FLASH_PHASE_LATCHED, 0, 40},
    {FLASH_PHASE_EARLY, 40, 80},
    {FLASH_PHASE_PULSE, 80, 840},
    {FLASH_PHASE_ECC, 840, 920},
    {FLASH_PHASE_LATE, 920, 970},
    {FLASH_PHASE_DONE, 970, WHOLE},
};

static const struct span erase[] = {
    {FLASH_PHASE_BEFORE, 0, 20},
    {FLASH_PHASE_EARLY, 20, 350},
    {FLASH_PHASE_MID, 350, 750},
    {FLASH_PHASE_LATE, 750, 970},
    {FLASH_PHASE_DONE, 970, WHOLE},
};

/* L4 sheet 11.2.3: an erase of the option page, then its words one by one. */
static const struct span option_change[] = {
    {FLASH_PHASE_BEFORE, 0, 10},
    {FLASH_PHASE_EARLY, 10, 175},
    {FLASH_PHASE_MID, 175, 375},
    {FLASH_PHASE_LATE, 375, 500},
    {FLASH_PHASE_PULSE, 500, 940},
    {FLASH_PHASE_ECC, 940, 970},
    {FLASH_PHASE_DONE, 970, WHOLE},
};

static const struct span *const spans_of[FLASH_OPERATION_COUNT] = {
    [FLASH_OPERATION_PROGRAM] = program,
    [FLASH_OPERATION_ROW] = program,
    [FLASH_OPERATION_PAGE_ERASE] = erase,
    [FLASH_OPERATION_MASS_ERASE] = erase,
    [FLASH_OPERATION_BANK_ERASE] = erase,
    [FLASH_OPERATION_OPTION_CHANGE] = option_change,
};
// clang-format on

static const struct span *find(enum flash_operation operation, enum flash_phase phase)
{
    for (const struct span *span = spans_of[operation]; span; span++) {
        if (span->phase == phase)
            return span;
        if (span->end == WHOLE)
            break;
    }
    return NULL;
}

bool flash_phase_exists(enum flash_operation operation, enum flash_phase phase)
{
    return find(operation, phase) != NULL;
}

struct flash_cut flash_phase_at(enum flash_operation operation, uint64_t elapsed_ps,
                                uint64_t length_ps)
{
    if (elapsed_ps >= length_ps)
        return (struct flash_cut){.phase = FLASH_PHASE_DONE, .k = 1, .n = FLASH_PULSE_COUNT};
    uint64_t part = elapsed_ps * WHOLE / length_ps;
    const struct span *span = spans_of[operation];
    while (part >= span->end)
        span++;
    struct flash_cut found = {.phase = span->phase, .k = 1, .n = FLASH_PULSE_COUNT};
    if (span->phase == FLASH_PHASE_PULSE)
        found.k += (unsigned)((part - span->begin) * found.n / (uint64_t)(span->end - span->begin));
    return found;
}

uint64_t flash_phase_moment_ps(enum flash_operation operation, const struct flash_cut *moment,
                               uint64_t length_ps)
{
    const struct span *span = find(operation, moment->phase);
    assert(span && "the operation has this phase");
    uint64_t length = (uint64_t)(span->end - span->begin);
    uint64_t part = span->begin + length / 2;
    if (moment->phase == FLASH_PHASE_BEFORE)
        part = span->begin;
    else if (moment->phase == FLASH_PHASE_DONE)
        part = span->end;
    else if (moment->phase == FLASH_PHASE_PULSE)
        part = span->begin + (2 * moment->k - 1) * length / (2 * moment->n);
    return length_ps * part / WHOLE;
}

struct flash_row_moment flash_phase_in_row(const struct flash_cut *moment, unsigned unit_count)
{
    struct flash_row_moment found = {.moment = *moment};
    switch (moment->phase) {
    case FLASH_PHASE_PULSE:
        found.unit = (2 * moment->k - 1) * unit_count / (2 * moment->n);
        break;
    case FLASH_PHASE_ECC:
    case FLASH_PHASE_LATE:
    case FLASH_PHASE_DONE:
        found.unit = unit_count - 1;
        break;
    case FLASH_PHASE_BEFORE:
    case FLASH_PHASE_LATCHED:
    case FLASH_PHASE_EARLY:
    case FLASH_PHASE_MID:
    case FLASH_PHASE_COUNT:
        break;
    }
    return found;
}
