// A watchdog of 10 ms and a page erase of 22 ms: the stalled core can not refresh, the reset cuts
// the erase. The next start says so, looks at what is left of the page and erases it again.
#include <stdbool.h>

#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define DOUBLEWORDS (PAGE_BYTES / 8u)
#define PATTERN 0x5AA5F00Fu

void NMI_Handler(void);

static volatile bool ecc_error;

void NMI_Handler(void)
{
    if (!(FLASH_ECCR & ECCR_ECCD)) {
        for (;;) {
        }
    }
    FLASH_ECCR = ECCR_ECCD;
    ecc_error = true;
}

static void start_watchdog_10ms(void)
{
    IWDG_KR = 0xCCCC;
    IWDG_KR = 0x5555;
    IWDG_PR = 0; // LSI / 4 = 8 kHz
    IWDG_RLR = 79;
    while (IWDG_SR != 0) {
    }
    IWDG_KR = 0xAAAA;
}

static void survey_page(void)
{
    uint32_t old = 0;
    uint32_t blank = 0;
    uint32_t torn = 0;
    FLASH_ACR &= ~ACR_DCEN;
    for (uint32_t i = 0; i < DOUBLEWORDS; i++) {
        const uint32_t addr = LAST_PAGE + 8u * i;
        FLASH_ECCR = ECCR_ECCC;
        ecc_error = false;
        const uint32_t low = REG32(addr);
        const uint32_t high = REG32(addr + 4);
        dsb();
        isb();
        if (!ecc_error && low == PATTERN && high == i) {
            old++;
        } else if (!ecc_error && (low & high) == 0xFFFFFFFFu) {
            blank++;
        } else {
            torn++;
        }
    }
    uart_print("after the cut erase: old %u, blank %u, torn %u of %u double words\n", old, blank,
               torn, DOUBLEWORDS);
}

int main(void)
{
    uart_init();
    flash_unlock();
    if (RCC_CSR & CSR_IWDGRSTF) {
        uart_print("reset by the watchdog, CSR %w\n", RCC_CSR);
        RCC_CSR |= CSR_RMVF;
        survey_page();
        if (flash_erase_page(LAST_PAGE) != 0 || flash_program(LAST_PAGE, 1, 2) != 0) {
            finish_fail("the page could not be used again");
        }
        finish_pass();
    }
    uart_print("filling a page\n");
    if (flash_erase_page(LAST_PAGE) != 0) {
        finish_fail("erase");
    }
    for (uint32_t i = 0; i < DOUBLEWORDS; i++) {
        if (flash_program(LAST_PAGE + 8u * i, PATTERN, i) != 0) {
            finish_fail("program");
        }
    }
    uart_print("erasing it under a watchdog of 10 ms\n");
    uart_flush();
    start_watchdog_10ms();
    (void)flash_erase_page(LAST_PAGE);
    finish_fail("the watchdog should have reset the chip");
}
