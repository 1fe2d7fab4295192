/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conform_storage: the rules for storage backends: which of them concern a backend, and those about
 * records and commit.
 */
#include "cli/conform_storage.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPS_MAX = 8 };
#define NOW TDH_SHOP_NOW
#define SECOND TDH_SHOP_SECOND

/* --- shared --- */

struct td_bytes tdh_shop_bytes(const char *text)
{
    return (struct td_bytes){ text, strlen(text) };
}

int tdh_shop_commit(struct tdh_shop *shop, struct td_op *ops, size_t count, struct td_err *err)
{
    struct td_op *pointers[OPS_MAX];

    for (size_t i = 0; i < count; i++)
        pointers[i] = &ops[i];
    return shop->table->commit(shop->ctx, pointers, count, &shop->failed, err);
}

int tdh_shop_expect(struct td_err *err, bool holds, const char *fmt, ...)
{
    char text[TD_ERR_TEXT];
    va_list ap;

    if (holds)
        return 0;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return td_fail(err, TD_E_EXEC, "%s", text);
}

int tdh_shop_refused(int rc, enum td_code code, const char *what, struct td_err *err)
{
    if (rc == 0)
        return td_fail(err, TD_E_EXEC, "%s succeeded, it must fail with \"%s\"", what,
                       td_code_info(code)->name);
    if (err->code != code)
        return td_fail(err, TD_E_EXEC, "%s failed with \"%s\", it must be \"%s\"", what,
                       td_code_info(err->code)->name, td_code_info(code)->name);
    return tdh_shop_expect(err, err->text[0] != '\0', "%s failed without a text", what);
}

int tdh_shop_holds(struct tdh_shop *shop, const char *key, int64_t now_us, const char *text,
                   struct td_err *err)
{
    void *value = NULL;
    size_t length = 0;
    uint64_t version = 0;
    int rc = shop->table->kv->get(shop->ctx, "s", key, now_us, &value, &length, &version, err);

    if (text == NULL) {
        if (rc == 0)
            free(value);
        return tdh_shop_refused(rc, TD_E_NOTFOUND, "get of a record that is not there", err);
    }
    if (rc != 0)
        return -1;
    rc = tdh_shop_expect(err, length == strlen(text) && memcmp(value, text, length + 1) == 0,
                         "record \"%s\" does not hold \"%s\" and a NUL behind it", key, text);
    free(value);
    return rc;
}

int tdh_shop_put(struct tdh_shop *shop, const char *key, const char *text, uint64_t version,
                 struct td_err *err)
{
    struct td_op op = TDH_OP(TD_OP_PUT, .space = "s", .key = key, .value = tdh_shop_bytes(text),
                             .version = version);

    return tdh_shop_commit(shop, &op, 1, err);
}

int tdh_shop_see(struct tdh_shop_seen *seen, const void *text, size_t length)
{
    size_t used = strlen(seen->text);

    snprintf(seen->text + used, sizeof(seen->text) - used, " %.*s", (int)length,
             (const char *)text);
    return seen->left > 0 && --seen->left == 0;
}

/* --- records --- */

static int are_read_as_written(struct tdh_shop *shop, struct td_err *err)
{
    struct td_op op = TDH_OP(TD_OP_PUT, .space = "s", .key = "k", .value = { "a\0b", 3 },
                             .version = TD_VERSION_ANY);
    void *value;
    size_t length;
    uint64_t version;
    int rc;

    if (tdh_shop_commit(shop, &op, 1, err) != 0 ||
        shop->table->kv->get(shop->ctx, "s", "k", NOW, &value, &length, &version, err) != 0)
        return -1;
    rc = tdh_shop_expect(err, length == 3 && memcmp(value, "a\0b", 4) == 0,
                         "a value of 3 bytes with a NUL came back changed");
    free(value);
    if (rc != 0 || tdh_shop_expect(err, version == 1 && op.ret_version == 1,
                                   "a new record has version %llu, it must be 1",
                                   (unsigned long long)version) != 0)
        return -1;
    if (tdh_shop_put(shop, "k", "", TD_VERSION_ANY, err) != 0 ||
        tdh_shop_holds(shop, "k", NOW, "", err) != 0)
        return -1;
    return tdh_shop_holds(shop, "absent", NOW, NULL, err);
}

static int versions_guard(struct tdh_shop *shop, struct td_err *err)
{
    struct td_op guard = TDH_OP(TD_OP_GUARD_KV, .space = "s", .key = "k", .version = 1);
    struct td_op remove = TDH_OP(TD_OP_DELETE, .space = "s", .key = "k", .version = 2);

    if (tdh_shop_put(shop, "k", "a", TD_VERSION_ABSENT, err) != 0 ||
        tdh_shop_put(shop, "k", "b", 1, err) != 0)
        return -1;
    if (tdh_shop_refused(tdh_shop_put(shop, "k", "c", TD_VERSION_ABSENT, err), TD_E_CONFLICT,
                         "a put of what is there as new", err) != 0 ||
        tdh_shop_refused(tdh_shop_put(shop, "k", "c", 1, err), TD_E_CONFLICT,
                         "a put over an old version", err) != 0 ||
        tdh_shop_refused(tdh_shop_commit(shop, &guard, 1, err), TD_E_CONFLICT,
                         "a guard of an old version", err) != 0)
        return -1;
    guard.version = 2;
    if (tdh_shop_commit(shop, &guard, 1, err) != 0 || tdh_shop_commit(shop, &remove, 1, err) != 0)
        return -1;
    guard.version = TD_VERSION_ABSENT;
    remove.version = TD_VERSION_ANY;
    if (tdh_shop_commit(shop, &guard, 1, err) != 0 || tdh_shop_commit(shop, &remove, 1, err) != 0)
        return -1;
    return tdh_shop_put(shop, "k", "anew", TD_VERSION_ABSENT, err) == 0
               ? tdh_shop_put(shop, "k", "again", 1, err)
               : -1;
}

static int see_key(void *arg, const char *key, struct td_bytes value, uint64_t version)
{
    (void)value;
    (void)version;
    return tdh_shop_see(arg, key, strlen(key));
}

static int are_scanned_in_order(struct tdh_shop *shop, struct td_err *err)
{
    static const char *const keys[] = { "b", "a/2", "a/10", "c", "a/1" };
    static const struct {
        const char *prefix, *after;
        uint32_t limit, flags;
        int stop;
        const char *want;
    } cases[] = {
        { NULL, NULL, 0, 0, 0, " a/1 a/10 a/2 b c" },
        { "a/", NULL, 0, 0, 0, " a/1 a/10 a/2" },
        { "a/", "a/1", 0, 0, 0, " a/10 a/2" },
        { NULL, "a/2", 1, 0, 0, " b" },
        { NULL, NULL, 0, TD_SCAN_DOWN, 0, " c b a/2 a/10 a/1" },
        { "a/", "a/2", 0, TD_SCAN_DOWN, 0, " a/10 a/1" },
        { NULL, NULL, 0, 0, 2, " a/1 a/10" },
        { "d", NULL, 0, 0, 0, "" },
    };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (tdh_shop_put(shop, keys[i], "x", TD_VERSION_ANY, err) != 0)
            return -1;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tdh_shop_seen seen = { .left = cases[i].stop };

        if (shop->table->kv->scan(shop->ctx, "s", cases[i].prefix, cases[i].after, cases[i].limit,
                                  cases[i].flags, NOW, see_key, &seen, err) != 0 ||
            tdh_shop_expect(err, strcmp(seen.text, cases[i].want) == 0,
                            "scan %zu gave \"%s\", it must be \"%s\"", i + 1, seen.text,
                            cases[i].want) != 0)
            return -1;
    }
    return 0;
}

static int expire(struct tdh_shop *shop, struct td_err *err)
{
    struct td_op op = TDH_OP(TD_OP_PUT, .space = "s", .key = "k", .value = tdh_shop_bytes("a"),
                             .version = TD_VERSION_ANY, .expires_us = NOW + SECOND);
    struct tdh_shop_seen seen = { .left = 0 };
    uint32_t count = 99;

    if (tdh_shop_commit(shop, &op, 1, err) != 0 ||
        tdh_shop_put(shop, "kept", "b", TD_VERSION_ANY, err) != 0)
        return -1;
    if (tdh_shop_holds(shop, "k", NOW + SECOND - 1, "a", err) != 0 ||
        tdh_shop_holds(shop, "k", NOW + SECOND, NULL, err) != 0)
        return -1;
    if (shop->table->kv->scan(shop->ctx, "s", NULL, NULL, 0, 0, NOW + SECOND, see_key, &seen,
                              err) != 0 ||
        tdh_shop_expect(err, strcmp(seen.text, " kept") == 0, "a scan shows what has expired:%s",
                        seen.text) != 0)
        return -1;
    if (shop->table->kv->expire(shop->ctx, NOW + SECOND, 10, &count, err) != 0 ||
        tdh_shop_expect(err, count == 1, "expire took %u records away, it must be 1", count) != 0)
        return -1;
    return tdh_shop_holds(shop, "kept", INT64_MAX, "b", err);
}

/* --- commit --- */

static int commits_all_or_nothing(struct tdh_shop *shop, struct td_err *err)
{
    struct td_op ops[] = {
        TDH_OP(TD_OP_PUT, .space = "s", .key = "one", .value = tdh_shop_bytes("1"),
               .version = TD_VERSION_ABSENT),
        TDH_OP(TD_OP_PUT, .space = "s", .key = "old", .value = tdh_shop_bytes("new"),
               .version = TD_VERSION_ANY),
        TDH_OP(TD_OP_GUARD_KV, .space = "s", .key = "old", .version = 7),
    };

    if (tdh_shop_put(shop, "old", "old", TD_VERSION_ANY, err) != 0 ||
        tdh_shop_refused(tdh_shop_commit(shop, ops, 3, err), TD_E_CONFLICT,
                         "a batch whose last guard does not hold", err) != 0 ||
        tdh_shop_expect(err, shop->failed == 2, "operation %zu was said to have failed, it was 2",
                        shop->failed) != 0)
        return -1;
    if (tdh_shop_holds(shop, "one", NOW, NULL, err) != 0 ||
        tdh_shop_holds(shop, "old", NOW, "old", err) != 0)
        return td_context(err, "after a batch that failed");
    return 0;
}

static int commits_in_order(struct tdh_shop *shop, struct td_err *err)
{
    struct td_op ops[] = {
        TDH_OP(TD_OP_PUT, .space = "s", .key = "k", .value = tdh_shop_bytes("1"),
               .version = TD_VERSION_ABSENT),
        TDH_OP(TD_OP_GUARD_KV, .space = "s", .key = "k", .version = 1),
        TDH_OP(TD_OP_PUT, .space = "s", .key = "k", .value = tdh_shop_bytes("2"), .version = 1),
        TDH_OP(TD_OP_PUT, .space = "s", .key = "gone", .value = tdh_shop_bytes("3"),
               .version = TD_VERSION_ANY),
        TDH_OP(TD_OP_DELETE, .space = "s", .key = "gone", .version = 1),
    };

    if (tdh_shop_commit(shop, ops, 5, err) != 0 || tdh_shop_commit(shop, ops, 0, err) != 0)
        return -1;
    return tdh_shop_holds(shop, "k", NOW, "2", err) == 0
               ? tdh_shop_holds(shop, "gone", NOW, NULL, err)
               : -1;
}

static int tells_what_it_is(struct tdh_shop *shop, struct td_err *err)
{
    uint32_t version = 0, newest = 0;

    if (shop->table->durability == NULL || shop->table->version == NULL)
        return td_fail(err, TD_E_EXEC, "\"durability\" and \"version\" must be there");
    if (tdh_shop_expect(err,
                        shop->table->durability(shop->ctx) >= TD_DURABLE_MEMORY &&
                            shop->table->durability(shop->ctx) <= TD_DURABLE_FULL,
                        "durability is none of the three classes") != 0 ||
        shop->table->version(shop->ctx, &version, &newest, err) != 0)
        return -1;
    return tdh_shop_expect(err, version <= newest,
                           "version %u of the stored form is later than the newest, %u", version,
                           newest);
}

static int keeps_what_it_promised(struct tdh_shop *shop, struct td_err *err)
{
    if (tdh_shop_put(shop, "k", "kept", TD_VERSION_ANY, err) != 0)
        return -1;
    if (shop->table->durability == NULL || shop->table->durability(shop->ctx) == TD_DURABLE_MEMORY)
        return 0; /* it promised nothing */
    tdh_conform_close(shop->conform, &shop->instance);
    shop->conform->opened--; /* the same folder once more */
    if (tdh_conform_open(shop->conform, &shop->instance, err) != 0)
        return -1;
    if (shop->table->verify != NULL && shop->table->verify(shop->ctx, err) != 0)
        return td_context(err, "verify of a store in order");
    return tdh_shop_holds(shop, "k", NOW, "kept", err);
}

const struct tdh_shop_rule tdh_shop_records[] = {
    { 0, tells_what_it_is, "the backend tells its durability and the version of its stored form" },
    { TDH_NEED_KV | TDH_NEED_COMMIT, are_read_as_written,
      "kv: records are read as they were written" },
    { TDH_NEED_KV | TDH_NEED_COMMIT, versions_guard,
      "kv: versions guard, and begin anew after a delete" },
    { TDH_NEED_KV | TDH_NEED_COMMIT, are_scanned_in_order,
      "kv: scans go in byte order, by prefix, place and limit, both ways" },
    { TDH_NEED_KV | TDH_NEED_COMMIT, expire, "kv: what has expired is not there" },
    { TDH_NEED_KV | TDH_NEED_COMMIT, commits_all_or_nothing,
      "commit: all operations happen, or none" },
    { TDH_NEED_KV | TDH_NEED_COMMIT, commits_in_order,
      "commit: an operation sees those before it" },
    { TDH_NEED_KV | TDH_NEED_COMMIT, keeps_what_it_promised,
      "what was committed is there when the store is opened again" },
    { 0, NULL, NULL },
};

/* --- the suite --- */

static int try_rule(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    const struct tdh_shop_rule *rule = arg;
    struct tdh_shop shop = { .conform = conform, .table = conform->plugin->descriptor.storage };
    int rc = tdh_conform_open(conform, &shop.instance, err);

    shop.ctx = &shop.instance.ctx.pub;
    if (rc == 0)
        rc = rule->fn(&shop, err);
    tdh_conform_close(conform, &shop.instance);
    return rc;
}

static unsigned what_it_has(const struct td_storage *table)
{
    return (table->kv != NULL ? TDH_NEED_KV : 0U) | (table->log != NULL ? TDH_NEED_LOG : 0U) |
           (table->queue != NULL ? TDH_NEED_QUEUE : 0U) |
           (table->topic != NULL ? TDH_NEED_TOPIC : 0U) |
           (table->lease != NULL ? TDH_NEED_LEASE : 0U) |
           (table->blob != NULL ? TDH_NEED_BLOB : 0U) |
           (table->commit != NULL ? TDH_NEED_COMMIT : 0U);
}

static int has_something(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    (void)arg;
    if ((what_it_has(conform->plugin->descriptor.storage) & ~(unsigned)TDH_NEED_COMMIT) == 0)
        return td_fail(err, TD_E_EXEC, "it offers none of kv, log, queue, topic, lease and blob");
    return 0;
}

void tdh_conform_storage(struct tdh_conform *conform)
{
    static const struct tdh_shop_rule *const groups[] = { tdh_shop_records, tdh_shop_streams,
                                                          tdh_shop_work };
    unsigned has = what_it_has(conform->plugin->descriptor.storage);

    if (tdh_conform_rule(conform, has_something, NULL, "the backend offers a capability") != 0)
        return;
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
        for (const struct tdh_shop_rule *rule = groups[i]; rule->fn != NULL; rule++) {
            if ((has & rule->needs) == rule->needs)
                tdh_conform_rule(conform, try_rule, (void *)rule, "%s", rule->rule);
            else
                tdh_conform_skip(conform, "not offered: %s", rule->rule);
        }
}
