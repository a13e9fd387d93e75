/* A bench for the L4 flash controller inside a whole chip: accesses as a master makes them (stalls
 * waited out as the machine does), and the manual's steps by name. Offsets and bits are numbers
 * from the manual (L4 sheet 2), not the model's. No CPU. */
#ifndef MODELS_TESTS_FLASH_FIXTURE_H
#define MODELS_TESTS_FLASH_FIXTURE_H

#include "models/flash_array.h"
#include "models/rules.h"
#include "models/tests/soc_bench.h"

enum {
    FLASH = 0x40022000,
    ACR = FLASH + 0x00,
    PDKEYR = FLASH + 0x04,
    KEYR = FLASH + 0x08,
    OPTKEYR = FLASH + 0x0C,
    SR = FLASH + 0x10,
    CR = FLASH + 0x14,
    ECCR = FLASH + 0x18,
    OPTR = FLASH + 0x20,
    PCROP1SR = FLASH + 0x24,
    PCROP1ER = FLASH + 0x28,
    WRP1AR = FLASH + 0x2C,
    WRP1BR = FLASH + 0x30,
    PCROP2SR = FLASH + 0x44,
    PCROP2ER = FLASH + 0x48,
    WRP2AR = FLASH + 0x4C,
    WRP2BR = FLASH + 0x50,
    MAIN = 0x08000000
};

enum { PG = 1 << 0, PER = 1 << 1, MER1 = 1 << 2, BKER = 1 << 11, MER2 = 1 << 15, STRT = 1 << 16 };
enum { OPTSTRT = 1 << 17, FSTPG = 1 << 18, EOPIE = 1 << 24, ERRIE = 1 << 25, RDERRIE = 1 << 26 };
enum { OBL_LAUNCH = 1 << 27, OPTLOCK = 1 << 30, BSY = 1 << 16, PEMPTY = 1 << 17 };
#define LOCK 0x80000000u
#define ECCC 0x40000000u
#define ECCD 0x80000000u
#define FLASH_IRQ 4

/* L4 sheet 10, typical, of the L452. */
#define PROGRAM_NS UINT64_C(81690)
#define PAGE_ERASE_NS UINT64_C(22020000)
#define MASS_ERASE_NS UINT64_C(22130000)
#define FAST_ROW_NS UINT64_C(1910000)

/* Main flash not empty, so that the chip boots from it; cells beyond the first page are virgin. */
static inline struct soc *power_on_flash(const char *chip)
{
    static const uint8_t vectors[8] = {0x00, 0x80, 0x00, 0x20, 0x09, 0x00, 0x00, 0x08};
    struct soc *soc = power_on(chip);
    soc_flash_load(soc, MAIN, vectors, sizeof vectors, FLASH_LOAD_PROGRAMMED);
    soc_power_cut(soc);
    soc_events.count = 0;
    soc_reset(soc, RESET_POWER_ON);
    return soc;
}

/* A part as it comes: every cell of main flash virgin. */
static inline struct soc *power_on_blank(const char *chip)
{
    struct soc *soc = power_on(chip);
    flash_array_erase(soc->cells, 0, NULL);
    soc_power_cut(soc);
    soc_reset(soc, RESET_POWER_ON);
    return soc;
}

/* An access as the machine makes it: stalls are waited out, retried where asked. */
static inline struct access_result make_access(struct soc *soc, struct access access)
{
    struct access_result result;
    access.is_privileged = true;
    for (;;) {
        bus_access(&soc->bus, &access, &result);
        if (!result.stall_until_ps || soc->clock.now_ps >= result.stall_until_ps)
            return result;
        soc_advance(soc, result.stall_until_ps);
        if (!result.is_retried || soc->system.reset_requested)
            return result;
    }
}

static inline struct access_result write_sized(struct soc *soc, uint32_t addr, uint8_t size,
                                               uint32_t value)
{
    return make_access(
        soc, (struct access){.addr = addr, .size = size, .value = value, .is_write = true});
}

static inline void write32(struct soc *soc, uint32_t addr, uint32_t value)
{
    assert_false(write_sized(soc, addr, 4, value).is_bus_error);
}

static inline uint32_t read32(struct soc *soc, uint32_t addr)
{
    struct access_result result = make_access(soc, (struct access){.addr = addr, .size = 4});
    assert_false(result.is_bus_error);
    return result.value;
}

static inline uint64_t read64(struct soc *soc, uint32_t addr)
{
    uint64_t low = read32(soc, addr);
    return low | (uint64_t)read32(soc, addr + 4) << 32;
}

/* L4 sheet 3. */
static inline void unlock(struct soc *soc)
{
    write32(soc, KEYR, 0x45670123);
    write32(soc, KEYR, 0xCDEF89AB);
}

static inline void unlock_options(struct soc *soc)
{
    write32(soc, OPTKEYR, 0x08192A3B);
    write32(soc, OPTKEYR, 0x4C5D6E7F);
}

static inline void wait_while_busy(struct soc *soc)
{
    while (read32(soc, SR) & BSY)
        soc_advance(soc, soc->clock.next_ps);
}

/* The two stores of a double word, with whatever CR says. */
static inline void store_doubleword(struct soc *soc, uint32_t addr, uint64_t data)
{
    write32(soc, addr, (uint32_t)data);
    write32(soc, addr + 4, (uint32_t)(data >> 32));
}

/* L4 sheet 4.1: from unlocked and idle to unlocked and idle; SR as it is then. */
static inline uint32_t program(struct soc *soc, uint32_t addr, uint64_t data)
{
    write32(soc, CR, PG);
    store_doubleword(soc, addr, data);
    wait_while_busy(soc);
    write32(soc, CR, 0);
    return read32(soc, SR);
}

static inline void start_page_erase(struct soc *soc, uint32_t page)
{
    write32(soc, CR, PER | page << 3 | STRT);
}

/* L4 sheet 5.1. */
static inline uint32_t erase_page(struct soc *soc, uint32_t page)
{
    start_page_erase(soc, page);
    wait_while_busy(soc);
    write32(soc, CR, 0);
    return read32(soc, SR);
}

static inline void clear_flags(struct soc *soc)
{
    write32(soc, SR, 0xC3FB);
}

/* Loss of power, and its return. */
static inline void power_cycle(struct soc *soc)
{
    soc_power_cut(soc);
    soc_reset(soc, RESET_POWER_ON);
}

static inline void advance_to(struct soc *soc, uint64_t at_ps)
{
    soc_advance(soc, at_ps);
}

static inline bool rule_seen(const char *rule)
{
    for (unsigned i = 0; i < soc_events.count; i++)
        if (soc_events.event[i].rule && strcmp(soc_events.event[i].rule, rule) == 0)
            return true;
    return false;
}

static inline bool nmi_is_high(const struct soc *soc)
{
    return soc->irq.level[0] >> EXC_NMI & 1;
}

static inline bool irq_is_high(const struct soc *soc)
{
    return soc->irq.level[0] >> (EXC_IRQ0 + FLASH_IRQ) & 1;
}

static inline void switch_rule(struct soc *soc, enum rule_switch rule)
{
    soc->wires.rule_switches |= 1u << rule;
}

#endif
