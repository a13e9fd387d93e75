// How a firmware ends: a last line on the console, then sleep for ever.
#ifndef COMMON_FINISH_H
#define COMMON_FINISH_H

__attribute__((noreturn)) void finish_pass(void);
__attribute__((noreturn)) void finish_fail(const char *why);

#endif
