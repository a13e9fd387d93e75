// What every application does first: unlock, erase, program. What the first call finds depends on
// how the chip was started: empty when power came, option bytes in doubt, by a debugger without a
// reset.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

#define PAGE ((LAST_PAGE - FLASH_START) / PAGE_BYTES)

int main(void)
{
    uart_init();
    uart_print("SR %w CR %w\n", FLASH_SR, FLASH_CR);
    library_report("unlock", library_unlock());
    library_report("erase 1", library_erase(1, PAGE));
    library_report("erase 2", library_erase(1, PAGE));
    FLASH_CR &= ~CR_PG; // a loader may have left it
    library_report("program 1", library_program(LAST_PAGE, 1, 2));
    library_report("program 2", library_program(LAST_PAGE + 8u, 3, 4));
    library_report("program again", library_program(LAST_PAGE + 8u, 3, 4));
    uart_print("data %w %w %w %w\n", REG32(LAST_PAGE), REG32(LAST_PAGE + 4u), REG32(LAST_PAGE + 8u),
               REG32(LAST_PAGE + 12u));
    finish_pass();
}
