/* Names of the phases, as scenarios and replay lines write them. */
#include "models/flash.h"

#include <assert.h>
#include <string.h>

static const char *const names[FLASH_PHASE_COUNT] = {
    [FLASH_PHASE_BEFORE] = "before", [FLASH_PHASE_LATCHED] = "latched",
    [FLASH_PHASE_EARLY] = "early",   [FLASH_PHASE_MID] = "mid",
    [FLASH_PHASE_PULSE] = "pulse",   [FLASH_PHASE_ECC] = "ecc",
    [FLASH_PHASE_LATE] = "late",     [FLASH_PHASE_DONE] = "done",
};

const char *flash_phase_name(enum flash_phase phase)
{
    assert(phase < FLASH_PHASE_COUNT);
    return names[phase];
}

enum flash_phase flash_phase_find(const char *name)
{
    for (unsigned phase = 0; phase < FLASH_PHASE_COUNT; phase++)
        if (strcmp(names[phase], name) == 0)
            return (enum flash_phase)phase;
    return FLASH_PHASE_COUNT;
}
