// Option bytes over four starts: a change that is not started is lost, a change takes effect when
// it is loaded and not before, write protection refuses program, page erase and mass erase; at the
// end everything is as it was. OPTR.IWDG_STDBY (bit 18) is the user option, area A of bank 1 on its
// last page the protection.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define STAGE_MAGIC 0x4F505400u
#define OPTR_IWDG_STDBY 0x00040000u
#define WRP_FIELDS 0x00FF00FFu
#define BANK1_LAST_PAGE (FLASH_START + BANK_BYTES - PAGE_BYTES)
#define PAGE_INDEX (BANK_BYTES / PAGE_BYTES - 1u)

static NOINIT uint32_t stage;
static NOINIT uint32_t original_optr;
static NOINIT uint32_t original_wrp;

static uint32_t failures;

static void check(const char *name, uint32_t got, uint32_t want)
{
    failures += got == want ? 0u : 1u;
    uart_print("%s: got 0x%x want 0x%x %s\n", name, got, want, got == want ? "ok" : "BAD");
}

static void fail_if_any(void)
{
    if (failures != 0) {
        stage = 0;
        finish_fail("see the lines marked BAD");
    }
}

static uint32_t status(void)
{
    while (FLASH_SR & SR_BSY) {
    }
    return FLASH_SR & SR_ERRORS;
}

static void unlock_options(void)
{
    flash_unlock();
    FLASH_OPTKEYR = OPTKEYR_KEY1;
    FLASH_OPTKEYR = OPTKEYR_KEY2;
    flash_clear_errors(); // OPTVERR may stand from a virgin part
}

static uint32_t start_option_programming(uint32_t optr, uint32_t wrp)
{
    FLASH_OPTR = optr;
    FLASH_WRP1AR = wrp;
    FLASH_CR = CR_OPTSTRT;
    const uint32_t errors = status();
    check("OPTSTRT falls", FLASH_CR & CR_OPTSTRT, 0);
    return errors;
}

static void load_options(uint32_t next_stage)
{
    fail_if_any();
    stage = STAGE_MAGIC | next_stage;
    uart_print("loading the options: reset\n");
    uart_flush();
    FLASH_CR = CR_OBL_LAUNCH;
    finish_fail("OBL_LAUNCH should have reset the chip");
}

static void change_without_start(void)
{
    original_optr = FLASH_OPTR;
    original_wrp = FLASH_WRP1AR;
    uart_print("OPTR %w WRP1AR %w\n", original_optr, original_wrp);
    unlock_options();
    FLASH_OPTR = original_optr ^ OPTR_IWDG_STDBY;
    check("OPTR written", FLASH_OPTR, original_optr ^ OPTR_IWDG_STDBY);
    fail_if_any();
    stage = STAGE_MAGIC | 1u;
    uart_print("system reset without OPTSTRT\n");
    uart_flush();
    SCB_AIRCR = AIRCR_SYSRESETREQ;
    for (;;) {
    }
}

static void protect(void)
{
    check("OPTR without OPTSTRT is as before", FLASH_OPTR, original_optr);
    unlock_options();
    const uint32_t wrp = (original_wrp & ~WRP_FIELDS) | PAGE_INDEX << 16 | PAGE_INDEX;
    check("option programming", start_option_programming(original_optr ^ OPTR_IWDG_STDBY, wrp), 0);
    check("not loaded yet: erase", flash_erase_page(BANK1_LAST_PAGE), 0);
    check("not loaded yet: program", flash_program(BANK1_LAST_PAGE, 0xF00D, 0xFEED), 0);
    load_options(2);
}

static void is_protected(void)
{
    check("reset cause is the option load", RCC_CSR & CSR_OBLRSTF, CSR_OBLRSTF);
    RCC_CSR |= CSR_RMVF;
    check("OPTR loaded", FLASH_OPTR, original_optr ^ OPTR_IWDG_STDBY);
    check("WRP1AR loaded", FLASH_WRP1AR & WRP_FIELDS, PAGE_INDEX << 16 | PAGE_INDEX);
    flash_unlock();
    check("erase of the protected page", flash_erase_page(BANK1_LAST_PAGE), SR_WRPERR);
    flash_clear_errors();
    FLASH_CR = CR_PG;
    REG32(BANK1_LAST_PAGE + 8) = 1;
    check("assumed: first word into the protected page", status(), 0x10);
    REG32(BANK1_LAST_PAGE + 12) = 2;
    check("assumed: second word into the protected page", status(), 0xB0);
    flash_clear_errors();
    FLASH_CR = CR_MER1;
    FLASH_CR |= CR_STRT;
    check("mass erase with a protected page", status(), SR_WRPERR);
    FLASH_CR = 0;
    check("data still there", REG32(BANK1_LAST_PAGE), 0xF00D);
    check("the page before is free", flash_erase_page(BANK1_LAST_PAGE - PAGE_BYTES), 0);
    unlock_options();
    check("option programming", start_option_programming(original_optr, original_wrp), 0);
    check("not loaded yet: erase", flash_erase_page(BANK1_LAST_PAGE), SR_WRPERR);
    load_options(3);
}

static void is_free_again(void)
{
    check("OPTR", FLASH_OPTR, original_optr);
    check("WRP1AR", FLASH_WRP1AR, original_wrp);
    flash_unlock();
    check("erase of the page", flash_erase_page(BANK1_LAST_PAGE), 0);
    RCC_CSR |= CSR_RMVF;
    fail_if_any();
    stage = 0;
    finish_pass();
}

int main(void)
{
    uart_init();
    FLASH_ACR &= ~ACR_DCEN;
    const uint32_t at = (stage & 0xFFFFFF00u) == STAGE_MAGIC ? stage & 0xFFu : 0;
    uart_print("option bytes, stage %u\n", at);
    switch (at) {
    case 0:
        change_without_start();
        break;
    case 1:
        protect();
        break;
    case 2:
        is_protected();
        break;
    default:
        is_free_again();
        break;
    }
}
