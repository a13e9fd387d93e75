/* `flashsim replay`: one run again, with everything it says. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/command.h"
#include "sim/cut.h"
#include "sim/debug_info.h"
#include "sim/fault_report.h"
#include "sim/flash_state.h"
#include "sim/firmware_folder.h"
#include "sim/image.h"
#include "sim/interrupt.h"
#include "sim/option_reader.h"
#include "sim/output_file.h"
#include "sim/quantity.h"
#include "sim/replay_id.h"
#include "sim/suite_result.h"
#include "sim/trace_file.h"

static const char help[] =
    "examples:\n"
    "  flashsim replay 'scenarios/l4/kv.json#1f3a90c2:cut=37@program.pulse=2/4,seed=5,plan=5e6f7a8b'\n"
    "\n"
    "usage: flashsim replay ID [options]\n"
    "  ID              what a failure of `flashsim test` prints\n"
    "  --trace FILE    all events as JSON Lines\n"
    "  --save-state FILE\n"
    "                  the flash at the end, for a scenario to start from: \"flash\": { \"result\": FILE }\n"
    "  --firmware DIR  where \"firmware:NAME\" is (the folder `firmware` beside the program)\n"
    "\n"
    "Prints what the firmware says, what its flash does, the source line and the callers at each "
    "power\n"
    "cut and fault, and what was expected.\n"
    "exit status: the run's own verdict: 0 pass, 1 fail, 2 bad input or another image, 3 "
    "inconclusive\n"
    "Interrupted (SIGINT, SIGTERM), it writes no file and ends by the signal: 130 or 143 to a "
    "shell.\n";

enum option_id { OPTION_TRACE = OPTION_FIRST, OPTION_SAVE_STATE, OPTION_FIRMWARE, OPTION_GDB };

struct options {
    const char *id, *trace_path, *state_path, *firmware;
    bool is_help;
};

static bool set_option(struct options *options, int id, const char *text, struct error *error)
{
    switch (id) {
    case OPTION_TRACE:
        options->trace_path = text;
        return true;
    case OPTION_SAVE_STATE:
        options->state_path = text;
        return true;
    case OPTION_FIRMWARE:
        options->firmware = text;
        return true;
    case OPTION_GDB:
        return error_set(error, "--gdb %.60s: not built yet: leave it out", text);
    default:
        options->is_help = true;
        return true;
    }
}

static bool parse(struct options *options, int argc, char **argv, struct error *error)
{
    static const struct option long_options[] = {
        {"trace", required_argument, NULL, OPTION_TRACE},
        {"save-state", required_argument, NULL, OPTION_SAVE_STATE},
        {"firmware", required_argument, NULL, OPTION_FIRMWARE},
        {"gdb", required_argument, NULL, OPTION_GDB},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    *options = (struct options){0};
    struct option_reader reader;
    int id;
    option_reader_start(&reader, "replay", long_options);
    while ((id = option_reader_next(&reader, argc, argv, error)) != OPTION_END)
        if (id == OPTION_REFUSED || !set_option(options, id, optarg, error))
            return false;
    if (options->is_help)
        return true;
    if (!option_reader_check_words(argc, argv, error))
        return false;
    if (argc - optind != 1)
        return error_set(error, argc == optind
                                    ? "no replay line: paste one that `flashsim test` printed"
                                    : "several words: put the replay line in single quotes");
    options->id = argv[optind];
    return true;
}

/* ---- what is shown ---- */

enum { FULL_REPORTS = 3 };

struct show {
    FILE *trace;
    FILE *state;
    bool is_inside_line; /* of the console */
    struct scenario_watcher watcher;
    const struct scenario *scenario;
    struct debug_info *debug;
    struct run_log log;
    struct fault_report report;
    unsigned faults;
    char first_fault[FAULT_REPORT_PLACE];                 /* where; "": none */
    char cut_place[SCENARIO_CUT_MAX][FAULT_REPORT_PLACE]; /* where the core was at each cut */
    unsigned cut_count;
};

static void begin_line(struct show *show)
{
    if (show->is_inside_line)
        putchar('\n');
    show->is_inside_line = false;
}

static void show_byte(struct show *show, uint8_t byte)
{
    if (byte == '\r')
        return;
    if (!show->is_inside_line)
        fputs("    | ", stdout);
    show->is_inside_line = byte != '\n';
    putchar(byte == '\n' || byte == '\t' || (byte >= 0x20 && byte < 0x7F) || byte >= 0x80 ? byte
                                                                                          : '?');
}

static bool is_flash_event(enum event_kind kind)
{
    switch (kind) {
    case EVENT_FLASH_LOCKOUT:
    case EVENT_FLASH_PROGRAM_START:
    case EVENT_FLASH_PROGRAM_END:
    case EVENT_FLASH_ROW_START:
    case EVENT_FLASH_ROW_END:
    case EVENT_FLASH_ERASE_START:
    case EVENT_FLASH_ERASE_END:
    case EVENT_FLASH_OPTION_START:
    case EVENT_FLASH_OPTION_END:
    case EVENT_FLASH_ERROR:
    case EVENT_FLASH_TORN:
    case EVENT_FLASH_ECC_CORRECTED:
    case EVENT_FLASH_ECC_DETECTED:
    case EVENT_FLASH_STALE_READ:
        return true;
    default:
        return false;
    }
}

static bool is_shown(enum event_kind kind)
{
    switch (kind) {
    case EVENT_POWER_ON:
    case EVENT_POWER_CUT:
    case EVENT_RESET:
    case EVENT_FAULT:
    case EVENT_LOCKUP:
    case EVENT_BUS_ERROR:
    case EVENT_REG_UNIMPLEMENTED:
    case EVENT_UNIT_ABSENT:
    case EVENT_RULE_ASSUMED:
    case EVENT_EXIT:
    case EVENT_STEP:
    case EVENT_DEBUG_HALT:
    case EVENT_DEBUG_ACCESS:
        return true;
    default:
        return is_flash_event(kind);
    }
}

static void show_event(struct show *show, const struct event *event)
{
    char time[QUANTITY_TEXT];
    char place[FAULT_REPORT_PLACE];
    begin_line(show);
    printf("%s  boot %" PRIu32 "  %s", quantity_write_time(event->t_ps, time), event->boot,
           event_kind_name(event->kind));
    if (event->addr)
        printf(" 0x%08" PRIX32, event->addr);
    const char *cause =
        event->kind == EVENT_RESET ? cut_reset_name((enum reset_cause)event->value) : NULL;
    const char *step = event->kind == EVENT_STEP
                           ? show->scenario->timeline.steps[event->value - 1].name
                           : NULL;
    if (event->kind == EVENT_FLASH_TORN)
        printf(" at phase %s", flash_phase_name((enum flash_phase)event->value));
    else if (event->kind == EVENT_DEBUG_HALT)
        printf(" %s", event->value ? "the core stops" : "it goes on");
    else if (event->kind == EVENT_DEBUG_ACCESS)
        printf(" %s 0x%08" PRIX32, event->op ? "wrote" : "read", event->value);
    else if (cause)
        printf(" by %s", cause);
    else if (event->kind == EVENT_STEP)
        printf(" %" PRIu32 "%s%s", event->value, step ? " " : "", step ? step : "");
    else if (event->value)
        printf(" value 0x%" PRIX32, event->value);
    if (event->pc && event->kind != EVENT_POWER_ON) /* nothing runs yet */
        printf(" pc %s", fault_report_place(&show->report, event->pc, place));
    if (event->rule)
        printf(" [%s]", event->rule);
    putchar('\n');
}

static bool is_fault_entry(const struct event *event)
{
    return event->kind == EVENT_LOCKUP ||
           (event->kind == EVENT_EXCEPTION_ENTRY && event->value >= EXC_NMI &&
            event->value <= EXC_USAGE_FAULT);
}

static void show_fault(struct show *show, const struct event *event)
{
    const struct fault_record *fault = &show->watcher.machine->processor.last_fault;
    bool is_nmi = event->kind == EVENT_EXCEPTION_ENTRY && event->value == EXC_NMI;
    begin_line(show);
    if (!show->first_fault[0] && !is_nmi)
        fault_report_place(&show->report, fault->is_imprecise ? fault->store_pc : fault->pc,
                           show->first_fault);
    if (show->faults++ < FULL_REPORTS)
        fault_report_write(&show->report, event);
    else
        fault_report_write_short(&show->report, event);
}

static void show_power_cut(struct show *show, const struct event *event)
{
    fault_report_write_here(&show->report, "power goes");
    if (show->cut_count < SCENARIO_CUT_MAX)
        fault_report_place(&show->report, event->pc, show->cut_place[show->cut_count++]);
}

static void hear(void *context, const struct event *event)
{
    struct show *show = context;
    enum console_channel channel;
    show->report.machine = show->watcher.machine;
    run_log_hear(&show->log, event);
    if (show->trace)
        trace_file_write(show->trace, event);
    if (console_is_text(event, &channel))
        show_byte(show, (uint8_t)event->value);
    else if (is_fault_entry(event))
        show_fault(show, event);
    else if (is_shown(event->kind))
        show_event(show, event);
    if (event->kind == EVENT_POWER_CUT)
        show_power_cut(show, event);
}

static void save_state(void *context, struct machine *machine)
{
    struct show *show = context;
    struct json_out json;
    if (!show->state)
        return;
    json_out_start(&json, show->state, 0);
    flash_state_write(machine->soc->chip, machine->soc->cells, &json, NULL);
    putc('\n', show->state);
}

static void show_verdict(const struct show *show, const struct scenario *scenario,
                         const struct scenario_plan *plan, const struct verdict *verdict)
{
    char text[SUITE_MOMENT_TEXT];
    putchar('\n');
    /* The plan's cuts come first, one in each power-on. */
    for (unsigned i = 0; i < plan->cut_count; i++) {
        printf("%s\n", suite_cut_text(&plan->cuts[i], &verdict->cuts[i], text));
        if (verdict->cuts[i].state == CUT_FIRED && i < show->cut_count)
            printf("    at %s\n", show->cut_place[i]);
    }
    if (show->first_fault[0])
        printf("first fault: at %s\n", show->first_fault);
    for (unsigned i = 0; i < scenario->expectation_count; i++)
        printf("%-9s  %s\n", verdict_outcome_name((enum outcome)verdict->outcome[i]),
               scenario->expectations[i].name);
    for (unsigned i = 0; i < verdict->note_count; i++)
        printf("%s\n", verdict->note[i]);
    for (unsigned i = 0; i < verdict->assumed.count; i++)
        printf("assumed: %s\n", verdict->assumed.id[i]);
    printf("%s: trace %016" PRIx64 ", %" PRIu64 " events\n", verdict_kind_name(verdict->kind),
           verdict->trace_hash, verdict->events);
    if (scenario->is_known_bad)
        printf("this scenario is known bad: \"%s\" is to fail\n",
               scenario->expectations[scenario->because].name);
}

/* ---- the whole ---- */

static int status_of(enum verdict_kind kind)
{
    switch (kind) {
    case VERDICT_FAIL:
        return COMMAND_FAIL;
    case VERDICT_INCONCLUSIVE:
        return COMMAND_INCONCLUSIVE;
    case VERDICT_PASS:
        break;
    }
    return COMMAND_PASS;
}

static bool check_id(const struct scenario *scenario, const struct replay_id *id,
                     struct error *error)
{
    if (scenario->sha != id->sha)
        return error_set(error,
                         "%s: another image: %08" PRIx32 " is there, the line is for %08" PRIx32
                         ": build that one again, or run the test anew",
                         image_short_path(scenario->path), scenario->sha, id->sha);
    if (id->plan.cut_count != scenario->cut_count)
        return error_set(error, "%s: has %u cuts, the line has %u: the scenario has changed since",
                         image_short_path(scenario->path), scenario->cut_count, id->plan.cut_count);
    uint32_t meaning = scenario_plan_meaning(scenario, &id->plan);
    return !id->has_meaning || id->meaning == meaning ||
           error_set(error,
                     "%s: its settings or expectations have changed since the line was printed "
                     "(plan=%08" PRIx32 " now): run the test anew",
                     image_short_path(scenario->path), meaning);
}

static bool open_debug(struct show *show, const struct scenario *scenario, struct error *error)
{
    show->debug = debug_info_new();
    if (!show->debug)
        return error_set(error, "%s: out of memory", image_short_path(scenario->path));
    for (unsigned i = 0; i < scenario->loaded_count; i++)
        if (!debug_info_add(show->debug, &scenario->images[i], error))
            return false;
    show->report = (struct fault_report){.out = stdout,
                                         .is_coloured = isatty(STDOUT_FILENO),
                                         .debug = show->debug,
                                         .log = &show->log};
    return true;
}

static bool replay(struct show *show, const struct scenario *scenario, const struct replay_id *id,
                   const struct options *options, struct verdict *verdict, struct error *error)
{
    struct output_file trace = {0}, state = {0};
    const char *const outputs[2] = {options->trace_path, options->state_path};
    show->scenario = scenario;
    if (!check_id(scenario, id, error) || !open_debug(show, scenario, error) ||
        !scenario_check_outputs(scenario, outputs, 2, error) ||
        (options->trace_path && !output_file_open(&trace, options->trace_path, error)))
        return false;
    if (options->state_path && !output_file_open(&state, options->state_path, error)) {
        output_file_discard(&trace);
        return false;
    }
    show->trace = trace.stream;
    show->state = state.stream;
    show->watcher = (struct scenario_watcher){.hear = hear, .end = save_state, .context = show};
    printf("%s: %s\n%s\n\n", scenario->path, scenario->name, scenario->why);
    interrupt_remove(trace.temporary);
    interrupt_remove(state.temporary);
    bool is_good = scenario_run(scenario, &id->plan, &show->watcher, verdict, error);
    begin_line(show);
    if (is_good && trace.stream)
        is_good = output_file_commit(&trace, error);
    if (is_good && state.stream)
        is_good = output_file_commit(&state, error);
    output_file_discard(&trace);
    output_file_discard(&state);
    if (is_good)
        show_verdict(show, scenario, &id->plan, verdict);
    return is_good;
}

struct session {
    struct scenario scenario;
    struct replay_id id;
    struct verdict verdict;
    struct show show;
};

static int replay_id(const struct options *options, struct session *session)
{
    char folder[FIRMWARE_FOLDER_TEXT];
    struct error error = {""};
    struct scenario *scenario = &session->scenario;
    const char *firmware = firmware_folder_find(options->firmware, folder);
    if (!replay_id_read(&session->id, options->id, &error) ||
        !scenario_load(scenario, session->id.path, firmware, &error))
        return command_refuse(&error);
    replay_id_complete(&session->id, scenario);
    bool is_good =
        scenario_load_files(scenario, &error) &&
        replay(&session->show, scenario, &session->id, options, &session->verdict, &error);
    fflush(stdout);
    debug_info_free(session->show.debug);
    scenario_free(scenario);
    return is_good ? status_of(session->verdict.kind) : command_refuse(&error);
}

int command_replay(int argc, char **argv)
{
    struct error error = {""};
    struct options options;
    if (!parse(&options, argc, argv, &error))
        return command_refuse(&error);
    if (options.is_help) {
        fputs(help, stdout);
        return COMMAND_PASS;
    }
    struct session *session = calloc(1, sizeof *session);
    if (!session) {
        error_set(&error, "out of memory");
        return command_refuse(&error);
    }
    int status = replay_id(&options, session);
    free(session);
    return status;
}
