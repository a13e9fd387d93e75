/* Tests of usart.c. Offsets and bits are those of the RM0351 USART registers, written as numbers.
 */
#include "models/tests/peripheral_bench.h"

#include "models/rules.h"
#include "models/usart.h"

enum { BASE = 0x40004400, IRQ = 38 };
enum {
    CR1 = BASE,
    CR2 = BASE + 0x04,
    CR3 = BASE + 0x08,
    BRR = BASE + 0x0C,
    RQR = BASE + 0x18,
    ISR = BASE + 0x1C,
    ICR = BASE + 0x20,
    RDR = BASE + 0x24,
    TDR = BASE + 0x28,
    PRESC = BASE + 0x2C
};
enum { UE = 1 << 0, RE = 1 << 2, TE = 1 << 3, RXNEIE = 1 << 5, TXEIE = 1 << 7 };
enum {
    ORE = 1 << 3,
    IDLE = 1 << 4,
    RXNE = 1 << 5,
    TC = 1 << 6,
    TXE = 1 << 7,
    BUSY = 1 << 16,
    TEACK = 1 << 21,
    REACK = 1 << 22
};

/* 4 MHz / 40 = 100 kbit/s: a bit is 10 us, a frame of ten bits 100 us. */
#define BIT_PS (10 * PS_PER_US)
#define FRAME_PS (10 * BIT_PS)

static const struct usart_config usart2 = {.number = UART_USART2};
static const struct usart_config usart2_with_fifo = {.number = UART_USART2, .has_fifo = true};
static const struct usart_config lpuart1 = {.number = UART_LPUART1, .is_lpuart = true};

static struct bench *create(const struct usart_config *config)
{
    struct bench *bench = bench_create();
    bench->wires.uart_hz[config->number] = 4000000;
    bench_add(bench, &usart_type, "USART2", BASE, IRQ, config);
    return bench;
}

/* Enabled at 100 kbit/s, the preamble sent, both directions acknowledged. */
static struct bench *create_running(const struct usart_config *config, uint32_t extra_cr1)
{
    struct bench *bench = create(config);
    bench_write(bench, BRR, 40);
    bench_write(bench, CR1, extra_cr1 | RE | TE | UE);
    bench_run(bench, 2 * FRAME_PS);
    return bench;
}

static void send_from_outside(struct bench *bench, uint8_t byte)
{
    device_signal(&bench->system, WIRE_UART_INPUT, (uint32_t)UART_USART2 << 8 | byte);
}

static void change_kernel_clock(struct bench *bench, uint32_t hz)
{
    bench->wires.uart_hz[UART_USART2] = hz;
    device_signal(&bench->system, WIRE_CLOCKS, hz);
}

/* ---- The litany ---- */

static void registers_have_their_reset_values(void **unused)
{
    (void)unused;
    struct bench *bench = create(&usart2);

    for (uint32_t addr = CR1; addr <= TDR; addr += 4)
        assert_int_equal(bench_read(bench, addr), addr == ISR ? 0x000000C0 : 0);

    bench_destroy(bench);
}

static void reserved_bits_hold(void **unused)
{
    (void)unused;
    struct bench *bench = create(&usart2);

    bench_write(bench, CR1, 0xFFFFFFFE);
    bench_write(bench, CR2, 0xFFFFFFFF);
    bench_write(bench, CR3, 0xFFFFFFFF);
    bench_write(bench, BRR, 0xFFFFFFFF);

    assert_int_equal(bench_read(bench, CR1), 0x1FFFFFFE);
    assert_int_equal(bench_read(bench, CR2), 0xFFFFFF70);
    assert_int_equal(bench_read(bench, CR3), 0x01FEFFFF);
    assert_int_equal(bench_read(bench, BRR), 0x0000FFFF);
    bench_destroy(bench);
}

static void lpuart_has_a_20_bit_divider_and_no_smartcard_bits(void **unused)
{
    (void)unused;
    struct bench *bench = create(&lpuart1);

    bench_write(bench, CR1, 0xFFFFFFFE);
    bench_write(bench, CR2, 0xFFFFFFFF);
    bench_write(bench, CR3, 0xFFFFFFFF);
    bench_write(bench, BRR, 0xFFFFFFFF);
    bench_write(bench, BASE + 0x14, 0xFFFFFFFF);

    assert_int_equal(bench_read(bench, CR1), 0x13FF7FFE);
    assert_int_equal(bench_read(bench, CR2), 0xFF0FB010);
    assert_int_equal(bench_read(bench, CR3), 0x00F0F7C9);
    assert_int_equal(bench_read(bench, BRR), 0x000FFFFF);
    assert_int_equal(bench_read(bench, BASE + 0x14), 0);
    bench_destroy(bench);
}

static void missing_effects_are_reported_by_name(void **unused)
{
    (void)unused;
    struct bench *bench = create(&usart2);

    bench_write(bench, CR3, 1 << 3);

    struct event event = bench_last(bench, EVENT_REG_UNIMPLEMENTED);
    assert_string_equal(event.unit, "USART2");
    assert_string_equal(event.rule, "CR3");
    assert_int_equal(event.value, 1 << 3);
    bench_destroy(bench);
}

static void prescaler_register_exists_only_with_the_fifo(void **unused)
{
    (void)unused;
    struct bench *plain = create(&usart2);
    struct bench *with_fifo = create(&usart2_with_fifo);

    bench_write(plain, PRESC, 3);
    bench_write(with_fifo, PRESC, 3);

    assert_int_equal(bench_read(plain, PRESC), 0);
    assert_int_equal(bench_count_rule(plain, "REG.reserved_offset"), 2);
    assert_int_equal(bench_read(with_fifo, PRESC), 3);
    bench_destroy(plain);
    bench_destroy(with_fifo);
}

static void frame_format_is_locked_while_enabled(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2, 0);

    bench_write(bench, BRR, 80);
    bench_write(bench, CR1, 1 << 12 | UE | RE | TE);

    assert_int_equal(bench_read(bench, BRR), 40);
    assert_int_equal(bench_read(bench, CR1), UE | RE | TE);
    assert_int_equal(bench_count_rule(bench, "USART.locked_while_enabled"), 2);
    bench_destroy(bench);
}

static void reset_stops_everything(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2, TXEIE);
    bench_write(bench, TDR, 'a');
    assert_true(bench_irq_is_high(bench, IRQ));

    bench->devices[0].type->reset(&bench->devices[0], RESET_SYSTEM);
    bench_run(bench, 10 * FRAME_PS);

    assert_false(bench_irq_is_high(bench, IRQ));
    assert_int_equal(bench_read(bench, ISR), 0xC0);
    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 0);
    bench_destroy(bench);
}

/* ---- Transmission ---- */

static void a_byte_takes_ten_bit_times_to_leave(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2, 0);

    bench_write(bench, TDR, 'a');
    bench_run(bench, FRAME_PS - 1);
    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 0);
    assert_int_equal(bench_read(bench, ISR) & TC, 0);

    bench_run(bench, 1);
    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 1);
    assert_int_equal(bench_last(bench, EVENT_CONSOLE).value, 'a');
    assert_string_equal(bench_last(bench, EVENT_CONSOLE).unit, "USART2");
    assert_int_equal(bench_read(bench, ISR) & TC, TC);
    bench_destroy(bench);
}

static void second_byte_waits_in_tdr(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2, 0);

    bench_write(bench, TDR, 'a');
    assert_int_equal(bench_read(bench, ISR) & TXE, TXE);
    bench_write(bench, TDR, 'b');
    assert_int_equal(bench_read(bench, ISR) & TXE, 0);
    bench_run(bench, FRAME_PS);

    assert_int_equal(bench_read(bench, ISR) & (TXE | TC), TXE);
    bench_run(bench, FRAME_PS);
    assert_int_equal(bench_last(bench, EVENT_CONSOLE).value, 'b');
    assert_int_equal(bench_read(bench, ISR) & (TXE | TC), TXE | TC);
    bench_destroy(bench);
}

static void write_while_tdr_is_full_overwrites_it(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2, 0);

    bench_write(bench, TDR, 'a');
    bench_write(bench, TDR, 'b');
    bench_write(bench, TDR, 'c');
    bench_run(bench, 10 * FRAME_PS);

    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 2);
    assert_int_equal(bench_last(bench, EVENT_CONSOLE).value, 'c');
    bench_destroy(bench);
}

static void setting_te_sends_an_idle_frame_first(void **unused)
{
    (void)unused;
    struct bench *bench = create(&usart2);
    bench_write(bench, BRR, 40);

    bench_write(bench, CR1, UE | TE);
    bench_write(bench, TDR, 'a');
    bench_run(bench, 2 * FRAME_PS - 1);
    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 0);

    bench_run(bench, 1);
    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 1);
    bench_destroy(bench);
}

static void acknowledge_flags_follow_a_bit_time_later(void **unused)
{
    (void)unused;
    struct bench *bench = create(&usart2);
    bench_write(bench, BRR, 40);

    bench_write(bench, CR1, UE | TE | RE);
    bench_run(bench, BIT_PS - 1);
    assert_int_equal(bench_read(bench, ISR) & (TEACK | REACK), 0);

    bench_run(bench, 1);
    assert_int_equal(bench_read(bench, ISR) & (TEACK | REACK), TEACK | REACK);
    bench_destroy(bench);
}

static uint64_t frame_duration_ps(const struct usart_config *config, uint32_t cr1, uint32_t cr2,
                                  uint32_t brr, uint32_t presc)
{
    struct bench *bench = create(config);
    bench_write(bench, CR2, cr2);
    bench_write(bench, BRR, brr);
    if (config->has_fifo)
        bench_write(bench, PRESC, presc);
    bench_write(bench, CR1, cr1 | UE | TE);
    bench_run(bench, PS_PER_S);
    bench_write(bench, TDR, 'x');
    uint64_t start_ps = bench->clock.now_ps;
    bench_run(bench, PS_PER_S);
    uint64_t end_ps = bench_last(bench, EVENT_CONSOLE).t_ps;
    bench_destroy(bench);
    return end_ps - start_ps;
}

static void frame_length_follows_word_stop_and_divider(void **unused)
{
    (void)unused;
    enum { M0 = 1 << 12, M1 = 1 << 28, OVER8 = 1 << 15 };

    assert_int_equal(frame_duration_ps(&usart2, 0, 0, 40, 0), 10 * BIT_PS);
    assert_int_equal(frame_duration_ps(&usart2, M0, 0, 40, 0), 11 * BIT_PS);
    assert_int_equal(frame_duration_ps(&usart2, M1, 0, 40, 0), 9 * BIT_PS);
    assert_int_equal(frame_duration_ps(&usart2, 0, 2 << 12, 40, 0), 11 * BIT_PS);
    assert_int_equal(frame_duration_ps(&usart2, 0, 1 << 12, 40, 0), 19 * BIT_PS / 2);
    assert_int_equal(frame_duration_ps(&usart2, 0, 3 << 12, 40, 0), 21 * BIT_PS / 2);
    /* OVER8: USARTDIV 0x50 = 80 is BRR 0x50, 0x5A is 0x55; the rate is 2 * 4 MHz / USARTDIV. */
    assert_int_equal(frame_duration_ps(&usart2, OVER8, 0, 0x50, 0), 10 * BIT_PS);
    assert_int_equal(frame_duration_ps(&usart2, OVER8, 0, 0x55, 0), 10 * BIT_PS * 90 / 80);
    /* PRESC 3 divides by 6, 11 by 256. */
    assert_int_equal(frame_duration_ps(&usart2_with_fifo, 0, 0, 40, 3), 60 * BIT_PS);
    assert_int_equal(frame_duration_ps(&usart2_with_fifo, 0, 0, 40, 11), 2560 * BIT_PS);
    /* LPUART: 256 * 4 MHz / 100 kbit/s = 10240. */
    assert_int_equal(frame_duration_ps(&lpuart1, 0, 0, 10240, 0), 10 * BIT_PS);
}

static void a_divider_below_16_moves_nothing(void **unused)
{
    (void)unused;
    struct bench *bench = create(&usart2);
    bench_write(bench, BRR, 15);

    bench_write(bench, CR1, UE | TE);
    bench_write(bench, TDR, 'a');
    bench_run(bench, PS_PER_S);

    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 0);
    assert_int_equal(bench_read(bench, ISR) & (TEACK | TC), 0);
    assert_true(bench_count_rule(bench, "USART.no_baud_rate") > 0);
    bench_destroy(bench);
}

static void an_lpuart_divider_below_768_moves_nothing(void **unused)
{
    (void)unused;
    struct bench *bench = create(&lpuart1);
    bench_write(bench, BRR, 0x2FF);

    bench_write(bench, CR1, UE | TE);
    bench_run(bench, PS_PER_S);

    assert_int_equal(bench_read(bench, ISR) & TEACK, 0);
    assert_true(bench_count_rule(bench, "USART.no_baud_rate") > 0);
    bench_destroy(bench);
}

static void nothing_moves_without_a_kernel_clock_and_goes_on_with_one(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2, 0);
    bench_write(bench, TDR, 'a');
    bench_run(bench, 3 * BIT_PS);

    change_kernel_clock(bench, 0);
    bench_run(bench, PS_PER_S);
    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 0);

    /* Seven bits are left, at half the speed. */
    change_kernel_clock(bench, 2000000);
    bench_run(bench, 14 * BIT_PS - 1);
    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 0);
    bench_run(bench, 1);
    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 1);
    bench_destroy(bench);
}

static void clearing_ue_loses_what_was_being_sent(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2, 0);
    bench_write(bench, TDR, 'a');
    bench_write(bench, TDR, 'b');

    bench_write(bench, CR1, TE | RE);
    assert_int_equal(bench_read(bench, ISR), 0xC0);
    bench_write(bench, CR1, UE | TE | RE);
    bench_run(bench, 10 * FRAME_PS);

    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 0);
    bench_destroy(bench);
}

static void what_is_written_while_disabled_is_never_sent(void **unused)
{
    (void)unused;
    struct bench *bench = create(&usart2);
    bench_write(bench, BRR, 40);

    bench_write(bench, TDR, 'a');
    bench_write(bench, CR1, UE | TE);
    bench_run(bench, 10 * FRAME_PS);

    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 0);
    bench_destroy(bench);
}

static void a_low_pulse_on_te_sends_a_preamble_after_the_word(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2, 0);
    bench_write(bench, TDR, 'a');
    bench_write(bench, TDR, 'b');

    bench_write(bench, CR1, UE | RE);
    bench_write(bench, CR1, UE | RE | TE);
    bench_run(bench, 3 * FRAME_PS - 1);
    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 1);

    bench_run(bench, 1);
    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 2);
    bench_destroy(bench);
}

static void te_low_for_longer_loses_the_word_but_not_tdr(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2, 0);
    bench_write(bench, TDR, 'a');
    bench_write(bench, TDR, 'b');

    bench_write(bench, CR1, UE | RE);
    bench_run(bench, 10 * FRAME_PS);
    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 0);
    bench_write(bench, CR1, UE | RE | TE);
    bench_run(bench, 10 * FRAME_PS);

    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 1);
    assert_int_equal(bench_last(bench, EVENT_CONSOLE).value, 'b');
    bench_destroy(bench);
}

static void a_break_is_ten_low_bits_and_two_stop_bits_and_no_character(void **unused)
{
    (void)unused;
    enum { SBKRQ = 1 << 1, SBKF = 1 << 18 };
    struct bench *bench = create_running(&usart2, 0);

    bench_write(bench, RQR, SBKRQ);
    bench_run(bench, 12 * BIT_PS - 1);
    assert_int_equal(bench_read(bench, ISR) & SBKF, SBKF);
    bench_run(bench, 1);

    assert_int_equal(bench_read(bench, ISR) & SBKF, 0);
    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 0);
    bench_destroy(bench);
}

static void clearing_ue_forgets_a_break(void **unused)
{
    (void)unused;
    enum { SBKRQ = 1 << 1 };
    struct bench *bench = create_running(&usart2, 0);
    bench_write(bench, TDR, 'a');
    bench_write(bench, RQR, SBKRQ);

    bench_write(bench, CR1, TE | RE);

    assert_int_equal(bench_read(bench, ISR), 0xC0);
    bench_destroy(bench);
}

static void parity_bit_replaces_the_top_data_bit(void **unused)
{
    (void)unused;
    enum { PCE = 1 << 10 };
    struct bench *bench = create_running(&usart2, PCE);

    bench_write(bench, TDR, 0xE1);
    bench_run(bench, FRAME_PS);

    assert_int_equal(bench_last(bench, EVENT_CONSOLE).value, 0x61);
    bench_destroy(bench);
}

/* ---- Reception ---- */

static void a_byte_arrives_after_ten_bit_times(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2, 0);

    send_from_outside(bench, 'a');
    bench_run(bench, FRAME_PS - 1);
    assert_int_equal(bench_read(bench, ISR) & (RXNE | BUSY), BUSY);

    bench_run(bench, 1);
    assert_int_equal(bench_read(bench, ISR) & (RXNE | BUSY), RXNE);
    assert_int_equal(bench_last(bench, EVENT_CONSOLE_IN).value, 'a');
    assert_int_equal(bench_read(bench, RDR), 'a');
    assert_int_equal(bench_read(bench, ISR) & RXNE, 0);
    bench_destroy(bench);
}

static void bytes_for_another_port_are_ignored(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2, 0);

    device_signal(&bench->system, WIRE_UART_INPUT, (uint32_t)UART_USART1 << 8 | 'a');
    bench_run(bench, 2 * FRAME_PS);

    assert_int_equal(bench_read(bench, ISR) & RXNE, 0);
    bench_destroy(bench);
}

static void reading_rdr_is_an_effect_only_when_it_holds_something(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2, 0);
    send_from_outside(bench, 'a');
    bench_run(bench, FRAME_PS);

    struct access read = {.addr = RDR, .size = 4};
    assert_true(bench_access(bench, read).is_time_dependent);
    assert_false(bench_access(bench, read).is_time_dependent);
    bench_destroy(bench);
}

static void overrun_keeps_the_first_byte_and_blocks_reception(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2, 0);
    send_from_outside(bench, 'a');
    send_from_outside(bench, 'b');
    send_from_outside(bench, 'c');
    bench_run(bench, 2 * FRAME_PS);
    assert_int_equal(bench_read(bench, ISR) & (ORE | RXNE), ORE | RXNE);

    assert_int_equal(bench_read(bench, RDR), 'a');
    bench_run(bench, FRAME_PS);
    assert_int_equal(bench_read(bench, ISR) & (ORE | RXNE), ORE);

    bench_write(bench, ICR, ORE);
    send_from_outside(bench, 'd');
    bench_run(bench, FRAME_PS);
    assert_int_equal(bench_read(bench, ISR) & (ORE | RXNE), RXNE);
    assert_int_equal(bench_read(bench, RDR), 'd');
    assert_int_equal(bench_count_rule(bench, "USART.ore_blocks_reception"), 1);
    bench_destroy(bench);
}

static void the_other_reading_of_overrun_goes_on_receiving(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2, 0);
    bench->wires.rule_switches = 1u << RULE_USART_ORE_KEEPS_RECEIVING;
    send_from_outside(bench, 'a');
    send_from_outside(bench, 'b');
    send_from_outside(bench, 'c');
    bench_run(bench, 2 * FRAME_PS);

    bench_read(bench, RDR);
    bench_run(bench, FRAME_PS);

    assert_int_equal(bench_read(bench, ISR) & (ORE | RXNE), ORE | RXNE);
    assert_int_equal(bench_read(bench, RDR), 'c');
    bench_destroy(bench);
}

static void with_ovrdis_the_newest_byte_wins(void **unused)
{
    (void)unused;
    struct bench *bench = create(&usart2);
    bench_write(bench, BRR, 40);
    bench_write(bench, CR3, 1 << 12);
    bench_write(bench, CR1, UE | RE);
    send_from_outside(bench, 'a');
    send_from_outside(bench, 'b');

    bench_run(bench, 3 * FRAME_PS);

    assert_int_equal(bench_read(bench, ISR) & ORE, 0);
    assert_int_equal(bench_read(bench, RDR), 'b');
    bench_destroy(bench);
}

static void idle_line_is_seen_a_frame_after_the_last_byte(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2, 0);
    send_from_outside(bench, 'a');
    bench_run(bench, 2 * FRAME_PS - 1);
    assert_int_equal(bench_read(bench, ISR) & IDLE, 0);

    bench_run(bench, 1);
    assert_int_equal(bench_read(bench, ISR) & IDLE, IDLE);
    bench_write(bench, ICR, IDLE);
    bench_run(bench, 10 * FRAME_PS);
    assert_int_equal(bench_read(bench, ISR) & IDLE, 0);
    bench_destroy(bench);
}

static void the_outside_waits_until_the_receiver_is_enabled(void **unused)
{
    (void)unused;
    struct bench *bench = create(&usart2);
    send_from_outside(bench, 'a');
    bench_run(bench, PS_PER_S);

    bench_write(bench, BRR, 40);
    bench_write(bench, CR1, UE | RE);
    bench_run(bench, BIT_PS + FRAME_PS - 1);
    assert_int_equal(bench_read(bench, ISR) & RXNE, 0);
    bench_run(bench, 1);

    assert_int_equal(bench_read(bench, RDR), 'a');
    bench_destroy(bench);
}

static void a_byte_waits_for_the_receiver_to_be_acknowledged(void **unused)
{
    (void)unused;
    struct bench *bench = create(&usart2);
    bench_write(bench, BRR, 40);
    bench_write(bench, CR1, UE | RE);

    send_from_outside(bench, 'a');
    bench_run(bench, BIT_PS + FRAME_PS - 1);
    assert_int_equal(bench_read(bench, ISR) & RXNE, 0);
    bench_run(bench, 1);

    assert_int_equal(bench_read(bench, ISR) & RXNE, RXNE);
    bench_destroy(bench);
}

static void dropping_re_loses_the_byte_on_its_way(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2, 0);
    send_from_outside(bench, 'a');
    send_from_outside(bench, 'b');
    bench_run(bench, FRAME_PS / 2);

    bench_write(bench, CR1, UE | TE);
    bench_run(bench, 10 * FRAME_PS);
    assert_int_equal(bench_count(bench, EVENT_CONSOLE_IN), 0);
    bench_write(bench, CR1, UE | TE | RE);
    bench_run(bench, 10 * FRAME_PS);

    assert_int_equal(bench_read(bench, RDR), 'b');
    assert_int_equal(bench_count(bench, EVENT_CONSOLE_IN), 1);
    bench_destroy(bench);
}

static void a_power_on_forgets_what_waited_outside_and_a_reset_does_not(void **unused)
{
    (void)unused;
    struct bench *bench = create(&usart2);
    send_from_outside(bench, 'a');
    bench->devices[0].type->reset(&bench->devices[0], RESET_SYSTEM);
    bench_write(bench, BRR, 40);
    bench_write(bench, CR1, UE | RE);
    bench_run(bench, 2 * FRAME_PS);
    assert_int_equal(bench_read(bench, RDR), 'a');

    bench_write(bench, CR1, 0);
    send_from_outside(bench, 'b');
    bench->devices[0].type->reset(&bench->devices[0], RESET_POWER_ON);
    bench_write(bench, BRR, 40);
    bench_write(bench, CR1, UE | RE);
    bench_run(bench, 2 * FRAME_PS);

    assert_int_equal(bench_read(bench, ISR) & RXNE, 0);
    bench_destroy(bench);
}

static void a_full_input_queue_is_reported(void **unused)
{
    (void)unused;
    struct bench *bench = create(&usart2);

    for (unsigned i = 0; i < 4096; i++)
        send_from_outside(bench, (uint8_t)i);
    assert_int_equal(bench_count_rule(bench, "USART.input_queue_full"), 0);
    send_from_outside(bench, 0);

    assert_int_equal(bench_count_rule(bench, "USART.input_queue_full"), 1);
    bench_destroy(bench);
}

static void received_parity_bit_is_in_rdr(void **unused)
{
    (void)unused;
    enum { PCE = 1 << 10, PS = 1 << 9, M0 = 1 << 12 };
    struct bench *even = create_running(&usart2, PCE);
    struct bench *odd = create_running(&usart2, PCE | PS | M0);

    send_from_outside(even, 0x07);
    send_from_outside(odd, 0x03);
    bench_run(even, 2 * FRAME_PS);
    bench_run(odd, 2 * FRAME_PS);

    assert_int_equal(bench_read(even, RDR), 0x87);
    assert_int_equal(bench_read(odd, RDR), 0x103);
    bench_destroy(even);
    bench_destroy(odd);
}

static void character_match_raises_cmf(void **unused)
{
    (void)unused;
    enum { CMIE = 1 << 14, CMF = 1 << 17 };
    struct bench *bench = create(&usart2);
    bench_write(bench, CR2, (uint32_t)'\n' << 24);
    bench_write(bench, BRR, 40);
    bench_write(bench, CR1, UE | RE | CMIE);

    send_from_outside(bench, 'a');
    bench_run(bench, 2 * FRAME_PS);
    assert_false(bench_irq_is_high(bench, IRQ));
    send_from_outside(bench, '\n');
    bench_run(bench, 2 * FRAME_PS);

    assert_true(bench_irq_is_high(bench, IRQ));
    bench_write(bench, ICR, CMF);
    assert_false(bench_irq_is_high(bench, IRQ));
    bench_destroy(bench);
}

/* ---- Interrupts and DMA requests ---- */

static void receive_interrupt_stays_while_ore_is_set(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2, RXNEIE);
    send_from_outside(bench, 'a');
    send_from_outside(bench, 'b');
    assert_false(bench_irq_is_high(bench, IRQ));
    bench_run(bench, 2 * FRAME_PS);

    assert_true(bench_irq_is_high(bench, IRQ));
    bench_read(bench, RDR);
    assert_true(bench_irq_is_high(bench, IRQ));
    bench_write(bench, ICR, ORE);
    assert_false(bench_irq_is_high(bench, IRQ));
    bench_destroy(bench);
}

static void error_interrupt_follows_ore_alone(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2, 0);
    bench_write(bench, CR3, 1);
    send_from_outside(bench, 'a');
    bench_run(bench, FRAME_PS);
    assert_false(bench_irq_is_high(bench, IRQ));

    send_from_outside(bench, 'b');
    bench_run(bench, FRAME_PS);

    assert_true(bench_irq_is_high(bench, IRQ));
    bench_destroy(bench);
}

static void transmit_interrupts_follow_txe_and_tc(void **unused)
{
    (void)unused;
    enum { TCIE = 1 << 6 };
    struct bench *bench = create_running(&usart2, TXEIE);
    assert_true(bench_irq_is_high(bench, IRQ));
    bench_write(bench, TDR, 'a');
    bench_write(bench, TDR, 'b');
    assert_false(bench_irq_is_high(bench, IRQ));

    bench_write(bench, CR1, UE | TE | RE | TCIE);
    bench_run(bench, 2 * FRAME_PS - 1);
    assert_false(bench_irq_is_high(bench, IRQ));
    bench_run(bench, 1);

    assert_true(bench_irq_is_high(bench, IRQ));
    bench_write(bench, ICR, TC);
    assert_false(bench_irq_is_high(bench, IRQ));
    bench_destroy(bench);
}

static uint32_t requests_high;

static void listen_to_requests(struct device *device, unsigned line, uint32_t value)
{
    (void)device;
    if (line != WIRE_DMA_REQUEST)
        return;
    if (value & 1)
        requests_high |= 1u << (value >> 1);
    else
        requests_high &= ~(1u << (value >> 1));
}

static void ignore_reset(struct device *device, enum reset_cause cause)
{
    (void)device;
    (void)cause;
}

static void dma_requests_are_levels_that_follow_the_flags(void **unused)
{
    (void)unused;
    static const struct device_type listener = {
        .name = "listener", .state_bytes = 1, .reset = ignore_reset, .signal = listen_to_requests};
    uint32_t rx = 1u << DMA_REQUEST_USART2_RX;
    uint32_t tx = 1u << DMA_REQUEST_USART2_TX;
    struct bench *bench = create_running(&usart2, 0);
    bench_add(bench, &listener, "listener", 0x50000000, -1, NULL);
    requests_high = 0;

    bench_write(bench, CR3, 1 << 7 | 1 << 6);
    assert_int_equal(requests_high, tx);
    bench_write(bench, TDR, 'a');
    bench_write(bench, TDR, 'b');
    assert_int_equal(requests_high, 0);
    send_from_outside(bench, 'c');
    bench_run(bench, FRAME_PS);
    assert_int_equal(requests_high, tx | rx);
    bench_read_sized(bench, RDR, 1);
    assert_int_equal(requests_high, tx);
    bench_write(bench, CR3, 0);
    assert_int_equal(requests_high, 0);
    bench_destroy(bench);
}

/* ---- FIFO mode (RM0432) ---- */

enum { FIFOEN = 1 << 29, TXFE = 1 << 23, RXFF = 1 << 24, RXFT = 1 << 26, TXFT = 1 << 27 };

static void transmit_fifo_takes_eight_words(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2_with_fifo, FIFOEN);
    assert_int_equal(bench_read(bench, ISR) & (TXFE | TXE), TXFE | TXE);

    /* The first goes to the shift register at once, eight more fill the FIFO. */
    for (unsigned i = 0; i < 9; i++) {
        assert_int_equal(bench_read(bench, ISR) & TXE, TXE);
        bench_write(bench, TDR, '0' + i);
    }
    assert_int_equal(bench_read(bench, ISR) & (TXFE | TXE), 0);
    bench_run(bench, 9 * FRAME_PS);

    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 9);
    assert_int_equal(bench_last(bench, EVENT_CONSOLE).value, '8');
    assert_int_equal(bench_read(bench, ISR) & (TXFE | TC), TXFE | TC);
    bench_destroy(bench);
}

static void a_write_to_a_full_fifo_is_lost_and_says_so(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2_with_fifo, FIFOEN);
    for (unsigned i = 0; i < 9; i++)
        bench_write(bench, TDR, '0' + i);

    bench_write(bench, TDR, 'x');
    bench_run(bench, 20 * FRAME_PS);

    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 9);
    assert_int_equal(bench_last(bench, EVENT_CONSOLE).value, '8');
    assert_int_equal(bench_count_rule(bench, "USART.write_to_full_fifo_lost"), 1);
    bench_destroy(bench);
}

static void receive_fifo_overruns_at_the_tenth_word(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2_with_fifo, FIFOEN);
    for (unsigned i = 0; i < 10; i++)
        send_from_outside(bench, (uint8_t)('0' + i));

    bench_run(bench, 8 * FRAME_PS);
    assert_int_equal(bench_read(bench, ISR) & (RXFF | ORE), 0);
    bench_run(bench, FRAME_PS);
    assert_int_equal(bench_read(bench, ISR) & (RXFF | ORE), RXFF);
    bench_run(bench, FRAME_PS);
    assert_int_equal(bench_read(bench, ISR) & (RXFF | ORE), RXFF | ORE);

    for (unsigned i = 0; i < 9; i++)
        assert_int_equal(bench_read(bench, RDR), '0' + i);
    assert_int_equal(bench_read(bench, ISR) & RXNE, 0);
    bench_destroy(bench);
}

static void fifo_thresholds_raise_their_interrupts(void **unused)
{
    (void)unused;
    enum { HALF = 2, RXFTIE = 1 << 28, TXFTIE = 1 << 23 };
    struct bench *bench = create_running(&usart2_with_fifo, FIFOEN);
    bench_write(bench, CR3, (uint32_t)HALF << 29 | (uint32_t)HALF << 25 | RXFTIE);
    for (unsigned i = 0; i < 4; i++)
        send_from_outside(bench, 'x');

    bench_run(bench, 4 * FRAME_PS - 1);
    assert_false(bench_irq_is_high(bench, IRQ));
    bench_run(bench, 1);
    assert_true(bench_irq_is_high(bench, IRQ));
    assert_int_equal(bench_read(bench, ISR) & RXFT, RXFT);

    bench_write(bench, CR3, (uint32_t)HALF << 29 | TXFTIE);
    assert_int_equal(bench_read(bench, ISR) & TXFT, TXFT);
    for (unsigned i = 0; i < 6; i++)
        bench_write(bench, TDR, 'x');
    assert_int_equal(bench_read(bench, ISR) & TXFT, 0);
    assert_false(bench_irq_is_high(bench, IRQ));
    bench_destroy(bench);
}

static void ovrdis_bypasses_the_receive_fifo(void **unused)
{
    (void)unused;
    struct bench *bench = create(&usart2_with_fifo);
    bench_write(bench, BRR, 40);
    bench_write(bench, CR3, 1 << 12);
    bench_write(bench, CR1, FIFOEN | UE | RE);
    send_from_outside(bench, 'a');
    send_from_outside(bench, 'b');

    bench_run(bench, 3 * FRAME_PS);

    assert_int_equal(bench_read(bench, RDR), 'b');
    assert_int_equal(bench_read(bench, ISR) & RXNE, 0);
    bench_destroy(bench);
}

static void flush_requests_empty_the_fifos(void **unused)
{
    (void)unused;
    enum { RXFRQ = 1 << 3, TXFRQ = 1 << 4 };
    struct bench *bench = create_running(&usart2_with_fifo, FIFOEN);
    for (unsigned i = 0; i < 5; i++)
        bench_write(bench, TDR, 'x');
    send_from_outside(bench, 'a');
    bench_run(bench, FRAME_PS - 1);

    bench_write(bench, RQR, RXFRQ | TXFRQ);
    bench_run(bench, 10 * FRAME_PS);

    assert_int_equal(bench_count(bench, EVENT_CONSOLE), 1);
    assert_int_equal(bench_read(bench, RDR), 'a');
    bench_destroy(bench);
}

static void fifo_flags_read_zero_without_fifo_mode(void **unused)
{
    (void)unused;
    struct bench *bench = create_running(&usart2_with_fifo, 0);

    assert_int_equal(bench_read(bench, ISR) & (TXFE | RXFF | RXFT | TXFT), 0);

    bench_destroy(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_have_their_reset_values),
        cmocka_unit_test(reserved_bits_hold),
        cmocka_unit_test(lpuart_has_a_20_bit_divider_and_no_smartcard_bits),
        cmocka_unit_test(missing_effects_are_reported_by_name),
        cmocka_unit_test(prescaler_register_exists_only_with_the_fifo),
        cmocka_unit_test(frame_format_is_locked_while_enabled),
        cmocka_unit_test(reset_stops_everything),
        cmocka_unit_test(a_byte_takes_ten_bit_times_to_leave),
        cmocka_unit_test(second_byte_waits_in_tdr),
        cmocka_unit_test(write_while_tdr_is_full_overwrites_it),
        cmocka_unit_test(setting_te_sends_an_idle_frame_first),
        cmocka_unit_test(acknowledge_flags_follow_a_bit_time_later),
        cmocka_unit_test(frame_length_follows_word_stop_and_divider),
        cmocka_unit_test(a_divider_below_16_moves_nothing),
        cmocka_unit_test(an_lpuart_divider_below_768_moves_nothing),
        cmocka_unit_test(nothing_moves_without_a_kernel_clock_and_goes_on_with_one),
        cmocka_unit_test(clearing_ue_loses_what_was_being_sent),
        cmocka_unit_test(what_is_written_while_disabled_is_never_sent),
        cmocka_unit_test(a_low_pulse_on_te_sends_a_preamble_after_the_word),
        cmocka_unit_test(te_low_for_longer_loses_the_word_but_not_tdr),
        cmocka_unit_test(a_break_is_ten_low_bits_and_two_stop_bits_and_no_character),
        cmocka_unit_test(clearing_ue_forgets_a_break),
        cmocka_unit_test(parity_bit_replaces_the_top_data_bit),
        cmocka_unit_test(a_byte_arrives_after_ten_bit_times),
        cmocka_unit_test(bytes_for_another_port_are_ignored),
        cmocka_unit_test(reading_rdr_is_an_effect_only_when_it_holds_something),
        cmocka_unit_test(overrun_keeps_the_first_byte_and_blocks_reception),
        cmocka_unit_test(the_other_reading_of_overrun_goes_on_receiving),
        cmocka_unit_test(with_ovrdis_the_newest_byte_wins),
        cmocka_unit_test(idle_line_is_seen_a_frame_after_the_last_byte),
        cmocka_unit_test(the_outside_waits_until_the_receiver_is_enabled),
        cmocka_unit_test(a_byte_waits_for_the_receiver_to_be_acknowledged),
        cmocka_unit_test(dropping_re_loses_the_byte_on_its_way),
        cmocka_unit_test(a_power_on_forgets_what_waited_outside_and_a_reset_does_not),
        cmocka_unit_test(a_full_input_queue_is_reported),
        cmocka_unit_test(received_parity_bit_is_in_rdr),
        cmocka_unit_test(character_match_raises_cmf),
        cmocka_unit_test(receive_interrupt_stays_while_ore_is_set),
        cmocka_unit_test(error_interrupt_follows_ore_alone),
        cmocka_unit_test(transmit_interrupts_follow_txe_and_tc),
        cmocka_unit_test(dma_requests_are_levels_that_follow_the_flags),
        cmocka_unit_test(transmit_fifo_takes_eight_words),
        cmocka_unit_test(a_write_to_a_full_fifo_is_lost_and_says_so),
        cmocka_unit_test(receive_fifo_overruns_at_the_tenth_word),
        cmocka_unit_test(fifo_thresholds_raise_their_interrupts),
        cmocka_unit_test(ovrdis_bypasses_the_receive_fifo),
        cmocka_unit_test(flush_requests_empty_the_fifos),
        cmocka_unit_test(fifo_flags_read_zero_without_fifo_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
