/* The pitfalls of models/PITFALLS_L4.md in which the core has a part: faults, lockup, NMI,
 * interrupts, watchdog, stalls, what a start finds. Each by an image that makes the mistake. */
#include "machine_fixture.h"

#include "models/rules.h"

enum { LAST_PAGE = 0x0807F800, EXCEPTION_NMI = 2 };
enum { FLASH_KEYR = 0x40022008, FLASH_SR = 0x40022010, FLASH_CR = 0x40022014 };

static struct fixture f;

static void image_path(char *path, size_t size, const char *name)
{
    snprintf(path, size, "%s/%s.elf", FLASHSIM_FIRMWARE_DIR, name);
}

static void load_image(void)
{
    for (size_t i = 0; i < f.image.segment_count; i++)
        assert_true(machine_load(f.machine, f.image.segments[i].addr, f.image.segments[i].bytes,
                                 f.image.segments[i].size));
}

static void power_on(void)
{
    struct error error = {{0}};
    if (!machine_power_on(f.machine, &error))
        fail_msg("%s", error.text);
}

static void power_cycle(void)
{
    machine_request_cut(f.machine);
    assert_int_equal(fixture_run_ms(&f, 1), MACHINE_STOP_CUT);
    power_on();
}

/* Empty when power comes, programmed afterwards: PEMPTY stands. */
static void start_programmed_late(const char *name)
{
    struct error error = {{0}};
    char path[512];
    image_path(path, sizeof path, name);
    memset(&f, 0, sizeof f);
    if (!image_load(&f.image, path, 0x08000000, &error) ||
        !machine_create(&f.machine, chip_find("stm32l452re"), &error))
        fail_msg("%s", error.text);
    trace_listen(&f.machine->soc->trace, fixture_listen, &f);
    power_on();
    load_image();
}

static uint32_t access_as_debugger(uint32_t addr, bool is_write, uint32_t value)
{
    struct access access = {.addr = addr,
                            .size = 4,
                            .value = value,
                            .is_write = is_write,
                            .is_privileged = true,
                            .master = MASTER_DEBUGGER};
    struct access_result result;
    bus_access(&f.machine->soc->bus, &access, &result);
    assert_false(result.is_bus_error);
    return result.value;
}

static void assert_said(const char *text)
{
    if (!fixture_said(&f, text))
        fail_msg("it did not say \"%s\" but: %s", text, f.console);
}

static void assert_passes(uint64_t limit_ms)
{
    if (!fixture_run_until(&f, "PASS\n", limit_ms))
        fail_msg("no PASS: %s", f.console);
}

static uint32_t word_at(uint32_t addr)
{
    uint32_t word = 0;
    assert_true(machine_peek(f.machine, addr, &word, 4));
    return word;
}

/* --- what the first calls find --- */

static void pempty_makes_the_first_call_fail_with_20000(void **state)
{
    (void)state;
    start_programmed_late("pitfall_first_calls");
    f.machine->soc->wires.forced_boot = BOOT_MAIN_FLASH; /* as a debugger starts it */
    machine_reset(f.machine, RESET_SYSTEM);

    assert_passes(200);

    assert_said("SR 00020000 CR C0000000\n");
    assert_said("erase 1: status 1 code 0x20000\n");
    assert_said("erase 2: status 0 code 0x0\n");
    assert_said("program 1: status 0 code 0x0\n");
    assert_said("program again: status 1 code 0xA8\n");
    assert_said("data 00000001 00000002 00000003 00000004\n");
    fixture_end(&f);
}

static void programmed_once_and_reset_it_stays_in_the_rom(void **state)
{
    (void)state;
    start_programmed_late("pitfall_first_calls");

    machine_reset(f.machine, RESET_PIN);
    enum machine_stop by_pin = fixture_run_ms(&f, 10);
    enum boot_source booted = soc_boot_source(f.machine->soc);
    power_cycle();

    assert_int_equal(by_pin, MACHINE_STOP_NO_ROM);
    assert_int_equal(booted, BOOT_SYSTEM_MEMORY);
    assert_passes(200);
    assert_said("SR 00000000 CR C0000000\n");
    fixture_end(&f);
}

static void toggling_pempty_gets_out_of_the_rom(void **state)
{
    (void)state;
    start_programmed_late("pitfall_first_calls");

    access_as_debugger(FLASH_SR, true, 0x20000);
    machine_reset(f.machine, RESET_PIN);

    assert_passes(200);
    assert_said("erase 1: status 0 code 0x0\n");
    fixture_end(&f);
}

static void optverr_makes_the_first_call_fail_with_8000(void **state)
{
    (void)state;
    fixture_start(&f, "pitfall_first_calls", "stm32l452re");
    f.machine->soc->wires.rule_switches |= 1u << RULE_SPURIOUS_OPTVERR;
    power_cycle();

    assert_passes(200);

    assert_said("SR 00008000 CR C0000000\n");
    assert_said("erase 1: status 1 code 0x8000\n");
    assert_said("erase 2: status 0 code 0x0\n");
    fixture_end(&f);
}

static void a_debugger_start_without_reset_finds_what_the_loader_left(void **state)
{
    (void)state;
    fixture_start(&f, "pitfall_first_calls", "stm32l452re");
    access_as_debugger(FLASH_KEYR, true, 0x45670123);
    access_as_debugger(FLASH_KEYR, true, 0xCDEF89AB);
    access_as_debugger(FLASH_CR, true, 1);      /* PG */
    access_as_debugger(LAST_PAGE + 4, true, 1); /* PGAERR */

    assert_passes(200);

    assert_said("SR 00000020 CR 40000001\n");
    assert_said("unlock: status 0");
    assert_said("erase 1: status 1 code 0x20\n");
    assert_said("erase 2: status 1 code 0x80\n");
    assert_said("program 1: status 0 code 0x0\n");
    fixture_end(&f);
}

static void a_debugger_start_makes_the_first_blind_key_a_hardfault(void **state)
{
    (void)state;
    fixture_start(&f, "pitfall_keys_twice", "stm32l452re");
    access_as_debugger(FLASH_KEYR, true, 0x45670123);
    access_as_debugger(FLASH_KEYR, true, 0xCDEF89AB);

    assert_passes(200);

    assert_false(fixture_said(&f, "CR "));
    assert_int_equal(fixture_event(&f, EVENT_FAULT, 0)->value, 0x400);
    fixture_end(&f);
}

/* --- stray writes --- */

static void stray_writes_change_nothing_and_fail_one_call(void **state)
{
    (void)state;
    fixture_start(&f, "pitfall_stray_writes", "stm32l452re");

    assert_passes(400);

    assert_said("SR after a null pointer write: got 0x80 want 0x80 ok\n");
    assert_said("SR after sorting constants: got 0xE0 want 0xE0 ok\n");
    assert_int_equal(fixture_count(&f, EVENT_FAULT), 0);
    fixture_end(&f);
}

/* --- keys --- */

static void option_keys_first_are_a_hardfault(void **state)
{
    (void)state;
    fixture_start(&f, "fault_optkeyr_first", "stm32l452re");

    assert_passes(200);

    const struct event *fault = fixture_event(&f, EVENT_FAULT, 0);
    assert_int_equal(fault->value, 0x400); /* IMPRECISERR: the store is buffered */
    assert_int_equal(f.machine->soc->control.hfsr, 0x40000000);
    assert_int_equal(fixture_count(&f, EVENT_FLASH_LOCKOUT), 1);
    assert_string_equal(fixture_event(&f, EVENT_FLASH_LOCKOUT, 0)->rule, "L4.key.options_first");
    fixture_end(&f);
}

static void keys_while_unlocked_are_a_hardfault(void **state)
{
    (void)state;
    fixture_start(&f, "pitfall_keys_twice", "stm32l452re");

    assert_passes(200);

    assert_said("CR 40000000\n");
    assert_int_equal(fixture_event(&f, EVENT_FAULT, 0)->value, 0x400);
    assert_int_equal(f.machine->soc->control.hfsr, 0x40000000);
    assert_string_equal(fixture_event(&f, EVENT_FLASH_LOCKOUT, 0)->rule, "L4.key.when_unlocked");
    fixture_end(&f);
}

static void keys_in_the_wrong_order_are_a_hardfault_and_lock_until_reset(void **state)
{
    (void)state;
    fixture_start(&f, "pitfall_key_order", "stm32l452re");

    assert_passes(400);

    assert_said("unlock: got 0x1 want 0x1 ok\n");
    assert_said("unlock after reset: got 0x0 want 0x0 ok\n");
    assert_int_equal(fixture_count(&f, EVENT_FLASH_LOCKOUT), 3);
    fixture_end(&f);
}

/* --- erasing what runs --- */

static void assert_locked_up_on_an_erased_vector(void)
{
    fixture_run_ms(&f, 200);
    assert_false(fixture_said(&f, "FAIL"));
    assert_true(f.machine->soc->control.is_locked_up);
    assert_int_equal(cpu_current_pc(f.machine->processor.cpu), 0xFFFFFFFE);
    assert_int_equal(fixture_count(&f, EVENT_LOCKUP), 1);
    assert_int_equal(word_at(0x08000000), 0xFFFFFFFF);
    assert_int_equal(word_at(0x0800000C), 0xFFFFFFFF);
}

static void erasing_the_page_that_runs_locks_up_at_fffffffe(void **state)
{
    (void)state;
    fixture_start(&f, "pitfall_erase_self", "stm32l452re");

    assert_locked_up_on_an_erased_vector();

    /* The erased code is an undefined instruction; its HardFault finds no handler. */
    assert_int_equal(fixture_event(&f, EVENT_FAULT, 0)->value, 0x10000);
    fixture_end(&f);
}

static void erasing_the_vectors_locks_up_at_fffffffe(void **state)
{
    (void)state;
    fixture_start(&f, "lockup_vectors_erased", "stm32l452re");

    assert_locked_up_on_an_erased_vector();

    fixture_end(&f);
}

static void page_256_of_bank_1_takes_the_firmware_down(void **state)
{
    (void)state;
    fixture_start(&f, "pitfall_page_256_l476rg", "stm32l476rg");

    assert_locked_up_on_an_erased_vector();

    const struct event *erase = fixture_event(&f, EVENT_FLASH_ERASE_START, 0);
    assert_int_equal(erase->addr, 0x08000000);
    assert_int_equal(erase->size, 0x800);
    fixture_end(&f);
}

/* --- ECC --- */

static void stop_at_program(void *context, const struct event *event)
{
    if (event->kind == EVENT_FLASH_PROGRAM_START)
        machine_request_stop(context);
}

/* Up to the reset in the pulse of a double word, and on from there. */
static void reset_in_the_pulse(const char *image)
{
    static const struct flash_cut cut = {.phase = FLASH_PHASE_PULSE, .k = 3, .n = 4};
    fixture_start(&f, image, "stm32l452re");
    trace_listen(&f.machine->soc->trace, stop_at_program, f.machine);
    assert_int_equal(fixture_run_ms(&f, 200), MACHINE_STOP_REQUEST);
    assert_said("programming\n");
    soc_flash_set_cut_phase(f.machine->soc, &cut);
    machine_reset(f.machine, RESET_PIN);
    assert_int_equal(fixture_count(&f, EVENT_FLASH_TORN), 1);
}

static unsigned nmi_count(void)
{
    unsigned count = 0;
    for (unsigned i = 0; i < f.event_count; i++)
        count += f.events[i].kind == EVENT_EXCEPTION_ENTRY && f.events[i].value == EXCEPTION_NMI;
    return count;
}

static void a_torn_doubleword_spins_in_the_default_nmi_handler(void **state)
{
    (void)state;
    reset_in_the_pulse("pitfall_nmi_spins");

    assert_int_equal(fixture_run_ms(&f, 500), MACHINE_STOP_TIME);

    assert_int_equal(fixture_event(&f, EVENT_FLASH_ECC_DETECTED, 0)->addr, LAST_PAGE);
    assert_int_equal(nmi_count(), 1);
    assert_int_equal(cpu_current_pc(f.machine->processor.cpu) & ~1u,
                     fixture_symbol(&f, "unhandled_exception") & ~1u);
    assert_int_equal(word_at(fixture_symbol(&f, "steps_after_read")), 0);
    fixture_end(&f);
}

static void an_nmi_handler_that_does_not_clear_eccd_never_returns_to_main(void **state)
{
    (void)state;
    reset_in_the_pulse("pitfall_nmi_returns");

    fixture_run_ms(&f, 5);

    assert_true(word_at(fixture_symbol(&f, "nmi_count")) > 100);
    assert_int_equal(word_at(fixture_symbol(&f, "steps_after_read")), 0);
    assert_int_equal(fixture_count(&f, EVENT_FLASH_ECC_DETECTED), 1);
    fixture_end(&f);
}

static void an_nmi_handler_that_clears_eccd_runs_once(void **state)
{
    (void)state;
    reset_in_the_pulse("pitfall_nmi_clears");

    assert_passes(300);

    assert_said("NMIs 1, ECCR 00000000\n");
    assert_int_equal(nmi_count(), 1);
    fixture_end(&f);
}

/* --- interrupts --- */

static void interrupts_break_what_runs_below_them(void **state)
{
    (void)state;
    fixture_start(&f, "pitfall_interrupts", "stm32l452re");

    assert_passes(400);

    assert_said("decimal 160: got 0xA0 want 0xA0 ok\n");
    assert_said("SR after a pair torn apart: got 0xA0 want 0xA0 ok\n");
    assert_said("SR when the caller looks: got 0x0 want 0x0 ok\n");
    assert_said("and the data is the old: got 0x1 want 0x1 ok\n");
    assert_said("no callback: got 0x0 want 0x0 ok\n");
    assert_said("every later call: busy: got 0x2 want 0x2 ok\n");
    fixture_end(&f);
}

static void waiting_for_eop_without_eopie_never_ends(void **state)
{
    (void)state;
    fixture_start(&f, "pitfall_wait_eop", "stm32l452re");

    assert_int_equal(fixture_run_ms(&f, 2000), MACHINE_STOP_TIME);

    assert_string_equal(f.console, "waiting for EOP\n");
    assert_int_equal(access_as_debugger(FLASH_SR, false, 0), 0);
    assert_int_equal(word_at(LAST_PAGE), 0x11111111);
    assert_int_equal(word_at(LAST_PAGE + 4), 0x22222222);
    assert_in_range(cpu_current_pc(f.machine->processor.cpu), fixture_symbol(&f, "wait_here"),
                    fixture_symbol(&f, "wait_over") - 1);
    fixture_end(&f);
}

/* --- time --- */

/* Page erase, typical: 22.02 ms, of which the core has waited all but the instructions around it.
 */
static void an_erase_from_flash_loses_21_ticks(void **state)
{
    (void)state;
    fixture_start(&f, "flash_stall", "stm32l452re");

    assert_passes(200);

    assert_said("counted 1, lost 21\n");
    assert_in_range(f.machine->stalled_ps, 22010 * PS_PER_US, 22021 * PS_PER_US);
    fixture_end(&f);
}

static void an_erase_from_sram_loses_none_and_cr_waits_for_it(void **state)
{
    (void)state;
    fixture_start(&f, "ram_flasher", "stm32l452re");

    assert_passes(200);

    unsigned cycles = 0;
    const char *line = strstr(f.console, "CR written while BSY: cycles ");
    assert_non_null(line);
    assert_int_equal(sscanf(line, "CR written while BSY: cycles %u", &cycles), 1);
    assert_in_range(cycles, 88080 - 10, 88080 + 20); /* 22.02 ms at 4 MHz */
    assert_said(", lost 0\n");
    assert_int_equal(fixture_count(&f, EVENT_FLASH_ERROR), 0);
    fixture_end(&f);
}

static void a_watchdog_bites_inside_an_erase(void **state)
{
    (void)state;
    fixture_start(&f, "iwdg_erase", "stm32l452re");

    assert_passes(1000);

    const struct event *torn = fixture_event(&f, EVENT_FLASH_TORN, 0);
    assert_int_equal(torn->addr, LAST_PAGE);
    assert_int_equal(torn->size, 0x800);
    assert_int_equal(fixture_event(&f, EVENT_RESET, 0)->value, RESET_IWDG);
    assert_said("reset by the watchdog");
    fixture_end(&f);
}

static void bytes_that_come_during_an_erase_overrun_the_uart(void **state)
{
    (void)state;
    fixture_start(&f, "pitfall_uart_overrun", "stm32l452re");
    assert_true(fixture_run_until(&f, "erasing\n", 50));
    for (const char *at = "abcd"; *at; at++)
        device_signal(&f.machine->soc->system, WIRE_UART_INPUT,
                      (uint32_t)UART_USART2 << 8 | (uint8_t)*at);

    assert_passes(100);

    fixture_end(&f);
}

static void an_erase_of_the_own_bank_of_an_l4r5_stalls_and_succeeds(void **state)
{
    (void)state;
    fixture_start(&f, "rww_l4r5zi", "stm32l4r5zi");

    assert_passes(300);

    assert_said("bank 1 erased from bank 1");
    assert_int_equal(fixture_count(&f, EVENT_FLASH_ERROR), 0);
    fixture_end(&f);
}

/* --- protection --- */

static void level_1_raised_under_a_debugger_is_dead_until_power_on(void **state)
{
    (void)state;
    fixture_start(&f, "pitfall_raise_level", "stm32l452re");
    soc_set_debugger(f.machine->soc, true);

    fixture_run_ms(&f, 300);
    bool is_dead = f.machine->soc->control.is_locked_up;
    assert_said("RDP 0xAA\n");
    assert_int_equal(fixture_event(&f, EVENT_RESET, 0)->value, RESET_OPTION_LOAD);
    soc_set_debugger(f.machine->soc, false);
    machine_reset(f.machine, RESET_PIN);
    fixture_run_ms(&f, 300);
    bool is_still_dead = f.machine->soc->control.is_locked_up;
    bool has_spoken = fixture_said(&f, "RDP 0xBB");
    power_cycle();

    assert_true(is_dead);
    assert_true(is_still_dead);
    assert_false(has_spoken);
    assert_passes(100);
    assert_said("RDP 0xBB\n");
    fixture_end(&f);
}

/* Level 1, booted from SRAM1, where `code` is with `word` behind it; r5 starts as 0. */
static void start_attack(const uint16_t code[4], uint32_t word)
{
    struct error error = {{0}};
    uint8_t options[SOC_OPTION_BYTES];
    static const uint16_t flash_code[] = {0x2501, 0x4770}; /* movs r5, #1; bx lr */
    uint32_t vectors[] = {0x20002000, 0x20000011, 0x2000000F, 0x2000000F}; /* a fault locks up */
    memset(&f, 0, sizeof f);
    if (!machine_create(&f.machine, chip_find("stm32l452re"), &error))
        fail_msg("%s", error.text);
    trace_listen(&f.machine->soc->trace, fixture_listen, &f);
    soc_option_bytes_save(f.machine->soc, options);
    options[0] = 0xBB;
    options[4] = 0x44;
    soc_option_bytes_load(f.machine->soc, options);
    assert_true(machine_load(f.machine, 0x08000200, flash_code, sizeof flash_code));
    assert_true(machine_load(f.machine, 0x20000000, vectors, sizeof vectors));
    assert_true(machine_load(f.machine, 0x20000010, code, 8));
    assert_true(machine_load(f.machine, 0x20000018, &word, 4));
    f.machine->soc->wires.forced_boot = BOOT_SRAM1;
    power_on();
}

static void at_level_1_code_in_sram_can_not_call_into_flash(void **state)
{
    (void)state;
    static const uint16_t call[4] = {0x4801, 0x4780, 0xE7FE, 0}; /* ldr r0, =word; blx r0; b . */
    start_attack(call, 0x08000201);

    fixture_run_ms(&f, 1);

    assert_int_equal(cpu_read(f.machine->processor.cpu, CPU_R0 + 5), 0);
    const struct event *fault = fixture_event(&f, EVENT_FAULT, 0);
    assert_non_null(fault);
    assert_int_equal(fault->value, 0x100); /* IBUSERR */
    assert_int_equal(fault->pc, 0x08000200);
    machine_destroy(f.machine);
}

static void at_level_1_code_in_sram_reads_neither_sram2_nor_backup_registers(void **state)
{
    (void)state;
    static const uint16_t read[4] = {0x4801, 0x6805, 0xE7FE, 0}; /* ldr r0, =word; ldr r5, [r0] */
    static const uint32_t closed[] = {0x08000200, 0x10000000, 0x20020000, 0x40002850};
    for (unsigned i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        start_attack(read, closed[i]);

        fixture_run_ms(&f, 1);

        const struct event *fault = fixture_event(&f, EVENT_FAULT, 0);
        assert_non_null(fault);
        assert_int_equal(fault->value, 0x8200); /* PRECISERR, BFARVALID */
        assert_int_equal(fault->addr, closed[i]);
        assert_string_equal(fixture_event(&f, EVENT_FLASH_ERROR, 0)->rule, "L4.rdp.level1_access");
        machine_destroy(f.machine);
    }
}

/* L4 sheet 11.3: fetches are accesses too. Nothing can be fetched, not even a handler. */
static void plugging_a_debugger_in_at_level_1_takes_the_code_away(void **state)
{
    (void)state;
    fixture_start(&f, "hello", "stm32l452re");
    uint8_t options[SOC_OPTION_BYTES];
    soc_option_bytes_save(f.machine->soc, options);
    options[0] = 0xBB;
    options[4] = 0x44;
    soc_option_bytes_load(f.machine->soc, options);
    power_cycle();
    fixture_run_ms(&f, 1);
    unsigned faults_before = fixture_count(&f, EVENT_FAULT);

    soc_set_debugger(f.machine->soc, true);
    fixture_run_ms(&f, 1);

    assert_int_equal(faults_before, 0);
    const struct event *fault = fixture_event(&f, EVENT_FAULT, 0);
    assert_non_null(fault);
    assert_int_equal(fault->value, 0x100); /* IBUSERR */
    assert_int_equal(fault->pc & 0xFFFF0000, 0x08000000);
    assert_true(f.machine->soc->control.is_locked_up);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pempty_makes_the_first_call_fail_with_20000),
        cmocka_unit_test(programmed_once_and_reset_it_stays_in_the_rom),
        cmocka_unit_test(toggling_pempty_gets_out_of_the_rom),
        cmocka_unit_test(optverr_makes_the_first_call_fail_with_8000),
        cmocka_unit_test(a_debugger_start_without_reset_finds_what_the_loader_left),
        cmocka_unit_test(a_debugger_start_makes_the_first_blind_key_a_hardfault),
        cmocka_unit_test(stray_writes_change_nothing_and_fail_one_call),
        cmocka_unit_test(option_keys_first_are_a_hardfault),
        cmocka_unit_test(keys_while_unlocked_are_a_hardfault),
        cmocka_unit_test(keys_in_the_wrong_order_are_a_hardfault_and_lock_until_reset),
        cmocka_unit_test(erasing_the_page_that_runs_locks_up_at_fffffffe),
        cmocka_unit_test(erasing_the_vectors_locks_up_at_fffffffe),
        cmocka_unit_test(page_256_of_bank_1_takes_the_firmware_down),
        cmocka_unit_test(a_torn_doubleword_spins_in_the_default_nmi_handler),
        cmocka_unit_test(an_nmi_handler_that_does_not_clear_eccd_never_returns_to_main),
        cmocka_unit_test(an_nmi_handler_that_clears_eccd_runs_once),
        cmocka_unit_test(interrupts_break_what_runs_below_them),
        cmocka_unit_test(waiting_for_eop_without_eopie_never_ends),
        cmocka_unit_test(an_erase_from_flash_loses_21_ticks),
        cmocka_unit_test(an_erase_from_sram_loses_none_and_cr_waits_for_it),
        cmocka_unit_test(a_watchdog_bites_inside_an_erase),
        cmocka_unit_test(bytes_that_come_during_an_erase_overrun_the_uart),
        cmocka_unit_test(an_erase_of_the_own_bank_of_an_l4r5_stalls_and_succeeds),
        cmocka_unit_test(level_1_raised_under_a_debugger_is_dead_until_power_on),
        cmocka_unit_test(at_level_1_code_in_sram_can_not_call_into_flash),
        cmocka_unit_test(at_level_1_code_in_sram_reads_neither_sram2_nor_backup_registers),
        cmocka_unit_test(plugging_a_debugger_in_at_level_1_takes_the_code_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
