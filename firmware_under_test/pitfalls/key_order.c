// The second key first: a HardFault, and no key opens CR before the next reset. The handler counts
// and returns, as the fault is imprecise.
#include "common/check.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

#define MAGIC 0x4F524445u

void HardFault_Handler(void);

static NOINIT uint32_t stage;
static volatile uint32_t faults;
static volatile uint32_t hfsr;
static volatile uint32_t cfsr;

void HardFault_Handler(void)
{
    faults++;
    hfsr = SCB_HFSR;
    cfsr = SCB_CFSR;
    SCB_CFSR = cfsr;
    SCB_HFSR = hfsr;
    dsb();
}

int main(void)
{
    uart_init();
    if (stage != MAGIC) {
        FLASH_KEYR = KEYR_KEY2;
        dsb();
        isb();
        check("second key first: HardFaults", faults, 1);
        check("HFSR", hfsr, 0x40000000);
        check("CFSR", cfsr, 0x400);
        check("unlock", library_unlock(), LIBRARY_ERROR);
        check("CR", FLASH_CR, 0xC0000000);
        check("HardFaults", faults, 3);
        stage = check_failures() == 0 ? MAGIC : 0;
        uart_flush();
        SCB_AIRCR = AIRCR_SYSRESETREQ;
        for (;;) {
        }
    }
    stage = 0;
    check("unlock after reset", library_unlock(), LIBRARY_OK);
    check("CR", FLASH_CR, 0x40000000);
    check_finish();
}
