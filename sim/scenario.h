/* A scenario file: which firmware on which chip, when power is cut, and what must hold afterwards.
 * JSON -> struct scenario. Every message about what is wrong in one lives in scenario.c,
 * scenario_cuts.c, scenario_expect.c and scenario_files.c; scenarios/README.md describes the
 * language. */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/board.h"
#include "models/chip.h"
#include "sim/board_file.h"
#include "sim/console.h"
#include "sim/cut.h"
#include "sim/durability.h"
#include "sim/image.h"
#include "sim/json_text.h"
#include "sim/machine.h"
#include "sim/timeline.h"

enum {
    SCENARIO_IMAGE_MAX = 16,
    SCENARIO_CUT_MAX = 8,     /* one after another in a run */
    SCENARIO_NTH_MAX = 256,   /* listed for one cut */
    SCENARIO_MOMENT_MAX = 96, /* phases listed for one cut, each pulse counted */
    SCENARIO_EXPECTATION_MAX = 32,
    SCENARIO_TEXT_MAX = 16,  /* texts of one console expectation */
    SCENARIO_WORD_MAX = 256, /* words of one flash expectation */
    SCENARIO_POWER_ON_MAX = 1000,
    SCENARIO_OWN_TEXT_MAX = 256,
    SCENARIO_SEED_MAX = 256,
    SCENARIO_CHOICE_MAX = 8,
    SCENARIO_CHANGE_MAX = 64,
    SCENARIO_DURABLE_MAX = 24, /* variables that durability expectations watch */
    SCENARIO_START_MAX = 16, /* start states of the flash, one after another */
    SCENARIO_OPTION_MAX = 16 /* option registers of a chip */
};

struct scenario_image {
    const struct cJSON *value; /* where the file says it */
    const char *name;          /* as written there */
    char *path;
    uint32_t addr; /* of a BIN */
    bool has_addr;
    bool has_load;     /* the file says whether it is loaded before power comes */
    bool is_kept_back; /* not loaded before power comes: by load_images, or never */
};

/* What the flash holds before the images are loaded (scenario_start.c). */
enum start_kind { START_DUMP, START_PATTERN, START_RESULT };

struct scenario_start {
    const struct cJSON *value;
    enum start_kind kind;
    char *path;        /* dump, result */
    const char *name;  /* result: of its scenario; NULL: the only one */
    uint32_t run;      /* result: from 1, as they stand there; 0: not said */
    uint32_t from, to; /* pattern: addresses, both ends included */
    bool is_erased;    /* pattern: virgin cells; else this in each double word */
    uint64_t pattern;
};

/* How marginal words read; the names are those of scenario_reads_names. */
enum scenario_reads { READS_NEW, READS_OLD, READS_ONE_WRONG, READS_TWO_WRONG, READS_SEEDED };
extern const char *const scenario_reads_names[];

struct scenario_option {
    struct chip_option option;
    uint32_t value;
};

/* One cut as the file says it: all combinations of nth and moments are tried, each in a run of its
 * own. */
struct scenario_cut {
    const struct cJSON *value;
    enum reset_cause by; /* as in struct cut */
    bool is_timed;
    uint64_t after_ps;
    enum cut_operation operation;
    bool is_each; /* every operation that the run has by itself */
    uint32_t nth[SCENARIO_NTH_MAX];
    unsigned nth_count;
    struct flash_cut moments[SCENARIO_MOMENT_MAX];
    unsigned moment_count;
};

/* Which boots an expectation looks at. A boot is a power-on or a reset, numbered from 1 as in the
 * trace. */
enum scope_kind { SCOPE_ALL, SCOPE_BOOT, SCOPE_LAST_BOOT, SCOPE_POWER_ON, SCOPE_LAST_POWER_ON };

struct scope {
    enum scope_kind kind;
    uint32_t number;
};

enum expectation_kind {
    EXPECT_CONSOLE,
    EXPECT_DURABILITY,
    EXPECT_SYMBOL,
    EXPECT_FLASH,
    EXPECT_FAULT,
    EXPECT_RESETS,
    EXPECT_BOOTS,
    EXPECT_EXIT,
    EXPECT_EVENT,
    EXPECT_ALIVE,
    EXPECT_MEMORY,
    EXPECT_PIN,
    EXPECT_STALL,
    EXPECT_WEAR,
    EXPECT_FLAGS,
    EXPECTATION_KIND_COUNT
};

struct expect_texts {
    const char *text[SCENARIO_TEXT_MAX];
    unsigned count;
};

struct expect_console {
    struct expect_texts contains; /* all of them */
    struct expect_texts in_order;
    struct expect_texts absent;   /* none of them */
    enum console_channel channel; /* CONSOLE_CHANNEL_COUNT: any */
};

/* Where the firmware says that an item is begun, acknowledged or reported. */
enum durable_source_kind { DURABLE_CONSOLE, DURABLE_SYMBOL, DURABLE_PIN };

struct durable_source {
    enum durable_source_kind kind;
    struct place variable; /* its value is the item's */
    uint64_t initial;      /* what start-up code gives it */
    const char *item;
    struct trigger when; /* pin: the edge; reported: when its value is what was found */
    uint64_t when_initial;
};

struct expect_durability {
    struct durability_pattern pattern;
    enum console_channel channel;
    struct durable_source begun, acknowledged, reported;
};

struct expect_symbol {
    const char *name;
    struct comparison value;
    uint32_t addr, size; /* from the images */
};

enum expect_flash_kind { EXPECT_FLASH_WORDS, EXPECT_FLASH_ERASED, EXPECT_FLASH_FILE };

struct expect_flash {
    enum expect_flash_kind kind;
    uint32_t addr;
    uint32_t size; /* bytes */
    uint32_t *words;
    char *path;
    uint8_t *file; /* its bytes, once loaded */
};

/* Each boot gives its sign in time; so many resets in a row without it are a loop. */
struct expect_alive {
    struct trigger sign;
    uint64_t within_ps;
    unsigned resets;
};

struct expect_pin {
    uint32_t pin;
    bool has_level, level; /* at the end of the boot */
    enum pin_edge edge;
    struct comparison edges;
};

/* Waits for the flash, in picoseconds; CLOCK_NEVER: not asked. */
struct expect_stall {
    uint64_t longest_ps, total_ps;
};

struct expect_wear {
    uint32_t addr;
    struct comparison erases;
};

struct expect_flags {
    unsigned reg; /* 0 SR, 1 CR, 2 ECCR */
    uint32_t set, clear;
};

struct expect_fault {
    struct place at; /* the instruction to blame is there; no symbol and address 0: anywhere */
    bool is_none;
    bool is_lockup;
    uint32_t exception; /* 0: any */
    uint32_t cfsr;      /* bits that must be set */
};

struct expect_count {
    struct comparison count;
    unsigned cause; /* enum reset_cause; RESET_CAUSE_COUNT: any */
};

struct expect_event {
    enum event_kind kind;
    const char *unit; /* NULL: any */
    const char *rule;
    bool has_addr, has_value;
    uint32_t addr, value;
    struct comparison count;
};

struct expectation {
    const struct cJSON *value;
    const char *name; /* as given, else that of its kind */
    enum expectation_kind kind;
    bool holds_anyway; /* in a known-bad scenario too */
    struct scope scope;
    struct expect_console console;
    struct expect_durability durability;
    struct expect_symbol symbol;
    struct expect_flash flash;
    struct expect_fault fault;
    struct expect_count count;
    struct expect_event event;
    struct expect_alive alive;
    struct expect_pin pin;
    struct expect_stall stall;
    struct expect_wear wear;
    struct expect_flags flags;
    struct place place; /* memory */
};

struct scenario {
    struct json_text json; /* texts below live in it */
    const char *path;      /* as given */
    const char *name;
    const char *why;
    const struct chip *chip;
    const struct board *board; /* NULL: none ships for the chip */
    struct board_file board_file;
    struct scenario_image image_file[SCENARIO_IMAGE_MAX];
    unsigned image_count;
    struct scenario_start starts[SCENARIO_START_MAX]; /* in this order */
    unsigned start_count;
    const struct cJSON *option_value; /* NULL: option bytes as the factory sets them */
    char *option_path;                /* all of them from a file, or NULL */
    struct scenario_option options[SCENARIO_OPTION_MAX];
    unsigned option_count;
    uint64_t seeds[SCENARIO_SEED_MAX]; /* each a run of its own; so are the two lists below */
    unsigned seed_count;
    unsigned reset_pulses[SCENARIO_CHOICE_MAX]; /* enum reset_pulse */
    unsigned reset_pulse_count;
    unsigned rams[SCENARIO_CHOICE_MAX]; /* enum machine_ram */
    unsigned ram_count;
    unsigned reads[SCENARIO_CHOICE_MAX]; /* enum scenario_reads */
    unsigned reads_count;
    uint32_t reads_changes[SCENARIO_CHANGE_MAX]; /* 0: they do not change in a boot */
    unsigned reads_change_count;
    enum timing_case timing;
    enum cache_mode caches;
    uint32_t rule_switches;
    uint64_t run_ps; /* of each power-on */
    uint64_t off_ps;
    bool has_off_time; /* the file says it: power is to go away */
    unsigned power_ons; /* at least one more than cuts */
    struct scenario_cut cuts[SCENARIO_CUT_MAX];
    unsigned cut_count;
    struct timeline timeline;
    char *texts[SCENARIO_OWN_TEXT_MAX]; /* names and bytes that the JSON text does not hold */
    unsigned text_count;
    struct expectation expectations[SCENARIO_EXPECTATION_MAX];
    unsigned expectation_count;
    bool is_known_bad;
    unsigned because; /* index of the expectation that must fail */
    const char *inconclusive_because; /* part of a note that each run must have; NULL: not expected */

    /* From the files it names (scenario_files.c). */
    struct image images[SCENARIO_IMAGE_MAX];
    unsigned loaded_count;
    struct flash_array *start; /* cells before the images; NULL: those of a new part */
    uint8_t meaning[32]; /* digest of what decides a run and its verdict, but for images and the plan */
    uint32_t sha; /* of all that is put on the chip, as in a replay line */
    bool uses_rtt;
    uint32_t rtt_hint;
};

/* Reads the file alone. Both release what they took when they fail; scenario_free after success. */
bool scenario_load(struct scenario *scenario, const char *path, const char *firmware_folder,
                   struct error *error);
bool scenario_parse(struct scenario *scenario, const char *path, const char *text, size_t size,
                    const char *firmware_folder, struct error *error);
/* Reads and checks what it names: images, dumps, symbols. */
bool scenario_load_files(struct scenario *scenario, struct error *error);
/* False when an output (NULL: none) is the scenario's file or one that it names. */
bool scenario_check_outputs(const struct scenario *scenario, const char *const *outputs,
                            size_t output_count, struct error *error);
void scenario_free(struct scenario *scenario);

#endif
