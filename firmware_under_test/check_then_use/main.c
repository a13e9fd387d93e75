// A record that a power cut may leave marginal: the good one reads it once and checks what it has read; the
// bad one checks it in flash, then reads it again to use it.
#include <stdbool.h>

#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define VALUE 0x12345678u
#define RECORD LAST_PAGE

void NMI_Handler(void);

static volatile bool is_damaged;

// RM0394 3.3.2: two wrong bits set ECCD and raise the NMI.
void NMI_Handler(void)
{
    is_damaged = true;
    FLASH_ECCR = ECCR_ECCD;
    dsb();
}

static bool is_whole(uint32_t low, uint32_t high)
{
    dsb();
    isb();
    return !is_damaged && low == ~high;
}

// False: there is no record, or one that was not finished.
static bool find_record(uint32_t *value)
{
    is_damaged = false;
#ifdef BAD
    if (!is_whole(REG32(RECORD), REG32(RECORD + 4))) {
        return false;
    }
    *value = REG32(RECORD);
    return true;
#else
    const uint32_t low = REG32(RECORD);
    const uint32_t high = REG32(RECORD + 4);
    *value = low;
    return is_whole(low, high);
#endif
}

int main(void)
{
    uint32_t value = 0;
    uart_init();
    if (find_record(&value)) {
        uart_print("used %w\n", value);
        if (value != VALUE) {
            finish_fail("not what was stored");
        }
        finish_pass();
    }
    uart_print("storing\n");
    uart_flush();
    flash_unlock();
    (void)flash_erase_page(RECORD);
    (void)flash_program(RECORD, VALUE, ~VALUE);
    uart_print("stored\n");
    finish_pass();
}
