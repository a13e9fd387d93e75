/* `flashsim run`: the loop around the machine, in slices of virtual time, and how it ends. */
#include "sim/command.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "models/flash_array.h"
#include "sim/interrupt.h"
#include "sim/quantity.h"
#include "sim/run.h"

/* A fault handler that shows no sign of life for so long is not going to return. */
#define HANDLER_PATIENCE_PS (100 * PS_PER_MS)
#define SLICE_PS (10 * PS_PER_MS)
#define SLICE_TALKING_PS PS_PER_MS /* while RTT or the host's input must be looked at */

enum { FULL_REPORTS = 5, SHORT_REPORTS = 20, PROGRESS_MS = 200 };

int command_refuse(const struct error *error)
{
    fprintf(stderr, "flashsim: %s\n", error->text);
    return COMMAND_BAD_INPUT;
}

/* ---- progress ---- */

static void clear_progress(struct run *run)
{
    if (!run->is_progress_shown)
        return;
    fputs("\r\033[K", stderr);
    run->is_progress_shown = false;
}

static bool is_one_place(int a, int b)
{
    struct stat first, second;
    return fstat(a, &first) == 0 && fstat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

/* What we say begins on a line of its own where both streams go to one terminal, pipe or file. The newline
 * is ours: what the firmware said stays as it is. */
static void begin_talk(struct run *run)
{
    console_flush(&run->console);
    clear_progress(run);
    if (!run->console.is_inside_line || !is_one_place(STDOUT_FILENO, STDERR_FILENO))
        return;
    putc('\n', stderr);
    run->console.is_inside_line = false;
}

/* Only on a terminal, and not in the middle of a line of the firmware's. */
static void show_progress(struct run *run, uint64_t *next_ms)
{
    struct timespec now;
    char time[QUANTITY_TEXT];
    if (!isatty(STDERR_FILENO))
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    if (*next_ms == 0)
        *next_ms = now_ms + PROGRESS_MS;
    if (now_ms < *next_ms || run->console.is_inside_line)
        return;
    *next_ms = now_ms + PROGRESS_MS;
    console_flush(&run->console);
    fprintf(stderr, "\r%s of virtual time\033[K",
            quantity_write_time(machine_now_ps(run->machine), time));
    fflush(stderr);
    run->is_progress_shown = true;
}

/* ---- faults ---- */

/* An NMI is one whatever it interrupts. */
static struct run_fault identify(const struct run *run, const struct event *event)
{
    const struct fault_record *fault = &run->machine->processor.last_fault;
    if (event->kind == EVENT_EXCEPTION_ENTRY && event->value == EXC_NMI)
        return (struct run_fault){0, 0, EXC_NMI};
    return (struct run_fault){fault->pc, fault->cfsr, event->kind == EVENT_LOCKUP ? 0 : event->value};
}

static bool was_reported(struct run *run, const struct event *event)
{
    struct run_fault now = identify(run, event);
    for (unsigned i = 0; i < run->reported_count; i++) {
        const struct run_fault *then = &run->reported[i];
        if (then->pc == now.pc && then->cfsr == now.cfsr && then->exception == now.exception)
            return true;
    }
    if (run->reported_count < RUN_FAULTS_REMEMBERED)
        run->reported[run->reported_count++] = now;
    return false;
}

static void report_fault(struct run *run, const struct event *event)
{
    begin_talk(run);
    if (!was_reported(run, event) && run->reported_count <= FULL_REPORTS)
        fault_report_write(&run->report, event);
    else if (run->short_reports++ < SHORT_REPORTS)
        fault_report_write_short(&run->report, event);
}

static bool is_dead(const struct run *run)
{
    return run->machine->soc->clock.next_ps == CLOCK_NEVER &&
           press_next_ps(&run->options.presses) == CLOCK_NEVER;
}

/* A trace_listener: a fault is reported when its handler is entered, and the firmware goes on. */
static void hear(void *context, const struct event *event)
{
    struct run *run = context;
    switch (event->kind) {
    case EVENT_EXCEPTION_ENTRY:
        if (event->value >= EXC_NMI && event->value <= EXC_USAGE_FAULT)
            report_fault(run, event);
        break;
    case EVENT_LOCKUP:
        report_fault(run, event);
        machine_request_stop(run->machine);
        break;
    case EVENT_SLEEP:
        if (is_dead(run))
            machine_request_stop(run->machine);
        break;
    case EVENT_CONSOLE:
        clear_progress(run);
        break;
    default:
        break;
    }
}

/* ---- the loop ---- */

static bool is_talking(const struct run *run)
{
    return run->rtt.is_on || run->console.input >= 0 || run->console.first < run->console.end;
}

static uint64_t next_slice_ps(const struct run *run)
{
    uint64_t now_ps = machine_now_ps(run->machine);
    uint64_t slice_ps = is_talking(run) ? SLICE_TALKING_PS : SLICE_PS;
    if (run->until.kind == UNTIL_SYMBOL)
        slice_ps = UNTIL_POLL_US * PS_PER_US;
    /* Boundaries are multiples, so that they do not depend on where an instruction ended. */
    uint64_t end_ps = (now_ps / slice_ps + 1) * slice_ps;
    if (run->until.kind == UNTIL_TIME && run->until.time_ps < end_ps && run->until.time_ps > now_ps)
        end_ps = run->until.time_ps;
    uint64_t press_ps = press_next_ps(&run->options.presses);
    if (press_ps < end_ps && press_ps > now_ps)
        end_ps = press_ps;
    return end_ps < run->options.time_ps ? end_ps : run->options.time_ps;
}

/* Whoever has typed before may type again: a sleeping firmware that listens waits for the host. */
static bool wait_for_input(struct run *run)
{
    return run->console.is_listening && console_wait(&run->console);
}

static enum run_end end_of(struct run *run, enum machine_stop stop)
{
    struct machine *machine = run->machine;
    uint64_t now_ps = machine_now_ps(machine);
    if (stop == MACHINE_STOP_EXIT)
        return RUN_ENDED_EXIT;
    if (run->until.is_reached || until_poll(&run->until))
        return RUN_ENDED_UNTIL;
    if (interrupt_number())
        return RUN_ENDED_INTERRUPTED;
    if (stop == MACHINE_STOP_NO_ROM)
        return RUN_ENDED_NO_ROM;
    bool is_rescued = run->log.is_watchdog_running;
    if (machine->soc->control.is_locked_up && !is_rescued)
        return RUN_ENDED_LOCKUP;
    bool is_silent = run->log.fault_active && now_ps - run->log.last_life_ps >= HANDLER_PATIENCE_PS;
    bool is_asleep = machine->is_asleep && is_dead(run);
    if (run->log.fault_active && !is_rescued && (is_silent || is_asleep))
        return RUN_ENDED_FAULT;
    if (is_asleep && !console_is_input_pending(&run->console) && !wait_for_input(run))
        return RUN_ENDED_ASLEEP;
    if (now_ps >= run->options.time_ps)
        return machine->soc->control.is_locked_up ? RUN_ENDED_LOCKUP
               : run->log.fault_active           ? RUN_ENDED_FAULT
                                                 : RUN_ENDED_TIME;
    return RUN_GOES_ON;
}

static void run_loop(struct run *run)
{
    uint64_t next_ms = 0;
    while (run->end == RUN_GOES_ON) {
        console_feed(&run->console);
        press_act(&run->options.presses, run->machine->soc, machine_now_ps(run->machine));
        run->machine->skip.loop_pc = 0; /* set again by whoever still waits */
        enum machine_stop stop = machine_run(run->machine, next_slice_ps(run));
        rtt_poll(&run->rtt);
        run->end = end_of(run, stop);
        show_progress(run, &next_ms);
    }
    rtt_poll(&run->rtt);
}

/* ---- the end ---- */

static bool save_flash(struct run *run, struct error *error)
{
    if (!run->saved_flash.stream)
        return true;
    fwrite(flash_array_bytes(run->machine->soc->cells), 1, chip_flash_bytes(run->chip),
           run->saved_flash.stream);
    return output_file_commit(&run->saved_flash, error);
}

static bool save_option_bytes(struct run *run, struct error *error)
{
    uint8_t bytes[SOC_OPTION_BYTES];
    if (!run->saved_option_bytes.stream)
        return true;
    soc_option_bytes_save(run->machine->soc, bytes);
    fwrite(bytes, 1, sizeof bytes, run->saved_option_bytes.stream);
    return output_file_commit(&run->saved_option_bytes, error);
}

static bool save_result(struct run *run, struct error *error)
{
    if (!run->json.stream)
        return true;
    run_result_write(run, run->json.stream);
    return output_file_commit(&run->json, error);
}

static int finish(struct run *run)
{
    struct error error;
    begin_talk(run);
    fault_report_write_refused(&run->report);
    if (run->end == RUN_ENDED_TIME || run->end == RUN_ENDED_INTERRUPTED)
        fault_report_write_waiting(&run->report);
    run_summary_write(run, stderr);
    if (!output_file_commit(&run->trace, &error) || !save_flash(run, &error) ||
        !save_option_bytes(run, &error) || !save_result(run, &error))
        return command_refuse(&error);
    return run_status(run);
}

static int run_it(struct run *run)
{
    struct error error = {""};
    if (!run_prepare(run, &error))
        return command_refuse(&error);
    trace_listen(&run->machine->soc->trace, hear, run);
    interrupt_catch();
    console_open_input(&run->console, STDIN_FILENO);
    if (!run_start(run, &error))
        return command_refuse(&error);
    run_loop(run);
    return finish(run);
}

int command_run(int argc, char **argv)
{
    struct error error = {""};
    struct run *run = calloc(1, sizeof *run);
    int status = COMMAND_BAD_INPUT;
    if (!run) {
        error_set(&error, "out of memory");
        return command_refuse(&error);
    }
    if (!run_options_parse(&run->options, argc, argv, &error)) {
        command_refuse(&error);
    } else if (run->options.is_help) {
        fputs(run_options_help(), stdout);
        status = COMMAND_PASS;
    } else {
        status = run_it(run);
    }
    run_free(run);
    free(run);
    return status;
}
