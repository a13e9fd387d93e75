// A count in flash, and no console: variables say what was found, what is being written and what is there; PA6
// rises when it is known what was found, PA5 has a pulse when a count is there. One double word a count, count and complement, in the last page; the last whole one
// counts. The known-bad twin (-DBAD) says so before it writes.
#include <stdbool.h>

#include "common/chip.h"
#include "common/flash.h"
#include "common/regs.h"

#define COUNTS 4u

void NMI_Handler(void);

static volatile bool is_damaged;
static uint32_t slot;

volatile uint32_t found;      // by this start
volatile bool is_found_known; // it was
volatile uint32_t being_written;
volatile uint8_t written = 0xFF; // its low byte

// RM0394 3.3.1: a double error sets ECCD, and NMI stays asserted until ECCD is cleared.
void NMI_Handler(void)
{
    is_damaged = true;
    FLASH_ECCR = ECCR_ECCD;
    dsb();
}

static bool read_slot(uint32_t *low, uint32_t *high)
{
    is_damaged = false;
    *low = REG32(slot);
    *high = REG32(slot + 4);
    dsb();
    isb();
    return !is_damaged;
}

// A slot that a cut tore and that looks blank all the same refuses, or does not read as written: the next one.
static bool write_count(uint32_t count)
{
    for (; slot < FLASH_END; slot += 8) {
        uint32_t low = 0;
        uint32_t high = 0;
        if (flash_program(slot, count, ~count) == 0 && read_slot(&low, &high) && low == count &&
            high == ~count) {
            slot += 8;
            return true;
        }
    }
    return false;
}

// A torn slot may look blank with a count behind it, so all of the page is read; writing goes on behind the last
// slot that does not look blank.
static uint32_t find_count(void)
{
    uint32_t count = 0;
    uint32_t next = LAST_PAGE;
    for (slot = LAST_PAGE; slot < FLASH_END; slot += 8) {
        uint32_t low = 0;
        uint32_t high = 0;
        const bool is_sound = read_slot(&low, &high);
        if (is_sound && low == 0xFFFFFFFFu && high == 0xFFFFFFFFu) {
            continue;
        }
        next = slot + 8;
        if (is_sound && low == ~high) {
            count = low;
        }
    }
    slot = next;
    return count;
}

static void acknowledge(uint32_t count)
{
    written = (uint8_t)count;
    GPIOA_BSRR = 1u << 5;
    GPIOA_BSRR = 1u << (5 + 16);
}

static void init_pins(void)
{
    RCC_AHB2ENR |= AHB2ENR_GPIOA;
    (void)RCC_AHB2ENR;
    GPIOA_MODER = (GPIOA_MODER & ~(0xFu << 10)) | 5u << 10;
}

static bool store(uint32_t count)
{
    being_written = count;
#ifdef BAD
    acknowledge(count);
    return write_count(count);
#else
    const bool is_written = write_count(count);
    if (is_written) {
        acknowledge(count);
    }
    return is_written;
#endif
}

int main(void)
{
    init_pins();
    flash_unlock();
    const uint32_t count = find_count();
    // A write that was cut near its end may read well now and not at the next start: write it again.
    if (count != 0 && !write_count(count)) {
        return 1;
    }
    found = count;
    is_found_known = true;
    GPIOA_BSRR = 1u << 6;
    for (uint32_t i = 1; i <= COUNTS; i++) {
        if (!store(count + i)) {
            return 1;
        }
    }
    return 0;
}
