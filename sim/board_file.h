/* A board of one's own as a JSON file. */
#ifndef SIM_BOARD_FILE_H
#define SIM_BOARD_FILE_H

#include <stdbool.h>

#include "models/board.h"
#include "sim/core/error.h"
#include "sim/json_text.h"

struct board_file {
    struct board board;    /* its texts live in `json` */
    struct json_text json;
};

/* Releases what it took when it fails; board_file_free after success, harmless on a zeroed struct. */
bool board_file_load(struct board_file *file, const char *path, struct error *error);
bool board_file_parse(struct board_file *file, const char *path, const char *text, size_t size,
                      struct error *error);
void board_file_free(struct board_file *file);

#endif
