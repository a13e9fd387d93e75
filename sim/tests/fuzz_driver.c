/* Runs a fuzz target without libFuzzer, the same way every time:
 *   fuzz_x [--count N]         the built-in seeds, then N mutations of them
 *   fuzz_x FILE...             these inputs (a failure, or a corpus)
 *   fuzz_x --write-seeds DIR   the seeds as files, for libFuzzer to begin with
 * An input that fails is left in the current directory, and the line to run it again is printed. */
#include "sim/core/rng.h"
#include "sim/tests/fuzz.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEEDS_MAX = 64, INPUT_MAX = 2 * FUZZ_SEED_ROOM, MUTATIONS_MAX = 6 };

/* What a run without --count may cost. */
enum { COUNT_MAX = 20000, BYTES_BUDGET = 32 * 1024 * 1024 };

/* A sanitizer ends the process with 1. */
enum { PASSED = 0, FAILED = 1, NOT_RUN = 2 };

struct input {
    uint8_t *bytes;
    size_t size;
};

/* What the child runs just now, for the parent to save when the child dies of it. A process of its
 * own, because a sanitizer ends it without a chance to say anything. */
struct shared {
    size_t size;
    uint8_t bytes[1 << 20];
};

static struct shared *shared;

/* Each input in a block of exactly its size, so that AddressSanitizer sees a read behind it. */
static void run(const uint8_t *bytes, size_t size)
{
    uint8_t *input = malloc(size ? size : 1);
    if (!input)
        abort();
    shared->size = size;
    if (size) {
        memcpy(input, bytes, size);
        memcpy(shared->bytes, bytes, size);
    }
    LLVMFuzzerTestOneInput(input, size);
    free(input);
}

/* ---- Mutations ---- */

struct draws {
    uint64_t run;
    uint64_t count;
};

static size_t draw(struct draws *draws, size_t below)
{
    return below ? (size_t)(rng_hash(1, draws->run, draws->count++, 0) % below) : 0;
}

static void insert(struct input *input, size_t at, const uint8_t *bytes, size_t size)
{
    if (input->size + size > INPUT_MAX)
        return;
    memmove(input->bytes + at + size, input->bytes + at, input->size - at);
    memcpy(input->bytes + at, bytes, size);
    input->size += size;
}

static void overwrite_word(struct input *input, struct draws *draws)
{
    static const uint32_t VALUES[] = {0,          1,          2,          0xFF,
                                      0xFFFF,     0x10000,    0x7FFFFFFF, 0x80000000,
                                      0xFFFFFFFE, 0xFFFFFFFF, 0x08000000, 0x20000000};
    uint32_t value = VALUES[draw(draws, sizeof VALUES / sizeof VALUES[0])];
    size_t width = (size_t)1 << draw(draws, 3);
    if (input->size < width)
        return;
    size_t at = draw(draws, input->size - width + 1);
    for (size_t i = 0; i < width; i++)
        input->bytes[at + i] = (uint8_t)(value >> (8 * i));
}

static void copy_piece(struct input *input, const struct input *from, struct draws *draws)
{
    uint8_t piece[64];
    if (!from->size)
        return;
    size_t size = 1 + draw(draws, from->size < sizeof piece ? from->size : sizeof piece);
    if (size > from->size || size > sizeof piece)
        size = 1;
    memcpy(piece, from->bytes + draw(draws, from->size - size + 1), size);
    insert(input, draw(draws, input->size + 1), piece, size);
}

static void remove_piece(struct input *input, struct draws *draws)
{
    size_t at = draw(draws, input->size);
    size_t size = 1 + draw(draws, 16);
    if (size > input->size - at)
        size = input->size - at;
    memmove(input->bytes + at, input->bytes + at + size, input->size - at - size);
    input->size -= size;
}

static void mutate(struct input *input, const struct input *other, struct draws *draws)
{
    enum { FLIP, SET, WORD, REPEAT, SPLICE, REMOVE, CUT, KINDS };
    size_t kind = draw(draws, KINDS);
    size_t at = draw(draws, input->size);
    if (!input->size)
        kind = SPLICE;
    switch (kind) {
    case FLIP:
        input->bytes[at] = (uint8_t)(input->bytes[at] ^ 1u << draw(draws, 8));
        break;
    case SET:
        input->bytes[at] = (uint8_t)draw(draws, 256);
        break;
    case WORD:
        overwrite_word(input, draws);
        break;
    case REPEAT:
        copy_piece(input, input, draws);
        break;
    case SPLICE:
        copy_piece(input, other, draws);
        break;
    case REMOVE:
        remove_piece(input, draws);
        break;
    case CUT:
        /* Rarely: what is cut short early tells little. */
        if (draw(draws, 4) == 0)
            input->size = at;
        break;
    }
}

/* ---- The three ways to run ---- */

static size_t load_seeds(struct input seeds[SEEDS_MAX])
{
    size_t count = 0;
    for (; count < SEEDS_MAX; count++) {
        uint8_t *bytes = malloc(FUZZ_SEED_ROOM);
        if (!bytes)
            abort();
        size_t size = fuzz_seed(count, bytes);
        seeds[count] = (struct input){bytes, size};
        if (!size) {
            free(bytes);
            break;
        }
    }
    return count;
}

static void run_mutations(const struct input *seeds, size_t seed_count, uint64_t count)
{
    struct input input = {malloc(INPUT_MAX), 0};
    if (!input.bytes)
        abort();
    for (uint64_t i = 0; i < count; i++) {
        struct draws draws = {.run = i};
        const struct input *seed = &seeds[draw(&draws, seed_count)];
        memcpy(input.bytes, seed->bytes, seed->size);
        input.size = seed->size;
        for (size_t left = 1 + draw(&draws, MUTATIONS_MAX); left; left--)
            mutate(&input, &seeds[draw(&draws, seed_count)], &draws);
        run(input.bytes, input.size);
    }
    free(input.bytes);
}

/* So many that a run takes seconds: fewer of a target whose inputs are large. */
static uint64_t default_count(const struct input *seeds, size_t seed_count)
{
    size_t total = 1;
    for (size_t i = 0; i < seed_count; i++)
        total += seeds[i].size;
    uint64_t fitting = (uint64_t)BYTES_BUDGET * seed_count / total;
    return fitting < COUNT_MAX ? fitting : COUNT_MAX;
}

/* `count` 0: as many as is usual. */
static int run_built_in(uint64_t count)
{
    struct input seeds[SEEDS_MAX];
    size_t seed_count = load_seeds(seeds);
    if (!seed_count) {
        fprintf(stderr, "fuzz: the target has no seeds\n");
        return NOT_RUN;
    }
    for (size_t i = 0; i < seed_count; i++)
        run(seeds[i].bytes, seeds[i].size);
    if (!count)
        count = default_count(seeds, seed_count);
    run_mutations(seeds, seed_count, count);
    printf("fuzz: %zu seeds and %llu mutations came back\n", seed_count, (unsigned long long)count);
    for (size_t i = 0; i < seed_count; i++)
        free(seeds[i].bytes);
    return PASSED;
}

static bool run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(sizeof shared->bytes);
    bool is_read = file && bytes;
    if (is_read)
        run(bytes, fread(bytes, 1, sizeof shared->bytes, file));
    else
        perror(path);
    if (file)
        fclose(file);
    free(bytes);
    return is_read;
}

static bool write_seeds(const char *folder)
{
    struct input seeds[SEEDS_MAX];
    size_t count = load_seeds(seeds);
    bool is_written = true;
    for (size_t i = 0; i < count; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/seed-%02zu", folder, i);
        FILE *file = fopen(path, "wb");
        if (!file || fwrite(seeds[i].bytes, 1, seeds[i].size, file) != seeds[i].size)
            is_written = false;
        if (file && fclose(file) != 0)
            is_written = false;
        if (!is_written)
            perror(path);
        free(seeds[i].bytes);
    }
    return is_written && count > 0;
}

static int run_arguments(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--write-seeds") == 0)
        return write_seeds(argv[2]) ? PASSED : NOT_RUN;
    if (argc == 3 && strcmp(argv[1], "--count") == 0)
        return run_built_in(strtoull(argv[2], NULL, 10));
    if (argc == 1)
        return run_built_in(0);
    bool all_run = true;
    for (int i = 1; i < argc; i++)
        all_run = run_file(argv[i]) && all_run;
    return all_run ? PASSED : NOT_RUN;
}

static void save_failure(const char *program)
{
    static const char NAME[] = "fuzz-failure";
    FILE *file = fopen(NAME, "wb");
    if (!file || fwrite(shared->bytes, 1, shared->size, file) != shared->size)
        perror(NAME);
    if (file)
        fclose(file);
    fprintf(stderr, "fuzz: the last input fails; run it again: %s %s\n", program, NAME);
}

int main(int argc, char **argv)
{
    FILE *backing = tmpfile();
    if (!backing || ftruncate(fileno(backing), sizeof *shared) != 0)
        abort();
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(backing), 0);
    if (shared == MAP_FAILED)
        abort();

    pid_t child = fork();
    if (child == 0)
        return run_arguments(argc, argv);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0)
        abort();
    int result = WIFEXITED(status) ? WEXITSTATUS(status) : FAILED;
    if (result != PASSED && result != NOT_RUN)
        save_failure(argv[0]);
    fclose(backing);
    return result;
}
