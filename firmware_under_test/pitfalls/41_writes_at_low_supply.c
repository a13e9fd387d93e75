// Logs while a battery gives out. The brown-out reset of 1.7 V comes in the middle of a double
// word; the voltage detector (PVD, here 2.9 V) warns before.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define PWR_CR2_PVDE_LEVEL_6 0x0000000Du
#define PWR_SR2 REG32(0x40007014)
#define SR2_PVDO 0x00000800u

static void wait_for_supply(void)
{
#ifdef BAD
    // there was enough when it started
#else
    while (PWR_SR2 & SR2_PVDO) {
    }
#endif
}

int main(void)
{
    uart_init();
    RCC_APB1ENR1 |= APB1ENR1_PWR;
    (void)RCC_APB1ENR1;
    PWR_CR2 |= PWR_CR2_PVDE_LEVEL_6;
    flash_unlock();
    uart_print("logging\n");
    uart_flush();
    for (uint32_t slot = LAST_PAGE; slot < FLASH_END; slot += 8) {
        if (REG32(slot) != 0xFFFFFFFFu) {
            continue;
        }
        wait_for_supply();
        if (flash_program(slot, slot, 0) != 0) {
            finish_fail("a double word refuses data");
        }
    }
    finish_pass();
}
