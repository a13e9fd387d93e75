#include "sim/scenario_plan.h"

#include <stdlib.h>
#include <string.h>

void scenario_plans_free(struct scenario_plans *plans)
{
    free(plans->items);
    memset(plans, 0, sizeof *plans);
}

static bool add(struct scenario_plans *plans, const struct scenario *scenario,
                const struct scenario_plan *plan, struct error *error)
{
    if (plans->count == SCENARIO_PLAN_MAX)
        return error_set(error, "%s: more than %d runs: list fewer operations or phases",
                         image_short_path(scenario->path), SCENARIO_PLAN_MAX);
    if (plans->count == plans->room) {
        size_t room = plans->room ? 2 * plans->room : 16;
        struct scenario_plan *items = realloc(plans->items, room * sizeof *items);
        if (!items)
            return error_set(error, "%s: out of memory", image_short_path(scenario->path));
        plans->items = items;
        plans->room = room;
    }
    plans->items[plans->count++] = *plan;
    return true;
}

static bool add_rest(struct scenario_plans *plans, const struct scenario *scenario,
                     const struct scenario_plan *plan, struct error *error);

/* The plan so far and one operation, at each of the moments. */
static bool add_moments(struct scenario_plans *plans, const struct scenario *scenario,
                        const struct scenario_plan *plan, uint32_t nth, struct error *error)
{
    const struct scenario_cut *cut = &scenario->cuts[plan->cut_count];
    for (unsigned i = 0; i < cut->moment_count; i++) {
        struct scenario_plan longer = *plan;
        longer.cuts[longer.cut_count++] = (struct cut){
            .by = cut->by,
            .is_timed = cut->is_timed,
            .after_ps = cut->after_ps,
            .operation = cut->operation,
            .nth = nth,
            .moment = cut->moments[i],
        };
        if (!add_rest(plans, scenario, &longer, error))
            return false;
    }
    return true;
}

/* Not every operation has every phase, so each moment is counted by itself. */
static bool add_each(struct scenario_plans *plans, const struct scenario *scenario,
                     const struct scenario_plan *plan, struct error *error)
{
    const struct scenario_cut *cut = &scenario->cuts[plan->cut_count];
    uint32_t counts[SCENARIO_MOMENT_MAX];
    uint32_t most = 0;
    for (unsigned i = 0; i < cut->moment_count; i++) {
        struct cut counted = {.operation = cut->operation, .moment = cut->moments[i]};
        bool is_same = i > 0 && (cut->operation != CUT_ANY_OPERATION ||
                                 cut->moments[i - 1].phase == cut->moments[i].phase);
        counts[i] = is_same ? counts[i - 1] : 0;
        if (!is_same && !scenario_run_count(scenario, plan, &counted, plans->watcher, &counts[i], error))
            return false;
        most = counts[i] > most ? counts[i] : most;
    }
    for (uint32_t nth = 1; nth <= most; nth++) {
        for (unsigned i = 0; i < cut->moment_count; i++) {
            struct scenario_plan longer = *plan;
            if (nth > counts[i])
                continue;
            longer.cuts[longer.cut_count++] =
                (struct cut){.by = cut->by, .operation = cut->operation, .nth = nth,
                             .moment = cut->moments[i]};
            if (!add_rest(plans, scenario, &longer, error))
                return false;
        }
    }
    return true;
}

static bool add_rest(struct scenario_plans *plans, const struct scenario *scenario,
                     const struct scenario_plan *plan, struct error *error)
{
    if (plan->cut_count == scenario->cut_count)
        return add(plans, scenario, plan, error);
    const struct scenario_cut *cut = &scenario->cuts[plan->cut_count];
    if (cut->is_each)
        return add_each(plans, scenario, plan, error);
    for (unsigned i = 0; i < cut->nth_count; i++)
        if (!add_moments(plans, scenario, plan, cut->nth[i], error))
            return false;
    return true;
}

bool scenario_plans_make_watched(struct scenario_plans *plans, const struct scenario *scenario,
                                 struct scenario_watcher *watcher, struct error *error)
{
    const unsigned seeds = scenario->seed_count;
    const unsigned pulses = scenario->reset_pulse_count;
    const unsigned rams = scenario->ram_count, reads = scenario->reads_count;
    const unsigned count = seeds * pulses * rams * reads * scenario->reads_change_count;
    memset(plans, 0, sizeof *plans);
    plans->watcher = watcher;
    for (unsigned i = 0; i < count; i++) {
        const struct scenario_plan plan = {
            .seed = scenario->seeds[i % seeds],
            .reset_pulse = (enum reset_pulse)scenario->reset_pulses[i / seeds % pulses],
            .ram = (enum machine_ram)scenario->rams[i / seeds / pulses % rams],
            .reads = (enum scenario_reads)scenario->reads[i / seeds / pulses / rams % reads],
            .reads_change = scenario->reads_changes[i / seeds / pulses / rams / reads],
        };
        if (!add_rest(plans, scenario, &plan, error)) {
            scenario_plans_free(plans);
            return false;
        }
    }
    return true;
}

bool scenario_plans_make(struct scenario_plans *plans, const struct scenario *scenario,
                         struct error *error)
{
    return scenario_plans_make_watched(plans, scenario, NULL, error);
}
