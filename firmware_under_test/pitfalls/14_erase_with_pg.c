// Pitfall 14: PG left set after a program refuses the erase that follows, with PGSERR. Each
// operation clears its own bit when it is done.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

static uint32_t status(void)
{
    while (FLASH_SR & SR_BSY) {
    }
    const uint32_t errors = FLASH_SR & SR_ERRORS;
    FLASH_SR = errors;
    return errors;
}

static void program(uint32_t value)
{
    FLASH_CR |= CR_PG;
    REG32(LAST_PAGE) = value;
    isb();
    REG32(LAST_PAGE + 4u) = ~value;
    uart_print("program: SR 0x%x\n", status());
#ifdef BAD
    // PG stays, it will be needed again
#else
    FLASH_CR &= ~CR_PG;
#endif
}

static void erase(void)
{
    FLASH_CR |= CR_PER | CR_PNB((LAST_PAGE - FLASH_START) / PAGE_BYTES);
    FLASH_CR |= CR_STRT;
    uart_print("erase: SR 0x%x\n", status());
    FLASH_CR &= ~(CR_PER | CR_PNB(0xFF));
}

int main(void)
{
    uart_init();
    FLASH_KEYR = KEYR_KEY1;
    FLASH_KEYR = KEYR_KEY2;
    program(1);
    erase();
    program(2);
    FLASH_CR |= CR_LOCK;
    if (REG32(LAST_PAGE) != 2) {
        finish_fail("the old value is still there");
    }
    finish_pass();
}
