// Pitfall 1: a flag that stands from before, left by a loader or by other code, is reported by the
// library's first call, which does nothing else. Start from a clean SR.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

int main(void)
{
    uart_init();
    uart_print("SR %w\n", FLASH_SR);
    (void)library_unlock();
#ifdef BAD
    // straight on
#else
    FLASH_SR = SR_ERRORS;
#endif
    library_report("program", library_program(LAST_PAGE, 0x11111111, 0x22222222));
    library_lock();
    if (REG32(LAST_PAGE) != 0x11111111) {
        finish_fail("not saved");
    }
    finish_pass();
}
