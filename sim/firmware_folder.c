#include "sim/firmware_folder.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *firmware_folder_find(const char *given, char text[FIRMWARE_FOLDER_TEXT])
{
    char program[FIRMWARE_FOLDER_TEXT - 16];
    if (given)
        return given;
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(program, '/');
    if (slash)
        *slash = '\0';
    snprintf(text, FIRMWARE_FOLDER_TEXT, "%s/firmware", slash ? program : ".");
    return text;
}
