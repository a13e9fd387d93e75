// Pitfall 21: the keys in the wrong order are a HardFault, and no key opens CR before the next
// reset: trying again does not help.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

void HardFault_Handler(void);

// The stores are buffered: the fault is imprecise, and the program can go on behind it.
void HardFault_Handler(void)
{
    uart_print("HardFault CFSR %w\n", SCB_CFSR);
    SCB_CFSR = SCB_CFSR;
    SCB_HFSR = SCB_HFSR;
    dsb();
}

int main(void)
{
    uart_init();
#ifdef BAD
    FLASH_KEYR = KEYR_KEY2;
    FLASH_KEYR = KEYR_KEY1;
#else
    FLASH_KEYR = KEYR_KEY1;
    FLASH_KEYR = KEYR_KEY2;
#endif
    dsb();
    uart_print("CR %w\n", FLASH_CR);
    library_report("unlock, if still locked", library_unlock());
    library_report("program", library_program(LAST_PAGE, 0x11111111, 0x22222222));
    if (REG32(LAST_PAGE) != 0x11111111) {
        finish_fail("not saved");
    }
    finish_pass();
}
