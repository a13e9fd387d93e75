// Semihosting by BKPT 0xAB (Arm semihosting for AArch32). Without a host that answers, the BKPT is
// a HardFault.
#ifndef COMMON_SEMIHOSTING_H
#define COMMON_SEMIHOSTING_H

#include <stdint.h>

#include "common/regs.h"

#define SYS_WRITEC 0x03u
#define SYS_WRITE0 0x04u
#define SYS_EXIT 0x18u
#define ADP_STOPPED_APPLICATION_EXIT 0x20026u
#define ADP_STOPPED_RUN_TIME_ERROR 0x20023u

IN_PLACE uint32_t semihosting_call(uint32_t operation, uint32_t parameter)
{
    register uint32_t r0 __asm__("r0") = operation;
    register uint32_t r1 __asm__("r1") = parameter;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

IN_PLACE void exit_pass(void)
{
    (void)semihosting_call(SYS_EXIT, ADP_STOPPED_APPLICATION_EXIT);
}

IN_PLACE void exit_fail(void)
{
    (void)semihosting_call(SYS_EXIT, ADP_STOPPED_RUN_TIME_ERROR);
}

#endif
