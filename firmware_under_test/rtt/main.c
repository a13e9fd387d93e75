// Console through SEGGER RTT: a control block in RAM that the probe finds by its id, an up buffer
// that we write and it reads, a down buffer the other way round. Written from the published layout.
#include <stdint.h>
#include <string.h>

#include "common/regs.h"

#define UP_BYTES 64u // small, so that the writer has to wait for the reader
#define DOWN_BYTES 16u
#define CHANNELS 1
#define MODE_BLOCK_IF_FULL 2u

struct rtt_channel {
    const char *name;
    char *buffer;
    uint32_t size;
    volatile uint32_t write_offset;
    volatile uint32_t read_offset;
    uint32_t flags;
};

struct rtt_control_block {
    char id[16];
    int32_t max_up;
    int32_t max_down;
    struct rtt_channel up[CHANNELS];
    struct rtt_channel down[CHANNELS];
};

// The name by which tools find it.
extern struct rtt_control_block rtt __asm__("_SEGGER_RTT");
struct rtt_control_block rtt;

static char up_buffer[UP_BYTES];
static char down_buffer[DOWN_BYTES];

static void rtt_init(void)
{
    rtt.max_up = CHANNELS;
    rtt.max_down = CHANNELS;
    rtt.up[0].name = "Terminal";
    rtt.up[0].buffer = up_buffer;
    rtt.up[0].size = UP_BYTES;
    rtt.up[0].flags = MODE_BLOCK_IF_FULL;
    rtt.down[0].name = "Terminal";
    rtt.down[0].buffer = down_buffer;
    rtt.down[0].size = DOWN_BYTES;
    rtt.down[0].flags = MODE_BLOCK_IF_FULL;
    dsb();
    // Put together at run time and last: a search must find neither a copy in flash nor half a
    // block.
    memcpy(rtt.id + 7, "RTT\0\0\0\0\0\0", 9);
    memcpy(rtt.id, "SEGGER ", 7);
    dsb();
}

static void rtt_byte(char byte)
{
    struct rtt_channel *up = &rtt.up[0];
    const uint32_t at = up->write_offset;
    const uint32_t next = at + 1u == up->size ? 0 : at + 1u;
    while (next == up->read_offset) {
    }
    up->buffer[at] = byte;
    dsb(); // the byte before the offset that shows it
    up->write_offset = next;
}

static void rtt_text(const char *text)
{
    while (*text != '\0') {
        rtt_byte(*text++);
    }
}

// One byte from the host, or -1.
static int32_t rtt_read(void)
{
    struct rtt_channel *down = &rtt.down[0];
    const uint32_t at = down->read_offset;
    if (at == down->write_offset) {
        return -1;
    }
    const char byte = down->buffer[at];
    down->read_offset = at + 1u == down->size ? 0 : at + 1u;
    return (uint8_t)byte;
}

int main(void)
{
    rtt_init();
    rtt_text("hello through RTT\n");
    rtt_text("a line that is longer than the buffer, so that it can only come out whole when the "
             "reader keeps up with the writer\n");
    rtt_text("PASS\n");
    for (;;) {
        const int32_t byte = rtt_read();
        if (byte >= 0) {
            rtt_byte((char)byte);
        }
    }
}
