// Pitfall 13: early silicon sets OPTVERR at each load of the option bytes though nothing is wrong
// with them. The library's first call fails for it. Clear it before.
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
    FLASH_SR = SR_OPTVERR;
#endif
    library_report("program", library_program(LAST_PAGE, 0x11111111, 0x22222222));
    library_lock();
    if (REG32(LAST_PAGE) != 0x11111111) {
        finish_fail("not saved");
    }
    finish_pass();
}
