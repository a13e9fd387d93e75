/* SHA-256 (FIPS 180-4) of a piece of memory: what names an image in a replay id. */
#ifndef SIM_SHA256_H
#define SIM_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32 };

void sha256(const void *bytes, size_t size, uint8_t digest[SHA256_BYTES]);

#endif
