// Code in RAM that is rewritten, by the core and by DMA, beside data that changes: what runs is what is there.
#include "common/chip.h"
#include "common/check.h"
#include "common/regs.h"
#include "common/uart.h"

#define ROUNDS 4u
#define MOVS_R0(value) (0x2000u | (value))
#define BX_LR 0x4770u
#define NOP 0xBF00u

typedef uint32_t function(void);
enum writer { BY_WORDS, BY_BYTES, BY_BITS };

static uint32_t area[1024] __attribute__((aligned(1024)));

static void put(uint32_t addr, uint32_t value, enum writer writer)
{
    const uint32_t words[2] = {MOVS_R0(value) | BX_LR << 16, NOP | NOP << 16};
    switch (writer) {
    case BY_WORDS:
        REG32(addr) = words[0];
        REG32(addr + 4u) = words[1];
        break;
    case BY_BYTES:
        for (uint32_t i = 0; i < 8u; i++) {
            REG8(addr + i) = (uint8_t)(words[i / 4u] >> (8u * (i % 4u)));
        }
        break;
    case BY_BITS:
        for (uint32_t bit = 0; bit < 8u; bit++) {
            REG32(0x22000000u + (addr - 0x20000000u) * 32u + bit * 4u) = value >> bit & 1u;
        }
        break;
    }
    dsb();
    isb();
}

static __attribute__((noinline)) uint32_t call(uint32_t addr)
{
    return ((function *)(addr | 1u))();
}

// `data` is written between the rewritings: 0 for none.
static void rewrite(const char *name, uint32_t code, uint32_t data, enum writer writer)
{
    uint32_t wrong = 0;
    put(code, 0, BY_WORDS);
    (void)call(code);
    for (uint32_t i = 1; i <= ROUNDS; i++) {
        if (data != 0) {
            REG32(data) = i;
        }
        put(code, i, writer);
        wrong += call(code) != i;
        if (data != 0) {
            REG32(data) = ~i;
        }
    }
    check(name, wrong, 0);
}

int main(void)
{
    const uint32_t code = (uint32_t)area;
    uart_init();
    rewrite("rewritten", code, 0, BY_WORDS);
    rewrite("with data 512 bytes behind", code, code + 512u, BY_WORDS);
    rewrite("with data 2 KB behind", code, code + 2048u, BY_WORDS);
    rewrite("byte by byte", code + 64u, code + 128u, BY_BYTES);
    rewrite("bit by bit", code + 64u, code + 128u, BY_BITS);
    rewrite("across the edge of a kilobyte", code + 1022u, code + 1100u, BY_BYTES);
    rewrite("in SRAM2", 0x10000000u, 0x10000100u, BY_WORDS);
    check_finish();
}
