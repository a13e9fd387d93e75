#include "sim/suite_shown.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/run_record.h"
#include "sim/scratch_file.h"
#include "sim/workers.h"

enum { COPY_BYTES = 65536 };

/* ---- which ---- */

static bool is_pass(const struct suite_item *item, size_t run)
{
    return item->runs[run].verdict.kind == VERDICT_PASS;
}

/* What is bad or inconclusive as stated shows its first such run; the others are alike. */
bool suite_shown_is(const struct suite_item *item, size_t run, enum suite_traces traces)
{
    if (traces == SUITE_TRACES_NONE || !item->is_loaded || !item->runs[run].has_verdict)
        return false;
    if (run == 0)
        return true;
    if (is_pass(item, run))
        return false;
    if (traces == SUITE_TRACES_WHOLE)
        return true;
    const size_t most = item->is_bad_as_stated || item->is_inconclusive_as_stated ? 1 : SUITE_SHOWN_MAX;
    size_t before = 0;
    for (size_t i = 0; i < run && before < most; i++)
        before += item->runs[i].has_verdict && !is_pass(item, i);
    return before < most;
}

static bool list_runs(struct suite_shown *shown, const struct suite *suite,
                      enum suite_traces traces)
{
    shown->runs = calloc(suite->run_count + 1, sizeof *shown->runs);
    if (!shown->runs)
        return false;
    for (size_t i = 0; i < suite->count; i++)
        for (size_t k = 0; k < suite->items[i].plans.count; k++)
            if (suite_shown_is(&suite->items[i], k, traces))
                shown->runs[shown->count++] = (struct suite_shown_run){.item = i, .run = k};
    return true;
}

/* ---- in a process of its own ---- */

struct session {
    const struct suite *suite;
    struct suite_shown *shown;
    FILE *scratch; /* of a process, from its first run on */
    bool is_whole;
    struct error failed; /* the first run that could not be recorded */
    size_t done_count;
    bool (*progress)(void *context, size_t done, size_t count);
    void *context;
};

struct extent {
    int64_t offset;
    uint64_t size;
};

static bool copy(int from, int64_t offset, uint64_t size, int to)
{
    char bytes[COPY_BYTES];
    while (size) {
        ssize_t count = pread(from, bytes, size < sizeof bytes ? size : sizeof bytes, offset);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        for (ssize_t written = 0; written < count;) {
            ssize_t more = write(to, bytes + written, (size_t)(count - written));
            if (more < 0 && errno == EINTR)
                continue;
            if (more <= 0)
                return false;
            written += more;
        }
        offset += count;
        size -= (uint64_t)count;
    }
    return true;
}

/* All processes append to one file: one at a time. */
static bool append(struct session *session, struct extent *extent, struct error *error)
{
    int from = fileno(session->scratch), to = fileno(session->shown->records);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    while (fcntl(to, F_SETLKW, &lock) < 0)
        if (errno != EINTR)
            return error_set(error, "a temporary file can not be locked: %s", strerror(errno));
    extent->offset = (int64_t)lseek(to, 0, SEEK_END);
    bool is_good = copy(from, 0, extent->size, to);
    if (!is_good)
        error_set(error, "a temporary file can not be written: %s: set TMPDIR to a folder with room",
                  strerror(errno));
    lock.l_type = F_UNLCK;
    fcntl(to, F_SETLK, &lock);
    return is_good;
}

static bool record_run(struct session *session, const struct suite_item *item, size_t run,
                       struct error *error)
{
    struct verdict verdict = {.note_count = 0};
    struct run_record record;
    rewind(session->scratch);
    run_record_start(&record, session->scratch, SUITE_SHOWN_INDENT, session->is_whole);
    bool is_good = scenario_run(&item->scenario, &item->plans.items[run], &record.watcher, &verdict,
                                error);
    bool is_recorded = run_record_finish(&record);
    if (!is_good)
        return false;
    if (!is_recorded || fflush(session->scratch) != 0)
        return error_set(error, "a run can not be recorded: out of memory, or no room in TMPDIR");
    if (verdict.trace_hash != item->runs[run].verdict.trace_hash)
        return error_set(error, "%s: two equal runs differ: this is a bug of flashsim",
                         image_short_path(item->path));
    return true;
}

static bool run_job(void *context, size_t job, void *result, struct error *error)
{
    struct session *session = context;
    struct extent *extent = result;
    const struct suite_shown_run *wanted = &session->shown->runs[job];
    const struct suite_item *item = &session->suite->items[wanted->item];
    if (!session->scratch && !(session->scratch = scratch_file_open(error)))
        return false;
    if (!record_run(session, item, wanted->run, error))
        return false;
    extent->size = (uint64_t)ftello(session->scratch);
    return append(session, extent, error);
}

/* ---- here ---- */

static void job_done(void *context, size_t job, const void *result, const struct error *error)
{
    struct session *session = context;
    struct extent extent = {0, 0};
    if (result)
        memcpy(&extent, result, sizeof extent);
    else if (!session->failed.text[0])
        session->failed = *error;
    session->shown->runs[job].offset = extent.offset;
    session->shown->runs[job].size = extent.size;
    session->done_count++;
}

static bool tick(void *context)
{
    struct session *session = context;
    return session->progress(session->context, session->done_count, session->shown->count);
}

bool suite_shown_make(struct suite_shown *shown, const struct suite *suite, unsigned processes,
                      enum suite_traces traces,
                      bool (*progress)(void *context, size_t done, size_t count), void *context,
                      struct error *error)
{
    struct session session = {.suite = suite,
                              .shown = shown,
                              .is_whole = traces == SUITE_TRACES_WHOLE,
                              .progress = progress,
                              .context = context};
    struct workers workers = {
        .processes = processes,
        .result_bytes = sizeof(struct extent),
        .run = run_job,
        .done = job_done,
        .tick = tick,
        .context = &session,
    };
    memset(shown, 0, sizeof *shown);
    if (!list_runs(shown, suite, traces))
        return error_set(error, "out of memory");
    if (!shown->count)
        return true;
    workers.job_count = shown->count;
    shown->records = scratch_file_open(error);
    if (!shown->records || !workers_run(&workers, error))
        return false;
    if (!session.failed.text[0])
        return true;
    *error = session.failed;
    return false;
}

void suite_shown_free(struct suite_shown *shown)
{
    if (shown->records)
        fclose(shown->records);
    free(shown->runs);
    memset(shown, 0, sizeof *shown);
}

static const struct suite_shown_run *find(const struct suite_shown *shown, size_t item, size_t run)
{
    size_t low = 0, high = shown->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct suite_shown_run *at = &shown->runs[middle];
        if (at->item == item && at->run == run)
            return at;
        if (at->item < item || (at->item == item && at->run < run))
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool suite_shown_has(const struct suite_shown *shown, size_t item, size_t run)
{
    return find(shown, item, run) != NULL;
}

bool suite_shown_copy(const struct suite_shown *shown, size_t item, size_t run, FILE *out)
{
    char bytes[COPY_BYTES];
    const struct suite_shown_run *found = find(shown, item, run);
    if (!found || !found->size || fseeko(shown->records, (off_t)found->offset, SEEK_SET) != 0)
        return false;
    for (uint64_t left = found->size; left;) {
        size_t count = fread(bytes, 1, left < sizeof bytes ? left : sizeof bytes, shown->records);
        if (!count || fwrite(bytes, 1, count, out) != count)
            return false;
        left -= count;
    }
    return true;
}
