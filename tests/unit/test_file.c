/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file: whole files in and out, and what is left when a step fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Which call is to fail next, and how: set by a test, cleared by the failure. */
static const char *failing = "";
static int failing_errno;
static int skipped; /* calls of that name to let pass first */

int __real_fsync(int fd);
int __real_close(int fd);
int __real_rename(const char *from, const char *to);
ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __real_read(int fd, void *bytes, size_t size);
int __wrap_fsync(int fd);
int __wrap_close(int fd);
int __wrap_rename(const char *from, const char *to);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_read(int fd, void *bytes, size_t size);

static int fails(const char *name)
{
    if (strcmp(failing, name) != 0 || skipped-- > 0)
        return 0;
    failing = "";
    errno = failing_errno;
    return 1;
}

int __wrap_fsync(int fd)
{
    return fails("fsync") ? -1 : __real_fsync(fd);
}

int __wrap_close(int fd)
{
    int rc = __real_close(fd);

    return fails("close") ? -1 : rc;
}

int __wrap_rename(const char *from, const char *to)
{
    return fails("rename") ? -1 : __real_rename(from, to);
}

/* Never more than three bytes at once, as a pipe or a signal may have it. */
ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
    return fails("write") ? -1 : __real_write(fd, bytes, fd > 2 && size > 3 ? 3 : size);
}

ssize_t __wrap_read(int fd, void *bytes, size_t size)
{
    return fails("read") ? -1 : __real_read(fd, bytes, size > 1000 ? 1000 : size);
}

static char folder[] = "/tmp/test_file.XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[64];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

static const char *path_of(const char *name, char path[static 256])
{
    snprintf(path, 256, "%s/%s", folder, name);
    return path;
}

static unsigned count_names(void)
{
    DIR *dir = opendir(folder);
    unsigned count = 0;

    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

static void what_is_written_is_read(void **state)
{
    static const size_t lengths[] = { 0, 1, 4095, 4096, 4097, 20000 };
    char path[256], bytes[20000];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 7);
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct td_err err = { 0 };
        size_t length = 99;
        char *text;

        assert_int_equal(tdh_file_write(path_of("a", path), bytes, lengths[i], 0640, &err), 0);
        text = tdh_file_read(path, lengths[i], &length, &err);
        assert_int_equal(length, lengths[i]);
        assert_memory_equal(text, bytes, length);
        assert_int_equal(text[length], '\0');
        free(text);
        if (lengths[i] == 0)
            continue;
        assert_null(tdh_file_read(path, lengths[i] - 1, &length, &err));
        assert_int_equal(err.code, TD_E_LIMIT);
    }
}

static void a_file_over_the_limit_is_named_with_it(void **state)
{
    struct td_err err = { 0 };
    char path[256], want[400];
    size_t length;

    (void)state;
    tdh_file_write(path_of("b", path), "123456", 6, 0600, &err);
    assert_null(tdh_file_read(path, 5, &length, &err));
    snprintf(want, sizeof(want), "\"%s\" is larger than 5 bytes", path);
    assert_string_equal(err.text, want);
}

static void what_cannot_be_read_is_named(void **state)
{
    static const struct {
        const char *path;
        enum td_code code;
        const char *want;
    } cases[] = {
        { "/nonexistent/x", TD_E_NOTFOUND,
          "could not open \"/nonexistent/x\": No such file or directory" },
        { "/dev/null/x", TD_E_IO, "could not open \"/dev/null/x\": Not a directory" },
        { "/proc", TD_E_IO, "could not read \"/proc\": Is a directory" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct td_err err = { 0 };
        size_t length;

        assert_null(tdh_file_read(cases[i].path, 100, &length, &err));
        assert_string_equal(err.text, cases[i].want);
        assert_int_equal(err.code, cases[i].code);
    }
}

static void an_interrupted_read_goes_on(void **state)
{
    struct td_err err = { 0 };
    char path[256];
    size_t length;
    char *text;

    (void)state;
    tdh_file_write(path_of("c", path), "abc", 3, 0600, &err);
    failing = "read";
    failing_errno = EINTR;
    text = tdh_file_read(path, 100, &length, &err);
    assert_string_equal(text, "abc");
    free(text);
    failing = "read";
    failing_errno = EIO;
    assert_null(tdh_file_read(path, 100, &length, &err));
    assert_int_equal(err.sys, EIO);
}

static void *feed(void *arg)
{
    const int *fd = arg;

    for (int i = 0; i < 3000; i++)
        if (write(*fd, "pipe", 4) < 0)
            break;
    close(*fd);
    return NULL;
}

static void a_pipe_is_read_to_its_end(void **state)
{
    struct td_err err = { 0 };
    int fds[2];
    char path[64];
    pthread_t thread;
    size_t length = 0;
    char *text;

    (void)state;
    assert_int_equal(pipe(fds), 0);
    snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
    assert_int_equal(pthread_create(&thread, NULL, feed, &fds[1]), 0);
    text = tdh_file_read(path, 1 << 20, &length, &err);
    pthread_join(thread, NULL);
    assert_non_null(text);
    assert_int_equal(length % 3, 0); /* the wrapped write takes three bytes of four */
    assert_int_equal(length, 9000);
    free(text);
    close(fds[0]);
}

static void a_written_file_has_its_mode_and_no_remains_beside_it(void **state)
{
    struct td_err err = { 0 };
    struct stat status;
    char path[256];
    unsigned before;

    (void)state;
    umask(022);
    assert_int_equal(tdh_file_write(path_of("mode", path), "x", 1, 0600, &err), 0);
    before = count_names();
    assert_int_equal(tdh_file_write(path, "yz", 2, 0664, &err), 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0644);
    assert_int_equal(status.st_size, 2);
    assert_int_equal(count_names(), before);
}

static void a_failed_write_leaves_the_old_content_alone(void **state)
{
    static const struct {
        const char *call;
        int skipped, sys;
        const char *what, *why;
    } cases[] = {
        { "write", 0, ENOSPC, "write", "No space left on device" },
        { "write", 1, EIO, "write", "Input/output error" },
        { "fsync", 0, EIO, "write", "Input/output error" },
        { "close", 0, EDQUOT, "write", "Disk quota exceeded" },
        { "rename", 0, EACCES, "replace", "Permission denied" },
    };
    char path[256], want[400];
    struct td_err err = { 0 };
    unsigned before;

    (void)state;
    tdh_file_write(path_of("old", path), "old", 3, 0600, &err);
    before = count_names();
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t length;
        char *text;

        failing = cases[i].call;
        failing_errno = cases[i].sys;
        skipped = cases[i].skipped;
        assert_int_equal(tdh_file_write(path, "newer", 5, 0600, &err), -1);
        snprintf(want, sizeof(want), "could not %s \"%s\": %s", cases[i].what, path, cases[i].why);
        assert_string_equal(err.text, want);
        assert_int_equal(err.sys, cases[i].sys);
        assert_int_equal(count_names(), before);
        text = tdh_file_read(path, 100, &length, &err);
        assert_string_equal(text, "old");
        free(text);
    }
}

static void a_folder_that_cannot_be_synced_is_told(void **state)
{
    struct td_err err = { 0 };
    char path[256], want[600];

    (void)state;
    failing = "fsync";
    failing_errno = EIO;
    skipped = 1;
    assert_int_equal(tdh_file_write(path_of("s", path), "x", 1, 0600, &err), -1);
    snprintf(want, sizeof(want), "could not sync folder \"%s\" of \"%s\": Input/output error",
             folder, path);
    assert_string_equal(err.text, want);
    failing = "fsync";
    failing_errno = EINVAL; /* a file system that knows no such thing */
    skipped = 1;
    assert_int_equal(tdh_file_write(path, "x", 1, 0600, &err), 0);
}

static void a_missing_folder_is_told_before_anything_is_made(void **state)
{
    struct td_err err = { 0 };
    char path[256], want[400];

    (void)state;
    assert_int_equal(tdh_file_write(path_of("no/such/file", path), "x", 1, 0600, &err), -1);
    snprintf(want, sizeof(want),
             "could not make a temporary file beside \"%s\": No such file or directory", path);
    assert_string_equal(err.text, want);
}

static void a_bare_name_is_written_in_the_working_directory(void **state)
{
    struct td_err err = { 0 };
    char path[256];

    (void)state;
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(tdh_file_write("bare", "x", 1, 0600, &err), 0);
    assert_int_equal(access(path_of("bare", path), F_OK), 0);
    assert_int_equal(chdir("/"), 0);
}

static void folders_are_made_with_their_parents(void **state)
{
    static const char *const names[] = { "d/e/f", "d/e/f", "d", "g//h/", "d/e/../i" };
    struct td_err err = { 0 };
    char path[256];

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct stat status;

        assert_int_equal(tdh_file_mkdirs(path_of(names[i], path), 0500, &err), 0);
        assert_int_equal(stat(path, &status), 0);
        assert_true(S_ISDIR(status.st_mode));
    }
    assert_int_equal(tdh_file_mkdirs("/", 0755, &err), 0);
}

static void what_is_no_folder_is_named(void **state)
{
    struct td_err err = { 0 };
    char path[256], want[400];
    char *long_path = malloc(5000);

    (void)state;
    tdh_file_write(path_of("plain", path), "x", 1, 0600, &err);
    snprintf(want, sizeof(want), "could not make folder \"%s\": Not a directory", path);
    assert_int_equal(tdh_file_mkdirs(path, 0755, &err), -1);
    assert_string_equal(err.text, want);
    assert_int_equal(tdh_file_mkdirs(path_of("plain/x/y", path), 0755, &err), -1);
    assert_string_equal(err.text, want);
    assert_int_equal(tdh_file_mkdirs("", 0755, &err), -1);
    assert_string_equal(err.text, "could not make folder \"\": No such file or directory");
    memset(long_path, 'x', 4999);
    long_path[4999] = '\0';
    assert_int_equal(tdh_file_mkdirs(long_path, 0755, &err), -1);
    assert_int_equal(err.sys, ENAMETOOLONG);
    assert_int_equal(tdh_file_write(long_path, "x", 1, 0600, &err), -1);
    free(long_path);
}

static void a_json_file_is_read_under_its_name(void **state)
{
    struct td_err err = { 0 };
    char path[256], want[400];
    json_t *value;

    (void)state;
    tdh_file_write(path_of("j", path), "{\"a\": 1}", 8, 0600, &err);
    value = tdh_json_read(path, 100, &err);
    assert_int_equal(json_integer_value(json_object_get(value, "a")), 1);
    json_decref(value);
    tdh_file_write(path, "{\n,}", 4, 0600, &err);
    assert_null(tdh_json_read(path, 100, &err));
    snprintf(want, sizeof(want), "%s:2:1: string or '}' expected near ','", path);
    assert_string_equal(err.text, want);
    assert_null(tdh_json_read("/nonexistent", 100, &err));
    assert_int_equal(err.code, TD_E_NOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_file_over_the_limit_is_named_with_it),
        cmocka_unit_test(what_cannot_be_read_is_named),
        cmocka_unit_test(an_interrupted_read_goes_on),
        cmocka_unit_test(a_pipe_is_read_to_its_end),
        cmocka_unit_test(a_written_file_has_its_mode_and_no_remains_beside_it),
        cmocka_unit_test(a_failed_write_leaves_the_old_content_alone),
        cmocka_unit_test(a_folder_that_cannot_be_synced_is_told),
        cmocka_unit_test(a_missing_folder_is_told_before_anything_is_made),
        cmocka_unit_test(a_bare_name_is_written_in_the_working_directory),
        cmocka_unit_test(folders_are_made_with_their_parents),
        cmocka_unit_test(what_is_no_folder_is_named),
        cmocka_unit_test(a_json_file_is_read_under_its_name),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
