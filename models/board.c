/* The boards that ship, and how a chip is wired into one.
 * Pins: ST's board support packages for NUCLEO-64, NUCLEO-144 and NUCLEO-32. Clocks: UM1724,
 * UM2179, UM1956 [memory]: the 8 MHz at OSC_IN come from the ST-LINK's MCO on the larger boards
 * as delivered [unsure]. */
#include "models/board.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "models/wires.h"

// clang-format off
static const struct board boards[] = {
    {
        .name = "nucleo-l432kc", .chip = "stm32l432kc", .source = "UM1956", .console = "USART2",
        .hse_hz = 0, .lse_hz = 32768, .vdd_mv = 3300,
        .pin_count = 1, .pins = {{"LD3", BOARD_LED, 'B', 3, true}},
    },
    {
        .name = "nucleo-l452re", .chip = "stm32l452re", .source = "UM1724", .console = "USART2",
        .hse_hz = 8000000, .lse_hz = 32768, .vdd_mv = 3300,
        .pin_count = 2, .pins = {{"LD2", BOARD_LED, 'A', 5, true},
                                 {"B1", BOARD_BUTTON, 'C', 13, false}},
    },
    {
        .name = "nucleo-l476rg", .chip = "stm32l476rg", .source = "UM1724", .console = "USART2",
        .hse_hz = 8000000, .lse_hz = 32768, .vdd_mv = 3300,
        .pin_count = 2, .pins = {{"LD2", BOARD_LED, 'A', 5, true},
                                 {"B1", BOARD_BUTTON, 'C', 13, false}},
    },
    {
        .name = "nucleo-l496zg", .chip = "stm32l496zg", .source = "UM2179", .console = "LPUART1",
        .hse_hz = 8000000, .lse_hz = 32768, .vdd_mv = 3300,
        .pin_count = 4, .pins = {{"LD1", BOARD_LED, 'C', 7, true}, {"LD2", BOARD_LED, 'B', 7, true},
                                 {"LD3", BOARD_LED, 'B', 14, true},
                                 {"B1", BOARD_BUTTON, 'C', 13, true}},
    },
    {
        .name = "nucleo-l4r5zi", .chip = "stm32l4r5zi", .source = "UM2179", .console = "LPUART1",
        .hse_hz = 8000000, .lse_hz = 32768, .vdd_mv = 3300,
        .pin_count = 4, .pins = {{"LD1", BOARD_LED, 'C', 7, true}, {"LD2", BOARD_LED, 'B', 7, true},
                                 {"LD3", BOARD_LED, 'B', 14, true},
                                 {"B1", BOARD_BUTTON, 'C', 13, true}},
    },
};
// clang-format on

unsigned board_count(void)
{
    return sizeof boards / sizeof boards[0];
}

const struct board *board_at(unsigned index)
{
    assert(index < board_count());
    return &boards[index];
}

const struct board *board_find(const char *name)
{
    for (unsigned i = 0; i < board_count(); i++)
        if (strcasecmp(boards[i].name, name) == 0)
            return &boards[i];
    return NULL;
}

const struct board *board_for_chip(const char *chip)
{
    for (unsigned i = 0; i < board_count(); i++)
        if (strcasecmp(boards[i].chip, chip) == 0)
            return &boards[i];
    return NULL;
}

const struct board_pin *board_pin_find(const struct board *board, const char *name)
{
    for (unsigned i = 0; i < board->pin_count; i++)
        if (strcasecmp(board->pins[i].name, name) == 0)
            return &board->pins[i];
    return NULL;
}

static void drive(const struct board_pin *pin, struct soc *soc, bool high)
{
    uint32_t port = (uint32_t)(pin->port - 'A');
    device_signal(&soc->system, WIRE_PIN_DRIVE, port << 5 | (uint32_t)pin->bit << 1 | high);
}

void board_connect(const struct board *board, struct soc *soc)
{
    struct wires *wires = &soc->wires;
    wires->board_hse_hz = board->hse_hz;
    wires->board_lse_hz = board->lse_hz;
    wires->vdd_mv = board->vdd_mv;
    wires->boot0_pin = board->boot0_high;
    wires->has_vbat = board->has_vbat;
    for (unsigned i = 0; i < board->pin_count; i++) {
        const struct board_pin *pin = &board->pins[i];
        if (pin->kind == BOARD_BUTTON)
            board_press(pin, soc, false);
        if (pin->kind == BOARD_PULL)
            drive(pin, soc, pin->is_active_high);
    }
}

void board_press(const struct board_pin *button, struct soc *soc, bool is_pressed)
{
    assert(button->kind == BOARD_BUTTON);
    drive(button, soc, is_pressed == button->is_active_high);
}
