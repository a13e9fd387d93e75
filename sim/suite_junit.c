/* JUnit XML as CI systems read it: failure for a fail, error for what proves nothing or can not be
 * read. No times: those of the host would differ from run to run. */
#include <string.h>

#include "sim/replay_id.h"
#include "sim/suite_result.h"

enum { SHOWN_RUNS = 20 };

/* XML 1.0 allows no control characters but tab, newline and carriage return. */
static void write_escaped(FILE *out, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '&')
            fputs("&amp;", out);
        else if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else if (c == '"')
            fputs("&quot;", out);
        else if (c < 0x20 || c == 0x7F)
            fputc(c == '\n' || c == '\t' ? c : '?', out);
        else
            fputc(c, out);
    }
}

static void write_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    write_escaped(out, value);
    fputc('"', out);
}

/* "scenarios/l4/kv.json" is test kv of class scenarios.l4. */
static void write_class(FILE *out, const char *path)
{
    char class[256];
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    while (length && (*path == '.' || *path == '/')) {
        path++;
        length--;
    }
    if (length >= sizeof class)
        length = sizeof class - 1;
    for (size_t i = 0; i < length; i++)
        class[i] = path[i] == '/' ? '.' : path[i];
    class[length] = '\0';
    write_attribute(out, "classname", length ? class : "scenarios");
}

static void write_runs(const struct suite *suite, const struct suite_item *item, FILE *out)
{
    static char id[REPLAY_ID_TEXT], command[REPLAY_ID_TEXT];
    size_t shown = 0;
    for (size_t i = 0; i < item->plans.count && shown < SHOWN_RUNS; i++) {
        const struct suite_run *run = &item->runs[i];
        if (run->has_verdict && run->verdict.kind == VERDICT_PASS)
            continue;
        shown++;
        for (unsigned k = 0; run->has_verdict && k < run->verdict.note_count; k++) {
            write_escaped(out, run->verdict.note[k]);
            fputc('\n', out);
        }
        if (!run->has_verdict) {
            write_escaped(out, run->error.text);
            fputc('\n', out);
        }
        replay_id_write(&item->scenario, &item->plans.items[i], id);
        write_escaped(out, replay_id_command("flashsim", id, suite->firmware_given, command));
        fputc('\n', out);
    }
}

static void write_outcome(const struct suite *suite, const struct suite_item *item, FILE *out)
{
    const char *element = item->status == SUITE_FAIL ? "failure" : "error";
    if (item->status == SUITE_PASS)
        return;
    fprintf(out, "      <%s", element);
    write_attribute(out, "type", suite_status_name(item->status));
    write_attribute(out, "message", item->is_loaded ? item->text : item->error.text);
    fputs(">", out);
    if (item->is_loaded)
        write_runs(suite, item, out);
    fprintf(out, "</%s>\n", element);
}

static void write_property(FILE *out, const char *indent, const char *name, const char *value)
{
    fprintf(out, "%s<property", indent);
    write_attribute(out, "name", name);
    write_attribute(out, "value", value);
    fputs("/>\n", out);
}

static void write_count(FILE *out, const char *name, size_t count)
{
    char text[24];
    snprintf(text, sizeof text, "%zu", count);
    write_property(out, "      ", name, text);
}

/* What the status alone does not say: the runs, and that a pass is a known failure, or known to prove nothing. */
static void write_properties(const struct suite_item *item, FILE *out)
{
    static const char indent[] = "          ";
    char runs[24];
    fputs("        <properties>\n", out);
    write_property(out, indent, "path", item->path);
    write_property(out, indent, "status", suite_status_name(item->status));
    if (item->is_loaded) {
        snprintf(runs, sizeof runs, "%zu", item->plans.count);
        write_property(out, indent, "runs", runs);
        write_property(out, indent, "chip", item->scenario.chip->name);
    }
    if (item->is_loaded && item->scenario.is_known_bad) {
        write_property(out, indent, "known_bad",
                       item->is_bad_as_stated ? "fails as stated" : "does not fail as stated");
        write_property(out, indent, "because",
                       item->scenario.expectations[item->scenario.because].name);
    }
    if (item->is_loaded && item->scenario.inconclusive_because) {
        write_property(out, indent, "known_inconclusive",
                       item->is_inconclusive_as_stated ? "proves nothing, as stated"
                                                       : "not inconclusive as stated");
        write_property(out, indent, "because", item->scenario.inconclusive_because);
    }
    fputs("        </properties>\n", out);
}

static void write_talk(const struct suite_item *item, FILE *out)
{
    struct verdict_ids assumed = {.count = 0};
    suite_collect_assumed(item, &assumed);
    fprintf(out, "      <system-out>");
    if (item->is_loaded) {
        write_escaped(out, item->scenario.why);
        fprintf(out, "\nruns: %zu\n", item->plans.count);
    }
    if (item->is_bad_as_stated || item->is_inconclusive_as_stated) {
        write_escaped(out, item->text);
        fputc('\n', out);
    }
    for (unsigned i = 0; i < assumed.count; i++) {
        fputs("assumed: ", out);
        write_escaped(out, assumed.id[i]);
        fputc('\n', out);
    }
    fputs("</system-out>\n", out);
}

static void write_counts(const struct suite *suite, FILE *out)
{
    fputs("    <properties>\n", out);
    write_count(out, "scenarios", suite->count);
    write_count(out, "pass", suite_count(suite, SUITE_PASS));
    write_count(out, "known_bad", suite_count_known_bad(suite));
    write_count(out, "known_inconclusive", suite_count_known_inconclusive(suite));
    write_count(out, "fail", suite_count(suite, SUITE_FAIL));
    write_count(out, "inconclusive", suite_count(suite, SUITE_INCONCLUSIVE));
    write_count(out, "bad_input", suite_count(suite, SUITE_BAD_INPUT));
    write_count(out, "runs", suite->run_count);
    fputs("    </properties>\n", out);
}

static void write_case(const struct suite *suite, const struct suite_item *item, FILE *out)
{
    const char *slash = strrchr(item->path, '/');
    fputs("    <testcase", out);
    write_attribute(out, "name",
                    item->is_loaded ? item->scenario.name
                    : slash         ? slash + 1
                                    : item->path);
    write_class(out, item->path);
    fputs(">\n", out);
    write_properties(item, out);
    write_outcome(suite, item, out);
    write_talk(item, out);
    fputs("    </testcase>\n", out);
}

bool suite_junit_write(const struct suite *suite, FILE *out)
{
    size_t errors = suite_count(suite, SUITE_INCONCLUSIVE) + suite_count(suite, SUITE_BAD_INPUT);
    size_t failures = suite_count(suite, SUITE_FAIL);
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites name=\"flashsim\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n"
            "  <testsuite name=\"flashsim\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
            "skipped=\"0\">\n",
            suite->count, failures, errors, suite->count, failures, errors);
    write_counts(suite, out);
    for (size_t i = 0; i < suite->count; i++)
        write_case(suite, &suite->items[i], out);
    fputs("  </testsuite>\n</testsuites>\n", out);
    return !ferror(out);
}
