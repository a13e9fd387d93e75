// A boot loader writes a new application to 0x08008000, where the old one still is.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define APPLICATION 0x08008000u
#define DOUBLEWORDS 16u

int main(void)
{
    uart_init();
    flash_unlock();
    uart_print("old application: stack %w\n", REG32(APPLICATION));
    uint32_t errors = 0;
#ifdef BAD
    // the download goes where it belongs
#else
    errors |= flash_erase_page(APPLICATION);
#endif
    for (uint32_t i = 0; errors == 0 && i < DOUBLEWORDS; i++) {
        errors = flash_program(APPLICATION + 8u * i, 0x20008000u + i, 0x08008101u + i);
    }
    uart_print("errors 0x%x, stack %w\n", errors, REG32(APPLICATION));
    if (errors != 0) {
        finish_fail("update stopped");
    }
    finish_pass();
}
