// An update by bank swap: the other bank gets the new image (here a copy of this one), then BFB2
// changes which bank starts. The swap is the last step: until then the old bank must be what starts.
#include <stdint.h>

#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define OTHER_BANK (FLASH_START + BANK_BYTES)
#define OPTR_BFB2 0x00100000u
#define MEMRMP REG32(0x40010000)
#define MEMRMP_FB_MODE 0x00000100u
#define APB2ENR_SYSCFG 0x00000001u

extern const uint32_t data_load[];
extern uint32_t data_start[], data_end[];

static void store_image(void)
{
    const uint32_t end = (uint32_t)data_load + 4u * (uint32_t)(data_end - data_start);
    for (uint32_t at = FLASH_START; at < end; at += 8u) {
        const uint32_t to = at + BANK_BYTES;
        if (to % PAGE_BYTES == 0 && flash_erase_page(to) != 0) {
            finish_fail("an erase is refused");
        }
        if (flash_program(to, REG32(at), REG32(at + 4u)) != 0) {
            finish_fail("a double word is refused");
        }
    }
}

static void set_swap(void)
{
    FLASH_OPTKEYR = OPTKEYR_KEY1;
    FLASH_OPTKEYR = OPTKEYR_KEY2;
    FLASH_SR = SR_ERRORS; // OPTVERR, if power was lost in the last try
    FLASH_OPTR |= OPTR_BFB2;
    FLASH_CR |= CR_OPTSTRT;
    while (FLASH_SR & SR_BSY) {
    }
}

static void start_other_bank(void)
{
    uart_flush();
    FLASH_CR |= CR_OBL_LAUNCH;
    for (;;) {
    }
}

int main(void)
{
    uart_init();
    RCC_APB2ENR |= APB2ENR_SYSCFG;
    (void)RCC_APB2ENR;
    if (MEMRMP & MEMRMP_FB_MODE) {
        uart_print("bank 2 runs\n");
        finish_pass();
    }
    uart_print("bank 1 runs\n");
    flash_unlock();
#ifdef BAD
    set_swap();
    store_image();
#else
    store_image();
    set_swap();
#endif
    start_other_bank();
}
