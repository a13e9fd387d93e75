// DMA1 channel 1 from memory to memory: reading flash, and writing flash, where its beats obey the
// same rules as the core's (L4 sheet 4.1 and 4.4). CNDTR counts beats of the peripheral side, here
// the source.
#include <stddef.h>

#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define WORDS 8u
#define SIZE_HALFWORD 1u
#define SIZE_WORD 2u

static uint32_t source[WORDS];
static uint32_t target[WORDS];
static uint32_t failures;

static void check(const char *name, uint32_t got, uint32_t want)
{
    failures += got == want ? 0u : 1u;
    uart_print("%s: got 0x%x want 0x%x %s\n", name, got, want, got == want ? "ok" : "BAD");
}

// Returns DMA1_ISR's flags of channel 1.
static uint32_t copy(uint32_t from, uint32_t to, uint32_t count, uint32_t size_log2)
{
    DMA1_CCR1 = 0;
    DMA1_IFCR = 0xF;
    DMA1_CNDTR1 = count;
    DMA1_CPAR1 = from;
    DMA1_CMAR1 = to;
    const uint32_t ccr =
        CCR_MEM2MEM | CCR_PINC | CCR_MINC | CCR_PSIZE(size_log2) | CCR_MSIZE(size_log2);
    DMA1_CCR1 = ccr;
    dsb();
    DMA1_CCR1 = ccr | CCR_EN;
    while (!(DMA1_ISR & (DMA_TCIF1 | DMA_TEIF1))) {
    }
    const uint32_t flags = DMA1_ISR & (DMA_TCIF1 | DMA_TEIF1);
    DMA1_CCR1 = 0;
    DMA1_IFCR = 0xF;
    return flags;
}

static uint32_t status(void)
{
    while (FLASH_SR & SR_BSY) {
    }
    return FLASH_SR & SR_ERRORS;
}

static uint32_t differing_words(uint32_t addr, const uint32_t *want)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < WORDS; i++) {
        count += REG32(addr + 4u * i) != (want != NULL ? want[i] : 0xFFFFFFFFu);
    }
    return count;
}

int main(void)
{
    const uint32_t page = LAST_PAGE;
    uart_init();
    uart_print("DMA and flash\n");
    RCC_AHB1ENR |= AHB1ENR_DMA1;
    FLASH_ACR &= ~ACR_DCEN;
    for (uint32_t i = 0; i < WORDS; i++) {
        source[i] = 0xD0A00000u + i * 0x01010101u;
    }
    flash_unlock();
    check("erase", flash_erase_page(page), 0);

    check("read flash: flags", copy(FLASH_START, (uint32_t)target, WORDS, SIZE_WORD), DMA_TCIF1);
    check("read flash: words that differ", differing_words(FLASH_START, target), 0);

    FLASH_CR = 0;
    check("write without PG: flags", copy((uint32_t)source, page, 2, SIZE_WORD), DMA_TCIF1);
    check("write without PG: SR", status(), 0xA0);
    check("write without PG: words that differ", differing_words(page, NULL), 0);

    flash_clear_errors();
    FLASH_CR = CR_PG;
    check("write: flags", copy((uint32_t)source, page, WORDS, SIZE_WORD), DMA_TCIF1);
    check("write: SR", status(), 0);
    check("write: words that differ", differing_words(page, source), 0);

    flash_clear_errors();
    check("write again: flags", copy((uint32_t)source, page, 2, SIZE_WORD), DMA_TCIF1);
    check("write again: SR", status(), 0xA8);

    flash_clear_errors();
    check("half-words: flags", copy((uint32_t)source, page + 64, 1, SIZE_HALFWORD), DMA_TCIF1);
    check("half-words: SR", status(), SR_SIZERR);
    check("half-words: words that differ", differing_words(page + 64, NULL), 0);
    FLASH_CR = 0;
    flash_clear_errors();
    flash_lock();
    if (failures != 0) {
        finish_fail("see the lines marked BAD");
    }
    finish_pass();
}
