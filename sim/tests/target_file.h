/* The programs of sim/tests/target, and what tests ask about them. */
#ifndef SIM_TESTS_TARGET_FILE_H
#define SIM_TESTS_TARGET_FILE_H

#include "sim/image.h"

/* Loads FOLDER/NAME.elf; prints the message and aborts when that fails. */
void target_file_load(struct image *image, const char *folder, const char *name);

/* Address of a symbol; aborts when there is none. */
uint32_t target_file_symbol(const struct image *image, const char *name);

/* The line of a source file that carries the comment "/" "* MARK *" "/"; 0 when there is none. */
unsigned target_file_line(const char *source_path, const char *mark);

#endif
