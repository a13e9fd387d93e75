/* What devices use of their surroundings. */
#include "sim/core/device.h"

#include <assert.h>

void device_schedule(struct device *device, unsigned timer, uint64_t at_ps)
{
    assert(timer < device->type->timer_count);
    clock_schedule(device->system->clock, device->first_timer + timer, at_ps);
    device->system->needs_attention = true;
}

void device_cancel(struct device *device, unsigned timer)
{
    assert(timer < device->type->timer_count);
    clock_cancel(device->system->clock, device->first_timer + timer);
}

bool device_is_scheduled(const struct device *device, unsigned timer)
{
    return clock_is_scheduled(device->system->clock, device->first_timer + timer);
}

uint64_t device_deadline_ps(const struct device *device, unsigned timer)
{
    return device->system->clock->deadline_ps[device->first_timer + timer];
}

uint64_t device_now_ps(const struct device *device)
{
    return device->system->clock->now_ps;
}

bool device_is_clocked(const struct device *device)
{
    return !device->clock_enable || (*device->clock_enable & device->clock_enable_mask);
}

void device_set_irq(struct device *device, bool high)
{
    irq_set_level(device->system->irq, device->irq_line, high);
    /* The machine must look before the next instruction, also when a register write did it. */
    if (device->system->irq->changed)
        device->system->needs_attention = true;
}

void device_emit(struct device *device, struct event event)
{
    event.unit = device->name;
    trace_emit(device->system->trace, event);
}

void device_assume(struct device *device, const char *rule)
{
    device_emit(device, (struct event){.kind = EVENT_RULE_ASSUMED, .rule = rule});
}

void device_signal(struct system *system, unsigned line, uint32_t value)
{
    for (unsigned i = 0; i < system->listener_count; i++)
        system->listeners[i]->type->signal(system->listeners[i], line, value);
    for (unsigned i = 0; !system->listeners && i < system->device_count; i++) {
        struct device *device = &system->devices[i];
        if (device->type->signal)
            device->type->signal(device, line, value);
    }
}

void system_request_reset(struct system *system, enum reset_cause cause)
{
    if (!system->reset_requested) {
        system->reset_requested = true;
        system->reset_cause = cause;
    }
    system->needs_attention = true;
}
