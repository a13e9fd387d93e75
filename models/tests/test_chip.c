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

/* Boot sheet 2, 3, 5.1: blocks by address, interrupt line and enable bit, spelt from the sheet. */
static const struct {
    const char *name;
    uint32_t base;
    int irq;
    uint32_t enr;  /* offset in the RCC, 0: no gate */
    unsigned bit;
    const char *absent_on; /* digits of the chips that lack it */
} sheet[] = {
    {"RCC", 0x40021000, 5, 0, 0, ""},          {"PWR", 0x40007000, -1, 0x58, 28, ""},
    {"FLASH", 0x40022000, 4, 0, 0, ""},        {"SYSCFG", 0x40010000, -1, 0x60, 0, ""},
    {"EXTI", 0x40010400, -1, 0, 0, ""},        {"IWDG", 0x40003000, -1, 0, 0, ""},
    {"WWDG", 0x40002C00, 0, 0x58, 11, ""},     {"RTC", 0x40002800, -1, 0x58, 10, "476"},
    {"TIM2", 0x40000000, 28, 0x58, 0, ""},     {"TIM5", 0x40000C00, 50, 0x58, 3, "432 452"},
    {"TIM6", 0x40001000, 54, 0x58, 4, ""},     {"TIM7", 0x40001400, 55, 0x58, 5, "452"},
    {"USART1", 0x40013800, 37, 0x60, 14, ""},  {"USART2", 0x40004400, 38, 0x58, 17, ""},
    {"USART3", 0x40004800, 39, 0x58, 18, "432"}, {"UART4", 0x40004C00, 52, 0x58, 19, "432"},
    {"UART5", 0x40005000, 53, 0x58, 20, "432 452"}, {"LPUART1", 0x40008000, 70, 0x5C, 0, ""},
    {"GPIOA", 0x48000000, -1, 0x4C, 0, ""},    {"GPIOC", 0x48000800, -1, 0x4C, 2, ""},
    {"GPIOF", 0x48001400, -1, 0x4C, 5, "432 452"}, {"GPIOH", 0x48001C00, -1, 0x4C, 7, ""},
    {"GPIOI", 0x48002000, -1, 0x4C, 8, "432 452 476"},
    {"DMA1", 0x40020000, -1, 0x48, 0, ""},     {"DMA2", 0x40020400, -1, 0x48, 1, ""},
    {"DMAMUX1", 0x40020800, -1, 0x48, 2, "432 452 476 496"},
    {"LPTIM1", 0x40007C00, 65, 0x58, 31, ""},  {"LPTIM2", 0x40009400, 66, 0x5C, 5, ""},
    {"CRC", 0x40023000, -1, 0x48, 12, ""},     {"RNG", 0x50060800, 80, 0x4C, 18, ""},
    {"CRS", 0x40006000, 82, 0x58, 24, "476"},  {"DBGMCU", 0xE0042000, -1, 0, 0, ""},
};

static void blocks_are_where_the_sheet_says(void **state)
{
    (void)state;
    for (unsigned c = 0; c < chip_count(); c++) {
        struct soc *soc = power_on(chip_at(c)->name);
        char digits[4] = {0};
        memcpy(digits, chip_at(c)->name + strlen("stm32l"), 3);
        for (unsigned i = 0; i < sizeof sheet / sizeof sheet[0]; i++) {
            struct device *device = soc_device(soc, sheet[i].name);
            bool is_rtc = strcmp(sheet[i].name, "RTC") == 0; /* there, with no gate, on the L476 */
            if (strstr(sheet[i].absent_on, digits) && !is_rtc) {
                assert_null(device);
                continue;
            }
            assert_non_null(device);
            assert_ptr_equal(bus_find(&soc->bus, sheet[i].base)->device, device);
            assert_int_equal(device->irq_line, sheet[i].irq);
            bool is_gated = sheet[i].enr && !strstr(sheet[i].absent_on, digits);
            assert_int_equal(device->clock_enable != NULL, is_gated);
            if (!is_gated)
                continue;
            uint32_t enr = 0x40021000 + sheet[i].enr;
            put(soc, enr, get(soc, enr) & ~(1u << sheet[i].bit));
            set_bits(soc, enr, 1u << sheet[i].bit);
            assert_int_equal(*device->clock_enable & device->clock_enable_mask,
                             1u << sheet[i].bit);
        }
        soc_destroy(soc);
    }
}

static void every_row_of_every_chip_can_be_clocked_and_is_named_once(void **state)
{
    (void)state;
    for (unsigned c = 0; c < chip_count(); c++) {
        struct soc *soc = power_on(chip_at(c)->name);
        static const uint8_t enables[] = {0x48, 0x4C, 0x50, 0x58, 0x5C, 0x60};
        for (unsigned i = 0; i < sizeof enables; i++)
            put(soc, 0x40021000u + enables[i], 0xFFFFFFFF);
        for (unsigned i = 0; i < soc->system.device_count; i++) {
            struct device *device = &soc->devices[i];
            assert_ptr_equal(soc_device(soc, device->name), device);
            assert_true(device->irq_line < (int)chip_at(c)->irq_count);
            if (device->clock_enable)
                assert_true(*device->clock_enable & device->clock_enable_mask);
        }
        soc_destroy(soc);
    }
}

static void chip_geometry_is_the_sheets(void **state)
{
    (void)state;
    static const struct {
        const char *chip;
        uint32_t bytes, banks, page, lines;
    } rows[] = {{"stm32l432kc", 0x40000, 1, 2048, 83},
                {"stm32l452re", 0x80000, 1, 2048, 85},
                {"stm32l476rg", 0x100000, 2, 2048, 82},
                {"stm32l496zg", 0x100000, 2, 2048, 91},
                {"stm32l4r5zi", 0x200000, 2, 4096, 95}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct soc *soc = power_on(rows[i].chip);

        assert_int_equal(chip_flash_bytes(soc->chip), rows[i].bytes);
        assert_int_equal(soc->chip->flash.bank_count, rows[i].banks);
        assert_int_equal(soc->chip->flash.page_bytes, rows[i].page);
        assert_int_equal(soc->chip->irq_count, rows[i].lines);
        assert_int_equal(load(soc, 0x08000000 + rows[i].bytes - 4, 4).value, 0xFFFFFFFF);
        assert_true(load(soc, 0x08000000 + rows[i].bytes, 4).is_bus_error);
        assert_int_equal(load(soc, 0x1FFF75E0, 2).value, rows[i].bytes / 1024);
        soc_destroy(soc);
    }
}

static void a_forced_boot_from_flash_goes_past_the_rom(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l476rg");
    load_flash_word(soc, 0x08080000, 0x20018000);
    soc->wires.forced_boot = BOOT_MAIN_FLASH;

    boot(soc, 0x00900000, false, false);

    assert_false(soc->wires.banks_swapped);
    assert_int_equal(soc_vector_table(soc), 0);
    soc_destroy(soc);
}

static void a_stack_pointer_at_the_very_start_of_ram_is_not_plausible(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l476rg");
    load_flash_word(soc, 0x08000000, 0xFFFFFFFF);
    load_flash_word(soc, 0x08080000, 0x20000000);

    assert_int_equal(boot(soc, 0x00900000, false, false), BOOT_SYSTEM_MEMORY);
    soc_destroy(soc);
}

static void an_unmodelled_block_keeps_its_first_kilobyte_only(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    put(soc, 0x400163FC, 1); /* DFSDM1 has two */
    put(soc, 0x40016400, 2);

    assert_int_equal(get(soc, 0x400163FC), 1);
    assert_int_equal(get(soc, 0x40016400), 0);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_chip_builds_resets_and_loses_power),
        cmocka_unit_test(chips_are_found_by_name_in_any_case),
        cmocka_unit_test(chip_geometry_is_the_sheets),
        cmocka_unit_test(blocks_are_where_the_sheet_says),
        cmocka_unit_test(every_row_of_every_chip_can_be_clocked_and_is_named_once),
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
        cmocka_unit_test(a_forced_boot_from_flash_goes_past_the_rom),
        cmocka_unit_test(a_stack_pointer_at_the_very_start_of_ram_is_not_plausible),
        cmocka_unit_test(an_unmodelled_block_keeps_its_first_kilobyte_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
