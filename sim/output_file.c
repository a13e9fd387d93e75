/* Output by temporary file and rename. A link is followed: what it points to is replaced, it stays.
 */
#include "sim/output_file.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/image.h"
#include "sim/quantity.h"

enum { LINKS_MAX = 40 };

static bool is_special(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

/* The number behind /dev/stdout, /dev/fd/3 and the like: what is open there may be a file that has
 * to be written on, not replaced. -1: another path. */
static int descriptor_of(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    if (strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        size_t length = strlen(folders[i]);
        uint64_t number;
        if (strncmp(path, folders[i], length) == 0 &&
            quantity_read_number(path + length, INT_MAX, &number))
            return (int)number;
    }
    return -1;
}

/* One step behind a link; NULL: no link. */
static char *read_link(const char *path)
{
    char target[PATH_MAX];
    ssize_t length = readlink(path, target, sizeof target - 1);
    if (length < 0)
        return NULL;
    target[length] = '\0';
    const char *slash = target[0] == '/' ? NULL : strrchr(path, '/');
    size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
    char *next = malloc(folder + (size_t)length + 1);
    if (next) {
        memcpy(next, path, folder);
        memcpy(next + folder, target, (size_t)length + 1);
    }
    return next;
}

/* The file at the end of links, there or not. NULL with errno: they go round in a circle. */
static char *follow_links(const char *path)
{
    char *at = strdup(path);
    for (unsigned i = 0; at && i < LINKS_MAX; i++) {
        char *next = read_link(at);
        if (!next)
            return at;
        free(at);
        at = next;
    }
    free(at);
    errno = ELOOP;
    return NULL;
}

static void forget(struct output_file *file)
{
    free(file->path);
    free(file->temporary);
    *file = (struct output_file){NULL, NULL, NULL};
}

static bool refuse(struct output_file *file, const char *path, struct error *error)
{
    error_set(error, "%s: can not be written: %s: name another file or make its folder writable",
              path, strerror(errno));
    forget(file);
    return false;
}

/* As open() would have made it: mkstemp() gives 0600. */
static void set_usual_mode(int descriptor)
{
    mode_t mask = umask(0);
    umask(mask);
    (void)fchmod(descriptor, 0666 & ~mask);
}

static bool open_in_place(struct output_file *file, const char *path, struct error *error)
{
    int descriptor = descriptor_of(path);
    if (descriptor < 0) {
        file->stream = fopen(path, "wb");
        return file->stream ? true : refuse(file, path, error);
    }
    int copy = dup(descriptor);
    file->stream = copy < 0 ? NULL : fdopen(copy, "wb");
    if (!file->stream && copy >= 0)
        close(copy);
    return file->stream ? true : refuse(file, path, error);
}

bool output_file_open(struct output_file *file, const char *path, struct error *error)
{
    struct stat status;
    *file = (struct output_file){NULL, follow_links(path), NULL};
    if (!file->path)
        return refuse(file, path, error);
    if (descriptor_of(path) >= 0 || is_special(path))
        return open_in_place(file, path, error);
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return refuse(file, path, error);
    }
    size_t size = strlen(file->path) + sizeof ".XXXXXX";
    file->temporary = malloc(size);
    if (!file->temporary)
        return refuse(file, path, error);
    snprintf(file->temporary, size, "%s.XXXXXX", file->path);
    int descriptor = mkstemp(file->temporary);
    if (descriptor < 0)
        return refuse(file, path, error);
    set_usual_mode(descriptor);
    file->stream = fdopen(descriptor, "wb");
    if (file->stream)
        return true;
    close(descriptor);
    unlink(file->temporary);
    return refuse(file, path, error);
}

bool output_file_commit(struct output_file *file, struct error *error)
{
    if (!file->stream)
        return true;
    bool is_good = !ferror(file->stream) && fflush(file->stream) == 0;
    if (is_good && file->temporary)
        is_good = fsync(fileno(file->stream)) == 0;
    int failure = errno;
    if (fclose(file->stream) != 0 && is_good) {
        is_good = false;
        failure = errno;
    }
    file->stream = NULL;
    if (is_good && file->temporary && rename(file->temporary, file->path) != 0) {
        is_good = false;
        failure = errno;
    }
    if (!is_good) {
        if (file->temporary)
            unlink(file->temporary);
        errno = failure;
        char *path = file->path;
        file->path = NULL;
        refuse(file, path, error);
        free(path);
        return false;
    }
    forget(file);
    return true;
}

void output_file_discard(struct output_file *file)
{
    if (!file->stream)
        return;
    fclose(file->stream);
    if (file->temporary)
        unlink(file->temporary);
    forget(file);
}

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool stat_folder(const char *path, struct stat *status)
{
    size_t length = (size_t)(last_name(path) - path);
    char *folder = length ? strndup(path, length) : strdup(".");
    bool is_there = folder && stat(folder, status) == 0;
    free(folder);
    return is_there;
}

static bool is_same_folder(const char *a, const char *b)
{
    struct stat one;
    struct stat other;
    return stat_folder(a, &one) && stat_folder(b, &other) && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

/* Of files that are not there yet: the same name in the same folder, links followed. */
static bool is_same_name(const char *a, const char *b)
{
    char *one = follow_links(a);
    char *other = follow_links(b);
    bool is_same = one && other && strcmp(last_name(one), last_name(other)) == 0 &&
                   is_same_folder(one, other);
    free(one);
    free(other);
    return is_same;
}

/* One file by two names counts; devices and pipes may serve many. */
static bool is_same_file(const char *a, const char *b)
{
    struct stat one;
    struct stat other;
    if (stat(a, &one) != 0 || stat(b, &other) != 0)
        return is_same_name(a, b);
    return S_ISREG(one.st_mode) && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

bool output_file_check_names(const char *const *inputs, size_t input_count,
                             const char *const *outputs, size_t output_count, struct error *error)
{
    for (size_t i = 0; i < output_count; i++) {
        for (size_t k = 0; outputs[i] && k < input_count; k++)
            if (inputs[k] && is_same_file(outputs[i], inputs[k]))
                return error_set(error, "%s: is also an input: name another file for the output",
                                 image_short_path(outputs[i]));
        for (size_t k = 0; outputs[i] && k < i; k++)
            if (outputs[k] && is_same_file(outputs[i], outputs[k]))
                return error_set(error, "%s: is named for two outputs: name a file for each",
                                 image_short_path(outputs[i]));
    }
    return true;
}
