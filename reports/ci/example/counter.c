/* Counts how often it was started, in two pages of an STM32L452RE's flash. The new count goes into the page that does
 * not hold the old one, so that one of them is there whenever power goes. With ERASE_FIRST it goes into the page
 * that holds the old one, and a cut at the wrong moment loses both. */
#include <stdbool.h>
#include <stdint.h>

#define REG(addr) (*(volatile uint32_t *)(addr))
#define RCC_AHB2ENR REG(0x4002104C)
#define RCC_APB1ENR1 REG(0x40021058)
#define GPIOA_MODER REG(0x48000000)
#define GPIOA_AFRL REG(0x48000020)
#define USART2_CR1 REG(0x40004400)
#define USART2_BRR REG(0x4000440C)
#define USART2_ISR REG(0x4000441C)
#define USART2_TDR REG(0x40004428)
#define FLASH_ACR REG(0x40022000)
#define FLASH_KEYR REG(0x40022008)
#define FLASH_SR REG(0x40022010)
#define FLASH_CR REG(0x40022014)
#define FLASH_ECCR REG(0x40022018)

enum { FIRST_PAGE = 254, PAGE_BYTES = 2048, COUNTS = 4 };

static volatile bool is_torn; /* by the last read of flash */

/* ---- console: 115200 baud from the 4 MHz after reset ---- */

static void console_init(void)
{
    RCC_AHB2ENR |= 1u;
    RCC_APB1ENR1 |= 1u << 17;
    GPIOA_MODER = (GPIOA_MODER & ~0x30u) | 0x20u;
    GPIOA_AFRL = (GPIOA_AFRL & ~0xF00u) | 0x700u;
    USART2_BRR = 4000000u / 115200u;
    USART2_CR1 = 1u << 3 | 1u;
}

static void print(const char *text)
{
    for (; *text; text++) {
        while (!(USART2_ISR & 1u << 7)) {
        }
        USART2_TDR = (uint8_t)*text;
    }
}

static void print_count(const char *what, uint32_t count)
{
    char digits[11];
    char *at = &digits[10];
    *at = '\0';
    do
        *--at = (char)('0' + count % 10);
    while (count /= 10);
    print(what);
    print(at);
    print("\n");
    while (!(USART2_ISR & 1u << 6)) {
    }
}

/* ---- flash ---- */

static uint32_t address_of(unsigned page)
{
    return 0x08000000u + (FIRST_PAGE + page) * PAGE_BYTES;
}

static void wait_for_flash(void)
{
    while (FLASH_SR & 1u << 16) {
    }
    FLASH_SR = 0xC3FBu; /* what an earlier one left would refuse the next one */
}

static void erase(unsigned page)
{
    wait_for_flash();
    FLASH_CR = 1u << 1 | (FIRST_PAGE + page) << 3;
    FLASH_CR |= 1u << 16;
    wait_for_flash();
    FLASH_CR = 0;
}

static void program(unsigned page, uint32_t count)
{
    wait_for_flash();
    FLASH_CR = 1u;
    REG(address_of(page)) = count;
    __asm volatile("isb");
    REG(address_of(page) + 4) = ~count;
    wait_for_flash();
    FLASH_CR = 0;
}

/* 0: none, or torn. */
static uint32_t read(unsigned page)
{
    is_torn = false;
    const uint32_t count = REG(address_of(page)), complement = REG(address_of(page) + 4);
    __asm volatile("dsb" ::: "memory");
    return !is_torn && count == ~complement ? count : 0;
}

/* ---- the program ---- */

static void run(void)
{
    console_init();
    FLASH_ACR = 0; /* no cache that could hold an old page */
    FLASH_KEYR = 0x45670123u;
    FLASH_KEYR = 0xCDEF89ABu;
    const uint32_t first = read(0), second = read(1);
    unsigned newest = second > first;
    uint32_t count = newest ? second : first;
    if (count)
        print_count("have count=", count);
    for (unsigned i = 0; i < COUNTS; i++) {
        const unsigned page = ERASE_FIRST ? newest : !newest;
        print_count("put count=", ++count);
        erase(page);
        program(page, count);
        print_count("ack count=", count);
        newest = page;
    }
    print("PASS\n");
}

void reset(void);
void reset(void)
{
    run();
    for (;;)
        __asm volatile("wfi");
}

/* A double ECC error: a word that a cut left torn. */
static void nmi(void)
{
    is_torn = true;
    FLASH_ECCR |= 1u << 31;
}

static void stop(void)
{
    for (;;) {
    }
}

__attribute__((section(".vectors"), used)) static void (*const vectors[])(void) = {
    (void (*)(void))0x20020000, reset, nmi, stop,
};
