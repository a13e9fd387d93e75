// Says hello, why the chip was reset, and how often it was since power came: a counter in RAM that
// nobody clears.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

#define COUNTER_MAGIC 0x48454C4Fu

static NOINIT uint32_t counter_magic;
static NOINIT uint32_t reset_count;

static void print_reset_cause(void)
{
    static const struct {
        uint32_t flag;
        const char *name;
    } causes[] = {
        {CSR_OBLRSTF, "OBLRSTF"}, {CSR_PINRSTF, "PINRSTF"},   {CSR_BORRSTF, "BORRSTF"},
        {CSR_SFTRSTF, "SFTRSTF"}, {CSR_IWDGRSTF, "IWDGRSTF"}, {CSR_WWDGRSTF, "WWDGRSTF"},
    };
    const uint32_t csr = RCC_CSR;
    uart_print("reset cause:");
    for (uint32_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        if (csr & causes[i].flag) {
            uart_print(" %s", causes[i].name);
        }
    }
    uart_print("\n");
    RCC_CSR |= CSR_RMVF;
}

int main(void)
{
    uart_init();
    uart_print("hello from %s\n", CHIP_NAME);
    print_reset_cause();
    if (counter_magic != COUNTER_MAGIC) {
        counter_magic = COUNTER_MAGIC;
        reset_count = 0;
    }
    reset_count++;
    uart_print("starts since power came: %u\n", reset_count);
    finish_pass();
}
