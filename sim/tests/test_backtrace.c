/* Runs the programs of sim/tests/target in the CPU engine up to a label and takes the backtrace
 * from the registers and the stack as they then are. */
#include "sim/backtrace.h"
#include "sim/tests/target_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <unicorn/unicorn.h>

#include <cmocka.h>

#define SOURCE FLASHSIM_SOURCE_DIR "/sim/tests/target/calls.c"

enum { FLASH = 0x08000000, FLASH_BYTES = 0x20000, RAM = 0x20000000, RAM_BYTES = 0x10000 };
enum { STACK = 0x20008000, FRAMES_MAX = 32, STEPS_MAX = 1000 };

/* ---- A machine just good enough to run the programs ---- */

struct bench {
    uc_engine *engine;
    struct image image;
    struct debug_info *info;
    uint32_t psp;
    struct backtrace_frame frames[FRAMES_MAX];
    size_t count;
};

static void put_image(struct bench *bench, const struct image *image)
{
    struct error error;
    for (size_t i = 0; i < image->segment_count; i++)
        assert_int_equal(uc_mem_write(bench->engine, image->segments[i].addr,
                                      image->segments[i].bytes, image->segments[i].size),
                         UC_ERR_OK);
    assert_true(debug_info_add(bench->info, image, &error));
}

static uint32_t read_register(struct bench *bench, int id)
{
    uint32_t value = 0;
    assert_int_equal(uc_reg_read(bench->engine, id, &value), UC_ERR_OK);
    return value;
}

static void write_register(struct bench *bench, int id, uint32_t value)
{
    assert_int_equal(uc_reg_write(bench->engine, id, &value), UC_ERR_OK);
}

static void write_word(struct bench *bench, uint32_t addr, uint32_t value)
{
    assert_int_equal(uc_mem_write(bench->engine, addr, &value, 4), UC_ERR_OK);
}

static bool read_memory(void *context, uint32_t addr, uint32_t *word)
{
    struct bench *bench = context;
    return uc_mem_read(bench->engine, addr, word, 4) == UC_ERR_OK;
}

static void begin(struct bench *bench, const char *name)
{
    *bench = (struct bench){.info = debug_info_new()};
    assert_non_null(bench->info);
    assert_int_equal(uc_open(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS, &bench->engine),
                     UC_ERR_OK);
    uc_mem_map(bench->engine, FLASH, FLASH_BYTES, UC_PROT_ALL);
    uc_mem_map(bench->engine, RAM, RAM_BYTES, UC_PROT_ALL);
    target_file_load(&bench->image, FLASHSIM_TEST_TARGET_DIR, name);
    put_image(bench, &bench->image);
    write_register(bench, UC_ARM_REG_SP, STACK);
    write_register(bench, UC_ARM_REG_LR, 0xFFFFFFFF);
    write_register(bench, UC_ARM_REG_PC, target_file_symbol(&bench->image, "Reset_Handler") | 1);
}

static void end(struct bench *bench)
{
    debug_info_free(bench->info);
    image_free(&bench->image);
    uc_close(bench->engine);
}

/* One instruction at a time: the engine looks for an end address only when it translates. */
static void step(struct bench *bench)
{
    uint32_t pc = read_register(bench, UC_ARM_REG_PC);
    assert_int_equal(uc_emu_start(bench->engine, pc | 1, 0xFFFFFFFE, 0, 1), UC_ERR_OK);
}

static void run_to(struct bench *bench, uint32_t addr)
{
    step(bench);
    for (size_t steps = 0; read_register(bench, UC_ARM_REG_PC) != addr; steps++) {
        assert_true(steps < STEPS_MAX);
        step(bench);
    }
}

static void run_to_label(struct bench *bench, const char *label)
{
    run_to(bench, target_file_symbol(&bench->image, label));
}

static void take(struct bench *bench)
{
    static const int IDS[] = {UC_ARM_REG_R0,  UC_ARM_REG_R1, UC_ARM_REG_R2,  UC_ARM_REG_R3,
                              UC_ARM_REG_R4,  UC_ARM_REG_R5, UC_ARM_REG_R6,  UC_ARM_REG_R7,
                              UC_ARM_REG_R8,  UC_ARM_REG_R9, UC_ARM_REG_R10, UC_ARM_REG_R11,
                              UC_ARM_REG_R12, UC_ARM_REG_SP, UC_ARM_REG_LR,  UC_ARM_REG_PC};
    struct backtrace_registers registers = {.psp = bench->psp};
    for (size_t i = 0; i < 16; i++)
        registers.r[i] = read_register(bench, IDS[i]);
    bench->count =
        backtrace_take(bench->info, &registers, read_memory, bench, bench->frames, FRAMES_MAX);
}

/* "leaf middle outer main", the functions from the innermost to the outermost. */
static void assert_functions(const struct bench *bench, const char *expected)
{
    char text[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < bench->count; i++) {
        const char *function = bench->frames[i].place.function;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? " " : "",
                                 function ? function : "?");
        assert_true(used < sizeof text);
    }
    assert_string_equal(text, expected);
}

static void assert_line(const struct bench *bench, size_t frame, const char *mark)
{
    unsigned line = target_file_line(SOURCE, mark);
    assert_true(frame < bench->count);
    assert_string_equal(bench->frames[frame].place.file, "calls.c");
    assert_int_not_equal(line, 0);
    assert_int_equal(bench->frames[frame].place.line, line);
}

static const char *const WITH_DWARF[] = {"calls_Og", "calls_O2", "calls_dwarf4"};
enum { WITH_DWARF_COUNT = sizeof WITH_DWARF / sizeof WITH_DWARF[0] };

/* ---- Functions ---- */

static void calls_are_followed_to_the_reset_with_lines_and_inlined_functions(void **state)
{
    (void)state;
    for (size_t i = 0; i < WITH_DWARF_COUNT; i++) {
        struct bench bench;
        begin(&bench, WITH_DWARF[i]);
        run_to_label(&bench, "stop_leaf");

        take(&bench);

        assert_functions(&bench, "leaf middle inlined outer main_of_target Reset_Handler");
        assert_line(&bench, 0, "LEAF");
        assert_line(&bench, 1, "MIDDLE");
        assert_line(&bench, 2, "INLINED");
        assert_line(&bench, 3, "OUTER");
        assert_line(&bench, 4, "MAIN OUTER");
        assert_line(&bench, 5, "RESET");
        assert_true(bench.frames[2].place.is_inlined);
        assert_false(bench.frames[3].place.is_inlined);
        assert_int_equal(bench.frames[2].pc, bench.frames[3].pc);
        assert_true(bench.frames[0].is_interrupted);
        for (size_t k = 0; k < bench.count; k++)
            assert_false(bench.frames[k].is_guessed);
        end(&bench);
    }
}

static void each_frame_has_the_stack_pointer_its_caller_had(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, "calls_O2");
    run_to_label(&bench, "main_of_target");
    uint32_t outermost_sp = read_register(&bench, UC_ARM_REG_SP);
    run_to_label(&bench, "leaf");
    uint32_t sp_at_call = read_register(&bench, UC_ARM_REG_SP);
    uint32_t return_address = read_register(&bench, UC_ARM_REG_LR) & ~1u;
    run_to_label(&bench, "stop_leaf");

    take(&bench);

    assert_int_equal(bench.frames[1].sp, sp_at_call);
    assert_int_equal(bench.frames[1].pc, return_address);
    assert_int_equal(bench.frames[bench.count - 1].sp, outermost_sp);
    end(&bench);
}

static void every_instruction_of_the_program_has_a_backtrace_to_the_reset(void **state)
{
    (void)state;
    for (size_t i = 0; i < WITH_DWARF_COUNT; i++) {
        struct bench bench;
        begin(&bench, WITH_DWARF[i]);
        uint32_t last = target_file_symbol(&bench.image, "stop_leaf");
        for (size_t steps = 0; read_register(&bench, UC_ARM_REG_PC) != last; steps++) {
            take(&bench);

            assert_true(bench.count > 0 && steps < 1000);
            const struct backtrace_frame *outermost = &bench.frames[bench.count - 1];
            assert_string_equal(outermost->place.function, "Reset_Handler");
            assert_in_range(outermost->sp, STACK - 16, STACK);
            step(&bench);
        }
        end(&bench);
    }
}

static void function_without_frame_information_is_guessed_from_its_pushes(void **state)
{
    (void)state;
    for (size_t i = 0; i < WITH_DWARF_COUNT; i++) {
        struct bench bench;
        begin(&bench, WITH_DWARF[i]);
        run_to_label(&bench, "stop_bare_leaf");

        take(&bench);

        assert_functions(&bench, "bare_leaf call_bare main_of_target Reset_Handler");
        assert_line(&bench, 1, "BARE");
        assert_false(bench.frames[0].is_guessed);
        assert_true(bench.frames[1].is_guessed);
        assert_false(bench.frames[2].is_guessed);
        end(&bench);
    }
}

static void callers_without_frame_information_are_passed_through(void **state)
{
    (void)state;
    for (size_t i = 0; i < WITH_DWARF_COUNT; i++) {
        struct bench bench;
        begin(&bench, WITH_DWARF[i]);
        run_to_label(&bench, "bare_caller");
        run_to_label(&bench, "stop_leaf");

        take(&bench);
        assert_functions(&bench, "leaf middle inlined outer bare_caller call_through_assembly "
                                 "main_of_target Reset_Handler");
        assert_line(&bench, 5, "THROUGH");

        run_to_label(&bench, "wide_caller");
        run_to_label(&bench, "stop_leaf");
        take(&bench);
        assert_functions(&bench, "leaf middle inlined outer wide_caller call_through_assembly "
                                 "main_of_target Reset_Handler");
        assert_line(&bench, 5, "WIDE");
        assert_line(&bench, 6, "MAIN THROUGH");
        end(&bench);
    }
}

static void program_without_dwarf_is_followed_by_symbols_and_pushes(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, "calls_g0");
    run_to_label(&bench, "wide_caller");
    run_to_label(&bench, "stop_leaf");

    take(&bench);

    assert_functions(&bench, "leaf middle outer wide_caller call_through_assembly main_of_target "
                             "Reset_Handler");
    assert_null(bench.frames[0].place.file);
    assert_int_equal(bench.frames[0].place.line, 0);
    assert_int_equal(bench.frames[0].place.offset,
                     bench.frames[0].pc - target_file_symbol(&bench.image, "leaf"));
    assert_true(bench.frames[1].is_guessed);
    end(&bench);
}

static void jump_to_nowhere_shows_who_jumped(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, "calls_O2");
    run_to_label(&bench, "leaf");
    write_register(&bench, UC_ARM_REG_PC, 0x60000001);

    take(&bench);

    assert_int_equal(bench.frames[0].pc, 0x60000000);
    assert_null(bench.frames[0].place.function);
    assert_string_equal(bench.frames[1].place.function, "middle");
    assert_string_equal(bench.frames[bench.count - 1].place.function, "Reset_Handler");
    end(&bench);
}

static void stack_that_can_not_be_read_ends_the_backtrace(void **state)
{
    (void)state;
    static const uint32_t BAD[] = {0, 0x1FFFFF00, 0x20010000, 0xFFFFFFFC};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct bench bench;
        begin(&bench, "calls_O2");
        run_to_label(&bench, "stop_leaf");
        write_register(&bench, UC_ARM_REG_SP, BAD[i]);

        take(&bench);

        assert_functions(&bench, "leaf");
        end(&bench);
    }
}

static void frame_below_the_one_it_called_ends_the_backtrace(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, "calls_O2");
    run_to_label(&bench, "stop_leaf");
    write_register(&bench, UC_ARM_REG_R7, RAM);
    for (uint32_t addr = RAM; addr < RAM + 64; addr += 4)
        write_word(&bench, addr, target_file_symbol(&bench.image, "outer") + 4);

    take(&bench);

    assert_functions(&bench, "leaf middle");
    end(&bench);
}

static void saved_floating_point_registers_are_part_of_a_guessed_frame(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, "calls_O2");
    run_to_label(&bench, "leaf");
    uint32_t sp = read_register(&bench, UC_ARM_REG_SP);
    write_word(&bench, sp - 4, read_register(&bench, UC_ARM_REG_LR));
    write_word(&bench, sp - 8, read_register(&bench, UC_ARM_REG_R4));
    for (uint32_t depth = 12; depth <= 20; depth += 4)
        write_word(&bench, sp - depth, 0);
    write_register(&bench, UC_ARM_REG_LR, 0);
    write_register(&bench, UC_ARM_REG_SP, sp - 20);
    write_register(&bench, UC_ARM_REG_PC, target_file_symbol(&bench.image, "stop_float_leaf") | 1);

    take(&bench);

    assert_functions(&bench, "float_leaf middle inlined outer main_of_target Reset_Handler");
    assert_int_equal(bench.frames[1].sp, sp);
    end(&bench);
}

static void endless_recursion_on_the_stack_fills_the_frames_and_stops(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, "calls_g0");
    uint32_t inside = target_file_symbol(&bench.image, "bare_caller") + 12;
    for (uint32_t addr = RAM; addr < RAM + RAM_BYTES; addr += 4)
        write_word(&bench, addr, inside | 1);
    write_register(&bench, UC_ARM_REG_SP, RAM);
    write_register(&bench, UC_ARM_REG_PC, inside | 1);

    take(&bench);

    assert_int_equal(bench.count, FRAMES_MAX);
    end(&bench);
}

/* ---- Exceptions ---- */

/* ARMv7-M ARM B1.5.6: what the core pushes, with the given space in front. */
static uint32_t push_frame(struct bench *bench, uint32_t sp, uint32_t bytes)
{
    static const int IDS[] = {UC_ARM_REG_R0,  UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3,
                              UC_ARM_REG_R12, UC_ARM_REG_LR, UC_ARM_REG_PC};
    uint32_t padding = sp & 4;
    uint32_t frame = sp - padding - bytes;
    for (uint32_t i = 0; i < 7; i++)
        write_word(bench, frame + 4 * i, read_register(bench, IDS[i]));
    write_word(bench, frame + 0x1C, 0x01000000 | padding << 7);
    return frame;
}

static void enter_handler(struct bench *bench, uint32_t exc_return)
{
    write_register(bench, UC_ARM_REG_LR, exc_return);
    write_register(bench, UC_ARM_REG_PC, target_file_symbol(&bench->image, "SVC_Handler") | 1);
    run_to_label(bench, "stop_handler");
}

static void assert_interrupted_leaf(const struct bench *bench)
{
    assert_functions(bench, "SVC_Handler leaf middle inlined outer main_of_target Reset_Handler");
    assert_line(bench, 0, "HANDLER");
    assert_line(bench, 1, "LEAF");
    assert_line(bench, 2, "MIDDLE");
    assert_true(bench->frames[1].is_interrupted);
    assert_false(bench->frames[2].is_interrupted);
    assert_int_equal(bench->frames[1].pc, target_file_symbol(&bench->image, "stop_leaf"));
    assert_in_range(bench->frames[bench->count - 1].sp, STACK - 16, STACK);
}

static void exception_frame_on_the_main_stack_leads_to_what_was_interrupted(void **state)
{
    (void)state;
    bool is_realigned = false;
    for (uint32_t misalignment = 0; misalignment <= 4; misalignment += 4) {
        struct bench bench;
        begin(&bench, "calls_O2");
        write_register(&bench, UC_ARM_REG_SP, STACK - misalignment);
        run_to_label(&bench, "stop_leaf");
        uint32_t sp = read_register(&bench, UC_ARM_REG_SP);
        is_realigned |= sp & 4;
        write_register(&bench, UC_ARM_REG_SP, push_frame(&bench, sp, 0x20));
        enter_handler(&bench, 0xFFFFFFF9);

        take(&bench);

        assert_interrupted_leaf(&bench);
        assert_int_equal(bench.frames[1].sp, sp);
        end(&bench);
    }
    assert_true(is_realigned);
}

static void exception_frame_with_floating_point_state_is_longer(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, "calls_Og");
    run_to_label(&bench, "stop_leaf");
    uint32_t sp = read_register(&bench, UC_ARM_REG_SP);
    write_register(&bench, UC_ARM_REG_SP, push_frame(&bench, sp, 0x68));
    enter_handler(&bench, 0xFFFFFFE9);

    take(&bench);

    assert_interrupted_leaf(&bench);
    assert_int_equal(bench.frames[1].sp, sp);
    end(&bench);
}

static void exception_frame_of_a_thread_lies_on_the_process_stack(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, "calls_O2");
    run_to_label(&bench, "stop_leaf");
    bench.psp = push_frame(&bench, read_register(&bench, UC_ARM_REG_SP), 0x20);
    write_register(&bench, UC_ARM_REG_SP, 0x20000800);
    enter_handler(&bench, 0xFFFFFFFD);

    take(&bench);

    assert_interrupted_leaf(&bench);
    end(&bench);
}

static void exception_that_interrupts_an_exception_is_followed_through_both(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, "calls_O2");
    run_to_label(&bench, "stop_leaf");
    uint32_t sp = push_frame(&bench, read_register(&bench, UC_ARM_REG_SP), 0x20);
    write_register(&bench, UC_ARM_REG_SP, sp);
    enter_handler(&bench, 0xFFFFFFF9);
    sp = push_frame(&bench, read_register(&bench, UC_ARM_REG_SP), 0x20);
    write_register(&bench, UC_ARM_REG_SP, sp);
    enter_handler(&bench, 0xFFFFFFF1);

    take(&bench);

    assert_functions(&bench, "SVC_Handler SVC_Handler leaf middle inlined outer main_of_target "
                             "Reset_Handler");
    assert_true(bench.frames[1].is_interrupted);
    assert_true(bench.frames[2].is_interrupted);
    end(&bench);
}

static void thread_frame_that_claims_another_exception_ends_the_backtrace(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, "calls_O2");
    run_to_label(&bench, "leaf");
    write_register(&bench, UC_ARM_REG_LR, 0xFFFFFFFD);
    bench.psp = push_frame(&bench, read_register(&bench, UC_ARM_REG_SP), 0x20);
    enter_handler(&bench, 0xFFFFFFFD);

    take(&bench);

    assert_functions(&bench, "SVC_Handler leaf");
    end(&bench);
}

/* ---- Two images ---- */

static void calls_are_followed_from_the_application_into_the_boot_loader(void **state)
{
    (void)state;
    struct bench bench;
    struct image application;
    begin(&bench, "calls_Og");
    target_file_load(&application, FLASHSIM_TEST_TARGET_DIR, "calls_app");
    put_image(&bench, &application);
    write_word(&bench, target_file_symbol(&bench.image, "application"),
               target_file_symbol(&application, "main_of_target") | 1);
    run_to(&bench, target_file_symbol(&application, "stop_leaf"));

    take(&bench);

    assert_functions(&bench, "leaf middle inlined outer main_of_target main_of_target "
                             "Reset_Handler");
    assert_line(&bench, 4, "MAIN OUTER");
    assert_line(&bench, 5, "MAIN APPLICATION");
    assert_ptr_equal(bench.frames[4].place.image, &application);
    assert_ptr_equal(bench.frames[5].place.image, &bench.image);
    end(&bench);
    image_free(&application);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_are_followed_to_the_reset_with_lines_and_inlined_functions),
        cmocka_unit_test(each_frame_has_the_stack_pointer_its_caller_had),
        cmocka_unit_test(every_instruction_of_the_program_has_a_backtrace_to_the_reset),
        cmocka_unit_test(function_without_frame_information_is_guessed_from_its_pushes),
        cmocka_unit_test(callers_without_frame_information_are_passed_through),
        cmocka_unit_test(program_without_dwarf_is_followed_by_symbols_and_pushes),
        cmocka_unit_test(jump_to_nowhere_shows_who_jumped),
        cmocka_unit_test(stack_that_can_not_be_read_ends_the_backtrace),
        cmocka_unit_test(frame_below_the_one_it_called_ends_the_backtrace),
        cmocka_unit_test(saved_floating_point_registers_are_part_of_a_guessed_frame),
        cmocka_unit_test(endless_recursion_on_the_stack_fills_the_frames_and_stops),
        cmocka_unit_test(exception_frame_on_the_main_stack_leads_to_what_was_interrupted),
        cmocka_unit_test(exception_frame_with_floating_point_state_is_longer),
        cmocka_unit_test(exception_frame_of_a_thread_lies_on_the_process_stack),
        cmocka_unit_test(exception_that_interrupts_an_exception_is_followed_through_both),
        cmocka_unit_test(thread_frame_that_claims_another_exception_ends_the_backtrace),
        cmocka_unit_test(calls_are_followed_from_the_application_into_the_boot_loader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
