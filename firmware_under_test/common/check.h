// Checks that print one line each and are counted.
#ifndef COMMON_CHECK_H
#define COMMON_CHECK_H

#include <stdint.h>

void check(const char *name, uint32_t got, uint32_t want);
// PASS when every check was ok.
__attribute__((noreturn)) void check_finish(void);
uint32_t check_failures(void);

#endif
