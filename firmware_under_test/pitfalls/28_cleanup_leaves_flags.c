// An NMI handler that writes zeros over a bad double word, as EEPROM emulations do. Where that is
// refused, as over a double word that is zero already, three flags stand.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

#define DELETED LAST_PAGE

void NMI_Handler(void);

void NMI_Handler(void)
{
    FLASH_ECCR = ECCR_ECCD;
    FLASH_CR |= CR_PG;
    REG32(DELETED) = 0;
    REG32(DELETED + 4u) = 0;
    while (FLASH_SR & SR_BSY) {
    }
    FLASH_CR &= ~CR_PG;
#ifdef BAD
    // nothing more: it reads as zero, or the next erase heals it
#else
    FLASH_SR = SR_PROGERR | SR_PGAERR | SR_PGSERR;
#endif
    dsb();
}

int main(void)
{
    uart_init();
    (void)library_unlock();
    if (library_program(DELETED, 0, 0) != LIBRARY_OK) {
        finish_fail("a record could not be deleted");
    }
    uart_print("recovering\n");
    uart_flush();
    (void)REG32(DELETED);
    dsb();
    isb();
    const enum library_status status = library_program(LAST_PAGE + 8u, 1, 2);
    library_report("store", status);
    if (status != LIBRARY_OK) {
        finish_fail("not stored");
    }
    finish_pass();
}
