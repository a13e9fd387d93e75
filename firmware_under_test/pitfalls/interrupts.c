// What an interrupt can do to a flash operation of the code below it.
#include <stdbool.h>

#include "common/check.h"
#include "common/chip.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

#define PAGE ((LAST_PAGE - FLASH_START) / PAGE_BYTES)
#define FLASH_IRQ_BIT (1u << FLASH_IRQ)

void PendSV_Handler(void);
void FLASH_IRQHandler(void);

enum action { LOCK_FLASH, WRITE_FLASH };
static volatile enum action action;
static volatile bool clears_everything;
static volatile uint32_t completed;

void PendSV_Handler(void)
{
    if (action == LOCK_FLASH) {
        library_lock();
    } else {
        REG32(LAST_PAGE + 0x40u) = 3;
        REG32(LAST_PAGE + 0x44u) = 4;
    }
}

void FLASH_IRQHandler(void)
{
    if (clears_everything) {
        FLASH_SR = FLASH_SR; // the flags are gone before anybody looked
        completed++;
        dsb();
    } else {
        library_irq();
    }
}

static void interrupt_now(enum action what)
{
    action = what;
    SCB_ICSR = ICSR_PENDSVSET;
    dsb();
    isb();
}

static void another_task_locks(void)
{
    check("unlock", library_unlock(), LIBRARY_OK);
    interrupt_now(LOCK_FLASH);
    check("program after another task's lock", library_program(LAST_PAGE, 1, 2), LIBRARY_ERROR);
    check("decimal 160", library_error, 160);
    check("not programmed", REG32(LAST_PAGE), 0xFFFFFFFF);
    check("unlock again", library_unlock(), LIBRARY_OK);
    check("program", library_program(LAST_PAGE, 1, 2), LIBRARY_OK);
}

static void interrupt_between_the_words(void)
{
    FLASH_CR |= CR_PG;
    REG32(LAST_PAGE + 8u) = 1;
    interrupt_now(WRITE_FLASH);
    REG32(LAST_PAGE + 12u) = 2;
    check("SR after a pair torn apart", FLASH_SR, 0xA0);
    FLASH_CR &= ~CR_PG;
    FLASH_SR = SR_ERRORS;
    check("the one below lost", REG32(LAST_PAGE + 8u), 0xFFFFFFFF);
    check("the interrupt's lost", REG32(LAST_PAGE + 0x40u), 0xFFFFFFFF);
    check("program below", library_program(LAST_PAGE + 8u, 1, 2), LIBRARY_OK);
    check("program the other", library_program(LAST_PAGE + 0x40u, 3, 4), LIBRARY_OK);
}

static void handler_clears_everything(void)
{
    clears_everything = true;
    NVIC_ISER(0) = FLASH_IRQ_BIT;
    FLASH_CR |= CR_PG | CR_EOPIE | CR_ERRIE;
    REG32(LAST_PAGE) = 5; // programmed already
    REG32(LAST_PAGE + 4u) = 6;
    dsb();
    isb();
    check("the handler ran", completed != 0, 1);
    check("SR when the caller looks", FLASH_SR, 0);
    check("and the data is the old", REG32(LAST_PAGE), 1);
    FLASH_CR &= ~(CR_PG | CR_EOPIE | CR_ERRIE);
    NVIC_ICER(0) = FLASH_IRQ_BIT;
    NVIC_ICPR(0) = FLASH_IRQ_BIT;
    clears_everything = false;
}

static void interrupt_never_enabled(void)
{
    check("erase_it", library_erase_it(1, PAGE), LIBRARY_OK);
    while (FLASH_SR & SR_BSY) {
    }
    check("SR", FLASH_SR, SR_EOP);
    check("pending", NVIC_ISPR(0) & FLASH_IRQ_BIT, FLASH_IRQ_BIT);
    check("no callback", library_callbacks, 0);
    check("every later call: busy", library_program(LAST_PAGE, 7, 8), LIBRARY_BUSY);
    check("every later call: busy", library_erase(1, PAGE), LIBRARY_BUSY);
    NVIC_ISER(0) = FLASH_IRQ_BIT;
    dsb();
    isb();
    check("callback once enabled", library_callbacks, 1);
    check("program", library_program(LAST_PAGE, 7, 8), LIBRARY_OK);
}

int main(void)
{
    uart_init();
    another_task_locks();
    interrupt_between_the_words();
    handler_clears_everything();
    interrupt_never_enabled();
    check_finish();
}
