/* A message for the person at the keyboard: one line that names file, place and remedy. */
#ifndef SIM_CORE_ERROR_H
#define SIM_CORE_ERROR_H

#include <stdbool.h>

struct error {
    char text[512];
};

/* Fills the message, control characters replaced by '?', so that it stays one line. Always returns
 * false, so that a failing function can `return error_set(...)`. `error` may be NULL. */
bool error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
