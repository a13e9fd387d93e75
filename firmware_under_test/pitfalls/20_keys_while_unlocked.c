// Pitfall 20: keys written to an unlocked CR are a wrong sequence: HardFault. Look at LOCK first,
// or lock again when done.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

static void save(uint32_t addr, uint32_t value)
{
#ifdef BAD
    FLASH_KEYR = KEYR_KEY1;
    FLASH_KEYR = KEYR_KEY2;
#else
    if (FLASH_CR & CR_LOCK) {
        FLASH_KEYR = KEYR_KEY1;
        FLASH_KEYR = KEYR_KEY2;
    }
#endif
    library_report("program", library_program(addr, value, ~value));
}

int main(void)
{
    uart_init();
    save(LAST_PAGE, 1);
    uart_flush();
    save(LAST_PAGE + 8u, 2);
    if (REG32(LAST_PAGE + 8u) != 2) {
        finish_fail("not saved");
    }
    finish_pass();
}
