// A log of records of different lengths, looked through at start: one that a cut has torn can not be
// read, so its length is not known. The walk must go on all the same.
#include <stdbool.h>
#include <stdint.h>

#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define BLANK 0xFFFFFFFFu

void NMI_Handler(void);

static volatile bool is_torn;

void NMI_Handler(void)
{
    is_torn = true;
    FLASH_ECCR = ECCR_ECCD;
    dsb();
}

// Bytes of the record whose header is here, BLANK behind the last one, 0 if it can not be read.
static uint32_t length_of(uint32_t at)
{
    is_torn = false;
    const uint32_t length = REG32(at);
    const uint32_t check = REG32(at + 4u);
    dsb();
    isb();
    if (is_torn || (check != ~length && (length & check) != BLANK)) {
        return 0;
    }
    return length;
}

static uint32_t find_end(void)
{
    uint32_t at = LAST_PAGE;
    while (at < FLASH_END && length_of(at) != BLANK) {
        const uint32_t length = length_of(at);
#ifdef BAD
        at += length;
#else
        at += length != 0 ? length : 8u;
#endif
    }
    return at;
}

int main(void)
{
    uart_init();
    flash_unlock();
    uint32_t at = find_end();
    uart_print("log: %u bytes\n", at - LAST_PAGE);
    for (uint32_t n = 1; n <= 4u; n++) {
        const uint32_t length = 8u + 8u * n;
        while (flash_program(at, length, ~length) != 0) {
            at += 8u; // it read blank and was not
        }
        for (uint32_t i = 8; i < length; i += 8u) {
            if (flash_program(at + i, n, i) != 0) {
                finish_fail("data is refused");
            }
        }
        at += length;
    }
    finish_pass();
}
