// Pitfall 24: going back from read protection level 1 to 0 erases all of main flash, the firmware
// that does it too. An option is changed on what OPTR holds: a whole value copied from an example
// has level 0 in it.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define OPTR_RDP 0x000000FFu
#define LEVEL_0 0xAAu
#define LEVEL_1 0xBBu
#define OPTR_IWDG_STDBY 0x00040000u

static void program_and_load(uint32_t optr)
{
    uart_print("loading %w\n", optr);
    uart_flush();
    flash_unlock();
    FLASH_OPTKEYR = OPTKEYR_KEY1;
    FLASH_OPTKEYR = OPTKEYR_KEY2;
    FLASH_OPTR = optr;
    FLASH_CR |= CR_OPTSTRT;
    while (FLASH_SR & SR_BSY) {
    }
    FLASH_CR |= CR_OBL_LAUNCH;
    for (;;) {
    }
}

int main(void)
{
    uart_init();
    const uint32_t optr = FLASH_OPTR;
    uart_print("OPTR %w\n", optr);
    if ((optr & OPTR_RDP) == LEVEL_0) { // in production: a serial number, then protection
        flash_unlock();
        (void)flash_program(LAST_PAGE, 0x00001234, 0);
        program_and_load((optr & ~OPTR_RDP) | LEVEL_1);
    }
    if (optr & OPTR_IWDG_STDBY) { // and this is a change in the field
#ifdef BAD
        program_and_load(0xFFEBF8AA);
#else
        program_and_load(optr & ~OPTR_IWDG_STDBY);
#endif
    }
    finish_pass();
}
