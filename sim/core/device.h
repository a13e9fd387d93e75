/* What the bus and the machine ask of every device.
 * A device's state is one plain struct without pointers, so that a snapshot is a copy; what it needs
 * from its surroundings it reaches through `struct device`, which never changes after the build. */
#ifndef SIM_CORE_DEVICE_H
#define SIM_CORE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/bus.h"
#include "sim/core/clock.h"
#include "sim/core/irq.h"
#include "sim/core/trace.h"

struct wires;          /* shared levels between the models: models/wires.h */
struct flash_array;    /* the cells: models/flash_array.h */
struct chip;           /* models/chip.h */
struct system_control; /* sim/core/system_control.h */
struct device;

enum reset_cause {
    RESET_POWER_ON,
    RESET_BROWN_OUT,
    RESET_PIN,
    RESET_SYSTEM,       /* SYSRESETREQ */
    RESET_IWDG,
    RESET_WWDG,
    RESET_LOW_POWER,
    RESET_OPTION_LOAD,  /* OBL_LAUNCH */
    RESET_FIREWALL,
    RESET_STANDBY,      /* wake-up from Standby; out of Shutdown it is a brown-out reset */
    RESET_PERIPHERAL,   /* the RCC's reset bit of this one device */
    RESET_CAUSE_COUNT
};

struct device_type {
    const char *name;     /* "usart" */
    size_t state_bytes;
    unsigned timer_count; /* one-shot timers it uses, numbered from 0 */
    /* Any reset, power-on included (state is all zeros before the first). */
    void (*reset)(struct device *device, enum reset_cause cause);
    void (*read)(struct device *device, const struct access *access, struct access_result *result);
    void (*write)(struct device *device, const struct access *access, struct access_result *result);
    void (*expired)(struct device *device, unsigned timer);
    /* A line of models/wires.h changed; called for every device that has this hook. */
    void (*signal)(struct device *device, unsigned line, uint32_t value);
    /* Power goes away now. Only what survives it needs this. */
    void (*power_cut)(struct device *device);
};

struct system {
    struct clock *clock;
    struct trace *trace;
    struct bus *bus;
    struct irq *irq;          /* of core 0 */
    struct wires *wires;
    struct system_control *control;
    const struct chip *chip;
    struct flash_array *cells;
    uint8_t *view;            /* main flash as the CPU reads it, repaired from the cells */
    struct device *devices;
    unsigned device_count;
    /* Those with a signal hook, in table order; NULL: look at all devices. */
    struct device **listeners;
    unsigned listener_count;
    bool needs_attention;     /* the machine must look before the next instruction */
    bool reset_requested;     /* by a device; the machine performs it */
    enum reset_cause reset_cause;
};

struct device {
    const struct device_type *type;
    const char *name;         /* "USART2" */
    void *state;              /* type->state_bytes of plain data */
    const void *config;       /* the chip's table row for it */
    struct system *system;
    uint32_t base;            /* of its register window */
    int irq_line;             /* -1 none */
    unsigned first_timer;
    /* The RCC enable bit. Off: registers read 0 and ignore writes (boot sheet 2). NULL: always on. */
    const uint32_t *clock_enable;
    uint32_t clock_enable_mask;
};

void device_schedule(struct device *device, unsigned timer, uint64_t at_ps);
void device_cancel(struct device *device, unsigned timer);
bool device_is_scheduled(const struct device *device, unsigned timer);
uint64_t device_deadline_ps(const struct device *device, unsigned timer);
uint64_t device_now_ps(const struct device *device);
/* Whether the RCC's enable bit lets the device run. */
bool device_is_clocked(const struct device *device);

/* Drives the device's own interrupt line. */
void device_set_irq(struct device *device, bool high);
/* Emits an event with the unit filled in. */
void device_emit(struct device *device, struct event event);
/* The run now depends on a rule where the manual is silent. */
void device_assume(struct device *device, const char *rule);
/* Changes a line of models/wires.h: every device with a signal hook hears of it, in table order. */
void device_signal(struct system *system, unsigned line, uint32_t value);
/* Asks the machine for a system reset before the next instruction. The first request wins. */
void system_request_reset(struct system *system, enum reset_cause cause);

#endif
