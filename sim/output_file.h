/* A file that appears whole or not at all: written beside its place, then renamed. */
#ifndef SIM_OUTPUT_FILE_H
#define SIM_OUTPUT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sim/core/error.h"

struct output_file {
    FILE *stream; /* NULL: not open */
    char *path;   /* behind all links */
    char *temporary; /* NULL: a device, a pipe or an open descriptor, which is written directly */
};

/* Leaves an existing file alone until output_file_commit(). */
bool output_file_open(struct output_file *file, const char *path, struct error *error);
/* False when an output is also an input, or is named twice. NULL entries are skipped. */
bool output_file_check_names(const char *const *inputs, size_t input_count,
                             const char *const *outputs, size_t output_count, struct error *error);

/* Both close; a failed commit leaves nothing behind. Harmless on a file that is not open. */
bool output_file_commit(struct output_file *file, struct error *error);
void output_file_discard(struct output_file *file);

#endif
