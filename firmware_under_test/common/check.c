#include "common/check.h"

#include <stdbool.h>

#include "common/finish.h"
#include "common/uart.h"

static uint32_t failures;

void check(const char *name, uint32_t got, uint32_t want)
{
    const bool is_ok = got == want;
    failures += is_ok ? 0u : 1u;
    uart_print("%s: got 0x%x want 0x%x %s\n", name, got, want, is_ok ? "ok" : "BAD");
}

uint32_t check_failures(void)
{
    return failures;
}

void check_finish(void)
{
    if (failures != 0) {
        finish_fail("see the lines marked BAD");
    }
    finish_pass();
}
