/* Banks, pages and addresses. L4 sheet 1.1, 5.6, 5.7: bank order follows SYSCFG FB_MODE, the bank
 * mode of L4+ follows OPTR.DBANK as loaded. With DBANK = 0 pages are twice as large; the
 * interleaving of the two halves is not modelled (a change of DBANK needs a mass erase,
 * sheet 11.5). */
#include "models/flash_l4_state.h"

enum { MAIN_FLASH_BASE = 0x08000000 };

bool flash_l4_is_dual_bank(const struct device *device)
{
    const struct chip_flash *chip = flash_l4_chip(device);
    if (chip->bank_count == 1)
        return false;
    return !chip->is_l4_plus || (flash_l4_of(device)->loaded.value[0] & OPTR_DBANK);
}

uint32_t flash_l4_bank_count(const struct device *device)
{
    return flash_l4_is_dual_bank(device) ? 2 : 1;
}

uint32_t flash_l4_bank_bytes(const struct device *device)
{
    const struct chip_flash *chip = flash_l4_chip(device);
    return chip->bank_bytes * chip->bank_count / flash_l4_bank_count(device);
}

uint32_t flash_l4_bank_pages(const struct device *device)
{
    return flash_l4_bank_bytes(device) / flash_l4_chip(device)->page_bytes;
}

uint32_t flash_l4_erase_pages(const struct device *device)
{
    return flash_l4_chip(device)->bank_count / flash_l4_bank_count(device);
}

uint32_t flash_l4_swap(const struct device *device, uint32_t offset)
{
    uint32_t bank_bytes = flash_l4_bank_bytes(device);
    if (!device->system->wires->banks_swapped || !flash_l4_is_dual_bank(device))
        return offset;
    return offset < bank_bytes ? offset + bank_bytes : offset - bank_bytes;
}

uint32_t flash_l4_bank_of_page(const struct device *device, uint32_t page)
{
    return page / flash_l4_bank_pages(device);
}

uint32_t flash_l4_page_addr(const struct device *device, uint32_t page)
{
    return MAIN_FLASH_BASE + flash_l4_swap(device, page * flash_l4_chip(device)->page_bytes);
}

uint32_t flash_l4_unit_addr(const struct device *device, uint32_t unit)
{
    const struct chip_flash *chip = flash_l4_chip(device);
    uint32_t offset = unit * 8;
    if (offset < chip->bank_bytes * chip->bank_count)
        return MAIN_FLASH_BASE + flash_l4_swap(device, offset);
    return 0x1FFF7000 + (offset - chip->bank_bytes * chip->bank_count); /* OTP */
}
