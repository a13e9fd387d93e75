// Pitfall 6: a constant table is in flash. Sorting it in place through a pointer that lost its
// const is no fault and sorts nothing. Sort a copy in RAM.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

#define ENTRIES 6u

static const uint16_t thresholds[ENTRIES] = {50, 40, 30, 20, 10, 0};

static __attribute__((noinline)) void sort(volatile uint16_t *entry)
{
    for (uint32_t i = 0; i < ENTRIES; i++) {
        for (uint32_t j = i + 1; j < ENTRIES; j++) {
            const uint16_t a = entry[i];
            const uint16_t b = entry[j];
            if (a > b) {
                entry[i] = b;
                entry[j] = a;
            }
        }
    }
}

int main(void)
{
    uart_init();
#ifdef BAD
    volatile uint16_t *table = (volatile uint16_t *)(uintptr_t)thresholds;
#else
    static uint16_t copy[ENTRIES];
    for (uint32_t i = 0; i < ENTRIES; i++) {
        copy[i] = thresholds[i];
    }
    volatile uint16_t *table = copy;
#endif
    sort(table);
    uart_print("lowest %u highest %u SR %w\n", (uint32_t)table[0], (uint32_t)table[ENTRIES - 1u],
               FLASH_SR);
    if (table[0] != 0 || table[ENTRIES - 1u] != 50) {
        finish_fail("not sorted");
    }
    finish_pass();
}
