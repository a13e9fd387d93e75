#include "sim/scratch_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/image.h"

FILE *scratch_file_open(struct error *error)
{
    char path[4096];
    const char *folder = getenv("TMPDIR");
    if (!folder || !folder[0] || strlen(folder) > sizeof path - 32)
        folder = "/tmp";
    snprintf(path, sizeof path, "%s/flashsim-XXXXXX", folder);
    int descriptor = mkstemp(path);
    FILE *file = NULL;
    if (descriptor >= 0) {
        unlink(path);
        file = fdopen(descriptor, "w+b");
    }
    if (file)
        return file;
    error_set(error, "%s: no temporary file can be made: %s: set TMPDIR to a folder with room",
              image_short_path(folder), strerror(errno));
    if (descriptor >= 0)
        close(descriptor);
    return NULL;
}
