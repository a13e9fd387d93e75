/* The command line of `flashsim run`. */
#ifndef SIM_RUN_OPTIONS_H
#define SIM_RUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/chip.h"
#include "sim/core/error.h"
#include "sim/press.h"

enum { RUN_IMAGE_MAX = 16 };

struct run_options {
    const char *image_path[RUN_IMAGE_MAX];
    size_t image_count;
    const struct chip *chip;
    const char *board;
    uint32_t bin_addr;
    bool has_bin_addr;
    enum boot_source boot;
    const char *flash_path;
    const char *save_flash_path;
    const char *option_bytes_path;
    const char *save_option_bytes_path;
    struct press_list presses;
    uint64_t time_ps;
    const char *until;
    enum timing_case timing;
    uint64_t seed;
    uint32_t consoles; /* a bit for each enum console_channel; 0: by the board */
    unsigned first_console;
    const char *trace_path;
    const char *json_path;
    const char *files_folder;
    bool is_skip_off;
    bool is_semihosting_off;
    bool is_quiet;
    enum cache_mode caches;
    bool is_help;
};

#define RUN_DEFAULT_TIME_PS (UINT64_C(10) * PS_PER_S)

bool run_options_parse(struct run_options *options, int argc, char **argv, struct error *error);
const char *run_options_help(void);

#endif
