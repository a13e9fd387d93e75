// DWT cycle counter, ARMv7-M C1.8.
#ifndef COMMON_CYCLES_H
#define COMMON_CYCLES_H

#include "common/regs.h"

IN_PLACE void cycles_start(void)
{
    DEMCR |= DEMCR_TRCENA;
    DWT_CYCCNT = 0;
    DWT_CTRL |= DWT_CYCCNTENA;
}

IN_PLACE uint32_t cycles(void)
{
    return DWT_CYCCNT;
}

#endif
