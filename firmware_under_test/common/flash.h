// Polled flash driver for main flash, the steps of RM0394 3.3.5-3.3.7 in the manual's order. Runs
// from flash: on one bank the core stalls until the operation has ended.
#ifndef COMMON_FLASH_H
#define COMMON_FLASH_H

#include <stdint.h>

void flash_unlock(void);
void flash_lock(void);
void flash_clear_errors(void);
// Both return the error flags of FLASH_SR, 0 for success.
uint32_t flash_erase_page(uint32_t addr);
uint32_t flash_program(uint32_t addr, uint32_t low, uint32_t high);
// RM0394 3.3.4: erase leaves old data in the caches; they are emptied only while disabled.
void flash_flush_caches(void);
// Value of CR that erases the page at addr, without STRT.
uint32_t flash_erase_command(uint32_t addr);

#endif
