/* A bench for tests of one or a few peripherals: time, bus, interrupt lines and an event log, no
 * chip and no CPU. Accesses go over the bus as the CPU's would. */
#ifndef MODELS_TESTS_PERIPHERAL_BENCH_H
#define MODELS_TESTS_PERIPHERAL_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/wires.h"
#include "sim/core/bus.h"
#include "sim/core/clock.h"
#include "sim/core/device.h"
#include "sim/core/irq.h"
#include "sim/core/system_control.h"
#include "sim/core/trace.h"

enum { BENCH_DEVICE_MAX = 16, BENCH_EVENT_MAX = 8192, BENCH_IRQ_COUNT = 100 };

struct bench {
    struct clock clock;
    struct trace trace;
    struct bus bus;
    struct irq irq;
    struct wires wires;
    struct system_control control;
    struct system system;
    struct device devices[BENCH_DEVICE_MAX];
    uint32_t pc;
    unsigned timer_count;
    unsigned event_count;
    struct event event[BENCH_EVENT_MAX];
};

static inline void bench_log(void *context, const struct event *event)
{
    struct bench *bench = context;
    assert_true(bench->event_count < BENCH_EVENT_MAX);
    bench->event[bench->event_count++] = *event;
}

static inline struct bench *bench_create(void)
{
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    clock_init(&bench->clock);
    bus_init(&bench->bus);
    irq_init(&bench->irq, BENCH_IRQ_COUNT);
    bench->trace.now_ps = &bench->clock.now_ps;
    bench->trace.pc = &bench->pc;
    trace_listen(&bench->trace, bench_log, bench);
    bench->system = (struct system){
        .clock = &bench->clock,
        .trace = &bench->trace,
        .bus = &bench->bus,
        .irq = &bench->irq,
        .wires = &bench->wires,
        .control = &bench->control,
        .devices = bench->devices,
    };
    bench->wires.hclk_hz = bench->wires.pclk1_hz = bench->wires.pclk2_hz = 4000000;
    bench->wires.timclk1_hz = bench->wires.timclk2_hz = 4000000;
    return bench;
}

static inline void bench_destroy(struct bench *bench)
{
    for (unsigned i = 0; i < bench->system.device_count; i++)
        free(bench->devices[i].state);
    free(bench);
}

/* Adds a device with a 1 KB window and gives it its power-on reset. */
static inline struct device *bench_add(struct bench *bench, const struct device_type *type,
                                       const char *name, uint32_t base, int irq_line,
                                       const void *config)
{
    assert_true(bench->system.device_count < BENCH_DEVICE_MAX);
    struct device *device = &bench->devices[bench->system.device_count++];
    *device = (struct device){
        .type = type,
        .name = name,
        .state = calloc(1, type->state_bytes),
        .config = config,
        .system = &bench->system,
        .base = base,
        .irq_line = irq_line,
        .first_timer = bench->timer_count,
    };
    assert_non_null(device->state);
    bench->timer_count += type->timer_count;
    bus_map(&bench->bus,
            (struct bus_region){
                .name = name, .base = base, .size = 0x400, .kind = BUS_DEVICE, .device = device});
    type->reset(device, RESET_POWER_ON);
    return device;
}

static inline void bench_add_ram(struct bench *bench, uint32_t base, uint8_t *host, uint32_t size)
{
    bus_map(&bench->bus,
            (struct bus_region){
                .name = "RAM", .base = base, .size = size, .kind = BUS_RAM, .host = host});
}

static inline struct access_result bench_access(struct bench *bench, struct access access)
{
    struct access_result result;
    access.is_privileged = true;
    bus_access(&bench->bus, &access, &result);
    return result;
}

static inline uint32_t bench_read_sized(struct bench *bench, uint32_t addr, uint8_t size)
{
    return bench_access(bench, (struct access){.addr = addr, .size = size}).value;
}

static inline void bench_write_sized(struct bench *bench, uint32_t addr, uint32_t value,
                                     uint8_t size)
{
    bench_access(bench,
                 (struct access){.addr = addr, .size = size, .value = value, .is_write = true});
}

static inline uint32_t bench_read(struct bench *bench, uint32_t addr)
{
    return bench_read_sized(bench, addr, 4);
}

static inline void bench_write(struct bench *bench, uint32_t addr, uint32_t value)
{
    bench_write_sized(bench, addr, value, 4);
}

static inline void bench_expired(void *context, unsigned timer)
{
    struct bench *bench = context;
    for (unsigned i = 0; i < bench->system.device_count; i++) {
        struct device *device = &bench->devices[i];
        if (timer - device->first_timer < device->type->timer_count) {
            device->type->expired(device, timer - device->first_timer);
            return;
        }
    }
    fail_msg("timer %u belongs to nobody", timer);
}

static inline void bench_run_to(struct bench *bench, uint64_t at_ps)
{
    clock_advance(&bench->clock, at_ps, bench_expired, bench);
}

static inline void bench_run(struct bench *bench, uint64_t for_ps)
{
    bench_run_to(bench, bench->clock.now_ps + for_ps);
}

static inline bool bench_irq_is_high(const struct bench *bench, unsigned line)
{
    unsigned exception = EXC_IRQ0 + line;
    return bench->irq.level[exception / 64] >> (exception % 64) & 1;
}

static inline unsigned bench_count(const struct bench *bench, enum event_kind kind)
{
    unsigned count = 0;
    for (unsigned i = 0; i < bench->event_count; i++)
        count += bench->event[i].kind == kind;
    return count;
}

/* The last event of a kind; fails the test when there is none. */
static inline struct event bench_last(const struct bench *bench, enum event_kind kind)
{
    for (unsigned i = bench->event_count; i-- > 0;)
        if (bench->event[i].kind == kind)
            return bench->event[i];
    fail_msg("no event %s", event_kind_name(kind));
    return (struct event){0};
}

static inline unsigned bench_count_rule(const struct bench *bench, const char *rule)
{
    unsigned count = 0;
    for (unsigned i = 0; i < bench->event_count; i++)
        count += bench->event[i].rule && strcmp(bench->event[i].rule, rule) == 0;
    return count;
}

#endif
