/* `flashsim test`: scenarios to verdicts. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/command.h"
#include "sim/firmware_folder.h"
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
    "  --json FILE     the result for machines: every run with its replay line\n"
    "  --raw           scenarios that are known bad fail, and show how\n"
    "  --firmware DIR  where \"firmware:NAME\" is (the folder `firmware` beside the program)\n"
    "\n"
    "scenarios/README.md describes the files.\n"
    "exit status: the worst of 2 (bad input), 1 (fail), 3 (inconclusive: nothing was proven), 0 "
    "(pass)\n";

enum option_id { OPTION_JOBS = 256, OPTION_JUNIT, OPTION_JSON, OPTION_RAW, OPTION_FIRMWARE };

struct options {
    uint64_t jobs;
    const char *junit_path, *json_path, *firmware;
    bool is_raw, is_help;
    char **paths;
    int path_count;
};

static bool set_option(struct options *options, int id, const char *text, struct error *error)
{
    switch (id) {
    case OPTION_JOBS:
        return (quantity_read_number(text, WORKERS_MAX, &options->jobs) && options->jobs) ||
               error_set(error, "--jobs %.60s: not a number from 1 to %d", text, WORKERS_MAX);
    case OPTION_JUNIT:
        options->junit_path = text;
        return true;
    case OPTION_JSON:
        options->json_path = text;
        return true;
    case OPTION_RAW:
        options->is_raw = true;
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
        {"raw", no_argument, NULL, OPTION_RAW},
        {"firmware", required_argument, NULL, OPTION_FIRMWARE},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    *options = (struct options){.jobs = 1};
    if (processors > 0)
        options->jobs = processors < WORKERS_MAX ? (uint64_t)processors : WORKERS_MAX;
    opterr = 0;
    optind = 1;
    int id;
    while ((id = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
        if (id == '?' || id == ':')
            return error_set(error, "%.60s: %s: see `flashsim test --help`", argv[optind - 1],
                             id == ':' ? "a value must follow" : "no such option");
        if (!set_option(options, id, optarg, error))
            return false;
    }
    options->paths = argv + optind;
    options->path_count = argc - optind;
    return options->is_help || options->path_count > 0 ||
           error_set(error, "no scenario: `flashsim test scenarios/l4`");
}

/* ---- while it runs ---- */

static void clear_progress(void)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

static void show_item(void *context, const struct suite *suite, size_t item)
{
    (void)context;
    clear_progress();
    suite_text_write_item(suite, item, isatty(STDOUT_FILENO), stdout);
    fflush(stdout);
}

static void show_progress(void *context, const struct suite *suite)
{
    (void)context;
    if (!isatty(STDERR_FILENO))
        return;
    if (suite->done_count < suite->run_count)
        fprintf(stderr, "\rrun %zu of %zu\033[K", suite->done_count, suite->run_count);
    else
        clear_progress();
    fflush(stderr);
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

static bool save(struct output_file *file, bool (*write)(const struct suite *suite, FILE *out),
                 const struct suite *suite, struct error *error)
{
    if (!file->stream)
        return true;
    write(suite, file->stream);
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

static bool run_and_save(const struct options *options, struct suite *suite, struct error *error)
{
    struct output_file junit = {0}, json = {0};
    const char *const outputs[2] = {options->junit_path, options->json_path};
    bool is_good = true;
    for (size_t i = 0; i < suite->count && is_good; i++) {
        const char *const input[1] = {suite->items[i].path};
        is_good = output_file_check_names(input, 1, outputs, 2, error);
    }
    is_good =
        is_good && open_output(&junit, options->junit_path, error) &&
        open_output(&json, options->json_path, error) &&
        suite_run(suite, (unsigned)options->jobs, show_item, show_progress, NULL, error) &&
        save(&junit, suite_junit_write, suite, error) &&
        save(&json, suite_json_write, suite, error);
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
    suite_load(suite);
    if (!tell_refused(suite))
        return COMMAND_BAD_INPUT;
    if (!run_and_save(options, suite, &error))
        return command_refuse(&error);
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
    struct suite suite = {.is_raw = options.is_raw, .firmware_given = options.firmware};
    suite.firmware_folder = firmware_folder_find(options.firmware, folder);
    int status = test(&options, &suite);
    suite_free(&suite);
    return status;
}
