/* The only source of randomness: seeded, and addressable, so that a draw does not depend on how many
 * draws came before it. */
#ifndef SIM_CORE_RNG_H
#define SIM_CORE_RNG_H

#include <stdint.h>

/* Hash of four numbers: the same inputs give the same 64 bits on every machine. */
uint64_t rng_hash(uint64_t seed, uint64_t a, uint64_t b, uint64_t c);

#endif
