// Every store form to flash in every lock state: CR locked, unlocked without PG, unlocked with PG.
// None may be missed, none may change a bit except a whole pair with PG set.
#include <stdbool.h>

#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"
#include "stores/forms.h"

#define WORD_1 0x11111111u
#define WORD_2 0x22222222u
#define WORD_3 0x33333333u
#define WORD_4 0x44444444u
#define STEP 32u // bytes of the page that each form may use

enum lock_state { LOCKED, WITHOUT_PG, WITH_PG, LOCK_STATES };

static const uint32_t stored[STORE_WORDS] = {WORD_1, WORD_2, WORD_3, WORD_4};
static const char *const state_names[LOCK_STATES] = {"locked", "PG=0", "PG=1"};
static uint32_t failures;

static bool data_is_right(uint32_t addr, uint32_t words)
{
    for (uint32_t i = 0; i < STEP / 4u; i++) {
        if (REG32(addr + 4u * i) != (i < words ? stored[i] : 0xFFFFFFFFu)) {
            return false;
        }
    }
    return true;
}

static void try_form(const struct store_form *form, enum lock_state state, uint32_t addr)
{
    if (state != LOCKED) {
        flash_unlock();
    }
    flash_clear_errors();
    FLASH_CR = state == WITH_PG ? CR_PG : 0;
    interrupts_off();
    form->store(addr, WORD_1, WORD_2, WORD_3, WORD_4);
    interrupts_on();
    while (FLASH_SR & SR_BSY) {
    }
    const uint32_t sr = FLASH_SR & (SR_ERRORS | SR_EOP);
    if (state != LOCKED) {
        FLASH_CR = CR_LOCK;
    }
    flash_clear_errors();
    const uint32_t want = state == WITH_PG ? form->sr_with_pg : form->sr_without_pg;
    const bool sr_is_right = (sr & form->sr_mask) == want;
    const bool is_data_right = data_is_right(addr, state == WITH_PG ? form->words : 0);
    failures += sr_is_right && is_data_right ? 0u : 1u;
    uart_print("%s %s: SR 0x%x want 0x%x, data %s %s\n", form->name, state_names[state], sr, want,
               is_data_right ? "right" : "WRONG", sr_is_right && is_data_right ? "ok" : "BAD");
}

int main(void)
{
    uart_init();
    uart_print("stores to flash\n");
    SCB_CPACR |= 0x00F00000u; // the FPU stores too
    dsb();
    isb();
    FLASH_ACR &= ~ACR_DCEN;
    flash_unlock();
    // Two pages: the forms need more than one.
    if (flash_erase_page(FLASH_END - 2u * PAGE_BYTES) != 0 ||
        flash_erase_page(FLASH_END - PAGE_BYTES) != 0) {
        finish_fail("erase");
    }
    flash_lock();
    uint32_t addr = FLASH_END - 2u * PAGE_BYTES + STEP;
    for (const struct store_form *form = store_forms; form < store_forms_end; form++) {
        for (uint32_t state = LOCKED; state < LOCK_STATES; state++) {
            try_form(form, (enum lock_state)state, addr);
        }
        addr += STEP;
    }
    if (failures != 0) {
        finish_fail("see the lines marked BAD");
    }
    finish_pass();
}
