/* What is around a chip: crystals, console, boot pin, button, lights. */
#ifndef MODELS_BOARD_H
#define MODELS_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "models/chip.h"

enum { BOARD_PIN_MAX = 16 };

enum board_pin_kind {
    BOARD_LED,    /* an output to be called by name */
    BOARD_BUTTON, /* held at its idle level until someone presses it */
    BOARD_PULL,   /* a resistor to a supply: held at its idle level */
};

struct board_pin {
    const char *name;          /* "LD2", "B1" */
    enum board_pin_kind kind;
    char port;                 /* 'A' to 'I' */
    uint8_t bit;
    bool is_active_high;       /* lit, pressed; for a pull: pulled up */
};

struct board {
    const char *name;          /* "nucleo-l452re" */
    const char *chip;          /* "stm32l452re" */
    const char *source;        /* the manual that says so */
    const char *console;       /* the device that the host's serial line is wired to: "USART2" */
    uint32_t hse_hz;           /* 0: nothing at OSC_IN */
    uint32_t lse_hz;
    uint32_t vdd_mv;
    bool boot0_high;
    bool has_vbat;             /* VBAT has a battery of its own */
    unsigned pin_count;
    struct board_pin pins[BOARD_PIN_MAX];
};

unsigned board_count(void);
const struct board *board_at(unsigned index);
/* NULL when there is no such board. */
const struct board *board_find(const char *name);
/* The board that ships for a chip, or NULL. */
const struct board *board_for_chip(const char *chip);
/* NULL when the board has no pin of that name. */
const struct board_pin *board_pin_find(const struct board *board, const char *name);

/* Wires a chip into a board: once, after soc_create and before its first reset. */
void board_connect(const struct board *board, struct soc *soc);
/* Presses or lets go of a button, from the next instruction on. */
void board_press(const struct board_pin *button, struct soc *soc, bool is_pressed);

#endif
