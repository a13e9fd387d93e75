// Pitfall 19: the option keys are taken only while CR is unlocked. Before that they are a wrong
// sequence: a bus error, which as a buffered store is a HardFault somewhere behind.
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

int main(void)
{
    uart_init();
    uart_print("CR %w\n", FLASH_CR);
    uart_flush();
#ifdef BAD
    (void)library_option_unlock();
    (void)library_unlock();
#else
    (void)library_unlock();
    (void)library_option_unlock();
#endif
    uart_print("CR %w\n", FLASH_CR);
    if (FLASH_CR & CR_OPTLOCK) {
        finish_fail("the options are locked");
    }
    finish_pass();
}
