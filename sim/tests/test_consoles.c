/* What semihosting.c, rtt.c, console.c and until.c promise, on a machine with an empty flash. */
#include "machine_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/rtt.h"
#include "sim/semihosting.h"
#include "sim/until.h"

enum { BLOCK = 0x20000100, TEXT = 0x20000200, OTHER = 0x20000400 };

struct bench {
    struct machine *machine;
    struct console console;
    struct semihosting host;
    char heard[1024]; /* text of all channels */
    size_t heard_size;
    char folder[64];
};

static void listen(void *context, const struct event *event)
{
    struct bench *bench = context;
    enum console_channel channel;
    console_hear(&bench->console, event);
    if (console_is_text(event, &channel) && bench->heard_size + 1 < sizeof bench->heard)
        bench->heard[bench->heard_size++] = (char)event->value;
}

static int start(void **state)
{
    static struct bench bench;
    struct error error = {""};
    memset(&bench, 0, sizeof bench);
    if (!machine_create(&bench.machine, chip_find("stm32l452re"), &error) ||
        !machine_power_on(bench.machine, &error))
        return -1;
    console_init(&bench.console, bench.machine, NULL);
    trace_listen(&bench.machine->soc->trace, listen, &bench);
    snprintf(bench.folder, sizeof bench.folder, "/tmp/flashsim-test-XXXXXX");
    if (!mkdtemp(bench.folder))
        return -1;
    semihosting_init(&bench.host, &bench.console, NULL, "image.elf");
    *state = &bench;
    return 0;
}

static int stop(void **state)
{
    struct bench *bench = *state;
    semihosting_close_all(&bench->host);
    console_free(&bench->console);
    machine_destroy(bench->machine);
    return rmdir(bench->folder);
}

static void poke_words(struct bench *bench, uint32_t addr, const uint32_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[4] = {(uint8_t)words[i], (uint8_t)(words[i] >> 8), (uint8_t)(words[i] >> 16),
                            (uint8_t)(words[i] >> 24)};
        assert_true(machine_poke(bench->machine, addr + 4 * (uint32_t)i, bytes, 4));
    }
}

static uint32_t peek_word(struct bench *bench, uint32_t addr)
{
    uint8_t b[4];
    assert_true(machine_peek(bench->machine, addr, b, 4));
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void poke_text(struct bench *bench, uint32_t addr, const char *text)
{
    assert_true(machine_poke(bench->machine, addr, text, strlen(text) + 1));
}

static uint32_t call(struct bench *bench, uint32_t operation, uint32_t parameter)
{
    uint32_t result = 0;
    cpu_write(bench->machine->processor.cpu, CPU_R0, operation);
    cpu_write(bench->machine->processor.cpu, (enum cpu_register)1, parameter);
    assert_true(semihosting_call(&bench->host, bench->machine, &result));
    return result;
}

static uint32_t call_block(struct bench *bench, uint32_t operation, uint32_t a, uint32_t b, uint32_t c)
{
    const uint32_t words[3] = {a, b, c};
    poke_words(bench, BLOCK, words, 3);
    return call(bench, operation, BLOCK);
}

static uint32_t open_name(struct bench *bench, const char *name, uint32_t mode)
{
    poke_text(bench, TEXT, name);
    return call_block(bench, 0x01, TEXT, mode, (uint32_t)strlen(name));
}

/* ---- semihosting ---- */

static void text_goes_to_the_console(void **state)
{
    struct bench *bench = *state;
    poke_text(bench, TEXT, "hello");
    call(bench, 0x04, TEXT);     /* SYS_WRITE0 */
    call(bench, 0x03, TEXT + 1); /* SYS_WRITEC */
    uint32_t tt = open_name(bench, ":tt", 4);
    assert_int_equal(tt, 1);
    poke_text(bench, TEXT, "world");
    assert_int_equal(call_block(bench, 0x05, tt, TEXT, 5), 0);
    assert_string_equal(bench->heard, "helloeworld");
    assert_int_equal(call_block(bench, 0x09, tt, 0, 0), 1); /* SYS_ISTTY */
    assert_int_equal(call_block(bench, 0x02, tt, 0, 0), 0);
    assert_int_equal(call_block(bench, 0x05, tt, TEXT, 5), 0xFFFFFFFF);
}

static void host_files_are_refused_unless_a_folder_was_named(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(open_name(bench, "data.txt", 4), 0xFFFFFFFF);
    assert_int_equal(call(bench, 0x13, 0), EACCES); /* SYS_ERRNO */
    assert_true(bench->host.was_file_refused);
}

static void files_of_the_folder_can_be_written_and_read(void **state)
{
    struct bench *bench = *state;
    char path[128];
    bench->host.folder = bench->folder;
    uint32_t file = open_name(bench, "data.txt", 4);
    assert_int_not_equal(file, 0xFFFFFFFF);
    poke_text(bench, TEXT, "0123456789");
    assert_int_equal(call_block(bench, 0x05, file, TEXT, 10), 0);
    assert_int_equal(call_block(bench, 0x02, file, 0, 0), 0);

    file = open_name(bench, "data.txt", 0);
    assert_int_equal(call_block(bench, 0x0C, file, 0, 0), 10);     /* SYS_FLEN */
    assert_int_equal(call_block(bench, 0x0A, file, 4, 0), 0);      /* SYS_SEEK */
    assert_int_equal(call_block(bench, 0x06, file, OTHER, 8), 2);  /* SYS_READ: two bytes short */
    assert_int_equal(peek_word(bench, OTHER), 0x37363534);
    assert_int_equal(call_block(bench, 0x06, file, OTHER, 8), 8);  /* the end */
    assert_int_equal(call_block(bench, 0x02, file, 0, 0), 0);
    snprintf(path, sizeof path, "%s/data.txt", bench->folder);
    assert_int_equal(unlink(path), 0);
}

static void nothing_outside_the_folder_can_be_opened(void **state)
{
    struct bench *bench = *state;
    char link[128];
    bench->host.folder = bench->folder;
    snprintf(link, sizeof link, "%s/link", bench->folder);
    assert_int_equal(symlink("/etc/passwd", link), 0);
    const char *const names[] = {"/etc/passwd", "../passwd", "a/../../x", "..", "", "link", "none/x"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (open_name(bench, names[i], 0) != 0xFFFFFFFF)
            fail_msg("\"%s\" was opened", names[i]);
    unlink(link);
    assert_int_equal(symlink("/tmp", link), 0);
    assert_int_equal(open_name(bench, "link/flashsim-test-file", 4), 0xFFFFFFFF);
    unlink(link);
}

static void exit_codes_follow_reason_and_subcode(void **state)
{
    struct bench *bench = *state;
    call(bench, 0x18, 0x20026);
    assert_true(bench->machine->has_exited);
    assert_int_equal(bench->machine->exit_status, 0);
    call(bench, 0x18, 0x20023);
    assert_int_equal(bench->machine->exit_status, 1);
    call_block(bench, 0x20, 0x20026, 42, 0);
    assert_int_equal(bench->machine->exit_status, 42);
    call_block(bench, 0x20, 0x20023, 0, 0);
    assert_int_equal(bench->machine->exit_status, 1);
}

static void times_are_virtual(void **state)
{
    struct bench *bench = *state;
    soc_advance(bench->machine->soc, 2 * PS_PER_S + 345 * PS_PER_MS);
    assert_int_equal(call(bench, 0x10, 0), 234);              /* SYS_CLOCK: centiseconds */
    assert_int_equal(call(bench, 0x11, 0), 1577836800u + 2);  /* SYS_TIME */
    assert_int_equal(call(bench, 0x31, 0), 1000000);          /* SYS_TICKFREQ */
    assert_int_equal(call(bench, 0x30, OTHER), 0);            /* SYS_ELAPSED */
    assert_int_equal(peek_word(bench, OTHER), 2345000);
    assert_int_equal(peek_word(bench, OTHER + 4), 0);
}

static void the_rest_answers_as_the_c_library_expects(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(call_block(bench, 0x15, TEXT, 100, 0), 0); /* SYS_GET_CMDLINE */
    assert_int_equal(peek_word(bench, BLOCK + 4), 9);
    assert_int_equal(peek_word(bench, TEXT), 0x67616D69);
    assert_int_equal(call_block(bench, 0x15, TEXT, 9, 0), 0xFFFFFFFF);
    const uint32_t ones[4] = {1, 1, 1, 1};
    poke_words(bench, OTHER, ones, 4);
    assert_int_equal(call_block(bench, 0x16, OTHER, 0, 0), 0); /* SYS_HEAPINFO */
    assert_int_equal(peek_word(bench, OTHER + 12), 0);
    assert_int_equal(call_block(bench, 0x08, 0xFFFFFFFF, 0, 0), 1); /* SYS_ISERROR */
    assert_int_equal(call_block(bench, 0x08, 5, 0, 0), 0);
    uint32_t features = open_name(bench, ":semihosting-features", 0);
    assert_int_equal(call_block(bench, 0x06, features, OTHER, 5), 0);
    assert_int_equal(peek_word(bench, OTHER), 0x42464853); /* "SHFB" */
    assert_int_equal(call(bench, 0x0D, 0), 0xFFFFFFFF);    /* SYS_TMPNAM */
    assert_int_equal(call(bench, 0x99, 0), 0xFFFFFFFF);
}

static void bad_pointers_fail_and_do_no_harm(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(call(bench, 0x01, 0x30000000), 0xFFFFFFFF);
    assert_int_equal(call(bench, 0x05, 0xFFFFFFFE), 0xFFFFFFFF);
    call(bench, 0x04, 0x30000000);
    assert_int_equal(bench->heard_size, 0);
    uint32_t tt = open_name(bench, ":tt", 4);
    assert_int_equal(call_block(bench, 0x05, tt, 0x30000000, 4), 4);
}

static void give_input(struct bench *bench, const char *text)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
    close(ends[1]);
    console_open_input(&bench->console, ends[0]);
    close(ends[0]);
}

static void reading_the_console_takes_a_line_of_the_input(void **state)
{
    struct bench *bench = *state;
    give_input(bench, "ab\ncd");
    uint32_t tt = open_name(bench, ":tt", 0);
    assert_int_equal(call_block(bench, 0x06, tt, OTHER, 8), 5);
    assert_int_equal(peek_word(bench, OTHER) & 0xFFFFFF, 0x0A6261);
    assert_int_equal(call(bench, 0x07, 0), 'c'); /* SYS_READC */
    assert_int_equal(call(bench, 0x07, 0), 'd');
    assert_int_equal(call(bench, 0x07, 0), 0xFFFFFFFF);
}

/* ---- RTT ---- */

enum { CB = 0x20001000, UP = CB + 24, DOWN = UP + 24, UP_BYTES = 0x20002000, DOWN_BYTES = 0x20003000 };

static void make_control_block(struct bench *bench, uint32_t size)
{
    const uint32_t counts[2] = {1, 1};
    const uint32_t up[6] = {0, UP_BYTES, size, 0, 0, 0};
    const uint32_t down[6] = {0, DOWN_BYTES, size, 0, 0, 0};
    assert_true(machine_poke(bench->machine, CB, "SEGGER RTT\0\0\0\0\0\0", 16));
    poke_words(bench, CB + 16, counts, 2);
    poke_words(bench, UP, up, 6);
    poke_words(bench, DOWN, down, 6);
}

static void rtt_drains_the_up_buffer_across_its_end(void **state)
{
    struct bench *bench = *state;
    struct rtt rtt;
    rtt_init(&rtt, &bench->console, 0);
    make_control_block(bench, 8);
    assert_true(machine_poke(bench->machine, UP_BYTES, "defgxabc", 8));
    const uint32_t offsets[2] = {4, 5}; /* WrOff, RdOff */
    poke_words(bench, UP + 12, offsets, 2);

    rtt_poll(&rtt);

    assert_string_equal(bench->heard, "abcdefg");
    assert_int_equal(peek_word(bench, UP + 16), 4);
    assert_int_equal(rtt.block, CB);
    rtt_poll(&rtt);
    assert_int_equal(bench->heard_size, 7);
}

static void rtt_fills_the_down_buffer_and_stops_when_it_is_full(void **state)
{
    struct bench *bench = *state;
    struct rtt rtt;
    rtt_init(&rtt, &bench->console, CB);
    make_control_block(bench, 4);
    bench->console.input_channel = CONSOLE_RTT;
    give_input(bench, "12345");

    rtt_poll(&rtt);

    assert_int_equal(peek_word(bench, DOWN + 12), 3);
    assert_int_equal(peek_word(bench, DOWN_BYTES) & 0xFFFFFF, 0x333231);
    const uint32_t read_all[1] = {3};
    poke_words(bench, DOWN + 16, read_all, 1);
    rtt_poll(&rtt);
    assert_int_equal(peek_word(bench, DOWN + 12), 1);
    assert_int_equal(peek_word(bench, DOWN_BYTES) & 0xFF, '5');
}

static void rtt_leaves_a_control_block_alone_that_makes_no_sense(void **state)
{
    struct bench *bench = *state;
    struct rtt rtt;
    rtt_init(&rtt, &bench->console, CB);
    rtt_poll(&rtt); /* nothing there */
    make_control_block(bench, 8);
    const uint32_t outside[2] = {8, 0};
    poke_words(bench, UP + 12, outside, 2);
    rtt_poll(&rtt);
    const uint32_t nowhere[4] = {0x30000000, 8, 4, 0};
    poke_words(bench, UP + 4, nowhere, 4);
    rtt_poll(&rtt);
    const uint32_t too_many[2] = {1000000, 1};
    poke_words(bench, CB + 16, too_many, 2);
    rtt_poll(&rtt);
    assert_int_equal(bench->heard_size, 0);
    assert_int_equal(peek_word(bench, UP + 16), 0);
}

/* ---- console and until ---- */

static void only_text_of_port_0_of_the_itm_is_text(void **state)
{
    (void)state;
    enum console_channel channel;
    struct event event = {.kind = EVENT_CONSOLE, .unit = "ITM", .addr = 0};
    assert_true(console_is_text(&event, &channel));
    assert_int_equal(channel, CONSOLE_ITM);
    event.addr = 1;
    assert_false(console_is_text(&event, &channel));
    event = (struct event){.kind = EVENT_CONSOLE, .unit = "LPUART1"};
    assert_true(console_is_text(&event, &channel));
    assert_string_equal(console_channel_name(channel), "lpuart1");
    event.kind = EVENT_CONSOLE_IN;
    assert_false(console_is_text(&event, &channel));
}

static void say(struct bench *bench, struct until *until, const char *unit, const char *text)
{
    (void)bench;
    for (; *text; text++) {
        struct event event = {.kind = EVENT_CONSOLE, .unit = unit, .value = (uint8_t)*text};
        until_hear(until, &event);
    }
}

static void until_finds_text_that_overlaps_itself_on_one_channel(void **state)
{
    struct bench *bench = *state;
    struct until until;
    struct error error = {""};
    assert_true(until_parse(&until, "console:aabaaa", NULL, 0, &error));
    until_watch(&until, bench->machine);
    say(bench, &until, "USART2", "aabaab");
    say(bench, &until, "RTT", "aaa");
    assert_false(until.is_reached);
    say(bench, &until, "USART2", "aa");
    assert_false(until.is_reached);
    say(bench, &until, "USART2", "a");
    assert_true(until.is_reached);
    assert_true(bench->machine->stop_requested);
}

static void until_compares_a_variable_by_its_size(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *comparison;
        uint32_t value;
        bool is_met;
    } rows[] = {{"==", 7, true}, {"==", 8, false}, {"!=", 7, false}, {"!=", 8, true}, {"<", 8, true},
                {"<", 7, false}, {"<=", 7, true},  {">", 6, true},   {">", 7, false}, {">=", 7, true},
                {">=", 8, false}};
    const uint32_t word[1] = {0xFFFFFF07};
    poke_words(bench, OTHER, word, 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct until until = {.kind = UNTIL_SYMBOL, .addr = OTHER, .size = 1, .value = rows[i].value};
        snprintf(until.comparison, sizeof until.comparison, "%s", rows[i].comparison);
        until_watch(&until, bench->machine);
        if (until_poll(&until) != rows[i].is_met)
            fail_msg("7 %s %u", rows[i].comparison, rows[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(text_goes_to_the_console, start, stop),
        cmocka_unit_test_setup_teardown(host_files_are_refused_unless_a_folder_was_named, start, stop),
        cmocka_unit_test_setup_teardown(files_of_the_folder_can_be_written_and_read, start, stop),
        cmocka_unit_test_setup_teardown(nothing_outside_the_folder_can_be_opened, start, stop),
        cmocka_unit_test_setup_teardown(exit_codes_follow_reason_and_subcode, start, stop),
        cmocka_unit_test_setup_teardown(times_are_virtual, start, stop),
        cmocka_unit_test_setup_teardown(the_rest_answers_as_the_c_library_expects, start, stop),
        cmocka_unit_test_setup_teardown(bad_pointers_fail_and_do_no_harm, start, stop),
        cmocka_unit_test_setup_teardown(reading_the_console_takes_a_line_of_the_input, start, stop),
        cmocka_unit_test_setup_teardown(rtt_drains_the_up_buffer_across_its_end, start, stop),
        cmocka_unit_test_setup_teardown(rtt_fills_the_down_buffer_and_stops_when_it_is_full, start,
                                        stop),
        cmocka_unit_test_setup_teardown(rtt_leaves_a_control_block_alone_that_makes_no_sense, start,
                                        stop),
        cmocka_unit_test(only_text_of_port_0_of_the_itm_is_text),
        cmocka_unit_test_setup_teardown(until_finds_text_that_overlaps_itself_on_one_channel, start,
                                        stop),
        cmocka_unit_test_setup_teardown(until_compares_a_variable_by_its_size, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
