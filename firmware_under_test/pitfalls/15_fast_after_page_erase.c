// Pitfall 15: a row may be programmed fast only after a mass erase of its bank; after a page erase
// it is refused with FASTERR. From 8 MHz on, without interrupts, here from bank 1 into bank 2.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

#define BANK2 (FLASH_START + BANK_BYTES)
#define CR_MSI_4_MHZ 0x00000069u // MSIRANGE 6, MSIRGSEL, MSION
#define CR_MSI_8_MHZ 0x00000079u
#define CR_MSIRDY 0x00000002u

static void set_msi(uint32_t value)
{
    uart_flush();
    while (!(RCC_CR & CR_MSIRDY)) {
    }
    RCC_CR = value;
    while (!(RCC_CR & CR_MSIRDY)) {
    }
}

static uint32_t status(void)
{
    while (FLASH_SR & SR_BSY) {
    }
    return FLASH_SR & SR_ERRORS;
}

int main(void)
{
    uart_init();
    FLASH_KEYR = KEYR_KEY1;
    FLASH_KEYR = KEYR_KEY2;
#ifdef BAD
    FLASH_CR = CR_PER | CR_BKER | CR_PNB(0);
#else
    FLASH_CR = CR_MER2;
#endif
    FLASH_CR |= CR_STRT;
    uart_print("erase: SR 0x%x\n", status());

    set_msi(CR_MSI_8_MHZ);
    interrupts_off();
    FLASH_CR = CR_FSTPG;
    for (uint32_t i = 0; i < 2u * ROW_DOUBLEWORDS; i++) {
        REG32(BANK2 + 4u * i) = 0x11111111u + i;
    }
    const uint32_t errors = status();
    FLASH_CR = CR_LOCK;
    interrupts_on();
    set_msi(CR_MSI_4_MHZ);
    uart_print("row: SR 0x%x\n", errors);
    if (REG32(BANK2) != 0x11111111) {
        finish_fail("the row is blank");
    }
    finish_pass();
}
