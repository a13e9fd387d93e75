/* What image.c, hex_file.c, image_symbol.c and sha256.c promise. */
#include "sim/image.h"
#include "sim/tests/tiny_elf.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- Helpers ---- */

static void assert_loads(struct image *image, const void *bytes, size_t size, const char *name)
{
    struct error error = {""};
    if (!image_load_memory(image, bytes, size, name, 0x08000000, &error))
        fail_msg("%s", error.text);
}

static void assert_loads_text(struct image *image, const char *text)
{
    assert_loads(image, text, strlen(text), "a.hex");
}

static void assert_message(const struct error *error, const char *part)
{
    if (!strstr(error->text, part))
        fail_msg("\"%s\" lacks \"%s\"", error->text, part);
    assert_null(strchr(error->text, '\n'));
}

/* The message names the file, says `place`, and ends in a remedy. */
static void assert_refused(const void *bytes, size_t size, const char *name, const char *place)
{
    struct image image;
    struct error error = {""};
    assert_false(image_load_memory(&image, bytes, size, name, 0x08000000, &error));
    assert_int_equal(strncmp(error.text, name, strlen(name)), 0);
    assert_message(&error, place);
    assert_non_null(strstr(error.text + strlen(name), ": "));
    assert_null(image.segments);
}

static void assert_text_refused(const char *text, const char *place)
{
    assert_refused(text, strlen(text), "a.hex", place);
}

static void assert_segment(const struct image *image, size_t index, uint32_t addr,
                           const void *bytes, uint32_t size)
{
    assert_true(index < image->segment_count);
    assert_int_equal(image->segments[index].addr, addr);
    assert_int_equal(image->segments[index].size, size);
    assert_memory_equal(image->segments[index].bytes, bytes, size);
}

static const uint8_t CODE[8] = {0x00, 0x00, 0x01, 0x20, 0x09, 0x00, 0x00, 0x08};
static const uint8_t DATA[3] = {0xAA, 0xBB, 0xCC};

static const struct tiny_segment SEGMENTS[] = {
    {.load_addr = 0x08000000, .run_addr = 0x08000000, .bytes = CODE, .size = sizeof CODE},
    {.load_addr = 0x08000008, .run_addr = 0x20000000, .bytes = DATA, .size = sizeof DATA},
};

static void build_elf(struct tiny_elf *elf)
{
    tiny_elf_build(elf, 0x08000009, SEGMENTS, 2, NULL, 0);
}

static void assert_elf_refused(const struct tiny_elf *elf, const char *place)
{
    assert_refused(elf->bytes, elf->size, "a.elf", place);
}

static void load_symbols(struct image *image, const struct tiny_segment *segment,
                         const struct tiny_symbol *symbols, size_t count)
{
    struct tiny_elf elf;
    tiny_elf_build(&elf, 0, segment, 1, symbols, count);
    assert_loads(image, elf.bytes, elf.size, "a.elf");
}

static const char *name_at(const struct image *image, uint32_t addr)
{
    const struct image_symbol *symbol = image_symbol_at(&image->symbols, addr);
    return symbol ? symbol->name : "";
}

/* ---- ELF ---- */

static void elf_segments_go_to_their_load_addresses(void **state)
{
    (void)state;
    struct tiny_elf elf;
    build_elf(&elf);
    struct image image;

    assert_loads(&image, elf.bytes, elf.size, "a.elf");

    assert_int_equal(image.kind, IMAGE_ELF);
    assert_int_equal(image.segment_count, 2);
    assert_segment(&image, 0, 0x08000000, CODE, 8);
    assert_segment(&image, 1, 0x08000008, DATA, 3);
    assert_true(image.has_entry);
    assert_int_equal(image.entry, 0x08000009);
    image_free(&image);
}

static void elf_linked_for_sram_loads_there(void **state)
{
    (void)state;
    struct tiny_segment segment = {0x20000000, 0x20000000, CODE, sizeof CODE};
    struct tiny_elf elf;
    tiny_elf_build(&elf, 0x20000009, &segment, 1, NULL, 0);
    struct image image;

    assert_loads(&image, elf.bytes, elf.size, "a.elf");

    assert_int_equal(image.segment_count, 1);
    assert_segment(&image, 0, 0x20000000, CODE, 8);
    image_free(&image);
}

static void elf_segment_without_file_bytes_is_left_out(void **state)
{
    (void)state;
    struct tiny_elf elf;
    build_elf(&elf);
    tiny_elf_write32(&elf, tiny_elf_segment_field(1, SEGMENT_FILESZ), 0);
    struct image image;

    assert_loads(&image, elf.bytes, elf.size, "a.elf");

    assert_int_equal(image.segment_count, 1);
    image_free(&image);
}

static void elf_segments_come_out_sorted_by_address(void **state)
{
    (void)state;
    struct tiny_segment swapped[] = {SEGMENTS[1], SEGMENTS[0]};
    struct tiny_elf elf;
    tiny_elf_build(&elf, 0, swapped, 2, NULL, 0);
    struct image image;

    assert_loads(&image, elf.bytes, elf.size, "a.elf");

    assert_segment(&image, 0, 0x08000000, CODE, 8);
    assert_segment(&image, 1, 0x08000008, DATA, 3);
    image_free(&image);
}

static void elf_header_inside_a_segment_is_not_loaded(void **state)
{
    (void)state;
    struct tiny_elf elf;
    tiny_elf_build(&elf, 0, SEGMENTS, 1, NULL, 0);
    uint32_t headers = tiny_elf_read32(&elf, tiny_elf_segment_field(0, SEGMENT_OFFSET));
    tiny_elf_write32(&elf, tiny_elf_segment_field(0, SEGMENT_OFFSET), 0);
    tiny_elf_write32(&elf, tiny_elf_segment_field(0, SEGMENT_PADDR), 0x08000000 - headers);
    tiny_elf_write32(&elf, tiny_elf_segment_field(0, SEGMENT_FILESZ), headers + 8);
    struct image image;

    assert_loads(&image, elf.bytes, elf.size, "a.elf");

    assert_int_equal(image.segment_count, 1);
    assert_segment(&image, 0, 0x08000000, CODE, 8);
    image_free(&image);
}

static void elf_cut_off_anywhere_is_refused(void **state)
{
    (void)state;
    struct tiny_elf elf;
    build_elf(&elf);

    for (size_t size = 4; size < elf.size; size++)
        assert_refused(elf.bytes, size, "a.elf", "truncated");
}

static void elf_of_another_kind_is_refused_with_what_it_is(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint16_t value;
        const char *message;
    } CASES[] = {
        {ELF_CLASS, 0x0102, "64-bit"},
        {ELF_CLASS, 0x0100, "damaged ELF header (class 0)"},
        {ELF_CLASS, 0x0201, "big-endian"},
        {ELF_CLASS, 0x0701, "data encoding 7"},
        {ELF_MACHINE, 62, "machine 62 instead of ARM"},
        {ELF_TYPE, 1, "not linked"},
        {ELF_TYPE, 3, "position-independent"},
        {ELF_TYPE, 4, "type 4 instead of executable"},
        {ELF_PHENTSIZE, 16, "program headers entries have 16 bytes instead of 32"},
        {ELF_PHNUM, 0, "no loadable segment"},
        {ELF_PHNUM, 0xFFFF, "truncated ELF, its program headers"},
        {ELF_SHNUM, 0x7FFF, "truncated ELF, its section headers"},
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct tiny_elf elf;
        build_elf(&elf);
        tiny_elf_write16(&elf, CASES[i].at, CASES[i].value);
        assert_elf_refused(&elf, CASES[i].message);
    }
}

static void elf_segment_fault_names_the_segment_and_its_address(void **state)
{
    (void)state;
    static const struct {
        size_t segment;
        size_t field;
        uint32_t value;
        const char *message;
    } CASES[] = {
        {1, SEGMENT_FILESZ, 0x10000, "segment 1 (0x08000008, 65536 bytes) lies behind the end"},
        {1, SEGMENT_OFFSET, 0xFFFFFFF0, "segment 1 (0x08000008, 3 bytes) lies behind the end"},
        {1, SEGMENT_PADDR, 0xFFFFFFFE, "segment 1 (0xFFFFFFFE, 3 bytes) passes the end"},
        {1, SEGMENT_PADDR, 0x08000007, "0x08000000 (8 bytes) and 0x08000007 (3 bytes) overlap"},
        {1, SEGMENT_PADDR, 0x08000000, "0x08000000 (3 bytes) and 0x08000000 (8 bytes) overlap"},
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct tiny_elf elf;
        build_elf(&elf);
        tiny_elf_write32(&elf, tiny_elf_segment_field(CASES[i].segment, CASES[i].field),
                         CASES[i].value);
        assert_elf_refused(&elf, CASES[i].message);
    }
}

static void elf_with_only_empty_segments_is_refused(void **state)
{
    (void)state;
    struct tiny_elf elf;
    build_elf(&elf);
    tiny_elf_write32(&elf, tiny_elf_segment_field(0, SEGMENT_TYPE), 0x70000001);
    tiny_elf_write32(&elf, tiny_elf_segment_field(1, SEGMENT_FILESZ), 0);

    assert_elf_refused(&elf, "no loadable segment");
}

static void elf_without_sections_loads_without_symbols(void **state)
{
    (void)state;
    struct tiny_elf elf;
    build_elf(&elf);
    tiny_elf_write32(&elf, ELF_SHOFF, 0);
    tiny_elf_write32(&elf, ELF_SHNUM, 0);
    struct image image;
    struct error error;

    assert_loads(&image, elf.bytes, elf.size, "a.elf");

    assert_int_equal(image.symbols.count, 0);
    assert_null(image_symbol_at(&image.symbols, 0x08000000));
    assert_null(image_symbol_named(&image.symbols, "main", &error));
    assert_message(&error, "no symbol table");
    image_free(&image);
}

static void elf_symbol_named_behind_its_strings_is_refused(void **state)
{
    (void)state;
    struct tiny_symbol symbol = {"main", 0x08000001, 2, TINY_FUNCTION, TINY_GLOBAL, 1};
    struct tiny_elf elf;
    tiny_elf_build(&elf, 0, SEGMENTS, 1, &symbol, 1);
    size_t symbols = ELF_HEADER_BYTES + SEGMENT_HEADER_BYTES + sizeof CODE;
    assert_int_equal(tiny_elf_read32(&elf, symbols + 16 + 4), 0x08000001);

    tiny_elf_write32(&elf, symbols + 16, 1000);

    assert_elf_refused(&elf, "the name of symbol 1 lies behind its string table");
}

/* ---- Symbols ---- */

static const struct tiny_segment TEXT = {0x08000000, 0x08000000, "0123456789abcdef", 16};

static void function_symbol_has_its_thumb_bit_cleared(void **state)
{
    (void)state;
    struct tiny_symbol symbol = {"main", 0x08000005, 4, TINY_FUNCTION, TINY_GLOBAL, 1};
    struct image image;

    load_symbols(&image, &TEXT, &symbol, 1);

    assert_int_equal(image_symbol_named(&image.symbols, "main", NULL)->addr, 0x08000004);
    assert_string_equal(name_at(&image, 0x08000003), "");
    assert_string_equal(name_at(&image, 0x08000004), "main");
    assert_string_equal(name_at(&image, 0x08000007), "main");
    assert_string_equal(name_at(&image, 0x08000008), "");
    image_free(&image);
}

static void label_names_all_up_to_the_next_symbol_or_the_section_end(void **state)
{
    (void)state;
    struct tiny_symbol symbols[] = {
        {"first", 0x08000002, 0, TINY_LABEL, TINY_LOCAL, 1},
        {"second", 0x08000008, 0, TINY_LABEL, TINY_LOCAL, 1},
    };
    struct image image;

    load_symbols(&image, &TEXT, symbols, 2);

    assert_string_equal(name_at(&image, 0x08000001), "");
    assert_string_equal(name_at(&image, 0x08000007), "first");
    assert_string_equal(name_at(&image, 0x0800000F), "second");
    assert_string_equal(name_at(&image, 0x08000010), "");
    assert_string_equal(name_at(&image, 0xFFFFFFFF), "");
    image_free(&image);
}

static void sized_function_outranks_a_label_inside_it(void **state)
{
    (void)state;
    struct tiny_symbol symbols[] = {
        {"Reset_Handler", 0x08000001, 12, TINY_FUNCTION, TINY_GLOBAL, 1},
        {"LoopFillZerobss", 0x08000004, 0, TINY_LABEL, TINY_LOCAL, 1},
    };
    struct image image;

    load_symbols(&image, &TEXT, symbols, 2);

    assert_string_equal(name_at(&image, 0x08000006), "Reset_Handler");
    image_free(&image);
}

static void name_of_a_shorter_symbol_ends_with_it(void **state)
{
    (void)state;
    struct tiny_symbol symbols[] = {
        {"entry", 0x08000001, 2, TINY_FUNCTION, TINY_GLOBAL, 1},
        {"whole", 0x08000001, 8, TINY_FUNCTION, TINY_LOCAL, 1},
    };
    struct image image;

    load_symbols(&image, &TEXT, symbols, 2);

    assert_string_equal(name_at(&image, 0x08000000), "entry");
    assert_string_equal(name_at(&image, 0x08000002), "whole");
    image_free(&image);
}

static void weak_alias_gives_way_to_the_handler_it_stands_for(void **state)
{
    (void)state;
    struct tiny_symbol symbols[] = {
        {"ADC1_IRQHandler", 0x08000001, 2, TINY_FUNCTION, TINY_WEAK, 1},
        {"Default_Handler", 0x08000001, 2, TINY_FUNCTION, TINY_LOCAL, 1},
        {"WWDG_IRQHandler", 0x08000001, 2, TINY_FUNCTION, TINY_WEAK, 1},
    };
    struct image image;

    load_symbols(&image, &TEXT, symbols, 3);

    assert_string_equal(name_at(&image, 0x08000000), "Default_Handler");
    assert_int_equal(image_symbol_named(&image.symbols, "WWDG_IRQHandler", NULL)->addr, 0x08000000);
    image_free(&image);
}

static void mapping_and_undefined_symbols_are_no_names(void **state)
{
    (void)state;
    struct tiny_symbol symbols[] = {
        {"$t", 0x08000000, 0, TINY_LABEL, TINY_LOCAL, 1},
        {"$d.12", 0x08000004, 0, TINY_LABEL, TINY_LOCAL, 1},
        {"elsewhere", 0x08000004, 0, TINY_LABEL, TINY_GLOBAL, 0},
        {"$table", 0x08000008, 0, TINY_LABEL, TINY_LOCAL, 1},
    };
    struct image image;

    load_symbols(&image, &TEXT, symbols, 4);

    assert_int_equal(image.symbols.count, 1);
    assert_string_equal(image.symbols.items[0].name, "$table");
    image_free(&image);
}

static void absolute_symbol_is_found_by_name_and_names_no_place(void **state)
{
    (void)state;
    struct tiny_symbol symbols[] = {
        {"_estack", 0x20010000, 0, TINY_LABEL, TINY_GLOBAL, TINY_ABSOLUTE},
        {"_Min_Heap_Size", 0x08000004, 0, TINY_LABEL, TINY_GLOBAL, TINY_ABSOLUTE},
        {"main", 0x08000001, 16, TINY_FUNCTION, TINY_GLOBAL, 1},
    };
    struct image image;

    load_symbols(&image, &TEXT, symbols, 3);

    assert_int_equal(image_symbol_named(&image.symbols, "_estack", NULL)->addr, 0x20010000);
    assert_string_equal(name_at(&image, 0x20010000), "");
    assert_string_equal(name_at(&image, 0x08000004), "main");
    image_free(&image);
}

static void ambiguous_local_name_asks_for_its_file(void **state)
{
    (void)state;
    struct tiny_symbol symbols[] = {
        {"uart.c", 0, 0, TINY_FILE, TINY_LOCAL, TINY_ABSOLUTE},
        {"count", 0x08000004, 4, TINY_OBJECT, TINY_LOCAL, 1},
        {"flash.c", 0, 0, TINY_FILE, TINY_LOCAL, TINY_ABSOLUTE},
        {"count", 0x08000008, 4, TINY_OBJECT, TINY_LOCAL, 1},
    };
    struct image image;
    struct error error;
    load_symbols(&image, &TEXT, symbols, 4);

    assert_null(image_symbol_named(&image.symbols, "count", &error));
    assert_message(&error, "2 symbols are called count");
    assert_message(&error, "0x08000004 in uart.c");
    assert_message(&error, "0x08000008 in flash.c");
    assert_int_equal(image_symbol_named(&image.symbols, "flash.c:count", NULL)->addr, 0x08000008);
    assert_int_equal(image_symbol_named(&image.symbols, "uart.c:count", NULL)->addr, 0x08000004);
    assert_null(image_symbol_named(&image.symbols, "main.c:count", &error));
    assert_message(&error, "no symbol called main.c:count");
    image_free(&image);
}

static void global_symbol_hides_a_local_one(void **state)
{
    (void)state;
    struct tiny_symbol symbols[] = {
        {"count", 0x08000004, 4, TINY_OBJECT, TINY_LOCAL, 1},
        {"count", 0x08000008, 4, TINY_OBJECT, TINY_GLOBAL, 1},
    };
    struct image image;

    load_symbols(&image, &TEXT, symbols, 2);

    assert_int_equal(image_symbol_named(&image.symbols, "count", NULL)->addr, 0x08000008);
    image_free(&image);
}

/* ---- Intel HEX ---- */

static void hex_linear_base_gives_the_upper_half_of_the_address(void **state)
{
    (void)state;
    struct image image;

    assert_loads_text(&image, ":020000040800F2\n:04001000DEADBEEFB4\n:00000001FF\n");

    assert_int_equal(image.kind, IMAGE_HEX);
    assert_int_equal(image.segment_count, 1);
    assert_segment(&image, 0, 0x08000010, "\xDE\xAD\xBE\xEF", 4);
    assert_false(image.has_entry);
    image_free(&image);
}

static void hex_segment_base_is_a_paragraph_and_its_offset_wraps(void **state)
{
    (void)state;
    struct image image;

    assert_loads_text(&image, ":020000021000EC\n:02FFFF001122CD\n:00000001FF\n");

    assert_int_equal(image.segment_count, 2);
    assert_segment(&image, 0, 0x00010000, "\x22", 1);
    assert_segment(&image, 1, 0x0001FFFF, "\x11", 1);
    image_free(&image);
}

static void hex_linear_record_runs_on_into_the_next_64_kilobytes(void **state)
{
    (void)state;
    struct image image;

    assert_loads_text(&image, ":020000040800F2\n:02FFFF001122CD\n:00000001FF\n");

    assert_int_equal(image.segment_count, 1);
    assert_segment(&image, 0, 0x0800FFFF, "\x11\x22", 2);
    image_free(&image);
}

static void hex_adjoining_records_in_any_order_become_one_segment(void **state)
{
    (void)state;
    struct image image;

    assert_loads_text(&image, ":0100020033CA\n:020000001122CB\n:0100080044B3\n:00000001FF\n");

    assert_int_equal(image.segment_count, 2);
    assert_segment(&image, 0, 0, "\x11\x22\x33", 3);
    assert_segment(&image, 1, 8, "\x44", 1);
    image_free(&image);
}

static void hex_start_records_give_the_entry(void **state)
{
    (void)state;
    struct image linear;
    struct image segmented;

    assert_loads_text(&linear, ":0100000011EE\n:0400000508000009E6\n:00000001FF\n");
    assert_loads_text(&segmented, ":0100000011EE\n:0400000312345678E5\n:00000001FF\n");

    assert_true(linear.has_entry);
    assert_int_equal(linear.entry, 0x08000009);
    assert_true(segmented.has_entry);
    assert_int_equal(segmented.entry, 0x12340 + 0x5678);
    image_free(&linear);
    image_free(&segmented);
}

static void hex_line_ends_blanks_case_and_byte_order_mark_do_not_matter(void **state)
{
    (void)state;
    static const char *const CASES[] = {
        ":04000000DEADBEEFC4\n:00000001FF\n",
        ":04000000deadbeefc4\n:00000001ff",
        ":04000000DEADBEEFC4\r\n\r\n:00000001FF\r\n\x1A",
        ":04000000DEADBEEFC4\r:00000001FF\r",
        "\n  :04000000DEADBEEFC4  \n\t:00000001FF\t\n\n",
        "\xEF\xBB\xBF:04000000DEADBEEFC4\n:00000001FF\n",
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct image image;
        assert_loads(&image, CASES[i], strlen(CASES[i]), "noname");
        assert_int_equal(image.kind, IMAGE_HEX);
        assert_segment(&image, 0, 0, "\xDE\xAD\xBE\xEF", 4);
        image_free(&image);
    }
}

static void hex_fault_names_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } CASES[] = {
        {":0100000011EE\n:0100010012ED\n:00000001FF\n",
         "a.hex:2: checksum is 0xED, should be 0xEC"},
        {":0100000011EE\r\n:0100010012ED\r\n:00000001FF\n", "a.hex:2: checksum"},
        {":0100000011EE\r:0100010012ED\r:00000001FF\n", "a.hex:2: checksum"},
        {":0100000011EE\n:0200010012", "a.hex:2: the file is cut off in a record"},
        {":0100000011EE\n:0", "a.hex:2: the file is cut off in a record"},
        {":0100000011EE\n:", "a.hex:2: the file is cut off in a record"},
        {":0100000011EE\n:0200010012\n", "a.hex:2: the record is shorter"},
        {":0100000011EE00\n:00000001FF\n", "a.hex:1: the record is longer"},
        {":0100000011EE\n:01000G00\n", "a.hex:2: 'G' is no hexadecimal digit"},
        {":0100000011EE\n:01000\x01"
         "00\n",
         "a.hex:2: 0x01 is no hexadecimal digit"},
        {":0100000011EE\n", "a.hex:2: the end record (:00000001FF) is missing"},
        {":0100000011EE\n:00000001FF\n:0100010012EC\n", "a.hex:3: something follows the end"},
        {":0100000011EE\n:00000006FA\n:00000001FF\n", "a.hex:2: unknown record type 06"},
        {":0100000011EE\n:01000004FFFC\n",
         "\"extended linear address (04)\" has 2 bytes, this one 1"},
        {":030000020000FFFC\n", "\"extended segment address (02)\" has 2 bytes, this one 3"},
        {":0100000300FC\n", "\"start segment address (03)\" has 4 bytes, this one 1"},
        {":0100000500FA\n", "\"start linear address (05)\" has 4 bytes, this one 1"},
        {":0100000100FE\n", "\"end of file (01)\" has 0 bytes, this one 1"},
        {":020000001122CB\n:0100010033CB\n:00000001FF\n",
         "a.hex:2: gives the bytes at 0x00000001 again, after line 1"},
        {":0100010033CB\n:020000001122CB\n:00000001FF\n",
         "a.hex:2: gives the bytes at 0x00000001 again, after line 1"},
        {":02000004FFFFFC\n:02FFFF001122CD\n:00000001FF\n",
         "a.hex:2: the record at 0xFFFFFFFF passes the end of the address space"},
        {":00000001FF\n", "a.hex: no data record"},
        {"; a comment\n:00000001FF\n", "a.hex:1: a record begins with ':', this line with ';'"},
        {"\n\n\x80\n", "a.hex:3: a record begins with ':', this line with 0x80"},
        {" \n", "a.hex:2: the end record"},
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        assert_text_refused(CASES[i].text, CASES[i].message);
}

static void hex_cut_off_anywhere_is_refused(void **state)
{
    (void)state;
    static const char TEXT_WHOLE[] = ":020000040800F2\r\n:04000000DEADBEEFC4\r\n:00000001FF";

    for (size_t size = 1; size < sizeof TEXT_WHOLE - 1; size++) {
        struct image image;
        struct error error;
        assert_false(image_load_memory(&image, TEXT_WHOLE, size, "a.hex", 0, &error));
        assert_message(&error, "cut off");
    }
}

/* ---- BIN and kinds ---- */

static void bin_goes_where_the_caller_says(void **state)
{
    (void)state;
    struct image image;

    assert_true(image_load_memory(&image, CODE, sizeof CODE, "a.bin", 0x08004000, NULL));

    assert_true(image_is_bin(&image));
    assert_int_equal(image.segment_count, 1);
    assert_segment(&image, 0, 0x08004000, CODE, 8);
    assert_false(image.has_entry);
    image_free(&image);
}

static void bin_may_end_with_the_address_space_and_not_pass_it(void **state)
{
    (void)state;
    struct image image;
    struct error error;

    assert_true(image_load_memory(&image, CODE, 8, "a.bin", 0xFFFFFFF8, &error));
    image_free(&image);
    assert_false(image_load_memory(&image, CODE, 8, "a.bin", 0xFFFFFFF9, &error));

    assert_message(&error, "a.bin: 8 bytes at 0xFFFFFFF9 pass the end");
    assert_message(&error, "--at");
}

static void bin_that_begins_with_a_colon_is_still_a_bin(void **state)
{
    (void)state;
    struct image image;

    assert_loads(&image, ":\x00\x01\x20", 4, "a.bin");

    assert_int_equal(image.kind, IMAGE_BIN);
    image_free(&image);
}

static void file_that_is_not_firmware_is_refused_by_name(void **state)
{
    (void)state;

    assert_refused("", 0, "a.bin", "the file is empty");
    assert_refused("", 0, "a.elf", "the file is empty");
    assert_refused("\x7F"
                   "EL",
                   3, "a.elf", "does not begin as an ELF does");
    assert_refused("\x7F"
                   "ELF",
                   4, "a.bin", "truncated ELF");
    assert_refused("S00600004844521B\n", 17, "a.srec", "S-record");
    assert_refused("UF2\nWQ]\x9E", 8, "a.uf2", "UF2");
    assert_refused("!<arch>\nx", 9, "a.a", "archive");
}

/* ---- Files ---- */

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void temporary_path(char path[PATH_MAX])
{
    const char *folder = getenv("TMPDIR");
    snprintf(path, PATH_MAX, "%s/flashsim-test-XXXXXX", folder ? folder : "/tmp");
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
}

static void file_is_loaded_by_its_content(void **state)
{
    (void)state;
    char path[PATH_MAX];
    temporary_path(path);
    struct tiny_elf elf;
    build_elf(&elf);
    write_file(path, elf.bytes, elf.size);
    struct image image;
    struct error error = {""};

    assert_true(image_load(&image, path, 0, &error));

    assert_int_equal(image.kind, IMAGE_ELF);
    assert_string_equal(image.path, path);
    assert_segment(&image, 0, 0x08000000, CODE, 8);
    image_free(&image);
    unlink(path);
}

static void file_larger_than_any_chip_is_refused(void **state)
{
    (void)state;
    char path[PATH_MAX];
    temporary_path(path);
    assert_int_equal(truncate(path, 64 * 1024 * 1024 + 1), 0);
    struct image image;
    struct error error = {""};

    assert_false(image_load(&image, path, 0, &error));
    assert_message(&error, path);
    assert_message(&error, "more than 64 MB");

    assert_int_equal(truncate(path, 64 * 1024 * 1024), 0);
    assert_true(image_load(&image, path, 0, &error));
    assert_int_equal(image.segments[0].size, 64 * 1024 * 1024);
    image_free(&image);
    unlink(path);
}

static void directory_or_missing_file_is_refused(void **state)
{
    (void)state;
    struct image image;
    struct error error = {""};

    assert_false(image_load(&image, "/", 0, &error));
    assert_message(&error, "/: is a directory: name the firmware");
    assert_false(image_load(&image, "/nonexistent/a.elf", 0, &error));
    assert_message(&error, "/nonexistent/a.elf: No such file or directory: check the path");
}

static void long_path_leaves_room_for_the_remedy(void **state)
{
    (void)state;
    char path[2000];
    memset(path, 'p', sizeof path);
    memcpy(path + sizeof path - 7, "/a.hex", 7);
    struct image image;
    struct error error = {""};

    assert_false(image_load_memory(&image, ":00", 3, path, 0, &error));

    assert_message(&error, "pp/a.hex:1: the file is cut off in a record: copy or build it again");
}

/* ---- Checks between images and against the chip ---- */

static void load_bin(struct image *image, const char *name, uint32_t addr, size_t size)
{
    static const uint8_t ZEROS[64];
    assert_true(image_load_memory(image, ZEROS, size, name, addr, NULL));
}

static void images_that_share_a_byte_overlap(void **state)
{
    (void)state;
    struct image boot, application, inside;
    struct error error = {""};
    load_bin(&boot, "boot.bin", 0x08000000, 16);
    load_bin(&application, "app.bin", 0x08000010, 16);
    load_bin(&inside, "inside.bin", 0x0800001F, 16);

    assert_true(image_check_overlap(&boot, &application, &error));
    assert_true(image_check_overlap(&application, &boot, &error));
    assert_true(image_check_overlap(&boot, &inside, &error));
    assert_false(image_check_overlap(&application, &inside, &error));
    assert_message(&error, "app.bin (0x08000010, 16 bytes) overlaps "
                           "inside.bin (0x0800001F, 16 bytes)");
    assert_false(image_check_overlap(&inside, &application, &error));
    assert_false(image_check_overlap(&boot, &boot, &error));

    image_free(&boot);
    image_free(&application);
    image_free(&inside);
}

static void segments_that_interleave_without_sharing_do_not_overlap(void **state)
{
    (void)state;
    struct image a, b;
    assert_loads_text(&a, ":0100000011EE\n:0100020011EC\n:0100040011EA\n:00000001FF\n");
    assert_loads_text(&b, ":0100010011ED\n:0100030011EB\n:00000001FF\n");

    assert_true(image_check_overlap(&a, &b, NULL));

    image_free(&a);
    image_free(&b);
}

static void segment_must_lie_in_a_memory_of_the_chip(void **state)
{
    (void)state;
    static const struct image_region REGIONS[] = {
        {"flash", 0x08000000, 32}, {"SRAM1", 0x20000000, 16}, {"SRAM2", 0x20000010, 16}};
    static const struct {
        uint32_t addr;
        size_t size;
        bool fits;
    } CASES[] = {
        {0x08000000, 32, true}, {0x08000000, 33, false}, {0x07FFFFFF, 2, false},
        {0x0800001F, 1, true},  {0x08000020, 1, false},  {0x20000008, 16, true},
        {0x20000008, 24, true}, {0x20000008, 25, false}, {0x00000000, 4, false},
        {0xFFFFFFFF, 1, false},
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct image image;
        load_bin(&image, "a.bin", CASES[i].addr, CASES[i].size);
        struct error error = {""};
        assert_int_equal(image_check_fits(&image, REGIONS, 3, &error), CASES[i].fits);
        if (!CASES[i].fits)
            assert_message(&error, "(flash 0x08000000-0x0800001F, SRAM1 0x20000000-0x2000000F, "
                                   "SRAM2 0x20000010-0x2000001F): give another --at");
        image_free(&image);
    }
}

/* ---- SHA-256: vectors of FIPS 180-2 appendix B and of NIST's example values ---- */

static void assert_digest(const void *bytes, size_t size, const char *hexadecimal)
{
    uint8_t digest[32];
    char text[65];
    sha256(bytes, size, digest);
    for (size_t i = 0; i < 32; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    assert_string_equal(text, hexadecimal);
}

static void sha256_gives_the_published_digests(void **state)
{
    (void)state;
    char *million = malloc(1000000);
    assert_non_null(million);
    memset(million, 'a', 1000000);

    assert_digest("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_digest("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    assert_digest("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnop"
                  "jklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
                  112, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
    assert_digest(million, 1000000,
                  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(million);
}

static void image_is_named_by_the_hash_of_its_file(void **state)
{
    (void)state;
    struct image image;

    assert_loads(&image, "abc", 3, "a.bin");

    assert_int_equal(image.sha, 0xBA7816BF);
    assert_int_equal(image.sha256[31], 0xAD);
    image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elf_segments_go_to_their_load_addresses),
        cmocka_unit_test(elf_linked_for_sram_loads_there),
        cmocka_unit_test(elf_segment_without_file_bytes_is_left_out),
        cmocka_unit_test(elf_segments_come_out_sorted_by_address),
        cmocka_unit_test(elf_header_inside_a_segment_is_not_loaded),
        cmocka_unit_test(elf_cut_off_anywhere_is_refused),
        cmocka_unit_test(elf_of_another_kind_is_refused_with_what_it_is),
        cmocka_unit_test(elf_segment_fault_names_the_segment_and_its_address),
        cmocka_unit_test(elf_with_only_empty_segments_is_refused),
        cmocka_unit_test(elf_without_sections_loads_without_symbols),
        cmocka_unit_test(elf_symbol_named_behind_its_strings_is_refused),
        cmocka_unit_test(function_symbol_has_its_thumb_bit_cleared),
        cmocka_unit_test(label_names_all_up_to_the_next_symbol_or_the_section_end),
        cmocka_unit_test(sized_function_outranks_a_label_inside_it),
        cmocka_unit_test(name_of_a_shorter_symbol_ends_with_it),
        cmocka_unit_test(weak_alias_gives_way_to_the_handler_it_stands_for),
        cmocka_unit_test(mapping_and_undefined_symbols_are_no_names),
        cmocka_unit_test(absolute_symbol_is_found_by_name_and_names_no_place),
        cmocka_unit_test(ambiguous_local_name_asks_for_its_file),
        cmocka_unit_test(global_symbol_hides_a_local_one),
        cmocka_unit_test(hex_linear_base_gives_the_upper_half_of_the_address),
        cmocka_unit_test(hex_segment_base_is_a_paragraph_and_its_offset_wraps),
        cmocka_unit_test(hex_linear_record_runs_on_into_the_next_64_kilobytes),
        cmocka_unit_test(hex_adjoining_records_in_any_order_become_one_segment),
        cmocka_unit_test(hex_start_records_give_the_entry),
        cmocka_unit_test(hex_line_ends_blanks_case_and_byte_order_mark_do_not_matter),
        cmocka_unit_test(hex_fault_names_the_line),
        cmocka_unit_test(hex_cut_off_anywhere_is_refused),
        cmocka_unit_test(bin_goes_where_the_caller_says),
        cmocka_unit_test(bin_may_end_with_the_address_space_and_not_pass_it),
        cmocka_unit_test(bin_that_begins_with_a_colon_is_still_a_bin),
        cmocka_unit_test(file_that_is_not_firmware_is_refused_by_name),
        cmocka_unit_test(file_is_loaded_by_its_content),
        cmocka_unit_test(file_larger_than_any_chip_is_refused),
        cmocka_unit_test(directory_or_missing_file_is_refused),
        cmocka_unit_test(long_path_leaves_room_for_the_remedy),
        cmocka_unit_test(images_that_share_a_byte_overlap),
        cmocka_unit_test(segments_that_interleave_without_sharing_do_not_overlap),
        cmocka_unit_test(segment_must_lie_in_a_memory_of_the_chip),
        cmocka_unit_test(sha256_gives_the_published_digests),
        cmocka_unit_test(image_is_named_by_the_hash_of_its_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
