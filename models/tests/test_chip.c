/* Tests of chip.c, boot.c and unmodelled.c, and of what must hold for every chip's tables. */
#include "models/boot.h"
#include "models/tests/soc_bench.h"

struct heard {
    unsigned count;
    struct event last;
};

static void hear_absent(void *context, const struct event *event)
{
    struct heard *heard = context;
    if (event->kind != EVENT_UNIT_ABSENT)
        return;
    heard->count++;
    heard->last = *event;
}

static void every_chip_builds_resets_and_loses_power(void **state)
{
    (void)state;
    assert_int_equal(chip_count(), 5);
    for (unsigned i = 0; i < chip_count(); i++) {
        struct soc *soc = power_on(chip_at(i)->name);

        soc_reset(soc, RESET_SYSTEM);
        soc_power_cut(soc);
        soc_reset(soc, RESET_POWER_ON);

        assert_int_equal(soc->wires.boot_count, 3);
        assert_ptr_equal(soc->chip, chip_at(i));
        soc_destroy(soc);
    }
}

static void chips_are_found_by_name_in_any_case(void **state)
{
    (void)state;
    assert_string_equal(chip_find("STM32L452RE")->name, "stm32l452re");
    assert_null(chip_find("stm32l999"));
}

static void ram_is_where_the_data_sheets_say(void **state)
{
    (void)state;
    static const struct {
        const char *chip;
        uint32_t first, last;
    } rows[] = {
        {"stm32l432kc", 0x20000000, 0x2000BFFC}, {"stm32l432kc", 0x10000000, 0x10003FFC},
        {"stm32l452re", 0x20000000, 0x2001FFFC}, {"stm32l452re", 0x10000000, 0x10007FFC},
        {"stm32l476rg", 0x20000000, 0x20017FFC}, {"stm32l476rg", 0x10000000, 0x10007FFC},
        {"stm32l496zg", 0x20000000, 0x2003FFFC}, {"stm32l496zg", 0x10000000, 0x1000FFFC},
        {"stm32l4r5zi", 0x20000000, 0x2002FFFC}, {"stm32l4r5zi", 0x10000000, 0x1000FFFC},
        {"stm32l4r5zi", 0x20040000, 0x2009FFFC},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct soc *soc = power_on(rows[i].chip);

        store(soc, rows[i].first, 4, 0x11223344);
        store(soc, rows[i].last, 4, 0x55667788);

        assert_int_equal(load(soc, rows[i].first, 4).value, 0x11223344);
        assert_int_equal(load(soc, rows[i].last, 4).value, 0x55667788);
        soc_destroy(soc);
    }
}

static void sram2_of_the_l452_is_seen_twice(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    store(soc, 0x10000010, 4, 0xCAFE0001);
    store(soc, 0x20027FFC, 4, 0xCAFE0002);

    assert_int_equal(load(soc, 0x20020010, 4).value, 0xCAFE0001);
    assert_int_equal(load(soc, 0x10007FFC, 4).value, 0xCAFE0002);
    assert_true(load(soc, 0x20028000, 4).is_bus_error);
    soc_destroy(soc);
}

static void the_l476_has_no_second_view_of_sram2(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l476rg");

    assert_true(load(soc, 0x20018000, 4).is_bus_error);
    soc_destroy(soc);
}

static void an_unmodelled_block_reads_back_and_is_reported_once(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    struct heard heard = {0};
    trace_listen(&soc->trace, hear_absent, &heard);

    store(soc, 0x40013004, 2, 0x1234); /* SPI1_CR2 */
    store(soc, 0x40013000, 4, 0x55);

    assert_int_equal(load(soc, 0x40013004, 4).value, 0x1234);
    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.last.unit, "SPI1");
    assert_int_equal(heard.last.addr, 0x40013004);
    soc_destroy(soc);
}

static void a_reserved_apb_slot_reads_zero_and_is_reported_once(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    struct heard heard = {0};
    trace_listen(&soc->trace, hear_absent, &heard);

    struct access_result wrote = store(soc, 0x40001400, 4, 1); /* TIM7: not on the L452 */
    struct access_result got = load(soc, 0x40001400, 4);
    load(soc, 0x40005000, 4); /* UART5: neither */

    assert_false(wrote.is_bus_error || got.is_bus_error);
    assert_int_equal(got.value, 0);
    assert_int_equal(heard.count, 2);
    assert_string_equal(heard.last.rule, "L4.bus.reserved_apb_slot");
    soc_destroy(soc);
}

static void an_ahb_hole_is_a_bus_error(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    assert_true(load(soc, 0x40025000, 4).is_bus_error);
    assert_true(store(soc, 0x48001400, 4, 0).is_bus_error); /* GPIOF: not on the L452 */
    assert_true(load(soc, 0x60000000, 4).is_bus_error);
    soc_destroy(soc);
}

/* Boot selection: L4 sheet 11.5. */

static enum boot_source boot(struct soc *soc, uint32_t optr, bool boot0, bool is_empty)
{
    soc->wires.optr = optr;
    soc->wires.boot0_pin = boot0;
    soc->wires.is_flash_empty = is_empty;
    boot_sample(&soc->system);
    return soc_boot_source(soc);
}

static void boot_selection_of_the_l452_follows_the_table(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    uint32_t pin = 0x04000000, nboot0 = 0x08000000, nboot1 = 0x00800000;

    assert_int_equal(boot(soc, pin, false, false), BOOT_MAIN_FLASH);
    assert_int_equal(boot(soc, pin, false, true), BOOT_SYSTEM_MEMORY);
    assert_int_equal(boot(soc, pin | nboot1, true, false), BOOT_SYSTEM_MEMORY);
    assert_int_equal(boot(soc, pin, true, false), BOOT_SRAM1);
    assert_int_equal(boot(soc, nboot0, true, true), BOOT_MAIN_FLASH);
    assert_int_equal(boot(soc, nboot1, false, false), BOOT_SYSTEM_MEMORY);
    assert_int_equal(boot(soc, 0, false, false), BOOT_SRAM1);
    soc_destroy(soc);
}

static void the_l476_knows_only_its_pin_and_nboot1(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l476rg");

    assert_int_equal(boot(soc, 0, false, true), BOOT_MAIN_FLASH);
    assert_int_equal(boot(soc, 0x00800000, true, false), BOOT_SYSTEM_MEMORY);
    assert_int_equal(boot(soc, 0x0C000000, true, false), BOOT_SRAM1);
    soc_destroy(soc);
}

static void a_boot_from_sram_shows_sram1_at_0(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    store(soc, 0x20000004, 4, 0x20000101);

    boot(soc, 0x04000000, true, false);

    assert_int_equal(soc_vector_table(soc), 0);
    assert_int_equal(load(soc, 4, 4).value, 0x20000101);
    assert_int_equal(soc->wires.mem_mode, 3);
    assert_false(soc->wires.has_booted_from_flash);
    soc_destroy(soc);
}

static void the_run_can_force_a_boot_source(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    soc->wires.forced_boot = BOOT_SRAM1;

    soc_reset(soc, RESET_PIN);

    assert_int_equal(soc_boot_source(soc), BOOT_SRAM1);
    soc_destroy(soc);
}

static void with_bfb2_the_rom_starts_bank_2_if_it_looks_bootable(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l476rg");
    load_flash_word(soc, 0x08000000, 0x20018000);
    load_flash_word(soc, 0x08080000, 0x20018000);

    enum boot_source source = boot(soc, 0x00900000, false, false);

    assert_int_equal(source, BOOT_MAIN_FLASH);
    assert_true(soc->wires.banks_swapped);
    assert_int_equal(soc->wires.mem_mode, 1);
    assert_int_equal(soc_vector_table(soc), 0x08000000);
    soc_destroy(soc);
}

static void with_bfb2_and_an_empty_bank_2_bank_1_starts(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l476rg");
    load_flash_word(soc, 0x08000000, 0x20018000);
    load_flash_word(soc, 0x08080000, 0xFFFFFFFF);

    enum boot_source source = boot(soc, 0x00900000, false, false);

    assert_int_equal(source, BOOT_MAIN_FLASH);
    assert_false(soc->wires.banks_swapped);
    soc_destroy(soc);
}

static void with_bfb2_and_two_empty_banks_the_rom_stays(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l476rg");
    load_flash_word(soc, 0x08000000, 0xFFFFFFFF);
    load_flash_word(soc, 0x08080000, 0xFFFFFFFF);

    assert_int_equal(boot(soc, 0x00900000, false, false), BOOT_SYSTEM_MEMORY);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_chip_builds_resets_and_loses_power),
        cmocka_unit_test(chips_are_found_by_name_in_any_case),
        cmocka_unit_test(ram_is_where_the_data_sheets_say),
        cmocka_unit_test(sram2_of_the_l452_is_seen_twice),
        cmocka_unit_test(the_l476_has_no_second_view_of_sram2),
        cmocka_unit_test(an_unmodelled_block_reads_back_and_is_reported_once),
        cmocka_unit_test(a_reserved_apb_slot_reads_zero_and_is_reported_once),
        cmocka_unit_test(an_ahb_hole_is_a_bus_error),
        cmocka_unit_test(boot_selection_of_the_l452_follows_the_table),
        cmocka_unit_test(the_l476_knows_only_its_pin_and_nboot1),
        cmocka_unit_test(a_boot_from_sram_shows_sram1_at_0),
        cmocka_unit_test(the_run_can_force_a_boot_source),
        cmocka_unit_test(with_bfb2_the_rom_starts_bank_2_if_it_looks_bootable),
        cmocka_unit_test(with_bfb2_and_an_empty_bank_2_bank_1_starts),
        cmocka_unit_test(with_bfb2_and_two_empty_banks_the_rom_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
