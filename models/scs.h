/* The private peripheral bus of a Cortex-M4, 0xE0000000 to 0xE00FFFFF: NVIC, SCB, SysTick, MPU and
 * debug registers, DWT, ITM, FPB, TPIU. The chip's DBGMCU page is another device's. */
#ifndef MODELS_SCS_H
#define MODELS_SCS_H

#include "sim/core/device.h"

extern const struct device_type scs_type;

#endif
