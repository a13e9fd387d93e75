// A log that begins a page anew when one is full. The full one must stay until the next record is
// safe elsewhere: power may fail in the erase.
#include <stdbool.h>

#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define OTHER_PAGE (LAST_PAGE - PAGE_BYTES)
#define SLOTS 8u

void NMI_Handler(void);

static volatile bool is_torn;

void NMI_Handler(void)
{
    is_torn = true;
    FLASH_ECCR = ECCR_ECCD;
    dsb();
}

static uint32_t find_newest(uint32_t page, uint32_t newest)
{
    for (uint32_t slot = page; slot < page + 8u * SLOTS; slot += 8) {
        is_torn = false;
        const uint32_t value = REG32(slot);
        const uint32_t check = REG32(slot + 4u);
        dsb();
        isb();
        newest = !is_torn && check == ~value && value > newest ? value : newest;
    }
    return newest;
}

int main(void)
{
    uart_init();
    flash_unlock();
    const uint32_t in_other = find_newest(OTHER_PAGE, 0);
    const uint32_t newest = find_newest(LAST_PAGE, in_other);
    if (newest != 0) {
        uart_print("have n=%u\n", newest);
    }
    uint32_t page = newest == in_other && newest != 0 ? OTHER_PAGE : LAST_PAGE;
    uint32_t slot = page;
    for (uint32_t value = newest + 1u; value <= newest + 20u; value++) {
        uart_print("put n=%u\n", value);
        uart_flush();
        while (slot == page + 8u * SLOTS || flash_program(slot, value, ~value) != 0) {
            slot += 8;
            if (slot > page + 8u * SLOTS) {
#ifdef BAD
                slot = page;
#else
                slot = page = page == LAST_PAGE ? OTHER_PAGE : LAST_PAGE;
#endif
                (void)flash_erase_page(page);
            }
        }
        slot += 8;
        uart_print("ack n=%u\n", value);
    }
    finish_pass();
}
