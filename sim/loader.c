#include "sim/loader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

size_t loader_list_memories(const struct chip *chip, struct image_region regions[LOADER_REGION_MAX])
{
    size_t count = 0;
    uint32_t flash_bytes = chip_flash_bytes(chip);
    regions[count++] = (struct image_region){"main flash", LOADER_FLASH_BASE, flash_bytes};
    regions[count++] = (struct image_region){"main flash at 0", 0, flash_bytes};
    for (unsigned i = 0; i < chip->memory_count && count < LOADER_REGION_MAX; i++)
        regions[count++] = (struct image_region){chip->memories[i].name, chip->memories[i].base,
                                                 chip->memories[i].bytes};
    return count;
}

bool loader_is_in_flash(const struct chip *chip, uint32_t addr)
{
    uint32_t bytes = chip_flash_bytes(chip);
    return addr - LOADER_FLASH_BASE < bytes || addr < bytes;
}

bool loader_read_dump(const struct chip *chip, const char *path, uint8_t **dump,
                      struct error *error)
{
    uint32_t bytes = chip_flash_bytes(chip);
    struct stat status;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode)) {
        error_set(error, "%s: can not be read: %s: name a dump of the whole main flash",
                  image_short_path(path), file ? "not a file" : strerror(errno));
        if (file)
            fclose(file);
        return false;
    }
    *dump = malloc(bytes);
    bool is_whole =
        *dump && status.st_size == (off_t)bytes && fread(*dump, 1, bytes, file) == bytes;
    fclose(file);
    if (is_whole)
        return true;
    free(*dump);
    *dump = NULL;
    return error_set(error, "%s: %lld bytes, but the main flash of the %s has %u: dump all of it",
                     image_short_path(path), (long long)status.st_size, chip->name, bytes);
}

bool loader_read_option_bytes(const char *path, uint8_t bytes[SOC_OPTION_BYTES],
                              struct error *error)
{
    uint8_t read[SOC_OPTION_BYTES + 1];
    errno = 0;
    FILE *file = fopen(path, "rb");
    size_t size = file ? fread(read, 1, sizeof read, file) : 0;
    int reason = errno;
    bool is_read = file && !ferror(file);
    if (file)
        fclose(file);
    if (!is_read)
        return error_set(error,
                         "%s: can not be read: %s: name a file that --save-option-bytes wrote",
                         image_short_path(path), strerror(reason));
    if (size != SOC_OPTION_BYTES)
        return error_set(error,
                         "%s: not %d bytes long: it must hold 64 bytes from 0x1FFF7800, then 64 "
                         "from 0x1FFFF800",
                         image_short_path(path), SOC_OPTION_BYTES);
    memcpy(bytes, read, SOC_OPTION_BYTES);
    return true;
}
