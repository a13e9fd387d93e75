/* Semihosting operations, in the order of their codes. Results as Arm's "Semihosting for AArch32 and
 * AArch64" gives them; error numbers are the host's, which newlib shares for what occurs here. */
#define _XOPEN_SOURCE 700 /* realpath() */
#include "sim/semihosting.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum operation {
    SYS_OPEN = 0x01, SYS_CLOSE = 0x02, SYS_WRITEC = 0x03, SYS_WRITE0 = 0x04, SYS_WRITE = 0x05,
    SYS_READ = 0x06, SYS_READC = 0x07, SYS_ISERROR = 0x08, SYS_ISTTY = 0x09, SYS_SEEK = 0x0A,
    SYS_FLEN = 0x0C, SYS_CLOCK = 0x10, SYS_TIME = 0x11, SYS_ERRNO = 0x13, SYS_GET_CMDLINE = 0x15,
    SYS_HEAPINFO = 0x16, SYS_EXIT = 0x18, SYS_EXIT_EXTENDED = 0x20, SYS_ELAPSED = 0x30,
    SYS_TICKFREQ = 0x31
};

enum { APPLICATION_EXIT = 0x20026, LONGEST_TEXT = 1 << 20, TICKS_PER_SECOND = 1000000 };

/* Virtual time 0, in seconds since 1970: 2020-01-01T00:00:00Z. */
enum { TIME_AT_START = 1577836800 };

#define FAILED 0xFFFFFFFFu

/* Magic "SHFB"; SYS_EXIT_EXTENDED works, ":tt" opened to append is stderr. */
static const uint8_t features[] = {0x53, 0x48, 0x46, 0x42, 0x03};

struct call {
    struct semihosting *host;
    struct machine *machine;
    uint32_t parameter;
    uint32_t block[4];
};

void semihosting_init(struct semihosting *host, struct console *console, const char *folder,
                      const char *command_line)
{
    memset(host, 0, sizeof *host);
    host->console = console;
    host->folder = folder;
    host->command_line = command_line;
}

void semihosting_close_all(struct semihosting *host)
{
    for (unsigned i = 1; i <= SEMIHOSTING_HANDLE_MAX; i++) {
        if (host->handle[i].kind == SEMIHOSTING_FILE)
            fclose(host->handle[i].file);
        host->handle[i].kind = SEMIHOSTING_FREE;
    }
}

static uint32_t fail(struct call *call, int number)
{
    call->host->last_errno = (uint32_t)number;
    return FAILED;
}

static bool read_block(struct call *call, unsigned words)
{
    uint8_t bytes[16];
    if (!machine_peek(call->machine, call->parameter, bytes, 4 * words))
        return false;
    for (unsigned i = 0; i < words; i++)
        call->block[i] = (uint32_t)bytes[4 * i] | (uint32_t)bytes[4 * i + 1] << 8 |
                         (uint32_t)bytes[4 * i + 2] << 16 | (uint32_t)bytes[4 * i + 3] << 24;
    return true;
}

static bool write_word(struct call *call, uint32_t addr, uint32_t word)
{
    const uint8_t bytes[4] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16),
                              (uint8_t)(word >> 24)};
    return machine_poke(call->machine, addr, bytes, sizeof bytes);
}

static struct semihosting_handle *handle_of(struct call *call, uint32_t number)
{
    if (number < 1 || number > SEMIHOSTING_HANDLE_MAX)
        return NULL;
    struct semihosting_handle *handle = &call->host->handle[number];
    return handle->kind == SEMIHOSTING_FREE ? NULL : handle;
}

/* ---- files ---- */

/* A relative name without "..", whose folder really lies in the one that was named. */
static bool is_inside(const char *folder, const char *name, char path[PATH_MAX])
{
    if (name[0] == '/' || name[0] == '\0')
        return false;
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (part[0] == '.' && part[1] == '.' && (part[2] == '/' || part[2] == '\0'))
            return false;
    }
    int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    if (length < 0 || length >= PATH_MAX)
        return false;
    char real_folder[PATH_MAX];
    char real_parent[PATH_MAX];
    char *slash = strrchr(path, '/');
    *slash = '\0';
    bool is_found = realpath(folder, real_folder) && realpath(path, real_parent);
    *slash = '/';
    size_t prefix = is_found ? strlen(real_folder) : 0;
    if (!is_found || strncmp(real_folder, real_parent, prefix) != 0 ||
        (real_parent[prefix] != '\0' && real_parent[prefix] != '/' && prefix > 1))
        return false;
    char target[8];
    return readlink(path, target, sizeof target) < 0; /* a link may lead out */
}

static uint32_t open_file(struct call *call, struct semihosting_handle *handle, const char *name,
                          uint32_t mode)
{
    static const char *const modes[] = {"r", "rb", "r+", "r+b", "w", "wb",
                                        "w+", "w+b", "a", "ab", "a+", "a+b"};
    char path[PATH_MAX];
    if (!call->host->folder || !is_inside(call->host->folder, name, path)) {
        call->host->was_file_refused = true;
        return fail(call, EACCES);
    }
    handle->file = fopen(path, modes[mode]);
    if (!handle->file)
        return fail(call, errno);
    handle->kind = SEMIHOSTING_FILE;
    return (uint32_t)(handle - call->host->handle);
}

static uint32_t sys_open(struct call *call)
{
    char name[1024];
    if (!read_block(call, 3) || call->block[1] > 11 || call->block[2] >= sizeof name ||
        !machine_peek(call->machine, call->block[0], name, call->block[2]))
        return fail(call, EINVAL);
    name[call->block[2]] = '\0';
    struct semihosting_handle *handle = NULL;
    for (unsigned i = SEMIHOSTING_HANDLE_MAX; i >= 1; i--)
        if (call->host->handle[i].kind == SEMIHOSTING_FREE)
            handle = &call->host->handle[i];
    if (!handle)
        return fail(call, EMFILE);
    uint32_t mode = call->block[1];
    handle->position = 0;
    if (strcmp(name, ":tt") == 0)
        handle->kind = mode < 4 ? SEMIHOSTING_CONSOLE_IN : SEMIHOSTING_CONSOLE_OUT;
    else if (strcmp(name, ":semihosting-features") == 0 && mode < 2)
        handle->kind = SEMIHOSTING_FEATURES;
    else
        return open_file(call, handle, name, mode);
    return (uint32_t)(handle - call->host->handle);
}

static uint32_t sys_close(struct call *call)
{
    struct semihosting_handle *handle = read_block(call, 1) ? handle_of(call, call->block[0]) : NULL;
    if (!handle)
        return fail(call, EBADF);
    bool is_closed = handle->kind != SEMIHOSTING_FILE || fclose(handle->file) == 0;
    handle->kind = SEMIHOSTING_FREE;
    return is_closed ? 0 : fail(call, errno);
}

static uint32_t sys_writec(struct call *call)
{
    uint8_t byte;
    if (machine_peek(call->machine, call->parameter, &byte, 1))
        console_emit(call->host->console, CONSOLE_SEMIHOSTING, byte);
    return 0;
}

static uint32_t sys_write0(struct call *call)
{
    uint8_t byte;
    for (uint32_t i = 0; i < LONGEST_TEXT; i++) {
        if (!machine_peek(call->machine, call->parameter + i, &byte, 1) || byte == 0)
            break;
        console_emit(call->host->console, CONSOLE_SEMIHOSTING, byte);
    }
    return 0;
}

/* Returns the number of bytes not written. */
static uint32_t sys_write(struct call *call)
{
    struct semihosting_handle *handle = read_block(call, 3) ? handle_of(call, call->block[0]) : NULL;
    if (!handle)
        return fail(call, EBADF);
    uint32_t left = call->block[2];
    for (uint32_t addr = call->block[1]; left > 0; addr++, left--) {
        uint8_t byte;
        if (!machine_peek(call->machine, addr, &byte, 1))
            break;
        if (handle->kind == SEMIHOSTING_CONSOLE_OUT)
            console_emit(call->host->console, CONSOLE_SEMIHOSTING, byte);
        else if (handle->kind != SEMIHOSTING_FILE || putc(byte, handle->file) == EOF)
            break;
    }
    return left;
}

static bool read_byte(struct call *call, struct semihosting_handle *handle, uint8_t *byte)
{
    int c;
    switch (handle->kind) {
    case SEMIHOSTING_CONSOLE_IN:
        return console_take(call->host->console, byte);
    case SEMIHOSTING_FEATURES:
        if (handle->position >= sizeof features)
            return false;
        *byte = features[handle->position++];
        return true;
    case SEMIHOSTING_FILE:
        c = getc(handle->file);
        *byte = (uint8_t)c;
        return c != EOF;
    default:
        return false;
    }
}

/* Returns the number of bytes not read; a console gives at most a line. */
static uint32_t sys_read(struct call *call)
{
    struct semihosting_handle *handle = read_block(call, 3) ? handle_of(call, call->block[0]) : NULL;
    if (!handle)
        return fail(call, EBADF);
    uint32_t left = call->block[2];
    uint8_t byte = 0;
    for (uint32_t addr = call->block[1]; left > 0; addr++, left--) {
        if (handle->kind == SEMIHOSTING_CONSOLE_IN && byte == '\n')
            break;
        if (!read_byte(call, handle, &byte) || !machine_poke(call->machine, addr, &byte, 1))
            break;
    }
    return left;
}

static uint32_t sys_readc(struct call *call)
{
    uint8_t byte;
    return console_take(call->host->console, &byte) ? byte : FAILED;
}

static uint32_t sys_istty(struct call *call)
{
    struct semihosting_handle *handle = read_block(call, 1) ? handle_of(call, call->block[0]) : NULL;
    if (!handle)
        return fail(call, EBADF);
    return handle->kind == SEMIHOSTING_CONSOLE_IN || handle->kind == SEMIHOSTING_CONSOLE_OUT;
}

static uint32_t sys_seek(struct call *call)
{
    struct semihosting_handle *handle = read_block(call, 2) ? handle_of(call, call->block[0]) : NULL;
    if (!handle)
        return fail(call, EBADF);
    if (handle->kind == SEMIHOSTING_FEATURES && call->block[1] <= sizeof features) {
        handle->position = call->block[1];
        return 0;
    }
    if (handle->kind != SEMIHOSTING_FILE || fseek(handle->file, (long)call->block[1], SEEK_SET) != 0)
        return fail(call, ESPIPE);
    return 0;
}

static uint32_t sys_flen(struct call *call)
{
    struct semihosting_handle *handle = read_block(call, 1) ? handle_of(call, call->block[0]) : NULL;
    if (!handle)
        return fail(call, EBADF);
    if (handle->kind == SEMIHOSTING_FEATURES)
        return sizeof features;
    if (handle->kind != SEMIHOSTING_FILE)
        return 0;
    long here = ftell(handle->file);
    if (here < 0 || fseek(handle->file, 0, SEEK_END) != 0)
        return fail(call, errno);
    long end = ftell(handle->file);
    fseek(handle->file, here, SEEK_SET);
    return end < 0 ? FAILED : (uint32_t)end;
}

/* ---- the rest ---- */

static uint32_t sys_get_cmdline(struct call *call)
{
    const char *text = call->host->command_line;
    uint32_t length = (uint32_t)strlen(text);
    if (!read_block(call, 2) || call->block[1] <= length ||
        !machine_poke(call->machine, call->block[0], text, length + 1) ||
        !write_word(call, call->parameter + 4, length))
        return FAILED;
    return 0;
}

/* Zeros: the C library's own symbols say where heap and stack are. */
static uint32_t sys_heapinfo(struct call *call)
{
    if (!read_block(call, 1))
        return FAILED;
    for (uint32_t i = 0; i < 4; i++)
        if (!write_word(call, call->block[0] + 4 * i, 0))
            return FAILED;
    return 0;
}

static void leave(struct call *call, uint32_t status)
{
    call->machine->has_exited = true;
    call->machine->exit_status = status;
    trace_emit(&call->machine->soc->trace,
               (struct event){.kind = EVENT_EXIT, .unit = "semihosting", .value = status});
}

static uint32_t sys_exit(struct call *call)
{
    leave(call, call->parameter == APPLICATION_EXIT ? 0 : 1);
    return 0;
}

static uint32_t sys_exit_extended(struct call *call)
{
    if (!read_block(call, 2))
        return FAILED;
    leave(call, call->block[0] == APPLICATION_EXIT ? call->block[1] : 1);
    return 0;
}

static uint32_t sys_elapsed(struct call *call)
{
    uint64_t ticks = machine_now_ps(call->machine) / (PS_PER_S / TICKS_PER_SECOND);
    bool is_done = write_word(call, call->parameter, (uint32_t)ticks) &&
                   write_word(call, call->parameter + 4, (uint32_t)(ticks >> 32));
    return is_done ? 0 : FAILED;
}

static uint32_t perform(struct call *call, uint32_t operation)
{
    switch (operation) {
    case SYS_OPEN:
        return sys_open(call);
    case SYS_CLOSE:
        return sys_close(call);
    case SYS_WRITEC:
        return sys_writec(call);
    case SYS_WRITE0:
        return sys_write0(call);
    case SYS_WRITE:
        return sys_write(call);
    case SYS_READ:
        return sys_read(call);
    case SYS_READC:
        return sys_readc(call);
    case SYS_ISERROR:
        return read_block(call, 1) && (call->block[0] & 0x80000000u) ? 1 : 0;
    case SYS_ISTTY:
        return sys_istty(call);
    case SYS_SEEK:
        return sys_seek(call);
    case SYS_FLEN:
        return sys_flen(call);
    case SYS_CLOCK:
        return (uint32_t)(machine_now_ps(call->machine) / (PS_PER_S / 100));
    case SYS_TIME:
        return (uint32_t)(TIME_AT_START + machine_now_ps(call->machine) / PS_PER_S);
    case SYS_ERRNO:
        return call->host->last_errno;
    case SYS_GET_CMDLINE:
        return sys_get_cmdline(call);
    case SYS_HEAPINFO:
        return sys_heapinfo(call);
    case SYS_EXIT:
        return sys_exit(call);
    case SYS_EXIT_EXTENDED:
        return sys_exit_extended(call);
    case SYS_ELAPSED:
        return sys_elapsed(call);
    case SYS_TICKFREQ:
        return TICKS_PER_SECOND;
    default:
        return fail(call, ENOSYS);
    }
}

bool semihosting_call(void *context, struct machine *machine, uint32_t *result)
{
    uint32_t operation = cpu_read(machine->processor.cpu, CPU_R0);
    struct call call = {.host = context,
                        .machine = machine,
                        .parameter = cpu_read(machine->processor.cpu, (enum cpu_register)1)};
    *result = perform(&call, operation);
    return true;
}
