// Raises the brown-out level in the option bytes and reloads them. What is not meant to change must
// be written back as it is: protection level and boot bits are in the same word.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define OPTR_BOR_LEV 0x00000700u
#define BOR_LEV_3 0x00000300u

int main(void)
{
    uart_init();
    const uint32_t optr = FLASH_OPTR;
    uart_print("OPTR %w\n", optr);
    uart_flush();
    if ((optr & OPTR_BOR_LEV) == BOR_LEV_3) {
        finish_pass();
    }
    flash_unlock();
    FLASH_OPTKEYR = OPTKEYR_KEY1;
    FLASH_OPTKEYR = OPTKEYR_KEY2;
#ifdef BAD
    FLASH_OPTR = BOR_LEV_3;
#else
    FLASH_OPTR = (optr & ~OPTR_BOR_LEV) | BOR_LEV_3;
#endif
    FLASH_CR |= CR_OPTSTRT;
    while (FLASH_SR & SR_BSY) {
    }
    FLASH_CR |= CR_OBL_LAUNCH;
    for (;;) {
    }
}
