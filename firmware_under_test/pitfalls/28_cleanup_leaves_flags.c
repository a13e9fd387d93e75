// The clean-up of an EEPROM emulation writes zeros over what is not valid. Over an element that is
// zero already they may be refused; then three flags stand.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

#define ELEMENT LAST_PAGE
#define NEXT (LAST_PAGE + 8u)

static void clean_up(uint32_t addr)
{
    FLASH_CR |= CR_PG;
    REG32(addr) = 0;
    isb();
    REG32(addr + 4u) = 0;
    while (FLASH_SR & SR_BSY) {
    }
    FLASH_CR &= ~CR_PG;
#ifdef BAD
    // nothing more: it reads as zero
#else
    FLASH_SR = SR_PROGERR | SR_PGAERR | SR_PGSERR;
#endif
}

int main(void)
{
    uart_init();
    (void)library_unlock();
    if (library_program(ELEMENT, 0, 0) != LIBRARY_OK) {
        finish_fail("the element could not be deleted");
    }
    clean_up(ELEMENT);
    const enum library_status status = library_program(NEXT, 1, 2);
    library_report("store", status);
    if (status != LIBRARY_OK) {
        finish_fail("not stored");
    }
    finish_pass();
}
