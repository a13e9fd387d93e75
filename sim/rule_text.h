/* The rules of models/RULES.md, which is built into the program: what a rule id stands for. */
#ifndef SIM_RULE_TEXT_H
#define SIM_RULE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum { RULE_TEXT_CELL = 600, RULE_TEXT_SAID = 2 * RULE_TEXT_CELL };

struct rule_text {
    char id[80];
    char source[RULE_TEXT_CELL]; /* section of the manual or sheet */
    char rule[RULE_TEXT_CELL];
    char status[RULE_TEXT_CELL]; /* modelled, approximated, assumed, absent */
};

/* Calls for each rule in the order of the file. Stops when it returns false. */
void rule_text_each(bool (*visit)(void *context, const struct rule_text *rule), void *context);
bool rule_text_find(const char *id, struct rule_text *rule);
/* The rule, and behind a colon what is assumed, simplified or absent: "zeros over zeros: accepted". */
const char *rule_text_say(const struct rule_text *rule, char text[RULE_TEXT_SAID]);

/* The same on any Markdown text, for tests. */
void rule_text_each_of(const char *text, size_t size,
                       bool (*visit)(void *context, const struct rule_text *rule), void *context);

#endif
