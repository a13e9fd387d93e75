// Appends a record: the first slot that takes it has it. The flags of SR are cleared by writing 1:
// `|=` writes back, and so clears, all that stand.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

static uint32_t program(uint32_t slot, uint32_t value)
{
    FLASH_CR = CR_PG;
    REG32(slot) = value;
    REG32(slot + 4u) = ~value;
    while (FLASH_SR & SR_BSY) {
    }
    FLASH_CR = 0;
#ifdef BAD
    FLASH_SR |= SR_EOP;
#else
    FLASH_SR = SR_EOP;
#endif
    const uint32_t errors = FLASH_SR & SR_ERRORS;
    FLASH_SR = errors;
    return errors;
}

static void append(uint32_t value)
{
    uint32_t slot = LAST_PAGE;
    while (slot < FLASH_END && program(slot, value) != 0) {
        slot += 8;
    }
    uart_print("record %u is in slot %u\n", value, (slot - LAST_PAGE) / 8u);
}

int main(void)
{
    uart_init();
    flash_unlock();
    append(1);
    append(2);
    finish_pass();
}
