/* The ART accelerator as far as software can see it: lines that go stale. L4 sheet 7.
 * Programming updates a matching data line; an erase updates none; the instruction cache is updated
 * by neither. `exact` keeps the 8 data lines and 32 instruction lines, least recently used first
 * out. `adversarial` keeps, of the lines of an erased page that were read since the last flush, as
 * many as the cache holds, chosen by the seed, and may load a bad line while the other bank is busy
 * (7.5). Approximated: replacement order is not documented; a stale instruction line is reported,
 * the core runs the new code; a hit while the bank is busy stalls like any read. Left out:
 * prefetch. */
#include "models/flash_l4_state.h"

#include <string.h>

#include "sim/core/rng.h"

struct cache {
    struct flash_l4_line *lines;
    unsigned count;
    uint32_t *seen;
    bool is_instruction;
};

static struct cache data_cache(struct flash_l4 *flash)
{
    return (struct cache){flash->caches.data, DATA_LINES, flash->caches.was_read, false};
}

static struct cache instruction_cache(struct flash_l4 *flash)
{
    return (struct cache){flash->caches.instruction, INSTRUCTION_LINES, flash->caches.was_fetched,
                          true};
}

static void flush(struct cache cache)
{
    memset(cache.lines, 0, cache.count * sizeof cache.lines[0]);
    memset(cache.seen, 0, CACHE_MAP_WORDS * sizeof cache.seen[0]);
}

bool flash_l4_cache_sees(const struct device *device)
{
    return device->system->wires->caches != CACHES_OFF &&
           (flash_l4_of(device)->reg[FLASH_ACR] & (ACR_DCEN | ACR_ICEN));
}

void flash_l4_cache_reset(struct device *device)
{
    struct flash_l4 *flash = flash_l4_of(device);
    memset(&flash->caches, 0, sizeof flash->caches);
}

void flash_l4_cache_acr(struct device *device, uint32_t old)
{
    struct flash_l4 *flash = flash_l4_of(device);
    uint32_t acr = flash->reg[FLASH_ACR];
    if (device->system->wires->caches == CACHES_OFF)
        return;
    /* L4 sheet 2.1: the reset bits work only while their cache is disabled. */
    if ((acr & ACR_DCRST) && !(acr & ACR_DCEN))
        flush(data_cache(flash));
    if ((acr & ACR_ICRST) && !(acr & ACR_ICEN))
        flush(instruction_cache(flash));
    if ((acr ^ old) & (ACR_DCEN | ACR_ICEN))
        flash_l4_watch_all(device);
}

static struct flash_l4_line *find(struct cache cache, uint32_t offset)
{
    for (unsigned i = 0; i < cache.count; i++)
        if (cache.lines[i].valid && cache.lines[i].offset == (offset & ~(CACHE_LINE_BYTES - 1u)))
            return &cache.lines[i];
    return NULL;
}

static struct flash_l4_line *oldest(struct cache cache)
{
    struct flash_l4_line *line = &cache.lines[0];
    for (unsigned i = 0; i < cache.count; i++) {
        if (!cache.lines[i].valid)
            return &cache.lines[i];
        if (cache.lines[i].used < line->used)
            line = &cache.lines[i];
    }
    return line;
}

static uint64_t get(const struct flash_l4_line *line, uint32_t offset)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++)
        value |= (uint64_t)line->data[(offset & (CACHE_LINE_BYTES - 8u)) + i] << (8 * i);
    return value;
}

static void put(struct flash_l4_line *line, uint32_t offset, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        line->data[(offset & (CACHE_LINE_BYTES - 8u)) + i] = (uint8_t)(value >> (8 * i));
    line->valid = (uint8_t)(line->valid | 1u << (offset % CACHE_LINE_BYTES / 8));
}

static bool holds(const struct flash_l4_line *line, uint32_t offset)
{
    return line && (line->valid >> (offset % CACHE_LINE_BYTES / 8) & 1);
}

static uint64_t true_data(struct device *device, uint32_t offset)
{
    uint32_t unit = flash_l4_swap(device, offset) / 8;
    struct flash_reading reading;
    flash_array_read(device->system->cells, unit, flash_l4_choice(device, unit), &reading);
    return reading.data[0];
}

/* A hit whose data the array no longer has: said once for each double word of a line. */
static void report_stale(struct device *device, struct flash_l4_line *line, uint32_t offset,
                         const struct access *access)
{
    uint8_t bit = (uint8_t)(1u << (offset % CACHE_LINE_BYTES / 8));
    if ((line->reported & bit) || get(line, offset) == true_data(device, offset))
        return;
    line->reported |= bit;
    if (access->is_fetch)
        flash_l4_assume(device, ASSUME_STALE_INSTRUCTION);
    device_emit(device,
                (struct event){.kind = EVENT_FLASH_STALE_READ,
                               .pc = access->pc,
                               .addr = access->addr,
                               .size = access->size,
                               .value = (uint32_t)(get(line, offset) >> (8 * (access->offset & 7))),
                               .master = access->master,
                               .core = access->core,
                               .rule = "L4.cache.stale"});
}

static uint64_t from_array(struct device *device, uint32_t offset, const struct access *access,
                           struct access_result *result)
{
    return flash_l4_read_unit(device, flash_l4_swap(device, offset) / 8, access, result);
}

static uint64_t read_exact(struct device *device, struct cache cache, uint32_t offset,
                           const struct access *access, struct access_result *result)
{
    struct flash_l4 *flash = flash_l4_of(device);
    struct flash_l4_line *line = find(cache, offset);
    if (!line) {
        line = oldest(cache);
        *line = (struct flash_l4_line){.offset = offset & ~(CACHE_LINE_BYTES - 1u)};
    }
    line->used = ++flash->caches.clock;
    if (holds(line, offset))
        report_stale(device, line, offset, access);
    else
        put(line, offset, from_array(device, offset, access, result));
    return get(line, offset);
}

static bool get_bit(const uint32_t *map, uint32_t index)
{
    return map[index / 32] >> (index % 32) & 1;
}

static void set_bit(uint32_t *map, uint32_t index, bool value)
{
    uint32_t bit = 1u << (index % 32);
    map[index / 32] = value ? map[index / 32] | bit : map[index / 32] & ~bit;
}

/* L4 sheet 7.5: a data read during a write or erase of the other bank can load a corrupted line. */
static bool loads_bad_line(const struct device *device, uint32_t offset)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    if (!flash_l4_is_busy(device) || flash_l4_chip(device)->bank_count == 1)
        return false;
    uint64_t draw =
        rng_hash(device->system->wires->seed, flash->op.ordinal, offset / CACHE_LINE_BYTES, 6);
    return draw % 4 == 0;
}

static void load_bad_line(struct device *device, struct cache cache, uint32_t offset)
{
    uint32_t first = offset & ~(CACHE_LINE_BYTES - 1u);
    struct flash_l4_line *line = oldest(cache);
    flash_l4_assume(device, ASSUME_CACHE_ERRATUM);
    *line = (struct flash_l4_line){.offset = first, .used = UINT32_MAX};
    for (uint32_t at = first; at < first + CACHE_LINE_BYTES; at += 8) {
        uint64_t draw =
            rng_hash(device->system->wires->seed, at, flash_l4_of(device)->op.ordinal, 7);
        put(line, at, true_data(device, at) ^ UINT64_C(1) << (draw % 64));
    }
}

static uint64_t read_adversarial(struct device *device, struct cache cache, uint32_t offset,
                                 const struct access *access, struct access_result *result)
{
    struct flash_l4_line *line = find(cache, offset);
    if (!line && !cache.is_instruction && loads_bad_line(device, offset)) {
        load_bad_line(device, cache, offset);
        line = find(cache, offset);
    }
    if (holds(line, offset)) {
        report_stale(device, line, offset, access);
        return get(line, offset);
    }
    set_bit(cache.seen, offset / CACHE_LINE_BYTES, true);
    return from_array(device, offset, access, result);
}

uint64_t flash_l4_cache_read(struct device *device, uint32_t offset, const struct access *access,
                             struct access_result *result)
{
    struct flash_l4 *flash = flash_l4_of(device);
    uint32_t enable = access->is_fetch ? ACR_ICEN : ACR_DCEN;
    /* L4 sheet 7: the data cache serves the CPU's D-bus only. */
    if (!(flash->reg[FLASH_ACR] & enable) || access->master != MASTER_CPU)
        return from_array(device, offset, access, result);
    struct cache cache = access->is_fetch ? instruction_cache(flash) : data_cache(flash);
    if (device->system->wires->caches == CACHES_EXACT)
        return read_exact(device, cache, offset, access, result);
    return read_adversarial(device, cache, offset, access, result);
}

void flash_l4_cache_programmed(struct device *device, uint32_t offset, uint64_t data)
{
    /* L4 sheet 7.1: the data cache follows, the instruction cache does not. */
    struct flash_l4 *flash = flash_l4_of(device);
    if (device->system->wires->caches == CACHES_OFF || !(flash->reg[FLASH_ACR] & ACR_DCEN))
        return;
    struct flash_l4_line *line = find(data_cache(flash), offset);
    if (holds(line, offset))
        put(line, offset, data);
}

/* Adversarial: the line stays, unless others of a higher draw fill the cache. */
static void keep_line(struct device *device, struct cache cache, uint32_t offset)
{
    const struct flash_l4 *flash = flash_l4_of(device);
    uint32_t draw = (uint32_t)rng_hash(device->system->wires->seed, flash->op_count,
                                       offset / CACHE_LINE_BYTES, cache.is_instruction);
    struct flash_l4_line *line = oldest(cache);
    if (line->valid && line->used > draw)
        return;
    *line = (struct flash_l4_line){.offset = offset, .used = draw, .valid = 0xF};
    memcpy(line->data, device->system->view + offset, CACHE_LINE_BYTES);
}

static void keep_lines(struct device *device, struct cache cache, uint32_t first, uint32_t bytes)
{
    for (uint32_t offset = first; offset < first + bytes; offset += CACHE_LINE_BYTES) {
        uint32_t index = offset / CACHE_LINE_BYTES;
        if (!get_bit(cache.seen, index))
            continue;
        set_bit(cache.seen, index, false);
        if (!find(cache, offset))
            keep_line(device, cache, offset);
    }
}

void flash_l4_cache_erasing(struct device *device, uint32_t page)
{
    struct flash_l4 *flash = flash_l4_of(device);
    uint32_t bytes = flash_l4_chip(device)->page_bytes;
    uint32_t first = flash_l4_swap(device, page * bytes);
    if (device->system->wires->caches != CACHES_ADVERSARIAL)
        return;
    keep_lines(device, data_cache(flash), first, bytes);
    keep_lines(device, instruction_cache(flash), first, bytes);
}
