// Pitfall 4: two tasks write flash; one of them locks it while the other is between two double
// words. Whoever found it unlocked leaves it unlocked.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

#define LOG LAST_PAGE
#define SETTINGS (LAST_PAGE + 0x400u)

void PendSV_Handler(void);

// The task of higher priority writes one line into its log.
void PendSV_Handler(void)
{
#ifdef BAD
    const uint32_t lock = CR_LOCK;
#else
    const uint32_t lock = FLASH_CR & CR_LOCK; // as it was found
#endif
    (void)library_unlock();
    library_report("log", library_program(LOG, 0x00474F4C, 0));
    FLASH_CR |= lock;
}

int main(void)
{
    uart_init();
    (void)library_unlock();
    library_report("first", library_program(SETTINGS, 1, 2));
    SCB_ICSR = ICSR_PENDSVSET; // the other task has something to do
    isb();
    library_report("second", library_program(SETTINGS + 8u, 3, 4));
    library_lock();
    if (REG32(SETTINGS + 8u) != 3) {
        finish_fail("the second half of the settings is missing");
    }
    finish_pass();
}
