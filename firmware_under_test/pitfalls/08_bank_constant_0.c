// Pitfall 8: on a part with two banks the library wants bank 1 or 2. Code from a part with one bank
// passes 0, which the library takes for "not bank 1": the page of bank 2 goes.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

#define PAGE 200u
#define SETTINGS (FLASH_START + PAGE * PAGE_BYTES)
#define LOG (SETTINGS + BANK_BYTES) // the page of the same number in bank 2

#ifdef BAD
#define BANK 0u
#else
#define BANK 1u
#endif

static void save(uint32_t value)
{
    library_report("erase", library_erase(BANK, PAGE));
    library_report("program", library_program(SETTINGS, value, ~value));
}

int main(void)
{
    uart_init();
    (void)library_unlock();
    library_report("log", library_program(LOG, 0x00474F4C, 0));
    save(1);
    save(2);
    library_lock();
    uart_print("settings %w log %w\n", REG32(SETTINGS), REG32(LOG));
    if (REG32(SETTINGS) != 2 || REG32(LOG) != 0x00474F4C) {
        finish_fail("the settings are old, or the log is gone");
    }
    finish_pass();
}
