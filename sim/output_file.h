/* A file that appears whole or not at all: written beside its place, then renamed. */
#ifndef SIM_OUTPUT_FILE_H
#define SIM_OUTPUT_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/core/error.h"

struct output_file {
    FILE *stream; /* NULL: not open */
    char *path;
    char *temporary; /* NULL: `path` is a device or a pipe and is written directly */
};

/* Leaves an existing file alone until output_file_commit(). */
bool output_file_open(struct output_file *file, const char *path, struct error *error);
/* Both close; a failed commit leaves nothing behind. Harmless on a file that is not open. */
bool output_file_commit(struct output_file *file, struct error *error);
void output_file_discard(struct output_file *file);

#endif
