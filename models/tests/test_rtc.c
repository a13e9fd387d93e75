/* Tests of rtc.c and rtc_calendar.c. Offsets and bits are the manual's (RM0351 38.6). */
#include "models/rtc_calendar.h"
#include "models/tests/soc_bench.h"

enum {
    RTC = 0x40002800,
    TR = RTC + 0x00,
    DR = RTC + 0x04,
    CR = RTC + 0x08,
    ISR = RTC + 0x0C,
    PRER = RTC + 0x10,
    WUTR = RTC + 0x14,
    ALRMAR = RTC + 0x1C,
    ALRMBR = RTC + 0x20,
    WPR = RTC + 0x24,
    SSR = RTC + 0x28,
    SHIFTR = RTC + 0x2C,
    CALR = RTC + 0x3C,
    ALRMASSR = RTC + 0x44,
    BKP0R = RTC + 0x50,
    BKP31R = RTC + 0xCC,
    BDCR = 0x40021090,
    EXTI_IMR1 = 0x40010400,
    EXTI_RTSR1 = 0x40010408,
};

/* On the LSE of 32768 Hz, with the prescalers of reset: 128 * 256. */
static struct soc *on_lse(void)
{
    struct soc *soc = power_on("stm32l452re");
    open_backup_domain(soc);
    put(soc, BDCR, 1);
    run_ms(soc, 250);
    put(soc, BDCR, 1 | 1u << 8 | 1u << 15);
    return soc;
}

static void unlock(struct soc *soc)
{
    put(soc, WPR, 0xCA);
    put(soc, WPR, 0x53);
}

static void enter_init(struct soc *soc)
{
    unlock(soc);
    put(soc, ISR, 0xFFFFFFFF);
    run_us(soc, 63); /* two cycles */
    assert_int_equal(get(soc, ISR) & 0x40, 0x40);
}

static void leave_init(struct soc *soc)
{
    put(soc, ISR, ~0x80u);
    run_us(soc, 123); /* four cycles */
}

static void set_time(struct soc *soc, uint32_t dr, uint32_t tr)
{
    enter_init(soc);
    put(soc, TR, tr);
    put(soc, DR, dr);
    leave_init(soc);
}

static void assert_time(struct soc *soc, uint32_t dr, uint32_t tr)
{
    assert_int_equal(get(soc, TR), tr);
    assert_int_equal(get(soc, DR), dr);
}

static void reset_values_are_the_manuals(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");

    assert_time(soc, 0x2101, 0);
    assert_int_equal(get(soc, CR), 0);
    assert_int_equal(get(soc, ISR), 0x7);
    assert_int_equal(get(soc, PRER), 0x007F00FF);
    assert_int_equal(get(soc, WUTR), 0xFFFF);
    assert_int_equal(get(soc, WPR), 0);
    assert_int_equal(get(soc, BKP0R), 0);
    soc_destroy(soc);
}

static void without_a_clock_init_mode_never_comes(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    open_backup_domain(soc);
    unlock(soc);

    put(soc, ISR, 0xFFFFFFFF);
    run_ms(soc, 1000);

    assert_int_equal(get(soc, ISR) & 0xC0, 0x80);
    soc_destroy(soc);
}

static void registers_need_dbp_the_key_and_init_mode(void **state)
{
    (void)state;
    struct soc *soc = on_lse();

    put(soc, CR, 0x20);
    assert_int_equal(get(soc, CR), 0); /* no key */
    unlock(soc);
    put(soc, CR, 0x20);
    assert_int_equal(get(soc, CR), 0x20);
    put(soc, PRER, 0x00010001);
    assert_int_equal(get(soc, PRER), 0x007F00FF); /* not in init mode */
    put(soc, WPR, 0xFF);
    put(soc, CR, 0);
    assert_int_equal(get(soc, CR), 0x20); /* a wrong key locked again */
    unlock(soc);
    put(soc, 0x40007000, 0x0200); /* DBP off */
    put(soc, CR, 0);
    put(soc, BKP0R, 5);

    assert_int_equal(get(soc, CR), 0x20);
    assert_int_equal(get(soc, BKP0R), 0);
    soc_destroy(soc);
}

static void the_calendar_counts_seconds(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    set_time(soc, 0x00247228, 0x00235958); /* Wednesday, 28 December 24, 23:59:58 */

    run_ms(soc, 999);
    assert_time(soc, 0x00247228, 0x00235958);
    run_ms(soc, 1);
    assert_time(soc, 0x00247228, 0x00235959);
    run_ms(soc, 1000);

    assert_time(soc, 0x00249229, 0x00000000);
    soc_destroy(soc);
}

static void leap_days_months_and_years_roll_over(void **state)
{
    (void)state;
    struct soc *soc = on_lse();

    set_time(soc, 0x0024E228, 0x00235959);
    run_ms(soc, 1000);
    assert_time(soc, 0x00242229, 0); /* Sunday to Monday, 29 February 24 */
    set_time(soc, 0x00252228, 0x00235959);
    run_ms(soc, 1000);
    assert_time(soc, 0x00254301, 0); /* 1 March 25 */
    set_time(soc, 0x0099F231, 0x00235959);
    run_ms(soc, 1000);

    assert_time(soc, 0x00002101, 0x00000000);
    soc_destroy(soc);
}

static void sub_seconds_count_down(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    set_time(soc, 0x00242101, 0);

    assert_int_equal(get(soc, SSR), 255);
    get(soc, DR);
    run_ms(soc, 500);

    assert_int_equal(get(soc, SSR), 127);
    soc_destroy(soc);
}

static void reading_tr_holds_the_shadows_until_dr_is_read(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    set_time(soc, 0x00242101, 0);

    assert_int_equal(get(soc, TR), 0);
    run_ms(soc, 5000);
    assert_int_equal(get(soc, TR), 0);
    get(soc, DR);
    assert_int_equal(get(soc, TR), 5);
    get(soc, DR);
    unlock(soc);
    put(soc, CR, 0x20); /* BYPSHAD */
    get(soc, TR);
    run_ms(soc, 1000);

    assert_int_equal(get(soc, TR), 6);
    soc_destroy(soc);
}

static void rsf_comes_back_after_two_cycles(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    unlock(soc);
    run_ms(soc, 1);

    put(soc, ISR, ~(0x20u | 0x80u));
    assert_int_equal(get(soc, ISR) & 0x20, 0);
    run_us(soc, 30); /* one cycle and more: the first of the two has begun already */
    assert_int_equal(get(soc, ISR) & 0x20, 0);
    run_us(soc, 32);

    assert_int_equal(get(soc, ISR) & 0x20, 0x20);
    soc_destroy(soc);
}

static void twelve_hour_format_shows_am_and_pm(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    enter_init(soc);
    put(soc, CR, 0x40);
    put(soc, TR, 0x00115959); /* 11:59:59 AM */
    put(soc, DR, 0x00242101);
    leave_init(soc);

    run_ms(soc, 1000);

    assert_time(soc, 0x00242101, 0x00520000); /* 12 PM */
    soc_destroy(soc);
}

static void the_wake_up_timer_repeats_and_raises_line_20(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    set_bits(soc, EXTI_IMR1, 1u << 20);
    put(soc, EXTI_RTSR1, 1u << 20);
    unlock(soc);
    put(soc, WUTR, 2047); /* 2048 cycles of RTCCLK / 16: one second */

    put(soc, CR, 1u << 10 | 1u << 14);
    assert_int_equal(get(soc, ISR) & 0x4, 0);
    run_ns(soc, 999999999);
    assert_int_equal(get(soc, ISR) & 0x400, 0);
    run_ns(soc, 1);

    assert_int_equal(get(soc, ISR) & 0x400, 0x400);
    assert_true(irq_pending(soc, 3));
    put(soc, ISR, ~(0x400u | 0x80u));
    assert_int_equal(get(soc, ISR) & 0x400, 0);
    run_ms(soc, 1000);
    assert_int_equal(get(soc, ISR) & 0x400, 0x400);
    put(soc, CR, 0);
    run_us(soc, 62);
    assert_int_equal(get(soc, ISR) & 0x4, 0x4);
    soc_destroy(soc);
}

static void wutr_is_locked_while_the_timer_runs(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    unlock(soc);
    put(soc, CR, 1u << 10 | 4);

    put(soc, WUTR, 7);
    put(soc, CR, 1u << 10 | 2);

    assert_int_equal(get(soc, WUTR), 0xFFFF);
    assert_int_equal(get(soc, CR), 1u << 10 | 4);
    soc_destroy(soc);
}

static void an_alarm_matches_its_time_and_raises_line_18(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    set_bits(soc, EXTI_IMR1, 1u << 18);
    put(soc, EXTI_RTSR1, 1u << 18);
    set_time(soc, 0x00242101, 0x00000000);
    put(soc, ALRMAR, 0x80000130); /* any day, 00:01:30 */

    put(soc, CR, 1u << 8 | 1u << 12);
    run_ms(soc, 89999);
    assert_int_equal(get(soc, ISR) & 0x100, 0);
    run_ms(soc, 1);

    assert_int_equal(get(soc, ISR) & 0x101, 0x100);
    assert_true(irq_pending(soc, 41));
    put(soc, ALRMAR, 0);
    assert_int_equal(get(soc, ALRMAR), 0x80000130); /* locked while enabled */
    put(soc, ISR, ~(0x100u | 0x80u));
    run_ms(soc, 86400000);
    assert_int_equal(get(soc, ISR) & 0x100, 0x100); /* the next day again */
    soc_destroy(soc);
}

static void an_alarm_can_repeat_within_the_second(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    set_time(soc, 0x00242101, 0);
    put(soc, ALRMAR, 0x80808080);       /* any time */
    put(soc, ALRMASSR, 6u << 24 | 10); /* SSR modulo 64 = 10: four times a second */
    put(soc, CR, 1u << 8);

    unsigned count = 0;
    for (unsigned i = 0; i < 2000; i++) {
        run_ms(soc, 1);
        count += get(soc, ISR) >> 8 & 1;
        put(soc, ISR, ~(0x100u | 0x80u));
    }

    assert_int_equal(count, 8);
    soc_destroy(soc);
}

static void a_sub_second_that_never_comes_never_matches(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    set_time(soc, 0x00242101, 0);
    put(soc, ALRMAR, 0x80000130);
    put(soc, ALRMASSR, 15u << 24 | 300); /* SSR is 255 at most */

    put(soc, CR, 1u << 8);
    run_ms(soc, 200000);

    assert_int_equal(get(soc, ISR) & 0x100, 0);
    soc_destroy(soc);
}

static void alarms_match_days_and_weekdays(void **state)
{
    (void)state;
    /* Second 0 is a Saturday here: weekday 6 of 1 to 7. */
    assert_int_equal(rtc_alarm_second(0x02000000, false, 5, 0), 86400);        /* on the 2nd */
    assert_int_equal(rtc_alarm_second(0x41000000, false, 5, 0), 2 * 86400);    /* on Mondays */
    assert_int_equal(rtc_alarm_second(0x31000000, false, 5, 31 * 86400), 90 * 86400); /* 31 March */
    assert_int_equal(rtc_alarm_second(0x80520000, true, 5, 1), 12 * 3600);     /* 12 PM */
    assert_true(rtc_alarm_second(0x80250000, false, 5, 0) == UINT64_MAX);      /* 25 h */
}

static void dates_survive_the_way_there_and_back(void **state)
{
    (void)state;
    for (uint64_t second = 0; second < RTC_CENTURY_SECONDS; second += 86400 * 13 + 3661)
        assert_true(rtc_seconds_of(rtc_date_of(second)) == second);
    struct rtc_date last = rtc_date_of(RTC_CENTURY_SECONDS - 1);
    assert_int_equal(last.year * 10000 + last.month * 100 + last.day, 991231);
}

static void daylight_saving_moves_an_hour(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    set_time(soc, 0x00242101, 0x00233000);

    unlock(soc);
    put(soc, CR, 1u << 16);
    assert_time(soc, 0x00244102, 0x00003000);
    put(soc, CR, 1u << 17); /* hour 0: not possible */
    assert_time(soc, 0x00244102, 0x00003000);
    put(soc, CR, 1u << 16);
    put(soc, CR, 1u << 17);

    assert_time(soc, 0x00244102, 0x00003000);
    assert_int_equal(get(soc, CR), 0);
    soc_destroy(soc);
}

static void a_shift_delays_or_advances(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    set_time(soc, 0x00242101, 0x00000010);

    put(soc, SHIFTR, 128); /* half a second later */
    assert_time(soc, 0x00242101, 0x00000009);
    run_ms(soc, 500);
    assert_time(soc, 0x00242101, 0x00000010);
    put(soc, SHIFTR, 1u << 31 | 128); /* half a second earlier */

    assert_int_equal(get(soc, SSR), 127);
    assert_time(soc, 0x00242101, 0x00000010);
    soc_destroy(soc);
}

static void backup_registers_hold_words_halves_and_bytes(void **state)
{
    (void)state;
    struct soc *soc = on_lse();

    put(soc, BKP0R, 0x11223344);
    store(soc, BKP0R + 1, 1, 0xAA);
    store(soc, BKP31R + 2, 2, 0xBEEF);

    assert_int_equal(get(soc, BKP0R), 0x1122AA44);
    assert_int_equal(get(soc, BKP31R), 0xBEEF0000);
    assert_int_equal(load(soc, BKP31R + 3, 1).value, 0xBE);
    soc_destroy(soc);
}

static void a_system_reset_leaves_time_and_backup_registers(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    set_time(soc, 0x00242101, 0x00123456);
    put(soc, BKP0R, 0xCAFE);

    soc_reset(soc, RESET_SYSTEM);
    run_ms(soc, 1000);

    assert_time(soc, 0x00242101, 0x00123457);
    assert_int_equal(get(soc, BKP0R), 0xCAFE);
    put(soc, BKP0R, 1);
    assert_int_equal(get(soc, BKP0R), 0xCAFE); /* DBP is gone */
    soc_destroy(soc);
}

static void loss_of_power_takes_all_unless_vbat_holds(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    soc->wires.has_vbat = true;
    set_time(soc, 0x00242101, 0x00123456);
    put(soc, BKP0R, 0xCAFE);

    soc_power_cut(soc);
    run_ms(soc, 10000);
    soc_reset(soc, RESET_POWER_ON);
    set_bits(soc, 0x40021058, 1u << 10);
    assert_time(soc, 0x00242101, 0x00123506);
    assert_int_equal(get(soc, BKP0R), 0xCAFE);
    soc->wires.has_vbat = false;
    soc_power_cut(soc);
    soc_reset(soc, RESET_POWER_ON);
    set_bits(soc, 0x40021058, 1u << 10);

    assert_time(soc, 0x2101, 0);
    assert_int_equal(get(soc, BKP0R), 0);
    soc_destroy(soc);
}

static void a_backup_domain_reset_takes_all(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    set_time(soc, 0x00242101, 0x00123456);
    put(soc, BKP0R, 0xCAFE);

    put(soc, BDCR, 1u << 16);

    assert_time(soc, 0x2101, 0);
    assert_int_equal(get(soc, BKP0R), 0);
    assert_int_equal(get(soc, ISR), 7);
    soc_destroy(soc);
}

static void the_lsi_drives_it_too_and_outlives_a_reset(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    open_backup_domain(soc);
    put(soc, BDCR, 2u << 8 | 1u << 15);
    run_us(soc, 130);
    enter_init(soc);
    put(soc, PRER, 0x007F00F9); /* 128 * 250 = 32000 */
    leave_init(soc);

    soc_reset(soc, RESET_SYSTEM);
    run_ms(soc, 3001);

    assert_int_equal(get(soc, TR), 3);
    soc_destroy(soc);
}

static void a_debugger_freezes_it_only_with_its_bit(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    set_time(soc, 0x00242101, 0);
    soc->wires.is_core_halted = true;

    put(soc, 0xE0042008, 1u << 10);
    run_ms(soc, 5000);
    assert_time(soc, 0x00242101, 0);
    put(soc, 0xE0042008, 0);
    run_ms(soc, 5000);

    assert_time(soc, 0x00242101, 5);
    soc_destroy(soc);
}

static void missing_effects_are_reported(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    unlock(soc);

    put(soc, CALR, 0x8000);

    assert_int_equal(last_event(EVENT_REG_UNIMPLEMENTED)->addr, CALR);
    soc_destroy(soc);
}

static void the_wake_up_timer_has_six_clocks(void **state)
{
    (void)state;
    static const struct {
        uint32_t select, wut;
        uint64_t ms;
    } rows[] = {{0, 63, 32}, {1, 127, 32}, {2, 255, 32}, {3, 511, 32}, {4, 1, 2000}, {6, 0, 65537000}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct soc *soc = on_lse();
        unlock(soc);
        put(soc, WUTR, rows[i].wut);

        put(soc, CR, 1u << 10 | rows[i].select);
        run_ms(soc, rows[i].ms - rows[i].ms / 30);
        assert_int_equal(get(soc, ISR) & 0x400, 0);
        run_ms(soc, rows[i].ms / 30);

        assert_int_equal(get(soc, ISR) & 0x400, 0x400);
        soc_destroy(soc);
    }
}

static void the_format_changes_in_init_mode_only(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    unlock(soc);

    put(soc, CR, 0x40);
    assert_int_equal(get(soc, CR), 0);
    enter_init(soc);
    put(soc, CR, 0x40);

    assert_int_equal(get(soc, CR), 0x40);
    soc_destroy(soc);
}

static void a_system_reset_in_init_mode_lets_the_calendar_run(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    enter_init(soc);
    put(soc, TR, 0x00123456);

    soc_reset(soc, RESET_SYSTEM);
    run_ms(soc, 1001);

    assert_int_equal(get(soc, TR), 0x00123457);
    soc_destroy(soc);
}

static void without_power_the_lsi_stands_still_even_on_vbat(void **state)
{
    (void)state;
    struct soc *soc = power_on("stm32l452re");
    soc->wires.has_vbat = true;
    open_backup_domain(soc);
    put(soc, BDCR, 2u << 8 | 1u << 15);
    run_us(soc, 130);
    set_time(soc, 0x00242101, 0);

    soc_power_cut(soc);
    run_ms(soc, 10000);
    soc_reset(soc, RESET_POWER_ON);
    set_bits(soc, 0x40021058, 1u << 10);

    assert_time(soc, 0x00242101, 0);
    soc_destroy(soc);
}

static void bypassing_the_shadows_unlocks_them(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    set_time(soc, 0x00242101, 0);
    get(soc, TR);
    run_ms(soc, 2000);

    put(soc, CR, 0x20);

    assert_int_equal(get(soc, TR), 2);
    soc_destroy(soc);
}

static void the_century_turns_back_too(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    set_time(soc, 0x0000C101, 0); /* Saturday, 1 January 00, 00:00:00 */

    put(soc, SHIFTR, 1);

    assert_time(soc, 0x0099B231, 0x00235959); /* Friday, 31 December 99 */
    soc_destroy(soc);
}

static void a_later_date_keeps_its_weekday(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    set_time(soc, 0x00248509, 0); /* Thursday, 9 May 24 */

    run_ms(soc, 1000);

    assert_time(soc, 0x00248509, 1);
    soc_destroy(soc);
}

static void an_alarm_missed_in_this_second_comes_in_the_next(void **state)
{
    (void)state;
    struct soc *soc = on_lse();
    set_time(soc, 0x00242101, 0);
    run_ms(soc, 600);
    put(soc, ALRMAR, 0x80808080);
    put(soc, ALRMASSR, 15u << 24 | 200); /* 55 of 256 ticks into each second */

    put(soc, CR, 1u << 8);
    run_ms(soc, 600);
    assert_int_equal(get(soc, ISR) & 0x100, 0);
    run_ms(soc, 30);

    assert_int_equal(get(soc, ISR) & 0x100, 0x100);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reset_values_are_the_manuals),
        cmocka_unit_test(without_a_clock_init_mode_never_comes),
        cmocka_unit_test(registers_need_dbp_the_key_and_init_mode),
        cmocka_unit_test(the_calendar_counts_seconds),
        cmocka_unit_test(leap_days_months_and_years_roll_over),
        cmocka_unit_test(sub_seconds_count_down),
        cmocka_unit_test(reading_tr_holds_the_shadows_until_dr_is_read),
        cmocka_unit_test(rsf_comes_back_after_two_cycles),
        cmocka_unit_test(twelve_hour_format_shows_am_and_pm),
        cmocka_unit_test(the_wake_up_timer_repeats_and_raises_line_20),
        cmocka_unit_test(wutr_is_locked_while_the_timer_runs),
        cmocka_unit_test(an_alarm_matches_its_time_and_raises_line_18),
        cmocka_unit_test(an_alarm_can_repeat_within_the_second),
        cmocka_unit_test(a_sub_second_that_never_comes_never_matches),
        cmocka_unit_test(alarms_match_days_and_weekdays),
        cmocka_unit_test(dates_survive_the_way_there_and_back),
        cmocka_unit_test(daylight_saving_moves_an_hour),
        cmocka_unit_test(a_shift_delays_or_advances),
        cmocka_unit_test(backup_registers_hold_words_halves_and_bytes),
        cmocka_unit_test(a_system_reset_leaves_time_and_backup_registers),
        cmocka_unit_test(loss_of_power_takes_all_unless_vbat_holds),
        cmocka_unit_test(a_backup_domain_reset_takes_all),
        cmocka_unit_test(the_lsi_drives_it_too_and_outlives_a_reset),
        cmocka_unit_test(a_debugger_freezes_it_only_with_its_bit),
        cmocka_unit_test(missing_effects_are_reported),
        cmocka_unit_test(the_wake_up_timer_has_six_clocks),
        cmocka_unit_test(the_format_changes_in_init_mode_only),
        cmocka_unit_test(a_system_reset_in_init_mode_lets_the_calendar_run),
        cmocka_unit_test(without_power_the_lsi_stands_still_even_on_vbat),
        cmocka_unit_test(bypassing_the_shadows_unlocks_them),
        cmocka_unit_test(the_century_turns_back_too),
        cmocka_unit_test(a_later_date_keeps_its_weekday),
        cmocka_unit_test(an_alarm_missed_in_this_second_comes_in_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
