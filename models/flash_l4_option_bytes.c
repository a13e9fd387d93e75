/* Option bytes and the protections they hold. L4 sheet 11. Each option register has a double word
 * in the option page: the value and its complement. Approximated: protections while DBANK = 0 count
 * all areas against the one bank; option bytes carry no ECC here.
 *
 * A change that is cut leaves the option page as the head of flash_array_operations.c says; rule
 * L4.cut.option. One value that does not fit its complement, or is blank, makes the next load take
 * the secure fallback with OPTVERR (11.6). Cells that rise in an erase spoil the match of any value,
 * so that a load after a cut finds the old options (`before`; `early` and `late` only in the rare
 * case that none of their words is touched or all read old), the new ones (`done`) or the fallback,
 * never a mixture. Nothing of it is in force before a load: after a system reset the firmware runs
 * on with the old options, and meets the fallback when power comes next (11.2.4).
 *
 * From RDP level 1 to 0 (11.3), MODEL, rule L4.cut.level_0: main memory is erased first, as by a
 * mass erase, then SRAM2 and the backup registers, then the option bytes are changed. Cut
 *   before   as it was: level 1.
 *   early, mid  main memory as a mass erase leaves it; the option bytes as they were: level 1.
 *   late     main memory reads erased and is weak; the option bytes as they were: level 1.
 *   pulse, ecc  main memory is erased, SRAM2 and the backup registers are wiped, the option bytes
 *            are torn: the fallback, which is level 1.
 *   done     level 0, with nothing left to read.
 * So no cut opens what has not been erased. */
#include "models/flash_l4_state.h"

#include <string.h>

enum { SRAM2_BASE = 0x10000000 };

enum option {
    OPTION_OPTR,
    OPTION_PCROP1S,
    OPTION_PCROP1E,
    OPTION_WRP1A,
    OPTION_WRP1B,
    OPTION_PCROP2S,
    OPTION_PCROP2E,
    OPTION_WRP2A,
    OPTION_WRP2B
};

/* L4 sheet 11.1: double word of each register in the option page; bank 2's begin at 0x1FFFF800. */
static const uint8_t slots[FLASH_L4_OPTION_COUNT] = {0, 1, 2, 3, 4, 9, 10, 11, 12};

static unsigned option_count(const struct chip_flash *chip)
{
    return chip->bank_count == 1 ? OPTION_PCROP2S : FLASH_L4_OPTION_COUNT;
}

/* --- fields --- */

static uint32_t pcrop_mask(const struct chip_flash *chip)
{
    return (1u << chip->pcrop_bits) - 1;
}

static uint32_t wrp_mask(const struct chip_flash *chip)
{
    uint32_t pages = chip->bank_bytes / chip->page_bytes - 1;
    return (pages & 0xFF) * 0x00010001u;
}

/* Bits that the register has; the others read as the part was made (L4 sheet 2.5, 2.6). */
static uint32_t defined_bits(const struct chip_flash *chip, unsigned index)
{
    switch ((enum option)index) {
    case OPTION_OPTR: {
        uint32_t bits = 0x038F77FF;
        if (chip->has_boot0_option)
            bits |= 3u << 26;
        if (chip->bank_count == 2)
            bits |= 3u << 20;
        return chip->is_l4_plus ? bits | OPTR_DBANK : bits;
    }
    case OPTION_PCROP1S:
    case OPTION_PCROP2S:
    case OPTION_PCROP2E:
        return pcrop_mask(chip);
    case OPTION_PCROP1E:
        return pcrop_mask(chip) | PCROP1ER_PCROP_RDP;
    case OPTION_WRP1A:
    case OPTION_WRP1B:
    case OPTION_WRP2A:
    case OPTION_WRP2B:
        break;
    }
    return wrp_mask(chip);
}

/* L4 sheet 2.5, 2.6: a part as it comes: nothing protected. */
static uint32_t factory_value(const struct chip_flash *chip, unsigned index)
{
    switch ((enum option)index) {
    case OPTION_OPTR:
        return chip->factory_optr;
    case OPTION_PCROP1S:
    case OPTION_PCROP2S:
        return 0xFFFFFFFF;
    case OPTION_PCROP1E:
        return 0x0FFF0000 & ~pcrop_mask(chip);
    case OPTION_PCROP2E:
        return 0xFFFF0000 & ~pcrop_mask(chip);
    case OPTION_WRP1A:
    case OPTION_WRP1B:
    case OPTION_WRP2A:
    case OPTION_WRP2B:
        break;
    }
    return 0xFF00FF00 | (wrp_mask(chip) & 0xFF);
}

/* L4 sheet 11.6: a failed check loads RDP level 1, PCROP everywhere, no WRP, user bits 1, BOR level
 * 0. */
static uint32_t fallback_value(const struct chip_flash *chip, unsigned index)
{
    switch ((enum option)index) {
    case OPTION_OPTR:
        return 0xFFFFFFFF & ~OPTR_BOR_LEV;
    case OPTION_PCROP1S:
    case OPTION_PCROP2S:
        return 0xFFFFFFFF & ~pcrop_mask(chip);
    case OPTION_PCROP1E:
    case OPTION_PCROP2E:
        return 0xFFFFFFFF;
    case OPTION_WRP1A:
    case OPTION_WRP1B:
    case OPTION_WRP2A:
    case OPTION_WRP2B:
        break;
    }
    return factory_value(chip, index);
}

bool flash_l4_get_option(const struct chip_flash *chip, unsigned index, struct chip_option *option)
{
    static const char *const names[FLASH_L4_OPTION_COUNT] = {
        "OPTR",     "PCROP1SR", "PCROP1ER", "WRP1AR", "WRP1BR",
        "PCROP2SR", "PCROP2ER", "WRP2AR",   "WRP2BR",
    };
    if (index >= option_count(chip))
        return false;
    *option = (struct chip_option){
        .name = names[index],
        .defined = defined_bits(chip, index),
        .factory = factory_value(chip, index),
        .unit = slots[index],
    };
    return true;
}

static uint64_t with_complement(uint32_t value)
{
    return value | (uint64_t)~value << 32;
}

/* --- load --- */

static bool read_option(struct device *device, unsigned index, uint32_t *value)
{
    const struct flash_array *cells = device->system->cells;
    uint32_t unit = flash_array_option_page(cells) * flash_array_units_per_page(cells);
    struct flash_reading reading;
    unit += slots[index];
    flash_array_read(cells, unit, flash_l4_choice(device, unit), &reading);
    *value = (uint32_t)reading.data[0];
    return reading.data[0] == with_complement(*value);
}

static void load_values(struct device *device)
{
    const struct chip_flash *chip = flash_l4_chip(device);
    struct flash_l4 *flash = flash_l4_of(device);
    bool is_good = true;
    for (unsigned i = 0; i < option_count(chip); i++)
        is_good = read_option(device, i, &flash->loaded.value[i]) && is_good;
    for (unsigned i = 0; !is_good && i < option_count(chip); i++)
        flash->loaded.value[i] = fallback_value(chip, i);
    if (!is_good)
        flash_l4_raise(device, SR_OPTVERR, "L4.option.mismatch", 0x1FFF7800, 8);
    else if (rule_is_on(device->system->wires, RULE_SPURIOUS_OPTVERR))
        flash_l4_raise(device, SR_OPTVERR, "L4.option.spurious_optverr", 0x1FFF7800, 8);
}

/* L4 sheet 11.5: the word at 0x08000000, looked at when option bytes are loaded and only then. */
static bool is_empty(struct device *device)
{
    struct flash_reading first;
    flash_array_read(device->system->cells, 0, flash_l4_choice(device, 0), &first);
    return (uint32_t)first.data[0] == 0xFFFFFFFF;
}

void flash_l4_show_options(struct device *device)
{
    struct flash_l4 *flash = flash_l4_of(device);
    for (unsigned i = 0; i < FLASH_L4_OPTION_COUNT; i++)
        flash->reg[FLASH_OPTR + i] = flash->loaded.value[i];
}

void flash_l4_load_options(struct device *device)
{
    struct flash_l4 *flash = flash_l4_of(device);
    struct wires *wires = device->system->wires;
    load_values(device);
    flash_l4_show_options(device);
    wires->optr = flash->loaded.value[OPTION_OPTR];
    wires->is_flash_empty = flash_l4_chip(device)->has_empty_check && is_empty(device);
    device_emit(device, (struct event){.kind = EVENT_FLASH_OPTION_LOAD, .value = wires->optr});
    device_signal(device->system, WIRE_OPTIONS, wires->optr);
}

struct flash_array *flash_l4_create_cells(const struct chip_flash *chip)
{
    struct flash_array *cells = flash_array_create((struct flash_geometry){
        .main_bytes = chip->bank_bytes * chip->bank_count,
        .page_bytes = chip->page_bytes,
        .unit_bytes = 8,
        .ecc_bits = 8,
        .otp_bytes = 1024,
    });
    if (!cells)
        return NULL;
    uint64_t data[FLASH_OPTION_UNITS] = {0};
    uint32_t used = 0;
    for (unsigned i = 0; i < option_count(chip); i++) {
        data[slots[i]] = with_complement(factory_value(chip, i));
        used |= 1u << slots[i];
    }
    flash_array_change_options(cells, data, used, NULL);
    flash_array_set_wear(cells, flash_array_option_page(cells), 0);
    return cells;
}

/* --- protections --- */

unsigned flash_l4_rdp_level(uint32_t optr)
{
    /* L4 sheet 11.3. */
    switch (optr & OPTR_RDP) {
    case 0xAA:
        return RDP_LEVEL_0;
    case 0xCC:
        return RDP_LEVEL_2;
    default:
        return RDP_LEVEL_1;
    }
}

bool flash_l4_is_blocked(const struct device *device)
{
    const struct wires *wires = device->system->wires;
    if (flash_l4_rdp_level(flash_l4_of(device)->loaded.value[OPTION_OPTR]) != RDP_LEVEL_1)
        return false;
    return wires->is_debugger_attached || flash_l4_of(device)->met_debugger ||
           !wires->has_booted_from_flash;
}

static bool is_in_wrp(uint32_t value, uint32_t erase_unit)
{
    uint32_t first = value & 0xFF;
    uint32_t last = value >> 16 & 0xFF;
    return first <= last && erase_unit >= first && erase_unit <= last;
}

bool flash_l4_is_write_protected(const struct device *device, uint32_t page)
{
    const uint32_t *value = flash_l4_of(device)->loaded.value;
    uint32_t bank = flash_l4_bank_of_page(device, page);
    uint32_t erase_unit = page % flash_l4_bank_pages(device) / flash_l4_erase_pages(device);
    bool is_all_one_bank = flash_l4_chip(device)->bank_count == 2 && !flash_l4_is_dual_bank(device);
    if (bank == 0 &&
        (is_in_wrp(value[OPTION_WRP1A], erase_unit) || is_in_wrp(value[OPTION_WRP1B], erase_unit)))
        return true;
    return (bank == 1 || is_all_one_bank) && (is_in_wrp(value[OPTION_WRP2A], erase_unit) ||
                                              is_in_wrp(value[OPTION_WRP2B], erase_unit));
}

/* The PCROP area of a bank, in bytes from the bank's start; empty when STRT > END. */
struct area {
    uint32_t first, end;
};

static struct area pcrop_area(const struct device *device, unsigned index)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    uint32_t mask = pcrop_mask(flash_l4_chip(device));
    /* L4 sheet 2.6: units of 8 bytes, 16 with DBANK = 0. */
    uint32_t unit = 8 * flash_l4_erase_pages(device);
    uint32_t first = flash->loaded.value[index] & mask;
    uint32_t last = flash->loaded.value[index + 1] & mask;
    return first > last ? (struct area){0, 0} : (struct area){first * unit, (last + 1) * unit};
}

static bool touches_pcrop(const struct device *device, uint32_t offset, uint32_t size)
{
    uint32_t bank_bytes = flash_l4_bank_bytes(device);
    uint32_t bank = offset / bank_bytes;
    uint32_t in_bank = offset % bank_bytes;
    bool is_all_one_bank = flash_l4_chip(device)->bank_count == 2 && !flash_l4_is_dual_bank(device);
    struct area one = pcrop_area(device, OPTION_PCROP1S);
    if (bank == 0 && in_bank < one.end && in_bank + size > one.first)
        return true;
    if ((bank == 0 && !is_all_one_bank) || flash_l4_chip(device)->bank_count == 1)
        return false;
    struct area two = pcrop_area(device, OPTION_PCROP2S);
    return in_bank < two.end && in_bank + size > two.first;
}

bool flash_l4_is_pcrop(const struct device *device, uint32_t unit)
{
    return touches_pcrop(device, unit * 8, 8);
}

bool flash_l4_page_has_pcrop(const struct device *device, uint32_t page)
{
    uint32_t bytes = flash_l4_chip(device)->page_bytes;
    return touches_pcrop(device, page * bytes, bytes);
}

/* --- change --- */

void flash_l4_limit_option(struct device *device, unsigned index, uint32_t old)
{
    uint32_t *reg = &flash_l4_of(device)->reg[FLASH_OPTR + index];
    uint32_t bits = defined_bits(flash_l4_chip(device), index);
    *reg = (*reg & bits) | (old & ~bits);
    /* L4 sheet 2.6: PCROP_RDP can only be set by software. */
    if (index == OPTION_PCROP1E)
        *reg |= old & PCROP1ER_PCROP_RDP;
}

static bool goes_open(const struct flash_l4 *flash)
{
    return flash_l4_rdp_level(flash->loaded.value[OPTION_OPTR]) == RDP_LEVEL_1 &&
           flash_l4_rdp_level(flash->reg[FLASH_OPTR]) == RDP_LEVEL_0;
}

/* L4 sheet 11.4: the area only grows, unless RDP goes from 1 to 0 with PCROP_RDP set. ASSUMED: a
 * smaller one is not an error, the old one stays. */
static void keep_pcrop(struct device *device, unsigned index)
{
    struct flash_l4 *flash = flash_l4_of(device);
    uint32_t mask = pcrop_mask(flash_l4_chip(device));
    uint32_t old_first = flash->loaded.value[index] & mask;
    uint32_t old_last = flash->loaded.value[index + 1] & mask;
    uint32_t *first = &flash->reg[FLASH_OPTR + index];
    uint32_t *last = &flash->reg[FLASH_OPTR + index + 1];
    bool covers = (*first & mask) <= old_first && (*last & mask) >= old_last;
    bool was_removable =
        goes_open(flash) && (flash->loaded.value[OPTION_PCROP1E] & PCROP1ER_PCROP_RDP);
    if (old_first > old_last || covers || was_removable)
        return;
    flash_l4_assume(device, ASSUME_PCROP_SHRINK);
    *first = (*first & ~mask) | old_first;
    *last = (*last & ~mask) | old_last;
}

void flash_l4_start_option_change(struct device *device, bool launches)
{
    struct flash_l4 *flash = flash_l4_of(device);
    const struct chip_flash *chip = flash_l4_chip(device);
    /* L4 sheet 11.2.7. */
    if (flash_l4_rdp_level(flash->loaded.value[OPTION_OPTR]) == RDP_LEVEL_2) {
        flash_l4_raise(device, SR_WRPERR, "L4.option.level2", 0x1FFF7800, 8);
        return;
    }
    keep_pcrop(device, OPTION_PCROP1S);
    if (chip->bank_count == 2)
        keep_pcrop(device, OPTION_PCROP2S);
    struct flash_l4_operation op = {
        .kind = FLASH_L4_OPTION_CHANGE,
        .banks = 3,
        .erases_main = goes_open(flash),
        .launches = launches,
    };
    uint64_t duration_ps = flash_l4_duration_ps(device, &chip->option_change);
    if (op.erases_main)
        duration_ps += flash_l4_duration_ps(device, &chip->mass_erase);
    /* L4 sheet 11.2.8: the duration is not known well. */
    flash_l4_assume(device, ASSUME_OPTION_DURATION);
    flash_l4_start(device, op, duration_ps);
}

/* What the registers ask for, as double words of the option page. */
static uint32_t wanted_options(const struct device *device, uint64_t data[FLASH_OPTION_UNITS])
{
    const struct flash_l4 *flash = flash_l4_of(device);
    uint32_t used = 0;
    for (unsigned i = 0; i < option_count(flash_l4_chip(device)); i++) {
        data[slots[i]] = with_complement(flash->reg[FLASH_OPTR + i]);
        used |= 1u << slots[i];
    }
    return used;
}

/* L4 sheet 11.3: RDP 1 -> 0 wipes main memory, SRAM2 and the backup registers; without PCROP_RDP
 * the pages that hold PCROP survive. */
static void erase_for_level_0(struct device *device, const struct flash_torn *cut)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    bool keeps_pcrop = !(flash->loaded.value[OPTION_PCROP1E] & PCROP1ER_PCROP_RDP);
    uint32_t pages = flash_array_page_count(device->system->cells);
    for (uint32_t page = 0; page < pages; page++) {
        if (keeps_pcrop && flash_l4_page_has_pcrop(device, page))
            continue;
        if (!cut)
            flash_l4_cache_erasing(device, page);
        flash_array_erase(device->system->cells, page, cut);
    }
}

static void wipe_memories(struct device *device)
{
    const struct bus_region *sram2 = bus_find(device->system->bus, SRAM2_BASE);
    if (sram2 && sram2->host)
        memset(sram2->host, 0, sram2->size);
    device_signal(device->system, WIRE_BACKUP_RESET, 0);
}

void flash_l4_end_option_change(struct device *device, const struct flash_l4_operation *op)
{
    uint64_t data[FLASH_OPTION_UNITS] = {0};
    uint32_t used = wanted_options(device, data);
    if (op->erases_main) {
        erase_for_level_0(device, NULL);
        wipe_memories(device);
    }
    flash_array_change_options(device->system->cells, data, used, NULL);
    flash_l4_publish(device);
    flash_l4_succeed(device);
}

/* A cut before the option bytes are touched. */
static bool is_in_main(enum flash_phase phase)
{
    return phase != FLASH_PHASE_PULSE && phase != FLASH_PHASE_ECC && phase != FLASH_PHASE_DONE;
}

bool flash_l4_cut_option_change(struct device *device, const struct flash_l4_operation *op,
                                const struct flash_torn *cut)
{
    uint64_t data[FLASH_OPTION_UNITS] = {0};
    uint32_t used = wanted_options(device, data);
    if (op->erases_main) {
        flash_l4_assume(device, ASSUME_LEVEL_0_ORDER);
        bool tears_main = is_in_main(cut->cut.phase);
        erase_for_level_0(device, tears_main ? cut : NULL);
        if (tears_main)
            return true;
        wipe_memories(device);
    }
    flash_array_change_options(device->system->cells, data, used, cut);
    return false;
}
