#include "common/flash.h"

#include "common/chip.h"
#include "common/regs.h"

static void wait_not_busy(void)
{
    while (FLASH_SR & SR_BSY) {
    }
}

void flash_unlock(void)
{
    // A key written while already unlocked is a wrong sequence: bus error, locked until reset.
    if (FLASH_CR & CR_LOCK) {
        FLASH_KEYR = KEYR_KEY1;
        FLASH_KEYR = KEYR_KEY2;
    }
}

void flash_lock(void)
{
    FLASH_CR |= CR_LOCK;
}

void flash_clear_errors(void)
{
    FLASH_SR = SR_ERRORS | SR_EOP;
}

uint32_t flash_erase_command(uint32_t addr)
{
    const uint32_t offset = addr - FLASH_START;
    const uint32_t bank = offset / BANK_BYTES ? CR_BKER : 0;
    return CR_PER | CR_PNB(offset % BANK_BYTES / PAGE_BYTES) | bank;
}

uint32_t flash_erase_page(uint32_t addr)
{
    wait_not_busy();
    flash_clear_errors();
    FLASH_CR = flash_erase_command(addr);
    FLASH_CR |= CR_STRT;
    wait_not_busy();
    const uint32_t errors = FLASH_SR & SR_ERRORS;
    FLASH_CR = 0;
    flash_flush_caches();
    return errors;
}

uint32_t flash_program(uint32_t addr, uint32_t low, uint32_t high)
{
    wait_not_busy();
    flash_clear_errors();
    FLASH_CR = CR_PG;
    REG32(addr) = low;
    isb(); // keeps the two words in order
    REG32(addr + 4) = high;
    wait_not_busy();
    const uint32_t errors = FLASH_SR & SR_ERRORS;
    FLASH_CR = 0;
    return errors;
}

void flash_flush_caches(void)
{
    const uint32_t acr = FLASH_ACR;
    FLASH_ACR = acr & ~(ACR_ICEN | ACR_DCEN);
    FLASH_ACR = (acr & ~(ACR_ICEN | ACR_DCEN)) | ACR_ICRST | ACR_DCRST;
    FLASH_ACR = acr;
}
