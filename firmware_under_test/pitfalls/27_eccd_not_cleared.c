// The NMI of a torn double word is level-like: with ECCD still set it comes again at once.
#include <stdbool.h>

#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define VALUE 0x00C0FFEEu

void NMI_Handler(void);

static volatile bool is_torn;

void NMI_Handler(void)
{
    is_torn = true;
#ifdef BAD
    // main will see to it
#else
    FLASH_ECCR = ECCR_ECCD;
#endif
    dsb();
}

int main(void)
{
    uart_init();
    flash_unlock();
    const uint32_t low = REG32(LAST_PAGE);
    dsb();
    isb();
    if (is_torn || low != VALUE) {
        FLASH_ECCR = ECCR_ECCD;
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
