// A store that collects what is valid in a blank page when its own is full. A reset in the midst of
// that leaves both pages with data: whoever looks for a blank one must not look for ever.
#include <stdbool.h>
#include <stdint.h>

#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define SPARE_PAGE (LAST_PAGE - PAGE_BYTES)
#define IN_USE 0x55534531u
#define SLOTS 12u

void NMI_Handler(void);

static volatile bool is_torn;

void NMI_Handler(void)
{
    is_torn = true;
    FLASH_ECCR = ECCR_ECCD;
    dsb();
}

static uint32_t read_word(uint32_t at)
{
    is_torn = false;
    const uint32_t value = REG32(at);
    dsb();
    isb();
    return is_torn ? 0 : value;
}

#ifdef BAD
static bool is_blank(uint32_t page)
{
    for (uint32_t at = page; at < page + 8u + 8u * SLOTS; at += 4u) {
        if (read_word(at) != 0xFFFFFFFFu) {
            return false;
        }
    }
    return true;
}
#endif

static uint32_t first_free(uint32_t page)
{
    uint32_t slot = page + 8u;
    while (slot < page + 8u + 8u * SLOTS && read_word(slot) != 0xFFFFFFFFu) {
        slot += 8u;
    }
    return slot;
}

// The newest values move to a blank page; it is in use once its first double word says so, which is
// written last.
static uint32_t collect(uint32_t from)
{
    const uint32_t to = from == LAST_PAGE ? SPARE_PAGE : LAST_PAGE;
#ifdef BAD
    while (!is_blank(to)) {
    }
#else
    (void)flash_erase_page(to); // what a reset left may read blank and not be
#endif
    for (uint32_t i = SLOTS - 4u; i < SLOTS; i++) {
        const uint32_t value = read_word(from + 8u + 8u * i);
        (void)flash_program(to + 8u * (i - SLOTS + 5u), value, ~value);
    }
    (void)flash_program(to, IN_USE, ~IN_USE);
    (void)flash_erase_page(from);
    return to;
}

int main(void)
{
    uart_init();
    flash_unlock();
    const uint32_t other = read_word(LAST_PAGE) == IN_USE ? LAST_PAGE : SPARE_PAGE;
    uint32_t page = other;
    if (read_word(page) != IN_USE && flash_program(page, IN_USE, ~IN_USE) != 0) {
        (void)flash_erase_page(page);
        (void)flash_program(page, IN_USE, ~IN_USE);
    }
    uart_print("starts\n");
    for (uint32_t value = 1; value <= 20u; value++) {
        uint32_t slot = first_free(page);
        if (slot == page + 8u + 8u * SLOTS) {
            page = collect(page);
            slot = first_free(page);
        }
        if (flash_program(slot, value, ~value) != 0) {
            finish_fail("a value is refused");
        }
    }
    finish_pass();
}
