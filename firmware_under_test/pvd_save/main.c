// Counts in RAM; when the voltage detector warns, the count goes to flash. One double word has to be
// done before the supply is at the brown-out level.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define PVD_2V9 6u

void NMI_Handler(void);
void PVD_IRQHandler(void);

static volatile uint32_t count;
static volatile uint32_t is_saved;
static uint32_t slot;

void NMI_Handler(void)
{
    FLASH_ECCR = ECCR_ECCD;
    dsb();
}

void PVD_IRQHandler(void)
{
    EXTI_PR1 = EXTI_PVD;
    if (!is_saved && flash_program(slot, count, ~count) == 0) {
        is_saved = 1;
        uart_print("ack n=%u\n", count);
    }
}

static void watch_supply(void)
{
    RCC_APB1ENR1 |= APB1ENR1_PWR;
    (void)RCC_APB1ENR1;
    EXTI_IMR1 |= EXTI_PVD;
    EXTI_RTSR1 |= EXTI_PVD;
    NVIC_ISER(0) = 1u << PVD_IRQ;
    PWR_CR2 = PWR_CR2_PVDE | PWR_CR2_PLS(PVD_2V9);
}

int main(void)
{
    uart_init();
    flash_unlock();
    uint32_t newest = 0;
    for (slot = LAST_PAGE; REG32(slot) != 0xFFFFFFFFu || REG32(slot + 4) != 0xFFFFFFFFu; slot += 8) {
        if (REG32(slot) == ~REG32(slot + 4)) {
            newest = REG32(slot);
        }
    }
    uart_print("have n=%u\n", newest);
    count = newest + 1000u;
    uart_print("put n=%u\n", count);
    uart_flush();
    watch_supply();
    for (uint32_t i = 0; i < 20000u; i++) {
        (void)RCC_CSR;
    }
    finish_pass();
}
