/* The list of chips, and the build of a living one: memories, devices, what is mapped where. */
#include "models/chip.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "models/boot.h"
#include "models/chip_stm32l4.h"
#include "models/flash_l4.h"
#include "models/gpio.h"
#include "models/unmodelled.h"

static const struct chip *const chips[] = {
    &chip_stm32l432kc, &chip_stm32l452re, &chip_stm32l476rg, &chip_stm32l496zg, &chip_stm32l4r5zi,
};

unsigned chip_count(void)
{
    return sizeof chips / sizeof chips[0];
}

const struct chip *chip_at(unsigned index)
{
    assert(index < chip_count());
    return chips[index];
}

const struct chip *chip_find(const char *name)
{
    for (unsigned i = 0; i < chip_count(); i++)
        if (strcasecmp(chips[i]->name, name) == 0)
            return chips[i];
    return NULL;
}

uint32_t chip_flash_bytes(const struct chip *chip)
{
    return chip->flash.bank_count * chip->flash.bank_bytes;
}

/* Boot sheet 1: what is where on every L4. */
enum {
    ALIAS_BASE = 0x00000000,
    MAIN_FLASH_BASE = 0x08000000,
    INFO_BASE = 0x1FFF0000,
    INFO_BYTES = 0x10000,
    SYSTEM_MEMORY_BYTES = 0x7000,
    APB1_BASE = 0x40000000,
    APB1_BYTES = 0x9800,
    APB2_BASE = 0x40010000,
    APB2_BYTES = 0x6800,
    HOST_PAGE_BYTES = 4096, /* the CPU engine maps host memory by pages */
    ALARM_TIMER = CLOCK_TIMER_MAX - 1,
};

/* What address 0 shows follows MEM_MODE. Boot sheet 9: the alias moves at once. */
static void remap_alias(struct soc *soc)
{
    struct device *flash = soc_device(soc, "FLASH");
    struct bus_region alias = {.base = ALIAS_BASE};
    switch (soc->wires.mem_mode) {
    case 0:
        alias.name = "main flash at 0";
        alias.size = chip_flash_bytes(soc->chip);
        alias.kind = BUS_VIEW;
        alias.window = FLASH_WINDOW_MAIN;
        alias.host = soc->view;
        alias.device = flash;
        break;
    case 1:
        alias.name = "system memory at 0";
        alias.size = SYSTEM_MEMORY_BYTES;
        alias.kind = BUS_DEVICE;
        alias.window = FLASH_WINDOW_INFO;
        alias.device = flash;
        break;
    case 3:
        alias.name = "SRAM1 at 0";
        alias.size = soc->ram[0].memory->bytes;
        alias.kind = BUS_RAM;
        alias.host = soc->ram[0].bytes;
        break;
    default:
        bus_unmap(&soc->bus, ALIAS_BASE); /* FMC and QUADSPI memories are not there: a bus error */
        return;
    }
    /* Every reset comes here; rebuilding the CPU's map for nothing would cost more than the boot. */
    const struct bus_region *now = bus_find(&soc->bus, ALIAS_BASE);
    if (now && now->kind == alias.kind && now->host == alias.host && now->size == alias.size)
        return;
    bus_unmap(&soc->bus, ALIAS_BASE);
    bus_map(&soc->bus, alias);
}

static bool is_sram2(const struct chip_memory *memory)
{
    return strcmp(memory->alias_of ? memory->alias_of : memory->name, "SRAM2") == 0;
}

/* L4 sheet 11.3: RDP level 1 can close SRAM2, wherever it shows. */
static void remap_sram2(struct soc *soc)
{
    for (unsigned i = 0; i < soc->chip->memory_count; i++) {
        const struct chip_memory *memory = &soc->chip->memories[i];
        if (!is_sram2(memory))
            continue;
        struct bus_region region = *bus_find(&soc->bus, memory->base);
        bool is_closed = soc->wires.is_closed_by_level_1;
        region.kind = is_closed ? BUS_DEVICE : BUS_RAM;
        region.device = is_closed ? soc_device(soc, "FLASH") : NULL;
        region.window = is_closed ? FLASH_WINDOW_CLOSED : 0;
        bus_unmap(&soc->bus, memory->base);
        bus_map(&soc->bus, region);
    }
}

/* The device that listens for changes of the memory map. */
static void map_signal(struct device *device, unsigned line, uint32_t value)
{
    (void)value;
    struct soc *soc = (struct soc *)((char *)device->system - offsetof(struct soc, system));
    if (line == WIRE_REMAP)
        remap_alias(soc);
    if (line == WIRE_LEVEL_1)
        remap_sram2(soc);
    if (line == WIRE_REMAP || line == WIRE_LEVEL_1)
        soc->system.needs_attention = true; /* the CPU's map follows before the next instruction */
}

static const struct device_type memory_map_type = {.name = "memory_map", .signal = map_signal};

/* The rows that every L4 has beside its table. */
static const struct chip_peripheral own_rows[] = {
    {.type = &memory_map_type, .name = "memory map", .irq_line = -1, .enable_word = -1},
    {.type = &reserved_slots_type, .name = "APB1 (reserved)", .base = APB1_BASE, .irq_line = -1,
     .enable_word = -1},
    {.type = &reserved_slots_type, .name = "APB2 (reserved)", .base = APB2_BASE, .irq_line = -1,
     .enable_word = -1},
};
enum { OWN_ROW_COUNT = sizeof own_rows / sizeof own_rows[0] };

bool chip_has_pin(const struct chip *chip, char port, unsigned bit)
{
    for (unsigned i = 0; i < chip->peripheral_count; i++) {
        const struct chip_peripheral *row = &chip->peripherals[i];
        const struct gpio_config *gpio = row->config;
        if (row->type == &gpio_type && gpio->port == port - 'A')
            return bit < 16 && (gpio->pins >> bit & 1);
    }
    return false;
}

void chip_each_unit(const struct chip *chip, void (*visit)(void *context, const char *name),
                    void *context)
{
    for (unsigned i = 0; i < OWN_ROW_COUNT; i++)
        visit(context, own_rows[i].name);
    for (unsigned i = 0; i < chip->peripheral_count; i++)
        visit(context, chip->peripherals[i].name);
    for (unsigned i = 0; i < chip->unmodelled_count; i++)
        visit(context, chip->unmodelled[i].name);
    visit(context, "BOOT"); /* boot.c */
}

static void *take(size_t bytes)
{
    void *memory = aligned_alloc(HOST_PAGE_BYTES, (bytes + HOST_PAGE_BYTES - 1) &
                                                      ~(size_t)(HOST_PAGE_BYTES - 1));
    if (memory)
        memset(memory, 0, bytes);
    return memory;
}

static size_t rounded(size_t bytes)
{
    return (bytes + 15) & ~(size_t)15;
}

static void add_device(struct soc *soc, const struct chip_peripheral *row, unsigned *timers)
{
    struct device *device = &soc->devices[soc->system.device_count++];
    *device = (struct device){
        .type = row->type,
        .name = row->name,
        .config = row->config,
        .system = &soc->system,
        .base = row->base,
        .irq_line = row->irq_line,
        .first_timer = *timers,
    };
    if (row->enable_word >= 0) {
        device->clock_enable = &soc->wires.enabled[row->enable_word];
        device->clock_enable_mask = row->enable_mask;
    }
    *timers += row->type->timer_count;
    assert(*timers <= CLOCK_TIMER_MAX);
    soc->state_bytes += rounded(row->type->state_bytes);
}

/* In table order, which is the order of reset: the flash controller comes first, as it loads the
 * option bytes that others look at. */
static bool build_devices(struct soc *soc)
{
    const struct chip *chip = soc->chip;
    unsigned count = OWN_ROW_COUNT + chip->peripheral_count + chip->unmodelled_count;
    soc->devices = calloc(count, sizeof *soc->devices);
    if (!soc->devices)
        return false;
    soc->system.devices = soc->devices;
    unsigned timers = 0;
    for (unsigned i = 0; i < OWN_ROW_COUNT; i++)
        add_device(soc, &own_rows[i], &timers);
    for (unsigned i = 0; i < chip->peripheral_count; i++)
        add_device(soc, &chip->peripherals[i], &timers);
    for (unsigned i = 0; i < chip->unmodelled_count; i++) {
        const struct chip_unmodelled *block = &chip->unmodelled[i];
        struct chip_peripheral row = {.type = &unmodelled_type, .name = block->name,
                                      .base = block->base, .irq_line = -1, .enable_word = -1};
        add_device(soc, &row, &timers);
    }
    soc->state = take(soc->state_bytes);
    soc->system.listeners = calloc(soc->system.device_count, sizeof(struct device *));
    if (!soc->state || !soc->system.listeners)
        return false;
    for (unsigned i = 0; i < soc->system.device_count; i++)
        if (soc->devices[i].type->signal)
            soc->system.listeners[soc->system.listener_count++] = &soc->devices[i];
    uint8_t *state = soc->state;
    for (unsigned i = 0; i < soc->system.device_count; i++) {
        soc->devices[i].state = state;
        state += rounded(soc->devices[i].type->state_bytes);
    }
    return true;
}

static bool build_memories(struct soc *soc)
{
    const struct chip *chip = soc->chip;
    soc->view = take(chip_flash_bytes(chip));
    soc->cells = chip_create_cells(chip);
    if (!soc->view || !soc->cells)
        return false;
    memset(soc->view, 0xFF, chip_flash_bytes(chip));
    for (unsigned i = 0; i < chip->memory_count; i++) {
        if (chip->memories[i].alias_of)
            continue;
        assert(soc->ram_count < SOC_RAM_MAX);
        struct soc_ram *ram = &soc->ram[soc->ram_count++];
        ram->memory = &chip->memories[i];
        ram->bytes = take(ram->memory->bytes);
        if (!ram->bytes)
            return false;
    }
    return true;
}

static uint8_t *ram_bytes(struct soc *soc, const char *name)
{
    for (unsigned i = 0; i < soc->ram_count; i++)
        if (strcmp(soc->ram[i].memory->name, name) == 0)
            return soc->ram[i].bytes;
    assert(false && "a memory is an alias of one that is not there");
    return NULL;
}

/* Gives a device what is free of a range, in pieces: their windows count from 0. */
static void map_free_parts(struct soc *soc, struct device *device, uint32_t base, uint32_t bytes)
{
    uint8_t window = 0;
    uint32_t at = base;
    while (at - base < bytes) {
        uint32_t end = base + bytes;
        uint32_t next = end;
        for (unsigned i = 0; i < soc->bus.region_count; i++) {
            const struct bus_region *region = &soc->bus.region[i];
            if (at - region->base < region->size) {
                at = region->base + region->size;
                next = at;
                break;
            }
            if (region->base > at && region->base < next)
                next = region->base;
        }
        if (next > at)
            bus_map(&soc->bus, (struct bus_region){.name = device->name,
                                                   .base = at,
                                                   .size = next - at,
                                                   .kind = BUS_DEVICE,
                                                   .window = window++,
                                                   .device = device});
        at = next;
    }
}

static void map_registers(struct soc *soc)
{
    const struct chip *chip = soc->chip;
    struct device *device = soc->devices + OWN_ROW_COUNT;
    /* A block inside another's range (DBGMCU in the private peripheral bus) goes first. */
    for (unsigned i = 0; i < chip->peripheral_count; i++) {
        const struct chip_peripheral *row = &chip->peripherals[i];
        if (row->bytes <= 0x1000)
            map_free_parts(soc, &device[i], row->base, row->bytes);
    }
    for (unsigned i = 0; i < chip->peripheral_count; i++) {
        const struct chip_peripheral *row = &chip->peripherals[i];
        if (row->bytes > 0x1000)
            map_free_parts(soc, &device[i], row->base, row->bytes);
    }
    device += chip->peripheral_count;
    for (unsigned i = 0; i < chip->unmodelled_count; i++)
        map_free_parts(soc, &device[i], chip->unmodelled[i].base, chip->unmodelled[i].bytes);
    map_free_parts(soc, soc_device(soc, "APB1 (reserved)"), APB1_BASE, APB1_BYTES);
    map_free_parts(soc, soc_device(soc, "APB2 (reserved)"), APB2_BASE, APB2_BYTES);
}

static void map_everything(struct soc *soc)
{
    const struct chip *chip = soc->chip;
    struct device *flash = soc_device(soc, "FLASH");
    assert(flash);
    for (unsigned i = 0; i < chip->memory_count; i++) {
        const struct chip_memory *memory = &chip->memories[i];
        bus_map(&soc->bus,
                (struct bus_region){
                    .name = memory->name,
                    .base = memory->base,
                    .size = memory->bytes,
                    .kind = BUS_RAM,
                    .host = ram_bytes(soc, memory->alias_of ? memory->alias_of : memory->name),
                });
    }
    bus_map(&soc->bus, (struct bus_region){.name = "main flash",
                                           .base = MAIN_FLASH_BASE,
                                           .size = chip_flash_bytes(chip),
                                           .kind = BUS_VIEW,
                                           .window = FLASH_WINDOW_MAIN,
                                           .host = soc->view,
                                           .device = flash});
    bus_map(&soc->bus, (struct bus_region){.name = "system memory, OTP, option bytes",
                                           .base = INFO_BASE,
                                           .size = INFO_BYTES,
                                           .kind = BUS_DEVICE,
                                           .window = FLASH_WINDOW_INFO,
                                           .device = flash});
    map_registers(soc);
    remap_alias(soc);
}

static void set_defaults(struct soc *soc)
{
    soc->wires.vdd_mv = 3300;
    soc->wires.seed = 1;
    soc->wires.timing = TIMING_TYP;
    soc->wires.optr = soc->chip->flash.factory_optr;
}

bool soc_create(struct soc **out, const struct chip *chip, struct error *error)
{
    struct soc *soc = calloc(1, sizeof *soc);
    *out = soc;
    if (!soc)
        return error_set(error, "%s: out of memory", chip->name);
    soc->chip = chip;
    clock_init(&soc->clock);
    bus_init(&soc->bus);
    irq_init(&soc->irq, chip->irq_count);
    soc->trace.now_ps = &soc->clock.now_ps;
    set_defaults(soc);
    soc->system = (struct system){
        .clock = &soc->clock,
        .trace = &soc->trace,
        .bus = &soc->bus,
        .irq = &soc->irq,
        .wires = &soc->wires,
        .control = &soc->control,
        .chip = chip,
    };
    if (!build_memories(soc) || !build_devices(soc)) {
        soc_destroy(soc);
        *out = NULL;
        return error_set(error, "%s: out of memory", chip->name);
    }
    soc->system.view = soc->view;
    soc->system.cells = soc->cells;
    map_everything(soc);
    return true;
}

void soc_destroy(struct soc *soc)
{
    if (!soc)
        return;
    for (unsigned i = 0; i < soc->ram_count; i++)
        free(soc->ram[i].bytes);
    flash_array_destroy(soc->cells);
    free(soc->view);
    free(soc->state);
    free(soc->system.listeners);
    free(soc->devices);
    free(soc);
}

void soc_reset(struct soc *soc, enum reset_cause cause)
{
    if (cause == RESET_POWER_ON)
        irq_init(&soc->irq, soc->chip->irq_count);
    irq_reset(&soc->irq);
    soc->trace.boot = ++soc->wires.boot_count;
    soc->system.reset_requested = false;
    for (unsigned i = 0; i < soc->system.device_count; i++) {
        struct device *device = &soc->devices[i];
        if (device->type->reset)
            device->type->reset(device, cause);
    }
    boot_sample(&soc->system);
    soc->system.needs_attention = true;
}

void soc_set_debugger(struct soc *soc, bool is_attached)
{
    if (soc->wires.is_debugger_attached == is_attached)
        return;
    soc->wires.is_debugger_attached = is_attached;
    device_signal(&soc->system, WIRE_BOOT, soc->wires.has_booted_from_flash);
}

void soc_power_cut(struct soc *soc)
{
    for (unsigned i = 0; i < soc->system.device_count; i++) {
        struct device *device = &soc->devices[i];
        if (device->type->power_cut)
            device->type->power_cut(device);
    }
    for (unsigned timer = 0; timer < CLOCK_TIMER_MAX; timer++)
        if (timer != ALARM_TIMER)
            clock_cancel(&soc->clock, timer);
}

void soc_set_alarm(struct soc *soc, uint64_t at_ps)
{
    if (at_ps == CLOCK_NEVER)
        clock_cancel(&soc->clock, ALARM_TIMER);
    else
        clock_schedule(&soc->clock, ALARM_TIMER, at_ps);
    soc->system.needs_attention = true; /* how far the CPU may run has changed */
}

static void expired(void *context, unsigned timer)
{
    struct soc *soc = context;
    if (timer == ALARM_TIMER) {
        soc->alarm(soc->alarm_context);
        return;
    }
    for (unsigned i = 0; i < soc->system.device_count; i++) {
        struct device *device = &soc->devices[i];
        if (timer - device->first_timer >= device->type->timer_count)
            continue;
        device->type->expired(device, timer - device->first_timer);
        return;
    }
    assert(false && "a timer that no device has");
}

void soc_advance(struct soc *soc, uint64_t to_ps)
{
    clock_advance(&soc->clock, to_ps, expired, soc);
}

enum boot_source soc_boot_source(const struct soc *soc)
{
    return (enum boot_source)soc->wires.boot_source;
}

uint32_t soc_vector_table(const struct soc *soc)
{
    return soc->wires.boot_vector_table;
}

struct device *soc_device(struct soc *soc, const char *name)
{
    for (unsigned i = 0; i < soc->system.device_count; i++)
        if (strcmp(soc->devices[i].name, name) == 0)
            return &soc->devices[i];
    return NULL;
}

/* --- flash --- */

void soc_flash_load(struct soc *soc, uint32_t addr, const uint8_t *bytes, size_t size,
                    enum flash_load how)
{
    flash_array_load(soc->cells, addr - MAIN_FLASH_BASE, bytes, size, how);
    soc_flash_publish(soc);
}

void soc_option_bytes_save(struct soc *soc, uint8_t bytes[SOC_OPTION_BYTES])
{
    uint32_t first = flash_array_option_page(soc->cells) * flash_array_units_per_page(soc->cells);
    for (uint32_t at = 0; at < SOC_OPTION_BYTES; at++) {
        struct flash_reading reading;
        flash_array_read(soc->cells, first + at / 8, FLASH_CHOOSE_NEW, &reading);
        bytes[at] = (uint8_t)(reading.data[0] >> (at % 8 * 8));
    }
}

static void put_options(struct flash_array *cells, const uint64_t data[FLASH_OPTION_UNITS])
{
    uint32_t used = 0;
    uint32_t page = flash_array_option_page(cells);
    uint32_t wear = flash_array_wear(cells, page);
    for (unsigned i = 0; i < FLASH_OPTION_UNITS; i++)
        used |= (uint32_t)(data[i] != UINT64_MAX) << i;
    flash_array_change_options(cells, data, used, NULL);
    flash_array_set_wear(cells, page, wear);
}

void chip_load_option_bytes(struct flash_array *cells, const uint8_t bytes[SOC_OPTION_BYTES])
{
    uint64_t data[FLASH_OPTION_UNITS] = {0};
    for (uint32_t at = 0; at < SOC_OPTION_BYTES; at++)
        data[at / 8] |= (uint64_t)bytes[at] << (at % 8 * 8);
    put_options(cells, data);
}

void chip_set_option(struct flash_array *cells, const struct chip_option *option, uint32_t value)
{
    uint64_t data[FLASH_OPTION_UNITS];
    uint32_t first = flash_array_option_page(cells) * flash_array_units_per_page(cells);
    for (unsigned i = 0; i < FLASH_OPTION_UNITS; i++)
        data[i] = flash_array_cells(cells, first + i).data[0];
    data[option->unit] = value | (uint64_t)~value << 32;
    put_options(cells, data);
}

bool chip_get_option(const struct chip *chip, unsigned index, struct chip_option *option)
{
    return flash_l4_get_option(&chip->flash, index, option);
}

struct flash_array *chip_create_cells(const struct chip *chip)
{
    return flash_l4_create_cells(&chip->flash);
}

void soc_option_bytes_load(struct soc *soc, const uint8_t bytes[SOC_OPTION_BYTES])
{
    chip_load_option_bytes(soc->cells, bytes);
}

void soc_flash_publish(struct soc *soc)
{
    flash_l4_publish(soc_device(soc, "FLASH"));
}

unsigned soc_flash_protection_level(const struct soc *soc)
{
    return flash_l4_rdp_level(soc->wires.optr);
}

struct flash_activity soc_flash_activity(struct soc *soc)
{
    return flash_l4_activity(soc_device(soc, "FLASH"));
}

void soc_flash_read_unit(struct soc *soc, uint32_t unit, struct flash_reading *reading)
{
    flash_l4_peek_unit(soc_device(soc, "FLASH"), unit, reading);
}

void soc_flash_fail_next(struct soc *soc, enum event_kind start)
{
    flash_l4_fail_next(soc_device(soc, "FLASH"), start);
}

void soc_flash_set_cut_phase(struct soc *soc, const struct flash_cut *cut)
{
    flash_l4_set_cut_phase(soc_device(soc, "FLASH"), cut);
}
