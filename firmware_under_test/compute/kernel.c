#include "compute/kernel.h"

#include <string.h>

#define BLOCK_BYTES 1024u
#define SORTED 256u
#define SIDE 16u

static uint8_t block[BLOCK_BYTES];
static uint32_t numbers[SORTED];
static int32_t left[SIDE][SIDE];
static int32_t right[SIDE][SIDE];
static int32_t product[SIDE][SIDE];
static uint32_t random_state;

static uint32_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

// Bit by bit, as a boot loader without a table does it.
static uint32_t crc32_of_block(void)
{
    uint32_t crc = 0xFFFFFFFFu;
    for (uint32_t i = 0; i < BLOCK_BYTES; i++) {
        crc ^= block[i];
        for (uint32_t bit = 0; bit < 8; bit++) {
            crc = crc & 1u ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
        }
    }
    return ~crc;
}

static uint32_t shell_sort(void)
{
    for (uint32_t gap = SORTED / 2; gap > 0; gap /= 2) {
        for (uint32_t i = gap; i < SORTED; i++) {
            const uint32_t moving = numbers[i];
            uint32_t at = i;
            while (at >= gap && numbers[at - gap] > moving) {
                numbers[at] = numbers[at - gap];
                at -= gap;
            }
            numbers[at] = moving;
        }
    }
    uint32_t sum = 0;
    for (uint32_t i = 0; i < SORTED; i++) {
        sum += numbers[i] * i;
    }
    return sum;
}

static uint32_t multiply(void)
{
    uint32_t trace = 0;
    for (uint32_t row = 0; row < SIDE; row++) {
        for (uint32_t column = 0; column < SIDE; column++) {
            int32_t sum = 0;
            for (uint32_t i = 0; i < SIDE; i++) {
                sum += left[row][i] * right[i][column];
            }
            product[row][column] = sum;
            trace ^= (uint32_t)sum << (row + column) % 16u;
        }
    }
    return trace;
}

// Prints numbers in decimal, reads them back, compares and searches.
static uint32_t strings(void)
{
    char text[16];
    uint32_t found = 0;
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t value = numbers[i];
        uint32_t length = 0;
        do {
            text[length++] = (char)('0' + value % 10u);
            value /= 10u;
        } while (value != 0);
        text[length] = '\0';
        for (uint32_t at = 0; at < length / 2; at++) {
            const char swap = text[at];
            text[at] = text[length - 1 - at];
            text[length - 1 - at] = swap;
        }
        for (const char *at = text; *at != '\0'; at++) {
            value = value * 10u + (uint32_t)(*at - '0');
        }
        found += value == numbers[i];
        found += strchr(text, '7') != NULL ? 1u : 0u;
        found += (uint32_t)strlen(text);
    }
    return found;
}

uint32_t compute_kernel(uint32_t rounds)
{
    uint32_t checksum = 0;
    random_state = 0x12345678u;
    for (uint32_t round = 0; round < rounds; round++) {
        for (uint32_t i = 0; i < BLOCK_BYTES; i++) {
            block[i] = (uint8_t)next_random();
        }
        for (uint32_t i = 0; i < SORTED; i++) {
            numbers[i] = next_random();
        }
        for (uint32_t i = 0; i < SIDE * SIDE; i++) {
            left[i / SIDE][i % SIDE] = (int32_t)(next_random() & 0xFFu) - 128;
            right[i / SIDE][i % SIDE] = (int32_t)(next_random() & 0xFFu) - 128;
        }
        checksum = (checksum << 1 | checksum >> 31) ^ crc32_of_block();
        checksum = (checksum << 1 | checksum >> 31) ^ shell_sort();
        checksum = (checksum << 1 | checksum >> 31) ^ multiply();
        checksum = (checksum << 1 | checksum >> 31) ^ strings();
    }
    return checksum;
}
