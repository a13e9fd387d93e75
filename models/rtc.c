/* Real-time clock and backup registers (RM0351 rev 9 chapter 38; boot sheet 15).
 * Modelled: calendar on LSE, LSI or HSE / 32 with both prescalers, initialisation mode, shadow
 * registers and their lock, both alarms with sub-seconds, wake-up timer, shift, daylight saving,
 * both write protections, backup registers, flags and interrupts through EXTI lines 18 and 20,
 * life on VBAT.
 * Storage: outputs. Missing, and reported when set: calibration, time stamp, tamper, reference
 * clock. */
#include "models/rtc.h"

#include <string.h>

#include "models/flash_l4.h"
#include "models/rtc_calendar.h"
#include "models/wires.h"
#include "sim/core/reg.h"

enum {
    TR, DR, CR, ISR, PRER, WUTR, ALRMAR, ALRMBR, WPR, SSR, SHIFTR, TSTR, TSDR, TSSSR, CALR, TAMPCR,
    ALRMASSR, ALRMBSSR, OR, REG_COUNT
};
enum { BKP_COUNT = 32, BKP_OFFSET = 0x50 };

#define CR_WUCKSEL (7u << 0)
#define CR_BYPSHAD (1u << 5)
#define CR_FMT (1u << 6)
#define CR_INIT_ONLY (1u << 6 | 1u << 4)
#define CR_ALRAE (1u << 8)
#define CR_ALRBE (1u << 9)
#define CR_WUTE (1u << 10)
#define CR_ALRAIE (1u << 12)
#define CR_ALRBIE (1u << 13)
#define CR_WUTIE (1u << 14)
#define CR_ADD1H (1u << 16)
#define CR_SUB1H (1u << 17)
#define ISR_ALRAWF (1u << 0)
#define ISR_ALRBWF (1u << 1)
#define ISR_WUTWF (1u << 2)
#define ISR_INITS (1u << 4)
#define ISR_RSF (1u << 5)
#define ISR_INITF (1u << 6)
#define ISR_INIT (1u << 7)
#define ISR_ALRAF (1u << 8)
#define ISR_ALRBF (1u << 9)
#define ISR_WUTF (1u << 10)
#define ISR_OPEN_FLAGS (0x3Fu << 8) /* not under WPR's protection */
#define FREEZE_RTC (1u << 10)

enum { EXTI_LINE_ALARM = 18, EXTI_LINE_WAKEUP = 20 };
enum { TIMER_SYNC, TIMER_ALARM_A, TIMER_ALARM_B, TIMER_WAKEUP, TIMER_COUNT };
enum { KEY_LOCKED, KEY_HALF, KEY_OPEN };
enum { SYNC_CYCLES = 2, RESTART_CYCLES = 4 }; /* RM0351 38.3.7, 38.3.8 */

/* So that cycles before the domain's reset can be named. */
#define FIRST_CYCLE (UINT64_C(1) << 40)

/* Time is counted in cycles of RTCCLK; the backup domain's reset was at FIRST_CYCLE. */
struct rtc {
    uint32_t regs[REG_COUNT];
    uint32_t bkp[BKP_COUNT];
    uint8_t key;            /* KEY_LOCKED.. */
    bool is_locked;         /* TR or SSR was read: the shadows hold until DR is read */
    uint32_t shadow_tr, shadow_dr, shadow_ssr;
    uint32_t hz;            /* RTCCLK since base_ps; 0: it stands still */
    uint64_t base_ps;
    uint64_t base_cycle;
    uint64_t ref_cycle;     /* at which second ref_second began */
    uint64_t ref_second;
    uint32_t weekday_of_0;  /* 0 to 6: of second 0 */
    uint64_t wakeup_cycle;  /* at which the wake-up timer next runs out */
};

static bool protected_guard(struct device *device, const struct reg_access *access);
static bool init_guard(struct device *device, const struct reg_access *access);
static bool wutr_guard(struct device *device, const struct reg_access *access);
static bool alarm_guard(struct device *device, const struct reg_access *access);
static bool domain_guard(struct device *device, const struct reg_access *access);
static void cr_write(struct device *device, const struct reg_access *access);
static void isr_write(struct device *device, const struct reg_access *access);
static void alarm_write(struct device *device, const struct reg_access *access);
static void wpr_write(struct device *device, const struct reg_access *access);
static void shiftr_write(struct device *device, const struct reg_access *access);
static uint32_t tr_read(struct device *device, const struct reg_access *access, uint32_t value);
static uint32_t dr_read(struct device *device, const struct reg_access *access, uint32_t value);
static uint32_t ssr_read(struct device *device, const struct reg_access *access, uint32_t value);
static uint32_t isr_read(struct device *device, const struct reg_access *access, uint32_t value);

// clang-format off
static const struct reg regs[REG_COUNT] = {
    [TR] = { .name = "TR", .offset = 0x00, .rw = 0x007F7F7F,
             .guard = init_guard, .on_read = tr_read },
    [DR] = { .name = "DR", .offset = 0x04, .reset = 0x2101, .rw = 0x00FFFF3F,
             .guard = init_guard, .on_read = dr_read },
    [CR] = { .name = "CR", .offset = 0x08, .rw = 0x00047767, .w1s = CR_ADD1H | CR_SUB1H,
             .storage = 0x00F88008, .unimp = 0x01000810,
             .guard = protected_guard, .on_write = cr_write },
    [ISR] = { .name = "ISR", .offset = 0x0C, .reset = 0x0007, .rw = 0x0003FFA0,
              .guard = domain_guard, .on_write = isr_write, .on_read = isr_read },
    [PRER] = { .name = "PRER", .offset = 0x10, .reset = 0x007F00FF, .rw = 0x007F7FFF,
               .guard = init_guard },
    [WUTR] = { .name = "WUTR", .offset = 0x14, .reset = 0xFFFF, .rw = 0xFFFF, .guard = wutr_guard },
    [ALRMAR] = { .name = "ALRMAR", .offset = 0x1C, .rw = 0xFFFFFFFF,
                 .guard = alarm_guard, .on_write = alarm_write },
    [ALRMBR] = { .name = "ALRMBR", .offset = 0x20, .rw = 0xFFFFFFFF,
                 .guard = alarm_guard, .on_write = alarm_write },
    [WPR] = { .name = "WPR", .offset = 0x24, .rw = 0xFF, .write_only = 0xFFFFFFFF,
              .guard = domain_guard, .on_write = wpr_write },
    [SSR] = { .name = "SSR", .offset = 0x28, .on_read = ssr_read },
    [SHIFTR] = { .name = "SHIFTR", .offset = 0x2C, .w1s = 0x80007FFF, .write_only = 0xFFFFFFFF,
                 .guard = protected_guard, .on_write = shiftr_write },
    [TSTR] = { .name = "TSTR", .offset = 0x30 },
    [TSDR] = { .name = "TSDR", .offset = 0x34 },
    [TSSSR] = { .name = "TSSSR", .offset = 0x38 },
    [CALR] = { .name = "CALR", .offset = 0x3C, .unimp = 0x0000E1FF, .guard = protected_guard },
    [TAMPCR] = { .name = "TAMPCR", .offset = 0x40, .storage = 0x01FFFFD6, .unimp = 0x00000029,
                 .guard = domain_guard },
    [ALRMASSR] = { .name = "ALRMASSR", .offset = 0x44, .rw = 0x0F007FFF,
                   .guard = alarm_guard, .on_write = alarm_write },
    [ALRMBSSR] = { .name = "ALRMBSSR", .offset = 0x48, .rw = 0x0F007FFF,
                   .guard = alarm_guard, .on_write = alarm_write },
    [OR] = { .name = "OR", .offset = 0x4C, .storage = 0x3, .guard = domain_guard },
};
// clang-format on

static const struct reg_block block = {regs, REG_COUNT};

/* --- time --- */

static uint64_t prediv_a(const struct rtc *rtc)
{
    return (rtc->regs[PRER] >> 16 & 0x7F) + 1;
}

static uint64_t prediv_s(const struct rtc *rtc)
{
    return (rtc->regs[PRER] & 0x7FFF) + 1;
}

static uint64_t second_cycles(const struct rtc *rtc)
{
    return prediv_a(rtc) * prediv_s(rtc);
}

/* Cycle c is reached at floor(c / hz): see clock_ps_from_cycles. */
static uint64_t cycle_now(struct device *device)
{
    const struct rtc *rtc = device->state;
    if (!rtc->hz)
        return rtc->base_cycle;
    return rtc->base_cycle +
           clock_cycles_to_reach(device_now_ps(device) - rtc->base_ps + 1, rtc->hz) - 1;
}

static uint64_t ps_of(const struct rtc *rtc, uint64_t cycle)
{
    uint64_t ahead = cycle > rtc->base_cycle ? cycle - rtc->base_cycle : 0;
    return rtc->base_ps + clock_ps_from_cycles(ahead, rtc->hz);
}

static bool is_initialising(const struct rtc *rtc)
{
    return rtc->regs[ISR] & ISR_INITF;
}

struct now {
    uint64_t second;
    uint64_t tick; /* of ck_apre, in the second */
};

static struct now calendar_now(struct device *device)
{
    const struct rtc *rtc = device->state;
    uint64_t cycle = cycle_now(device);
    uint64_t since = cycle > rtc->ref_cycle ? cycle - rtc->ref_cycle : 0;
    return (struct now){
        .second = rtc->ref_second + since / second_cycles(rtc),
        .tick = since % second_cycles(rtc) / prediv_a(rtc),
    };
}

static uint32_t weekday_at(const struct rtc *rtc, uint64_t second)
{
    return (uint32_t)((rtc->weekday_of_0 + second / 86400) % 7) + 1;
}

/* --- alarms, wake-up timer --- */

static void update_lines(struct device *device)
{
    const struct rtc *rtc = device->state;
    uint32_t cr = rtc->regs[CR];
    uint32_t isr = rtc->regs[ISR];
    bool alarm = ((cr & CR_ALRAIE) && (isr & ISR_ALRAF)) ||
                 ((cr & CR_ALRBIE) && (isr & ISR_ALRBF));
    bool wakeup = (cr & CR_WUTIE) && (isr & ISR_WUTF);
    device_signal(device->system, WIRE_EXTI, EXTI_LINE_ALARM << 1 | alarm);
    device_signal(device->system, WIRE_EXTI, EXTI_LINE_WAKEUP << 1 | wakeup);
}

/* The first tick of a second, at or after `tick`, whose sub-seconds match; UINT64_MAX: none.
 * RM0351 38.6.17: MASKSS = n compares the n low bits of SSR, which counts down; 0: the second's
 * start. */
static uint64_t matching_tick(const struct rtc *rtc, uint32_t ssr_alarm, uint64_t tick)
{
    unsigned bits = ssr_alarm >> 24 & 0xF;
    if (bits == 0)
        return tick == 0 ? 0 : UINT64_MAX;
    uint64_t modulus = UINT64_C(1) << bits;
    uint64_t wanted = (ssr_alarm & 0x7FFF) % modulus;
    if (tick >= prediv_s(rtc))
        return UINT64_MAX;
    uint64_t ssr = prediv_s(rtc) - 1 - tick;
    uint64_t step = (ssr % modulus + modulus - wanted) % modulus;
    return step <= ssr ? tick + step : UINT64_MAX;
}

static void schedule_alarm(struct device *device, unsigned timer)
{
    const struct rtc *rtc = device->state;
    bool is_a = timer == TIMER_ALARM_A;
    device_cancel(device, timer);
    if (!rtc->hz || is_initialising(rtc) || !(rtc->regs[CR] & (is_a ? CR_ALRAE : CR_ALRBE)))
        return;
    uint32_t sub_seconds = rtc->regs[is_a ? ALRMASSR : ALRMBSSR];
    uint32_t alarm = rtc->regs[is_a ? ALRMAR : ALRMBR];
    bool is_12_hour = rtc->regs[CR] & CR_FMT;
    struct now now = calendar_now(device);
    /* The rest of this second first, then whole ones: what does not match in one matches in
     * none. */
    uint64_t second = rtc_alarm_second(alarm, is_12_hour, rtc->weekday_of_0, now.second);
    uint64_t tick =
        matching_tick(rtc, sub_seconds, second == now.second ? now.tick + 1 : 0);
    if (second == now.second && tick == UINT64_MAX) {
        second = rtc_alarm_second(alarm, is_12_hour, rtc->weekday_of_0, now.second + 1);
        tick = matching_tick(rtc, sub_seconds, 0);
    }
    if (second == UINT64_MAX || tick == UINT64_MAX)
        return;
    uint64_t cycle = rtc->ref_cycle + (second - rtc->ref_second) * second_cycles(rtc) +
                     tick * prediv_a(rtc);
    device_schedule(device, timer, ps_of(rtc, cycle));
}

/* RM0351 38.3.6: 16, 8, 4, 2 cycles of RTCCLK, or seconds, the upper range of them 2^16 longer. */
static uint64_t wakeup_period(const struct rtc *rtc)
{
    uint32_t select = rtc->regs[CR] & CR_WUCKSEL;
    uint64_t count = UINT64_C(1) + rtc->regs[WUTR];
    if (select < 4)
        return count * (16u >> select);
    return (count + (select >= 6 ? 0x10000 : 0)) * second_cycles(rtc);
}

static void schedule_wakeup(struct device *device)
{
    const struct rtc *rtc = device->state;
    device_cancel(device, TIMER_WAKEUP);
    if (rtc->hz && (rtc->regs[CR] & CR_WUTE))
        device_schedule(device, TIMER_WAKEUP, ps_of(rtc, rtc->wakeup_cycle));
}

static void schedule_sync(struct device *device)
{
    const struct rtc *rtc = device->state;
    device_cancel(device, TIMER_SYNC);
    if (rtc->hz)
        device_schedule(device, TIMER_SYNC, ps_of(rtc, cycle_now(device) + SYNC_CYCLES));
}

static void schedule_all(struct device *device)
{
    schedule_alarm(device, TIMER_ALARM_A);
    schedule_alarm(device, TIMER_ALARM_B);
    schedule_wakeup(device);
    schedule_sync(device);
}

static void set_rate(struct device *device, uint32_t hz)
{
    struct rtc *rtc = device->state;
    if (hz == rtc->hz)
        return;
    rtc->base_cycle = cycle_now(device);
    rtc->base_ps = device_now_ps(device);
    rtc->hz = hz;
    schedule_all(device);
}

static void update_rate(struct device *device)
{
    const struct wires *wires = device->system->wires;
    bool is_frozen = wires->is_core_halted && (wires->freeze_apb1_1 & FREEZE_RTC);
    set_rate(device, is_frozen ? 0 : wires->rtc_hz);
}

/* --- protection --- */

/* RM0351 38.3.7: PWR_CR1.DBP guards everything. */
static bool domain_guard(struct device *device, const struct reg_access *access)
{
    (void)access;
    return device->system->wires->backup_access;
}

static bool protected_guard(struct device *device, const struct reg_access *access)
{
    const struct rtc *rtc = device->state;
    return domain_guard(device, access) && rtc->key == KEY_OPEN;
}

static bool init_guard(struct device *device, const struct reg_access *access)
{
    return protected_guard(device, access) && is_initialising(device->state);
}

static bool wutr_guard(struct device *device, const struct reg_access *access)
{
    const struct rtc *rtc = device->state;
    return protected_guard(device, access) && (rtc->regs[ISR] & ISR_WUTWF);
}

static bool alarm_guard(struct device *device, const struct reg_access *access)
{
    const struct rtc *rtc = device->state;
    bool is_a = access->index == ALRMAR || access->index == ALRMASSR;
    bool is_open = rtc->regs[ISR] & (is_a ? ISR_ALRAWF : ISR_ALRBWF);
    return protected_guard(device, access) && (is_open || is_initialising(rtc));
}

static void wpr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    struct rtc *rtc = device->state;
    uint32_t key = rtc->regs[WPR];
    rtc->regs[WPR] = 0;
    if (key == 0xCA)
        rtc->key = KEY_HALF;
    else
        rtc->key = key == 0x53 && rtc->key == KEY_HALF ? KEY_OPEN : KEY_LOCKED;
}

/* --- registers --- */

static void alarm_write(struct device *device, const struct reg_access *access)
{
    bool is_a = access->index == ALRMAR || access->index == ALRMASSR;
    schedule_alarm(device, is_a ? TIMER_ALARM_A : TIMER_ALARM_B);
}

static void keep_bits(uint32_t *value, uint32_t old, uint32_t mask)
{
    *value = (*value & ~mask) | (old & mask);
}

/* Counts from the second that runs now, `by` seconds later or earlier. */
static void move_calendar(struct device *device, int by)
{
    struct rtc *rtc = device->state;
    uint64_t second = calendar_now(device).second;
    rtc->ref_cycle += (second - rtc->ref_second) * second_cycles(rtc);
    if (by < 0 && second < (uint64_t)-by) { /* back into year 99; 36525 days are 6 modulo 7 */
        second += RTC_CENTURY_SECONDS;
        rtc->weekday_of_0 = (rtc->weekday_of_0 + 1) % 7;
    }
    rtc->ref_second = second + (uint64_t)(int64_t)by;
}

static void cr_write(struct device *device, const struct reg_access *access)
{
    struct rtc *rtc = device->state;
    uint32_t *cr = &rtc->regs[CR];
    if (!is_initialising(rtc))
        keep_bits(cr, access->old, CR_INIT_ONLY);
    if (access->old & CR_WUTE)
        keep_bits(cr, access->old, CR_WUCKSEL);
    if (*cr & CR_ADD1H)
        move_calendar(device, 3600);
    if ((*cr & CR_SUB1H) && rtc_date_of(calendar_now(device).second).hour != 0)
        move_calendar(device, -3600);
    *cr &= ~(CR_ADD1H | CR_SUB1H);
    uint32_t risen = *cr & ~access->old;
    uint32_t fallen = access->old & ~*cr;
    if (risen & CR_WUTE)
        rtc->wakeup_cycle = cycle_now(device) + wakeup_period(rtc);
    if (risen & CR_WUTE)
        rtc->regs[ISR] &= ~ISR_WUTWF;
    if (risen & CR_ALRAE)
        rtc->regs[ISR] &= ~ISR_ALRAWF;
    if (risen & CR_ALRBE)
        rtc->regs[ISR] &= ~ISR_ALRBWF;
    if (*cr & CR_BYPSHAD)
        rtc->is_locked = false;
    schedule_alarm(device, TIMER_ALARM_A);
    schedule_alarm(device, TIMER_ALARM_B);
    schedule_wakeup(device);
    if (fallen & (CR_WUTE | CR_ALRAE | CR_ALRBE))
        schedule_sync(device);
    update_lines(device);
}

/* Leaves initialisation mode: the calendar starts from what TR and DR hold. */
static void start_calendar(struct device *device)
{
    struct rtc *rtc = device->state;
    bool is_12_hour = rtc->regs[CR] & CR_FMT;
    rtc->ref_second = rtc_seconds_of(rtc_date_from(rtc->regs[TR], rtc->regs[DR], is_12_hour));
    rtc->ref_cycle = cycle_now(device) + RESTART_CYCLES;
    uint32_t weekday = rtc->regs[DR] >> 13 & 7;
    uint64_t days = rtc->ref_second / 86400;
    rtc->weekday_of_0 = (uint32_t)((weekday + 6 + 7 - days % 7) % 7);
    rtc->regs[ISR] &= ~(ISR_INITF | ISR_RSF);
    rtc->is_locked = false;
    schedule_all(device);
}

static void stop_calendar(struct device *device)
{
    struct rtc *rtc = device->state;
    uint64_t second = calendar_now(device).second;
    struct rtc_date date = rtc_date_of(second);
    rtc->regs[TR] = rtc_tr(date, rtc->regs[CR] & CR_FMT);
    rtc->regs[DR] = rtc_dr(date, weekday_at(rtc, second));
    rtc->regs[ISR] = (rtc->regs[ISR] & ~ISR_RSF) | ISR_INITF;
    device_cancel(device, TIMER_ALARM_A);
    device_cancel(device, TIMER_ALARM_B);
}

/* RM0351 38.6.4: flags are cleared by writing 0; INIT and RSF need the key. */
static void isr_write(struct device *device, const struct reg_access *access)
{
    struct rtc *rtc = device->state;
    uint32_t *isr = &rtc->regs[ISR];
    uint32_t written = *isr;
    *isr = access->old & (written | ~(ISR_OPEN_FLAGS | 1u << 17));
    if (rtc->key == KEY_OPEN) {
        *isr &= written | ~ISR_RSF;
        keep_bits(isr, written, ISR_INIT);
        if (!(*isr & ISR_INIT) && is_initialising(rtc))
            start_calendar(device);
        else if ((*isr ^ access->old) & (ISR_INIT | ISR_RSF))
            schedule_sync(device);
    }
    update_lines(device);
}

static uint32_t isr_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    (void)access;
    uint32_t year = rtc_date_of(calendar_now(device).second).year;
    return value | (year ? ISR_INITS : 0);
}

static void capture(struct device *device)
{
    struct rtc *rtc = device->state;
    struct now now = calendar_now(device);
    struct rtc_date date = rtc_date_of(now.second);
    if (rtc->is_locked)
        return;
    rtc->shadow_tr = rtc_tr(date, rtc->regs[CR] & CR_FMT);
    rtc->shadow_dr = rtc_dr(date, weekday_at(rtc, now.second));
    rtc->shadow_ssr = (uint32_t)(prediv_s(rtc) - 1 - now.tick);
}

/* RM0351 38.3.8: reading TR or SSR holds the shadow registers until DR is read. */
static void capture_and_lock(struct device *device, const struct reg_access *access)
{
    struct rtc *rtc = device->state;
    access->result->is_time_dependent = true;
    capture(device);
    rtc->is_locked = !(rtc->regs[CR] & CR_BYPSHAD);
}

static uint32_t tr_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    const struct rtc *rtc = device->state;
    if (is_initialising(rtc))
        return value;
    capture_and_lock(device, access);
    return rtc->shadow_tr;
}

static uint32_t dr_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    struct rtc *rtc = device->state;
    if (is_initialising(rtc))
        return value;
    access->result->is_time_dependent = true;
    capture(device);
    rtc->is_locked = false;
    return rtc->shadow_dr;
}

static uint32_t ssr_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    (void)value;
    const struct rtc *rtc = device->state;
    if (is_initialising(rtc))
        return (uint32_t)(prediv_s(rtc) - 1);
    capture_and_lock(device, access);
    return rtc->shadow_ssr;
}

/* RM0351 38.3.9: SUBFS delays by that many ticks, ADD1S advances by a second. SHPF never shows. */
static void shiftr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    struct rtc *rtc = device->state;
    uint32_t shift = rtc->regs[SHIFTR];
    rtc->regs[SHIFTR] = 0;
    move_calendar(device, shift >> 31 ? 1 : 0);
    rtc->ref_cycle += (shift & 0x7FFF) * prediv_a(rtc);
    if (rtc->ref_cycle > cycle_now(device)) {
        rtc->ref_cycle -= second_cycles(rtc);
        move_calendar(device, -1);
    }
    schedule_alarm(device, TIMER_ALARM_A);
    schedule_alarm(device, TIMER_ALARM_B);
}

/* --- the device --- */

static void finish_sync(struct device *device)
{
    struct rtc *rtc = device->state;
    uint32_t cr = rtc->regs[CR];
    uint32_t *isr = &rtc->regs[ISR];
    if ((*isr & ISR_INIT) && !is_initialising(rtc))
        stop_calendar(device);
    if (!is_initialising(rtc) && !(cr & CR_BYPSHAD))
        *isr |= ISR_RSF;
    *isr |= (cr & CR_WUTE ? 0 : ISR_WUTWF) | (cr & CR_ALRAE ? 0 : ISR_ALRAWF) |
            (cr & CR_ALRBE ? 0 : ISR_ALRBWF);
}

static void rtc_expired(struct device *device, unsigned timer)
{
    struct rtc *rtc = device->state;
    switch (timer) {
    case TIMER_SYNC: finish_sync(device); break;
    case TIMER_ALARM_A:
    case TIMER_ALARM_B:
        rtc->regs[ISR] |= timer == TIMER_ALARM_A ? ISR_ALRAF : ISR_ALRBF;
        schedule_alarm(device, timer);
        break;
    default:
        rtc->regs[ISR] |= ISR_WUTF;
        rtc->wakeup_cycle += wakeup_period(rtc);
        schedule_wakeup(device);
        break;
    }
    update_lines(device);
}

static void reset_domain(struct device *device)
{
    struct rtc *rtc = device->state;
    memset(rtc, 0, sizeof *rtc);
    reg_reset(&block, rtc->regs, RESET_POWER_ON);
    rtc->base_ps = device_now_ps(device);
    rtc->base_cycle = rtc->ref_cycle = FIRST_CYCLE;
    for (unsigned timer = 0; timer < TIMER_COUNT; timer++)
        device_cancel(device, timer);
    update_lines(device);
}

static void rtc_signal(struct device *device, unsigned line, uint32_t value)
{
    (void)value;
    if (line == WIRE_BACKUP_RESET)
        reset_domain(device);
    if (line == WIRE_BACKUP_RESET || line == WIRE_CLOCKS || line == WIRE_HALT)
        update_rate(device);
}

/* RM0351 38.5: a system reset clears INIT, INITF and RSF and leaves the rest. */
static void rtc_reset(struct device *device, enum reset_cause cause)
{
    struct rtc *rtc = device->state;
    bool is_new = rtc->base_cycle == 0;
    if (is_new || (cause == RESET_POWER_ON && !device->system->wires->has_vbat))
        reset_domain(device);
    if (is_initialising(rtc))
        start_calendar(device);
    rtc->regs[ISR] &= ~(ISR_INIT | ISR_INITF | ISR_RSF);
    rtc->is_locked = false;
    update_rate(device);
    schedule_all(device);
    update_lines(device);
}

/* On VBAT only the LSE goes on. */
static void rtc_power_cut(struct device *device)
{
    const struct rtc *rtc = device->state;
    const struct wires *wires = device->system->wires;
    if (!wires->has_vbat || rtc->hz != wires->lse_hz)
        set_rate(device, 0);
}

static bool is_backup_register(const struct access *access)
{
    return access->offset - BKP_OFFSET < BKP_COUNT * 4;
}

static void rtc_read(struct device *device, const struct access *access,
                     struct access_result *result)
{
    struct rtc *rtc = device->state;
    if (!is_backup_register(access)) {
        reg_read(device, &block, rtc->regs, access, result);
        return;
    }
    if (device->system->wires->is_closed_by_level_1) {
        flash_l4_refuse_level_1(device, access, result);
        return;
    }
    uint32_t word = rtc->bkp[(access->offset - BKP_OFFSET) / 4] >> (8 * (access->offset & 3));
    result->value = access->size == 4 ? word : word & ((1u << (8 * access->size)) - 1);
}

static void rtc_write(struct device *device, const struct access *access,
                      struct access_result *result)
{
    struct rtc *rtc = device->state;
    if (!is_backup_register(access)) {
        reg_write(device, &block, rtc->regs, access, result);
        return;
    }
    if (device->system->wires->is_closed_by_level_1) {
        flash_l4_refuse_level_1(device, access, result);
        return;
    }
    /* RM0351 38.3.3: backup registers are under DBP, not under WPR. */
    if (!device->system->wires->backup_access)
        return;
    unsigned shift = 8 * (access->offset & 3);
    uint32_t lanes = (access->size == 4 ? 0xFFFFFFFF : (1u << (8 * access->size)) - 1) << shift;
    uint32_t *word = &rtc->bkp[(access->offset - BKP_OFFSET) / 4];
    *word = (*word & ~lanes) | (access->value << shift & lanes);
}

const struct device_type rtc_type = {
    .name = "rtc",
    .state_bytes = sizeof(struct rtc),
    .timer_count = TIMER_COUNT,
    .reset = rtc_reset,
    .read = rtc_read,
    .write = rtc_write,
    .expired = rtc_expired,
    .signal = rtc_signal,
    .power_cut = rtc_power_cut,
};
