/* Disassembly by Capstone 4 or 5; the only file that includes it. */
#include "sim/disassemble.h"

#include <capstone/capstone.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* ARMv7-M ARM A5.1: a first halfword from 0xE800 on has a second one. */
static size_t instruction_length(uint32_t first)
{
    return first >= 0xE800 ? 4 : 2;
}

/* A lone instruction does not know that it is conditional: the engine gets an IT in front of it
 * (A7.7.38), for this one instruction. */
static size_t put_it(uint8_t *code, uint8_t it_state)
{
    if ((it_state & 0xF) == 0)
        return 0;
    code[0] = (uint8_t)((it_state & 0xF0) | 0x8);
    code[1] = 0xBF;
    return 2;
}

static bool decode(const uint8_t *code, size_t prefix, size_t size, uint32_t addr,
                   char text[DISASSEMBLE_TEXT])
{
    csh engine;
    cs_insn *instructions = NULL;
    size_t wanted = prefix ? 2 : 1;
    if (cs_open(CS_ARCH_ARM, (cs_mode)(CS_MODE_THUMB | CS_MODE_MCLASS), &engine) != CS_ERR_OK)
        return false;
    size_t count =
        cs_disasm(engine, code, prefix + size, addr - (uint32_t)prefix, wanted, &instructions);
    bool is_decoded = count == wanted && instructions[wanted - 1].size == size;
    if (is_decoded) {
        const cs_insn *instruction = &instructions[wanted - 1];
        snprintf(text, DISASSEMBLE_TEXT, "%s%s%s", instruction->mnemonic,
                 instruction->op_str[0] ? " " : "", instruction->op_str);
    }
    if (count)
        cs_free(instructions, count);
    cs_close(&engine);
    return is_decoded;
}

size_t disassemble(const uint8_t *bytes, size_t size, uint32_t addr, uint8_t it_state,
                   char text[DISASSEMBLE_TEXT])
{
    uint8_t code[6];
    text[0] = '\0';
    if (size < 2)
        return 0;
    uint32_t first = (uint32_t)bytes[1] << 8 | bytes[0];
    size_t length = instruction_length(first);
    if (size < length)
        return 0;
    size_t prefix = put_it(code, it_state);
    memcpy(code + prefix, bytes, length);
    if (decode(code, prefix, length, addr, text))
        return length;
    if (length == 2)
        snprintf(text, DISASSEMBLE_TEXT, "undefined (0x%04X)", (unsigned)first);
    else
        snprintf(text, DISASSEMBLE_TEXT, "undefined (0x%04X 0x%02X%02X)", (unsigned)first, bytes[3],
                 bytes[2]);
    return length;
}
