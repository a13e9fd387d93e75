// Pitfall 2: a double word is programmed once between two erases. A counter that is kept in flash
// takes a new double word for each value; the last one that is not blank counts.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

#define BLANK 0xFFFFFFFFu

static void save(uint32_t count)
{
    uint32_t addr = LAST_PAGE;
#ifdef BAD
    // over the value of before
#else
    while (REG32(addr) != BLANK) {
        addr += 8;
    }
#endif
    library_report("save", library_program(addr, count, 0));
}

static uint32_t load(void)
{
    uint32_t count = BLANK;
    for (uint32_t addr = LAST_PAGE; REG32(addr) != BLANK; addr += 8) {
        count = REG32(addr);
    }
    return count;
}

int main(void)
{
    uart_init();
    (void)library_unlock();
    for (uint32_t count = 1; count <= 3; count++) {
        save(count);
    }
    library_lock();
    uart_print("count %u\n", load());
    if (load() != 3) {
        finish_fail("the count is not the last one");
    }
    finish_pass();
}
