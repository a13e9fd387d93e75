/* The sub-commands of the program and what they return to the shell. */
#ifndef SIM_COMMAND_H
#define SIM_COMMAND_H

#include "sim/core/error.h"

enum command_status {
    COMMAND_PASS = 0,
    COMMAND_FAIL = 1,
    COMMAND_BAD_INPUT = 2,
    COMMAND_INCONCLUSIVE = 3
};

/* argv[0] is the sub-command's name, argv[-1] that of the program as it was called. */
int command_run(int argc, char **argv);
int command_list(int argc, char **argv);
int command_test(int argc, char **argv);
int command_replay(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_init(int argc, char **argv);

/* "flashsim: message" on stderr; returns COMMAND_BAD_INPUT. */
int command_refuse(const struct error *error);

#endif
