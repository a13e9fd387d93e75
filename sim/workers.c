/* One pipe to each process with job numbers, one back with results. */
#include "sim/workers.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TICK_MS = 100 };

struct worker {
    pid_t process; /* 0: none */
    int jobs;      /* to it */
    int results;   /* from it */
    size_t job;
    bool is_busy;
};

struct pool {
    const struct workers *workers;
    struct worker worker[WORKERS_MAX];
    size_t next_job;
    size_t open_jobs;
    uint8_t *message;
    bool is_stopped; /* by the tick */
};

/* What comes back: the result (first, for its alignment), whether there is one, and if not, why. */
struct tail {
    bool has_result;
    struct error error;
};

static size_t message_bytes(const struct workers *workers)
{
    return workers->result_bytes + sizeof(struct tail);
}

static bool read_all(int descriptor, void *bytes, size_t size)
{
    for (uint8_t *at = bytes; size;) {
        ssize_t count = read(descriptor, at, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        at += count;
        size -= (size_t)count;
    }
    return true;
}

static bool write_all(int descriptor, const void *bytes, size_t size)
{
    for (const uint8_t *at = bytes; size;) {
        ssize_t count = write(descriptor, at, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        at += count;
        size -= (size_t)count;
    }
    return true;
}

/* ---- in the process ---- */

static void serve(const struct pool *pool, int jobs, int results)
{
    const struct workers *workers = pool->workers;
    signal(SIGINT, SIG_IGN); /* a terminal sends it to us as well: the parent decides */
    signal(SIGTERM, SIG_DFL);
    size_t size = message_bytes(workers);
    uint8_t *message = malloc(size);
    size_t job;
    while (message && read_all(jobs, &job, sizeof job)) {
        struct tail tail = {false, {""}};
        memset(message, 0, size);
        tail.has_result = workers->run(workers->context, job, message, &tail.error);
        memcpy(message + workers->result_bytes, &tail, sizeof tail);
        if (!write_all(results, message, size))
            break;
    }
    _exit(0); /* what the parent has yet to write is not ours to flush */
}

/* ---- in the parent ---- */

static void close_pipes(struct worker *worker)
{
    close(worker->jobs);
    close(worker->results);
}

static void close_others(const struct pool *pool)
{
    for (unsigned i = 0; i < pool->workers->processes; i++)
        if (pool->worker[i].process) {
            close(pool->worker[i].jobs);
            close(pool->worker[i].results);
        }
}

static bool start(struct pool *pool, struct worker *worker)
{
    int jobs[2], results[2];
    if (pipe(jobs) != 0)
        return false;
    if (pipe(results) != 0) {
        close(jobs[0]);
        close(jobs[1]);
        return false;
    }
    fflush(NULL); /* or both processes write it */
    pid_t process = fork();
    if (process == 0) {
        close_others(pool);
        close(jobs[1]);
        close(results[0]);
        serve(pool, jobs[0], results[1]);
    }
    close(jobs[0]);
    close(results[1]);
    *worker = (struct worker){.process = process, .jobs = jobs[1], .results = results[0]};
    if (process > 0)
        return true;
    close_pipes(worker);
    worker->process = 0;
    return false;
}

/* Gives the worker the next job, if there is one. False: it could not be started. */
static bool feed(struct pool *pool, struct worker *worker)
{
    if (pool->next_job == pool->workers->job_count)
        return true;
    if (!worker->process && !start(pool, worker))
        return false;
    worker->job = pool->next_job;
    if (!write_all(worker->jobs, &worker->job, sizeof worker->job))
        return false;
    worker->is_busy = true;
    pool->next_job++;
    pool->open_jobs++;
    return true;
}

static void bury(struct worker *worker, struct error *error)
{
    int status = 0;
    close_pipes(worker);
    while (waitpid(worker->process, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFSIGNALED(status))
        error_set(error, "the simulator was ended by signal %d: this is a bug of flashsim",
                  WTERMSIG(status));
    else
        error_set(error, "the simulator gave up with status %d: this is a bug of flashsim",
                  WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    worker->process = 0;
}

static void collect(struct pool *pool, struct worker *worker)
{
    const struct workers *workers = pool->workers;
    struct tail tail = {false, {""}};
    if (read_all(worker->results, pool->message, message_bytes(workers)))
        memcpy(&tail, pool->message + workers->result_bytes, sizeof tail);
    else
        bury(worker, &tail.error);
    worker->is_busy = false;
    pool->open_jobs--;
    workers->done(workers->context, worker->job, tail.has_result ? pool->message : NULL,
                  &tail.error);
}

static bool serve_all(struct pool *pool)
{
    struct pollfd descriptors[WORKERS_MAX];
    unsigned processes = pool->workers->processes;
    for (;;) {
        for (unsigned i = 0; i < processes; i++) {
            if (!pool->worker[i].is_busy && !feed(pool, &pool->worker[i]))
                return false;
            descriptors[i] = (struct pollfd){
                .fd = pool->worker[i].is_busy ? pool->worker[i].results : -1, .events = POLLIN};
        }
        if (pool->open_jobs == 0)
            return true;
        int ready = poll(descriptors, processes, pool->workers->tick ? TICK_MS : -1);
        if (ready < 0 && errno != EINTR)
            return false;
        pool->is_stopped = pool->workers->tick && !pool->workers->tick(pool->workers->context);
        if (pool->is_stopped)
            return true;
        if (ready < 0)
            continue;
        for (unsigned i = 0; i < processes; i++)
            if (pool->worker[i].is_busy && descriptors[i].revents)
                collect(pool, &pool->worker[i]);
    }
}

bool workers_run(const struct workers *workers, struct error *error)
{
    struct pool *pool = calloc(1, sizeof *pool);
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    if (pool)
        pool->message = malloc(message_bytes(workers));
    if (!pool || !pool->message) {
        free(pool);
        return error_set(error, "out of memory");
    }
    pool->workers = workers;
    sigaction(SIGPIPE, &ignore, &before); /* a process that died is found by its pipe's end */
    bool is_good = serve_all(pool);
    int reason = errno;
    for (unsigned i = 0; i < workers->processes; i++) {
        if (!pool->worker[i].process)
            continue;
        if (pool->is_stopped)
            kill(pool->worker[i].process, SIGKILL); /* in the middle of a job */
        close_pipes(&pool->worker[i]);
        while (waitpid(pool->worker[i].process, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    sigaction(SIGPIPE, &before, NULL);
    bool is_stopped = pool->is_stopped;
    free(pool->message);
    free(pool);
    if (is_stopped)
        return error_set(error, "interrupted");
    return is_good ||
           error_set(error, "no process could be started: %s: try --jobs 1", strerror(reason));
}
