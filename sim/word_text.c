/* Exceptions: core sheet 1 (ARMv7-M ARM B1.5.2). Phases: models/flash_array.c. Reset causes: boot sheet 6. */
#include "sim/word_text.h"

#include "models/flash.h"
#include "sim/core/device.h"
#include "sim/core/irq.h"

#define EXCEPTION(number) "exception", EVENT_EXCEPTION_ENTRY, number
#define PHASE(number) "phase of a cut", EVENT_FLASH_TORN, number
#define CAUSE(number) "reset cause", EVENT_RESET, number
#define WATCHDOG(number) "state of a watchdog", EVENT_WATCHDOG, number

// clang-format off
const struct word_text word_texts[] = {
    {"NMI", EXCEPTION(EXC_NMI), "can not be masked; on these chips a double ECC error of the flash (FLASH_ECCR.ECCD) or the clock security system raises it, and it comes again until its flag is cleared"},
    {"HardFault", EXCEPTION(EXC_HARD_FAULT), "a fault that has no handler of its own, or whose own could not be taken (HFSR.FORCED): CFSR has the reason"},
    {"MemManage", EXCEPTION(EXC_MEM_MANAGE), "the MPU or the default memory map forbids the access (CFSR bits 0 to 7); off until SHCSR.MEMFAULTENA, and then a HardFault"},
    {"BusFault", EXCEPTION(EXC_BUS_FAULT), "nothing answers, or what is there refuses (CFSR bits 8 to 15); off until SHCSR.BUSFAULTENA, and then a HardFault"},
    {"UsageFault", EXCEPTION(EXC_USAGE_FAULT), "an instruction that can not be executed (CFSR bits 16 to 25); off until SHCSR.USGFAULTENA, and then a HardFault"},
    {"SVCall", EXCEPTION(EXC_SVCALL), "the SVC instruction"},
    {"DebugMonitor", EXCEPTION(EXC_DEBUG_MONITOR), "debug events while no debugger is attached"},
    {"PendSV", EXCEPTION(EXC_PENDSV), "pended by software, mostly for a context switch"},
    {"SysTick", EXCEPTION(EXC_SYSTICK), "the core's timer reached zero"},
    {"lockup", "end of a run", EVENT_KIND_COUNT, 0, "a fault where none can be taken, as in the HardFault handler or with no vectors: the core stops until a reset"},
    {"before", PHASE(FLASH_PHASE_BEFORE), "nothing has begun: the cells are as they were"},
    {"latched", PHASE(FLASH_PHASE_LATCHED), "program: the data is in the buffer, the pulse has not begun"},
    {"early", PHASE(FLASH_PHASE_EARLY), "program: a check bit has fallen, it reads as before and is not; erase: a few cells have risen"},
    {"mid", PHASE(FLASH_PHASE_MID), "erase: half of the cells have risen"},
    {"pulse", PHASE(FLASH_PHASE_PULSE), "program: a part of the cells has fallen, the more the later; part k of n as in pulse=2/4; option bytes: a value without its complement"},
    {"ecc", PHASE(FLASH_PHASE_ECC), "program: all data, about half of the check bits; option bytes: all but the last complement"},
    {"late", PHASE(FLASH_PHASE_LATE), "reads as finished, but cells are marginal: they may read otherwise after the next power-on or reset"},
    {"done", PHASE(FLASH_PHASE_DONE), "complete; the firmware has not seen it yet"},
    {"power_on", CAUSE(RESET_POWER_ON), "power came"},
    {"brown_out", CAUSE(RESET_BROWN_OUT), "the supply was low, or Shutdown ended"},
    {"pin", CAUSE(RESET_PIN), "NRST was pulled low"},
    {"system", CAUSE(RESET_SYSTEM), "software: SYSRESETREQ in AIRCR, NVIC_SystemReset()"},
    {"iwdg", CAUSE(RESET_IWDG), "the independent watchdog was not refreshed"},
    {"wwdg", CAUSE(RESET_WWDG), "the window watchdog was refreshed too late or too early"},
    {"low_power", CAUSE(RESET_LOW_POWER), "a low-power mode that an option bit turns into a reset"},
    {"option_load", CAUSE(RESET_OPTION_LOAD), "FLASH_CR.OBL_LAUNCH: option bytes were loaded"},
    {"firewall", CAUSE(RESET_FIREWALL), "the firewall was entered wrongly"},
    {"standby", CAUSE(RESET_STANDBY), "Standby ended"},
    {"started", WATCHDOG(0), "from now on it wants to be refreshed"},
    {"refreshed", WATCHDOG(1), "it starts to count over"},
    {"expired", WATCHDOG(2), "it resets the chip"},
};
// clang-format on

const size_t word_text_count = sizeof word_texts / sizeof word_texts[0];
