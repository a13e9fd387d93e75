// Write-protects its first page. New option bytes act from their next load: OBL_LAUNCH, power-on;
// any other reset leaves the old ones.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

static void protect_first_page(void)
{
    flash_unlock();
    FLASH_OPTKEYR = OPTKEYR_KEY1;
    FLASH_OPTKEYR = OPTKEYR_KEY2;
    FLASH_WRP1AR = 0xFF00FF00u;
    FLASH_CR |= CR_OPTSTRT;
    while (FLASH_SR & SR_BSY) {
    }
#ifdef BAD
    SCB_AIRCR = AIRCR_SYSRESETREQ;
#else
    FLASH_CR |= CR_OBL_LAUNCH;
#endif
    for (;;) {
    }
}

int main(void)
{
    uart_init();
    if (!(RCC_CSR & (CSR_SFTRSTF | CSR_OBLRSTF))) {
        protect_first_page();
    }
    flash_unlock();
    const uint32_t errors = flash_program(FLASH_START, 0, 0);
    uart_print("write to the first page: errors 0x%x\n", errors);
    if (!(errors & SR_WRPERR)) {
        finish_fail("the first page is not protected");
    }
    finish_pass();
}
