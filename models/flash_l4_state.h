/* What the files of the L4 flash controller share: its state and the services they do each other.
 */
#ifndef MODELS_FLASH_L4_STATE_H
#define MODELS_FLASH_L4_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/chip.h"
#include "models/flash.h"
#include "models/flash_array.h"
#include "models/flash_l4.h"
#include "models/flash_l4_regs.h"
#include "models/key_lock.h"
#include "models/rules.h"
#include "models/wires.h"
#include "sim/core/device.h"
#include "sim/core/reg.h"

enum flash_l4_kind {
    FLASH_L4_IDLE,
    FLASH_L4_PROGRAM,
    FLASH_L4_FAST_PROGRAM, /* one double word of a row */
    FLASH_L4_PAGE_ERASE,
    FLASH_L4_MASS_ERASE, /* all banks */
    FLASH_L4_OPTION_CHANGE,
    FLASH_L4_BANK_ERASE /* one of two banks */
};

/* The operation in flight: BSY, stalls and what a cut leaves all derive from it. */
struct flash_l4_operation {
    uint8_t kind;     /* enum flash_l4_kind */
    uint8_t banks;    /* a bit for each physical bank that can not be read */
    bool erases_main; /* option change from RDP level 1 to 0: main memory goes first */
    bool launches;    /* option change: OBL_LAUNCH was written with OPTSTRT */
    uint32_t ordinal; /* as in the trace */
    uint32_t unit;    /* program */
    uint64_t data;
    uint32_t first_page; /* erase */
    uint32_t page_count;
    uint64_t started_ps;
    uint64_t ends_ps;
};

/* The first word of a double word, waiting for the second. */
struct flash_l4_latch {
    bool is_full;
    uint32_t addr;      /* as the master gave it: for the trace */
    uint32_t cell_word; /* which word of the array: unit * 2 + half */
    uint32_t word;
};

/* Fast programming of one row (L4 sheet 4.6). */
struct flash_l4_row {
    bool is_running;
    bool is_cut;        /* a read of the bank ended it: the double word in the pulse is the last */
    bool has_next;      /* the double word to follow the one in the pulse */
    uint32_t first_unit;
    uint32_t last_unit; /* last one taken */
    uint64_t next_data;
    uint64_t started_ps;
    uint32_t ready_banks; /* mass-erased since the last page erase or reset */
    uint32_t erased_page; /* 1 + page erased last, 0 none (rule L4.fast.after_page_erase) */
};

enum { FLASH_L4_OPTION_COUNT = 9 };

/* Values of the option registers FLASH_OPTR to FLASH_WRP2BR, in that order. */
struct flash_l4_options {
    uint32_t value[FLASH_L4_OPTION_COUNT];
};

enum { CACHE_LINE_BYTES = 32, DATA_LINES = 8, INSTRUCTION_LINES = 32, CACHE_MAP_WORDS = 2048 };

struct flash_l4_line {
    uint32_t offset;  /* in the view, of its first byte */
    uint32_t used;    /* when last: the smallest goes first */
    uint8_t valid;    /* a bit for each double word; 0: the line is free */
    uint8_t reported; /* stale double words that the trace has heard of */
    uint8_t data[CACHE_LINE_BYTES];
};

struct flash_l4_caches {
    uint32_t clock;
    struct flash_l4_line data[DATA_LINES];
    struct flash_l4_line instruction[INSTRUCTION_LINES];
    /* Adversarial: which lines of the view were read, fetched since the last flush. */
    uint32_t was_read[CACHE_MAP_WORDS];
    uint32_t was_fetched[CACHE_MAP_WORDS];
};

struct flash_l4 {
    uint32_t reg[FLASH_L4_PLUS_REGISTERS]; /* without what is computed: BSY, PEMPTY, locks, STRT */
    struct key_lock lock, option_lock, power_down_lock;
    struct flash_l4_operation op;
    struct flash_l4_latch latch;
    struct flash_l4_row row;
    struct flash_l4_options loaded; /* what is in force */
    uint32_t op_count;
    uint32_t last_ecc_unit; /* 1 + unit of the last ECC event, 0 none */
    uint32_t buffered_unit; /* 1 + unit read last */
    uint32_t marginal_boot, marginal_count; /* reads of marginal words in this boot */
    uint64_t assumed;       /* rules already reported, a bit each */
    bool has_failure; /* injected: the next operation that `failing` starts ends with OPERR */
    uint8_t failing;  /* enum event_kind */
    bool is_cut_forced;
    struct flash_cut forced_cut;
    bool was_blocked; /* RDP level 1 was in the way when last looked at */
    bool was_swapped;
    bool met_debugger;                     /* at RDP level 1, since power came */
    bool reported_rom;
    struct flash_l4_caches caches;
};

/* Rules where the manual is silent: RULES.md lists them as assumed. */
enum flash_l4_assumption {
    ASSUME_KEY_WHEN_UNLOCKED,
    ASSUME_KEY_WHILE_BUSY,
    ASSUME_PAIR_POLICY,
    ASSUME_BOTH_PROGRAM_MODES,
    ASSUME_PROTECTED_PAIR,
    ASSUME_ZERO_OVER_ZERO,
    ASSUME_RANGE_2,
    ASSUME_FAST_AFTER_MASS_ERASE,
    ASSUME_FAST_ROW_START,
    ASSUME_FAST_CLOCK,
    ASSUME_ERASE_NOTHING,
    ASSUME_ERASE_BOTH_KINDS,
    ASSUME_ERASE_WITH_OPTION_CHANGE,
    ASSUME_DOUBLE_ERROR_DATA,
    ASSUME_MARGINAL_READ,
    ASSUME_TORN_CELLS,
    ASSUME_FAILED_OPERATION,
    ASSUME_LATENCY,
    ASSUME_OPTION_DURATION,
    ASSUME_OPTION_REGISTER_BUSY,
    ASSUME_PCROP_SHRINK,
    ASSUME_PCROP_READ_ZERO,
    ASSUME_POWER_DOWN_KEY,
    ASSUME_OTP_FAST,
    ASSUME_FACTORY_DATA,
    ASSUME_STALE_INSTRUCTION,
    ASSUME_CACHE_ERRATUM,
    ASSUME_WRITE_INFO,
    ASSUME_LEVEL_0_ORDER,
    ASSUMPTION_COUNT
};

static inline struct flash_l4 *flash_l4_of(const struct device *device)
{
    return device->state;
}

static inline const struct chip_flash *flash_l4_chip(const struct device *device)
{
    return &device->system->chip->flash;
}

/* --- flash_l4.c: the operation in flight --- */

void flash_l4_assume(struct device *device, enum flash_l4_assumption assumption);
bool flash_l4_is_busy(const struct device *device);
uint64_t flash_l4_duration_ps(const struct device *device, const struct chip_duration *duration);
/* The op's kind, target and data are filled in; it starts now and ends after `duration_ps`. */
void flash_l4_start(struct device *device, struct flash_l4_operation op, uint64_t duration_ps);
/* The master waits for the operation in flight, then asks again. */
void flash_l4_stall(const struct device *device, struct access_result *result);

/* --- flash_l4_registers.c: registers, flags, locks --- */

void flash_l4_read_register(struct device *device, const struct access *access,
                            struct access_result *result);
void flash_l4_write_register(struct device *device, const struct access *access,
                             struct access_result *result);
void flash_l4_reset_registers(struct device *device, enum reset_cause cause);
/* SR and CR as they read now. */
uint32_t flash_l4_sr(const struct device *device);
uint32_t flash_l4_cr(const struct device *device);
/* Sets flags, and OPERR with them where ERRIE asks for it, and says why. */
void flash_l4_raise(struct device *device, uint32_t flags, const char *rule, uint32_t addr,
                    uint32_t size);
/* Says so when the clock is too fast for ACR.LATENCY: what is read then is anybody's guess on silicon. */
void flash_l4_check_latency(struct device *device);
/* SR.EOP, if EOPIE. */
void flash_l4_succeed(struct device *device);
void flash_l4_update_lines(struct device *device);

/* --- flash_l4_geometry.c: pages, banks and addresses as loaded options and FB_MODE have them ---
 */

bool flash_l4_is_dual_bank(const struct device *device);
uint32_t flash_l4_bank_count(const struct device *device); /* physical banks in this mode */
uint32_t flash_l4_bank_bytes(const struct device *device);
uint32_t flash_l4_bank_pages(const struct device *device); /* array pages, not erase units */
/* Array pages in one erase unit: 2 with DBANK = 0. */
uint32_t flash_l4_erase_pages(const struct device *device);
/* Between offsets in the CPU's view and in the array (bank 1 first); its own inverse. */
uint32_t flash_l4_swap(const struct device *device, uint32_t offset);
uint32_t flash_l4_bank_of_page(const struct device *device, uint32_t page);
uint32_t flash_l4_page_addr(const struct device *device, uint32_t page);
uint32_t flash_l4_unit_addr(const struct device *device, uint32_t unit);

/* --- flash_l4_view.c: what the CPU sees --- */

void flash_l4_show_page(struct device *device, uint32_t page);
/* A unit that was programmed: cheaper than its page. */
void flash_l4_show_unit(struct device *device, uint32_t unit);
void flash_l4_publish_busy(struct device *device);
/* Watched granules of all pages: a reason that concerns many changed. */
void flash_l4_watch_all(struct device *device);
void flash_l4_watch_page(struct device *device, uint32_t page);
/* How marginal cells of a unit read in this boot. */
enum flash_choice flash_l4_choice(struct device *device, uint32_t unit);

/* --- flash_l4_read.c: reads that the controller sees --- */

void flash_l4_read_main(struct device *device, const struct access *access,
                        struct access_result *result);
/* So many marginal words were read in this boot that they read otherwise now. */
bool flash_l4_reads_changed(const struct device *device);
/* A unit through ECC, with flags and NMI. */
uint64_t flash_l4_read_unit(struct device *device, uint32_t unit, const struct access *access,
                            struct access_result *result);

/* --- flash_l4_cache.c: the ART accelerator --- */

bool flash_l4_cache_sees(const struct device *device);
uint64_t flash_l4_cache_read(struct device *device, uint32_t offset, const struct access *access,
                             struct access_result *result);
void flash_l4_cache_programmed(struct device *device, uint32_t offset, uint64_t data);
/* Before the cells change. */
void flash_l4_cache_erasing(struct device *device, uint32_t page);
void flash_l4_cache_acr(struct device *device, uint32_t old);
void flash_l4_cache_reset(struct device *device);

/* --- flash_l4_info.c: the information block --- */

bool flash_l4_is_reserved_info(const struct device *device, uint32_t offset);
void flash_l4_read_info(struct device *device, const struct access *access,
                        struct access_result *result);

/* --- flash_l4_program.c --- */

/* A write beat to the main array (unit of the view) or the information block. */
void flash_l4_write_beat(struct device *device, const struct access *access,
                         struct access_result *result);
void flash_l4_drop_latch(struct device *device);
void flash_l4_end_program(struct device *device, const struct flash_l4_operation *op);
void flash_l4_end_fast_program(struct device *device, const struct flash_l4_operation *op);
/* The row being programmed is over, complete or not. */
void flash_l4_end_row(struct device *device);
/* A read of the bank whose row is being programmed: the rest is cut. True if there is one. */
bool flash_l4_cut_row(struct device *device, uint32_t page);

/* --- flash_l4_erase.c --- */

void flash_l4_start_erase(struct device *device);
void flash_l4_end_erase(struct device *device, const struct flash_l4_operation *op);

/* --- flash_l4_option_bytes.c --- */

enum { RDP_LEVEL_0, RDP_LEVEL_1, RDP_LEVEL_2 };

/* Cells -> registers and what is in force. */
void flash_l4_load_options(struct device *device);
/* Registers show again what is in force: a reset without a load. */
void flash_l4_show_options(struct device *device);
void flash_l4_start_option_change(struct device *device, bool launches);
void flash_l4_end_option_change(struct device *device, const struct flash_l4_operation *op);
/* True: only main memory was touched, on the way to level 0. */
bool flash_l4_cut_option_change(struct device *device, const struct flash_l4_operation *op,
                                const struct flash_torn *cut);
void flash_l4_limit_option(struct device *device, unsigned index, uint32_t old);
bool flash_l4_is_write_protected(const struct device *device, uint32_t page);
bool flash_l4_is_pcrop(const struct device *device, uint32_t unit);
bool flash_l4_page_has_pcrop(const struct device *device, uint32_t page);
/* RDP level 1 keeps whoever asks away from main memory. */
bool flash_l4_is_blocked(const struct device *device);

#endif
