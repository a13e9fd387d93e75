// Pitfall 10: PNB is a page within a bank and BKER says which bank. Without BKER the page of the
// same number in bank 1 goes, and the one that was meant keeps its old data.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

#define SETTINGS (FLASH_START + BANK_BYTES + 5u * PAGE_BYTES)
#define CALIBRATION (FLASH_START + 5u * PAGE_BYTES)

static void erase(uint32_t addr)
{
    const uint32_t page = (addr - FLASH_START) % BANK_BYTES / PAGE_BYTES;
#ifdef BAD
    FLASH_CR = CR_PER | CR_PNB(page);
#else
    const uint32_t bank = addr < FLASH_START + BANK_BYTES ? 0 : CR_BKER;
    FLASH_CR = CR_PER | CR_PNB(page) | bank;
#endif
    FLASH_CR |= CR_STRT;
    while (FLASH_SR & SR_BSY) {
    }
    FLASH_CR = 0;
}

int main(void)
{
    uart_init();
    (void)library_unlock();
    library_report("calibration", library_program(CALIBRATION, 0x0CA11B00, 0));
    library_report("settings", library_program(SETTINGS, 1, ~1u));
    erase(SETTINGS);
    library_report("new settings", library_program(SETTINGS, 2, ~2u));
    library_lock();
    uart_print("settings %w calibration %w\n", REG32(SETTINGS), REG32(CALIBRATION));
    if (REG32(SETTINGS) != 2 || REG32(CALIBRATION) != 0x0CA11B00) {
        finish_fail("the settings are old, or the calibration is gone");
    }
    finish_pass();
}
