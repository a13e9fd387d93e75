/* Address -> memory or device; one access in, one result out.
 * Memory regions carry a host pointer that the CPU engine maps directly; device windows are called.
 * A window may have both: flash is read through its view and written through its controller. */
#ifndef SIM_CORE_BUS_H
#define SIM_CORE_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/trace.h"

struct device;

struct access {
    uint32_t addr;    /* absolute */
    uint32_t offset;  /* from the window's base; the bus fills it */
    uint32_t value;   /* to be written, in the low bits */
    uint32_t pc;      /* instruction, 0 for a DMA channel or a debugger */
    uint8_t size;     /* 1, 2 or 4 bytes */
    uint8_t window;   /* which of the device's windows; the bus fills it */
    uint8_t master;   /* enum bus_master */
    uint8_t core;
    bool is_write;
    bool is_fetch;
    bool is_privileged;
};

struct access_result {
    uint32_t value;          /* what a read gives */
    uint64_t stall_until_ps; /* the master waits until then; 0 no stall */
    bool is_bus_error;
    bool is_time_dependent;  /* reading again later may give another value without any event, or the read
                                had an effect: a loop around it must not be skipped */
    bool is_retried;         /* with a stall: nothing was done yet, ask again when it is over */
};

enum bus_kind {
    BUS_RAM,      /* host memory, read and write */
    BUS_VIEW,     /* host memory for reads and fetches, the device for writes and watched reads; every
                     alias of the main array, all with the same host bytes */
    BUS_DEVICE,   /* the device for everything */
};

struct bus_region {
    const char *name; /* static text */
    uint32_t base;
    uint32_t size;
    enum bus_kind kind;
    uint8_t window;
    uint8_t *host;         /* BUS_RAM, BUS_VIEW */
    struct device *device; /* BUS_VIEW, BUS_DEVICE */
};

enum { BUS_REGION_MAX = 160, BUS_BUSY_MAX = 2, BUS_GRANULE_BYTES = 1024, BUS_WATCH_WORDS = 64 };

/* A range of the view that no master can read before `until_ps`. Offsets count from the view's first
 * byte, so that they hold in every alias and in either bank order. */
struct bus_busy {
    uint32_t offset;
    uint32_t size;
    uint64_t until_ps;
};

struct bus {
    unsigned region_count;
    struct bus_region region[BUS_REGION_MAX]; /* sorted by base, not overlapping */
    /* What the flash controller publishes; the engine charges the stalls. */
    struct bus_busy busy[BUS_BUSY_MAX];
    /* Granules of the view whose data reads and fetches must reach the device (bad ECC, PCROP, caches):
     * a bit each, 2 MB in all. */
    uint32_t watched[BUS_WATCH_WORDS];
    uint32_t map_generation;   /* regions changed: the CPU's map must be rebuilt */
    uint32_t watch_generation; /* busy ranges or watched granules changed */
    /* Tells the engine that bytes of a view changed under it (translated code, predecoded costs). */
    const uint8_t *ram_watch_first, *ram_watch_end; /* a write there sets is_ram_touched */
    bool is_ram_touched;
    uint32_t unclocked_told_in[BUS_REGION_MAX]; /* boot + 1 of the last report, by region */
    void (*view_changed)(void *context, uint32_t offset, uint32_t size);
    void *context;
};

void bus_init(struct bus *bus);
/* Adds a region. The range must be free (our mistake otherwise: asserts). */
void bus_map(struct bus *bus, struct bus_region region);
/* Removes the region that starts at `base`, if there is one. */
void bus_unmap(struct bus *bus, uint32_t base);
/* The region that contains an address, or NULL. */
const struct bus_region *bus_find(const struct bus *bus, uint32_t addr);

/* Performs one access. An address without a region is a bus error. Accesses must not cross a region's
 * end (the caller splits). Reads of a busy range come back with the stall and the data not yet read. */
void bus_access(struct bus *bus, struct access *access, struct access_result *result);

/* Until when a read or fetch at `addr` must wait: 0 when it need not. */
uint64_t bus_busy_until(const struct bus *bus, uint32_t addr);
void bus_set_busy(struct bus *bus, unsigned slot, uint32_t offset, uint32_t size, uint64_t until_ps);
void bus_clear_busy(struct bus *bus, unsigned slot);
/* Marks the granules that a range of the view touches. */
void bus_watch(struct bus *bus, uint32_t offset, uint32_t size, bool is_watched);
bool bus_is_watched(const struct bus *bus, uint32_t offset);
/* Must be called by whoever changes bytes of the view. */
void bus_view_changed(struct bus *bus, uint32_t offset, uint32_t size);

#endif
