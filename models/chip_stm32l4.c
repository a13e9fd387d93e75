/* The STM32L4 and L4+ chips: tables, no logic.
 * Memories, flash geometry: L4 sheet 1 and boot sheet 1 (RM0351, RM0394, RM0432 and the data
 * sheets named in each chip). Base addresses, interrupt lines, enable bits, pins of the ports:
 * ST's device headers, CMSIS device L4 v1.7.4. The data sheets give no minimum for flash
 * durations: the typical value stands in. FLASHEN stays without effect: code that turned its
 * memory off would not run on. */
#include "models/chip_stm32l4.h"

#include "models/crc.h"
#include "models/crs.h"
#include "models/dbgmcu.h"
#include "models/dma.h"
#include "models/dmamux.h"
#include "models/exti.h"
#include "models/flash_l4.h"
#include "models/gpio.h"
#include "models/iwdg.h"
#include "models/lptim.h"
#include "models/pwr.h"
#include "models/rcc.h"
#include "models/rng_unit.h"
#include "models/rtc.h"
#include "models/scs.h"
#include "models/syscfg.h"
#include "models/tim.h"
#include "models/unmodelled.h"
#include "models/usart.h"
#include "models/wwdg.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

// clang-format off

/* IMR, RTSR of the headers; reset values: boot sheet 13. */
static const struct exti_config exti_l432 = {
    UINT64_C(0xEF9FFFFFFF), UINT64_C(0x68007DFFFF),
    0xFF820000, 0x87, exti_l4_irqs, EXTI_L4_IRQ_COUNT
};
static const struct exti_config exti_l452 = {
    UINT64_C(0x1EFBFFFFFFF), UINT64_C(0x68007DFFFF),
    0xFF820000, 0x187, exti_l4_irqs, EXTI_L4_IRQ_COUNT
};
static const struct exti_config exti_l476 = {
    UINT64_C(0xFFFFFFFFFF), UINT64_C(0x78007DFFFF),
    0xFF820000, 0x87, exti_l4_irqs, EXTI_L4_IRQ_COUNT
};
static const struct exti_config exti_l496 = {
    UINT64_C(0x1FFFFFFFFFF), UINT64_C(0x78007DFFFF),
    0xFF820000, 0x187, exti_l4_irqs, EXTI_L4_IRQ_COUNT
};
static const struct exti_config exti_l4r5 = {
    UINT64_C(0x1FFFFFFFFFF), UINT64_C(0x78007DFFFF),
    0xFF820000, 0x187, exti_l4_irqs, EXTI_L4_IRQ_COUNT
};

static const struct crc_config crc_l4 = {0xFF};
static const struct crc_config crc_l4r5 = {0xFFFFFFFF};
static const struct rng_unit_config rng_l4 = {false};
static const struct rng_unit_config rng_l4r5 = {true};

static const struct gpio_config gpio_a = {0, 0xFFFF, false};
static const struct gpio_config gpio_a_l476 = {0, 0xFFFF, true};
static const struct gpio_config gpio_b = {1, 0xFFFF, false};
static const struct gpio_config gpio_b_l432 = {1, 0x00FB, false};
static const struct gpio_config gpio_b_l476 = {1, 0xFFFF, true};
static const struct gpio_config gpio_c = {2, 0xFFFF, false};
static const struct gpio_config gpio_c_l432 = {2, 0xC000, false};
static const struct gpio_config gpio_c_l476 = {2, 0xFFFF, true};
static const struct gpio_config gpio_d = {3, 0xFFFF, false};
static const struct gpio_config gpio_d_l476 = {3, 0xFFFF, true};
static const struct gpio_config gpio_e = {4, 0xFFFF, false};
static const struct gpio_config gpio_e_l476 = {4, 0xFFFF, true};
static const struct gpio_config gpio_f = {5, 0xFFFF, false};
static const struct gpio_config gpio_f_l476 = {5, 0xFFFF, true};
static const struct gpio_config gpio_g = {6, 0xFFFF, false};
static const struct gpio_config gpio_g_l476 = {6, 0xFFFF, true};
static const struct gpio_config gpio_h = {7, 0xFFFF, false};
static const struct gpio_config gpio_h_l432 = {7, 0x0008, false};
static const struct gpio_config gpio_h_l452 = {7, 0x000B, false};
static const struct gpio_config gpio_h_l476 = {7, 0x0003, true};
static const struct gpio_config gpio_i = {8, 0x0FFF, false};

static const struct usart_config usart1 = {UART_USART1, false, false};
static const struct usart_config usart1_fifo = {UART_USART1, false, true};
static const struct usart_config usart2 = {UART_USART2, false, false};
static const struct usart_config usart2_fifo = {UART_USART2, false, true};
static const struct usart_config usart3 = {UART_USART3, false, false};
static const struct usart_config usart3_fifo = {UART_USART3, false, true};
static const struct usart_config uart4 = {UART_UART4, false, false};
static const struct usart_config uart4_fifo = {UART_UART4, false, true};
static const struct usart_config uart5 = {UART_UART5, false, false};
static const struct usart_config uart5_fifo = {UART_UART5, false, true};
static const struct usart_config lpuart1 = {UART_LPUART1, true, false};
static const struct usart_config lpuart1_fifo = {UART_LPUART1, true, true};

static const struct dma_config dma1 = {1, false, {11, 12, 13, 14, 15, 16, 17}};
static const struct dma_config dma2 = {2, false, {56, 57, 58, 59, 60, 68, 69}};
static const struct dma_config dma1_mux = {1, true, {11, 12, 13, 14, 15, 16, 17}};
static const struct dma_config dma2_mux = {2, true, {56, 57, 58, 59, 60, 68, 69}};

static const struct lptim_config lptim1 = {1, 32, 1, 1u << 31};
static const struct lptim_config lptim2 = {2, 33, 2, 1u << 5};

static const struct tim_config tim1 = {1, 27};
static const struct tim_config tim2 = {2, 0};
static const struct tim_config tim3 = {3, 0};
static const struct tim_config tim4 = {4, 0};
static const struct tim_config tim5 = {5, 0};
static const struct tim_config tim6 = {6, 0};
static const struct tim_config tim7 = {7, 0};
static const struct tim_config tim8 = {8, 46};
static const struct tim_config tim15 = {15, 0};
static const struct tim_config tim16 = {16, 0};
static const struct tim_config tim17 = {17, 0};

/* stm32l432kc */

static const struct chip_memory memories_l432[] = {
    {"SRAM1", 0x20000000, 48 * 1024, NULL},
    {"SRAM2", 0x10000000, 16 * 1024, NULL},
    {"SRAM2 alias", 0x2000C000, 16 * 1024, "SRAM2"},
};

static const struct chip_peripheral peripherals_l432[] = {
    {&flash_l4_type, "FLASH", 0x40022000, 0x400, 4, -1, 0, NULL},
    {&rcc_type, "RCC", 0x40021000, 0x400, 5, -1, 0, &rcc_l432},
    {&pwr_type, "PWR", 0x40007000, 0x400, -1, ENABLE_APB1_1, 1u << 28, &pwr_l432},
    {&syscfg_type, "SYSCFG", 0x40010000, 0x30, -1, ENABLE_APB2, 1u << 0, &syscfg_l432},
    {&dbgmcu_type, "DBGMCU", 0xE0042000, 0x1000, -1, -1, 0, &dbgmcu_l432},
    {&scs_type, "SCS", 0xE0000000, 0x100000, -1, -1, 0, NULL},
    {&exti_type, "EXTI", 0x40010400, 0x400, -1, -1, 0, &exti_l432},
    {&iwdg_type, "IWDG", 0x40003000, 0x400, -1, -1, 0, NULL},
    {&wwdg_type, "WWDG", 0x40002C00, 0x400, 0, ENABLE_APB1_1, 1u << 11, NULL},
    {&rtc_type, "RTC", 0x40002800, 0x400, -1, ENABLE_APB1_1, 1u << 10, NULL},
    {&crs_type, "CRS", 0x40006000, 0x400, 82, ENABLE_APB1_1, 1u << 24, NULL},
    {&crc_type, "CRC", 0x40023000, 0x400, -1, ENABLE_AHB1, 1u << 12, &crc_l4},
    {&rng_unit_type, "RNG", 0x50060800, 0x400, 80, ENABLE_AHB2, 1u << 18, &rng_l4},
    {&gpio_type, "GPIOA", 0x48000000, 0x400, -1, ENABLE_AHB2, 1u << 0, &gpio_a},
    {&gpio_type, "GPIOB", 0x48000400, 0x400, -1, ENABLE_AHB2, 1u << 1, &gpio_b_l432},
    {&gpio_type, "GPIOC", 0x48000800, 0x400, -1, ENABLE_AHB2, 1u << 2, &gpio_c_l432},
    {&gpio_type, "GPIOH", 0x48001C00, 0x400, -1, ENABLE_AHB2, 1u << 7, &gpio_h_l432},
    {&usart_type, "USART1", 0x40013800, 0x400, 37, ENABLE_APB2, 1u << 14, &usart1},
    {&usart_type, "USART2", 0x40004400, 0x400, 38, ENABLE_APB1_1, 1u << 17, &usart2},
    {&usart_type, "LPUART1", 0x40008000, 0x400, 70, ENABLE_APB1_2, 1u << 0, &lpuart1},
    {&tim_type, "TIM1", 0x40012C00, 0x400, 25, ENABLE_APB2, 1u << 11, &tim1},
    {&tim_type, "TIM2", 0x40000000, 0x400, 28, ENABLE_APB1_1, 1u << 0, &tim2},
    {&tim_type, "TIM6", 0x40001000, 0x400, 54, ENABLE_APB1_1, 1u << 4, &tim6},
    {&tim_type, "TIM7", 0x40001400, 0x400, 55, ENABLE_APB1_1, 1u << 5, &tim7},
    {&tim_type, "TIM15", 0x40014000, 0x400, 24, ENABLE_APB2, 1u << 16, &tim15},
    {&tim_type, "TIM16", 0x40014400, 0x400, 25, ENABLE_APB2, 1u << 17, &tim16},
    {&lptim_type, "LPTIM1", 0x40007C00, 0x400, 65, ENABLE_APB1_1, 1u << 31, &lptim1},
    {&lptim_type, "LPTIM2", 0x40009400, 0x400, 66, ENABLE_APB1_2, 1u << 5, &lptim2},
    {&dma_type, "DMA1", 0x40020000, 0x400, -1, ENABLE_AHB1, 1u << 0, &dma1},
    {&dma_type, "DMA2", 0x40020400, 0x400, -1, ENABLE_AHB1, 1u << 1, &dma2},
};

static const struct chip_unmodelled unmodelled_l432[] = {
    {"SPI3", 0x40003C00, 0x400},
    {"I2C1", 0x40005400, 0x400},
    {"I2C3", 0x40005C00, 0x400},
    {"CAN1", 0x40006400, 0x400},
    {"USB", 0x40006800, 0x400},
    {"USB SRAM", 0x40006C00, 0x400},
    {"DAC", 0x40007400, 0x400},
    {"OPAMP", 0x40007800, 0x400},
    {"SWPMI1", 0x40008800, 0x400},
    {"COMP", 0x40010200, 0x200},
    {"FIREWALL", 0x40011C00, 0x400},
    {"SPI1", 0x40013000, 0x400},
    {"SAI1", 0x40015400, 0x400},
    {"TSC", 0x40024000, 0x400},
    {"ADC", 0x50040000, 0x400},
    {"QUADSPI", 0xA0001000, 0x400},
};

const struct chip chip_stm32l432kc = {
    .name = "stm32l432kc",
    .manual = "RM0394 rev 4",
    .data_sheet = "DS11451",
    .core = CORE_M4,
    .irq_count = 83,
    .idcode = 0x10016435, /* L4 sheet 1.2 */
    .memories = memories_l432,
    .memory_count = COUNT(memories_l432),
    .flash = {
        .bank_count = 1,
        .bank_bytes = 256 * 1024,
        .page_bytes = 2048,
        .row_doublewords = 32,
        .has_empty_check = true,
        .has_boot0_option = true,
        .is_l4_plus = false,
        .pcrop_bits = 15,
        .factory_optr = 0xFFFFF8AA, /* L4 sheet 2.5 [unsure] */
        /* L4 sheet 10, 11.2 */
        .program = {81690, 81690, 90760},
        .fast_row = {1910000, 1910000, 2120000},
        .page_erase = {22020000, 22020000, 24470000},
        .mass_erase = {22130000, 22130000, 24590000},
        .option_change = {25000000, 25000000, 50000000},
    },
    .peripherals = peripherals_l432,
    .peripheral_count = COUNT(peripherals_l432),
    .unmodelled = unmodelled_l432,
    .unmodelled_count = COUNT(unmodelled_l432),
};

/* stm32l452re */

static const struct chip_memory memories_l452[] = {
    {"SRAM1", 0x20000000, 128 * 1024, NULL},
    {"SRAM2", 0x10000000, 32 * 1024, NULL},
    {"SRAM2 alias", 0x20020000, 32 * 1024, "SRAM2"},
};

static const struct chip_peripheral peripherals_l452[] = {
    {&flash_l4_type, "FLASH", 0x40022000, 0x400, 4, -1, 0, NULL},
    {&rcc_type, "RCC", 0x40021000, 0x400, 5, -1, 0, &rcc_l452},
    {&pwr_type, "PWR", 0x40007000, 0x400, -1, ENABLE_APB1_1, 1u << 28, &pwr_l452},
    {&syscfg_type, "SYSCFG", 0x40010000, 0x30, -1, ENABLE_APB2, 1u << 0, &syscfg_l452},
    {&dbgmcu_type, "DBGMCU", 0xE0042000, 0x1000, -1, -1, 0, &dbgmcu_l452},
    {&scs_type, "SCS", 0xE0000000, 0x100000, -1, -1, 0, NULL},
    {&exti_type, "EXTI", 0x40010400, 0x400, -1, -1, 0, &exti_l452},
    {&iwdg_type, "IWDG", 0x40003000, 0x400, -1, -1, 0, NULL},
    {&wwdg_type, "WWDG", 0x40002C00, 0x400, 0, ENABLE_APB1_1, 1u << 11, NULL},
    {&rtc_type, "RTC", 0x40002800, 0x400, -1, ENABLE_APB1_1, 1u << 10, NULL},
    {&crs_type, "CRS", 0x40006000, 0x400, 82, ENABLE_APB1_1, 1u << 24, NULL},
    {&crc_type, "CRC", 0x40023000, 0x400, -1, ENABLE_AHB1, 1u << 12, &crc_l4},
    {&rng_unit_type, "RNG", 0x50060800, 0x400, 80, ENABLE_AHB2, 1u << 18, &rng_l4},
    {&gpio_type, "GPIOA", 0x48000000, 0x400, -1, ENABLE_AHB2, 1u << 0, &gpio_a},
    {&gpio_type, "GPIOB", 0x48000400, 0x400, -1, ENABLE_AHB2, 1u << 1, &gpio_b},
    {&gpio_type, "GPIOC", 0x48000800, 0x400, -1, ENABLE_AHB2, 1u << 2, &gpio_c},
    {&gpio_type, "GPIOD", 0x48000C00, 0x400, -1, ENABLE_AHB2, 1u << 3, &gpio_d},
    {&gpio_type, "GPIOE", 0x48001000, 0x400, -1, ENABLE_AHB2, 1u << 4, &gpio_e},
    {&gpio_type, "GPIOH", 0x48001C00, 0x400, -1, ENABLE_AHB2, 1u << 7, &gpio_h_l452},
    {&usart_type, "USART1", 0x40013800, 0x400, 37, ENABLE_APB2, 1u << 14, &usart1},
    {&usart_type, "USART2", 0x40004400, 0x400, 38, ENABLE_APB1_1, 1u << 17, &usart2},
    {&usart_type, "USART3", 0x40004800, 0x400, 39, ENABLE_APB1_1, 1u << 18, &usart3},
    {&usart_type, "UART4", 0x40004C00, 0x400, 52, ENABLE_APB1_1, 1u << 19, &uart4},
    {&usart_type, "LPUART1", 0x40008000, 0x400, 70, ENABLE_APB1_2, 1u << 0, &lpuart1},
    {&tim_type, "TIM1", 0x40012C00, 0x400, 25, ENABLE_APB2, 1u << 11, &tim1},
    {&tim_type, "TIM2", 0x40000000, 0x400, 28, ENABLE_APB1_1, 1u << 0, &tim2},
    {&tim_type, "TIM3", 0x40000400, 0x400, 29, ENABLE_APB1_1, 1u << 1, &tim3},
    {&tim_type, "TIM6", 0x40001000, 0x400, 54, ENABLE_APB1_1, 1u << 4, &tim6},
    {&tim_type, "TIM15", 0x40014000, 0x400, 24, ENABLE_APB2, 1u << 16, &tim15},
    {&tim_type, "TIM16", 0x40014400, 0x400, 25, ENABLE_APB2, 1u << 17, &tim16},
    {&lptim_type, "LPTIM1", 0x40007C00, 0x400, 65, ENABLE_APB1_1, 1u << 31, &lptim1},
    {&lptim_type, "LPTIM2", 0x40009400, 0x400, 66, ENABLE_APB1_2, 1u << 5, &lptim2},
    {&dma_type, "DMA1", 0x40020000, 0x400, -1, ENABLE_AHB1, 1u << 0, &dma1},
    {&dma_type, "DMA2", 0x40020400, 0x400, -1, ENABLE_AHB1, 1u << 1, &dma2},
};

static const struct chip_unmodelled unmodelled_l452[] = {
    {"SPI2", 0x40003800, 0x400},
    {"SPI3", 0x40003C00, 0x400},
    {"I2C1", 0x40005400, 0x400},
    {"I2C2", 0x40005800, 0x400},
    {"I2C3", 0x40005C00, 0x400},
    {"CAN1", 0x40006400, 0x400},
    {"USB", 0x40006800, 0x400},
    {"USB SRAM", 0x40006C00, 0x400},
    {"DAC", 0x40007400, 0x400},
    {"OPAMP", 0x40007800, 0x400},
    {"I2C4", 0x40008400, 0x400},
    {"VREFBUF", 0x40010030, 0x1D0},
    {"COMP", 0x40010200, 0x200},
    {"FIREWALL", 0x40011C00, 0x400},
    {"SDMMC1", 0x40012800, 0x400},
    {"SPI1", 0x40013000, 0x400},
    {"SAI1", 0x40015400, 0x400},
    {"DFSDM1", 0x40016000, 0x800},
    {"TSC", 0x40024000, 0x400},
    {"ADC", 0x50040000, 0x400},
    {"QUADSPI", 0xA0001000, 0x400},
};

const struct chip chip_stm32l452re = {
    .name = "stm32l452re",
    .manual = "RM0394 rev 4",
    .data_sheet = "DS11912",
    .core = CORE_M4,
    .irq_count = 85,
    .idcode = 0x10016462, /* L4 sheet 1.2 */
    .memories = memories_l452,
    .memory_count = COUNT(memories_l452),
    .flash = {
        .bank_count = 1,
        .bank_bytes = 512 * 1024,
        .page_bytes = 2048,
        .row_doublewords = 32,
        .has_empty_check = true,
        .has_boot0_option = true,
        .is_l4_plus = false,
        .pcrop_bits = 16,
        .factory_optr = 0xFFFFF8AA, /* L4 sheet 2.5 [unsure] */
        /* L4 sheet 10, 11.2 */
        .program = {81690, 81690, 90760},
        .fast_row = {1910000, 1910000, 2120000},
        .page_erase = {22020000, 22020000, 24470000},
        .mass_erase = {22130000, 22130000, 24590000},
        .option_change = {25000000, 25000000, 50000000},
    },
    .peripherals = peripherals_l452,
    .peripheral_count = COUNT(peripherals_l452),
    .unmodelled = unmodelled_l452,
    .unmodelled_count = COUNT(unmodelled_l452),
};

/* stm32l476rg */

static const struct chip_memory memories_l476[] = {
    {"SRAM1", 0x20000000, 96 * 1024, NULL},
    {"SRAM2", 0x10000000, 32 * 1024, NULL},
};

static const struct chip_peripheral peripherals_l476[] = {
    {&flash_l4_type, "FLASH", 0x40022000, 0x400, 4, -1, 0, NULL},
    {&rcc_type, "RCC", 0x40021000, 0x400, 5, -1, 0, &rcc_l476},
    {&pwr_type, "PWR", 0x40007000, 0x400, -1, ENABLE_APB1_1, 1u << 28, &pwr_l476},
    {&syscfg_type, "SYSCFG", 0x40010000, 0x30, -1, ENABLE_APB2, 1u << 0, &syscfg_l476},
    {&dbgmcu_type, "DBGMCU", 0xE0042000, 0x1000, -1, -1, 0, &dbgmcu_l476},
    {&scs_type, "SCS", 0xE0000000, 0x100000, -1, -1, 0, NULL},
    {&exti_type, "EXTI", 0x40010400, 0x400, -1, -1, 0, &exti_l476},
    {&iwdg_type, "IWDG", 0x40003000, 0x400, -1, -1, 0, NULL},
    {&wwdg_type, "WWDG", 0x40002C00, 0x400, 0, ENABLE_APB1_1, 1u << 11, NULL},
    {&rtc_type, "RTC", 0x40002800, 0x400, -1, -1, 0, NULL},
    {&crc_type, "CRC", 0x40023000, 0x400, -1, ENABLE_AHB1, 1u << 12, &crc_l4},
    {&rng_unit_type, "RNG", 0x50060800, 0x400, 80, ENABLE_AHB2, 1u << 18, &rng_l4},
    {&gpio_type, "GPIOA", 0x48000000, 0x400, -1, ENABLE_AHB2, 1u << 0, &gpio_a_l476},
    {&gpio_type, "GPIOB", 0x48000400, 0x400, -1, ENABLE_AHB2, 1u << 1, &gpio_b_l476},
    {&gpio_type, "GPIOC", 0x48000800, 0x400, -1, ENABLE_AHB2, 1u << 2, &gpio_c_l476},
    {&gpio_type, "GPIOD", 0x48000C00, 0x400, -1, ENABLE_AHB2, 1u << 3, &gpio_d_l476},
    {&gpio_type, "GPIOE", 0x48001000, 0x400, -1, ENABLE_AHB2, 1u << 4, &gpio_e_l476},
    {&gpio_type, "GPIOF", 0x48001400, 0x400, -1, ENABLE_AHB2, 1u << 5, &gpio_f_l476},
    {&gpio_type, "GPIOG", 0x48001800, 0x400, -1, ENABLE_AHB2, 1u << 6, &gpio_g_l476},
    {&gpio_type, "GPIOH", 0x48001C00, 0x400, -1, ENABLE_AHB2, 1u << 7, &gpio_h_l476},
    {&usart_type, "USART1", 0x40013800, 0x400, 37, ENABLE_APB2, 1u << 14, &usart1},
    {&usart_type, "USART2", 0x40004400, 0x400, 38, ENABLE_APB1_1, 1u << 17, &usart2},
    {&usart_type, "USART3", 0x40004800, 0x400, 39, ENABLE_APB1_1, 1u << 18, &usart3},
    {&usart_type, "UART4", 0x40004C00, 0x400, 52, ENABLE_APB1_1, 1u << 19, &uart4},
    {&usart_type, "UART5", 0x40005000, 0x400, 53, ENABLE_APB1_1, 1u << 20, &uart5},
    {&usart_type, "LPUART1", 0x40008000, 0x400, 70, ENABLE_APB1_2, 1u << 0, &lpuart1},
    {&tim_type, "TIM1", 0x40012C00, 0x400, 25, ENABLE_APB2, 1u << 11, &tim1},
    {&tim_type, "TIM2", 0x40000000, 0x400, 28, ENABLE_APB1_1, 1u << 0, &tim2},
    {&tim_type, "TIM3", 0x40000400, 0x400, 29, ENABLE_APB1_1, 1u << 1, &tim3},
    {&tim_type, "TIM4", 0x40000800, 0x400, 30, ENABLE_APB1_1, 1u << 2, &tim4},
    {&tim_type, "TIM5", 0x40000C00, 0x400, 50, ENABLE_APB1_1, 1u << 3, &tim5},
    {&tim_type, "TIM6", 0x40001000, 0x400, 54, ENABLE_APB1_1, 1u << 4, &tim6},
    {&tim_type, "TIM7", 0x40001400, 0x400, 55, ENABLE_APB1_1, 1u << 5, &tim7},
    {&tim_type, "TIM8", 0x40013400, 0x400, 44, ENABLE_APB2, 1u << 13, &tim8},
    {&tim_type, "TIM15", 0x40014000, 0x400, 24, ENABLE_APB2, 1u << 16, &tim15},
    {&tim_type, "TIM16", 0x40014400, 0x400, 25, ENABLE_APB2, 1u << 17, &tim16},
    {&tim_type, "TIM17", 0x40014800, 0x400, 26, ENABLE_APB2, 1u << 18, &tim17},
    {&lptim_type, "LPTIM1", 0x40007C00, 0x400, 65, ENABLE_APB1_1, 1u << 31, &lptim1},
    {&lptim_type, "LPTIM2", 0x40009400, 0x400, 66, ENABLE_APB1_2, 1u << 5, &lptim2},
    {&dma_type, "DMA1", 0x40020000, 0x400, -1, ENABLE_AHB1, 1u << 0, &dma1},
    {&dma_type, "DMA2", 0x40020400, 0x400, -1, ENABLE_AHB1, 1u << 1, &dma2},
};

static const struct chip_unmodelled unmodelled_l476[] = {
    {"LCD", 0x40002400, 0x400},
    {"SPI2", 0x40003800, 0x400},
    {"SPI3", 0x40003C00, 0x400},
    {"I2C1", 0x40005400, 0x400},
    {"I2C2", 0x40005800, 0x400},
    {"I2C3", 0x40005C00, 0x400},
    {"CAN1", 0x40006400, 0x400},
    {"DAC", 0x40007400, 0x400},
    {"OPAMP", 0x40007800, 0x400},
    {"SWPMI1", 0x40008800, 0x400},
    {"VREFBUF", 0x40010030, 0x1D0},
    {"COMP", 0x40010200, 0x200},
    {"FIREWALL", 0x40011C00, 0x400},
    {"SDMMC1", 0x40012800, 0x400},
    {"SPI1", 0x40013000, 0x400},
    {"SAI1", 0x40015400, 0x400},
    {"SAI2", 0x40015800, 0x400},
    {"DFSDM1", 0x40016000, 0x800},
    {"TSC", 0x40024000, 0x400},
    {"USB OTG FS", 0x50000000, 0x40000},
    {"ADC", 0x50040000, 0x400},
    {"FMC", 0xA0000000, 0x400},
    {"QUADSPI", 0xA0001000, 0x400},
};

const struct chip chip_stm32l476rg = {
    .name = "stm32l476rg",
    .manual = "RM0351 rev 9",
    .data_sheet = "DS10198",
    .core = CORE_M4,
    .irq_count = 82,
    .idcode = 0x10076415, /* L4 sheet 1.2 */
    .memories = memories_l476,
    .memory_count = COUNT(memories_l476),
    .flash = {
        .bank_count = 2,
        .bank_bytes = 512 * 1024,
        .page_bytes = 2048,
        .row_doublewords = 32,
        .has_empty_check = false,
        .has_boot0_option = false,
        .is_l4_plus = false,
        .pcrop_bits = 16,
        .factory_optr = 0xFFEFF8AA, /* L4 sheet 2.5 */
        /* L4 sheet 10, 11.2 */
        .program = {81690, 81690, 90760},
        .fast_row = {1910000, 1910000, 2120000},
        .page_erase = {22020000, 22020000, 24470000},
        .mass_erase = {22130000, 22130000, 24590000},
        .option_change = {25000000, 25000000, 50000000},
    },
    .peripherals = peripherals_l476,
    .peripheral_count = COUNT(peripherals_l476),
    .unmodelled = unmodelled_l476,
    .unmodelled_count = COUNT(unmodelled_l476),
};

/* stm32l496zg */

static const struct chip_memory memories_l496[] = {
    {"SRAM1", 0x20000000, 256 * 1024, NULL},
    {"SRAM2", 0x10000000, 64 * 1024, NULL},
    {"SRAM2 alias", 0x20040000, 64 * 1024, "SRAM2"},
};

static const struct chip_peripheral peripherals_l496[] = {
    {&flash_l4_type, "FLASH", 0x40022000, 0x400, 4, -1, 0, NULL},
    {&rcc_type, "RCC", 0x40021000, 0x400, 5, -1, 0, &rcc_l496},
    {&pwr_type, "PWR", 0x40007000, 0x400, -1, ENABLE_APB1_1, 1u << 28, &pwr_l496},
    {&syscfg_type, "SYSCFG", 0x40010000, 0x30, -1, ENABLE_APB2, 1u << 0, &syscfg_l496},
    {&dbgmcu_type, "DBGMCU", 0xE0042000, 0x1000, -1, -1, 0, &dbgmcu_l496},
    {&scs_type, "SCS", 0xE0000000, 0x100000, -1, -1, 0, NULL},
    {&exti_type, "EXTI", 0x40010400, 0x400, -1, -1, 0, &exti_l496},
    {&iwdg_type, "IWDG", 0x40003000, 0x400, -1, -1, 0, NULL},
    {&wwdg_type, "WWDG", 0x40002C00, 0x400, 0, ENABLE_APB1_1, 1u << 11, NULL},
    {&rtc_type, "RTC", 0x40002800, 0x400, -1, ENABLE_APB1_1, 1u << 10, NULL},
    {&crs_type, "CRS", 0x40006000, 0x400, 82, ENABLE_APB1_1, 1u << 24, NULL},
    {&crc_type, "CRC", 0x40023000, 0x400, -1, ENABLE_AHB1, 1u << 12, &crc_l4},
    {&rng_unit_type, "RNG", 0x50060800, 0x400, 80, ENABLE_AHB2, 1u << 18, &rng_l4},
    {&gpio_type, "GPIOA", 0x48000000, 0x400, -1, ENABLE_AHB2, 1u << 0, &gpio_a},
    {&gpio_type, "GPIOB", 0x48000400, 0x400, -1, ENABLE_AHB2, 1u << 1, &gpio_b},
    {&gpio_type, "GPIOC", 0x48000800, 0x400, -1, ENABLE_AHB2, 1u << 2, &gpio_c},
    {&gpio_type, "GPIOD", 0x48000C00, 0x400, -1, ENABLE_AHB2, 1u << 3, &gpio_d},
    {&gpio_type, "GPIOE", 0x48001000, 0x400, -1, ENABLE_AHB2, 1u << 4, &gpio_e},
    {&gpio_type, "GPIOF", 0x48001400, 0x400, -1, ENABLE_AHB2, 1u << 5, &gpio_f},
    {&gpio_type, "GPIOG", 0x48001800, 0x400, -1, ENABLE_AHB2, 1u << 6, &gpio_g},
    {&gpio_type, "GPIOH", 0x48001C00, 0x400, -1, ENABLE_AHB2, 1u << 7, &gpio_h},
    {&gpio_type, "GPIOI", 0x48002000, 0x400, -1, ENABLE_AHB2, 1u << 8, &gpio_i},
    {&usart_type, "USART1", 0x40013800, 0x400, 37, ENABLE_APB2, 1u << 14, &usart1},
    {&usart_type, "USART2", 0x40004400, 0x400, 38, ENABLE_APB1_1, 1u << 17, &usart2},
    {&usart_type, "USART3", 0x40004800, 0x400, 39, ENABLE_APB1_1, 1u << 18, &usart3},
    {&usart_type, "UART4", 0x40004C00, 0x400, 52, ENABLE_APB1_1, 1u << 19, &uart4},
    {&usart_type, "UART5", 0x40005000, 0x400, 53, ENABLE_APB1_1, 1u << 20, &uart5},
    {&usart_type, "LPUART1", 0x40008000, 0x400, 70, ENABLE_APB1_2, 1u << 0, &lpuart1},
    {&tim_type, "TIM1", 0x40012C00, 0x400, 25, ENABLE_APB2, 1u << 11, &tim1},
    {&tim_type, "TIM2", 0x40000000, 0x400, 28, ENABLE_APB1_1, 1u << 0, &tim2},
    {&tim_type, "TIM3", 0x40000400, 0x400, 29, ENABLE_APB1_1, 1u << 1, &tim3},
    {&tim_type, "TIM4", 0x40000800, 0x400, 30, ENABLE_APB1_1, 1u << 2, &tim4},
    {&tim_type, "TIM5", 0x40000C00, 0x400, 50, ENABLE_APB1_1, 1u << 3, &tim5},
    {&tim_type, "TIM6", 0x40001000, 0x400, 54, ENABLE_APB1_1, 1u << 4, &tim6},
    {&tim_type, "TIM7", 0x40001400, 0x400, 55, ENABLE_APB1_1, 1u << 5, &tim7},
    {&tim_type, "TIM8", 0x40013400, 0x400, 44, ENABLE_APB2, 1u << 13, &tim8},
    {&tim_type, "TIM15", 0x40014000, 0x400, 24, ENABLE_APB2, 1u << 16, &tim15},
    {&tim_type, "TIM16", 0x40014400, 0x400, 25, ENABLE_APB2, 1u << 17, &tim16},
    {&tim_type, "TIM17", 0x40014800, 0x400, 26, ENABLE_APB2, 1u << 18, &tim17},
    {&lptim_type, "LPTIM1", 0x40007C00, 0x400, 65, ENABLE_APB1_1, 1u << 31, &lptim1},
    {&lptim_type, "LPTIM2", 0x40009400, 0x400, 66, ENABLE_APB1_2, 1u << 5, &lptim2},
    {&dma_type, "DMA1", 0x40020000, 0x400, -1, ENABLE_AHB1, 1u << 0, &dma1},
    {&dma_type, "DMA2", 0x40020400, 0x400, -1, ENABLE_AHB1, 1u << 1, &dma2},
};

static const struct chip_unmodelled unmodelled_l496[] = {
    {"LCD", 0x40002400, 0x400},
    {"SPI2", 0x40003800, 0x400},
    {"SPI3", 0x40003C00, 0x400},
    {"I2C1", 0x40005400, 0x400},
    {"I2C2", 0x40005800, 0x400},
    {"I2C3", 0x40005C00, 0x400},
    {"CAN1", 0x40006400, 0x400},
    {"CAN2", 0x40006800, 0x400},
    {"DAC", 0x40007400, 0x400},
    {"OPAMP", 0x40007800, 0x400},
    {"I2C4", 0x40008400, 0x400},
    {"SWPMI1", 0x40008800, 0x400},
    {"VREFBUF", 0x40010030, 0x1D0},
    {"COMP", 0x40010200, 0x200},
    {"FIREWALL", 0x40011C00, 0x400},
    {"SDMMC1", 0x40012800, 0x400},
    {"SPI1", 0x40013000, 0x400},
    {"SAI1", 0x40015400, 0x400},
    {"SAI2", 0x40015800, 0x400},
    {"DFSDM1", 0x40016000, 0x800},
    {"TSC", 0x40024000, 0x400},
    {"DMA2D", 0x4002B000, 0x1000},
    {"USB OTG FS", 0x50000000, 0x40000},
    {"ADC", 0x50040000, 0x400},
    {"DCMI", 0x50050000, 0x400},
    {"FMC", 0xA0000000, 0x400},
    {"QUADSPI", 0xA0001000, 0x400},
};

const struct chip chip_stm32l496zg = {
    .name = "stm32l496zg",
    .manual = "RM0351 rev 9",
    .data_sheet = "DS11585",
    .core = CORE_M4,
    .irq_count = 91,
    .idcode = 0x20006461, /* L4 sheet 1.2 */
    .memories = memories_l496,
    .memory_count = COUNT(memories_l496),
    .flash = {
        .bank_count = 2,
        .bank_bytes = 512 * 1024,
        .page_bytes = 2048,
        .row_doublewords = 32,
        .has_empty_check = true, /* the KB article says so, the header does not [unsure] */
        .has_boot0_option = true,
        .is_l4_plus = false,
        .pcrop_bits = 16,
        .factory_optr = 0xFFEFF8AA, /* L4 sheet 2.5 */
        /* L4 sheet 10, 11.2 */
        .program = {81690, 81690, 90760},
        .fast_row = {1910000, 1910000, 2120000},
        .page_erase = {22020000, 22020000, 24470000},
        .mass_erase = {22130000, 22130000, 24590000},
        .option_change = {25000000, 25000000, 50000000},
    },
    .peripherals = peripherals_l496,
    .peripheral_count = COUNT(peripherals_l496),
    .unmodelled = unmodelled_l496,
    .unmodelled_count = COUNT(unmodelled_l496),
};

/* stm32l4r5zi */

static const struct chip_memory memories_l4r5[] = {
    {"SRAM1", 0x20000000, 192 * 1024, NULL},
    {"SRAM2", 0x10000000, 64 * 1024, NULL},
    {"SRAM2 alias", 0x20030000, 64 * 1024, "SRAM2"},
    {"SRAM3", 0x20040000, 384 * 1024, NULL},
};

static const struct chip_peripheral peripherals_l4r5[] = {
    {&flash_l4_type, "FLASH", 0x40022000, 0x400, 4, -1, 0, NULL},
    {&rcc_type, "RCC", 0x40021000, 0x400, 5, -1, 0, &rcc_l4r5},
    {&pwr_type, "PWR", 0x40007000, 0x400, -1, ENABLE_APB1_1, 1u << 28, &pwr_l4r5},
    {&syscfg_type, "SYSCFG", 0x40010000, 0x30, -1, ENABLE_APB2, 1u << 0, &syscfg_l4r5},
    {&dbgmcu_type, "DBGMCU", 0xE0042000, 0x1000, -1, -1, 0, &dbgmcu_l4r5},
    {&scs_type, "SCS", 0xE0000000, 0x100000, -1, -1, 0, NULL},
    {&exti_type, "EXTI", 0x40010400, 0x400, -1, -1, 0, &exti_l4r5},
    {&iwdg_type, "IWDG", 0x40003000, 0x400, -1, -1, 0, NULL},
    {&wwdg_type, "WWDG", 0x40002C00, 0x400, 0, ENABLE_APB1_1, 1u << 11, NULL},
    {&rtc_type, "RTC", 0x40002800, 0x400, -1, ENABLE_APB1_1, 1u << 10, NULL},
    {&crs_type, "CRS", 0x40006000, 0x400, 82, ENABLE_APB1_1, 1u << 24, NULL},
    {&crc_type, "CRC", 0x40023000, 0x400, -1, ENABLE_AHB1, 1u << 12, &crc_l4r5},
    {&rng_unit_type, "RNG", 0x50060800, 0x400, 80, ENABLE_AHB2, 1u << 18, &rng_l4r5},
    {&gpio_type, "GPIOA", 0x48000000, 0x400, -1, ENABLE_AHB2, 1u << 0, &gpio_a},
    {&gpio_type, "GPIOB", 0x48000400, 0x400, -1, ENABLE_AHB2, 1u << 1, &gpio_b},
    {&gpio_type, "GPIOC", 0x48000800, 0x400, -1, ENABLE_AHB2, 1u << 2, &gpio_c},
    {&gpio_type, "GPIOD", 0x48000C00, 0x400, -1, ENABLE_AHB2, 1u << 3, &gpio_d},
    {&gpio_type, "GPIOE", 0x48001000, 0x400, -1, ENABLE_AHB2, 1u << 4, &gpio_e},
    {&gpio_type, "GPIOF", 0x48001400, 0x400, -1, ENABLE_AHB2, 1u << 5, &gpio_f},
    {&gpio_type, "GPIOG", 0x48001800, 0x400, -1, ENABLE_AHB2, 1u << 6, &gpio_g},
    {&gpio_type, "GPIOH", 0x48001C00, 0x400, -1, ENABLE_AHB2, 1u << 7, &gpio_h},
    {&gpio_type, "GPIOI", 0x48002000, 0x400, -1, ENABLE_AHB2, 1u << 8, &gpio_i},
    {&usart_type, "USART1", 0x40013800, 0x400, 37, ENABLE_APB2, 1u << 14, &usart1_fifo},
    {&usart_type, "USART2", 0x40004400, 0x400, 38, ENABLE_APB1_1, 1u << 17, &usart2_fifo},
    {&usart_type, "USART3", 0x40004800, 0x400, 39, ENABLE_APB1_1, 1u << 18, &usart3_fifo},
    {&usart_type, "UART4", 0x40004C00, 0x400, 52, ENABLE_APB1_1, 1u << 19, &uart4_fifo},
    {&usart_type, "UART5", 0x40005000, 0x400, 53, ENABLE_APB1_1, 1u << 20, &uart5_fifo},
    {&usart_type, "LPUART1", 0x40008000, 0x400, 70, ENABLE_APB1_2, 1u << 0, &lpuart1_fifo},
    {&tim_type, "TIM1", 0x40012C00, 0x400, 25, ENABLE_APB2, 1u << 11, &tim1},
    {&tim_type, "TIM2", 0x40000000, 0x400, 28, ENABLE_APB1_1, 1u << 0, &tim2},
    {&tim_type, "TIM3", 0x40000400, 0x400, 29, ENABLE_APB1_1, 1u << 1, &tim3},
    {&tim_type, "TIM4", 0x40000800, 0x400, 30, ENABLE_APB1_1, 1u << 2, &tim4},
    {&tim_type, "TIM5", 0x40000C00, 0x400, 50, ENABLE_APB1_1, 1u << 3, &tim5},
    {&tim_type, "TIM6", 0x40001000, 0x400, 54, ENABLE_APB1_1, 1u << 4, &tim6},
    {&tim_type, "TIM7", 0x40001400, 0x400, 55, ENABLE_APB1_1, 1u << 5, &tim7},
    {&tim_type, "TIM8", 0x40013400, 0x400, 44, ENABLE_APB2, 1u << 13, &tim8},
    {&tim_type, "TIM15", 0x40014000, 0x400, 24, ENABLE_APB2, 1u << 16, &tim15},
    {&tim_type, "TIM16", 0x40014400, 0x400, 25, ENABLE_APB2, 1u << 17, &tim16},
    {&tim_type, "TIM17", 0x40014800, 0x400, 26, ENABLE_APB2, 1u << 18, &tim17},
    {&lptim_type, "LPTIM1", 0x40007C00, 0x400, 65, ENABLE_APB1_1, 1u << 31, &lptim1},
    {&lptim_type, "LPTIM2", 0x40009400, 0x400, 66, ENABLE_APB1_2, 1u << 5, &lptim2},
    {&dma_type, "DMA1", 0x40020000, 0x400, -1, ENABLE_AHB1, 1u << 0, &dma1_mux},
    {&dma_type, "DMA2", 0x40020400, 0x400, -1, ENABLE_AHB1, 1u << 1, &dma2_mux},
    {&dmamux_type, "DMAMUX1", 0x40020800, 0x400, -1, ENABLE_AHB1, 1u << 2, NULL},
};

static const struct chip_unmodelled unmodelled_l4r5[] = {
    {"SPI2", 0x40003800, 0x400},
    {"SPI3", 0x40003C00, 0x400},
    {"I2C1", 0x40005400, 0x400},
    {"I2C2", 0x40005800, 0x400},
    {"I2C3", 0x40005C00, 0x400},
    {"CAN1", 0x40006400, 0x400},
    {"DAC", 0x40007400, 0x400},
    {"OPAMP", 0x40007800, 0x400},
    {"I2C4", 0x40008400, 0x400},
    {"VREFBUF", 0x40010030, 0x1D0},
    {"COMP", 0x40010200, 0x200},
    {"FIREWALL", 0x40011C00, 0x400},
    {"SPI1", 0x40013000, 0x400},
    {"SAI1", 0x40015400, 0x400},
    {"SAI2", 0x40015800, 0x400},
    {"DFSDM1", 0x40016000, 0x800},
    {"TSC", 0x40024000, 0x400},
    {"DMA2D", 0x4002B000, 0x1000},
    {"USB OTG FS", 0x50000000, 0x40000},
    {"ADC", 0x50040000, 0x400},
    {"DCMI", 0x50050000, 0x400},
    {"OCTOSPIM", 0x50061C00, 0x400},
    {"SDMMC1", 0x50062400, 0x400},
    {"FMC", 0xA0000000, 0x400},
    {"OCTOSPI1", 0xA0001000, 0x400},
    {"OCTOSPI2", 0xA0001400, 0x400},
};

const struct chip chip_stm32l4r5zi = {
    .name = "stm32l4r5zi",
    .manual = "RM0432 rev 9",
    .data_sheet = "DS12023",
    .core = CORE_M4,
    .irq_count = 95,
    .idcode = 0x10036470, /* L4 sheet 1.2 */
    .memories = memories_l4r5,
    .memory_count = COUNT(memories_l4r5),
    .flash = {
        .bank_count = 2,
        .bank_bytes = 1024 * 1024,
        .page_bytes = 4096,
        .row_doublewords = 64,
        .has_empty_check = true,
        .has_boot0_option = true,
        .is_l4_plus = true,
        .pcrop_bits = 17,
        .factory_optr = 0xFFEFF8AA, /* L4 sheet 2.5 */
        /* L4 sheet 10, 11.2 */
        .program = {81700, 81700, 90800},
        .fast_row = {3800000, 3800000, 4000000},
        .page_erase = {22000000, 22000000, 24500000},
        .mass_erase = {22100000, 22100000, 25000000},
        .option_change = {25000000, 25000000, 50000000},
    },
    .peripherals = peripherals_l4r5,
    .peripheral_count = COUNT(peripherals_l4r5),
    .unmodelled = unmodelled_l4r5,
    .unmodelled_count = COUNT(unmodelled_l4r5),
};

// clang-format on
