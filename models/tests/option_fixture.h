/* The steps of an option byte change by name, for the tests of it. */
#ifndef MODELS_TESTS_OPTION_FIXTURE_H
#define MODELS_TESTS_OPTION_FIXTURE_H

#include "models/tests/flash_fixture.h"

static inline struct soc *ready(const char *chip)
{
    struct soc *soc = power_on_flash(chip);
    unlock(soc);
    unlock_options(soc);
    return soc;
}

static inline void start_change(struct soc *soc)
{
    write32(soc, CR, OPTSTRT);
    wait_while_busy(soc);
}

/* What the machine does when a reset was requested. */
static inline void perform_reset(struct soc *soc)
{
    assert_true(soc->system.reset_requested);
    soc_reset(soc, soc->system.reset_cause);
}

static inline void launch(struct soc *soc)
{
    write32(soc, CR, OBL_LAUNCH);
    perform_reset(soc);
    unlock(soc);
    unlock_options(soc);
}

static inline void change_and_launch(struct soc *soc, uint32_t reg, uint32_t value)
{
    write32(soc, reg, value);
    start_change(soc);
    launch(soc);
}

#endif
