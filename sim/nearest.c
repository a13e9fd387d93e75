/* Edit distance: insertions, deletions, replacements and swaps of neighbours cost 1 each. */
#include "sim/nearest.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

enum { LONGEST = 40 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned distance(const char *a, const char *b)
{
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);
    unsigned row[3][LONGEST + 1]; /* the last but one, the last and this one */
    if (a_length > LONGEST || b_length > LONGEST)
        return UINT_MAX;
    for (size_t k = 0; k <= b_length; k++)
        row[1][k] = (unsigned)k;
    for (size_t i = 1; i <= a_length; i++) {
        row[2][0] = (unsigned)i;
        for (size_t k = 1; k <= b_length; k++) {
            unsigned replaced = row[1][k - 1] + (a[i - 1] != b[k - 1]);
            row[2][k] = least(replaced, 1 + least(row[1][k], row[2][k - 1]));
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                row[2][k] = least(row[2][k], 1 + row[0][k - 2]);
        }
        memcpy(row[0], row[1], sizeof row[0]);
        memcpy(row[1], row[2], sizeof row[1]);
    }
    return row[1][b_length];
}

const char *nearest_name(const char *wrong, const char *const *names)
{
    const char *nearest = NULL;
    /* A third of the letters wrong is a typo; more is another word. */
    unsigned best = (unsigned)(strlen(wrong) + 2) / 3 + 1;
    for (size_t i = 0; names[i]; i++) {
        unsigned away = distance(wrong, names[i]);
        if (away < best) {
            best = away;
            nearest = names[i];
        }
    }
    return nearest;
}
