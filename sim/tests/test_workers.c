/* What workers.c promises. */
#include "sim/workers.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { JOBS = 40 };

struct results {
    unsigned done[JOBS];
    uint64_t value[JOBS];
    struct error error[JOBS];
};

/* Job 7 refuses, job 11 is killed, job 23 leaves; the others square their number. */
static bool run(void *context, size_t job, void *result, struct error *error)
{
    (void)context;
    if (job == 7)
        return error_set(error, "job %zu refuses", job);
    if (job == 11)
        kill(getpid(), SIGKILL);
    if (job == 23)
        _exit(5);
    *(uint64_t *)result = job * job;
    return true;
}

static void done(void *context, size_t job, const void *result, const struct error *error)
{
    struct results *results = context;
    results->done[job]++;
    results->value[job] = result ? *(const uint64_t *)result : UINT64_MAX;
    results->error[job] = *error;
}

static void run_with(unsigned processes)
{
    static struct results results;
    struct error error = {""};
    memset(&results, 0, sizeof results);
    struct workers workers = {JOBS, processes, sizeof(uint64_t), run, done, NULL, &results};
    assert_true(workers_run(&workers, &error));
    for (size_t job = 0; job < JOBS; job++) {
        assert_int_equal(results.done[job], 1);
        if (job != 7 && job != 11 && job != 23)
            assert_int_equal(results.value[job], job * job);
    }
    assert_string_equal(results.error[7].text, "job 7 refuses");
    assert_non_null(strstr(results.error[11].text, "signal 9"));
    assert_non_null(strstr(results.error[23].text, "status 5"));
}

static void every_job_has_one_result_whatever_becomes_of_others(void **state)
{
    (void)state;
    run_with(1);
    run_with(3);
    run_with(64);
}

static void no_jobs_are_no_trouble(void **state)
{
    (void)state;
    struct error error = {""};
    struct workers workers = {0, 4, sizeof(uint64_t), run, done, NULL, NULL};
    assert_true(workers_run(&workers, &error));
}

/* ---- stopping ---- */

static bool sleep_long(void *context, size_t job, void *result, struct error *error)
{
    (void)context;
    (void)job;
    (void)result;
    sleep(1000);
    return error_set(error, "woke up");
}

static bool stop_at_the_third_tick(void *context)
{
    struct results *results = context;
    return ++results->done[0] < 3;
}

static void a_tick_that_says_so_ends_jobs_in_the_middle(void **state)
{
    (void)state;
    static struct results results;
    struct error error = {""};
    struct workers workers = {
        JOBS, 4, sizeof(uint64_t), sleep_long, done, stop_at_the_third_tick, &results};

    assert_false(workers_run(&workers, &error));

    assert_string_equal(error.text, "interrupted");
    assert_int_equal(results.done[0], 3);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_has_one_result_whatever_becomes_of_others),
        cmocka_unit_test(no_jobs_are_no_trouble),
        cmocka_unit_test(a_tick_that_says_so_ends_jobs_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
