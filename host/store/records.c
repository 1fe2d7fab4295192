/* SPDX-License-Identifier: Apache-2.0 */
/*
 * records: kv records as JSON values.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "store/store.h"

struct get {
    const char *space, *key;
    void *value;
    size_t length;
    uint64_t version;
};

static int backend_get(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                       struct td_err *err)
{
    struct get *get = arg;

    if (table->kv == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "the store has no records (kv)");
    return table->kv->get(ctx, get->space, get->key, tdh_clock_us(), &get->value, &get->length,
                          &get->version, err);
}

int tdh_store_get(struct tdh_store *store, const char *space, const char *key, json_t **ret_value,
                  uint64_t *ret_version, struct td_err *err)
{
    struct get get = { .space = space, .key = key };
    json_t *value;

    if (tdh_store_ask(store, backend_get, &get, err) != 0)
        return -1;
    value = tdh_json_parse(get.value, get.length, key, err);
    free(get.value);
    if (value == NULL) {
        err->code = TD_E_CORRUPT;
        return td_context(err, "record \"%s/%s\" of the store", space, key);
    }
    *ret_value = value;
    if (ret_version != NULL)
        *ret_version = get.version;
    return 0;
}

int tdh_store_put(struct tdh_store *store, const char *space, const char *key, const json_t *value,
                  uint64_t version, uint64_t *ret_version, struct td_err *err)
{
    struct tdh_buf buf = { 0 };
    struct td_op op = { TD_SIZE(struct td_op), .kind = TD_OP_PUT,        .space = space, .key = key,
                        .version = version,    .time_us = tdh_clock_us() };
    struct td_op *ops[] = { &op };
    int rc;

    tdh_buf_json(&buf, value, 0);
    if (buf.failed) {
        tdh_buf_free(&buf);
        return td_fail(err, TD_E_NOMEM, "could not write record \"%s/%s\" as JSON", space, key);
    }
    op.value = (struct td_bytes){ buf.data, buf.length };
    rc = tdh_store_commit(store, ops, 1, NULL, err);
    if (rc == 0 && ret_version != NULL)
        *ret_version = op.ret_version;
    tdh_buf_free(&buf);
    return rc;
}

int tdh_store_delete(struct tdh_store *store, const char *space, const char *key, uint64_t version,
                     struct td_err *err)
{
    struct td_op op = { TD_SIZE(struct td_op), .kind = TD_OP_DELETE,     .space = space, .key = key,
                        .version = version,    .time_us = tdh_clock_us() };
    struct td_op *ops[] = { &op };

    return tdh_store_commit(store, ops, 1, NULL, err);
}

struct list {
    const char *space, *prefix, *after;
    uint32_t limit, flags;
    struct tdh_store_search *search; /* NULL: all of them */
    json_t *records;
    struct td_err *err;
    int rc;
};

/* Does the record's text hold all the words? Most records of a search are not read any further. */
static bool has_words(const struct tdh_store_search *search, struct td_bytes bytes)
{
    for (size_t i = 0; i < TDH_STORE_WORDS && search->words[i] != NULL; i++)
        if (memmem(bytes.data, bytes.length, search->words[i], strlen(search->words[i])) == NULL)
            return false;
    return true;
}

static int add_record(void *arg, const char *key, struct td_bytes bytes, uint64_t version)
{
    struct list *list = arg;
    json_t *value;

    if (list->search != NULL) {
        list->search->seen++;
        snprintf(list->search->last, sizeof(list->search->last), "%s", key);
        if (!has_words(list->search, bytes))
            return 0;
    }
    value = tdh_json_parse(bytes.data, bytes.length, key, list->err);
    if (value == NULL) {
        list->err->code = TD_E_CORRUPT;
        list->rc = td_context(list->err, "record \"%s/%s\" of the store", list->space, key);
        return 1;
    }
    json_array_append_new(list->records, json_pack("{s:s, s:I, s:o}", "key", key, "version",
                                                   (json_int_t)version, "value", value));
    return 0;
}

static int backend_list(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                        struct td_err *err)
{
    struct list *list = arg;

    if (table->kv == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "the store has no records (kv)");
    if (table->kv->scan(ctx, list->space, list->prefix, list->after, list->limit, list->flags,
                        tdh_clock_us(), add_record, list, err) != 0)
        return -1;
    return list->rc;
}

int tdh_store_list(struct tdh_store *store, const char *space, const char *prefix,
                   const char *after, uint32_t limit, uint32_t flags, json_t **ret_list,
                   struct td_err *err)
{
    return tdh_store_search(store, space, prefix, after, limit, flags, NULL, ret_list, err);
}

int tdh_store_search(struct tdh_store *store, const char *space, const char *prefix,
                     const char *after, uint32_t limit, uint32_t flags,
                     struct tdh_store_search *search, json_t **ret_list, struct td_err *err)
{
    struct list list = { space, prefix, after, limit, flags, search, json_array(), err, 0 };

    if (search != NULL)
        search->seen = 0;
    if (list.records == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a list of records");
    if (tdh_store_ask(store, backend_list, &list, err) != 0) {
        json_decref(list.records);
        return -1;
    }
    *ret_list = list.records;
    return 0;
}
