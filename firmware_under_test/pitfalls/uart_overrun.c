// Bytes that come in while the flash is erased from flash: the first stays, the others are lost.
#include "common/chip.h"
#include "common/check.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

int main(void)
{
    uart_init();
    flash_unlock();
    uart_print("erasing\n");
    uart_flush();
    (void)flash_erase_page(LAST_PAGE);
    const uint32_t isr = USART_ISR(CONSOLE_BASE);
    check("ORE", isr & ISR_ORE, ISR_ORE);
    check("RXNE", isr & ISR_RXNE, ISR_RXNE);
    check("first byte", USART_RDR(CONSOLE_BASE), 'a');
    check_finish();
}
