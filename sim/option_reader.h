/* The loop around getopt_long that the sub-commands share: what is wrong whatever the option means.
 */
#ifndef SIM_OPTION_READER_H
#define SIM_OPTION_READER_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/core/error.h"

/* Identifiers of options that have only a long name count from OPTION_FIRST. */
enum { OPTION_FIRST = 256, OPTION_MAX = 64 };

enum { OPTION_END = -1, OPTION_REFUSED = -2 };

struct option_reader {
    const char *command;          /* "run": for `flashsim run --help` */
    const struct option *options; /* ends with a row of zeros */
    const char *letters;          /* short options, as getopt has them: ":h" */
    uint64_t may_repeat;          /* a bit for each option whose values add up */
    uint64_t seen;
};

void option_reader_start(struct option_reader *reader, const char *command,
                         const struct option *options);

/* The next option's identifier, OPTION_END (words begin at optind), or OPTION_REFUSED with a
 * message: not known, a value missing or empty, a single value given twice. */
int option_reader_next(struct option_reader *reader, int argc, char **argv, struct error *error);

/* The words behind the options: none is empty. */
bool option_reader_check_words(int argc, char **argv, struct error *error);

/* ": did you mean NAME?" for what is not in the list that ends with NULL; "" when nothing is near.
 */
enum { OPTION_HINT = 120 };
const char *option_reader_hint(const char *wrong, const char *const *names, char text[OPTION_HINT]);

#endif
