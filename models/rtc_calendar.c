/* The calendar of the RTC: BCD fields, leap years (every fourth), alarm matching. RM0351 38.3.4,
 * 38.6. */
#include "models/rtc_calendar.h"

enum { DAY_SECONDS = 86400, ALARM_HORIZON_DAYS = 3653 };

static uint32_t month_days(uint32_t year, uint32_t month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && year % 4 == 0 ? 29 : days[month - 1];
}

struct rtc_date rtc_date_of(uint64_t seconds)
{
    seconds %= RTC_CENTURY_SECONDS;
    uint32_t of_day = (uint32_t)(seconds % DAY_SECONDS);
    uint32_t days = (uint32_t)(seconds / DAY_SECONDS);
    struct rtc_date date = {.month = 1,
                            .hour = of_day / 3600,
                            .minute = of_day / 60 % 60,
                            .second = of_day % 60};
    while (days >= (date.year % 4 == 0 ? 366u : 365u))
        days -= date.year++ % 4 == 0 ? 366 : 365;
    while (days >= month_days(date.year, date.month))
        days -= month_days(date.year, date.month++);
    date.day = days + 1;
    return date;
}

/* Fields out of range (a date of 0, a month of 13) count as the nearest one in range. */
uint64_t rtc_seconds_of(struct rtc_date date)
{
    uint32_t month = date.month < 1 ? 1 : date.month > 12 ? 12 : date.month;
    uint64_t days = UINT64_C(365) * date.year + (date.year + 3) / 4;
    for (uint32_t m = 1; m < month; m++)
        days += month_days(date.year, m);
    days += date.day ? date.day - 1 : 0;
    return days * DAY_SECONDS + date.hour * 3600 + date.minute * 60 + date.second;
}

static uint32_t to_bcd(uint32_t value)
{
    return value / 10 << 4 | value % 10;
}

static uint32_t from_bcd(uint32_t field)
{
    return (field >> 4) * 10 + (field & 0xF);
}

uint32_t rtc_tr(struct rtc_date date, bool is_12_hour)
{
    uint32_t pm = is_12_hour && date.hour >= 12;
    uint32_t hour = is_12_hour ? (date.hour + 11) % 12 + 1 : date.hour;
    return pm << 22 | to_bcd(hour) << 16 | to_bcd(date.minute) << 8 | to_bcd(date.second);
}

uint32_t rtc_dr(struct rtc_date date, uint32_t weekday)
{
    return to_bcd(date.year) << 16 | weekday << 13 | to_bcd(date.month) << 8 | to_bcd(date.day);
}

static uint32_t hour_from(uint32_t tr, bool is_12_hour)
{
    uint32_t hour = from_bcd(tr >> 16 & 0x3F);
    return is_12_hour ? hour % 12 + (tr >> 22 & 1 ? 12 : 0) : hour;
}

struct rtc_date rtc_date_from(uint32_t tr, uint32_t dr, bool is_12_hour)
{
    return (struct rtc_date){
        .year = from_bcd(dr >> 16 & 0xFF),
        .month = from_bcd(dr >> 8 & 0x1F),
        .day = from_bcd(dr & 0x3F),
        .hour = hour_from(tr, is_12_hour),
        .minute = from_bcd(tr >> 8 & 0x7F),
        .second = from_bcd(tr & 0x7F),
    };
}

/* MSK4 frees the date, WDSEL makes it a weekday. */
static bool day_matches(uint32_t alrmr, uint32_t weekday_of_0, uint64_t second)
{
    if (alrmr >> 31)
        return true;
    if (alrmr >> 30 & 1)
        return (alrmr >> 24 & 0xF) == (weekday_of_0 + second / DAY_SECONDS) % 7 + 1;
    return from_bcd(alrmr >> 24 & 0x3F) == rtc_date_of(second).day;
}

uint64_t rtc_alarm_second(uint32_t alrmr, bool is_12_hour, uint32_t weekday_of_0, uint64_t from)
{
    uint64_t at = from;
    while (at - from < (uint64_t)ALARM_HORIZON_DAYS * DAY_SECONDS) {
        uint32_t of_day = (uint32_t)(at % DAY_SECONDS);
        if (!day_matches(alrmr, weekday_of_0, at))
            at += DAY_SECONDS - of_day;
        else if (!(alrmr >> 23 & 1) && of_day / 3600 != hour_from(alrmr, is_12_hour))
            at += 3600 - of_day % 3600;
        else if (!(alrmr >> 15 & 1) && of_day / 60 % 60 != from_bcd(alrmr >> 8 & 0x7F))
            at += 60 - of_day % 60;
        else if (!(alrmr >> 7 & 1) && of_day % 60 != from_bcd(alrmr & 0x7F))
            at++;
        else
            return at;
    }
    return UINT64_MAX;
}
