/* A note of the signal, for whoever loops to look at. */
#include "sim/interrupt.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { FILES_MAX = 4 };

static volatile sig_atomic_t noted;
static char doomed[FILES_MAX][PATH_MAX];
static volatile sig_atomic_t doomed_count;

static void note(int number)
{
    noted = number;
}

/* unlink(), signal() and raise() may be called here. */
static void clear_up(int number)
{
    for (int i = 0; i < doomed_count; i++)
        unlink(doomed[i]);
    signal(number, SIG_DFL);
    raise(number);
}

static void install(void (*handler)(int number))
{
    struct sigaction action = {.sa_handler = handler};
    action.sa_flags = (int)SA_RESETHAND;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void interrupt_catch(void)
{
    install(note);
}

void interrupt_remove(const char *path)
{
    if (path && doomed_count < FILES_MAX) {
        snprintf(doomed[doomed_count], sizeof doomed[0], "%s", path);
        doomed_count++;
    }
    install(clear_up);
}

int interrupt_number(void)
{
    return noted;
}

void interrupt_obey(void)
{
    if (!noted)
        return;
    fflush(NULL);
    signal(noted, SIG_DFL);
    raise(noted);
}
