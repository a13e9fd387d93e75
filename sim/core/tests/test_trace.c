/* The event stream, and what devices send into it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <string.h>

#include "sim/core/device.h"

struct log {
    unsigned count;
    struct event last;
    const struct log *before; /* must have heard first */
};

static void note(void *context, const struct event *event)
{
    struct log *log = context;
    if (log->before)
        assert_int_equal(log->before->count, log->count + 1);
    log->count++;
    log->last = *event;
}

static void an_event_gets_its_number_time_boot_and_pc(void **state)
{
    (void)state;
    uint64_t now_ps = 1234;
    uint32_t pc = 0x08000200;
    struct log log = {0};
    struct trace trace = {.now_ps = &now_ps, .pc = &pc, .boot = 3};
    trace_listen(&trace, note, &log);
    trace_emit(&trace, (struct event){.kind = EVENT_FLASH_ERROR, .addr = 8, .value = 0xA8});
    assert_int_equal(log.last.seq, 0);
    assert_int_equal(log.last.t_ps, 1234);
    assert_int_equal(log.last.boot, 3);
    assert_int_equal(log.last.pc, 0x08000200);
    assert_int_equal(log.last.addr, 8);
    assert_int_equal(log.last.value, 0xA8);
    now_ps = 5678;
    trace_emit(&trace, (struct event){.kind = EVENT_LOCKUP});
    assert_int_equal(log.last.seq, 1);
    assert_int_equal(log.last.t_ps, 5678);
}

static void an_event_told_during_an_access_names_its_master(void **state)
{
    (void)state;
    uint64_t now_ps = 0;
    uint32_t pc = 0x08000200;
    struct log log = {0};
    struct trace trace = {.now_ps = &now_ps, .pc = &pc, .master = MASTER_DMA2};
    trace_listen(&trace, note, &log);
    trace_emit(&trace, (struct event){.kind = EVENT_PIN});
    assert_int_equal(log.last.master, MASTER_DMA2);
    assert_int_equal(log.last.pc, 0);
    trace_emit(&trace, (struct event){.kind = EVENT_PIN, .master = MASTER_DMA1});
    assert_int_equal(log.last.master, MASTER_DMA1);
}

static void a_given_pc_stays_and_only_the_cpu_gets_one(void **state)
{
    (void)state;
    uint64_t now_ps = 0;
    uint32_t pc = 0x08000200;
    struct log log = {0};
    struct trace trace = {.now_ps = &now_ps, .pc = &pc};
    trace_listen(&trace, note, &log);
    trace_emit(&trace, (struct event){.pc = 0x20000000});
    assert_int_equal(log.last.pc, 0x20000000);
    trace_emit(&trace, (struct event){.master = MASTER_DMA1});
    assert_int_equal(log.last.pc, 0);
    trace.pc = NULL; /* no core yet */
    trace_emit(&trace, (struct event){0});
    assert_int_equal(log.last.pc, 0);
}

static void listeners_hear_in_the_order_they_joined(void **state)
{
    (void)state;
    uint64_t now_ps = 0;
    struct log first = {0};
    struct log second = {.before = &first};
    struct trace trace = {.now_ps = &now_ps};
    trace_listen(&trace, note, &first);
    trace_listen(&trace, note, &second);
    trace_emit(&trace, (struct event){0});
    trace_emit(&trace, (struct event){0});
    assert_int_equal(second.count, 2);
    assert_int_equal(second.last.seq, first.last.seq);
}

static void every_kind_has_a_name_of_its_own_and_a_sentence(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        const char *name = event_kind_name((enum event_kind)kind);
        const char *help = event_kind_help((enum event_kind)kind);
        assert_non_null(name);
        assert_non_null(help);
        assert_int_equal(event_kind_find(name), kind);
        assert_int_equal(help[strlen(help) - 1], '.');
    }
    assert_int_equal(event_kind_find("flash.nonsense"), EVENT_KIND_COUNT);
    assert_int_equal(event_kind_find(""), EVENT_KIND_COUNT);
}

static void names_are_a_contract(void **state)
{
    (void)state;
    static const char *const names[] = {
        "flash.unlock",        "flash.lockout",     "flash.erase_start", "flash.erase_end",
        "flash.program_start", "flash.program_end", "flash.error",       "flash.stall",
        "flash.torn",          "power.cut",         "bus.error",         "reg.unimplemented",
        "rule.assumed"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_not_equal(event_kind_find(names[i]), EVENT_KIND_COUNT);
}

static void a_device_signs_its_events(void **state)
{
    (void)state;
    uint64_t now_ps = 0;
    struct log log = {0};
    struct trace trace = {.now_ps = &now_ps};
    trace_listen(&trace, note, &log);
    struct system system = {.trace = &trace};
    struct device device = {.name = "USART2", .system = &system};
    device_emit(&device, (struct event){.kind = EVENT_CONSOLE, .value = 'x'});
    assert_string_equal(log.last.unit, "USART2");
    device_assume(&device, "L4.some.rule");
    assert_int_equal(log.last.kind, EVENT_RULE_ASSUMED);
    assert_string_equal(log.last.rule, "L4.some.rule");
    assert_string_equal(log.last.unit, "USART2");
}

static void a_devices_line_asks_for_attention_only_when_it_changes_something(void **state)
{
    (void)state;
    struct irq irq;
    irq_init(&irq, 10);
    irq.changed = false;
    struct system system = {.irq = &irq};
    struct device device = {.irq_line = 4, .system = &system};
    device_set_irq(&device, false);
    assert_false(system.needs_attention);
    device_set_irq(&device, true);
    assert_true(system.needs_attention);
    assert_true(irq_is_pending(&irq, 20));
    device.irq_line = -1;
    device_set_irq(&device, true); /* no line: nothing to drive */
}

static void the_first_reset_request_wins(void **state)
{
    (void)state;
    struct system system = {0};
    system_request_reset(&system, RESET_IWDG);
    system_request_reset(&system, RESET_SYSTEM);
    assert_true(system.reset_requested);
    assert_true(system.needs_attention);
    assert_int_equal(system.reset_cause, RESET_IWDG);
}

static void hear(struct device *device, unsigned line, uint32_t value)
{
    uint32_t *heard = device->state;
    heard[0] = heard[0] * 10 + line;
    heard[1] = value;
}

static void a_signal_reaches_every_device_that_listens(void **state)
{
    (void)state;
    static const struct device_type listener = {.name = "listener", .signal = hear};
    static const struct device_type deaf = {.name = "deaf"};
    uint32_t heard[2][2] = {{0}};
    struct device devices[] = {{.type = &listener, .state = heard[0]},
                               {.type = &deaf},
                               {.type = &listener, .state = heard[1]}};
    struct system system = {.devices = devices, .device_count = 3};
    device_signal(&system, 7, 42);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(heard[i][0], 7);
        assert_int_equal(heard[i][1], 42);
    }
}

static void a_devices_timers_are_its_own(void **state)
{
    (void)state;
    static const struct device_type type = {.name = "timed", .timer_count = 2};
    struct clock clock;
    clock_init(&clock);
    struct system system = {.clock = &clock};
    struct device device = {.type = &type, .system = &system, .first_timer = 40};
    device_schedule(&device, 1, 900);
    assert_true(clock_is_scheduled(&clock, 41));
    assert_true(device_is_scheduled(&device, 1));
    assert_false(device_is_scheduled(&device, 0));
    assert_int_equal(device_deadline_ps(&device, 1), 900);
    assert_true(system.needs_attention);
    device_cancel(&device, 1);
    assert_false(clock_is_scheduled(&clock, 41));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_gets_its_number_time_boot_and_pc),
        cmocka_unit_test(an_event_told_during_an_access_names_its_master),
        cmocka_unit_test(a_given_pc_stays_and_only_the_cpu_gets_one),
        cmocka_unit_test(listeners_hear_in_the_order_they_joined),
        cmocka_unit_test(every_kind_has_a_name_of_its_own_and_a_sentence),
        cmocka_unit_test(names_are_a_contract),
        cmocka_unit_test(a_device_signs_its_events),
        cmocka_unit_test(a_devices_line_asks_for_attention_only_when_it_changes_something),
        cmocka_unit_test(the_first_reset_request_wins),
        cmocka_unit_test(a_signal_reaches_every_device_that_listens),
        cmocka_unit_test(a_devices_timers_are_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
