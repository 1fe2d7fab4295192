/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store: the plugin's records, in memory, with the versions a real store would give them.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static struct td_test *enter(struct td_ctx *ctx, const char *service)
{
    struct td_test *test = (struct td_test *)ctx;

    if (!test->is_called || test->is_blocking)
        td_testing_end("td_%s was used %s", service,
                       test->is_called ? "within td_blocking, where no service may be"
                                       : "when no call was under way");
    return test;
}

static uint64_t version_of(const struct td_test *test, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(test->versions, key));
}

/* With room for the plugin's name, which the host puts in front. */
static int check_key(const struct td_test *test, const char *key, struct td_err *err)
{
    if (strlen(test->plugin->name) + 1 + strlen(key) <= TD_NAME_MAX)
        return 0;
    return td_fail(err, TD_E_INVAL,
                   "the key of a record must be at most %d bytes with the plugin's name",
                   TD_NAME_MAX);
}

static int check_version(const struct td_test *test, const char *key, uint64_t version,
                         struct td_err *err)
{
    uint64_t now = version_of(test, key);

    if (version == TD_VERSION_ANY || version == now)
        return 0;
    return td_fail(err, TD_E_CONFLICT, "record \"%s\" has version %llu, expected %llu", key,
                   (unsigned long long)now, (unsigned long long)version);
}

/* value: take. Returns the new version. */
static uint64_t put(struct td_test *test, const char *key, json_t *value)
{
    uint64_t version = version_of(test, key) + 1;

    json_object_set_new(test->store, key, td_testing_must(value));
    json_object_set_new(test->versions, key, td_testing_must(json_integer((json_int_t)version)));
    return version;
}

int td_testing_get(struct td_ctx *ctx, const char *key, json_t **ret_value, uint64_t *ret_version,
                   struct td_err *err)
{
    struct td_test *test = enter(ctx, "store_get");
    const json_t *value = json_object_get(test->store, key);

    if (td_testing_fails(test, "store_get", err) || check_key(test, key, err) != 0)
        return -1;
    if (value == NULL)
        return td_fail(err, TD_E_NOTFOUND, "record \"%s\" is not there", key);
    *ret_value = td_testing_must(json_deep_copy(value));
    if (ret_version != NULL)
        *ret_version = version_of(test, key);
    return 0;
}

int td_testing_put(struct td_ctx *ctx, const char *key, const json_t *value, uint64_t version,
                   uint64_t *ret_version, struct td_err *err)
{
    struct td_test *test = enter(ctx, "store_put");
    uint64_t given;

    if (td_testing_fails(test, "store_put", err) || check_key(test, key, err) != 0 ||
        check_version(test, key, version, err) != 0)
        return -1;
    given = put(test, key, json_deep_copy(value));
    if (ret_version != NULL)
        *ret_version = given;
    return 0;
}

int td_testing_delete(struct td_ctx *ctx, const char *key, uint64_t version, struct td_err *err)
{
    struct td_test *test = enter(ctx, "store_delete");

    if (td_testing_fails(test, "store_delete", err) || check_key(test, key, err) != 0 ||
        check_version(test, key, version, err) != 0)
        return -1;
    json_object_del(test->store, key);
    json_object_del(test->versions, key);
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* new: the keys with that prefix in byte order, each a copy: the callback may write. */
static char **list_keys(const struct td_test *test, const char *prefix, size_t *ret_count)
{
    char **keys = td_testing_must(calloc(json_object_size(test->store) + 1, sizeof(*keys)));
    size_t count = 0;
    const char *key;
    json_t *value;

    json_object_foreach (test->store, key, value)
        if (strncmp(key, prefix, strlen(prefix)) == 0)
            keys[count++] = td_testing_must(strdup(key));
    qsort(keys, count, sizeof(*keys), compare);
    *ret_count = count;
    return keys;
}

int td_testing_scan(struct td_ctx *ctx, const char *prefix, uint32_t limit, td_store_scan_fn *fn,
                    void *arg, struct td_err *err)
{
    struct td_test *test = enter(ctx, "store_scan");
    const json_t *all;
    size_t count;
    bool goes_on = true;
    char **keys;

    if (td_testing_fails(test, "store_scan", err) || check_key(test, prefix, err) != 0)
        return -1;
    all = td_testing_must(json_copy(test->store)); /* as it is now */
    keys = list_keys(test, prefix, &count);
    for (size_t i = 0; i < count; i++) {
        if (goes_on && (limit == 0 || i < limit))
            goes_on =
                fn(arg, keys[i], json_object_get(all, keys[i]), version_of(test, keys[i])) == 0;
        free(keys[i]);
    }
    free(keys);
    json_decref((json_t *)(uintptr_t)all);
    return 0;
}

void td_test_store_put(struct td_test *test, const char *key, json_t *value)
{
    put(test, key, value);
}

const json_t *td_test_store(const struct td_test *test)
{
    return test->store;
}
