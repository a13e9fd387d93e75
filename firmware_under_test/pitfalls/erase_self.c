// Erases the page it runs from, which is that of the vector table: the next instruction is 0xFFFF,
// and so is every vector. ERASE_PAGE is what the caller believes to be a page of its own.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

int main(void)
{
    uart_init();
    uart_print("erasing page %u\n", (uint32_t)ERASE_PAGE);
    uart_flush();
    (void)library_unlock();
    (void)library_erase(1, ERASE_PAGE);
    finish_fail("still running");
}
