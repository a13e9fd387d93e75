/* Tests of board.c. */
#include "models/board.h"
#include "models/tests/soc_bench.h"

static void every_board_names_a_chip_and_a_console_of_it(void **state)
{
    (void)state;
    assert_int_equal(board_count(), 5);
    for (unsigned i = 0; i < board_count(); i++) {
        const struct board *board = board_at(i);
        struct soc *soc = power_on(board->chip);

        assert_non_null(soc_device(soc, board->console));
        for (unsigned pin = 0; pin < board->pin_count; pin++) {
            char port[] = {'G', 'P', 'I', 'O', board->pins[pin].port, 0};
            assert_non_null(soc_device(soc, port));
        }
        assert_ptr_equal(board_for_chip(board->chip), board);
        soc_destroy(soc);
    }
}

static void boards_and_pins_are_found_by_name(void **state)
{
    (void)state;
    const struct board *board = board_find("NUCLEO-L476RG");

    assert_non_null(board);
    assert_int_equal(board_pin_find(board, "ld2")->bit, 5);
    assert_null(board_pin_find(board, "LD9"));
    assert_null(board_find("nucleo-x"));
}

/* GPIOC_IDR bit 13 with the pin as a plain input. */
static uint32_t button_level(struct soc *soc)
{
    set_bits(soc, 0x4002104C, 1u << 2);
    clear_bits(soc, 0x48000800, 3u << 26);
    return get(soc, 0x48000810) >> 13 & 1;
}

static void a_nucleo_64_button_is_low_when_pressed(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    const struct board *board = board_find("nucleo-l452re");

    board_connect(board, soc);
    soc_reset(soc, RESET_PIN);

    assert_int_equal(button_level(soc), 1);
    board_press(board_pin_find(board, "B1"), soc, true);
    assert_int_equal(button_level(soc), 0);
    board_press(board_pin_find(board, "B1"), soc, false);
    assert_int_equal(button_level(soc), 1);
    soc_destroy(soc);
}

static void a_nucleo_144_button_is_high_when_pressed(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l496zg");
    const struct board *board = board_find("nucleo-l496zg");

    board_connect(board, soc);

    assert_int_equal(button_level(soc), 0);
    board_press(board_pin_find(board, "B1"), soc, true);
    assert_int_equal(button_level(soc), 1);
    soc_destroy(soc);
}

static void the_board_gives_clocks_and_supplies(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l432kc");
    struct board board = *board_find("nucleo-l432kc");
    board.boot0_high = true;
    board.has_vbat = true;
    board.vdd_mv = 1800;

    board_connect(&board, soc);

    assert_int_equal(soc->wires.board_hse_hz, 0);
    assert_int_equal(soc->wires.board_lse_hz, 32768);
    assert_int_equal(soc->wires.vdd_mv, 1800);
    assert_true(soc->wires.boot0_pin && soc->wires.has_vbat);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_board_names_a_chip_and_a_console_of_it),
        cmocka_unit_test(boards_and_pins_are_found_by_name),
        cmocka_unit_test(a_nucleo_64_button_is_low_when_pressed),
        cmocka_unit_test(a_nucleo_144_button_is_high_when_pressed),
        cmocka_unit_test(the_board_gives_clocks_and_supplies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
