/* SPDX-License-Identifier: Apache-2.0 */
/*
 * garbage: takes away definitions that no run refers to any more, however many processes begin runs
 * meanwhile.
 *
 * A definition is put with the first write of a run of it that a process makes, never later, so
 * that it may be missing only to
 *   - a process that has begun one before: while another process lives, nothing is taken away;
 *   - this process: from the sweep's number on (engine->sweeps) it puts each definition again, and
 *     what was built before that is committed before the sweep looks at the runs;
 *   - a run that is open, has ended, or followed it before: these are looked at in the order in
 *     which a run goes from the first to the others.
 * What is put after the sweep has read the definition's version has another version, and the
 * removal fails on its guard; so it does when another sweep began meanwhile ("care/sweep").
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/metric.h"
#include "run/ended.h"

enum { PAGE = 64, LIVE_PAGE = 500 };

static struct tdh_metric definitions_removed = TDH_COUNTER(
    "tdev_definitions_removed_total", "Definitions that no run referred to and were taken away");

struct candidate {
    char hash[TDH_SHA256_HEX];
    uint64_t version;
    bool is_used;
};

struct tidying {
    struct tdh_engine *engine;
    const char *prefix;
    char after[TDH_SHA256_HEX]; /* of definitions */
    struct candidate list[PAGE];
    size_t count;
    bool is_last;
    char live_after[TDH_ID_SIZE];
    char live[LIVE_PAGE][TDH_ID_SIZE];
    size_t live_count;
    struct td_err *err;
};

/* --- which there are --- */

static int note_definition(void *arg, const char *key, struct td_bytes value, uint64_t version)
{
    struct tidying *tidying = arg;
    struct candidate *candidate = &tidying->list[tidying->count];

    (void)value;
    if (strlen(key) == TDH_SHA256_HEX - 1) {
        *candidate = (struct candidate){ .version = version };
        memcpy(candidate->hash, key, TDH_SHA256_HEX);
        tidying->count++;
    }
    return 0;
}

static int ask_definitions(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                           struct td_err *err)
{
    struct tidying *tidying = arg;

    return table->kv->scan(ctx, TDH_DEF_SPACE, tidying->prefix,
                           tidying->after[0] != '\0' ? tidying->after : NULL, PAGE, TD_SCAN_SOUND,
                           tdh_clock_us(), note_definition, tidying, err);
}

static int next_page(struct tidying *tidying, struct td_err *err)
{
    tidying->count = 0;
    if (tdh_store_ask(tidying->engine->options.store, ask_definitions, tidying, err) != 0)
        return -1;
    tidying->is_last = tidying->count < PAGE;
    if (tidying->count > 0)
        memcpy(tidying->after, tidying->list[tidying->count - 1].hash, TDH_SHA256_HEX);
    return 0;
}

/* --- which are used --- */

static int note_used(void *arg, const char *key, struct td_bytes value, uint64_t version)
{
    (void)key, (void)value, (void)version;
    ((struct candidate *)arg)->is_used = true;
    return 1;
}

/* By runs that have ended, or followed it before. */
static int ask_ended(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                     struct td_err *err)
{
    struct tidying *tidying = arg;

    for (size_t i = 0; i < tidying->count; i++) {
        struct candidate *candidate = &tidying->list[i];
        char prefix[TDH_ENDED_HASH + 2];

        snprintf(prefix, sizeof(prefix), "%.*s/", TDH_ENDED_HASH, candidate->hash);
        if (!candidate->is_used &&
            (table->kv->scan(ctx, TDH_ENDED_SPACE, prefix, NULL, 1, TD_SCAN_SOUND, tdh_clock_us(),
                             note_used, candidate, err) != 0 ||
             table->kv->scan(ctx, TDH_WAS_SPACE, candidate->hash, NULL, 1, TD_SCAN_SOUND,
                             tdh_clock_us(), note_used, candidate, err) != 0))
            return -1;
    }
    return 0;
}

static int note_live(void *arg, const char *key, struct td_bytes value, uint64_t version)
{
    struct tidying *tidying = arg;

    (void)value, (void)version;
    snprintf(tidying->live[tidying->live_count++], TDH_ID_SIZE, "%s", key);
    return 0;
}

static void use(struct tidying *tidying, const char *hash)
{
    for (size_t i = 0; i < tidying->count; i++)
        if (strcmp(tidying->list[i].hash, hash) == 0)
            tidying->list[i].is_used = true;
}

/* An open run whose record cannot be read may refer to any. */
static int look_at_record(struct td_ctx *ctx, const struct td_storage *table,
                          struct tidying *tidying, const char *id, struct td_err *err)
{
    void *text;
    size_t length;
    uint64_t version;
    json_t *record;

    if (table->kv->get(ctx, TDH_RUN_SPACE, id, tdh_clock_us(), &text, &length, &version, err) != 0)
        return err->code == TD_E_NOTFOUND ? 0 : -1;
    record = tdh_json_parse(text, length, id, err);
    free(text);
    if (record == NULL)
        return td_context(err, "record \"run/%s\" of the store", id);
    use(tidying, tdh_json_str(record, "def", ""));
    json_decref(record);
    return 0;
}

/* By the next open runs. */
static int ask_live(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                    struct td_err *err)
{
    struct tidying *tidying = arg;

    tidying->live_count = 0;
    if (table->kv->scan(ctx, TDH_LIVE_SPACE, NULL,
                        tidying->live_after[0] != '\0' ? tidying->live_after : NULL, LIVE_PAGE, 0,
                        tdh_clock_us(), note_live, tidying, err) != 0)
        return -1;
    for (size_t i = 0; i < tidying->live_count; i++)
        if (look_at_record(ctx, table, tidying, tidying->live[i], err) != 0)
            return -1;
    return 0;
}

static bool has_unused(const struct tidying *tidying)
{
    for (size_t i = 0; i < tidying->count; i++)
        if (!tidying->list[i].is_used)
            return true;
    return false;
}

static int look_at_live(struct tidying *tidying, struct td_err *err)
{
    tidying->live_after[0] = '\0';
    do {
        if (tdh_store_ask(tidying->engine->options.store, ask_live, tidying, err) != 0)
            return -1;
        if (tidying->live_count > 0)
            memcpy(tidying->live_after, tidying->live[tidying->live_count - 1], TDH_ID_SIZE);
    } while (tidying->live_count == LIVE_PAGE && has_unused(tidying));
    return 0;
}

/* --- taking away --- */

/*
 * From here on this process puts every definition that it begins a run with. What was built before
 * has been handed in when each hub's lock was seen free, and the writer keeps the order: it is
 * committed with the record of the sweep, or before.
 */
static int begin_sweep(struct tdh_engine *engine, uint64_t *ret_sweep, struct td_err *err)
{
    json_t *nothing = json_object();
    int rc;

    atomic_fetch_add(&engine->sweeps, 1);
    for (unsigned i = 0; i < tdh_runtime_workers(engine->options.runtime); i++) {
        pthread_mutex_lock(&engine->hubs[i].building);
        pthread_mutex_unlock(&engine->hubs[i].building);
    }
    rc = tdh_store_put(engine->options.store, TDH_CARE_SPACE, "sweep", nothing, TD_VERSION_ANY,
                       ret_sweep, err);
    json_decref(nothing);
    return rc;
}

/* A guard that fails is no fault: somebody has begun a run with one of them. */
static int remove_unused(struct tidying *tidying, uint64_t sweep, uint32_t *ret_count,
                         struct td_err *err)
{
    struct td_op ops[PAGE + 1], *list[PAGE + 1];
    size_t count = 1;

    ops[0] = (struct td_op){ TD_SIZE(struct td_op), .kind = TD_OP_GUARD_KV, .space = TDH_CARE_SPACE,
                             .key = "sweep", .version = sweep };
    for (size_t i = 0; i < tidying->count; i++) {
        const struct candidate *candidate = &tidying->list[i];

        if (!candidate->is_used)
            ops[count++] =
                (struct td_op){ TD_SIZE(struct td_op), .kind = TD_OP_DELETE, .space = TDH_DEF_SPACE,
                                .key = candidate->hash, .version = candidate->version };
    }
    for (size_t i = 0; i < count; i++)
        list[i] = &ops[i];
    if (count > 1 && tdh_store_commit(tidying->engine->options.store, list, count, NULL, err) != 0)
        return err->code == TD_E_CONFLICT ? 0 : -1;
    *ret_count += (uint32_t)(count - 1);
    return 0;
}

static int tidy_page(struct tidying *tidying, uint32_t *ret_count, struct td_err *err)
{
    struct tdh_engine *engine = tidying->engine;
    uint64_t sweep;

    if (tdh_store_ask(engine->options.store, ask_ended, tidying, err) != 0)
        return -1;
    if (!has_unused(tidying))
        return 0;
    if (begin_sweep(engine, &sweep, err) != 0)
        return -1;
    if (!tdh_owner_is_alone(engine))
        return 0;
    if (look_at_live(tidying, err) != 0 ||
        tdh_store_ask(engine->options.store, ask_ended, tidying, err) != 0)
        return -1;
    return remove_unused(tidying, sweep, ret_count, err);
}

int tdh_definitions_tidy(struct tdh_engine *engine, const char *hash, uint32_t *ret_count,
                         struct td_err *err)
{
    struct tidying *tidying;
    int rc = 0;

    *ret_count = 0;
    if (!tdh_owner_is_alone(engine))
        return 0;
    tidying = calloc(1, sizeof(*tidying));
    if (tidying == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a list of definitions");
    tidying->engine = engine;
    tidying->prefix = hash;
    while (rc == 0 && !tidying->is_last) {
        rc = next_page(tidying, err);
        if (rc == 0)
            rc = tidy_page(tidying, ret_count, err);
    }
    free(tidying);
    tdh_metric_add(&definitions_removed, *ret_count);
    return rc;
}

int tdh_definitions_sweep(struct tdh_engine *engine, uint32_t *ret_count, struct td_err *err)
{
    bool is_more = true;

    *ret_count = 0;
    while (is_more) /* what is not in the list would not count as used */
        if (tdh_ended_complete(engine, &is_more, err) != 0)
            return -1;
    return tdh_definitions_tidy(engine, NULL, ret_count, err);
}
