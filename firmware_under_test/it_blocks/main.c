// What may interrupt an IT block in its middle: a fault, an exception that returns into it, a stall. The rest
// of the block must not have happened by then, and must happen afterwards under the same condition.
#include "common/chip.h"
#include "common/check.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"

#define NOWHERE 0x30000000u
#define FAR_PAGE (LAST_PAGE - 4u * PAGE_BYTES)
#define XPSR_IT 0x0600FC00u

static volatile uint32_t stored;
static volatile uint32_t stored_at_fault;
static volatile uint32_t faults;
static volatile uint32_t ticks;
extern const char it_after_flash[], it_after_ram[];
static const char *volatile resume_at;

void HardFault_Handler(void);
void SysTick_Handler(void);
void SVC_Handler(void);
void leave_block(uint32_t *frame);

__attribute__((used)) void leave_block(uint32_t *frame)
{
    faults++;
    stored_at_fault = stored;
    SCB_CFSR = SCB_CFSR;
    SCB_HFSR = SCB_HFSR;
    frame[6] = (uint32_t)resume_at & ~1u;
    frame[7] &= ~XPSR_IT;
}

__attribute__((naked)) void HardFault_Handler(void)
{
    __asm__ volatile("mov r0, sp\n b leave_block");
}

void SysTick_Handler(void)
{
    ticks++;
    SYST_CSR = 0;
}

__attribute__((naked)) void SVC_Handler(void)
{
    __asm__ volatile("bx lr");
}

static void stores_behind_a_faulting_load(void)
{
    resume_at = it_after_ram;
    stored = 5;
    __asm__ volatile("cmp r0, r0\n ittt eq\n ldreq r3, [%0]\n streq %2, [%1]\n strbeq %2, [%1]\n"
                     ".global it_after_ram\n it_after_ram: nop"
                     :
                     : "r"(NOWHERE), "r"(&stored), "r"(9)
                     : "cc", "memory", "r3");
    check("RAM when the load faulted", stored_at_fault, 5);
    check("RAM afterwards", stored, 5);

    resume_at = it_after_flash;
    __asm__ volatile("cmp r0, r0\n ittt eq\n ldreq r3, [%0]\n streq %2, [%1]\n streq %2, [%1, #4]\n"
                     ".global it_after_flash\n it_after_flash: nop"
                     :
                     : "r"(NOWHERE), "r"(FAR_PAGE), "r"(0x12345678)
                     : "cc", "memory", "r3");
    check("flash behind the load", REG32(FAR_PAGE), 0xFFFFFFFFu);
    check("its flags", FLASH_SR & SR_ERRORS, 0);
    check("faults", faults, 2);
}

// A tick in every cycle around an SVC and the return from it: the condition is kept.
static void interrupts_in_a_block(void)
{
    uint32_t wrong = 0;
    for (uint32_t delay = 10; delay < 120; delay++) {
        uint32_t skipped = 0;
        uint32_t done = 0;
        ticks = 0;
        SYST_RVR = delay;
        SYST_CVR = 0;
        SYST_CSR = 7;
        __asm__ volatile("cmp r0, r0\n itete eq\n svceq #0\n addne %0, #1\n addeq %1, #1\n addne %0, #2\n"
                         : "+r"(skipped), "+r"(done)
                         :
                         : "cc", "r0", "r1", "r2", "r3", "r12");
        while (ticks == 0) {
        }
        wrong += skipped != 0 || done != 1;
    }
    check("blocks that a tick upset", wrong, 0);
}

static void loads_behind_the_start_of_an_operation(void)
{
    uint32_t got;
    flash_unlock();
    flash_clear_errors();
    check("erase", flash_erase_page(FAR_PAGE), 0);
    check("program", flash_program(FAR_PAGE, 1, 2), 0);
    const uint32_t command = flash_erase_command(FAR_PAGE);
    FLASH_CR = command;
    __asm__ volatile("cmp r0, r0\n itt eq\n streq %2, [%1]\n ldreq %0, [%3]\n"
                     : "=&r"(got)
                     : "r"(&FLASH_CR), "r"(command | CR_STRT), "r"(FAR_PAGE)
                     : "cc", "memory");
    check("a load behind STRT waits for the erase", got, 0xFFFFFFFFu);
    FLASH_CR = CR_PG;
    __asm__ volatile("cmp r0, r0\n ittt eq\n streq %2, [%1]\n streq %2, [%1, #4]\n ldreq %0, [%1]\n"
                     : "=&r"(got)
                     : "r"(FAR_PAGE + 8u), "r"(0xCAFE)
                     : "cc", "memory");
    check("a load behind a double word waits for it", got, 0xCAFE);
    __asm__ volatile("cmp r0, r0\n itttt eq\n streq %1, [%0]\n streq %1, [%0, #4]\n"
                     "streq %1, [%0, #8]\n streq %1, [%0, #12]\n"
                     :
                     : "r"(FAR_PAGE + 16u), "r"(0xBEEF)
                     : "cc", "memory");
    while (FLASH_SR & SR_BSY) {
    }
    check("two double words in one block", FLASH_SR & SR_ERRORS, 0);
    check("the last of them", REG32(FAR_PAGE + 28u), 0xBEEF);
    FLASH_CR = 0;
    flash_lock();
}

int main(void)
{
    uart_init();
    stores_behind_a_faulting_load();
    interrupts_in_a_block();
    loads_behind_the_start_of_an_operation();
    check_finish();
}
