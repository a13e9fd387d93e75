// Echoes what the console receives, by interrupt, until Ctrl-D. Overruns are counted and cleared:
// until then the receiver would stay deaf.
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

#define RING_BYTES 64u
#define CTRL_D 0x04

void USART2_IRQHandler(void);
void LPUART1_IRQHandler(void);

static volatile uint8_t ring[RING_BYTES];
static volatile uint32_t head;
static volatile uint32_t overruns;

void USART2_IRQHandler(void)
{
    const uint32_t isr = USART_ISR(CONSOLE_BASE);
    if (isr & ISR_ORE) {
        USART_ICR(CONSOLE_BASE) = ISR_ORE;
        overruns++;
    }
    if (isr & ISR_RXNE) {
        ring[head % RING_BYTES] = (uint8_t)USART_RDR(CONSOLE_BASE);
        head++;
    }
}

__attribute__((alias("USART2_IRQHandler"))) void LPUART1_IRQHandler(void);

int main(void)
{
    uint32_t tail = 0;
    uart_init();
    uart_print("echo, Ctrl-D ends\n");
    USART_CR1(CONSOLE_BASE) |= CR1_RXNEIE;
    NVIC_ISER(CONSOLE_IRQ / 32u) = 1u << CONSOLE_IRQ % 32u;
    for (;;) {
        // Masked between the look and the sleep: WFI wakes all the same, and no byte slips through.
        interrupts_off();
        if (tail == head) {
            wfi();
        }
        interrupts_on();
        while (tail != head) {
            const uint8_t byte = ring[tail % RING_BYTES];
            tail++;
            if (byte == CTRL_D) {
                uart_print("bytes %u, overruns %u\n", tail, overruns);
                finish_pass();
            }
            uart_byte((char)byte);
        }
    }
}
