/* The information block, 0x1FFF0000 to 0x1FFFFFFF. L4 sheet 1.2, 11.1: OTP, package data, unique
 * id, flash size, option bytes with their complements. Left out: the contents of system memory
 * (ST's boot loader), which read as erased and are reported once, and the calibration values of the
 * analogue parts. */
#include "models/flash_l4_state.h"

#include <assert.h>

enum {
    OTP_FIRST = 0x7000,
    OTP_END = 0x7400,
    PACKAGE = 0x7500,
    UNIQUE_ID = 0x7590,
    SIZE_KB = 0x75E0,
    OPTIONS_BANK1 = 0x7800,
    OPTIONS_BANK2 = 0xF800,
    OPTIONS_BYTES = 8 * FLASH_OPTION_UNITS / 2,
    SYSTEM_MEMORY_END = 0x7000,
    SYSTEM_MEMORY_2_FIRST = 0x8000,
    SYSTEM_MEMORY_2_END = 0xF000
};

static uint64_t array_doubleword(struct device *device, uint32_t unit)
{
    struct flash_reading reading;
    flash_array_read(device->system->cells, unit, flash_l4_choice(device, unit), &reading);
    return reading.data[0];
}

static uint32_t half(uint64_t doubleword, uint32_t offset)
{
    return (uint32_t)(offset & 4 ? doubleword >> 32 : doubleword);
}

static uint32_t factory_word(struct device *device, uint32_t offset)
{
    /* Wafer coordinates, wafer number and lot, as ST's parts show them: the same for every part
     * here. */
    static const uint32_t unique_id[3] = {0x0026003B, 0x3133510E, 0x37363236};
    const struct chip_flash *chip = flash_l4_chip(device);
    switch (offset) {
    case PACKAGE:
        flash_l4_assume(device, ASSUME_FACTORY_DATA);
        return 0xFFFFFF00; /* LQFP64 */
    case UNIQUE_ID:
    case UNIQUE_ID + 4:
    case UNIQUE_ID + 8:
        return unique_id[(offset - UNIQUE_ID) / 4];
    case SIZE_KB:
        return 0xFFFF0000 | chip->bank_bytes * chip->bank_count / 1024;
    default:
        return 0xFFFFFFFF;
    }
}

/* Once: the ROM is not here, so whoever reads or runs it goes astray. */
static void report_rom(struct device *device, const struct access *access)
{
    struct flash_l4 *flash = flash_l4_of(device);
    if (flash->reported_rom)
        return;
    flash->reported_rom = true;
    device_emit(device, (struct event){.kind = EVENT_UNIT_ABSENT,
                                       .pc = access->pc,
                                       .addr = access->addr,
                                       .size = access->size,
                                       .master = access->master,
                                       .core = access->core,
                                       .rule = "L4.info.system_memory"});
}

/* RM0394, RM0351 memory maps: above the option bytes the block is reserved, but for the second
 * bank's system memory and option bytes. MODEL: a bus error there, as a stack that ran below SRAM1
 * meets it. */
bool flash_l4_is_reserved_info(const struct device *device, uint32_t offset)
{
    bool has_bank2 = flash_l4_chip(device)->bank_count == 2;
    if (offset < OPTIONS_BANK1 + OPTIONS_BYTES)
        return false;
    return !has_bank2 || (offset >= SYSTEM_MEMORY_2_END && offset < OPTIONS_BANK2) ||
           offset >= OPTIONS_BANK2 + OPTIONS_BYTES;
}

static uint32_t info_word(struct device *device, uint32_t offset, const struct access *access,
                          struct access_result *result)
{
    const struct flash_array *cells = device->system->cells;
    uint32_t units = flash_array_units_per_page(cells);
    uint32_t options = flash_array_option_page(cells) * units;
    if (offset >= OTP_FIRST && offset < OTP_END) {
        uint32_t unit = flash_array_otp_page(cells) * units + (offset - OTP_FIRST) / 8;
        return half(flash_l4_read_unit(device, unit, access, result), offset);
    }
    if (offset - OPTIONS_BANK1 < OPTIONS_BYTES)
        return half(array_doubleword(device, options + (offset - OPTIONS_BANK1) / 8), offset);
    if (offset - OPTIONS_BANK2 < OPTIONS_BYTES && flash_l4_chip(device)->bank_count == 2)
        return half(array_doubleword(device, options + FLASH_OPTION_UNITS / 2 +
                                                 (offset - OPTIONS_BANK2) / 8),
                    offset);
    if (offset < SYSTEM_MEMORY_END ||
        (offset >= SYSTEM_MEMORY_2_FIRST && offset < SYSTEM_MEMORY_2_END))
        report_rom(device, access);
    return factory_word(device, offset);
}

void flash_l4_read_info(struct device *device, const struct access *access,
                        struct access_result *result)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    /* L4 sheet 6: the block belongs to bank 1. */
    if (flash->op.banks & 1) {
        flash_l4_stall(device, result);
        return;
    }
    if (flash_l4_is_reserved_info(device, access->offset)) {
        result->is_bus_error = true;
        return;
    }
    uint32_t first = access->offset & ~3u;
    uint32_t shift = 8 * (access->offset & 3);
    uint64_t value = info_word(device, first, access, result);
    if ((access->offset & 3) + access->size > 4)
        value |= (uint64_t)info_word(device, first + 4, access, result) << 32;
    result->value = (uint32_t)(value >> shift);
    if (access->size < 4)
        result->value &= (1u << (8 * access->size)) - 1;
}
