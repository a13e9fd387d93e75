/* `flashsim test`: scenarios to verdicts. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/command.h"
#include "sim/firmware_folder.h"
#include "sim/image.h"
#include "sim/interrupt.h"
#include "sim/option_reader.h"
#include "sim/output_file.h"
#include "sim/quantity.h"
#include "sim/suite_result.h"
#include "sim/workers.h"

static const char help[] =
    "examples:\n"
    "  flashsim test scenarios/l4\n"
    "  flashsim test scenarios/l4/kv.json --junit result.xml\n"
    "  flashsim test scenarios --jobs 8 --json result.json\n"
    "\n"
    "usage: flashsim test SCENARIO|DIR ... [options]\n"
    "  --jobs N        runs at a time (as many as there are processors)\n"
    "  --junit FILE    the result for CI, as JUnit XML\n"
    "  --json FILE     the result for machines: every run with its replay line, and of the first and\n"
    "                  of those that are no pass the events, the console and the flash\n"
    "  --traces short|whole|none\n"
    "                  what of these: the first and last 20000 events, 20 failing runs of a scenario\n"
    "                  (short); all; nothing\n"
    "  --quiet         say nothing of what passes; nothing at all when all does\n"
    "  --raw           scenarios that are known bad fail, and show how\n"
    "  --firmware DIR  where \"firmware:NAME\" is (the folder `firmware` beside the program)\n"
    "\n"
    "scenarios/README.md describes the files.\n"
    "Interrupted (SIGINT, SIGTERM), it writes no file and ends by the signal: 130 or 143 to a "
    "shell.\n"
    "exit status: the worst of 2 (bad input), 1 (fail), 3 (inconclusive: nothing was proven), 0 "
    "(pass)\n";

enum option_id {
    OPTION_JOBS = OPTION_FIRST,
    OPTION_JUNIT,
    OPTION_JSON,
    OPTION_TRACES,
    OPTION_RAW,
    OPTION_QUIET,
    OPTION_FIRMWARE
};

struct options {
    uint64_t jobs;
    const char *junit_path, *json_path, *firmware;
    enum suite_traces traces;
    bool is_raw, is_quiet, is_help;
    char **paths;
    int path_count;
};

static bool set_traces(struct options *options, const char *text, struct error *error)
{
    static const char *const names[] = {
        [SUITE_TRACES_SHORT] = "short", [SUITE_TRACES_WHOLE] = "whole", [SUITE_TRACES_NONE] = "none"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i]) != 0)
            continue;
        options->traces = (enum suite_traces)i;
        return true;
    }
    return error_set(error, "--traces %.60s: not short, whole or none", text);
}

static bool set_option(struct options *options, int id, const char *text, struct error *error)
{
    switch (id) {
    case OPTION_JOBS:
        return (quantity_read_number(text, WORKERS_MAX, &options->jobs) && options->jobs) ||
               error_set(error,
                         quantity_is_number(text) ? "--jobs %.60s: out of range: from 1 to %d"
                                                  : "--jobs %.60s: not a number from 1 to %d",
                         text, WORKERS_MAX);
    case OPTION_JUNIT:
        options->junit_path = text;
        return true;
    case OPTION_JSON:
        options->json_path = text;
        return true;
    case OPTION_TRACES:
        return set_traces(options, text, error);
    case OPTION_RAW:
        options->is_raw = true;
        return true;
    case OPTION_QUIET:
        options->is_quiet = true;
        return true;
    case OPTION_FIRMWARE:
        options->firmware = text;
        return true;
    default:
        options->is_help = true;
        return true;
    }
}

static bool parse(struct options *options, int argc, char **argv, struct error *error)
{
    static const struct option long_options[] = {
        {"jobs", required_argument, NULL, OPTION_JOBS},
        {"junit", required_argument, NULL, OPTION_JUNIT},
        {"json", required_argument, NULL, OPTION_JSON},
        {"traces", required_argument, NULL, OPTION_TRACES},
        {"raw", no_argument, NULL, OPTION_RAW},
        {"quiet", no_argument, NULL, OPTION_QUIET},
        {"firmware", required_argument, NULL, OPTION_FIRMWARE},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    *options = (struct options){.jobs = 1};
    if (processors > 0)
        options->jobs = processors < WORKERS_MAX ? (uint64_t)processors : WORKERS_MAX;
    struct option_reader reader;
    int id;
    option_reader_start(&reader, "test", long_options);
    while ((id = option_reader_next(&reader, argc, argv, error)) != OPTION_END)
        if (id == OPTION_REFUSED || !set_option(options, id, optarg, error))
            return false;
    if (!options->is_help && !option_reader_check_words(argc, argv, error))
        return false;
    options->paths = argv + optind;
    options->path_count = argc - optind;
    return options->is_help || options->path_count > 0 ||
           error_set(error, "no scenario: `flashsim test scenarios/l4`");
}

/* ---- while it runs ---- */

/* A line that is written over on a terminal; elsewhere a line now and then, of long work. */
enum { TERMINAL_MS = 100, LOG_FIRST_MS = 10000, LOG_MS = 30000, PROGRESS_TEXT = 256 };

struct progress {
    const struct options *options;
    bool is_terminal;
    bool is_shown;
    uint64_t next_ms; /* when it may speak next */
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void start_progress(struct progress *progress, const struct options *options)
{
    progress->options = options;
    progress->is_terminal = isatty(STDERR_FILENO);
    progress->is_shown = false;
    progress->next_ms = now_ms() + (progress->is_terminal ? 0 : LOG_FIRST_MS);
}

static void clear_progress(struct progress *progress)
{
    if (progress->is_shown)
        fputs("\r\033[K", stderr);
    progress->is_shown = false;
}

static void say(struct progress *progress, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct progress *progress, const char *format, ...)
{
    char text[PROGRESS_TEXT];
    va_list arguments;
    uint64_t now = now_ms();
    if (progress->options->is_quiet || now < progress->next_ms)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (progress->is_terminal)
        fprintf(stderr, "\r%s\033[K", text);
    else
        fprintf(stderr, "flashsim: %s\n", text);
    fflush(stderr);
    progress->is_shown = progress->is_terminal;
    progress->next_ms = now + (progress->is_terminal ? TERMINAL_MS : LOG_MS);
}

static void show_item(void *context, const struct suite *suite, size_t item)
{
    struct progress *progress = context;
    if (progress->options->is_quiet && suite->items[item].status == SUITE_PASS)
        return;
    clear_progress(progress);
    suite_text_write_item(suite, item, isatty(STDOUT_FILENO), stdout);
    fflush(stdout);
}

static void show_loading(void *context, const struct suite *suite, size_t item)
{
    const char *path = image_short_path(suite->items[item].path);
    if (suite->counting_boots)
        say(context, "counting operations, %" PRIu32 " boots: %zu of %zu: %.60s",
            suite->counting_boots, item + 1, suite->count, path);
    else
        say(context, "reading %zu of %zu: %.60s", item + 1, suite->count, path);
}

/* False: the user has had enough. */
static bool show_progress(void *context, const struct suite *suite)
{
    if (suite->told_count < suite->count)
        say(context, "run %zu of %zu, %" PRIu32 " boots: %.60s", suite->done_count,
            suite->run_count, suite->boots,
            image_short_path(suite->items[suite->told_count].path));
    return !interrupt_number();
}

static bool show_recording(void *context, size_t done, size_t count)
{
    say(context, "recording run %zu of %zu for --json", done, count);
    return !interrupt_number();
}

/* ---- the whole ---- */

static int status_of(enum suite_status status)
{
    switch (status) {
    case SUITE_FAIL:
        return COMMAND_FAIL;
    case SUITE_BAD_INPUT:
        return COMMAND_BAD_INPUT;
    case SUITE_INCONCLUSIVE:
        return COMMAND_INCONCLUSIVE;
    default:
        return COMMAND_PASS;
    }
}

static bool open_output(struct output_file *file, const char *path, struct error *error)
{
    return !path || output_file_open(file, path, error);
}

static bool save_junit(struct output_file *file, const struct suite *suite, struct error *error)
{
    if (!file->stream)
        return true;
    suite_junit_write(suite, file->stream);
    return output_file_commit(file, error);
}

static bool save_json(struct output_file *file, const struct suite *suite,
                      const struct suite_shown *shown, struct error *error)
{
    if (!file->stream)
        return true;
    if (!suite_json_write(suite, shown, file->stream) && !ferror(file->stream))
        return error_set(error, "%s: can not be written: a temporary file could not be read",
                         image_short_path(file->path));
    return output_file_commit(file, error);
}

/* What is wrong with each, a line on stderr. True when there is one that is not. */
static bool tell_refused(const struct suite *suite)
{
    bool is_any_loaded = false;
    for (size_t i = 0; i < suite->count; i++) {
        is_any_loaded = is_any_loaded || suite->items[i].is_loaded;
        if (!suite->items[i].is_loaded)
            command_refuse(&suite->items[i].error);
    }
    return is_any_loaded;
}

static bool run(const struct options *options, struct suite *suite, struct error *error)
{
    struct progress progress;
    start_progress(&progress, options);
    bool is_good =
        suite_run(suite, (unsigned)options->jobs, show_item, show_progress, &progress, error);
    clear_progress(&progress);
    return is_good;
}

/* Some runs once more, to be shown in full. */
static bool record(const struct options *options, const struct suite *suite,
                   struct suite_shown *shown, struct error *error)
{
    struct progress progress;
    start_progress(&progress, options);
    bool is_good = suite_shown_make(shown, suite, (unsigned)options->jobs, options->traces,
                                    show_recording, &progress, error);
    clear_progress(&progress);
    return is_good;
}

static bool run_and_save(const struct options *options, struct suite *suite, struct error *error)
{
    struct output_file junit = {0}, json = {0};
    struct suite_shown shown = {.count = 0};
    const char *const outputs[2] = {options->junit_path, options->json_path};
    bool is_good = true;
    for (size_t i = 0; i < suite->count && is_good; i++) {
        const struct suite_item *item = &suite->items[i];
        const char *const input[1] = {item->path};
        is_good = output_file_check_names(input, 1, outputs, 2, error) &&
                  (!item->is_loaded || scenario_check_outputs(&item->scenario, outputs, 2, error));
    }
    is_good = is_good && open_output(&junit, options->junit_path, error) &&
              open_output(&json, options->json_path, error) && run(options, suite, error) &&
              (!json.stream || record(options, suite, &shown, error)) &&
              save_junit(&junit, suite, error) && save_json(&json, suite, &shown, error);
    suite_shown_free(&shown);
    output_file_discard(&junit);
    output_file_discard(&json);
    return is_good;
}

static int test(const struct options *options, struct suite *suite)
{
    struct error error = {""};
    for (int i = 0; i < options->path_count; i++)
        if (!suite_add(suite, options->paths[i], &error))
            return command_refuse(&error);
    struct progress progress;
    start_progress(&progress, options);
    suite_load(suite, show_loading, &progress);
    clear_progress(&progress);
    if (!tell_refused(suite))
        return COMMAND_BAD_INPUT;
    interrupt_catch();
    bool is_good = run_and_save(options, suite, &error);
    if (!is_good && interrupt_number()) {
        fprintf(stderr, "flashsim: interrupted after %zu of %zu runs: no result is written\n",
                suite->done_count, suite->run_count);
        interrupt_obey();
    }
    if (!is_good)
        return command_refuse(&error);
    if (!options->is_quiet || suite_worst(suite) != SUITE_PASS)
        suite_text_write_sum(suite, stdout);
    fflush(stdout);
    return status_of(suite_worst(suite));
}

int command_test(int argc, char **argv)
{
    char folder[FIRMWARE_FOLDER_TEXT];
    struct error error = {""};
    struct options options;
    if (!parse(&options, argc, argv, &error))
        return command_refuse(&error);
    if (options.is_help) {
        fputs(help, stdout);
        return COMMAND_PASS;
    }
    struct suite suite = {
        .program = argv[-1], .is_raw = options.is_raw, .firmware_given = options.firmware};
    suite.firmware_folder = firmware_folder_find(options.firmware, folder);
    int status = test(&options, &suite);
    suite_free(&suite);
    return status;
}
