/* NVIC registers. Core sheet 2 and 4. */
#include "models/tests/scs_bench.h"

static void everything_reads_zero_after_reset(void **state)
{
    struct bench *b = *state;
    for (uint32_t addr = 0xE000E100; addr < 0xE000E4F0; addr += 4)
        assert_int_equal(read32(b, addr), 0);
}

static void ictr_tells_the_number_of_lines_in_steps_of_32(void **state)
{
    struct bench *b = *state;
    assert_int_equal(read32(b, 0xE000E004), 2); /* 84 lines */
    irq_init(&b->irq, 96);
    assert_int_equal(read32(b, 0xE000E004), 2);
    irq_init(&b->irq, 97);
    assert_int_equal(read32(b, 0xE000E004), 3);
}

static void iser_sets_icer_clears_and_both_read_the_enables(void **state)
{
    struct bench *b = *state;
    write32(b, 0xE000E104, 0x00000041); /* lines 32 and 38 */
    assert_int_equal(read32(b, 0xE000E104), 0x41);
    assert_int_equal(read32(b, 0xE000E184), 0x41);
    assert_true(irq_is_enabled(&b->irq, 16 + 38));

    write32(b, 0xE000E104, 0); /* writing zeros changes nothing */
    write32(b, 0xE000E184, 0x40);
    assert_int_equal(read32(b, 0xE000E104), 0x01);
    assert_false(irq_is_enabled(&b->irq, 16 + 38));
}

static void lines_that_the_chip_lacks_read_zero_and_ignore_writes(void **state)
{
    struct bench *b = *state;
    for (uint32_t addr = 0xE000E100; addr < 0xE000E120; addr += 4)
        write32(b, addr, 0xFFFFFFFF);
    for (uint32_t addr = 0xE000E200; addr < 0xE000E220; addr += 4)
        write32(b, addr, 0xFFFFFFFF);
    for (uint32_t addr = 0xE000E400; addr < 0xE000E4F0; addr += 4)
        write32(b, addr, 0xFFFFFFFF);

    assert_int_equal(read32(b, 0xE000E100), 0xFFFFFFFF);
    assert_int_equal(read32(b, 0xE000E108), 0x000FFFFF); /* 64 to 83 */
    assert_int_equal(read32(b, 0xE000E10C), 0);
    assert_int_equal(read32(b, 0xE000E208), 0x000FFFFF);
    assert_int_equal(read32(b, 0xE000E450), 0xF0F0F0F0); /* 80 to 83 */
    assert_int_equal(read32(b, 0xE000E454), 0);
}

static void ispr_pends_and_icpr_unpends(void **state)
{
    struct bench *b = *state;
    write32(b, 0xE000E200, 1u << 4);
    assert_int_equal(read32(b, 0xE000E200), 1u << 4);
    assert_int_equal(read32(b, 0xE000E280), 1u << 4);

    write32(b, 0xE000E280, 1u << 4);
    assert_int_equal(read32(b, 0xE000E200), 0);
}

static void icpr_has_no_lasting_effect_while_the_line_is_high(void **state)
{
    struct bench *b = *state;
    irq_set_level(&b->irq, 4, true);
    write32(b, 0xE000E280, 1u << 4);
    assert_int_equal(read32(b, 0xE000E200), 1u << 4);

    irq_set_level(&b->irq, 4, false);
    write32(b, 0xE000E280, 1u << 4);
    assert_int_equal(read32(b, 0xE000E200), 0);
}

static void iabr_shows_what_is_being_served_and_ignores_writes(void **state)
{
    struct bench *b = *state;
    irq_enter(&b->irq, 16 + 33);
    write32(b, 0xE000E304, 0xFFFFFFFF);
    assert_int_equal(read32(b, 0xE000E304), 1u << 1);
    irq_leave(&b->irq, 16 + 33);
    assert_int_equal(read32(b, 0xE000E304), 0);
}

static void ipr_keeps_the_upper_four_bits(void **state)
{
    struct bench *b = *state;
    write32(b, 0xE000E400, 0x12345678);
    assert_int_equal(read32(b, 0xE000E400), 0x10305070);
    assert_int_equal(irq_group_priority(&b->irq, 16), 0x70);
}

static void ipr_takes_bytes_and_halfwords(void **state)
{
    struct bench *b = *state;
    write32(b, 0xE000E404, 0x40302010);
    write_sized(b, 0xE000E406, 1, 0xA5);
    assert_int_equal(read32(b, 0xE000E404), 0x40A02010);
    write_sized(b, 0xE000E404, 2, 0xCDEF);
    assert_int_equal(read32(b, 0xE000E404), 0x40A0C0E0);
    assert_int_equal(read_sized(b, 0xE000E405, 1), 0xC0);
    assert_int_equal(read_sized(b, 0xE000E406, 2), 0x40A0);
}

static void a_byte_write_to_a_word_register_does_nothing_and_says_so(void **state)
{
    struct bench *b = *state;
    forget_changes(b);
    write_sized(b, 0xE000E100, 1, 0xFF);
    assert_int_equal(read32(b, 0xE000E100), 0);
    assert_int_equal(b->event_count, 1);
    assert_int_equal(b->events[0].kind, EVENT_RULE_ASSUMED);
    assert_string_equal(b->events[0].rule, "CORE.scs.narrow_access");
}

static void stir_pends_a_line_by_number(void **state)
{
    struct bench *b = *state;
    write32(b, 0xE000EF00, 40);
    assert_int_equal(read32(b, 0xE000E204), 1u << 8);
    write32(b, 0xE000EF00, 0x1FF); /* no such line */
    assert_int_equal(read32(b, 0xE000EF00), 0);
}

static struct access_result write_unprivileged(struct bench *b, uint32_t addr, uint32_t value)
{
    return bench_access(b,
                        (struct access){.addr = addr, .size = 4, .value = value, .is_write = true});
}

static void unprivileged_accesses_are_bus_errors(void **state)
{
    struct bench *b = *state;
    struct access read = {.addr = 0xE000E100, .size = 4};
    assert_true(bench_access(b, read).is_bus_error);
    assert_true(write_unprivileged(b, 0xE000E100, 1).is_bus_error);
    assert_int_equal(read32(b, 0xE000E100), 0);
    read.addr = 0xE000EFFC;
    assert_true(bench_access(b, read).is_bus_error);
    read.addr = 0xE000E000; /* nothing there, refused all the same */
    assert_true(bench_access(b, read).is_bus_error);
}

static void unprivileged_stir_needs_usersetmpend(void **state)
{
    struct bench *b = *state;
    assert_true(write_unprivileged(b, 0xE000EF00, 3).is_bus_error);
    assert_int_equal(read32(b, 0xE000E200), 0);

    write32(b, 0xE000ED14, 0x202); /* CCR.USERSETMPEND */
    assert_false(write_unprivileged(b, 0xE000EF00, 3).is_bus_error);
    assert_int_equal(read32(b, 0xE000E200), 1u << 3);
}

static void enabling_a_pending_line_asks_for_attention(void **state)
{
    struct bench *b = *state;
    write32(b, 0xE000E200, 1);
    forget_changes(b);
    write32(b, 0xE000E100, 1);
    assert_true(b->irq.changed);
    assert_true(b->system.needs_attention);
    assert_int_equal(irq_to_take(&b->irq), 16);
}

static void a_system_reset_clears_enables_pending_and_priorities(void **state)
{
    struct bench *b = *state;
    write32(b, 0xE000E100, 1);
    write32(b, 0xE000E200, 1);
    write32(b, 0xE000E400, 0x80);
    bench_reset(b, RESET_SYSTEM);
    assert_int_equal(read32(b, 0xE000E100), 0);
    assert_int_equal(read32(b, 0xE000E200), 0);
    assert_int_equal(read32(b, 0xE000E400), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(everything_reads_zero_after_reset),
        BENCH_TEST(ictr_tells_the_number_of_lines_in_steps_of_32),
        BENCH_TEST(iser_sets_icer_clears_and_both_read_the_enables),
        BENCH_TEST(lines_that_the_chip_lacks_read_zero_and_ignore_writes),
        BENCH_TEST(ispr_pends_and_icpr_unpends),
        BENCH_TEST(icpr_has_no_lasting_effect_while_the_line_is_high),
        BENCH_TEST(iabr_shows_what_is_being_served_and_ignores_writes),
        BENCH_TEST(ipr_keeps_the_upper_four_bits),
        BENCH_TEST(ipr_takes_bytes_and_halfwords),
        BENCH_TEST(a_byte_write_to_a_word_register_does_nothing_and_says_so),
        BENCH_TEST(stir_pends_a_line_by_number),
        BENCH_TEST(unprivileged_accesses_are_bus_errors),
        BENCH_TEST(unprivileged_stir_needs_usersetmpend),
        BENCH_TEST(enabling_a_pending_line_asks_for_attention),
        BENCH_TEST(a_system_reset_clears_enables_pending_and_priorities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
