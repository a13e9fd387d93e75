/* Reading and writing quantities without the C library's locale and without rounding. */
#include "sim/quantity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/clock.h"

#define LONGEST_PS (UINT64_C(100) * 24 * 3600 * PS_PER_S)

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

static bool is_decimal_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads on behind what is too large: it may be malformed as well. */
static enum quantity_flaw read_number(const char *text, uint64_t max, uint64_t *value)
{
    uint64_t base = 10;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    }
    if (!*text)
        return QUANTITY_MALFORMED;
    uint64_t sum = 0;
    bool is_too_large = false;
    for (; *text; text++) {
        uint64_t digit = (uint64_t)digit_of(*text);
        if (digit >= base)
            return QUANTITY_MALFORMED;
        is_too_large = is_too_large || digit > max || sum > (max - digit) / base;
        sum = is_too_large ? 0 : sum * base + digit;
    }
    *value = sum;
    return is_too_large ? QUANTITY_TOO_LARGE : QUANTITY_GOOD;
}

bool quantity_read_number(const char *text, uint64_t max, uint64_t *value)
{
    uint64_t number = 0;
    if (read_number(text, max, &number) != QUANTITY_GOOD)
        return false;
    *value = number;
    return true;
}

bool quantity_is_number(const char *text)
{
    uint64_t ignored;
    return read_number(text, UINT64_MAX, &ignored) != QUANTITY_MALFORMED;
}

static uint64_t unit_ps(const char *unit)
{
    static const struct {
        const char *name;
        uint64_t ps;
    } units[] = {{"s", PS_PER_S}, {"ms", PS_PER_MS}, {"us", PS_PER_US}, {"ns", PS_PER_NS}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(units[i].name, unit) == 0)
            return units[i].ps;
    return 0;
}

static enum quantity_flaw read_duration(const char *text, uint64_t *ps)
{
    const char *unit = text + strspn(text, "0123456789.");
    uint64_t scale = unit_ps(unit);
    if (!scale || !is_decimal_digit(*text))
        return QUANTITY_MALFORMED;
    uint64_t sum = 0;
    bool is_too_long = false;
    bool is_too_fine = false;
    for (; is_decimal_digit(*text); text++) {
        sum = sum * 10 + (uint64_t)(*text - '0');
        is_too_long = is_too_long || sum > LONGEST_PS / scale;
        sum = is_too_long ? 0 : sum;
    }
    sum *= scale;
    if (*text == '.') {
        if (!is_decimal_digit(*++text))
            return QUANTITY_MALFORMED;
        for (; is_decimal_digit(*text); text++) {
            is_too_fine = is_too_fine || scale % 10;
            scale /= 10;
            sum += scale * (uint64_t)(*text - '0');
        }
    }
    *ps = sum;
    if (text != unit)
        return QUANTITY_MALFORMED;
    if (is_too_long || sum > LONGEST_PS)
        return QUANTITY_TOO_LARGE;
    return is_too_fine ? QUANTITY_TOO_FINE : sum == 0 ? QUANTITY_ZERO : QUANTITY_GOOD;
}

bool quantity_read_duration(const char *text, uint64_t *ps)
{
    uint64_t duration = 0;
    if (read_duration(text, &duration) != QUANTITY_GOOD)
        return false;
    *ps = duration;
    return true;
}

enum quantity_flaw quantity_check_duration(const char *text)
{
    uint64_t ignored;
    return read_duration(text, &ignored);
}

const char *quantity_duration_flaw(const char *text)
{
    switch (quantity_check_duration(text)) {
    case QUANTITY_TOO_LARGE:
        return "too long: at most 8640000s, 100 days";
    case QUANTITY_ZERO:
        return "too short: write what is above 0";
    case QUANTITY_TOO_FINE:
        return "too fine: whole picoseconds are counted";
    case QUANTITY_GOOD:
    case QUANTITY_MALFORMED:
        break;
    }
    return "not a duration: write 2s, 10ms or 500us";
}

const char *quantity_write_time(uint64_t ps, char text[QUANTITY_TEXT])
{
    snprintf(text, QUANTITY_TEXT, "%" PRIu64 ".%09" PRIu64 " s", ps / PS_PER_S,
             ps % PS_PER_S / PS_PER_NS);
    return text;
}
