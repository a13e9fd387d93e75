/* Flash calls in the register order of the vendor's library, error handling included (L4
 * sheet 14.1): what most firmware in the field does. No CPU: a "call" is the accesses it makes. */
#ifndef MODELS_TESTS_HAL_FIXTURE_H
#define MODELS_TESTS_HAL_FIXTURE_H

#include "models/tests/flash_fixture.h"

enum hal_status { HAL_OK, HAL_ERROR, HAL_BUSY };
enum { HAL_ICEN = 1 << 9, HAL_DCEN = 1 << 10, HAL_ICRST = 1 << 11, HAL_DCRST = 1 << 12 };
enum { HAL_BANK_1 = 1, HAL_BANK_2 = 2 };

struct hal {
    struct soc *soc;
    uint32_t error_mask; /* L4 sheet 2.2 */
    uint32_t error_code;
    bool is_dual_bank;
    bool is_in_call;    /* the library's software lock */
    unsigned callbacks; /* of the interrupt versions */
};

static inline struct hal hal_for(struct soc *soc)
{
    struct hal hal = {.soc = soc, .error_mask = 0xC3FA};
    if (soc->chip->flash.has_empty_check)
        hal.error_mask |= PEMPTY;
    hal.is_dual_bank = soc->chip->flash.bank_count == 2;
    return hal;
}

static inline void hal_set(struct hal *hal, uint32_t reg, uint32_t bits)
{
    write32(hal->soc, reg, read32(hal->soc, reg) | bits);
}

static inline void hal_clear(struct hal *hal, uint32_t reg, uint32_t bits)
{
    write32(hal->soc, reg, read32(hal->soc, reg) & ~bits);
}

static inline enum hal_status hal_unlock(struct hal *hal)
{
    if (!(read32(hal->soc, CR) & LOCK))
        return HAL_OK;
    unlock(hal->soc);
    return read32(hal->soc, CR) & LOCK ? HAL_ERROR : HAL_OK;
}

static inline void hal_lock(struct hal *hal)
{
    hal_set(hal, CR, LOCK);
}

static inline enum hal_status hal_wait(struct hal *hal)
{
    wait_while_busy(hal->soc);
    uint32_t errors = read32(hal->soc, SR) & hal->error_mask;
    if (errors) {
        hal->error_code |= errors;
        write32(hal->soc, SR, errors);
        return HAL_ERROR;
    }
    if (read32(hal->soc, SR) & 1)
        write32(hal->soc, SR, 1);
    return HAL_OK;
}

/* Takes the software lock and looks for flags that stand from before. */
static inline enum hal_status hal_enter(struct hal *hal)
{
    if (hal->is_in_call)
        return HAL_BUSY;
    hal->error_code = 0;
    return hal_wait(hal);
}

static inline void hal_flush_data(struct hal *hal, bool was_on)
{
    if (!was_on)
        return;
    hal_set(hal, ACR, HAL_DCRST);
    hal_clear(hal, ACR, HAL_DCRST);
    hal_set(hal, ACR, HAL_DCEN);
}

static inline bool hal_data_cache_off(struct hal *hal)
{
    bool was_on = read32(hal->soc, ACR) & HAL_DCEN;
    if (was_on)
        hal_clear(hal, ACR, HAL_DCEN);
    return was_on;
}

static inline enum hal_status hal_program(struct hal *hal, uint32_t addr, uint64_t data)
{
    enum hal_status status = hal_enter(hal);
    if (status != HAL_OK)
        return status;
    bool was_on = hal_data_cache_off(hal);
    hal_set(hal, CR, PG);
    store_doubleword(hal->soc, addr, data);
    status = hal_wait(hal);
    hal_clear(hal, CR, PG);
    hal_flush_data(hal, was_on);
    return status;
}

/* A whole row, FSTPG cleared at its end ("fast and last"). */
static inline enum hal_status hal_program_row(struct hal *hal, uint32_t addr, uint32_t words)
{
    enum hal_status status = hal_enter(hal);
    if (status != HAL_OK)
        return status;
    bool was_on = hal_data_cache_off(hal);
    hal_set(hal, CR, FSTPG);
    for (uint32_t i = 0; i < words; i++)
        write32(hal->soc, addr + 4 * i, i + 1);
    status = hal_wait(hal);
    hal_clear(hal, CR, FSTPG);
    hal_flush_data(hal, was_on);
    return status;
}

/* PNB, PER, STRT in writes of their own; any bank but 1 means bank 2. */
static inline void hal_start_page_erase(struct hal *hal, uint32_t banks, uint32_t page)
{
    if (hal->is_dual_bank && (banks & HAL_BANK_1))
        hal_clear(hal, CR, BKER);
    else if (hal->is_dual_bank)
        hal_set(hal, CR, BKER);
    write32(hal->soc, CR, (read32(hal->soc, CR) & ~(0xFFu << 3)) | (page & 0xFF) << 3);
    hal_set(hal, CR, PER);
    hal_set(hal, CR, STRT);
}

static inline enum hal_status hal_erase_page(struct hal *hal, uint32_t banks, uint32_t page)
{
    enum hal_status status = hal_enter(hal);
    if (status != HAL_OK)
        return status;
    bool was_on = hal_data_cache_off(hal);
    hal_start_page_erase(hal, banks, page);
    status = hal_wait(hal);
    hal_clear(hal, CR, PER | 0xFF << 3);
    hal_clear(hal, ACR, HAL_ICEN);
    hal_set(hal, ACR, HAL_ICRST);
    hal_clear(hal, ACR, HAL_ICRST);
    hal_set(hal, ACR, HAL_ICEN);
    hal_flush_data(hal, was_on);
    return status;
}

static inline enum hal_status hal_mass_erase(struct hal *hal, uint32_t mer)
{
    enum hal_status status = hal_enter(hal);
    if (status != HAL_OK)
        return status;
    hal_set(hal, CR, mer);
    hal_set(hal, CR, STRT);
    status = hal_wait(hal);
    hal_clear(hal, CR, mer);
    return status;
}

/* The interrupt version: neither waits nor looks for flags, and keeps the software lock. */
static inline enum hal_status hal_erase_page_it(struct hal *hal, uint32_t banks, uint32_t page)
{
    if (hal->is_in_call)
        return HAL_BUSY;
    hal->is_in_call = true;
    hal->error_code = 0;
    hal_set(hal, CR, EOPIE | ERRIE);
    hal_start_page_erase(hal, banks, page);
    return HAL_OK;
}

static inline void hal_irq_handler(struct hal *hal)
{
    hal_clear(hal, CR, PG | PER | MER1 | 0xFF << 3);
    uint32_t sr = read32(hal->soc, SR);
    hal->error_code |= sr & hal->error_mask;
    write32(hal->soc, SR, sr & (hal->error_mask | 1));
    hal_clear(hal, CR, EOPIE | ERRIE);
    hal->callbacks++;
    hal->is_in_call = false;
}

/* Two keys and no look at LOCK: called first, it runs into L4 sheet 3.4. */
static inline enum hal_status hal_option_unlock(struct hal *hal)
{
    if (!(read32(hal->soc, CR) & OPTLOCK))
        return HAL_ERROR;
    unlock_options(hal->soc);
    return HAL_OK;
}

static inline enum hal_status hal_option_program(struct hal *hal, uint32_t reg, uint32_t value)
{
    enum hal_status status = hal_enter(hal);
    if (status != HAL_OK)
        return status;
    write32(hal->soc, reg, value);
    hal_set(hal, CR, OPTSTRT);
    status = hal_wait(hal);
    hal_clear(hal, CR, OPTSTRT);
    return status;
}

#endif
