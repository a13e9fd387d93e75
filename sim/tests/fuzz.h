/* A fuzz target is one file fuzz_<parser>.c that defines both functions. With libFuzzer
 * (FLASHSIM_FUZZ=ON) the first is its entry; else fuzz_driver.c calls it with the seeds and with
 * mutations of them. */
#ifndef SIM_TESTS_FUZZ_H
#define SIM_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

enum { FUZZ_SEED_ROOM = 64 * 1024 };

/* Any input at all: it must come back, and what it checks it asserts. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes the seed of that number, a valid input, and returns its size; 0 behind the last. */
size_t fuzz_seed(size_t index, uint8_t bytes[FUZZ_SEED_ROOM]);

#endif
