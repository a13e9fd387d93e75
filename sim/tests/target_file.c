#include "sim/tests/target_file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void target_file_load(struct image *image, const char *folder, const char *name)
{
    char path[PATH_MAX];
    struct error error;
    snprintf(path, sizeof path, "%s/%s.elf", folder, name);
    if (image_load(image, path, 0, &error))
        return;
    fprintf(stderr, "%s\n", error.text);
    abort();
}

uint32_t target_file_symbol(const struct image *image, const char *name)
{
    struct error error;
    const struct image_symbol *symbol = image_symbol_named(&image->symbols, name, &error);
    if (symbol)
        return symbol->addr;
    fprintf(stderr, "%s\n", error.text);
    abort();
}

unsigned target_file_line(const char *source_path, const char *mark)
{
    char wanted[80];
    char line[256];
    unsigned number = 0;
    bool is_found = false;
    snprintf(wanted, sizeof wanted, "/* %s */", mark);
    FILE *file = fopen(source_path, "r");
    while (file && !is_found && fgets(line, sizeof line, file)) {
        number++;
        is_found = strstr(line, wanted);
    }
    if (file)
        fclose(file);
    return is_found ? number : 0;
}
