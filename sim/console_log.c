#include "sim/console_log.h"

#include <stdlib.h>
#include <string.h>

void console_log_free(struct console_log *log)
{
    for (size_t i = 0; i < log->count; i++)
        free(log->pieces[i].text);
    free(log->pieces);
    memset(log, 0, sizeof *log);
}

static struct console_log_piece *find(const struct console_log *log, uint32_t boot,
                                      enum console_channel channel)
{
    for (size_t i = log->count; i > 0; i--)
        if (log->pieces[i - 1].boot == boot && log->pieces[i - 1].channel == channel)
            return &log->pieces[i - 1];
    return NULL;
}

static struct console_log_piece *add(struct console_log *log, uint32_t boot, uint32_t power_on,
                                     enum console_channel channel)
{
    if (log->count == log->room) {
        size_t room = log->room ? 2 * log->room : 8;
        struct console_log_piece *pieces = realloc(log->pieces, room * sizeof *pieces);
        if (!pieces)
            return NULL;
        log->pieces = pieces;
        log->room = room;
    }
    struct console_log_piece *piece = &log->pieces[log->count++];
    *piece = (struct console_log_piece){.boot = boot, .power_on = power_on, .channel = channel};
    return piece;
}

static bool put(struct console_log_piece *piece, char byte)
{
    if (piece->size + 1 >= piece->room) {
        size_t room = piece->room ? 2 * piece->room : 256;
        char *text = realloc(piece->text, room);
        if (!text)
            return false;
        piece->text = text;
        piece->room = room;
    }
    if (byte)
        piece->text[piece->size++] = byte;
    piece->text[piece->size] = '\0';
    return true;
}

struct console_log_piece *console_log_hear(struct console_log *log, const struct event *event,
                                           uint32_t power_on)
{
    enum console_channel channel;
    if (!console_is_text(event, &channel))
        return NULL;
    struct console_log_piece *piece = find(log, event->boot, channel);
    if (!piece)
        piece = add(log, event->boot, power_on, channel);
    if (!piece || log->bytes == CONSOLE_LOG_BYTES_MAX || !put(piece, (char)event->value)) {
        log->is_cut_short = true;
        return NULL;
    }
    log->bytes++;
    piece->last_ps = event->t_ps;
    return piece;
}
