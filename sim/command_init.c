/* `flashsim init`: a first scenario for one's own image, to be changed. JSON has no comments: `why` and the
 * names of its expectations say what stands there. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "sim/command.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/image.h"
#include "sim/loader.h"
#include "sim/option_reader.h"
#include "sim/output_file.h"
#include "sim/scenario.h"

static const char usage[] =
    "examples:\n"
    "  flashsim init build/app.elf --chip stm32l476rg\n"
    "  flashsim init build/app.elf --chip stm32l476rg -o tests/power.json\n"
    "\n"
    "usage: flashsim init [IMAGE] [--chip NAME] [-o FILE]\n"
    "  --chip NAME       one of `flashsim list chips` (stm32l452re)\n"
    "  -o, --out FILE    where the scenario goes (IMAGE's name with .json, else scenario.json)\n"
    "\n"
    "Writes a scenario that cuts power at each moment of the first write to flash. An existing file is left\n"
    "alone. scenarios/README.md describes what else can stand in it.\n";

static const char default_chip[] = "stm32l452re";

struct options {
    bool is_help;
    const char *image; /* NULL: none yet */
    const char *chip;  /* NULL: not told */
    const char *out;   /* NULL: not told */
};

enum option_id { OPTION_CHIP = OPTION_FIRST, OPTION_OUT };

/* ---- options ---- */

static bool set_option(struct options *options, int id, const char *value, struct error *error)
{
    const char *names[OPTION_MAX] = {NULL};
    char hint[OPTION_HINT];
    switch (id) {
    case OPTION_CHIP:
        options->chip = value;
        for (unsigned i = 0; i < chip_count() && i + 1 < OPTION_MAX; i++)
            names[i] = chip_at(i)->name;
        option_reader_hint(value, names, hint);
        return chip_find(value) ||
               error_set(error, "--chip %.60s: no such chip%s", value,
                         hint[0] ? hint : ": `flashsim list chips` names them");
    case OPTION_OUT:
    case 'o':
        if (options->out || !value[0])
            return error_set(error, options->out ? "-o %.200s: -o stands twice: keep one of them"
                                                 : "-o: a file must follow",
                             image_short_path(value));
        options->out = value;
        return true;
    default:
        options->is_help = true;
        return true;
    }
}

static bool parse(struct options *options, int argc, char **argv, struct error *error)
{
    static const struct option long_options[] = {
        {"chip", required_argument, NULL, OPTION_CHIP},
        {"out", required_argument, NULL, OPTION_OUT},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct option_reader reader;
    int id;
    option_reader_start(&reader, "init", long_options);
    reader.letters = ":ho:";
    while ((id = option_reader_next(&reader, argc, argv, error)) != OPTION_END)
        if (id == OPTION_REFUSED || !set_option(options, id, optarg, error))
            return false;
    if (!options->is_help && !option_reader_check_words(argc, argv, error))
        return false;
    options->image = optind < argc ? argv[optind] : NULL;
    return options->is_help || argc - optind <= 1 ||
           error_set(error, "%s: one image at a time: write \"images\" into the scenario for more",
                     image_short_path(argv[optind + 1]));
}

/* ---- names and paths ---- */

/* "app" of "build/app.elf". */
static void find_stem(const char *path, char *stem, size_t size)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    const char *name = slash ? slash + 1 : path;
    const char *dot = name ? strrchr(name, '.') : NULL;
    int length = !name ? 0 : dot && dot != name ? (int)(dot - name) : (int)strlen(name);
    snprintf(stem, size, "%.*s", length, name ? name : "");
}

/* The folder that a file will be in, without links; it must be there. */
static bool find_folder(const char *file, char folder[PATH_MAX], struct error *error)
{
    char named[PATH_MAX];
    const char *slash = strrchr(file, '/');
    int length = slash == file ? 1 : slash ? (int)(slash - file) : 1;
    snprintf(named, sizeof named, "%.*s", length, slash ? file : ".");
    return realpath(named, folder) ||
           error_set(error, "%s: no such folder: make it first", image_short_path(named));
}

/* The image as seen from the scenario's folder: that is where the reader looks for it. */
static bool find_way(const char *folder, const char *image, char *way, size_t size,
                     struct error *error)
{
    char from[PATH_MAX + 1], to[PATH_MAX];
    size_t common = 0, used = 0;
    if (!realpath(image, to))
        return error_set(error, "%s: can not be opened", image_short_path(image));
    snprintf(from, sizeof from, "%s%s", folder, strcmp(folder, "/") == 0 ? "" : "/");
    for (size_t i = 0; from[i] && from[i] == to[i]; i++)
        if (from[i] == '/')
            common = i + 1;
    for (const char *at = from + common; *at; at++)
        if (*at == '/' && used < size)
            used += (size_t)snprintf(way + used, size - used, "../");
    if (used < size)
        used += (size_t)snprintf(way + used, size - used, "%s", to + common);
    return used < size || error_set(error, "%s: its path is too long", image_short_path(image));
}

static bool check_image(const char *path, const struct chip *chip, struct error *error)
{
    struct image image;
    struct image_region regions[LOADER_REGION_MAX];
    if (!image_load(&image, path, LOADER_FLASH_BASE, error))
        return false;
    bool is_good = image_check_fits(&image, regions, loader_list_memories(chip, regions), error);
    image_free(&image);
    return is_good;
}

static bool check_is_new(const char *path, struct error *error)
{
    struct stat status;
    return stat(path, &status) != 0 || S_ISCHR(status.st_mode) || S_ISFIFO(status.st_mode) ||
           error_set(error, "%s: is there already: name another one with -o", image_short_path(path));
}

/* ---- the scenario ---- */

static void write_string(FILE *stream, const char *text)
{
    cJSON *string = cJSON_CreateString(text);
    char *json = cJSON_PrintUnformatted(string);
    fputs(json ? json : "\"\"", stream);
    cJSON_free(json);
    cJSON_Delete(string);
}

static void write_scenario(FILE *stream, const char *name, const char *chip, const char *image)
{
    fputs("{\n  \"name\": ", stream);
    write_string(stream, name);
    fputs(",\n  \"why\": \"Power may go at each moment of the first write to flash: the firmware starts again "
          "and works. Say here what yours must survive.\",\n",
          stream);
    fprintf(stream, "  \"chip\": \"%s\",\n  \"image\": ", chip);
    write_string(stream, image);
    fputs(",\n"
          "  \"run\": \"2s\",\n"
          "  \"off_time\": \"100ms\",\n"
          "  \"cut\": { \"operation\": \"program\", \"nth\": 1, \"phase\": \"each\" },\n"
          "  \"expect\": [\n"
          "    { \"name\": \"says after the cut that it works\", \"console\": { \"contains\": \"ready\", "
          "\"power_on\": \"last\" } },\n"
          "    { \"name\": \"no fault\", \"fault\": \"none\" }\n"
          "  ]\n"
          "}\n",
          stream);
}

/* What is written is what `flashsim test` reads: a name that is no UTF-8 is told here. */
static bool check_scenario(const char *path, const char *text, size_t size, struct error *error)
{
    struct scenario *scenario = calloc(1, sizeof *scenario);
    if (!scenario)
        return error_set(error, "out of memory");
    bool is_good = scenario_parse(scenario, path, text, size, "firmware", error);
    if (is_good)
        scenario_free(scenario);
    free(scenario);
    return is_good;
}

static bool write_file(const char *path, const char *name, const char *chip, const char *image,
                       struct error *error)
{
    char *text = NULL;
    size_t size = 0;
    struct output_file file = {0};
    FILE *memory = open_memstream(&text, &size);
    if (!memory)
        return error_set(error, "out of memory");
    write_scenario(memory, name, chip, image);
    bool is_good = fclose(memory) == 0 || error_set(error, "out of memory");
    is_good = is_good && check_scenario(path, text, size, error) &&
              output_file_open(&file, path, error);
    if (is_good) {
        fwrite(text, 1, size, file.stream);
        is_good = output_file_commit(&file, error);
    }
    free(text);
    return is_good;
}

/* ---- what to do next ---- */

/* As a POSIX shell reads it. */
static void say_word(const char *word)
{
    if (*word && !word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                    "0123456789_./+:@%-")]) {
        fputs(word, stderr);
        return;
    }
    putc('\'', stderr);
    for (; *word; word++)
        if (*word == '\'')
            fputs("'\\''", stderr);
        else
            putc(*word, stderr);
    putc('\'', stderr);
}

static void say_next(const struct options *options, const char *program, const char *path)
{
    fprintf(stderr, "flashsim: %s: written\n", image_short_path(path));
    if (!options->image)
        fputs("  \"image\": put your firmware's file in place of firmware.elf\n", stderr);
    if (!options->chip)
        fprintf(stderr, "  \"chip\": %s is a guess: `flashsim list chips` names the others\n",
                default_chip);
    fputs("  \"contains\": put what your firmware says when it works in place of ready\n"
          "then type\n  ",
          stderr);
    say_word(program);
    fputs(" test ", stderr);
    say_word(path);
    putc('\n', stderr);
}

static bool init(const struct options *options, const char *program, struct error *error)
{
    char name[PATH_MAX], path[PATH_MAX], folder[PATH_MAX], image[PATH_MAX] = "firmware.elf";
    const char *chip = options->chip ? options->chip : default_chip;
    find_stem(options->image ? options->image : "scenario", name, sizeof name);
    int length = options->out ? snprintf(path, sizeof path, "%s", options->out)
                              : snprintf(path, sizeof path, "%.4000s.json", name);
    if (options->out)
        find_stem(options->out, name, sizeof name);
    if (length >= (int)sizeof path)
        return error_set(error, "%s: its path is too long", image_short_path(options->out));
    if (!check_is_new(path, error) || !find_folder(path, folder, error))
        return false;
    if (options->image && (!check_image(options->image, chip_find(chip), error) ||
                           !find_way(folder, options->image, image, sizeof image, error)))
        return false;
    if (!write_file(path, name, chip, image, error))
        return false;
    say_next(options, program, path);
    return true;
}

int command_init(int argc, char **argv)
{
    struct options options = {0};
    struct error error = {""};
    if (!parse(&options, argc, argv, &error))
        return command_refuse(&error);
    if (options.is_help) {
        fputs(usage, stdout);
        return COMMAND_PASS;
    }
    return init(&options, argv[-1], &error) ? COMMAND_PASS : command_refuse(&error);
}
