// Pitfall 12: a part is asked whether it is empty when power comes, not at a reset. Programmed for
// the first time and reset by the pin it starts the boot loader in the ROM. Firmware that finds
// PEMPTY toggles it, then the next reset comes back here.
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

int main(void)
{
    uart_init();
    uart_print("started, SR %w\n", FLASH_SR);
#ifdef BAD
    // it runs, so why should it not start again?
#else
    if (FLASH_SR & SR_PEMPTY) {
        FLASH_SR = SR_PEMPTY;
    }
#endif
    finish_pass();
}
