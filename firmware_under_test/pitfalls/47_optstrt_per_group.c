// Sets two option groups, write protection of the last page and the brown-out level. One OPTSTRT
// programs all of them: power lost between two leaves a mixture.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define OPTR_BOR_LEV 0x00000700u
#define BOR_LEV_3 0x00000300u

static void start(void)
{
    FLASH_CR |= CR_OPTSTRT;
    while (FLASH_SR & SR_BSY) {
    }
}

int main(void)
{
    uart_init();
    const uint32_t page = (LAST_PAGE - FLASH_START) / PAGE_BYTES;
    const uint32_t wanted = 0xFF00FF00u | page << 16 | page;
    const uint32_t is_protected = FLASH_WRP1AR == wanted ? 1u : 0u;
    const uint32_t has_level = (FLASH_OPTR & OPTR_BOR_LEV) == BOR_LEV_3 ? 1u : 0u;
    uart_print("page protected: %u, level 3: %u\n", is_protected, has_level);
    if (is_protected != has_level) {
        finish_fail("half of the options are set");
    }
    if (is_protected) {
        finish_pass();
    }
    uart_flush();
    flash_unlock();
    FLASH_OPTKEYR = OPTKEYR_KEY1;
    FLASH_OPTKEYR = OPTKEYR_KEY2;
    FLASH_WRP1AR = wanted;
#ifdef BAD
    start();
#endif
    FLASH_OPTR = (FLASH_OPTR & ~OPTR_BOR_LEV) | BOR_LEV_3;
    start();
    FLASH_CR |= CR_OBL_LAUNCH;
    for (;;) {
    }
}
