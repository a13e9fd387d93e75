/* Each data bit has an odd-weight column of its own: the 56 of weight three, in ascending order,
 * then the eight rotations of 0x1F. Two errors give an even syndrome, which is no column. L4
 * sheet 8.12. */
#include "models/ecc72.h"

/* Bit i of the code is the parity of the data bits in row i. */
static const uint64_t rows[8] = {
    UINT64_C(0xF104225844B12CB7), UINT64_C(0xE30844A88952555B), UINT64_C(0xC710893112649A6D),
    UINT64_C(0x8F2111C22388E38E), UINT64_C(0x1F421E043C0F03F0), UINT64_C(0x3E83E007C00FFC00),
    UINT64_C(0x7CFC0007FFF00000), UINT64_C(0xF8FFFFF800000000),
};

uint8_t ecc72_encode(uint64_t data)
{
    unsigned ecc = 0;
    for (unsigned i = 0; i < 8; i++)
        ecc |= (unsigned)__builtin_parityll(data & rows[i]) << i;
    return (uint8_t)ecc;
}

static unsigned column(unsigned bit)
{
    unsigned syndrome = 0;
    for (unsigned i = 0; i < 8; i++)
        syndrome |= (unsigned)(rows[i] >> bit & 1) << i;
    return syndrome;
}

int ecc72_wrong_cell(uint64_t data, uint8_t ecc)
{
    unsigned syndrome = (unsigned)(ecc72_encode(data) ^ ecc);
    if (syndrome == 0)
        return ECC72_CLEAN;
    for (unsigned bit = 0; bit < 64; bit++)
        if (column(bit) == syndrome)
            return (int)bit;
    for (unsigned i = 0; i < 8; i++)
        if (syndrome == 1u << i)
            return (int)(64 + i);
    return ECC72_UNCORRECTABLE;
}
