/* Writes small 32-bit ARM executables byte by byte, so that tests need no tool chain, and can get
 * every field wrong on purpose. */
#ifndef SIM_TESTS_TINY_ELF_H
#define SIM_TESTS_TINY_ELF_H

#include <stddef.h>
#include <stdint.h>

enum { TINY_ELF_ROOM = 4096 };

/* Where the fields are that tests change (ELF specification, figures 1-3, 2-1 and 1-15). */
enum {
    ELF_CLASS = 4,
    ELF_DATA = 5,
    ELF_TYPE = 16,
    ELF_MACHINE = 18,
    ELF_ENTRY = 24,
    ELF_PHOFF = 28,
    ELF_SHOFF = 32,
    ELF_PHENTSIZE = 42,
    ELF_PHNUM = 44,
    ELF_SHNUM = 48,
    ELF_HEADER_BYTES = 52,
    SEGMENT_TYPE = 0,
    SEGMENT_OFFSET = 4,
    SEGMENT_VADDR = 8,
    SEGMENT_PADDR = 12,
    SEGMENT_FILESZ = 16,
    SEGMENT_MEMSZ = 20,
    SEGMENT_HEADER_BYTES = 32,
    SECTION_HEADER_BYTES = 40,
};

enum { TINY_LABEL = 0, TINY_OBJECT = 1, TINY_FUNCTION = 2, TINY_FILE = 4 };
enum { TINY_LOCAL = 0, TINY_GLOBAL = 1, TINY_WEAK = 2 };
enum { TINY_ABSOLUTE = 0xFFF1 };

struct tiny_segment {
    uint32_t load_addr;
    uint32_t run_addr;
    const void *bytes;
    uint32_t size;
};

struct tiny_symbol {
    const char *name;
    uint32_t value;
    uint32_t size;
    uint8_t type;
    uint8_t binding;
    uint16_t section; /* 1: the first segment's, ...; or TINY_ABSOLUTE */
};

struct tiny_elf {
    uint8_t bytes[TINY_ELF_ROOM];
    size_t size;
};

void tiny_elf_build(struct tiny_elf *elf, uint32_t entry, const struct tiny_segment *segments,
                    size_t segment_count, const struct tiny_symbol *symbols, size_t symbol_count);
uint32_t tiny_elf_read32(const struct tiny_elf *elf, size_t at);
void tiny_elf_write16(struct tiny_elf *elf, size_t at, uint16_t value);
void tiny_elf_write32(struct tiny_elf *elf, size_t at, uint32_t value);

/* Place of a field in the program header of a segment. */
size_t tiny_elf_segment_field(size_t segment, size_t field);

#endif
