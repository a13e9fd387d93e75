/* A bench for tests of models inside a whole chip: accesses over the bus, time, an event log. No
 * CPU. */
#ifndef MODELS_TESTS_SOC_BENCH_H
#define MODELS_TESTS_SOC_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/chip.h"

enum { SOC_EVENT_MAX = 4096 };

struct soc_events {
    unsigned count;
    struct event event[SOC_EVENT_MAX];
};

static struct soc_events soc_events;

static inline void soc_log(void *context, const struct event *event)
{
    struct soc_events *events = context;
    assert_true(events->count < SOC_EVENT_MAX);
    events->event[events->count++] = *event;
}

/* One word of main flash as a loader would leave it, with all ones beside it. */
static inline void load_flash_word(struct soc *soc, uint32_t addr, uint32_t value)
{
    uint8_t bytes[8] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                        (uint8_t)(value >> 24), 0xFF, 0xFF, 0xFF, 0xFF};
    soc_flash_load(soc, addr, bytes, sizeof bytes, FLASH_LOAD_DUMP);
}

/* A chip on a NUCLEO-like board (8 MHz, 32.768 kHz) whose flash is not empty, right after power-
 * on. */
static inline struct soc *power_on(const char *name)
{
    struct soc *soc = NULL;
    struct error error;
    assert_non_null(chip_find(name));
    assert_true(soc_create(&soc, chip_find(name), &error));
    soc->wires.board_hse_hz = 8000000;
    soc->wires.board_lse_hz = 32768;
    soc_events.count = 0;
    load_flash_word(soc, 0x08000000, 0x20002000);
    trace_listen(&soc->trace, soc_log, &soc_events);
    soc_reset(soc, RESET_POWER_ON);
    return soc;
}

static inline struct access_result load(struct soc *soc, uint32_t addr, uint8_t size)
{
    struct access access = {.addr = addr, .size = size, .is_privileged = true};
    struct access_result result;
    bus_access(&soc->bus, &access, &result);
    return result;
}

static inline struct access_result store(struct soc *soc, uint32_t addr, uint8_t size,
                                         uint32_t value)
{
    struct access access = {
        .addr = addr, .size = size, .value = value, .is_write = true, .is_privileged = true};
    struct access_result result;
    bus_access(&soc->bus, &access, &result);
    return result;
}

static inline uint32_t get(struct soc *soc, uint32_t addr)
{
    struct access_result result = load(soc, addr, 4);
    assert_false(result.is_bus_error);
    return result.value;
}

static inline void put(struct soc *soc, uint32_t addr, uint32_t value)
{
    assert_false(store(soc, addr, 4, value).is_bus_error);
}

static inline void set_bits(struct soc *soc, uint32_t addr, uint32_t bits)
{
    put(soc, addr, get(soc, addr) | bits);
}

static inline void clear_bits(struct soc *soc, uint32_t addr, uint32_t bits)
{
    put(soc, addr, get(soc, addr) & ~bits);
}

static inline void run_ns(struct soc *soc, uint64_t ns)
{
    soc_advance(soc, soc->clock.now_ps + ns * PS_PER_NS);
}

static inline void run_us(struct soc *soc, uint64_t us)
{
    run_ns(soc, us * 1000);
}

static inline void run_ms(struct soc *soc, uint64_t ms)
{
    run_us(soc, ms * 1000);
}

/* The clocks of PWR, SYSCFG, WWDG and the RTC's registers on, and the backup domain open. */
static inline void open_backup_domain(struct soc *soc)
{
    set_bits(soc, 0x40021058, 1u << 28 | 1u << 10); /* APB1ENR1: PWREN, RTCAPBEN */
    set_bits(soc, 0x40007000, 1u << 8);             /* PWR_CR1.DBP */
}

static inline unsigned count_events(enum event_kind kind)
{
    unsigned count = 0;
    for (unsigned i = 0; i < soc_events.count; i++)
        count += soc_events.event[i].kind == kind;
    return count;
}

static inline const struct event *last_event(enum event_kind kind)
{
    for (unsigned i = soc_events.count; i > 0; i--)
        if (soc_events.event[i - 1].kind == kind)
            return &soc_events.event[i - 1];
    fail_msg("no such event");
    return NULL;
}

static inline bool is_assumed(const char *rule)
{
    for (unsigned i = 0; i < soc_events.count; i++)
        if (soc_events.event[i].kind == EVENT_RULE_ASSUMED &&
            strcmp(soc_events.event[i].rule, rule) == 0)
            return true;
    return false;
}

static inline bool irq_pending(const struct soc *soc, unsigned line)
{
    return irq_is_pending(&soc->irq, EXC_IRQ0 + line);
}

#endif
