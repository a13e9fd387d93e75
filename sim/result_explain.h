/* What failed in a result file of `flashsim test --json`, for people. */
#ifndef SIM_RESULT_EXPLAIN_H
#define SIM_RESULT_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sim/core/error.h"

/* False with a message: no such file, or not a result. */
bool result_explain(const char *path, FILE *out, struct error *error);

/* Leaves out what is large and not needed: the values of all members with this key become null. The text
 * becomes shorter, in place; what is no JSON stays none. Returns its new size. */
size_t result_without(char *text, size_t size, const char *key);

#endif
