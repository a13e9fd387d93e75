// A reset tears a double word; the next read of it raises the NMI.
#include <stdbool.h>

#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

static volatile bool is_torn;

#ifdef BAD
// None: the handler of the start-up file is an endless loop.
#else
void NMI_Handler(void);

void NMI_Handler(void)
{
    is_torn = true;
    FLASH_ECCR = ECCR_ECCD;
    dsb();
}
#endif

int main(void)
{
    uart_init();
    flash_unlock();
    const uint32_t low = REG32(LAST_PAGE);
    dsb();
    isb();
    if (is_torn && flash_erase_page(LAST_PAGE) != 0) {
        finish_fail("the page can not be erased");
    }
    if (is_torn || low == 0xFFFFFFFFu) {
        uart_print("storing\n");
        uart_flush();
        (void)flash_program(LAST_PAGE, 0x00C0FFEE, 0);
    }
    if (REG32(LAST_PAGE) != 0x00C0FFEEu) {
        finish_fail("not stored");
    }
    finish_pass();
}
