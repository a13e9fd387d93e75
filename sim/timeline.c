/* Goes through the steps of a timeline.
 * A step that is armed waits for its trigger, which is seen in the event stream, by the machine's watches
 * and breaks, or at a time. `after` it, its actions are done in order, between two instructions or in the
 * middle of a stall. What ends the boot (loss of power, a reset) happens at its exact time; at a phase of a
 * flash operation the controller is told the phase, so that the cells are left as that phase leaves them. */
#include "sim/timeline.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "models/flash_array.h"
#include "sim/action.h"

static const char *const trigger_names[TRIGGER_KIND_COUNT] = {
    [TRIGGER_AT_ONCE] = "",
    [TRIGGER_EVENT] = "event",
    [TRIGGER_OPERATION] = "operation",
    [TRIGGER_INSTRUCTIONS] = "instructions",
    [TRIGGER_TIME] = "time",
    [TRIGGER_PC] = "pc",
    [TRIGGER_CONSOLE] = "console",
    [TRIGGER_PIN] = "pin",
    [TRIGGER_VALUE] = "symbol",
    [TRIGGER_BOOT] = "boot",
    [TRIGGER_POWER_ON] = "power_on",
};

const char *trigger_kind_name(enum trigger_kind kind)
{
    return trigger_names[kind];
}

bool comparison_holds(const struct comparison *comparison, uint64_t value)
{
    return (!comparison->has_at_least || value >= comparison->at_least) &&
           (!comparison->has_at_most || value <= comparison->at_most);
}

bool action_ends_boot(const struct action *action)
{
    return action->kind == ACTION_POWER_CUT || action->kind == ACTION_RESET ||
           (action->kind == ACTION_LOAD_IMAGES && action->starts);
}

unsigned timeline_power_cuts(const struct timeline *timeline)
{
    unsigned count = 0;
    for (unsigned i = 0; i < timeline->count; i++)
        for (unsigned k = 0; k < timeline->steps[i].action_count; k++)
            if (timeline->steps[i].actions[k].kind == ACTION_POWER_CUT)
                count += timeline->steps[i].repeat;
    return count;
}

static const struct timeline_step *current(const struct timeline_run *run)
{
    return &run->timeline->steps[run->at];
}

static uint64_t now_ps(const struct timeline_run *run)
{
    return machine_now_ps(run->machine);
}

/* ---- waiting ------------------------------------------------------------------------------------ */

/* The next time at which this run must be looked at. */
static void set_alarm(struct timeline_run *run)
{
    uint64_t at_ps = CLOCK_NEVER;
    if (run->state == STEP_DUE && run->due_ps < at_ps)
        at_ps = run->due_ps;
    if (run->state == STEP_ARMED) {
        const struct trigger *trigger = &current(run)->trigger;
        if (trigger->kind == TRIGGER_TIME)
            at_ps = run->power_on_ps + trigger->ps;
        if (run->latest_ps < at_ps)
            at_ps = run->latest_ps;
    }
    if (run->state == STEP_ACTING) {
        uint64_t next_ps = action_next_ps(run);
        at_ps = next_ps < at_ps ? next_ps : at_ps;
    }
    if (run->held && run->held_until_ps < at_ps)
        at_ps = run->held_until_ps;
    bool is_over = run->at >= run->timeline->count || run->state == STEP_TOO_LATE ||
                   run->state == STEP_ESCAPED;
    run->machine->waits_in_rom = !is_over;
    soc_set_alarm(run->machine->soc, at_ps);
}

static void finish_step(struct timeline_run *run);

static void disarm(struct timeline_run *run)
{
    struct machine *machine = run->machine;
    switch (current(run)->trigger.kind) {
    case TRIGGER_PC:
        machine_set_break(machine, UINT32_MAX);
        break;
    case TRIGGER_INSTRUCTIONS:
        machine_count_instructions(machine, 0);
        break;
    default:
        break;
    }
}

static bool is_only_an_end(const struct timeline_step *step)
{
    enum action_kind kind = step->actions[0].kind;
    return step->action_count == 1 && (kind == ACTION_POWER_CUT || kind == ACTION_RESET);
}

static void emit_step(struct timeline_run *run)
{
    trace_emit(&run->machine->soc->trace,
               (struct event){.kind = EVENT_STEP, .unit = "SCENARIO", .value = run->at + 1});
}

static void begin_end(struct timeline_run *run, const struct action *action, uint64_t at_ps)
{
    bool is_power = action->kind == ACTION_POWER_CUT;
    bool is_load = action->kind == ACTION_LOAD_IMAGES;
    run->is_ending = true;
    run->off_ps = is_power ? action->off_ps : CLOCK_NEVER;
    if (is_load)
        run->machine->soc->wires.forced_boot = BOOT_MAIN_FLASH;
    machine_cut_at(run->machine, at_ps,
                   is_power  ? RESET_POWER_ON
                   : is_load ? RESET_SYSTEM
                             : action->cause);
}

/* The trigger came true, or will at `at_ps`. */
static void trigger_at(struct timeline_run *run, uint64_t at_ps)
{
    const struct timeline_step *step = current(run);
    disarm(run);
    run->state = STEP_DUE;
    run->due_ps = at_ps + step->after_ps;
    if (is_only_an_end(step)) {
        run->state = STEP_ACTING;
        run->action = 0;
        begin_end(run, &step->actions[0], run->due_ps);
    }
    set_alarm(run);
}

static bool count(struct timeline_run *run)
{
    return ++run->seen >= current(run)->trigger.nth;
}

/* A variable: the value it already has counts, unless any change is wanted. */
static void look_at_value(struct timeline_run *run, bool is_change)
{
    const struct trigger *trigger = &current(run)->trigger;
    uint64_t value = machine_watched(run->machine, run->watch);
    bool holds = trigger->is_any_change ? is_change : comparison_holds(&trigger->comparison, value);
    if (holds && count(run))
        trigger_at(run, now_ps(run));
}

static void arm_instructions(struct timeline_run *run)
{
    machine_count_instructions(run->machine, current(run)->trigger.number);
}

static void arm(struct timeline_run *run)
{
    const struct timeline_step *step = current(run);
    run->state = STEP_ARMED;
    run->seen = 0;
    run->has_target = false;
    run->action = 0;
    run->is_ending = false;
    memset(run->matched, 0, sizeof run->matched);
    run->latest_ps =
        step->within_ps == CLOCK_NEVER ? CLOCK_NEVER : now_ps(run) + step->within_ps;
    switch (step->trigger.kind) {
    case TRIGGER_AT_ONCE:
        trigger_at(run, now_ps(run));
        return;
    case TRIGGER_TIME:
        if (run->power_ons && run->power_on_ps + step->trigger.ps <= now_ps(run)) {
            trigger_at(run, now_ps(run));
            return;
        }
        break;
    case TRIGGER_PC:
        machine_set_break(run->machine, step->trigger.place.addr & ~1u);
        break;
    case TRIGGER_INSTRUCTIONS:
        arm_instructions(run);
        break;
    case TRIGGER_VALUE:
        run->has_watch = machine_watch(run->machine, step->trigger.place.addr,
                                       step->trigger.place.size, &run->watch);
        if (!run->has_watch) {
            run->is_failed = true;
            error_set(&run->error, "more than %d variables are watched", MACHINE_WATCH_MAX);
        } else if (run->power_ons) {
            look_at_value(run, false);
            if (run->state != STEP_ARMED)
                return;
        }
        break;
    default:
        break;
    }
    set_alarm(run);
}

/* ---- acting ------------------------------------------------------------------------------------- */

static void finish_step(struct timeline_run *run)
{
    struct step_result *result = &run->result[run->at];
    result->times++;
    result->boot = run->machine->soc->trace.boot;
    result->t_ps = now_ps(run);
    bool is_again = result->times < current(run)->repeat;
    result->state = is_again ? STEP_ARMED : STEP_DONE;
    run->state = STEP_DONE;
    if (!is_again)
        run->at++;
    if (run->at < run->timeline->count)
        arm(run);
    else
        set_alarm(run);
}

static void give_up(struct timeline_run *run, enum step_state why)
{
    disarm(run);
    run->result[run->at].state = why;
    run->state = why;
    set_alarm(run);
}

/* Does what can be done now; what takes time goes on at the next alarm. */
static void act(struct timeline_run *run)
{
    const struct timeline_step *step = current(run);
    while (!run->is_ending && run->action < step->action_count) {
        const struct action *action = &step->actions[run->action];
        bool is_done = action_do(run, action);
        if (run->is_failed) {
            give_up(run, STEP_ESCAPED);
            return;
        }
        if (is_done && action_ends_boot(action))
            begin_end(run, action, now_ps(run));
        if (!is_done || action_ends_boot(action))
            return;
        run->action++;
        action_begin(run);
    }
    if (!run->is_ending)
        finish_step(run);
}

static void begin_acting(struct timeline_run *run)
{
    run->state = STEP_ACTING;
    run->action = 0;
    action_begin(run);
    emit_step(run);
    act(run);
}

static void on_alarm(void *context)
{
    struct timeline_run *run = context;
    run->machine->soc->system.needs_attention = true;
    if (run->held && run->held_until_ps <= now_ps(run)) {
        board_press(run->held, run->machine->soc, false);
        run->held = NULL;
    }
    if (run->at < run->timeline->count) {
        if (run->state == STEP_ARMED && current(run)->trigger.kind == TRIGGER_TIME &&
            run->power_on_ps + current(run)->trigger.ps <= now_ps(run))
            trigger_at(run, now_ps(run));
        else if (run->state == STEP_ARMED && run->latest_ps <= now_ps(run))
            give_up(run, STEP_TOO_LATE);
        if (run->state == STEP_DUE && run->due_ps <= now_ps(run))
            begin_acting(run);
        else if (run->state == STEP_ACTING && !is_only_an_end(current(run)))
            act(run);
    }
    set_alarm(run);
}

/* ---- triggers in the event stream --------------------------------------------------------------- */

static bool is_in_range(const struct trigger *trigger, const struct event *event)
{
    uint32_t last = event->addr + (event->size ? event->size - 1 : 0);
    return event->addr <= trigger->to && last >= trigger->from;
}

static bool is_event(const struct trigger *trigger, const struct event *event)
{
    return event->kind == trigger->event && is_in_range(trigger, event) &&
           (!trigger->has_value || event->value == trigger->value) &&
           (!trigger->unit || (event->unit && strcmp(event->unit, trigger->unit) == 0)) &&
           (!trigger->rule || (event->rule && strcmp(event->rule, trigger->rule) == 0));
}

static bool is_edge(const struct trigger *trigger, const struct event *event)
{
    return event->kind == EVENT_PIN && event->addr == trigger->pin &&
           (trigger->edge == PIN_EDGE_ANY || (trigger->edge == PIN_EDGE_RISING) == (event->value != 0));
}

/* The text, as it comes byte by byte on one channel. Texts that begin again inside themselves are found. */
static bool is_text(const struct trigger *trigger, size_t all_matched[CONSOLE_CHANNEL_COUNT],
                    const struct event *event)
{
    enum console_channel channel;
    if (!console_is_text(event, &channel) ||
        (trigger->channel != CONSOLE_CHANNEL_COUNT && trigger->channel != channel))
        return false;
    size_t length = strlen(trigger->text);
    size_t *matched = &all_matched[channel];
    while (*matched && trigger->text[*matched] != (char)event->value) {
        size_t shorter = *matched - 1;
        while (shorter &&
               strncmp(trigger->text, trigger->text + (*matched - shorter), shorter) != 0)
            shorter--;
        *matched = shorter;
    }
    *matched += trigger->text[*matched] == (char)event->value;
    if (*matched < length)
        return false;
    *matched = 0;
    return true;
}

bool trigger_hears(const struct trigger *trigger, size_t matched[CONSOLE_CHANNEL_COUNT],
                   const struct event *event)
{
    switch (trigger->kind) {
    case TRIGGER_EVENT:
        return is_event(trigger, event);
    case TRIGGER_CONSOLE:
        return is_text(trigger, matched, event);
    case TRIGGER_PIN:
        return is_edge(trigger, event);
    default:
        return false;
    }
}

static void hear_operation(struct timeline_run *run, const struct event *event)
{
    const struct timeline_step *step = current(run);
    const struct trigger *trigger = &step->trigger;
    if (!run->has_target && cut_counts(&trigger->operation, event) &&
        is_in_range(trigger, event) && count(run)) {
        run->target = cut_target_of(&trigger->operation, event);
        run->has_target = true;
    }
    if (!run->has_target)
        return;
    if (!cut_target_begins(&run->target, event)) {
        if (cut_target_is_missed(event))
            give_up(run, STEP_ESCAPED);
        return;
    }
    run->has_target = false;
    const struct flash_cut *moment = &run->target.moment;
    bool is_cut = is_only_an_end(step) && step->after_ps == 0;
    if (is_cut && moment->phase != FLASH_PHASE_DONE)
        soc_flash_set_cut_phase(run->machine->soc, moment);
    trigger_at(run, cut_moment_ps(run->machine, moment));
}

static void hear_armed(struct timeline_run *run, const struct event *event)
{
    const struct trigger *trigger = &current(run)->trigger;
    bool is_hit = false;
    switch (trigger->kind) {
    case TRIGGER_OPERATION:
        hear_operation(run, event);
        return;
    case TRIGGER_BOOT:
        is_hit = (event->kind == EVENT_POWER_ON || event->kind == EVENT_RESET ||
                  event->kind == EVENT_BOOT) && event->boot == trigger->number;
        break;
    case TRIGGER_POWER_ON:
        is_hit = event->kind == EVENT_POWER_ON && run->power_ons == trigger->number;
        break;
    default:
        is_hit = trigger_hears(trigger, run->matched, event);
        break;
    }
    if (is_hit && count(run))
        trigger_at(run, event->t_ps);
}

/* A reset or a loss of power that this run did not cause. */
static void hear_end(struct timeline_run *run, const struct event *event)
{
    bool is_ours = run->state == STEP_ACTING && action_ends_boot(&current(run)->actions[run->action]) &&
                   (event->kind == EVENT_POWER_CUT || run->machine->is_cutting);
    /* A reset lets a halted core go; what the debugger still has to do it does while the core runs. */
    if (run->state == STEP_ACTING && event->kind == EVENT_RESET && !is_ours) {
        run->is_halting = false;
        if (!is_only_an_end(current(run)))
            soc_set_alarm(run->machine->soc, event->t_ps);
    }
    if (is_ours) {
        if (is_only_an_end(current(run)))
            emit_step(run);
        finish_step(run);
        return;
    }
    if (run->state == STEP_ACTING && is_only_an_end(current(run)) &&
        current(run)->trigger.kind == TRIGGER_OPERATION) {
        machine_cut_at(run->machine, CLOCK_NEVER, RESET_POWER_ON);
        soc_flash_set_cut_phase(run->machine->soc, NULL);
        give_up(run, STEP_ESCAPED);
    }
}

static void follow_boot(struct timeline_run *run, const struct event *event)
{
    if (event->kind == EVENT_POWER_ON) {
        run->power_on_ps = event->t_ps;
        run->power_ons++;
    }
    if (run->at >= run->timeline->count || run->state != STEP_ARMED)
        return;
    if (current(run)->trigger.kind == TRIGGER_INSTRUCTIONS)
        arm_instructions(run);
    if (current(run)->trigger.kind == TRIGGER_VALUE && run->power_ons == 1 && run->has_watch &&
        event->kind == EVENT_POWER_ON)
        look_at_value(run, false);
    set_alarm(run); /* what is timed counts from here */
}

/* The next byte of input can go out; the debugger's core stands. */
static bool wakes_action(const struct timeline_run *run, const struct event *event)
{
    if (is_only_an_end(current(run)))
        return false;
    enum action_kind kind = current(run)->actions[run->action].kind;
    return (kind == ACTION_UART_INPUT && event->kind == EVENT_CONSOLE_IN) ||
           (kind == ACTION_DEBUGGER && event->kind == EVENT_DEBUG_HALT);
}

static void hear(void *context, const struct event *event)
{
    struct timeline_run *run = context;
    bool is_begin = event->kind == EVENT_POWER_ON || event->kind == EVENT_RESET;
    bool is_end = event->kind == EVENT_POWER_CUT || event->kind == EVENT_RESET;
    if (event->kind == EVENT_BOOT) /* a debugger's choice of where to start holds for one reset */
        run->machine->soc->wires.forced_boot = BOOT_AS_SELECTED;
    if (is_end && run->at < run->timeline->count)
        hear_end(run, event);
    if (is_begin)
        follow_boot(run, event);
    if (event->kind == EVENT_FLASH_ERROR && event->rule &&
        strcmp(event->rule, "L4.operr.injected") == 0)
        run->failures_seen++;
    if (run->at >= run->timeline->count)
        return;
    if (run->state == STEP_ARMED)
        hear_armed(run, event);
    else if (run->state == STEP_ACTING && wakes_action(run, event))
        soc_set_alarm(run->machine->soc, event->t_ps);
}

/* ---- what the machine tells --------------------------------------------------------------------- */

static bool waits_for(const struct timeline_run *run, enum trigger_kind kind)
{
    return run->at < run->timeline->count && run->state == STEP_ARMED &&
           current(run)->trigger.kind == kind;
}

static void on_changed(void *context, unsigned watch)
{
    struct timeline_run *run = context;
    if (waits_for(run, TRIGGER_VALUE) && watch == run->watch)
        look_at_value(run, true);
}

static void on_counted(void *context)
{
    struct timeline_run *run = context;
    if (waits_for(run, TRIGGER_INSTRUCTIONS))
        trigger_at(run, now_ps(run));
}

static void on_break(void *context)
{
    struct timeline_run *run = context;
    if (waits_for(run, TRIGGER_PC) && count(run))
        trigger_at(run, now_ps(run));
}

void timeline_start(struct timeline_run *run, const struct timeline *timeline,
                    struct machine *machine)
{
    *run = (struct timeline_run){.timeline = timeline, .machine = machine, .off_ps = CLOCK_NEVER};
    machine->soc->alarm = on_alarm;
    machine->soc->alarm_context = run;
    machine->world = (struct machine_host){run, on_changed, on_counted, on_break};
    trace_listen(&machine->soc->trace, hear, run);
    if (timeline->count)
        arm(run);
}
