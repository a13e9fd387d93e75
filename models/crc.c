/* CRC calculation unit (RM0351 rev 9 chapter 15; boot sheet 16).
 * Modelled: all polynomial sizes, byte, half-word and word input, both reversals, initial value.
 * Left out: the bus stalls of a few cycles while a word is worked on. */
#include "models/crc.h"

#include "sim/core/reg.h"

enum { DR, IDR, CR, INIT, POL, REG_COUNT };

#define CR_RESET 1u

struct crc {
    uint32_t regs[REG_COUNT]; /* DR: the running remainder, in the low bits */
};

static uint32_t dr_read(struct device *device, const struct reg_access *access, uint32_t value);
static void dr_write(struct device *device, const struct reg_access *access);
static void idr_write(struct device *device, const struct reg_access *access);
static void cr_write(struct device *device, const struct reg_access *access);
static void init_write(struct device *device, const struct reg_access *access);

// clang-format off
static const struct reg regs[REG_COUNT] = {
    [DR] = { .name = "DR", .offset = 0x00, .reset = 0xFFFFFFFF, .rw = 0xFFFFFFFF,
             .on_write = dr_write, .on_read = dr_read },
    [IDR] = { .name = "IDR", .offset = 0x04, .rw = 0xFFFFFFFF, .on_write = idr_write },
    [CR] = { .name = "CR", .offset = 0x08, .rw = 0xF8, .w1s = CR_RESET, .on_write = cr_write },
    [INIT] = { .name = "INIT", .offset = 0x10, .reset = 0xFFFFFFFF, .rw = 0xFFFFFFFF,
               .on_write = init_write },
    [POL] = { .name = "POL", .offset = 0x14, .reset = 0x04C11DB7, .rw = 0xFFFFFFFF },
};
// clang-format on

static const struct reg_block block = {regs, REG_COUNT};

/* RM0351 15.4.3: POLYSIZE. */
static unsigned poly_bits(const struct crc *crc)
{
    static const uint8_t bits[4] = {32, 16, 8, 7};
    return bits[crc->regs[CR] >> 3 & 3];
}

static uint32_t poly_mask(const struct crc *crc)
{
    return 0xFFFFFFFFu >> (32 - poly_bits(crc));
}

static uint32_t reversed(uint32_t value, unsigned bits)
{
    uint32_t result = 0;
    for (unsigned i = 0; i < bits; i++)
        result |= (value >> i & 1) << (bits - 1 - i);
    return result;
}

/* RM0351 15.3.3: REV_IN turns the bits around in each byte, half-word or word of what is
 * written. */
static uint32_t reversed_input(const struct crc *crc, uint32_t value, unsigned bits)
{
    unsigned mode = crc->regs[CR] >> 5 & 3;
    if (mode == 0)
        return value;
    unsigned group = 4u << mode;
    if (group > bits)
        group = bits;
    uint32_t result = 0;
    for (unsigned low = 0; low < bits; low += group)
        result |= reversed(value >> low, group) << low;
    return result;
}

static uint32_t dr_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    (void)access;
    const struct crc *crc = device->state;
    return crc->regs[CR] & 0x80 ? reversed(value, poly_bits(crc)) : value;
}

static void dr_write(struct device *device, const struct reg_access *access)
{
    struct crc *crc = device->state;
    unsigned bits = 8u * access->access->size;
    uint32_t data = reversed_input(crc, access->access->value, bits);
    uint32_t remainder = access->old;
    unsigned top = poly_bits(crc) - 1;
    for (unsigned bit = bits; bit-- > 0;) {
        bool feedback = (remainder >> top & 1) != (data >> bit & 1);
        remainder = (remainder << 1 ^ (feedback ? crc->regs[POL] : 0)) & poly_mask(crc);
    }
    crc->regs[DR] = remainder;
}

static void idr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    struct crc *crc = device->state;
    const struct crc_config *config = device->config;
    crc->regs[IDR] &= config->idr;
}

static void cr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    struct crc *crc = device->state;
    if (crc->regs[CR] & CR_RESET) {
        crc->regs[CR] &= ~CR_RESET;
        crc->regs[DR] = crc->regs[INIT];
    }
    crc->regs[DR] &= poly_mask(crc);
}

/* RM0351 15.3.3: DR is initialized upon a write to INIT. */
static void init_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    struct crc *crc = device->state;
    crc->regs[DR] = crc->regs[INIT] & poly_mask(crc);
}

static void crc_reset(struct device *device, enum reset_cause cause)
{
    struct crc *crc = device->state;
    reg_reset(&block, crc->regs, cause);
}

static void crc_read(struct device *device, const struct access *access,
                     struct access_result *result)
{
    struct crc *crc = device->state;
    reg_read(device, &block, crc->regs, access, result);
}

static void crc_write(struct device *device, const struct access *access,
                      struct access_result *result)
{
    struct crc *crc = device->state;
    reg_write(device, &block, crc->regs, access, result);
}

const struct device_type crc_type = {
    .name = "crc",
    .state_bytes = sizeof(struct crc),
    .reset = crc_reset,
    .read = crc_read,
    .write = crc_write,
};
