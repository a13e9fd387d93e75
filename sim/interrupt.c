/* A note of the signal, for whoever loops to look at. */
#include "sim/interrupt.h"

#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t noted;

static void note(int number)
{
    noted = number;
}

void interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = note};
    action.sa_flags = (int)SA_RESETHAND;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
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
