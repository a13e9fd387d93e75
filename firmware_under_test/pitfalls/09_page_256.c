// Pitfall 9: pages are numbered within their bank. Counted from the start of flash, the first page
// of bank 2 is number 256, of which PNB keeps 8 bits: page 0, where the firmware is.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

#define SETTINGS (FLASH_START + BANK_BYTES)

static enum library_status erase(uint32_t addr)
{
    const uint32_t offset = addr - FLASH_START;
#ifdef BAD
    return library_erase(1, offset / PAGE_BYTES);
#else
    return library_erase(1u + offset / BANK_BYTES, offset % BANK_BYTES / PAGE_BYTES);
#endif
}

int main(void)
{
    uart_init();
    uart_print("saving\n");
    uart_flush();
    (void)library_unlock();
    library_report("erase", erase(SETTINGS));
    library_report("program", library_program(SETTINGS, 0x11111111, 0x22222222));
    library_lock();
    if (REG32(SETTINGS) != 0x11111111) {
        finish_fail("not saved");
    }
    finish_pass();
}
