/* File layout: header, program headers, the segments' bytes, symbols, strings, section headers.
 * Sections: none, one for each segment, .symtab, .strtab. */
#include "sim/tests/tiny_elf.h"

#include <assert.h>
#include <string.h>

enum { SYMBOL_BYTES = 16 };

void tiny_elf_write16(struct tiny_elf *elf, size_t at, uint16_t value)
{
    assert(at + 2 <= TINY_ELF_ROOM);
    elf->bytes[at] = (uint8_t)value;
    elf->bytes[at + 1] = (uint8_t)(value >> 8);
}

void tiny_elf_write32(struct tiny_elf *elf, size_t at, uint32_t value)
{
    tiny_elf_write16(elf, at, (uint16_t)value);
    tiny_elf_write16(elf, at + 2, (uint16_t)(value >> 16));
}

uint32_t tiny_elf_read32(const struct tiny_elf *elf, size_t at)
{
    return (uint32_t)elf->bytes[at] | (uint32_t)elf->bytes[at + 1] << 8 |
           (uint32_t)elf->bytes[at + 2] << 16 | (uint32_t)elf->bytes[at + 3] << 24;
}

size_t tiny_elf_segment_field(size_t segment, size_t field)
{
    return ELF_HEADER_BYTES + segment * SEGMENT_HEADER_BYTES + field;
}

static void append32(struct tiny_elf *elf, uint32_t value)
{
    tiny_elf_write32(elf, elf->size, value);
    elf->size += 4;
}

static void append(struct tiny_elf *elf, const void *bytes, size_t size)
{
    assert(elf->size + size <= TINY_ELF_ROOM);
    memcpy(elf->bytes + elf->size, bytes, size);
    elf->size += size;
}

static void align(struct tiny_elf *elf)
{
    elf->size = (elf->size + 3) & ~(size_t)3;
}

static void append_section(struct tiny_elf *elf, uint32_t type, uint32_t addr, size_t offset,
                           size_t size, uint32_t link, uint32_t entry_bytes)
{
    enum { SHT_PROGBITS = 1, SHF_ALLOC = 2 };
    append32(elf, 0); /* no name */
    append32(elf, type);
    append32(elf, type == SHT_PROGBITS ? SHF_ALLOC : 0);
    append32(elf, addr);
    append32(elf, (uint32_t)offset);
    append32(elf, (uint32_t)size);
    append32(elf, link);
    append32(elf, type == 2 ? 1 : 0);
    append32(elf, 4);
    append32(elf, entry_bytes);
}

static void append_header(struct tiny_elf *elf, uint32_t entry, size_t segment_count)
{
    static const uint8_t ident[16] = {0x7F, 'E', 'L', 'F', 1, 1, 1};
    append(elf, ident, sizeof ident);
    append32(elf, 40u << 16 | 2); /* ARM, executable */
    append32(elf, 1);
    append32(elf, entry);
    append32(elf, ELF_HEADER_BYTES);
    append32(elf, 0); /* section headers: set at the end */
    append32(elf, 0x05000000);
    append32(elf, (uint32_t)SEGMENT_HEADER_BYTES << 16 | ELF_HEADER_BYTES);
    append32(elf, (uint32_t)SECTION_HEADER_BYTES << 16 | (uint32_t)segment_count);
    append32(elf, (uint32_t)segment_count + 3);
    assert(elf->size == ELF_HEADER_BYTES);
}

void tiny_elf_build(struct tiny_elf *elf, uint32_t entry, const struct tiny_segment *segments,
                    size_t segment_count, const struct tiny_symbol *symbols, size_t symbol_count)
{
    *elf = (struct tiny_elf){0};
    append_header(elf, entry, segment_count);
    elf->size += segment_count * SEGMENT_HEADER_BYTES;
    for (size_t i = 0; i < segment_count; i++) {
        const struct tiny_segment *segment = &segments[i];
        tiny_elf_write32(elf, tiny_elf_segment_field(i, SEGMENT_TYPE), 1);
        tiny_elf_write32(elf, tiny_elf_segment_field(i, SEGMENT_OFFSET), (uint32_t)elf->size);
        tiny_elf_write32(elf, tiny_elf_segment_field(i, SEGMENT_VADDR), segment->run_addr);
        tiny_elf_write32(elf, tiny_elf_segment_field(i, SEGMENT_PADDR), segment->load_addr);
        tiny_elf_write32(elf, tiny_elf_segment_field(i, SEGMENT_FILESZ), segment->size);
        tiny_elf_write32(elf, tiny_elf_segment_field(i, SEGMENT_MEMSZ), segment->size);
        append(elf, segment->bytes, segment->size);
        align(elf);
    }

    char strings[1024] = "";
    size_t strings_size = 1;
    size_t symbols_at = elf->size;
    elf->size += SYMBOL_BYTES;
    for (size_t i = 0; i < symbol_count; i++) {
        size_t length = strlen(symbols[i].name) + 1;
        assert(strings_size + length <= sizeof strings);
        append32(elf, (uint32_t)strings_size);
        append32(elf, symbols[i].value);
        append32(elf, symbols[i].size);
        append32(elf, (uint32_t)symbols[i].section << 16 |
                          (uint32_t)(symbols[i].binding << 4 | symbols[i].type));
        memcpy(strings + strings_size, symbols[i].name, length);
        strings_size += length;
    }
    size_t symbols_end = elf->size;
    append(elf, strings, strings_size);
    align(elf);

    tiny_elf_write32(elf, ELF_SHOFF, (uint32_t)elf->size);
    append_section(elf, 0, 0, 0, 0, 0, 0);
    for (size_t i = 0; i < segment_count; i++)
        append_section(elf, 1, segments[i].run_addr,
                       tiny_elf_read32(elf, tiny_elf_segment_field(i, SEGMENT_OFFSET)),
                       segments[i].size, 0, 0);
    append_section(elf, 2, 0, symbols_at, symbols_end - symbols_at, (uint32_t)segment_count + 2,
                   SYMBOL_BYTES);
    append_section(elf, 3, 0, symbols_end, strings_size, 0, 0);
}
