/* Firmware files: ELF by libelf (32-bit little-endian ARM executables, PT_LOAD segments at their
 * physical, that is load, addresses), BIN, and what both share with Intel HEX (hex_file.c). Checks
 * against the chip and between images are the caller's to ask for. Left out: relocation, dynamic
 * linking, compressed or separate symbol files. */
#include "sim/image.h"

#include "sim/hex_file.h"

#include <elf.h>
#include <errno.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { SHORT_PATH_CHARS = 160 };

const char *image_short_path(const char *path)
{
    size_t length = strlen(path);
    return length > SHORT_PATH_CHARS ? path + length - SHORT_PATH_CHARS : path;
}

static const char *shown_path(const struct image *image)
{
    return image_short_path(image->path);
}

static bool out_of_memory(const struct image *image, struct error *error)
{
    return error_set(error, "%s: out of memory", shown_path(image));
}

/* ---- ELF: header ---- */

static bool check_ident(const struct image *image, struct error *error)
{
    const char *path = shown_path(image);
    const uint8_t *ident = image->file;
    if (image->file_size < sizeof(Elf32_Ehdr))
        return error_set(error,
                         "%s: a truncated ELF, %zu bytes are less than its header: "
                         "copy or build it again",
                         path, image->file_size);
    if (ident[EI_CLASS] == ELFCLASS64)
        return error_set(error,
                         "%s: a 64-bit ELF, Cortex-M firmware is 32-bit: "
                         "build it with arm-none-eabi-gcc",
                         path);
    if (ident[EI_CLASS] != ELFCLASS32)
        return error_set(error, "%s: a damaged ELF header (class %d): build it again", path,
                         ident[EI_CLASS]);
    if (ident[EI_DATA] == ELFDATA2MSB)
        return error_set(error,
                         "%s: a big-endian ELF, STM32 is little-endian: "
                         "build it with -mlittle-endian",
                         path);
    if (ident[EI_DATA] != ELFDATA2LSB || ident[EI_VERSION] != EV_CURRENT)
        return error_set(error,
                         "%s: a damaged ELF header (data encoding %d, version %d): "
                         "build it again",
                         path, ident[EI_DATA], ident[EI_VERSION]);
    return true;
}

static bool check_table(const struct image *image, const char *what, uint64_t offset,
                        uint64_t entries, uint64_t entry_bytes, uint64_t entry_bytes_should_be,
                        struct error *error)
{
    if (entries == 0)
        return true;
    if (entry_bytes != entry_bytes_should_be)
        return error_set(error,
                         "%s: a damaged ELF, its %s entries have %u bytes instead of %u: "
                         "build it again",
                         shown_path(image), what, (unsigned)entry_bytes,
                         (unsigned)entry_bytes_should_be);
    if (offset + entries * entry_bytes > image->file_size)
        return error_set(error,
                         "%s: a truncated ELF, its %s at 0x%llX lie behind the end of the "
                         "file (%zu bytes): copy or build it again",
                         shown_path(image), what, (unsigned long long)offset, image->file_size);
    return true;
}

static bool check_header(const struct image *image, const Elf32_Ehdr *header, struct error *error)
{
    const char *path = shown_path(image);
    if (header->e_machine != EM_ARM)
        return error_set(error,
                         "%s: an ELF for machine %d instead of ARM (40): "
                         "build it with arm-none-eabi-gcc",
                         path, header->e_machine);
    if (header->e_type == ET_REL)
        return error_set(error, "%s: an object file, not linked: load the linked ELF", path);
    if (header->e_type == ET_DYN)
        return error_set(error,
                         "%s: a position-independent ELF without fixed addresses: "
                         "link it without -pie or -shared",
                         path);
    if (header->e_type != ET_EXEC)
        return error_set(error,
                         "%s: an ELF of type %d instead of executable (2): "
                         "load the linked ELF",
                         path, header->e_type);
    return check_table(image, "program headers", header->e_phoff, header->e_phnum,
                       header->e_phentsize, sizeof(Elf32_Phdr), error) &&
           check_table(image, "section headers", header->e_shoff, header->e_shnum,
                       header->e_shentsize, sizeof(Elf32_Shdr), error);
}

/* ---- ELF: segments ---- */

/* The linker may pull the ELF header into the first segment, when there is room below the first
 * section on its page. Programmers do not write it to the chip; neither do we. */
static uint64_t header_bytes_in(Elf *elf, const GElf_Phdr *segment)
{
    if (segment->p_offset != 0)
        return 0;
    uint64_t first = segment->p_filesz;
    bool has_section = false;
    Elf_Scn *scn = NULL;
    while ((scn = elf_nextscn(elf, scn))) {
        GElf_Shdr section;
        if (!gelf_getshdr(scn, &section) || !(section.sh_flags & SHF_ALLOC) ||
            section.sh_type == SHT_NOBITS || section.sh_size == 0)
            continue;
        has_section = true;
        if (section.sh_offset < first)
            first = section.sh_offset;
    }
    return has_section ? first : 0;
}

static bool add_segment(struct image *image, Elf *elf, const GElf_Phdr *header, size_t index,
                        struct error *error)
{
    const char *path = shown_path(image);
    if (header->p_type != PT_LOAD || header->p_filesz == 0)
        return true;
    if (header->p_offset + header->p_filesz > image->file_size)
        return error_set(error,
                         "%s: a truncated ELF, segment %zu (0x%08X, %u bytes) lies behind "
                         "the end of the file (%zu bytes): copy or build it again",
                         path, index, (unsigned)header->p_paddr, (unsigned)header->p_filesz,
                         image->file_size);
    if (header->p_paddr + header->p_filesz > UINT64_C(1) << 32)
        return error_set(error,
                         "%s: segment %zu (0x%08X, %u bytes) passes the end of the address "
                         "space: check the linker script's load addresses",
                         path, index, (unsigned)header->p_paddr, (unsigned)header->p_filesz);
    uint64_t skip = header_bytes_in(elf, header);
    if (skip == header->p_filesz)
        return true;
    image->segments[image->segment_count++] = (struct image_segment){
        .addr = (uint32_t)(header->p_paddr + skip),
        .size = (uint32_t)(header->p_filesz - skip),
        .bytes = image->file + header->p_offset + skip,
        .run_addr = (uint32_t)(header->p_vaddr + skip),
    };
    return true;
}

static int compare_segments(const void *left, const void *right)
{
    const struct image_segment *a = left;
    const struct image_segment *b = right;
    if (a->addr != b->addr)
        return a->addr < b->addr ? -1 : 1;
    return a->size < b->size ? -1 : a->size > b->size;
}

static uint64_t segment_end(const struct image_segment *segment)
{
    return (uint64_t)segment->addr + segment->size;
}

static bool damaged_headers(const struct image *image, struct error *error)
{
    return error_set(error,
                     "%s: a damaged ELF, its program headers can not be read: "
                     "build it again",
                     shown_path(image));
}

static bool read_segments(struct image *image, Elf *elf, const Elf32_Ehdr *header,
                          struct error *error)
{
    size_t count = 0;
    /* libelf has another count when e_phnum is the escape value PN_XNUM. */
    if (elf_getphdrnum(elf, &count) || count != header->e_phnum)
        return damaged_headers(image, error);
    image->segments = calloc(count + 1, sizeof *image->segments);
    if (!image->segments)
        return out_of_memory(image, error);
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr segment;
        if (!gelf_getphdr(elf, (int)i, &segment))
            return damaged_headers(image, error);
        if (!add_segment(image, elf, &segment, i, error))
            return false;
    }
    if (image->segment_count == 0)
        return error_set(error,
                         "%s: no loadable segment with bytes in it: "
                         "is it the linked firmware?",
                         shown_path(image));
    qsort(image->segments, image->segment_count, sizeof *image->segments, compare_segments);
    for (size_t i = 1; i < image->segment_count; i++) {
        const struct image_segment *a = &image->segments[i - 1];
        const struct image_segment *b = &image->segments[i];
        if (segment_end(a) > b->addr)
            return error_set(error,
                             "%s: segments at 0x%08X (%u bytes) and 0x%08X (%u bytes) "
                             "overlap: check the linker script's load addresses",
                             shown_path(image), (unsigned)a->addr, (unsigned)a->size,
                             (unsigned)b->addr, (unsigned)b->size);
    }
    return true;
}

/* ---- ELF: symbols ---- */

/* A string table within the file that ends in 0, so that any offset below its size is a string. */
struct names {
    const char *text;
    uint64_t size;
};

static bool find_names(const struct image *image, Elf *elf, size_t section_index,
                       struct names *names)
{
    Elf_Scn *scn = elf_getscn(elf, section_index);
    GElf_Shdr section;
    if (!scn || !gelf_getshdr(scn, &section) || section.sh_type != SHT_STRTAB ||
        section.sh_size == 0 || section.sh_offset + section.sh_size > image->file_size)
        return false;
    names->text = (const char *)image->file + section.sh_offset;
    names->size = section.sh_size;
    return names->text[names->size - 1] == '\0';
}

/* AAELF32 5.5.5: $a, $t, $d, with or without a suffix, mark code and data; they name nothing. */
static bool is_mapping_symbol(const char *name)
{
    return name[0] == '$' && strchr("atd", name[1]) && name[1] && (!name[2] || name[2] == '.');
}

/* The address after the symbol's section; 0 for an absolute symbol. */
static bool find_section_end(Elf *elf, const Elf32_Sym *symbol, uint32_t *end)
{
    *end = 0;
    if (symbol->st_shndx == SHN_ABS)
        return true;
    if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= SHN_LORESERVE)
        return false;
    Elf_Scn *scn = elf_getscn(elf, symbol->st_shndx);
    GElf_Shdr section;
    if (!scn || !gelf_getshdr(scn, &section) || !(section.sh_flags & SHF_ALLOC))
        return false;
    uint64_t section_end = section.sh_addr + section.sh_size;
    *end = section_end > UINT32_MAX ? UINT32_MAX : (uint32_t)section_end;
    return *end != 0;
}

static void add_symbol(struct image *image, Elf *elf, const Elf32_Sym *symbol, const char *name,
                       const char *file)
{
    int type = ELF32_ST_TYPE(symbol->st_info);
    int binding = ELF32_ST_BIND(symbol->st_info);
    uint32_t section_end;
    if ((type != STT_NOTYPE && type != STT_OBJECT && type != STT_FUNC) || !name[0] ||
        is_mapping_symbol(name) || !find_section_end(elf, symbol, &section_end))
        return;
    bool is_function = type == STT_FUNC;
    image->symbols.items[image->symbols.count++] = (struct image_symbol){
        .name = name,
        .file = binding == STB_LOCAL ? file : NULL,
        .addr = symbol->st_value & (is_function ? ~UINT32_C(1) : UINT32_MAX),
        .size = symbol->st_size,
        .section_end = section_end,
        .type = is_function          ? IMAGE_SYMBOL_FUNCTION
                : type == STT_OBJECT ? IMAGE_SYMBOL_OBJECT
                                     : IMAGE_SYMBOL_LABEL,
        .binding = binding == STB_LOCAL  ? IMAGE_SYMBOL_LOCAL
                   : binding == STB_WEAK ? IMAGE_SYMBOL_WEAK
                                         : IMAGE_SYMBOL_GLOBAL,
    };
}

static bool read_symbols(struct image *image, Elf *elf, struct error *error)
{
    Elf_Scn *scn = NULL;
    GElf_Shdr section;
    while ((scn = elf_nextscn(elf, scn)))
        if (gelf_getshdr(scn, &section) && section.sh_type == SHT_SYMTAB)
            break;
    if (!scn)
        return true;
    Elf_Data *data = elf_getdata(scn, NULL);
    struct names names;
    if (!data || !find_names(image, elf, section.sh_link, &names))
        return error_set(error,
                         "%s: a damaged ELF, its symbol table can not be read: "
                         "build it again, or strip it",
                         shown_path(image));
    size_t count = data->d_buf ? data->d_size / sizeof(Elf32_Sym) : 0;
    image->symbols.items = calloc(count + 1, sizeof *image->symbols.items);
    if (!image->symbols.items)
        return out_of_memory(image, error);
    const char *file = NULL;
    for (size_t i = 0; i < count; i++) {
        Elf32_Sym symbol;
        memcpy(&symbol, (const char *)data->d_buf + i * sizeof symbol, sizeof symbol);
        if (symbol.st_name >= names.size)
            return error_set(error,
                             "%s: a damaged ELF, the name of symbol %zu lies behind its "
                             "string table: build it again, or strip it",
                             shown_path(image), i);
        const char *name = names.text + symbol.st_name;
        if (ELF32_ST_TYPE(symbol.st_info) == STT_FILE)
            file = name[0] ? name : NULL;
        else
            add_symbol(image, elf, &symbol, name, file);
    }
    return image_symbol_index(&image->symbols) || out_of_memory(image, error);
}

static bool read_elf(struct image *image, struct error *error)
{
    if (!check_ident(image, error))
        return false;
    elf_version(EV_CURRENT);
    Elf *elf = elf_memory((char *)image->file, image->file_size);
    const Elf32_Ehdr *header = elf ? elf32_getehdr(elf) : NULL;
    bool is_read = header ? check_header(image, header, error) &&
                                read_segments(image, elf, header, error) &&
                                read_symbols(image, elf, error)
                          : error_set(error, "%s: a damaged ELF (%s): build it again",
                                      shown_path(image), elf_errmsg(-1));
    if (is_read) {
        image->has_entry = true;
        image->entry = header->e_entry;
    }
    elf_end(elf);
    return is_read;
}

/* ---- BIN ---- */

static bool read_bin(struct image *image, uint32_t addr, struct error *error)
{
    if ((uint64_t)addr + image->file_size > UINT64_C(1) << 32)
        return error_set(error,
                         "%s: %zu bytes at 0x%08X pass the end of the address space: "
                         "give another --at",
                         shown_path(image), image->file_size, (unsigned)addr);
    image->segments = calloc(1, sizeof *image->segments);
    if (!image->segments)
        return out_of_memory(image, error);
    image->segments[0] = (struct image_segment){addr, (uint32_t)image->file_size, image->file, addr};
    image->segment_count = 1;
    return true;
}

/* ---- What a file is ---- */

/* Files that would otherwise pass for a BIN and be written to the chip as they are. */
static const struct {
    const char *magic;
    const char *what;
    const char *remedy;
} FOREIGN[] = {
    {"UF2\n", "a UF2 file", "unpack it to a BIN first"},
    {"DfuSe", "a DfuSe file", "unpack it to a BIN first"},
    {"!<arch>\n", "an archive of object files", "load the linked ELF"},
    {"S0", "a Motorola S-record file", "convert it with objcopy -I srec -O ihex"},
    {"PK\x03\x04", "a ZIP archive", "unpack it first"},
};

static const char *const ELF_SUFFIXES[] = {".elf", ".axf", ".out", NULL};
static const char *const HEX_SUFFIXES[] = {".hex", ".ihex", ".ihx", NULL};

static bool has_suffix(const char *path, const char *const *suffixes)
{
    const char *dot = strrchr(path, '.');
    for (; dot && *suffixes; suffixes++)
        if (strcasecmp(dot, *suffixes) == 0)
            return true;
    return false;
}

/* The first thing in the file, behind blanks and a byte order mark, is a ':'. */
static bool begins_with_record(const struct image *image)
{
    size_t at = image->file_size >= 3 && memcmp(image->file, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < image->file_size && image->file[at] && strchr(" \t\r\n", image->file[at]))
        at++;
    if (at == image->file_size || image->file[at] != ':')
        return false;
    /* A BIN may begin with 0x3A too; a record goes on with its length in digits. */
    for (size_t i = at + 1; i < image->file_size && i <= at + 2; i++)
        if (!image->file[i] || !strchr("0123456789ABCDEFabcdef", image->file[i]))
            return false;
    return true;
}

static bool find_kind(struct image *image, struct error *error)
{
    const char *path = shown_path(image);
    if (image->file_size == 0)
        return error_set(error, "%s: the file is empty: build it again", path);
    if (image->file_size >= SELFMAG && memcmp(image->file, ELFMAG, SELFMAG) == 0) {
        image->kind = IMAGE_ELF;
        return true;
    }
    if (begins_with_record(image) || has_suffix(image->path, HEX_SUFFIXES)) {
        image->kind = IMAGE_HEX;
        return true;
    }
    if (has_suffix(image->path, ELF_SUFFIXES))
        return error_set(error,
                         "%s: does not begin as an ELF does: build it again, "
                         "or rename it to .bin if it is one",
                         path);
    for (size_t i = 0; i < sizeof FOREIGN / sizeof FOREIGN[0]; i++) {
        size_t length = strlen(FOREIGN[i].magic);
        if (image->file_size >= length && memcmp(image->file, FOREIGN[i].magic, length) == 0)
            return error_set(error, "%s: %s: %s", path, FOREIGN[i].what, FOREIGN[i].remedy);
    }
    image->kind = IMAGE_BIN;
    return true;
}

uint64_t image_initial_value(const struct image *image, uint32_t addr, uint32_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        uint32_t offset = addr - segment->run_addr;
        if (offset >= segment->size || size > segment->size - offset)
            continue;
        for (uint32_t k = 0; k < size; k++)
            value |= (uint64_t)segment->bytes[offset + k] << 8 * k;
        break;
    }
    return value;
}

bool image_is_bin(const struct image *image)
{
    return image->kind == IMAGE_BIN;
}

/* ---- Loading ---- */

static bool read_content(struct image *image, uint32_t bin_addr, struct error *error)
{
    if (!find_kind(image, error))
        return false;
    sha256(image->file, image->file_size, image->sha256);
    for (size_t i = 0; i < 4; i++)
        image->sha = image->sha << 8 | image->sha256[i];
    switch (image->kind) {
    case IMAGE_ELF:
        return read_elf(image, error);
    case IMAGE_HEX:
        return hex_file_read(image, error);
    case IMAGE_BIN:
        return read_bin(image, bin_addr, error);
    }
    return false;
}

static bool too_big(const struct image *image, struct error *error)
{
    return error_set(error, "%s: more than %d MB, no STM32 holds that: is it the firmware?",
                     shown_path(image), IMAGE_BYTES_MAX / 1024 / 1024);
}

/* Reads up to the end, so that a pipe is as good as a file. */
static bool read_stream(struct image *image, FILE *stream, struct error *error)
{
    size_t room = 0;
    for (;;) {
        if (image->file_size == room) {
            room = room ? 2 * room : 64 * 1024;
            uint8_t *file = realloc(image->file, room);
            if (!file)
                return out_of_memory(image, error);
            image->file = file;
        }
        size_t got = fread(image->file + image->file_size, 1, room - image->file_size, stream);
        image->file_size += got;
        if (image->file_size > IMAGE_BYTES_MAX)
            return too_big(image, error);
        if (ferror(stream))
            return error_set(error, "%s: %s: check the file", shown_path(image), strerror(errno));
        if (got == 0)
            return true;
    }
}

static bool read_file(struct image *image, struct error *error)
{
    FILE *stream = fopen(image->path, "rb");
    if (!stream)
        return error_set(error, "%s: %s: check the path", shown_path(image), strerror(errno));
    struct stat status;
    bool is_read = fstat(fileno(stream), &status) == 0 && S_ISDIR(status.st_mode)
                       ? error_set(error, "%s: is a directory: name the firmware file in it",
                                   shown_path(image))
                       : read_stream(image, stream, error);
    fclose(stream);
    return is_read;
}

static bool begin(struct image *image, const char *path, struct error *error)
{
    *image = (struct image){.path = strdup(path)};
    return image->path || error_set(error, "%s: out of memory", image_short_path(path));
}

static bool finish(struct image *image, bool is_loaded)
{
    if (!is_loaded)
        image_free(image);
    return is_loaded;
}

bool image_load(struct image *image, const char *path, uint32_t bin_addr, struct error *error)
{
    return finish(image, begin(image, path, error) && read_file(image, error) &&
                             read_content(image, bin_addr, error));
}

static bool copy_bytes(struct image *image, const void *bytes, size_t size, struct error *error)
{
    if (size > IMAGE_BYTES_MAX)
        return too_big(image, error);
    image->file = malloc(size + 1);
    if (!image->file)
        return out_of_memory(image, error);
    if (size)
        memcpy(image->file, bytes, size);
    image->file_size = size;
    return true;
}

bool image_load_memory(struct image *image, const void *bytes, size_t size, const char *name,
                       uint32_t bin_addr, struct error *error)
{
    return finish(image, begin(image, name, error) && copy_bytes(image, bytes, size, error) &&
                             read_content(image, bin_addr, error));
}

void image_free(struct image *image)
{
    free(image->path);
    free(image->segments);
    free(image->symbols.items);
    free(image->symbols.reach);
    free(image->file);
    free(image->storage);
    *image = (struct image){0};
}

/* ---- Checks ---- */

bool image_check_overlap(const struct image *a, const struct image *b, struct error *error)
{
    for (size_t i = 0, j = 0; i < a->segment_count && j < b->segment_count;) {
        const struct image_segment *x = &a->segments[i];
        const struct image_segment *y = &b->segments[j];
        if (segment_end(x) <= y->addr)
            i++;
        else if (segment_end(y) <= x->addr)
            j++;
        else
            return error_set(error,
                             "%s (0x%08X, %u bytes) overlaps %s (0x%08X, %u bytes): "
                             "link one of them elsewhere, or load one%s",
                             shown_path(a), (unsigned)x->addr, (unsigned)x->size, shown_path(b),
                             (unsigned)y->addr, (unsigned)y->size,
                             image_is_bin(a) || image_is_bin(b) ? ", or give --at" : "");
    }
    return true;
}

/* How far the regions reach without a gap from addr on; addr itself when none holds it. */
static uint64_t covered_up_to(uint64_t addr, const struct image_region *regions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t end = (uint64_t)regions[i].addr + regions[i].size;
        if (addr >= regions[i].addr && addr < end)
            return covered_up_to(end, regions, count);
    }
    return addr;
}

bool image_check_fits(const struct image *image, const struct image_region *regions, size_t count,
                      struct error *error)
{
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        uint64_t end = covered_up_to(segment->addr, regions, count);
        if (end >= segment_end(segment))
            continue;
        char list[200] = "";
        for (size_t k = 0, used = 0; k < count && used < sizeof list; k++)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s 0x%08X-0x%08X",
                                     k ? ", " : "", regions[k].name, (unsigned)regions[k].addr,
                                     (unsigned)(regions[k].addr + regions[k].size - 1));
        return error_set(error,
                         "%s: segment at 0x%08X (%u bytes) does not fit the chip's memories "
                         "(%s): %s",
                         shown_path(image), (unsigned)segment->addr, (unsigned)segment->size, list,
                         image_is_bin(image) ? "give another --at or chip"
                                             : "link it for this chip or give another");
    }
    return true;
}
