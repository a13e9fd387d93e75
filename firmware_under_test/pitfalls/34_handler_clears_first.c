// Appends records by interrupt: the first slot that takes one has it. What the handler has cleared
// nobody can look at any more.
#include <stdbool.h>

#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

void FLASH_IRQHandler(void);

static volatile bool is_done;
static volatile uint32_t errors;

void FLASH_IRQHandler(void)
{
#ifdef BAD
    FLASH_SR = SR_ERRORS | SR_EOP;
    errors = FLASH_SR & SR_ERRORS;
#else
    errors = FLASH_SR & SR_ERRORS;
    FLASH_SR = SR_ERRORS | SR_EOP;
#endif
    is_done = true;
    dsb();
}

static void append(uint32_t value)
{
    uint32_t slot = LAST_PAGE;
    for (; slot < FLASH_END; slot += 8) {
        is_done = false;
        FLASH_CR = CR_PG | CR_EOPIE | CR_ERRIE;
        REG32(slot) = value;
        REG32(slot + 4u) = ~value;
        while (!is_done) {
        }
        FLASH_CR = 0;
        if (errors == 0) {
            break;
        }
    }
    uart_print("record %u is in slot %u\n", value, (slot - LAST_PAGE) / 8u);
}

int main(void)
{
    uart_init();
    flash_unlock();
    NVIC_ISER(0) = 1u << FLASH_IRQ;
    append(1);
    append(2);
    finish_pass();
}
