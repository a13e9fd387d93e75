/* Power on, run, cut, off for a while, and again. Time goes on all the while. */
#include "sim/scenario_run.h"

#include <stdlib.h>

#include "models/flash_array.h"
#include "sim/rtt.h"
#include "sim/semihosting.h"

enum { RTT_SLICE_US = 1000 };

struct bench {
    const struct scenario *scenario;
    struct machine *machine;
    struct console console; /* for RTT and semihosting; shows nothing */
    struct semihosting semihosting;
    struct rtt rtt;
    struct cutter cutter;
    struct timeline_run timeline;
    struct verdict_judge judge;
};

/* ---- preparation ---- */

static bool load_memories(struct bench *bench, struct error *error)
{
    const struct scenario *scenario = bench->scenario;
    if (scenario->start) {
        flash_array_copy(bench->machine->soc->cells, scenario->start);
        soc_flash_publish(bench->machine->soc);
    }
    for (unsigned i = 0; i < scenario->loaded_count; i++)
        for (size_t k = 0;
             !scenario->image_file[i].is_kept_back && k < scenario->images[i].segment_count; k++) {
            const struct image_segment *segment = &scenario->images[i].segments[k];
            if (!machine_load(bench->machine, segment->addr, segment->bytes, segment->size))
                return error_set(error, "%s: 0x%08X to 0x%08X is more than one memory",
                                 image_short_path(scenario->images[i].path), segment->addr,
                                 segment->addr + segment->size - 1);
        }
    return true;
}

static void set_wires(struct bench *bench, const struct scenario_plan *plan)
{
    const struct scenario *scenario = bench->scenario;
    struct wires *wires = &bench->machine->soc->wires;
    if (scenario->board)
        board_connect(scenario->board, bench->machine->soc);
    wires->seed = plan->seed;
    wires->timing = (uint8_t)scenario->timing;
    wires->caches = (uint8_t)scenario->caches;
    wires->reset_pulse = (uint8_t)plan->reset_pulse;
    wires->marginal_reads = (uint8_t)(plan->reads == READS_SEEDED
                                          ? MARGINAL_READS_SEEDED
                                          : MARGINAL_READS_NEW + (unsigned)plan->reads);
    wires->reads_change = plan->reads_change;
    wires->rule_switches = scenario->rule_switches;
}

static bool open_bench(struct bench *bench, const struct scenario *scenario,
                       const struct scenario_plan *plan, struct error *error)
{
    bench->scenario = scenario;
    if (!machine_create(&bench->machine, scenario->chip, error))
        return false;
    bench->machine->ram_after_power_loss = plan->ram;
    set_wires(bench, plan);
    if (!load_memories(bench, error)) {
        machine_destroy(bench->machine);
        return false;
    }
    console_init(&bench->console, bench->machine, NULL);
    semihosting_init(&bench->semihosting, &bench->console, NULL, "firmware");
    bench->machine->semihosting = semihosting_call;
    bench->machine->semihosting_context = &bench->semihosting;
    rtt_init(&bench->rtt, &bench->console, scenario->rtt_hint);
    bench->cutter.state = CUT_FIRED;
    trace_listen(&bench->machine->soc->trace, cutter_hear, &bench->cutter);
    timeline_start(&bench->timeline, &scenario->timeline, bench->machine);
    return true;
}

static void close_bench(struct bench *bench)
{
    semihosting_close_all(&bench->semihosting);
    console_free(&bench->console);
    machine_destroy(bench->machine);
}

/* ---- one power-on ---- */

static enum machine_stop run_for(struct bench *bench, uint64_t until_ps)
{
    enum machine_stop stop;
    uint64_t slice_ps = RTT_SLICE_US * PS_PER_US;
    if (!bench->scenario->uses_rtt)
        return machine_run(bench->machine, until_ps);
    do {
        /* Multiples, so that they do not depend on where an instruction ended. */
        uint64_t end_ps = (machine_now_ps(bench->machine) / slice_ps + 1) * slice_ps;
        stop = machine_run(bench->machine, end_ps < until_ps ? end_ps : until_ps);
        if (stop != MACHINE_STOP_CUT)
            rtt_poll(&bench->rtt);
    } while (stop == MACHINE_STOP_TIME && machine_now_ps(bench->machine) < until_ps);
    return stop;
}

/* From power-on, or from the reset that ended the boot before, to the next cut or the end of its time. */
static bool run_boot(struct bench *bench, const struct cut *cut, bool is_powered,
                     enum machine_stop *stop, struct error *error)
{
    uint64_t from_ps = machine_now_ps(bench->machine);
    bench->judge.is_stuck = false;
    if (cut)
        cutter_start(&bench->cutter, bench->machine, cut);
    else
        bench->cutter.state = CUT_FIRED; /* nothing to wait for */
    if (!is_powered && !machine_power_on(bench->machine, error))
        return false;
    *stop = run_for(bench, from_ps + bench->scenario->run_ps);
    return true;
}

static void stay_off(struct bench *bench)
{
    struct soc *soc = bench->machine->soc;
    soc_flash_set_cut_phase(soc, NULL);
    uint64_t off_ps = bench->timeline.off_ps;
    bench->timeline.off_ps = CLOCK_NEVER;
    soc_advance(soc, soc->clock.now_ps + (off_ps == CLOCK_NEVER ? bench->scenario->off_ps : off_ps));
}

/* When the firmware has had its time, whatever it is doing then. */
static void switch_off(struct bench *bench)
{
    bench->machine->cut_at_ps = bench->machine->soc->clock.now_ps;
    machine_run(bench->machine, CLOCK_NEVER);
}

static void note_cut(struct verdict_cut *note, const struct cutter *cutter)
{
    *note = (struct verdict_cut){
        .state = cutter->state,
        .boot = cutter->fired_boot,
        .op = cutter->operation.op,
        .addr = cutter->operation.addr,
        .size = cutter->operation.size,
        .t_ps = cutter->fired_ps,
    };
}

/* ---- the run ---- */

/* A cut that is a reset: the next boot is under way already. */
static bool was_reset(const struct bench *bench, const struct cut *cut, enum machine_stop stop)
{
    return cut && cut->by != RESET_POWER_ON && stop == MACHINE_STOP_REQUEST &&
           bench->cutter.state == CUT_FIRED;
}

/* What the firmware does, or no longer does, keeps nobody from switching it off and on. */
static bool can_come_again(enum machine_stop stop)
{
    return stop == MACHINE_STOP_TIME || stop == MACHINE_STOP_EXIT || stop == MACHINE_STOP_ASLEEP ||
           stop == MACHINE_STOP_LOCKUP;
}

static bool run_all(struct bench *bench, const struct scenario_plan *plan, struct verdict *verdict,
                    struct error *error)
{
    unsigned more = bench->scenario->power_ons - bench->scenario->cut_count;
    unsigned boots = plan->cut_count + more;
    bool is_powered = false;
    verdict->cut_count = plan->cut_count; /* waiting, until they come to their turn */
    for (unsigned i = 0; i < boots; i++) {
        const struct cut *cut = i < plan->cut_count ? &plan->cuts[i] : NULL;
        enum machine_stop stop;
        if (!run_boot(bench, cut, is_powered, &stop, error))
            return false;
        if (cut)
            note_cut(&verdict->cuts[i], &bench->cutter);
        is_powered = was_reset(bench, cut, stop);
        if (is_powered)
            continue;
        if (stop != MACHINE_STOP_CUT) {
            bench->judge.is_stuck = stop == MACHINE_STOP_ASLEEP || stop == MACHINE_STOP_LOCKUP;
            verdict_time_is_up(&bench->judge);
            bench->judge.has_no_rom =
                soc_boot_source(bench->machine->soc) == BOOT_SYSTEM_MEMORY;
            if (cut || i + 1 == boots)
                break;
            if (!can_come_again(stop)) {
                bench->judge.missing_power_ons = boots - 1 - i;
                break;
            }
            switch_off(bench);
        }
        stay_off(bench);
    }
    return true;
}

bool scenario_run(const struct scenario *scenario, const struct scenario_plan *plan,
                  struct scenario_watcher *watcher, struct verdict *verdict, struct error *error)
{
    struct bench *bench = calloc(1, sizeof *bench);
    if (!bench)
        return error_set(error, "%s: out of memory", image_short_path(scenario->path));
    bool is_good = open_bench(bench, scenario, plan, error);
    if (is_good) {
        struct trace *trace = &bench->machine->soc->trace;
        verdict_begin(&bench->judge, scenario, bench->machine, verdict);
        bench->judge.timeline = &bench->timeline;
        trace_listen(trace, verdict_hear, &bench->judge);
        if (watcher) {
            watcher->machine = bench->machine;
            trace_listen(trace, watcher->hear, watcher->context);
            if (watcher->begin)
                watcher->begin(watcher->context, bench->machine);
        }
        is_good = run_all(bench, plan, verdict, error);
        if (is_good)
            verdict_end(&bench->judge);
        if (is_good && watcher && watcher->end)
            watcher->end(watcher->context, bench->machine);
        verdict_free(&bench->judge);
        if (watcher)
            watcher->machine = NULL;
        close_bench(bench);
    }
    free(bench);
    return is_good;
}

/* ---- counting ---- */

struct counter {
    const struct machine *machine;
    const struct cut *cut;
    uint32_t count;
};

static void hear_operations(void *context, const struct event *event)
{
    struct counter *counter = context;
    if (event->kind == EVENT_POWER_ON || (event->kind == EVENT_RESET && counter->machine->is_cutting))
        counter->count = 0;
    else if (cut_counts(counter->cut, event))
        counter->count++;
}

bool scenario_run_count(const struct scenario *scenario, const struct scenario_plan *plan,
                        const struct cut *cut, struct scenario_watcher *watcher, uint32_t *count,
                        struct error *error)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct counter counter = {.cut = cut};
    enum machine_stop stop = MACHINE_STOP_CUT;
    bool is_powered = false;
    if (!bench)
        return error_set(error, "%s: out of memory", image_short_path(scenario->path));
    bool is_good = open_bench(bench, scenario, plan, error);
    if (is_good) {
        counter.machine = bench->machine;
        trace_listen(&bench->machine->soc->trace, hear_operations, &counter);
        if (watcher)
            trace_listen(&bench->machine->soc->trace, watcher->hear, watcher->context);
        for (unsigned i = 0; is_good && i <= plan->cut_count && stop == MACHINE_STOP_CUT; i++) {
            const struct cut *made = i < plan->cut_count ? &plan->cuts[i] : NULL;
            is_good = run_boot(bench, made, is_powered, &stop, error);
            is_powered = is_good && was_reset(bench, made, stop);
            if (stop == MACHINE_STOP_CUT)
                stay_off(bench);
            else if (is_powered)
                stop = MACHINE_STOP_CUT;
        }
        close_bench(bench);
    }
    /* A cut of the plan that does not fire leaves nothing to be counted behind it. */
    *count = bench && bench->cutter.state == CUT_FIRED ? counter.count : 0;
    free(bench);
    return is_good;
}
