/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suite: the fixture, and calls that tests make often.
 */
#include "suite.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *suite_backend;

int suite_open(struct suite *suite)
{
    const struct fake_option options[] = { { "path", suite->path, 0 }, { NULL, NULL, 0 } };

    return fake_open(&suite->store, suite_backend, options, &suite->err);
}

void suite_close(struct suite *suite)
{
    fake_close(&suite->store);
}

void suite_reopen(struct suite *suite)
{
    suite_close(suite);
    suite_ok(suite, suite_open(suite));
}

int suite_setup_closed(void **state)
{
    struct suite *suite = calloc(1, sizeof(*suite));

    assert_non_null(suite);
    strcpy(suite->folder, "/tmp/tdev-store-XXXXXX");
    assert_non_null(mkdtemp(suite->folder));
    snprintf(suite->path, sizeof(suite->path), "%s/store.db", suite->folder);
    *state = suite;
    return 0;
}

int suite_setup(void **state)
{
    suite_setup_closed(state);
    suite_ok(*state, suite_open(*state));
    return 0;
}

int suite_teardown(void **state)
{
    struct suite *suite = *state;
    DIR *folder = opendir(suite->folder);
    const struct dirent *entry;
    char path[400];

    suite_close(suite);
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        snprintf(path, sizeof(path), "%s/%s", suite->folder, entry->d_name);
        if (entry->d_name[0] != '.')
            remove(path);
    }
    if (folder != NULL)
        closedir(folder);
    rmdir(suite->folder);
    free(suite);
    return 0;
}

void suite_ok(const struct suite *suite, int rc)
{
    if (rc != 0)
        fail_msg("%s: %s", suite_backend, suite->err.text);
}

void suite_fails(const struct suite *suite, int rc, enum td_code code, const char *words)
{
    assert_int_equal(rc, -1);
    if (words != NULL)
        assert_string_equal(suite->err.text, words);
    assert_string_equal(td_code_info(suite->err.code)->name, td_code_info(code)->name);
}

struct td_bytes suite_bytes(const char *text)
{
    return (struct td_bytes){ text, strlen(text) };
}

int suite_commit(struct suite *suite, struct td_op *ops, size_t count)
{
    struct td_op *places[64];

    assert_true(count <= 64);
    for (size_t i = 0; i < count; i++)
        places[i] = &ops[i];
    suite->failed = SIZE_MAX;
    return suite->store.table->commit(CTX(suite), places, count, &suite->failed, &suite->err);
}

uint64_t suite_put(struct suite *suite, const char *space, const char *key, const char *text)
{
    struct td_op op = OP(TD_OP_PUT, .space = space, .key = key, .value = suite_bytes(text),
                         .version = TD_VERSION_ANY);

    suite_ok(suite, suite_commit(suite, &op, 1));
    return op.ret_version;
}

void suite_append(struct suite *suite, const char *log, uint64_t run, uint64_t *head,
                  const char *text, uint32_t flags)
{
    struct td_op op = OP(TD_OP_APPEND, .space = log, .run = run, .head = head, .flags = flags,
                         .value = suite_bytes(text), .time_us = NOW);

    suite_ok(suite, suite_commit(suite, &op, 1));
}

uint64_t suite_push(struct suite *suite, const char *queue, int32_t priority, int64_t time_us,
                    const char *text)
{
    struct td_op op = OP(TD_OP_PUSH, .space = queue, .priority = priority, .time_us = time_us,
                         .value = suite_bytes(text));

    suite_ok(suite, suite_commit(suite, &op, 1));
    return op.ret_version;
}

void suite_publish(struct suite *suite, const char *topic, const char *text)
{
    struct td_op op = OP(TD_OP_PUBLISH, .space = topic, .value = suite_bytes(text), .time_us = NOW);

    suite_ok(suite, suite_commit(suite, &op, 1));
}

const char *suite_get(struct suite *suite, const char *space, const char *key, int64_t now_us)
{
    static char text[256];
    uint64_t version;
    size_t length;
    void *value;

    if (KV(suite)->get(CTX(suite), space, key, now_us, &value, &length, &version, &suite->err) !=
        0) {
        assert_int_equal(suite->err.code, TD_E_NOTFOUND);
        return NULL;
    }
    assert_int_equal(strlen(value), length);
    snprintf(text, sizeof(text), "%s", (char *)value);
    free(value);
    return text;
}

void suite_execute(const char *path, const char *sql)
{
    sqlite3 *db;
    char *words = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &words) != SQLITE_OK)
        fail_msg("%s: %s", sql, words);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int64_t suite_ask(const char *path, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    int64_t value;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return value;
}

static int see(struct suite_seen *seen, const char *text)
{
    size_t used = strlen(seen->text);

    snprintf(seen->text + used, sizeof(seen->text) - used, "%s%s", used != 0 ? " " : "", text);
    return seen->left != 0 && --seen->left == 0;
}

int suite_see_key(void *arg, const char *key, struct td_bytes value, uint64_t version)
{
    (void)value;
    assert_true(version >= 1);
    return see(arg, key);
}

int suite_see_row(void *arg, const struct td_row *row)
{
    char text[256];

    snprintf(text, sizeof(text), "%llu:%llu:%llu=%.*s", (unsigned long long)row->seq,
             (unsigned long long)row->run, (unsigned long long)row->before, (int)row->value.length,
             (const char *)row->value.data);
    return see(arg, text);
}

int suite_see_value(void *arg, const struct td_row *row)
{
    char text[256];

    snprintf(text, sizeof(text), "%.*s", (int)row->value.length, (const char *)row->value.data);
    return see(arg, text);
}

int suite_see_item(void *arg, uint64_t seq, struct td_bytes value, int64_t time_us)
{
    char text[256];

    assert_true(time_us == NOW);
    snprintf(text, sizeof(text), "%llu=%.*s", (unsigned long long)seq, (int)value.length,
             (const char *)value.data);
    return see(arg, text);
}

int suite_see_entry(void *arg, uint64_t run, uint64_t seq)
{
    char text[64];

    snprintf(text, sizeof(text), "%llu@%llu", (unsigned long long)run, (unsigned long long)seq);
    return see(arg, text);
}
