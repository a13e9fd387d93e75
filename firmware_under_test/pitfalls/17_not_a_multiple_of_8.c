// Pitfall 17: records of 12 bytes one after another: every second one begins in the middle of a
// double word, where a pair of words is refused with PGAERR and PGSERR. Space them by a multiple
// of 8.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

#define RECORDS 4u

#ifdef BAD
#define SPACING 12u // what a record holds
#else
#define SPACING 16u
#endif

static void save(uint32_t number)
{
    const uint32_t addr = LAST_PAGE + number * SPACING;
    library_report("low", library_program(addr, number, 0x11111111));
    library_report("high", library_program(addr + 8u, 0x22222222, 0));
}

int main(void)
{
    uart_init();
    uint32_t found = 0;
    (void)library_unlock();
    for (uint32_t number = 0; number < RECORDS; number++) {
        save(number);
    }
    library_lock();
    for (uint32_t number = 0; number < RECORDS; number++) {
        const uint32_t addr = LAST_PAGE + number * SPACING;
        if (REG32(addr) == number && REG32(addr + 8u) == 0x22222222) {
            found++;
        }
    }
    uart_print("found %u\n", found);
    if (found != RECORDS) {
        finish_fail("records are missing");
    }
    finish_pass();
}
