/* Dates, and when an alarm next matches. Pure arithmetic: no registers, no time. */
#ifndef MODELS_RTC_CALENDAR_H
#define MODELS_RTC_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

/* Seconds count from the start of year 00; years wrap after 99. */
#define RTC_CENTURY_SECONDS (UINT64_C(36525) * 86400)

struct rtc_date {
    uint32_t year, month, day; /* 0-99, 1-12, 1-31 */
    uint32_t hour, minute, second;
};

struct rtc_date rtc_date_of(uint64_t seconds);
uint64_t rtc_seconds_of(struct rtc_date date);

/* TR and DR of a date; `weekday` is 1 to 7. */
uint32_t rtc_tr(struct rtc_date date, bool is_12_hour);
uint32_t rtc_dr(struct rtc_date date, uint32_t weekday);
struct rtc_date rtc_date_from(uint32_t tr, uint32_t dr, bool is_12_hour);

/* The first second at or after `from` at which an alarm's date and time match ALRMxR;
 * UINT64_MAX: none within ten years. `weekday_of_0` is the weekday, 0 to 6, of second 0. */
uint64_t rtc_alarm_second(uint32_t alrmr, bool is_12_hour, uint32_t weekday_of_0, uint64_t from);

#endif
