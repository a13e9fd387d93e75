// Settings in two pages: the spare one must be blank before the settings move there. It is erased
// when it has to be; an erase at every start wears it out in a year of one start an hour.
#include <stdbool.h>
#include <stdint.h>

#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define SPARE_PAGE (LAST_PAGE - PAGE_BYTES)

static bool is_blank(uint32_t page)
{
    for (uint32_t at = page; at < page + PAGE_BYTES; at += 4u) {
        if (REG32(at) != 0xFFFFFFFFu) {
            return false;
        }
    }
    return true;
}

int main(void)
{
    uart_init();
    flash_unlock();
#ifdef BAD
    const bool must_erase = true;
#else
    const bool must_erase = !is_blank(SPARE_PAGE);
#endif
    if (must_erase && flash_erase_page(SPARE_PAGE) != 0) {
        finish_fail("the erase is refused");
    }
    uint32_t starts = 0;
    while (REG32(LAST_PAGE + 8u * starts) != 0xFFFFFFFFu) {
        starts++;
    }
    if (!is_blank(SPARE_PAGE) || flash_program(LAST_PAGE + 8u * starts, starts, 0) != 0) {
        finish_fail("no settings");
    }
    uart_print("start %u\n", starts + 1u);
    finish_pass();
}
