// Pitfall 3: after a reset CR is locked. A store to flash is refused then, without a fault.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

int main(void)
{
    uart_init();
#ifdef BAD
    // as if there were no lock
#else
    FLASH_KEYR = KEYR_KEY1;
    FLASH_KEYR = KEYR_KEY2;
#endif
    library_report("program", library_program(LAST_PAGE, 0x11111111, 0x22222222));
    library_lock();
    if (REG32(LAST_PAGE) != 0x11111111) {
        finish_fail("not saved");
    }
    finish_pass();
}
