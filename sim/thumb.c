/* Thumb-2 decoding as far as timing and traps need it. ARMv7-M ARM chapter A5 (encodings). */
#include "sim/thumb.h"

unsigned thumb_size(uint16_t first)
{
    return (first >> 11) >= 0x1D ? 4 : 2;
}

static unsigned ones(unsigned mask)
{
    return (unsigned)__builtin_popcount(mask);
}

/* ---- 16-bit ------------------------------------------------------------------------------------ */

/* IT, and the hints that end a run or set the event register. */
static uint8_t hint_entry16(uint16_t op)
{
    if (op & 0xF)
        return THUMB_IT_ENTRY;
    unsigned hint = op >> 4 & 0xFu;
    return hint >= 1 && hint <= 4 ? 1 | THUMB_LOOK : 1;
}

static uint8_t entry16(uint16_t op)
{
    switch (op >> 12) {
    case 0x0:
    case 0x1:
    case 0x2:
    case 0x3:
        return 1;
    case 0x4:
        if ((op & 0xF800) == 0x4800)
            return 2; /* LDR literal: the assembler aligns it */
        if ((op & 0xFF00) == 0x4700)
            return 3; /* BX, BLX */
        if ((op & 0xFC00) == 0x4400 && (op & 0x0300) != 0x0100 && (op & 0x87) == 0x87)
            return 3; /* ADD PC, MOV PC */
        return 1;
    case 0x5: {
        unsigned kind = op >> 9 & 7; /* STR STRH STRB LDRSB LDR LDRH LDRB LDRSH */
        bool is_byte = kind == 2 || kind == 3 || kind == 6;
        return (uint8_t)((kind < 3 ? 1 : 2) | (is_byte ? 0 : THUMB_TRAPPABLE));
    }
    case 0x6:
        return (uint8_t)((op & 0x0800 ? 2 : 1) | THUMB_TRAPPABLE);
    case 0x7:
        return op & 0x0800 ? 2 : 1;
    case 0x8:
        return (uint8_t)((op & 0x0800 ? 2 : 1) | THUMB_TRAPPABLE);
    case 0x9:
        return op & 0x0800 ? 2 : 1; /* SP-relative: aligned by nature */
    case 0xA:
        return 1;
    case 0xB:
        if ((op & 0xF500) == 0xB100)
            return 2; /* CBZ, CBNZ */
        if ((op & 0xFE00) == 0xB400)
            return (uint8_t)(1 + ones(op & 0x1FF)); /* PUSH */
        if ((op & 0xFE00) == 0xBC00)
            return (uint8_t)(1 + ones(op & 0x1FF) + (op & 0x100 ? 3 : 0)); /* POP */
        if ((op & 0xFFE8) == 0xB660)
            return 1 | THUMB_LOOK; /* CPS */
        if ((op & 0xFF00) == 0xBF00)
            return hint_entry16(op);
        return 1;
    case 0xC:
        return (uint8_t)(THUMB_LOOK | (1 + ones(op & 0xFF)));
    case 0xD:
        return 2; /* conditional branch: between one and three */
    default:
        return 3; /* B */
    }
}

static enum thumb_special special16(uint16_t op)
{
    if ((op & 0xFFE8) == 0xB660)
        return THUMB_MASKS;
    if ((op & 0xFF00) == 0xBF00) {
        if (op & 0xF)
            return THUMB_IT;
        switch (op >> 4 & 0xF) {
        case 1:
            return THUMB_YIELD;
        case 2:
            return THUMB_WFE;
        case 3:
            return THUMB_WFI;
        case 4:
            return THUMB_SEV;
        default:
            return THUMB_ORDINARY;
        }
    }
    return (op >> 12) == 0xC ? THUMB_ALIGNED_BASE : THUMB_ORDINARY;
}

/* ---- 32-bit ------------------------------------------------------------------------------------ */

static bool is_multiple(uint16_t first)
{
    return (first & 0xFE40) == 0xE800;
}

static bool is_dual_or_exclusive(uint16_t first)
{
    return (first & 0xFE40) == 0xE840;
}

static bool is_exclusive(uint16_t first)
{
    return is_dual_or_exclusive(first) && !(first & 0x0120);
}

static bool is_table_branch(uint16_t first, uint16_t second)
{
    return (first & 0xFFF0) == 0xE8D0 && (second & 0xFFE0) == 0xF000;
}

static bool is_byte_or_half_exclusive(uint16_t first, uint16_t second)
{
    return (first & 0xFFE0) == 0xE8C0 && (second & 0x00C0) == 0x0040;
}

static bool is_single(uint16_t first)
{
    return (first & 0xFE00) == 0xF800;
}

/* LDRT, STRT, LDRBT, STRBT, LDRHT, STRHT, LDRSBT, LDRSHT. */
static bool is_unprivileged(uint16_t first, uint16_t second)
{
    bool is_form = is_single(first) && !(first & 0x80) && (second & 0x0F00) == 0x0E00;
    bool has_size = (first & 0x60) != 0x60 && !((first & 0x100) && (first & 0x50) != 0x10);
    return is_form && has_size && (first & 0xF) != 15;
}

/* Coprocessor space 10 and 11: the FPU. */
static bool is_fp(uint16_t first, uint16_t second)
{
    return (first & 0xEC00) == 0xEC00 && (second & 0x0E00) == 0x0A00;
}

/* VLDR, VSTR, VLDM, VSTM, VPUSH, VPOP; not the two-register VMOV. */
static bool is_fp_memory(uint16_t first, uint16_t second)
{
    return is_fp(first, second) && (first & 0xFE00) == 0xEC00 && (first & 0x01A0) != 0;
}

static bool is_divide(uint16_t first, uint16_t second)
{
    return (first & 0xFFD0) == 0xFB90 && (second & 0x00F0) == 0x00F0;
}

static bool is_msr(uint16_t first, uint16_t second)
{
    return (first & 0xFFE0) == 0xF380 && (second & 0xD000) == 0x8000;
}

static bool is_hint(uint16_t first, uint16_t second)
{
    return first == 0xF3AF && (second & 0xFF00) == 0x8000;
}

static uint8_t fp_entry(uint16_t first, uint16_t second)
{
    unsigned cycles = 1;
    if (is_fp_memory(first, second)) {
        bool is_single_transfer = (first & 0x0120) == 0x0100;
        unsigned words = is_single_transfer ? (second & 0x0100 ? 2u : 1u) : (second & 0xFFu);
        cycles = 1 + words;
        if ((first & 0xF) == 13 || (first & 0xF) == 15)
            return (uint8_t)(THUMB_FP | (cycles > 31 ? 31 : cycles));
        return (uint8_t)(THUMB_LOOK | THUMB_FP | (cycles > 31 ? 31 : cycles));
    }
    if ((first & 0xFFB0) == 0xEE80 || ((first & 0xFFBF) == 0xEEB1 && (second & 0x00C0) == 0x00C0))
        cycles = 14; /* VDIV, VSQRT */
    else if ((first & 0xFFB0) == 0xEE00 || (first & 0xFFB0) == 0xEE10 || (first & 0xFFA0) == 0xEEA0)
        cycles = 3; /* VMLA, VNMLA, VFMA */
    return (uint8_t)(THUMB_FP | cycles);
}

static uint8_t single_entry(uint16_t first, uint16_t second)
{
    bool is_load = first & 0x10;
    unsigned size = first >> 5 & 3; /* byte, half, word */
    unsigned base = first & 0xF;
    unsigned cycles = is_load ? 2 : 1;
    if (is_load && (second >> 12) == 15 && size == 2)
        cycles += 3; /* LDR PC */
    if (is_unprivileged(first, second))
        return (uint8_t)(cycles | THUMB_LOOK);
    bool is_plain = size != 0 && base != 15 && base != 13;
    return (uint8_t)(cycles | (is_plain ? THUMB_TRAPPABLE : 0));
}

static uint8_t entry32(uint16_t first, uint16_t second)
{
    if (is_multiple(first)) {
        unsigned cycles = 1 + ones(second) + ((first & 0x10) && (second & 0x8000) ? 3 : 0);
        return (uint8_t)((first & 0xF) == 13 ? cycles : cycles | THUMB_LOOK);
    }
    if (is_table_branch(first, second))
        return 5;
    if (is_dual_or_exclusive(first)) {
        bool is_dual = (first & 0x0120) != 0;
        if (is_dual)
            return (uint8_t)(3 | ((first & 0xF) == 13 || (first & 0xF) == 15 ? 0 : THUMB_LOOK));
        return 2 | THUMB_LOOK;
    }
    if (is_fp(first, second))
        return fp_entry(first, second);
    if (is_single(first))
        return single_entry(first, second);
    if (is_divide(first, second))
        return 6 | THUMB_TRAPPABLE; /* 2 to 12 */
    if (is_msr(first, second))
        return 2 | THUMB_LOOK;
    if (is_hint(first, second))
        return (second & 0xFF) >= 1 && (second & 0xFF) <= 4 ? 1 | THUMB_LOOK : 1;
    if ((first & 0xF800) == 0xF000 && (second & 0x8000)) {
        if ((second & 0x5000) == 0x0000 && (first & 0x0380) == 0x0380)
            return 2; /* MRS, barriers */
        return (second & 0x5000) ? 3 : 2;
    }
    if ((first & 0xFFF0) == 0xFB00 && (second & 0x00F0))
        return 2; /* MLS, MLA */
    return 1;
}

static enum thumb_special special32(uint16_t first, uint16_t second)
{
    if (is_msr(first, second))
        return THUMB_MASKS;
    if (is_hint(first, second)) {
        switch (second & 0xFF) {
        case 1:
            return THUMB_YIELD;
        case 2:
            return THUMB_WFE;
        case 3:
            return THUMB_WFI;
        case 4:
            return THUMB_SEV;
        default:
            return THUMB_ORDINARY;
        }
    }
    if (is_unprivileged(first, second))
        return THUMB_UNPRIVILEGED;
    return is_exclusive(first) ? THUMB_EXCLUSIVE : THUMB_ALIGNED_BASE;
}

/* P and U at bits 8 and 7 of the first half-word, for all that is neither LDM nor STM. */
static int32_t indexed(uint16_t first, unsigned imm8)
{
    if (!(first & 0x100))
        return 0;
    return first & 0x80 ? 4 * (int32_t)imm8 : -4 * (int32_t)imm8;
}

/* ---- both -------------------------------------------------------------------------------------- */

uint8_t thumb_entry(uint16_t first, uint16_t second)
{
    return thumb_size(first) == 2 ? entry16(first) : entry32(first, second);
}

enum thumb_special thumb_special(uint16_t first, uint16_t second)
{
    if (thumb_size(first) == 4 && is_divide(first, second))
        return THUMB_DIVIDE;
    if (!(thumb_entry(first, second) & THUMB_LOOK))
        return THUMB_ORDINARY;
    return thumb_size(first) == 2 ? special16(first) : special32(first, second);
}

unsigned thumb_divisor(uint16_t first, uint16_t second)
{
    (void)first;
    return second & 0xF;
}

unsigned thumb_aligned_base(uint16_t first, uint16_t second)
{
    (void)second;
    return thumb_size(first) == 2 ? (first >> 8 & 7u) : (first & 0xFu);
}

bool thumb_can_return(uint16_t first, uint16_t second)
{
    if (thumb_size(first) == 2)
        return (first & 0xFF80) == 0x4700 || (first & 0xFF00) == 0xBD00;
    if (is_multiple(first))
        return (first & 0x10) && (second & 0x8000);
    return is_single(first) && (first & 0x0170) == 0x0050 && (second >> 12) == 15;
}

uint32_t thumb_exclusive_mask(uint16_t first, uint16_t second)
{
    if (!is_byte_or_half_exclusive(first, second))
        return 3;
    return second & 0x10 ? 1 : 0;
}

bool thumb_is_exclusive_load(uint16_t first)
{
    return first & 0x10;
}

bool thumb_is_dual_into_base(uint16_t first, uint16_t second, int32_t *displacement)
{
    *displacement = 0;
    if (thumb_size(first) == 2 || !is_dual_or_exclusive(first) || !(first & 0x0100) ||
        (first & 0x0030) != 0x0010 || (first & 0xFu) != second >> 12)
        return false;
    *displacement = indexed(first, second & 0xFF);
    return true;
}

unsigned thumb_it_length(uint16_t first)
{
    return first & 0xF ? 4 - (unsigned)__builtin_ctz(first & 0xFu) : 0;
}

uint8_t thumb_it_advance(uint8_t state)
{
    if ((state & 7) == 0)
        return 0;
    return (uint8_t)((state & 0xE0) | (state << 1 & 0x1F));
}

uint8_t thumb_it_state(uint16_t first, unsigned index)
{
    uint8_t state = (uint8_t)first;
    for (unsigned i = 0; i < index; i++)
        state = thumb_it_advance(state);
    return state;
}

static void add_registers(struct thumb_store *store, unsigned mask)
{
    for (unsigned r = 0; r < 16; r++)
        if (mask >> r & 1)
            store->registers[store->beat_count++] = (uint8_t)r;
}

static struct thumb_store one(unsigned bytes, unsigned reg)
{
    return (struct thumb_store){.beat_count = 1, .beat_bytes = bytes, .registers = {(uint8_t)reg}};
}

static struct thumb_store store16(uint16_t op)
{
    struct thumb_store multiple = {.beat_bytes = 4};
    switch (op >> 11) {
    case 0x0A: /* register offset */
        if ((op & 0x0600) == 0x0000)
            return one(4, op & 7u);
        if ((op & 0x0600) == 0x0200)
            return one(2, op & 7u);
        if ((op & 0x0600) == 0x0400)
            return one(1, op & 7u);
        break;
    case 0x0C:
        return one(4, op & 7u);
    case 0x0E:
        return one(1, op & 7u);
    case 0x10:
        return one(2, op & 7u);
    case 0x12:
        return one(4, op >> 8 & 7u);
    case 0x18:
        add_registers(&multiple, op & 0xFF);
        return multiple;
    default:
        break;
    }
    if ((op & 0xFE00) == 0xB400) {
        add_registers(&multiple, (op & 0xFFu) | (op & 0x100u) << 6);
        return multiple;
    }
    return (struct thumb_store){0};
}

static struct thumb_store fp_store(uint16_t first, uint16_t second)
{
    struct thumb_store store = {.beat_bytes = 4, .is_fp = true};
    if (first & 0x10)
        return (struct thumb_store){0};
    bool is_double = second & 0x0100;
    unsigned top = second >> 12 & 0xFu;
    unsigned extra = first >> 6 & 1u;
    unsigned start = is_double ? (extra << 4 | top) * 2 : top << 1 | extra;
    bool is_single_transfer = (first & 0x0120) == 0x0100;
    unsigned words = is_single_transfer ? (is_double ? 2u : 1u) : second & 0xFFu;
    if (is_double && !is_single_transfer)
        words &= ~1u;
    for (unsigned i = 0; i < words && i < 32 && start + i < 32; i++)
        store.registers[store.beat_count++] = (uint8_t)(start + i);
    return store;
}

static struct thumb_store store32(uint16_t first, uint16_t second)
{
    struct thumb_store store = {.beat_bytes = 4};
    if (is_multiple(first) && !(first & 0x10)) {
        add_registers(&store, second & 0x5FFFu);
        return store;
    }
    if (is_dual_or_exclusive(first) && !(first & 0x10)) {
        unsigned rt = second >> 12 & 0xFu;
        if (first & 0x0120) { /* STRD */
            store.beat_count = 2;
            store.registers[0] = (uint8_t)rt;
            store.registers[1] = second >> 8 & 0xF;
            return store;
        }
        if ((first & 0xFFF0) == 0xE840)
            return one(4, rt); /* STREX */
        return one(second & 0x10 ? 2 : 1, rt); /* STREXH, STREXB */
    }
    if (is_fp_memory(first, second))
        return fp_store(first, second);
    if (is_single(first) && !(first & 0x10) && (first >> 5 & 3) != 3)
        return one(1u << (first >> 5 & 3), second >> 12 & 0xFu);
    return (struct thumb_store){0};
}

struct thumb_store thumb_decode_store(uint16_t first, uint16_t second)
{
    return thumb_size(first) == 2 ? store16(first) : store32(first, second);
}

unsigned thumb_store_base(uint16_t first, uint16_t second)
{
    (void)second;
    if (thumb_size(first) == 4)
        return first & 0xFu;
    switch (first >> 12) {
    case 0x9: /* STR to the stack */
    case 0xB: /* PUSH */
        return 13;
    case 0xC: /* STM */
        return first >> 8 & 7u;
    default:
        return first >> 3 & 7u;
    }
}

bool thumb_store_index(uint16_t first, uint16_t second, unsigned *index)
{
    bool is_short = thumb_size(first) == 2;
    *index = is_short ? first >> 6 & 7u : second & 0xFu;
    return is_short ? first >> 12 == 5 : is_single(first) && !(first & 0x80) && !(second & 0x800);
}

unsigned thumb_load_bytes(uint16_t first, uint16_t second)
{
    if (thumb_size(first) == 2) {
        if ((first & 0xF800) == 0xC800)
            return 4 * ones(first & 0xFF);
        if ((first & 0xFE00) == 0xBC00)
            return 4 * ones(first & 0x1FF);
        return 0;
    }
    if (!(first & 0x10))
        return 0;
    if (is_multiple(first))
        return 4 * ones(second);
    if (is_dual_or_exclusive(first) && (first & 0x0120))
        return 8;
    if (is_fp_memory(first, second)) {
        bool is_single_transfer = (first & 0x0120) == 0x0100;
        return 4 * (is_single_transfer ? (second & 0x0100 ? 2u : 1u) : (second & 0xFFu));
    }
    return 0;
}

static struct thumb_block block16(uint16_t op)
{
    if ((op & 0xF000) == 0xC000)
        return (struct thumb_block){true, op >> 8 & 7, 0};
    if ((op & 0xFE00) == 0xB400)
        return (struct thumb_block){true, 13, -4 * (int32_t)ones(op & 0x1FF)};
    if ((op & 0xFE00) == 0xBC00)
        return (struct thumb_block){true, 13, 0};
    return (struct thumb_block){0};
}

struct thumb_block thumb_block_address(uint16_t first, uint16_t second)
{
    if (thumb_size(first) == 2)
        return block16(first);
    struct thumb_block block = {true, first & 0xF, 0};
    if (is_multiple(first)) { /* IA or DB */
        block.displacement = first & 0x100 ? -4 * (int32_t)ones(second) : 0;
        return block;
    }
    if (is_dual_or_exclusive(first) && (first & 0x0120)) {
        block.displacement = indexed(first, second & 0xFF);
        return block;
    }
    if (is_fp_memory(first, second)) {
        bool is_single_transfer = (first & 0x0120) == 0x0100;
        bool is_down = (first & 0x0120) == 0x0120; /* VSTMDB, VLDMDB: imm8 counts words */
        if (is_single_transfer || is_down)
            block.displacement = indexed(first, second & 0xFF);
        return block;
    }
    return (struct thumb_block){0};
}

static struct thumb_address address16(uint16_t op)
{
    struct thumb_address a = {.is_known = true, .base = op >> 3 & 7};
    switch (op >> 12) {
    case 0x5:
        a.has_index = true;
        a.index = op >> 6 & 7;
        a.bytes = (op >> 9 & 7) == 1 || (op >> 9 & 7) == 5 || (op >> 9 & 7) == 7 ? 2 : 4;
        return a;
    case 0x6:
        a.bytes = 4;
        a.displacement = (op >> 6 & 0x1F) * 4;
        return a;
    case 0x8:
        a.bytes = 2;
        a.displacement = (op >> 6 & 0x1F) * 2;
        return a;
    default:
        return (struct thumb_address){0};
    }
}

struct thumb_address thumb_plain_address(uint16_t first, uint16_t second)
{
    bool is_trappable =
        (thumb_entry(first, second) & (THUMB_TRAPPABLE | THUMB_LOOK)) == THUMB_TRAPPABLE;
    enum thumb_special special = thumb_special(first, second);
    if ((!is_trappable && special != THUMB_UNPRIVILEGED) || special == THUMB_DIVIDE)
        return (struct thumb_address){0};
    if (thumb_size(first) == 2)
        return address16(first);
    struct thumb_address a = {.is_known = true, .base = first & 0xF};
    a.bytes = (uint8_t)(1u << (first >> 5 & 3));
    if (first & 0x80) { /* 12-bit offset */
        a.displacement = second & 0xFFF;
    } else if (second & 0x800) { /* 8-bit, pre- or post-indexed */
        int32_t offset = second & 0xFF;
        if (second & 0x400)
            a.displacement = second & 0x200 ? offset : -offset;
    } else {
        a.has_index = true;
        a.index = second & 0xF;
        a.shift = second >> 4 & 3;
    }
    return a;
}
