/* Places of the programs in sim/tests/target; the call stacks are in test_backtrace.c. */
#include "sim/debug_info.h"
#include "sim/tests/target_file.h"
#include "sim/tests/tiny_elf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SOURCE FLASHSIM_SOURCE_DIR "/sim/tests/target/calls.c"

struct bench {
    struct image image;
    struct debug_info *info;
};

static void add(struct debug_info *info, const struct image *image)
{
    struct error error;
    assert_true(debug_info_add(info, image, &error));
}

static void begin(struct bench *bench, const char *name)
{
    target_file_load(&bench->image, FLASHSIM_TEST_TARGET_DIR, name);
    bench->info = debug_info_new();
    assert_non_null(bench->info);
    add(bench->info, &bench->image);
}

static void end(struct bench *bench)
{
    debug_info_free(bench->info);
    image_free(&bench->image);
}

static uint32_t addr_of(const struct bench *bench, const char *symbol)
{
    return target_file_symbol(&bench->image, symbol);
}

static struct debug_place place_at(struct debug_info *info, uint32_t addr)
{
    struct debug_place place = {0};
    debug_info_places(info, addr, &place, 1);
    return place;
}

static void assert_described(struct debug_info *info, uint32_t addr, const char *expected)
{
    char text[100];
    debug_info_describe(info, addr, text, sizeof text);
    assert_string_equal(text, expected);
}

/* Whether the file holds this text as a string of its own, as DWARF's names are. */
static bool file_has_name(const struct image *image, const char *name)
{
    size_t size = strlen(name) + 1;
    for (size_t at = 0; at + size <= image->file_size; at++)
        if (memcmp(image->file + at, name, size) == 0)
            return true;
    return false;
}

static void address_has_function_file_and_line(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"calls_Og", "calls_O2", "calls_dwarf4", "calls_app"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        struct bench bench;
        begin(&bench, NAMES[i]);
        uint32_t addr = addr_of(&bench, "stop_leaf");

        struct debug_place place = place_at(bench.info, addr);

        assert_string_equal(place.function, "leaf");
        assert_int_equal(place.offset, addr - addr_of(&bench, "leaf"));
        assert_string_equal(place.file, "calls.c");
        assert_string_equal(place.path, SOURCE);
        assert_int_equal(place.line, target_file_line(SOURCE, "LEAF"));
        assert_ptr_equal(place.image, &bench.image);
        assert_false(place.is_inlined);
        end(&bench);
    }
}

static void inlined_function_comes_before_the_one_it_is_part_of(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, "calls_O2");
    struct debug_place places[4];
    size_t count = 0;
    uint32_t addr = addr_of(&bench, "outer");
    for (; count != 2 && addr < addr_of(&bench, "outer") + 64; addr += 2)
        count = debug_info_places(bench.info, addr, places, 4);

    assert_int_equal(count, 2);
    assert_string_equal(places[0].function, "inlined");
    assert_true(places[0].is_inlined);
    assert_string_equal(places[1].function, "outer");
    assert_false(places[1].is_inlined);
    assert_string_equal(places[1].file, "calls.c");
    assert_int_equal(places[1].line, target_file_line(SOURCE, "OUTER"));
    assert_int_equal(debug_info_places(bench.info, addr - 2, places, 1), 1);
    assert_string_equal(places[0].function, "inlined");
    end(&bench);
}

static void assembly_without_lines_is_known_by_its_symbol(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, "calls_O2");
    uint32_t addr = addr_of(&bench, "stop_bare_leaf");

    struct debug_place place = place_at(bench.info, addr);

    assert_string_equal(place.function, "bare_leaf");
    assert_int_equal(place.offset, addr - addr_of(&bench, "bare_leaf"));
    assert_null(place.file);
    assert_int_equal(place.line, 0);
    end(&bench);
}

static void program_without_dwarf_is_known_by_its_symbols(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, "calls_g0");

    struct debug_place place = place_at(bench.info, addr_of(&bench, "stop_leaf"));

    assert_string_equal(place.function, "leaf");
    assert_null(place.path);
    assert_int_equal(place.line, 0);
    end(&bench);
}

static void address_outside_the_images_has_no_place(void **state)
{
    (void)state;
    static const uint32_t ADDRS[] = {0, 0x07FFFFFF, 0x08008000, 0x20000000, 0xFFFFFFFF};
    struct bench bench;
    begin(&bench, "calls_O2");
    struct debug_place place;

    for (size_t i = 0; i < sizeof ADDRS / sizeof ADDRS[0]; i++) {
        assert_int_equal(debug_info_places(bench.info, ADDRS[i], &place, 1), 0);
        assert_described(bench.info, ADDRS[i], "");
    }
    end(&bench);
}

static void function_that_the_linker_dropped_is_not_at_address_zero(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"calls_Og", "calls_O2", "calls_dwarf4"};
    struct debug_place place;
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        struct bench bench;
        begin(&bench, NAMES[i]);

        assert_null(image_symbol_named(&bench.image.symbols, "unused", NULL));
        assert_true(file_has_name(&bench.image, "unused"));
        for (uint32_t addr = 0; addr < 16; addr += 2)
            assert_int_equal(debug_info_places(bench.info, addr, &place, 1), 0);
        end(&bench);
    }
}

static void description_is_as_exact_as_what_is_known(void **state)
{
    (void)state;
    struct bench bench;
    char expected[100];
    begin(&bench, "calls_O2");
    snprintf(expected, sizeof expected, "leaf (calls.c:%u)", target_file_line(SOURCE, "LEAF"));

    assert_described(bench.info, addr_of(&bench, "stop_leaf"), expected);
    assert_described(bench.info, addr_of(&bench, "bare_leaf"), "bare_leaf");
    assert_described(bench.info, addr_of(&bench, "bare_leaf") + 6, "bare_leaf+0x6");
    end(&bench);
}

static void two_images_are_told_apart_by_address(void **state)
{
    (void)state;
    struct bench bench;
    struct image application;
    begin(&bench, "calls_O2");
    target_file_load(&application, FLASHSIM_TEST_TARGET_DIR, "calls_app");
    add(bench.info, &application);

    struct debug_place in_boot = place_at(bench.info, addr_of(&bench, "stop_leaf"));
    struct debug_place in_application =
        place_at(bench.info, target_file_symbol(&application, "stop_handler"));

    assert_ptr_equal(in_boot.image, &bench.image);
    assert_string_equal(in_boot.function, "leaf");
    assert_ptr_equal(in_application.image, &application);
    assert_string_equal(in_application.function, "SVC_Handler");
    assert_int_equal(in_application.line, target_file_line(SOURCE, "HANDLER"));
    end(&bench);
    image_free(&application);
}

static void bin_beside_an_elf_adds_no_places(void **state)
{
    (void)state;
    struct bench bench;
    struct image bin;
    begin(&bench, "calls_O2");
    assert_true(image_load_memory(&bin, "\x00\xBF\x00\xBF", 4, "a.bin", 0x08008000, NULL));
    add(bench.info, &bin);

    assert_described(bench.info, 0x08008000, "");
    assert_described(bench.info, addr_of(&bench, "bare_leaf"), "bare_leaf");
    end(&bench);
    image_free(&bin);
}

static void variable_is_no_function(void **state)
{
    (void)state;
    struct tiny_segment segment = {0x08000000, 0x08000000, "0123456789abcdef", 16};
    struct tiny_symbol symbols[] = {
        {"table", 0x08000000, 8, TINY_OBJECT, TINY_GLOBAL, 1},
        {"code", 0x08000009, 8, TINY_FUNCTION, TINY_GLOBAL, 1},
    };
    struct tiny_elf elf;
    struct image image;
    tiny_elf_build(&elf, 0, &segment, 1, symbols, 2);
    assert_true(image_load_memory(&image, elf.bytes, elf.size, "a.elf", 0, NULL));
    struct debug_info *info = debug_info_new();
    add(info, &image);

    assert_described(info, 0x08000000, "");
    assert_described(info, 0x0800000A, "code+0x2");
    debug_info_free(info);
    image_free(&image);
}

static bool no_memory(void *context, uint32_t addr, uint32_t *word)
{
    (void)context;
    (void)addr;
    (void)word;
    return false;
}

static void unwinding_leaves_the_registers_alone_when_it_can_not_go_on(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, "calls_O2");
    uint32_t registers[DEBUG_REGISTERS];
    uint32_t expected[DEBUG_REGISTERS];
    for (uint32_t i = 0; i < DEBUG_REGISTERS; i++)
        registers[i] = 0x20000000 + i;
    memcpy(expected, registers, sizeof expected);

    assert_int_equal(
        debug_info_unwind(bench.info, addr_of(&bench, "stop_leaf"), registers, no_memory, NULL),
        DEBUG_UNWIND_UNKNOWN);
    assert_memory_equal(registers, expected, sizeof expected);
    assert_int_equal(debug_info_unwind(bench.info, 0x60000000, registers, no_memory, NULL),
                     DEBUG_UNWIND_UNKNOWN);
    assert_memory_equal(registers, expected, sizeof expected);
    end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(address_has_function_file_and_line),
        cmocka_unit_test(inlined_function_comes_before_the_one_it_is_part_of),
        cmocka_unit_test(assembly_without_lines_is_known_by_its_symbol),
        cmocka_unit_test(program_without_dwarf_is_known_by_its_symbols),
        cmocka_unit_test(address_outside_the_images_has_no_place),
        cmocka_unit_test(function_that_the_linker_dropped_is_not_at_address_zero),
        cmocka_unit_test(description_is_as_exact_as_what_is_known),
        cmocka_unit_test(two_images_are_told_apart_by_address),
        cmocka_unit_test(bin_beside_an_elf_adds_no_places),
        cmocka_unit_test(variable_is_no_function),
        cmocka_unit_test(unwinding_leaves_the_registers_alone_when_it_can_not_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
