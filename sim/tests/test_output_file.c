/* What output_file.c and trace_file.c promise. */
#include "sim/output_file.h"
#include "sim/trace_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

struct folder {
    char path[64];
    char file[96];
};

static int make_folder(void **state)
{
    static struct folder folder;
    snprintf(folder.path, sizeof folder.path, "/tmp/flashsim-test-XXXXXX");
    if (!mkdtemp(folder.path))
        return -1;
    snprintf(folder.file, sizeof folder.file, "%s/out.bin", folder.path);
    *state = &folder;
    return 0;
}

static int remove_folder(void **state)
{
    struct folder *folder = *state;
    unlink(folder->file);
    return rmdir(folder->path); /* fails when something was left behind */
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void assert_text(const char *path, const char *text)
{
    char bytes[1024] = "";
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes - 1, file);
    fclose(file);
    bytes[size] = '\0';
    assert_string_equal(bytes, text);
}

static void a_file_appears_whole_when_it_is_committed(void **state)
{
    struct folder *folder = *state;
    struct output_file file;
    struct error error;
    assert_true(output_file_open(&file, folder->file, &error));
    fputs("all of it", file.stream);
    fflush(file.stream);
    assert_int_equal(access(folder->file, F_OK), -1);

    assert_true(output_file_commit(&file, &error));

    assert_text(folder->file, "all of it");
    struct stat status;
    mode_t mask = umask(0);
    umask(mask);
    assert_int_equal(stat(folder->file, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0666 & ~mask);
}

static void a_discarded_file_leaves_the_old_one(void **state)
{
    struct folder *folder = *state;
    struct output_file file;
    struct error error;
    write_text(folder->file, "old");
    assert_true(output_file_open(&file, folder->file, &error));
    fputs("new", file.stream);

    output_file_discard(&file);
    output_file_discard(&file);

    assert_text(folder->file, "old");
}

static void a_folder_that_is_not_there_is_refused_at_once(void **state)
{
    struct folder *folder = *state;
    struct output_file file;
    struct error error = {""};
    char path[128];
    snprintf(path, sizeof path, "%s/none/out.bin", folder->path);
    assert_false(output_file_open(&file, path, &error));
    assert_int_equal(strncmp(error.text, path, strlen(path)), 0);
    assert_null(file.stream);
    assert_false(output_file_open(&file, folder->path, &error));
    assert_non_null(strstr(error.text, "directory"));
}

static void a_device_is_written_in_place(void **state)
{
    (void)state;
    struct output_file file;
    struct error error;
    struct stat status;
    assert_true(output_file_open(&file, "/dev/null", &error));
    fputs("gone", file.stream);
    assert_true(output_file_commit(&file, &error));
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
}

static void events_are_lines_with_fixed_fields(void **state)
{
    struct folder *folder = *state;
    FILE *file = fopen(folder->file, "wb");
    assert_non_null(file);
    struct event plain = {.seq = 1, .t_ps = 2, .kind = EVENT_FLASH_UNLOCK, .boot = 3, .pc = 4,
                          .addr = 5, .size = 6, .value = 7, .unit = "FLASH"};
    struct event full = {.seq = (UINT64_C(1) << 53) + 1, .t_ps = UINT64_MAX, .kind = EVENT_BUS_ERROR,
                         .op = 8, .rule = "L4.x", .master = MASTER_DMA1, .unit = "BUS",
                         .value = UINT32_MAX};

    trace_file_write(file, &plain);
    trace_file_write(file, &full);
    fclose(file);

    assert_text(folder->file,
                "{\"seq\":1,\"t_ps\":2,\"boot\":3,\"kind\":\"flash.unlock\",\"unit\":\"FLASH\","
                "\"core\":0,\"master\":\"cpu\",\"pc\":4,\"addr\":5,\"size\":6,\"value\":7}\n"
                "{\"seq\":\"9007199254740993\",\"t_ps\":\"18446744073709551615\",\"boot\":0,"
                "\"kind\":\"bus.error\",\"unit\":\"BUS\",\"core\":0,\"master\":\"dma1\",\"op\":8,"
                "\"rule\":\"L4.x\",\"pc\":0,\"addr\":0,\"size\":0,\"value\":4294967295}\n");
}

static void an_output_that_is_an_input_or_named_twice_is_refused(void **state)
{
    const struct folder *folder = *state;
    struct error error;
    FILE *file = fopen(folder->file, "w");
    assert_non_null(file);
    fclose(file);
    const char *const input[2] = {NULL, folder->file};
    const char *const same[1] = {folder->file};
    const char *const twice[3] = {"not-there", NULL, "not-there"};
    const char *const fine[3] = {"one", "/dev/null", "/dev/null"};

    assert_false(output_file_check_names(input, 2, same, 1, &error));
    assert_non_null(strstr(error.text, "is also an input"));
    assert_false(output_file_check_names(input, 2, twice, 3, &error));
    assert_non_null(strstr(error.text, "two outputs"));
    assert_true(output_file_check_names(input, 2, fine, 3, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_appears_whole_when_it_is_committed, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_discarded_file_leaves_the_old_one, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_folder_that_is_not_there_is_refused_at_once, make_folder,
                                        remove_folder),
        cmocka_unit_test(a_device_is_written_in_place),
        cmocka_unit_test_setup_teardown(an_output_that_is_an_input_or_named_twice_is_refused,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(events_are_lines_with_fixed_fields, make_folder,
                                        remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
