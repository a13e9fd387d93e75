/* The one line that a failure prints:
 * scenarios/l4/kv.json#1f3a90c2:cut=37@program.pulse=2/4,seed=5,plan=5e6f7a8b
 * It names the scenario, what was on the chip, all that the scenario leaves open, and a digest of what it does
 * not leave open. */
#ifndef SIM_REPLAY_ID_H
#define SIM_REPLAY_ID_H

#include "sim/scenario_run.h"

enum { REPLAY_ID_TEXT = 8192, REPLAY_PATH = 4096 };

struct replay_id {
    char path[REPLAY_PATH];
    uint32_t sha;
    struct scenario_plan plan;
    bool has_meaning;
    uint32_t meaning; /* scenario_plan_meaning() */
    bool has_pulse, has_ram; /* else as the scenario says first: replay_id_complete() */
};

const char *replay_id_write(const struct scenario *scenario, const struct scenario_plan *plan,
                            char text[REPLAY_ID_TEXT]);
/* What the line leaves to its scenario. */
void replay_id_complete(struct replay_id *id, const struct scenario *scenario);
bool replay_id_read(struct replay_id *id, const char *text, struct error *error);

/* The id as a command for a POSIX shell: `program` as it was called; `firmware_folder` NULL: as
 * found by itself. */
const char *replay_id_command(const char *program, const char *id, const char *firmware_folder,
                              char text[REPLAY_ID_TEXT]);

#endif
