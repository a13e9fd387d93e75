/* Real-time clock and backup registers: RM0351 rev 9 chapter 38, and the chapter of the same
 * name in RM0394; boot sheet 15.
 * Needs no config. What is modelled and what is not: rtc.c. */
#ifndef MODELS_RTC_H
#define MODELS_RTC_H

#include "sim/core/device.h"

extern const struct device_type rtc_type;

#endif
