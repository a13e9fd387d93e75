// Pitfall 11: PEMPTY still stands after a tool has programmed an empty part. The library takes it
// for an error of its first call, and "clears" it. Writing 1 to it toggles it: do that once, on
// purpose.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

int main(void)
{
    uart_init();
    uart_print("SR %w\n", FLASH_SR);
#ifdef BAD
    // straight on
#else
    if (FLASH_SR & SR_PEMPTY) {
        FLASH_SR = SR_PEMPTY;
    }
#endif
    (void)library_unlock();
    library_report("program", library_program(LAST_PAGE, 0x11111111, 0x22222222));
    if (REG32(LAST_PAGE) != 0x11111111) {
        finish_fail("not saved");
    }
    finish_pass();
}
