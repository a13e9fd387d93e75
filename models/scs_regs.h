/* Inside of the scs model: the table row of a register, what its hooks get, the device's state, and
 * the chapters. Only scs*.c and dwt_itm.c include this. */
#ifndef MODELS_SCS_REGS_H
#define MODELS_SCS_REGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/cycle_count.h"
#include "models/wires.h"
#include "sim/core/device.h"
#include "sim/core/system_control.h"

struct scs_access {
    const struct scs_reg *reg;
    unsigned index;   /* which word of the row */
    uint32_t old;     /* before the write */
    uint32_t written; /* value on the bus, shifted into its byte lanes, nothing outside them */
    uint32_t lanes;   /* bits that the access covers */
    const struct access *access;
    struct access_result *result;
};

/* A register, or a run of equal ones (ISER0-7). Its value is a field of struct system_control, or
 * what `on_read` computes, or the constant `reset`. Bits in no mask read as reset and ignore
 * writes. */
struct scs_reg {
    const char *name;
    uint32_t addr;
    uint32_t reset;
    uint32_t rw;
    uint32_t w1c;
    uint32_t survives; /* bits that only a power-on reset resets */
    uint32_t field;    /* SCS_FIELD(member), 0: none */
    uint8_t words;     /* 0 counts as 1 */
    bool narrow;       /* bytes and halfwords are valid too */
    bool unprivileged; /* its hook decides about unprivileged writes */
    void (*on_write)(struct device *device, const struct scs_access *write);
    uint32_t (*on_read)(struct device *device, const struct scs_access *read, uint32_t value);
};

#define SCS_FIELD(member) ((uint32_t)offsetof(struct system_control, member) + 1)

struct scs_chapter {
    const struct scs_reg *regs;
    unsigned count;
};

struct systick {
    uint32_t ctrl; /* ENABLE, TICKINT, CLKSOURCE */
    uint32_t load;
    uint32_t value; /* VAL at `origin` */
    bool count_flag;
    bool is_polled; /* CTRL was read since the last event: the next one is planned, too */
    uint64_t origin; /* HCLK cycle, as `hclk` counts, at which the counter had `value` */
    struct cycle_count hclk;
};

enum { DWT_WORDS = 20, ITM_WORDS = 5, FPB_WORDS = 10, TPIU_WORDS = 7 };

struct dwt {
    struct cycle_count core; /* awake and running cycles while CYCCNT is enabled */
    uint32_t cyccnt_base;    /* CYCCNT = base + cycles */
    uint32_t values[DWT_WORDS];
    bool has_assumed_sleep;  /* said once */
};

struct scs_state {
    struct systick systick;
    struct dwt dwt;
    uint32_t itm[ITM_WORDS];
    uint32_t fpb[FPB_WORDS];
    uint32_t tpiu[TPIU_WORDS];
    bool itm_unlocked;
    bool is_in_stop; /* Stop mode: the clocks of the core stand */
};

enum scs_timer { SCS_TIMER_SYSTICK, SCS_TIMER_COUNT };

static inline struct scs_state *scs_state(struct device *device)
{
    return device->state;
}

static inline struct system_control *scs_control(struct device *device)
{
    return device->system->control;
}

/* HCLK as the core's counters see it: 0 while the debugger halts the core and in Stop. */
uint32_t scs_counting_hz(struct device *device);

extern const struct scs_chapter scs_nvic_chapter;
extern const struct scs_chapter scs_scb_chapter;
extern const struct scs_chapter scs_systick_chapter;
extern const struct scs_chapter scs_mpu_chapter;
extern const struct scs_chapter scs_debug_chapter;

void scs_systick_reset(struct device *device);
void scs_systick_expired(struct device *device);
/* The counting clock may have changed. */
void scs_systick_clock(struct device *device);

void scs_mpu_reset(struct device *device);
void scs_debug_reset(struct device *device);

/* DWT, ITM, FPB, TPIU, ROM table: everything outside the system control space. */
void dwt_itm_reset(struct device *device, enum reset_cause cause);
void dwt_itm_read(struct device *device, const struct access *access, struct access_result *result);
void dwt_itm_write(struct device *device, const struct access *access,
                   struct access_result *result);
void dwt_itm_clock(struct device *device);

#endif
