/* Reads and fetches of main memory that the controller has to see: ECC (L4 sheet 8), PCROP (11.4),
 * RDP level 1 (11.3), a row being programmed (4.6.3). Left out: events from prefetch and from the
 * other double words of a cache line (8.9). */
#include "models/flash_l4_state.h"

/* ECC events of one array read: low and, with DBANK = 0, high 64 bits. */
struct ecc_event {
    uint32_t flags;
    uint32_t unit; /* the first that was wrong */
};

bool flash_l4_reads_changed(const struct device *device)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    const struct wires *wires = device->system->wires;
    return wires->reads_change && flash->marginal_boot == wires->boot_count &&
           flash->marginal_count >= wires->reads_change;
}

/* Those of the firmware: a debugger looks, and the firmware finds what it would have found. What is fetched
 * keeps its choice for the boot. */
static void count_marginal(struct device *device, uint32_t unit, const struct access *access,
                           struct access_result *result)
{
    struct flash_l4 *flash = flash_l4_of(device);
    const struct wires *wires = device->system->wires;
    struct flash_cells margin = flash_array_margin(device->system->cells, unit);
    if (!wires->reads_change || access->is_fetch || access->master == MASTER_DEBUGGER ||
        (!margin.data[0] && !margin.ecc) || flash_l4_reads_changed(device))
        return;
    if (flash->marginal_boot != wires->boot_count)
        flash->marginal_count = 0;
    flash->marginal_boot = wires->boot_count;
    flash->marginal_count++;
    result->is_time_dependent = true; /* a loop of such reads comes to an end */
}

static void check_unit(struct device *device, uint32_t unit, bool is_high, struct ecc_event *event,
                       struct flash_reading *reading)
{
    flash_array_read(device->system->cells, unit, flash_l4_choice(device, unit), reading);
    if (reading->verdict == FLASH_READS_CLEAN)
        return;
    if (!event->flags)
        event->unit = unit;
    if (reading->verdict == FLASH_READS_CORRECTED)
        event->flags |= is_high ? ECCR_ECCC2 : ECCR_ECCC;
    else
        event->flags |= is_high ? ECCR_ECCD2 : ECCR_ECCD;
}

/* L4 sheet 2.4: a byte offset inside the bank, or inside the information block. */
static uint32_t eccr_address(const struct device *device, uint32_t unit)
{
    const struct chip_flash *chip = flash_l4_chip(device);
    uint32_t offset = unit * 8;
    uint32_t main_bytes = chip->bank_bytes * chip->bank_count;
    if (offset >= main_bytes)
        return (0x7000 + offset - main_bytes) |
               (chip->is_l4_plus ? ECCR_SYSF_ECC_L4_PLUS : ECCR_SYSF_ECC);
    uint32_t bank_bytes = flash_l4_bank_bytes(device);
    if (offset < bank_bytes)
        return offset;
    return (offset - bank_bytes) | (chip->is_l4_plus ? ECCR_BK_ECC_L4_PLUS : ECCR_BK_ECC);
}

static void latch_event(struct device *device, const struct ecc_event *event,
                        const struct access *access, struct access_result *result)
{
    struct flash_l4 *flash = flash_l4_of(device);
    /* L4 sheet 8.8: a repeated read may not raise the flag again. */
    if (rule_is_on(device->system->wires, RULE_ECC_ONCE_PER_LINE) &&
        flash->buffered_unit == event->unit + 1)
        return;
    /* L4 sheet 8.4: the first event stays until its flag is cleared. */
    bool is_first = !(flash->reg[FLASH_ECCR] & ECCR_FLAGS);
    if (is_first) {
        flash->reg[FLASH_ECCR] |= event->flags | eccr_address(device, event->unit);
        result->is_time_dependent = true;
    }
    bool is_double = event->flags & (ECCR_ECCD | ECCR_ECCD2);
    if (is_double)
        flash_l4_assume(device, ASSUME_DOUBLE_ERROR_DATA);
    if (is_first || flash->last_ecc_unit != event->unit + 1)
        device_emit(
            device,
            (struct event){.kind = is_double ? EVENT_FLASH_ECC_DETECTED : EVENT_FLASH_ECC_CORRECTED,
                           .pc = access->pc,
                           .addr = flash_l4_unit_addr(device, event->unit),
                           .size = 8,
                           .value = event->flags,
                           .master = access->master,
                           .core = access->core,
                           .rule = is_double ? "L4.ecc.detected" : "L4.ecc.corrected"});
    flash->last_ecc_unit = event->unit + 1;
    flash_l4_update_lines(device);
}

uint64_t flash_l4_read_unit(struct device *device, uint32_t unit, const struct access *access,
                            struct access_result *result)
{
    struct flash_l4 *flash = flash_l4_of(device);
    bool is_main = unit * 8 < flash_l4_chip(device)->bank_bytes * flash_l4_chip(device)->bank_count;
    bool is_wide = is_main && flash_l4_erase_pages(device) == 2; /* L4 sheet 1.1: DBANK = 0 */
    struct ecc_event event = {0};
    struct flash_reading reading, other;
    count_marginal(device, unit, access, result);
    if (is_wide && (unit & 1))
        check_unit(device, unit - 1, false, &event, &other);
    check_unit(device, unit, is_wide && (unit & 1), &event, &reading);
    if (is_wide && !(unit & 1))
        check_unit(device, unit + 1, true, &event, &other);
    if (event.flags)
        latch_event(device, &event, access, result);
    flash->buffered_unit = (event.flags ? event.unit : unit) + 1;
    return reading.data[0];
}

/* L4 sheet 11.4: a data read of a PCROP location. ASSUMED: it gives zeros. */
static void refuse_pcrop(struct device *device, const struct access *access)
{
    struct flash_l4 *flash = flash_l4_of(device);
    flash_l4_assume(device, ASSUME_PCROP_READ_ZERO);
    if (flash->reg[FLASH_SR] & SR_RDERR)
        return;
    flash_l4_raise(device, SR_RDERR, "L4.pcrop.data_read", access->addr, access->size);
}

static uint64_t read_doubleword(struct device *device, uint32_t view_offset,
                                const struct access *access, struct access_result *result)
{
    uint32_t unit = flash_l4_swap(device, view_offset) / 8;
    if (!access->is_fetch && flash_l4_is_pcrop(device, unit)) {
        refuse_pcrop(device, access);
        return 0;
    }
    if (flash_l4_cache_sees(device))
        return flash_l4_cache_read(device, view_offset, access, result);
    return flash_l4_read_unit(device, unit, access, result);
}

void flash_l4_refuse_level_1(struct device *device, const struct access *access,
                             struct access_result *result)
{
    device_emit(device, (struct event){.kind = EVENT_FLASH_ERROR,
                                       .pc = access->pc,
                                       .addr = access->addr,
                                       .size = access->size,
                                       .master = access->master,
                                       .core = access->core,
                                       .rule = "L4.rdp.level1_access"});
    result->is_bus_error = true;
}

void flash_l4_read_main(struct device *device, const struct access *access,
                        struct access_result *result)
{
    uint32_t page = flash_l4_swap(device, access->offset) / flash_l4_chip(device)->page_bytes;
    if (flash_l4_is_blocked(device)) {
        flash_l4_refuse_level_1(device, access, result);
        return;
    }
    if (flash_l4_cut_row(device, page)) {
        flash_l4_stall(device, result);
        return;
    }
    uint32_t first = access->offset & ~7u;
    uint32_t shift = 8 * (access->offset & 7);
    uint64_t value = read_doubleword(device, first, access, result) >> shift;
    if ((access->offset & 7) + access->size > 8)
        value |= read_doubleword(device, first + 8, access, result) << (64 - shift);
    result->value = (uint32_t)value;
    if (access->size < 4)
        result->value &= (1u << (8 * access->size)) - 1;
}
