/* A linear (72,64) single-error-correcting, double-error-detecting code (Hsiao): eight check bits
 * beside the 64 data bits of an L4 double word. ST does not publish its polynomial (L4
 * sheet 4.2, 8.12); any linear code has ECC(0) = 0, and this one has ECC(all ones) = 0, so that a
 * programmed all-ones double word differs from a virgin one. */
#ifndef MODELS_ECC72_H
#define MODELS_ECC72_H

#include <stdint.h>

/* The check bits of a double word. */
uint8_t ecc72_encode(uint64_t data);

enum { ECC72_CLEAN = -1, ECC72_UNCORRECTABLE = -2 };

/* Which of the 72 cells is wrong (0 to 63 data, 64 to 71 check bits), or one of the two above. */
int ecc72_wrong_cell(uint64_t data, uint8_t ecc);

#endif
