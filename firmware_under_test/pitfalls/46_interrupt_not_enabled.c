// Erases by the interrupt version of the library's call, which keeps its own lock until the handler
// has run.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

#define PAGE ((LAST_PAGE - FLASH_START) / PAGE_BYTES)

void FLASH_IRQHandler(void);

void FLASH_IRQHandler(void)
{
    library_irq();
}

int main(void)
{
    uart_init();
    (void)library_unlock();
#ifdef BAD
    // EOPIE and ERRIE are the library's
#else
    NVIC_ISER(0) = 1u << FLASH_IRQ;
#endif
    library_report("erase", library_erase_it(1, PAGE));
    while (FLASH_SR & SR_BSY) {
    }
    const enum library_status status = library_program(LAST_PAGE, 1, 2);
    uart_print("callbacks %u\n", library_callbacks);
    library_report("program", status);
    if (status != LIBRARY_OK) {
        finish_fail("the library is busy for ever");
    }
    finish_pass();
}
