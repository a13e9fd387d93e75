// What wrong keys do, one mistake per start: a bus error, and CR stays locked until the next reset
// whatever comes then. BusFault is enabled, so the (imprecise) errors are counted and the program
// goes on.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define STAGE_MAGIC 0x4B455900u

void BusFault_Handler(void);

static NOINIT uint32_t stage;
static volatile uint32_t bus_faults;
static volatile uint32_t last_cfsr;

void BusFault_Handler(void)
{
    bus_faults++;
    last_cfsr = SCB_CFSR;
    SCB_CFSR = last_cfsr;
    dsb();
}

static void check(const char *name, uint32_t got, uint32_t want)
{
    uart_print("%s: got 0x%x want 0x%x %s\n", name, got, want, got == want ? "ok" : "BAD");
    if (got != want) {
        stage = 0;
        finish_fail(name);
    }
}

static void write_key(volatile uint32_t *key_register, uint32_t key)
{
    *key_register = key;
    dsb();
    isb();
}

static void stays_locked_until_reset(void)
{
    write_key(&FLASH_KEYR, KEYR_KEY1);
    write_key(&FLASH_KEYR, KEYR_KEY2);
    check("CR after the right keys", FLASH_CR & CR_LOCK, CR_LOCK);
}

static void next_stage(void)
{
    stage++;
    uart_print("system reset\n");
    uart_flush();
    SCB_AIRCR = AIRCR_SYSRESETREQ;
    for (;;) {
    }
}

int main(void)
{
    uart_init();
    if ((stage & 0xFFFFFF00u) != STAGE_MAGIC) {
        stage = STAGE_MAGIC;
    }
    const uint32_t at = stage & 0xFFu;
    uart_print("flash keys, stage %u\n", at);
    SCB_SHCSR |= SHCSR_BUSFAULTENA;
    check("CR after reset", FLASH_CR, 0xC0000000);
    switch (at) {
    case 0:
        write_key(&FLASH_KEYR, KEYR_KEY2);
        check("second key first: bus faults", bus_faults, 1);
        check("imprecise", last_cfsr, 0x400);
        stays_locked_until_reset();
        break;
    case 1:
        write_key(&FLASH_KEYR, KEYR_KEY1);
        check("first key: bus faults", bus_faults, 0);
        write_key(&FLASH_KEYR, KEYR_KEY1);
        check("first key twice: bus faults", bus_faults, 1);
        stays_locked_until_reset();
        break;
    case 2:
        write_key(&FLASH_OPTKEYR, OPTKEYR_KEY1);
        check("option key while locked: bus faults", bus_faults, 1);
        break;
    case 3:
        flash_unlock();
        check("CR unlocked", FLASH_CR, 0x40000000);
        write_key(&FLASH_OPTKEYR, OPTKEYR_KEY2);
        check("second option key first: bus faults", bus_faults, 1);
        check("CR", FLASH_CR, 0x40000000);
        write_key(&FLASH_OPTKEYR, OPTKEYR_KEY1);
        write_key(&FLASH_OPTKEYR, OPTKEYR_KEY2);
        check("CR after the right option keys", FLASH_CR, 0x40000000);
        check("erase still works", flash_erase_page(LAST_PAGE), 0);
        break;
    case 4:
        flash_unlock();
        write_key(&FLASH_KEYR, KEYR_KEY1);
        check("assumed: a key while unlocked: bus faults", bus_faults, 1);
        check("assumed: and it locks", FLASH_CR & CR_LOCK, CR_LOCK);
        break;
    default:
        flash_unlock();
        check("CR unlocked", FLASH_CR, 0x40000000);
        check("no bus fault", bus_faults, 0);
        stage = 0;
        finish_pass();
    }
    next_stage();
}
