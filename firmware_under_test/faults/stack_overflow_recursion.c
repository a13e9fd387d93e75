// A recursion without end runs over all variables and out of RAM: the store below RAM is an
// imprecise fault, and the frame for its exception has no room either.
#include "common/fault.h"
#include "common/finish.h"
#include "common/uart.h"

const struct fault_expectation fault_expectation = {
    .exception = 3,
    .cfsr = 0x00001400,
    .hfsr = 0x40000000,
    .pc_is_undefined = true,
    .exc_return = 0xFFFFFFF9,
};

uint32_t recurse(uint32_t depth);

__attribute__((noinline, noclone)) uint32_t recurse(uint32_t depth)
{
    uint32_t never = 0xFFFFFFFF;
    __asm__ volatile("" : "+r"(never)); // the compiler can not know that it never is
    if (depth == never) {
        return 0;
    }
    return recurse(depth + 1) + depth;
}

int main(void)
{
    uart_init();
    uart_print("recursion without end\n");
    uart_flush();
    (void)recurse(0);
    finish_fail("no fault");
}
