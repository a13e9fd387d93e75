/* Lookups in an image's symbol table. */
#include "sim/image_symbol.h"

#include <stdlib.h>
#include <string.h>

#include "sim/nearest.h"

/* ST's start-up files alias every interrupt handler weakly to Default_Handler: the strong or local
 * name is the one that tells. */
static int compare_symbols(const void *left, const void *right)
{
    const struct image_symbol *a = left;
    const struct image_symbol *b = right;
    if (a->addr != b->addr)
        return a->addr < b->addr ? -1 : 1;
    if (a->binding != b->binding)
        return a->binding < b->binding ? -1 : 1;
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    if (a->size != b->size)
        return a->size > b->size ? -1 : 1;
    return strcmp(a->name, b->name);
}

static uint64_t symbol_end(const struct image_symbol *symbol)
{
    return symbol->section_end ? (uint64_t)symbol->addr + symbol->size : 0;
}

bool image_symbol_index(struct image_symbols *symbols)
{
    if (!symbols->count)
        return true;
    qsort(symbols->items, symbols->count, sizeof *symbols->items, compare_symbols);
    symbols->reach = malloc(symbols->count * sizeof *symbols->reach);
    if (!symbols->reach)
        return false;
    uint64_t reach = 0;
    for (size_t i = 0; i < symbols->count; i++) {
        uint64_t end = symbol_end(&symbols->items[i]);
        if (end > reach)
            reach = end;
        symbols->reach[i] = reach;
    }
    return true;
}

/* How many symbols begin at or below addr. */
static size_t count_up_to(const struct image_symbols *symbols, uint32_t addr)
{
    size_t low = 0;
    size_t high = symbols->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (symbols->items[middle].addr <= addr)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The first of those that begin at the same address has the best name. */
static const struct image_symbol *best_name(const struct image_symbols *symbols, size_t index,
                                            uint32_t addr)
{
    const struct image_symbol *best = &symbols->items[index];
    for (size_t i = index; i-- > 0 && symbols->items[i].addr == best->addr;) {
        const struct image_symbol *symbol = &symbols->items[i];
        bool covers = best->size ? symbol_end(symbol) > addr : addr < symbol->section_end;
        if (covers)
            best = symbol;
    }
    return best;
}

const struct image_symbol *image_symbol_at(const struct image_symbols *symbols, uint32_t addr)
{
    size_t below = count_up_to(symbols, addr);
    for (size_t i = below; i-- > 0 && symbols->reach[i] > addr;)
        if (symbol_end(&symbols->items[i]) > addr)
            return best_name(symbols, i, addr);
    for (size_t i = below; i-- > 0;) {
        const struct image_symbol *symbol = &symbols->items[i];
        if (!symbol->section_end)
            continue;
        /* The nearest one decides: past the end of a sized function there is no function. */
        return !symbol->size && addr < symbol->section_end ? best_name(symbols, i, addr) : NULL;
    }
    return NULL;
}

static bool name_matches(const struct image_symbol *symbol, const char *name)
{
    if (strcmp(symbol->name, name) == 0)
        return true;
    const char *colon = strrchr(name, ':');
    return colon && symbol->file && strlen(symbol->file) == (size_t)(colon - name) &&
           strncmp(symbol->file, name, (size_t)(colon - name)) == 0 &&
           strcmp(symbol->name, colon + 1) == 0;
}

static void refuse_unknown(const struct image_symbols *symbols, const char *name,
                           struct error *error)
{
    if (!error)
        return;
    const char **names = calloc(symbols->count + 1, sizeof *names);
    for (size_t i = 0; names && i < symbols->count; i++)
        names[i] = symbols->items[i].name;
    const char *meant = names ? nearest_name(name, names) : NULL;
    free(names);
    if (meant)
        error_set(error, "no symbol called %.100s: did you mean %.100s?", name, meant);
    else
        error_set(error, "no symbol called %.100s%s", name,
                  symbols->count ? ": `nm` on the ELF lists them"
                                 : ": the image has no symbol table; load an unstripped ELF");
}

const struct image_symbol *image_symbol_named(const struct image_symbols *symbols, const char *name,
                                              struct error *error)
{
    const struct image_symbol *found = NULL;
    size_t local_count = 0;
    const struct image_symbol *other = NULL;
    for (size_t i = 0; i < symbols->count; i++) {
        const struct image_symbol *symbol = &symbols->items[i];
        if (!name_matches(symbol, name))
            continue;
        if (symbol->binding != IMAGE_SYMBOL_LOCAL)
            return symbol;
        other = found;
        found = symbol;
        local_count++;
    }
    if (local_count == 1)
        return found;
    if (!found)
        refuse_unknown(symbols, name, error);
    else
        error_set(error,
                  "%zu symbols are called %.100s (0x%08X in %.80s, 0x%08X in %.80s, ...): "
                  "write FILE.c:NAME",
                  local_count, name, (unsigned)other->addr, other->file ? other->file : "?",
                  (unsigned)found->addr, found->file ? found->file : "?");
    return NULL;
}
