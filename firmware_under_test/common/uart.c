// Console, RM0394 38.5 (USART) and 39.4 (LPUART). No interrupt, no DMA, no FIFO.
#include "common/uart.h"

#include <stdarg.h>

void uart_init(void)
{
#ifdef CONSOLE_LPUART1
    // PG2..PG15 are powered by VDDIO2, isolated until IOSV says that the supply is there
    // (RM0351 5.1.2).
    RCC_APB1ENR1 |= APB1ENR1_PWR;
    PWR_CR2 |= PWR_CR2_IOSV;
    RCC_AHB2ENR |= AHB2ENR_GPIOG;
    RCC_APB1ENR2 |= APB1ENR2_LPUART1;
    GPIOG_MODER = (GPIOG_MODER & ~0x0003C000u) | 0x00028000u;
    GPIOG_AFRL = (GPIOG_AFRL & ~0xF0000000u) | 0x80000000u;
    GPIOG_AFRH = (GPIOG_AFRH & ~0x0000000Fu) | 0x00000008u;
    USART_BRR(CONSOLE_BASE) = (uint32_t)(256ull * HCLK_HZ / 115200u);
#else
    RCC_AHB2ENR |= AHB2ENR_GPIOA;
    RCC_APB1ENR1 |= APB1ENR1_USART2;
#ifdef CONSOLE_RX_PA15
    GPIOA_MODER = (GPIOA_MODER & ~0xC0000030u) | 0x80000020u;
    GPIOA_AFRL = (GPIOA_AFRL & ~0x00000F00u) | 0x00000700u;
    GPIOA_AFRH = (GPIOA_AFRH & ~0xF0000000u) | 0x30000000u;
#else
    GPIOA_MODER = (GPIOA_MODER & ~0x000000F0u) | 0x000000A0u;
    GPIOA_AFRL = (GPIOA_AFRL & ~0x0000FF00u) | 0x00007700u;
#endif
    USART_BRR(CONSOLE_BASE) = HCLK_HZ / 115200u;
#endif
    USART_CR1(CONSOLE_BASE) = CR1_TE | CR1_RE | CR1_UE;
    while ((USART_ISR(CONSOLE_BASE) & (ISR_TEACK | ISR_REACK)) != (ISR_TEACK | ISR_REACK)) {
    }
}

void uart_byte(char byte)
{
    while (!(USART_ISR(CONSOLE_BASE) & ISR_TXE)) {
    }
    USART_TDR(CONSOLE_BASE) = (uint8_t)byte;
}

void uart_flush(void)
{
    while (!(USART_ISR(CONSOLE_BASE) & ISR_TC)) {
    }
}

static void print_text(const char *text)
{
    while (*text != '\0') {
        uart_byte(*text++);
    }
}

static void print_number(uint32_t value, uint32_t base, uint32_t least_digits)
{
    char digits[10];
    uint32_t count = 0;
    do {
        digits[count++] = "0123456789ABCDEF"[value % base];
        value /= base;
    } while (value != 0 || count < least_digits);
    while (count > 0) {
        uart_byte(digits[--count]);
    }
}

void uart_print(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    for (const char *at = format; *at != '\0'; at++) {
        if (*at != '%') {
            uart_byte(*at);
            continue;
        }
        switch (*++at) {
        case 's':
            print_text(va_arg(arguments, const char *));
            break;
        case 'u':
            print_number(va_arg(arguments, uint32_t), 10, 1);
            break;
        case 'x':
            print_number(va_arg(arguments, uint32_t), 16, 1);
            break;
        case 'w':
            print_number(va_arg(arguments, uint32_t), 16, 8);
            break;
        default:
            uart_byte(*at);
            break;
        }
    }
    va_end(arguments);
}
