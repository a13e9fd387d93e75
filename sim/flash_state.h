/* The persistent state of a flash as JSON: every cell with its check bits, which cells are marginal, how often
 * each page was erased, OTP and option bytes. What is left out is as on an erased, unworn chip. One state has
 * one text; reports/README.md describes it. */
#ifndef SIM_FLASH_STATE_H
#define SIM_FLASH_STATE_H

#include <stdbool.h>

#include "models/chip.h"
#include "models/flash_array.h"
#include "sim/json_out.h"
#include "sim/json_text.h"

#define FLASH_STATE_FORMAT "flashsim state 1"

/* Not the option bytes in force, but those in the cells. `key` as for json_out_object(). */
void flash_state_write(const struct chip *chip, struct flash_array *cells, struct json_out *json,
                       const char *key);
/* Into cells of the chip, all of which it sets. False: refused at its place, or out of memory; the cells are
 * as before. */
bool flash_state_read(const struct json_text *json, const struct cJSON *value,
                      const struct chip *chip, struct flash_array *cells, struct error *error);

#endif
