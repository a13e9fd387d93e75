/* Words of reports, traces and scenarios that are neither register nor flag, event or rule. */
#ifndef SIM_WORD_TEXT_H
#define SIM_WORD_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/trace.h"

struct word_text {
    const char *word;    /* "pulse" */
    const char *kind;    /* "phase of a cut" */
    enum event_kind event; /* whose value has it as a number; EVENT_KIND_COUNT: none's */
    uint32_t value;
    const char *meaning; /* one sentence */
};

extern const struct word_text word_texts[];
extern const size_t word_text_count;

#endif
