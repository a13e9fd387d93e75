// A flash driver with the habits of the vendor's library: it looks for flags that stand from
// before, clears what it finds and gives up; it changes CR bit by bit; it keeps a lock of its own.
// Written for the mistakes that users make around it; ../common/flash.h is the driver to copy.
#ifndef PITFALLS_LIBRARY_H
#define PITFALLS_LIBRARY_H

#include <stdint.h>

enum library_status { LIBRARY_OK, LIBRARY_ERROR, LIBRARY_BUSY };

extern uint32_t library_error;              // flags that the last call found
extern volatile uint32_t library_callbacks; // of the interrupt version

enum library_status library_unlock(void);
void library_lock(void);
enum library_status library_program(uint32_t addr, uint32_t low, uint32_t high);
// Takes bank 1 or 2 and a page of which it keeps 8 bits.
enum library_status library_erase(uint32_t bank, uint32_t page);
// Starts and returns; library_irq() ends it.
enum library_status library_erase_it(uint32_t bank, uint32_t page);
void library_irq(void);
// Does not look whether CR is unlocked.
enum library_status library_option_unlock(void);
// "name: status 1 code 0x20000"
void library_report(const char *name, enum library_status status);

#endif
