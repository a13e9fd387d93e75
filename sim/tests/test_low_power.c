/* Tests of Stop, Standby and Shutdown in a whole machine: what sleeps, what wakes, what is lost. The
 * firmware is a few instructions, in machine code, each line with its mnemonic. RM0351 5.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "models/board.h"
#include "models/chip.h"
#include "sim/machine.h"

enum { CODE = 0x08000100, SRAM1 = 0x20000000, SRAM2 = 0x10000000, FLAGS = 0x11F };

static struct machine *machine;
static struct error error;
static unsigned resets[RESET_CAUSE_COUNT];

static void count_resets(void *context, const struct event *event)
{
    (void)context;
    if (event->kind == EVENT_RESET)
        resets[event->value]++;
}

/* Counts boots in the first word of SRAM1, takes PWR_SR1 into r6, then sleeps again and again with
 * SLEEPDEEP, interrupts masked PWR_CR1 = `cr1`, PWR_CR3 = `cr3` and
 * flags cleared by PWR_SCR = `clear`; r5 counts how often it woke. */
static void power_on(uint32_t cr1, uint32_t cr3, uint32_t clear)
{
    // clang-format off
    static const uint16_t code[] = {
        0x4F0B,                 /* ldr r7, =SRAM1 */
        0x6839, 0x3101, 0x6039, /* ldr r1, [r7]; adds r1, #1; str r1, [r7] */
        0x480A, 0x490B, 0x6001, /* ldr r0, =RCC_APB1ENR1; ldr r1, =PWREN; str r1, [r0] */
        0x480B, 0x6906,         /* ldr r0, =PWR; ldr r6, [r0, #16] */
        0x490E, 0x6181,         /* ldr r1, =clear; str r1, [r0, #24] */
        0x490A, 0x6081,         /* ldr r1, =cr3; str r1, [r0, #8] */
        0x490A, 0x6001,         /* ldr r1, =cr1; str r1, [r0] */
        0x480A, 0x2104, 0x6001, /* ldr r0, =SCR; movs r1, #4; str r1, [r0] */
        0x2500, 0xB672,         /* movs r5, #0; cpsid i */
        0xBF30, 0x3501, 0xE7FC, /* again: wfi; adds r5, #1; b again */
        0xBF00,
    };
    // clang-format on
    uint32_t words[] = {SRAM1, 0x40021058, 1u << 28, 0x40007000, cr3, cr1, 0xE000ED10, clear};
    uint32_t vectors[2] = {0x20002000, CODE | 1};
    memset(resets, 0, sizeof resets);
    assert_true(machine_create(&machine, chip_find("stm32l476rg"), &error));
    board_connect(board_find("nucleo-l476rg"), machine->soc);
    trace_listen(&machine->soc->trace, count_resets, NULL);
    assert_true(machine_load(machine, 0x08000000, vectors, sizeof vectors));
    assert_true(machine_load(machine, CODE, code, sizeof code));
    assert_true(machine_load(machine, CODE + sizeof code, words, sizeof words));
    assert_true(machine_power_on(machine, &error));
}

static uint32_t word_at(uint32_t addr)
{
    uint32_t value = 0;
    assert_true(machine_peek(machine, addr, &value, 4));
    return value;
}

static uint32_t reg(unsigned number)
{
    return cpu_read(machine->processor.cpu, (enum cpu_register)number);
}

static void press_at_pc13(bool high)
{
    device_signal(&machine->soc->system, WIRE_PIN_DRIVE, 2u << 5 | 13u << 1 | high);
}

static int stop(void **state)
{
    (void)state;
    machine_destroy(machine);
    machine = NULL;
    return 0;
}

static void sleepdeep_enters_the_mode_that_lpms_says(void **state)
{
    (void)state;
    static const uint8_t modes[][2] = {{0, STOP_MODE_STOP},    {1, STOP_MODE_STOP},
                                       {2, STOP_MODE_STOP},    {3, STOP_MODE_STANDBY},
                                       {4, STOP_MODE_SHUTDOWN}};
    for (unsigned i = 0; i < 5; i++) {
        power_on(0x200 | modes[i][0], 0x8000, FLAGS);
        machine_run(machine, PS_PER_MS);

        assert_true(machine->is_asleep);
        assert_int_equal(machine->low_power, modes[i][1]);
        if (i < 4)
            stop(NULL);
    }
}

static void stop_mode_goes_on_after_wfi_on_the_msi(void **state)
{
    (void)state;
    power_on(0x200, 0x8000, FLAGS);
    machine_run(machine, PS_PER_MS);
    assert_int_equal(machine->soc->wires.pclk1_hz, 0); /* peripherals stand still */

    irq_set_enabled(&machine->soc->irq, EXC_IRQ0 + 40, true);
    irq_pend(&machine->soc->irq, EXC_IRQ0 + 40);
    machine_run(machine, 2 * PS_PER_MS);

    assert_true(reg(CPU_R0 + 5) > 0);
    assert_int_equal(machine->low_power, STOP_MODE_LEFT);
    assert_int_equal(machine->soc->wires.pclk1_hz, 4000000);
    assert_int_equal(word_at(SRAM1), 1);
}

static void a_wake_up_pin_ends_standby_with_a_reset_and_sbf(void **state)
{
    (void)state;
    uint32_t mark = 0xCAFEF00D;
    power_on(0x203, 0x8002, FLAGS); /* WKUP2: PC13 rising */
    press_at_pc13(false);
    machine_run(machine, PS_PER_MS);
    assert_true(machine_poke(machine, SRAM2, &mark, 4));

    press_at_pc13(true);
    machine_run(machine, 2 * PS_PER_MS);

    assert_int_equal(resets[RESET_STANDBY], 1);
    assert_int_equal(reg(CPU_R0 + 6), 0x102);     /* SBF, WUF2 */
    assert_int_equal(word_at(SRAM1), 1);      /* the count was lost and began anew */
    assert_int_equal(word_at(SRAM2), 0);
}

static void rrs_keeps_sram2_in_standby(void **state)
{
    (void)state;
    uint32_t mark = 0xCAFEF00D;
    power_on(0x203, 0x8102, FLAGS);
    press_at_pc13(false);
    machine_run(machine, PS_PER_MS);
    assert_true(machine_poke(machine, SRAM2, &mark, 4));

    press_at_pc13(true);
    machine_run(machine, 2 * PS_PER_MS);

    assert_int_equal(word_at(SRAM2), 0xCAFEF00D);
    assert_int_equal(word_at(SRAM1), 1);
}

static void a_flag_left_up_ends_standby_at_once(void **state)
{
    (void)state;
    power_on(0x203, 0x8002, 0);
    press_at_pc13(false);
    machine_run(machine, PS_PER_MS);
    press_at_pc13(true);

    machine_run(machine, 3 * PS_PER_MS); /* nobody clears WUF2 */

    assert_true(resets[RESET_STANDBY] > 10);
}

static void shutdown_ends_with_a_brown_out_reset_and_no_flags(void **state)
{
    (void)state;
    power_on(0x204, 0x8102, FLAGS);
    press_at_pc13(false);
    machine_run(machine, PS_PER_MS);

    press_at_pc13(true);
    machine_run(machine, 2 * PS_PER_MS);

    assert_int_equal(resets[RESET_BROWN_OUT], 1);
    assert_int_equal(reg(CPU_R0 + 6), 0);
    assert_int_equal(word_at(SRAM1), 1);
}

static void an_option_bit_of_0_makes_standby_a_reset(void **state)
{
    (void)state;
    power_on(0x203, 0x8000, FLAGS);
    machine->soc->wires.optr &= ~(1u << 13); /* nRST_STDBY */

    machine_run(machine, PS_PER_MS);

    assert_true(resets[RESET_LOW_POWER] > 0);
    assert_int_equal(resets[RESET_STANDBY], 0);
}

/* In the cells too, for the load that each reset out of a low-power mode does. */
static void clear_option_bit(unsigned bit)
{
    uint8_t options[SOC_OPTION_BYTES];
    soc_option_bytes_save(machine->soc, options);
    options[bit / 8] &= (uint8_t)~(1u << bit % 8);
    options[4 + bit / 8] |= (uint8_t)(1u << bit % 8); /* the complement */
    soc_option_bytes_load(machine->soc, options);
    assert_true(machine_power_on(machine, &error));
}

static void end_the_run_when_asleep(void *context, const struct event *event)
{
    (void)context;
    if (event->kind == EVENT_SLEEP)
        machine_request_stop(machine);
}

/* L4 sheet 2.5: nRST_STOP and its likes. Whoever ends a run when nothing can wake the core (`run`) must
 * not see it asleep. */
static void a_core_that_is_reset_instead_of_sleeping_never_sleeps(void **state)
{
    (void)state;
    for (uint32_t lpms = 0; lpms < 5; lpms++) {
        power_on(0x200 | lpms, 0x8000, FLAGS);
        trace_listen(&machine->soc->trace, end_the_run_when_asleep, NULL);
        clear_option_bit(lpms < 3 ? 12 : lpms == 3 ? 13 : 14);

        assert_int_equal(machine_run(machine, machine_now_ps(machine) + PS_PER_MS),
                         MACHINE_STOP_TIME);

        assert_true(resets[RESET_LOW_POWER] > 0);
        assert_false(machine->is_asleep);
        if (lpms < 4)
            stop(NULL);
    }
}

/* L4 sheet 11.5: with BFB2 the ROM starts bank 2 by the table there, while VTOR stays 0. */
static void with_bfb2_the_first_vectors_are_those_of_bank_2(void **state)
{
    (void)state;
    uint8_t options[SOC_OPTION_BYTES];
    uint32_t vectors[2] = {0x20001000, 0x08000201};
    uint16_t endless = 0xE7FE;
    power_on(0x200, 0x8000, FLAGS);
    soc_option_bytes_save(machine->soc, options);
    options[2] |= 0x10; /* OPTR.BFB2 and its complement */
    options[6] &= 0xEF;
    soc_option_bytes_load(machine->soc, options);
    assert_true(machine_load(machine, 0x08080000, vectors, sizeof vectors));
    assert_true(machine_load(machine, 0x08080200, &endless, sizeof endless));

    assert_true(machine_power_on(machine, &error));
    machine_run(machine, machine_now_ps(machine) + PS_PER_MS);

    assert_int_equal(cpu_current_pc(machine->processor.cpu), 0x08000200);
    assert_int_equal(reg(CPU_MSP), 0x20001000);
    assert_int_equal(machine->soc->control.vtor, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(sleepdeep_enters_the_mode_that_lpms_says, stop),
        cmocka_unit_test_teardown(stop_mode_goes_on_after_wfi_on_the_msi, stop),
        cmocka_unit_test_teardown(a_wake_up_pin_ends_standby_with_a_reset_and_sbf, stop),
        cmocka_unit_test_teardown(rrs_keeps_sram2_in_standby, stop),
        cmocka_unit_test_teardown(a_flag_left_up_ends_standby_at_once, stop),
        cmocka_unit_test_teardown(shutdown_ends_with_a_brown_out_reset_and_no_flags, stop),
        cmocka_unit_test_teardown(an_option_bit_of_0_makes_standby_a_reset, stop),
        cmocka_unit_test_teardown(a_core_that_is_reset_instead_of_sleeping_never_sleeps, stop),
        cmocka_unit_test_teardown(with_bfb2_the_first_vectors_are_those_of_bank_2, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
