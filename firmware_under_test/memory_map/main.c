// What is where, and what is not: address 0 follows MEMRMP at once, for loads and for code; a probe with
// BFHFNMIGN finds out that nothing is there.
#include "common/check.h"
#include "common/regs.h"
#include "common/uart.h"

#define SYSCFG_MEMRMP REG32(0x40010000)
#define RCC_APB2ENR_SYSCFGEN 0x00000001u
#define MEM_MODE_FLASH 0u
#define MEM_MODE_SRAM1 3u
#define NOWHERE 0x30000000u
#define DATA_OFFSET 0x7000u
#define CODE_OFFSET 0x8000u
#define MOVS_R0_BX_LR(value) (0x47702000u | (value))

typedef uint32_t function(void);

static uint32_t load(uint32_t addr)
{
    return REG32(addr);
}

static __attribute__((noinline)) uint32_t call(uint32_t addr)
{
    return ((function *)(addr | 1u))();
}

static void remap(uint32_t mode)
{
    SYSCFG_MEMRMP = mode;
    dsb();
    isb();
}

// Runs from flash at its own address, so that the ground stays under its feet.
static void check_remapping(void)
{
    uint32_t nothing = 0;
    __asm__ volatile("" : "+r"(nothing));
    RCC_APB2ENR |= RCC_APB2ENR_SYSCFGEN;
    (void)RCC_APB2ENR;
    SCB_VTOR = 0x08000000u;
    const uint32_t in_flash = load(nothing + DATA_OFFSET);
    REG32(0x20000000 + DATA_OFFSET) = 0x01234567;
    REG32(0x20000000 + CODE_OFFSET) = MOVS_R0_BX_LR(2);
    dsb();
    isb();
    for (uint32_t round = 0; round < 2u; round++) {
        remap(MEM_MODE_SRAM1);
        check("SRAM1 at its alias", load(nothing + DATA_OFFSET), 0x01234567);
        check("code of SRAM1 at its alias", call(nothing + CODE_OFFSET), 2);
        remap(MEM_MODE_FLASH);
        check("flash at its alias", load(nothing + DATA_OFFSET), in_flash);
    }
}

static uint32_t probe(uint32_t addr)
{
    SCB_CFSR = SCB_CFSR;
    SCB_CCR |= 1u << 8; // BFHFNMIGN
    __asm__ volatile("cpsid f" ::: "memory");
    (void)REG32(addr);
    dsb();
    const uint32_t status = SCB_CFSR;
    __asm__ volatile("cpsie f" ::: "memory");
    SCB_CCR &= ~(1u << 8);
    return status;
}

int main(void)
{
    uart_init();
    check_remapping();
    check("assumed: a probe of nothing", probe(NOWHERE), 0x00008200);
    check("assumed: its address", SCB_BFAR, NOWHERE);
    check("a probe of memory", probe(0x20000000), 0);
    check_finish();
}
