// Every answer of the flash controller that firmware can see from flash, one line per check. Values
// are those measured on silicon or demanded by the manual; lines that begin with "assumed" are
// neither (the manual is silent). Works in the last two pages of flash and the last double word of
// the OTP area.
#include <stdbool.h>

#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define PAGE_A (FLASH_END - PAGE_BYTES)
#define PAGE_B (FLASH_END - 2u * PAGE_BYTES)
#define OTP_LAST 0x1FFF73F8u
#define SYSTEM_MEMORY 0x1FFF0000u
#define FLASH_IRQ_BIT (1u << FLASH_IRQ)

void FLASH_IRQHandler(void);

static uint32_t failures;
static uint32_t next_doubleword = PAGE_A;
static volatile uint32_t interrupts;
static volatile uint32_t interrupt_sr;
static volatile uint32_t *volatile null; // volatile twice: the compiler must not reason about it

void FLASH_IRQHandler(void)
{
    interrupts++;
    interrupt_sr = FLASH_SR;
    FLASH_SR = SR_ERRORS | SR_EOP;
    dsb(); // the line must be low before the return, or the handler runs twice
}

static void check(const char *name, uint32_t got, uint32_t want)
{
    const bool ok = got == want;
    failures += ok ? 0u : 1u;
    uart_print("%s: got 0x%x want 0x%x %s\n", name, got, want, ok ? "ok" : "BAD");
}

static uint32_t status(void)
{
    while (FLASH_SR & SR_BSY) {
    }
    return FLASH_SR & (SR_ERRORS | SR_EOP);
}

// Each case starts unlocked, with no flag and no command left over.
static void begin(void)
{
    flash_unlock();
    FLASH_CR = 0;
    FLASH_SR = SR_ERRORS | SR_EOP;
}

// A double word of page A that nobody has written since the page was erased.
static uint32_t fresh(void)
{
    const uint32_t addr = next_doubleword;
    next_doubleword += 8;
    return addr;
}

static uint32_t fresh_programmed(uint32_t low, uint32_t high)
{
    const uint32_t addr = fresh();
    begin();
    (void)flash_program(addr, low, high);
    begin();
    return addr;
}

static void store_pair(uint32_t addr, uint32_t low, uint32_t high)
{
    REG32(addr) = low;
    isb();
    REG32(addr + 4) = high;
}

static void check_doubleword(const char *name, uint32_t addr, uint32_t low, uint32_t high)
{
    check(name, REG32(addr), low);
    check(name, REG32(addr + 4), high);
}

static void reset_state(void)
{
    check("CR after reset", FLASH_CR, 0xC0000000);
    check("SR after reset", status(), 0);
    check("ACR after reset", FLASH_ACR, 0x600);
    check("KEYR reads", FLASH_KEYR, 0);
    check("OPTKEYR reads", FLASH_OPTKEYR, 0);
    check("flash through address 0", *null, REG32(FLASH_START));
}

static void locked(void)
{
    const uint32_t before_low = REG32(PAGE_A);
    FLASH_CR = CR_PG;
    check("CR write while locked", FLASH_CR, 0xC0000000);
    FLASH_CR = 0;
    check("clearing LOCK by a 0", FLASH_CR, 0xC0000000);
    store_pair(PAGE_A, 0x11111111, 0x22222222);
    check("program while locked", status(), 0xA0);
    FLASH_SR = SR_ERRORS;
    REG8(PAGE_A) = 0;
    check("byte while locked", status(), 0xC0);
    FLASH_SR = SR_ERRORS;
    REG8(PAGE_A + 4) = 0;
    check("byte at +4 while locked", status(), 0xE0);
    FLASH_SR = SR_ERRORS;
    check("data after locked stores", REG32(PAGE_A), before_low);
}

static void lock_and_unlock(void)
{
    flash_unlock();
    check("CR unlocked", FLASH_CR, 0x40000000);
    FLASH_OPTKEYR = OPTKEYR_KEY1;
    FLASH_OPTKEYR = OPTKEYR_KEY2;
    check("CR with options unlocked", FLASH_CR, 0);
    FLASH_CR = CR_OPTLOCK;
    check("OPTLOCK set", FLASH_CR, 0x40000000);
    const uint32_t optr = FLASH_OPTR;
    FLASH_OPTR = optr ^ 0x1000;
    check("OPTR write while OPTLOCK", FLASH_OPTR, optr);
    FLASH_CR = CR_OPTSTRT;
    check("OPTSTRT while OPTLOCK", FLASH_CR & CR_OPTSTRT, 0);
    FLASH_OPTKEYR = OPTKEYR_KEY1;
    FLASH_OPTKEYR = OPTKEYR_KEY2;
    FLASH_CR = CR_LOCK;
    check("LOCK takes OPTLOCK along", FLASH_CR, 0xC0000000);
    FLASH_CR = CR_LOCK;
    check("LOCK twice", FLASH_CR, 0xC0000000);
    flash_unlock();
    check("unlocked again", FLASH_CR, 0x40000000);
}

static void erase(void)
{
    begin();
    check("erase page B", flash_erase_page(PAGE_B), 0);
    check("program page B", flash_program(PAGE_B, 0x0B0B0B0B, 0xB0B0B0B0), 0);
    begin();
    const uint32_t command = flash_erase_command(PAGE_A);
    FLASH_CR = command;
    check("CR keeps PER and PNB", FLASH_CR, command | CR_OPTLOCK);
    FLASH_CR = command | CR_STRT;
    check("erase page A, no EOP without EOPIE", status(), 0);
    check("STRT falls, PER and PNB stay", FLASH_CR, command | CR_OPTLOCK);
    FLASH_CR = 0;
    flash_flush_caches();
    uint32_t not_blank = 0;
    for (uint32_t addr = PAGE_A; addr < PAGE_A + PAGE_BYTES; addr += 4) {
        not_blank += REG32(addr) != 0xFFFFFFFFu;
    }
    check("words not erased", not_blank, 0);
    check_doubleword("page B untouched", PAGE_B, 0x0B0B0B0B, 0xB0B0B0B0);
    FLASH_CR = command | CR_STRT | CR_EOPIE;
    check("erase with EOPIE", status(), SR_EOP);
    FLASH_CR = 0;
    FLASH_SR = SR_EOP;
    NVIC_ICPR(0) = FLASH_IRQ_BIT;
}

static void program(void)
{
    const uint32_t addr = fresh();
    begin();
    FLASH_CR = CR_PG;
    REG32(addr) = 0x01234567;
    check("first word of a pair", status(), 0);
    check("nothing programmed yet", REG32(addr), 0xFFFFFFFF);
    REG32(addr + 4) = 0x89ABCDEF;
    check("second word, no EOP without EOPIE", status(), 0);
    check_doubleword("programmed", addr, 0x01234567, 0x89ABCDEF);
    check("PG stays", FLASH_CR, CR_PG | CR_OPTLOCK);
    const uint32_t next = fresh();
    store_pair(next, 0, 0xFFFFFFFF);
    check("next pair under the same PG", status(), 0);
    check_doubleword("programmed", next, 0, 0xFFFFFFFF);
}

static void not_blank(void)
{
    const uint32_t addr = fresh_programmed(0xFFFF0000, 0xFFFFFFFF);
    FLASH_CR = CR_PG;
    REG32(addr) = 0x12340000;
    check("first word on a programmed double word", status(), 0x8);
    REG32(addr + 4) = 0xFFFFFFFF;
    check("reprogram", status(), 0xA8);
    check_doubleword("after reprogram", addr, 0xFFFF0000, 0xFFFFFFFF);
    begin();
    FLASH_CR = CR_PG;
    store_pair(addr, 0xFFFF0000, 0xFFFFFFFF);
    check("reprogram the same data", status(), 0xA8);
    begin();
    FLASH_CR = CR_PG;
    store_pair(addr, 0, 0xFFFFFFFF);
    check("assumed: zero, then not zero, on a programmed double word", status(), 0x8);
    check_doubleword("after zero, not zero", addr, 0xFFFF0000, 0xFFFFFFFF);
    begin();
    FLASH_CR = CR_PG;
    store_pair(addr, 0, 0);
    check("zero over a programmed double word", status(), 0);
    check_doubleword("after zero", addr, 0, 0);
    store_pair(addr, 0, 0);
    check("assumed: zero over zero", status(), 0);
    begin();
    const uint32_t blank = fresh_programmed(0xFFFFFFFF, 0xFFFFFFFF);
    check_doubleword("programmed with ones", blank, 0xFFFFFFFF, 0xFFFFFFFF);
    FLASH_CR = CR_PG;
    store_pair(blank, 0x55555555, 0x55555555);
    check("a double word used up by ones", status(), 0xA8);
    begin();
    FLASH_CR = CR_PG;
    store_pair(blank, 0, 0);
    check("zero over ones", status(), 0);
    check_doubleword("after zero over ones", blank, 0, 0);
}

static void size_and_alignment(void)
{
    const uint32_t addr = fresh();
    begin();
    FLASH_CR = CR_PG;
    REG8(addr) = 0;
    check("byte", status(), 0x40);
    begin();
    FLASH_CR = CR_PG;
    REG16(addr) = 0;
    check("half-word", status(), 0x40);
    begin();
    FLASH_CR = CR_PG;
    REG16(addr + 4) = 0;
    check("half-word at +4", status(), 0x60);
    begin();
    FLASH_CR = CR_PG;
    REG32(addr + 4) = 1;
    check("second word first", status(), 0x20);
    REG32(addr) = 1;
    check("second word first, then the first", status(), 0xA0);
    begin();
    FLASH_CR = CR_PG;
    store_pair(addr + 4, 1, 2);
    check("pair at +4", status(), 0xA0);
    begin();
    FLASH_CR = CR_PG;
    REG32(addr) = 1;
    REG32(addr + 12) = 2;
    check("second word in another double word", status(), 0x20);
    begin();
    FLASH_CR = CR_PG;
    REG32(addr) = 1;
    REG32(addr) = 1;
    check("assumed: the same word twice", status(), 0x20);
    begin();
    FLASH_CR = CR_PG;
    REG32(addr) = 1;
    FLASH_CR = 0;
    check("assumed: PG cleared with a word pending", status(), 0);
    FLASH_CR = CR_PG;
    REG32(addr + 4) = 2;
    check("assumed: the pending word is gone", status(), 0x20);
    begin();
    FLASH_CR = CR_PG;
    REG32(addr) = 1;
    FLASH_CR |= CR_LOCK;
    check("assumed: locked with a word pending", status(), 0);
    begin();
    check_doubleword("nothing of it was programmed", addr, 0xFFFFFFFF, 0xFFFFFFFF);
    check("and the double word is still blank", flash_program(addr, 0xCAFE, 0xBABE), 0);
    check_doubleword("programmed at last", addr, 0xCAFE, 0xBABE);
}

static void sequence(void)
{
    const uint32_t addr = fresh();
    begin();
    REG32(addr) = 1;
    check("stray word, PG clear", status(), 0x80);
    FLASH_CR = CR_PG;
    store_pair(addr, 1, 2);
    check("program with PGSERR left over", status(), 0xA0);
    begin();
    store_pair(addr, 1, 2);
    check("program without PG", status(), 0xA0);
    begin();
    FLASH_CR = CR_PG;
    REG32(addr + 4) = 1;
    FLASH_CR = flash_erase_command(PAGE_B);
    FLASH_CR |= CR_STRT;
    check("erase with PGAERR left over", status(), 0xA0);
    begin();
    FLASH_CR = flash_erase_command(PAGE_B) | CR_PG;
    FLASH_CR |= CR_STRT;
    check("erase with PG set", status(), 0x80);
    begin();
    FLASH_CR = CR_PG | CR_PER;
    store_pair(addr, 1, 2);
    check("program with PER set", status(), 0xA0);
    begin();
    flash_flush_caches();
    check_doubleword("page B not erased", PAGE_B, 0x0B0B0B0B, 0xB0B0B0B0);
    check_doubleword("nothing programmed", addr, 0xFFFFFFFF, 0xFFFFFFFF);
    FLASH_CR = CR_FSTPG;
    store_pair(addr, 1, 2);
    check("fast programming without mass erase", status(), 0x2A0);
    begin();
    FLASH_CR = CR_STRT;
    check("assumed: STRT without a command", status(), 0);
    check("assumed: STRT without a command falls", FLASH_CR & CR_STRT, 0);
}

static void clearing_flags(void)
{
    const uint32_t addr = fresh_programmed(1, 2);
    FLASH_CR = CR_PG;
    store_pair(addr, 3, 4);
    check("three flags", status(), 0xA8);
    FLASH_SR = SR_PROGERR;
    check("without PROGERR", status(), 0xA0);
    FLASH_SR = 0;
    check("writing 0 clears nothing", status(), 0xA0);
    FLASH_SR = SR_PGAERR;
    check("without PGAERR", status(), 0x80);
    FLASH_SR = SR_PGSERR;
    check("without PGSERR", status(), 0);
    store_pair(addr, 3, 4);
    FLASH_SR |= SR_PROGERR;
    check("SR |= PROGERR clears all three", status(), 0);
    begin();
#if HAS_PEMPTY
    const uint32_t pempty = FLASH_SR & SR_PEMPTY;
    FLASH_SR = SR_PEMPTY;
    check("writing PEMPTY toggles it", FLASH_SR & SR_PEMPTY, pempty ^ SR_PEMPTY);
    FLASH_SR = SR_PEMPTY;
    check("and back", FLASH_SR & SR_PEMPTY, pempty);
#endif
}

static void interrupts_of_the_controller(void)
{
    begin();
    FLASH_CR = CR_PG | CR_EOPIE;
    store_pair(fresh(), 1, 2);
    check("program with EOPIE", status(), SR_EOP);
    check("FLASH interrupt pending", NVIC_ISPR(0) & FLASH_IRQ_BIT, FLASH_IRQ_BIT);
    FLASH_SR = SR_EOP;
    NVIC_ICPR(0) = FLASH_IRQ_BIT;
    check("FLASH interrupt not pending", NVIC_ISPR(0) & FLASH_IRQ_BIT, 0);
    const uint32_t addr = fresh_programmed(1, 2);
    store_pair(addr, 3, 4);
    FLASH_CR = CR_ERRIE;
    check("ERRIE does not set OPERR afterwards", status(), 0xA0);
    begin();
    FLASH_CR = CR_PG | CR_ERRIE;
    store_pair(addr, 3, 4);
    check("reprogram with ERRIE", status(), 0xAA);
    FLASH_SR = SR_ERRORS;
    NVIC_ICPR(0) = FLASH_IRQ_BIT;
    NVIC_ISER(0) = FLASH_IRQ_BIT;
    FLASH_CR = CR_PG | CR_EOPIE;
    store_pair(fresh(), 1, 2);
    (void)status();
    check("EOP interrupt taken", interrupts, 1);
    check("SR in the handler", interrupt_sr & SR_EOP, SR_EOP);
    FLASH_CR = CR_PG | CR_ERRIE;
    REG8(addr) = 0;
    dsb();
    check("OPERR interrupt taken", interrupts, 2);
    check("SR in the handler", interrupt_sr & SR_ERRORS, SR_OPERR | SR_SIZERR);
    NVIC_ICER(0) = FLASH_IRQ_BIT;
    begin();
}

static uint32_t library_style_program(uint32_t addr, uint32_t low, uint32_t high)
{
    const uint32_t stale = FLASH_SR & SR_ERRORS;
    if (stale != 0) {
        FLASH_SR = stale;
        return stale;
    }
    return flash_program(addr, low, high);
}

static void stray_stores(void)
{
    const uint32_t word0 = REG32(FLASH_START);
    const uint32_t addr = fresh();
    begin();
    *null = 0x12345678;
    check("store through a null pointer", status(), 0x80);
    check("first word of flash", REG32(FLASH_START), word0);
    check("the next library call fails", library_style_program(addr, 5, 6), 0x80);
    check("the one after it works", library_style_program(addr, 5, 6), 0);
    check_doubleword("programmed", addr, 5, 6);
    const uint32_t through_alias = fresh();
    begin();
    FLASH_CR = CR_PG;
    store_pair(through_alias - FLASH_START, 0xA11A5000, 0x0000A11A);
    check("program through address 0", status(), 0);
    begin();
    flash_flush_caches();
    check_doubleword("programmed through address 0", through_alias, 0xA11A5000, 0x0000A11A);
}

static void other_areas(void)
{
    begin();
    FLASH_CR = CR_PG;
    store_pair(SYSTEM_MEMORY, 0x12345678, 0x9ABCDEF0);
    check("WRPERR on system memory", status() & SR_WRPERR, SR_WRPERR);
    begin();
    if (REG32(OTP_LAST) == 0xFFFFFFFFu && REG32(OTP_LAST + 4) == 0xFFFFFFFFu) {
        check("program OTP", flash_program(OTP_LAST, 0x07B007B0, 0x0B070B07), 0);
    }
    check_doubleword("OTP", OTP_LAST, 0x07B007B0, 0x0B070B07);
    FLASH_CR = CR_PG;
    store_pair(OTP_LAST, 0, 0);
    check("WRPERR on written OTP", status() & SR_WRPERR, SR_WRPERR);
    begin();
    check_doubleword("OTP", OTP_LAST, 0x07B007B0, 0x0B070B07);
}

#if HAS_TWO_BANKS
// The page with the same number in the other bank must not move.
static void banks(void)
{
    const uint32_t bank1_last = FLASH_START + BANK_BYTES - PAGE_BYTES;
    begin();
    check("erase last page of bank 1", flash_erase_page(bank1_last), 0);
    check("program it", flash_program(bank1_last, 0xB1, 0xB1), 0);
    check("erase last page of bank 2", flash_erase_page(PAGE_A), 0);
    check_doubleword("last page of bank 1", bank1_last, 0xB1, 0xB1);
    check("program last page of bank 2", flash_program(PAGE_A, 0xB2, 0xB2), 0);
    check("erase last page of bank 1", flash_erase_page(bank1_last), 0);
    check_doubleword("last page of bank 1", bank1_last, 0xFFFFFFFF, 0xFFFFFFFF);
    check_doubleword("last page of bank 2", PAGE_A, 0xB2, 0xB2);
}
#endif

int main(void)
{
    uart_init();
    uart_print("flash self-test on %s\n", CHIP_NAME);
    reset_state();
    locked();
    lock_and_unlock();
    erase();
    program();
    not_blank();
    size_and_alignment();
    sequence();
    clearing_flags();
    interrupts_of_the_controller();
    stray_stores();
    other_areas();
#if HAS_TWO_BANKS
    banks();
#endif
    begin();
    flash_lock();
    check("CR at the end", FLASH_CR, 0xC0000000);
    if (failures != 0) {
        finish_fail("see the lines marked BAD");
    }
    finish_pass();
}
