// Console through ITM port 0, as with a debugger on the SWO pin; the firmware enables it itself.
// While it is off, text is dropped and nothing waits.
#include "common/regs.h"

#define ITM_STIM8(port) REG8(0xE0000000u + 4u * (port))
#define ITM_STIM32(port) REG32(0xE0000000u + 4u * (port))
#define ITM_TER REG32(0xE0000E00)
#define ITM_TCR REG32(0xE0000E80)
#define ITM_LAR REG32(0xE0000FB0)
#define ITM_TCR_ITMENA 0x00000001u

static void itm_byte(char byte)
{
    if (!(ITM_TCR & ITM_TCR_ITMENA) || !(ITM_TER & 1u)) {
        return;
    }
    while (!(ITM_STIM32(0) & 1u)) {
    }
    ITM_STIM8(0) = (uint8_t)byte;
}

static void itm_text(const char *text)
{
    while (*text != '\0') {
        itm_byte(*text++);
    }
}

int main(void)
{
    itm_text("dropped: ITM is off\n");
    DEMCR |= DEMCR_TRCENA;
    ITM_LAR = 0xC5ACCE55;
    ITM_TCR = ITM_TCR_ITMENA;
    itm_text("dropped: port 0 is off\n");
    ITM_TER = 1;
    itm_text("hello through ITM\n");
    ITM_STIM32(0) = 0x0A6B6F2Au; // "*ok\n" in one word
    itm_text("PASS\n");
    for (;;) {
        wfi();
    }
}
