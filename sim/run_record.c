#include "sim/run_record.h"

#include <stdlib.h>
#include <string.h>

#include "sim/flash_state.h"
#include "sim/trace_file.h"

/* ---- events ---- */

static void write_entry(struct run_record *record, const struct run_record_entry *entry)
{
    FILE *out = json_out_value(&record->json, NULL);
    if (entry->repeats)
        trace_file_write_repeated(out, &entry->event, entry->repeats, entry->until_ps);
    else
        trace_file_write_object(out, &entry->event);
}

static void keep_entry(struct run_record *record, const struct run_record_entry *entry)
{
    uint64_t number = record->entry_count++;
    if (record->is_whole || number < RUN_RECORD_FIRST) {
        write_entry(record, entry);
        return;
    }
    if (!record->last)
        record->last = malloc(RUN_RECORD_LAST * sizeof *record->last);
    if (!record->last) {
        record->is_out_of_memory = true;
        return;
    }
    struct run_record_entry *place = &record->last[(number - RUN_RECORD_FIRST) % RUN_RECORD_LAST];
    if (number >= RUN_RECORD_FIRST + RUN_RECORD_LAST)
        record->left_out += 1 + place->repeats;
    *place = *entry;
}

static void end_loop(struct run_record *record)
{
    for (unsigned i = 0; i < record->loop_count; i++)
        keep_entry(record, &record->loop[i]);
    record->loop_count = 0;
}

/* What firmware does over and over while it waits for something else. */
static bool is_of_loops(enum event_kind kind)
{
    return kind == EVENT_WATCHDOG || kind == EVENT_SLEEP || kind == EVENT_UNIT_ABSENT ||
           kind == EVENT_REG_UNIMPLEMENTED || kind == EVENT_BUS_ERROR ||
           kind == EVENT_FLASH_STALE_READ || kind == EVENT_DEBUG_ACCESS;
}

/* In all but when they were. Names are static text. */
static bool is_equal(const struct event *a, const struct event *b)
{
    return a->kind == b->kind && a->unit == b->unit && a->value == b->value && a->pc == b->pc &&
           a->addr == b->addr && a->size == b->size && a->op == b->op && a->rule == b->rule &&
           a->boot == b->boot && a->core == b->core && a->master == b->master;
}

static void keep_event(struct run_record *record, const struct event *event)
{
    struct run_record_entry entry = {.event = *event, .until_ps = event->t_ps};
    if (record->is_whole || !is_of_loops(event->kind)) {
        end_loop(record);
        keep_entry(record, &entry);
        return;
    }
    for (unsigned i = 0; i < record->loop_count; i++) {
        struct run_record_entry *earlier = &record->loop[i];
        if (is_equal(&earlier->event, event)) {
            earlier->repeats++;
            earlier->until_ps = event->t_ps;
            return;
        }
    }
    if (record->loop_count == RUN_RECORD_LOOP_MAX)
        end_loop(record);
    record->loop[record->loop_count++] = entry;
}

static void write_last_entries(struct run_record *record)
{
    if (!record->last)
        return;
    uint64_t later = record->entry_count - RUN_RECORD_FIRST;
    uint64_t lost = later > RUN_RECORD_LAST ? later - RUN_RECORD_LAST : 0;
    for (uint64_t i = lost; i < later; i++)
        write_entry(record, &record->last[i % RUN_RECORD_LAST]);
}

/* ---- consoles ---- */

static struct run_record_line *add_line(struct run_record *record)
{
    if (record->line_count == record->line_room) {
        size_t room = record->line_room ? 2 * record->line_room : 64;
        struct run_record_line *lines = realloc(record->lines, room * sizeof *lines);
        if (!lines)
            return NULL;
        record->lines = lines;
        record->line_room = room;
    }
    return &record->lines[record->line_count++];
}

static bool add_byte(struct run_record_line *line, char byte)
{
    if (line->size == line->room) {
        size_t room = line->room ? 2 * line->room : 32;
        char *text = realloc(line->text, room);
        if (!text)
            return false;
        line->text = text;
        line->room = room;
    }
    line->text[line->size++] = byte;
    return true;
}

static void keep_byte(struct run_record *record, const struct event *event,
                      enum console_channel channel)
{
    bool is_input = event->kind == EVENT_CONSOLE_IN;
    size_t *open = &record->open[is_input][channel];
    if (record->text_bytes == RUN_RECORD_TEXT_MAX) {
        record->is_text_cut_short = true;
        return;
    }
    if (!*open) {
        struct run_record_line *line = add_line(record);
        if (!line) {
            record->is_out_of_memory = true;
            return;
        }
        *line = (struct run_record_line){.boot = event->boot,
                                         .power_on = record->power_on,
                                         .channel = channel,
                                         .is_input = is_input,
                                         .t_ps = event->t_ps};
        *open = record->line_count;
    }
    struct run_record_line *line = &record->lines[*open - 1];
    record->text_bytes++;
    if ((char)event->value == '\n') {
        line->is_ended = true;
        *open = 0;
    } else if (!add_byte(line, (char)event->value)) {
        record->is_out_of_memory = true;
    }
}

static void hear_console(struct run_record *record, const struct event *event)
{
    enum console_channel channel = CONSOLE_CHANNEL_COUNT;
    if (event->kind == EVENT_CONSOLE_IN && event->unit)
        channel = console_channel_find(event->unit);
    else
        console_is_text(event, &channel);
    if (channel != CONSOLE_CHANNEL_COUNT)
        keep_byte(record, event, channel);
}

static void write_line(struct json_out *json, const struct run_record_line *line)
{
    size_t size = line->size;
    while (size && line->text[size - 1] == '\r')
        size--;
    json_out_object(json, NULL, JSON_OUT_LINE);
    json_out_number(json, "boot", line->boot);
    json_out_number(json, "power_on", line->power_on);
    json_out_string(json, "channel", console_channel_name(line->channel));
    if (line->is_input)
        json_out_bool(json, "input", true);
    json_out_number(json, "t_ps", line->t_ps);
    json_out_bytes(json, "text", line->text ? line->text : "", size);
    if (!line->is_ended)
        json_out_bool(json, "unended", true);
    json_out_end(json);
}

static void write_console(struct run_record *record)
{
    json_out_array(&record->json, "console", JSON_OUT_LINES);
    for (size_t i = 0; i < record->line_count; i++)
        write_line(&record->json, &record->lines[i]);
    json_out_end(&record->json);
    if (record->is_text_cut_short)
        json_out_bool(&record->json, "console_cut_short", true);
}

/* ---- the run ---- */

static void begin(void *context, struct machine *machine)
{
    struct run_record *record = context;
    json_out_object(&record->json, NULL, JSON_OUT_LINES);
    record->is_out_of_memory = !flash_map_begin(&record->map, machine->soc);
    json_out_array(&record->json, "events", JSON_OUT_LINES);
}

static void hear(void *context, const struct event *event)
{
    struct run_record *record = context;
    record->power_on += event->kind == EVENT_POWER_ON;
    /* What was being said was not finished. */
    if (event->kind == EVENT_POWER_ON || event->kind == EVENT_RESET)
        memset(record->open, 0, sizeof record->open);
    keep_event(record, event);
    hear_console(record, event);
}

static void end(void *context, struct machine *machine)
{
    struct run_record *record = context;
    end_loop(record);
    write_last_entries(record);
    json_out_end(&record->json);
    if (record->left_out)
        json_out_number(&record->json, "events_left_out", record->left_out);
    write_console(record);
    if (record->map.before)
        flash_map_write(&record->map, machine->soc, &record->json, "flash");
    flash_state_write(machine->soc->chip, machine->soc->cells, &record->json, "state");
    json_out_end(&record->json);
}

void run_record_start(struct run_record *record, FILE *out, unsigned indent, bool is_whole)
{
    memset(record, 0, sizeof *record);
    json_out_start(&record->json, out, indent);
    record->is_whole = is_whole;
    record->watcher = (struct scenario_watcher){
        .begin = begin, .hear = hear, .end = end, .context = record};
}

bool run_record_finish(struct run_record *record)
{
    bool is_good = !record->is_out_of_memory && !ferror(record->json.stream);
    for (size_t i = 0; i < record->line_count; i++)
        free(record->lines[i].text);
    free(record->lines);
    free(record->last);
    flash_map_free(&record->map);
    record->lines = NULL;
    record->last = NULL;
    return is_good;
}
