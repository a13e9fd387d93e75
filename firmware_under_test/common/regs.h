// Register addresses of the STM32L4 and the Cortex-M4, written down here a second time on purpose:
// nothing of the emulator is included, so a wrong offset in a model can not cancel itself out.
// Sources: RM0351/RM0394/RM0432 register maps, ARMv7-M reference manual B3. Only what our firmware
// uses.
#ifndef COMMON_REGS_H
#define COMMON_REGS_H

#include <stdint.h>

#define REG32(address) (*(volatile uint32_t *)(address))
#define REG16(address) (*(volatile uint16_t *)(address))
#define REG8(address) (*(volatile uint8_t *)(address))

// clang-format off
// FLASH, RM0394 3.7
#define FLASH_ACR       REG32(0x40022000)
#define FLASH_KEYR      REG32(0x40022008)
#define FLASH_OPTKEYR   REG32(0x4002200C)
#define FLASH_SR        REG32(0x40022010)
#define FLASH_CR        REG32(0x40022014)
#define FLASH_ECCR      REG32(0x40022018)
#define FLASH_OPTR      REG32(0x40022020)
#define FLASH_PCROP1SR  REG32(0x40022024)
#define FLASH_PCROP1ER  REG32(0x40022028)
#define FLASH_WRP1AR    REG32(0x4002202C)
#define FLASH_WRP1BR    REG32(0x40022030)

#define ACR_ICEN        0x00000200u
#define ACR_DCEN        0x00000400u
#define ACR_ICRST       0x00000800u
#define ACR_DCRST       0x00001000u

#define SR_EOP          0x00000001u
#define SR_OPERR        0x00000002u
#define SR_PROGERR      0x00000008u
#define SR_WRPERR       0x00000010u
#define SR_PGAERR       0x00000020u
#define SR_SIZERR       0x00000040u
#define SR_PGSERR       0x00000080u
#define SR_MISERR       0x00000100u
#define SR_FASTERR      0x00000200u
#define SR_RDERR        0x00004000u
#define SR_OPTVERR      0x00008000u
#define SR_BSY          0x00010000u
#define SR_PEMPTY       0x00020000u
#define SR_ERRORS       0x0000C3FAu

#define CR_PG           0x00000001u
#define CR_PER          0x00000002u
#define CR_MER1         0x00000004u
#define CR_PNB(page)    ((uint32_t)(page) << 3)
#define CR_BKER         0x00000800u
#define CR_MER2         0x00008000u
#define CR_STRT         0x00010000u
#define CR_OPTSTRT      0x00020000u
#define CR_FSTPG        0x00040000u
#define CR_EOPIE        0x01000000u
#define CR_ERRIE        0x02000000u
#define CR_OBL_LAUNCH   0x08000000u
#define CR_OPTLOCK      0x40000000u
#define CR_LOCK         0x80000000u

#define ECCR_ECCIE      0x01000000u
#define ECCR_ECCC       0x40000000u
#define ECCR_ECCD       0x80000000u

#define KEYR_KEY1       0x45670123u
#define KEYR_KEY2       0xCDEF89ABu
#define OPTKEYR_KEY1    0x08192A3Bu
#define OPTKEYR_KEY2    0x4C5D6E7Fu

// RCC
#define RCC_CR          REG32(0x40021000)
#define RCC_CFGR        REG32(0x40021008)
#define RCC_AHB1ENR     REG32(0x40021048)
#define RCC_AHB2ENR     REG32(0x4002104C)
#define RCC_APB1ENR1    REG32(0x40021058)
#define RCC_APB1ENR2    REG32(0x4002105C)
#define RCC_APB2ENR     REG32(0x40021060)
#define RCC_CSR         REG32(0x40021094)

#define AHB1ENR_DMA1    0x00000001u
#define AHB2ENR_GPIOA   0x00000001u
#define AHB2ENR_GPIOG   0x00000040u
#define APB1ENR1_TIM6   0x00000010u
#define APB1ENR1_USART2 0x00020000u
#define APB1ENR1_PWR    0x10000000u
#define APB1ENR2_LPUART1 0x00000001u
#define CSR_LSION       0x00000001u
#define CSR_LSIRDY      0x00000002u
#define CSR_RMVF        0x00800000u
#define CSR_OBLRSTF     0x02000000u
#define CSR_PINRSTF     0x04000000u
#define CSR_BORRSTF     0x08000000u
#define CSR_SFTRSTF     0x10000000u
#define CSR_IWDGRSTF    0x20000000u
#define CSR_WWDGRSTF    0x40000000u

// PWR, GPIO, IWDG
#define PWR_CR2         REG32(0x40007004)
#define PWR_CR2_IOSV    0x00000200u

#define PWR_CR2_PVDE    0x00000001u
#define PWR_CR2_PLS(n)  ((uint32_t)(n) << 1)

#define EXTI_IMR1       REG32(0x40010400)
#define EXTI_RTSR1      REG32(0x40010408)
#define EXTI_PR1        REG32(0x40010414)
#define EXTI_PVD        0x00010000u

#define GPIOA_MODER     REG32(0x48000000)
#define GPIOA_ODR       REG32(0x48000014)
#define GPIOA_BSRR      REG32(0x48000018)
#define GPIOA_AFRL      REG32(0x48000020)
#define GPIOA_AFRH      REG32(0x48000024)
#define GPIOG_MODER     REG32(0x48001800)
#define GPIOG_AFRL      REG32(0x48001820)
#define GPIOG_AFRH      REG32(0x48001824)

#define IWDG_KR         REG32(0x40003000)
#define IWDG_PR         REG32(0x40003004)
#define IWDG_RLR        REG32(0x40003008)
#define IWDG_SR         REG32(0x4000300C)

// USART and LPUART share their layout
#define USART2_BASE     0x40004400u
#define LPUART1_BASE    0x40008000u
#define USART_CR1(base) REG32((base) + 0x00u)
#define USART_CR3(base) REG32((base) + 0x08u)
#define USART_BRR(base) REG32((base) + 0x0Cu)
#define USART_ISR(base) REG32((base) + 0x1Cu)
#define USART_ICR(base) REG32((base) + 0x20u)
#define USART_RDR(base) REG32((base) + 0x24u)
#define USART_TDR(base) REG32((base) + 0x28u)
#define CR1_UE          0x00000001u
#define CR1_RE          0x00000004u
#define CR1_TE          0x00000008u
#define CR1_RXNEIE      0x00000020u
#define ISR_ORE         0x00000008u
#define ISR_RXNE        0x00000020u
#define ISR_TC          0x00000040u
#define ISR_TXE         0x00000080u
#define ISR_TEACK       0x00200000u
#define ISR_REACK       0x00400000u

// DMA1 channel 1, RM0394 11.6
#define DMA1_ISR        REG32(0x40020000)
#define DMA1_IFCR       REG32(0x40020004)
#define DMA1_CCR1       REG32(0x40020008)
#define DMA1_CNDTR1     REG32(0x4002000C)
#define DMA1_CPAR1      REG32(0x40020010)
#define DMA1_CMAR1      REG32(0x40020014)
#define DMA_TCIF1       0x00000002u
#define DMA_TEIF1       0x00000008u
#define CCR_EN          0x00000001u
#define CCR_DIR         0x00000010u
#define CCR_PINC        0x00000040u
#define CCR_MINC        0x00000080u
#define CCR_PSIZE(log2) ((uint32_t)(log2) << 8)
#define CCR_MSIZE(log2) ((uint32_t)(log2) << 10)
#define CCR_MEM2MEM     0x00004000u

// Cortex-M4 system control space, ARMv7-M B3.2
#define ACTLR           REG32(0xE000E008)
#define SYST_CSR        REG32(0xE000E010)
#define SYST_RVR        REG32(0xE000E014)
#define SYST_CVR        REG32(0xE000E018)
#define NVIC_ISER(n)    REG32(0xE000E100u + 4u * (n))
#define NVIC_ICER(n)    REG32(0xE000E180u + 4u * (n))
#define NVIC_ISPR(n)    REG32(0xE000E200u + 4u * (n))
#define NVIC_ICPR(n)    REG32(0xE000E280u + 4u * (n))
#define NVIC_IABR(n)    REG32(0xE000E300u + 4u * (n))
#define NVIC_IPR(irq)   REG8(0xE000E400u + (irq))
#define SCB_CPUID       REG32(0xE000ED00)
#define SCB_ICSR        REG32(0xE000ED04)
#define SCB_VTOR        REG32(0xE000ED08)
#define SCB_AIRCR       REG32(0xE000ED0C)
#define SCB_SCR         REG32(0xE000ED10)
#define SCB_CCR         REG32(0xE000ED14)
#define SCB_SHPR1       REG32(0xE000ED18)
#define SCB_SHPR2       REG32(0xE000ED1C)
#define SCB_SHPR3       REG32(0xE000ED20)
#define SCB_SHCSR       REG32(0xE000ED24)
#define SCB_CFSR        REG32(0xE000ED28)
#define SCB_HFSR        REG32(0xE000ED2C)
#define SCB_MMFAR       REG32(0xE000ED34)
#define SCB_BFAR        REG32(0xE000ED38)
#define SCB_CPACR       REG32(0xE000ED88)
#define MPU_TYPE        REG32(0xE000ED90)
#define MPU_CTRL        REG32(0xE000ED94)
#define MPU_RNR         REG32(0xE000ED98)
#define MPU_RBAR        REG32(0xE000ED9C)
#define MPU_RASR        REG32(0xE000EDA0)
#define DEMCR           REG32(0xE000EDFC)
#define FPCCR           REG32(0xE000EF34)
#define FPCAR           REG32(0xE000EF38)
#define DWT_CTRL        REG32(0xE0001000)
#define DWT_CYCCNT      REG32(0xE0001004)

#define ACTLR_DISDEFWBUF    0x00000002u
#define SYST_ENABLE         0x00000001u
#define SYST_TICKINT        0x00000002u
#define SYST_CLKSOURCE      0x00000004u
#define SYST_COUNTFLAG      0x00010000u
#define ICSR_VECTACTIVE     0x000001FFu
#define ICSR_PENDSTCLR      0x02000000u
#define ICSR_PENDSTSET      0x04000000u
#define ICSR_PENDSVSET      0x10000000u
#define AIRCR_SYSRESETREQ   0x05FA0004u
#define SCR_SLEEPONEXIT     0x00000002u
#define SCR_SEVONPEND       0x00000010u
#define CCR_UNALIGN_TRP     0x00000008u
#define CCR_DIV_0_TRP       0x00000010u
#define CCR_STKALIGN        0x00000200u
#define SHCSR_MEMFAULTENA   0x00010000u
#define SHCSR_BUSFAULTENA   0x00020000u
#define SHCSR_USGFAULTENA   0x00040000u
#define CFSR_MSTKERR        0x00000010u
#define CFSR_STKERR         0x00001000u
#define CFSR_INVPC          0x00040000u
#define HFSR_FORCED         0x40000000u
#define HFSR_DEBUGEVT       0x80000000u
#define MPU_ENABLE          0x00000001u
#define MPU_PRIVDEFENA      0x00000004u
#define DEMCR_TRCENA        0x01000000u
#define DWT_CYCCNTENA       0x00000001u

#define PVD_IRQ         1u
#define FLASH_IRQ       4u
#define TIM6_IRQ        54u
#define USART2_IRQ      38u
#define LPUART1_IRQ     70u
// clang-format on

// Never a call: code that runs from SRAM while the flash is busy must not fetch from it.
#define IN_PLACE __attribute__((always_inline)) static inline

IN_PLACE void dsb(void)
{
    __asm__ volatile("dsb" ::: "memory");
}

IN_PLACE void isb(void)
{
    __asm__ volatile("isb" ::: "memory");
}

IN_PLACE void wfi(void)
{
    __asm__ volatile("wfi" ::: "memory");
}

IN_PLACE void interrupts_off(void)
{
    __asm__ volatile("cpsid i" ::: "memory");
}

IN_PLACE void interrupts_on(void)
{
    __asm__ volatile("cpsie i\n\tisb" ::: "memory");
}

// Runs from SRAM: copied there with .data before main.
#define RAM_FUNCTION __attribute__((section(".ramfunc"), noinline, noclone))
// Neither loaded nor cleared at start: keeps its value over a reset, not over a loss of power.
#define NOINIT __attribute__((section(".noinit")))

#endif
