/* USART, UART and LPUART as an asynchronous serial port, paced at the baud rate that BRR and the
 * kernel clock give. RM0351 rev 9 chapters 40 and 41; the FIFO variant: RM0432, same chapters.
 *
 * Modelled: double-buffered transmission with its idle preamble and breaks, reception from a queue
 * that the outside fills, overrun, idle line, character match, parity bit, FIFO mode, interrupts,
 * DMA requests.
 *
 * The line is clean: PE, FE and NF never rise. The peer is always ready: RTS and CTS only read
 * back. The sender outside waits until the receiver is enabled. Pins are not consulted: a byte
 * leaves whether or not a GPIO is set to the alternate function.
 *
 * Left out, each bit reported when set: synchronous mode, LIN, IrDA, smartcard, half duplex, mute
 * mode, automatic baud rate, receiver time-out, wake-up from Stop, inverted or reversed data. */
#include "models/usart.h"

#include <string.h>

#include "models/rules.h"
#include "models/usart_regs.h"
#include "models/wires.h"
#include "sim/core/reg.h"

/* Flags that ICR clears at their own position; the rest of ICR's flags never rise here. */
#define ICR_CLEARS (ISR_ORE | ISR_IDLE | ISR_TC | ISR_CMF)

enum timer { TIMER_TX, TIMER_RX, TIMER_ACK, TIMER_COUNT };

enum tx_phase { TX_QUIET, TX_PREAMBLE, TX_DATA, TX_BREAK };
enum rx_phase { RX_QUIET, RX_FRAME, RX_IDLE_LINE };

enum {
    FIFO_DEPTH = 8,     /* RM0432 USART: 8 words each way */
    INPUT_BYTES = 4096, /* bytes that the outside wants to send */
    SUBTICKS = 512      /* of a kernel clock, in which frames are counted: exact for the LPUART */
};

struct usart_state {
    uint32_t regs[USART_REG_COUNT]; /* ISR: only what stays until it is cleared */
    uint32_t kernel_hz;             /* as of the last WIRE_CLOCKS */
    uint64_t left[TIMER_COUNT];     /* subticks still to wait when the kernel clock stopped, or 0 */
    uint8_t tx_phase;
    uint8_t rx_phase;
    bool tx_acknowledged; /* TEACK, REACK: TE and RE as the bit clock saw them */
    bool rx_acknowledged;
    bool preamble_wanted; /* TE rose: an idle frame comes first */
    bool break_wanted;
    bool tx_request; /* DMA request levels as last announced */
    bool rx_request;
    uint8_t tx_count; /* words in TDR or the transmit FIFO */
    uint8_t rx_count; /* words in RDR and the receive FIFO */
    uint16_t tx_word[FIFO_DEPTH];
    uint16_t tx_shift;
    uint16_t rx_word[FIFO_DEPTH + 1];
    uint16_t input_first;
    uint16_t input_count;
    uint8_t input[INPUT_BYTES];
};

static struct usart_state *state_of(struct device *device)
{
    return device->state;
}

static const struct usart_config *config_of(const struct device *device)
{
    return device->config;
}

static bool has(const struct usart_state *usart, unsigned reg, uint32_t bits)
{
    return (usart->regs[reg] & bits) == bits;
}

static bool is_fifo_mode(const struct usart_state *usart)
{
    return has(usart, CR1, CR1_FIFOEN);
}

/* ---- Frames and their length ---- */

/* RM0351 USART_CR1: M[1:0] is 00: 8, 01: 9, 10: 7 bits, the parity bit among them. */
static unsigned word_bits(const struct usart_state *usart)
{
    if (has(usart, CR1, CR1_M1))
        return 7;
    return has(usart, CR1, CR1_M0) ? 9 : 8;
}

static unsigned data_bits(const struct usart_state *usart)
{
    return word_bits(usart) - (has(usart, CR1, CR1_PCE) ? 1 : 0);
}

/* RM0351 USART_CR2: STOP is 00: 1, 01: 0.5, 10: 2, 11: 1.5 stop bits; here in halves of a bit. */
static unsigned frame_half_bits(const struct usart_state *usart)
{
    static const uint8_t stop_half_bits[] = {2, 1, 4, 3};
    unsigned stop = (usart->regs[CR2] & CR2_STOP) >> CR2_STOP_SHIFT;
    return 2 + 2 * word_bits(usart) + stop_half_bits[stop];
}

/* RM0351 USART character description: a frame of zeros without its stop bit, and two stop bits. */
static unsigned break_half_bits(const struct usart_state *usart)
{
    return 2 * (2 + word_bits(usart)) + 4;
}

/* RM0432 USART_PRESC: the kernel clock's prescaler (L4+). */
static unsigned prescaler(const struct usart_state *usart)
{
    static const uint16_t divide_by[16] = {1,  2,  4,   6,   8,   10,  12,  16,
                                           32, 64, 128, 256, 256, 256, 256, 256};
    return divide_by[usart->regs[PRESC] & 0xF];
}

/* Half a bit in subticks, 0 when BRR makes no baud rate.
 * RM0351 USART baud rate generation: USARTDIV = BRR, at least 16; with OVER8 the low nibble is
 * shifted right by one and the rate doubles. RM0351 LPUART baud rate generation: the LPUART's bit
 * is BRR / 256 clocks, BRR at least 0x300. */
static uint64_t half_bit_subticks(struct device *device)
{
    const struct usart_state *usart = state_of(device);
    uint64_t brr = usart->regs[BRR];
    if (config_of(device)->is_lpuart)
        return brr < 0x300 ? 0 : brr * prescaler(usart) * SUBTICKS / 2 / 256;
    bool is_over8 = has(usart, CR1, CR1_OVER8);
    uint64_t divider = is_over8 ? (brr & 0xFFF0) | (brr & 7) << 1 : brr;
    if (divider < 16)
        return 0;
    return divider * prescaler(usart) * SUBTICKS / (is_over8 ? 4 : 2);
}

/* ---- Waiting in kernel clocks ---- */

static void wait_subticks(struct device *device, enum timer timer, uint64_t subticks)
{
    struct usart_state *usart = state_of(device);
    usart->left[timer] = 0;
    if (subticks == 0)
        device_assume(device, "USART.no_baud_rate");
    else if (usart->kernel_hz)
        device_schedule(device, timer,
                        device_now_ps(device) +
                            clock_ps_from_cycles(subticks, (uint64_t)usart->kernel_hz * SUBTICKS));
    else
        usart->left[timer] = subticks;
}

static void wait_half_bits(struct device *device, enum timer timer, unsigned half_bits)
{
    wait_subticks(device, timer, half_bits * half_bit_subticks(device));
}

static void stop_waiting(struct device *device, enum timer timer)
{
    state_of(device)->left[timer] = 0;
    device_cancel(device, timer);
}

static uint32_t kernel_hz(const struct device *device)
{
    return device_is_clocked(device) ? device->system->wires->uart_hz[config_of(device)->number]
                                     : 0;
}

/* What is under way goes on at the new kernel clock; with no clock it stands still. */
static void clocks_changed(struct device *device)
{
    struct usart_state *usart = state_of(device);
    uint32_t old_hz = usart->kernel_hz;
    uint32_t new_hz = kernel_hz(device);
    if (new_hz == old_hz)
        return;
    usart->kernel_hz = new_hz;
    for (enum timer timer = 0; timer < TIMER_COUNT; timer++) {
        uint64_t left = usart->left[timer];
        if (device_is_scheduled(device, timer))
            left = clock_cycles_to_reach(device_deadline_ps(device, timer) - device_now_ps(device),
                                         (uint64_t)old_hz * SUBTICKS);
        device_cancel(device, timer);
        if (left)
            wait_subticks(device, timer, left);
    }
}

/* ---- Flags, interrupt, DMA requests ---- */

static unsigned tx_capacity(const struct usart_state *usart)
{
    return is_fifo_mode(usart) ? FIFO_DEPTH : 1;
}

/* RM0432 USART_ISR.RXFF: the receive FIFO and RDR behind it; USART_CR3: OVRDIS bypasses the FIFO.
 */
static unsigned rx_capacity(const struct usart_state *usart)
{
    return is_fifo_mode(usart) && !has(usart, CR3, CR3_OVRDIS) ? FIFO_DEPTH + 1 : 1;
}

/* RM0432 USART_CR3.RXFTCFG: thresholds of 1/8, 1/4, 1/2, 3/4, 7/8 and 8/8 of the FIFO. */
static unsigned fifo_threshold(uint32_t field)
{
    static const uint8_t words[8] = {1, 2, 4, 6, 7, 8, 8, 8};
    return words[field & 7];
}

static uint32_t fifo_flags(const struct usart_state *usart)
{
    uint32_t flags = 0;
    if (usart->tx_count == 0)
        flags |= ISR_TXFE;
    if (usart->rx_count == FIFO_DEPTH + 1)
        flags |= ISR_RXFF;
    if (usart->rx_count >= fifo_threshold(usart->regs[CR3] >> CR3_RXFTCFG_SHIFT))
        flags |= ISR_RXFT;
    if (FIFO_DEPTH - usart->tx_count >= (int)fifo_threshold(usart->regs[CR3] >> CR3_TXFTCFG_SHIFT))
        flags |= ISR_TXFT;
    return flags;
}

static uint32_t status(const struct usart_state *usart)
{
    uint32_t flags = usart->regs[ISR];
    if (usart->rx_count > 0)
        flags |= ISR_RXNE;
    if (usart->tx_count < tx_capacity(usart))
        flags |= ISR_TXE;
    if (usart->rx_phase == RX_FRAME)
        flags |= ISR_BUSY;
    if (usart->break_wanted || usart->tx_phase == TX_BREAK)
        flags |= ISR_SBKF;
    if (usart->tx_acknowledged)
        flags |= ISR_TEACK;
    if (usart->rx_acknowledged)
        flags |= ISR_REACK;
    return is_fifo_mode(usart) ? flags | fifo_flags(usart) : flags;
}

/* RM0351 USART interrupts: which enable bit lets which flags through. */
static bool wants_interrupt(const struct usart_state *usart)
{
    static const struct {
        uint8_t reg;
        uint32_t enable;
        uint32_t flags;
        bool is_fifo_only;
    } sources[] = {
        {CR1, CR1_IDLEIE, ISR_IDLE, false}, {CR1, CR1_RXNEIE, ISR_RXNE | ISR_ORE, false},
        {CR1, CR1_TCIE, ISR_TC, false},     {CR1, CR1_TXEIE, ISR_TXE, false},
        {CR1, CR1_CMIE, ISR_CMF, false},    {CR3, CR3_EIE, ISR_ORE, false},
        {CR1, CR1_TXFEIE, ISR_TXFE, true},  {CR1, CR1_RXFFIE, ISR_RXFF, true},
        {CR3, CR3_TXFTIE, ISR_TXFT, true},  {CR3, CR3_RXFTIE, ISR_RXFT, true},
    };
    uint32_t flags = status(usart);
    for (unsigned i = 0; i < sizeof sources / sizeof sources[0]; i++)
        if (has(usart, sources[i].reg, sources[i].enable) && (flags & sources[i].flags) &&
            (is_fifo_mode(usart) || !sources[i].is_fifo_only))
            return true;
    return false;
}

static void set_request(struct device *device, bool *level, bool wanted, bool is_tx)
{
    if (*level == wanted)
        return;
    *level = wanted;
    unsigned request =
        DMA_REQUEST_USART1_RX + 2 * (unsigned)config_of(device)->number + (is_tx ? 1 : 0);
    device_signal(device->system, WIRE_DMA_REQUEST, request << 1 | wanted);
}

/* To be called after anything changed: drives the interrupt line and the DMA requests. */
static void update_outputs(struct device *device)
{
    struct usart_state *usart = state_of(device);
    uint32_t flags = status(usart);
    bool is_on = has(usart, CR1, CR1_UE);
    device_set_irq(device, wants_interrupt(usart));
    set_request(device, &usart->rx_request,
                is_on && has(usart, CR3, CR3_DMAR) && (flags & ISR_RXNE), false);
    set_request(device, &usart->tx_request, is_on && has(usart, CR3, CR3_DMAT) && (flags & ISR_TXE),
                true);
}

/* ---- Transmitter ---- */

static void start_sending(struct device *device, enum tx_phase phase)
{
    struct usart_state *usart = state_of(device);
    usart->tx_phase = (uint8_t)phase;
    wait_half_bits(device, TIMER_TX,
                   phase == TX_BREAK ? break_half_bits(usart) : frame_half_bits(usart));
}

/* Puts the next thing on the line if it is free: a preamble, a break, a word. */
static void send_next(struct device *device)
{
    struct usart_state *usart = state_of(device);
    if (usart->tx_phase != TX_QUIET || !has(usart, CR1, CR1_UE | CR1_TE))
        return;
    if (usart->preamble_wanted) {
        usart->preamble_wanted = false;
        start_sending(device, TX_PREAMBLE);
    } else if (usart->break_wanted) {
        usart->break_wanted = false;
        start_sending(device, TX_BREAK);
    } else if (usart->tx_count > 0) {
        usart->tx_shift = usart->tx_word[0];
        usart->tx_count--;
        memmove(&usart->tx_word[0], &usart->tx_word[1], usart->tx_count * sizeof usart->tx_word[0]);
        start_sending(device, TX_DATA);
    }
}

static void sent(struct device *device)
{
    struct usart_state *usart = state_of(device);
    if (usart->tx_phase == TX_DATA) {
        uint32_t mask = (1u << data_bits(usart)) - 1;
        device_emit(device, (struct event){.kind = EVENT_CONSOLE,
                                           .addr = device->base + 0x28,
                                           .size = 1,
                                           .value = usart->tx_shift & mask & 0xFF});
    }
    usart->tx_phase = TX_QUIET;
    send_next(device);
    /* RM0351 USART transmitter: TC rises when a frame ends and nothing follows. */
    if (usart->tx_phase == TX_QUIET)
        usart->regs[ISR] |= ISR_TC;
}

/* RM0351 USART transmitter: without TE the word being sent is lost; what is in TDR stays there. */
static void abort_sending(struct device *device)
{
    stop_waiting(device, TIMER_TX);
    state_of(device)->tx_phase = TX_QUIET;
}

static void tdr_write(struct device *device, const struct reg_access *access)
{
    struct usart_state *usart = state_of(device);
    (void)access;
    if (!has(usart, CR1, CR1_UE))
        return;
    bool is_full = usart->tx_count == tx_capacity(usart);
    if (is_full && is_fifo_mode(usart)) {
        /* RM0432 USART_TDR only forbids it. */
        device_assume(device, "USART.write_to_full_fifo_lost");
        return;
    }
    /* RM0351 USART transmitter: a write while TXE is 0 overwrites TDR. */
    if (!is_full)
        usart->tx_count++;
    usart->tx_word[usart->tx_count - 1] = (uint16_t)usart->regs[TDR];
    usart->regs[ISR] &= ~ISR_TC;
    send_next(device);
    update_outputs(device);
}

/* ---- Receiver ---- */

/* The next byte of the outside begins to arrive, if the receiver listens. */
static void receive_next(struct device *device)
{
    struct usart_state *usart = state_of(device);
    bool listens = has(usart, CR1, CR1_UE | CR1_RE) && usart->rx_acknowledged;
    if (!listens || usart->rx_phase == RX_FRAME || usart->input_count == 0)
        return;
    usart->rx_phase = RX_FRAME;
    wait_half_bits(device, TIMER_RX, frame_half_bits(usart));
}

static uint8_t take_input(struct usart_state *usart)
{
    uint8_t byte = usart->input[usart->input_first];
    usart->input_first = (uint16_t)((usart->input_first + 1) % INPUT_BYTES);
    usart->input_count--;
    return byte;
}

static void add_input(struct device *device, uint8_t byte)
{
    struct usart_state *usart = state_of(device);
    if (usart->input_count == INPUT_BYTES) {
        device_assume(device, "USART.input_queue_full");
        return;
    }
    usart->input[(usart->input_first + usart->input_count++) % INPUT_BYTES] = byte;
    receive_next(device);
}

/* RM0351 USART receiver: the word's top bit, in RDR too. The peer sends it right. */
static uint16_t with_parity(const struct usart_state *usart, uint32_t data)
{
    if (!has(usart, CR1, CR1_PCE))
        return (uint16_t)data;
    bool is_odd = __builtin_parity(data) != 0;
    bool parity_bit = is_odd != has(usart, CR1, CR1_PS);
    return (uint16_t)(data | (uint32_t)parity_bit << data_bits(usart));
}

static void store_word(struct device *device, uint16_t word)
{
    struct usart_state *usart = state_of(device);
    bool is_full = usart->rx_count == rx_capacity(usart);
    if (is_full && !has(usart, CR3, CR3_OVRDIS)) {
        /* RM0351 USART receiver: RDR keeps its word, the new one is lost. */
        usart->regs[ISR] |= ISR_ORE;
        return;
    }
    if (has(usart, ISR, ISR_ORE) &&
        !rule_is_on(device->system->wires, RULE_USART_ORE_KEEPS_RECEIVING)) {
        /* MEASURED (libopencm3 #918), boot sheet 12: no RXNE before ORE was cleared. */
        device_assume(device, "USART.ore_blocks_reception");
        return;
    }
    if (!is_full)
        usart->rx_count++;
    usart->rx_word[usart->rx_count - 1] = word;
}

static void received(struct device *device)
{
    struct usart_state *usart = state_of(device);
    uint8_t byte = take_input(usart);
    uint32_t mask = (1u << data_bits(usart)) - 1;
    device_emit(device, (struct event){.kind = EVENT_CONSOLE_IN,
                                       .addr = device->base + 0x24,
                                       .size = 1,
                                       .value = byte});
    store_word(device, with_parity(usart, byte & mask));
    if (((byte ^ (usart->regs[CR2] >> CR2_ADD_SHIFT)) & mask & 0xFF) == 0)
        usart->regs[ISR] |= ISR_CMF;
    usart->rx_phase = RX_QUIET;
    receive_next(device);
    if (usart->rx_phase == RX_QUIET) {
        /* RM0351 USART receiver: an idle line is a whole frame of ones after a word. */
        usart->rx_phase = RX_IDLE_LINE;
        wait_half_bits(device, TIMER_RX, frame_half_bits(usart));
    }
}

/* A word that is on its way is lost; what the outside has not begun to send waits. */
static void stop_receiving(struct device *device)
{
    struct usart_state *usart = state_of(device);
    stop_waiting(device, TIMER_RX);
    if (usart->rx_phase == RX_FRAME)
        take_input(usart);
    usart->rx_phase = RX_QUIET;
}

static uint32_t rdr_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    struct usart_state *usart = state_of(device);
    if (usart->rx_count == 0)
        return value;
    access->result->is_time_dependent = true;
    value = usart->rx_word[0];
    usart->regs[RDR] = value;
    usart->rx_count--;
    memmove(&usart->rx_word[0], &usart->rx_word[1], usart->rx_count * sizeof usart->rx_word[0]);
    update_outputs(device);
    return value;
}

/* ---- Control registers ---- */

/* RM0351 USART_CR1: without UE everything stops at once and the flags of ISR are reset. */
static void switch_off(struct device *device)
{
    struct usart_state *usart = state_of(device);
    stop_receiving(device);
    abort_sending(device);
    stop_waiting(device, TIMER_ACK);
    usart->tx_count = usart->rx_count = 0;
    usart->tx_acknowledged = usart->rx_acknowledged = false;
    usart->preamble_wanted = usart->break_wanted = false;
    usart->regs[ISR] = ISR_TC;
}

/* TE and RE are seen by the bit clock, one bit later (the delay is ASSUMED). */
static void acknowledge(struct device *device)
{
    struct usart_state *usart = state_of(device);
    usart->tx_acknowledged = has(usart, CR1, CR1_TE);
    usart->rx_acknowledged = has(usart, CR1, CR1_RE);
    if (!usart->tx_acknowledged)
        abort_sending(device);
    receive_next(device);
}

static void ask_for_acknowledge(struct device *device)
{
    struct usart_state *usart = state_of(device);
    bool is_settled = usart->tx_acknowledged == has(usart, CR1, CR1_TE) &&
                      usart->rx_acknowledged == has(usart, CR1, CR1_RE);
    bool is_waiting = device_is_scheduled(device, TIMER_ACK) || usart->left[TIMER_ACK];
    if (is_settled)
        stop_waiting(device, TIMER_ACK);
    else if (!is_waiting)
        wait_half_bits(device, TIMER_ACK, 2);
}

/* RM0351 USART registers: these bits "can only be written when the USART is disabled". That the
 * hardware ignores the write, rather than trusting the software, is ASSUMED. */
static void keep_locked(struct device *device, const struct reg_access *access, bool is_enabled,
                        uint32_t locked)
{
    uint32_t *value = &state_of(device)->regs[access->index];
    if (!is_enabled || !((*value ^ access->old) & locked))
        return;
    device_assume(device, "USART.locked_while_enabled");
    *value = (*value & ~locked) | (access->old & locked);
}

static void cr1_write(struct device *device, const struct reg_access *access)
{
    struct usart_state *usart = state_of(device);
    bool was_enabled = access->old & CR1_UE;
    bool is_enabled = has(usart, CR1, CR1_UE);
    keep_locked(device, access, was_enabled && is_enabled,
                CR1_M0 | CR1_M1 | CR1_PCE | CR1_PS | CR1_WAKE | CR1_OVER8 | CR1_DEDT_DEAT |
                    CR1_FIFOEN);
    if (was_enabled && !is_enabled)
        switch_off(device);
    if (is_enabled) {
        bool was_sender = was_enabled && (access->old & CR1_TE);
        /* RM0351 USART transmitter: setting TE sends an idle frame first. */
        if (!was_sender && has(usart, CR1, CR1_TE))
            usart->preamble_wanted = true;
        if (!has(usart, CR1, CR1_RE))
            stop_receiving(device);
        ask_for_acknowledge(device);
        send_next(device);
    }
    update_outputs(device);
}

static void cr2_write(struct device *device, const struct reg_access *access)
{
    keep_locked(device, access, has(state_of(device), CR1, CR1_UE), ~CR2_ADD);
}

static void cr3_write(struct device *device, const struct reg_access *access)
{
    keep_locked(device, access, has(state_of(device), CR1, CR1_UE), 0x003EFB3E);
    update_outputs(device);
}

static void divider_write(struct device *device, const struct reg_access *access)
{
    keep_locked(device, access, has(state_of(device), CR1, CR1_UE), 0xFFFFFFFF);
}

static void rqr_write(struct device *device, const struct reg_access *access)
{
    struct usart_state *usart = state_of(device);
    uint32_t wanted = usart->regs[RQR];
    (void)access;
    usart->regs[RQR] = 0;
    if (wanted & RQR_RXFRQ)
        usart->rx_count = 0;
    if (wanted & RQR_TXFRQ)
        usart->tx_count = 0;
    if ((wanted & RQR_SBKRQ) && has(usart, CR1, CR1_UE | CR1_TE)) {
        usart->break_wanted = true;
        send_next(device);
    }
    update_outputs(device);
}

static void icr_write(struct device *device, const struct reg_access *access)
{
    struct usart_state *usart = state_of(device);
    (void)access;
    usart->regs[ISR] &= ~(usart->regs[ICR] & ICR_CLEARS);
    usart->regs[ICR] = 0;
    update_outputs(device);
}

static uint32_t isr_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    (void)access;
    (void)value;
    return status(state_of(device));
}

// clang-format off
static const struct reg regs[USART_REG_COUNT] = {
    [CR1] = { .name = "CR1", .offset = 0x00,
              .rw = CR1_UE | CR1_RE | CR1_TE | CR1_IDLEIE | CR1_RXNEIE | CR1_TCIE | CR1_TXEIE |
                    CR1_PS | CR1_PCE | CR1_M0 | CR1_CMIE | CR1_OVER8 | CR1_M1 | CR1_FIFOEN |
                    CR1_TXFEIE | CR1_RXFFIE,
              .storage = CR1_PEIE | CR1_WAKE | CR1_DEDT_DEAT | CR1_RTOIE | CR1_EOBIE,
              .unimp = CR1_UESM | CR1_MME, .on_write = cr1_write },
    /* Storage: ADDM7, SWAP; LBDL, LBDIE, LBCL, CPHA, CPOL serve only what is unimplemented. */
    [CR2] = { .name = "CR2", .offset = 0x04, .rw = CR2_STOP | CR2_ADD, .storage = 0x00008770,
              .unimp = 0x00FF4809, .on_write = cr2_write },
    /* Storage: IRLP, NACK, RTSE, CTSE, CTSIE, ONEBIT, DDRE, DEM, DEP, SCARCNT, WUS, WUFIE. */
    [CR3] = { .name = "CR3", .offset = 0x08,
              .rw = CR3_EIE | CR3_DMAR | CR3_DMAT | CR3_OVRDIS | CR3_TXFTIE | CR3_RXFTCFG |
                    CR3_RXFTIE | CR3_TXFTCFG,
              .storage = 0x007EEF14, .unimp = 0x0000002A | CR3_TCBGTIE, .on_write = cr3_write },
    [BRR] = { .name = "BRR", .offset = 0x0C, .rw = 0x000FFFFF, .on_write = divider_write },
    [GTPR] = { .name = "GTPR", .offset = 0x10, .storage = 0x0000FFFF },
    [RTOR] = { .name = "RTOR", .offset = 0x14, .storage = 0xFFFFFFFF },
    [RQR] = { .name = "RQR", .offset = 0x18, .rw = RQR_SBKRQ | RQR_RXFRQ | RQR_TXFRQ,
              .unimp = 1u << 0 | 1u << 2, .write_only = 0xFFFFFFFF, .on_write = rqr_write },
    [ISR] = { .name = "ISR", .offset = 0x1C, .reset = ISR_TC, .on_read = isr_read },
    /* Storage: flags that never rise here. Unimplemented: TXFECF. */
    [ICR] = { .name = "ICR", .offset = 0x20, .rw = ICR_CLEARS, .storage = 0x00103B87,
              .unimp = 1u << 5, .write_only = 0xFFFFFFFF, .on_write = icr_write },
    [RDR] = { .name = "RDR", .offset = 0x24, .on_read = rdr_read },
    [TDR] = { .name = "TDR", .offset = 0x28, .rw = 0x000001FF, .on_write = tdr_write },
    [PRESC] = { .name = "PRESC", .offset = 0x2C, .rw = 0x0000000F, .on_write = divider_write },
};

/* Bits of the table above that one of the variants does not have. */
static const uint32_t absent_in_usart[USART_REG_COUNT] = { [BRR] = 0x000F0000 };
static const uint32_t absent_in_lpuart[USART_REG_COUNT] = {
    [CR1] = CR1_OVER8 | CR1_RTOIE | CR1_EOBIE, [CR2] = 0x00F04F69, [CR3] = 0x010E0836,
    [GTPR] = 0xFFFFFFFF, [RTOR] = 0xFFFFFFFF, [RQR] = 1u << 0,
};
static const uint32_t absent_without_fifo[USART_REG_COUNT] = {
    [CR1] = CR1_FIFOEN | CR1_TXFEIE | CR1_RXFFIE, [CR2] = 0x00000009,
    [CR3] = CR3_RXFTCFG | CR3_RXFTIE | CR3_TXFTCFG, [ICR] = 1u << 5,
};
// clang-format on

/* PRESC comes with the FIFO. */
static struct reg_block block_of(const struct device *device)
{
    return (struct reg_block){regs, config_of(device)->has_fifo ? USART_REG_COUNT : PRESC};
}

static uint32_t absent_bits(const struct device *device, uint32_t offset)
{
    const struct reg_block block = block_of(device);
    int reg = reg_find(&block, offset & ~3u);
    if (reg < 0)
        return 0;
    uint32_t absent = config_of(device)->is_lpuart ? absent_in_lpuart[reg] : absent_in_usart[reg];
    return config_of(device)->has_fifo ? absent : absent | absent_without_fifo[reg];
}

/* ---- What the bus and the machine call ---- */

static void usart_reset(struct device *device, enum reset_cause cause)
{
    struct usart_state *usart = state_of(device);
    const struct reg_block block = block_of(device);
    switch_off(device);
    reg_reset(&block, usart->regs, cause);
    usart->kernel_hz = kernel_hz(device);
    if (cause == RESET_POWER_ON)
        usart->input_count = 0;
    update_outputs(device);
}

static void usart_read(struct device *device, const struct access *access,
                       struct access_result *result)
{
    const struct reg_block block = block_of(device);
    reg_read(device, &block, state_of(device)->regs, access, result);
}

static void usart_write(struct device *device, const struct access *access,
                        struct access_result *result)
{
    const struct reg_block block = block_of(device);
    struct access present = *access;
    present.value &= ~(absent_bits(device, access->offset) >> (8 * (access->offset & 3)));
    reg_write(device, &block, state_of(device)->regs, &present, result);
}

static void usart_expired(struct device *device, unsigned timer)
{
    struct usart_state *usart = state_of(device);
    if (timer == TIMER_TX) {
        sent(device);
    } else if (timer == TIMER_ACK) {
        acknowledge(device);
    } else if (usart->rx_phase == RX_IDLE_LINE) {
        usart->rx_phase = RX_QUIET;
        usart->regs[ISR] |= ISR_IDLE;
    } else {
        received(device);
    }
    update_outputs(device);
}

static void usart_signal(struct device *device, unsigned line, uint32_t value)
{
    if (line == WIRE_CLOCKS) {
        clocks_changed(device);
    } else if (line == WIRE_UART_INPUT && value >> 8 == (uint32_t)config_of(device)->number) {
        add_input(device, (uint8_t)value);
        update_outputs(device);
    }
}

const struct device_type usart_type = {
    .name = "usart",
    .state_bytes = sizeof(struct usart_state),
    .timer_count = TIMER_COUNT,
    .reset = usart_reset,
    .read = usart_read,
    .write = usart_write,
    .expired = usart_expired,
    .signal = usart_signal,
};
