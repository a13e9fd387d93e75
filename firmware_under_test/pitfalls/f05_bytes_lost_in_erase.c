// Bytes come in while a page is erased. Code in flash stands still and can not fetch them; the UART
// keeps one.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define BYTES 8u

static char text[BYTES + 1u];

#ifdef BAD
static void erase_and_receive(uint32_t command)
#else
RAM_FUNCTION static void erase_and_receive(uint32_t command)
#endif
{
    uint32_t count = 0;
    FLASH_CR = command;
    FLASH_CR = command | CR_STRT;
    while (FLASH_SR & SR_BSY) {
        if (count < BYTES && (USART_ISR(CONSOLE_BASE) & ISR_RXNE)) {
            text[count++] = (char)USART_RDR(CONSOLE_BASE);
        }
    }
    FLASH_CR = 0;
}

int main(void)
{
    uart_init();
    flash_unlock();
    uart_print("erasing\n");
    uart_flush();
    erase_and_receive(flash_erase_command(LAST_PAGE));
    flash_flush_caches();
    uart_print("received \"%s\", overrun %u\n", text, USART_ISR(CONSOLE_BASE) & ISR_ORE ? 1u : 0u);
    finish_pass();
}
