// Erases its own vector table from SRAM and takes an exception: the vector reads 0xFFFFFFFF,
// HardFault's too. Lockup, PC 0xFFFFFFFE; and there is nothing left to boot from.
#include "common/chip.h"
#include "common/regs.h"
#include "common/uart.h"

RAM_FUNCTION static void erase_page_0_and_take_an_exception(void)
{
    FLASH_KEYR = KEYR_KEY1;
    FLASH_KEYR = KEYR_KEY2;
    FLASH_CR = CR_PER | CR_PNB(0);
    FLASH_CR |= CR_STRT;
    while (FLASH_SR & SR_BSY) {
    }
    FLASH_CR = 0;
    FLASH_ACR &= ~(ACR_ICEN | ACR_DCEN);
    FLASH_ACR |= ACR_ICRST | ACR_DCRST;
    dsb();
    __asm__ volatile(".global fault_here\n"
                     "fault_here: str %0, [%1]\n\t"
                     "dsb\n\t"
                     "isb"
                     :
                     : "r"(ICSR_PENDSVSET), "r"(&SCB_ICSR)
                     : "memory");
    for (;;) {
    }
}

int main(void)
{
    uart_init();
    uart_print("erasing the vector table\n");
    uart_flush();
    erase_page_0_and_take_an_exception();
}
