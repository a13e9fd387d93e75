/* The host of Arm semihosting for 32-bit cores (core sheet 12.5): BKPT 0xAB with an operation in R0.
 * Times are virtual. Files of the host are refused unless a folder was named for them; then only files
 * inside it. Left out: TMPNAM, REMOVE, RENAME and SYSTEM, which fail. */
#ifndef SIM_SEMIHOSTING_H
#define SIM_SEMIHOSTING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/console.h"

enum { SEMIHOSTING_HANDLE_MAX = 32 };

enum semihosting_handle_kind {
    SEMIHOSTING_FREE,
    SEMIHOSTING_CONSOLE_IN,
    SEMIHOSTING_CONSOLE_OUT,
    SEMIHOSTING_FEATURES, /* ":semihosting-features", read-only */
    SEMIHOSTING_FILE
};

struct semihosting_handle {
    enum semihosting_handle_kind kind;
    FILE *file;
    uint32_t position; /* in the features file */
};

struct semihosting {
    struct console *console;
    const char *folder;      /* for SYS_OPEN; NULL: none */
    const char *command_line;
    uint32_t last_errno;
    bool was_file_refused;   /* for the summary: the firmware wanted a file */
    struct semihosting_handle handle[SEMIHOSTING_HANDLE_MAX + 1]; /* from 1 */
};

void semihosting_init(struct semihosting *semihosting, struct console *console, const char *folder,
                      const char *command_line);
void semihosting_close_all(struct semihosting *semihosting);

/* A machine_semihosting; the context is the struct. */
bool semihosting_call(void *semihosting, struct machine *machine, uint32_t *result);

#endif
