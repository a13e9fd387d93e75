/* Streams of the console. Output is read from the event stream, so that what a user sees is what a
 * scenario or a trace sees. */
#include "sim/console.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    AHEAD_OF_SILENCE = 1,   /* bytes sent to a UART that has not received one yet */
    AHEAD = 1024,           /* and to one that has; the UART's own queue holds 4096 */
    FIRST_WAIT_MS = 200,    /* for a pipe's writer to begin, at the start only */
    INPUT_CHUNK = 4096
};

/* A firmware that is still printing its greeting would lose what comes meanwhile, here as on a board. The
 * input begins when it has been silent for a while, or says nothing at all. */
#define SILENCE_PS (2 * PS_PER_MS)
#define MUTE_PS (100 * PS_PER_MS)

static const char *const names[CONSOLE_CHANNEL_COUNT] = {
    [UART_USART1] = "usart1",
    [UART_USART2] = "usart2",
    [UART_USART3] = "usart3",
    [UART_UART4] = "uart4",
    [UART_UART5] = "uart5",
    [UART_LPUART1] = "lpuart1",
    [CONSOLE_RTT] = "rtt",
    [CONSOLE_ITM] = "itm",
    [CONSOLE_SEMIHOSTING] = "semihosting",
};

static const char *unit_of(enum console_channel channel)
{
    switch (channel) {
    case CONSOLE_RTT:
        return "RTT";
    case CONSOLE_ITM:
        return "ITM";
    default:
        return "semihosting";
    }
}

enum console_channel console_channel_find(const char *name)
{
    for (unsigned channel = 0; channel < CONSOLE_CHANNEL_COUNT; channel++)
        if (strcasecmp(names[channel], name) == 0)
            return (enum console_channel)channel;
    return CONSOLE_CHANNEL_COUNT;
}

const char *console_channel_name(enum console_channel channel)
{
    assert(channel < CONSOLE_CHANNEL_COUNT);
    return names[channel];
}

void console_init(struct console *console, struct machine *machine, FILE *out)
{
    memset(console, 0, sizeof *console);
    console->machine = machine;
    console->out = out;
    console->is_flushed_by_line = out && isatty(fileno(out));
    console->input = -1;
    console->input_channel = (enum console_channel)UART_USART2;
}

void console_free(struct console *console)
{
    for (unsigned i = 0; i < CONSOLE_CHANNEL_COUNT; i++) {
        free(console->output[i].kept);
        console->output[i].kept = NULL;
    }
    free(console->bytes);
    console->bytes = NULL;
}

/* ---- output ---- */

bool console_is_text(const struct event *event, enum console_channel *channel)
{
    if (event->kind != EVENT_CONSOLE || !event->unit)
        return false;
    *channel = console_channel_find(event->unit);
    if (*channel == CONSOLE_ITM && event->addr != 0)
        return false;
    return *channel != CONSOLE_CHANNEL_COUNT;
}

static void keep(struct console_output *output, uint8_t byte)
{
    if (!output->kept)
        output->kept = malloc(CONSOLE_KEEP_BYTES);
    if (output->kept)
        output->kept[output->count % CONSOLE_KEEP_BYTES] = byte;
    output->count++;
}

size_t console_kept(const struct console *console, enum console_channel channel, uint8_t *bytes)
{
    const struct console_output *output = &console->output[channel];
    if (!output->kept)
        return 0;
    size_t size = output->count < CONSOLE_KEEP_BYTES ? (size_t)output->count : CONSOLE_KEEP_BYTES;
    for (size_t i = 0; i < size; i++)
        bytes[i] = output->kept[(output->count - size + i) % CONSOLE_KEEP_BYTES];
    return size;
}

static void forget_received(struct console *console)
{
    console->is_listening = true;
    if (console->first < console->sent)
        console->first++;
}

void console_hear(void *context, const struct event *event)
{
    struct console *console = context;
    enum console_channel channel;
    if (event->kind == EVENT_CONSOLE_IN) {
        if (console_channel_find(event->unit) == console->input_channel)
            forget_received(console);
        return;
    }
    if (!console_is_text(event, &channel))
        return;
    console->last_output_ps = event->t_ps;
    struct console_output *output = &console->output[channel];
    keep(output, (uint8_t)event->value);
    if (!output->is_shown || !console->out)
        return;
    putc((int)(event->value & 0xFF), console->out);
    console->is_inside_line = event->value != '\n';
    if (event->value == '\n' && console->is_flushed_by_line)
        fflush(console->out);
}

void console_flush(struct console *console)
{
    if (console->out)
        fflush(console->out);
}

void console_emit(struct console *console, enum console_channel channel, uint8_t byte)
{
    trace_emit(&console->machine->soc->trace, (struct event){.kind = EVENT_CONSOLE,
                                                             .unit = unit_of(channel),
                                                             .size = 1,
                                                             .value = byte,
                                                             .master = MASTER_DEBUGGER});
}

/* ---- input ---- */

static bool make_room(struct console *console)
{
    if (console->end + INPUT_CHUNK <= console->room)
        return true;
    if (console->first) {
        memmove(console->bytes, console->bytes + console->first, console->end - console->first);
        console->sent -= console->first;
        console->end -= console->first;
        console->first = 0;
    }
    if (console->end + INPUT_CHUNK <= console->room)
        return true;
    uint8_t *bytes = realloc(console->bytes, console->room + 16 * INPUT_CHUNK);
    if (!bytes)
        return false;
    console->bytes = bytes;
    console->room += 16 * INPUT_CHUNK;
    return true;
}

/* Reads once, waiting up to `wait_ms` (-1: as long as it takes). False: nothing came. */
static bool read_host(struct console *console, int wait_ms)
{
    if (console->input < 0)
        return false;
    struct pollfd ready = {.fd = console->input, .events = POLLIN};
    if (poll(&ready, 1, wait_ms) <= 0 || !make_room(console))
        return false;
    ssize_t count = read(console->input, console->bytes + console->end, INPUT_CHUNK);
    if (count < 0 && errno == EINTR)
        return false;
    if (count <= 0) {
        console->input = -1;
        return false;
    }
    console->end += (size_t)count;
    return true;
}

void console_open_input(struct console *console, int descriptor)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return;
    console->input = descriptor;
    bool is_file = S_ISREG(status.st_mode);
    if (is_file || S_ISFIFO(status.st_mode))
        while (read_host(console, is_file ? -1 : FIRST_WAIT_MS))
            ;
}

static bool is_uart(enum console_channel channel)
{
    return (unsigned)channel < UART_COUNT;
}

static size_t ahead_of(const struct console *console)
{
    return console->is_listening ? AHEAD : AHEAD_OF_SILENCE;
}

bool console_is_input_pending(const struct console *console)
{
    bool may_send = !console->has_begun || console->sent - console->first < ahead_of(console);
    return is_uart(console->input_channel) && console->sent < console->end && may_send;
}

/* Keeps a few bytes in the UART's own queue: it paces them, and waits until its receiver is on. */
void console_feed(struct console *console)
{
    while (read_host(console, 0))
        ;
    if (!is_uart(console->input_channel))
        return;
    struct system *system = &console->machine->soc->system;
    uint64_t now_ps = machine_now_ps(console->machine);
    uint64_t wait_ps = console->last_output_ps ? SILENCE_PS : MUTE_PS;
    if (now_ps >= console->last_output_ps + wait_ps)
        console->has_begun = true;
    while (console->has_begun && console_is_input_pending(console)) {
        uint32_t number = (uint32_t)console->input_channel;
        device_signal(system, WIRE_UART_INPUT, number << 8 | console->bytes[console->sent++]);
    }
}

bool console_take_ready(struct console *console, uint8_t *byte)
{
    if (console->first == console->end)
        return false;
    *byte = console->bytes[console->first++];
    if (console->sent < console->first)
        console->sent = console->first;
    return true;
}

bool console_wait(struct console *console)
{
    console_flush(console);
    return read_host(console, -1);
}

bool console_take(struct console *console, uint8_t *byte)
{
    if (console->first == console->end && console->input >= 0)
        console_wait(console);
    return console_take_ready(console, byte);
}
