/* Names of registers: address -> "RCC_CR" and back, for reports and `explain`. */
#ifndef SIM_REGISTER_TEXT_H
#define SIM_REGISTER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/chip.h"

enum { REGISTER_TEXT_NAME = 64 };

/* "RCC_CR", "GPIOB_IDR", "CRC+0x20" where only the unit is known, "" where nothing is. */
const char *register_text_at(const struct soc *soc, uint32_t addr, char text[REGISTER_TEXT_NAME]);

/* "RCC_CR" on a chip -> its address. */
bool register_text_find(const struct chip *chip, const char *name, uint32_t *addr);

/* Calls for the name of each register of a chip. */
void register_text_each(const struct chip *chip, void (*visit)(void *context, const char *name),
                        void *context);

#endif
