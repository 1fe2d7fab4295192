/* SPDX-License-Identifier: Apache-2.0 */
/*
 * only_sqlite_file: what may be at the path, who may read it, and that nothing foreign is ever
 * changed.
 */
#include "child.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_file(const char *path, const void *data, size_t length)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static char *read_file(const char *path, size_t *ret_length)
{
    FILE *file = fopen(path, "re");
    char *data = calloc(1, 1 << 20);

    assert_non_null(file);
    assert_non_null(data);
    *ret_length = fread(data, 1, 1 << 20, file);
    fclose(file);
    return data;
}

static void make_text(const char *path)
{
    write_file(path, "not a database, but a letter to somebody\n", 41);
}

static void make_long_text(const char *path)
{
    char text[8192];

    memset(text, 'x', sizeof(text));
    write_file(path, text, sizeof(text));
}

static void make_foreign(const char *path)
{
    suite_execute(path, "CREATE TABLE bookmark (url TEXT); INSERT INTO bookmark VALUES ('x')");
}

static void make_foreign_wal(const char *path)
{
    suite_execute(path, "PRAGMA journal_mode = WAL; PRAGMA application_id = 7; CREATE TABLE t (x)");
}

static void make_newer(const char *path)
{
    suite_execute(
        path, "PRAGMA application_id = 1413760342; PRAGMA user_version = 9; CREATE TABLE t (x)");
}

static void make_byte(const char *path)
{
    write_file(path, "x", 1);
}

static const struct {
    void (*make)(const char *path);
    enum td_code code;
    const char *words; /* behind the path */
} strangers[] = {
    { make_byte, TD_E_CONFIG, "\" cannot be a store: its content is something else" },
    { make_text, TD_E_CONFIG, "\" cannot be a store: its content is something else" },
    { make_long_text, TD_E_CONFIG, "\" cannot be a store: its content is something else" },
    { make_foreign, TD_E_CONFIG, "\" cannot be a store: it is a database of another program" },
    { make_foreign_wal, TD_E_CONFIG, "\" cannot be a store: it is a database of another program" },
};

static void what_is_no_store_is_refused_and_never_changed(void **state)
{
    struct suite *suite = *state;

    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        size_t length, length_after;
        char *before, *after, words[256];

        strangers[i].make(suite->path);
        before = read_file(suite->path, &length);
        snprintf(words, sizeof(words), "\"%s%s", suite->path, strangers[i].words);
        suite_fails(suite, suite_open(suite), strangers[i].code, words);
        assert_string_equal(
            suite->err.hint,
            "name a file of tdev, or one that is not there yet, in the option \"path\"; if "
            "it was a store, go back to a backup with: tdev store restore FILE");
        after = read_file(suite->path, &length_after);
        assert_int_equal(length_after, length);
        assert_memory_equal(after, before, length);
        free(before);
        free(after);
        remove(suite->path);
    }
}

static void a_store_of_a_newer_version_is_refused_with_both_named(void **state)
{
    struct suite *suite = *state;
    char words[256];

    make_newer(suite->path);
    snprintf(words, sizeof(words), "store \"%s\" has tables of version 9, this build knows up to 5",
             suite->path);
    suite_fails(suite, suite_open(suite), TD_E_CONFIG, words);
    assert_string_equal(suite->err.hint,
                        "use the newer tdev that wrote it, and its: tdev store migrate --to 5");
}

static void links_and_folders_are_refused(void **state)
{
    struct suite *suite = *state;
    char target[128], words[256];

    snprintf(target, sizeof(target), "%s/target.db", suite->folder);
    assert_int_equal(symlink(target, suite->path), 0);
    snprintf(words, sizeof(words), "\"%s\" cannot be a store: it is a symbolic link", suite->path);
    suite_fails(suite, suite_open(suite), TD_E_CONFIG, words);
    assert_int_equal(access(target, F_OK), -1);
    remove(suite->path);

    assert_int_equal(mkdir(suite->path, 0700), 0);
    snprintf(words, sizeof(words), "\"%s\" cannot be a store: it is no regular file", suite->path);
    suite_fails(suite, suite_open(suite), TD_E_CONFIG, words);
    rmdir(suite->path);

    snprintf(suite->path, sizeof(suite->path), "%s/none/store.db", suite->folder);
    snprintf(words, sizeof(words),
             "could not find the folder of store \"%s\": No such file or directory", suite->path);
    suite_fails(suite, suite_open(suite), TD_E_IO, words);
    suite->path[0] = '\0';
    suite_fails(suite, suite_open(suite), TD_E_INVAL, "option \"path\" is empty");
}

/* SQLite would take such a name for a URI, and keep nothing. */
static void a_path_is_a_path(void **state)
{
    static const char *const names[] = { "file:x.db?mode=memory", ":memory:" };
    struct suite *suite = *state;

    assert_int_equal(chdir(suite->folder), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        strcpy(suite->path, names[i]);
        suite_ok(suite, suite_open(suite));
        suite_put(suite, "s", "k", "x");
        suite_reopen(suite);
        assert_string_equal(suite_get(suite, "s", "k", NOW), "x");
        suite_close(suite);
        assert_int_equal(access(names[i], F_OK), 0);
    }
    assert_int_equal(chdir("/"), 0);
}

static void only_the_owner_may_read_it(void **state)
{
    static const char *const ends[] = { "", "-wal", "-shm" };
    struct suite *suite = *state;
    mode_t mask = umask(0);

    suite_ok(suite, suite_open(suite));
    suite_put(suite, "s", "k", "x");
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        char path[128];
        struct stat found;

        snprintf(path, sizeof(path), "%s%s", suite->path, ends[i]);
        assert_int_equal(stat(path, &found), 0);
        assert_int_equal(found.st_mode & 07777, 0600);
    }
    umask(mask);
    assert_string_equal(fake_log(), "");
    suite_close(suite);
    assert_int_equal(chmod(suite->path, 0644), 0);
    suite_ok(suite, suite_open(suite));
    assert_non_null(strstr(fake_log(), "has mode 0644, others may read it"));
}

static const struct {
    mode_t file, folder;
    enum td_code code;
    const char *words; /* in the text */
} modes[] = {
    { 0400, 0700, TD_E_PERM, "is read-only" },
    { 0000, 0700, TD_E_PERM, "unable to open database file" },
    { 0600, 0500, TD_E_PERM, "attempt to write a readonly database" },
};

/* In a child, as a user to whom modes mean something. */
static int open_as_nobody(const struct suite *parent, int from, int to)
{
    struct suite suite = *parent;
    size_t i;

    (void)to;
    if (read(from, &i, sizeof(i)) != sizeof(i))
        return 1;
    if (geteuid() == 0 &&
        (chown(suite.folder, 65534, 65534) != 0 || chown(suite.path, 65534, 65534) != 0 ||
         setgid(65534) != 0 || setuid(65534) != 0))
        return 77;
    if (chmod(suite.path, modes[i].file) != 0 || chmod(suite.folder, modes[i].folder) != 0)
        return 77;
    if (suite_open(&suite) == 0)
        return 2;
    if (suite.err.code != modes[i].code || strstr(suite.err.text, modes[i].words) == NULL ||
        strstr(suite.err.text, suite.path) == NULL || suite.err.hint[0] == '\0') {
        fprintf(stderr, "case %zu: code %d: %s (%s)\n", i, (int)suite.err.code, suite.err.text,
                suite.err.hint);
        return 3;
    }
    return 0;
}

static void read_only_files_and_folders_are_told(void **state)
{
    struct suite *suite = *state;

    suite_ok(suite, suite_open(suite));
    suite_put(suite, "s", "k", "x");
    suite_close(suite);
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        struct child child;
        int status;

        child_start(&child, suite, open_as_nobody);
        assert_int_equal(write(child.to, &i, sizeof(i)), sizeof(i));
        status = child_end(&child);
        chmod(suite->folder, 0700);
        if (status == 77)
            skip();
        assert_int_equal(status, 0);
    }
}

static void damage_is_told(void **state)
{
    struct suite *suite = *state;
    struct stat found;
    char *junk;
    int fd;

    suite_ok(suite, suite_open(suite));
    for (int i = 0; i < 200; i++)
        suite_append(suite, "j", 1, NULL, "a row of some length, so that there are pages", 0);
    suite_close(suite);
    assert_int_equal(stat(suite->path, &found), 0);
    junk = malloc((size_t)found.st_size);
    assert_non_null(junk);
    memset(junk, 0xA5, (size_t)found.st_size);
    fd = open(suite->path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_true(pwrite(fd, junk, (size_t)found.st_size - 4096, 4096) == found.st_size - 4096);
    close(fd);
    free(junk);
    assert_int_equal(suite_open(suite), -1);
    assert_int_equal(suite->err.code, TD_E_CORRUPT);
    assert_non_null(strstr(suite->err.text, suite->path));
    assert_non_null(strstr(suite->err.hint, "backup"));
}

static void an_empty_file_becomes_a_store(void **state)
{
    struct suite *suite = *state;

    write_file(suite->path, "", 0);
    suite_ok(suite, suite_open(suite));
    suite_put(suite, "s", "k", "x");
}

int only_sqlite_file(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_no_store_is_refused_and_never_changed,
                                        suite_setup_closed, suite_teardown),
        cmocka_unit_test_setup_teardown(a_store_of_a_newer_version_is_refused_with_both_named,
                                        suite_setup_closed, suite_teardown),
        cmocka_unit_test_setup_teardown(links_and_folders_are_refused, suite_setup_closed,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_path_is_a_path, suite_setup_closed, suite_teardown),
        cmocka_unit_test_setup_teardown(only_the_owner_may_read_it, suite_setup_closed,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(read_only_files_and_folders_are_told, suite_setup_closed,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(damage_is_told, suite_setup_closed, suite_teardown),
        cmocka_unit_test_setup_teardown(an_empty_file_becomes_a_store, suite_setup_closed,
                                        suite_teardown),
    };

    return cmocka_run_group_tests_name("sqlite: file", tests, NULL, NULL);
}
