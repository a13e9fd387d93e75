#include "sim/verdict_pulse.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/quantity.h"
#include "sim/verdict_where.h"

static void __attribute__((format(printf, 2, 3)))
violate(struct verdict_pulse *pulse, const char *format, ...)
{
    if (pulse->is_violated)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(pulse->text, sizeof pulse->text, format, arguments);
    va_end(arguments);
    pulse->is_violated = true;
}

static uint64_t age_ps(const struct verdict_judge *judge, const struct verdict_pulse *pulse)
{
    return machine_now_ps(judge->machine) - pulse->began_ps;
}

static void begin(struct verdict_judge *judge, struct verdict_pulse *pulse)
{
    memset(pulse->matched, 0, sizeof pulse->matched);
    pulse->began_ps = machine_now_ps(judge->machine);
    pulse->has_begun = true;
    pulse->is_alive = false;
}

void verdict_pulse_hear(struct verdict_judge *judge, unsigned index, const struct event *event)
{
    const struct expect_alive *alive = &judge->scenario->expectations[index].alive;
    struct verdict_pulse *pulse = &judge->pulse[index];
    char took[QUANTITY_TEXT], budget[QUANTITY_TEXT];
    if (event->kind == EVENT_POWER_ON || event->kind == EVENT_RESET)
        begin(judge, pulse);
    if (pulse->is_alive || !trigger_hears(&alive->sign, pulse->matched, event))
        return;
    pulse->is_alive = pulse->has_lived = true;
    pulse->dead_resets = pulse->dead_watchdogs = 0;
    if (age_ps(judge, pulse) > alive->within_ps)
        violate(pulse, "late: boot %u gave its sign after %s, allowed are %s", judge->boot,
                quantity_write_time(age_ps(judge, pulse), took),
                quantity_write_time(alive->within_ps, budget));
}

static bool is_watchdog(unsigned cause)
{
    return cause == RESET_IWDG || cause == RESET_WWDG;
}

void verdict_pulse_end_boot(struct verdict_judge *judge, unsigned index, enum pulse_end end,
                            unsigned cause)
{
    const struct expect_alive *alive = &judge->scenario->expectations[index].alive;
    struct verdict_pulse *pulse = &judge->pulse[index];
    char budget[QUANTITY_TEXT], where[VERDICT_WHERE];
    if (!pulse->has_begun || pulse->is_alive)
        return;
    pulse->has_begun = false;
    bool is_stuck = judge->is_stuck && end == PULSE_ENDS_BY_TIME;
    if (is_stuck || age_ps(judge, pulse) >= alive->within_ps) {
        verdict_where_note(judge);
        violate(pulse, "hang: boot %u gave no sign of life in %s%s", judge->boot,
                quantity_write_time(alive->within_ps, budget), verdict_where_text(judge, where));
        return;
    }
    if (end == PULSE_ENDS_BY_TIME && !pulse->undecided) {
        pulse->undecided = judge->boot;
        pulse->undecided_ps = age_ps(judge, pulse);
    }
    if (end != PULSE_ENDS_BY_RESET)
        return;
    pulse->dead_resets++;
    pulse->dead_watchdogs += is_watchdog(cause);
    if (pulse->dead_resets < alive->resets)
        return;
    verdict_where_note(judge);
    violate(pulse, "%s: %u boots in a row ended by a reset before their sign of life, boot %u last%s",
            pulse->dead_watchdogs == pulse->dead_resets ? "watchdog loop" : "boot loop",
            pulse->dead_resets, judge->boot, verdict_where_text(judge, where));
}
