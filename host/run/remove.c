/* SPDX-License-Identifier: Apache-2.0 */
/*
 * remove: takes runs that have ended away, some at a time: their records in one commit, their
 * journals in a few, then their places in the list. A crash in between leaves a place, and who
 * meets it goes on from there; nobody sees the run any more.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/metric.h"
#include "run/ended.h"

/* A table is as large as the backend's SDK made it. */
#define HAS_PRUNE_RUNS(table)                                                                      \
    ((table)->log->size >=                                                                         \
         offsetof(struct td_log_table, prune_runs) + sizeof((table)->log->prune_runs) &&           \
     (table)->log->prune_runs != NULL)

static struct tdh_metric runs_removed =
    TDH_COUNTER("tdev_runs_removed_total", "Runs that had ended and were taken away");

struct removal {
    const struct tdh_ended *list;
    size_t count;
    bool has_mail[TDH_ENDED_PORTION];
    json_t *records[TDH_ENDED_PORTION]; /* of those that went over to another definition */
    struct td_op *ops, **places;
    char (*keys)[TDH_WAS_KEY]; /* of the definitions that these followed before */
    size_t key_count;
    struct tdh_buf values[TDH_ENDED_PORTION];
    uint64_t runs[TDH_ENDED_PORTION];
    size_t op_count;
};

static struct td_op *next_op(struct removal *removal, enum td_op_kind kind, const char *space,
                             const char *key)
{
    struct td_op *op = &removal->ops[removal->op_count];

    *op = (struct td_op){ TD_SIZE(struct td_op), .kind = kind, .space = space, .key = key };
    op->version = TD_VERSION_ANY;
    removal->places[removal->op_count++] = op;
    return op;
}

/* --- messages, which few runs leave --- */

static int note_mail(void *arg, const char *key, struct td_bytes value, uint64_t version)
{
    (void)key, (void)value, (void)version;
    *(bool *)arg = true;
    return 1;
}

static int look_for_mail(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                         struct td_err *err)
{
    struct removal *removal = arg;

    for (size_t i = 0; i < removal->count; i++)
        if (table->kv->scan(ctx, TDH_MAIL_SPACE, tdh_ended_id(&removal->list[i]), NULL, 1,
                            TD_SCAN_SOUND, tdh_clock_us(), note_mail, &removal->has_mail[i],
                            err) != 0)
            return -1;
    return 0;
}

static int remove_mail(struct tdh_engine *engine, struct removal *removal, struct td_err *err)
{
    if (tdh_store_ask(engine->options.store, look_for_mail, removal, err) != 0)
        return -1;
    for (size_t i = 0; i < removal->count; i++)
        if (removal->has_mail[i] &&
            tdh_mail_remove(engine, tdh_ended_id(&removal->list[i]), err) != 0)
            return -1;
    return 0;
}

/* --- what they followed before --- */

static const json_t *was_of(const struct removal *removal, size_t at)
{
    return json_object_get(removal->records[at], "was");
}

/* Room for all operations. A record that is gone went with a pass before, and what it named. */
static int read_moved(struct tdh_store *store, struct removal *removal, struct td_err *err)
{
    size_t room = 2 * removal->count, keys = 0;

    for (size_t i = 0; i < removal->count; i++) {
        if (removal->list[i].has_moved &&
            tdh_store_get(store, TDH_RUN_SPACE, tdh_ended_id(&removal->list[i]),
                          &removal->records[i], NULL, err) != 0 &&
            err->code != TD_E_NOTFOUND)
            return -1;
        keys += json_array_size(was_of(removal, i));
    }
    removal->ops = calloc(room + keys, sizeof(*removal->ops));
    removal->places = calloc(room + keys, sizeof(struct td_op *));
    removal->keys = calloc(keys + 1, sizeof(*removal->keys));
    return removal->ops != NULL && removal->places != NULL && removal->keys != NULL
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate a list of runs");
}

static void remove_was(struct removal *removal, size_t at)
{
    const json_t *hash;
    size_t i;

    json_array_foreach (was_of(removal, at), i, hash) {
        char *key = removal->keys[removal->key_count++];

        tdh_was_key(key, json_string_value(hash), tdh_ended_id(&removal->list[at]));
        next_op(removal, TD_OP_DELETE, TDH_WAS_SPACE, key);
    }
}

/* --- records, journals, places in the list --- */

/* One that is not from the list gets a place in it, so that a crash does not lose its journal. */
static int remove_records(struct tdh_store *store, struct removal *removal, bool is_listed,
                          struct td_err *err)
{
    removal->op_count = 0;
    for (size_t i = 0; i < removal->count; i++) {
        const struct tdh_ended *ended = &removal->list[i];
        struct td_op *op;

        next_op(removal, TD_OP_DELETE, TDH_RUN_SPACE, tdh_ended_id(ended));
        remove_was(removal, i);
        if (is_listed)
            continue;
        tdh_ended_value(ended, &removal->values[i]);
        if (removal->values[i].failed)
            return td_fail(err, TD_E_NOMEM, "could not allocate a list of runs");
        op = next_op(removal, TD_OP_PUT, TDH_ENDED_SPACE, ended->key);
        op->value = (struct td_bytes){ removal->values[i].data, removal->values[i].length };
    }
    return tdh_store_commit(store, removal->places, removal->op_count, NULL, err);
}

static int note_head(void *arg, uint64_t run, uint64_t seq)
{
    (void)run;
    *(uint64_t *)arg = seq;
    return 1;
}

/* For a backend that prunes only one by one. */
static int prune_each(struct td_ctx *ctx, const struct td_storage *table,
                      const struct removal *removal, struct td_err *err)
{
    for (size_t i = 0; i < removal->count; i++) {
        uint64_t head = 0, run = removal->runs[i];

        if (table->log->index(ctx, TDH_RUN_LOG, run, note_head, &head, err) != 0 ||
            (head != 0 && table->log->prune(ctx, TDH_RUN_LOG, run, head, 0, err) != 0))
            return -1;
    }
    return 0;
}

static int prune_journals(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                          struct td_err *err)
{
    struct removal *removal = arg;

    for (size_t i = 0; i < removal->count; i++)
        removal->runs[i] = removal->list[i].run;
    return HAS_PRUNE_RUNS(table)
               ? table->log->prune_runs(ctx, TDH_RUN_LOG, removal->runs, removal->count, err)
               : prune_each(ctx, table, removal, err);
}

static int remove_places(struct tdh_store *store, struct removal *removal, struct td_err *err)
{
    removal->op_count = 0;
    for (size_t i = 0; i < removal->count; i++)
        next_op(removal, TD_OP_DELETE, TDH_ENDED_SPACE, removal->list[i].key);
    return tdh_store_commit(store, removal->places, removal->op_count, NULL, err);
}

static void free_removal(struct removal *removal)
{
    for (size_t i = 0; i < TDH_ENDED_PORTION; i++) {
        tdh_buf_free(&removal->values[i]);
        json_decref(removal->records[i]);
    }
    free(removal->ops);
    free(removal->places);
    free(removal->keys);
    free(removal);
}

int tdh_runs_remove(struct tdh_engine *engine, const struct tdh_ended *list, size_t count,
                    bool is_listed, struct td_err *err)
{
    struct tdh_store *store = engine->options.store;
    struct removal *removal = count > 0 ? calloc(1, sizeof(*removal)) : NULL;
    int rc = -1;

    if (count == 0)
        return 0;
    if (removal == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a list of runs");
    removal->list = list;
    removal->count = count;
    if (remove_mail(engine, removal, err) == 0 && read_moved(store, removal, err) == 0 &&
        remove_records(store, removal, is_listed, err) == 0 &&
        tdh_store_ask(store, prune_journals, removal, err) == 0)
        rc = remove_places(store, removal, err);
    if (rc == 0)
        tdh_metric_add(&runs_removed, (int64_t)count);
    free_removal(removal);
    return rc;
}
