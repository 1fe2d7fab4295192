/* SPDX-License-Identifier: Apache-2.0 */
/*
 * only_sqlite_damage: a value that changed in the file is told with its row wherever it is read,
 * and by verify; what is beside it can be used.
 */
#include "golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PART = 256 * 1024 }; /* of a blob */

typedef int read_fn(struct suite *suite);

static int get_record(struct suite *suite)
{
    uint64_t version;
    size_t length;
    void *value;

    if (KV(suite)->get(CTX(suite), "s", "k", NOW, &value, &length, &version, &suite->err) != 0)
        return -1;
    free(value);
    return 0;
}

static int scan_records(struct suite *suite)
{
    struct suite_seen seen = { 0 };

    return KV(suite)->scan(CTX(suite), "s", "", NULL, 0, 0, NOW, suite_see_key, &seen, &suite->err);
}

static int read_row(struct suite *suite)
{
    struct suite_seen seen = { 0 };

    return LOG(suite)->read(CTX(suite), "j", 2, suite_see_row, &seen, &suite->err);
}

static int scan_run(struct suite *suite)
{
    struct suite_seen seen = { 0 };

    return LOG(suite)->scan(CTX(suite), "j", 0, 1, suite_see_row, &seen, &suite->err);
}

static int scan_log(struct suite *suite)
{
    struct suite_seen seen = { 0 };

    return LOG(suite)->scan(CTX(suite), "j", 0, 0, suite_see_row, &seen, &suite->err);
}

static int claim_item(struct suite *suite)
{
    uint64_t item, claim;
    uint32_t claims;
    size_t length;
    void *value;

    if (QUEUE(suite)->claim(CTX(suite), "q", NOW, NOW + SECOND, &item, &claim, &claims, &value,
                            &length, &suite->err) != 0)
        return -1;
    free(value);
    return 0;
}

static int read_topic(struct suite *suite)
{
    struct suite_seen seen = { 0 };

    return TOPIC(suite)->read(CTX(suite), "t", 0, 0, suite_see_item, &seen, &suite->err);
}

static int get_blob(struct suite *suite)
{
    uint64_t total;
    size_t length;
    void *value;

    if (BLOB(suite)->get(CTX(suite), "b", PART, 1, &value, &length, &total, &suite->err) != 0)
        return -1;
    free(value);
    return 0;
}

static int put_blob(struct suite *suite)
{
    return BLOB(suite)->put(CTX(suite), "b", suite_bytes("x"), &suite->err);
}

static const struct {
    const char *damage;
    read_fn *read[3];
    const char *row; /* the table, and its row there */
} cases[] = {
    { "UPDATE kv SET value = x'7A' WHERE key = 'k'",
      { get_record, scan_records },
      "row 1, 'k' of table \"kv\"" },
    { "UPDATE kv SET version = 9 WHERE key = 'k'", { get_record }, "row 1, 'k' of table \"kv\"" },
    { "UPDATE kv SET expires = 1e18 WHERE key = 'k'",
      { get_record },
      "row 1, 'k' of table \"kv\"" },
    { "DELETE FROM kv WHERE key = 'k'; UPDATE kv SET key = 'k' WHERE key = 'l'",
      { get_record, scan_records },
      "row 1, 'k' of table \"kv\"" },
    { "UPDATE log SET data = x'7A' WHERE seq = 2",
      { read_row, scan_run, scan_log },
      "row 2 of table \"log\"" },
    { "UPDATE log SET type = 9 WHERE seq = 2", { read_row }, "row 2 of table \"log\"" },
    { "UPDATE log SET node = '' WHERE seq = 2", { read_row }, "row 2 of table \"log\"" },
    { "UPDATE log SET before = 0 WHERE seq = 2", { read_row }, "row 2 of table \"log\"" },
    { "UPDATE log SET checksum = 0 WHERE seq = 2", { read_row }, "row 2 of table \"log\"" },
    { "UPDATE queue SET value = x'7A'", { claim_item }, "row 1 of table \"queue\"" },
    { "UPDATE message SET value = x'7A'", { read_topic }, "row 4, 1 of table \"message\"" },
    { "UPDATE blob SET checksum = checksum + 1",
      { get_blob, put_blob },
      "row 'b' of table \"blob\"" },
    { "UPDATE blob_part SET data = zeroblob(length(data)) WHERE id = 2",
      { get_blob },
      "row 2 of table \"blob_part\"" },
};

static void fill(struct suite *suite)
{
    static char data[PART + 1];
    uint64_t head = 0;

    memset(data, 'x', sizeof(data));
    suite_put(suite, "s", "k", "v");
    suite_put(suite, "s", "l", "v");
    suite_append(suite, "j", 1, &head, "a", TD_APPEND_INDEX);
    suite_append(suite, "j", 1, &head, "b", 0);
    suite_append(suite, "j", 2, NULL, "c", 0);
    suite_push(suite, "q", 0, 0, "item");
    suite_publish(suite, "t", "m");
    suite_ok(suite, BLOB(suite)->put(CTX(suite), "b", (struct td_bytes){ data, sizeof(data) },
                                     &suite->err));
}

static void a_changed_value_is_told_by_reads_and_by_verify(void **state)
{
    struct suite *suite = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char words[512];

        suite_ok(suite, suite_open(suite));
        fill(suite);
        suite_execute(suite->path, cases[i].damage);
        snprintf(words, sizeof(words), "store \"%s\": %s is damaged: its checksum does not fit",
                 suite->path, cases[i].row);
        for (size_t at = 0; at < 3 && cases[i].read[at] != NULL; at++)
            suite_fails(suite, cases[i].read[at](suite), TD_E_CORRUPT, words);
        suite_fails(suite, suite->store.table->verify(CTX(suite), &suite->err), TD_E_CORRUPT,
                    words);
        assert_string_equal(suite->err.hint, "all else can be used; tdev store verify looks at "
                                             "every row, and a backup has this one");
        suite_close(suite);
        remove(suite->path);
    }
}

/* The bytes that are summed up stand in sum.h; these were made from that alone. */
static void the_checksum_is_the_same_everywhere(void **state)
{
    struct suite *suite = *state;

    golden_make(suite);
    suite_ok(suite, suite_open(suite));
    suite_close(suite);
    assert_int_equal(suite_ask(suite->path, "SELECT checksum FROM log WHERE seq = 2"), -2026484494);
    assert_int_equal(suite_ask(suite->path, "SELECT checksum FROM log WHERE seq = 4"), -1920286971);
    assert_int_equal(suite_ask(suite->path, "SELECT checksum FROM blob_part"), -1123336756);
}

static void what_is_beside_a_damaged_row_can_be_used(void **state)
{
    struct suite *suite = *state;
    struct suite_seen seen = { 0 };

    fill(suite);
    suite_execute(suite->path, "UPDATE kv SET value = x'7A' WHERE key = 'k'; "
                               "UPDATE log SET data = x'7A' WHERE seq = 2");
    assert_string_equal(suite_get(suite, "s", "l", NOW), "v");
    suite_ok(suite, KV(suite)->scan(CTX(suite), "s", "", NULL, 0, TD_SCAN_SOUND, NOW, suite_see_key,
                                    &seen, &suite->err));
    assert_non_null(strstr(fake_log(), "row 1, 'k' of table \"kv\" is damaged"));
    suite_ok(suite, LOG(suite)->scan(CTX(suite), "j", 0, 2, suite_see_row, &seen, &suite->err));
    suite_append(suite, "j", 2, NULL, "d", 0);
    suite_ok(suite, LOG(suite)->read(CTX(suite), "j", 4, suite_see_row, &seen, &suite->err));
    assert_string_equal(seen.text, "l 3:2:0=c 4:2:0=d");
}

/* Writing the record anew makes it good. */
static void a_damaged_record_can_be_replaced(void **state)
{
    struct suite *suite = *state;

    fill(suite);
    suite_execute(suite->path, "UPDATE kv SET value = x'7A' WHERE key = 'k'");
    suite_put(suite, "s", "k", "new");
    assert_string_equal(suite_get(suite, "s", "k", NOW), "new");
    suite_ok(suite, suite->store.table->verify(CTX(suite), &suite->err));
}

static void a_damaged_end_is_told_at_open(void **state)
{
    struct suite *suite = *state;

    fill(suite);
    suite_reopen(suite);
    assert_null(strstr(fake_log(), "table \"log\""));
    suite_close(suite);
    suite_execute(suite->path, "UPDATE log SET before = 5 WHERE seq = 3");
    suite_ok(suite, suite_open(suite));
    assert_non_null(strstr(fake_log(), "row 3 of table \"log\" is damaged"));
    suite_append(suite, "j", 2, NULL, "d", 0);
}

/* What of a row changes in its life is not in the checksum. */
static void an_item_may_be_moved(void **state)
{
    struct suite *suite = *state;
    uint64_t item, claim;
    uint32_t claims;
    size_t length;
    void *value;

    fill(suite);
    suite_ok(suite, QUEUE(suite)->claim(CTX(suite), "q", NOW, NOW + SECOND, &item, &claim, &claims,
                                        &value, &length, &suite->err));
    free(value);
    suite_ok(suite, QUEUE(suite)->release(CTX(suite), "q", item, claim, NOW, &suite->err));
    suite_ok(suite, suite->store.table->verify(CTX(suite), &suite->err));
    suite_ok(suite, claim_item(suite));
}

int only_sqlite_damage(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_changed_value_is_told_by_reads_and_by_verify,
                                        suite_setup_closed, suite_teardown),
        cmocka_unit_test_setup_teardown(the_checksum_is_the_same_everywhere, suite_setup_closed,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(what_is_beside_a_damaged_row_can_be_used, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_damaged_record_can_be_replaced, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_damaged_end_is_told_at_open, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(an_item_may_be_moved, suite_setup, suite_teardown),
    };

    return cmocka_run_group_tests_name("sqlite: damage", tests, NULL, NULL);
}
