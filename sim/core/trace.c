/* Hand-out of events and their names. */
#include "sim/core/trace.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

// clang-format off
static const struct {
    const char *name;
    const char *help;
} kinds[EVENT_KIND_COUNT] = {
    [EVENT_POWER_ON] = {"power.on", "Power came: value is the number of power-ons so far."},
    [EVENT_POWER_CUT] = {"power.cut", "Power was lost: rule names the outcome if an operation was cut."},
    [EVENT_RESET] = {"core.reset", "A reset was performed: value is its cause (`flashsim explain core.reset` numbers them)."},
    [EVENT_BOOT] = {"core.boot", "The core starts: addr is its first instruction, value its stack pointer, unit the memory booted from."},
    [EVENT_FLASH_UNLOCK] = {"flash.unlock", "The key sequence was right: the control register is open."},
    [EVENT_FLASH_LOCK] = {"flash.lock", "Software locked the control register."},
    [EVENT_FLASH_OPTION_UNLOCK] = {"flash.option_unlock", "The option key sequence was right."},
    [EVENT_FLASH_LOCKOUT] = {"flash.lockout", "A wrong key sequence: locked until the next system reset."},
    [EVENT_FLASH_LATCH] = {"flash.latch", "The first word of a double word was taken: addr and value."},
    [EVENT_FLASH_PROGRAM_START] = {"flash.program_start", "Programming began: addr, size in bytes, value its first word."},
    [EVENT_FLASH_PROGRAM_END] = {"flash.program_end", "Programming ended: addr and size."},
    [EVENT_FLASH_ROW_START] = {"flash.row_start", "Fast programming of a row began, its double words follow: addr, size in bytes, value how many they are."},
    [EVENT_FLASH_ROW_END] = {"flash.row_end", "Fast programming of a row ended, complete or not: addr and size."},
    [EVENT_FLASH_ERASE_START] = {"flash.erase_start", "An erase began: addr of the first byte, size in bytes, value 3 for a page, 4 for all banks, 6 for one of two."},
    [EVENT_FLASH_ERASE_END] = {"flash.erase_end", "An erase ended: addr and size."},
    [EVENT_FLASH_OPTION_START] = {"flash.option_start", "Option bytes are being changed."},
    [EVENT_FLASH_OPTION_END] = {"flash.option_end", "The option change ended."},
    [EVENT_FLASH_OPTION_LOAD] = {"flash.option_load", "Option bytes were loaded: value is OPTR."},
    [EVENT_FLASH_ERROR] = {"flash.error", "A write was refused: addr is its target, value the flags of SR that this write raises (0: none); some may stand already."},
    [EVENT_FLASH_STALL] = {"flash.stall", "A master waited for the flash: addr is what it wanted, value the nanoseconds."},
    [EVENT_FLASH_TORN] = {"flash.torn", "Cells left by a cut or a reset: addr, size, value the phase (`flashsim explain flash.torn` numbers them)."},
    [EVENT_FLASH_ECC_CORRECTED] = {"flash.ecc_corrected", "One wrong bit was corrected in a read of addr."},
    [EVENT_FLASH_ECC_DETECTED] = {"flash.ecc_detected", "Two wrong bits were detected in a read of addr."},
    [EVENT_FLASH_STALE_READ] = {"flash.stale_read", "A cache gave old data: addr, value what it gave."},
    [EVENT_BUS_ERROR] = {"bus.error", "An access found nothing that answers, or was refused: addr, size, value."},
    [EVENT_REG_UNIMPLEMENTED] = {"reg.unimplemented", "A bit was set whose effect is missing here: addr of the register, value the bits."},
    [EVENT_UNIT_ABSENT] = {"unit.absent", "A peripheral that is not modelled, not clocked or not on this chip was touched."},
    [EVENT_RULE_ASSUMED] = {"rule.assumed", "The run depended on a rule where the manual is silent: rule."},
    [EVENT_EXCEPTION_ENTRY] = {"core.exception_entry", "An exception was taken: value its number (from 16: IRQ 0), addr its handler."},
    [EVENT_EXCEPTION_RETURN] = {"core.exception_return", "An exception returned: value its number, addr the return address."},
    [EVENT_FAULT] = {"core.fault", "A fault: value the CFSR bits newly set, addr the data or target address."},
    [EVENT_LOCKUP] = {"core.lockup", "A fault where none can be taken: the core stopped for good."},
    [EVENT_SLEEP] = {"core.sleep", "The core waits: value 0 for WFI, 1 for WFE."},
    [EVENT_CLOCK] = {"clock.change", "The core clock changed: value is HCLK in Hz."},
    [EVENT_CONSOLE] = {"console.out", "A byte left on a console: value, unit."},
    [EVENT_CONSOLE_IN] = {"console.in", "A byte arrived on a console: value, unit."},
    [EVENT_PIN] = {"gpio.pin", "An output pin changed: addr is port * 16 + bit, value its level."},
    [EVENT_WATCHDOG] = {"watchdog", "A watchdog: value 0 started, 1 refreshed, 2 expired."},
    [EVENT_EXIT] = {"semihosting.exit", "The firmware asked to exit: value is the status."},
    [EVENT_DEBUG_HALT] = {"debug.halt",
                          "The debugger stopped the core (value 1) or let it go (value 0)."},
    [EVENT_DEBUG_ACCESS] = {"debug.access", "The debugger accessed addr with size bytes: value is "
                            "what it read or wrote; op is 1 for a write."},
    [EVENT_STEP] = {"scenario.step", "A step of the scenario acted: value is its number."},
    [EVENT_SUPPLY] = {"supply.level", "VDD reached value millivolts."},
};
// clang-format on

void trace_emit(struct trace *trace, struct event event)
{
    event.seq = trace->next_seq++;
    event.t_ps = *trace->now_ps;
    event.boot = trace->boot;
    if (event.master == MASTER_CPU)
        event.master = trace->master;
    if (!event.pc && trace->pc && event.master == MASTER_CPU)
        event.pc = *trace->pc;
    for (unsigned i = 0; i < trace->listener_count; i++)
        trace->listener[i](trace->context[i], &event);
}

void trace_listen(struct trace *trace, trace_listener *listener, void *context)
{
    assert(trace->listener_count < TRACE_LISTENER_MAX);
    trace->listener[trace->listener_count] = listener;
    trace->context[trace->listener_count++] = context;
}

const char *event_kind_name(enum event_kind kind)
{
    assert(kind < EVENT_KIND_COUNT);
    return kinds[kind].name;
}

const char *event_kind_help(enum event_kind kind)
{
    assert(kind < EVENT_KIND_COUNT);
    return kinds[kind].help;
}

enum event_kind event_kind_find(const char *name)
{
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++)
        if (strcmp(kinds[kind].name, name) == 0)
            return (enum event_kind)kind;
    return EVENT_KIND_COUNT;
}
