/* The trace as text for machines. Names of units and rules are plain ASCII by construction. */
#include "sim/trace_file.h"

#include <inttypes.h>

#define EXACT_IN_DOUBLE (UINT64_C(1) << 53)

static const char *const master_names[] = {
    [MASTER_CPU] = "cpu",
    [MASTER_DMA1] = "dma1",
    [MASTER_DMA2] = "dma2",
    [MASTER_DEBUGGER] = "debugger",
};

static void write_integer(FILE *stream, const char *key, uint64_t value)
{
    const char *quote = value > EXACT_IN_DOUBLE ? "\"" : "";
    fprintf(stream, "\"%s\":%s%" PRIu64 "%s,", key, quote, value, quote);
}

static void write_fields(FILE *stream, const struct event *event)
{
    putc('{', stream);
    write_integer(stream, "seq", event->seq);
    write_integer(stream, "t_ps", event->t_ps);
    fprintf(stream, "\"boot\":%" PRIu32 ",\"kind\":\"%s\",", event->boot,
            event_kind_name(event->kind));
    if (event->unit)
        fprintf(stream, "\"unit\":\"%s\",", event->unit);
    fprintf(stream, "\"core\":%u,\"master\":\"%s\",", event->core, master_names[event->master & 3]);
    if (event->op)
        fprintf(stream, "\"op\":%" PRIu32 ",", event->op);
    if (event->rule)
        fprintf(stream, "\"rule\":\"%s\",", event->rule);
    fprintf(stream,
            "\"pc\":%" PRIu32 ",\"addr\":%" PRIu32 ",\"size\":%" PRIu32 ",\"value\":%" PRIu32,
            event->pc, event->addr, event->size, event->value);
}

void trace_file_write_object(FILE *stream, const struct event *event)
{
    write_fields(stream, event);
    putc('}', stream);
}

void trace_file_write_repeated(FILE *stream, const struct event *event, uint64_t repeats,
                               uint64_t until_ps)
{
    const char *quote = until_ps > EXACT_IN_DOUBLE ? "\"" : "";
    write_fields(stream, event);
    fprintf(stream, ",\"repeats\":%" PRIu64 ",\"until_ps\":%s%" PRIu64 "%s}", repeats, quote,
            until_ps, quote);
}

void trace_file_write(void *context, const struct event *event)
{
    trace_file_write_object(context, event);
    putc('\n', (FILE *)context);
}
