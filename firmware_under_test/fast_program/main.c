// Fast programming (RM0351 3.3.7) of bank 2 from bank 1: a row after a mass erase of the bank, its
// time, and the ways to get it wrong. HCLK must be at least 8 MHz for it; the console runs at 4
// MHz.
#include "common/chip.h"
#include "common/check.h"
#include "common/cycles.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define BANK2 (FLASH_START + BANK_BYTES)
#define ROW_BYTES (8u * ROW_DOUBLEWORDS)
#define RCC_CR_MSIRDY 0x00000002u
#define RCC_CR_MSIRGSEL 0x00000008u
#define RCC_CR_MSIRANGE(range) ((uint32_t)(range) << 4)
#define MSI_4_MHZ 6u
#define MSI_8_MHZ 7u
#define CYCLES_PER_US 8u

static void set_msi(uint32_t range)
{
    uart_flush();
    while (!(RCC_CR & RCC_CR_MSIRDY)) {
    }
    RCC_CR = (RCC_CR & ~RCC_CR_MSIRANGE(15)) | RCC_CR_MSIRANGE(range) | RCC_CR_MSIRGSEL;
    while (!(RCC_CR & RCC_CR_MSIRDY)) {
    }
}

static uint32_t status(void)
{
    while (FLASH_SR & SR_BSY) {
    }
    return FLASH_SR & SR_ERRORS;
}

static void store_doubleword(uint32_t addr, uint32_t value)
{
    REG32(addr) = value;
    REG32(addr + 4) = ~value;
}

static void wait_us(uint32_t us)
{
    const uint32_t start = cycles();
    while (cycles() - start < us * CYCLES_PER_US) {
    }
}

// Streams a row without a pause: the bus stalls until the controller takes the next double word.
static uint32_t program_row(uint32_t addr, uint32_t *took_us)
{
    set_msi(MSI_8_MHZ);
    interrupts_off();
    flash_clear_errors();
    FLASH_CR = CR_FSTPG;
    const uint32_t start = cycles();
    for (uint32_t i = 0; i < ROW_DOUBLEWORDS; i++) {
        store_doubleword(addr + 8u * i, i);
    }
    const uint32_t errors = status();
    *took_us = (cycles() - start) / CYCLES_PER_US;
    FLASH_CR = 0;
    interrupts_on();
    set_msi(MSI_4_MHZ);
    return errors;
}

// A double word, then another at `next` after a pause.
static uint32_t program_two(uint32_t addr, uint32_t next, uint32_t pause_us)
{
    set_msi(MSI_8_MHZ);
    interrupts_off();
    flash_clear_errors();
    FLASH_CR = CR_FSTPG;
    store_doubleword(addr, 1);
    wait_us(pause_us);
    REG32(next) = 2;
    const uint32_t errors = status();
    FLASH_CR = 0;
    flash_clear_errors();
    interrupts_on();
    set_msi(MSI_4_MHZ);
    return errors;
}

// The first double word of a row whose bank is then executed from: the fetch waits for the pulse and cuts
// the row short without a flag (RM0351 3.3.7), so that the second double word starts a new one.
static uint32_t call_into_bank(uint32_t row, uint32_t function, uint32_t *took_us)
{
    set_msi(MSI_8_MHZ);
    interrupts_off();
    flash_clear_errors();
    FLASH_CR = CR_FSTPG;
    store_doubleword(row, 0);
    const uint32_t start = cycles();
    ((void (*)(void))(function | 1u))();
    *took_us = (cycles() - start) / CYCLES_PER_US;
    const uint32_t errors = status();
    FLASH_CR = 0;
    interrupts_on();
    set_msi(MSI_4_MHZ);
    return errors;
}

// One BX LR, as data to be executed.
static uint32_t program_return(uint32_t addr)
{
    FLASH_CR = CR_PG;
    REG32(addr) = 0x47704770u;
    REG32(addr + 4u) = 0x47704770u;
    const uint32_t errors = status();
    FLASH_CR = 0;
    return errors;
}

static uint32_t wrong_doublewords(uint32_t addr)
{
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < ROW_DOUBLEWORDS; i++) {
        wrong += REG32(addr + 8u * i) != i || REG32(addr + 8u * i + 4u) != ~i;
    }
    return wrong;
}

int main(void)
{
    uint32_t took_us;
    uart_init();
    uart_print("fast programming on %s\n", CHIP_NAME);
    FLASH_ACR &= ~ACR_DCEN;
    flash_unlock();
    flash_clear_errors();
    cycles_start();

    check("page erase", flash_erase_page(BANK2), 0);
    check("row after a page erase only", program_row(BANK2, &took_us), 0x2A0);
    check("nothing programmed", wrong_doublewords(BANK2), ROW_DOUBLEWORDS);

    flash_clear_errors();
    FLASH_CR = CR_MER2;
    FLASH_CR |= CR_STRT;
    check("mass erase of bank 2", status(), 0);
    FLASH_CR = 0;
    check("row", program_row(BANK2, &took_us), 0);
    uart_print("row took %u us\n", took_us);
    // 1.91 to 2.12 ms for 32 double words, 3.8 to 4.0 ms for 64.
    check("in time", took_us >= 59u * ROW_DOUBLEWORDS && took_us <= 67u * ROW_DOUBLEWORDS, 1);
    check("double words that are wrong", wrong_doublewords(BANK2), 0);
    check("next row", program_row(BANK2 + ROW_BYTES, &took_us), 0);
    check("double words that are wrong", wrong_doublewords(BANK2 + ROW_BYTES), 0);

    const uint32_t row = BANK2 + 2u * ROW_BYTES;
    check("into another row", program_two(row, row + ROW_BYTES, 0), SR_PGAERR | SR_FASTERR);
    check("too late", program_two(row + 2u * ROW_BYTES, row + 2u * ROW_BYTES + 8u, 300) & SR_MISERR,
          SR_MISERR);

    flash_clear_errors();
    const uint32_t function = row + 8u * ROW_BYTES;
    check("a function in bank 2", program_return(function), 0);
    check("called while a row of its bank is programmed",
          call_into_bank(row + 4u * ROW_BYTES, function, &took_us), 0);
    uart_print("the call took %u us\n", took_us);
    check("waits for the double word", took_us >= 40u && took_us <= 110u, 1);
    check("and again, with nothing in the way", program_return(function + 8u), 0);
    flash_lock();
    check_finish();
}
