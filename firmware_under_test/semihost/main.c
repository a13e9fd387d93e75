// Console through semihosting: a string, single characters, a file handle; then exit with a status.
// STATUS is ADP_STOPPED_APPLICATION_EXIT or ADP_STOPPED_RUN_TIME_ERROR.
#include <string.h>

#include "common/semihosting.h"

#define SYS_OPEN 0x01u
#define SYS_WRITE 0x05u
#define OPEN_WRITE 4u

static void write_text(const char *text)
{
    (void)semihosting_call(SYS_WRITE0, (uint32_t)text);
}

int main(void)
{
    write_text("hello through semihosting\n");
    for (const char *at = "char by char\n"; *at != '\0'; at++) {
        (void)semihosting_call(SYS_WRITEC, (uint32_t)at);
    }
    const char *const console = ":tt";
    const uint32_t open_block[3] = {(uint32_t)console, OPEN_WRITE, 3};
    const uint32_t handle = semihosting_call(SYS_OPEN, (uint32_t)open_block);
    if (handle == 0xFFFFFFFFu) {
        write_text("FAIL: :tt can not be opened\n");
        exit_fail();
    }
    const char *const text = "through a handle\n";
    const uint32_t write_block[3] = {handle, (uint32_t)text, strlen(text)};
    const uint32_t not_written = semihosting_call(SYS_WRITE, (uint32_t)write_block);
    if (not_written != 0) {
        write_text("FAIL: not all was written\n");
        exit_fail();
    }
    write_text(STATUS == ADP_STOPPED_APPLICATION_EXIT ? "PASS\n" : "FAIL: on purpose\n");
    (void)semihosting_call(SYS_EXIT, STATUS);
    for (;;) {
    }
}
