// Programs a double word, in whose pulse the test resets the chip; the next start reads it and gets
// an NMI. What then becomes of the program is up to the handler.
#include "common/finish.h"
#include "common/flash.h"
#include "common/chip.h"
#include "common/regs.h"
#include "common/uart.h"

#define NMI_SPINS 0   // the start-up file's own, an endless loop
#define NMI_RETURNS 1 // does not clear ECCD
#define NMI_CLEARS 2

volatile uint32_t nmi_count;
volatile uint32_t steps_after_read;

#if NMI != NMI_SPINS
void NMI_Handler(void);

void NMI_Handler(void)
{
    nmi_count++;
#if NMI == NMI_CLEARS
    FLASH_ECCR = ECCR_ECCD;
    dsb();
#endif
}
#endif

int main(void)
{
    uart_init();
    uart_print("reading\n");
    uart_flush();
    const uint32_t low = REG32(LAST_PAGE);
    dsb();
    isb();
    steps_after_read++;
    if (low == 0xFFFFFFFFu) {
        flash_unlock();
        uart_print("programming\n");
        uart_flush();
        (void)flash_program(LAST_PAGE, 0, 0);
        finish_fail("the test should have reset the chip");
    }
    uart_print("NMIs %u, ECCR %w\n", nmi_count, FLASH_ECCR);
    flash_unlock();
    if (flash_erase_page(LAST_PAGE) != 0 || REG32(LAST_PAGE) != 0xFFFFFFFFu) {
        finish_fail("an erase heals it");
    }
    finish_pass();
}
