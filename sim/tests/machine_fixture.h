/* A machine with firmware of firmware_under_test in it, and what it printed. */
#ifndef SIM_TESTS_MACHINE_FIXTURE_H
#define SIM_TESTS_MACHINE_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "sim/image.h"
#include "sim/machine.h"

enum { FIXTURE_CONSOLE_MAX = 16384, FIXTURE_EVENTS_MAX = 4096 };

struct fixture {
    struct machine *machine;
    struct image image;
    size_t console_length;
    char console[FIXTURE_CONSOLE_MAX];
    unsigned event_count; /* console bytes are not kept here */
    struct event events[FIXTURE_EVENTS_MAX];
    uint64_t digest;      /* of every event: equal runs have equal digests */
};

static inline void fixture_listen(void *context, const struct event *event)
{
    struct fixture *f = context;
    uint64_t words[] = {event->seq, event->t_ps, event->kind, event->pc, event->addr, event->value};
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        f->digest = (f->digest ^ words[i]) * UINT64_C(0x100000001B3) + (f->digest >> 29);
    if (event->kind == EVENT_CONSOLE) {
        if (f->console_length + 1 < sizeof f->console)
            f->console[f->console_length++] = (char)event->value;
        return;
    }
    if (f->event_count < FIXTURE_EVENTS_MAX)
        f->events[f->event_count++] = *event;
}

static inline void fixture_start_file(struct fixture *f, const char *path, const char *chip)
{
    struct error error = {{0}};
    memset(f, 0, sizeof *f);
    if (!image_load(&f->image, path, 0x08000000, &error) ||
        !machine_create(&f->machine, chip_find(chip), &error))
        fail_msg("%s", error.text);
    trace_listen(&f->machine->soc->trace, fixture_listen, f);
    for (size_t i = 0; i < f->image.segment_count; i++)
        assert_true(machine_load(f->machine, f->image.segments[i].addr, f->image.segments[i].bytes,
                                 f->image.segments[i].size));
    if (!machine_power_on(f->machine, &error))
        fail_msg("%s", error.text);
}

/* Boots an image of the firmware folder, by its name without ".elf". */
static inline void fixture_start(struct fixture *f, const char *name, const char *chip)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s.elf", FLASHSIM_FIRMWARE_DIR, name);
    fixture_start_file(f, path, chip);
}

static inline void fixture_end(struct fixture *f)
{
    machine_destroy(f->machine);
    image_free(&f->image);
}

static inline bool fixture_said(const struct fixture *f, const char *text)
{
    return strstr(f->console, text) != NULL;
}

/* Runs for a while of virtual time. */
static inline enum machine_stop fixture_run_ms(struct fixture *f, uint64_t ms)
{
    return machine_run(f->machine, machine_now_ps(f->machine) + ms * PS_PER_MS);
}

/* Runs until the console shows a text, at most so long. */
static inline bool fixture_run_until(struct fixture *f, const char *text, uint64_t limit_ms)
{
    for (uint64_t ms = 0; ms < limit_ms && !fixture_said(f, text); ms += 10)
        if (fixture_run_ms(f, 10) != MACHINE_STOP_TIME)
            break;
    return fixture_said(f, text);
}

static inline uint32_t fixture_symbol(struct fixture *f, const char *name)
{
    struct error error = {{0}};
    const struct image_symbol *symbol = image_symbol_named(&f->image.symbols, name, &error);
    if (!symbol)
        fail_msg("%s", error.text);
    return symbol->addr;
}

static inline unsigned fixture_count(const struct fixture *f, enum event_kind kind)
{
    unsigned count = 0;
    for (unsigned i = 0; i < f->event_count; i++)
        count += f->events[i].kind == kind;
    return count;
}

static inline const struct event *fixture_event(const struct fixture *f, enum event_kind kind,
                                                unsigned nth)
{
    for (unsigned i = 0; i < f->event_count; i++)
        if (f->events[i].kind == kind && nth-- == 0)
            return &f->events[i];
    return NULL;
}

#endif
