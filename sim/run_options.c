/* Options of `flashsim run`; each wrong one gets a line with the remedy. */
#include "sim/run_options.h"

#include <stdio.h>
#include <string.h>

#include "sim/console.h"
#include "sim/image.h"
#include "sim/option_reader.h"
#include "sim/quantity.h"

enum option_id {
    OPTION_CHIP = OPTION_FIRST,
    OPTION_BOARD,
    OPTION_AT,
    OPTION_BOOT,
    OPTION_FLASH,
    OPTION_SAVE_FLASH,
    OPTION_TIME,
    OPTION_UNTIL,
    OPTION_TIMING,
    OPTION_SEED,
    OPTION_CONSOLE,
    OPTION_TRACE,
    OPTION_JSON,
    OPTION_GDB,
    OPTION_NO_SKIP,
    OPTION_CACHES,
    OPTION_FILES,
    OPTION_NO_SEMIHOSTING,
    OPTION_QUIET,
    OPTION_PRESS,
    OPTION_OPTION_BYTES,
    OPTION_SAVE_OPTION_BYTES
};

static const struct option long_options[] = {
    {"chip", required_argument, NULL, OPTION_CHIP},
    {"board", required_argument, NULL, OPTION_BOARD},
    {"at", required_argument, NULL, OPTION_AT},
    {"boot", required_argument, NULL, OPTION_BOOT},
    {"flash", required_argument, NULL, OPTION_FLASH},
    {"save-flash", required_argument, NULL, OPTION_SAVE_FLASH},
    {"option-bytes", required_argument, NULL, OPTION_OPTION_BYTES},
    {"save-option-bytes", required_argument, NULL, OPTION_SAVE_OPTION_BYTES},
    {"press", required_argument, NULL, OPTION_PRESS},
    {"time", required_argument, NULL, OPTION_TIME},
    {"until", required_argument, NULL, OPTION_UNTIL},
    {"timing", required_argument, NULL, OPTION_TIMING},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"console", required_argument, NULL, OPTION_CONSOLE},
    {"trace", required_argument, NULL, OPTION_TRACE},
    {"json", required_argument, NULL, OPTION_JSON},
    {"gdb", required_argument, NULL, OPTION_GDB},
    {"no-skip", no_argument, NULL, OPTION_NO_SKIP},
    {"caches", required_argument, NULL, OPTION_CACHES},
    {"files", required_argument, NULL, OPTION_FILES},
    {"no-semihosting", no_argument, NULL, OPTION_NO_SEMIHOSTING},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

const char *run_options_help(void)
{
    return "examples:\n"
           "  flashsim run firmware.elf --chip stm32l452re\n"
           "  flashsim run boot.hex app.bin --at 0x08008000 --chip stm32l476rg --time 2s\n"
           "  flashsim run kv.elf --chip stm32l452re --until console:PASS --save-flash after.bin\n"
           "  flashsim run --flash after.bin --chip stm32l452re --trace trace.jsonl\n"
           "\n"
           "usage: flashsim run IMAGE... --chip NAME [options]\n"
           "  IMAGE                ELF, Intel HEX or BIN; several load together\n"
           "  --chip NAME          `flashsim list chips`; may be left out when the board says it\n"
           "  --board FILE|NAME    crystals, console and pins; without it: the chip's NUCLEO "
           "board;\n"
           "                       what a file holds: README.md, \"A board of your own\"\n"
           "  --at ADDR            where BIN images go (0x08000000)\n"
           "  --boot WHERE         flash, system or sram, whatever pins and option bytes say;\n"
           "                       sram is implied when nothing is loaded into flash\n"
           "  --flash FILE         start with this dump of the whole main flash; images go on top\n"
           "  --save-flash FILE    write main flash at the end\n"
           "  --option-bytes FILE  start with these option bytes: 64 bytes from 0x1FFF7800, then\n"
           "                       64 from 0x1FFFF800\n"
           "  --save-option-bytes FILE\n"
           "                       write them at the end\n"
           "  --press NAME@TIME[+HOLD]\n"
           "                       press a button of the board at this time, for so long (100ms);\n"
           "                       0s: it is down when power comes; may be given several times:\n"
           "                       --press B1@2s --press B1@4s+1s\n"
           "  --time DURATION      end after this much virtual time: 2s, 10ms, 500us (10s)\n"
           "  --until CONDITION    end when it is true; exit status 3 when it never was:\n"
           "                         console:TEXT      a console sent TEXT\n"
           "                         sym:NAME==VALUE   a variable (of 1, 2 or 4 bytes) compares "
           "so;\n"
           "                                           also != < <= > >=; looked at each 100 us\n"
           "                         pc:NAME|ADDR      execution reaches it\n"
           "                         event:KIND        `flashsim list events`\n"
           "                         time:DURATION     so much virtual time has passed\n"
           "  --timing min|typ|max durations of flash operations within the data sheet's (typ)\n"
           "  --seed N             of all that is left to chance (1)\n"
           "  --console LIST       which consoles to show, by commas: usart1, usart2, usart3, "
           "uart4,\n"
           "                       uart5, lpuart1, rtt, itm, semihosting; input goes to the first\n"
           "                       (the board's UART and the last three)\n"
           "  --trace FILE         all events as JSON Lines\n"
           "  --json FILE          the result of the run\n"
           "  --caches MODE        flash caches that can give stale data: off, exact, adversarial\n"
           "  --no-skip            run waiting loops in full: slower, the same trace\n"
           "  --files DIR          semihosting may open files in DIR; without it, none\n"
           "  --no-semihosting     BKPT 0xAB is a HardFault, as with no debugger attached\n"
           "  --quiet              no summary; faults are still reported\n"
           "\n"
           "Standard input goes to the console: a file byte for byte at the UART's pace.\n"
           "The run ends by semihosting exit, lockup, a fault that no handler returns from, sleep "
           "that\n"
           "nothing can end, --until or --time.\n"
           "exit status: 0 ended by exit, --until, --time or endless sleep; 1 unhandled fault, "
           "lockup\n"
           "or non-zero exit; 2 bad input; 3 --until not reached, nothing could be run, or "
           "interrupted\n"
           "(SIGINT, SIGTERM: the files are written as far as it came; a second one kills)\n";
}

enum { NAMES_MAX = 64 };

static bool choose(const char *option, const char *text, const char *const *names, int *choice,
                   struct error *error)
{
    char list[128] = "";
    for (int i = 0; names[i]; i++) {
        if (strcmp(names[i], text) == 0) {
            *choice = i;
            return true;
        }
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    }
    return error_set(error, "%s %s: not one of %s", option, image_short_path(text), list);
}

static bool choose_chip(struct run_options *options, const char *text, struct error *error)
{
    char hint[OPTION_HINT];
    const char *names[NAMES_MAX] = {NULL};
    for (unsigned i = 0; i < chip_count() && i + 1 < NAMES_MAX; i++)
        names[i] = chip_at(i)->name;
    options->chip = chip_find(text);
    option_reader_hint(text, names, hint);
    return options->chip || error_set(error, "--chip %s: no such chip%s", image_short_path(text),
                                      hint[0] ? hint : ": `flashsim list chips` names them");
}

static bool choose_consoles(struct run_options *options, const char *text, struct error *error)
{
    char name[32];
    for (const char *at = text; *at;) {
        size_t length = strcspn(at, ",");
        if (length >= sizeof name)
            length = sizeof name - 1;
        memcpy(name, at, length);
        name[length] = '\0';
        enum console_channel channel = console_channel_find(name);
        if (!name[0])
            return error_set(error, "--console %s: a name is missing, such as usart2",
                             image_short_path(text));
        if (channel == CONSOLE_CHANNEL_COUNT)
            return error_set(error, "--console %s: not one of usart1, usart2, usart3, uart4, uart5, "
                             "lpuart1, rtt, itm, semihosting", name);
        if (!options->consoles)
            options->first_console = channel;
        options->consoles |= 1u << channel;
        at += strcspn(at, ",");
        at += *at == ',';
    }
    return true;
}

static bool set_number(const char *option, const char *text, uint64_t max, uint64_t *value,
                       struct error *error)
{
    return quantity_read_number(text, max, value) ||
           error_set(error,
                     quantity_is_number(text) ? "%s %s: too large: at most 0x%llX"
                                              : "%s %s: not a number up to 0x%llX",
                     option, image_short_path(text), (unsigned long long)max);
}

static bool set_option(struct run_options *options, int id, const char *text, struct error *error)
{
    static const char *const boots[] = {"flash", "system", "sram", NULL};
    static const char *const timings[] = {"min", "typ", "max", NULL};
    static const char *const caches[] = {"off", "exact", "adversarial", NULL};
    int choice = 0;
    uint64_t number = 0;
    switch (id) {
    case OPTION_CHIP:
        return choose_chip(options, text, error);
    case OPTION_BOARD:
        options->board = text;
        return true;
    case OPTION_AT:
        if (!set_number("--at", text, UINT32_MAX, &number, error))
            return false;
        options->bin_addr = (uint32_t)number;
        options->has_bin_addr = true;
        return true;
    case OPTION_BOOT:
        if (!choose("--boot", text, boots, &choice, error))
            return false;
        options->boot = (enum boot_source)(BOOT_MAIN_FLASH + choice);
        return true;
    case OPTION_FLASH:
        options->flash_path = text;
        return true;
    case OPTION_SAVE_FLASH:
        options->save_flash_path = text;
        return true;
    case OPTION_OPTION_BYTES:
        options->option_bytes_path = text;
        return true;
    case OPTION_SAVE_OPTION_BYTES:
        options->save_option_bytes_path = text;
        return true;
    case OPTION_PRESS:
        return press_parse(&options->presses, text, error);
    case OPTION_TIME:
        return quantity_read_duration(text, &options->time_ps) ||
               error_set(error, "--time %s: %s", image_short_path(text),
                         quantity_duration_flaw(text));
    case OPTION_UNTIL:
        options->until = text;
        return true;
    case OPTION_TIMING:
        if (!choose("--timing", text, timings, &choice, error))
            return false;
        options->timing = (enum timing_case)choice;
        return true;
    case OPTION_SEED:
        return set_number("--seed", text, UINT64_MAX, &options->seed, error);
    case OPTION_CONSOLE:
        return choose_consoles(options, text, error);
    case OPTION_TRACE:
        options->trace_path = text;
        return true;
    case OPTION_JSON:
        options->json_path = text;
        return true;
    case OPTION_GDB:
        return error_set(error, "--gdb %s: not built yet: leave it out", image_short_path(text));
    case OPTION_NO_SKIP:
        options->is_skip_off = true;
        return true;
    case OPTION_CACHES:
        if (!choose("--caches", text, caches, &choice, error))
            return false;
        options->caches = (enum cache_mode)choice;
        return true;
    case OPTION_FILES:
        options->files_folder = text;
        return true;
    case OPTION_NO_SEMIHOSTING:
        options->is_semihosting_off = true;
        return true;
    case OPTION_QUIET:
        options->is_quiet = true;
        return true;
    default:
        options->is_help = true;
        return true;
    }
}

bool run_options_parse(struct run_options *options, int argc, char **argv, struct error *error)
{
    *options = (struct run_options){
        .bin_addr = 0x08000000,
        .time_ps = RUN_DEFAULT_TIME_PS,
        .timing = TIMING_TYP,
        .seed = 1,
    };
    struct option_reader reader;
    int id;
    option_reader_start(&reader, "run", long_options);
    reader.may_repeat = UINT64_C(1) << (OPTION_PRESS - OPTION_FIRST) |
                        UINT64_C(1) << (OPTION_CONSOLE - OPTION_FIRST);
    while ((id = option_reader_next(&reader, argc, argv, error)) != OPTION_END)
        if (id == OPTION_REFUSED || !set_option(options, id, optarg, error))
            return false;
    if (options->is_help)
        return true;
    if (!option_reader_check_words(argc, argv, error))
        return false;
    for (; optind < argc; optind++) {
        if (options->image_count == RUN_IMAGE_MAX)
            return error_set(error, "%s: one image too many: at most %d load together",
                             image_short_path(argv[optind]), RUN_IMAGE_MAX);
        options->image_path[options->image_count++] = argv[optind];
    }
    if (!options->image_count && !options->flash_path)
        return error_set(error, "no image: `flashsim run firmware.elf --chip stm32l452re`");
    return true;
}
