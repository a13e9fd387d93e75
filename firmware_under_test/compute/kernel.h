// Work for the core alone: no peripheral, no flash write, the same answer on every machine.
#ifndef COMPUTE_KERNEL_H
#define COMPUTE_KERNEL_H

#include <stdint.h>

uint32_t compute_kernel(uint32_t rounds);

#endif
