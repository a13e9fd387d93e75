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
#define DEMCR_MON_EN (1u << 16)
#define DEMCR_TRCENA (1u << 24)
#define DHCSR_C_DEBUGEN (1u << 0)
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
    uint32_t dhcsr;        /* control bits; power-on clears C_DEBUGEN and DEMCR, a reset does not */
    uint32_t demcr;
    struct mpu mpu;
    /* SysTick: counts core clocks, or an eighth of them. */
    uint32_t systick_ctrl;
    uint32_t systick_load;
    bool is_locked_up;
    bool event_register;   /* SEV, exception entry and return set it; WFE clears it */
    bool fpu_changed;      /* CPACR was written: the engine's NOCP trap must follow */
    uint32_t itm_enabled_ports;
};

#endif
