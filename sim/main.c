/* Sub-commands and exit codes, nothing else. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "sim/command.h"
#include "sim/option_reader.h"

static const char usage[] =
    "examples:\n"
    "  flashsim run firmware.elf --chip stm32l452re\n"
    "  flashsim run boot.elf app.elf --chip stm32l476rg --until console:ready --trace trace.jsonl\n"
    "  flashsim test scenarios/l4\n"
    "  flashsim explain PGSERR\n"
    "\n"
    "commands (each has --help):\n"
    "  run        boot an image, stream its console, explain its faults\n"
    "  test       run scenarios with power cuts, for a verdict\n"
    "  replay     one run of a scenario again, by the line that its failure printed\n"
    "  init       write a first scenario for an image of one's own\n"
    "  list       chips, boards, rules or events\n"
    "  explain    a register, a flag, an event or a rule\n"
    "\n"
    "exit status: 0 pass, 1 fail, 2 usage or bad input, 3 inconclusive\n";

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"run", command_run},
    {"test", command_test},
    {"replay", command_replay},
    {"list", command_list},
    {"explain", command_explain},
    {"init", command_init},
};

static void refuse_command(const char *name)
{
    char hint[OPTION_HINT];
    const char *names[sizeof commands / sizeof commands[0] + 1] = {NULL};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        names[i] = commands[i].name;
    option_reader_hint(name, names, hint);
    fprintf(stderr, "flashsim: %.60s: no such command%s\n", name[0] ? name : "argument 1 is empty",
            hint[0] ? hint : ": `flashsim --help` lists them");
}

/* What could not be written was not reported: a log on a full disk is no pass. */
static int finish(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fputs("flashsim: standard output: not all could be written: make room, or send it elsewhere\n",
          stderr);
    return COMMAND_BAD_INPUT;
}

int main(int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a write error, which is reported */
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(usage, stdout);
        return finish(COMMAND_PASS);
    }
    if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
        puts("flashsim " FLASHSIM_VERSION);
        return finish(COMMAND_PASS);
    }
    for (size_t i = 0; argc >= 2 && i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return finish(commands[i].run(argc - 1, argv + 1));
    if (argc < 2)
        fputs(usage, stderr);
    else
        refuse_command(argv[1]);
    return COMMAND_BAD_INPUT;
}
