// Pitfall 7: a loader gets a hex file record by record; one record ends and the next begins inside
// the same double word. Padded with FF each alone, the first one uses the double word up. Collect
// the records in RAM and program whole double words.
#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

struct record {
    uint32_t addr, count, words[3];
};

static const struct record records[] = {
    {LAST_PAGE, 3, {0x11111111, 0x22222222, 0x33333333}},
    {LAST_PAGE + 12u, 1, {0x44444444, 0, 0}},
};
static uint32_t page[8]; // the part of it that is loaded here

static void fill_with_ff(void)
{
    for (uint32_t i = 0; i < 8; i++) {
        page[i] = 0xFFFFFFFF;
    }
}

static void program_what_is_there(void)
{
    for (uint32_t i = 0; i < 8; i += 2) {
        if (page[i] != 0xFFFFFFFF || page[i + 1] != 0xFFFFFFFF) {
            library_report("program", library_program(LAST_PAGE + 4u * i, page[i], page[i + 1]));
        }
    }
}

int main(void)
{
    uart_init();
    (void)library_unlock();
    fill_with_ff();
    for (uint32_t r = 0; r < 2; r++) {
        for (uint32_t i = 0; i < records[r].count; i++) {
            page[(records[r].addr - LAST_PAGE) / 4u + i] = records[r].words[i];
        }
#ifdef BAD
        program_what_is_there();
        fill_with_ff();
#else
        // the next record may fill the double word up
#endif
    }
    program_what_is_there();
    library_lock();
    if (REG32(LAST_PAGE + 12u) != 0x44444444) {
        finish_fail("the second record is missing");
    }
    finish_pass();
}
