#include "pitfalls/library.h"

#include <stdbool.h>

#include "common/chip.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define ERROR_MASK (SR_ERRORS | (HAS_PEMPTY ? SR_PEMPTY : 0u))

uint32_t library_error;
volatile uint32_t library_callbacks;
static volatile bool is_in_call;

enum library_status library_unlock(void)
{
    if (!(FLASH_CR & CR_LOCK)) {
        return LIBRARY_OK;
    }
    FLASH_KEYR = KEYR_KEY1;
    FLASH_KEYR = KEYR_KEY2;
    return FLASH_CR & CR_LOCK ? LIBRARY_ERROR : LIBRARY_OK;
}

void library_lock(void)
{
    FLASH_CR |= CR_LOCK;
}

enum library_status library_option_unlock(void)
{
    if (!(FLASH_CR & CR_OPTLOCK)) {
        return LIBRARY_ERROR;
    }
    FLASH_OPTKEYR = OPTKEYR_KEY1;
    FLASH_OPTKEYR = OPTKEYR_KEY2;
    return LIBRARY_OK;
}

static enum library_status wait_and_look(void)
{
    while (FLASH_SR & SR_BSY) {
    }
    const uint32_t errors = FLASH_SR & ERROR_MASK;
    if (errors != 0) {
        library_error |= errors;
        FLASH_SR = errors;
        return LIBRARY_ERROR;
    }
    if (FLASH_SR & SR_EOP) {
        FLASH_SR = SR_EOP;
    }
    return LIBRARY_OK;
}

static enum library_status enter(void)
{
    if (is_in_call) {
        return LIBRARY_BUSY;
    }
    is_in_call = true;
    library_error = 0;
    return wait_and_look();
}

static enum library_status leave(enum library_status status)
{
    if (status != LIBRARY_BUSY) {
        is_in_call = false;
    }
    return status;
}

enum library_status library_program(uint32_t addr, uint32_t low, uint32_t high)
{
    enum library_status status = enter();
    if (status != LIBRARY_OK) {
        return leave(status);
    }
    FLASH_CR |= CR_PG;
    REG32(addr) = low;
    isb();
    REG32(addr + 4) = high;
    status = wait_and_look();
    FLASH_CR &= ~CR_PG;
    return leave(status);
}

static void start_erase(uint32_t bank, uint32_t page)
{
#if HAS_TWO_BANKS
    if (bank == 1) {
        FLASH_CR &= ~CR_BKER;
    } else {
        FLASH_CR |= CR_BKER;
    }
#else
    (void)bank;
#endif
    FLASH_CR = (FLASH_CR & ~CR_PNB(0xFF)) | CR_PNB(page & 0xFF);
    FLASH_CR |= CR_PER;
    FLASH_CR |= CR_STRT;
}

enum library_status library_erase(uint32_t bank, uint32_t page)
{
    enum library_status status = enter();
    if (status != LIBRARY_OK) {
        return leave(status);
    }
    start_erase(bank, page);
    status = wait_and_look();
    FLASH_CR &= ~(CR_PER | CR_PNB(0xFF));
    flash_flush_caches();
    return leave(status);
}

enum library_status library_erase_it(uint32_t bank, uint32_t page)
{
    if (is_in_call) {
        return LIBRARY_BUSY;
    }
    is_in_call = true;
    library_error = 0;
    FLASH_CR |= CR_EOPIE | CR_ERRIE;
    start_erase(bank, page);
    return LIBRARY_OK;
}

void library_irq(void)
{
    FLASH_CR &= ~(CR_PG | CR_PER | CR_MER1 | CR_PNB(0xFF));
    const uint32_t sr = FLASH_SR;
    library_error |= sr & ERROR_MASK;
    FLASH_SR = sr & (ERROR_MASK | SR_EOP);
    FLASH_CR &= ~(CR_EOPIE | CR_ERRIE);
    library_callbacks++;
    is_in_call = false;
    dsb();
}

void library_report(const char *name, enum library_status status)
{
    uart_print("%s: status %u code 0x%x\n", name, (uint32_t)status, library_error);
}
