/* The result for people: one line for what is well, a few for what is not. */
#include <inttypes.h>
#include <string.h>

#include "sim/quantity.h"
#include "sim/replay_id.h"
#include "sim/suite_result.h"

enum { SHOWN_RUNS = 5, WIDTH = 100, INDENT = 4 };

static const char *status_word(enum suite_status status, bool is_coloured)
{
    static const char *const plain[SUITE_STATUS_COUNT] = {"pass", "FAIL", "BAD INPUT",
                                                          "INCONCLUSIVE"};
    static const char *const coloured[SUITE_STATUS_COUNT] = {
        "\033[32mpass\033[0m", "\033[1;31mFAIL\033[0m", "\033[1;31mBAD INPUT\033[0m",
        "\033[1;33mINCONCLUSIVE\033[0m"};
    return is_coloured ? coloured[status] : plain[status];
}

const char *suite_cut_text(const struct cut *cut, const struct verdict_cut *done,
                           char text[SUITE_MOMENT_TEXT])
{
    char moment[CUT_TEXT], time[QUANTITY_TEXT];
    cut_write(cut, moment);
    if (done->state != CUT_FIRED)
        snprintf(text, SUITE_MOMENT_TEXT, "cut=%s: never fired", moment);
    else if (done->op)
        snprintf(text, SUITE_MOMENT_TEXT,
                 "cut=%s: in boot %" PRIu32 " at %s, 0x%08" PRIX32 ", %" PRIu32 " bytes", moment,
                 done->boot, quantity_write_time(done->t_ps, time), done->addr, done->size);
    else
        snprintf(text, SUITE_MOMENT_TEXT, "cut=%s: in boot %" PRIu32 " at %s", moment, done->boot,
                 quantity_write_time(done->t_ps, time));
    return text;
}

static void write_run(const struct suite *suite, const struct suite_item *item, size_t index,
                      FILE *out)
{
    static char id[REPLAY_ID_TEXT], command[REPLAY_ID_TEXT];
    const struct scenario_plan *plan = &item->plans.items[index];
    const struct suite_run *run = &item->runs[index];
    char text[SUITE_MOMENT_TEXT];
    if (!run->has_verdict) {
        fprintf(out, "    %s\n", run->error.text);
    } else {
        for (unsigned i = 0; i < plan->cut_count; i++)
            fprintf(out, "    %s\n", suite_cut_text(&plan->cuts[i], &run->verdict.cuts[i], text));
        for (unsigned i = 0; i < run->verdict.note_count; i++)
            fprintf(out, "    %s\n", run->verdict.note[i]);
        if (run->verdict.note_lost)
            fprintf(out, "    and %u more\n", run->verdict.note_lost);
    }
    replay_id_write(&item->scenario, plan, id);
    fprintf(out, "    %s\n", replay_id_command(suite->program, id, suite->firmware_given, command));
}

static bool is_shown(const struct suite_item *item, const struct suite_run *run)
{
    if (!run->has_verdict)
        return true;
    /* Where something fails, what proves nothing is not the matter. */
    if (item->failed)
        return run->verdict.kind == VERDICT_FAIL;
    return run->verdict.kind != VERDICT_PASS;
}

static void write_runs(const struct suite *suite, const struct suite_item *item, FILE *out)
{
    size_t shown = 0, more = 0;
    for (size_t i = 0; i < item->plans.count; i++) {
        if (!is_shown(item, &item->runs[i]))
            continue;
        if (shown == SHOWN_RUNS) {
            more++;
            continue;
        }
        shown++;
        write_run(suite, item, i, out);
    }
    if (more)
        fprintf(out, "    and %zu more such runs: --json FILE lists them all\n", more);
}

static void write_ids(const char *title, const struct verdict_ids *ids, FILE *out)
{
    size_t column = (size_t)fprintf(out, "    %s", title);
    for (unsigned i = 0; i < ids->count; i++) {
        if (column + strlen(ids->id[i]) + 2 > WIDTH) {
            fputs("\n       ", out);
            column = INDENT + 3;
        }
        column += (size_t)fprintf(out, " %s%s", ids->id[i], i + 1 < ids->count ? "," : "");
    }
    fputc('\n', out);
}

void suite_text_write_item(const struct suite *suite, size_t index, bool is_coloured, FILE *out)
{
    const struct suite_item *item = &suite->items[index];
    const char *word = status_word(item->status, is_coloured);
    struct verdict_ids assumed = {.count = 0};
    if (!item->is_loaded) {
        fprintf(out, "%s  %s: not run\n", word, item->path);
        return;
    }
    if (item->text[0])
        fprintf(out, "%s  %s: %s\n", word, item->path, item->text);
    else
        fprintf(out, "%s  %s: %zu run%s\n", word, item->path, item->plans.count,
                item->plans.count == 1 ? "" : "s");
    if (item->status != SUITE_PASS) {
        fprintf(out, "    %s\n", item->scenario.why);
        write_runs(suite, item, out);
    }
    suite_collect_assumed(item, &assumed);
    if (assumed.count)
        write_ids("assumed:", &assumed, out);
}

void suite_text_write_sum(const struct suite *suite, FILE *out)
{
    size_t known_bad = suite_count_known_bad(suite);
    size_t nothing = suite_count_known_inconclusive(suite);
    fprintf(out, "%zu scenario%s: %zu pass", suite->count, suite->count == 1 ? "" : "s",
            suite_count(suite, SUITE_PASS));
    if (known_bad)
        fprintf(out, " (%zu of them known bad, failing as stated", known_bad);
    if (nothing)
        fprintf(out, "%s%zu%s inconclusive as stated", known_bad ? ", " : " (", nothing,
                known_bad ? "" : " of them");
    if (known_bad || nothing)
        fputc(')', out);
    fprintf(out, ", %zu fail, %zu inconclusive, %zu bad input; %zu run%s\n",
            suite_count(suite, SUITE_FAIL), suite_count(suite, SUITE_INCONCLUSIVE),
            suite_count(suite, SUITE_BAD_INPUT), suite->run_count,
            suite->run_count == 1 ? "" : "s");
}
