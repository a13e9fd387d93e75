/* Tests of press.c: what `--press` understands, and that buttons go down and up when it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sim/press.h"

static struct press_list list;
static struct error error;

static struct soc *on_nucleo(void)
{
    struct soc *soc = NULL;
    assert_true(soc_create(&soc, chip_find("stm32l476rg"), &error));
    board_connect(board_find("nucleo-l476rg"), soc);
    soc_reset(soc, RESET_POWER_ON);
    return soc;
}

/* PC13 as an input without a pull: GPIOC_IDR. */
static bool button_level(struct soc *soc)
{
    static const struct {
        uint32_t addr, value;
    } writes[] = {{0x4002104C, 1u << 2}, {0x48000800, 0xF3FFFFFF}};
    struct access_result result;
    for (unsigned i = 0; i < 2; i++) {
        struct access write = {.addr = writes[i].addr, .size = 4, .is_write = true,
                               .value = writes[i].value, .is_privileged = true};
        bus_access(&soc->bus, &write, &result);
    }
    struct access read = {.addr = 0x48000810, .size = 4, .is_privileged = true};
    bus_access(&soc->bus, &read, &result);
    return result.value >> 13 & 1;
}

static int start(void **state)
{
    (void)state;
    memset(&list, 0, sizeof list);
    return 0;
}

static void a_button_is_down_from_its_time_to_the_end_of_its_hold(void **state)
{
    (void)state;
    struct soc *soc = on_nucleo();
    assert_true(press_parse(&list, "B1@2s+500ms", &error));
    assert_true(press_find_buttons(&list, board_find("nucleo-l476rg"), &error));

    press_act(&list, soc, 2 * PS_PER_S - 1);
    assert_true(button_level(soc)); /* UM1724: B1 pulls PC13 low */
    assert_true(press_next_ps(&list) == 2 * PS_PER_S);
    press_act(&list, soc, 2 * PS_PER_S);
    assert_false(button_level(soc));
    assert_true(press_next_ps(&list) == 2500 * PS_PER_MS);
    press_act(&list, soc, 2500 * PS_PER_MS);

    assert_true(button_level(soc));
    assert_true(press_next_ps(&list) == CLOCK_NEVER);
    soc_destroy(soc);
}

static void a_press_without_a_hold_lasts_a_tenth_of_a_second(void **state)
{
    (void)state;
    assert_true(press_parse(&list, "b1@1ms", &error));

    assert_true(list.press[0].at_ps == PS_PER_MS);
    assert_true(list.press[0].hold_ps == 100 * PS_PER_MS);
}

static void what_is_no_press_is_refused_with_an_example(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "B1", "@1s", "B1@", "B1@1s+", "B1@1x", "B1@1s+1"};

    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(press_parse(&list, wrong[i], &error));
        assert_non_null(strstr(error.text, "B1@2s"));
    }
    assert_int_equal(list.count, 0);
}

static void what_is_out_of_range_is_not_called_malformed(void **state)
{
    (void)state;
    assert_false(press_parse(&list, "a_name_that_is_too_long_for_any_button@1s", &error));
    assert_non_null(strstr(error.text, "so long a name"));
    assert_false(press_parse(&list, "B1@8640001s", &error));
    assert_non_null(strstr(error.text, "8640001s: too long: at most 8640000s"));
    assert_false(press_parse(&list, "B1@1s+8640001s", &error));
    assert_non_null(strstr(error.text, "8640001s: too long"));
    assert_false(press_parse(&list, "B1@1s+0s", &error));
    assert_non_null(strstr(error.text, "0s: too short"));
    assert_int_equal(list.count, 0);
}

static void a_button_may_be_down_when_power_comes(void **state)
{
    (void)state;
    struct soc *soc = on_nucleo();
    assert_true(press_parse(&list, "B1@0s+5ms", &error));
    assert_true(press_find_buttons(&list, board_find("nucleo-l476rg"), &error));

    press_act(&list, soc, 0);

    assert_false(button_level(soc));
    assert_true(press_next_ps(&list) == 5 * PS_PER_MS);
    soc_destroy(soc);
}

static void a_light_or_an_unknown_name_is_no_button(void **state)
{
    (void)state;
    assert_true(press_parse(&list, "LD2@1s", &error));
    assert_false(press_find_buttons(&list, board_find("nucleo-l476rg"), &error));
    assert_non_null(strstr(error.text, "LD2: nucleo-l476rg has no button of this name, but B1"));

    memset(&list, 0, sizeof list);
    assert_true(press_parse(&list, "B1@1s", &error));
    assert_false(press_find_buttons(&list, board_find("nucleo-l432kc"), &error));
    assert_non_null(strstr(error.text, "nucleo-l432kc"));
}

static void there_is_room_for_thirty_two_presses_and_no_more(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 32; i++)
        assert_true(press_parse(&list, "B1@1s", &error));

    assert_false(press_parse(&list, "B1@1s", &error));
    assert_non_null(strstr(error.text, "32"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_button_is_down_from_its_time_to_the_end_of_its_hold, start),
        cmocka_unit_test_setup(a_press_without_a_hold_lasts_a_tenth_of_a_second, start),
        cmocka_unit_test_setup(what_is_no_press_is_refused_with_an_example, start),
        cmocka_unit_test_setup(what_is_out_of_range_is_not_called_malformed, start),
        cmocka_unit_test_setup(a_button_may_be_down_when_power_comes, start),
        cmocka_unit_test_setup(a_light_or_an_unknown_name_is_no_button, start),
        cmocka_unit_test_setup(there_is_room_for_thirty_two_presses_and_no_more, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
