/* State of one core's system control space that exceptions, the MPU and the register model share.
 * Core sheet sections 3 to 8 and 12. Plain data; the CPU's own registers are the engine's. */
#ifndef SIM_CORE_SYSTEM_CONTROL_H
#define SIM_CORE_SYSTEM_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

/* CFSR, core sheet 6. */
#define CFSR_IACCVIOL (1u << 0)
#define CFSR_DACCVIOL (1u << 1)
#define CFSR_MUNSTKERR (1u << 3)
#define CFSR_MSTKERR (1u << 4)
#define CFSR_MLSPERR (1u << 5)
#define CFSR_MMARVALID (1u << 7)
#define CFSR_IBUSERR (1u << 8)
#define CFSR_PRECISERR (1u << 9)
#define CFSR_IMPRECISERR (1u << 10)
#define CFSR_UNSTKERR (1u << 11)
#define CFSR_STKERR (1u << 12)
#define CFSR_LSPERR (1u << 13)
#define CFSR_BFARVALID (1u << 15)
#define CFSR_UNDEFINSTR (1u << 16)
#define CFSR_INVSTATE (1u << 17)
#define CFSR_INVPC (1u << 18)
#define CFSR_NOCP (1u << 19)
#define CFSR_UNALIGNED (1u << 24)
#define CFSR_DIVBYZERO (1u << 25)
#define HFSR_VECTTBL (1u << 1)
#define HFSR_FORCED (1u << 30)
#define HFSR_DEBUGEVT (1u << 31)
#define DFSR_HALTED (1u << 0)
#define DFSR_BKPT (1u << 1)
#define DFSR_DWTTRAP (1u << 2)
#define DFSR_VCATCH (1u << 3)
#define DFSR_EXTERNAL (1u << 4)
#define SCR_SLEEPONEXIT (1u << 1)
#define SCR_SLEEPDEEP (1u << 2)
#define SCR_SEVONPEND (1u << 4)
#define CCR_NONBASETHRDENA (1u << 0)
#define CCR_USERSETMPEND (1u << 1)
#define CCR_UNALIGN_TRP (1u << 3)
#define CCR_DIV_0_TRP (1u << 4)
#define CCR_BFHFNMIGN (1u << 8)
#define CCR_STKALIGN (1u << 9)
#define ACTLR_DISDEFWBUF (1u << 1)
#define MPU_CTRL_ENABLE (1u << 0)
#define MPU_CTRL_HFNMIENA (1u << 1)
#define MPU_CTRL_PRIVDEFENA (1u << 2)
#define DEMCR_VC_CORERESET (1u << 0)
#define DEMCR_VC_HARDERR (1u << 10)
#define DEMCR_MON_EN (1u << 16)
#define DEMCR_MON_PEND (1u << 17)
#define DEMCR_MON_STEP (1u << 18)
#define DEMCR_MON_REQ (1u << 19)
#define DEMCR_TRCENA (1u << 24)
#define DHCSR_C_DEBUGEN (1u << 0)
#define DHCSR_C_HALT (1u << 1)
#define DHCSR_C_STEP (1u << 2)
#define DHCSR_C_MASKINTS (1u << 3)
#define FPCCR_LSPACT (1u << 0)
#define FPCCR_LSPEN (1u << 30)
#define FPCCR_ASPEN (1u << 31)

enum { MPU_REGION_MAX = 16 };

struct mpu {
    uint32_t ctrl;
    uint32_t rnr;
    uint32_t region_count; /* 8 on the M4 */
    uint32_t rbar[MPU_REGION_MAX];
    uint32_t rasr[MPU_REGION_MAX];
    uint32_t generation;   /* a register changed: the engine's protections must be rebuilt */
};

struct system_control {
    uint32_t ipsr;         /* exception being handled; the engine keeps it current */
    uint32_t vtor;
    uint32_t vtor_reset;   /* chip: 0 on L4 */
    uint32_t cpuid;
    uint32_t actlr;
    uint32_t scr;
    uint32_t ccr;
    uint32_t cfsr;
    uint32_t hfsr;
    uint32_t dfsr;
    uint32_t mmfar;
    uint32_t bfar;
    uint32_t cpacr;
    uint32_t fpccr;
    uint32_t fpcar;
    uint32_t fpdscr;
    uint32_t dhcsr;        /* C_ bits; C_HALT with C_DEBUGEN asks the engine to halt */
    uint32_t demcr;
    uint32_t dcrsr;        /* a debugger's register transfer: REGSEL and REGWnR */
    uint32_t dcrdr;
    struct mpu mpu;
    uint64_t asleep_ps;    /* time spent in WFI and WFE so far; the engine adds to it at each wake */
    bool is_sleeping;      /* in WFI or WFE now (engine) */
    bool is_locked_up;
    bool event_register;   /* SEV, exception entry and return set it; WFE clears it */
    bool fpu_changed;      /* CPACR, FPCCR or FPDSCR was written: the engine's NOCP trap must follow */
    bool was_reset;        /* DHCSR.S_RESET_ST: since the debugger last looked */
    bool register_transfer_pending; /* DCRSR was written while halted: the engine does it and clears */
    bool core_reset_requested;      /* VECTRESET: registers as after a reset, peripherals untouched */
};

#endif
