/* Words for status bits and for names of exceptions and resets: what `explain` prints and what the fault
 * report says. */
#ifndef SIM_FLAG_TEXT_H
#define SIM_FLAG_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct flag_text {
    const char *reg;     /* "CFSR" */
    const char *name;    /* "PRECISERR" */
    uint32_t bit;        /* mask; a field has several bits */
    const char *meaning; /* one sentence */
};

extern const struct flag_text flag_texts[];
extern const size_t flag_text_count;

/* "HardFault", "SysTick", "IRQ 4"; `text` is room for the last kind. */
enum { FLAG_TEXT_NAME = 24 };
const char *flag_text_exception(unsigned exception, char text[FLAG_TEXT_NAME]);
/* Of EVENT_RESET's value: "IWDG". */
const char *flag_text_reset_cause(uint32_t cause);
/* "PROGERR PGSERR" from a register's bits. */
const char *flag_text_names(const char *reg, uint32_t bits, char *text, size_t size);

#endif
