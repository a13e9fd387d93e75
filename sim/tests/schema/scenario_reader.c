/* The reader of scenario files as a filter, for sim/tests/schema/judge.py: on each line of stdin a
 * scenario, on each line of stdout what the reader says of it, "valid" or why not. Files that a
 * scenario names are not looked at. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario.h"

static void judge(struct scenario *scenario, const char *text, size_t size)
{
    struct error error;
    if (!scenario_parse(scenario, "s.json", text, size, "firmware", &error)) {
        printf("%s\n", error.text);
        return;
    }
    puts("valid");
    scenario_free(scenario);
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    struct scenario *scenario = calloc(1, sizeof *scenario);
    if (!scenario)
        return 1;
    while ((length = getline(&line, &room, stdin)) > 0)
        judge(scenario, line, (size_t)length);
    free(line);
    free(scenario);
    return fflush(stdout) == 0 ? 0 : 1;
}
