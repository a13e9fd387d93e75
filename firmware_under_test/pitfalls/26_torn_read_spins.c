// A reset tears a double word; the next read of it raises the NMI.
#include <stdbool.h>

#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define VALUE 0x00C0FFEEu

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
    if (is_torn || low != VALUE) {
        uart_print("storing\n");
        uart_flush();
        (void)flash_erase_page(LAST_PAGE);
        (void)flash_program(LAST_PAGE, VALUE, 0);
    }
    if (REG32(LAST_PAGE) != VALUE) {
        finish_fail("not stored");
    }
    finish_pass();
}
