/* Options by getopt_long; each wrong one gets a line with the remedy. */
#include "sim/option_reader.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sim/image.h"
#include "sim/nearest.h"

void option_reader_start(struct option_reader *reader, const char *command,
                         const struct option *options)
{
    *reader = (struct option_reader){.command = command, .options = options, .letters = ":h"};
    opterr = 0;
    optind = 1;
}

static bool is_long(const char *word)
{
    return word[0] == '-' && word[1] == '-';
}

/* The name without dashes and value: what is near it in the table. */
static const char *nearest(const struct option_reader *reader, const char *word)
{
    char wrong[48];
    const char *names[OPTION_MAX + 1] = {NULL};
    snprintf(wrong, sizeof wrong, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    for (size_t i = 0; i < OPTION_MAX && reader->options[i].name; i++)
        names[i] = reader->options[i].name;
    return nearest_name(wrong, names);
}

static int refuse_unknown(const struct option_reader *reader, char **argv, struct error *error)
{
    /* Of a group of short ones, optind has not passed the word yet. */
    const char letter[3] = {'-', (char)optopt, '\0'};
    const char *word = optopt > 0 && optopt < OPTION_FIRST ? letter : argv[optind - 1];
    const char *meant = is_long(word) ? nearest(reader, word) : NULL;
    const char *shown = image_short_path(word);
    if (meant && strncmp(word + 2, meant, strlen(meant)) == 0 && word[2 + strlen(meant)] == '=')
        error_set(error, "%s: --%s takes no value: leave it out", shown, meant);
    else if (meant)
        error_set(error, "%s: no such option: did you mean --%s?", shown, meant);
    else
        error_set(error, "%s: no such option: see `flashsim %s --help`", shown, reader->command);
    return OPTION_REFUSED;
}

static int refuse_missing(const struct option_reader *reader, char **argv, struct error *error)
{
    error_set(error, "%s: a value must follow: see `flashsim %s --help`",
              image_short_path(argv[optind - 1]), reader->command);
    return OPTION_REFUSED;
}

static bool check_value(struct option_reader *reader, int id, int index, struct error *error)
{
    const char *name = reader->options[index].name;
    uint64_t bit = UINT64_C(1) << (id - OPTION_FIRST);
    if (!optarg[0])
        return error_set(error,
                         "--%s: a value must follow, this one is empty: see `flashsim %s "
                         "--help`",
                         name, reader->command);
    if (reader->seen & bit & ~reader->may_repeat)
        return error_set(error, "--%s %s: --%s stands twice: keep one of them", name,
                         image_short_path(optarg), name);
    reader->seen |= bit;
    return true;
}

int option_reader_next(struct option_reader *reader, int argc, char **argv, struct error *error)
{
    int index = 0;
    int id = getopt_long(argc, argv, reader->letters, reader->options, &index);
    if (id == '?')
        return refuse_unknown(reader, argv, error);
    if (id == ':')
        return refuse_missing(reader, argv, error);
    if (id >= OPTION_FIRST && optarg && !check_value(reader, id, index, error))
        return OPTION_REFUSED;
    return id;
}

bool option_reader_check_words(int argc, char **argv, struct error *error)
{
    for (int i = optind; i < argc; i++)
        if (!argv[i][0])
            return error_set(error, "argument %d is empty: name something, or leave it out", i);
    return true;
}

const char *option_reader_hint(const char *wrong, const char *const *names, char text[OPTION_HINT])
{
    const char *meant = nearest_name(wrong, names);
    text[0] = '\0';
    if (meant)
        snprintf(text, OPTION_HINT, ": did you mean %.100s?", meant);
    return text;
}
