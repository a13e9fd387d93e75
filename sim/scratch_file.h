/* A file without a name: nothing is left of it whatever becomes of the program. */
#ifndef SIM_SCRATCH_FILE_H
#define SIM_SCRATCH_FILE_H

#include <stdio.h>

#include "sim/core/error.h"

/* In the folder TMPDIR, else /tmp. NULL with a message. */
FILE *scratch_file_open(struct error *error);

#endif
