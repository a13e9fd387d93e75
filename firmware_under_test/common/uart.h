// Polled console at 115200 baud on the pins of the NUCLEO's virtual COM port: USART2 (PA2/PA3,
// L432: PA2/PA15), on the 144-pin boards LPUART1 (PG7/PG8, which need VDDIO2).
#ifndef COMMON_UART_H
#define COMMON_UART_H

#include <stdint.h>

#include "common/chip.h"
#include "common/regs.h"

#ifdef CONSOLE_LPUART1
#define CONSOLE_BASE LPUART1_BASE
#define CONSOLE_IRQ LPUART1_IRQ
#else
#define CONSOLE_BASE USART2_BASE
#define CONSOLE_IRQ USART2_IRQ
#endif

void uart_init(void);
void uart_byte(char byte);
// %s text, %u decimal, %x hexadecimal without leading zeros, %w hexadecimal word of 8 digits, %%
// itself.
void uart_print(const char *format, ...);
// Waits until the last bit has left: before a reset or sleep.
void uart_flush(void);

#endif
