/* Registers and bits of the USART, as RM0351 rev 9 chapter 40 names and orders them; the FIFO's:
 * RM0432. For usart.c alone. */
#ifndef MODELS_USART_REGS_H
#define MODELS_USART_REGS_H

// clang-format off
enum {
    CR1, CR2, CR3, BRR, GTPR, RTOR, RQR, ISR, ICR, RDR, TDR, PRESC, USART_REG_COUNT
};

/* RM0351 USART_CR1: control register 1. */
#define CR1_UE (1u << 0)
#define CR1_UESM (1u << 1)
#define CR1_RE (1u << 2)
#define CR1_TE (1u << 3)
#define CR1_IDLEIE (1u << 4)
#define CR1_RXNEIE (1u << 5)
#define CR1_TCIE (1u << 6)
#define CR1_TXEIE (1u << 7)
#define CR1_PEIE (1u << 8)
#define CR1_PS (1u << 9)
#define CR1_PCE (1u << 10)
#define CR1_WAKE (1u << 11)
#define CR1_M0 (1u << 12)
#define CR1_MME (1u << 13)
#define CR1_CMIE (1u << 14)
#define CR1_OVER8 (1u << 15)
#define CR1_DEDT_DEAT (0x3FFu << 16)
#define CR1_RTOIE (1u << 26)
#define CR1_EOBIE (1u << 27)
#define CR1_M1 (1u << 28)
#define CR1_FIFOEN (1u << 29)
#define CR1_TXFEIE (1u << 30)
#define CR1_RXFFIE (1u << 31)
/* RM0351 USART_CR2, USART_CR3: control registers 2 and 3. */
#define CR2_STOP_SHIFT 12
#define CR2_STOP (3u << CR2_STOP_SHIFT)
#define CR2_ADD_SHIFT 24
#define CR2_ADD (0xFFu << CR2_ADD_SHIFT)
#define CR3_EIE (1u << 0)
#define CR3_DMAR (1u << 6)
#define CR3_DMAT (1u << 7)
#define CR3_CTSIE (1u << 10)
#define CR3_OVRDIS (1u << 12)
#define CR3_WUFIE (1u << 22)
#define CR3_TXFTIE (1u << 23) /* without FIFO this is UCESM: the clock in Stop */
#define CR3_TCBGTIE (1u << 24)
#define CR3_RXFTCFG_SHIFT 25
#define CR3_RXFTCFG (7u << CR3_RXFTCFG_SHIFT)
#define CR3_RXFTIE (1u << 28)
#define CR3_TXFTCFG_SHIFT 29
#define CR3_TXFTCFG (7u << CR3_TXFTCFG_SHIFT)
/* RM0351 USART_RQR: request register. */
#define RQR_SBKRQ (1u << 1)
#define RQR_RXFRQ (1u << 3)
#define RQR_TXFRQ (1u << 4)
/* RM0351 USART_ISR: interrupt and status register; with a FIFO, RXNE means not empty and TXE not
 * full.
 */
#define ISR_ORE (1u << 3)
#define ISR_IDLE (1u << 4)
#define ISR_RXNE (1u << 5)
#define ISR_TC (1u << 6)
#define ISR_TXE (1u << 7)
#define ISR_BUSY (1u << 16)
#define ISR_CMF (1u << 17)
#define ISR_SBKF (1u << 18)
#define ISR_TEACK (1u << 21)
#define ISR_REACK (1u << 22)
#define ISR_TXFE (1u << 23)
#define ISR_RXFF (1u << 24)
#define ISR_RXFT (1u << 26)
#define ISR_TXFT (1u << 27)
// clang-format on

#endif
