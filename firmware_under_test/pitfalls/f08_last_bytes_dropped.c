// Stores 13 bytes. Flash takes 8 at a time: what is left over at the end must be filled up, not
// left out.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define BYTES 13u

static const char text[16] = "thirteen byte";

static uint32_t word(uint32_t at)
{
    uint32_t value = 0xFFFFFFFFu;
    for (uint32_t i = 0; i < 4 && at + i < BYTES; i++) {
        value &= ~(0xFFu << 8u * i) | (uint32_t)(uint8_t)text[at + i] << 8u * i;
    }
    return value;
}

int main(void)
{
    uart_init();
    flash_unlock();
    uint32_t errors = 0;
#ifdef BAD
    for (uint32_t at = 0; at + 8u <= BYTES; at += 8) {
#else
    for (uint32_t at = 0; at < BYTES; at += 8) {
#endif
        errors |= flash_program(LAST_PAGE + at, word(at), word(at + 4u));
    }
    uart_print("errors 0x%x\n", errors);
    finish_pass();
}
