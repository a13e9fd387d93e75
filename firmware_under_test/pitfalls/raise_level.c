// Raises the read protection to level 1 and reloads the option bytes.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

int main(void)
{
    uart_init();
    uart_print("RDP 0x%x\n", FLASH_OPTR & 0xFFu);
    uart_flush();
    if ((FLASH_OPTR & 0xFFu) != 0xAAu) {
        finish_pass();
    }
    flash_unlock();
    FLASH_OPTKEYR = OPTKEYR_KEY1;
    FLASH_OPTKEYR = OPTKEYR_KEY2;
    FLASH_OPTR = (FLASH_OPTR & ~0xFFu) | 0xBBu;
    FLASH_CR |= CR_OPTSTRT;
    while (FLASH_SR & SR_BSY) {
    }
    FLASH_CR |= CR_OBL_LAUNCH;
    for (;;) {
    }
}
