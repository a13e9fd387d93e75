// Pitfall 23: read protection raised to level 1 while a debugger is attached. A reload of the
// option bytes makes the chip look dead, and no reset helps. Let the next power-on load them,
// without the debugger.
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define OPTR_RDP 0x000000FFu
#define LEVEL_0 0xAAu
#define LEVEL_1 0xBBu

int main(void)
{
    uart_init();
    uart_print("RDP 0x%x\n", FLASH_OPTR & OPTR_RDP);
    if ((FLASH_OPTR & OPTR_RDP) != LEVEL_0) {
        finish_pass();
    }
    flash_unlock();
    FLASH_OPTKEYR = OPTKEYR_KEY1;
    FLASH_OPTKEYR = OPTKEYR_KEY2;
    FLASH_OPTR = (FLASH_OPTR & ~OPTR_RDP) | LEVEL_1;
    FLASH_CR |= CR_OPTSTRT;
    while (FLASH_SR & SR_BSY) {
    }
    uart_print("level 1 is set: off and on again, please\n");
    uart_flush();
#ifdef BAD
    FLASH_CR |= CR_OBL_LAUNCH;
#endif
    for (;;) {
        wfi();
    }
}
