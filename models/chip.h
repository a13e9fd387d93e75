/* What a chip is, and one living instance of it with all its devices: the only model header that the
 * engine includes. */
#ifndef MODELS_CHIP_H
#define MODELS_CHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/flash.h"
#include "models/flash_array.h"
#include "models/wires.h"
#include "sim/core/bus.h"
#include "sim/core/clock.h"
#include "sim/core/device.h"
#include "sim/core/error.h"
#include "sim/core/irq.h"
#include "sim/core/system_control.h"
#include "sim/core/trace.h"

enum core_type { CORE_M4, CORE_M7 };

struct chip_memory {
    const char *name;      /* "SRAM1" */
    uint32_t base;
    uint32_t bytes;
    const char *alias_of;  /* same bytes as the memory of this name, from its start; NULL: its own */
};

struct chip_duration {
    uint32_t min_ns, typ_ns, max_ns;
};

struct chip_flash {
    uint32_t bank_count;
    uint32_t bank_bytes;
    uint32_t page_bytes;       /* in dual-bank mode where there is a choice */
    uint32_t row_doublewords;  /* fast programming: 32 or 64 */
    bool has_empty_check;      /* SR.PEMPTY (not on L47x/48x) */
    bool has_boot0_option;     /* OPTR.nSWBOOT0 and nBOOT0 (not on L47x/48x) */
    bool is_l4_plus;           /* DBANK, LVEN, wider ECC address, CFGR */
    uint8_t pcrop_bits;        /* width of PCROPxSR/ER offsets */
    uint32_t factory_optr;
    struct chip_duration program, fast_row, page_erase, mass_erase, option_change;
};

/* Windows of the device named "FLASH", as in `access.window`. */
enum flash_window {
    FLASH_WINDOW_REGISTERS,
    FLASH_WINDOW_MAIN, /* the main array, by any of its addresses; offset from its first byte */
    FLASH_WINDOW_INFO, /* 0x1FFF0000: system memory, OTP, factory data, option bytes */
    FLASH_WINDOW_CLOSED /* SRAM2 while RDP level 1 closes it */
};

struct chip_peripheral {
    const struct device_type *type;
    const char *name;          /* "USART2" */
    uint32_t base;
    uint32_t bytes;            /* of its register window */
    int irq_line;              /* -1 none */
    int enable_word;           /* enum enable_word, -1: always clocked */
    uint32_t enable_mask;
    const void *config;        /* the model's own table row */
};

/* A block that exists on the chip and is not modelled: registers read back what was written, and the
 * first touch is reported by name. */
struct chip_unmodelled {
    const char *name;
    uint32_t base;
    uint32_t bytes;
};

struct chip {
    const char *name;          /* "stm32l452re" */
    const char *manual;        /* "RM0394 rev 4" */
    const char *data_sheet;
    enum core_type core;
    uint32_t irq_count;        /* external interrupt lines */
    uint32_t idcode;           /* DBGMCU_IDCODE */
    const struct chip_memory *memories;
    unsigned memory_count;
    struct chip_flash flash;
    const struct chip_peripheral *peripherals;
    unsigned peripheral_count;
    const struct chip_unmodelled *unmodelled;
    unsigned unmodelled_count;
};

unsigned chip_count(void);
const struct chip *chip_at(unsigned index);
/* NULL when there is no such chip. */
const struct chip *chip_find(const char *name);
/* Bytes of main flash. */
uint32_t chip_flash_bytes(const struct chip *chip);

/* The cells of a new part: virgin, with the option bytes of the factory. NULL: out of memory. */
struct flash_array *chip_create_cells(const struct chip *chip);

/* The option bytes with their complements: what is read at 0x1FFF7800, then at 0x1FFFF800. As a programmer
 * leaves them; they act from the next load on. */
enum { SOC_OPTION_BYTES = 128 };
void chip_load_option_bytes(struct flash_array *cells, const uint8_t bytes[SOC_OPTION_BYTES]);

/* An option register, and what it can hold. */
struct chip_option {
    const char *name;  /* "WRP1AR" */
    uint32_t defined;  /* its bits; the others read as the factory left them */
    uint32_t factory;
    unsigned unit;     /* of the option page: the value and its complement */
};
/* False past the last one. */
bool chip_get_option(const struct chip *chip, unsigned index, struct chip_option *option);
/* As a programmer leaves it; it acts from the next load on. */
void chip_set_option(struct flash_array *cells, const struct chip_option *option, uint32_t value);

enum { SOC_RAM_MAX = 8 };

struct soc_ram {
    const struct chip_memory *memory;
    uint8_t *bytes;
};

/* Called at the alarm's time, between the chip's own timers: may change pins, supply and cells, and ask for
 * a reset, but not move time. */
typedef void soc_alarm(void *context);

/* One chip, alive. Everything that a snapshot must hold is in `clock`, `irq`, `control`, `wires`,
 * `state`, the RAMs and the flash array. */
struct soc {
    const struct chip *chip;
    struct clock clock;
    struct trace trace;
    struct bus bus;
    struct irq irq;                        /* core 0 */
    struct system_control control;         /* core 0 */
    struct wires wires;
    struct system system;
    struct device *devices;
    uint8_t *state;                        /* all devices' states, one after another */
    size_t state_bytes;
    struct soc_ram ram[SOC_RAM_MAX];
    unsigned ram_count;
    uint8_t *view;                         /* main flash as the CPU sees it */
    struct flash_array *cells;             /* the truth, survives loss of power */
    soc_alarm *alarm;                      /* soc_set_alarm() */
    void *alarm_context;
};

/* Allocates and wires up everything; the chip is unpowered until soc_reset(RESET_POWER_ON). */
bool soc_create(struct soc **soc, const struct chip *chip, struct error *error);
void soc_destroy(struct soc *soc);

/* Resets all devices in table order; RESET_POWER_ON also loads option bytes and clears what only a
 * power-on clears. RAM is the caller's business. A flash pulse in flight ends as wires.reset_pulse says. */
void soc_reset(struct soc *soc, enum reset_cause cause);

/* A debug probe is connected or pulled off: at RDP level 1 the main flash goes out of reach (RM0351
 * 3.5.1, L4 sheet 11.3). */
void soc_set_debugger(struct soc *soc, bool is_attached);

/* One alarm for whoever plays the outside world; CLOCK_NEVER cancels it. It survives resets and loss of
 * power. */
void soc_set_alarm(struct soc *soc, uint64_t at_ps);

/* Power goes away now: the flash controller leaves torn what it was doing. */
void soc_power_cut(struct soc *soc);

/* Runs the timers due by `to_ps`. */
void soc_advance(struct soc *soc, uint64_t to_ps);

/* What the last reset chose to start from, and where its vector table is. System memory holds no code
 * here: a machine that is to run it must say so and stop. */
enum boot_source soc_boot_source(const struct soc *soc);
uint32_t soc_vector_table(const struct soc *soc);

/* Bytes that a loader puts into main flash at an absolute address (bank order as not swapped). The range
 * must lie in it. */
void soc_flash_load(struct soc *soc, uint32_t addr, const uint8_t *bytes, size_t size,
                    enum flash_load how);
void soc_option_bytes_save(struct soc *soc, uint8_t bytes[SOC_OPTION_BYTES]);
/* As a programmer leaves them; they act from the next load on. */
void soc_option_bytes_load(struct soc *soc, const uint8_t bytes[SOC_OPTION_BYTES]);
/* Repairs the CPU's view, busy ranges and watched granules: after `cells`, `state` or `wires` were changed
 * from outside, as when a snapshot was restored. */
void soc_flash_publish(struct soc *soc);
/* The read protection in force: 0, 1 (a debugger does not get at main flash) or 2 (none gets in). L4 sheet 11.3 */
unsigned soc_flash_protection_level(const struct soc *soc);
/* What the flash controller is doing now. */
struct flash_activity soc_flash_activity(struct soc *soc);
/* A double word of the main array, counted from bank 1, as it reads in this boot. */
void soc_flash_read_unit(struct soc *soc, uint32_t unit, struct flash_reading *reading);
/* The next cut or reset that hits an operation finds it in this phase; NULL: as the time says. */
void soc_flash_set_cut_phase(struct soc *soc, const struct flash_cut *cut);

/* Whether the chip has a pin: port 'A' and up, bit 0 to 15. */
bool chip_has_pin(const struct chip *chip, char port, unsigned bit);

/* The names of all that a chip's events can come from inside it: its devices and what is not modelled. */
void chip_each_unit(const struct chip *chip, void (*visit)(void *context, const char *name),
                    void *context);

/* The next operation of a kind (the event that begins it; EVENT_KIND_COUNT: any) fails with OPERR. */
void soc_flash_fail_next(struct soc *soc, enum event_kind start);

/* The device with a name, or NULL. */
struct device *soc_device(struct soc *soc, const char *name);

#endif
