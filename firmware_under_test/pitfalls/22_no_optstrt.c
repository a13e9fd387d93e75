// Pitfall 22: writing OPTR changes the register only. Without OPTSTRT the option bytes stay as they
// were and the next load brings them back.
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define OPTR_IWDG_STDBY 0x00040000u // 0: the watchdog stands still in Standby

int main(void)
{
    uart_init();
    uart_print("OPTR %w\n", FLASH_OPTR);
    if (!(FLASH_OPTR & OPTR_IWDG_STDBY)) {
        finish_pass();
    }
    flash_unlock();
    FLASH_OPTKEYR = OPTKEYR_KEY1;
    FLASH_OPTKEYR = OPTKEYR_KEY2;
    FLASH_OPTR &= ~OPTR_IWDG_STDBY;
#ifdef BAD
    // it reads back as written
#else
    FLASH_CR |= CR_OPTSTRT;
    while (FLASH_SR & SR_BSY) {
    }
#endif
    uart_print("written: OPTR %w\n", FLASH_OPTR);
    for (;;) {
        wfi(); // until power goes
    }
}
