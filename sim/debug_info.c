/* DWARF by libdw (the only file that includes it): line tables, functions and inlined ones, call
 * frame information. libdwfl is not used: its modules may not overlap, and images share RAM. Left
 * out: variables and types, separate debug files. */
#include "sim/debug_info.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCOPES_MAX = 32 };

/* The code of one compilation unit, or a piece of it. */
struct code_range {
    uint64_t low;
    uint64_t high; /* behind it */
    Dwarf_Off unit;
};

struct module {
    const struct image *image;
    bool is_open;
    Elf *elf;
    Dwarf *dwarf;
    Dwarf_CFI *debug_frame;
    Dwarf_CFI *eh_frame;
    struct code_range *ranges; /* sorted by low */
    size_t range_count;
    size_t range_room;
};

struct debug_info {
    struct module *modules;
    size_t module_count;
};

struct debug_info *debug_info_new(void)
{
    return calloc(1, sizeof(struct debug_info));
}

void debug_info_free(struct debug_info *info)
{
    for (size_t i = 0; info && i < info->module_count; i++) {
        struct module *module = &info->modules[i];
        if (module->eh_frame)
            dwarf_cfi_end(module->eh_frame);
        dwarf_end(module->dwarf);
        elf_end(module->elf);
        free(module->ranges);
    }
    if (info)
        free(info->modules);
    free(info);
}

bool debug_info_add(struct debug_info *info, const struct image *image, struct error *error)
{
    struct module *modules =
        realloc(info->modules, (info->module_count + 1) * sizeof *info->modules);
    if (!modules)
        return error_set(error, "%s: out of memory", image_short_path(image->path));
    info->modules = modules;
    info->modules[info->module_count++] = (struct module){.image = image};
    return true;
}

/* ---- Opening: which compilation unit an address belongs to ---- */

static void add_range(struct module *module, Dwarf_Addr low, Dwarf_Addr high, Dwarf_Off unit)
{
    /* What the linker dropped keeps its description, at address 0. */
    if (low == 0 || low >= high)
        return;
    if (module->range_count == module->range_room) {
        size_t room = module->range_room ? 2 * module->range_room : 64;
        struct code_range *ranges = realloc(module->ranges, room * sizeof *ranges);
        if (!ranges)
            return;
        module->ranges = ranges;
        module->range_room = room;
    }
    module->ranges[module->range_count++] = (struct code_range){low, high, unit};
}

static int compare_ranges(const void *left, const void *right)
{
    const struct code_range *a = left;
    const struct code_range *b = right;
    if (a->low != b->low)
        return a->low < b->low ? -1 : 1;
    if (a->high != b->high)
        return a->high > b->high ? -1 : 1;
    return a->unit < b->unit ? -1 : a->unit > b->unit;
}

/* .debug_aranges would be quicker, but clang writes none. */
static void read_ranges(struct module *module)
{
    Dwarf_CU *unit = NULL;
    Dwarf_Die die;
    uint8_t type;
    while (dwarf_get_units(module->dwarf, unit, &unit, NULL, &type, &die, NULL) == 0) {
        Dwarf_Addr base;
        Dwarf_Addr low;
        Dwarf_Addr high;
        ptrdiff_t next = 0;
        if (type != DW_UT_compile)
            continue;
        while ((next = dwarf_ranges(&die, next, &base, &low, &high)) > 0)
            add_range(module, low, high, dwarf_dieoffset(&die));
    }
    if (module->range_count)
        qsort(module->ranges, module->range_count, sizeof *module->ranges, compare_ranges);
}

static void open_module(struct module *module)
{
    const struct image *image = module->image;
    if (module->is_open)
        return;
    module->is_open = true;
    if (image->kind != IMAGE_ELF)
        return;
    elf_version(EV_CURRENT);
    module->elf = elf_memory((char *)image->file, image->file_size);
    if (!module->elf)
        return;
    module->eh_frame = dwarf_getcfi_elf(module->elf);
    module->dwarf = dwarf_begin_elf(module->elf, DWARF_C_READ, NULL);
    if (!module->dwarf)
        return;
    module->debug_frame = dwarf_getcfi(module->dwarf);
    read_ranges(module);
}

static bool find_unit(struct module *module, uint32_t addr, Dwarf_Die *die)
{
    open_module(module);
    const struct code_range *best = NULL;
    for (size_t i = 0; i < module->range_count && module->ranges[i].low <= addr; i++)
        if (addr < module->ranges[i].high)
            best = &module->ranges[i];
    return best && dwarf_offdie(module->dwarf, best->unit, die);
}

/* ---- Places ---- */

static const char *base_name(const char *path)
{
    const char *base = path;
    for (const char *c = path; c && *c; c++)
        if (*c == '/' || *c == '\\')
            base = c + 1;
    return base;
}

static void set_source(struct debug_place *place, const char *path, int line)
{
    place->path = path;
    place->file = base_name(path);
    place->line = path && line > 0 ? (unsigned)line : 0;
}

/* The place in the outer function from which an inlined one was called. */
static void set_call_site(struct debug_place *place, Dwarf_Die *unit, Dwarf_Die *inlined)
{
    Dwarf_Attribute attribute;
    Dwarf_Word file = 0;
    Dwarf_Word line = 0;
    Dwarf_Files *files = NULL;
    size_t count = 0;
    if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &file) == 0 &&
        dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &line) == 0 &&
        dwarf_getsrcfiles(unit, &files, &count) == 0 && file < count)
        set_source(place, dwarf_filesrc(files, (size_t)file, NULL, NULL), (int)line);
}

static void set_line(struct debug_place *place, Dwarf_Die *unit, uint32_t addr)
{
    Dwarf_Line *line = dwarf_getsrc_die(unit, addr);
    int number = 0;
    if (line && dwarf_lineno(line, &number) == 0)
        set_source(place, dwarf_linesrc(line, NULL, NULL), number);
}

/* A function and what is inlined into it at the address, outermost first. */
struct scopes {
    Dwarf_Die dies[SCOPES_MAX];
    size_t count;
};

static bool is_function(Dwarf_Die *die)
{
    int tag = dwarf_tag(die);
    return tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
}

static bool contains(Dwarf_Die *die, uint32_t addr)
{
    int tag = dwarf_tag(die);
    return tag == DW_TAG_namespace ||
           ((is_function(die) || tag == DW_TAG_lexical_block) && dwarf_haspc(die, addr) == 1);
}

/* dwarf_getscopes() would do, but it leaks on damaged DWARF. Returns true when it added something;
 * damaged DWARF may also go in circles, hence the budget. */
static bool find_scopes(struct scopes *scopes, Dwarf_Die *parent, uint32_t addr, unsigned depth,
                        unsigned *budget)
{
    Dwarf_Die die;
    for (int more = dwarf_child(parent, &die); more == 0 && *budget > 0;
         more = dwarf_siblingof(&die, &die)) {
        --*budget;
        if (depth == 0 || !contains(&die, addr))
            continue;
        size_t old_count = scopes->count;
        if (is_function(&die) && scopes->count < SCOPES_MAX)
            scopes->dies[scopes->count++] = die;
        if (find_scopes(scopes, &die, addr, depth - 1, budget) || scopes->count > old_count)
            return true;
    }
    return false;
}

static size_t places_of_unit(struct debug_place *places, size_t room, struct debug_place place,
                             Dwarf_Die *unit, uint32_t addr)
{
    struct scopes scopes = {.count = 0};
    unsigned budget = 1000000;
    size_t count = 0;
    set_line(&place, unit, addr);
    find_scopes(&scopes, unit, addr, SCOPES_MAX, &budget);
    for (size_t i = scopes.count; i-- > 0 && count < room;) {
        Dwarf_Die *die = &scopes.dies[i];
        const char *name = dwarf_diename(die);
        if (name)
            place.function = name;
        place.is_inlined = i > 0 && dwarf_tag(die) == DW_TAG_inlined_subroutine;
        places[count++] = place;
        if (!place.is_inlined)
            break;
        set_source(&place, NULL, 0);
        set_call_site(&place, unit, die);
    }
    if (!count && room)
        places[count++] = place;
    return count;
}

static struct debug_place place_of_symbol(const struct image *image, uint32_t addr)
{
    struct debug_place place = {.image = image};
    const struct image_symbol *symbol = image_symbol_at(&image->symbols, addr);
    if (symbol && symbol->type != IMAGE_SYMBOL_OBJECT) {
        place.function = symbol->name;
        place.offset = addr - symbol->addr;
    }
    return place;
}

size_t debug_info_places(struct debug_info *info, uint32_t addr, struct debug_place *places,
                         size_t room)
{
    for (size_t i = 0; i < info->module_count; i++) {
        struct module *module = &info->modules[i];
        Dwarf_Die unit;
        if (find_unit(module, addr, &unit))
            return places_of_unit(places, room, place_of_symbol(module->image, addr), &unit, addr);
    }
    for (size_t i = 0; i < info->module_count && room; i++) {
        places[0] = place_of_symbol(info->modules[i].image, addr);
        if (places[0].function)
            return 1;
    }
    return 0;
}

void debug_info_describe(struct debug_info *info, uint32_t addr, char *text, size_t size)
{
    struct debug_place place = {0};
    debug_info_places(info, addr, &place, 1);
    const char *function = place.function ? place.function : "";
    if (place.line)
        snprintf(text, size, "%s%s%s:%u%s", function, *function ? " (" : "", place.file, place.line,
                 *function ? ")" : "");
    else if (place.offset)
        snprintf(text, size, "%s+0x%X", function, (unsigned)place.offset);
    else
        snprintf(text, size, "%s", function);
}

/* ---- Call frames ---- */

struct unwinder {
    const uint32_t *registers;
    uint32_t cfa; /* "canonical frame address": the caller's SP */
    debug_read_word *read;
    void *context;
};

enum { STACK_ROOM = 16 };

struct dwarf_stack {
    uint32_t items[STACK_ROOM];
    size_t depth;
    bool is_value; /* else the top is where the value lies */
};

static bool push(struct dwarf_stack *stack, uint32_t value)
{
    if (stack->depth == STACK_ROOM)
        return false;
    stack->items[stack->depth++] = value;
    return true;
}

static bool push_register(const struct unwinder *unwinder, struct dwarf_stack *stack,
                          Dwarf_Word number, Dwarf_Word offset)
{
    return number < DEBUG_REGISTERS && push(stack, unwinder->registers[number] + (uint32_t)offset);
}

static bool apply_to_two(struct dwarf_stack *stack, uint8_t atom)
{
    if (stack->depth < 2)
        return false;
    uint32_t b = stack->items[--stack->depth];
    uint32_t *a = &stack->items[stack->depth - 1];
    switch (atom) {
    case DW_OP_plus:
        *a += b;
        return true;
    case DW_OP_minus:
        *a -= b;
        return true;
    case DW_OP_and:
        *a &= b;
        return true;
    case DW_OP_or:
        *a |= b;
        return true;
    case DW_OP_shl:
        *a = b < 32 ? *a << b : 0;
        return true;
    default:
        return false;
    }
}

/* DWARF 5, 2.5: the operations that compilers use in call frame information. */
static bool apply_operation(const struct unwinder *unwinder, struct dwarf_stack *stack,
                            const Dwarf_Op *op)
{
    if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31)
        return push_register(unwinder, stack, op->atom - DW_OP_breg0, op->number);
    if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31)
        return push(stack, op->atom - DW_OP_lit0);
    if (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31) {
        stack->is_value = true;
        return push_register(unwinder, stack, op->atom - DW_OP_reg0, 0);
    }
    switch (op->atom) {
    case DW_OP_regx:
        stack->is_value = true;
        return push_register(unwinder, stack, op->number, 0);
    case DW_OP_bregx:
        return push_register(unwinder, stack, op->number, op->number2);
    case DW_OP_call_frame_cfa:
        return push(stack, unwinder->cfa);
    case DW_OP_const1u:
    case DW_OP_const1s:
    case DW_OP_const2u:
    case DW_OP_const2s:
    case DW_OP_const4u:
    case DW_OP_const4s:
    case DW_OP_constu:
    case DW_OP_consts:
        return push(stack, (uint32_t)op->number);
    case DW_OP_plus_uconst:
        if (!stack->depth)
            return false;
        stack->items[stack->depth - 1] += (uint32_t)op->number;
        return true;
    case DW_OP_deref:
        return stack->depth && unwinder->read(unwinder->context, stack->items[stack->depth - 1],
                                              &stack->items[stack->depth - 1]);
    case DW_OP_stack_value:
        stack->is_value = true;
        return true;
    default:
        return apply_to_two(stack, op->atom);
    }
}

static bool evaluate(const struct unwinder *unwinder, const Dwarf_Op *ops, size_t count,
                     struct dwarf_stack *stack)
{
    *stack = (struct dwarf_stack){0};
    for (size_t i = 0; i < count; i++)
        if (!apply_operation(unwinder, stack, &ops[i]))
            return false;
    return stack->depth > 0;
}

/* libdw: no operations and its own memory back means "same value"; NULL means "undefined". */
static bool find_register(const struct unwinder *unwinder, Dwarf_Frame *frame, int number,
                          uint32_t *value, bool *is_defined)
{
    Dwarf_Op memory[3];
    Dwarf_Op *ops = NULL;
    size_t count = 0;
    struct dwarf_stack stack;
    if (dwarf_frame_register(frame, number, memory, &ops, &count) != 0)
        return false;
    *is_defined = count > 0 || ops;
    *value = unwinder->registers[number];
    if (count == 0)
        return true;
    if (!evaluate(unwinder, ops, count, &stack))
        return false;
    *value = stack.items[stack.depth - 1];
    return stack.is_value || unwinder->read(unwinder->context, *value, value);
}

static enum debug_unwind unwind_frame(struct unwinder *unwinder, Dwarf_Frame *frame,
                                      uint32_t registers[DEBUG_REGISTERS])
{
    Dwarf_Op *ops = NULL;
    size_t count = 0;
    struct dwarf_stack stack;
    if (dwarf_frame_cfa(frame, &ops, &count) != 0 || !evaluate(unwinder, ops, count, &stack))
        return DEBUG_UNWIND_UNKNOWN;
    unwinder->cfa = stack.items[stack.depth - 1];

    uint32_t caller[DEBUG_REGISTERS];
    memcpy(caller, registers, sizeof caller);
    bool is_defined;
    for (int number = 4; number <= 11; number++) /* AAPCS32 6.1.1: the callee saves r4 to r11 */
        if (!find_register(unwinder, frame, number, &caller[number], &is_defined))
            return DEBUG_UNWIND_UNKNOWN;
    int return_register = dwarf_frame_info(frame, NULL, NULL, NULL);
    if (return_register < 0 || return_register >= DEBUG_REGISTERS ||
        !find_register(unwinder, frame, return_register, &caller[DEBUG_PC], &is_defined))
        return DEBUG_UNWIND_UNKNOWN;
    caller[DEBUG_LR] = caller[DEBUG_PC];
    caller[DEBUG_SP] = unwinder->cfa;
    memcpy(registers, caller, sizeof caller);
    return is_defined ? DEBUG_UNWIND_DONE : DEBUG_UNWIND_DONE_BY_LR;
}

static enum debug_unwind unwind_by(Dwarf_CFI *cfi, uint32_t lookup_pc,
                                   uint32_t registers[DEBUG_REGISTERS], debug_read_word *read,
                                   void *context)
{
    Dwarf_Frame *frame = NULL;
    if (!cfi || dwarf_cfi_addrframe(cfi, lookup_pc, &frame) != 0)
        return DEBUG_UNWIND_UNKNOWN;
    struct unwinder unwinder = {.registers = registers, .read = read, .context = context};
    enum debug_unwind result = unwind_frame(&unwinder, frame, registers);
    free(frame);
    return result;
}

enum debug_unwind debug_info_unwind(struct debug_info *info, uint32_t lookup_pc,
                                    uint32_t registers[DEBUG_REGISTERS], debug_read_word *read,
                                    void *context)
{
    enum debug_unwind result = DEBUG_UNWIND_UNKNOWN;
    for (size_t i = 0; i < info->module_count && result == DEBUG_UNWIND_UNKNOWN; i++) {
        struct module *module = &info->modules[i];
        open_module(module);
        result = unwind_by(module->debug_frame, lookup_pc, registers, read, context);
        if (result == DEBUG_UNWIND_UNKNOWN)
            result = unwind_by(module->eh_frame, lookup_pc, registers, read, context);
    }
    return result;
}
