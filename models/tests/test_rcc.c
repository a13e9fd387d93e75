/* Tests of rcc.c and rcc_clocks.c. Offsets and bits are the manual's (RM0351 6.4). */
#include "models/tests/soc_bench.h"

enum {
    RCC = 0x40021000,
    CR = RCC + 0x00,
    ICSCR = RCC + 0x04,
    CFGR = RCC + 0x08,
    PLLCFGR = RCC + 0x0C,
    PLLSAI1CFGR = RCC + 0x10,
    CIER = RCC + 0x18,
    CIFR = RCC + 0x1C,
    CICR = RCC + 0x20,
    AHB1RSTR = RCC + 0x28,
    APB1RSTR1 = RCC + 0x38,
    AHB1ENR = RCC + 0x48,
    AHB2ENR = RCC + 0x4C,
    APB1ENR1 = RCC + 0x58,
    APB2ENR = RCC + 0x60,
    AHB1SMENR = RCC + 0x68,
    CCIPR = RCC + 0x88,
    BDCR = RCC + 0x90,
    CSR = RCC + 0x94,
    CRRCR = RCC + 0x98,
};

static void reset_values_are_the_manuals(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    assert_int_equal(get(soc, CR), 0x00000063);
    assert_int_equal(get(soc, ICSCR), 0x40000000);
    assert_int_equal(get(soc, CFGR), 0);
    assert_int_equal(get(soc, PLLCFGR), 0x00001000);
    assert_int_equal(get(soc, PLLSAI1CFGR), 0x00001000);
    assert_int_equal(get(soc, CIER), 0);
    assert_int_equal(get(soc, AHB1ENR), 0x00000100);
    assert_int_equal(get(soc, APB1ENR1), 0x00000400);
    assert_int_equal(get(soc, AHB1SMENR), 0x00011303);
    assert_int_equal(get(soc, BDCR), 0);
    assert_int_equal(get(soc, CSR), 0x0C000600);
    assert_int_equal(get(soc, CRRCR), 0);
    soc_destroy(soc);
}

static void reserved_bits_hold(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l476rg");

    for (uint32_t offset = 0x28; offset <= 0x88; offset += 4)
        if (offset != 0x34 && offset != 0x44 && offset != 0x54 && offset != 0x64 &&
            offset != 0x74 && offset != 0x84)
            put(soc, RCC + offset, 0xFFFFFFFF);

    assert_int_equal(get(soc, AHB1RSTR), 0x00011103);
    assert_int_equal(get(soc, AHB1ENR), 0x00011103);
    assert_int_equal(get(soc, AHB2ENR), 0x000430FF);
    assert_int_equal(get(soc, APB1ENR1), 0xF2FECA3F); /* no RTCAPBEN, no CRSEN on the L476 */
    assert_int_equal(get(soc, APB2ENR), 0x01677C81);
    assert_int_equal(get(soc, CRRCR), 0);
    put(soc, CRRCR, 0xFFFFFFFF);
    run_ms(soc, 1);
    assert_int_equal(get(soc, CRRCR), 0); /* no HSI48 on the L476 */
    soc_destroy(soc);
}

static void the_core_starts_on_msi_at_4_mhz(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    assert_int_equal(soc->wires.sysclk_hz, 4000000);
    assert_int_equal(soc->wires.hclk_hz, 4000000);
    assert_int_equal(soc->wires.pclk1_hz, 4000000);
    assert_int_equal(soc->wires.msi_hz, 4000000);
    assert_int_equal(soc->wires.hsi16_hz, 0);
    soc_destroy(soc);
}

static void an_oscillator_is_ready_after_its_start_time(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    set_bits(soc, CR, 1u << 8); /* HSION */

    run_ns(soc, 3999);
    assert_int_equal(get(soc, CR) & 1u << 10, 0);
    run_ns(soc, 1);
    assert_int_equal(get(soc, CR) & 1u << 10, 1u << 10);
    assert_int_equal(soc->wires.hsi16_hz, 16000000);
    clear_bits(soc, CR, 1u << 8);
    assert_int_equal(get(soc, CR) & 1u << 10, 0);
    soc_destroy(soc);
}

static void without_a_crystal_hserdy_never_comes(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    soc->wires.board_hse_hz = 0;

    set_bits(soc, CR, 1u << 16);
    run_ms(soc, 10000);

    assert_int_equal(get(soc, CR) & 1u << 17, 0);
    soc_destroy(soc);
}

/* MSI 4 MHz / 1 * 40 / 2 = 80 MHz, as CubeMX sets up NUCLEO boards. */
static void start_pll_at_80_mhz(struct soc *soc)
{
    put(soc, PLLCFGR, 0x01002801); /* R/2, REN, N = 40, M = 1, MSI */
    set_bits(soc, CR, 1u << 24);
    run_us(soc, 40);
    assert_int_equal(get(soc, CR) & 1u << 25, 1u << 25);
    put(soc, CFGR, 3);
}

static void the_pll_gives_80_mhz(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    start_pll_at_80_mhz(soc);

    assert_int_equal(get(soc, CFGR), 0xF);
    assert_int_equal(soc->wires.sysclk_hz, 80000000);
    assert_int_equal(last_event(EVENT_CLOCK)->value, 80000000);
    soc_destroy(soc);
}

static void the_l4_plus_pll_gives_120_mhz_with_a_wide_m(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l4r5zi");
    set_bits(soc, CR, 1u << 16);
    run_ms(soc, 2);

    put(soc, PLLCFGR, 0x01003C13); /* HSE / 2 * 60 / 2 */
    set_bits(soc, CR, 1u << 24);
    run_us(soc, 40);
    put(soc, CFGR, 3);
    assert_int_equal(soc->wires.sysclk_hz, 120000000);

    put(soc, CFGR, 0);
    clear_bits(soc, CR, 1u << 24);
    put(soc, PLLCFGR, 0x01007893); /* HSE / 10 * 120 / 2: M needs bit 7 */
    set_bits(soc, CR, 1u << 24);
    run_us(soc, 40);
    put(soc, CFGR, 3);
    assert_int_equal(soc->wires.sysclk_hz, 48000000);
    soc_destroy(soc);
}

static void a_switch_waits_until_the_target_is_ready(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    set_bits(soc, CR, 1u << 16);

    put(soc, CFGR, 2);
    assert_int_equal(get(soc, CFGR), 0x2);
    assert_int_equal(soc->wires.sysclk_hz, 4000000);
    run_ms(soc, 2);

    assert_int_equal(get(soc, CFGR), 0xA);
    assert_int_equal(soc->wires.sysclk_hz, 8000000);
    soc_destroy(soc);
}

static void a_switch_to_an_oscillator_that_is_off_never_happens(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    put(soc, CFGR, 1);
    run_ms(soc, 100);

    assert_int_equal(get(soc, CFGR), 0x1);
    soc_destroy(soc);
}

static void the_system_clocks_source_can_not_be_turned_off(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    start_pll_at_80_mhz(soc);

    put(soc, CR, 0x60);

    assert_int_equal(get(soc, CR) & 0x03000003, 0x03000003); /* PLL and, behind it, MSI */
    assert_int_equal(soc->wires.sysclk_hz, 80000000);
    soc_destroy(soc);
}

static void pllcfgr_is_frozen_while_the_pll_runs_but_for_its_enables(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    start_pll_at_80_mhz(soc);

    put(soc, PLLCFGR, 0x00100812);

    assert_int_equal(get(soc, PLLCFGR), 0x01102801); /* QEN set, REN kept: it is the system clock */
    soc_destroy(soc);
}

static void msi_ranges_are_the_manuals(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    static const uint32_t hz[12] = {100000,  200000,  400000,   800000,   1000000,  2000000,
                                    4000000, 8000000, 16000000, 24000000, 32000000, 48000000};
    put(soc, CR, 0x01 | 2u << 4); /* MSIRGSEL = 0: MSIRANGE has no say */
    assert_int_equal(soc->wires.hclk_hz, 4000000);

    for (uint32_t range = 0; range < 12; range++) {
        put(soc, CR, 0x09 | range << 4);
        assert_int_equal(soc->wires.hclk_hz, hz[range]);
    }
    soc_destroy(soc);
}

static void msirange_does_not_change_while_the_msi_starts(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    set_bits(soc, CR, 1u << 8);
    run_us(soc, 10);
    put(soc, CFGR, 1);
    clear_bits(soc, CR, 1);
    set_bits(soc, CR, 1);

    put(soc, CR, (get(soc, CR) & ~0xF0u) | 0xB0 | 8);

    assert_int_equal(get(soc, CR) & 0xF0, 0x60);
    assert_true(is_assumed("L4.rcc.msirange_not_ready"));
    soc_destroy(soc);
}

static void prescalers_divide_and_timers_double(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    start_pll_at_80_mhz(soc);

    put(soc, CFGR, 3 | 0x8 << 4 | 0x5 << 8 | 0x4 << 11); /* HCLK/2, PCLK1/4, PCLK2/2 */

    assert_int_equal(soc->wires.hclk_hz, 40000000);
    assert_int_equal(soc->wires.pclk1_hz, 10000000);
    assert_int_equal(soc->wires.timclk1_hz, 20000000);
    assert_int_equal(soc->wires.pclk2_hz, 20000000);
    assert_int_equal(soc->wires.timclk2_hz, 40000000);
    put(soc, CFGR, 3 | 0xF << 4);
    assert_int_equal(soc->wires.hclk_hz, 156250); /* /512 */
    assert_int_equal(soc->wires.timclk1_hz, 156250);
    soc_destroy(soc);
}

static void usart_kernel_clocks_follow_ccipr(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    set_bits(soc, CR, 1u << 8);
    run_us(soc, 10);
    put(soc, CFGR, 0x4 << 8 | 0x5 << 11); /* PCLK1 2 MHz, PCLK2 1 MHz */

    put(soc, CCIPR, 1u << 2 | 2u << 10); /* USART2 SYSCLK, LPUART1 HSI16 */

    assert_int_equal(soc->wires.uart_hz[UART_USART1], 1000000);
    assert_int_equal(soc->wires.uart_hz[UART_USART2], 4000000);
    assert_int_equal(soc->wires.uart_hz[UART_USART3], 2000000);
    assert_int_equal(soc->wires.uart_hz[UART_LPUART1], 16000000);
    soc_destroy(soc);
}

static void the_48_mhz_clock_has_four_sources(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    assert_int_equal(soc->wires.clk48_hz, 0);

    put(soc, CRRCR, 1);
    run_us(soc, 6);
    assert_int_equal(soc->wires.clk48_hz, 48000000);
    put(soc, PLLCFGR, 0x00101801 | 1u << 21); /* MSI * 24 / 4, QEN */
    set_bits(soc, CR, 1u << 24);
    run_us(soc, 40);
    put(soc, CCIPR, 2u << 26);
    assert_int_equal(soc->wires.clk48_hz, 24000000);
    put(soc, PLLSAI1CFGR, 0x00101800); /* MSI * 24 / 2, QEN */
    set_bits(soc, CR, 1u << 26);
    run_us(soc, 40);
    put(soc, CCIPR, 1u << 26);
    assert_int_equal(soc->wires.clk48_hz, 48000000);
    put(soc, CCIPR, 3u << 26);
    assert_int_equal(soc->wires.clk48_hz, 4000000);
    soc_destroy(soc);
}

static void ready_flags_need_their_enable_and_raise_the_interrupt(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    put(soc, CIER, 1u << 3);

    set_bits(soc, CR, 1u << 8 | 1u << 16);
    run_ms(soc, 2);

    assert_int_equal(get(soc, CIFR), 1u << 3); /* HSIRDYF; HSERDYIE is off */
    assert_true(irq_pending(soc, 5));
    put(soc, CICR, 1u << 3);
    assert_int_equal(get(soc, CIFR), 0);
    assert_int_equal(get(soc, CICR), 0);
    soc_destroy(soc);
}

static void an_unclocked_peripheral_reads_zero_and_ignores_writes(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    put(soc, 0x40007000, 0x0100); /* PWR_CR1 without PWREN */
    assert_int_equal(get(soc, 0x40007000), 0);
    assert_false(soc->wires.backup_access);
    set_bits(soc, APB1ENR1, 1u << 28);

    assert_int_equal(get(soc, 0x40007000), 0x0200);
    soc_destroy(soc);
}

static void wwdgen_can_not_be_cleared(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    set_bits(soc, APB1ENR1, 1u << 11);
    clear_bits(soc, APB1ENR1, 1u << 11);

    assert_int_equal(get(soc, APB1ENR1) & 1u << 11, 1u << 11);
    soc_destroy(soc);
}

static void a_peripheral_reset_bit_resets_that_peripheral(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    set_bits(soc, APB1ENR1, 1u << 28 | 1u << 17);
    put(soc, 0x40007000, 0x0300);
    put(soc, 0x4000440C, 0x1234); /* USART2_BRR */

    put(soc, APB1RSTR1, 1u << 28);
    put(soc, APB1RSTR1, 0);

    assert_int_equal(get(soc, 0x40007000), 0x0200);
    assert_false(soc->wires.backup_access);
    assert_int_equal(get(soc, 0x4000440C), 0x1234);
    soc_destroy(soc);
}

static void the_backup_domain_is_write_protected(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    put(soc, BDCR, 1);
    run_ms(soc, 5000);
    assert_int_equal(get(soc, BDCR), 0);
    open_backup_domain(soc);
    put(soc, BDCR, 1);
    run_ms(soc, 249);
    assert_int_equal(get(soc, BDCR), 1);
    run_ms(soc, 1);

    assert_int_equal(get(soc, BDCR), 3);
    assert_int_equal(soc->wires.lse_hz, 32768);
    soc_destroy(soc);
}

static void rtcsel_is_chosen_once_until_bdrst(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    open_backup_domain(soc);
    put(soc, CSR, 1);
    run_us(soc, 130);

    put(soc, BDCR, 2u << 8 | 1u << 15);
    assert_int_equal(soc->wires.rtc_hz, 32000);
    put(soc, BDCR, 1u << 8 | 1u << 15);
    assert_int_equal(get(soc, BDCR), 2u << 8 | 1u << 15);
    put(soc, BDCR, 1u << 16);
    assert_int_equal(get(soc, BDCR), 1u << 16);
    put(soc, BDCR, 0);
    put(soc, BDCR, 1u << 8);

    assert_int_equal(get(soc, BDCR), 1u << 8);
    soc_destroy(soc);
}

static void the_backup_domain_outlives_a_reset_and_with_vbat_a_power_cut(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    soc->wires.has_vbat = true;
    open_backup_domain(soc);
    put(soc, BDCR, 1);
    run_ms(soc, 250);

    soc_reset(soc, RESET_SYSTEM);
    assert_int_equal(get(soc, BDCR), 3);
    soc_power_cut(soc);
    soc_reset(soc, RESET_POWER_ON);
    assert_int_equal(get(soc, BDCR), 3);
    soc_power_cut(soc);
    soc->wires.has_vbat = false;
    soc_reset(soc, RESET_POWER_ON);

    assert_int_equal(get(soc, BDCR), 0);
    soc_destroy(soc);
}

static void reset_flags_are_sticky_until_rmvf(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    put(soc, CSR, 1u << 23);
    assert_int_equal(get(soc, CSR), 0x600);

    soc_reset(soc, RESET_IWDG);
    assert_int_equal(get(soc, CSR), 0x24000600);
    soc_reset(soc, RESET_SYSTEM);
    assert_int_equal(get(soc, CSR), 0x34000600);
    put(soc, CSR, 1u << 23);
    soc_reset(soc, RESET_WWDG);
    assert_int_equal(get(soc, CSR), 0x44000600);
    put(soc, CSR, 1u << 23);
    soc_reset(soc, RESET_LOW_POWER);
    assert_int_equal(get(soc, CSR), 0x84000600);
    put(soc, CSR, 1u << 23);
    soc_reset(soc, RESET_OPTION_LOAD);
    assert_int_equal(get(soc, CSR), 0x06000600);
    soc_power_cut(soc);
    soc_reset(soc, RESET_POWER_ON);

    assert_int_equal(get(soc, CSR), 0x0C000600);
    soc_destroy(soc);
}

static void stop_mode_wakes_on_msi_or_hsi16(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    start_pll_at_80_mhz(soc);

    device_signal(&soc->system, WIRE_STOP_MODE, 1);
    assert_int_equal(soc->wires.pclk1_hz, 0);
    device_signal(&soc->system, WIRE_STOP_MODE, 0);
    assert_int_equal(soc->wires.hclk_hz, 4000000);
    assert_int_equal(get(soc, CFGR), 0);
    assert_int_equal(get(soc, CR) & 0x03000000, 0);
    put(soc, CFGR, 1u << 15);
    device_signal(&soc->system, WIRE_STOP_MODE, 1);
    device_signal(&soc->system, WIRE_STOP_MODE, 0);

    assert_int_equal(soc->wires.hclk_hz, 16000000);
    assert_int_equal(get(soc, CFGR), 0x8005);
    soc_destroy(soc);
}

static void byte_and_half_word_writes_leave_other_lanes(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    store(soc, APB1ENR1 + 3, 1, 0x10);
    store(soc, APB1ENR1, 2, 0x0401);

    assert_int_equal(get(soc, APB1ENR1), 0x10000401);
    assert_int_equal(load(soc, APB1ENR1 + 3, 1).value, 0x10);
    soc_destroy(soc);
}

static void bypass_bits_are_locked_while_their_oscillator_is_on(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    open_backup_domain(soc);

    set_bits(soc, CR, 1u << 16);
    set_bits(soc, CR, 1u << 18);
    assert_int_equal(get(soc, CR) & 1u << 18, 0);
    set_bits(soc, BDCR, 1);
    set_bits(soc, BDCR, 4);

    assert_int_equal(get(soc, BDCR), 1);
    soc_destroy(soc);
}

static void an_external_clock_is_ready_at_once(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    set_bits(soc, CR, 1u << 18);

    set_bits(soc, CR, 1u << 16);
    run_us(soc, 2);

    assert_int_equal(get(soc, CR) & 1u << 17, 1u << 17);
    soc_destroy(soc);
}

static void hsi16_and_hse_can_not_be_turned_off_while_the_core_runs_on_them(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    set_bits(soc, CR, 1u << 8 | 1u << 16);
    run_ms(soc, 2);

    put(soc, CFGR, 1);
    clear_bits(soc, CR, 1u << 8);
    assert_int_equal(get(soc, CR) & 1u << 8, 1u << 8);
    put(soc, CFGR, 2);
    clear_bits(soc, CR, 1u << 16);

    assert_int_equal(get(soc, CR) & 1u << 16, 1u << 16);
    soc_destroy(soc);
}

static void the_plls_source_is_frozen_while_another_pll_runs(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    put(soc, PLLCFGR, 0x00001001);
    set_bits(soc, CR, 1u << 26);

    put(soc, PLLCFGR, 0x01002813);

    assert_int_equal(get(soc, PLLCFGR), 0x01002801);
    soc_destroy(soc);
}

static void msisrange_needs_msirgsel(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    put(soc, CSR, 4u << 8);
    assert_int_equal(get(soc, CSR) & 0xF00, 0x600);
    set_bits(soc, CR, 8);
    put(soc, CSR, 4u << 8);

    assert_int_equal(get(soc, CSR) & 0xF00, 0x400);
    soc_destroy(soc);
}

static void the_sai1_pll_has_its_own_m_on_l4_plus_only(void **state)
{
    (void)state;
    static const struct {
        const char *chip;
        uint32_t clk48;
    } rows[] = {{"stm32l452re", 24000000}, {"stm32l4r5zi", 12000000}};
    for (unsigned i = 0; i < 2; i++) {
        struct soc *soc = power_on(rows[i].chip);

        put(soc, PLLCFGR, 0x00001011);     /* M = 2 */
        put(soc, PLLSAI1CFGR, 0x00101830); /* N = 24, Q / 2, and M = 4 where it has one */
        set_bits(soc, CR, 1u << 26);
        run_us(soc, 40);
        put(soc, CCIPR, 1u << 26);

        assert_int_equal(soc->wires.clk48_hz, rows[i].clk48);
        soc_destroy(soc);
    }
}

static void the_rtc_can_run_on_hse_divided_by_32(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    open_backup_domain(soc);
    set_bits(soc, CR, 1u << 16);
    run_ms(soc, 2);

    put(soc, BDCR, 3u << 8 | 1u << 15);

    assert_int_equal(soc->wires.rtc_hz, 250000);
    soc_destroy(soc);
}

static void the_lsi_stays_on_through_a_reset_while_the_rtc_uses_it(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    open_backup_domain(soc);
    put(soc, BDCR, 2u << 8 | 1u << 15);
    run_us(soc, 130);

    soc_reset(soc, RESET_SYSTEM);

    assert_int_equal(soc->wires.rtc_hz, 32000);
    soc_destroy(soc);
}

static void what_is_written_under_a_peripheral_reset_is_lost(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    set_bits(soc, APB1ENR1, 1u << 28);

    put(soc, APB1RSTR1, 1u << 28);
    put(soc, 0x40007000, 0x0300);
    put(soc, APB1RSTR1, 0);

    assert_int_equal(get(soc, 0x40007000), 0x0200);
    soc_destroy(soc);
}

static void stop_mode_turns_fast_clocks_off_unless_the_debugger_keeps_them(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    put(soc, CRRCR, 1);
    put(soc, CCIPR, 1u << 2); /* USART2 on SYSCLK */
    start_pll_at_80_mhz(soc);

    put(soc, 0xE0042004, 2); /* DBG_STOP */
    device_signal(&soc->system, WIRE_STOP_MODE, 1);
    assert_int_equal(soc->wires.hclk_hz, 80000000);
    device_signal(&soc->system, WIRE_STOP_MODE, 0);
    put(soc, 0xE0042004, 0);
    device_signal(&soc->system, WIRE_STOP_MODE, 1);

    assert_int_equal(soc->wires.hsi48_hz, 0);
    assert_int_equal(soc->wires.uart_hz[UART_USART2], 0);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reset_values_are_the_manuals),
        cmocka_unit_test(reserved_bits_hold),
        cmocka_unit_test(the_core_starts_on_msi_at_4_mhz),
        cmocka_unit_test(an_oscillator_is_ready_after_its_start_time),
        cmocka_unit_test(without_a_crystal_hserdy_never_comes),
        cmocka_unit_test(the_pll_gives_80_mhz),
        cmocka_unit_test(the_l4_plus_pll_gives_120_mhz_with_a_wide_m),
        cmocka_unit_test(a_switch_waits_until_the_target_is_ready),
        cmocka_unit_test(a_switch_to_an_oscillator_that_is_off_never_happens),
        cmocka_unit_test(the_system_clocks_source_can_not_be_turned_off),
        cmocka_unit_test(pllcfgr_is_frozen_while_the_pll_runs_but_for_its_enables),
        cmocka_unit_test(msi_ranges_are_the_manuals),
        cmocka_unit_test(msirange_does_not_change_while_the_msi_starts),
        cmocka_unit_test(prescalers_divide_and_timers_double),
        cmocka_unit_test(usart_kernel_clocks_follow_ccipr),
        cmocka_unit_test(the_48_mhz_clock_has_four_sources),
        cmocka_unit_test(ready_flags_need_their_enable_and_raise_the_interrupt),
        cmocka_unit_test(an_unclocked_peripheral_reads_zero_and_ignores_writes),
        cmocka_unit_test(wwdgen_can_not_be_cleared),
        cmocka_unit_test(a_peripheral_reset_bit_resets_that_peripheral),
        cmocka_unit_test(the_backup_domain_is_write_protected),
        cmocka_unit_test(rtcsel_is_chosen_once_until_bdrst),
        cmocka_unit_test(the_backup_domain_outlives_a_reset_and_with_vbat_a_power_cut),
        cmocka_unit_test(reset_flags_are_sticky_until_rmvf),
        cmocka_unit_test(stop_mode_wakes_on_msi_or_hsi16),
        cmocka_unit_test(byte_and_half_word_writes_leave_other_lanes),
        cmocka_unit_test(bypass_bits_are_locked_while_their_oscillator_is_on),
        cmocka_unit_test(an_external_clock_is_ready_at_once),
        cmocka_unit_test(hsi16_and_hse_can_not_be_turned_off_while_the_core_runs_on_them),
        cmocka_unit_test(the_plls_source_is_frozen_while_another_pll_runs),
        cmocka_unit_test(msisrange_needs_msirgsel),
        cmocka_unit_test(the_sai1_pll_has_its_own_m_on_l4_plus_only),
        cmocka_unit_test(the_rtc_can_run_on_hse_divided_by_32),
        cmocka_unit_test(the_lsi_stays_on_through_a_reset_while_the_rtc_uses_it),
        cmocka_unit_test(what_is_written_under_a_peripheral_reset_is_lost),
        cmocka_unit_test(stop_mode_turns_fast_clocks_off_unless_the_debugger_keeps_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
