/* One Thumb instruction of an M-class core as text. */
#ifndef SIM_DISASSEMBLE_H
#define SIM_DISASSEMBLE_H

#include <stddef.h>
#include <stdint.h>

enum { DISASSEMBLE_TEXT = 200 };

/* Writes "strb r0, [r1]", with the condition when it stands in an IT block (`it_state` is xPSR's
 * ITSTATE before it, else 0); "undefined (0xDE00)" for what is no instruction. Returns its length,
 * 2 or 4, or 0 with an empty text when the bytes end before it does. */
size_t disassemble(const uint8_t *bytes, size_t size, uint32_t addr, uint8_t it_state,
                   char text[DISASSEMBLE_TEXT]);

#endif
