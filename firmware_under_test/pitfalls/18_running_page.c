// Pitfall 18: the page that is erased holds the vectors and the code that runs. The next
// instruction reads 0xFFFF, so does the HardFault vector: lockup.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

#ifdef BAD
#define PAGE 0u // "the first page", as in the data sheet of the EEPROM that was there before
#else
#define PAGE ((LAST_PAGE - FLASH_START) / PAGE_BYTES)
#endif
#define SETTINGS (FLASH_START + PAGE * PAGE_BYTES)

int main(void)
{
    uart_init();
    uart_print("saving\n");
    uart_flush();
    (void)library_unlock();
    library_report("erase", library_erase(1, PAGE));
    library_report("program", library_program(SETTINGS, 0x11111111, 0x22222222));
    library_lock();
    if (REG32(SETTINGS) != 0x11111111) {
        finish_fail("not saved");
    }
    finish_pass();
}
