/* A bare core around the scs model: raw accesses by absolute address, time, and the events it
 * emits. */
#ifndef MODELS_TESTS_SCS_BENCH_H
#define MODELS_TESTS_SCS_BENCH_H

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <stdlib.h>
#include <string.h>

#include "models/chip.h"
#include "models/scs.h"

enum { BENCH_EVENT_MAX = 64 };

struct bench {
    struct clock clock;
    struct trace trace;
    struct irq irq;
    struct wires wires;
    struct system_control control;
    struct chip chip;
    struct system system;
    struct device device;
    struct event events[BENCH_EVENT_MAX];
    unsigned event_count;
    uint32_t pc;
};

static inline void bench_note(void *context, const struct event *event)
{
    struct bench *b = context;
    assert_true(b->event_count < BENCH_EVENT_MAX);
    b->events[b->event_count++] = *event;
}

static inline void bench_reset(struct bench *b, enum reset_cause cause)
{
    irq_reset(&b->irq);
    b->device.type->reset(&b->device, cause);
}

static inline int bench_setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    *state = b;
    clock_init(&b->clock);
    irq_init(&b->irq, 84); /* an STM32L452 */
    b->chip = (struct chip){.name = "test", .core = CORE_M4, .irq_count = 84, .idcode = 0x10006462};
    b->pc = 0x08000100;
    b->trace.now_ps = &b->clock.now_ps;
    b->trace.pc = &b->pc;
    trace_listen(&b->trace, bench_note, b);
    b->wires.hclk_hz = 4000000;
    b->system = (struct system){.clock = &b->clock,
                                .trace = &b->trace,
                                .irq = &b->irq,
                                .wires = &b->wires,
                                .control = &b->control,
                                .chip = &b->chip,
                                .devices = &b->device,
                                .device_count = 1};
    b->device = (struct device){.type = &scs_type,
                                .name = "SCS",
                                .state = calloc(1, scs_type.state_bytes),
                                .system = &b->system,
                                .base = 0xE0000000,
                                .irq_line = -1};
    bench_reset(b, RESET_POWER_ON);
    return 0;
}

static inline int bench_teardown(void **state)
{
    struct bench *b = *state;
    free(b->device.state);
    free(b);
    return 0;
}

static inline struct access_result bench_access(struct bench *b, struct access access)
{
    struct access_result result = {0};
    access.offset = access.addr - 0xE0000000;
    if (access.is_write)
        b->device.type->write(&b->device, &access, &result);
    else
        b->device.type->read(&b->device, &access, &result);
    return result;
}

static inline uint32_t read_sized(struct bench *b, uint32_t addr, uint8_t size)
{
    struct access_result result =
        bench_access(b, (struct access){.addr = addr, .size = size, .is_privileged = true});
    assert_false(result.is_bus_error);
    return result.value;
}

static inline uint32_t read32(struct bench *b, uint32_t addr)
{
    return read_sized(b, addr, 4);
}

static inline void write_sized(struct bench *b, uint32_t addr, uint8_t size, uint32_t value)
{
    struct access_result result = bench_access(
        b,
        (struct access){
            .addr = addr, .size = size, .value = value, .is_write = true, .is_privileged = true});
    assert_false(result.is_bus_error);
}

static inline void write32(struct bench *b, uint32_t addr, uint32_t value)
{
    write_sized(b, addr, 4, value);
}

static inline uint32_t debugger_read32(struct bench *b, uint32_t addr)
{
    return bench_access(b, (struct access){.addr = addr,
                                           .size = 4,
                                           .is_privileged = true,
                                           .master = MASTER_DEBUGGER})
        .value;
}

static inline void debugger_write32(struct bench *b, uint32_t addr, uint32_t value)
{
    bench_access(b, (struct access){.addr = addr,
                                    .size = 4,
                                    .value = value,
                                    .is_write = true,
                                    .is_privileged = true,
                                    .master = MASTER_DEBUGGER});
}

static inline void bench_expired(void *context, unsigned timer)
{
    struct bench *b = context;
    b->device.type->expired(&b->device, timer);
}

static inline void advance_to(struct bench *b, uint64_t ps)
{
    clock_advance(&b->clock, ps, bench_expired, b);
}

static inline void set_hclk(struct bench *b, uint32_t hz)
{
    b->wires.hclk_hz = hz;
    device_signal(&b->system, WIRE_CLOCKS, hz);
}

static inline void set_halted(struct bench *b, bool is_halted)
{
    b->wires.is_core_halted = is_halted;
    device_signal(&b->system, WIRE_HALT, is_halted);
}

/* A clean slate for what a register write is to set. */
static inline void forget_changes(struct bench *b)
{
    b->irq.changed = false;
    b->system.needs_attention = false;
    b->event_count = 0;
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

#endif
