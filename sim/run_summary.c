/* How a run ended, what it did and what it depended on: text for people, JSON for machines. */
#include "sim/run.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/flag_text.h"
#include "sim/quantity.h"
#include "sim/register_text.h"
#include "sim/rule_text.h"

#define EXACT_IN_DOUBLE (UINT64_C(1) << 53)

const char *run_end_text(enum run_end end)
{
    static const char *const texts[] = {
        [RUN_GOES_ON] = "not ended",
        [RUN_ENDED_UNTIL] = "until",
        [RUN_ENDED_EXIT] = "exit",
        [RUN_ENDED_TIME] = "time",
        [RUN_ENDED_ASLEEP] = "asleep",
        [RUN_ENDED_FAULT] = "fault",
        [RUN_ENDED_LOCKUP] = "lockup",
        [RUN_ENDED_NO_ROM] = "system memory",
        [RUN_ENDED_INTERRUPTED] = "interrupted",
    };
    return texts[end];
}

int run_status(const struct run *run)
{
    bool has_condition = run->options.until != NULL;
    switch (run->end) {
    case RUN_ENDED_UNTIL:
        return 0;
    case RUN_ENDED_EXIT:
        if (run->machine->exit_status != 0)
            return 1;
        return has_condition ? 3 : 0;
    case RUN_ENDED_FAULT:
    case RUN_ENDED_LOCKUP:
        return 1;
    case RUN_ENDED_TIME:
    case RUN_ENDED_ASLEEP:
        return has_condition ? 3 : 0;
    default:
        return 3;
    }
}

/* ---- for people ---- */

static void write_end(const struct run *run, FILE *out)
{
    char time[QUANTITY_TEXT];
    fprintf(out, "flashsim: ");
    switch (run->end) {
    case RUN_ENDED_UNTIL:
        fprintf(out, "reached %s", run->options.until);
        break;
    case RUN_ENDED_EXIT:
        fprintf(out, "the firmware exited with %" PRIu32, run->machine->exit_status);
        break;
    case RUN_ENDED_TIME:
        fprintf(out, "time is over");
        break;
    case RUN_ENDED_ASLEEP:
        fprintf(out, "asleep, and nothing is scheduled that could wake the core");
        break;
    case RUN_ENDED_FAULT:
        fprintf(out, "unhandled fault: its handler does not return and shows no sign of life");
        break;
    case RUN_ENDED_LOCKUP:
        fprintf(out, "lockup");
        break;
    case RUN_ENDED_NO_ROM:
        fprintf(out, "the chip started the boot loader in its system memory, which is not modelled (%s)",
                run->machine->soc->wires.is_flash_empty
                    ? "the first word of its flash is blank: load an image there"
                    : "so say boot pin and option bytes: force --boot flash");
        break;
    default:
        fprintf(out, "interrupted");
        break;
    }
    fprintf(out, " after %s of virtual time\n",
            quantity_write_time(machine_now_ps(run->machine), time));
    if (run->end == RUN_ENDED_NO_ROM || run->end == RUN_ENDED_LOCKUP)
        run_write_misplaced(run, out);
    if (run->options.until && run->end != RUN_ENDED_UNTIL)
        fprintf(out, "flashsim: not reached: %s\n", run->options.until);
}

static void write_resets(const struct run *run, FILE *out)
{
    const char *separator = "  resets      ";
    for (uint32_t cause = 0; cause < RESET_CAUSE_COUNT; cause++) {
        if (!run->log.resets[cause])
            continue;
        fprintf(out, "%s%s %" PRIu64, separator, flag_text_reset_cause(cause), run->log.resets[cause]);
        separator = ", ";
    }
    if (separator[0] == ',')
        putc('\n', out);
}

static void write_numbers(const struct run *run, FILE *out)
{
    char time[QUANTITY_TEXT];
    const struct run_log *log = &run->log;
    fprintf(out, "  chip        %s%s%s\n", run->chip->name, run->board ? " on " : "",
            run->board ? run->board->name : "");
    fprintf(out, "  cycles      %" PRIu64 "\n", cpu_cycles(run->machine->processor.cpu));
    if (run->machine->stalled_ps)
        fprintf(out, "  stalled     %s by the flash, %" PRIu64 " time%s\n",
                quantity_write_time(run->machine->stalled_ps, time), log->stalls,
                log->stalls == 1 ? "" : "s");
    if (log->programs || log->erases || log->option_changes)
        fprintf(out, "  flash       %" PRIu64 " programmed, %" PRIu64 " erased, %" PRIu64
                " option changes\n", log->programs, log->erases, log->option_changes);
    if (log->faults)
        fprintf(out, "  faults      %" PRIu64 "\n", log->faults);
    write_resets(run, out);
    for (unsigned i = 0; i < CONSOLE_CHANNEL_COUNT; i++)
        if (run->console.output[i].count && !run->console.output[i].is_shown)
            fprintf(out, "  not shown   %" PRIu64 " bytes of %s: --console %s shows them\n",
                    run->console.output[i].count, console_channel_name((enum console_channel)i),
                    console_channel_name((enum console_channel)i));
    if (run->semihosting.was_file_refused)
        fprintf(out, "  refused     semihosting wanted to open a file: --files DIR allows those in DIR\n");
}

static const char *register_name(struct run *run, uint32_t addr, char text[REGISTER_TEXT_NAME])
{
    register_text_at(run->machine->soc, addr, text);
    if (!text[0])
        snprintf(text, REGISTER_TEXT_NAME, "0x%08" PRIX32, addr);
    return text;
}

/* RM0351 6.2.20: the registers of a peripheral without its clock read 0 and take no writes. */
static bool is_unclocked(const struct event *event)
{
    return event->rule && strcmp(event->rule, "RCC.unclocked") == 0;
}

static void write_notes(struct run *run, FILE *out)
{
    char place[FAULT_REPORT_PLACE];
    char name[REGISTER_TEXT_NAME];
    const struct run_log *log = &run->log;
    for (unsigned i = 0; i < log->absent.count; i++) {
        const struct run_note *note = &log->absent.note[i];
        fprintf(out, "  not %s %s, first %s by %s\n",
                is_unclocked(&note->first) ? "clocked " : "modelled", note->first.unit,
                register_name(run, note->first.addr, name),
                fault_report_place(&run->report, note->first.pc, place));
    }
    for (unsigned i = 0; i < log->missing.count; i++) {
        const struct run_note *note = &log->missing.note[i];
        fprintf(out, "  no effect   %s bits 0x%08" PRIX32 ", first set by %s\n",
                register_name(run, note->first.addr, name), note->values,
                fault_report_place(&run->report, note->first.pc, place));
    }
    for (unsigned i = 0; i < log->assumed.count; i++) {
        const struct run_note *note = &log->assumed.note[i];
        struct rule_text rule;
        char said[RULE_TEXT_SAID];
        bool is_known = note->first.rule && rule_text_find(note->first.rule, &rule);
        fprintf(out, "  assumed     %s%s%s\n", note->first.rule ? note->first.rule : "?",
                is_known ? ": " : "", is_known ? rule_text_say(&rule, said) : "");
    }
}

void run_summary_write(struct run *run, FILE *out)
{
    write_end(run, out);
    if (run->options.is_quiet)
        return;
    write_numbers(run, out);
    write_notes(run, out);
}

/* ---- for machines ---- */

/* Integers past 2^53 are strings (design.md). */
static void add_integer(cJSON *object, const char *key, uint64_t value)
{
    char text[24];
    if (value <= EXACT_IN_DOUBLE) {
        cJSON_AddNumberToObject(object, key, (double)value);
        return;
    }
    snprintf(text, sizeof text, "%" PRIu64, value);
    cJSON_AddStringToObject(object, key, text);
}

/* Any bytes as JSON text: one past ASCII stands for the character of its number, a zero (where cJSON would
 * end) for U+FFFD. */
static void add_bytes(cJSON *object, const char *key, const uint8_t *bytes, size_t size)
{
    char *text = malloc(3 * size + 1);
    size_t used = 0;
    for (size_t i = 0; text && i < size; i++) {
        if (bytes[i] == 0) {
            memcpy(text + used, "\xEF\xBF\xBD", 3);
            used += 3;
        } else if (bytes[i] < 0x80) {
            text[used++] = (char)bytes[i];
        } else {
            text[used++] = (char)(0xC0 | bytes[i] >> 6);
            text[used++] = (char)(0x80 | (bytes[i] & 0x3F));
        }
    }
    if (text) {
        text[used] = '\0';
        cJSON_AddStringToObject(object, key, text);
    }
    free(text);
}

static void add_images(const struct run *run, cJSON *result)
{
    cJSON *images = cJSON_AddArrayToObject(result, "images");
    for (size_t i = 0; i < run->image_count; i++) {
        char sha[2 * SHA256_BYTES + 1];
        for (size_t k = 0; k < SHA256_BYTES; k++)
            snprintf(sha + 2 * k, 3, "%02x", run->images[i].sha256[k]);
        cJSON *image = cJSON_CreateObject();
        add_bytes(image, "path", (const uint8_t *)run->images[i].path, strlen(run->images[i].path));
        cJSON_AddStringToObject(image, "sha256", sha);
        cJSON_AddItemToArray(images, image);
    }
}

static void add_console(const struct run *run, cJSON *result)
{
    cJSON *consoles = cJSON_AddArrayToObject(result, "console");
    uint8_t *bytes = malloc(CONSOLE_KEEP_BYTES);
    for (unsigned i = 0; bytes && i < CONSOLE_CHANNEL_COUNT; i++) {
        enum console_channel channel = (enum console_channel)i;
        if (!run->console.output[i].count)
            continue;
        cJSON *console = cJSON_CreateObject();
        cJSON_AddStringToObject(console, "name", console_channel_name(channel));
        add_integer(console, "bytes", run->console.output[i].count);
        add_bytes(console, "text", bytes, console_kept(&run->console, channel, bytes));
        cJSON_AddItemToArray(consoles, console);
    }
    free(bytes);
}

static void add_notes(const struct run_notes *notes, cJSON *result, const char *key)
{
    cJSON *list = cJSON_AddArrayToObject(result, key);
    for (unsigned i = 0; i < notes->count; i++) {
        const struct run_note *note = &notes->note[i];
        cJSON *item = cJSON_CreateObject();
        if (note->first.unit)
            cJSON_AddStringToObject(item, "unit", note->first.unit);
        if (note->first.rule)
            cJSON_AddStringToObject(item, "rule", note->first.rule);
        add_integer(item, "pc", note->first.pc);
        add_integer(item, "addr", note->first.addr);
        add_integer(item, "value", note->values);
        if (note->is_double_word)
            cJSON_AddBoolToObject(item, "double_word", true);
        add_integer(item, "count", note->count);
        add_integer(item, "first_ps", note->first.t_ps);
        cJSON_AddItemToArray(list, item);
    }
}

static void add_fault(const struct run *run, cJSON *result)
{
    const struct fault_record *fault = &run->machine->processor.last_fault;
    if (!fault->is_valid)
        return;
    cJSON *item = cJSON_AddObjectToObject(result, "last_fault");
    add_integer(item, "t_ps", fault->t_ps);
    add_integer(item, "pc", fault->pc);
    add_integer(item, "lr", fault->lr);
    add_integer(item, "sp", fault->sp);
    add_integer(item, "cfsr", fault->cfsr);
    add_integer(item, "hfsr", fault->hfsr);
    add_integer(item, "addr", fault->addr);
    add_integer(item, "wanted", fault->wanted);
    add_integer(item, "taken", fault->taken);
    cJSON_AddBoolToObject(item, "imprecise", fault->is_imprecise);
    if (fault->is_imprecise) {
        add_integer(item, "store_pc", fault->store_pc);
        add_integer(item, "store_addr", fault->store_addr);
    }
}

bool run_result_write(const struct run *run, FILE *out)
{
    static const char *const statuses[] = {"pass", "fail", "bad input", "inconclusive"};
    cJSON *result = cJSON_CreateObject();
    int status = run_status(run);
    cJSON_AddStringToObject(result, "status", statuses[status]);
    cJSON_AddNumberToObject(result, "exit_status", status);
    cJSON_AddStringToObject(result, "ended_by", run_end_text(run->end));
    if (run->end == RUN_ENDED_EXIT)
        add_integer(result, "firmware_status", run->machine->exit_status);
    cJSON_AddStringToObject(result, "chip", run->chip->name);
    if (run->board)
        cJSON_AddStringToObject(result, "board", run->board->name);
    add_images(run, result);
    add_integer(result, "seed", run->options.seed);
    add_integer(result, "time_ps", machine_now_ps(run->machine));
    add_integer(result, "cycles", cpu_cycles(run->machine->processor.cpu));
    add_integer(result, "stalled_ps", run->machine->stalled_ps);
    add_integer(result, "programs", run->log.programs);
    add_integer(result, "erases", run->log.erases);
    add_integer(result, "faults", run->log.faults);
    cJSON *resets = cJSON_AddObjectToObject(result, "resets");
    for (uint32_t cause = 0; cause < RESET_CAUSE_COUNT; cause++)
        if (run->log.resets[cause])
            add_integer(resets, flag_text_reset_cause(cause), run->log.resets[cause]);
    add_fault(run, result);
    add_notes(&run->log.refused, result, "refused");
    add_notes(&run->log.assumed, result, "assumed");
    add_notes(&run->log.missing, result, "unimplemented");
    add_notes(&run->log.absent, result, "absent");
    add_console(run, result);
    char *text = cJSON_Print(result);
    cJSON_Delete(result);
    bool is_written = text && fprintf(out, "%s\n", text) > 0;
    cJSON_free(text);
    return is_written;
}
