/* Page, bank and mass erase. L4 sheet 5. Durations do not depend on content (5.10). A cut leaves
 * the pages as the head of flash_array_operations.c says, in a bank or mass erase all of them in
 * the same phase: rules L4.cut.erase, L4.cut.mass_erase. What an erase that was cut has touched
 * counts as worn, and allows no fast programming (4.6.2). */
#include "models/flash_l4_state.h"

/* What CR selects. */
struct selection {
    bool is_page, is_mass;
    uint32_t first_page;
    uint32_t page_count;
    uint8_t banks; /* a bit each */
};

static struct selection select_page(const struct device *device, uint32_t cr)
{
    uint32_t unit = flash_l4_erase_pages(device);
    /* L4 sheet 5.7: BKER names the physical bank, whatever FB_MODE says. */
    uint32_t bank = cr & CR_BKER && flash_l4_is_dual_bank(device) ? 1 : 0;
    uint32_t page = (cr & CR_PNB) >> CR_PNB_SHIFT;
    return (struct selection){
        .is_page = true,
        .first_page = bank * flash_l4_bank_pages(device) + page * unit,
        .page_count = unit,
        .banks = (uint8_t)(1u << bank),
    };
}

static struct selection select_banks(const struct device *device, uint32_t cr)
{
    struct selection selection = {.is_mass = true};
    uint32_t bank_pages = flash_l4_bank_pages(device);
    uint32_t banks = 1;
    if (flash_l4_is_dual_bank(device))
        banks = (cr & CR_MER1 ? 1u : 0) | (cr & CR_MER2 ? 2u : 0);
    selection.banks = (uint8_t)banks;
    selection.first_page = banks == 2 ? bank_pages : 0;
    selection.page_count = banks == 3 ? 2 * bank_pages : bank_pages;
    return selection;
}

/* L4 sheet 4.3 PGSERR: why the sequence is wrong, NULL when it is right. */
static const char *sequence_error(struct device *device, uint32_t cr)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    uint32_t mass = cr & (CR_MER1 | CR_MER2);
    if (cr & (CR_PG | CR_FSTPG))
        return "L4.erase.program_mode"; /* 5.2 */
    if (cr & CR_PER && mass) {
        flash_l4_assume(device, ASSUME_ERASE_BOTH_KINDS);
        return "L4.erase.page_and_mass"; /* 5.11 */
    }
    if (flash_l4_chip(device)->bank_count == 2 && !flash_l4_is_dual_bank(device)) {
        if (mass && mass != (CR_MER1 | CR_MER2))
            return "L4.erase.one_of_two_mer"; /* 5.6 */
        if (cr & CR_PER && cr & CR_BKER)
            return "L4.erase.bker_single_bank"; /* 5.6 */
    }
    if (flash->reg[FLASH_SR] & SR_SEQUENCE_ERRORS)
        return "L4.erase.stale_flag"; /* 5.1 */
    if (device->system->wires->voltage_range == 2) {
        flash_l4_assume(device, ASSUME_RANGE_2);
        if (rule_is_on(device->system->wires, RULE_RANGE2_PGSERR))
            return "L4.program.range2"; /* 4.1.8 */
    }
    return NULL;
}

/* L4 sheet 5.5: one protected page drops the whole erase. */
static bool is_protected(const struct device *device, const struct selection *selection)
{
    if (flash_l4_is_blocked(device))
        return true;
    for (uint32_t i = 0; i < selection->page_count; i++)
        if (flash_l4_is_write_protected(device, selection->first_page + i) ||
            flash_l4_page_has_pcrop(device, selection->first_page + i))
            return true;
    return false;
}

void flash_l4_start_erase(struct device *device)
{
    const struct chip_flash *chip = flash_l4_chip(device);
    uint32_t cr = flash_l4_of(device)->reg[FLASH_CR];
    if (!(cr & (CR_PER | CR_MER1 | CR_MER2 | CR_PG | CR_FSTPG))) {
        /* L4 sheet 5.3: unpredictable, no flag. MODEL: STRT falls, nothing happens. */
        flash_l4_assume(device, ASSUME_ERASE_NOTHING);
        flash_l4_raise(device, 0, "L4.erase.nothing_selected", device->base + 0x14, 4);
        return;
    }
    struct selection selection = cr & CR_PER ? select_page(device, cr) : select_banks(device, cr);
    uint32_t flags = 0;
    const char *rule = sequence_error(device, cr);
    if (rule)
        flags |= SR_PGSERR;
    if (cr & (CR_PER | CR_MER1 | CR_MER2) && is_protected(device, &selection)) {
        flags |= SR_WRPERR;
        rule = rule ? rule : "L4.erase.protected";
    }
    if (flags) {
        flash_l4_raise(device, flags, rule, flash_l4_page_addr(device, selection.first_page),
                       selection.page_count * chip->page_bytes);
        return;
    }
    bool is_all = selection.page_count == flash_array_page_count(device->system->cells);
    enum flash_l4_kind many = is_all ? FLASH_L4_MASS_ERASE : FLASH_L4_BANK_ERASE;
    struct flash_l4_operation op = {
        .kind = (uint8_t)(selection.is_page ? FLASH_L4_PAGE_ERASE : many),
        .banks = selection.banks,
        .first_page = selection.first_page,
        .page_count = selection.page_count,
    };
    flash_l4_start(
        device, op,
        flash_l4_duration_ps(device, selection.is_page ? &chip->page_erase : &chip->mass_erase));
}

void flash_l4_end_erase(struct device *device, const struct flash_l4_operation *op)
{
    struct flash_l4_row *row = &flash_l4_of(device)->row;
    for (uint32_t page = op->first_page; page < op->first_page + op->page_count; page++) {
        flash_l4_cache_erasing(device, page);
        flash_array_erase(device->system->cells, page, NULL);
        flash_l4_show_page(device, page);
    }
    if (op->kind != FLASH_L4_PAGE_ERASE) {
        row->ready_banks |= op->banks;
        row->erased_page = 0;
    } else {
        row->ready_banks &= ~(uint32_t)op->banks;
        row->erased_page = op->first_page + 1;
    }
    flash_l4_succeed(device);
}
