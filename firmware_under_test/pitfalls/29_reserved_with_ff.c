// A file system reserves a slot and fills it later. All ones read as blank, but the double word has
// got its check bits with them: it is used up.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define HEADER LAST_PAGE
#define SLOT (LAST_PAGE + 8u)

int main(void)
{
    uart_init();
    flash_unlock();
    uint32_t errors = flash_program(HEADER, 0x0000F11E, 8);
#ifdef BAD
    errors |= flash_program(SLOT, 0xFFFFFFFF, 0xFFFFFFFF);
#else
    // The header has reserved it; the slot stays as the erase left it.
#endif
    uart_print("reserved: errors 0x%x, slot %w\n", errors, REG32(SLOT));
    errors = flash_program(SLOT, 0x11223344, 0x55667788);
    uart_print("filled: errors 0x%x, slot %w\n", errors, REG32(SLOT));
    if (errors != 0) {
        finish_fail("the slot takes no data");
    }
    finish_pass();
}
