/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask: the table of what a run has asked for and not been told of: a list in order, and buckets by
 * number.
 */
#include <stdlib.h>
#include <string.h>

#include "run/internal.h"

static struct tdh_ask_entry **bucket(struct tdh_run *run, uint32_t number)
{
    return &run->buckets[number & (run->bucket_count - 1)];
}

static int grow(struct tdh_run *run)
{
    size_t count = run->bucket_count > 0 ? run->bucket_count * 2 : 8;
    struct tdh_ask_entry **buckets = calloc(count, sizeof(struct tdh_ask_entry *));

    if (buckets == NULL)
        return run->bucket_count > 0 ? 0 : -1; /* a full table is slower, not wrong */
    free(run->buckets);
    run->buckets = buckets;
    run->bucket_count = count;
    for (struct tdh_ask_entry *ask = run->first; ask != NULL; ask = ask->next) {
        ask->hash_next = *bucket(run, ask->number);
        *bucket(run, ask->number) = ask;
    }
    return 0;
}

static int set_path(struct tdh_ask_entry *ask, const char *path)
{
    size_t length = strlen(path);

    ask->path = ask->path_inline;
    if (length >= sizeof(ask->path_inline))
        ask->path = malloc(length + 1);
    if (ask->path == NULL)
        return -1;
    memcpy(ask->path, path, length + 1);
    return 0;
}

struct tdh_ask_entry *tdh_ask_add(struct tdh_run *run, enum tdh_ask_kind kind, const char *path,
                                  uint64_t tag, struct td_err *err)
{
    struct tdh_ask_entry *ask = NULL;

    if (run->ask_count < run->bucket_count || grow(run) == 0)
        ask = calloc(1, sizeof(*ask));
    if (ask == NULL || set_path(ask, path) != 0) {
        free(ask);
        td_fail(err, TD_E_NOMEM, "could not allocate an ask of run %s", run->id);
        return NULL;
    }
    ask->run = run;
    ask->kind = kind;
    ask->tag = tag;
    ask->number = ++run->next_ask;
    ask->before = run->last;
    *(run->last != NULL ? &run->last->next : &run->first) = ask;
    run->last = ask;
    ask->hash_next = *bucket(run, ask->number);
    *bucket(run, ask->number) = ask;
    run->ask_count++;
    run->is_record_due |= kind == TDH_ASK_WAIT; /* it tells what is waited for */
    return ask;
}

struct tdh_ask_entry *tdh_ask_find(struct tdh_run *run, uint32_t number)
{
    struct tdh_ask_entry *ask = run->bucket_count > 0 ? *bucket(run, number) : NULL;

    while (ask != NULL && ask->number != number)
        ask = ask->hash_next;
    return ask;
}

static void unlink_ask(struct tdh_ask_entry *ask)
{
    struct tdh_run *run = ask->run;
    struct tdh_ask_entry **link = bucket(run, ask->number);

    while (*link != ask)
        link = &(*link)->hash_next;
    *link = ask->hash_next;
    *(ask->before != NULL ? &ask->before->next : &run->first) = ask->next;
    *(ask->next != NULL ? &ask->next->before : &run->last) = ask->before;
    run->ask_count--;
    run->is_record_due |= ask->kind == TDH_ASK_WAIT;
}

static void free_ask(struct tdh_ask_entry *ask)
{
    json_decref(ask->input);
    json_decref(ask->config);
    json_decref(ask->decided);
    if (ask->path != ask->path_inline)
        free(ask->path);
    free(ask->name);
    free(ask->key);
    free(ask->rule);
    free(ask->child_used);
    free(ask);
}

/* A queue still points to it, or a coroutine: then these end it, seeing that it is gone. */
static bool is_in_use(const struct tdh_ask_entry *ask)
{
    return ask->state == TDH_ASK_QUEUED || ask->state == TDH_ASK_HELD ||
           ask->state == TDH_ASK_RUNNING;
}

void tdh_ask_remove(struct tdh_ask_entry *ask)
{
    if (ask->state != TDH_ASK_GONE)
        unlink_ask(ask);
    free_ask(ask);
}

void tdh_ask_drop(struct tdh_ask_entry *ask)
{
    bool is_kept = is_in_use(ask);

    tdh_budget_cut(ask);
    if (ask->timer.place != 0)
        tdh_timer_stop(&ask->timer);
    unlink_ask(ask);
    if (ask->child != NULL) {
        ask->child->parent_ask = NULL;
        tdh_run_cancel(ask->child);
    }
    if (ask->state == TDH_ASK_RUNNING && ask->co != NULL)
        tdh_co_cancel(ask->co);
    ask->state = TDH_ASK_GONE;
    if (!is_kept)
        free_ask(ask);
}

/* In the list and in its bucket. */
static void replace(struct tdh_ask_entry *old, struct tdh_ask_entry *ask)
{
    struct tdh_run *run = old->run;
    struct tdh_ask_entry **link = bucket(run, old->number);

    while (*link != old)
        link = &(*link)->hash_next;
    ask->hash_next = old->hash_next;
    *link = ask;
    ask->before = old->before;
    ask->next = old->next;
    *(ask->before != NULL ? &ask->before->next : &run->first) = ask;
    *(ask->next != NULL ? &ask->next->before : &run->last) = ask;
    ask->run = run;
}

int tdh_ask_succeed(struct tdh_ask_entry *ask, struct tdh_ask_entry *heir)
{
    char *old = ask->path != ask->path_inline ? ask->path : NULL;

    if (set_path(ask, heir->path) != 0) {
        ask->path = old;
        return -1;
    }
    free(old);
    unlink_ask(ask);
    ask->number = heir->number;
    ask->tag = heir->tag;
    replace(heir, ask);
    free_ask(heir);
    return 0;
}

struct tdh_ask_entry *tdh_ask_abandon(struct tdh_ask_entry *ask)
{
    struct tdh_ask_entry *twin = calloc(1, sizeof(*twin));

    if (twin == NULL || set_path(twin, ask->path) != 0) {
        free(twin);
        return NULL;
    }
    twin->kind = ask->kind;
    twin->number = ask->number;
    twin->tag = ask->tag;
    twin->attempt = ask->attempt;
    twin->counted = ask->counted;
    twin->target = ask->target;
    twin->used = ask->target->uses; /* as if it had used all that it had reserved */
    twin->is_reserved = ask->is_reserved;
    ask->is_reserved = false;
    twin->is_stopped = true;
    replace(ask, twin);
    ask->state = TDH_ASK_GONE;
    if (ask->co != NULL)
        tdh_co_cancel(ask->co);
    return twin;
}

void tdh_ask_move(struct tdh_run *from, struct tdh_run *to)
{
    free(to->buckets);
    to->buckets = from->buckets;
    to->bucket_count = from->bucket_count;
    to->first = from->first;
    to->last = from->last;
    to->ask_count = from->ask_count;
    to->next_ask = from->next_ask;
    for (struct tdh_ask_entry *ask = to->first; ask != NULL; ask = ask->next)
        ask->run = to;
    from->buckets = NULL;
    from->bucket_count = from->ask_count = 0;
    from->first = from->last = NULL;
}
