// Flash geometry and console of the chips we build for (data sheets; RM0394, RM0351, RM0432
// section 3.3).
#ifndef COMMON_CHIP_H
#define COMMON_CHIP_H

#include <stdint.h>

#define FLASH_START 0x08000000u

// clang-format off
#if defined(CHIP_L452RE)
#define CHIP_NAME       "stm32l452re"
#define FLASH_BYTES     0x80000u
#define BANK_BYTES      0x80000u
#define PAGE_BYTES      0x800u
#define ROW_DOUBLEWORDS 32u
#define HAS_PEMPTY      1
#elif defined(CHIP_L432KC)
#define CHIP_NAME       "stm32l432kc"
#define FLASH_BYTES     0x40000u
#define BANK_BYTES      0x40000u
#define PAGE_BYTES      0x800u
#define ROW_DOUBLEWORDS 32u
#define HAS_PEMPTY      1
#define CONSOLE_RX_PA15 1
#elif defined(CHIP_L476RG)
#define CHIP_NAME       "stm32l476rg"
#define FLASH_BYTES     0x100000u
#define BANK_BYTES      0x80000u
#define PAGE_BYTES      0x800u
#define ROW_DOUBLEWORDS 32u
#define HAS_PEMPTY      0
#elif defined(CHIP_L496ZG)
#define CHIP_NAME       "stm32l496zg"
#define FLASH_BYTES     0x100000u
#define BANK_BYTES      0x80000u
#define PAGE_BYTES      0x800u
#define ROW_DOUBLEWORDS 32u
#define HAS_PEMPTY      0
#define CONSOLE_LPUART1 1
#elif defined(CHIP_L4R5ZI)
#define CHIP_NAME       "stm32l4r5zi"
#define FLASH_BYTES     0x200000u
#define BANK_BYTES      0x100000u
#define PAGE_BYTES      0x1000u
#define ROW_DOUBLEWORDS 64u
#define HAS_PEMPTY      1
#define CONSOLE_LPUART1 1
#else
#error "no chip: the build passes -DCHIP_<NAME>"
#endif
// clang-format on

#define FLASH_END (FLASH_START + FLASH_BYTES)
#define LAST_PAGE (FLASH_END - PAGE_BYTES)
#define HAS_TWO_BANKS (FLASH_BYTES != BANK_BYTES)
#define HCLK_HZ 4000000u // MSI after reset; none of our firmware changes the clock

#endif
