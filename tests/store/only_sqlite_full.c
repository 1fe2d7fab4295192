/* SPDX-License-Identifier: Apache-2.0 */
/*
 * only_sqlite_full: a disk without room: what was acknowledged stays, what fails leaves nothing,
 * and room makes it work again.
 *
 * Each case runs in a child that limits itself: by the largest size of a file, or by a small file
 * system of its own where the system permits one.
 */
#include "child.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

enum { VALUE = 20 * 1000, BALLAST = 300 * 1000, TRIES = 500 };

static int limit_files(const struct suite *suite)
{
    struct rlimit limit = { .rlim_cur = 1 << 20, .rlim_max = RLIM_INFINITY };

    (void)suite;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 1 << 20;
    return setrlimit(RLIMIT_FSIZE, &limit);
}

static int free_files(const struct suite *suite)
{
    struct rlimit limit;

    (void)suite;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0)
        return -1;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_FSIZE, &limit);
}

static void ballast_path(const struct suite *suite, char path[96])
{
    snprintf(path, 96, "%s/ballast", suite->folder);
}

/* A file system of 2 MB that only this child sees: for root alone. */
static int limit_disk(const struct suite *suite)
{
    static char zeros[BALLAST];
    char path[96];
    FILE *file;

    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", suite->folder, "tmpfs", 0, "size=2m") != 0)
        return 77;
    ballast_path(suite, path);
    file = fopen(path, "we");
    if (file == NULL || fwrite(zeros, 1, BALLAST, file) != BALLAST)
        return -1;
    return fclose(file);
}

static int free_disk(const struct suite *suite)
{
    char path[96];

    ballast_path(suite, path);
    return remove(path);
}

static const struct {
    const char *name;
    int (*limit)(const struct suite *suite), (*free)(const struct suite *suite);
    int sys;
} limits[] = {
    { "largest file", limit_files, free_files, EFBIG },
    { "small disk", limit_disk, free_disk, ENOSPC },
};

static int append(struct suite *suite, uint64_t *head)
{
    static char data[VALUE];
    struct td_op op =
        OP(TD_OP_APPEND, .space = "j", .run = 1, .head = head, .value = { data, VALUE });
    struct td_op *place = &op;

    return suite->store.table->commit(CTX(suite), &place, 1, &suite->failed, &suite->err);
}

static int count_row(void *arg, const struct td_row *row)
{
    ++*(int *)arg;
    return row->value.length != VALUE;
}

static int count_rows(struct suite *suite)
{
    int rows = 0;

    return LOG(suite)->scan(CTX(suite), "j", 0, 0, count_row, &rows, &suite->err) == 0 ? rows : -1;
}

/* Returns how many rows were acknowledged before the first failure; -1: none failed, or not as it
 * should. */
static int fill(struct suite *suite, int sys)
{
    uint64_t head = 0, before = 0;
    int rows = 0;

    while (rows < TRIES && append(suite, &head) == 0) {
        before = head;
        rows++;
    }
    if (rows == TRIES || head != before || suite->failed != 1 || suite->err.code != TD_E_IO ||
        suite->err.sys != sys || strstr(suite->err.text, suite->path) == NULL ||
        strncmp(suite->err.hint, "make room on the disk", 21) != 0) {
        fprintf(stderr, "%d rows, then code %d, errno %d: %s (%s)\n", rows, (int)suite->err.code,
                suite->err.sys, suite->err.text, suite->err.hint);
        return -1;
    }
    return rows;
}

/* Returns 0, or the number of the step that went wrong. */
static int run_out_of_room(struct suite *suite, size_t i)
{
    uint64_t head = 0;
    int rows;

    if (suite_open(suite) != 0)
        return 3;
    rows = fill(suite, limits[i].sys);
    if (rows < 0)
        return 4;
    if (count_rows(suite) != rows)
        return 5;
    if (limits[i].free(suite) != 0)
        return 6;
    if (append(suite, &head) != 0)
        return 7;
    suite_close(suite);
    if (suite_open(suite) != 0 || count_rows(suite) != rows + 1)
        return 8;
    return suite->store.table->verify(CTX(suite), &suite->err) == 0 ? 0 : 9;
}

static int with_little_room(const struct suite *parent, int from, int to)
{
    struct suite suite = *parent;
    size_t i;
    int rc;

    (void)to;
    if (read(from, &i, sizeof(i)) != sizeof(i))
        return 1;
    rc = limits[i].limit(&suite);
    if (rc != 0)
        return rc == 77 ? 77 : 2;
    rc = run_out_of_room(&suite, i);
    suite_close(&suite);
    return rc;
}

static void a_full_disk_loses_nothing(void **state)
{
    struct suite *suite = *state;

    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        struct child child;
        int status;

        child_start(&child, suite, with_little_room);
        assert_int_equal(write(child.to, &i, sizeof(i)), sizeof(i));
        status = child_end(&child);
        if (status == 77)
            print_message("%s: not permitted here\n", limits[i].name);
        else if (status != 0)
            fail_msg("%s: step %d", limits[i].name, status);
    }
}

int only_sqlite_full(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_full_disk_loses_nothing, suite_setup_closed,
                                        suite_teardown),
    };

    return cmocka_run_group_tests_name("sqlite: full disk", tests, NULL, NULL);
}
