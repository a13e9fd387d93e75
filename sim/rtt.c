/* The host's side of RTT. A control block whose fields make no sense is left alone: the firmware may be
 * about to write it. */
#include "sim/rtt.h"

#include <string.h>

enum {
    ID_BYTES = 16,
    HEAD_BYTES = 24,   /* id, number of up buffers, number of down buffers */
    BUFFER_BYTES = 24, /* name, bytes, size, write offset, read offset, flags */
    MOST_BUFFERS = 64,
    POLLS_BETWEEN_SCANS = 10
};

static const char control_block_id[ID_BYTES] = "SEGGER RTT";

struct ring {
    uint32_t addr;   /* of its description */
    uint32_t bytes;
    uint32_t size;
    uint32_t write;
    uint32_t read;
};

void rtt_init(struct rtt *rtt, struct console *console, uint32_t hint)
{
    *rtt = (struct rtt){.console = console, .is_on = true, .hint = hint};
}

static bool load(struct rtt *rtt, uint32_t addr, uint32_t *word)
{
    uint8_t bytes[4];
    if (!machine_peek(rtt->console->machine, addr, bytes, sizeof bytes))
        return false;
    *word = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
            (uint32_t)bytes[3] << 24;
    return true;
}

static void store(struct rtt *rtt, uint32_t addr, uint32_t word)
{
    uint8_t bytes[4] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16),
                        (uint8_t)(word >> 24)};
    machine_poke(rtt->console->machine, addr, bytes, sizeof bytes);
}

/* ---- finding it ---- */

static bool is_block(struct rtt *rtt, uint32_t addr)
{
    char id[ID_BYTES];
    uint32_t up = 0;
    uint32_t down = 0;
    return machine_peek(rtt->console->machine, addr, id, sizeof id) &&
           memcmp(id, control_block_id, sizeof control_block_id) == 0 &&
           load(rtt, addr + 16, &up) && load(rtt, addr + 20, &down) && up >= 1 &&
           up <= MOST_BUFFERS && down <= MOST_BUFFERS;
}

static uint32_t scan(struct rtt *rtt)
{
    const struct soc *soc = rtt->console->machine->soc;
    for (unsigned i = 0; i < soc->ram_count; i++) {
        const struct soc_ram *ram = &soc->ram[i];
        for (uint32_t at = 0; at + HEAD_BYTES <= ram->memory->bytes; at += 4)
            if (ram->bytes[at] == 'S' && is_block(rtt, ram->memory->base + at))
                return ram->memory->base + at;
    }
    return RTT_BLOCK_NONE;
}

static bool find(struct rtt *rtt)
{
    if (rtt->block && is_block(rtt, rtt->block))
        return true;
    rtt->block = RTT_BLOCK_NONE;
    if (rtt->hint) {
        if (is_block(rtt, rtt->hint))
            rtt->block = rtt->hint;
    } else if (rtt->until_scan-- == 0) {
        rtt->until_scan = POLLS_BETWEEN_SCANS - 1;
        rtt->block = scan(rtt);
    }
    return rtt->block != RTT_BLOCK_NONE;
}

/* ---- moving bytes ---- */

static bool open_ring(struct rtt *rtt, uint32_t addr, struct ring *ring)
{
    ring->addr = addr;
    return load(rtt, addr + 4, &ring->bytes) && load(rtt, addr + 8, &ring->size) &&
           load(rtt, addr + 12, &ring->write) && load(rtt, addr + 16, &ring->read) && ring->size > 1 &&
           ring->write < ring->size && ring->read < ring->size;
}

static void drain(struct rtt *rtt)
{
    struct ring ring;
    if (!open_ring(rtt, rtt->block + HEAD_BYTES, &ring) || ring.read == ring.write)
        return;
    while (ring.read != ring.write) {
        uint8_t byte;
        if (!machine_peek(rtt->console->machine, ring.bytes + ring.read, &byte, 1))
            return;
        console_emit(rtt->console, CONSOLE_RTT, byte);
        ring.read = (ring.read + 1) % ring.size;
    }
    store(rtt, ring.addr + 16, ring.read);
}

static void feed(struct rtt *rtt)
{
    uint32_t up = 0;
    uint32_t down = 0;
    struct ring ring;
    if (rtt->console->input_channel != CONSOLE_RTT || !load(rtt, rtt->block + 16, &up) ||
        !load(rtt, rtt->block + 20, &down) || down == 0 ||
        !open_ring(rtt, rtt->block + HEAD_BYTES + up * BUFFER_BYTES, &ring))
        return;
    uint32_t start = ring.write;
    uint8_t byte;
    while ((ring.write + 1) % ring.size != ring.read && console_take_ready(rtt->console, &byte)) {
        machine_poke(rtt->console->machine, ring.bytes + ring.write, &byte, 1);
        ring.write = (ring.write + 1) % ring.size;
        trace_emit(&rtt->console->machine->soc->trace,
                   (struct event){.kind = EVENT_CONSOLE_IN,
                                  .unit = "RTT",
                                  .size = 1,
                                  .value = byte,
                                  .master = MASTER_DEBUGGER});
    }
    if (ring.write != start)
        store(rtt, ring.addr + 12, ring.write);
}

void rtt_poll(struct rtt *rtt)
{
    if (!rtt->is_on || !find(rtt))
        return;
    drain(rtt);
    feed(rtt);
}
