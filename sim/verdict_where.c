#include "sim/verdict_where.h"

#include <inttypes.h>
#include <stdio.h>

#include "sim/core/irq.h"
#include "sim/debug_info.h"
#include "sim/word_text.h"

enum { NAME = 32, PLACE = 64 };

void verdict_where_note(struct verdict_judge *judge)
{
    const struct processor *processor = &judge->machine->processor;
    bool is_locked_up = processor->control->is_locked_up;
    /* A core that is locked up is nowhere: PC is 0xFFFFFFFE. */
    uint32_t pc = is_locked_up ? processor->last_fault.pc : cpu_current_pc(processor->cpu);
    judge->where = (struct verdict_where){
        .exception = processor->control->ipsr,
        .pc = pc & ~1u,
        .is_locked_up = is_locked_up,
    };
}

static const char *exception_name(uint32_t exception, char name[NAME])
{
    for (size_t i = 0; i < word_text_count; i++)
        if (word_texts[i].event == EVENT_EXCEPTION_ENTRY && word_texts[i].value == exception)
            return word_texts[i].word;
    if (exception >= EXC_IRQ0)
        snprintf(name, NAME, "interrupt %" PRIu32, exception - EXC_IRQ0);
    else
        snprintf(name, NAME, "exception %" PRIu32, exception);
    return name;
}

static void describe(const struct scenario *scenario, uint32_t pc, char place[PLACE])
{
    struct error ignored;
    struct debug_info *info = debug_info_new();
    place[0] = '\0';
    for (unsigned i = 0; info && i < scenario->loaded_count; i++)
        if (!debug_info_add(info, &scenario->images[i], &ignored))
            break; /* one image fewer: the address stands for it */
    if (info)
        debug_info_describe(info, pc, place, PLACE);
    debug_info_free(info);
    if (!place[0])
        snprintf(place, PLACE, "0x%08" PRIX32, pc);
}

const char *verdict_where_text(const struct verdict_judge *judge, char text[VERDICT_WHERE])
{
    char name[NAME], place[PLACE];
    const struct verdict_where *where = &judge->where;
    text[0] = '\0';
    if (!where->exception && !where->is_locked_up)
        return text;
    describe(judge->scenario, where->pc, place);
    snprintf(text, VERDICT_WHERE, "; the core is %s%s%s, %s",
             where->is_locked_up ? "locked up" : "", where->is_locked_up ? " in " : "in ",
             where->exception ? exception_name(where->exception, name) : "no exception", place);
    return text;
}
