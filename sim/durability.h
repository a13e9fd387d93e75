/* The durability oracle: what the firmware acknowledged before a cut must be there after it; what
 * it had begun is there whole or not at all. The firmware says three things of items, on the console
 * line by line or otherwise (verdict_sources.c):
 *   begun         "put a=7"   from now on a may become 7
 *   acknowledged  "ack a=7"   a is 7, whatever happens
 *   reported      "have a=7"  what it found at its start; it reports all items before it begins or
 *                             acknowledges the first one of that boot
 * What was reported counts as acknowledged: what one start has shown, the next must not take back. */
#ifndef SIM_DURABILITY_H
#define SIM_DURABILITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DURABILITY_TEXT = 80, DURABILITY_BEGUN_MAX = 16, DURABILITY_MESSAGE = 240 };

struct durability_pattern {
    const char *begun, *acknowledged, *reported; /* how their lines begin; NULL: no line says it */
    const char *separator;                       /* between item and value: "=" */
};

struct durability_begun {
    char value[DURABILITY_TEXT];
    bool is_start; /* the line was cut: the value begins so */
};

struct durability_item {
    char name[DURABILITY_TEXT];
    bool is_known;
    char value[DURABILITY_TEXT];
    uint32_t known_in;    /* boot of the acknowledgement or report */
    uint32_t reported_in; /* the last boot that reported it */
    struct durability_begun begun[DURABILITY_BEGUN_MAX];
    unsigned begun_count;
};

struct durability {
    struct durability_pattern pattern;
    struct durability_item *items;
    size_t count, room;
    char loose[DURABILITY_TEXT]; /* a cut line: items whose names begin so may have any value */
    bool has_loose;
    bool has_report;        /* the report of this boot is complete */
    bool knows_all;         /* some report was complete: what is not known does not exist */
    unsigned acknowledged;  /* acknowledgements so far */
    unsigned interruptions; /* boots that a cut or a reset ended */
    unsigned reports;       /* complete reports after one */
    unsigned checked;       /* values reported that an earlier boot knew */
    bool has_spoken;        /* of an item, since the last cut */
    bool has_signed;        /* anything at all where it speaks of items, since the last cut */
    bool has_begun;         /* or acknowledged, since the last cut */
    bool is_broken;         /* a line too long, or out of memory: nothing can be said */
    char valueless[DURABILITY_TEXT + 32]; /* the first statement without a value: "ack a=" */
    bool is_violated;
    char message[DURABILITY_MESSAGE]; /* the first violation */
};

void durability_init(struct durability *durability, const struct durability_pattern *pattern);
void durability_free(struct durability *durability);

/* Something acknowledged before a cut was looked for after it. */
bool durability_is_reached(const struct durability *durability);

/* The three, of one item. What is acknowledged leaves standing what was begun after it: several writes may be
 * under way. */
void durability_begin(struct durability *durability, uint32_t boot, const char *item,
                      const char *value);
void durability_acknowledge(struct durability *durability, uint32_t boot, const char *item,
                            const char *value);
void durability_report(struct durability *durability, uint32_t boot, const char *item,
                       const char *value);
/* Of each item that is begun and not yet acknowledged: what was begun last is acknowledged. */
void durability_acknowledge_begun(struct durability *durability, uint32_t boot);

/* A sign that the firmware is there, which is no statement. */
void durability_sign(struct durability *durability);
/* Power, or a reset from outside: whether the firmware is there must be shown again. */
void durability_cut(struct durability *durability);

/* A whole line, without its end. Its value goes to the end; blanks around item and value are no part of them. */
void durability_line(struct durability *durability, uint32_t boot, const char *line);
/* Power or a reset ends the boot: before it what is there of an unfinished line, for each channel.
 */
void durability_rest(struct durability *durability, const char *rest);
void durability_interrupted(struct durability *durability);
/* The boot has had its time. */
void durability_finished(struct durability *durability, uint32_t boot);

#endif
