/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owner: files of dead owners are removed, those of living ones never, and a lock that was removed
 * before it was held is made again.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "run/internal.h"

#include <cmocka.h>

enum { DEAD_MANY = 300, SWEPT_MAX = 256 };

/* What happens between making a lock file and locking it. */
static enum { NOTHING, REMOVED, LOCKED, REFUSED } meddling;
static unsigned meddle_times;
static int other = -1; /* holds the lock meanwhile */

static void meddle(int fd)
{
    char link[64], path[512];
    ssize_t length;

    meddle_times--;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof(path) - 1);
    assert_true(length > 0);
    path[length] = '\0';
    if (meddling == LOCKED) {
        other = open(path, O_RDWR | O_CLOEXEC);
        assert_int_equal(syscall(SYS_flock, other, LOCK_EX | LOCK_NB), 0);
    }
    if (meddling == REMOVED)
        assert_int_equal(unlink(path), 0);
}

/* In the place of the C library's. */
int flock(int fd, int operation)
{
    if (meddle_times > 0)
        meddle(fd);
    if (meddling == REFUSED) {
        errno = ENOLCK;
        return -1;
    }
    return (int)syscall(SYS_flock, fd, operation);
}

static int set_up(void **state)
{
    static char folder[64];

    strcpy(folder, "/tmp/tdev-owner-XXXXXX");
    *state = mkdtemp(folder);
    return *state != NULL ? 0 : -1;
}

/* Nothing may be left but the folders. */
static int tear_down(void **state)
{
    char path[96];

    meddling = NOTHING;
    snprintf(path, sizeof(path), "%s/owners", (char *)*state);
    return rmdir(path) == 0 && rmdir(*state) == 0 ? 0 : -1;
}

static const char *lock_path(const char *folder, const char *owner)
{
    static char path[160];

    snprintf(path, sizeof(path), "%s/owners/%.40s.lock", folder, owner);
    return path;
}

static void make_file(const char *path)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fclose(file);
}

static void take(struct tdh_engine *engine, const char *folder)
{
    struct td_err err;

    *engine = (struct tdh_engine){ .options = { .state_dir = folder } };
    assert_int_equal(tdh_owner_take(engine, &err), 0);
    assert_int_equal(access(lock_path(folder, engine->owner), F_OK), 0);
}

static void only_files_of_the_dead_are_removed(void **state)
{
    struct tdh_engine living, next;
    char dead[TDH_ID_SIZE], *kept;

    take(&living, *state);
    tdh_id_new(dead);
    make_file(lock_path(*state, dead));
    kept = strdup(lock_path(*state, "notes"));
    make_file(kept);
    take(&next, *state);
    assert_int_equal(access(lock_path(*state, dead), F_OK), -1);
    assert_int_equal(access(lock_path(*state, living.owner), F_OK), 0);
    assert_true(tdh_owner_is_alive(&next, living.owner));
    assert_false(tdh_owner_is_alive(&next, dead));
    tdh_owner_leave(&next);
    tdh_owner_leave(&living);
    assert_int_equal(unlink(kept), 0);
    free(kept);
}

static void so_many_are_removed_at_a_time(void **state)
{
    struct tdh_engine engine;
    char dead[DEAD_MANY][TDH_ID_SIZE];
    size_t left = 0;

    take(&engine, *state);
    for (size_t i = 0; i < DEAD_MANY; i++) {
        tdh_id_new(dead[i]);
        make_file(lock_path(*state, dead[i]));
    }
    tdh_owner_leave(&engine);
    take(&engine, *state);
    for (size_t i = 0; i < DEAD_MANY; i++)
        left += access(lock_path(*state, dead[i]), F_OK) == 0;
    assert_int_equal(left, DEAD_MANY - SWEPT_MAX);
    tdh_owner_leave(&engine);
    take(&engine, *state);
    tdh_owner_leave(&engine);
}

static void a_lock_that_was_removed_too_early_is_made_again(void **state)
{
    struct tdh_engine engine, reader;

    for (int kind = REMOVED; kind <= LOCKED; kind++) {
        meddling = kind;
        meddle_times = 2;
        take(&engine, *state);
        meddling = NOTHING;
        close(other);
        take(&reader, *state);
        assert_true(tdh_owner_is_alive(&reader, engine.owner));
        tdh_owner_leave(&reader);
        tdh_owner_leave(&engine);
    }
}

static void a_lock_that_cannot_be_had_is_told(void **state)
{
    struct tdh_engine engine = { .options = { .state_dir = *state } };
    struct td_err err;

    meddling = REFUSED;
    assert_int_equal(tdh_owner_take(&engine, &err), -1);
    assert_non_null(strstr(err.text, "could not lock \""));
    tdh_owner_leave(&engine);
    engine.owners_dir = NULL;
    meddling = REMOVED;
    meddle_times = 1000;
    assert_int_equal(tdh_owner_take(&engine, &err), -1);
    assert_non_null(strstr(err.text, "/owners\": each was removed"));
    meddle_times = 0;
    tdh_owner_leave(&engine);
}

static void a_lock_that_cannot_be_looked_at_counts_as_alive(void **state)
{
    struct tdh_engine engine;
    char owner[TDH_ID_SIZE];

    take(&engine, *state);
    tdh_id_new(owner);
    assert_false(tdh_owner_is_alive(&engine, owner)); /* not there */
    assert_int_equal(symlink("x.lock", lock_path(*state, "x")), 0);
    assert_int_equal(symlink("x.lock", lock_path(*state, owner)), 0); /* ELOOP */
    assert_true(tdh_owner_is_alive(&engine, owner));
    assert_int_equal(unlink(lock_path(*state, owner)), 0);
    make_file(lock_path(*state, owner));
    meddling = REFUSED;
    assert_true(tdh_owner_is_alive(&engine, owner));
    meddling = NOTHING;
    assert_false(tdh_owner_is_alive(&engine, owner));
    assert_int_equal(unlink(lock_path(*state, "x")), 0);
    tdh_owner_leave(&engine);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_files_of_the_dead_are_removed),
        TEST(so_many_are_removed_at_a_time),
        TEST(a_lock_that_was_removed_too_early_is_made_again),
        TEST(a_lock_that_cannot_be_had_is_told),
        TEST(a_lock_that_cannot_be_looked_at_counts_as_alive),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
