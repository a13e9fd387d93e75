#include "sim/suite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/workers.h"

enum { DEPTH_MAX = 16 };

/* ---- files ---- */

static bool add_file(struct suite *suite, const char *path, struct error *error)
{
    if (suite->count == suite->room) {
        size_t room = suite->room ? 2 * suite->room : 16;
        struct suite_item *items = realloc(suite->items, room * sizeof *items);
        if (!items)
            return error_set(error, "out of memory");
        suite->items = items;
        suite->room = room;
    }
    struct suite_item *item = &suite->items[suite->count];
    memset(item, 0, sizeof *item);
    item->path = strdup(path);
    if (!item->path)
        return error_set(error, "out of memory");
    suite->count++;
    return true;
}

struct names {
    char **name;
    size_t count, room;
};

static bool add_name(struct names *names, const char *name)
{
    if (names->count == names->room) {
        size_t room = names->room ? 2 * names->room : 16;
        char **more = realloc(names->name, room * sizeof *more);
        if (!more)
            return false;
        names->name = more;
        names->room = room;
    }
    names->name[names->count] = strdup(name);
    return names->name[names->count] && ++names->count;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The order of the folder is the host's; ours is by name. */
static bool list_folder(const char *path, struct names *names, struct error *error)
{
    DIR *folder = opendir(path);
    bool is_good = true;
    if (!folder)
        return error_set(error, "%s: can not be opened: %s", image_short_path(path),
                         strerror(errno));
    for (struct dirent *entry; is_good && (entry = readdir(folder));)
        if (entry->d_name[0] != '.')
            is_good = add_name(names, entry->d_name);
    closedir(folder);
    if (names->count)
        qsort(names->name, names->count, sizeof *names->name, by_name);
    return is_good || error_set(error, "out of memory");
}

static bool has_ending(const char *name, const char *ending)
{
    size_t length = strlen(name), ending_length = strlen(ending);
    return length > ending_length && strcmp(name + length - ending_length, ending) == 0;
}

static bool add_folder(struct suite *suite, const char *path, unsigned depth, struct error *error);

/* Of a folder, only scenarios: JSON, but not the schema. */
static bool add_entry(struct suite *suite, const char *folder, const char *name, unsigned depth,
                      struct error *error)
{
    struct stat status;
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/')
        length--;
    size_t size = length + strlen(name) + 2;
    char *path = malloc(size);
    if (!path)
        return error_set(error, "out of memory");
    snprintf(path, size, "%.*s/%s", (int)length, folder, name);
    bool is_good = true;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        is_good = add_folder(suite, path, depth + 1, error);
    else if (has_ending(name, ".json") && strcmp(name, "schema.json") != 0)
        is_good = add_file(suite, path, error);
    free(path);
    return is_good;
}

static bool add_folder(struct suite *suite, const char *path, unsigned depth, struct error *error)
{
    struct names names = {0};
    if (depth == DEPTH_MAX)
        return error_set(error, "%s: more than %d folders deep", image_short_path(path), DEPTH_MAX);
    bool is_good = list_folder(path, &names, error);
    for (size_t i = 0; i < names.count; i++) {
        is_good = is_good && add_entry(suite, path, names.name[i], depth, error);
        free(names.name[i]);
    }
    free(names.name);
    return is_good;
}

bool suite_add(struct suite *suite, const char *path, struct error *error)
{
    struct stat status;
    size_t before = suite->count;
    if (stat(path, &status) != 0)
        return error_set(error, "%s: can not be opened: %s", image_short_path(path),
                         strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return add_file(suite, path, error);
    if (!add_folder(suite, path, 0, error))
        return false;
    return suite->count > before ||
           error_set(error, "%s: no scenario in this folder: none of its files ends in .json",
                     image_short_path(path));
}

void suite_free(struct suite *suite)
{
    for (size_t i = 0; i < suite->count; i++) {
        struct suite_item *item = &suite->items[i];
        if (item->is_loaded)
            scenario_free(&item->scenario);
        scenario_plans_free(&item->plans);
        free(item->runs);
        free(item->path);
    }
    free(suite->items);
    memset(suite, 0, sizeof *suite);
}

/* ---- loading ---- */

struct loading {
    struct suite *suite;
    size_t item;
    void (*progress)(void *context, const struct suite *suite, size_t item);
    void *context;
};

static void tell_loading(const struct loading *loading)
{
    if (loading->progress)
        loading->progress(loading->context, loading->suite, loading->item);
}

static bool is_boot(const struct event *event)
{
    return event->kind == EVENT_POWER_ON || event->kind == EVENT_RESET;
}

static void hear_counting(void *context, const struct event *event)
{
    const struct loading *loading = context;
    if (!is_boot(event))
        return;
    loading->suite->counting_boots++;
    tell_loading(loading);
}

static bool load_item(struct loading *loading, struct suite_item *item)
{
    struct scenario_watcher watcher = {.hear = hear_counting, .context = loading};
    if (!scenario_load(&item->scenario, item->path, loading->suite->firmware_folder, &item->error))
        return false;
    if (scenario_load_files(&item->scenario, &item->error) &&
        scenario_plans_make_watched(&item->plans, &item->scenario, &watcher, &item->error)) {
        item->plans.watcher = NULL;
        item->runs = calloc(item->plans.count + 1, sizeof *item->runs);
        if (item->runs)
            return true;
        error_set(&item->error, "%s: out of memory", image_short_path(item->path));
    }
    scenario_plans_free(&item->plans);
    scenario_free(&item->scenario);
    return false;
}

void suite_load(struct suite *suite,
                void (*progress)(void *context, const struct suite *suite, size_t item),
                void *context)
{
    struct loading loading = {suite, 0, progress, context};
    for (; loading.item < suite->count; loading.item++) {
        struct suite_item *item = &suite->items[loading.item];
        tell_loading(&loading);
        item->is_loaded = load_item(&loading, item);
        suite->run_count += item->plans.count;
    }
}

/* ---- what became of an item ---- */

static const struct verdict *verdict_of(const struct suite_run *run)
{
    return run->has_verdict ? &run->verdict : NULL;
}

static bool has_anyway(const struct suite_item *item, const struct verdict *verdict,
                       enum outcome outcome)
{
    for (unsigned i = 0; i < item->scenario.expectation_count; i++)
        if (item->scenario.expectations[i].holds_anyway && verdict->outcome[i] == outcome)
            return true;
    return false;
}

/* But for what holds anyway and was not reached. */
static bool fails_as_stated(const struct suite_item *item, const struct verdict *verdict)
{
    return verdict->kind == VERDICT_FAIL && !has_anyway(item, verdict, OUTCOME_VIOLATED) &&
           verdict->outcome[item->scenario.because] == OUTCOME_VIOLATED;
}

/* What a run cut too early left open, another run of the scenario has shown. Where a firmware goes on to write
 * after a cut, one that says something but writes nothing has shown too little: it may hang. */
static void settle_early_runs(struct suite_item *item)
{
    bool is_shown = false, writes = false;
    for (size_t i = 0; i < item->plans.count; i++) {
        const struct verdict *verdict = verdict_of(&item->runs[i]);
        bool is_pass = verdict && verdict->kind == VERDICT_PASS;
        is_shown = is_shown || is_pass;
        writes = writes || (is_pass && verdict->has_begun_after_cut);
    }
    for (size_t i = 0; is_shown && i < item->plans.count; i++) {
        struct verdict *verdict = &item->runs[i].verdict;
        if (item->runs[i].has_verdict && verdict->is_too_early &&
            !(writes && verdict->has_only_signed))
            verdict->kind = VERDICT_PASS;
    }
}

static bool says(const struct verdict *verdict, const char *text)
{
    bool has_said = false;
    for (unsigned i = 0; i < verdict->note_count; i++)
        has_said = has_said || strstr(verdict->note[i], text);
    return has_said;
}

/* One that must prove nothing, for its reason, in each run. */
static void judge_inconclusive(struct suite_item *item)
{
    const char *because = item->scenario.inconclusive_because;
    size_t as_stated = 0;
    for (size_t i = 0; i < item->plans.count; i++) {
        const struct verdict *verdict = verdict_of(&item->runs[i]);
        as_stated += verdict && verdict->kind == VERDICT_INCONCLUSIVE && says(verdict, because);
    }
    item->is_inconclusive_as_stated = as_stated == item->plans.count;
    item->status = item->is_inconclusive_as_stated ? SUITE_PASS : SUITE_FAIL;
    if (item->is_inconclusive_as_stated)
        snprintf(item->text, sizeof item->text, "proves nothing, as stated (%.60s)", because);
    else
        snprintf(item->text, sizeof item->text,
                 "is to prove nothing, but %zu of %zu runs pass, fail or say nothing of \"%.60s\"",
                 item->plans.count - as_stated, item->plans.count, because);
}

/* A known bad one must fail, for its reason and for no other. */
static void judge_known_bad(struct suite_item *item)
{
    const char *because = item->scenario.expectations[item->scenario.because].name;
    size_t as_stated = 0, unreached = 0;
    for (size_t i = 0; i < item->plans.count; i++) {
        const struct verdict *verdict = verdict_of(&item->runs[i]);
        bool is_as_stated = verdict && fails_as_stated(item, verdict);
        as_stated += is_as_stated;
        unreached += is_as_stated && has_anyway(item, verdict, OUTCOME_UNREACHED);
    }
    item->status = SUITE_PASS;
    item->is_bad_as_stated = true;
    if (as_stated && as_stated == item->failed && !unreached) {
        snprintf(item->text, sizeof item->text,
                 "known bad: fails as stated (%.60s) in %zu of %zu runs", because, as_stated,
                 item->plans.count);
        return;
    }
    item->is_bad_as_stated = false;
    bool is_open = item->inconclusive && !item->failed;
    item->status = is_open || (unreached && as_stated == item->failed) ? SUITE_INCONCLUSIVE
                                                                       : SUITE_FAIL;
    if (item->status == SUITE_INCONCLUSIVE && unreached)
        snprintf(item->text, sizeof item->text,
                 "known bad, but in %zu of %zu runs what holds anyway was not reached", unreached,
                 item->plans.count);
    else if (item->failed)
        snprintf(item->text, sizeof item->text,
                 "known bad, but %zu of %zu runs fail for another reason "
                 "than \"%.60s\"",
                 item->failed - as_stated, item->plans.count, because);
    else if (item->inconclusive)
        snprintf(item->text, sizeof item->text,
                 "known bad, but no run fails, and %zu of %zu prove nothing", item->inconclusive,
                 item->plans.count);
    else
        snprintf(item->text, sizeof item->text, "known bad, but all %zu runs pass",
                 item->plans.count);
}

static void judge(const struct suite *suite, struct suite_item *item)
{
    bool has_failed = false; /* the simulator itself */
    settle_early_runs(item);
    for (size_t i = 0; i < item->plans.count; i++) {
        const struct verdict *verdict = verdict_of(&item->runs[i]);
        has_failed = has_failed || !verdict;
        item->passed += verdict && verdict->kind == VERDICT_PASS;
        item->failed += verdict && verdict->kind == VERDICT_FAIL;
        item->inconclusive += verdict && verdict->kind == VERDICT_INCONCLUSIVE;
    }
    item->text[0] = '\0';
    if (has_failed) {
        item->status = SUITE_FAIL;
        snprintf(item->text, sizeof item->text, "%zu of %zu runs could not be made",
                 item->plans.count - item->passed - item->failed - item->inconclusive,
                 item->plans.count);
    } else if (item->plans.count == 0) {
        item->status = SUITE_INCONCLUSIVE;
        snprintf(item->text, sizeof item->text, "there was no operation to cut: no run was made");
    } else if (item->scenario.inconclusive_because && !suite->is_raw) {
        judge_inconclusive(item);
    } else if (item->scenario.is_known_bad && !suite->is_raw) {
        judge_known_bad(item);
    } else if (item->failed) {
        item->status = SUITE_FAIL;
        snprintf(item->text, sizeof item->text, "%zu of %zu runs fail", item->failed,
                 item->plans.count);
    } else if (item->inconclusive) {
        item->status = SUITE_INCONCLUSIVE;
        snprintf(item->text, sizeof item->text, "%zu of %zu runs prove nothing", item->inconclusive,
                 item->plans.count);
    } else {
        item->status = SUITE_PASS;
    }
}

/* ---- running ---- */

enum { NOTES_ROOM = 4096 };

struct session {
    struct suite *suite;
    int notes[2]; /* a pipe from all processes, a byte for each boot; -1: not to be had */
    void (*item_done)(void *context, const struct suite *suite, size_t item);
    bool (*progress)(void *context, const struct suite *suite);
    void *context;
};

/* Nobody waits for the other end: what does not fit is not counted. */
static void open_notes(int notes[2])
{
    notes[0] = notes[1] = -1;
    if (pipe(notes) != 0)
        return;
    fcntl(notes[0], F_SETFL, O_NONBLOCK);
    fcntl(notes[1], F_SETFL, O_NONBLOCK);
}

static void close_notes(const int notes[2])
{
    if (notes[0] < 0)
        return;
    close(notes[0]);
    close(notes[1]);
}

static void note_boot(void *context, const struct event *event)
{
    const struct session *session = context;
    if (is_boot(event) && session->notes[1] >= 0 && write(session->notes[1], "", 1) < 0)
        return;
}

static void count_boots(struct session *session)
{
    char bytes[NOTES_ROOM];
    ssize_t count;
    while (session->notes[0] >= 0 && (count = read(session->notes[0], bytes, sizeof bytes)) > 0)
        session->suite->boots += (uint32_t)count;
}

static struct suite_item *find_run(struct suite *suite, size_t job, size_t *run)
{
    size_t i = 0;
    while (job >= suite->items[i].plans.count)
        job -= suite->items[i++].plans.count;
    *run = job;
    return &suite->items[i];
}

static bool run_job(void *context, size_t job, void *result, struct error *error)
{
    struct session *session = context;
    size_t run;
    struct suite_item *item = find_run(session->suite, job, &run);
    struct scenario_watcher watcher = {.hear = note_boot, .context = session};
    return scenario_run(&item->scenario, &item->plans.items[run], &watcher, result, error);
}

static void tell_items(struct session *session)
{
    struct suite *suite = session->suite;
    for (; suite->told_count < suite->count; suite->told_count++) {
        struct suite_item *item = &suite->items[suite->told_count];
        if (item->is_loaded && item->done_count < item->plans.count)
            return;
        if (item->is_loaded)
            judge(suite, item);
        else
            item->status = SUITE_BAD_INPUT;
        session->item_done(session->context, suite, suite->told_count);
    }
}

static void job_done(void *context, size_t job, const void *result, const struct error *error)
{
    struct session *session = context;
    size_t run;
    struct suite_item *item = find_run(session->suite, job, &run);
    item->runs[run].has_verdict = result != NULL;
    item->runs[run].error = *error;
    if (result)
        memcpy(&item->runs[run].verdict, result, sizeof(struct verdict));
    item->done_count++;
    session->suite->done_count++;
    tell_items(session);
}

static bool tick(void *context)
{
    struct session *session = context;
    count_boots(session);
    return session->progress(session->context, session->suite);
}

bool suite_run(struct suite *suite, unsigned processes,
               void (*item_done)(void *context, const struct suite *suite, size_t item),
               bool (*progress)(void *context, const struct suite *suite), void *context,
               struct error *error)
{
    struct session session = {suite, {-1, -1}, item_done, progress, context};
    struct workers workers = {
        .job_count = suite->run_count,
        .processes = processes,
        .result_bytes = sizeof(struct verdict),
        .run = run_job,
        .done = job_done,
        .tick = tick,
        .context = &session,
    };
    open_notes(session.notes);
    tell_items(&session);
    bool is_good = workers_run(&workers, error);
    close_notes(session.notes);
    return is_good;
}

/* ---- sums ---- */

const char *suite_status_name(enum suite_status status)
{
    static const char *const names[SUITE_STATUS_COUNT] = {"pass", "fail", "bad input",
                                                          "inconclusive"};
    return names[status];
}

size_t suite_count(const struct suite *suite, enum suite_status status)
{
    size_t count = 0;
    for (size_t i = 0; i < suite->count; i++)
        count += suite->items[i].status == status;
    return count;
}

size_t suite_count_known_bad(const struct suite *suite)
{
    size_t count = 0;
    for (size_t i = 0; i < suite->count; i++)
        count += suite->items[i].is_bad_as_stated;
    return count;
}

size_t suite_count_known_inconclusive(const struct suite *suite)
{
    size_t count = 0;
    for (size_t i = 0; i < suite->count; i++)
        count += suite->items[i].is_inconclusive_as_stated;
    return count;
}

enum suite_status suite_worst(const struct suite *suite)
{
    static const enum suite_status order[] = {SUITE_BAD_INPUT, SUITE_FAIL, SUITE_INCONCLUSIVE};
    for (unsigned i = 0; i < sizeof order / sizeof order[0]; i++)
        if (suite_count(suite, order[i]))
            return order[i];
    return SUITE_PASS;
}

static void add_ids(struct verdict_ids *all, const struct verdict_ids *some)
{
    for (unsigned i = 0; i < some->count; i++) {
        unsigned k = 0;
        while (k < all->count && strcmp(all->id[k], some->id[i]) != 0)
            k++;
        if (k == all->count && k < VERDICT_ID_MAX)
            memcpy(all->id[all->count++], some->id[i], VERDICT_ID);
    }
}

void suite_collect_assumed(const struct suite_item *item, struct verdict_ids *ids)
{
    ids->count = 0;
    for (size_t i = 0; item->is_loaded && i < item->plans.count; i++)
        if (item->runs[i].has_verdict)
            add_ids(ids, &item->runs[i].verdict.assumed);
}
