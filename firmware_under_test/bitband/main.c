// Bit-band aliases of the Cortex-M4 (core sheet 8): each word of an alias is one bit of SRAM or of
// a peripheral register.
#include "common/check.h"
#include "common/regs.h"
#include "common/uart.h"

#define SRAM_ALIAS(addr, bit) (0x22000000u + ((addr)-0x20000000u) * 32u + (bit)*4u)
#define PERIPHERAL_ALIAS(addr, bit) (0x42000000u + ((addr)-0x40000000u) * 32u + (bit)*4u)
#define RCC_AHB2ENR_ADDR 0x4002104Cu
#define GPIOB_ENABLE_BIT 1u

static volatile uint32_t word;

int main(void)
{
    const uint32_t addr = (uint32_t)&word;
    uint32_t wrong = 0;
    uart_init();
    uart_print("bit-band\n");

    for (uint32_t bit = 0; bit < 32; bit++) {
        word = 0;
        REG32(SRAM_ALIAS(addr, bit)) = 1;
        wrong += word != 1u << bit;
        wrong += REG32(SRAM_ALIAS(addr, bit)) != 1;
        word = 0xFFFFFFFF;
        REG32(SRAM_ALIAS(addr, bit)) = 0;
        wrong += word != ~(1u << bit);
        wrong += REG32(SRAM_ALIAS(addr, bit)) != 0;
    }
    check("SRAM bits that are wrong", wrong, 0);

    word = 0x00000010;
    REG32(SRAM_ALIAS(addr, 4)) = 0xFFFFFFFE;
    check("only bit 0 of the value counts", word, 0);
    REG32(SRAM_ALIAS(addr, 4)) = 0x00000003;
    check("only bit 0 of the value counts", word, 0x10);
    word = 0x80000001;
    check("byte read of an alias", REG8(SRAM_ALIAS(addr, 31)), 1);
    check("half-word read of an alias", REG16(SRAM_ALIAS(addr, 30)), 0);

    const uint32_t before = RCC_AHB2ENR;
    REG32(PERIPHERAL_ALIAS(RCC_AHB2ENR_ADDR, GPIOB_ENABLE_BIT)) = 1;
    check("peripheral bit set", RCC_AHB2ENR, before | 1u << GPIOB_ENABLE_BIT);
    check("peripheral bit read", REG32(PERIPHERAL_ALIAS(RCC_AHB2ENR_ADDR, GPIOB_ENABLE_BIT)), 1);
    REG32(PERIPHERAL_ALIAS(RCC_AHB2ENR_ADDR, GPIOB_ENABLE_BIT)) = 0;
    check("peripheral bit cleared", RCC_AHB2ENR, before);
    check_finish();
}
