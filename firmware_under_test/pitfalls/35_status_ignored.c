// Appends to a log. Another task's mistake, a store through a pointer that is 0, leaves a flag
// behind; the library finds it, clears it, and gives up this once.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

static volatile uint32_t *volatile null;
static uint32_t slot = LAST_PAGE;

static void append(uint32_t value)
{
#ifdef BAD
    (void)library_program(slot, value, ~value);
#else
    for (uint32_t tries = 0; library_program(slot, value, ~value) != LIBRARY_OK; tries++) {
        if (tries == 3) {
            finish_fail("the log takes no more");
        }
    }
#endif
    uart_print("logged %u\n", value);
    slot += 8;
}

int main(void)
{
    uart_init();
    (void)library_unlock();
    append(1);
    *null = 0;
    append(2);
    append(3);
    finish_pass();
}
