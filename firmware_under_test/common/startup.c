// From reset to main: RAM gets its initial contents, nothing else. Clock stays MSI 4 MHz, FPU stays
// off.
#include "common/chip.h"
#include "common/regs.h"

extern const uint32_t vector_table[];
extern uint32_t data_start[], data_end[], bss_start[], bss_end[];
extern const uint32_t data_load[];

int main(void);
void Reset_Handler(void);

__attribute__((noreturn)) void Reset_Handler(void)
{
    const uint32_t *from = data_load;
    for (uint32_t *to = data_start; to < data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = bss_start; to < bss_end; to++) {
        *to = 0;
    }
    // At the start of flash VTOR keeps its reset value 0, the alias, as in ST's own start-up.
    // Linked elsewhere it must move.
    if ((uint32_t)vector_table != FLASH_START) {
        SCB_VTOR = (uint32_t)vector_table;
        dsb();
    }
    (void)main();
    for (;;) {
        wfi();
    }
}
