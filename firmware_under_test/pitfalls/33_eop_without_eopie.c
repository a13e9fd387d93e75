// Programs and waits for the end. EOP is set only where EOPIE asks for it; BSY tells always.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

int main(void)
{
    uart_init();
    flash_unlock();
    uart_print("programming\n");
    uart_flush();
    FLASH_CR = CR_PG;
    REG32(LAST_PAGE) = 0x11111111;
    REG32(LAST_PAGE + 4u) = 0x22222222;
#ifdef BAD
    while (!(FLASH_SR & SR_EOP)) {
    }
    FLASH_SR = SR_EOP;
#else
    while (FLASH_SR & SR_BSY) {
    }
#endif
    const uint32_t errors = FLASH_SR & SR_ERRORS;
    FLASH_CR = 0;
    if (errors != 0) {
        finish_fail("not programmed");
    }
    finish_pass();
}
