/* Walks the stack of a Cortex-M. Where call frame information is missing (newlib's memcpy, hand
 * written assembly) the pushes at the beginning of the function say what lies on the stack; that is
 * a guess and marked so. Tags of the ARMv7-M Architecture Reference Manual (DDI 0403E). */
#include "sim/backtrace.h"

#include <string.h>

enum { PLACES_MAX = 16 };

struct walk {
    struct debug_info *info;
    debug_read_word *read;
    void *context;
    uint32_t r[DEBUG_REGISTERS];
    uint32_t psp;
    bool is_interrupted;
    bool is_guessed;
    bool is_thread; /* behind the last exception frame: there is no other */
};

static bool read_word(const struct walk *walk, uint32_t addr, uint32_t *word)
{
    return (addr & 3) == 0 && walk->read(walk->context, addr, word);
}

static bool read_halfword(const struct walk *walk, uint32_t addr, uint32_t *halfword)
{
    uint32_t word;
    if (!read_word(walk, addr & ~UINT32_C(3), &word))
        return false;
    *halfword = addr & 2 ? word >> 16 : word & 0xFFFF;
    return true;
}

/* A return address is behind its call, perhaps already in the next function. */
static uint32_t lookup_pc(const struct walk *walk)
{
    return walk->is_interrupted ? walk->r[DEBUG_PC] : walk->r[DEBUG_PC] - 2;
}

/* ---- A function without call frame information ---- */

/* What its instructions so far have put on the stack. */
struct prologue {
    uint32_t depth;                  /* bytes below the SP at entry */
    uint32_t saved[DEBUG_REGISTERS]; /* depth at which a register lies; 0: nowhere */
    bool has_frame_pointer;          /* r7 holds the SP of depth frame_depth */
    bool has_variable_size;          /* the SP was set from a register, so that only r7 tells */
    uint32_t frame_depth;
};

static void push_list(struct prologue *prologue, uint32_t list)
{
    for (unsigned number = DEBUG_REGISTERS; number-- > 0;)
        if (list >> number & 1) {
            prologue->depth += 4;
            prologue->saved[number] = prologue->depth;
        }
}

static void pop_bytes(struct prologue *prologue, uint32_t bytes)
{
    prologue->depth = bytes < prologue->depth ? prologue->depth - bytes : 0;
    for (unsigned number = 0; number < DEBUG_REGISTERS; number++)
        if (prologue->saved[number] > prologue->depth)
            prologue->saved[number] = 0;
}

static uint32_t count_bits(uint32_t list)
{
    uint32_t count = 0;
    for (; list; list &= list - 1)
        count++;
    return count;
}

/* A5.3.2: ThumbExpandImm for the values that fit a stack frame. */
static uint32_t expand_immediate(uint32_t first, uint32_t second)
{
    uint32_t imm12 = (first >> 10 & 1) << 11 | (second >> 12 & 7) << 8 | (second & 0xFF);
    if (imm12 >> 10 == 0)
        return imm12 >> 8 ? 0 : imm12;
    uint32_t rotation = imm12 >> 7;
    return (0x80 | (imm12 & 0x7F)) << (32 - rotation);
}

static void set_frame_pointer(struct prologue *prologue, uint32_t offset)
{
    prologue->has_frame_pointer = offset <= prologue->depth;
    prologue->frame_depth = prologue->depth - offset;
}

/* Returns true when nothing falls through to the next instruction. A7.7: PUSH, POP, ADD and SUB
 * (SP), ADD r7, SP; MOV r7, SP; MOV SP, Rm; B, BX. */
static bool apply_short(struct prologue *prologue, uint32_t op)
{
    if ((op & 0xFE00) == 0xB400)
        push_list(prologue, (op & 0xFF) | (op & 0x100) << 6);
    else if ((op & 0xFE00) == 0xBC00)
        pop_bytes(prologue, 4 * count_bits(op & 0x1FF));
    else if ((op & 0xFF80) == 0xB080)
        prologue->depth += (op & 0x7F) * 4;
    else if ((op & 0xFF80) == 0xB000)
        pop_bytes(prologue, (op & 0x7F) * 4);
    else if ((op & 0xFF00) == 0xAF00)
        set_frame_pointer(prologue, (op & 0xFF) * 4);
    else if (op == 0x466F)
        set_frame_pointer(prologue, 0);
    else if ((op & 0xFF87) == 0x4685)
        prologue->has_variable_size = true;
    return (op & 0xFF00) == 0xBD00 || (op & 0xF800) == 0xE000 || (op & 0xFF87) == 0x4700;
}

/* A7.7: STMDB SP!, LDM SP!, STR and STRD with write-back, SUB (SP), VPUSH, B. */
static bool apply_long(struct prologue *prologue, uint32_t first, uint32_t second)
{
    if (first == 0xE92D)
        push_list(prologue, second);
    else if (first == 0xE8BD)
        pop_bytes(prologue, 4 * count_bits(second));
    else if (first == 0xF84D && (second & 0x0F00) == 0x0D00) {
        prologue->depth += second & 0xFF;
        prologue->saved[second >> 12] = prologue->depth;
    } else if (first == 0xE96D) {
        prologue->depth += (second & 0xFF) * 4;
        prologue->saved[second >> 12] = prologue->depth;
        prologue->saved[second >> 8 & 15] = prologue->depth - 4;
    } else if ((first & 0xFBFF) == 0xF1AD && (second & 0x8F00) == 0x0D00)
        prologue->depth += expand_immediate(first, second);
    else if ((first & 0xFBFF) == 0xF2AD && (second & 0x8F00) == 0x0D00)
        prologue->depth += (first >> 10 & 1) << 11 | (second >> 12 & 7) << 8 | (second & 0xFF);
    else if (first == 0xED2D && (second & 0x0E00) == 0x0A00)
        prologue->depth += (second & 0xFF) * 4;
    return (first == 0xE8BD && second >> 15) ||
           ((first & 0xF800) == 0xF000 && (second & 0xD000) == 0x9000);
}

/* From the beginning of the function to the PC, in order. Behind a return or a jump the deepest
 * state holds again: that is code which an earlier branch skipped to. */
static bool read_prologue(const struct walk *walk, struct prologue *prologue)
{
    struct debug_place place = {0};
    if (!debug_info_places(walk->info, lookup_pc(walk), &place, 1) || !place.function)
        return false;
    struct prologue deepest = {0};
    *prologue = deepest;
    for (uint32_t at = lookup_pc(walk) - place.offset; at < lookup_pc(walk);) {
        uint32_t first;
        uint32_t second = 0;
        bool is_exit;
        if (!read_halfword(walk, at, &first))
            return false;
        bool is_long = first >= 0xE800;
        if (is_long && !read_halfword(walk, at + 2, &second))
            return false;
        is_exit = is_long ? apply_long(prologue, first, second) : apply_short(prologue, first);
        if (prologue->depth >= deepest.depth)
            deepest = *prologue;
        if (is_exit)
            *prologue = deepest;
        at += is_long ? 4 : 2;
    }
    return true;
}

static bool step_by_prologue(struct walk *walk)
{
    struct prologue prologue = {0};
    bool is_known = read_prologue(walk, &prologue);
    /* After a call the LR is no longer the function's own. */
    if (!walk->is_interrupted && (!is_known || !prologue.saved[DEBUG_LR]))
        return false;
    uint32_t entry_sp = prologue.has_variable_size && prologue.has_frame_pointer
                            ? walk->r[7] + prologue.frame_depth
                            : walk->r[DEBUG_SP] + prologue.depth;
    uint32_t r[DEBUG_REGISTERS];
    memcpy(r, walk->r, sizeof r);
    for (unsigned number = 4; number <= DEBUG_LR; number++)
        if (number != DEBUG_SP && prologue.saved[number] &&
            !read_word(walk, entry_sp - prologue.saved[number], &r[number]))
            return false;
    r[DEBUG_SP] = entry_sp;
    r[DEBUG_PC] = r[DEBUG_LR];
    memcpy(walk->r, r, sizeof r);
    walk->is_guessed = true;
    return true;
}

/* ---- Exception frames ---- */

/* B1.5.8: 0xFFFFFFF1, F9, FD, E1, E9, ED. 0xFFFFFFFF is the LR at reset. */
static bool is_exception_return(uint32_t value)
{
    uint32_t low = value & 0xF;
    return value >> 5 == 0x7FFFFFF && (low == 0x1 || low == 0x9 || low == 0xD);
}

/* B1.5.6: r0 to r3, r12, LR, return address, xPSR; with FPU state (bit 4 of the value clear) 0x68
 * bytes instead of 0x20; bit 9 of xPSR says that 4 bytes were left free for alignment. */
static bool step_over_exception(struct walk *walk, uint32_t exc_return)
{
    static const unsigned ORDER[] = {0, 1, 2, 3, 12, DEBUG_LR, DEBUG_PC};
    uint32_t frame = exc_return & 4 ? walk->psp : walk->r[DEBUG_SP];
    uint32_t xpsr;
    if (walk->is_thread)
        return false;
    for (uint32_t i = 0; i < sizeof ORDER / sizeof ORDER[0]; i++)
        if (!read_word(walk, frame + 4 * i, &walk->r[ORDER[i]]))
            return false;
    if (!read_word(walk, frame + 0x1C, &xpsr))
        return false;
    walk->r[DEBUG_SP] = frame + (exc_return & 0x10 ? 0x20 : 0x68) + (xpsr >> 9 & 1) * 4;
    walk->is_interrupted = true;
    walk->is_guessed = false;
    walk->is_thread = exc_return & 8;
    return true;
}

/* ---- The walk ---- */

static bool step(struct walk *walk)
{
    uint32_t old_sp = walk->r[DEBUG_SP];
    enum debug_unwind result =
        debug_info_unwind(walk->info, lookup_pc(walk), walk->r, walk->read, walk->context);
    bool was_interrupted = walk->is_interrupted;
    if (result == DEBUG_UNWIND_DONE_BY_LR && !was_interrupted)
        return false;
    walk->is_guessed = false;
    if (result == DEBUG_UNWIND_UNKNOWN && !step_by_prologue(walk))
        return false;
    walk->is_interrupted = false;
    /* Only a function that has not called anything may have an empty frame. */
    uint32_t sp = walk->r[DEBUG_SP];
    if (sp < old_sp || (sp == old_sp && !was_interrupted))
        return false;
    if (is_exception_return(walk->r[DEBUG_PC]) && !step_over_exception(walk, walk->r[DEBUG_PC]))
        return false;
    walk->r[DEBUG_PC] &= ~UINT32_C(1);
    return walk->r[DEBUG_PC] != 0 && walk->r[DEBUG_PC] != 0xFFFFFFFE;
}

/* Adds one frame for each function at the PC; the outermost of them owns the stack. */
static size_t add_frames(const struct walk *walk, struct backtrace_frame *frames, size_t room)
{
    struct debug_place places[PLACES_MAX] = {{0}};
    size_t count = debug_info_places(walk->info, lookup_pc(walk), places, PLACES_MAX);
    if (!count && walk->is_interrupted)
        count = 1; /* a jump to nowhere is worth showing */
    for (size_t i = 0; i < count && i < room; i++)
        frames[i] = (struct backtrace_frame){
            .pc = walk->r[DEBUG_PC],
            .sp = walk->r[DEBUG_SP],
            .is_interrupted = walk->is_interrupted && i == 0,
            .is_guessed = walk->is_guessed,
            .place = places[i],
        };
    return count < room ? count : room;
}

size_t backtrace_take(struct debug_info *info, const struct backtrace_registers *registers,
                      debug_read_word *read, void *context, struct backtrace_frame *frames,
                      size_t room)
{
    struct walk walk = {.info = info,
                        .read = read,
                        .context = context,
                        .psp = registers->psp,
                        .is_interrupted = true};
    memcpy(walk.r, registers->r, sizeof walk.r);
    walk.r[DEBUG_PC] &= ~UINT32_C(1);
    size_t count = 0;
    do {
        size_t added = add_frames(&walk, frames + count, room - count);
        if (!added)
            break;
        count += added;
    } while (count < room && step(&walk));
    return count;
}
