/* Durations and numbers as people write them on a command line or in a file, and back. */
#ifndef SIM_QUANTITY_H
#define SIM_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum quantity_flaw {
    QUANTITY_GOOD,
    QUANTITY_MALFORMED,
    QUANTITY_TOO_LARGE,
    QUANTITY_ZERO,
    QUANTITY_TOO_FINE /* below a picosecond */
};

/* "2s", "1.5ms", "500us", "20ns": exact in picoseconds, above 0, at most 100 days. */
bool quantity_read_duration(const char *text, uint64_t *ps);
/* Why that refuses, and in words: "too long: at most 8640000s, 100 days". */
enum quantity_flaw quantity_check_duration(const char *text);
const char *quantity_duration_flaw(const char *text);

/* Decimal, or hexadecimal after 0x; no sign, nothing after it. */
bool quantity_read_number(const char *text, uint64_t max, uint64_t *value);
/* The same of any size: what is refused was too large then, not malformed. */
bool quantity_is_number(const char *text);

enum { QUANTITY_TEXT = 32 };

/* "0.022020041 s" */
const char *quantity_write_time(uint64_t ps, char text[QUANTITY_TEXT]);

#endif
