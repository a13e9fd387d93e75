/* USART1-3, UART4/5 and LPUART1 of the STM32L4 and L4+: RM0351 rev 9 chapters 40 and 41, and the
 * chapters of the same names in RM0394 and RM0432. What is modelled and what is not: usart.c. */
#ifndef MODELS_USART_H
#define MODELS_USART_H

#include <stdbool.h>

#include "models/wires.h"
#include "sim/core/device.h"

struct usart_config {
    enum uart_number number; /* its kernel clock, its input and its two DMA requests */
    bool is_lpuart;          /* 256 clocks a bit / BRR, no OVER8, no receiver time-out */
    bool has_fifo;           /* L4+: FIFO mode and PRESC */
};

extern const struct device_type usart_type;

#endif
