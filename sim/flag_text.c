/* Core sheet 2, 4 and 6 (ARMv7-M ARM B3.2.15, B3.2.16); L4 sheet 2.1 to 2.5 and 4; boot sheet 5 and 6. Bits
 * of L4+ are told where they differ. */
#include "sim/flag_text.h"

#include <stdio.h>
#include <string.h>

#include "sim/core/device.h"
#include "sim/core/irq.h"

// clang-format off
const struct flag_text flag_texts[] = {
    {"CFSR", "IACCVIOL", 1u << 0, "an instruction was fetched from memory that may not be executed: denied by the MPU, or an execute-never region of the default map"},
    {"CFSR", "DACCVIOL", 1u << 1, "a load or store was denied by the MPU"},
    {"CFSR", "MUNSTKERR", 1u << 3, "the MPU denied reading the stack frame at exception return"},
    {"CFSR", "MSTKERR", 1u << 4, "the MPU denied the push of the stack frame at exception entry: the frame is not reliable, a stack overflow is likely"},
    {"CFSR", "MLSPERR", 1u << 5, "the MPU denied the lazy save of the FPU's registers"},
    {"CFSR", "MMARVALID", 1u << 7, "MMFAR holds the address"},
    {"CFSR", "IBUSERR", 1u << 8, "an instruction was fetched where nothing answers"},
    {"CFSR", "PRECISERR", 1u << 9, "a data access met a bus error; the stacked PC is its instruction"},
    {"CFSR", "IMPRECISERR", 1u << 10, "a buffered store met a bus error; the stacked PC is a few instructions later"},
    {"CFSR", "UNSTKERR", 1u << 11, "a bus error while the stack frame was read at exception return"},
    {"CFSR", "STKERR", 1u << 12, "a bus error while the stack frame was pushed: the frame is not reliable, a stack overflow is likely"},
    {"CFSR", "LSPERR", 1u << 13, "a bus error in the lazy save of the FPU's registers"},
    {"CFSR", "BFARVALID", 1u << 15, "BFAR holds the address"},
    {"CFSR", "UNDEFINSTR", 1u << 16, "no such instruction: damaged or erased code, or a jump into data"},
    {"CFSR", "INVSTATE", 1u << 17, "execution with the Thumb bit clear: a jump to an even address, or a damaged function pointer or vector"},
    {"CFSR", "INVPC", 1u << 18, "an exception return with a wrong EXC_RETURN or a damaged stack frame"},
    {"CFSR", "NOCP", 1u << 19, "a coprocessor that is absent or off: the FPU, when CPACR does not enable it"},
    {"CFSR", "UNALIGNED", 1u << 24, "an unaligned access that the instruction does not allow, or CCR.UNALIGN_TRP is set"},
    {"CFSR", "DIVBYZERO", 1u << 25, "a division by zero with CCR.DIV_0_TRP set"},
    {"HFSR", "VECTTBL", 1u << 1, "the vector could not be read"},
    {"HFSR", "FORCED", 1u << 30, "another fault could not be taken (off, masked or of too low priority) and became a HardFault"},
    {"HFSR", "DEBUGEVT", 1u << 31, "a BKPT with no debugger attached and no debug monitor"},
    {"DFSR", "HALTED", 1u << 0, "a debugger halted the core"},
    {"DFSR", "BKPT", 1u << 1, "a BKPT instruction or a breakpoint"},
    {"DFSR", "DWTTRAP", 1u << 2, "a watchpoint"},
    {"DFSR", "VCATCH", 1u << 3, "a vector that DEMCR wants caught"},
    {"DFSR", "EXTERNAL", 1u << 4, "an external debug request"},
    {"SHCSR", "MEMFAULTENA", 1u << 16, "MemManage may be taken; else it becomes a HardFault"},
    {"SHCSR", "BUSFAULTENA", 1u << 17, "BusFault may be taken; else it becomes a HardFault"},
    {"SHCSR", "USGFAULTENA", 1u << 18, "UsageFault may be taken; else it becomes a HardFault"},
    {"FLASH_ACR", "LATENCY", 0x0000000F, "wait states of a read (bits 2:0, on L4+ 3:0)"},
    {"FLASH_ACR", "PRFTEN", 1u << 8, "prefetch; stored here, without an effect"},
    {"FLASH_ACR", "ICEN", 1u << 9, "instruction cache; on after reset"},
    {"FLASH_ACR", "DCEN", 1u << 10, "data cache; on after reset: it may give old data after an erase"},
    {"FLASH_ACR", "ICRST", 1u << 11, "empties the instruction cache, while ICEN = 0"},
    {"FLASH_ACR", "DCRST", 1u << 12, "empties the data cache, while DCEN = 0"},
    {"FLASH_ACR", "RUN_PD", 1u << 13, "flash in power-down in low-power run; needs the keys in PDKEYR"},
    {"FLASH_ACR", "SLEEP_PD", 1u << 14, "flash in power-down in sleep"},
    {"FLASH_SR", "EOP", 1u << 0, "an operation ended well, with CR.EOPIE set"},
    {"FLASH_SR", "OPERR", 1u << 1, "an operation ended badly, with CR.ERRIE set"},
    {"FLASH_SR", "PROGERR", 1u << 3, "the double word was not blank, and the data not all zero"},
    {"FLASH_SR", "WRPERR", 1u << 4, "a protected location was to be written or erased"},
    {"FLASH_SR", "PGAERR", 1u << 5, "the write was not a whole, aligned double word"},
    {"FLASH_SR", "SIZERR", 1u << 6, "a write of a byte or half-word"},
    {"FLASH_SR", "PGSERR", 1u << 7, "wrong sequence: written without PG or while locked, mixed modes, or an error flag was still set"},
    {"FLASH_SR", "MISERR", 1u << 8, "fast programming: data came too late"},
    {"FLASH_SR", "FASTERR", 1u << 9, "fast programming: refused, or the row took too long"},
    {"FLASH_SR", "RDERR", 1u << 14, "data were read from a PCROP area"},
    {"FLASH_SR", "OPTVERR", 1u << 15, "option bytes failed their check when they were loaded"},
    {"FLASH_SR", "BSY", 1u << 16, "an operation is running"},
    {"FLASH_SR", "PEMPTY", 1u << 17, "the first word was blank at the last option load; writing 1 toggles it"},
    {"FLASH_CR", "PG", 1u << 0, "standard programming"},
    {"FLASH_CR", "PER", 1u << 1, "page erase"},
    {"FLASH_CR", "MER1", 1u << 2, "erase of bank 1"},
    {"FLASH_CR", "PNB", 0x000007F8, "number of the page to erase within its bank"},
    {"FLASH_CR", "BKER", 1u << 11, "the page to erase is in bank 2"},
    {"FLASH_CR", "MER2", 1u << 15, "erase of bank 2"},
    {"FLASH_CR", "STRT", 1u << 16, "starts an erase"},
    {"FLASH_CR", "OPTSTRT", 1u << 17, "starts an option change"},
    {"FLASH_CR", "FSTPG", 1u << 18, "fast programming"},
    {"FLASH_CR", "EOPIE", 1u << 24, "interrupt at the end of an operation; without it EOP is never set"},
    {"FLASH_CR", "ERRIE", 1u << 25, "interrupt at an error; without it OPERR is never set"},
    {"FLASH_CR", "RDERRIE", 1u << 26, "interrupt at RDERR"},
    {"FLASH_CR", "OBL_LAUNCH", 1u << 27, "loads the option bytes, which resets the chip"},
    {"FLASH_CR", "OPTLOCK", 1u << 30, "option registers are locked: keys in OPTKEYR open them, after LOCK"},
    {"FLASH_CR", "LOCK", 1u << 31, "CR is locked: keys in KEYR open it"},
    {"FLASH_ECCR", "ADDR_ECC", 0x0007FFFF, "where the wrong double word is: offset in its bank (bits 18:0, on L4+ 19:0)"},
    {"FLASH_ECCR", "BK_ECC", 1u << 19, "it is in bank 2 (two banks only; on L4+ bit 21)"},
    {"FLASH_ECCR", "SYSF_ECC", 1u << 20, "it is in system memory or OTP (on L4+ bit 22)"},
    {"FLASH_ECCR", "ECCIE", 1u << 24, "interrupt at ECCC"},
    {"FLASH_ECCR", "ECCC2", 1u << 28, "L4+ with DBANK = 0: one wrong bit was corrected in the upper double word"},
    {"FLASH_ECCR", "ECCD2", 1u << 29, "L4+ with DBANK = 0: two wrong bits were detected in the upper double word: NMI until it is cleared"},
    {"FLASH_ECCR", "ECCC", 1u << 30, "one wrong bit was corrected in a read: the first since it was cleared, by writing 1"},
    {"FLASH_ECCR", "ECCD", 1u << 31, "two wrong bits were detected in a read, the data are wrong: NMI until it is cleared, by writing 1"},
    {"FLASH_OPTR", "RDP", 0x000000FF, "read protection: 0xAA level 0, 0xCC level 2 for good, else level 1"},
    {"FLASH_OPTR", "BOR_LEV", 7u << 8, "brown-out level, 0 to 4"},
    {"FLASH_OPTR", "nRST_STOP", 1u << 12, "0: a reset instead of Stop"},
    {"FLASH_OPTR", "nRST_STDBY", 1u << 13, "0: a reset instead of Standby"},
    {"FLASH_OPTR", "nRST_SHDW", 1u << 14, "0: a reset instead of Shutdown"},
    {"FLASH_OPTR", "IWDG_SW", 1u << 16, "0: the independent watchdog starts by itself at every reset"},
    {"FLASH_OPTR", "IWDG_STOP", 1u << 17, "1: the independent watchdog goes on in Stop"},
    {"FLASH_OPTR", "IWDG_STDBY", 1u << 18, "1: the independent watchdog goes on in Standby"},
    {"FLASH_OPTR", "WWDG_SW", 1u << 19, "0: the window watchdog starts by itself at every reset"},
    {"FLASH_OPTR", "BFB2", 1u << 20, "two banks: 1 boots from bank 2 if it looks bootable"},
    {"FLASH_OPTR", "DUALBANK", 1u << 21, "parts of half the size: 1 makes two banks of it"},
    {"FLASH_OPTR", "DBANK", 1u << 22, "L4+: 1 two banks, 0 one with reads of 128 bits"},
    {"FLASH_OPTR", "nBOOT1", 1u << 23, "with BOOT0 = 1: 1 boots system memory, 0 SRAM1"},
    {"FLASH_OPTR", "SRAM2_PE", 1u << 24, "0: SRAM2 has its parity checked"},
    {"FLASH_OPTR", "SRAM2_RST", 1u << 25, "0: SRAM2 is erased by a system reset"},
    {"FLASH_OPTR", "nSWBOOT0", 1u << 26, "0: BOOT0 is taken from nBOOT0, not from its pin; absent on L47x"},
    {"FLASH_OPTR", "nBOOT0", 1u << 27, "what BOOT0 is, inverted, with nSWBOOT0 = 0; absent on L47x"},
    {"RCC_CSR", "LSION", 1u << 0, "the 32 kHz oscillator is wanted"},
    {"RCC_CSR", "LSIRDY", 1u << 1, "the 32 kHz oscillator runs"},
    {"RCC_CSR", "MSISRANGE", 0x00000F00, "frequency of the MSI after Standby"},
    {"RCC_CSR", "RMVF", 1u << 23, "written 1, clears all reset causes, which stay until then"},
    {"RCC_CSR", "FWRSTF", 1u << 24, "reset by the firewall"},
    {"RCC_CSR", "OBLRSTF", 1u << 25, "reset by a load of the option bytes"},
    {"RCC_CSR", "PINRSTF", 1u << 26, "reset by NRST, which every other cause pulls too: look at the others first"},
    {"RCC_CSR", "BORRSTF", 1u << 27, "power-on or brown-out reset"},
    {"RCC_CSR", "SFTRSTF", 1u << 28, "reset by software (SYSRESETREQ)"},
    {"RCC_CSR", "IWDGRSTF", 1u << 29, "reset by the independent watchdog"},
    {"RCC_CSR", "WWDGRSTF", 1u << 30, "reset by the window watchdog"},
    {"RCC_CSR", "LPWRRSTF", 1u << 31, "reset instead of a low-power mode (an option bit)"},
};
// clang-format on

const size_t flag_text_count = sizeof flag_texts / sizeof flag_texts[0];

const char *flag_text_exception(unsigned exception, char text[FLAG_TEXT_NAME])
{
    static const char *const names[EXC_IRQ0] = {
        [EXC_NONE] = "thread mode",     [EXC_RESET] = "Reset",
        [EXC_NMI] = "NMI",              [EXC_HARD_FAULT] = "HardFault",
        [EXC_MEM_MANAGE] = "MemManage", [EXC_BUS_FAULT] = "BusFault",
        [EXC_USAGE_FAULT] = "UsageFault", [EXC_SVCALL] = "SVCall",
        [EXC_DEBUG_MONITOR] = "DebugMonitor", [EXC_PENDSV] = "PendSV",
        [EXC_SYSTICK] = "SysTick",
    };
    if (exception < EXC_IRQ0 && names[exception])
        return names[exception];
    if (exception < EXC_IRQ0)
        snprintf(text, FLAG_TEXT_NAME, "exception %u", exception);
    else
        snprintf(text, FLAG_TEXT_NAME, "IRQ %u", exception - EXC_IRQ0);
    return text;
}

const char *flag_text_reset_cause(uint32_t cause)
{
    static const char *const names[RESET_CAUSE_COUNT] = {
        [RESET_POWER_ON] = "power-on",
        [RESET_BROWN_OUT] = "brown-out",
        [RESET_PIN] = "NRST pin",
        [RESET_SYSTEM] = "software (SYSRESETREQ)",
        [RESET_IWDG] = "IWDG",
        [RESET_WWDG] = "WWDG",
        [RESET_LOW_POWER] = "low-power mode",
        [RESET_OPTION_LOAD] = "option load (OBL_LAUNCH)",
        [RESET_FIREWALL] = "firewall",
        [RESET_STANDBY] = "wake-up from Standby",
        [RESET_PERIPHERAL] = "peripheral",
    };
    return cause < RESET_CAUSE_COUNT ? names[cause] : "unknown";
}

const char *flag_text_names(const char *reg, uint32_t bits, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < flag_text_count && used < size; i++) {
        if (strcmp(flag_texts[i].reg, reg) != 0 || !(bits & flag_texts[i].bit))
            continue;
        int more = snprintf(text + used, size - used, "%s%s", used ? " " : "", flag_texts[i].name);
        used += more > 0 ? (size_t)more : 0;
        bits &= ~flag_texts[i].bit;
    }
    if (bits && used < size)
        snprintf(text + used, size - used, "%s0x%X", used ? " " : "", (unsigned)bits);
    return text;
}
