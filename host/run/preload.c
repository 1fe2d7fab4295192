/* SPDX-License-Identifier: Apache-2.0 */
/*
 * preload: the tails of all runs whose process is gone, read in one pass over the journal, for who
 * is about to resume them. A tail by itself is a scan from its run's index on, past the rows of all
 * other runs, so many of them would read the journal many times.
 *
 * A tail that was read ahead is good as long as the run's live record is the same version: whoever
 * takes the run over writes that first, and nobody else appends.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "run/internal.h"

enum { PAGE = 500, BYTES_MAX = 256 << 20 }; /* read ahead at most; the rest is read one by one */

struct raw_row {
    struct raw_row *next;
    uint64_t seq;
    uint32_t type;
    size_t length;
    char bytes[];
};

struct tdh_ahead {
    uint64_t run, version, index;
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

static int compare(const void *a, const void *b)
{
    uint64_t one = ((const struct tdh_ahead *)a)->run, other = ((const struct tdh_ahead *)b)->run;

    return one < other ? -1 : one > other;
}

static struct tdh_ahead *find(struct tdh_ahead *list, size_t count, uint64_t run)
{
    const struct tdh_ahead wanted = { .run = run };

    return count > 0 ? bsearch(&wanted, list, count, sizeof(*list), compare) : NULL;
}

static void free_rows(struct tdh_ahead *ahead)
{
    while (ahead->first != NULL) {
        struct raw_row *next = ahead->first->next;

        free(ahead->first);
        ahead->first = next;
    }
    ahead->last = NULL;
}

void tdh_preload_free(struct tdh_hub *hub)
{
    for (size_t i = 0; i < hub->ahead_count; i++)
        free_rows(&hub->ahead[i]);
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
    const json_t *live = json_object_get(item, "value");

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
    loading->list[loading->count++] =
        (struct tdh_ahead){ .run = strtoull(tdh_json_str(live, "key", "0"), NULL, 16),
                            .version =
                                (uint64_t)json_integer_value(json_object_get(item, "version")) };
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
    if (loading->count > 0)
        qsort(loading->list, loading->count, sizeof(*loading->list), compare);
    return 0;
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
    struct tdh_ahead *ahead = find(loading->list, loading->count, row->run);
    struct raw_row *raw;

    if (ahead == NULL || ahead->index == 0 || row->seq < ahead->index)
        return 0;
    raw = loading->bytes + row->value.length < BYTES_MAX ? malloc(sizeof(*raw) + row->value.length)
                                                         : NULL;
    if (raw == NULL) {
        loading->is_full = true; /* no tail is complete then: all are read one by one */
        return 1;
    }
    *raw = (struct raw_row){ .seq = row->seq, .type = row->type, .length = row->value.length };
    memcpy(raw->bytes, row->value.data, row->value.length);
    *(ahead->last != NULL ? &ahead->last->next : &ahead->first) = raw;
    ahead->last = raw;
    loading->bytes += row->value.length;
    return 0;
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
        if (ahead->index != 0 && ahead->index < loading->from)
            loading->from = ahead->index;
    }
    return table->log->scan(ctx, TDH_RUN_LOG, loading->from, 0, add_row, loading, err);
}

/* What goes wrong here costs time only, and is told when the run itself is read. */
void tdh_runs_preload(struct tdh_engine *engine)
{
    struct tdh_hub *hub = &engine->hubs[tdh_worker_index(tdh_worker_self())];
    struct loading loading = { .engine = engine };
    struct td_err ignored;
    int rc = engine->options.store != NULL ? list_runs(&loading, &ignored) : -1;

    tdh_preload_free(hub);
    if (rc == 0 && loading.count > 1)
        rc = tdh_store_ask(engine->options.store, read_all, &loading, &ignored);
    hub->ahead = loading.list;
    hub->ahead_count = loading.count;
    if (rc != 0 || loading.is_full || loading.count < 2)
        tdh_preload_free(hub);
}

/* --- using them --- */

bool tdh_preload_take(struct tdh_hub *hub, struct tdh_rows *rows, uint64_t version)
{
    struct tdh_ahead *ahead = find(hub->ahead, hub->ahead_count, rows->run);

    if (ahead == NULL || ahead->version != version || ahead->first == NULL)
        return false;
    rows->index = ahead->index;
    for (struct raw_row *raw = ahead->first; raw != NULL && rows->rc == 0; raw = raw->next) {
        const struct td_row row = { .seq = raw->seq,
                                    .type = raw->type,
                                    .run = rows->run,
                                    .value = { raw->bytes, raw->length } };

        tdh_rows_add(rows, &row);
    }
    free_rows(ahead);
    return true;
}
