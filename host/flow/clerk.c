/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clerk: turns. Each gathers what has happened, writes it, and starts what is due; then it waits
 * for the next time, a change in a folder, or the bell of events.
 */
#include "flow/clerk.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define S_US INT64_C(1000000)
#define TIDY_US (60 * S_US)
#define TRIM_US (3600 * S_US)
#define RELOAD_US 200000 /* an editor may write a file in several steps */

enum { EXPIRE_MAX = 10000 };

/* --- what is watched --- */

static void watch_path(struct tdh_clerk *clerk, const char *path, int *ret_wd)
{
    struct td_err err;

    if (tdh_watch_want(clerk->watch, path, ret_wd, &err) != 0 && err.code != TD_E_NOTFOUND)
        tdh_log_err(TDH_LOG_WARNING, "triggers", &err);
}

static void watch_all(struct tdh_clerk *clerk)
{
    char bell[PATH_MAX];
    int ignored;

    tdh_watch_begin(clerk->watch);
    snprintf(bell, sizeof(bell), "%s/" TDH_EVENTS_BELL, clerk->options.state_dir);
    watch_path(clerk, bell, &clerk->bell_wd);
    for (size_t i = 0; clerk->options.folders[i] != NULL; i++)
        watch_path(clerk, clerk->options.folders[i],
                   i < TDH_CLERK_FOLDERS ? &clerk->folder_wds[i] : &ignored);
    tdh_files_watch(clerk);
    tdh_watch_end(clerk->watch);
}

static void note_change(struct tdh_clerk *clerk, int wd, const char *name, int64_t now_us)
{
    bool is_lost = wd < 0;

    if (is_lost || wd == clerk->bell_wd)
        clerk->is_ringing = true;
    for (size_t i = 0; i < TDH_CLERK_FOLDERS; i++)
        if (is_lost || (clerk->folder_wds[i] >= 0 && wd == clerk->folder_wds[i]))
            clerk->reload_us = now_us + RELOAD_US;
    tdh_files_changed(clerk, wd, is_lost ? "" : name, now_us);
}

static void note_changes(struct tdh_clerk *clerk, int64_t now_us)
{
    const char *name;
    int wd;

    while (tdh_watch_next(clerk->watch, &wd, &name))
        note_change(clerk, wd, name, now_us);
}

/* --- from time to time --- */

static int backend_expire(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                          struct td_err *err)
{
    uint32_t count;

    (void)arg;
    return table->kv != NULL ? table->kv->expire(ctx, tdh_clock_us(), EXPIRE_MAX, &count, err) : 0;
}

static void trim(struct tdh_clerk *clerk, int64_t now_us)
{
    struct td_err err;

    clerk->trim_us = now_us + TRIM_US;
    if (tdh_events_trim(clerk->options.events, now_us, &err) != 0 ||
        tdh_store_ask(clerk->options.store, backend_expire, NULL, &err) != 0)
        tdh_log_err(TDH_LOG_WARNING, "triggers", &err);
}

/* What nobody tells of: links, mounts, folders that are there now, a bell that was not heard. */
static void tidy(struct tdh_clerk *clerk, int64_t now_us)
{
    clerk->tidy_us = now_us + TIDY_US;
    watch_all(clerk);
    clerk->is_ringing = true;
    clerk->reload_us = now_us;
    tdh_files_changed(clerk, -1, "", now_us);
    if (now_us >= clerk->trim_us)
        trim(clerk, now_us);
}

/* --- one commit --- */

static void note_version(void *arg, const struct td_op *op)
{
    struct tdh_clerk *clerk = arg;
    struct tdh_seat *seat;

    if (op->kind != TD_OP_PUT)
        return;
    if (strcmp(op->space, TDH_CURSOR_SPACE) == 0)
        clerk->cursor_version = op->ret_version;
    if (strcmp(op->space, TDH_TALLY_SPACE) == 0 && (seat = tdh_seat_find(clerk, op->key)) != NULL)
        seat->version = op->ret_version;
}

static void fill_batch(struct tdh_clerk *clerk, int64_t now_us)
{
    for (struct tdh_seat *seat = clerk->seats; seat != NULL; seat = seat->next)
        if (seat->is_dirty) {
            tdh_batch_put(&clerk->batch, TDH_TALLY_SPACE, seat->key, tdh_tally_json(&seat->tally),
                          seat->version, now_us + TDH_TALLY_US);
            seat->is_dirty = false;
        }
    if (clerk->is_cursor_moved)
        tdh_batch_put(&clerk->batch, TDH_CURSOR_SPACE, TDH_CURSOR,
                      json_pack("{s:I}", "number", (json_int_t)clerk->cursor),
                      clerk->cursor_version, 0);
    clerk->is_cursor_moved = false;
}

/* Oldest first. */
static struct tdh_fire *turn_round(struct tdh_fire *fire)
{
    struct tdh_fire *turned = NULL;

    while (fire != NULL) {
        struct tdh_fire *next = fire->next;

        fire->next = turned;
        turned = fire;
        fire = next;
    }
    return turned;
}

/* What is durable now may start, in its order; what is not, is not known. */
static void settle_fresh(struct tdh_clerk *clerk, bool is_durable)
{
    struct tdh_fire **last = &clerk->fires, *fresh = turn_round(clerk->fresh);

    clerk->fresh = NULL;
    while (is_durable && *last != NULL)
        last = &(*last)->next;
    if (is_durable)
        *last = fresh;
    while (!is_durable && fresh != NULL) {
        struct tdh_fire *fire = fresh;

        fresh = fire->next;
        clerk->fire_count--;
        tdh_fire_free(fire);
    }
}

static int commit(struct tdh_clerk *clerk, int64_t now_us, struct td_err *err)
{
    int rc;

    fill_batch(clerk, now_us);
    rc = tdh_batch_commit(&clerk->batch, clerk->options.store, note_version, clerk, err);
    settle_fresh(clerk, rc == 0);
    clerk->is_lost = rc != 0;
    return rc;
}

/* --- turns --- */

/* Somebody else wrote a tally, or the store could not be written: memory is made anew. */
static int read_again(struct tdh_clerk *clerk, struct td_err *err)
{
    tdh_batch_clear(&clerk->batch);
    settle_fresh(clerk, false);
    for (struct tdh_seat *seat = clerk->seats; seat != NULL; seat = seat->next) {
        tdh_seat_forget(seat);
        seat->is_dirty = false;
    }
    clerk->has_cursor = clerk->is_cursor_moved = false;
    clerk->is_ringing = true;
    if (tdh_fires_load(clerk, err) != 0 || tdh_seats_load(clerk, err) != 0)
        return -1;
    clerk->is_lost = false;
    return 0;
}

static int reload(struct tdh_clerk *clerk, struct td_err *err)
{
    clerk->reload_us = 0;
    if (tdh_seats_load(clerk, err) != 0)
        return -1;
    watch_all(clerk);
    return 0;
}

/* What was deployed meanwhile has other triggers. */
static int refresh(struct tdh_clerk *clerk, int64_t now_us, struct td_err *err)
{
    bool is_changed;

    if (tdh_flows_refresh(clerk->options.flows, clerk->options.store, &is_changed, err) != 0)
        return -1;
    if (is_changed)
        clerk->reload_us = now_us;
    return 0;
}

static int take_turn(struct tdh_clerk *clerk, int64_t now_us, struct td_err *err)
{
    if (clerk->is_lost && read_again(clerk, err) != 0)
        return -1;
    note_changes(clerk, now_us);
    if (clerk->tidy_us <= now_us || clerk->tidy_us > now_us + TIDY_US)
        tidy(clerk, now_us);
    if (refresh(clerk, now_us, err) != 0)
        return -1;
    if (clerk->reload_us != 0 && clerk->reload_us <= now_us && reload(clerk, err) != 0)
        return -1;
    tdh_files_scan(clerk, now_us);
    tdh_news_times(clerk, now_us);
    if (tdh_news_events(clerk, now_us, err) != 0)
        return -1;
    for (struct tdh_seat *seat = clerk->seats; seat != NULL; seat = seat->next)
        tdh_seat_settle(clerk, seat, now_us);
    if (commit(clerk, now_us, err) != 0)
        return -1;
    tdh_fires_begin(clerk, now_us);
    return 0;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return b != 0 && b < a ? b : a;
}

/* When there is something to do that nobody tells of. */
static int64_t next_turn(const struct tdh_clerk *clerk, int64_t now_us)
{
    int64_t next_us = clerk->tidy_us;

    next_us = earlier(next_us, clerk->reload_us);
    next_us = earlier(next_us, clerk->rescan_us);
    for (const struct tdh_seat *seat = clerk->seats; seat != NULL; seat = seat->next) {
        next_us = earlier(next_us, seat->next_us);
        if (seat->tally.waiting != NULL)
            next_us = earlier(next_us, seat->tally.waiting_us);
    }
    for (const struct tdh_fire *fire = clerk->fires; fire != NULL; fire = fire->next)
        if (fire->due_us > now_us)
            next_us = earlier(next_us, fire->due_us);
    return clerk->is_ringing && clerk->due_count < TDH_CLERK_DUE ? now_us : next_us;
}

static void wait_for_news(struct tdh_clerk *clerk, bool has_failed)
{
    int64_t now_us = tdh_clock_us(), until_us = next_turn(clerk, now_us);

    if (has_failed)
        until_us = now_us + S_US;
    if (until_us > now_us + TIDY_US)
        until_us = now_us + TIDY_US; /* the clock may be put forward meanwhile */
    if (until_us < now_us)
        until_us = now_us;
    tdh_co_wait_readable(tdh_watch_fd(clerk->watch),
                         tdh_clock_mono_ns() + (uint64_t)(until_us - now_us) * 1000);
}

/* The bell is there from now on. */
static int hang_bell(const struct tdh_clerk *clerk, struct td_err *err)
{
    char path[PATH_MAX];
    int fd;

    snprintf(path, sizeof(path), "%s/" TDH_EVENTS_BELL, clerk->options.state_dir);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return td_fail_sys(err, "could not make \"%s\"", path);
    close(fd);
    return 0;
}

int tdh_clerk_work(struct tdh_clerk *clerk, struct td_err *err)
{
    clerk->co = tdh_co_self();
    clerk->began_us = tdh_clock_us();
    if (hang_bell(clerk, err) != 0)
        return -1;
    while (!clerk->is_stopping && !tdh_co_is_cancelled(clerk->co)) {
        struct td_err why;
        bool has_failed = take_turn(clerk, tdh_clock_us(), &why) != 0;

        if (has_failed) {
            tdh_log_err(TDH_LOG_ERROR, "triggers", &why);
            clerk->is_lost = true;
        } else if (!clerk->is_ready) {
            clerk->is_ready = true;
            clerk->options.ready(clerk->options.arg);
        }
        if (!clerk->is_stopping) /* a wake may have ended some wait of the turn */
            wait_for_news(clerk, has_failed);
    }
    while (clerk->starting > 0)
        tdh_co_park();
    return 0;
}

/* --- life --- */

struct tdh_clerk *tdh_clerk_new(const struct tdh_clerk_options *options, struct td_err *err)
{
    struct tdh_clerk *clerk = calloc(1, sizeof(*clerk));

    if (clerk == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the clerk of triggers");
        return NULL;
    }
    clerk->options = *options;
    clerk->is_lost = true; /* nothing was read yet */
    clerk->bell_wd = -1;
    for (size_t i = 0; i < TDH_CLERK_FOLDERS; i++)
        clerk->folder_wds[i] = -1;
    clerk->watch = tdh_watch_new(err);
    if (clerk->watch != NULL)
        return clerk;
    free(clerk);
    return NULL;
}

void tdh_clerk_free(struct tdh_clerk *clerk)
{
    if (clerk == NULL)
        return;
    settle_fresh(clerk, true);
    while (clerk->fires != NULL) {
        struct tdh_fire *fire = clerk->fires;

        clerk->fires = fire->next;
        tdh_fire_free(fire);
    }
    while (clerk->seats != NULL) {
        struct tdh_seat *seat = clerk->seats;

        clerk->seats = seat->next;
        tdh_seat_free(seat);
    }
    tdh_map_free(&clerk->by_key, NULL);
    tdh_batch_clear(&clerk->batch);
    tdh_map_free(&clerk->told, free);
    tdh_arena_free(&clerk->arena);
    tdh_watch_free(clerk->watch);
    free(clerk);
}

void tdh_clerk_reload(struct tdh_clerk *clerk)
{
    clerk->reload_us = 1;
    if (clerk->co != NULL)
        tdh_co_wake(clerk->co);
}

void tdh_clerk_stop(struct tdh_clerk *clerk)
{
    clerk->is_stopping = true;
    if (clerk->co != NULL)
        tdh_co_wake(clerk->co);
}
