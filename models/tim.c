/* Timers as time bases. RM0351 rev 9 chapters 30 (TIM1/8), 31 (TIM2-5), 32 (TIM15-17), 33 (TIM6/7).
 *
 * Modelled: counting up, down and center-aligned, buffered prescaler, auto-reload and compare
 * values, repetition counter, update generation, one-pulse mode, update and compare flags, their
 * interrupts, the update DMA request, freezing while a debugger holds the core.
 *
 * The count is computed from the time when someone looks; a timer runs only until the next flag
 * that is still clear. A stretch of counting in one direction is a segment.
 *
 * TIM16 captures edges of the LSI and the LSE, by which firmware measures them.
 *
 * Left out, each bit reported when set: output pins (CCER, so PWM too), other input capture, slave
 * and external clock modes, trigger output, break, DMA bursts and compare DMA. With a slave mode that
 * waits for the outside the counter stands still. TIM1/8's channels 5 and 6 only store values. */
#include "models/tim.h"

#include <assert.h>

#include "models/wires.h"
#include "sim/core/reg.h"

// clang-format off
enum {
    CR1, CR2, SMCR, DIER, SR, EGR, CCMR1, CCMR2, CCER, CNT, PSC, ARR, RCR, CCR1, CCR2, CCR3, CCR4,
    BDTR, DCR, DMAR, OR1, CCMR3, CCR5, CCR6, OR2, OR3, TIM_REG_COUNT
};
// clang-format on

#define CR1_CEN (1u << 0)
#define CR1_UDIS (1u << 1)
#define CR1_URS (1u << 2)
#define CR1_OPM (1u << 3)
#define CR1_DIR (1u << 4)
#define CR1_CMS_SHIFT 5
#define CR1_ARPE (1u << 7)
#define CR1_UIFREMAP (1u << 11)
#define SMCR_SMS 0x00010007u
#define DIER_UDE (1u << 8)
#define SR_UIF (1u << 0)
#define SR_CC1IF (1u << 1)
#define SR_COMPARE (0xFu << 1)
#define EGR_UG (1u << 0)
#define CNT_UIFCPY (1u << 31)

#define SR_CC1OF (1u << 9)
#define CCMR_CCS 0x0303u
#define CCMR1_CC1S (3u << 0)
#define CCMR1_IC1PSC_SHIFT 2
#define CCER_ENABLES 0x00115555u
#define CCER_CC1E (1u << 0)
#define OR1_TI1_RMP (3u << 0)

enum { CHANNEL_COUNT = 4 };
enum { TIMER_COUNT, TIMER_CAPTURE, TIMERS };

enum kind {
    KIND_BASIC,
    KIND_ONE_CHANNEL,
    KIND_TWO_CHANNELS,
    KIND_GENERAL,
    KIND_ADVANCED,
    KIND_COUNT
};

/* CMS: center-aligned modes set the compare flags when counting down, up, or both. */
enum alignment { EDGE_ALIGNED, CENTER_FLAGS_DOWN, CENTER_FLAGS_UP, CENTER_FLAGS_BOTH };

struct tim_state {
    uint32_t regs[TIM_REG_COUNT];
    uint32_t psc; /* values in use; the registers hold what is loaded next */
    uint32_t arr;
    uint32_t ccr[CHANNEL_COUNT];
    uint32_t repetitions; /* update events still to be swallowed */
    bool is_down;
    bool request;          /* DMA request level as last announced */
    uint32_t rate_hz;      /* clock of the prescaler, 0: the counter stands still */
    uint64_t epoch_ps;     /* when rate_hz began to hold */
    uint64_t epoch_cycles; /* prescaler clocks since reset, as of then */
    uint64_t start_cycle;  /* the same count when the segment began */
    uint32_t start_count;  /* CNT at the segment's start */
    uint64_t next_tick;    /* of the segment: the first whose count was not compared yet */
};

/* What the number says about a timer. RM0351 introductions of the timer chapters; DBGMCU: boot
 * sheet 10. */
struct variant {
    uint8_t number;
    uint8_t kind;
    bool is_32_bit;
    bool is_apb2;
    uint8_t freeze_bit; /* of APB1FZR1 or APB2FZR */
    uint8_t update_request;
};

// clang-format off
static const struct variant variants[] = {
    {  1, KIND_ADVANCED,     false, true,  11, DMA_REQUEST_TIM1_UP },
    {  2, KIND_GENERAL,      true,  false,  0, DMA_REQUEST_TIM2_UP },
    {  3, KIND_GENERAL,      false, false,  1, DMA_REQUEST_TIM3_UP },
    {  4, KIND_GENERAL,      false, false,  2, DMA_REQUEST_TIM4_UP },
    {  5, KIND_GENERAL,      true,  false,  3, DMA_REQUEST_TIM5_UP },
    {  6, KIND_BASIC,        false, false,  4, DMA_REQUEST_TIM6_UP },
    {  7, KIND_BASIC,        false, false,  5, DMA_REQUEST_TIM7_UP },
    {  8, KIND_ADVANCED,     false, true,  13, DMA_REQUEST_TIM8_UP },
    { 15, KIND_TWO_CHANNELS, false, true,  16, DMA_REQUEST_TIM15_UP },
    { 16, KIND_ONE_CHANNEL,  false, true,  17, DMA_REQUEST_TIM16_UP },
    { 17, KIND_ONE_CHANNEL,  false, true,  18, DMA_REQUEST_TIM17_UP },
};

/* Bits that exist, by kind; a register without any is not there. */
static const uint32_t present[KIND_COUNT][TIM_REG_COUNT] = {
    [KIND_BASIC] = {
        [CR1] = 0x088F, [CR2] = 0x0070, [DIER] = 0x0101, [SR] = 0x0001, [EGR] = 0x0001,
        [CNT] = 0xFFFFFFFF, [PSC] = 0xFFFF, [ARR] = 0xFFFFFFFF },
    [KIND_ONE_CHANNEL] = {
        [CR1] = 0x0B8F, [CR2] = 0x030D, [DIER] = 0x23A3, [SR] = 0x02A3, [EGR] = 0x00A3,
        [CCMR1] = 0x000100FF, [CCER] = 0x000F, [CNT] = 0xFFFFFFFF, [PSC] = 0xFFFF,
        [ARR] = 0xFFFFFFFF, [RCR] = 0x00FF, [CCR1] = 0xFFFFFFFF, [BDTR] = 0x000FFFFF,
        [DCR] = 0x1F1F, [DMAR] = 0xFFFF, [OR1] = 0x1F, [OR2] = 0xFFFFFFFF },
    [KIND_TWO_CHANNELS] = {
        [CR1] = 0x0B8F, [CR2] = 0x07FD, [SMCR] = 0x000100F7, [DIER] = 0x67E7, [SR] = 0x06E7,
        [EGR] = 0x00E7, [CCMR1] = 0x0101FFFF, [CCER] = 0x00BF, [CNT] = 0xFFFFFFFF, [PSC] = 0xFFFF,
        [ARR] = 0xFFFFFFFF, [RCR] = 0x00FF, [CCR1] = 0xFFFFFFFF, [CCR2] = 0xFFFFFFFF,
        [BDTR] = 0x000FFFFF, [DCR] = 0x1F1F, [DMAR] = 0xFFFF, [OR1] = 0x1F, [OR2] = 0xFFFFFFFF },
    [KIND_GENERAL] = {
        [CR1] = 0x0BFF, [CR2] = 0x00F8, [SMCR] = 0x0001FFFF, [DIER] = 0x5F5F, [SR] = 0x1E5F,
        [EGR] = 0x005F, [CCMR1] = 0x0101FFFF, [CCMR2] = 0x0101FFFF, [CCER] = 0xBBBB,
        [CNT] = 0xFFFFFFFF, [PSC] = 0xFFFF, [ARR] = 0xFFFFFFFF, [CCR1] = 0xFFFFFFFF,
        [CCR2] = 0xFFFFFFFF, [CCR3] = 0xFFFFFFFF, [CCR4] = 0xFFFFFFFF, [DCR] = 0x1F1F,
        [DMAR] = 0xFFFF, [OR1] = 0x1F, [OR2] = 0xFFFFFFFF },
    [KIND_ADVANCED] = {
        [CR1] = 0x0BFF, [CR2] = 0x00F57FFD, [SMCR] = 0x0001FFFF, [DIER] = 0x7FFF, [SR] = 0x00033FFF,
        [EGR] = 0x01FF, [CCMR1] = 0x0101FFFF, [CCMR2] = 0x0101FFFF, [CCER] = 0x0033BFFF,
        [CNT] = 0xFFFFFFFF, [PSC] = 0xFFFF, [ARR] = 0xFFFFFFFF, [RCR] = 0xFFFF, [CCR1] = 0xFFFFFFFF,
        [CCR2] = 0xFFFFFFFF, [CCR3] = 0xFFFFFFFF, [CCR4] = 0xFFFFFFFF, [BDTR] = 0x03FFFFFF,
        [DCR] = 0x1F1F, [DMAR] = 0xFFFFFFFF, [OR1] = 0x1F, [CCMR3] = 0x0101FFFC,
        [CCR5] = 0xE000FFFF, [CCR6] = 0xFFFF, [OR2] = 0xFFFFFFFF, [OR3] = 0xFFFFFFFF },
};
// clang-format on

static struct tim_state *state_of(struct device *device)
{
    return device->state;
}

static const struct tim_config *config_of(const struct device *device)
{
    return device->config;
}

static const struct variant *variant_of(const struct device *device)
{
    const struct variant *variant = variants;
    while (variant->number != config_of(device)->number) {
        variant++;
        assert(variant < variants + sizeof variants / sizeof variants[0]);
    }
    return variant;
}

static uint32_t width_mask(const struct device *device)
{
    return variant_of(device)->is_32_bit ? 0xFFFFFFFF : 0xFFFF;
}

static unsigned channel_count(const struct device *device)
{
    static const uint8_t channels[KIND_COUNT] = {0, 1, 2, 4, 4};
    return channels[variant_of(device)->kind];
}

static enum alignment alignment(const struct tim_state *tim)
{
    return (enum alignment)(tim->regs[CR1] >> CR1_CMS_SHIFT & 3);
}

/* ---- Interrupts and DMA request ---- */

/* Flags that a timer raises on an interrupt line. */
static uint32_t raised_on(struct device *device, int irq)
{
    const struct tim_config *config = config_of(device);
    const struct tim_state *tim = state_of(device);
    uint32_t flags = tim->regs[SR] & tim->regs[DIER] & (SR_UIF | SR_COMPARE);
    uint32_t raised = 0;
    if (device->irq_line == irq)
        raised |= config->cc_irq ? flags & SR_UIF : flags;
    if (config->cc_irq && config->cc_irq == irq)
        raised |= flags & SR_COMPARE;
    return raised;
}

/* Timers share lines (TIM1 with TIM15, 16 and 17): a line is high while any of them wants it. */
static void update_line(struct device *device, int irq)
{
    struct system *system = device->system;
    bool high = false;
    for (unsigned i = 0; i < system->device_count; i++)
        if (system->devices[i].type == &tim_type && raised_on(&system->devices[i], irq))
            high = true;
    irq_set_level(system->irq, irq, high);
}

static void update_irqs(struct device *device)
{
    update_line(device, device->irq_line);
    if (config_of(device)->cc_irq)
        update_line(device, config_of(device)->cc_irq);
}

/* A request stays until the DMA has served it, or UDE falls. */
static void set_request(struct device *device, bool level)
{
    struct tim_state *tim = state_of(device);
    if (!level && !tim->request)
        return;
    tim->request = level;
    device_signal(device->system, WIRE_DMA_REQUEST,
                  (uint32_t)variant_of(device)->update_request << 1 | level);
}

/* ---- Where the counter is ---- */

/* RM0351 TIMx_SMCR: slave modes 1-3 (encoder), 5 (gated), 6 (trigger) and 7 (external clock) wait
 * for an input that is not modelled. Reset mode (4 and 8) counts on. */
static bool waits_for_outside(const struct tim_state *tim)
{
    uint32_t sms = tim->regs[SMCR] & SMCR_SMS;
    return sms != 0 && sms != 4 && sms != 0x10000;
}

static bool is_frozen(const struct device *device)
{
    const struct wires *wires = device->system->wires;
    uint32_t bits = variant_of(device)->is_apb2 ? wires->freeze_apb2 : wires->freeze_apb1_1;
    return wires->is_core_halted && (bits >> variant_of(device)->freeze_bit & 1);
}

static uint32_t rate_now(struct device *device)
{
    const struct tim_state *tim = state_of(device);
    const struct wires *wires = device->system->wires;
    /* RM0351 TIMx_ARR: the counter is blocked while the auto-reload value is null. */
    bool counts = (tim->regs[CR1] & CR1_CEN) && tim->arr != 0 && !waits_for_outside(tim) &&
                  device_is_clocked(device) && !is_frozen(device);
    if (!counts)
        return 0;
    return variant_of(device)->is_apb2 ? wires->timclk2_hz : wires->timclk1_hz;
}

/* Prescaler clocks since reset. An edge that is due at this picosecond has come. */
static uint64_t cycles_now(struct device *device)
{
    const struct tim_state *tim = state_of(device);
    if (!tim->rate_hz)
        return tim->epoch_cycles;
    uint64_t elapsed_ps = device_now_ps(device) - tim->epoch_ps;
    return tim->epoch_cycles + clock_cycles_to_reach(elapsed_ps + 1, tim->rate_hz) - 1;
}

static uint64_t ticks_in_segment(struct device *device)
{
    const struct tim_state *tim = state_of(device);
    return (cycles_now(device) - tim->start_cycle) / (tim->psc + UINT64_C(1));
}

static uint32_t count_after(const struct tim_state *tim, uint64_t ticks)
{
    return tim->is_down ? tim->start_count - (uint32_t)ticks : tim->start_count + (uint32_t)ticks;
}

/* Ticks from a segment's start to its end. RM0351 counter modes: up from 0 to ARR, down from ARR to
 * 0, center-aligned up to ARR and back without repeating either end. A counter above ARR runs to
 * its width first. */
static uint64_t segment_ticks(const struct device *device, const struct tim_state *tim)
{
    uint64_t start = tim->start_count;
    if (alignment(tim) == EDGE_ALIGNED && tim->is_down)
        return start + 1;
    if (alignment(tim) == EDGE_ALIGNED)
        return start > tim->arr ? width_mask(device) - start + 1 : tim->arr - start + 1;
    if (tim->is_down)
        return start > 0 ? start : 1;
    return start < tim->arr ? tim->arr - start : 1;
}

/* ---- Compare ---- */

/* RM0351 TIMx_CCMR1: CCxS = 00 makes the channel an output. */
static bool is_output(const struct tim_state *tim, unsigned channel)
{
    return ((tim->regs[channel < 2 ? CCMR1 : CCMR2] >> (channel % 2 * 8)) & 3) == 0;
}

static bool is_compare_buffered(const struct tim_state *tim, unsigned channel)
{
    return tim->regs[channel < 2 ? CCMR1 : CCMR2] >> (channel % 2 * 8 + 3) & 1;
}

static bool flags_this_way(const struct tim_state *tim)
{
    enum alignment mode = alignment(tim);
    if (mode == EDGE_ALIGNED || mode == CENTER_FLAGS_BOTH)
        return true;
    return tim->is_down == (mode == CENTER_FLAGS_DOWN);
}

/* The tick of this segment at which a channel matches; UINT64_MAX when none is. */
static uint64_t match_tick(const struct device *device, const struct tim_state *tim,
                           unsigned channel)
{
    uint32_t value = tim->ccr[channel];
    bool is_ahead = tim->is_down ? value <= tim->start_count : value >= tim->start_count;
    if (!is_ahead || !is_output(tim, channel) || !flags_this_way(tim))
        return UINT64_MAX;
    uint64_t tick = tim->is_down ? tim->start_count - value : value - tim->start_count;
    return tick < segment_ticks(device, tim) ? tick : UINT64_MAX;
}

/* Compares every count up to and including that of tick `last`. */
static void compare_up_to(struct device *device, uint64_t last)
{
    struct tim_state *tim = state_of(device);
    for (unsigned channel = 0; channel < channel_count(device); channel++) {
        uint64_t tick = match_tick(device, tim, channel);
        if (tick >= tim->next_tick && tick <= last)
            tim->regs[SR] |= SR_CC1IF << channel;
    }
    if (last >= tim->next_tick)
        tim->next_tick = last + 1;
}

/* RM0351 TIMx_SR: a compare value above ARR sets its flag at the overflow or underflow. */
static void compare_out_of_range(struct device *device)
{
    struct tim_state *tim = state_of(device);
    for (unsigned channel = 0; channel < channel_count(device); channel++)
        if (tim->ccr[channel] > tim->arr && is_output(tim, channel))
            tim->regs[SR] |= SR_CC1IF << channel;
}

/* ---- Update events ---- */

enum update_source { UPDATE_COUNTER, UPDATE_SOFTWARE };

static void update_event(struct device *device, enum update_source source)
{
    struct tim_state *tim = state_of(device);
    if (tim->regs[CR1] & CR1_UDIS)
        return;
    tim->psc = tim->regs[PSC];
    tim->arr = tim->regs[ARR];
    for (unsigned channel = 0; channel < CHANNEL_COUNT; channel++)
        tim->ccr[channel] = tim->regs[CCR1 + channel];
    tim->repetitions = tim->regs[RCR];
    /* RM0351 TIMx_CR1: with URS only the counter itself sets the flag and asks the DMA. */
    if (source == UPDATE_COUNTER || !(tim->regs[CR1] & CR1_URS)) {
        tim->regs[SR] |= SR_UIF;
        if (tim->regs[DIER] & DIER_UDE)
            set_request(device, true);
    }
    if (source == UPDATE_COUNTER && (tim->regs[CR1] & CR1_OPM))
        tim->regs[CR1] &= ~CR1_CEN;
}

/* The counter turns around or starts over; the next segment begins. */
static void end_segment(struct device *device)
{
    struct tim_state *tim = state_of(device);
    bool is_overflow_of_width =
        alignment(tim) == EDGE_ALIGNED && !tim->is_down && tim->start_count > tim->arr;
    tim->start_cycle += segment_ticks(device, tim) * (tim->psc + UINT64_C(1));
    tim->next_tick = 0;
    if (is_overflow_of_width) {
        tim->start_count = 0;
        return;
    }
    compare_out_of_range(device);
    if (tim->repetitions > 0)
        tim->repetitions--;
    else
        update_event(device, UPDATE_COUNTER);
    if (alignment(tim) == EDGE_ALIGNED) {
        tim->start_count = tim->is_down ? tim->arr : 0;
    } else {
        tim->start_count = tim->is_down ? 0 : tim->arr;
        tim->is_down = !tim->is_down;
    }
}

static bool is_periodic(const struct tim_state *tim)
{
    bool is_loaded = tim->psc == tim->regs[PSC] && tim->arr == tim->regs[ARR];
    for (unsigned channel = 0; channel < CHANNEL_COUNT; channel++)
        is_loaded = is_loaded && tim->ccr[channel] == tim->regs[CCR1 + channel];
    return is_loaded && tim->arr != 0 && tim->regs[RCR] == 0 && tim->repetitions == 0 &&
           !(tim->regs[CR1] & CR1_OPM) && !(tim->regs[DIER] & DIER_UDE);
}

/* Periods that would all be the same are passed over; the last ones are counted out. */
static void skip_periods(struct device *device)
{
    struct tim_state *tim = state_of(device);
    if (!is_periodic(tim))
        return;
    uint64_t period =
        alignment(tim) == EDGE_ALIGNED ? tim->arr + UINT64_C(1) : 2 * (uint64_t)tim->arr;
    uint64_t count = ticks_in_segment(device) / period;
    if (count > 2)
        tim->start_cycle += (count - 2) * period * (tim->psc + UINT64_C(1));
}

/* Lets the segment begin at the present count, so that registers may change, and takes the clock
 * that holds from now on. Only a change of clock starts a new epoch: nothing drifts. */
static void rebase(struct device *device)
{
    struct tim_state *tim = state_of(device);
    uint64_t ticks = ticks_in_segment(device);
    uint32_t rate_hz = rate_now(device);
    tim->start_count = count_after(tim, ticks);
    tim->start_cycle += ticks * (tim->psc + UINT64_C(1));
    tim->next_tick = tim->next_tick > ticks ? 1 : 0;
    if (rate_hz != tim->rate_hz) {
        tim->epoch_cycles = cycles_now(device);
        tim->epoch_ps = device_now_ps(device);
        tim->rate_hz = rate_hz;
    }
}

/* Counts up to now and sets the flags due. */
static void advance(struct device *device)
{
    struct tim_state *tim = state_of(device);
    while (tim->rate_hz) {
        uint64_t length = segment_ticks(device, tim);
        uint64_t ticks = ticks_in_segment(device);
        compare_up_to(device, ticks < length ? ticks : length - 1);
        if (ticks < length)
            return;
        end_segment(device);
        if (!(tim->regs[CR1] & CR1_CEN) || tim->arr == 0) {
            /* One-pulse mode, or ARR became 0: it stopped at that moment. */
            tim->epoch_cycles = tim->start_cycle;
            tim->rate_hz = 0;
        }
        skip_periods(device);
    }
}

/* The cycle at which something changes that can be seen from outside; UINT64_MAX when nothing will.
 */
static uint64_t next_change(struct device *device)
{
    const struct tim_state *tim = state_of(device);
    uint64_t tick_cycles = tim->psc + UINT64_C(1);
    uint64_t end = tim->start_cycle + segment_ticks(device, tim) * tick_cycles;
    uint64_t next = UINT64_MAX;
    bool updates = !(tim->regs[CR1] & CR1_UDIS);
    if ((updates && !(tim->regs[SR] & SR_UIF)) || !is_periodic(tim))
        next = end;
    for (unsigned channel = 0; channel < channel_count(device); channel++) {
        if (!is_output(tim, channel) || (tim->regs[SR] & SR_CC1IF << channel))
            continue;
        uint64_t tick = match_tick(device, tim, channel);
        bool is_coming = tick != UINT64_MAX && tick >= tim->next_tick;
        uint64_t at = is_coming ? tim->start_cycle + tick * tick_cycles : end;
        next = at < next ? at : next;
    }
    return next;
}

static void schedule(struct device *device)
{
    const struct tim_state *tim = state_of(device);
    device_cancel(device, TIMER_COUNT);
    if (!tim->rate_hz)
        return;
    uint64_t at = next_change(device);
    /* Nothing lasts 10^6 s of virtual time: such a deadline would not fit its word. */
    uint64_t cycles = at > tim->epoch_cycles ? at - tim->epoch_cycles : 0;
    if (at == UINT64_MAX || cycles / tim->rate_hz > 1000000)
        return;
    device_schedule(device, TIMER_COUNT, tim->epoch_ps + clock_ps_from_cycles(cycles, tim->rate_hz));
}

/* ---- Capture of an internal clock ---- */

/* RM0351 TIM16_OR1: TI1_RMP = 01 is the LSI, 10 the LSE. TIMx_CCMR1: CC1S = 01 takes TI1. */
static uint32_t captured_hz(const struct device *device)
{
    const struct tim_state *tim = device->state;
    const struct wires *wires = device->system->wires;
    if (variant_of(device)->number != 16 || (tim->regs[CCMR1] & CCMR1_CC1S) != 1)
        return 0;
    uint32_t source = tim->regs[OR1] & OR1_TI1_RMP;
    return source == 1 ? wires->lsi_hz : source == 2 ? wires->lse_hz : 0;
}

/* RM0351 TIMx_CCMR1: IC1PSC takes each edge, or each second, fourth or eighth. The edges are whole
 * periods of the clock counted from the start of time. */
static void schedule_capture(struct device *device)
{
    const struct tim_state *tim = state_of(device);
    uint32_t hz = tim->regs[CCER] & CCER_CC1E ? captured_hz(device) : 0;
    if (!hz || !tim->rate_hz) {
        device_cancel(device, TIMER_CAPTURE);
        return;
    }
    uint64_t edges = UINT64_C(1) << (tim->regs[CCMR1] >> CCMR1_IC1PSC_SHIFT & 3);
    uint64_t passed = clock_cycles_to_reach(device_now_ps(device) + 1, hz) - 1;
    uint64_t next = (passed / edges + 1) * edges;
    device_schedule(device, TIMER_CAPTURE, clock_ps_from_cycles(next, hz));
}

/* RM0351 TIMx_SR: CC1IF, and CC1OF when it was still up. */
static void capture(struct device *device)
{
    struct tim_state *tim = state_of(device);
    tim->regs[CCR1] = count_after(tim, ticks_in_segment(device)) & width_mask(device);
    tim->regs[SR] |= tim->regs[SR] & SR_CC1IF ? SR_CC1OF : SR_CC1IF;
}

/* To be called after anything changed: clock, registers, time. */
static void settle(struct device *device)
{
    rebase(device);
    advance(device);
    schedule(device);
    schedule_capture(device);
    update_irqs(device);
}

/* ---- Registers ---- */

static void report_missing(struct device *device, const struct reg_access *access, uint32_t bits)
{
    uint32_t missing = state_of(device)->regs[access->index] & ~access->old & bits;
    if (missing)
        device_emit(device, (struct event){.kind = EVENT_REG_UNIMPLEMENTED,
                                           .pc = access->access->pc,
                                           .addr = access->access->addr & ~3u,
                                           .size = access->access->size,
                                           .value = missing,
                                           .master = access->access->master,
                                           .core = access->access->core,
                                           .rule = access->index == CCER    ? "CCER"
                                                   : access->index == CCMR1 ? "CCMR1"
                                                                            : "CCMR2"});
}

static void cr1_write(struct device *device, const struct reg_access *access)
{
    struct tim_state *tim = state_of(device);
    (void)access;
    rebase(device);
    /* RM0351 TIMx_CR1: DIR is read-only in center-aligned mode. */
    if (alignment(tim) == EDGE_ALIGNED)
        tim->is_down = tim->regs[CR1] & CR1_DIR;
    if (!(tim->regs[CR1] & CR1_ARPE))
        tim->arr = tim->regs[ARR];
}

static uint32_t cr1_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    const struct tim_state *tim = state_of(device);
    (void)access;
    if (alignment(tim) == EDGE_ALIGNED)
        return value;
    return tim->is_down ? value | CR1_DIR : value & ~CR1_DIR;
}

static void dier_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    if (!(state_of(device)->regs[DIER] & DIER_UDE))
        set_request(device, false);
}

/* RM0351 TIMx_SR: flags are cleared by writing 0; writing 1 leaves them. */
static void sr_write(struct device *device, const struct reg_access *access)
{
    state_of(device)->regs[SR] = access->old & (access->written | ~access->lanes);
}

static void egr_write(struct device *device, const struct reg_access *access)
{
    struct tim_state *tim = state_of(device);
    uint32_t written = tim->regs[EGR];
    (void)access;
    tim->regs[EGR] = 0;
    for (unsigned channel = 0; channel < channel_count(device); channel++)
        if ((written & 2u << channel) && is_output(tim, channel))
            tim->regs[SR] |= SR_CC1IF << channel;
    if (!(written & EGR_UG))
        return;
    /* RM0351 TIMx_EGR: the counter and the prescaler start over, and the registers are loaded. */
    rebase(device);
    update_event(device, UPDATE_SOFTWARE);
    if (alignment(tim) != EDGE_ALIGNED)
        tim->is_down = false;
    tim->start_count = tim->is_down ? tim->arr : 0;
    tim->start_cycle = cycles_now(device);
    tim->next_tick = 0;
}

static void set_compare(struct device *device, unsigned channel, uint32_t value)
{
    struct tim_state *tim = state_of(device);
    if (tim->ccr[channel] == value)
        return;
    tim->ccr[channel] = value;
    if (tim->rate_hz && is_output(tim, channel) &&
        count_after(tim, ticks_in_segment(device)) == value)
        tim->regs[SR] |= SR_CC1IF << channel;
}

static void ccmr_write(struct device *device, const struct reg_access *access)
{
    struct tim_state *tim = state_of(device);
    unsigned first = access->index == CCMR2 ? 2 : 0;
    bool may_capture = variant_of(device)->number == 16 && (tim->regs[CCMR1] & CCMR1_CC1S) == 1;
    report_missing(device, access, may_capture ? CCMR_CCS & ~CCMR1_CC1S : CCMR_CCS);
    for (unsigned channel = first; channel < first + 2; channel++)
        if (!is_compare_buffered(tim, channel))
            set_compare(device, channel, tim->regs[CCR1 + channel]);
}

static void ccer_write(struct device *device, const struct reg_access *access)
{
    report_missing(device, access, captured_hz(device) ? CCER_ENABLES & ~CCER_CC1E : CCER_ENABLES);
}

/* RM0351 TIMx_SR: reading what was captured clears the flag. */
static uint32_t ccr1_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    struct tim_state *tim = state_of(device);
    if (is_output(tim, 0) || access->access->master == MASTER_DEBUGGER)
        return value;
    access->result->is_time_dependent = tim->regs[SR] & SR_CC1IF;
    tim->regs[SR] &= ~SR_CC1IF;
    return value;
}

static void ccr_write(struct device *device, const struct reg_access *access)
{
    struct tim_state *tim = state_of(device);
    unsigned channel = access->index - CCR1;
    if (channel == 0 && captured_hz(device)) {
        tim->regs[access->index] = access->old; /* RM0351 TIMx_CCR1: read-only as an input */
        return;
    }
    tim->regs[access->index] &= width_mask(device);
    if (!is_compare_buffered(tim, channel))
        set_compare(device, channel, tim->regs[access->index]);
}

static void cnt_write(struct device *device, const struct reg_access *access)
{
    struct tim_state *tim = state_of(device);
    rebase(device);
    uint32_t kept = tim->start_count & ~access->lanes;
    tim->start_count = (kept | (access->written & access->lanes)) & width_mask(device);
    tim->next_tick = 0;
}

static uint32_t cnt_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    const struct tim_state *tim = state_of(device);
    value = count_after(tim, ticks_in_segment(device)) & width_mask(device);
    access->result->is_time_dependent = tim->rate_hz != 0;
    if (tim->regs[CR1] & CR1_UIFREMAP)
        value = (value & ~CNT_UIFCPY) | (tim->regs[SR] & SR_UIF ? CNT_UIFCPY : 0);
    return value;
}

static void arr_write(struct device *device, const struct reg_access *access)
{
    struct tim_state *tim = state_of(device);
    (void)access;
    tim->regs[ARR] &= width_mask(device);
    if (tim->regs[CR1] & CR1_ARPE)
        return;
    rebase(device);
    tim->arr = tim->regs[ARR];
}

// clang-format off
static const struct reg regs[TIM_REG_COUNT] = {
    /* CKD sets filters of inputs and dead time: storage. */
    [CR1] = { .name = "CR1", .offset = 0x00, .rw = 0x08FF, .storage = 0x0300, .on_write = cr1_write,
              .on_read = cr1_read },
    /* CCDS, OISx: storage. CCPC, CCUS, MMS, TI1S, MMS2 have an effect that is missing. */
    [CR2] = { .name = "CR2", .offset = 0x04, .storage = 0x00057F08, .unimp = 0x00F000F5 },
    /* OCCS, TS, MSM, ETF, ETPS, ETP serve only SMS and ECE. */
    [SMCR] = { .name = "SMCR", .offset = 0x08, .storage = 0x0000BFF8, .unimp = 0x00014007 },
    /* COMIE, TIE, BIE: their flags never rise. CCxDE, COMDE, TDE are missing. */
    [DIER] = { .name = "DIER", .offset = 0x0C, .rw = 0x011F, .storage = 0x00E0, .unimp = 0x7E00,
               .on_write = dier_write },
    [SR] = { .name = "SR", .offset = 0x10, .on_write = sr_write },
    [EGR] = { .name = "EGR", .offset = 0x14, .rw = 0x001F, .unimp = 0x01E0,
              .write_only = 0xFFFFFFFF, .on_write = egr_write },
    /* OCxFE, OCxM and OCxCE shape an output; CCxS other than 0 asks for input capture: see
     * ccmr_write. */
    [CCMR1] = { .name = "CCMR1", .offset = 0x18, .rw = 0x0B0B, .storage = 0x0101F4F4,
                .on_write = ccmr_write },
    [CCMR2] = { .name = "CCMR2", .offset = 0x1C, .rw = 0x0B0B, .storage = 0x0101F4F4,
                .on_write = ccmr_write },
    /* CCxE and CCxNE would drive a pin; polarities are storage. */
    [CCER] = { .name = "CCER", .offset = 0x20, .rw = 0x00115555, .storage = 0x0022AAAA,
               .on_write = ccer_write },
    [CNT] = { .name = "CNT", .offset = 0x24, .on_write = cnt_write, .on_read = cnt_read },
    [PSC] = { .name = "PSC", .offset = 0x28, .rw = 0xFFFF },
    [ARR] = { .name = "ARR", .offset = 0x2C, .rw = 0xFFFFFFFF, .on_write = arr_write },
    [RCR] = { .name = "RCR", .offset = 0x30, .rw = 0xFFFF },
    [CCR1] = { .name = "CCR1", .offset = 0x34, .rw = 0xFFFFFFFF, .on_write = ccr_write,
               .on_read = ccr1_read },
    [CCR2] = { .name = "CCR2", .offset = 0x38, .rw = 0xFFFFFFFF, .on_write = ccr_write },
    [CCR3] = { .name = "CCR3", .offset = 0x3C, .rw = 0xFFFFFFFF, .on_write = ccr_write },
    [CCR4] = { .name = "CCR4", .offset = 0x40, .rw = 0xFFFFFFFF, .on_write = ccr_write },
    [BDTR] = { .name = "BDTR", .offset = 0x44, .storage = 0x03FFFFFF },
    [DCR] = { .name = "DCR", .offset = 0x48, .storage = 0x1F1F },
    [DMAR] = { .name = "DMAR", .offset = 0x4C, .unimp = 0xFFFFFFFF },
    [OR1] = { .name = "OR1", .offset = 0x50, .storage = 0x1F },
    [CCMR3] = { .name = "CCMR3", .offset = 0x54, .storage = 0x0101FFFC },
    [CCR5] = { .name = "CCR5", .offset = 0x58, .storage = 0xE000FFFF },
    [CCR6] = { .name = "CCR6", .offset = 0x5C, .storage = 0xFFFF },
    [OR2] = { .name = "OR2", .offset = 0x60, .storage = 0xFFFFFFFF },
    [OR3] = { .name = "OR3", .offset = 0x64, .storage = 0xFFFFFFFF },
};
// clang-format on

static const struct reg_block all_regs = {regs, TIM_REG_COUNT};
static const struct reg_block no_regs = {regs, 0};

static uint32_t present_bits(const struct device *device, uint32_t offset)
{
    int reg = reg_find(&all_regs, offset & ~3u);
    return reg < 0 ? 0 : present[variant_of(device)->kind][reg];
}

/* ---- What the bus and the machine call ---- */

static void tim_reset(struct device *device, enum reset_cause cause)
{
    struct tim_state *tim = state_of(device);
    set_request(device, false);
    *tim = (struct tim_state){0};
    reg_reset(&all_regs, tim->regs, cause);
    tim->regs[ARR] = tim->arr = width_mask(device);
    settle(device);
}

static void tim_read(struct device *device, const struct access *access,
                     struct access_result *result)
{
    bool exists = present_bits(device, access->offset);
    advance(device);
    reg_read(device, exists ? &all_regs : &no_regs, state_of(device)->regs, access, result);
    update_irqs(device);
}

static void tim_write(struct device *device, const struct access *access,
                      struct access_result *result)
{
    uint32_t bits = present_bits(device, access->offset);
    struct access masked = *access;
    masked.value &= bits >> (8 * (access->offset & 3));
    advance(device);
    reg_write(device, bits ? &all_regs : &no_regs, state_of(device)->regs, &masked, result);
    settle(device);
}

static void tim_expired(struct device *device, unsigned timer)
{
    advance(device);
    if (timer == TIMER_CAPTURE) {
        capture(device);
        schedule_capture(device);
    }
    schedule(device);
    update_irqs(device);
}

static void tim_signal(struct device *device, unsigned line, uint32_t value)
{
    (void)value;
    if (line != WIRE_CLOCKS && line != WIRE_HALT)
        return;
    advance(device);
    settle(device);
}

const struct device_type tim_type = {
    .name = "tim",
    .state_bytes = sizeof(struct tim_state),
    .timer_count = TIMERS,
    .reset = tim_reset,
    .read = tim_read,
    .write = tim_write,
    .expired = tim_expired,
    .signal = tim_signal,
};
