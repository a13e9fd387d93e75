// A null pointer written through, a constant table sorted in place: nothing faults, nothing
// changes, and the next call into the flash library fails, once.
#include "common/check.h"
#include "common/chip.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

#define ENTRIES 6u

static const uint16_t table[ENTRIES] __attribute__((aligned(8))) = {50, 40, 30, 20, 10, 0};
static volatile uint32_t *volatile null; // volatile twice: the compiler must not reason about it

static void sort(volatile uint16_t *entry)
{
    for (uint32_t i = 0; i < ENTRIES; i++) {
        for (uint32_t j = i + 1; j < ENTRIES; j++) {
            const uint16_t a = entry[i];
            const uint16_t b = entry[j];
            if (a > b) {
                entry[i] = b;
                entry[j] = a;
            }
        }
    }
}

static void call_fails_once(const char *what, uint32_t code, uint32_t addr)
{
    check(what, library_program(addr, 5, 6), LIBRARY_ERROR);
    check("its code", library_error, code);
    check("not programmed", REG32(addr), 0xFFFFFFFF);
    check("the second call", library_program(addr, 5, 6), LIBRARY_OK);
    check("programmed", REG32(addr), 5);
}

int main(void)
{
    uart_init();
    flash_unlock();
    (void)flash_erase_page(LAST_PAGE);

    const uint32_t word0 = REG32(FLASH_START);
    *null = 0xDEAD0001;
    check("SR after a null pointer write", FLASH_SR, 0x80);
    check("first word of flash", REG32(FLASH_START), word0);
    call_fails_once("call after a null pointer write", 0x80, LAST_PAGE);

    volatile uint16_t *entry = (volatile uint16_t *)(uintptr_t)table;
    sort(entry);
    check("SR after sorting constants", FLASH_SR, 0xE0);
    check("first entry", entry[0], 50);
    check("last entry", entry[ENTRIES - 1u], 0);
    call_fails_once("call after sorting constants", 0xE0, LAST_PAGE + 8u);
    check_finish();
}
