/* The event stream: what happened on the chip, once, where it became true.
 * Triggers, verdicts, reports and tests read this and nothing else. Kinds are a contract: add, never
 * rename. */
#ifndef SIM_CORE_TRACE_H
#define SIM_CORE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

enum event_kind {
    EVENT_POWER_ON,          /* value: boot number */
    EVENT_POWER_CUT,         /* value: 0; rule: the outcome chosen, if an operation was cut */
    EVENT_RESET,             /* value: enum reset_cause */
    EVENT_BOOT,              /* addr: vector table, value: initial SP; unit: memory booted from */
    EVENT_FLASH_UNLOCK,      /* LOCK fell */
    EVENT_FLASH_LOCK,        /* LOCK rose */
    EVENT_FLASH_OPTION_UNLOCK,
    EVENT_FLASH_LOCKOUT,     /* wrong key sequence: locked until reset */
    EVENT_FLASH_LATCH,       /* first word of a double word taken; addr, value */
    EVENT_FLASH_PROGRAM_START, /* addr, size in bytes, value: low word */
    EVENT_FLASH_PROGRAM_END,
    EVENT_FLASH_ROW_START,   /* fast programming of a row; addr, size in bytes, value: its double words */
    EVENT_FLASH_ROW_END,     /* complete or not */
    EVENT_FLASH_ERASE_START, /* addr: first byte, size: bytes, value: enum flash_operation */
    EVENT_FLASH_ERASE_END,
    EVENT_FLASH_OPTION_START,
    EVENT_FLASH_OPTION_END,
    EVENT_FLASH_OPTION_LOAD, /* value: OPTR */
    EVENT_FLASH_ERROR,       /* a write was refused; value: SR flags it raises, 0 none; some may stand already */
    EVENT_FLASH_STALL,       /* a master waited; addr: what it wanted, value: nanoseconds */
    EVENT_FLASH_TORN,        /* cells left by a cut; addr, size; value: phase */
    EVENT_FLASH_ECC_CORRECTED,
    EVENT_FLASH_ECC_DETECTED,
    EVENT_FLASH_STALE_READ,  /* a cache gave old data; value: what it gave */
    EVENT_BUS_ERROR,         /* addr, size, value written (0 for reads) */
    EVENT_REG_UNIMPLEMENTED, /* a bit was set whose effect is missing; addr: register, value: bits */
    EVENT_UNIT_ABSENT,       /* a peripheral that is not modelled, or not on this chip, was touched */
    EVENT_RULE_ASSUMED,      /* the run depended on a rule where the manual is silent; rule */
    EVENT_EXCEPTION_ENTRY,   /* value: exception number, addr: handler */
    EVENT_EXCEPTION_RETURN,  /* value: exception number left, addr: return address */
    EVENT_FAULT,             /* value: CFSR bits newly set, addr: BFAR/MMFAR or target */
    EVENT_LOCKUP,
    EVENT_SLEEP,             /* WFI, WFE: value 0 WFI, 1 WFE */
    EVENT_CLOCK,             /* value: HCLK in Hz */
    EVENT_CONSOLE,           /* value: byte sent; unit: USART2, RTT, ITM, semihosting */
    EVENT_CONSOLE_IN,        /* value: byte received */
    EVENT_PIN,               /* addr: port << 4 | bit, value: level */
    EVENT_WATCHDOG,          /* value: 0 started, 1 refreshed, 2 expired */
    EVENT_EXIT,              /* semihosting exit; value: status */
    EVENT_DEBUG_HALT,        /* the debugger stopped the core (value 1) or let it go (0) */
    EVENT_DEBUG_ACCESS,      /* the debugger read or wrote; addr, size, value; op: 1 for a write */
    EVENT_STEP,              /* a step of the scenario's timeline acted; value: its number, from 1 */
    EVENT_SUPPLY,            /* the supply reached a level; value: millivolts */
    EVENT_KIND_COUNT
};

enum bus_master { MASTER_CPU, MASTER_DMA1, MASTER_DMA2, MASTER_DEBUGGER };

struct event {
    uint64_t seq;        /* ordinal in the run */
    uint64_t t_ps;       /* virtual time */
    enum event_kind kind;
    uint32_t boot;       /* power-ons and resets so far */
    uint32_t op;         /* ordinal of the flash operation it belongs to, 0 none */
    uint32_t pc;         /* instruction that caused it, 0 when none did */
    uint32_t addr;
    uint32_t size;       /* bytes */
    uint32_t value;
    uint8_t core;
    uint8_t master;      /* enum bus_master */
    const char *unit;    /* "FLASH", "USART2": static text */
    const char *rule;    /* rule id of models/RULES.md, static text, or NULL */
};

typedef void trace_listener(void *context, const struct event *event);

enum { TRACE_LISTENER_MAX = 8 };

struct trace {
    uint64_t next_seq;
    uint32_t boot;
    const uint64_t *now_ps; /* the clock's */
    const uint32_t *pc;     /* the running core's current instruction */
    uint8_t master;         /* of the access that a device is serving, else the CPU (bus) */
    unsigned listener_count;
    trace_listener *listener[TRACE_LISTENER_MAX];
    void *context[TRACE_LISTENER_MAX];
};

/* Fills seq, t_ps and boot; unless the emitter gave them, the master of the access under way and, if
 * that is the CPU, pc. Then hands the event to the listeners in the order they joined. */
void trace_emit(struct trace *trace, struct event event);
void trace_listen(struct trace *trace, trace_listener *listener, void *context);

/* "flash.program_start" and back; EVENT_KIND_COUNT when there is no such name. */
const char *event_kind_name(enum event_kind kind);
enum event_kind event_kind_find(const char *name);
/* One sentence on what the kind means and what its fields hold. */
const char *event_kind_help(enum event_kind kind);

#endif
