/* Tests of dma.c, usart.c, tim.c, gpio.c and exti.c together with the rest of a chip: the flash
 * controller, the RCC's gates, SYSCFG. Addresses and bits are numbers from the manuals and the boot
 * sheet. */
#include "models/tests/flash_fixture.h"

enum {
    RCC_AHB1ENR = 0x40021048,
    RCC_AHB2ENR = 0x4002104C,
    RCC_APB1ENR1 = 0x40021058,
    RCC_APB2ENR = 0x40021060
};
enum {
    DMA1_ISR = 0x40020000,
    CCR1 = 0x40020008,
    CNDTR1 = 0x4002000C,
    CPAR1 = 0x40020010,
    CMAR1 = 0x40020014,
    CCR7 = 0x40020080,
    CSELR = 0x400200A8,
    DMAMUX_C6CR = 0x40020818
};
enum {
    SRAM = 0x20000000,
    USART2 = 0x40004400,
    TIM2 = 0x40000000,
    GPIOC = 0x48000800,
    EXTICR4 = 0x40010014,
    EXTI = 0x40010400
};
enum {
    EN = 1,
    DIR = 1 << 4,
    PINC = 1 << 6,
    MINC = 1 << 7,
    WORDS = 2 << 10 | 2 << 8,
    HALF_WORDS = 1 << 10 | 1 << 8,
    M2M = 1 << 14
};
enum { TCIF = 2, TEIF = 8 };

static void copy_by_dma(struct soc *soc, uint32_t from, uint32_t to, uint32_t count, uint32_t sizes)
{
    put(soc, CCR1, 0);
    put(soc, CNDTR1, count);
    put(soc, CPAR1, from);
    put(soc, CMAR1, to);
    put(soc, CCR1, M2M | PINC | MINC | sizes | EN);
}

static struct soc *power_on_with_dma(const char *chip)
{
    struct soc *soc = power_on_flash(chip);
    set_bits(soc, RCC_AHB1ENR, 1u << 0 | 1u << 2);
    return soc;
}

/* Core sheet 8: the private peripheral bus is inside the core; no other master gets there. */
static void the_private_peripheral_bus_is_a_bus_error_to_dma(void **unused)
{
    (void)unused;
    static const uint32_t private[] = {0xE000ED00, 0xE0000000, 0xE000E010, 0xE0042000, 0xE00FFFFC};
    for (unsigned i = 0; i < 2 * sizeof private / sizeof private[0]; i++) {
        struct soc *soc = power_on_with_dma("stm32l452re");
        uint32_t addr = private[i / 2];
        put(soc, SRAM, 0x12345678);

        copy_by_dma(soc, i % 2 ? SRAM : addr, i % 2 ? addr : SRAM, 1, WORDS);
        soc_advance(soc, soc->clock.now_ps + PS_PER_MS);

        assert_int_equal(get(soc, DMA1_ISR) & (TCIF | TEIF), TEIF);
        assert_int_equal(get(soc, SRAM), 0x12345678);
        assert_int_equal(get(soc, CCR1) & EN, 0);
        soc_destroy(soc);
    }
}

static void words_by_dma_program_double_words(void **unused)
{
    (void)unused;
    struct soc *soc = power_on_with_dma("stm32l452re");
    for (unsigned i = 0; i < 8; i++)
        put(soc, SRAM + 4 * i, 0x11110000 + i);
    unlock(soc);
    write32(soc, CR, PG);

    copy_by_dma(soc, SRAM, MAIN + 0x1000, 8, WORDS);
    run_ms(soc, 1);

    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(read32(soc, MAIN + 0x1000 + 4 * i), 0x11110000 + i);
    assert_int_equal(read32(soc, SR) & 0xFFFF, 0);
    assert_int_equal(count_events(EVENT_FLASH_PROGRAM_START), 4);
    assert_int_equal(last_event(EVENT_FLASH_PROGRAM_START)->master, MASTER_DMA1);
    assert_true(get(soc, DMA1_ISR) & TCIF);
    soc_destroy(soc);
}

static void each_double_word_waits_for_the_one_before(void **unused)
{
    (void)unused;
    struct soc *soc = power_on_with_dma("stm32l452re");
    unlock(soc);
    write32(soc, CR, PG);
    uint64_t start_ps = soc->clock.now_ps;

    copy_by_dma(soc, SRAM, MAIN + 0x1000, 8, WORDS);
    soc_advance(soc, start_ps + 3 * PROGRAM_NS * PS_PER_NS);
    assert_true(get(soc, CNDTR1) > 0);
    soc_advance(soc, start_ps + 3 * PROGRAM_NS * PS_PER_NS + 100 * PS_PER_US);

    assert_int_equal(get(soc, CNDTR1), 0);
    soc_destroy(soc);
}

static void a_locked_flash_refuses_dma_as_it_refuses_the_cpu(void **unused)
{
    (void)unused;
    struct soc *soc = power_on_with_dma("stm32l452re");

    copy_by_dma(soc, SRAM, MAIN + 0x1000, 2, WORDS);
    run_ms(soc, 1);

    assert_int_equal(read32(soc, SR) & 0x80, 0x80); /* PGSERR */
    assert_int_equal(read32(soc, MAIN + 0x1000), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void half_words_by_dma_are_a_size_error(void **unused)
{
    (void)unused;
    struct soc *soc = power_on_with_dma("stm32l452re");
    unlock(soc);
    write32(soc, CR, PG);

    copy_by_dma(soc, SRAM, MAIN + 0x1000, 4, HALF_WORDS);
    run_ms(soc, 1);

    assert_int_equal(read32(soc, SR) & 0x40, 0x40); /* SIZERR */
    assert_int_equal(read32(soc, MAIN + 0x1000), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void dma_reads_of_an_erasing_bank_wait(void **unused)
{
    (void)unused;
    struct soc *soc = power_on_with_dma("stm32l452re");
    unlock(soc);
    start_page_erase(soc, 10);
    uint64_t start_ps = soc->clock.now_ps;

    copy_by_dma(soc, MAIN, SRAM, 1, WORDS);
    soc_advance(soc, start_ps + (PAGE_ERASE_NS - 100000) * PS_PER_NS);
    assert_int_equal(get(soc, CNDTR1), 1);
    soc_advance(soc, start_ps + (PAGE_ERASE_NS + 100000) * PS_PER_NS);

    assert_int_equal(get(soc, CNDTR1), 0);
    assert_int_equal(get(soc, SRAM), 0x20008000);
    soc_destroy(soc);
}

static void dma_reads_of_the_other_bank_go_on(void **unused)
{
    (void)unused;
    struct soc *soc = power_on_with_dma("stm32l476rg");
    unlock(soc);
    write32(soc, CR, PER | BKER | 10u << 3);
    write32(soc, CR, PER | BKER | 10u << 3 | STRT);

    copy_by_dma(soc, MAIN, SRAM, 1, WORDS);
    run_us(soc, 100);

    assert_int_equal(read32(soc, SR) & BSY, BSY);
    assert_int_equal(get(soc, SRAM), 0x20008000);
    soc_destroy(soc);
}

static void dma_into_nothing_is_a_transfer_error(void **unused)
{
    (void)unused;
    struct soc *soc = power_on_with_dma("stm32l452re");

    copy_by_dma(soc, SRAM, 0x60000000, 1, WORDS);
    run_us(soc, 100);

    assert_int_equal(get(soc, DMA1_ISR), TEIF | 1);
    assert_int_equal(last_event(EVENT_BUS_ERROR)->addr, 0x60000000);
    soc_destroy(soc);
}

/* MSI 4 MHz / 35: 114286 bit/s. */
static void set_up_usart2(struct soc *soc)
{
    set_bits(soc, RCC_APB1ENR1, 1u << 17);
    put(soc, USART2 + 0x0C, 35);
    put(soc, USART2 + 0x08, 1u << 7);
    put(soc, USART2, 1u << 3 | 1u << 0);
}

static void send_by_dma(struct soc *soc, const char *text)
{
    for (unsigned i = 0; text[i]; i++)
        store(soc, SRAM + i, 1, (uint8_t)text[i]);
    put(soc, CCR7 + 4, (uint32_t)strlen(text));
    put(soc, CCR7 + 8, USART2 + 0x28);
    put(soc, CCR7 + 12, SRAM);
    put(soc, CCR7, DIR | MINC | EN);
}

static void usart2_sends_by_dma_on_every_chip(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < chip_count(); i++) {
        struct soc *soc = power_on_with_dma(chip_at(i)->name);
        set_up_usart2(soc);
        if (chip_at(i)->flash.is_l4_plus)
            put(soc, DMAMUX_C6CR, 27);
        else
            put(soc, CSELR, 2u << 24);

        send_by_dma(soc, "dma");
        run_ms(soc, 1);

        assert_int_equal(count_events(EVENT_CONSOLE), 3);
        assert_int_equal(last_event(EVENT_CONSOLE)->value, 'a');
        assert_string_equal(last_event(EVENT_CONSOLE)->unit, "USART2");
        soc_destroy(soc);
    }
}

static void a_gated_usart_stands_still(void **unused)
{
    (void)unused;
    struct soc *soc = power_on_flash("stm32l452re");
    set_up_usart2(soc);
    run_ms(soc, 1);
    put(soc, USART2 + 0x28, 'x');

    clear_bits(soc, RCC_APB1ENR1, 1u << 17);
    run_ms(soc, 1);
    assert_int_equal(count_events(EVENT_CONSOLE), 0);
    set_bits(soc, RCC_APB1ENR1, 1u << 17);
    run_ms(soc, 1);

    assert_int_equal(count_events(EVENT_CONSOLE), 1);
    soc_destroy(soc);
}

static void a_gated_timer_stands_still(void **unused)
{
    (void)unused;
    struct soc *soc = power_on_flash("stm32l452re");
    set_bits(soc, RCC_APB1ENR1, 1u << 0);
    put(soc, TIM2, 1);
    run_us(soc, 10);
    assert_int_equal(get(soc, TIM2 + 0x24), 40);

    clear_bits(soc, RCC_APB1ENR1, 1u << 0);
    run_us(soc, 10);
    set_bits(soc, RCC_APB1ENR1, 1u << 0);
    assert_int_equal(get(soc, TIM2 + 0x24), 40);
    run_us(soc, 10);

    assert_int_equal(get(soc, TIM2 + 0x24), 80);
    soc_destroy(soc);
}

static void a_button_on_pc13_raises_its_interrupt(void **unused)
{
    (void)unused;
    struct soc *soc = power_on_flash("stm32l476rg");
    set_bits(soc, RCC_AHB2ENR, 1u << 2);
    set_bits(soc, RCC_APB2ENR, 1u << 0);
    put(soc, GPIOC, 0xF3FFFFFF);
    device_signal(&soc->system, WIRE_PIN_DRIVE, 2u << 5 | 13u << 1 | 1);
    put(soc, EXTICR4, 2u << 4);
    put(soc, EXTI + 0x0C, 1u << 13);
    put(soc, EXTI, 1u << 13);
    assert_false(irq_pending(soc, 40));

    device_signal(&soc->system, WIRE_PIN_DRIVE, 2u << 5 | 13u << 1);

    assert_true(irq_pending(soc, 40));
    assert_int_equal(get(soc, GPIOC + 0x10) & 1u << 13, 0);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_private_peripheral_bus_is_a_bus_error_to_dma),
        cmocka_unit_test(words_by_dma_program_double_words),
        cmocka_unit_test(each_double_word_waits_for_the_one_before),
        cmocka_unit_test(a_locked_flash_refuses_dma_as_it_refuses_the_cpu),
        cmocka_unit_test(half_words_by_dma_are_a_size_error),
        cmocka_unit_test(dma_reads_of_an_erasing_bank_wait),
        cmocka_unit_test(dma_reads_of_the_other_bank_go_on),
        cmocka_unit_test(dma_into_nothing_is_a_transfer_error),
        cmocka_unit_test(usart2_sends_by_dma_on_every_chip),
        cmocka_unit_test(a_gated_usart_stands_still),
        cmocka_unit_test(a_gated_timer_stands_still),
        cmocka_unit_test(a_button_on_pc13_raises_its_interrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
