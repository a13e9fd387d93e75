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

bool quantity_read_number(const char *text, uint64_t max, uint64_t *value)
{
    uint64_t base = 10;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    }
    if (!*text)
        return false;
    uint64_t sum = 0;
    for (; *text; text++) {
        uint64_t digit = (uint64_t)digit_of(*text);
        if (digit >= base || sum > (max - digit) / base || digit > max)
            return false;
        sum = sum * base + digit;
    }
    *value = sum;
    return true;
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

bool quantity_read_duration(const char *text, uint64_t *ps)
{
    const char *unit = text + strspn(text, "0123456789.");
    uint64_t scale = unit_ps(unit);
    if (!scale || !is_decimal_digit(*text))
        return false;
    uint64_t sum = 0;
    for (; is_decimal_digit(*text); text++) {
        sum = sum * 10 + (uint64_t)(*text - '0');
        if (sum > LONGEST_PS / scale)
            return false;
    }
    sum *= scale;
    if (*text == '.') {
        if (!is_decimal_digit(*++text))
            return false;
        for (; is_decimal_digit(*text); text++) {
            if (scale % 10)
                return false; /* finer than a picosecond */
            scale /= 10;
            sum += scale * (uint64_t)(*text - '0');
        }
    }
    if (text != unit || sum == 0 || sum > LONGEST_PS)
        return false;
    *ps = sum;
    return true;
}

const char *quantity_write_time(uint64_t ps, char text[QUANTITY_TEXT])
{
    snprintf(text, QUANTITY_TEXT, "%" PRIu64 ".%09" PRIu64 " s", ps / PS_PER_S,
             ps % PS_PER_S / PS_PER_NS);
    return text;
}
