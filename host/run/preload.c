/* SPDX-License-Identifier: Apache-2.0 */
/*
 * preload: the snapshots and tails of all runs whose process is gone, each read in one pass, for
 * who is about to resume them. A tail by itself is a scan from its run's index on, past the rows of
 * all other runs, so many of them would read the journal many times.
 *
 * A tail that was read ahead is good as long as the run's live record is the same version: whoever
 * takes the run over writes that first, and nobody else appends.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "run/snapshot.h"

enum { PAGE = 500, MAIL_MAX = 1000 };
enum { BYTES_MAX = 256 << 20 }; /* read ahead at most; of more, each is read by itself */

struct raw_row {
    struct raw_row *next;
    uint64_t seq, before;
    uint32_t type;
    size_t length;
    char bytes[];
};

struct tdh_ahead {
    char id[TDH_ID_SIZE];
    json_t *live; /* its live record; NULL: it was taken */
    bool has_mail;
    uint64_t run, version, index;
    uint64_t from;  /* where its tail begins: at the index, or where the snapshot stands */
    char *snapshot; /* as it was read; NULL: none */
    size_t snapshot_bytes;
    struct raw_row *first, *last;
};

struct loading {
    struct tdh_engine *engine;
    struct tdh_ahead *list;
    size_t count, room, bytes;
    uint64_t from;
    bool is_full;
    char dead[TDH_ID_SIZE]; /* the owner that was asked for last */
};

static int by_run(const void *a, const void *b)
{
    uint64_t one = ((const struct tdh_ahead *)a)->run, other = ((const struct tdh_ahead *)b)->run;

    return one < other ? -1 : one > other;
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct tdh_ahead *)a)->id, ((const struct tdh_ahead *)b)->id);
}

static struct tdh_ahead *find_run(struct tdh_ahead *list, size_t count, uint64_t run)
{
    const struct tdh_ahead wanted = { .run = run };

    return count > 0 ? bsearch(&wanted, list, count, sizeof(*list), by_run) : NULL;
}

static struct tdh_ahead *find_id(struct tdh_ahead *list, size_t count, const char *id)
{
    struct tdh_ahead wanted = { .run = 0 };

    snprintf(wanted.id, sizeof(wanted.id), "%s", id);
    return count > 0 ? bsearch(&wanted, list, count, sizeof(*list), by_id) : NULL;
}

static void free_rows(struct tdh_ahead *ahead)
{
    while (ahead->first != NULL) {
        struct raw_row *next = ahead->first->next;

        free(ahead->first);
        ahead->first = next;
    }
    ahead->last = NULL;
    free(ahead->snapshot);
    ahead->snapshot = NULL;
}

void tdh_preload_free(struct tdh_hub *hub)
{
    for (size_t i = 0; i < hub->ahead_count; i++) {
        json_decref(hub->ahead[i].live);
        free_rows(&hub->ahead[i]);
    }
    free(hub->ahead);
    hub->ahead = NULL;
    hub->ahead_count = 0;
}

/* --- which runs --- */

/* Most runs of a list have the same owner. */
static bool is_dead(struct loading *loading, const char *owner)
{
    if (loading->dead[0] != '\0' && strcmp(owner, loading->dead) == 0)
        return true;
    if (tdh_owner_is_alive(loading->engine, owner))
        return false;
    snprintf(loading->dead, sizeof(loading->dead), "%s", owner);
    return true;
}

static int add_run(struct loading *loading, const json_t *item, struct td_err *err)
{
    json_t *live = json_object_get(item, "value");
    struct tdh_ahead *ahead;

    if (!is_dead(loading, tdh_json_str(live, "owner", "")))
        return 0;
    if (loading->count == loading->room) {
        size_t room = loading->room > 0 ? loading->room * 2 : 1024;
        struct tdh_ahead *list = realloc(loading->list, room * sizeof(*list));

        if (list == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate the list of %zu runs", room);
        loading->list = list;
        loading->room = room;
    }
    ahead = &loading->list[loading->count++];
    *ahead = (struct tdh_ahead){ .live = json_incref(live),
                                 .run = strtoull(tdh_json_str(live, "key", "0"), NULL, 16),
                                 .version = (uint64_t)json_integer_value(
                                     json_object_get(item, "version")) };
    snprintf(ahead->id, sizeof(ahead->id), "%s", tdh_json_str(item, "key", ""));
    return 0;
}

static int list_runs(struct loading *loading, struct td_err *err)
{
    char after[TDH_ID_SIZE] = "";
    size_t count = PAGE;

    while (count == PAGE) {
        json_t *page, *item;
        size_t i;
        int rc = 0;

        if (tdh_store_list(loading->engine->options.store, TDH_LIVE_SPACE, "",
                           after[0] != '\0' ? after : NULL, PAGE, TD_SCAN_SOUND, &page, err) != 0)
            return -1;
        count = json_array_size(page);
        json_array_foreach (page, i, item)
            rc = rc == 0 ? add_run(loading, item, err) : rc;
        snprintf(after, sizeof(after), "%s",
                 tdh_json_str(json_array_get(page, count - 1), "key", ""));
        json_decref(page);
        if (rc != 0)
            return -1;
    }
    return 0;
}

/* Who was sent something has to look for it. Beyond MAIL_MAX messages all have to. */
static int note_mail(struct loading *loading, struct td_err *err)
{
    json_t *list, *item;
    size_t i;

    if (tdh_store_list(loading->engine->options.store, TDH_MAIL_SPACE, "", NULL, MAIL_MAX,
                       TD_SCAN_SOUND, &list, err) != 0)
        return -1;
    for (i = 0; i < loading->count; i++)
        loading->list[i].has_mail = json_array_size(list) == MAIL_MAX;
    json_array_foreach (list, i, item) {
        char id[TDH_ID_SIZE];
        struct tdh_ahead *ahead;

        snprintf(id, sizeof(id), "%s", tdh_json_str(item, "key", ""));
        ahead = find_id(loading->list, loading->count, id);
        if (ahead != NULL)
            ahead->has_mail = true;
    }
    json_decref(list);
    return 0;
}

/* --- their snapshots: while the list is ordered by id --- */

static int add_snapshot(void *arg, const char *id, struct td_bytes value, uint64_t version)
{
    struct loading *loading = arg;
    struct tdh_ahead *ahead = find_id(loading->list, loading->count, id);

    (void)version;
    if (ahead == NULL)
        return 0;
    ahead->snapshot =
        loading->bytes + value.length < BYTES_MAX ? strndup(value.data, value.length) : NULL;
    if (ahead->snapshot == NULL) {
        loading->is_full = true;
        return 1;
    }
    ahead->snapshot_bytes = strlen(ahead->snapshot);
    loading->bytes += value.length;
    return 0;
}

static int read_snapshots(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                          struct td_err *err)
{
    return table->kv->scan(ctx, TDH_SNAP_SPACE, NULL, NULL, 0, TD_SCAN_SOUND, 0, add_snapshot, arg,
                           err);
}

/* --- their rows --- */

static int note_index(void *arg, uint64_t run, uint64_t seq)
{
    (void)run;
    *(uint64_t *)arg = seq;
    return 1;
}

static int add_row(void *arg, const struct td_row *row)
{
    struct loading *loading = arg;
    struct tdh_ahead *ahead = find_run(loading->list, loading->count, row->run);
    struct raw_row *raw;

    if (ahead == NULL || ahead->index == 0 || row->seq < ahead->from)
        return 0;
    raw = loading->bytes + row->value.length < BYTES_MAX ? malloc(sizeof(*raw) + row->value.length)
                                                         : NULL;
    if (raw == NULL) {
        loading->is_full = true; /* no tail is complete then: all are read one by one */
        return 1;
    }
    *raw = (struct raw_row){
        .seq = row->seq, .before = row->before, .type = row->type, .length = row->value.length
    };
    memcpy(raw->bytes, row->value.data, row->value.length);
    *(ahead->last != NULL ? &ahead->last->next : &ahead->first) = raw;
    ahead->last = raw;
    loading->bytes += row->value.length;
    return 0;
}

/* One that is older than the index is of no use. */
static void set_begin(struct tdh_ahead *ahead)
{
    uint64_t after = ahead->snapshot != NULL ? tdh_snapshot_after(ahead->snapshot) : 0;

    if (ahead->snapshot != NULL && after < ahead->index) {
        free(ahead->snapshot);
        ahead->snapshot = NULL;
    }
    ahead->from = ahead->snapshot != NULL ? after : ahead->index;
}

static int read_all(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                    struct td_err *err)
{
    struct loading *loading = arg;

    loading->from = UINT64_MAX;
    for (size_t i = 0; i < loading->count; i++) {
        struct tdh_ahead *ahead = &loading->list[i];

        if (table->log->index(ctx, TDH_RUN_LOG, ahead->run, note_index, &ahead->index, err) != 0)
            return -1;
        set_begin(ahead);
        if (ahead->index != 0 && ahead->from < loading->from)
            loading->from = ahead->from;
    }
    return table->log->scan(ctx, TDH_RUN_LOG, loading->from, 0, add_row, loading, err);
}

static int load(struct loading *loading, struct td_err *err)
{
    if (list_runs(loading, err) != 0 || loading->count < 2)
        return -1;
    qsort(loading->list, loading->count, sizeof(*loading->list), by_id);
    if (tdh_store_ask(loading->engine->options.store, read_snapshots, loading, err) != 0 ||
        loading->is_full)
        return -1;
    qsort(loading->list, loading->count, sizeof(*loading->list), by_run);
    if (tdh_store_ask(loading->engine->options.store, read_all, loading, err) != 0)
        return -1;
    qsort(loading->list, loading->count, sizeof(*loading->list), by_id);
    return loading->is_full ? -1 : note_mail(loading, err);
}

/* What goes wrong here costs time only, and is told when the run itself is read. */
void tdh_runs_preload(struct tdh_engine *engine)
{
    struct tdh_hub *hub = &engine->hubs[tdh_worker_index(tdh_worker_self())];
    struct loading loading = { .engine = engine };
    struct td_err ignored;
    int rc = engine->options.store != NULL ? load(&loading, &ignored) : -1;

    tdh_preload_free(hub);
    hub->ahead = loading.list;
    hub->ahead_count = loading.count;
    if (rc != 0)
        tdh_preload_free(hub);
}

/* --- using them --- */

bool tdh_preload_live(struct tdh_hub *hub, const char *id, json_t **ret_live, uint64_t *ret_version)
{
    struct tdh_ahead *ahead = find_id(hub->ahead, hub->ahead_count, id);

    if (ahead == NULL || ahead->live == NULL)
        return false;
    *ret_live = ahead->live;
    *ret_version = ahead->version;
    ahead->live = NULL;
    return true;
}

bool tdh_preload_take(struct tdh_hub *hub, const char *id, uint64_t version, struct tdh_rows *rows)
{
    struct tdh_ahead *ahead = find_id(hub->ahead, hub->ahead_count, id);

    if (ahead == NULL || ahead->version != version || ahead->first == NULL ||
        ahead->first->seq != ahead->from)
        return false;
    rows->index = ahead->index;
    rows->has_snapshot = ahead->snapshot != NULL;
    if (ahead->snapshot != NULL)
        rows->rc = tdh_rows_snapshot(rows, ahead->snapshot, ahead->snapshot_bytes, rows->err);
    rows->is_chain = true;
    for (struct raw_row *raw = ahead->first; raw != NULL && rows->rc == 0; raw = raw->next) {
        const struct td_row row = { .seq = raw->seq,
                                    .before = raw->before,
                                    .type = raw->type,
                                    .run = rows->run,
                                    .value = { raw->bytes, raw->length } };

        tdh_rows_add(rows, &row);
    }
    free_rows(ahead);
    return true;
}

bool tdh_preload_has_mail(struct tdh_hub *hub, const char *id)
{
    const struct tdh_ahead *ahead = find_id(hub->ahead, hub->ahead_count, id);

    return ahead == NULL || ahead->has_mail;
}
