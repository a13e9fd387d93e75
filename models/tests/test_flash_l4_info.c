/* Tests of flash_l4_info.c, and of OTP: L4 sheet 1.2, 4.3, 11.1. */
#include "models/tests/flash_fixture.h"

enum { OTP = 0x1FFF7000 };

static struct soc *ready(const char *chip)
{
    struct soc *soc = power_on_flash(chip);
    unlock(soc);
    return soc;
}

static void the_size_register_tells_kilobytes(void **state)
{
    (void)state;
    static const struct {
        const char *chip;
        uint32_t kb;
    } parts[] = {{"stm32l432kc", 256},
                 {"stm32l452re", 512},
                 {"stm32l476rg", 1024},
                 {"stm32l496zg", 1024},
                 {"stm32l4r5zi", 2048}};
    for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        struct soc *soc = power_on_flash(parts[i].chip);
        struct access_result result =
            make_access(soc, (struct access){.addr = 0x1FFF75E0, .size = 2});
        assert_int_equal(result.value, parts[i].kb);
        soc_destroy(soc);
    }
}

static void the_unique_id_is_96_bits_that_are_neither_blank_nor_zero(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");

    for (uint32_t i = 0; i < 3; i++) {
        uint32_t word = read32(soc, 0x1FFF7590 + 4 * i);
        assert_true(word != 0 && word != 0xFFFFFFFF);
    }
    struct access_result byte = make_access(soc, (struct access){.addr = 0x1FFF7591, .size = 1});
    assert_int_equal(byte.value, read32(soc, 0x1FFF7590) >> 8 & 0xFF);
    soc_destroy(soc);
}

static void system_memory_reads_as_erased_and_says_once_that_it_is_absent(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");

    assert_int_equal(read32(soc, 0x1FFF0000), 0xFFFFFFFF);
    assert_int_equal(read32(soc, 0x1FFF0004), 0xFFFFFFFF);

    assert_int_equal(count_events(EVENT_UNIT_ABSENT), 1);
    assert_string_equal(last_event(EVENT_UNIT_ABSENT)->rule, "L4.info.system_memory");
    soc_destroy(soc);
}

static void otp_is_programmed_like_main_flash(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");

    uint32_t sr = program(soc, OTP + 0x3F8, UINT64_C(0x0000000200000001));

    assert_int_equal(sr, 0);
    assert_true(read64(soc, OTP + 0x3F8) == UINT64_C(0x0000000200000001));
    assert_true(read64(soc, OTP) == UINT64_MAX);
    soc_destroy(soc);
}

static void an_otp_doubleword_is_written_once_and_not_even_zeroed(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    program(soc, OTP, 5);

    uint32_t data = program(soc, OTP, 7);
    clear_flags(soc);
    uint32_t zeros = program(soc, OTP, 0);

    assert_int_equal(data, 0xB0);
    assert_int_equal(zeros, 0xB0);
    assert_int_equal(read32(soc, OTP), 5);
    soc_destroy(soc);
}

static void otp_survives_loss_of_power(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    program(soc, OTP, 5);

    power_cycle(soc);

    assert_int_equal(read32(soc, OTP), 5);
    soc_destroy(soc);
}

static void a_write_to_system_memory_or_option_bytes_gives_wrperr(void **state)
{
    (void)state;
    static const uint32_t addrs[] = {0x1FFF0000, 0x1FFF7800, 0x1FFF7590, 0x1FFF7400};
    for (unsigned i = 0; i < sizeof addrs / sizeof addrs[0]; i++) {
        struct soc *soc = ready("stm32l452re");
        uint32_t before = read32(soc, addrs[i]);
        write32(soc, CR, PG);
        write32(soc, addrs[i], 0);
        assert_int_equal(read32(soc, SR), 0x10);
        assert_int_equal(read32(soc, addrs[i]), before);
        soc_destroy(soc);
    }
}

static void otp_programming_stalls_the_first_bank_only(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l476rg");
    write32(soc, CR, PG);
    store_doubleword(soc, OTP, 1);
    uint64_t start_ps = soc->clock.now_ps;

    read32(soc, MAIN + 0x80000);
    uint64_t bank2_ps = soc->clock.now_ps - start_ps;
    read32(soc, MAIN);

    assert_true(bank2_ps == 0);
    assert_true(soc->clock.now_ps - start_ps == PROGRAM_NS * 1000);
    soc_destroy(soc);
}

static void a_cut_tears_an_otp_doubleword_for_good(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re");
    static const struct flash_cut pulse = {.phase = FLASH_PHASE_PULSE, .k = 2, .n = 4};
    write32(soc, CR, PG);
    store_doubleword(soc, OTP, 1);
    soc_flash_set_cut_phase(soc, &pulse);

    power_cycle(soc);
    unlock(soc);

    assert_int_equal(last_event(EVENT_FLASH_TORN)->addr, OTP);
    assert_int_equal(program(soc, OTP, 1), 0xB0);
    soc_destroy(soc);
}

static void reserved_parts_of_the_block_are_bus_errors(void **state)
{
    (void)state;
    struct soc *single = ready("stm32l452re");
    struct soc *dual = ready("stm32l476rg");

    assert_true(make_access(single, (struct access){.addr = 0x1FFFF808, .size = 4}).is_bus_error);
    assert_true(write_sized(single, 0x1FFFFFF8, 4, 1).is_bus_error);
    assert_true(make_access(dual, (struct access){.addr = 0x1FFFF7F8, .size = 4}).is_bus_error);
    assert_false(make_access(dual, (struct access){.addr = 0x1FFFF808, .size = 4}).is_bus_error);
    soc_destroy(single);
    soc_destroy(dual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_size_register_tells_kilobytes),
        cmocka_unit_test(the_unique_id_is_96_bits_that_are_neither_blank_nor_zero),
        cmocka_unit_test(system_memory_reads_as_erased_and_says_once_that_it_is_absent),
        cmocka_unit_test(otp_is_programmed_like_main_flash),
        cmocka_unit_test(an_otp_doubleword_is_written_once_and_not_even_zeroed),
        cmocka_unit_test(otp_survives_loss_of_power),
        cmocka_unit_test(a_write_to_system_memory_or_option_bytes_gives_wrperr),
        cmocka_unit_test(otp_programming_stalls_the_first_bank_only),
        cmocka_unit_test(a_cut_tears_an_otp_doubleword_for_good),
        cmocka_unit_test(reserved_parts_of_the_block_are_bus_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
