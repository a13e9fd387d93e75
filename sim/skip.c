/* The loop detector. It samples: from time to time it takes the current pc and looks whether the core
 * comes back to it with nothing changed. Two full visits are compared, so what is skipped is exactly what
 * would have been repeated. */
#include "sim/skip.h"

#include <stdlib.h>
#include <string.h>

#include "sim/machine.h"

enum {
    FIRST_INTERVAL = 512,
    LONGEST_INTERVAL = 1 << 20,
    LONGEST_LOOP = 4096,     /* cycles */
    VISITS = 4,              /* of a pc inside one iteration */
    WORTH_IT = 2048          /* cycles to the next event, or it costs more than it saves */
};

void skip_init(struct skip *skip)
{
    memset(skip, 0, sizeof *skip);
    skip->interval = FIRST_INTERVAL;
    skip->probe_at = FIRST_INTERVAL;
}

void skip_restart(struct skip *skip, uint64_t now_cycles)
{
    skip->interval = FIRST_INTERVAL;
    skip->probe_at = now_cycles + FIRST_INTERVAL;
    skip->loop_pc = skip->loop_polls = 0;
}

void skip_free(struct skip *skip)
{
    free(skip->shadow);
    skip->shadow = NULL;
}

struct visit {
    uint32_t reg[CPU_REGISTER_COUNT];
    uint64_t cycles, impure, events, stores;
};

static void look_around(struct machine *machine, struct visit *visit)
{
    struct cpu *cpu = machine->processor.cpu;
    cpu_read_all(cpu, visit->reg);
    visit->cycles = cpu_cycles(cpu);
    visit->impure = machine->skip.impure;
    visit->events = machine->soc->trace.next_seq;
    visit->stores = cpu_stores_seen(cpu);
}

static bool is_same(const struct visit *a, const struct visit *b)
{
    return a->impure == b->impure && a->events == b->events &&
           memcmp(a->reg, b->reg, sizeof a->reg) == 0;
}

static bool save_ram(struct machine *machine)
{
    struct skip *skip = &machine->skip;
    struct soc *soc = machine->soc;
    if (!skip->shadow) {
        for (unsigned i = 0; i < soc->ram_count; i++)
            skip->shadow_bytes += soc->ram[i].memory->bytes;
        skip->shadow = malloc(skip->shadow_bytes);
        if (!skip->shadow)
            return false;
    }
    uint8_t *at = skip->shadow;
    for (unsigned i = 0; i < soc->ram_count; i++) {
        memcpy(at, soc->ram[i].bytes, soc->ram[i].memory->bytes);
        at += soc->ram[i].memory->bytes;
    }
    return true;
}

static bool is_ram_same(const struct machine *machine)
{
    const uint8_t *at = machine->skip.shadow;
    for (unsigned i = 0; i < machine->soc->ram_count; i++) {
        const struct soc_ram *ram = &machine->soc->ram[i];
        if (memcmp(at, ram->bytes, ram->memory->bytes) != 0)
            return false;
        at += ram->memory->bytes;
    }
    return true;
}

/* Runs to the next visit of the stop point. False: something else happened, which is in `event`. */
static bool revisit(struct machine *machine, uint64_t limit, struct cpu_event *event)
{
    *event = processor_run(&machine->processor, limit); /* at least one instruction: cpu_run passes its own start */
    return event->kind == CPU_STOP_POINT;
}

/* Finds an iteration with the same registers at both ends. */
static bool find_iteration(struct machine *machine, uint64_t limit, struct visit *first,
                           struct visit *second, struct cpu_event *event)
{
    look_around(machine, first);
    for (unsigned i = 0; i < VISITS; i++) {
        if (!revisit(machine, limit, event))
            return false;
        look_around(machine, second);
        if (is_same(first, second))
            return true;
    }
    return false;
}

static bool is_pure_iteration(struct machine *machine, uint64_t limit, struct visit *first,
                              struct visit *second, struct cpu_event *event)
{
    if (!find_iteration(machine, limit, first, second, event))
        return false;
    if (first->stores == second->stores)
        return true;
    /* It stores: go round once more with a copy of RAM to compare with. */
    if (!save_ram(machine) || !find_iteration(machine, limit, first, second, event))
        return false;
    return is_ram_same(machine);
}

struct cpu_event skip_try(struct machine *machine, uint64_t until_cycles)
{
    struct skip *skip = &machine->skip;
    struct cpu *cpu = machine->processor.cpu;
    uint64_t now = cpu_cycles(cpu);
    struct cpu_event event = {.kind = CPU_STOP_DEADLINE, .pc = cpu_current_pc(cpu)};
    if (skip->is_off || until_cycles - now < WORTH_IT) {
        skip->probe_at = now + skip->interval;
        return event;
    }
    uint64_t limit = now + LONGEST_LOOP < until_cycles ? now + LONGEST_LOOP : until_cycles;
    skip->polled_addr = 0;
    cpu_set_stop_point(cpu, cpu_current_pc(cpu));
    struct visit first;
    struct visit second;
    bool is_pure = is_pure_iteration(machine, limit, &first, &second, &event);
    cpu_set_stop_point(cpu, UINT32_MAX);
    if (event.kind == CPU_STOP_POINT)
        event.kind = CPU_STOP_DEADLINE;
    now = cpu_cycles(cpu);
    if (!is_pure) {
        if (skip->interval < LONGEST_INTERVAL)
            skip->interval *= 2;
        skip->probe_at = now + skip->interval;
        return event;
    }
    uint64_t period = second.cycles - first.cycles;
    /* Something of the loop is left to run, for the event may come inside its last instruction. */
    if (period && until_cycles > now)
        cpu_add_cycles(cpu, (until_cycles - now - 1) / period * period);
    skip->interval = FIRST_INTERVAL;
    skip->probe_at = cpu_cycles(cpu) + FIRST_INTERVAL;
    skip->loop_pc = cpu_current_pc(cpu);
    skip->loop_polls = skip->polled_addr;
    return event;
}
