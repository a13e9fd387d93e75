/* Boot selection of STM32L4 and L4+. L4 sheet 11.5; RM0394 2.6, RM0351 2.6. System memory holds
 * no code here. What its boot loader does for BFB2 before it starts the firmware is modelled as
 * its outcome: rule L4.boot.bfb2_rom. */
#include "models/boot.h"

#include "models/chip.h"
#include "models/wires.h"

#define OPTR_BFB2 (1u << 20)
#define OPTR_NBOOT1 (1u << 23)
#define OPTR_NSWBOOT0 (1u << 26)
#define OPTR_NBOOT0 (1u << 27)

enum { MAIN_FLASH_BASE = 0x08000000 };
enum { MEM_MODE_MAIN_FLASH = 0, MEM_MODE_SYSTEM_MEMORY = 1, MEM_MODE_SRAM1 = 3 };

static enum boot_source other_than_flash(const struct wires *wires)
{
    return wires->optr & OPTR_NBOOT1 ? BOOT_SYSTEM_MEMORY : BOOT_SRAM1;
}

static enum boot_source select_source(const struct chip *chip, const struct wires *wires)
{
    if (wires->forced_boot != BOOT_AS_SELECTED)
        return (enum boot_source)wires->forced_boot;
    /* L47x/48x have neither nSWBOOT0 nor nBOOT0: the pin alone decides. */
    if (chip->flash.has_boot0_option && !(wires->optr & OPTR_NSWBOOT0))
        return wires->optr & OPTR_NBOOT0 ? BOOT_MAIN_FLASH : other_than_flash(wires);
    if (wires->boot0_pin)
        return other_than_flash(wires);
    if (chip->flash.has_empty_check && wires->is_flash_empty)
        return BOOT_SYSTEM_MEMORY;
    return BOOT_MAIN_FLASH;
}

/* The first word of a bank looks like a stack pointer into one of the chip's RAMs. */
static bool looks_bootable(const struct system *system, uint32_t offset)
{
    const uint8_t *at = system->view + offset;
    uint32_t sp = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
                  (uint32_t)at[3] << 24;
    for (unsigned i = 0; i < system->chip->memory_count; i++) {
        const struct chip_memory *memory = &system->chip->memories[i];
        if (sp > memory->base && sp - memory->base <= memory->bytes)
            return true;
    }
    return false;
}

static void remap(struct system *system, uint8_t mem_mode, bool banks_swapped)
{
    system->wires->mem_mode = mem_mode;
    system->wires->banks_swapped = banks_swapped;
    device_signal(system, WIRE_REMAP, 0);
}

/* ASSUMED L4 sheet 11.5: with BFB2 set the ROM starts bank 2 when its first word looks like a stack
 * pointer, else bank 1, else stays; address 0 keeps showing system memory. */
static bool start_through_rom(struct system *system)
{
    uint32_t bank_bytes = system->chip->flash.bank_bytes;
    bool bank2 = looks_bootable(system, bank_bytes);
    if (!bank2 && !looks_bootable(system, 0))
        return false;
    remap(system, MEM_MODE_SYSTEM_MEMORY, bank2);
    trace_emit(system->trace, (struct event){.kind = EVENT_RULE_ASSUMED,
                                             .unit = "BOOT",
                                             .rule = "L4.boot.bfb2_rom"});
    return true;
}

void boot_sample(struct system *system)
{
    const struct chip *chip = system->chip;
    struct wires *wires = system->wires;
    enum boot_source source = select_source(chip, wires);
    bool is_by_rom = source == BOOT_MAIN_FLASH && wires->forced_boot == BOOT_AS_SELECTED &&
                     chip->flash.bank_count == 2 && (wires->optr & OPTR_BFB2);
    remap(system, MEM_MODE_MAIN_FLASH, false);
    if (is_by_rom && !start_through_rom(system))
        source = BOOT_SYSTEM_MEMORY;
    if (source == BOOT_SYSTEM_MEMORY)
        remap(system, MEM_MODE_SYSTEM_MEMORY, false);
    if (source == BOOT_SRAM1)
        remap(system, MEM_MODE_SRAM1, false);
    wires->boot_source = (uint8_t)source;
    wires->has_booted_from_flash = source == BOOT_MAIN_FLASH;
    wires->boot_vector_table = is_by_rom && source == BOOT_MAIN_FLASH ? MAIN_FLASH_BASE : 0;
    device_signal(system, WIRE_BOOT, wires->has_booted_from_flash);
}

const char *boot_source_name(enum boot_source source)
{
    static const char *const names[] = {
        [BOOT_AS_SELECTED] = "as selected",
        [BOOT_MAIN_FLASH] = "main flash",
        [BOOT_SYSTEM_MEMORY] = "system memory",
        [BOOT_SRAM1] = "SRAM1",
    };
    return names[source];
}
