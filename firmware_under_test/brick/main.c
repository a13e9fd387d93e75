/* A store that a cut can brick: its header is two double words, and where only the first is there it hangs, as it
 * takes that for a flash of somebody else. BRICK_SAYS: it says that it started, and hangs all the same. */
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

enum { HEADER = 0x08071000, VALUES = 0x08072000 };
#define ERASED 0xFFFFFFFFu

int main(void)
{
    uart_init();
#ifdef BRICK_SAYS
    uart_print("start\n");
    uart_flush();
#endif
    flash_unlock();
    if (REG32(HEADER) == ERASED) {
        flash_program(HEADER, 1, 1);
        flash_program(HEADER + 8, 2, 2);
    } else if (REG32(HEADER + 8) == ERASED) {
        for (;;) {
        }
    }
    uint32_t count = 0;
    while (REG32(VALUES + 8 * count) != ERASED)
        count++;
    if (count)
        uart_print("have n=%u\n", count);
    for (unsigned i = 0; i < 2; i++) {
        uart_print("put n=%u\n", count + 1);
        flash_program(VALUES + 8 * count, count + 1, 0);
        count++;
        uart_print("ack n=%u\n", count);
    }
    uart_flush();
    for (;;) {
    }
}
